//! The options of `diff`.

use super::headings::TIME;
use super::kerberos::KerberosArguments;
use super::keys::KeyArguments;
use super::memory::MemoryArguments;
use super::network::NetworkArguments;
use super::output::OutputArguments;
use super::policy::PolicyArguments;
use super::sides::SidesArguments;
use crate::defaults;
use crate::span::Span;
use clap::Args;

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// Sides and zones.
    #[command(flatten)]
    pub(crate) sides: SidesArguments,
    /// How long a destination that is behind and advancing is waited for
    #[arg(long, value_name = "TIME", default_value_t = defaults::DEADLINE, help_heading = TIME)]
    pub(crate) deadline: Span,
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
    /// Network.
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Output.
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}
