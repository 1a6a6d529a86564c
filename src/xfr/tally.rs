//! Counts the records of an owner and of an `RRset` in fixed memory, whatever the order in which they come.
//!
//! It does not know which records are duplicates: those cost work as well, so they count.

use super::{Fault, Limits};
use crate::wire::{Rtype, WireName};
use ahash::RandomState;

/// Cells of each table. A cell counts all owners that hash to it: too much, by one in 16,384 of the records, never too
/// little.
const CELLS: usize = 1 << 14;

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
    /// The owner of the last record.
    owner: WireName,
    /// Its run and cell.
    owners: Counter,
    /// The type of the last record.
    rtype: Rtype,
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
    /// Records by hash.
    cells: Vec<u32>,
}

impl Counter {
    /// Nothing counted.
    fn new() -> Self {
        Self { run: 0, cell: 0, cells: vec![0; CELLS] }
    }

    /// A new run, in the cell of this hash.
    fn start(&mut self, hash: u64) {
        self.run = 0;
        self.cell = usize::try_from(hash % CELLS as u64).unwrap_or(0);
    }

    /// One more; says whether that is too many.
    fn add(&mut self, limit: u32, allowance: u64) -> bool {
        self.run = self.run.saturating_add(1);
        let Some(cell) = self.cells.get_mut(self.cell) else { return true };
        *cell = cell.saturating_add(1);
        self.run > limit || u64::from(*cell) > u64::from(limit).saturating_add(allowance)
    }
}

impl Tally {
    /// Nothing counted.
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            records: 0,
            owner: WireName::ROOT,
            owners: Counter::new(),
            rtype: Rtype(0),
            rrsets: Counter::new(),
        }
    }

    /// Counts one record.
    pub(super) fn add(&mut self, owner: &WireName, rtype: Rtype, limits: &Limits) -> Result<(), Fault> {
        let same_owner = self.records > 0 && self.owner == *owner;
        if !same_owner {
            self.owner = *owner;
            self.owners.start(self.hasher.hash_one(owner));
        }
        if !same_owner || self.rtype != rtype {
            self.rtype = rtype;
            self.rrsets.start(self.hasher.hash_one((owner, rtype)));
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
