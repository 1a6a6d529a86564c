//! What became of the ZONEMD records of a zone.

use super::{Algorithm, SIMPLE};
use crate::wire::Cursor;
use std::fmt;

/// The outcome of all ZONEMD records at the apex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The serial of the SOA.
    serial: u32,
    /// One for each record, in canonical order.
    findings: Vec<Finding>,
}

/// One ZONEMD record and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Its serial field.
    pub serial: u32,
    /// Its scheme.
    pub scheme: u8,
    /// The number of its hash algorithm.
    pub hash: u8,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of one ZONEMD record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Outcome {
    /// RFC 8976 section 4 step 5f.
    #[error("the digest matches")]
    Matches,
    /// RFC 8976 section 4 step 5f.
    #[error("the digest does not match: the zone was changed since it was made, or a server has lowered TTLs")]
    Differs,
    /// RFC 8976 section 4 step 5a: the SOA serial "MUST exactly match" the serial field.
    #[error("it was made for another serial than that of the SOA")]
    OtherSerial,
    /// RFC 8976 section 2.2.4 and 4 step 5d: a digest is never truncated.
    #[error("the digest is shorter or longer than its algorithm gives")]
    DigestLength,
    /// RFC 8976 section 4 step 4: each pair of scheme and algorithm is there once.
    #[error("another ZONEMD record has the same scheme and algorithm")]
    Repeated,
    /// RFC 8976 section 4 step 5b.
    #[error("its scheme is not known here")]
    UnknownScheme,
    /// RFC 8976 section 4 step 5c.
    #[error("its hash algorithm is not known here")]
    UnknownAlgorithm,
    /// RFC 8976 section 2.2: serial, scheme, algorithm, and 12 octets or more.
    #[error("it is too short to be a ZONEMD record")]
    Malformed,
}

/// The outcome in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// There is no ZONEMD record: nothing is claimed.
    Absent,
    /// One matches; a checksum, authenticated by nobody.
    Matches,
    /// None can be checked here.
    NotVerifiable,
    /// One can be checked and none is right, or the set of them is not as it must be.
    Fails,
}

impl Finding {
    /// The fields of RDATA, if they are all there.
    pub(super) fn read(rdata: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(rdata);
        let (serial, scheme, hash) = (cursor.u32().ok()?, cursor.u8().ok()?, cursor.u8().ok()?);
        // RFC 8976 section 2.2.4: "MUST NOT be shorter than 12 octets".
        (cursor.remaining() >= 12).then_some(Self { serial, scheme, hash, outcome: Outcome::Differs })
    }

    /// The algorithm, if scheme and algorithm are known.
    pub(super) fn algorithm(self) -> Option<Algorithm> {
        Algorithm::from_number(self.hash).filter(|_| self.scheme == SIMPLE)
    }
}

impl Verification {
    /// Holds every record to the steps of RFC 8976 section 4, with the digests that were computed.
    pub(super) fn new<'d>(serial: u32, zonemd: &[Vec<u8>], computed: impl Fn(Algorithm) -> Option<&'d [u8]>) -> Self {
        let read = |rdata: &Vec<u8>| {
            let malformed = Finding { serial: 0, scheme: 0, hash: 0, outcome: Outcome::Malformed };
            let Some(finding) = Finding::read(rdata) else { return malformed };
            let same = |other: &&Vec<u8>| other.get(4..6) == rdata.get(4..6);
            let digest = rdata.get(6..).unwrap_or_default();
            let outcome = match finding.algorithm() {
                _ if zonemd.iter().filter(same).count() > 1 => Outcome::Repeated,
                _ if finding.serial != serial => Outcome::OtherSerial,
                None if finding.scheme != SIMPLE => Outcome::UnknownScheme,
                None => Outcome::UnknownAlgorithm,
                Some(algorithm) if digest.len() != algorithm.octets() => Outcome::DigestLength,
                Some(algorithm) if computed(algorithm) == Some(digest) => Outcome::Matches,
                Some(_) => Outcome::Differs,
            };
            Finding { outcome, ..finding }
        };
        Self { serial, findings: zonemd.iter().map(read).collect() }
    }

    /// One for each ZONEMD record at the apex.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// RFC 8976 section 4: one record that matches is enough, unless the set repeats itself; records of unknown schemes
    /// or algorithms say nothing, neither good nor bad.
    pub fn verdict(&self) -> Verdict {
        let any = |outcome| self.findings.iter().any(|finding| finding.outcome == outcome);
        let unknown = |finding: &Finding| matches!(finding.outcome, Outcome::UnknownScheme | Outcome::UnknownAlgorithm);
        if self.findings.is_empty() {
            Verdict::Absent
        } else if any(Outcome::Repeated) || any(Outcome::Malformed) {
            Verdict::Fails
        } else if any(Outcome::Matches) {
            Verdict::Matches
        } else if self.findings.iter().all(unknown) {
            Verdict::NotVerifiable
        } else {
            Verdict::Fails
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.verdict() {
            Verdict::Absent => "no ZONEMD: the zone makes no claim about its digest",
            Verdict::Matches => "ZONEMD checksum matches; not authenticated (no DNSSEC validation)",
            Verdict::NotVerifiable => "ZONEMD not verifiable: only schemes or algorithms that are not known here",
            Verdict::Fails => "ZONEMD FAILS",
        })?;
        if self.verdict() != Verdict::Fails {
            return Ok(());
        }
        let parts = self.findings.iter().enumerate();
        parts.into_iter().try_for_each(|(at, finding)| {
            let Finding { serial, scheme, hash, outcome } = finding;
            let lead = if at == 0 { ": " } else { "; " };
            write!(f, "{lead}serial {serial}, scheme {scheme}, algorithm {hash}: {outcome}")?;
            if *outcome == Outcome::OtherSerial { write!(f, " ({})", self.serial) } else { Ok(()) }
        })
    }
}
