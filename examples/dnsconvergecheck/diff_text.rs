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

/// What was left out, by its name and with its count: it belongs to the result and is no record.
pub(crate) fn left_out(comparison: &Comparison) -> Vec<String> {
    let rows = comparison.left_out.iter();
    rows.map(|row| plain(&format!("left out at {}: {} {}", row.side, row.count, row.what))).collect()
}

/// What sides that were asked were asked for, and what that says.
pub(crate) fn asked(comparison: &Comparison) -> Vec<String> {
    let sides = comparison.sides.iter().filter_map(|side| Some((side, side.asked.as_ref()?)));
    let lines = sides.flat_map(|(side, asked)| {
        asked.lines().into_iter().map(|line| plain(&format!("{}: {line}", side.side))).collect::<Vec<_>>()
    });
    lines.collect()
}

/// Why it is not known that the zones are equal or different, if so.
pub(crate) fn why_not_compared(comparison: &Comparison) -> Option<String> {
    match comparison.verdict {
        ComparisonVerdict::Equal | ComparisonVerdict::Different => None,
        ComparisonVerdict::NoDifferenceFound if comparison.partial_accepted => None,
        ComparisonVerdict::NoDifferenceFound => {
            Some(plain(&format!("{}; if that is enough, say --accept-partial", comparison.summary())))
        }
        ComparisonVerdict::Moving | ComparisonVerdict::NotCompared => Some(plain(&comparison.summary())),
    }
}

/// A side as given, and the serial of what was compared.
fn heading(side: &ComparedSide) -> String {
    match side.serial {
        Some(serial) => format!("{} (serial {serial})", side.side),
        None => side.side.clone(),
    }
}
