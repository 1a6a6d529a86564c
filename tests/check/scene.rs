//! A source, a destination that follows it, a journal: the stage of every scenario.

use crate::lab::{Lab, Server, ServerBuilder, Zone};
use dnsconverge::check::{Check, CheckError};
use dnsconverge::converge::Schedule;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::{Event, EventKind, Report};
use hickory_proto::rr::Name;
use std::time::Duration;

/// The zone of most scenarios.
pub(crate) fn zone() -> Zone {
    Zone::new("example.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1])
}

/// Its name.
pub(crate) fn name() -> Name {
    Name::from_ascii("example.test.").unwrap()
}

/// So many milliseconds.
pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Quick questions, and so many milliseconds for convergence.
pub(crate) fn schedule(deadline: u64) -> Schedule {
    Schedule::every(ms(20)).for_at_most(ms(deadline)).timeout(ms(1000))
}

/// The servers of one scenario.
pub(crate) struct Scene {
    /// Where the probe is written.
    pub(crate) source: Server,
    /// Where it must appear.
    pub(crate) destination: Server,
    /// Where the journal is.
    pub(crate) journal: tempfile::TempDir,
}

impl Scene {
    /// Both as these closures configure them.
    pub(crate) async fn new(
        zone: Zone,
        source: impl FnOnce(ServerBuilder) -> ServerBuilder,
        destination: impl FnOnce(ServerBuilder) -> ServerBuilder,
    ) -> Self {
        let source = source(Lab::primary(zone)).start().await.unwrap();
        let destination = destination(Lab::secondary_of(&source)).start().await.unwrap();
        Self { source, destination, journal: tempfile::tempdir().unwrap() }
    }

    /// Both do what they should.
    pub(crate) async fn honest() -> Self {
        Self::new(zone(), |source| source, |destination| destination).await
    }

    /// Only the source misbehaves.
    pub(crate) async fn with_source(source: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Self {
        Self::new(zone(), source, |destination| destination).await
    }

    /// Only the destination misbehaves.
    pub(crate) async fn with_destination(destination: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Self {
        Self::new(zone(), |source| source, destination).await
    }

    /// An unsigned check from one to the other.
    pub(crate) fn check(&self) -> Check {
        Check::new(&name(), Peer::at(self.source.address()), Peer::at(self.destination.address()))
            .schedule(schedule(5000))
            .journal(self.journal.path())
            .unsigned()
    }

    /// How many UPDATEs the servers have seen.
    pub(crate) fn updates(&self) -> usize {
        [&self.source, &self.destination].map(|server| server.count(crate::lab::Request::is_update)).iter().sum()
    }

    /// How many entries the journal has.
    pub(crate) fn entries(&self) -> usize {
        entries(self.journal.path())
    }

    /// No probe is in the zone and none in the journal.
    pub(crate) fn assert_clean(&self) {
        assert!(self.source.zone().below("_dnsconverge").is_empty(), "no probe is left");
        assert_eq!(self.entries(), 0, "the journal is empty");
    }
}

/// How many files a directory has.
pub(crate) fn entries(directory: &std::path::Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

/// Runs a check and keeps its events.
pub(crate) async fn run(check: &Check) -> Result<(Report, Vec<Event>), CheckError> {
    let mut events = Vec::new();
    let report = check.run_until(std::future::pending(), |event| events.push(event.clone())).await?;
    Ok((report, events))
}

/// Runs a check and does something whenever something is told.
pub(crate) async fn run_with(check: Check, mut act: impl FnMut(&EventKind)) -> Result<Report, CheckError> {
    check.run_until(std::future::pending(), |event| act(&event.kind)).await
}

/// Why a check ended with the zone as it was.
pub(crate) async fn refusal(check: &Check) -> String {
    run(check).await.expect_err("the zone is unchanged").to_string()
}
