//! What one answer shows about the probe: the exact record, its absence, or one of the many things that are neither.
//!
//! A pure function from a message to an [`Observation`]. It does not wait, count or decide.

use super::trouble::{Trouble, answers};
use crate::present;
use crate::probe::Probe;
use crate::report::Shown;
use crate::wire::{CLASS_IN, Message, Question, Rcode, Rtype, Section, WireName};
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
    /// No answer that could be used.
    Trouble(Trouble),
}

impl Observation {
    /// The same in a word, for the evidence of the report.
    pub(super) fn shown(&self) -> Shown {
        match self {
            Self::Exact => Shown::Probe,
            Self::NoName | Self::NoData => Shown::Absence,
            Self::OtherRecords { .. } => Shown::OtherRecords,
            Self::Alias | Self::Redirected(_) => Shown::Hidden,
            Self::Contradictory => Shown::Unusable,
            Self::Trouble(trouble) => trouble.shown(),
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
    if let Err(trouble) = answers(message, id, question, probe.zone()) {
        return Observation::Trouble(trouble);
    }
    let mut tally = Tally::default();
    for record in message.section(Section::Answer) {
        let owner = match record.owner() {
            Ok(owner) => owner,
            Err(error) => return Observation::Trouble(Trouble::Malformed(error)),
        };
        match record.rtype() {
            Rtype::DNAME if owner != question.name && question.name.is_at_or_below(&owner) => {
                return Observation::Redirected(present::name(&owner).to_string());
            }
            Rtype::CNAME if owner == question.name => tally.alias = true,
            // A signature says nothing of its own about the data.
            Rtype::RRSIG if owner == question.name => {}
            rtype if rtype == question.rtype && owner == question.name && record.class() == CLASS_IN => {
                tally.records += 1;
                // Only where the probe stands is its RDATA the probe: under the sibling's name it would be a copy.
                tally.exact |= owner == *probe.owner() && record.rdata_octets() == probe.rdata();
            }
            _ => tally.strays = true,
        }
    }
    if tally.alias {
        return Observation::Alias;
    }
    let name_exists = message.rcode() != Rcode::NXDOMAIN;
    match tally {
        Tally { strays: true, .. } => Observation::Contradictory,
        Tally { records: 0, .. } => absence(message, name_exists, probe.zone()),
        _ if !name_exists => Observation::Contradictory,
        Tally { records: 1, exact: true, .. } => Observation::Exact,
        Tally { records: count, exact: with_probe, .. } => Observation::OtherRecords { with_probe, count },
    }
}

/// What stands in an answer section.
#[derive(Debug, Default)]
struct Tally {
    /// Records of the type asked for, at the name asked for.
    records: usize,
    /// Whether one of them is the probe.
    exact: bool,
    /// Whether the name is an alias.
    alias: bool,
    /// Whether there are records that were not asked for.
    strays: bool,
}

/// A negative answer, unless it comes from another zone on the same server.
fn absence(message: &Message<'_>, name_exists: bool, zone: &WireName) -> Observation {
    for record in message.section(Section::Authority).filter(|record| record.rtype() == Rtype::SOA) {
        match record.owner() {
            // RFC 2308 section 3: the SOA in the authority section is that of the zone which answered.
            Ok(owner) if owner != *zone => {
                return Observation::Trouble(Trouble::Cut(present::name(&owner).to_string()));
            }
            Ok(_) => {}
            Err(error) => return Observation::Trouble(Trouble::Malformed(error)),
        }
    }
    if name_exists { Observation::NoData } else { Observation::NoName }
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
            Self::Trouble(trouble) => trouble.fmt(f),
        }
    }
}
