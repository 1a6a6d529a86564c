//! What is not a difference.

use super::headings::COMPARISON;
use crate::defaults;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What is not a difference, and what else is looked at.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct PolicyArguments {
    /// What counts when zones are compared [default: multi-primary with -g and --ad, exact otherwise]
    #[arg(long, value_enum, help_heading = COMPARISON)]
    pub(crate) policy: Option<Policy>,
    /// The servers are domain controllers of Active Directory: --policy multi-primary; check: the probe is an address,
    /// --both-ways, and _msdcs.ZONE is checked too
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) ad: bool,
    /// A TTL that differs is no difference
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) ignore_ttl: bool,
    /// A serial that differs is no difference
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) ignore_serial: bool,
    /// Ask for every known record set instead of transferring the zone from each server: finds differences, proves no
    /// equality (exit status 2). The names come from the first server that can be transferred
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) without_axfr: bool,
    /// With --without-axfr: so many questions a second to one server at most
    #[arg(long, value_name = "N", default_value_t = defaults::MAX_QPS, help_heading = COMPARISON)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) max_qps: u32,
    /// With --without-axfr: ask for the names in this list too, one a line, with types behind it or under common ones; "-"
    /// reads standard input. Where no server can be transferred, all are asked for them
    #[arg(long, value_name = "FILE", requires = "without_axfr", help_heading = COMPARISON)]
    pub(crate) names: Option<PathBuf>,
    /// With --without-axfr: "no difference found" is enough (exit status 0)
    #[arg(long, requires = "without_axfr", help_heading = COMPARISON)]
    pub(crate) accept_partial: bool,
    /// Probes that other runs of this program have planted count too; they are left out and counted otherwise
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) count_probes: bool,
    /// Letters of names count as they are written, upper or lower case
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) strict: bool,
    /// Compute and show the digest of every side (ZONEMD, SIMPLE with SHA-384); ZONEMD records are verified anyway
    #[arg(long, help_heading = COMPARISON)]
    pub(crate) zonemd: bool,
    /// What the verdict may rest on, of a server that does not stand still for three transfers
    #[arg(long, value_enum, default_value_t, help_heading = COMPARISON)]
    pub(crate) basis: BasisAllowed,
}

/// What a verdict may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum BasisAllowed {
    /// Whole transfers, and what a server tells of its changes since (IXFR); the result says which
    #[default]
    Any,
    /// Whole transfers alone
    Axfr,
}

/// The presets of what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Policy {
    /// Every record counts
    Exact,
    /// Records that a signer makes (RRSIG, NSEC, NSEC3 ...) are left out
    Unsigned,
    /// Serial and MNAME of the SOA are left out, as each primary of Active Directory has its own
    MultiPrimary,
}
