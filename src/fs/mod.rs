//! Files: the journal of planted probes, key files, and what a comparison cannot hold in memory. The only room that touches a disk.
//!
//! It does not know what a probe means or how a key signs.

mod journal;
mod keyfile;
mod runs;

pub use self::journal::{Found, Journal, JournalError, Written, default_journal_directory};
pub use self::keyfile::{KeyFile, KeyFileProblem, read_key_file};
pub use self::runs::{TemporaryRuns, default_run_directory};
