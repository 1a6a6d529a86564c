//! Counts the records of an owner and of an `RRset` in fixed memory, whatever the order in which they come.
//!
//! It does not know which records are duplicates: those cost work as well, so they count.

use super::{Fault, Limits};
use crate::wire::Rtype;
use ahash::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Cells of each table. A cell counts all owners that hash to it: too much, by one in 16,384 of the records, never too
/// little.
const CELLS: usize = 1 << 14;

/// An odd number with its bits spread: 2^64 over the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// What a cell may hold above the limit before it is an error: four times its share of other owners' records.
const fn allowance(records: u64) -> u64 {
    64 + records / (CELLS as u64 / 4)
}

/// Records counted by owner and by `RRset`.
#[derive(Debug)]
pub(super) struct Tally {
    /// Keyed, so that one who can only choose some names of a zone cannot crowd a cell.
    hasher: RandomState,
    /// The records seen.
    records: u64,
    /// The hash of the owner of the last record.
    hash: u64,
    /// Its run and cell.
    owners: Counter,
    /// The type of the last record; none before the first one of the owner.
    rtype: Option<Rtype>,
    /// The run and cell of its `RRset`.
    rrsets: Counter,
}

/// The run at hand, exact, and a table for those that come scattered.
#[derive(Debug)]
struct Counter {
    /// Records in a row.
    run: u32,
    /// The cell of the run.
    cell: usize,
    /// What was in it before the run.
    before: u32,
    /// Records by hash.
    cells: Vec<u32>,
}

impl Counter {
    /// Nothing counted.
    fn new() -> Self {
        Self { run: 0, cell: 0, before: 0, cells: vec![0; CELLS] }
    }

    /// A new run, in the cell of this hash.
    fn start(&mut self, hash: u64) {
        if let Some(cell) = self.cells.get_mut(self.cell) {
            *cell = self.before.saturating_add(self.run);
        }
        self.run = 0;
        self.cell = usize::try_from(hash % CELLS as u64).unwrap_or(0);
        self.before = self.cells.get(self.cell).copied().unwrap_or(0);
    }

    /// One more; says whether that is too many.
    #[inline]
    fn add(&mut self, limit: u32, allowance: u64) -> bool {
        self.run = self.run.saturating_add(1);
        let all = u64::from(self.before) + u64::from(self.run);
        self.run > limit || all > u64::from(limit).saturating_add(allowance)
    }
}

impl Tally {
    /// Nothing counted.
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            records: 0,
            hash: 0,
            owners: Counter::new(),
            rtype: None,
            rrsets: Counter::new(),
        }
    }

    /// The records that follow have this owner, in lower case, and those before had another one.
    pub(super) fn owner(&mut self, owner: &[u8]) {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(owner);
        (self.hash, self.rtype) = (hasher.finish(), None);
        self.owners.start(self.hash);
    }

    /// Counts one record of that owner.
    #[inline]
    pub(super) fn add(&mut self, rtype: Rtype, limits: &Limits) -> Result<(), Fault> {
        if self.rtype != Some(rtype) {
            self.rtype = Some(rtype);
            // The hash of the owner is keyed, so that this is as well.
            self.rrsets.start(self.hash.rotate_left(u32::from(rtype.0)).wrapping_mul(SPREAD) >> 32);
        }
        self.records = self.records.saturating_add(1);
        let allowance = allowance(self.records);
        if self.rrsets.add(limits.records_per_rrset, allowance) {
            return Err(Fault::TooManyInRrset { limit: limits.records_per_rrset });
        }
        if self.owners.add(limits.records_per_owner, allowance) {
            return Err(Fault::TooManyOfOwner { limit: limits.records_per_owner });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
