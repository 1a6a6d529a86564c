//! The command line: verbs, options, and what each may be. Whatever is wrong ends here, with exit status 2.
//!
//! What a secret may be is decided in `keys`: an error of this parser repeats the value that it rejects.

use crate::defaults;
use crate::help;
use crate::keys::looks_like_a_key;
use crate::name::ZoneName;
use crate::span::Span;
use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser};
use clap::error::{ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use dnsconverge::net::{Families, ServerAddress};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Has a DNS change arrived on every server, and do these servers hold exactly the same records?
#[derive(Debug, Parser)]
#[command(name = "dnsconvergecheck", version, disable_help_subcommand = true, subcommand_required = true)]
#[command(max_term_width = 120, override_usage = "dnsconvergecheck [VERB] SOURCE DESTINATION ZONE [OPTIONS]")]
pub(crate) struct Arguments {
    /// What is to be done.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a probe at SOURCE, see it arrive at every DESTINATION, take it back, compare the zones (the default verb)
    #[command(before_help = help::CHECK_EXAMPLES, after_long_help = help::sections())]
    Check(CheckArguments),
    /// Compare the zone's records on SOURCE and DESTINATION; nothing is written
    #[command(before_help = help::DIFF_EXAMPLES, after_long_help = help::sections())]
    Diff(DiffArguments),
    /// Take back probes that earlier runs left behind
    #[command(before_help = help::SWEEP_EXAMPLES, after_long_help = help::sections())]
    Sweep(SweepArguments),
    /// Show a converging server, a lagging one and a difference, on name servers inside this program
    #[command(before_help = help::DEMO_EXAMPLES)]
    Demo(DemoArguments),
}

/// Two or more servers and the zones in question.
#[derive(Debug, Args)]
pub(crate) struct SubjectArguments {
    /// Where the change is made: host, host:port, host#port or [v6]:port
    #[arg(value_parser = server)]
    pub(crate) source: ServerAddress,
    /// Where it must appear, written as SOURCE
    #[arg(value_parser = server)]
    pub(crate) destination: ServerAddress,
    /// The zone; the final dot may be left out, letters beyond ASCII are welcome
    #[arg(required_unless_present = "zones")]
    pub(crate) zone: Option<ZoneName>,
    /// One more destination; may be repeated
    #[arg(long = "destination", value_name = "SERVER", value_parser = server, help_heading = SUBJECT)]
    pub(crate) more_destinations: Vec<ServerAddress>,
    /// A list of zones in place of ZONE, one a line, "#" for comments; "-" reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "zone", help_heading = SUBJECT)]
    pub(crate) zones: Option<PathBuf>,
}

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
    /// Do the pre-flight, print the update that would be sent, and send none
    #[arg(long, help_heading = TASK)]
    pub(crate) dry_run: bool,
    /// Go on without the destinations that fail the pre-flight; they become inconclusive
    #[arg(long, help_heading = TASK)]
    pub(crate) keep_going: bool,
    /// Send the update without a signature: the server must accept it by address
    #[arg(long, help_heading = KEYS)]
    pub(crate) unsigned: bool,
    /// The key for the update at the source alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) source_update_key: Option<OsString>,
    /// How long the probe may take to arrive everywhere
    #[arg(long, value_name = "TIME", default_value_t = defaults::DEADLINE, help_heading = TIME)]
    pub(crate) deadline: Span,
    /// How long after the first poll the second comes; later ones come ever more slowly while nothing new is seen
    #[arg(long, value_name = "TIME", default_value_t = defaults::INTERVAL, help_heading = TIME)]
    pub(crate) interval: Span,
    /// How many answers in a row must show the probe, at every address
    #[arg(long, value_name = "N", default_value_t = defaults::CONFIRMATIONS, help_heading = TIME)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) confirmations: u32,
    /// How long taking the probe back may take; the deadline does not shorten it
    #[arg(long, value_name = "TIME", default_value_t = defaults::CLEANUP_TIMEOUT, help_heading = TIME)]
    pub(crate) cleanup_timeout: Span,
    /// What is not a difference.
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    /// Keys.
    #[command(flatten)]
    pub(crate) keys: KeyArguments,
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

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// Servers and zones.
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// How long a destination that is behind and advancing is waited for
    #[arg(long, value_name = "TIME", default_value_t = defaults::DEADLINE, help_heading = TIME)]
    pub(crate) deadline: Span,
    /// What is not a difference.
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    /// Keys.
    #[command(flatten)]
    pub(crate) keys: KeyArguments,
    /// Network.
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Output.
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// `sweep`.
#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// The server to look through; without it, what the journal names is taken back
    #[arg(value_parser = server, requires_all = ["zone", "all_older_than"])]
    pub(crate) server: Option<ServerAddress>,
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
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) source_update_key: Option<OsString>,
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

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// No step lines: the results alone
    #[arg(short = 'q', help_heading = OTHER)]
    pub(crate) quiet: bool,
}

/// Which key belongs to which server.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The key for all servers: a key file as BIND or kdig have it, and which of its keys
    #[arg(short = 'k', value_name = "FILE[:NAME]", conflicts_with = "key_text", help_heading = KEYS)]
    pub(crate) key_file: Option<OsString>,
    /// The key for all servers in clear; other users see it in the process list
    #[arg(short = 'y', value_name = "[HMAC:]NAME:SECRET", value_parser = secret(), help_heading = KEYS)]
    pub(crate) key_text: Option<SecretText>,
    /// The key for the source alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) source_key: Option<OsString>,
    /// The key for the destinations alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) destination_key: Option<OsString>,
}

/// What is not a difference.
#[derive(Debug, Args)]
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

/// Where the journal is.
#[derive(Debug, Args)]
pub(crate) struct JournalArguments {
    /// Where planted probes are written down, so that `sweep` finds them
    #[arg(long, value_name = "DIR", help_heading = OTHER)]
    pub(crate) journal_dir: Option<PathBuf>,
}

/// How servers are reached.
#[derive(Debug, Args)]
pub(crate) struct NetworkArguments {
    /// How long one exchange may take, its retries included
    #[arg(long, value_name = "TIME", default_value_t = defaults::TIMEOUT, help_heading = NETWORK)]
    pub(crate) timeout: Span,
    /// The port of servers that are written without one
    #[arg(short = 'p', value_name = "PORT", default_value_t = defaults::PORT, help_heading = NETWORK)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// The own address to send from
    #[arg(short = 'b', value_name = "ADDRESS[#PORT]", value_parser = own_address, help_heading = NETWORK)]
    pub(crate) bind: Option<SocketAddr>,
    /// IPv4 alone
    #[arg(short = '4', conflicts_with = "v6", help_heading = NETWORK)]
    pub(crate) v4: bool,
    /// IPv6 alone
    #[arg(short = '6', help_heading = NETWORK)]
    pub(crate) v6: bool,
}

/// What is shown and how.
#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// How the result is written to standard output
    #[arg(long, value_enum, default_value_t, help_heading = OTHER)]
    pub(crate) format: Format,
    /// No step lines and no warnings: the result and errors alone
    #[arg(short = 'q', action = ArgAction::SetTrue, help_heading = OTHER)]
    pub(crate) quiet: bool,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: one object a zone, one zone a line
    Json,
}

/// A key in clear, as typed. It can be used and not be shown.
#[derive(Clone)]
pub(crate) struct SecretText(OsString);

impl SecretText {
    /// Takes what the command line or the environment holds.
    pub(crate) fn new(text: OsString) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub(crate) fn reveal(&self) -> &OsStr {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Help: what is checked.
const SUBJECT: &str = "Servers and zones";
/// Help: what is done.
const TASK: &str = "What is done";
/// Help: signatures.
const KEYS: &str = "Keys (TSIG)";
/// Help: patience.
const TIME: &str = "Time";
/// Help: what counts as a difference.
const COMPARISON: &str = "Comparison";
/// Help: sockets.
const NETWORK: &str = "Network";
/// Help: the rest.
const OTHER: &str = "Output and files";

/// Accepts every secret: a parser that rejects one would show it.
fn secret() -> ValueParser {
    ValueParser::new(OsStringValueParser::new().map(SecretText::new))
}

/// A server; `@` may stand before it, as for dig.
fn server(text: &str) -> Result<ServerAddress, <ServerAddress as FromStr>::Err> {
    text.strip_prefix('@').unwrap_or(text).parse()
}

/// `192.0.2.1`, `192.0.2.1#5353`, `2001:db8::1#5353` or `[2001:db8::1]:5353`.
fn own_address(text: &str) -> Result<SocketAddr, String> {
    let wrong =
        || "it is not an address of this machine: write 192.0.2.1, 2001:db8::1, or either with #PORT".to_owned();
    let (address, port) = match text.split_once('#') {
        Some((address, port)) => (address, port.parse().map_err(|_| wrong())?),
        None => (text, 0),
    };
    match address.parse::<IpAddr>() {
        Ok(address) => Ok(SocketAddr::new(address, port)),
        Err(_) => text.parse().map_err(|_| wrong()),
    }
}

/// # Meaning
impl NetworkArguments {
    /// Which families of addresses a name may resolve to.
    pub(crate) fn families(&self) -> Families {
        match (self.v4, self.v6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Both,
        }
    }

    /// The server with the port of `-p` if it was written without one.
    pub(crate) fn with_port(&self, server: &ServerAddress) -> ServerAddress {
        ServerAddress { host: server.host.clone(), port: server.port.or(Some(self.port)) }
    }
}

/// # Meaning
impl SubjectArguments {
    /// All destinations, the first one first.
    pub(crate) fn destinations(&self) -> impl Iterator<Item = &ServerAddress> {
        std::iter::once(&self.destination).chain(&self.more_destinations)
    }

    /// V9: a server that is compared with itself always agrees.
    fn require_different_servers(&self, network: &NetworkArguments) -> Result<(), clap::Error> {
        let mut seen = vec![network.with_port(&self.source).to_string().to_lowercase()];
        for destination in self.destinations() {
            let full = network.with_port(destination).to_string().to_lowercase();
            if seen.first() == Some(&full) {
                return Err(usage(format!(
                    "the destination {destination} is the source itself, and a server always agrees with itself: name another server"
                )));
            }
            if seen.contains(&full) {
                return Err(usage(format!("the destination {destination} is named twice: name it once")));
            }
            seen.push(full);
        }
        Ok(())
    }
}

/// # Reading
impl Arguments {
    /// Whether results and errors alone are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        match &self.verb {
            Verb::Check(CheckArguments { output, .. })
            | Verb::Diff(DiffArguments { output, .. })
            | Verb::Sweep(SweepArguments { output, .. }) => output.quiet,
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
        let matches = Self::command().try_get_matches_from(line).map_err(without_secrets)?;
        let arguments = Self::from_arg_matches(&matches)?;
        match &arguments.verb {
            Verb::Check(check) => check.subject.require_different_servers(&check.network)?,
            Verb::Diff(diff) => diff.subject.require_different_servers(&diff.network)?,
            Verb::Sweep(_) | Verb::Demo(_) => {}
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
fn usage(text: String) -> clap::Error {
    Arguments::command().error(ErrorKind::ValueValidation, text)
}

/// Puts the verb first: the first argument that is no option and no option's value, or `check`.
fn with_verb(mut line: Vec<OsString>) -> Vec<OsString> {
    if line.is_empty() {
        line.push("dnsconvergecheck".into());
    }
    let command = Arguments::command();
    let is_verb = |argument: &OsStr| command.get_subcommands().any(|verb| argument == verb.get_name());
    match first_positional(&line) {
        Some(at) if line.get(at).is_some_and(|argument| is_verb(argument)) => {
            let verb = line.remove(at);
            line.insert(1, verb);
        }
        // Alone, -h and -V are about the program.
        None if line
            .iter()
            .skip(1)
            .any(|argument| matches!(argument.to_str(), Some("-h" | "--help" | "-V" | "--version"))) =>
        {
            line.retain({
                let mut first = true;
                move |argument| {
                    std::mem::take(&mut first)
                        || matches!(argument.to_str(), Some("-h" | "--help" | "-V" | "--version"))
                }
            });
            line.truncate(2);
        }
        _ => line.insert(1, "check".into()),
    }
    line
}

/// Where the first argument stands that is neither an option nor the value of one.
fn first_positional(line: &[OsString]) -> Option<usize> {
    let mut value_follows = false;
    for (at, argument) in line.iter().enumerate().skip(1) {
        let text = argument.to_string_lossy();
        if std::mem::take(&mut value_follows) {
            continue;
        }
        if text == "--" {
            return None;
        }
        match text.strip_prefix("--") {
            Some(long) => value_follows = !long.contains('=') && takes_value(|arg| arg.get_long() == Some(long)),
            None if text.len() > 1 && text.starts_with('-') => {
                // In a cluster such as -qk only the last letter can have its value in the next argument.
                value_follows = ends_with_value_option(&text);
            }
            None => return Some(at),
        }
    }
    None
}

/// Whether the first letter of a cluster that takes a value is its last letter.
fn ends_with_value_option(cluster: &str) -> bool {
    let letters: Vec<char> = cluster.chars().skip(1).collect();
    let first = letters.iter().position(|letter| takes_value(|arg| arg.get_short() == Some(*letter)));
    first.is_some_and(|at| at + 1 == letters.len())
}

/// Whether an option of any verb that `wanted` picks takes a value.
fn takes_value(wanted: impl Fn(&clap::Arg) -> bool) -> bool {
    let command = Arguments::command();
    command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .any(|arg| wanted(arg) && arg.get_action().takes_values() && !arg.is_positional())
}

#[cfg(test)]
#[path = "args/tests.rs"]
mod tests;
