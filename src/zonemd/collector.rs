//! Takes the records of a zone in any order while they pass by, and digests them at the end if there is reason to.
//!
//! A digest needs all records at once, in order. So a zone is held only if its digest is wanted, or if a ZONEMD record was
//! among the first records of its apex: servers begin with the apex, and then it is known before anything else comes. A
//! ZONEMD record that comes later is noted ([`Digested::late`]): whoever wants it verified begins anew, holding all.

use super::{Algorithm, Digester, Ordered, Verdict, Verification, ZonemdError};
use crate::canonical::CanonicalRecord;
use crate::wire::{Rtype, WireError, WireName};

/// Whether a digest is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "whether it is wanted, and what a late claim costs")]
pub enum Wanted {
    /// Only if the zone has ZONEMD records, to verify them.
    #[default]
    WherePresent,
    /// The same, and wherever in the stream those come: all is held.
    WhereverPresent,
    /// Always; ZONEMD records are verified too.
    Always,
}

/// Holds the records of one zone as far as there is reason to.
#[derive(Debug)]
pub struct Collector {
    /// The name of the zone, in lower case.
    apex: WireName,
    /// Whether a digest is computed.
    wanted: Wanted,
    /// What is done with records.
    state: State,
    /// The records that are held, in the layout of `canonical`.
    held: Vec<u8>,
    /// Whether a ZONEMD record of the apex is among them, or has passed.
    zonemd: bool,
}

/// What is done with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only the apex has come; it is held.
    AtApex,
    /// All are held.
    Holding,
    /// There was no reason to hold them.
    Passing,
    /// There are too many.
    TooLarge,
}

/// What became of the digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Digested {
    /// The digest of scheme SIMPLE with SHA-384, if it was wanted.
    pub digest: Option<Vec<u8>>,
    /// What became of the ZONEMD records.
    pub zonemd: Option<Verification>,
    /// A ZONEMD record came after other data, when it was too late to hold all.
    pub late: bool,
    /// Why there is no digest, or none was verified.
    pub trouble: Option<Trouble>,
}

/// Why a zone was not digested although there was reason to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// Own limit.
    #[error("its digest was not computed: the zone takes more than {} MiB, the limit for sorting it", Collector::OCTETS >> 20)]
    TooLarge,
    /// The records are no zone that has a digest.
    #[error("it has no digest: {0}")]
    NoDigest(#[from] ZonemdError),
}

impl Collector {
    /// Own limit: the octets of records that are held for one digest; to sort them takes 8 more for each record.
    pub const OCTETS: usize = 1 << 30;

    /// For that zone.
    pub fn new(zone: &WireName, wanted: Wanted) -> Self {
        let state = if wanted == Wanted::WherePresent { State::AtApex } else { State::Holding };
        Self { apex: zone.to_lowercase(), wanted, state, held: Vec::new(), zonemd: false }
    }

    /// Whether a record of that type is of any interest; where it is not, [`Self::record`] need not be called.
    pub fn wants(&self, rtype: Rtype) -> bool {
        matches!(self.state, State::AtApex | State::Holding) || rtype == Rtype::ZONEMD
    }

    /// Takes the record that `write` appends in canonical form.
    ///
    /// # Errors
    /// That of `write`.
    pub fn record(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>) -> Result<(), WireError> {
        let start = self.held.len();
        write(&mut self.held)?;
        let (record, _) = CanonicalRecord::split_first(self.held.get(start..).unwrap_or_default())?;
        let at_apex = record.owner() == self.apex.as_octets();
        self.zonemd |= at_apex && record.rtype() == Rtype::ZONEMD;
        match self.state {
            State::AtApex if !at_apex => self.state = if self.zonemd { State::Holding } else { State::Passing },
            State::Holding if self.held.len() > Self::OCTETS => self.state = State::TooLarge,
            _ => {}
        }
        match self.state {
            State::AtApex | State::Holding => {}
            State::Passing | State::TooLarge => self.held = Vec::new(),
        }
        Ok(())
    }

    /// Sorts and digests what was held, after the last record.
    pub fn finish(self) -> Digested {
        let mut digested = Digested::default();
        let due = self.wanted == Wanted::Always || self.zonemd;
        match self.state {
            State::Passing => digested.late = self.zonemd,
            State::TooLarge => digested.trouble = Some(Trouble::TooLarge),
            State::AtApex | State::Holding if due => match self.digest() {
                Ok((digest, zonemd)) => (digested.digest, digested.zonemd) = (digest, Some(zonemd)),
                Err(error) => digested.trouble = Some(error.into()),
            },
            State::AtApex | State::Holding => {}
        }
        digested
    }

    /// One sort for both.
    fn digest(&self) -> Result<(Option<Vec<u8>>, Verification), ZonemdError> {
        let ordered = Ordered::new(&self.held)?;
        let mut verifying = Digester::verifying(&self.apex);
        let mut computing = (self.wanted == Wanted::Always).then(|| Digester::computing(&self.apex, Algorithm::Sha384));
        for record in ordered.records() {
            verifying.add(&record)?;
            computing.as_mut().map_or(Ok(()), |computing| computing.add(&record))?;
        }
        Ok((computing.map(Digester::digest).transpose()?, verifying.verify()?))
    }
}

impl Digested {
    /// Whether the zone contradicts its own ZONEMD records, and how.
    pub fn failure(&self) -> Option<&Verification> {
        self.zonemd.as_ref().filter(|zonemd| zonemd.verdict() == Verdict::Fails)
    }
}
