//! The first line of a snapshot: what the file holds, so that one who reads it again knows that it holds that still.
//!
//! It is a comment, so that any reader of zone files takes the file. It does not say who made it: whoever can change the
//! records can compute another digest.

use crate::canonical::CanonicalRecord;
use crate::present;
use crate::serial::Serial;
use crate::wire::{Rtype, WireName};
use crate::zonemd::{Algorithm, Digester, Ordered, ZonemdError};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use std::fmt;

/// How the line begins; the number is that of its form.
const MARK: &str = "; dnsconverge snapshot 1 ";

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The zone, as text.
    pub zone: String,
    /// The serial of its SOA.
    pub serial: Serial,
    /// Its records, each once.
    pub records: u64,
    /// Their digest: SIMPLE with SHA-384 (RFC 8976).
    pub digest: Vec<u8>,
}

impl Snapshot {
    /// Of that zone.
    pub fn new(zone: &WireName, serial: Serial, records: u64, digest: Vec<u8>) -> Self {
        Self { zone: present::name(&zone.to_lowercase()).to_string(), serial, records, digest }
    }

    /// Reads the first line of a file: `None` if that is no snapshot, an error if it is one that cannot be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &[u8]) -> Option<Result<Self, Mismatch>> {
        let line = line.strip_prefix(MARK.as_bytes())?;
        let fields = || {
            let text = std::str::from_utf8(line).ok()?;
            let mut words = text.trim_end().split(' ');
            let mut field = |name: &str| words.next()?.strip_prefix(name);
            let (zone, serial) = (field("zone=")?.to_owned(), Serial(field("serial=")?.parse().ok()?));
            let records = field("records=")?.parse().ok()?;
            let digest = HEXLOWER_PERMISSIVE.decode(field("sha384=")?.as_bytes()).ok()?;
            Some(Self { zone, serial, records, digest })
        };
        Some(fields().ok_or(Mismatch::Line))
    }
}

/// The line, without its end.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, serial, records, digest } = self;
        write!(f, "{MARK}zone={zone} serial={serial} records={records} sha384={}", HEXLOWER.encode(digest))
    }
}

/// What is not as the first line of a snapshot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The line itself.
    #[error("its first line cannot be read")]
    Line,
    /// The zone.
    #[error("it is of another zone")]
    Zone,
    /// The serial, the number of records, or their digest.
    #[error("its records are not those that its first line speaks of")]
    Content,
    /// The order, so that there is no digest.
    #[error("its records are not in the order in which they were written")]
    Order,
}

/// Holds the records of a snapshot to its first line, as they are read: only those of the apex are kept.
#[derive(Debug)]
pub struct SnapshotCheck {
    /// What the line says.
    said: Snapshot,
    /// The name of the zone, in lower case.
    apex: WireName,
    /// The records of the apex, until they are all there; the file begins with the SOA, which is not their order.
    at_apex: Vec<u8>,
    /// Computes the digest.
    digester: Digester,
    /// Records so far.
    records: u64,
    /// What went wrong.
    trouble: Option<Mismatch>,
}

impl SnapshotCheck {
    /// Before the first record of a file of that zone.
    pub fn new(zone: &WireName, said: Snapshot) -> Self {
        let apex = zone.to_lowercase();
        let trouble = (present::name(&apex).to_string() != said.zone).then_some(Mismatch::Zone);
        let digester = Digester::computing(&apex, Algorithm::Sha384);
        Self { said, apex, at_apex: Vec::new(), digester, records: 0, trouble }
    }

    /// Takes the next record, in canonical form.
    pub fn add(&mut self, record: &CanonicalRecord<'_>) {
        self.records = self.records.saturating_add(1);
        let is_apex = record.owner() == self.apex.as_octets();
        if is_apex && (!self.at_apex.is_empty() || record.rtype() == Rtype::SOA) {
            record.write(&mut self.at_apex);
            return;
        }
        let added = self.flush().and_then(|()| self.digester.add(record));
        self.note(added);
    }

    /// Gives the records of the apex to the digest, in their order.
    fn flush(&mut self) -> Result<(), ZonemdError> {
        let at_apex = std::mem::take(&mut self.at_apex);
        Ordered::new(&at_apex)?.records().try_for_each(|record| self.digester.add(&record))
    }

    /// Notes the first error.
    fn note(&mut self, result: Result<(), ZonemdError>) {
        if result.is_err() {
            self.trouble = self.trouble.or(Some(Mismatch::Order));
        }
    }

    /// What is not as the first line says, after the last record.
    ///
    /// # Errors
    /// The first [`Mismatch`].
    pub fn finish(mut self, serial: Serial) -> Result<(), Mismatch> {
        let flushed = self.flush();
        self.note(flushed);
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let digest = self.digester.digest().map_err(|_| Mismatch::Content)?;
        let same = (serial, self.records, digest) == (self.said.serial, self.said.records, self.said.digest);
        if same { Ok(()) } else { Err(Mismatch::Content) }
    }
}
