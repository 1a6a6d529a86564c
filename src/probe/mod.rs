//! The probe record: its owner, its token, and how one of another run is recognised.
//!
//! A [`Probe`] is decided completely before anything is sent, so that exactly what was created can be taken back, by
//! this run, by a later one from its [`JournalEntry`], or by a person. This module draws no random numbers, reads no
//! clock, and sends nothing.

mod address;
mod entry;
mod leftover;
#[cfg(test)]
mod tests;
mod token;

pub use self::entry::{EntryError, JournalEntry};
pub use self::leftover::Leftover;
pub use self::token::{OWNER_RANDOM_OCTETS, RANDOM_OCTETS, RunId, TOKEN_OCTETS};

use crate::present;
use crate::wire::{Rtype, WireName};

/// The label under which all probes live, so that a server can grant this subtree and no more.
pub const PROBE_LABEL: &str = "_dnsconverge";
/// The TTL of a probe in seconds: low, because caches outlive the run; not 0, which some servers raise or refuse.
pub const PROBE_TTL: u32 = 60;

/// What record a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "these two are what every server can do right")]
pub enum ProbeType {
    /// TXT: everything that makes it unique is in the RDATA, and people can read it.
    #[default]
    Txt,
    /// A, for directories: Windows signs its replies to updates of few other types rightly, and Samba's module for BIND
    /// makes one string of several. What makes it unique is in the owner; the RDATA is a random address in 127.128/9.
    Address,
}

/// One probe record, wholly decided: zone, owner, type and RDATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The zone into which it is written.
    zone: WireName,
    /// Where it stands.
    owner: WireName,
    /// What it is.
    kind: ProbeType,
    /// A name beside it which nobody uses, for questions that must not put the owner into a cache.
    sibling: WireName,
    /// Its RDATA in wire format.
    rdata: Vec<u8>,
    /// The run that made it.
    run: RunId,
    /// Seconds since 1970 at which that run began.
    started: u64,
}

/// Why no probe can stand in a zone; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// RFC 1035 section 2.3.4: names have 255 octets or less.
    #[error(
        "the zone's name has {zone} octets: with the probe's two labels before it, it would exceed the 255 of a name; compare with `diff` instead"
    )]
    ZoneNameTooLong {
        /// Length of the zone's name in wire format.
        zone: usize,
    },
}

impl Probe {
    /// A TXT probe for this zone: as [`Probe::of_type`].
    pub fn new(
        zone: &WireName,
        random: &[u8; RANDOM_OCTETS],
        run: RunId,
        started_unix: u64,
    ) -> Result<Self, ProbeError> {
        Self::of_type(ProbeType::Txt, zone, random, run, started_unix)
    }

    /// A probe for this zone; `random` must come from a source that nobody can predict, new for every run.
    ///
    /// U3: the owner has 130 random bits. The RDATA of TXT has another 128, with the run and its time; with A these two
    /// stand in the owner, and the RDATA has 23 random bits.
    pub fn of_type(
        kind: ProbeType,
        zone: &WireName,
        random: &[u8; RANDOM_OCTETS],
        run: RunId,
        started_unix: u64,
    ) -> Result<Self, ProbeError> {
        let (owner, rest) = random.split_at(OWNER_RANDOM_OCTETS);
        let (token, sibling) = rest.split_at(TOKEN_OCTETS);
        let name = |octets| {
            let name = match kind {
                ProbeType::Txt => token::owner(octets, zone),
                ProbeType::Address => address::owner(octets, run, started_unix, zone),
            };
            name.ok_or(ProbeError::ZoneNameTooLong { zone: zone.as_octets().len() })
        };
        let rdata = match kind {
            ProbeType::Txt => token::rdata(run, token, started_unix),
            ProbeType::Address => address::rdata(token),
        };
        Ok(Self { zone: *zone, owner: name(owner)?, kind, sibling: name(sibling)?, rdata, run, started: started_unix })
    }

    /// The zone into which it is written.
    pub fn zone(&self) -> &WireName {
        &self.zone
    }

    /// Where it stands: `<26 base32 letters>._dnsconverge.<zone>`; with A there are 47 letters.
    pub fn owner(&self) -> &WireName {
        &self.owner
    }

    /// A random name beside it that is never written: asking for it shows wildcards, aliases and zone cuts, and leaves
    /// no negative answer for the owner in the cache of something that sits before a server.
    pub fn sibling(&self) -> &WireName {
        &self.sibling
    }

    /// Its type.
    pub fn rtype(&self) -> Rtype {
        match self.kind {
            ProbeType::Txt => Rtype::TXT,
            ProbeType::Address => Rtype::A,
        }
    }

    /// Its RDATA in wire format.
    pub fn rdata(&self) -> &[u8] {
        &self.rdata
    }

    /// The run that made it.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// Seconds since 1970 at which that run began.
    pub fn started_unix(&self) -> u64 {
        self.started
    }

    /// The owner as text.
    pub fn owner_text(&self) -> String {
        present::name(&self.owner).to_string()
    }

    /// The type as text.
    pub fn rtype_text(&self) -> String {
        present::rtype(self.rtype()).to_string()
    }

    /// The RDATA as text: quoted character strings, or an address.
    pub fn rdata_text(&self) -> String {
        present::rdata(self.rtype(), &self.rdata).to_string()
    }
}
