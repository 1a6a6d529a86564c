//! The options of `check`.

use super::cutover::ClockArguments;
use super::headings::{KEYS, NETWORK, TASK, TIME};
use super::kerberos::{KerberosArguments, SignedQueries};
use super::keys::KeyArguments;
use super::memory::MemoryArguments;
use super::network::{NetworkArguments, listening_address};
use super::output::{JournalArguments, OutputArguments};
use super::policy::PolicyArguments;
use super::subject::SubjectArguments;
use super::usage;
use crate::defaults;
use crate::span::Span;
use clap::{Args, ValueEnum};
use dnsconverge::probe::ProbeType;
use std::ffi::OsString;
use std::net::SocketAddr;

/// `check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct CheckArguments {
    /// Servers and zones.
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Do not compare the zones after the probe has arrived
    #[arg(long, help_heading = TASK)]
    pub(crate) no_compare: bool,
    /// Write nothing: watch the records of TYPE at NAME (`@` for the zone itself), which you change by hand, until every
    /// destination shows exactly what the source holds
    #[arg(long, num_args = 2, value_names = ["NAME", "TYPE"], help_heading = TASK)]
    #[arg(conflicts_with_all = ["dry_run", "unsigned", "source_update_key", "destination_update_key"])]
    pub(crate) observe: Vec<String>,
    /// With --observe: wait until the source holds this record, written as in a zone file; without it any change counts
    #[arg(long, value_name = "DATA", requires = "observe", help_heading = TASK)]
    pub(crate) rdata: Option<String>,
    /// What record the probe is [default: a with -g and --ad, txt otherwise]
    #[arg(long, value_enum, value_name = "TYPE", help_heading = TASK)]
    pub(crate) probe_type: Option<ProbeKind>,
    /// Every server is the source in turn, the others its destinations, one direction after the other: for zones that are
    /// written at several servers. The zones are compared once, after the last direction, if one has converged
    #[arg(long, conflicts_with = "observe", help_heading = TASK)]
    pub(crate) both_ways: bool,
    /// Do the pre-flight, print the update that would be sent, and send none
    #[arg(long, help_heading = TASK)]
    pub(crate) dry_run: bool,
    /// Ask for no lease on the probe. Otherwise a source that speaks EDNS is asked for one (RFC 9664) that is longer than the run: if it
    /// grants leases, it removes the probe by itself should nobody live to do it
    #[arg(long, conflicts_with = "observe", help_heading = TASK)]
    pub(crate) no_lease: bool,
    /// Go on without the destinations that fail the pre-flight; they become inconclusive
    #[arg(long, help_heading = TASK)]
    pub(crate) keep_going: bool,
    /// Listen for NOTIFY at this address: one from a server of the run makes its next poll come at once. Needs one zone
    #[arg(long, value_name = "ADDRESS[#PORT]", value_parser = listening_address, conflicts_with = "zones")]
    #[arg(help_heading = NETWORK)]
    pub(crate) listen: Option<SocketAddr>,
    /// Say at the end when at the earliest SOURCE can be switched off, with the lag that was measured
    #[arg(long, help_heading = TASK)]
    pub(crate) cutover: bool,
    /// What the cut-over clock goes by.
    #[command(flatten)]
    pub(crate) clock: ClockArguments,
    /// Let the update go out unsigned if there is no key for it: the server must accept it by address
    #[arg(long, help_heading = KEYS)]
    pub(crate) unsigned: bool,
    /// The key for the update at the source alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS, conflicts_with = "gss")]
    pub(crate) source_update_key: Option<OsString>,
    /// The key for the updates at the destinations, where they are the source in turn (--both-ways, --ad)
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) destination_update_key: Option<OsString>,
    /// How long the probe may take to arrive everywhere
    #[arg(long, value_name = "TIME", default_value_t = defaults::DEADLINE, help_heading = TIME)]
    pub(crate) deadline: Span,
    /// How long after the first poll the second comes; half of it apart are the answers that confirm the probe, and in
    /// long runs the polls come ever more slowly while nothing new is seen
    #[arg(long, value_name = "TIME", default_value_t = defaults::INTERVAL, help_heading = TIME)]
    pub(crate) interval: Span,
    /// How many answers in a row must show the probe, at every address; twice as many after each time that it was shown and
    /// then was not
    #[arg(long, value_name = "N", default_value_t = defaults::CONFIRMATIONS, help_heading = TIME)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) confirmations: u32,
    /// How long taking the probe back may take; the deadline does not shorten it
    #[arg(long, value_name = "TIME", default_value_t = defaults::CLEANUP_TIMEOUT, help_heading = TIME)]
    pub(crate) cleanup_timeout: Span,
    /// What is not a difference.
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    /// Memory.
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    /// Keys.
    #[command(flatten)]
    pub(crate) keys: KeyArguments,
    /// Kerberos.
    #[command(flatten)]
    pub(crate) kerberos: KerberosArguments,
    /// What else it signs.
    #[command(flatten)]
    pub(crate) signed: SignedQueries,
    /// Where the journal is.
    #[command(flatten)]
    pub(crate) journal: JournalArguments,
    /// Network.
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Output.
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// What record a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeKind {
    /// TXT, which says in words what it is
    Txt,
    /// An address in 127.128/9, for directories: Windows does not sign its answers to TXT rightly, and Samba's module for
    /// BIND alters TXT
    A,
}

/// # What was meant
impl CheckArguments {
    /// Whether every server is the source in turn. A change that is made by hand is made at one place.
    pub(crate) fn is_both_ways(&self) -> bool {
        self.both_ways || (self.policy.ad && self.observe.is_empty())
    }

    /// A key that signs nothing is a mistake.
    pub(super) fn require_use_of_keys(&self) -> Result<(), clap::Error> {
        if self.destination_update_key.is_some() && !self.is_both_ways() {
            return Err(usage(
                "--destination-update-key signs nothing: updates go to SOURCE alone, unless --both-ways is said"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// The probe's type: as asked, or what directories can do where Kerberos signs.
    pub(crate) fn probe_type(&self) -> ProbeType {
        match self.probe_type {
            Some(ProbeKind::A) => ProbeType::Address,
            None if self.kerberos.gss || self.policy.ad => ProbeType::Address,
            Some(ProbeKind::Txt) | None => ProbeType::Txt,
        }
    }
}
