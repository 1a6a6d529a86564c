//! The text of `diff`: a header for each destination that differs, then one record a line.

use crate::live::plain;
use dnsconverge::compare::Compared;
use dnsconverge::diff::DiffError;
use dnsconverge::report::{ComparedSide, Comparison, ComparisonVerdict};
use std::fmt::Write;

/// So many octets are gathered before they are written.
const PIECE: usize = 1 << 16;

/// The difference of every destination from the source, piece by piece; nothing if there is none.
///
/// # Errors
/// What was held for a change cannot be read back: some of it may have been written.
pub(crate) fn unified(compared: &Compared, mut write: impl FnMut(&str)) -> Result<(), DiffError> {
    let Some(diff) = compared.diff() else { return Ok(()) };
    let sides = &compared.comparison().sides;
    for (number, side) in sides.iter().enumerate().skip(1).filter(|(number, _)| diff.tally(*number).rrsets > 0) {
        let base = sides.first().map(heading).unwrap_or_default();
        let mut text = format!("--- {base}\n+++ {}\n", heading(side));
        for change in diff.between(number) {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{}", change?);
            if text.len() >= PIECE {
                write(&text);
                text.clear();
            }
        }
        write(&text);
    }
    Ok(())
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

/// What is wrong with a zone in itself, and the digests that were asked for.
pub(crate) fn digests(comparison: &Comparison) -> Vec<String> {
    let findings = comparison.findings.iter().map(|finding| plain(&format!("finding: {finding}")));
    let digest = |side: &ComparedSide| Some(plain(&format!("digest of {}: {}", side.side, side.digest.as_ref()?)));
    findings.chain(comparison.sides.iter().filter_map(digest)).collect()
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
