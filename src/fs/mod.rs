//! Files: the journal of planted probes, key files, zone files. The only room that touches a disk.
//!
//! It does not know what a probe means, how a key signs, or what stands in a zone file.

mod include;
mod journal;
mod keyfile;
mod look;
mod spool;
mod zonefile;

pub use self::journal::{Found, Journal, JournalError, Written, default_journal_directory};
pub use self::keyfile::{KeyFile, KeyFileProblem, read_key_file};
pub use self::zonefile::{OpenZoneFile, ZoneFile, ZoneFileProblem};
