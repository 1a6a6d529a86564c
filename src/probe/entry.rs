//! What the journal keeps about a probe before it is planted: enough to take it back, and no secret.

use super::{Leftover, Probe};
use crate::present;
use crate::wire::{CLASS_IN, Rtype, WireName};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The version of the entry's format.
const FORMAT: u32 = 1;

/// One journal entry (U14): written and synced before the add, removed after the verified delete.
///
/// Names and RDATA stand in it twice: as octets in hexadecimal, which count, and as text for the person who reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The version of this format.
    format: u32,
    /// The server to which the update goes.
    pub server: SocketAddr,
    /// That server as the person gave it.
    pub server_as_given: String,
    /// Whether the update goes over TLS; the deletion then does, too, and by nothing else.
    #[serde(default)]
    pub secured: bool,
    /// The name of the key that signs the update; never its secret (L4).
    pub key_name: Option<String>,
    /// Seconds since 1970 at which the run began.
    pub started_unix: u64,
    /// The run.
    pub run: String,
    /// The zone, for people.
    pub zone: String,
    /// The owner, for people.
    pub owner: String,
    /// The RDATA, for people.
    pub rdata: String,
    /// The zone's octets.
    zone_octets: String,
    /// The owner's octets.
    owner_octets: String,
    /// The RDATA's octets.
    rdata_octets: String,
}

/// Why an entry is not believed; it is left where it is, for a person to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Written by a version that does not exist yet.
    #[error("the journal entry has format {0}, this program reads format 1")]
    Format(u32),
    /// Hexadecimal or a name that cannot be read.
    #[error("the journal entry is damaged: its {0} cannot be read")]
    Damaged(&'static str),
    /// Owner or RDATA which this program never writes.
    #[error("the journal entry does not describe a probe: nothing is deleted on its word")]
    NotAProbe,
}

impl JournalEntry {
    /// The entry of a probe that is about to be sent to this server.
    pub fn new(probe: &Probe, server: SocketAddr, server_as_given: &str, key_name: Option<&str>) -> Self {
        let hex = |octets: &[u8]| data_encoding::HEXLOWER.encode(octets);
        Self {
            format: FORMAT,
            server,
            server_as_given: server_as_given.to_owned(),
            secured: false,
            key_name: key_name.map(str::to_owned),
            started_unix: probe.started_unix(),
            run: probe.run().to_string(),
            zone: present::name(probe.zone()).to_string(),
            owner: probe.owner_text(),
            rdata: probe.rdata_text(),
            zone_octets: hex(probe.zone().as_octets()),
            owner_octets: hex(probe.owner().as_octets()),
            rdata_octets: hex(probe.rdata()),
        }
    }

    /// The update goes over TLS, or not; default not.
    #[must_use]
    pub fn secured(mut self, secured: bool) -> Self {
        self.secured = secured;
        self
    }

    /// The probe of which it speaks; an entry that speaks of anything else is refused (it came from a file).
    pub fn probe(&self) -> Result<Probe, EntryError> {
        if self.format != FORMAT {
            return Err(EntryError::Format(self.format));
        }
        let octets =
            |hex: &str, field| HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| EntryError::Damaged(field));
        let name =
            |hex: &str, field| WireName::from_octets(&octets(hex, field)?).map_err(|_| EntryError::Damaged(field));
        let (zone, owner) = (name(&self.zone_octets, "zone")?, name(&self.owner_octets, "owner")?);
        let rdata = octets(&self.rdata_octets, "RDATA")?;
        // No TXT probe is as short as an address.
        let rtype = if rdata.len() == 4 { Rtype::A } else { Rtype::TXT };
        let leftover = Leftover::recognise(&zone, &owner, rtype, CLASS_IN, &rdata);
        leftover.map(|leftover| leftover.probe).ok_or(EntryError::NotAProbe)
    }
}
