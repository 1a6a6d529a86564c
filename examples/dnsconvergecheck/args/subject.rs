//! Which servers and zones it is about.

use super::headings::SUBJECT;
use super::network::{NetworkArguments, Repeated};
use super::target::{Target, target};
use super::usage;
use crate::name::ZoneName;
use clap::Args;
use std::path::PathBuf;

/// Two or more servers and the zones in question.
#[derive(Debug, Clone, Args)]
pub(crate) struct SubjectArguments {
    /// Where the change is made: host, host:port, host#port or [v6]:port; behind it ?key=FILE[:NAME], ?tls and more
    #[arg(value_parser = target)]
    pub(crate) source: Target,
    /// Where it must appear, written as SOURCE
    #[arg(value_parser = target)]
    pub(crate) destination: Target,
    /// The zone; the final dot may be left out, letters beyond ASCII are welcome
    #[arg(required_unless_present = "zones")]
    pub(crate) zone: Option<ZoneName>,
    /// One more destination; may be repeated
    #[arg(long = "destination", value_name = "SERVER", value_parser = target, help_heading = SUBJECT)]
    pub(crate) more_destinations: Vec<Target>,
    /// A list of zones in place of ZONE, one a line, "#" for comments; "-" reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "zone", help_heading = SUBJECT)]
    pub(crate) zones: Option<PathBuf>,
}

/// # Meaning
impl SubjectArguments {
    /// All servers, the source first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Target> {
        std::iter::once(&self.source).chain(self.destinations())
    }

    /// All destinations, the first one first.
    pub(crate) fn destinations(&self) -> impl Iterator<Item = &Target> {
        std::iter::once(&self.destination).chain(&self.more_destinations)
    }

    /// Every server as the source in turn and the others as its destinations, in the order in which they were named.
    pub(crate) fn in_turn(&self) -> Vec<Self> {
        let with_source = |(at, source): (usize, &Target)| {
            let mut others = self.all().enumerate().filter(|(other, _)| *other != at).map(|(_, server)| server.clone());
            let destination = others.next()?;
            let more_destinations = others.collect();
            Some(Self { source: source.clone(), destination, more_destinations, zone: None, zones: None })
        };
        self.all().enumerate().filter_map(with_source).collect()
    }

    /// V9: a server that is compared with itself always agrees.
    pub(super) fn require_different_servers(&self, network: &NetworkArguments) -> Result<(), clap::Error> {
        match network.repeated(&self.source, self.destinations()) {
            Some(Repeated::First(destination)) => Err(usage(format!(
                "the destination {destination} is the source itself, and a server always agrees with itself: name another server"
            ))),
            Some(Repeated::Twice(destination)) => {
                Err(usage(format!("the destination {destination} is named twice: name it once")))
            }
            None => Ok(()),
        }
    }
}
