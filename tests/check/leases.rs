//! The lease on the probe (RFC 9664): asked for, granted, minded, over; never a reason for another verdict.

use crate::lab::{Act, Fault, Gate, On, Request, lease};
use crate::scene::{Scene, ms, run, run_with, schedule, zone};
use dnsconverge::report::{Cleanup, EventKind, Propagation, Report};
use hickory_proto::op::ResponseCode;

/// The lease that the source granted in this run, and whether it was over before the end.
fn lease_of(report: &Report) -> Option<(u32, u32, bool)> {
    report.source().unwrap().lease.map(|lease| (lease.asked_s, lease.granted_s, lease.is_over))
}

/// The leases that the updates of a run asked for, in their order.
fn asked(scene: &Scene) -> Vec<Option<u32>> {
    scene.source.requests().iter().filter(|it| it.is_update()).map(|it| lease::asked(&it.message)).collect()
}

/// Adds that ask for a lease.
fn with_lease() -> On {
    On::request(|request: &Request| request.is_add() && request.message.edns.is_some())
}

#[tokio::test]
async fn u14_a_lease_is_asked_for_with_the_add_alone_and_what_was_granted_is_told() {
    for (longest, granted) in [(86_400, 3600), (600, 600)] {
        let scene = Scene::with_source(|source| source.leases(longest)).await;
        let (report, _) = run(&scene.check()).await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
        assert_eq!((asked(&scene), lease_of(&report)), (vec![Some(3600), None], Some((3600, granted, false))));
        assert!(report.to_string().contains(&format!("granted it a lease of {granted} s")), "{report}");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn u14_a_lease_is_longer_than_the_run() {
    let scene = Scene::with_source(|source| source.leases(u32::MAX)).await;
    let (report, _) = run(&scene.check().schedule(schedule(7_200_000))).await.unwrap();
    assert!(lease_of(&report).is_some_and(|(asked, granted, _)| asked > 7200 && granted == asked), "{report}");
}

#[tokio::test]
async fn u14_a_server_that_knows_no_leases_is_asked_in_vain_and_one_without_edns_not_at_all() {
    let scene = Scene::honest().await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!((report.exit_status(), lease_of(&report), asked(&scene)), (0, None, vec![Some(3600), None]));
    let scene = Scene::with_source(|source| source.fault(Fault::named("no-opt").unwrap())).await;
    assert_eq!(run(&scene.check()).await.unwrap().0.exit_status(), 0);
    assert_eq!(asked(&scene), [None, None], "nothing in its answers says that it knows options");
    let scene = Scene::with_source(|source| source.leases(600)).await;
    assert_eq!(lease_of(&run(&scene.check().without_lease()).await.unwrap().0), None);
    assert_eq!(asked(&scene), [None, None], "the person wanted none");
}

#[tokio::test]
async fn u9_an_add_that_is_refused_for_its_lease_is_sent_again_after_the_source_was_read() {
    for rcode in [ResponseCode::FormErr, ResponseCode::NotImp] {
        let scene = Scene::with_source(|source| source.fault(Fault::new(with_lease(), Act::Rcode(rcode)))).await;
        let (report, _) = run(&scene.check()).await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
        assert_eq!(asked(&scene), [Some(3600), None, None]);
        let seen = scene.source.requests();
        let adds: Vec<usize> = (0..seen.len()).filter(|index| seen[*index].is_add()).collect();
        let owner = &seen[adds[0]].message.authorities[0].name;
        assert!(seen[adds[0]..adds[1]].iter().any(|it| it.is_query() && it.name() == *owner), "it was read between");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn u9_an_add_that_was_done_although_refused_for_its_lease_is_not_sent_again() {
    let fault = Fault::new(with_lease(), Act::DoneBut(ResponseCode::FormErr));
    let scene = Scene::with_source(|source| source.fault(fault)).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
    assert_eq!(asked(&scene), [Some(3600), None], "one add, one deletion");
    scene.assert_clean();
}

/// Nobody can say whether it was done: the source falls silent just then.
#[tokio::test]
async fn u9_a_refusal_that_cannot_be_read_back_is_no_reason_to_send_it_again() {
    let fault = Fault::new(with_lease(), Act::DoneBut(ResponseCode::FormErr));
    let scene = Scene::with_source(|source| source.fault(fault)).await;
    let check = scene.check().schedule(schedule(1500).timeout(ms(200)).cleanup_timeout(ms(3000)));
    let mut silence = None;
    let report = run_with(check, |kind| match kind {
        EventKind::PlantUnknown { .. } => silence = Some(scene.source.inject(Fault::new(On::Query, Act::Lose))),
        EventKind::Removing { attempt: 1 } => silence.into_iter().for_each(|id| scene.source.withdraw(id)),
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    assert_eq!(scene.source.count(Request::is_add), 1);
    scene.assert_clean();
}

#[tokio::test]
async fn u13_a_stop_while_a_refusal_is_doubted_leaves_nothing_in_doubt() {
    let scene = Scene::with_source(|source| source.fault(Fault::named("update notimp").unwrap())).await;
    let stop = Gate::new();
    let check = scene.check().schedule(schedule(5000).cleanup_timeout(ms(4000)));
    let report = check.run_until(stop.passed(), |event| {
        if matches!(event.kind, EventKind::PlantUnknown { .. }) {
            scene.source.inject(Fault::new(On::Query, Act::Delay(ms(100))).first(1));
            stop.open();
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn u7_a_probe_whose_lease_is_over_is_not_called_lost_without_saying_so() {
    let stale = |it: crate::lab::ServerBuilder| it.fault(Fault::named("old").unwrap());
    let scene = Scene::new(zone(), |source| source.leases(1), stale).await;
    let (report, events) = run(&scene.check().schedule(schedule(1800))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    assert_eq!((lease_of(&report), report.cleanup()), (Some((3600, 1, true)), Cleanup::Removed));
    let is_over = |kind: &EventKind| matches!(kind, EventKind::LeaseOver { .. });
    assert_eq!(events.iter().filter(|event| is_over(&event.kind)).count(), 1);
    assert!(report.source().unwrap().error.as_ref().unwrap().contains("its lease of 1 s was over"), "{report}");
    let causes = report.causes(&report.destinations()[0]);
    assert_eq!(causes.first().map(dnsconverge::report::Cause::word), Some("lease_over"), "{report}");
    scene.assert_clean();
}
