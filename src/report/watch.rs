//! What a watch without a change leaves: destinations of which it is not known that a change arrives, and that can be
//! compared all the same.

use super::{AnswerKind, DestinationRow, Propagation, Report};

/// # Watching
impl Report {
    /// Whether a destination was watched and nothing changed that could have arrived there: it passed the pre-flight, and
    /// whatever it was asked for it showed as the source does.
    pub fn saw_no_change(&self, row: &DestinationRow) -> bool {
        let shows_the_same = row.evidence.last.is_none_or(|last| last == AnswerKind::Current);
        self.observed().is_some()
            && row.propagation == Propagation::Inconclusive
            && row.evidence.first_serial.is_some()
            && shows_the_same
    }
}
