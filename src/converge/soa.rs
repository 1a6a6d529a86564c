//! What one answer shows about the zone's SOA (S3).

use super::trouble::{Trouble, answers};
use crate::present;
use crate::report::Timers;
use crate::wire::{CLASS_IN, Message, Question, RecordView, Rtype, Section, WireError, WireName};
use std::fmt;

/// The fields of an SOA that explain how a zone spreads (RFC 1035 section 3.3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Soa {
    /// The serial.
    pub serial: u32,
    /// How often secondaries look, in seconds.
    pub refresh: u32,
    /// How soon they look again after a failure, in seconds.
    pub retry: u32,
    /// After how many seconds without success they stop answering.
    pub expire: u32,
    /// The last field, MINIMUM, in seconds: with [`ttl`](Self::ttl) it bounds how long an absence is kept (RFC 2308 section 5).
    pub minimum: u32,
    /// The TTL of the record itself, in seconds.
    pub ttl: u32,
}

impl Soa {
    /// The numbers that a report explains a delay by.
    pub(super) fn timers(&self) -> Timers {
        let Self { refresh, retry, expire, minimum, ttl, .. } = *self;
        Timers { refresh, retry, expire, negative_ttl: minimum.min(ttl) }
    }
}

/// What an answer to a question for the zone's SOA shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SoaObservation {
    /// Exactly one SOA of exactly this zone, with authority.
    Found(Soa),
    /// The server has authority, but no zone begins at this name.
    NoZone {
        /// The zone that the name is in, if the answer says so.
        within: Option<String>,
    },
    /// More than one SOA.
    Several,
    /// No answer that could be used.
    Trouble(Trouble),
}

/// Reads an answer to the question for the SOA of `zone`, sent with this ID.
///
/// S3: "ID, question, QR, RCODE 0, AA, exactly one SOA, owner = zone, in the answer section".
pub fn observe(message: &Message<'_>, id: u16, zone: &WireName) -> SoaObservation {
    let question = Question { name: *zone, rtype: Rtype::SOA, class: CLASS_IN };
    if let Err(trouble) = answers(message, id, &question, zone) {
        return SoaObservation::Trouble(trouble);
    }
    let mut found = None;
    for record in message.section(Section::Answer).filter(|record| record.rtype() == Rtype::SOA) {
        match read(record) {
            Err(error) => return SoaObservation::Trouble(Trouble::Malformed(error)),
            // A SOA of another owner or class speaks of another zone.
            Ok((owner, _)) if owner != *zone || record.class() != CLASS_IN => {
                return SoaObservation::NoZone { within: above(&owner, zone) };
            }
            Ok(_) if found.is_some() => return SoaObservation::Several,
            Ok((_, soa)) => found = Some(soa),
        }
    }
    let name_exists = message.rcode() == crate::wire::Rcode::NOERROR;
    found
        .filter(|_| name_exists)
        .map_or_else(|| SoaObservation::NoZone { within: within(message, zone) }, SoaObservation::Found)
}

/// RFC 2308 section 3: a denial has the SOA of the zone that denies.
fn within(message: &Message<'_>, name: &WireName) -> Option<String> {
    let mut soas = message.section(Section::Authority).filter(|record| record.rtype() == Rtype::SOA);
    soas.find_map(|record| above(&record.owner().ok()?, name))
}

/// The text of a zone's name if the other name is below it.
fn above(zone: &WireName, name: &WireName) -> Option<String> {
    (zone != name && name.is_at_or_below(zone)).then(|| present::name(zone).to_string())
}

/// Owner and fields of an SOA record.
pub(super) fn read(record: &RecordView<'_>) -> Result<(WireName, Soa), WireError> {
    let mut rdata = record.rdata();
    rdata.name()?;
    rdata.name()?;
    let soa = Soa {
        serial: rdata.u32()?,
        refresh: rdata.u32()?,
        retry: rdata.u32()?,
        expire: rdata.u32()?,
        minimum: rdata.u32()?,
        ttl: record.ttl(),
    };
    Ok((record.owner()?, soa))
}

impl fmt::Display for SoaObservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(soa) => write!(f, "serial {}", soa.serial),
            Self::NoZone { within: None } => f.write_str("no zone begins at this name there"),
            Self::NoZone { within: Some(zone) } => {
                write!(f, "no zone begins at this name there: it is in the zone {zone}, so name that")
            }
            Self::Several => f.write_str("more than one SOA in one answer"),
            Self::Trouble(trouble) => trouble.fmt(f),
        }
    }
}
