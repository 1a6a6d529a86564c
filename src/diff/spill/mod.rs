//! What does not fit into memory: runs of records, each sorted, in a store that the caller gives.
//!
//! It knows no file and no directory: a [`RunStore`] does.

mod merge;
mod read;
mod write;

pub(super) use self::merge::{Joining, give_merged};
pub(super) use self::read::RunReader;
pub(super) use self::write::{OctetWriter, RunWriter};

use std::fmt;
use std::sync::Arc;

/// Where a comparison puts what it may not hold in memory, and reads it again.
///
/// When the store is dropped, what was put there is to go. A comparison and its result share one store.
pub trait RunStore: fmt::Debug + Send + Sync {
    /// Appends these octets to the run of this number; one that was not appended to before is begun.
    ///
    /// # Errors
    /// They could not be kept, all of them.
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError>;

    /// Fills `into` with what was appended to that run, from there on.
    ///
    /// # Errors
    /// Not all of it can be read.
    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError>;

    /// Gives the space of a run back; it is not read again.
    fn remove(&self, run: u32);
}

/// Why a run could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("what does not fit into memory cannot be {doing} {place}: {source}")]
pub struct RunError {
    /// What was tried, as in "written to" or "read from".
    pub doing: &'static str,
    /// Where, in the words of a person.
    pub place: String,
    /// Why not.
    pub source: std::io::Error,
}

/// How many octets are appended or read at once.
pub(super) const BLOCK: usize = 1 << 15;

/// A run that was written, and is removed with this value.
#[derive(Debug)]
pub(super) struct Run {
    /// Where it is.
    store: Arc<dyn RunStore>,
    /// Its number there.
    number: u32,
    /// How many octets it has.
    length: u64,
    /// A keyed hash of its blocks: what is read is what was written.
    digest: u64,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.store.remove(self.number);
    }
}

/// Which entry of a sorted run this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    /// An owner, with what is present there.
    Owner = 1,
    /// An `RRset` of that owner, with its TTLs.
    Rrset = 2,
    /// A record of that `RRset`.
    Record = 3,
}
