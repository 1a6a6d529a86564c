//! What one answer shows about the probe: the exact record, its absence, or one of the many things that are neither.
//!
//! A pure function from a message to an [`Observation`]. It does not wait, count or decide.

use super::shown::{self, Shown};
use super::trouble::Trouble;
use crate::canonical::Form;
use crate::present;
use crate::probe::Probe;
use crate::report::AnswerKind;
use crate::wire::{Message, Question};
use std::fmt;

/// What an answer to a question for the probe's owner (or its sibling) and type shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observation {
    /// P1: exactly the probe's `RRset`, with authority.
    Exact,
    /// The name does not exist.
    NoName,
    /// The name exists, without this type: another type, names below it, or a denial that is computed (RFC 9824).
    NoData,
    /// Records of the type which are not exactly the probe: a wildcard, or a stranger's.
    OtherRecords {
        /// Whether the probe is among them.
        with_probe: bool,
        /// How many there are.
        count: usize,
    },
    /// RFC 1034 section 3.6.2: the name is an alias; what it leads to is not asked.
    Alias,
    /// RFC 6672: a DNAME above the name occludes it; its owner as text.
    Redirected(String),
    /// An answer that contradicts itself: records under NXDOMAIN, or of another owner.
    Contradictory,
    /// Something else than the source holds of what is watched; what it is, as text.
    Differs(String),
    /// No answer that could be used.
    Trouble(Trouble),
}

impl Observation {
    /// The same in a word, for the evidence of the report.
    pub(super) fn kind(&self) -> AnswerKind {
        match self {
            Self::Exact => AnswerKind::Current,
            Self::NoName | Self::NoData | Self::Differs(_) => AnswerKind::Absence,
            Self::OtherRecords { .. } => AnswerKind::OtherRecords,
            Self::Alias | Self::Redirected(_) => AnswerKind::Hidden,
            Self::Contradictory => AnswerKind::Unusable,
            Self::Trouble(trouble) => trouble.kind(),
        }
    }

    /// Whether the answer proves that the probe is not there.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoName | Self::NoData | Self::OtherRecords { with_probe: false, .. })
    }
}

/// Reads an answer to `question`, sent with this ID; its signature, if one is due, has been verified.
///
/// P1: "ID, question, QR, opcode, RCODE 0, AA, no TC, the answer exactly the `RRset`, its owner, class IN".
pub fn observe(message: &Message<'_>, id: u16, question: &Question, probe: &Probe) -> Observation {
    match shown::read(message, id, question, probe.zone(), Form::Canonical) {
        Shown::Set(set) => {
            // Only where the probe stands is its RDATA the probe: under the sibling's name it would be a copy.
            let with_probe = question.name == *probe.owner() && set.contains(probe.rdata());
            match set.count() {
                1 if with_probe => Observation::Exact,
                count => Observation::OtherRecords { with_probe, count },
            }
        }
        Shown::NoName => Observation::NoName,
        Shown::NoData => Observation::NoData,
        Shown::Alias(_) => Observation::Alias,
        Shown::Redirected(dname) => Observation::Redirected(present::name(dname.owner()).to_string()),
        Shown::Contradictory => Observation::Contradictory,
        Shown::Trouble(trouble) => Observation::Trouble(trouble),
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exactly the probe"),
            Self::NoName => f.write_str("no such name"),
            Self::NoData => f.write_str("the name without a record of this type"),
            Self::OtherRecords { with_probe: true, count } => {
                write!(f, "the probe among {count} records: somebody else writes to its name")
            }
            Self::OtherRecords { with_probe: false, count } => {
                write!(f, "{count} other record(s) of this type: a wildcard, or somebody else's")
            }
            Self::Alias => f.write_str("an alias (CNAME): a wildcard, or somebody else's"),
            Self::Redirected(owner) => write!(f, "a redirection (DNAME) at {owner}, which hides what is below it"),
            Self::Contradictory => f.write_str("an answer that contradicts itself"),
            Self::Differs(shows) => write!(f, "{}", present::one_line(shows)),
            Self::Trouble(trouble) => trouble.fmt(f),
        }
    }
}
