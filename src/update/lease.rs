//! Update leases (RFC 9664): for how long what an update adds is to stay, if nobody takes it back.
//!
//! A lease takes nothing off our hands: the probe is deleted as it always is. It is for the case that nobody lives to do that,
//! and it is a word of the server, so nothing that is concluded rests on it.

use crate::wire::{Message, UPDATE_LEASE};
use std::fmt;
use std::time::Duration;

/// A lease in seconds, asked for or granted; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease(u32);

impl Lease {
    /// At least so long, in whole seconds; what is longer than the option can say is the longest that it can say.
    pub fn lasting(time: Duration) -> Self {
        let whole = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
        Self(u32::try_from(whole).unwrap_or(u32::MAX).max(1))
    }

    /// The lease that this reply grants; none if it grants none.
    ///
    /// RFC 9664 section 4: the option has 4 octets, or 8 where KEY records have a lease of their own, which ours are not.
    /// Another length, and a lease of no time at all, say nothing.
    pub fn granted_by(reply: &Message<'_>) -> Option<Self> {
        let octets = reply.opt()?.option(UPDATE_LEASE)?;
        let (lease, rest) = octets.split_first_chunk::<4>()?;
        let seconds = u32::from_be_bytes(*lease);
        (matches!(rest.len(), 0 | 4) && seconds > 0).then_some(Self(seconds))
    }

    /// Its seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// How long it is.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }

    /// The data of the option that asks for it: the form of 4 octets, since no KEY record is added.
    pub(super) fn octets(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}
