//! What the differ holds: octets once, and for each record a bit for every side that sent it.
//!
//! Two tables over one run of octets: `RRsets` by owner, type and class, records by `RRset` and RDATA. A hash only finds
//! candidates; octets decide. It does not know what a difference is.
//!
//! Memory in octets until `finish`, reckoned from the sizes of the entries (not measured): an `RRset` costs its owner + 6
//! and 38 to 44, a distinct record its RDATA and 38 to 44, however many sides sent it; a vector that has just grown
//! stands for up to twice its part of that. An `RRset` whose TTL is not the same everywhere costs 20 to 40 more for each
//! side that differs, and a record of which a policy compares a part keeps its whole RDATA for each side.

use super::DiffError;
use crate::wire::Rtype;
use ahash::RandomState;
use hashbrown::{HashMap, HashTable, hash_map, hash_table};
use std::hash::{BuildHasher, Hasher};

/// A run of octets in an [`Arena`]. The offset is a machine word: no zone is too long for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Where it starts.
    at: usize,
    /// How many octets; RDATA and an owner together fit easily.
    length: u32,
}

/// Octets that are only ever appended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Arena {
    /// All of them.
    octets: Vec<u8>,
}

impl Arena {
    /// Appends the octets.
    pub(super) fn push(&mut self, octets: &[u8]) -> Result<Span, DiffError> {
        let span = Span { at: self.octets.len(), length: u32::try_from(octets.len()).map_err(|_| DiffError::TooMany)? };
        self.octets.extend_from_slice(octets);
        Ok(span)
    }

    /// The octets of a span of this arena.
    pub(super) fn read(&self, span: Span) -> &[u8] {
        let length = usize::try_from(span.length).unwrap_or(usize::MAX);
        self.octets.get(span.at..span.at.saturating_add(length)).unwrap_or_default()
    }
}

/// The number of an [`RrsetEntry`].
pub(super) type RrsetNumber = u32;
/// The number of a [`RecordEntry`].
pub(super) type RecordNumber = u32;

/// An `RRset` of the table: what all sides together said of its TTL.
#[derive(Debug, Clone, Copy)]
pub(super) struct RrsetEntry {
    /// Owner in lower case, type, class, and for RRSIG the type covered (else zero).
    key: Span,
    /// The first TTL that was seen.
    ttl: u32,
    /// The sides that sent a record with that TTL.
    at_ttl: u64,
}

/// A record of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordEntry {
    /// Where it belongs.
    pub(super) rrset: RrsetNumber,
    /// The sides that sent it.
    pub(super) sides: u64,
    /// What tells it from the other records of its `RRset`.
    payload: Span,
}

/// Other TTLs than [`RrsetEntry::ttl`] that one side sent in an `RRset`.
#[derive(Debug, Clone, Copy)]
struct OtherTtls {
    /// The lowest.
    lowest: u32,
    /// The highest.
    highest: u32,
}

/// The TTL of one side's `RRset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RrsetTtl {
    /// The lowest that was sent.
    pub(super) lowest: u32,
    /// Whether more than one was sent.
    pub(super) mixed: bool,
}

/// The names of an `RRset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RrsetKey<'a> {
    /// The owner in lower case.
    pub(super) owner: &'a [u8],
    /// The type.
    pub(super) rtype: Rtype,
    /// The class.
    pub(super) class: u16,
    /// For RRSIG the type covered.
    pub(super) covered: u16,
}

/// The octets of a key that follow the owner.
const KEY_TAIL: usize = 6;

impl<'a> RrsetKey<'a> {
    /// Appends the key's octets.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.owner);
        // Length octets are below `A`: folding all octets folds the letters only (RFC 4343 section 3).
        out.make_ascii_lowercase();
        out.extend_from_slice(&self.rtype.0.to_be_bytes());
        out.extend_from_slice(&self.class.to_be_bytes());
        out.extend_from_slice(&self.covered.to_be_bytes());
    }

    /// Reads what [`write`](Self::write) wrote.
    fn read(octets: &'a [u8]) -> Self {
        let (owner, tail) = octets.split_at(octets.len().saturating_sub(KEY_TAIL));
        match tail {
            &[t1, t2, c1, c2, s1, s2] => Self {
                owner,
                rtype: Rtype(u16::from_be_bytes([t1, t2])),
                class: u16::from_be_bytes([c1, c2]),
                covered: u16::from_be_bytes([s1, s2]),
            },
            _ => Self { owner, rtype: Rtype(0), class: 0, covered: 0 },
        }
    }
}

/// All records of all sides.
pub(super) struct Holdings {
    /// Keys of `RRsets` and payloads of records.
    arena: Arena,
    /// The keyed hash: zone data is chosen by strangers.
    hash: RandomState,
    /// The `RRsets` in the order of their arrival.
    rrsets: Vec<RrsetEntry>,
    /// Finds an `RRset` by its key.
    rrset_table: HashTable<RrsetNumber>,
    /// The records in the order of their arrival.
    records: Vec<RecordEntry>,
    /// Finds a record by its `RRset` and payload.
    record_table: HashTable<RecordNumber>,
    /// TTLs that are not the first one of their `RRset`, by `RRset` and side.
    other_ttls: HashMap<(RrsetNumber, u8), OtherTtls, RandomState>,
    /// The key that is being looked up.
    scratch: Vec<u8>,
}

impl std::fmt::Debug for Holdings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holdings")
            .field("rrsets", &self.rrsets.len())
            .field("records", &self.records.len())
            .field("octets", &self.arena.octets.len())
            .finish_non_exhaustive()
    }
}

impl Holdings {
    /// Empty, with a hash of this key.
    pub(super) fn new([a, b, c, d]: [u64; 4]) -> Self {
        let hash = RandomState::with_seeds(a, b, c, d);
        Self {
            arena: Arena::default(),
            other_ttls: HashMap::with_hasher(hash.clone()),
            hash,
            rrsets: Vec::new(),
            rrset_table: HashTable::new(),
            records: Vec::new(),
            record_table: HashTable::new(),
            scratch: Vec::new(),
        }
    }

    /// Notes a record of one side; says which it is and whether this side had sent it before.
    pub(super) fn note(
        &mut self,
        side: u8,
        key: RrsetKey<'_>,
        ttl: u32,
        payload: &[u8],
    ) -> Result<(RecordNumber, bool), DiffError> {
        let bit = side_bit(side);
        let rrset = self.note_ttl(side, key, ttl)?;
        let Self { arena, hash, records, record_table, .. } = self;
        let is_it = |&number: &RecordNumber| {
            entry(records, number).is_some_and(|r| r.rrset == rrset && arena.read(r.payload) == payload)
        };
        let rehash = |&number: &RecordNumber| {
            entry(records, number).map_or(0, |r| hash_record(hash, r.rrset, arena.read(r.payload)))
        };
        match record_table.entry(hash_record(hash, rrset, payload), is_it, rehash) {
            hash_table::Entry::Occupied(found) => {
                let number = *found.get();
                let Some(record) = entry_mut(records, number) else { return Err(DiffError::Lost) };
                let repeated = record.sides & bit != 0;
                record.sides |= bit;
                Ok((number, repeated))
            }
            hash_table::Entry::Vacant(vacant) => {
                let number = RecordNumber::try_from(records.len()).map_err(|_| DiffError::TooMany)?;
                let payload = arena.push(payload)?;
                records.push(RecordEntry { rrset, sides: bit, payload });
                vacant.insert(number);
                Ok((number, false))
            }
        }
    }

    /// Finds or makes the `RRset`, and notes the TTL that one side sent in it.
    fn note_ttl(&mut self, side: u8, key: RrsetKey<'_>, ttl: u32) -> Result<RrsetNumber, DiffError> {
        let Self { arena, hash, rrsets, rrset_table, scratch, .. } = self;
        scratch.clear();
        key.write(scratch);
        let is_it = |&number: &RrsetNumber| entry(rrsets, number).is_some_and(|r| arena.read(r.key) == scratch);
        let rehash = |&number: &RrsetNumber| entry(rrsets, number).map_or(0, |r| hash_key(hash, arena.read(r.key)));
        let number = match rrset_table.entry(hash_key(hash, scratch), is_it, rehash) {
            hash_table::Entry::Occupied(found) => *found.get(),
            hash_table::Entry::Vacant(vacant) => {
                let number = RrsetNumber::try_from(rrsets.len()).map_err(|_| DiffError::TooMany)?;
                let key = arena.push(scratch)?;
                rrsets.push(RrsetEntry { key, ttl, at_ttl: 0 });
                vacant.insert(number);
                number
            }
        };
        let Some(rrset) = entry_mut(rrsets, number) else { return Err(DiffError::Lost) };
        if rrset.ttl == ttl {
            rrset.at_ttl |= side_bit(side);
        } else {
            let others = self.other_ttls.entry((number, side)).or_insert(OtherTtls { lowest: ttl, highest: ttl });
            others.lowest = others.lowest.min(ttl);
            others.highest = others.highest.max(ttl);
        }
        Ok(number)
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        let tables = self.record_table.allocation_size() + self.rrset_table.allocation_size();
        self.arena.octets.capacity()
            + self.rrsets.capacity() * size_of::<RrsetEntry>()
            + self.records.capacity() * size_of::<RecordEntry>()
            + self.other_ttls.allocation_size()
            + tables
    }

    /// The names of all `RRsets`.
    pub(super) fn keys(&self) -> impl Iterator<Item = (RrsetNumber, RrsetKey<'_>)> {
        (0..).zip(self.rrsets.iter().map(|rrset| RrsetKey::read(self.arena.read(rrset.key))))
    }

    /// The names of an `RRset`.
    pub(super) fn key(&self, number: RrsetNumber) -> RrsetKey<'_> {
        let octets = entry(&self.rrsets, number).map(|rrset| self.arena.read(rrset.key));
        RrsetKey::read(octets.unwrap_or_default())
    }

    /// The number of the `RRset` with these names, if any side sent it.
    pub(super) fn find(&self, key: RrsetKey<'_>) -> Option<RrsetNumber> {
        let mut octets = Vec::with_capacity(key.owner.len() + KEY_TAIL);
        key.write(&mut octets);
        let is_it =
            |&number: &RrsetNumber| entry(&self.rrsets, number).is_some_and(|r| self.arena.read(r.key) == octets);
        self.rrset_table.find(hash_key(&self.hash, &octets), is_it).copied()
    }

    /// All records with their numbers.
    pub(super) fn records(&self) -> impl Iterator<Item = (RecordNumber, &RecordEntry)> {
        (0..).zip(&self.records)
    }

    /// The record of this number.
    pub(super) fn record(&self, number: RecordNumber) -> Option<&RecordEntry> {
        entry(&self.records, number)
    }

    /// What was noted as the record's payload.
    pub(super) fn payload(&self, record: &RecordEntry) -> &[u8] {
        self.arena.read(record.payload)
    }

    /// The TTL of one side's `RRset`, if that side sent it.
    pub(super) fn ttl(&self, number: RrsetNumber, side: u8) -> Option<RrsetTtl> {
        let rrset = entry(&self.rrsets, number)?;
        let first = (rrset.at_ttl & side_bit(side) != 0).then_some(rrset.ttl);
        match (first, self.other_ttls.get(&(number, side))) {
            (None, None) => None,
            (Some(ttl), None) => Some(RrsetTtl { lowest: ttl, mixed: false }),
            (None, Some(others)) => Some(RrsetTtl { lowest: others.lowest, mixed: others.lowest != others.highest }),
            (Some(ttl), Some(others)) => Some(RrsetTtl { lowest: ttl.min(others.lowest), mixed: true }),
        }
    }

    /// The `RRsets` and sides with a TTL that is not the first one seen; all others agree.
    pub(super) fn uneven(&self) -> impl Iterator<Item = (RrsetNumber, u8)> {
        self.other_ttls.keys().copied()
    }
}

/// RDATA as they were received, where records are compared on a part of it; the lowest if one side sent several.
#[derive(Debug)]
pub(super) struct Originals {
    /// Their octets.
    arena: Arena,
    /// By record and side.
    spans: HashMap<(RecordNumber, u8), Span, RandomState>,
}

impl Originals {
    /// Empty, with a hash of this key.
    pub(super) fn new([a, b, c, d]: [u64; 4]) -> Self {
        Self { arena: Arena::default(), spans: HashMap::with_hasher(RandomState::with_seeds(a, b, c, d)) }
    }

    /// Keeps these octets unless the side has sent lower ones.
    pub(super) fn note(&mut self, number: RecordNumber, side: u8, octets: &[u8]) -> Result<(), DiffError> {
        match self.spans.entry((number, side)) {
            hash_map::Entry::Occupied(mut held) if octets < self.arena.read(*held.get()) => {
                held.insert(self.arena.push(octets)?);
            }
            hash_map::Entry::Occupied(_) => {}
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(self.arena.push(octets)?);
            }
        }
        Ok(())
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        self.arena.octets.capacity() + self.spans.allocation_size()
    }

    /// What the side sent as this record.
    pub(super) fn read(&self, number: RecordNumber, side: u8) -> Option<&[u8]> {
        self.spans.get(&(number, side)).map(|span| self.arena.read(*span))
    }
}

/// The bit that stands for a side.
pub(super) fn side_bit(side: u8) -> u64 {
    1_u64.checked_shl(u32::from(side)).unwrap_or(0)
}

/// The entry of this number.
fn entry<T>(entries: &[T], number: u32) -> Option<&T> {
    entries.get(usize::try_from(number).ok()?)
}

/// The entry of this number, to be changed.
fn entry_mut<T>(entries: &mut [T], number: u32) -> Option<&mut T> {
    entries.get_mut(usize::try_from(number).ok()?)
}

/// Hash of an `RRset`'s key.
fn hash_key(state: &RandomState, key: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write(key);
    hasher.finish()
}

/// Hash of a record.
fn hash_record(state: &RandomState, rrset: RrsetNumber, payload: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write_u32(rrset);
    hasher.write(payload);
    hasher.finish()
}
