//! How much memory a comparison may take, and where the rest goes.

use super::stream;
use crate::diff::{DEFAULT_MEMORY, Differ};
use crate::fs::{TemporaryRuns, default_run_directory};
use crate::wire::WireName;
use crate::zonemd::{Collector, Sorter, Wanted};
use std::path::PathBuf;
use std::sync::Arc;

/// A comparison may always take so much memory: 4 MiB. Below that it would do little but write and read.
pub const LEAST_MEMORY: usize = 4 << 20;

/// So much memory, and a directory.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// Octets for everything.
    pub(super) octets: usize,
    /// Where runs go, unless to the default.
    pub(super) directory: Option<PathBuf>,
}

impl Default for Room {
    fn default() -> Self {
        Self { octets: DEFAULT_MEMORY, directory: None }
    }
}

impl Room {
    /// At most so many octets, but never less than [`LEAST_MEMORY`].
    pub(super) fn set_memory(&mut self, octets: usize) {
        self.octets = octets.max(LEAST_MEMORY);
    }

    /// With half of the memory.
    pub(super) fn half(&self) -> Self {
        Self { octets: self.octets / 2, directory: self.directory.clone() }
    }

    /// A differ that keeps to it, beside what so many sides have on their way and sort for their digests.
    pub(super) fn keep(&self, differ: Differ, sides: usize) -> Differ {
        let on_the_way = sides.saturating_mul(stream::PER_SIDE);
        let octets = self.octets.saturating_sub(on_the_way).saturating_sub(self.for_digests()).max(self.octets / 2);
        differ.within(octets).spilling_into(self.runs())
    }

    /// What each of so many sides sorts its zone in for a digest, if there is reason to.
    pub(super) fn share(&self, sides: usize) -> Share {
        Share(Self { octets: self.for_digests() / sides.max(1), directory: self.directory.clone() })
    }

    /// The sides together sort in so many octets.
    fn for_digests(&self) -> usize {
        self.octets / 4
    }

    /// A place of its own for what does not fit.
    fn runs(&self) -> Arc<TemporaryRuns> {
        Arc::new(TemporaryRuns::in_directory(self.directory.clone().unwrap_or_else(default_run_directory)))
    }

    /// What sorts one zone that is the only one, beside what is on its way.
    pub(super) fn sorter(&self) -> Sorter {
        Sorter::new(self.octets / 4 * 3).spilling_into(self.runs())
    }

    /// How many octets of text the report may list: it is made when the records are gone, and lives several times.
    pub(super) fn listed(&self) -> usize {
        self.octets / 16
    }
}

/// What one side may take for the digest of its zone.
#[derive(Debug, Clone)]
pub(super) struct Share(Room);

impl Share {
    /// What takes the records.
    pub(super) fn collector(&self, zone: &WireName, wanted: Wanted) -> Collector {
        Collector::new(zone, wanted).within(self.0.octets, self.0.runs())
    }
}
