//! Section 2: what destinations show, and what is not the probe.

use crate::fault;
use crate::lab::{Act, Fault, Lab, On, Server, ServerBuilder, Transport};
use crate::scene::{Scene, ms, name, refusal, run, run_with, schedule, zone};
use dnsconverge::check::Check;
use dnsconverge::compare::Compare;
use dnsconverge::net::{Families, Network, Server as Peer};
use dnsconverge::report::ComparisonVerdict::NotCompared;
use dnsconverge::report::{Cleanup, EventKind, Propagation, Report};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use std::net::{Ipv4Addr, SocketAddr};

/// The check when the destination has this fault from the moment at which the probe is at the source.
async fn with(text: &str) -> (Scene, Report) {
    let scene = Scene::honest().await;
    let check = scene.check().schedule(schedule(1000).timeout(ms(250)));
    let report = run_with(check, |kind| {
        if matches!(kind, EventKind::Planted { .. }) {
            scene.destination.inject(fault(text));
        }
    });
    let report = report.await.unwrap();
    assert_eq!(report.cleanup(), Cleanup::Removed, "{text}: {report}");
    scene.assert_clean();
    (scene, report)
}

/// With this fault the probe has not been seen there, although the destination holds it: exit status 1 or 2, never 0.
async fn is_not_seen(text: &str, words: &str) {
    let (_, report) = with(text).await;
    assert_ne!(report.propagation(), Propagation::Converged, "{text}: {report}");
    assert!(matches!(report.exit_status(), 1 | 2), "{text}: {report}");
    let error = report.destinations()[0].error.clone().unwrap_or_default();
    assert!(error.contains(words), "{text}: {error}");
}

/// With this fault it is seen all the same.
async fn is_seen(text: &str) {
    let (_, report) = with(text).await;
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Converged, 0), "{text}: {report}");
}

#[tokio::test]
async fn h033_old_and_new_in_turn_is_stale_and_never_converged() {
    let (_, report) = with("txt old every-2").await;
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
    let (_, report) = with("txt old every-3 after-1").await;
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
}

#[tokio::test]
#[cfg_attr(target_os = "macos", ignore = "only 127.0.0.1 is this machine's own there")]
async fn h037_the_view_is_that_of_our_own_address() {
    // Whoever asks from 127.0.0.9 sees another view, which nobody updates.
    let outside = On::request(|request| request.is_query() && request.source.ip() == Ipv4Addr::new(127, 0, 0, 9));
    let view = Fault::new(outside, Act::answer_from(zone()));
    let scene = Scene::with_destination(|it| it.fault(view)).await;
    assert_eq!(run(&scene.check()).await.unwrap().0.exit_status(), 0, "the view of 127.0.0.1 has it");
    let network = Network::new().bind((Ipv4Addr::new(127, 0, 0, 9), 0).into());
    let (report, _) = run(&scene.check().network(network).schedule(schedule(800))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn h057_an_address_that_this_host_cannot_reach_is_a_row_of_its_own_and_never_skipped() {
    // Link-local, and no link is named: nobody has a way there.
    let unreachable: SocketAddr = "[fe80::1]:53".parse().unwrap();
    let scene = Scene::honest().await;
    let both = || scene.check().destination(Peer::at(unreachable)).schedule(schedule(3000).timeout(ms(300)));
    let why = refusal(&both()).await;
    assert!(why.contains("[fe80::1]:53"), "{why}");
    assert_eq!(scene.updates(), 0, "found before anything is written");
    let (report, _) = run(&both().keep_going()).await.unwrap();
    let [reached, row] = report.destinations() else { panic!("{report}") };
    let verdicts = (reached.propagation, row.propagation, report.exit_status());
    assert_eq!(verdicts, (Propagation::Converged, Propagation::Inconclusive, 2), "{report}");
    assert!(row.name.address == unreachable && report.to_string().contains("[fe80::1]:53"), "{report}");
    let only_v4 = both().network(Network::new().families(Families::V4));
    let why = refusal(&only_v4).await;
    assert!(why.contains("fe80::1"), "a family that was ruled out is no reason to pass over it: {why}");
    scene.assert_clean();
}

#[tokio::test]
async fn h038_a_referral_is_told_as_one() {
    is_not_seen("referral", "_dnsconverge").await;
    let scene = Scene::with_destination(|it| it.fault(fault("referral"))).await;
    assert!(refusal(&scene.check()).await.contains("_dnsconverge"), "found before anything is written");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn h039_an_alias_to_the_same_text_is_not_the_probe() {
    is_not_seen("alias", "").await;
}

#[tokio::test]
async fn h016_a_dname_above_the_probe_hides_it() {
    is_not_seen("dname", "").await;
}

#[tokio::test]
async fn h040_the_text_anywhere_but_in_its_place_is_not_the_probe() {
    for text in ["txt in-authority", "txt in-additional", "txt under-nxdomain", "other-owner", "txt chaos"] {
        is_not_seen(text, "").await;
    }
}

#[tokio::test]
async fn h041_more_than_the_probe_or_in_another_case_is_not_the_probe() {
    is_not_seen("beside", "").await;
    is_not_seen("upper-text", "").await;
}

#[tokio::test]
async fn h014_a_text_at_every_name_is_not_the_probe() {
    let scene = Scene::with_destination(|it| it.paused().fault(fault("wildcard"))).await;
    let (report, _) = run(&scene.check().schedule(schedule(700))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
}

#[tokio::test]
async fn h042_two_soas_and_a_soa_of_class_ch_are_none() {
    for text in ["two-soas", "soa chaos", "soa under-nxdomain", "soa in-additional"] {
        let scene = Scene::with_destination(|it| it.fault(fault(text))).await;
        let why = refusal(&scene.check()).await;
        assert!(why.contains("not fit"), "{text}: {why}");
        assert_eq!(scene.updates(), 0, "{text}");
    }
}

#[tokio::test]
async fn h043_refusals_are_named_after_a_few_tries() {
    for (text, words) in [("txt servfail", "SERVFAIL"), ("txt refused", "REFUSED"), ("txt notauth", "NOTAUTH")] {
        let (scene, report) = with(text).await;
        let row = &report.destinations()[0];
        assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{text}: {report}");
        assert!(row.error.as_ref().is_some_and(|error| error.contains(words)), "{text}: {report}");
        assert!(row.samples <= 5, "{text}: told early");
        drop(scene);
    }
}

#[tokio::test]
async fn h044_noerror_and_nothing_is_no_authority() {
    is_not_seen("txt empty", "").await;
    let scene = Scene::with_destination(|it| it.fault(fault("query empty"))).await;
    assert!(refusal(&scene.check()).await.contains("no zone begins"));
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn h045_a_server_that_answers_over_tcp_alone_converges_and_it_is_noted() {
    let scene = Scene::with_destination(|it| it.fault(fault("udp lose"))).await;
    let (report, _) = run(&scene.check().schedule(schedule(8000).timeout(ms(300)))).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert!(report.destinations()[0].notes.iter().any(|note| note.contains("UDP")), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn h046_without_tcp_it_converges_and_cannot_be_compared() {
    let scene = Scene::with_destination(ServerBuilder::without_tcp).await;
    assert_eq!(run(&scene.check()).await.unwrap().0.exit_status(), 0);
    let sides = [&scene.source, &scene.destination].map(|server| Peer::at(server.address()));
    let compared = Compare::new(&name(), sides).run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!(compared.verdict(), NotCompared);
    let reason = compared.comparison().sides[1].error.clone().unwrap_or_default();
    assert!(reason.contains("TCP") && reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn h047_h048_half_answers_and_slips_are_asked_again_over_tcp() {
    is_seen("udp truncate").await;
    is_seen("udp truncate every-2").await;
    is_seen("udp lose every-2").await;
}

#[tokio::test]
async fn h049_servers_and_middleboxes_that_do_not_know_edns() {
    let minds = |act| Fault::new(On::request(|request| request.message.edns.is_some()), act);
    for faults in [
        // Who is that old has no OPT record of its own.
        vec![minds(Act::Rcode(ResponseCode::FormErr)), fault("no-opt")],
        vec![minds(Act::Rcode(ResponseCode::BADVERS))],
        vec![minds(Act::Lose)],
        vec![fault("no-opt")],
    ] {
        let scene = Scene::with_destination(|it| faults.iter().cloned().fold(it, ServerBuilder::fault)).await;
        let (report, _) = run(&scene.check().schedule(schedule(8000).timeout(ms(600)))).await.unwrap();
        assert_eq!(report.exit_status(), 0, "{faults:?}: {report}");
    }
}

#[tokio::test]
async fn h050_no_answer_is_so_large_that_it_would_be_fragmented() {
    let scene = Scene::honest().await;
    run(&scene.check()).await.unwrap();
    for server in [&scene.source, &scene.destination] {
        for request in server.requests().iter().filter(|request| request.transport == Transport::Udp) {
            assert_eq!(request.message.edns.as_ref().map(hickory_proto::op::Edns::max_payload), Some(1232));
        }
    }
}

#[tokio::test]
async fn h051_late_and_repeated_answers_belong_to_their_own_question() {
    is_seen("txt twice").await;
    is_seen("txt delay-60").await;
    // An old answer that comes late is not taken for the new one, nor the other way round.
    is_seen("txt delay-600 every-3 first-1").await;
}

#[tokio::test]
async fn h052_junk_and_forged_datagrams_before_the_answer() {
    is_seen("udp junk-before-30").await;
    is_seen("udp forged-before").await;
    // The forged ones alone are silence.
    is_not_seen("wrong-id", "").await;
}

#[tokio::test]
async fn h056_the_question_in_another_case() {
    is_seen("upper-question").await;
}

#[tokio::test]
async fn h061_every_hop_is_a_row_of_its_own() {
    let scene = Scene::with_destination(ServerBuilder::paused).await;
    let last: Server = Lab::secondary_of(&scene.destination).start().await.unwrap();
    let beside: Server = Lab::secondary_of(&scene.source).start().await.unwrap();
    let check = [&last, &beside]
        .into_iter()
        .fold(scene.check(), |check: Check, server| check.destination(Peer::at(server.address())));
    let (report, _) = run(&check.schedule(schedule(800))).await.unwrap();
    let rows: Vec<_> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::NotConverged, Propagation::NotConverged, Propagation::Converged]);
    assert_eq!(report.exit_status(), 1);
    assert_eq!(scene.destination.count(|request| request.record_type() == RecordType::AXFR), 0);
}
