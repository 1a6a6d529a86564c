//! What destinations show, and what counts as seeing the probe.

use crate::lab::{Act, Fault, Gate, Lab, On, Server, ServerBuilder, Transport};
use crate::scene::{Scene, ms, run, run_with, schedule, zone};
use dnsconverge::net::Server as Peer;
use dnsconverge::report::{Cleanup, EventKind, Propagation};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};

/// The check with this destination must end as this, and the probe is gone.
async fn ends(propagation: Propagation, exit_status: u8, destination: impl FnOnce(ServerBuilder) -> ServerBuilder) {
    ends_with(Scene::with_destination(destination).await, propagation, exit_status, None).await;
}

/// The same with a destination that behaves in this way from the moment at which the probe is planted.
async fn ends_if(propagation: Propagation, exit_status: u8, fault: Fault) {
    ends_with(Scene::honest().await, propagation, exit_status, Some(fault)).await;
}

/// What both of them do.
async fn ends_with(scene: Scene, propagation: Propagation, exit_status: u8, mut fault: Option<Fault>) {
    let report = run_with(scene.check().schedule(schedule(1500).timeout(ms(250))), |kind| {
        if matches!(kind, EventKind::Planted { .. }) {
            fault.take().map(|fault| scene.destination.inject(fault));
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (propagation, exit_status), "{report}");
    assert_eq!(report.cleanup(), Cleanup::Removed, "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn v6_a_destination_that_stays_behind_has_not_converged() {
    ends(Propagation::NotConverged, 1, ServerBuilder::paused).await;
}

#[tokio::test]
async fn v6_a_destination_that_falls_silent_has_not_converged() {
    ends_if(Propagation::NotConverged, 1, Fault::new(On::Any, Act::Lose)).await;
}

#[tokio::test]
async fn s2_a_new_serial_with_old_data_is_not_convergence() {
    ends(Propagation::NotConverged, 1, |it| {
        it.differing(|zone| {
            for record in zone.below("_dnsconverge") {
                zone.remove_where(&record.name, |_| true);
            }
        })
    })
    .await;
}

#[tokio::test]
async fn p2_a_server_that_alternates_has_not_converged() {
    ends_if(Propagation::NotConverged, 1, Fault::new(On::QueryOf(RecordType::TXT), Act::answer_from(zone())).every(2))
        .await;
}

#[tokio::test]
async fn p2_seen_twice_then_gone_then_back() {
    // The answer after the second is old: the count begins again, and both are told.
    let scene = Scene::honest().await;
    let (mut flaps, mut old) = (0, Some(Fault::new(On::Query, Act::answer_from(zone())).first(1)));
    let report = run_with(scene.check(), |kind| match kind {
        EventKind::Seen { times: 2, .. } => {
            if let Some(fault) = old.take() {
                scene.destination.inject(fault);
            }
        }
        EventKind::Flapped { times: 2, .. } => flaps += 1,
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), flaps), (0, 1), "{report}");
    assert!(report.destinations()[0].samples >= 6, "{report}");
}

#[tokio::test]
async fn p5_servfail_twice_then_fine() {
    ends_if(
        Propagation::Converged,
        0,
        Fault::new(On::QueryOf(RecordType::TXT), Act::Rcode(ResponseCode::ServFail)).first(2),
    )
    .await;
}

#[tokio::test]
async fn p5_servfail_for_ever_is_told_early() {
    ends_if(Propagation::Inconclusive, 2, Fault::new(On::QueryOf(RecordType::TXT), Act::Rcode(ResponseCode::ServFail)))
        .await;
}

#[tokio::test]
async fn p3_a_server_that_loses_its_authority() {
    ends_if(Propagation::Inconclusive, 2, Fault::new(On::QueryOf(RecordType::TXT), Act::NotAuthoritative)).await;
}

#[tokio::test]
async fn p8_a_truncated_answer_is_asked_again_by_tcp() {
    ends(Propagation::Converged, 0, |it| it.fault(Fault::new(On::Query, Act::Truncate).over(Transport::Udp))).await;
}

#[tokio::test]
async fn p8_truncated_without_tcp_is_no_answer() {
    let scene = Scene::with_destination(ServerBuilder::without_tcp).await;
    let truncated = Fault::new(On::QueryOf(RecordType::TXT), Act::Truncate);
    ends_with(scene, Propagation::NotConverged, 1, Some(truncated)).await;
}

#[tokio::test]
async fn p1_the_right_record_in_the_wrong_place_is_not_seen() {
    let into_authority = Act::each_message(|_, message| {
        let answers = std::mem::take(&mut message.answers);
        message.authorities.extend(answers);
    });
    let under_nxdomain = Act::each_message(|_, message| {
        if !message.answers.is_empty() {
            message.metadata.response_code = ResponseCode::NXDomain;
        }
    });
    let other_owner = Act::each_message(|_, message| {
        message.answers.iter_mut().for_each(|record| record.name = Name::from_ascii("www.example.test.").unwrap());
    });
    for act in [into_authority, under_nxdomain, other_owner] {
        ends_if(Propagation::NotConverged, 1, Fault::new(On::QueryOf(RecordType::TXT), act)).await;
    }
}

#[tokio::test]
async fn p1_a_record_beside_the_probe_is_not_exactly_the_probe() {
    let beside = |zone: &mut crate::lab::Zone| {
        if let Some(probe) = zone.below("_dnsconverge").first() {
            zone.add_txt(&probe.name.to_ascii(), &["beside it"]);
        }
    };
    let scene = Scene::with_destination(|it| it.differing(beside)).await;
    let (report, _) = run(&scene.check().schedule(schedule(700))).await.unwrap();
    assert_eq!((report.propagation(), report.cleanup()), (Propagation::NotConverged, Cleanup::Removed), "{report}");
}

#[tokio::test]
async fn p12_a_question_in_another_case_is_the_same() {
    let upper = Act::each_message(|_, message| {
        for query in &mut message.queries {
            let name = Name::from_ascii(query.name().to_ascii().to_ascii_uppercase()).unwrap();
            query.set_name(name);
        }
    });
    ends(Propagation::Converged, 0, |it| it.fault(Fault::new(On::Query, upper))).await;
}

/// A second destination of this scene.
async fn second(scene: &Scene, configure: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Server {
    configure(Lab::secondary_of(&scene.source)).start().await.unwrap()
}

#[tokio::test]
async fn v3_one_stale_destination_of_two_decides() {
    let scene = Scene::honest().await;
    let stale = second(&scene, ServerBuilder::paused).await;
    let check = scene.check().destination(Peer::at(stale.address())).schedule(schedule(900));
    let (report, _) = run(&check).await.unwrap();
    let rows: Vec<_> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::Converged, Propagation::NotConverged]);
    assert_eq!((report.exit_status(), report.cleanup()), (1, Cleanup::Removed));
    scene.assert_clean();
}

#[tokio::test]
async fn l6_a_hanging_destination_delays_no_other() {
    let scene = Scene::honest().await;
    let hanging = second(&scene, |it| it).await;
    let check = scene.check().destination(Peer::at(hanging.address())).schedule(schedule(1500).timeout(ms(1000)));
    let mut order = Vec::new();
    let report = run_with(check, |kind| match kind {
        EventKind::Planted { .. } => {
            hanging.inject(Fault::new(On::Any, Act::Hold(Gate::new())));
        }
        EventKind::Confirmed { .. } => order.push("confirmed"),
        EventKind::DeadlinePassed => order.push("deadline"),
        _ => {}
    });
    assert_eq!(report.await.unwrap().exit_status(), 1);
    assert_eq!(order, ["confirmed", "deadline"]);
}

#[tokio::test]
async fn u16_the_removal_is_seen_to_arrive() {
    let scene = Scene::with_destination(|it| it.delay(ms(100))).await;
    let (report, events) = run(&scene.check()).await.unwrap();
    let position = |wanted: fn(&EventKind) -> bool| events.iter().position(|event| wanted(&event.kind)).unwrap();
    let confirmed = position(|kind| matches!(kind, EventKind::Confirmed { .. }));
    let removed = position(|kind| matches!(kind, EventKind::Removed { .. }));
    let gone = position(|kind| matches!(kind, EventKind::Gone { .. }));
    assert!(confirmed < removed && removed < gone);
    assert_eq!(report.exit_status(), 0, "{report}");
}

#[tokio::test]
async fn m4_another_source_is_a_destination_that_is_waited_for_and_never_written_to() {
    let lag = ms(300);
    let scene = Scene::with_destination(|other| other.update_by(crate::lab::Access::Anyone).delay(lag)).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert!(report.destinations()[0].seen_after_ms.is_some_and(|after| after >= 300), "it lags: {report}");
    assert_eq!(scene.destination.count(crate::lab::Request::is_update), 0, "the update goes to one source");
    scene.assert_clean();
}
