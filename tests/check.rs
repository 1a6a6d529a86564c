//! The life of a probe against the embedded lab: what a check proves, and what it leaves behind.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::check::Check;
use dnsconverge::converge::Schedule;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::{Cleanup, Propagation};
use hickory_proto::rr::Name;
use lab::{Access, Lab, Server, Zone};
use std::time::Duration;

/// The zone of these scenarios.
fn zone() -> Zone {
    Zone::new("example.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1])
}

/// A check of that zone from one lab server to another, quick and unsigned, its journal in this directory.
fn check(source: &Server, destination: &Server, journal: &tempfile::TempDir) -> Check {
    let name = Name::from_ascii("example.test.").unwrap();
    let schedule = Schedule::every(Duration::from_millis(20)).for_at_most(Duration::from_secs(5));
    Check::new(&name, Peer::at(source.address()), Peer::at(destination.address()))
        .schedule(schedule)
        .journal(journal.path())
        .unsigned()
}

#[tokio::test]
async fn v1_a_probe_arrives_is_taken_back_and_seen_to_go() {
    let source = Lab::primary(zone()).update_by(Access::Anyone).start().await.unwrap();
    let destination = Lab::secondary_of(&source).start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    let report = check(&source, &destination, &journal)
        .run_until(std::future::pending(), |event| lines.push(event.to_string()))
        .await
        .unwrap();
    println!("{}", lines.join("\n"));
    assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Removed));
    assert_eq!(report.exit_status(), 0);
    assert!(source.zone().below("_dnsconverge").is_empty(), "no probe is left");
    assert!(report.destinations()[0].gone_after_ms.is_some());
    assert_eq!(std::fs::read_dir(journal.path()).unwrap().count(), 0, "the journal is empty");
}
