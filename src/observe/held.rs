//! What a server holds under one name and type, exactly.

use crate::canonical::{self, CanonicalRecord, Form};
use crate::present;
use crate::wire::{CLASS_IN, RecordView, Rtype, WireError, WireName};
use std::collections::BTreeSet;
use std::fmt;

/// So many records of a set are shown; the others are counted.
const SHOWN: usize = 3;

/// What a server holds under a name and type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are records or there are none")]
pub enum Held {
    /// No record.
    Nothing,
    /// These.
    Set(Rrset),
}

/// The records of one owner and type, each once; the TTL is the lowest that was sent (RFC 2181 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rrset {
    /// The owner, in the form asked for.
    owner: Box<WireName>,
    /// The type.
    rtype: Rtype,
    /// The lowest TTL.
    ttl: u32,
    /// RDATA, names expanded.
    rdata: BTreeSet<Box<[u8]>>,
}

impl Rrset {
    /// The set with this one record.
    pub fn of(record: &RecordView<'_>, form: Form) -> Result<Self, WireError> {
        let owner = record.owner()?;
        let owner = Box::new(if form == Form::Canonical { owner.to_lowercase() } else { owner });
        let set = Self { owner, rtype: record.rtype(), ttl: u32::MAX, rdata: BTreeSet::new() };
        set.with(record, form)
    }

    /// One more record of the same owner and type.
    pub fn with(mut self, record: &RecordView<'_>, form: Form) -> Result<Self, WireError> {
        let mut octets = Vec::new();
        canonical::write_record(record, form, &mut octets)?;
        let (record, _) = CanonicalRecord::split_first(&octets)?;
        self.ttl = self.ttl.min(record.ttl());
        self.rdata.insert(record.rdata().into());
        Ok(self)
    }

    /// The owner, in the form asked for.
    pub fn owner(&self) -> &WireName {
        &self.owner
    }

    /// The type.
    pub fn rtype(&self) -> Rtype {
        self.rtype
    }

    /// The lowest TTL in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// How many records.
    pub fn count(&self) -> usize {
        self.rdata.len()
    }

    /// Whether one of them has exactly these data.
    pub fn contains(&self, rdata: &[u8]) -> bool {
        self.rdata.contains(rdata)
    }

    /// Whether both have the same records; the TTL does not matter.
    pub fn has_records_of(&self, other: &Self) -> bool {
        self.rtype == other.rtype && self.rdata == other.rdata
    }

    /// The records, by their RDATA.
    pub fn records(&self) -> impl Iterator<Item = CanonicalRecord<'_>> {
        self.rdata
            .iter()
            .map(|rdata| CanonicalRecord::new(self.owner.as_octets(), self.rtype, CLASS_IN, self.ttl, rdata))
    }
}

/// In one line: the TTL and some of the data.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Set(set) = self else { return f.write_str("no such record") };
        let mut between = "";
        for rdata in set.rdata.iter().take(SHOWN) {
            write!(f, "{between}{}", present::rdata(set.rtype, rdata))?;
            between = ", ";
        }
        match set.count().saturating_sub(SHOWN) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        write!(f, " (TTL {})", set.ttl)
    }
}
