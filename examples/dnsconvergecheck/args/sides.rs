//! Which sides and zones are compared.

use super::headings::SUBJECT;
use super::network::NetworkArguments;
use super::side::{self, ChosenSide, SideArgument};
use super::target::Target;
use super::usage;
use crate::name::ZoneName;
use clap::{Args, ValueEnum};
use dnsconverge::zonefile;
use std::path::PathBuf;

/// Two or more sides and the zones in question.
#[derive(Debug, Args)]
pub(crate) struct SidesArguments {
    /// What the others are compared with: a server (host, host:port, host#port, [v6]:port), a zone file, or - for a zone
    /// file on standard input
    #[arg(value_parser = side::parser())]
    pub(crate) source: SideArgument,
    /// What is compared with it, written as SOURCE
    #[arg(value_parser = side::parser())]
    pub(crate) destination: SideArgument,
    /// The zone; the final dot may be left out, letters beyond ASCII are welcome
    #[arg(required_unless_present = "zones")]
    pub(crate) zone: Option<ZoneName>,
    /// One more destination; may be repeated
    #[arg(long = "destination", value_name = "SIDE", value_parser = side::parser(), help_heading = SUBJECT)]
    pub(crate) more_destinations: Vec<SideArgument>,
    /// A list of zones in place of ZONE, one a line, "#" for comments; "-" reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "zone", help_heading = SUBJECT)]
    pub(crate) zones: Option<PathBuf>,
    /// How zone files are to be read.
    #[command(flatten)]
    pub(crate) files: FileArguments,
}

/// How zone files are to be read.
#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// Which program wrote the zone files
    #[arg(long, value_enum, default_value_t, help_heading = SUBJECT)]
    pub(crate) dialect: Dialect,
    /// The directory below which $INCLUDE may read files, and where relative names begin [default: that of the zone file]
    #[arg(long, value_name = "DIR", help_heading = SUBJECT)]
    pub(crate) include_dir: Option<PathBuf>,
}

/// Which program wrote a zone file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Dialect {
    /// The Windows DNS server if the comments at the start say so
    #[default]
    Auto,
    /// As RFC 1035 and BIND have it
    Standard,
    /// The Windows DNS server: \DDD is octal
    Windows,
}

/// # Meaning
impl SidesArguments {
    /// All sides, the source first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SideArgument> {
        [&self.source, &self.destination].into_iter().chain(&self.more_destinations)
    }

    /// Those of them that are servers.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Target> {
        self.all().filter_map(|side| match side.chosen() {
            ChosenSide::Server(target) => Some(target),
            ChosenSide::File(_) | ChosenSide::StandardInput => None,
        })
    }

    /// V9: a side that is compared with itself always agrees. A file holds one zone, and standard input is read once.
    pub(super) fn require_different_sides(&self, network: &NetworkArguments) -> Result<(), clap::Error> {
        let mut seen: Vec<String> = Vec::new();
        for side in self.all() {
            let name = match side.chosen() {
                ChosenSide::Server(address) => network.with_port(address).to_string().to_lowercase(),
                ChosenSide::File(path) => format!("file:{}", path.display()),
                ChosenSide::StandardInput => "-".to_owned(),
            };
            if seen.first() == Some(&name) {
                return Err(usage(format!(
                    "the destination {side} is the source itself, and a side always agrees with itself: name another one"
                )));
            }
            if seen.contains(&name) {
                return Err(usage(format!("the destination {side} is named twice: name it once")));
            }
            if self.zones.is_some() && !matches!(side.chosen(), ChosenSide::Server(_)) {
                return Err(usage(format!("{side} holds one zone: name that zone in place of --zones")));
            }
            seen.push(name);
        }
        Ok(())
    }
}

impl From<Dialect> for zonefile::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Auto => Self::Automatic,
            Dialect::Standard => Self::Standard,
            Dialect::Windows => Self::Windows,
        }
    }
}
