//! Takes the records of a zone in any order while they pass by, and digests them at the end if there is reason to.
//!
//! A digest needs all records at once, in order. So a zone is held only if its digest is wanted, or if a ZONEMD record was
//! among the first records of its apex: servers begin with the apex, and then it is known before anything else comes. A
//! ZONEMD record that comes later is noted ([`Digested::late`]): whoever wants it verified begins anew, holding all.

use super::{Algorithm, Digester, SortError, Sorted, Sorter, Verdict, Verification, ZonemdError};
use crate::canonical::CanonicalRecord;
use crate::diff::{RunError, RunStore};
use crate::wire::{Rtype, WireError, WireName};
use std::sync::Arc;

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
    /// Never, and nothing is held: somebody else sees to it.
    Never,
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
    /// The records that are held.
    held: Sorter,
    /// Whether a ZONEMD record of the apex is among them, or has passed.
    zonemd: bool,
    /// Why they cannot be held any more.
    failed: Option<Trouble>,
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
    /// They cannot be held any more.
    Failed,
}

/// What became of the digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Digested {
    /// The digest of scheme SIMPLE with SHA-384, if it was wanted.
    pub digest: Option<Vec<u8>>,
    /// What became of the ZONEMD records.
    pub zonemd: Option<Verification>,
    /// Whether all of the zone has passed; if not, it is not even known whether it has ZONEMD records.
    pub examined: bool,
    /// A ZONEMD record came after other data, when it was too late to hold all.
    pub late: bool,
    /// Why there is no digest, or none was verified.
    pub trouble: Option<Trouble>,
}

/// Why a zone was not digested although there was reason to.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// Own limit, where there is no place but memory.
    #[error("its digest was not computed: the zone takes more than {} MiB, the limit for sorting it", Collector::OCTETS >> 20)]
    TooLarge,
    /// What does not fit into memory cannot be kept elsewhere.
    #[error("its digest was not computed: {0}")]
    Unkept(#[source] Arc<RunError>),
    /// The records are no zone that has a digest.
    #[error("it has no digest: {0}")]
    NoDigest(#[from] ZonemdError),
}

impl PartialEq for Trouble {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::TooLarge, Self::TooLarge) => true,
            (Self::Unkept(own), Self::Unkept(other)) => Arc::ptr_eq(own, other),
            (Self::NoDigest(own), Self::NoDigest(other)) => own == other,
            (Self::TooLarge | Self::Unkept(_) | Self::NoDigest(_), _) => false,
        }
    }
}

impl Eq for Trouble {}

impl From<SortError> for Trouble {
    fn from(error: SortError) -> Self {
        match error {
            SortError::Octets => Self::NoDigest(ZonemdError::Octets),
            SortError::TooLarge => Self::TooLarge,
            SortError::Unkept(error) => Self::Unkept(error),
        }
    }
}

impl Collector {
    /// Own limit: the octets of records that are held for one digest where nothing else is said.
    pub const OCTETS: usize = 1 << 30;

    /// For that zone.
    pub fn new(zone: &WireName, wanted: Wanted) -> Self {
        let state = match wanted {
            Wanted::WherePresent => State::AtApex,
            Wanted::WhereverPresent | Wanted::Always => State::Holding,
            Wanted::Never => State::Passing,
        };
        Self { apex: zone.to_lowercase(), wanted, state, held: Sorter::new(Self::OCTETS), zonemd: false, failed: None }
    }

    /// Holds so many octets in memory, and puts the others into that store, which serves this alone.
    #[must_use]
    pub fn within(mut self, octets: usize, store: Arc<dyn RunStore>) -> Self {
        self.held = Sorter::new(octets).spilling_into(store);
        self
    }

    /// Whether a record of that type is of any interest; where it is not, [`Self::record`] need not be called.
    pub fn wants(&self, rtype: Rtype) -> bool {
        match self.state {
            State::AtApex | State::Holding => true,
            State::Passing | State::Failed => rtype == Rtype::ZONEMD && self.wanted != Wanted::Never,
        }
    }

    /// Takes the record that `write` appends in canonical form.
    ///
    /// # Errors
    /// That of `write`.
    pub fn record(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>) -> Result<(), WireError> {
        let buffer = self.held.buffer();
        let start = buffer.len();
        write(buffer)?;
        let (record, _) = CanonicalRecord::split_first(buffer.get(start..).unwrap_or_default())?;
        let at_apex = record.owner() == self.apex.as_octets();
        self.zonemd |= at_apex && record.rtype() == Rtype::ZONEMD;
        if self.state == State::AtApex && !at_apex {
            self.state = if self.zonemd { State::Holding } else { State::Passing };
        }
        let kept = match self.state {
            State::AtApex | State::Holding => self.held.look(),
            State::Passing | State::Failed => {
                // What was held before goes as well.
                self.held = Sorter::new(0);
                Ok(())
            }
        };
        if let Err(error) = kept {
            (self.state, self.failed) = (State::Failed, Some(error.into()));
            self.held = Sorter::new(0);
        }
        Ok(())
    }

    /// Sorts and digests what was held, after the last record.
    pub fn finish(self) -> Digested {
        let mut digested = Digested { examined: true, ..Digested::default() };
        let due = self.wanted == Wanted::Always || self.zonemd;
        match self.state {
            State::Passing if self.wanted == Wanted::Never => digested.examined = false,
            State::Passing => digested.late = self.zonemd,
            State::Failed => digested.trouble = self.failed,
            State::AtApex | State::Holding if due => {
                let sorted = self.held.finish().map_err(Trouble::from);
                match sorted.and_then(|sorted| Digested::of(&sorted, &self.apex, self.wanted)) {
                    Ok(found) => digested = found,
                    Err(trouble) => digested.trouble = Some(trouble),
                }
            }
            State::AtApex | State::Holding => {}
        }
        digested
    }
}

impl Digested {
    /// Of a zone that was sorted: its ZONEMD records are verified, and its digest is computed where it is always wanted.
    ///
    /// # Errors
    /// [`Trouble`]: there is none.
    pub fn of(sorted: &Sorted, zone: &WireName, wanted: Wanted) -> Result<Self, Trouble> {
        let mut verifying = Digester::verifying(zone);
        let mut computing = (wanted == Wanted::Always).then(|| Digester::computing(zone, Algorithm::Sha384));
        sorted.each(|record| {
            verifying.add(record)?;
            computing.as_mut().map_or(Ok(()), |computing| computing.add(record))?;
            Ok::<_, Trouble>(())
        })?;
        let digest = computing.map(Digester::digest).transpose()?;
        Ok(Self { digest, zonemd: Some(verifying.verify()?), examined: true, ..Self::default() })
    }

    /// Whether the zone contradicts its own ZONEMD records, and how.
    pub fn failure(&self) -> Option<&Verification> {
        self.zonemd.as_ref().filter(|zonemd| zonemd.verdict() == Verdict::Fails)
    }
}
