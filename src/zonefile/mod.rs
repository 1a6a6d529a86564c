//! A zone file as a source of canonical records: text in, octets out, one record at a time.
//!
//! [`Reader`] takes the text of a zone from anything that is [`Read`] and gives its records in the layout of `canonical`,
//! so that a file is compared like a transfer. Read are RFC 1035 section 5, `$TTL` (RFC 2308), `$INCLUDE`, `$GENERATE`,
//! lifetimes with units (both as in BIND), RFC 3597, every type that `wire` knows, and what the Windows DNS server
//! writes ([`Dialect::Windows`]). Memory is one window for each file that is open, whatever the zone's size, and nothing
//! is allocated for a record.
//!
//! Nothing is skipped and nothing is guessed: what is not understood is an error with its file, line and column, and
//! nothing that was read before it may be used. Where BIND warns and goes on, this stops: a record without a TTL in
//! a file without `$TTL`, a TTL above 2^31 - 1, data outside of the zone, a string across lines.
//!
//! It opens no files: those that are included come in through [`Include`]. It does not look for duplicates or mixed
//! TTLs (the differ does), does not complete DNSSEC, and writes nothing (`present` does).
//!
//! # Why it is our own
//!
//! The reader of the `domain` crate (0.12) takes the whole file into memory, has the text of 35 types where the table here
//! has 85, no `$GENERATE`, and gives parsed values that would have to be composed and folded again. Here the table of
//! grammars that checks and shows a record reads it too; on a
//! zone of delegations it took 0.65 of the CPU of `domain` for each record (medians of five runs of each in turn).

mod entry;
mod error;
mod generate;
mod input;
mod mnemonic;
mod name;
mod number;
mod rdata;
mod reader;
mod service;
mod snapshot;
mod structures;
#[cfg(test)]
mod tests;
mod token;

pub use self::error::{ZoneFileError, ZoneFileErrorKind};
pub use self::reader::{Reader, rdata_from_text};
pub use self::snapshot::{Mismatch, Snapshot, SnapshotCheck};

use crate::canonical::Form;
use std::fmt;
use std::io::Read;

/// Which program wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// [`Dialect::Windows`] if the comments before the first entry say `Database file`, else [`Dialect::Standard`].
    #[default]
    Automatic,
    /// RFC 1035.
    Standard,
    /// The Windows DNS server: `\DDD` is octal, `[AGE:hours]` may stand before a TTL, and a record without a TTL has the
    /// last field of the SOA.
    Windows,
}

/// How a file is read, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// See [`Options::dialect`].
    dialect: Dialect,
    /// See [`Options::form`].
    form: Form,
    /// See [`Options::entry_octets`].
    entry_octets: usize,
    /// See [`Options::include_depth`].
    include_depth: usize,
    /// See [`Options::generated_records`].
    generated_records: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dialect: Dialect::Automatic,
            form: Form::Canonical,
            entry_octets: 1 << 20,
            include_depth: 8,
            generated_records: 1 << 24,
        }
    }
}

impl Options {
    /// Which program wrote the file; [`Dialect::Automatic`] by default.
    #[must_use]
    pub const fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Whether names are folded; [`Form::Canonical`] by default.
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// How many octets one entry may have, comments within its parentheses and the line ends included. 1 MiB by default:
    /// the longest RDATA with every octet escaped needs a quarter of it.
    #[must_use]
    pub const fn entry_octets(mut self, octets: usize) -> Self {
        self.entry_octets = octets;
        self
    }

    /// How deep files may include files; 8 by default. A file that includes itself is always an error.
    #[must_use]
    pub const fn include_depth(mut self, depth: usize) -> Self {
        self.include_depth = depth;
        self
    }

    /// How many records all `$GENERATE` together may make; 2^24 by default, the addresses of a /8.
    #[must_use]
    pub const fn generated_records(mut self, records: u64) -> Self {
        self.generated_records = records;
        self
    }
}

/// Who opens included files: the policy, and the only way to a file.
pub trait Include {
    /// Opens the file that `path` names in `$INCLUDE`, as it is written there, within the file named `from`.
    ///
    /// # Errors
    /// Why it is not opened, for people.
    fn open(&mut self, path: &[u8], from: &str) -> Result<Included, String>;
}

/// A file that was opened for `$INCLUDE`.
pub struct Included {
    /// Its name for messages; a file that is open by the same name already is an error.
    pub name: String,
    /// Its octets.
    pub source: Box<dyn Read + Send>,
}

impl fmt::Debug for Included {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Included").field("name", &self.name).finish_non_exhaustive()
    }
}

/// No file may include another: for input whose writer is not trusted with file names.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIncludes;

impl Include for NoIncludes {
    fn open(&mut self, path: &[u8], _from: &str) -> Result<Included, String> {
        Err(format!("{}: $INCLUDE is not allowed here", String::from_utf8_lossy(path)))
    }
}
