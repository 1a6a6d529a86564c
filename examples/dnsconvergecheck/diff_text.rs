//! The text of `diff`: a header for each destination that differs, then one record a line.

use crate::live::plain;
use dnsconverge::compare::Compared;
use dnsconverge::diff::DiffError;
use dnsconverge::report::{ComparedSide, Comparison, ComparisonVerdict};
use std::fmt::Write;

/// The difference of every destination from the source; nothing if there is none.
///
/// # Errors
/// What was held for a change cannot be read back.
pub(crate) fn unified(compared: &Compared) -> Result<String, DiffError> {
    let sides = &compared.comparison().sides;
    let mut texts = vec![String::new(); sides.len()];
    for change in compared.changes() {
        let change = change?;
        let (Some(text), Some(base), Some(side)) = (texts.get_mut(change.side), sides.first(), sides.get(change.side))
        else {
            continue;
        };
        if text.is_empty() {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "--- {}\n+++ {}", heading(base), heading(side));
        }
        let _ = writeln!(text, "{change}");
    }
    Ok(texts.concat())
}

/// What belongs to the result and is no record: what was left out, by its name, and why nothing was compared.
pub(crate) fn remarks(comparison: &Comparison) -> Vec<String> {
    let left_out = comparison.left_out.iter();
    let mut remarks: Vec<String> =
        left_out.map(|row| format!("left out at {}: {} {}", row.side, row.count, row.what)).collect();
    if !matches!(comparison.verdict, ComparisonVerdict::Equal | ComparisonVerdict::Different) {
        remarks.push(format!("error: {}", comparison.summary()));
    }
    remarks.iter().map(|remark| plain(remark)).collect()
}

/// A side as given, and the serial of what was compared.
fn heading(side: &ComparedSide) -> String {
    match side.serial {
        Some(serial) => format!("{} (serial {serial})", side.server),
        None => side.server.clone(),
    }
}
