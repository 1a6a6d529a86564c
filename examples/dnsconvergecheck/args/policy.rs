//! What is not a difference.

use super::headings::COMPARISON;
use clap::{Args, ValueEnum};

/// What is not a difference, and what else is looked at.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct PolicyArguments {
    /// What counts when zones are compared
    #[arg(long, value_enum, default_value_t, help_heading = COMPARISON)]
    pub(crate) policy: Policy,
    /// A TTL that differs is no difference
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) ignore_ttl: bool,
    /// A serial that differs is no difference
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) ignore_serial: bool,
    /// Letters of names count as they are written, upper or lower case
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) strict: bool,
    /// Compute and show the digest of every side (ZONEMD, SIMPLE with SHA-384); ZONEMD records are verified anyway
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) zonemd: bool,
}

/// The presets of what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Policy {
    /// Every record counts
    #[default]
    Exact,
    /// Records that a signer makes (RRSIG, NSEC, NSEC3 ...) are left out
    Unsigned,
    /// Serial and MNAME of the SOA are left out, as each primary of Active Directory has its own
    MultiPrimary,
}
