//! The options of `sweep`.

use super::headings::{KEYS, TASK, TIME};
use super::kerberos::{KerberosArguments, SignedQueries};
use super::keys::{SecretText, secret};
use super::network::NetworkArguments;
use super::output::{JournalArguments, OutputArguments};
use super::target::{Target, target};
use crate::defaults;
use crate::name::ZoneName;
use crate::span::Span;
use clap::Args;
use std::ffi::OsString;

/// `sweep`.
#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// The server to look through; without it, what the journal names is taken back
    #[arg(value_parser = target, requires_all = ["zone", "all_older_than"])]
    pub(crate) server: Option<Target>,
    /// The zone to look through
    pub(crate) zone: Option<ZoneName>,
    /// Remove every probe at SERVER in ZONE that began so long ago, whichever run made it
    #[arg(long, value_name = "TIME", requires = "server", help_heading = TASK)]
    pub(crate) all_older_than: Option<Span>,
    /// List what would be removed, and remove nothing
    #[arg(long, help_heading = TASK)]
    pub(crate) dry_run: bool,
    /// Send updates without a signature: the server must accept them by address
    #[arg(long, help_heading = KEYS)]
    pub(crate) unsigned: bool,
    /// The key for all servers: a key file as BIND or kdig have it, and which of its keys
    #[arg(short = 'k', value_name = "FILE[:NAME]", conflicts_with = "key_text", help_heading = KEYS)]
    pub(crate) key_file: Option<OsString>,
    /// The key for all servers in clear; other users see it in the process list
    #[arg(short = 'y', value_name = "[HMAC:]NAME:SECRET", value_parser = secret(), help_heading = KEYS)]
    pub(crate) key_text: Option<SecretText>,
    /// The key for the deletions, where it is another than that for queries and transfers
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS, conflicts_with = "gss")]
    pub(crate) source_update_key: Option<OsString>,
    /// Kerberos.
    #[command(flatten)]
    pub(crate) kerberos: KerberosArguments,
    /// What else it signs.
    #[command(flatten)]
    pub(crate) signed: SignedQueries,
    /// Use keys whose hash is broken: hmac-md5, hmac-sha1
    #[arg(long, help_heading = KEYS)]
    pub(crate) allow_weak_keys: bool,
    /// How long taking one probe back may take
    #[arg(long, value_name = "TIME", default_value_t = defaults::CLEANUP_TIMEOUT, help_heading = TIME)]
    pub(crate) cleanup_timeout: Span,
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
