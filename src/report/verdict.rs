//! The few words in which a report ends, and the exit status they amount to.

use serde::{Deserialize, Serialize};

/// Whether the probe arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these four")]
pub enum Propagation {
    /// The exact record was shown often enough in a row.
    Converged,
    /// It was not, by the deadline.
    NotConverged,
    /// It cannot be said.
    Inconclusive,
    /// Not asked, or not come to.
    NotTested,
}

/// What became of the probe at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these three")]
pub enum Cleanup {
    /// Deleted, and the source confirmed that it is gone.
    Removed,
    /// It may still be there.
    Unconfirmed,
    /// None was ever written.
    NotPlanted,
}

/// The whole run in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these seven")]
pub enum Outcome {
    /// Everything that was asked is proven.
    Ok,
    /// There was nothing to prove: the source takes no updates, so no check was made from it.
    Skipped,
    /// The zones are not the same.
    Different,
    /// The zones are the same, and something is wrong with them in themselves (ZONEMD, nothing in them): see the findings.
    Faulty,
    /// The probe did not arrive by the deadline.
    NotConverged,
    /// It could not be told; no probe is left.
    Inconclusive,
    /// A probe may be left behind.
    ProbeLeft,
}

impl Outcome {
    /// The exit status: 0 ok or skipped, 1 not converged, different or faulty, 2 could not tell, 3 a probe may be left.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Ok | Self::Skipped => 0,
            Self::Different | Self::Faulty | Self::NotConverged => 1,
            Self::Inconclusive => 2,
            Self::ProbeLeft => 3,
        }
    }
}

impl Propagation {
    /// The word that JSON and text share.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::NotConverged => "not converged",
            Self::Inconclusive => "inconclusive",
            Self::NotTested => "not tested",
        }
    }
}
