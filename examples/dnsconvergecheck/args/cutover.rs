//! The options of `cutover`, and those that `check --cutover` shares with it.

use super::headings::{SUBJECT, TASK};
use super::kerberos::KerberosArguments;
use super::keys::KeyArguments;
use super::network::{NetworkArguments, Repeated};
use super::output::OutputArguments;
use super::target::{Target, target};
use super::usage;
use crate::name::ZoneName;
use crate::span::Span;
use clap::Args;

/// `cutover`.
#[derive(Debug, Args)]
pub(crate) struct CutoverArguments {
    /// The server that is to be switched off: host, host:port, host#port or [v6]:port
    #[arg(value_parser = target)]
    pub(crate) old: Target,
    /// A server that stays, written as OLD
    #[arg(value_parser = target)]
    pub(crate) new: Target,
    /// The zone; the final dot may be left out, letters beyond ASCII are welcome
    pub(crate) zone: ZoneName,
    /// One more server that stays; may be repeated
    #[arg(long = "destination", value_name = "SERVER", value_parser = target, help_heading = SUBJECT)]
    pub(crate) more: Vec<Target>,
    /// How long a change takes to reach the servers that are named here, where it was measured; REFRESH and RETRY bound it for
    /// others, and without it
    #[arg(long, value_name = "TIME", help_heading = TASK)]
    pub(crate) lag: Option<Span>,
    /// What it goes by.
    #[command(flatten)]
    pub(crate) clock: ClockArguments,
    /// Keys.
    #[command(flatten)]
    pub(crate) keys: KeyArguments,
    /// Kerberos.
    #[command(flatten)]
    pub(crate) kerberos: KerberosArguments,
    /// Network.
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Output.
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// # Meaning
impl CutoverArguments {
    /// Those that stay.
    pub(crate) fn stay(&self) -> impl Iterator<Item = &Target> {
        std::iter::once(&self.new).chain(&self.more)
    }

    /// All servers.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Target> {
        std::iter::once(&self.old).chain(self.stay()).chain(&self.clock.parent)
    }

    /// V9: a server that goes cannot stay.
    pub(super) fn require_different_servers(&self) -> Result<(), clap::Error> {
        match self.network.repeated(&self.old, self.stay()) {
            Some(Repeated::First(server)) => Err(usage(format!(
                "{server} is OLD itself, which cannot stay when it is switched off: name another server"
            ))),
            Some(Repeated::Twice(server)) => Err(usage(format!("the server {server} is named twice: name it once"))),
            None => Ok(()),
        }
    }
}

/// What the cut-over clock goes by.
#[derive(Debug, Args)]
pub(crate) struct ClockArguments {
    /// A server of the parent zone, asked for the delegation, as are the other servers of that zone; may be repeated
    #[arg(long, value_name = "SERVER", value_parser = target, help_heading = TASK)]
    pub(crate) parent: Vec<Target>,
    /// The TTL in seconds that the NS records and the addresses of the servers had before it was lowered for the change
    #[arg(long, value_name = "SECONDS", help_heading = TASK)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=i64::from(i32::MAX)))]
    pub(crate) ttl_before: Option<u32>,
    /// How long ago the last record that named the old server was changed; without it the clock counts from now
    #[arg(long, value_name = "TIME", help_heading = TASK)]
    pub(crate) changed: Option<Span>,
}
