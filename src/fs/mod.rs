//! Files: the journal of planted probes, and key files. The only room that touches a disk.
//!
//! It does not know what a probe means or how a key signs.

mod journal;
mod keyfile;

pub use self::journal::{Found, Journal, JournalError, Written, default_journal_directory};
pub use self::keyfile::{KeyFile, KeyFileProblem, read_key_file};
