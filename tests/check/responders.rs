//! Who is really answering, and why a change is not there yet: pools, caches, the source under another name.

use crate::lab::{Act, Cookies, Fault, On, ServerBuilder, Transport, edns};
use crate::scene::{Scene, run, run_with, schedule, zone};
use dnsconverge::report::{Cause, EventKind, Finding, Propagation, Report};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

/// The report of a check whose destination gets these faults when the probe is planted.
async fn report_with(scene: &Scene, faults: impl IntoIterator<Item = Fault>, deadline: u64) -> Report {
    let mut faults: Vec<Fault> = faults.into_iter().collect();
    let report = run_with(scene.check().schedule(schedule(deadline)), |kind| {
        if matches!(kind, EventKind::Planted { .. }) {
            faults.drain(..).for_each(|fault| {
                scene.destination.inject(fault);
            });
        }
    });
    let report = report.await.unwrap();
    scene.assert_clean();
    report
}

/// What is said first of why the only destination is late, in a word.
fn first_cause(report: &Report) -> &'static str {
    report.causes(&report.destinations()[0]).first().map_or("none", Cause::word)
}

#[tokio::test]
async fn p10_every_server_is_named_by_its_nsid() {
    let scene = Scene::new(zone(), |source| source.nsid("one"), |it| it.nsid("two\u{1b}[2J")).await;
    let (report, events) = run(&scene.check()).await.unwrap();
    let named = |kind: &EventKind| matches!(kind, EventKind::Named { .. });
    assert_eq!(events.iter().filter(|event| named(&event.kind)).count(), 2, "each is told once");
    assert_eq!(report.source().unwrap().evidence.nodes[0].identity, "one");
    let node = &report.destinations()[0].evidence.nodes[0];
    assert_eq!((node.identity.as_str(), node.by.as_str()), ("0x74776f1b5b324a", "NSID"), "no text: in hexadecimal");
    assert_eq!(node.answers, report.destinations()[0].samples);
}

#[tokio::test]
async fn p10_who_gives_no_nsid_is_asked_once_in_class_ch() {
    let scene = Scene::new(zone(), |source| source.identity("dc1"), |it| it).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.source().unwrap().evidence.nodes[0].by, "id.server");
    let asked = |name: &str| scene.destination.count(|it| it.name().to_ascii() == name);
    assert_eq!((asked("id.server."), asked("hostname.bind.")), (1, 1), "who refuses is not asked again");
    assert!(report.destinations()[0].evidence.nodes.is_empty());
}

#[tokio::test]
async fn p2_one_of_the_confirmations_comes_over_tcp() {
    let scene = Scene::honest().await;
    let (report, _) = run(&scene.check()).await.unwrap();
    let sampling = report.destinations()[0].evidence.sampling;
    assert!(sampling.tcp == 1 && sampling.udp >= 2 && sampling.current == 3, "{sampling:?}");
}

#[tokio::test]
async fn p2_udp_and_tcp_that_show_different_things_have_not_converged() {
    let scene = Scene::honest().await;
    let old = Fault::new(On::Query, Act::answer_from(zone())).over(Transport::Tcp);
    let report = report_with(&scene, [old], 900).await;
    assert_eq!((report.propagation(), first_cause(&report)), (Propagation::NotConverged, "mixed"), "{report}");
}

#[tokio::test]
async fn p2_a_destination_without_tcp_is_confirmed_by_udp_and_it_is_told() {
    let scene = Scene::with_destination(ServerBuilder::without_tcp).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    let row = &report.destinations()[0];
    assert_eq!((row.propagation, row.evidence.sampling.tcp), (Propagation::Converged, 0), "{report}");
    assert!(row.notes.iter().any(|note| note.starts_with("answers over UDP, but not over TCP")), "{:?}", row.notes);
}

/// Case 33: every second question reaches a node that is behind.
#[tokio::test]
async fn p2_a_pool_with_a_stale_node_is_told_by_the_name_of_the_node() {
    let scene = Scene::with_destination(|it| it.nsid("node-a")).await;
    let report = report_with(&scene, edns::node("node-b", zone(), 2), 900).await;
    let row = &report.destinations()[0];
    assert_eq!(report.propagation(), Propagation::NotConverged, "{report}");
    let nodes: Vec<_> = row.evidence.nodes.iter().map(|node| (node.identity.as_str(), node.stale > 0)).collect();
    assert_eq!(nodes, [("node-a", false), ("node-b", true)]);
    let text = report.to_string();
    assert!(text.contains("answers are stale (nodes node-b)"), "{text}");
    assert!(row.notes.iter().filter(|note| note.contains("went backward")).count() <= 1, "S5: told once");
}

/// Case 33: of four or ten servers behind one address one is behind. Once it was heard, three answers of the others are no proof.
#[tokio::test]
async fn p2_a_pool_with_one_stale_node_of_ten_has_not_converged() {
    for every in [4, 10] {
        let scene = Scene::with_destination(|it| it.nsid("node-a")).await;
        let report = report_with(&scene, edns::node("node-b", zone(), every), 1500).await;
        assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
    }
}

/// Case 36: a packet cache keeps AA=1, but not the TTL.
#[tokio::test]
async fn p3_a_packet_cache_is_known_by_its_falling_ttl() {
    let scene = Scene::honest().await;
    let report = report_with(&scene, [Fault::new(On::QueryOf(RecordType::TXT), edns::ageing(1))], 5000).await;
    assert_eq!(report.propagation(), Propagation::Converged, "it is a note: the record did arrive");
    assert!(report.findings(&report.destinations()[0]).contains(&Finding::Cache), "{report}");
}

/// Case 59: the source behind a second address, recognised by what it calls itself.
#[tokio::test]
async fn v9_the_source_under_another_address_is_recognised() {
    let scene = Scene::new(zone(), |source| source.nsid("same box"), |it| it.nsid("same box")).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    let text = report.to_string();
    assert!(text.contains("it calls itself same box, as the source does"), "{text}");
}

/// Case 43: what the codes mean, and the server's own reason beside it.
#[tokio::test]
async fn p5_refusals_are_explained_with_the_servers_own_words() {
    for (code, cause) in [
        (ResponseCode::ServFail, "failing"),
        (ResponseCode::Refused, "refused"),
        (ResponseCode::NotAuth, "no_authority"),
    ] {
        let scene = Scene::honest().await;
        let faults = [edns::extended_error(14, "loading\u{7}"), Act::Rcode(code)];
        let faults = faults.map(|act| Fault::new(On::QueryOf(RecordType::TXT), act));
        let report = report_with(&scene, faults, 5000).await;
        assert_eq!((report.propagation(), first_cause(&report)), (Propagation::Inconclusive, cause), "{report}");
        assert!(report.to_string().contains("it says: EDE 14 (not ready): \"loading\\007\""), "{report}");
    }
}

/// Cases 31 and 60: who looks by its timer alone.
#[tokio::test]
async fn a_destination_that_waits_for_its_refresh_is_told_with_its_timers() {
    let scene = Scene::with_destination(ServerBuilder::paused).await;
    let report = report_with(&scene, [], 700).await;
    assert_eq!(first_cause(&report), "waits_for_refresh", "{report}");
    let timers = report.destinations()[0].evidence.timers.unwrap();
    let text = report.to_string();
    assert!(text.contains(&format!("its REFRESH is {} s", timers.refresh)) && text.contains("to do: "), "{text}");
}

/// Case 10: the data changed and the serial did not.
#[tokio::test]
async fn u8_a_source_that_keeps_its_serial_is_the_reason() {
    let scene = Scene::new(zone(), |source| source, ServerBuilder::paused).await;
    let serial = scene.source.zone().serial();
    let keeps = Act::each_message(move |_, message| {
        for record in &mut message.answers {
            if let hickory_proto::rr::RData::SOA(soa) = &mut record.data {
                soa.serial = serial;
            }
        }
    });
    scene.source.inject(Fault::new(On::QueryOf(RecordType::SOA), keeps));
    let report = report_with(&scene, [], 700).await;
    assert_eq!(first_cause(&report), "serial_stands", "{report}");
}

#[tokio::test]
async fn p11_servers_that_demand_cookies_are_checked_like_others() {
    let scene = Scene::new(zone(), |it| it.cookies(Cookies::Demanded), |it| it.cookies(Cookies::NeverRight)).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
}
