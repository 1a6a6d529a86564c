//! In which directions a check is made: from the source alone, or from every server in turn (`--both-ways`, `--ad`).
//!
//! One after the other, each a check of its own: two probes at once would each be a foreign record to the other's check, and
//! that a zone is clean again is proven of one probe at a time.

use crate::args::{CheckArguments, SubjectArguments};
use crate::name::ZoneName;
use dnsconverge::net::unix_now;
use dnsconverge::report::{Event, EventKind, Report, ServerName};
use std::net::SocketAddr;
use std::time::Duration;

/// One server as the source, the others as destinations.
pub(crate) struct Direction {
    /// The servers.
    pub(crate) subject: SubjectArguments,
    /// Why no check is made.
    pub(crate) skipped: Option<Skipped>,
    /// Whether the zones are compared at its end, however it ends: that is done once.
    pub(crate) compares: bool,
}

/// Why a server is no source.
pub(crate) struct Skipped {
    /// Where it answered.
    pub(crate) address: SocketAddr,
    /// The reason, for people.
    pub(crate) why: String,
}

/// All directions of a check, in the order in which the servers were named.
pub(crate) fn all(arguments: &CheckArguments) -> Vec<Direction> {
    let subjects = if arguments.is_both_ways() { arguments.subject.in_turn() } else { vec![arguments.subject.clone()] };
    subjects.into_iter().map(|subject| Direction { subject, skipped: None, compares: false }).collect()
}

/// Has the zones compared after the last check that is made; false if none is.
pub(crate) fn compare_after_the_last(directions: &mut [Direction]) -> bool {
    let last = directions.iter_mut().rfind(|direction| direction.skipped.is_none());
    last.map(|direction| direction.compares = true).is_some()
}

impl Direction {
    /// What is reported of a zone where no check is made in this direction.
    pub(crate) fn passed_over(&self, zone: &ZoneName, skipped: &Skipped) -> (Report, String) {
        let source = ServerName {
            server: self.subject.source.to_string(),
            address: skipped.address,
            authenticated_by: None,
            secured: false,
        };
        let started = EventKind::Started {
            zone: zone.to_string(),
            started_unix: unix_now(),
            source,
            destinations: Vec::new(),
            probe: false,
            observes: None,
            compare: false,
        };
        let text = format!("skipped from {}: {}", self.subject.source, skipped.why);
        let events = [started, EventKind::Skipped { why: text.clone() }].map(|kind| Event::new(Duration::ZERO, kind));
        (Report::from_events(&events), format!("{zone}: {text}\n"))
    }
}
