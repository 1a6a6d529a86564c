//! The command line: verbs, options, and what each may be. Whatever is wrong ends here, with exit status 2.

mod check;
mod cutover;
mod diff;
mod fetch;
mod headings;
mod hint;
mod kerberos;
mod keys;
mod memory;
mod network;
mod output;
mod policy;
mod side;
mod sides;
mod subject;
mod sweep;
mod target;
mod tls;
mod verb;

#[cfg(test)]
mod tests;

pub(crate) use self::check::CheckArguments;
pub(crate) use self::cutover::{ClockArguments, CutoverArguments};
pub(crate) use self::diff::DiffArguments;
pub(crate) use self::fetch::FetchArguments;
pub(crate) use self::kerberos::KerberosArguments;
pub(crate) use self::keys::{KeyArguments, SecretText};
pub(crate) use self::network::NetworkArguments;
pub(crate) use self::output::Format;
pub(crate) use self::policy::{BasisAllowed, Policy, PolicyArguments};
pub(crate) use self::side::{ChosenSide, SideArgument};
pub(crate) use self::sides::FileArguments;
pub(crate) use self::subject::SubjectArguments;
pub(crate) use self::sweep::SweepArguments;
pub(crate) use self::target::Target;
#[cfg(feature = "tls")]
pub(crate) use self::tls::TlsArguments;

use self::headings::OTHER;
use self::verb::with_verb;
use crate::help;
use crate::keys::looks_like_a_key;
use clap::error::{ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::{OsStr, OsString};

/// Has a DNS change arrived on every server, and do these servers hold exactly the same records?
#[derive(Debug, Parser)]
#[command(name = "dnsconvergecheck", version, disable_help_subcommand = true, subcommand_required = true)]
#[command(max_term_width = 100, override_usage = "dnsconvergecheck [VERB] SOURCE DESTINATION ZONE [OPTIONS]")]
pub(crate) struct Arguments {
    /// What is to be done.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it in a run")]
pub(crate) enum Verb {
    /// Write a probe at SOURCE, see it arrive at every DESTINATION, take it back, compare the zones (the default verb)
    #[command(before_help = help::CHECK_EXAMPLES, after_long_help = help::sections(Some("check")))]
    Check(CheckArguments),
    /// Compare the zone's records on SOURCE and DESTINATION, servers or zone files; nothing is written
    #[command(before_help = help::DIFF_EXAMPLES, after_long_help = help::sections(Some("diff")))]
    Diff(DiffArguments),
    /// Write the zone of one side as a canonical zone file, with its digest, to be compared later
    #[command(before_help = help::FETCH_EXAMPLES, after_long_help = help::sections(Some("fetch")))]
    Fetch(FetchArguments),
    /// Say when at the earliest OLD can be switched off, with the arithmetic shown; nothing is written
    #[command(before_help = help::CUTOVER_EXAMPLES, after_long_help = help::sections(Some("cutover")))]
    Cutover(CutoverArguments),
    /// Take back probes that earlier runs left behind
    #[command(before_help = help::SWEEP_EXAMPLES, after_long_help = help::sections(Some("sweep")))]
    Sweep(SweepArguments),
    /// Show a converging server, a lagging one and a difference, on name servers inside this program
    #[command(before_help = help::DEMO_EXAMPLES, after_long_help = help::sections(Some("demo")))]
    Demo(DemoArguments),
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// No step lines: the results alone
    #[arg(short = 'q', help_heading = OTHER)]
    pub(crate) quiet: bool,
}

/// # Reading
impl Arguments {
    /// Whether results and errors alone are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        match &self.verb {
            Verb::Check(CheckArguments { output, .. })
            | Verb::Diff(DiffArguments { output, .. })
            | Verb::Cutover(CutoverArguments { output, .. })
            | Verb::Sweep(SweepArguments { output, .. }) => output.quiet,
            Verb::Fetch(fetch) => fetch.quiet,
            Verb::Demo(demo) => demo.quiet,
        }
    }

    /// Reads the command line; `check` is the verb where none is named.
    ///
    /// # Errors
    /// Something is wrong, or help or the version were asked for.
    pub(crate) fn read(line: impl IntoIterator<Item = OsString>) -> Result<Self, Unread> {
        let line = with_verb(line.into_iter().collect());
        match line.as_slice() {
            [_, only] if only == "-h" => return Err(Unread::Help(help::short())),
            [_, only] if only == "--help" => return Err(Unread::Help(help::long())),
            _ => {}
        }
        if let Some(wrong) = hint::help_on_no_verb(&line) {
            return Err(Unread::Parser(usage(wrong)));
        }
        let hint = hint::about(&line);
        let matches = Self::command().try_get_matches_from(line).map_err(without_secrets);
        let matches = matches.map_err(|error| hint::with(error, hint))?;
        let arguments = Self::from_arg_matches(&matches)?;
        match &arguments.verb {
            Verb::Check(check) => {
                check.subject.require_different_servers(&check.network)?;
                check.require_use_of_keys()?;
                check.network.require_tls_of_somebody(check.subject.all().chain(&check.clock.parent))?;
            }
            Verb::Diff(diff) => {
                diff.sides.require_different_sides(&diff.network)?;
                diff.network.require_tls_of_somebody(diff.sides.servers())?;
            }
            Verb::Fetch(fetch) => fetch.network.require_tls_of_somebody(fetch.side.server().into_iter())?,
            Verb::Cutover(cutover) => {
                cutover.require_different_servers()?;
                cutover.network.require_tls_of_somebody(cutover.servers())?;
            }
            Verb::Sweep(sweep) => sweep.network.require_tls_of_somebody(sweep.server.iter())?,
            Verb::Demo(_) => {}
        }
        Ok(arguments)
    }
}

/// Why there are no arguments.
#[derive(Debug)]
pub(crate) enum Unread {
    /// Help for the whole program was asked for: here it is.
    Help(String),
    /// Something is wrong, or a verb's help or the version were asked for.
    Parser(clap::Error),
}

impl From<clap::Error> for Unread {
    fn from(error: clap::Error) -> Self {
        Self::Parser(error)
    }
}

/// L4: an error that would repeat what may be a key says something else.
fn without_secrets(error: clap::Error) -> clap::Error {
    let shows_a_key = error.context().any(|(_, value)| match value {
        ContextValue::String(text) => looks_like_a_key(OsStr::new(text)),
        ContextValue::Strings(texts) => texts.iter().any(|text| looks_like_a_key(OsStr::new(text))),
        _ => false,
    });
    if !shows_a_key {
        return error;
    }
    usage(
        "a key stands where none belongs (it is not repeated here): write it behind -y, or put it into a file for -k"
            .into(),
    )
}

/// An error of usage in clap's own shape.
pub(super) fn usage(text: String) -> clap::Error {
    Arguments::command().error(ErrorKind::ValueValidation, text)
}
