//! What is to be seen at the destinations: a probe of ours, or a record set that somebody changes by hand.

use crate::observe::Watched;
use crate::present;
use crate::probe::Probe;
use crate::wire::{Rtype, WireName};

/// What a run does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "either something is written, or nothing is")]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
pub enum Task {
    /// This probe is planted at the source, watched and taken back.
    Probe(Probe),
    /// Nothing is written: what the source holds of this is watched until every destination holds it too.
    Observe {
        /// The zone.
        zone: WireName,
        /// The record set.
        watched: Watched,
        /// Seconds since 1970 at which the run began.
        started_unix: u64,
    },
}

impl Task {
    /// The zone.
    pub fn zone(&self) -> &WireName {
        match self {
            Self::Probe(probe) => probe.zone(),
            Self::Observe { zone, .. } => zone,
        }
    }

    /// Name and type that the destinations are asked for.
    pub fn wanted(&self) -> (&WireName, Rtype) {
        match self {
            Self::Probe(probe) => (probe.owner(), probe.rtype()),
            Self::Observe { watched, .. } => (watched.owner(), watched.rtype()),
        }
    }

    /// Seconds since 1970 at which the run began.
    pub fn started_unix(&self) -> u64 {
        match self {
            Self::Probe(probe) => probe.started_unix(),
            Self::Observe { started_unix, .. } => *started_unix,
        }
    }

    /// What is watched, if nothing is written.
    pub fn watched(&self) -> Option<&Watched> {
        match self {
            Self::Probe(_) => None,
            Self::Observe { watched, .. } => Some(watched),
        }
    }

    /// The probe, if there is one.
    pub fn probe(&self) -> Option<&Probe> {
        match self {
            Self::Probe(probe) => Some(probe),
            Self::Observe { .. } => None,
        }
    }

    /// The owner of what is wanted, as text.
    pub(super) fn owner_text(&self) -> String {
        present::name(self.wanted().0).to_string()
    }
}
