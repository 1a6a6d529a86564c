//! Why a check ended with the zone as it was.

use crate::converge::{PlanError, Unchanged};
use crate::fs::JournalError;
use crate::observe::WatchedError;
use crate::probe::ProbeError;

/// Whatever this says, nothing was written to the zone, or what was asked to be written was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A server's name has no address: configuration, or the resolver.
    #[error("the address of {server} cannot be found: {source}")]
    Resolve {
        /// The server as given.
        server: String,
        /// What the system's resolver said.
        source: std::io::Error,
    },
    /// NOTIFY cannot be listened for there: configuration.
    #[error("NOTIFY cannot be listened for at {address}: {source}; name a free address and port of this machine")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No key for the update: the caller's to decide.
    #[error(
        "there is no key to sign the update to {server}: give it one, allow an unsigned update, or only compare the zones"
    )]
    NoKey {
        /// The source as given.
        server: String,
    },
    /// The servers given make no check.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The zone's name leaves no room for a probe.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// What is to be watched is not in the zone.
    #[error(transparent)]
    Watched(#[from] WatchedError),
    /// The journal cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run ended before the zone was changed.
    #[error(transparent)]
    Unchanged(#[from] Unchanged),
}
