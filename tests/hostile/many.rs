//! Fifty destinations at once: nobody waits for anybody, and nobody is asked more often than was said.

use crate::fault;
use crate::lab::{Act, Fault, Gate, Lab, On, Request, Server};
use crate::scene::{Scene, ms, name, run, run_with, schedule};
use dnsconverge::check::Check;
use dnsconverge::compare::Compare;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::{EventKind, Propagation};
use hickory_proto::rr::RecordType;
use std::collections::HashSet;

/// So many more servers that follow the source.
async fn more(scene: &Scene, count: usize) -> Vec<Server> {
    let mut servers = Vec::new();
    for _ in 0..count {
        servers.push(Lab::secondary_of(&scene.source).start().await.unwrap());
    }
    servers
}

/// The check of all of them.
fn check(scene: &Scene, servers: &[Server]) -> Check {
    let peers = servers.iter().map(|server| Peer::at(server.address()));
    peers.fold(scene.check(), Check::destination)
}

#[tokio::test]
async fn l6_fifty_destinations_are_asked_at_once() {
    let scene = Scene::honest().await;
    let alone = run(&scene.check()).await.unwrap().0;
    let servers = more(&scene, 49).await;
    // Nobody answers the first question before everybody was asked: one after the other would never end.
    let gate = Gate::new();
    for server in servers.iter().chain([&scene.destination]) {
        server.inject(Fault::new(On::Query, Act::Hold(gate.clone())).first(1));
    }
    let everybody_asked = async {
        for server in servers.iter().chain([&scene.destination]) {
            server.wait_for(Request::is_query).await;
        }
        gate.open();
    };
    let checked = check(&scene, &servers).schedule(schedule(60_000).timeout(ms(20_000)));
    let (checked, ()) = tokio::join!(run(&checked), everybody_asked);
    let (report, _) = checked.unwrap();
    assert_eq!((report.exit_status(), report.destinations().len()), (0, 50), "{report}");
    assert!(report.destinations().iter().all(|row| row.samples == 3), "no more questions than one needs alone");
    // For whoever reads it: a time that is no assertion, since machines are busy.
    eprintln!("one destination: {} ms, fifty: {} ms", alone.lasted_ms(), report.lasted_ms());
    scene.assert_clean();
}

#[tokio::test]
async fn l6_hostile_destinations_among_fifty_delay_no_other() {
    let faults = [
        "lose",
        "stall",
        "tcp drip-50",
        "udp truncate",
        "txt servfail",
        "txt old every-2",
        "txt referral",
        "txt alias",
        "udp junk-before-50",
        "txt cut-short",
        "txt pointer-loop",
        "txt count-high",
        "txt empty",
        "txt wrong-id",
        "txt two-questions",
        "txt rcode-in-opt",
        "delay-100000",
    ];
    let scene = Scene::honest().await;
    let servers = more(&scene, 49).await;
    let (hostile, honest) = servers.split_at(faults.len());
    let mut waiting: HashSet<_> = honest.iter().map(Server::address).collect();
    waiting.insert(scene.destination.address());
    let mut late = None;
    // The deadline is far away, and the run is over for the honest ones long before: an order, not a time.
    let report = run_with(check(&scene, &servers).schedule(schedule(8000).timeout(ms(4000))), |kind| match kind {
        EventKind::Planted { .. } => {
            for (server, text) in hostile.iter().zip(faults) {
                server.inject(fault(text));
            }
        }
        EventKind::Confirmed { address, samples, .. } if waiting.remove(address) => {
            assert_eq!(*samples, 3, "three questions, as if it were alone");
        }
        EventKind::DeadlinePassed => late = Some(waiting.len()),
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((late, report.exit_status()), (Some(0), 2), "who is honest had its verdict when the time was over");
    for (row, text) in report.destinations()[1..].iter().zip(faults) {
        let seen = matches!(text, "udp truncate" | "udp junk-before-50" | "tcp drip-50");
        assert_eq!(row.propagation == Propagation::Converged, seen, "{text}: {report}");
    }
    scene.assert_clean();
}

#[tokio::test]
async fn r4_connections_to_one_server_are_few() {
    let scene = Scene::honest().await;
    run(&scene.check()).await.unwrap();
    // The add and the deletion; and one confirmation of each destination.
    let connections = [&scene.source, &scene.destination].map(Server::connections);
    assert!(connections[0] <= 2 && connections[1] <= 1, "{connections:?}");
    let sides = [&scene.source, &scene.destination].map(|server| Peer::at(server.address()));
    Compare::new(&name(), sides).run_until(std::future::pending(), |_| ()).await.unwrap();
    let after = [&scene.source, &scene.destination].map(Server::connections);
    assert_eq!([after[0] - connections[0], after[1] - connections[1]], [1, 1], "one transfer of each");
}

#[tokio::test]
async fn l7_polls_stay_under_the_stated_rate() {
    let scene = Scene::with_destination(crate::lab::ServerBuilder::paused).await;
    let (interval, deadline) = (100, 2000);
    let times = dnsconverge::Schedule::every(ms(100)).for_at_most(ms(2000));
    run(&scene.check().schedule(times)).await.unwrap();
    // An interval is shortened by a fifth at most; a busy machine asks less often.
    let most = 1 + deadline / (interval * 4 / 5);
    let questions =
        scene.destination.count(|request| request.record_type() == RecordType::TXT && name().zone_of(&request.name()));
    let preflight = 1;
    assert!(questions <= most + preflight, "{questions} questions, {most} in {deadline} ms are the most");
    assert!(scene.destination.count(|request| request.record_type() == RecordType::SOA) <= 2);
}
