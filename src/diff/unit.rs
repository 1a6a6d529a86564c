//! What one side sends of one owner in a row: sorted, it can be compared octet for octet.

use crate::canonical::{CanonicalRecord, Form};
use crate::wire::Rtype;
use std::cmp::Ordering;

/// What one side has sent of one owner in a row.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// The owner, then each record less its owner.
    octets: Vec<u8>,
    /// The length of the owner; zero before the first record.
    owner: usize,
    /// Where the records start.
    starts: Vec<usize>,
    /// Whether the owner is above all that its side had sent before.
    pub(super) fresh: bool,
    /// Whether there is a SOA.
    pub(super) has_soa: bool,
    /// Room for sorting.
    sorted: Vec<u8>,
}

impl Unit {
    /// The owner; empty before the first record.
    pub(super) fn owner(&self) -> &[u8] {
        self.octets.get(..self.owner).unwrap_or_default()
    }

    /// The owner, then each record less its owner.
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        self.octets.capacity() + self.sorted.capacity() + self.starts.capacity() * size_of::<usize>()
    }

    /// How many records there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// Whether a record of this owner belongs to it.
    pub(super) fn goes_on(&self, owner: &[u8], form: Form) -> bool {
        self.owner() == owner || (form == Form::Canonical && self.owner().eq_ignore_ascii_case(owner))
    }

    /// Empty, and without an owner.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.starts.clear();
        self.owner = 0;
    }

    /// Begins with this owner.
    pub(super) fn begin(&mut self, owner: &[u8], form: Form, fresh: bool) {
        self.octets.clear();
        self.starts.clear();
        self.octets.extend_from_slice(owner);
        if form == Form::Canonical {
            self.octets.make_ascii_lowercase();
        }
        (self.owner, self.fresh, self.has_soa) = (owner.len(), fresh, false);
    }

    /// Appends a record.
    pub(super) fn push(&mut self, record: &CanonicalRecord<'_>) {
        self.starts.push(self.octets.len());
        self.has_soa |= record.rtype() == Rtype::SOA;
        record.write_without_owner(&mut self.octets);
    }

    /// The records as they came, or sorted once [`normalise`](Self::normalise) was called.
    pub(super) fn records(&self) -> impl Iterator<Item = CanonicalRecord<'_>> {
        records_of(&self.octets, self.owner)
    }

    /// Sorts the records; says whether they are all different and have one TTL in each `RRset`.
    pub(super) fn normalise(&mut self) -> bool {
        let Self { octets, starts, owner, sorted, .. } = self;
        if starts.len() < 2 {
            return true;
        }
        if !starts.is_sorted_by(|a, b| order(octets, *a, *b) == Ordering::Less) {
            starts.sort_unstable_by(|a, b| order(octets, *a, *b));
            sorted.clear();
            sorted.extend_from_slice(octets.get(..*owner).unwrap_or_default());
            for start in starts.iter_mut() {
                let record = record_at(octets, *start);
                *start = sorted.len();
                record.write_without_owner(sorted);
            }
            std::mem::swap(octets, sorted);
        }
        starts
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if are_regular(&record_at(octets, *a), &record_at(octets, *b))))
    }
}

/// The records of a unit's octets.
pub(super) fn records_of(octets: &[u8], owner: usize) -> impl Iterator<Item = CanonicalRecord<'_>> {
    let (owner, mut rest) = octets.split_at_checked(owner).unwrap_or_default();
    std::iter::from_fn(move || {
        let (record, after) = CanonicalRecord::split_first_of(owner, rest)?;
        rest = after;
        Some(record)
    })
}

/// The record that starts there, whose owner is no matter; nothing where none does.
fn record_at(octets: &[u8], start: usize) -> CanonicalRecord<'_> {
    let record = octets.get(start..).and_then(|rest| CanonicalRecord::split_first_of(&[], rest));
    record.map_or(CanonicalRecord::new(&[], Rtype(0), 0, 0, &[]), |(record, _)| record)
}

/// By type, class and RDATA.
fn order(octets: &[u8], a: usize, b: usize) -> Ordering {
    let (a, b) = (record_at(octets, a), record_at(octets, b));
    (a.rtype(), a.class(), a.rdata()).cmp(&(b.rtype(), b.class(), b.rdata()))
}

/// Whether two records of one owner are different ones, and of one TTL if they are of one `RRset`.
pub(super) fn are_regular(a: &CanonicalRecord<'_>, b: &CanonicalRecord<'_>) -> bool {
    if (a.rtype(), a.class()) != (b.rtype(), b.class()) {
        return true;
    }
    let covered = |record: &CanonicalRecord<'_>| record.rdata().first_chunk::<2>().copied();
    let is_other_rrset = a.rtype() == Rtype::RRSIG && covered(a) != covered(b);
    a.rdata() != b.rdata() && (is_other_rrset || a.ttl() == b.ttl())
}

#[cfg(test)]
mod tests;
