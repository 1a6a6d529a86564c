//! Which record set is watched, and what it must hold.

use super::Held;
use crate::canonical::Form;
use crate::present;
use crate::wire::{Rtype, WireName};
use crate::zonefile::{ZoneFileError, rdata_from_text};
use hickory_proto::rr::{Name, RecordType};
use std::fmt;

/// One record set of a zone that is watched: an owner, a type, and perhaps one record that must be in it.
///
/// Without such a record any change counts: the source holds another set than it did, or a destination holds another one
/// than the source. With it, the source must come to hold it, and then every destination the source's whole set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The owner.
    owner: WireName,
    /// The type.
    rtype: Rtype,
    /// The RDATA that the source must come to hold, in canonical form.
    record: Option<Vec<u8>>,
    /// Whether the TTL counts.
    ttl_counts: bool,
}

/// Why a record set cannot be watched: the caller's to mend, before anything was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchedError {
    /// A server has no authority for it.
    #[error("{owner} is not in the zone {zone}: name something in it, or check the other zone")]
    OutOfZone {
        /// What was to be watched, as text.
        owner: String,
        /// The zone, as text.
        zone: String,
    },
    /// Nobody can hold a record of this type, or answer a question for it alone.
    #[error("{rtype} is not a type of records that can be asked for by itself")]
    Type {
        /// The type, as text.
        rtype: String,
    },
    /// The record's data are not what a zone file would have behind its type.
    #[error("the data of the record cannot be read: {0}")]
    Rdata(#[from] ZoneFileError),
}

impl Watched {
    /// The records of this type at this name.
    ///
    /// # Errors
    /// [`WatchedError::Type`]: query and meta types, and RRSIG, NSEC3 and the like, which belong to other records.
    pub fn new(owner: &Name, rtype: RecordType) -> Result<Self, WatchedError> {
        let (owner, rtype) = (WireName::from_name(owner), Rtype(rtype.into()));
        // RFC 4035 section 2.2: signatures are no record set; RFC 5155 section 7.2.8: nobody answers for an NSEC3 owner.
        if rtype.is_meta() || matches!(rtype, Rtype::RRSIG | Rtype::NSEC3) {
            return Err(WatchedError::Type { rtype: present::rtype(rtype).to_string() });
        }
        Ok(Self { owner, rtype, record: None, ttl_counts: true })
    }

    /// The source must come to hold a record with these data, written as in a zone file; names in it are relative to
    /// `origin`.
    ///
    /// # Errors
    /// [`WatchedError::Rdata`]: that is no data of the type.
    pub fn holding(mut self, rdata: &str, origin: &Name) -> Result<Self, WatchedError> {
        let origin = WireName::from_name(origin);
        self.record = Some(rdata_from_text(self.rtype, rdata.as_bytes(), &origin, Form::Canonical)?);
        Ok(self)
    }

    /// Another TTL is no change. Default: it is one.
    #[must_use]
    pub fn ignore_ttl(mut self) -> Self {
        self.ttl_counts = false;
        self
    }

    /// That it is in the zone.
    ///
    /// # Errors
    /// [`WatchedError::OutOfZone`].
    pub fn require_in(&self, zone: &WireName) -> Result<(), WatchedError> {
        if self.owner.is_at_or_below(zone) {
            return Ok(());
        }
        let (owner, zone) = (present::name(&self.owner).to_string(), present::name(zone).to_string());
        Err(WatchedError::OutOfZone { owner, zone })
    }

    /// The owner.
    pub fn owner(&self) -> &WireName {
        &self.owner
    }

    /// The type.
    pub fn rtype(&self) -> Rtype {
        self.rtype
    }

    /// Whether it must come to hold a certain record.
    pub(crate) fn names_a_record(&self) -> bool {
        self.record.is_some()
    }

    /// Whether a source that holds this has the record that is waited for, if there is one.
    pub(crate) fn is_met_by(&self, held: &Held) -> bool {
        match (&self.record, held) {
            (None, _) => true,
            (Some(record), Held::Set(rrset)) => rrset.contains(record),
            (Some(_), Held::Nothing) => false,
        }
    }

    /// Whether both are the same, to the octet and, unless that was left out, to the second of the TTL.
    pub(crate) fn is_same(&self, one: &Held, other: &Held) -> bool {
        match (one, other) {
            (Held::Nothing, Held::Nothing) => true,
            (Held::Set(one), Held::Set(other)) => {
                one.has_records_of(other) && (!self.ttl_counts || one.ttl() == other.ttl())
            }
            _ => false,
        }
    }
}

/// Owner and type, and the record that is waited for.
impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", present::name(&self.owner), present::rtype(self.rtype))?;
        self.record.as_ref().map_or(Ok(()), |rdata| write!(f, " {}", present::rdata(self.rtype, rdata)))
    }
}
