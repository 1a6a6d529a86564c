//! One change, owned: an `RRset` in which a target differs from the base, with its records.
//!
//! It does not print reports: a change prints its own lines.

use super::DiffError;
use super::classify::{ChangeKind, Hint};
use super::listing::read_change;
use crate::canonical::CanonicalRecord;
use crate::present;
use crate::wire::{Rtype, WireName};
use std::fmt;

/// One record of a difference, owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnedRecord {
    /// The octets in the layout of `canonical`.
    octets: Box<[u8]>,
}

impl OwnedRecord {
    /// A copy of the record.
    pub fn new(record: &CanonicalRecord<'_>) -> Self {
        let mut octets = Vec::new();
        record.write(&mut octets);
        Self { octets: octets.into() }
    }

    /// The record; its TTL is the lowest that its side sent in the `RRset`.
    pub fn view(&self) -> CanonicalRecord<'_> {
        CanonicalRecord::split_first(&self.octets).map_or(NOTHING, |(record, _)| record)
    }
}

/// What the view of octets would be that are no record; there are none, since the field is only written from records.
const NOTHING: CanonicalRecord<'static> = CanonicalRecord::new(&[0], Rtype(0), 0, 0, &[]);

impl From<CanonicalRecord<'_>> for OwnedRecord {
    fn from(record: CanonicalRecord<'_>) -> Self {
        Self::new(&record)
    }
}

impl fmt::Display for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        present::record(&self.view()).fmt(f)
    }
}

/// One `RRset` in which a target differs from the base.
///
/// Taking `removed` off the base's `RRset` and adding `added` gives the target's. Records of both lists are in canonical
/// order. RRSIG records are taken apart by the type that they cover.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RrsetChange {
    /// The owner, in lower case.
    pub owner: WireName,
    /// The type.
    pub rtype: Rtype,
    /// The number of the target.
    pub side: usize,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The records that are in the base and not in the target.
    pub removed: Vec<OwnedRecord>,
    /// The records that are in the target and not in the base.
    pub added: Vec<OwnedRecord>,
    /// Likely causes.
    pub hints: Vec<Hint>,
}

impl RrsetChange {
    /// Reads one that was listed.
    pub(super) fn read(octets: &[u8]) -> Result<Self, DiffError> {
        let (head, mut rest) = read_change(octets)?;
        let mut list = |count: u64| -> Result<Vec<OwnedRecord>, DiffError> {
            let mut records = Vec::new();
            for _ in 0..count {
                let (record, after) = CanonicalRecord::split_first(rest).map_err(|_| DiffError::Lost)?;
                records.push(OwnedRecord::new(&record));
                rest = after;
            }
            Ok(records)
        };
        let (removed, added) = (list(head.removed)?, list(head.added)?);
        let first = removed.first().or(added.first()).ok_or(DiffError::Lost)?;
        let (owner, rtype) = (first.view().owner_name().to_lowercase(), first.view().rtype());
        let (side, hints) = (usize::from(head.side), head.hints.iter().collect());
        Ok(Self { owner, rtype, side, kind: head.kind, removed, added, hints })
    }

    /// Whether the type is one that a signer makes and keeps up.
    pub fn is_dnssec_managed(&self) -> bool {
        self.hints.contains(&Hint::DnssecManaged)
    }
}

/// One record a line, `-` or `+` directly before it; no final end of line.
impl fmt::Display for RrsetChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let removed = self.removed.iter().map(|record| ('-', record));
        let added = self.added.iter().map(|record| ('+', record));
        let mut end = "";
        for (sign, record) in removed.chain(added) {
            write!(f, "{end}{sign}{record}")?;
            end = "\n";
        }
        Ok(())
    }
}
