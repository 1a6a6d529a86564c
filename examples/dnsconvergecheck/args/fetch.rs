//! The options of `fetch`.

use super::headings::{OTHER, SUBJECT};
use super::kerberos::KerberosArguments;
use super::keys::KeyArguments;
use super::memory::MemoryArguments;
use super::network::NetworkArguments;
use super::side::{self, SideArgument};
use super::sides::FileArguments;
use crate::name::ZoneName;
use clap::Args;
use std::path::PathBuf;

/// `fetch`.
#[derive(Debug, Args)]
pub(crate) struct FetchArguments {
    /// Whose zone it is: a server, a zone file, or - for standard input
    #[arg(value_parser = side::parser())]
    pub(crate) side: SideArgument,
    /// The zone
    pub(crate) zone: ZoneName,
    /// The file to write, whole or not at all; - is standard output
    #[arg(short = 'o', value_name = "FILE", required = true, help_heading = SUBJECT)]
    pub(crate) output: PathBuf,
    /// How zone files are to be read.
    #[command(flatten)]
    pub(crate) files: FileArguments,
    /// How much may be held.
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    /// Keys.
    #[command(flatten)]
    pub(crate) keys: KeyArguments,
    /// Kerberos.
    #[command(flatten)]
    pub(crate) kerberos: KerberosArguments,
    /// Network.
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// No step lines and no warnings: errors alone
    #[arg(short = 'q', help_heading = OTHER)]
    pub(crate) quiet: bool,
}
