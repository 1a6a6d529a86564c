//! How much memory a comparison may take, and where the rest goes.

use super::stream;
use crate::diff::{DEFAULT_MEMORY, Differ};
use crate::fs::{TemporaryRuns, default_run_directory};
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
    /// With half of the memory.
    pub(super) fn half(&self) -> Self {
        Self { octets: self.octets / 2, directory: self.directory.clone() }
    }

    /// A differ that keeps to it, beside what so many sides have on their way.
    pub(super) fn keep(&self, differ: Differ, sides: usize) -> Differ {
        let on_the_way = sides.saturating_mul(stream::PER_SIDE);
        let octets = self.octets.saturating_sub(on_the_way).max(self.octets / 2);
        let directory = self.directory.clone().unwrap_or_else(default_run_directory);
        differ.within(octets).spilling_into(Arc::new(TemporaryRuns::in_directory(directory)))
    }

    /// How many octets of text the report may list: it is made when the records are gone, and lives several times.
    pub(super) fn listed(&self) -> usize {
        self.octets / 16
    }
}
