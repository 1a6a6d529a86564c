//! How much memory a comparison may take, and which part of it what may take.
//!
//! The parts are reckoned from what is allocated. Together they stay below the whole, also while one vector grows and two
//! rounds of a comparison live side by side.

use super::spill::BLOCK;

/// What a comparison may hold in memory unless the caller says otherwise: 512 MiB.
///
/// That is a zone of several million records in any order without a disk, and small beside what machines have that
/// serve such a zone. In step, sides need a few megabytes of it, however long the zone is.
pub const DEFAULT_MEMORY: usize = 512 << 20;

/// The differing records of one `RRset` may always take so much, however small the whole is.
const LEAST_FOR_RRSET: usize = 1 << 20;
/// So many sorted runs at most: each takes a file and a buffer while they are merged.
const MOST_RUNS: usize = 200;
/// An `RRset` and its records take some sixty octets at least; a slice of so many is an eighth of the whole.
const FOR_EACH_OF_SLICE: usize = 512;
/// So many `RRsets` are sorted and written in one or two tenths of a second; servers cut off who reads nothing
/// for half a second.
const LARGEST_SLICE: usize = 1 << 17;

/// So many octets for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget(pub(super) usize);

impl Budget {
    /// For records that are held or wait: half, since a table that grows needs the old one beside the new one.
    pub(super) fn held(self) -> usize {
        self.0 / 2
    }

    /// For what is taken out of the log of what waits, before a run is written: the log is there as well.
    pub(super) fn moved(self) -> usize {
        self.0 / 8
    }

    /// For the list of changes: that of the round before is there as well.
    pub(super) fn listed(self) -> usize {
        self.0 / 8
    }

    /// For the differing records of one `RRset`.
    pub(super) fn rrset(self) -> usize {
        (self.0 / 8).max(LEAST_FOR_RRSET)
    }

    /// How many units may be left over; a set of hashes takes up to 20 octets for each, and twice that while it grows.
    pub(super) fn leftovers(self) -> usize {
        self.0 / 32 / 40
    }

    /// For all of that while it is on its way to a run.
    pub(super) fn most(self) -> usize {
        self.0 / 4 * 3
    }

    /// How many waiting units are taken in one step.
    pub(super) fn units(self) -> usize {
        self.slice().div_ceil(4)
    }

    /// How many `RRsets` are written in one step.
    pub(super) fn slice(self) -> usize {
        (self.0 / FOR_EACH_OF_SLICE).clamp(1, LARGEST_SLICE)
    }

    /// How many sorted runs there may be before they are merged into one.
    pub(super) fn runs(self) -> usize {
        (self.0 / 4 / BLOCK).clamp(8, MOST_RUNS)
    }

    /// After so many octets that came in, what is held is looked at: often enough not to pass the mark by much.
    pub(super) fn between_looks(self) -> usize {
        (self.0 / 64).min(1 << 20)
    }
}

#[cfg(test)]
mod tests;
