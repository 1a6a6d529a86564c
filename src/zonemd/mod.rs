//! The digest over a whole zone: RFC 8976, scheme SIMPLE, with SHA-384 and SHA-512.
//!
//! Records go in as `canonical` gives them ([`Form::Canonical`](crate::canonical::Form)), in canonical order, one at a
//! time; [`Ordered`] sorts those that are in another one, [`Sorter`] those that may take more than memory. What comes out
//! is a digest ([`Digester::computing`]), or what became of every ZONEMD record at the apex ([`Digester::verifying`]).
//!
//! A digest that matches is a checksum: it shows that the zone is whole, not who made it. RFC 8976 section 4 steps 1 to 3
//! want the ZONEMD record itself proven by DNSSEC, which nothing here does.

mod collector;
mod sorting;
#[cfg(test)]
mod tests;
mod verification;

pub use self::collector::{Collector, Digested, Trouble, Wanted};
pub use self::sorting::{SortError, Sorted, Sorter};
pub use self::verification::{Finding, Outcome, Verdict, Verification};

use crate::canonical::CanonicalRecord;
use crate::serial::Serial;
use crate::wire::{CLASS_IN, Rtype, WireError, WireName};
use sha2::{Digest, Sha384, Sha512};
use std::cmp::Ordering;

/// The scheme SIMPLE (RFC 8976 section 2.2.2), the only one that is defined.
pub const SIMPLE: u8 = 1;

/// A hash algorithm (RFC 8976 section 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// SHA-384, number 1.
    Sha384,
    /// SHA-512, number 2.
    Sha512,
}

impl Algorithm {
    /// The algorithm of that number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Sha384),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Its number in the registry.
    pub const fn number(self) -> u8 {
        match self {
            Self::Sha384 => 1,
            Self::Sha512 => 2,
        }
    }

    /// How many octets its digest has; it is never truncated (RFC 8976 section 2.2.3).
    pub const fn octets(self) -> usize {
        match self {
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// Why there is no digest of these records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZonemdError {
    /// RFC 8976 section 3.3.1: canonical order. The caller's fault.
    #[error("a record that belongs before the one before it; sort the records first")]
    Order,
    /// RFC 8976 section 3: one zone has one class.
    #[error("a record of a class other than IN; such a zone has no digest here")]
    Class,
    /// RFC 1035 section 5.2: a zone has one SOA.
    #[error("no SOA at the apex, or more than one; the digest belongs to one serial")]
    Soa,
    /// Octets that are no record of `canonical`. The caller's fault.
    #[error("octets that are not records in canonical form")]
    Octets,
}

impl From<WireError> for ZonemdError {
    fn from(_: WireError) -> Self {
        Self::Octets
    }
}

/// Takes the records of a zone in canonical order, and gives its digest or the outcome of its ZONEMD records.
///
/// Memory: the records of the apex until the next owner comes, since only then all ZONEMD records are known and with them
/// the hashes that are needed; after that, one record.
#[derive(Debug)]
pub struct Digester {
    /// The name of the zone, in lower case.
    apex: WireName,
    /// The algorithm that is computed; `None` if the zone's ZONEMD records say which.
    algorithm: Option<Algorithm>,
    /// The records of the apex that are not hashed yet.
    held: Vec<u8>,
    /// Whether that is over.
    started: bool,
    /// SHA-384, if it is needed.
    sha384: Option<Sha384>,
    /// SHA-512, if it is needed.
    sha512: Option<Sha512>,
    /// The record before, in the layout of `canonical`; empty at first.
    previous: Vec<u8>,
    /// The next one; kept for its allocation.
    present: Vec<u8>,
    /// The serial of the SOA.
    serial: Option<u32>,
    /// RDATA of the ZONEMD records at the apex.
    zonemd: Vec<Vec<u8>>,
}

impl Digester {
    /// Computes the digest of a zone with that algorithm, whatever ZONEMD records there are.
    pub fn computing(zone: &WireName, algorithm: Algorithm) -> Self {
        Self::new(zone, Some(algorithm))
    }

    /// Verifies the ZONEMD records of a zone.
    pub fn verifying(zone: &WireName) -> Self {
        Self::new(zone, None)
    }

    /// Before the first record.
    fn new(zone: &WireName, algorithm: Option<Algorithm>) -> Self {
        Self {
            apex: zone.to_lowercase(),
            algorithm,
            held: Vec::new(),
            started: false,
            sha384: None,
            sha512: None,
            previous: Vec::new(),
            present: Vec::new(),
            serial: None,
            zonemd: Vec::new(),
        }
    }

    /// Takes the next record.
    ///
    /// RFC 8976 section 3.3.1.1: left out are data outside of the zone, the ZONEMD records at the apex and the signatures
    /// over them; duplicates and the SOA count once. All else counts: glue, what a delegation hides, all of DNSSEC, and
    /// ZONEMD records elsewhere.
    ///
    /// # Errors
    /// The rule that the record breaks; there is no digest then.
    pub fn add(&mut self, record: &CanonicalRecord<'_>) -> Result<(), ZonemdError> {
        if record.class() != CLASS_IN {
            return Err(ZonemdError::Class);
        }
        if !self.previous.is_empty() {
            let (previous, _) = CanonicalRecord::split_first(&self.previous)?;
            match previous.order(record) {
                Ordering::Greater => return Err(ZonemdError::Order),
                _ if is_duplicate(&previous, record) => return Ok(()),
                _ => {}
            }
        }
        self.present.clear();
        record.write(&mut self.present);
        if record.owner() == self.apex.as_octets() {
            self.add_at_apex(record)?;
        } else if record.owner_name().is_at_or_below(&self.apex) {
            self.start();
            self.hash_present();
        }
        std::mem::swap(&mut self.previous, &mut self.present);
        Ok(())
    }

    /// Takes a record of the apex.
    fn add_at_apex(&mut self, record: &CanonicalRecord<'_>) -> Result<(), ZonemdError> {
        match record.rtype() {
            Rtype::SOA if self.serial.is_some() => return Err(ZonemdError::Soa),
            Rtype::SOA => self.serial = Some(Serial::of_soa(record.rdata()).ok_or(ZonemdError::Octets)?.0),
            Rtype::ZONEMD => {
                self.zonemd.push(record.rdata().to_vec());
                return Ok(());
            }
            Rtype::RRSIG if record.rdata().starts_with(&Rtype::ZONEMD.0.to_be_bytes()) => return Ok(()),
            _ => {}
        }
        if self.started {
            self.hash_present();
        } else {
            self.held.extend_from_slice(&self.present);
        }
        Ok(())
    }

    /// All ZONEMD records are known: chooses the hashes and takes what was held.
    fn start(&mut self) {
        if self.started {
            return;
        }
        self.started = true;
        let named = self.zonemd.iter().filter_map(|rdata| Finding::read(rdata)?.algorithm());
        for algorithm in self.algorithm.map_or_else(|| named.collect::<Vec<_>>(), |algorithm| vec![algorithm]) {
            match algorithm {
                Algorithm::Sha384 => self.sha384 = Some(Sha384::new()),
                Algorithm::Sha512 => self.sha512 = Some(Sha512::new()),
            }
        }
        std::mem::swap(&mut self.present, &mut self.held);
        self.hash_present();
        std::mem::swap(&mut self.present, &mut self.held);
        self.held = Vec::new();
    }

    /// Hashes the octets of `present`.
    fn hash_present(&mut self) {
        if let Some(hash) = &mut self.sha384 {
            hash.update(&self.present);
        }
        if let Some(hash) = &mut self.sha512 {
            hash.update(&self.present);
        }
    }

    /// The digest of all records, after the last one of a [`Digester::computing`].
    ///
    /// # Errors
    /// [`ZonemdError::Soa`] if there was no SOA.
    pub fn digest(mut self) -> Result<Vec<u8>, ZonemdError> {
        self.start();
        self.serial.ok_or(ZonemdError::Soa)?;
        let (sha384, sha512) = (self.sha384.take(), self.sha512.take());
        let digest = sha384.map(|hash| hash.finalize().to_vec()).or_else(|| Some(sha512?.finalize().to_vec()));
        // Without an algorithm there are no ZONEMD records either: nothing to compute.
        digest.ok_or(ZonemdError::Octets)
    }

    /// What became of every ZONEMD record, after the last record of a [`Digester::verifying`].
    ///
    /// # Errors
    /// [`ZonemdError::Soa`] if there was no SOA.
    pub fn verify(mut self) -> Result<Verification, ZonemdError> {
        self.start();
        let serial = self.serial.ok_or(ZonemdError::Soa)?;
        let sha384 = self.sha384.take().map(|hash| hash.finalize().to_vec());
        let sha512 = self.sha512.take().map(|hash| hash.finalize().to_vec());
        let computed = |algorithm| match algorithm {
            Algorithm::Sha384 => sha384.as_deref(),
            Algorithm::Sha512 => sha512.as_deref(),
        };
        Ok(Verification::new(serial, &self.zonemd, computed))
    }
}

/// RFC 8976 section 3.3.1.1: "equal owner, class, type, and RDATA"; the first in order, which has the lowest TTL, counts.
fn is_duplicate(a: &CanonicalRecord<'_>, b: &CanonicalRecord<'_>) -> bool {
    a.owner() == b.owner() && a.rtype() == b.rtype() && a.rdata() == b.rdata()
}

/// The digest of the records, which are in canonical order.
///
/// # Errors
/// See [`Digester::add`] and [`Digester::digest`].
pub fn compute<'r>(
    zone: &WireName,
    records: impl IntoIterator<Item = CanonicalRecord<'r>>,
    algorithm: Algorithm,
) -> Result<Vec<u8>, ZonemdError> {
    let mut digester = Digester::computing(zone, algorithm);
    records.into_iter().try_for_each(|record| digester.add(&record))?;
    digester.digest()
}

/// What becomes of the ZONEMD records among the records, which are in canonical order.
///
/// # Errors
/// See [`Digester::add`] and [`Digester::verify`].
pub fn verify<'r>(
    zone: &WireName,
    records: impl IntoIterator<Item = CanonicalRecord<'r>>,
) -> Result<Verification, ZonemdError> {
    let mut digester = Digester::verifying(zone);
    records.into_iter().try_for_each(|record| digester.add(&record))?;
    digester.verify()
}

/// Records that stand one behind the other in the layout of `canonical`, in canonical order: 8 octets a record and one
/// sort, so that the cost of a zone is bounded (RFC 8976 section 6.6).
#[derive(Debug)]
pub struct Ordered<'r> {
    /// The records.
    octets: &'r [u8],
    /// Where each starts.
    starts: Vec<usize>,
}

impl<'r> Ordered<'r> {
    /// Finds the records and sorts them.
    ///
    /// # Errors
    /// [`ZonemdError::Octets`] if it is not one whole record behind the other.
    pub fn new(octets: &'r [u8]) -> Result<Self, ZonemdError> {
        let mut starts = Vec::new();
        let mut rest = octets;
        while !rest.is_empty() {
            starts.push(octets.len().saturating_sub(rest.len()));
            (_, rest) = CanonicalRecord::split_first(rest)?;
        }
        let mut ordered = Self { octets, starts: Vec::new() };
        starts.sort_unstable_by(|a, b| match (ordered.at(*a), ordered.at(*b)) {
            (Some(a), Some(b)) => a.order(&b),
            _ => Ordering::Equal,
        });
        ordered.starts = starts;
        Ok(ordered)
    }

    /// The record that starts there.
    fn at(&self, start: usize) -> Option<CanonicalRecord<'r>> {
        self.octets.get(start..).and_then(|rest| CanonicalRecord::split_first(rest).ok()).map(|(record, _)| record)
    }

    /// The records in canonical order.
    pub fn records(&self) -> impl Iterator<Item = CanonicalRecord<'r>> + '_ {
        self.starts.iter().filter_map(|start| self.at(*start))
    }
}
