//! Probes that another run left behind: recognised by owner and RDATA both, or not ours.

use super::{Probe, ProbeType, address, token};
use crate::wire::{CLASS_IN, Rtype, WireName};
use std::time::Duration;

/// A probe of another run, found in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The probe, ready to be deleted exactly.
    pub probe: Probe,
}

impl Leftover {
    /// Recognises a record of the zone as a probe; anything that deviates in one octet is somebody else's.
    pub fn recognise(zone: &WireName, owner: &WireName, rtype: Rtype, class: u16, rdata: &[u8]) -> Option<Self> {
        let (kind, (run, started)) = match rtype {
            _ if class != CLASS_IN => return None,
            Rtype::TXT => (ProbeType::Txt, token::read_rdata(rdata).filter(|_| token::is_owner(owner, zone))?),
            Rtype::A => (ProbeType::Address, address::read(owner, rdata, zone)?),
            _ => return None,
        };
        let probe = Probe { zone: *zone, owner: *owner, kind, sibling: *owner, rdata: rdata.to_vec(), run, started };
        Some(Self { probe })
    }

    /// Whether a name could be the owner of a probe, at a glance; [`recognise`](Self::recognise) says whether it is.
    pub(crate) fn may_own(owner: &[u8]) -> bool {
        token::may_be_owner(owner)
    }

    /// How long ago its run began; zero if that lies in the future, so that a wrong clock never makes a probe old.
    pub fn age(&self, now_unix: u64) -> Duration {
        Duration::from_secs(now_unix.saturating_sub(self.probe.started))
    }
}
