//! Section 1: what goes wrong with the probe at the source.

use crate::fault;
use crate::lab::{Access, Request};
use crate::scene::{Scene, ms, refusal, run, run_with, schedule, zone};
use dnsconverge::report::{Cleanup, EventKind, Propagation};
use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::SOA;

#[tokio::test]
async fn h005_a_reply_to_another_question_is_none() {
    for text in ["add other-question", "add wrong-id", "add query-bit", "add opcode-notify"] {
        let scene = Scene::with_source(|it| it.fault(fault(text))).await;
        let (report, events) = run(&scene.check().schedule(schedule(5000).timeout(ms(400)))).await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{text}: {report}");
        assert!(events.iter().any(|event| matches!(event.kind, EventKind::PlantUnknown { .. })), "{text}: told");
        assert_eq!(scene.updates(), 2, "{text}: the add is not sent twice");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn h007_a_read_only_source_names_the_writable_one_and_nobody_else_is_written_to() {
    let label = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let read_only = || zone().soa_data(SOA::new(label("dc-writable"), label("root"), 1, 7200, 900, 1_209_600, 300));
    let scene = Scene::new(read_only(), |it| it.update_by(Access::Nobody), |it| it.update_by(Access::Anyone)).await;
    let why = refusal(&scene.check()).await;
    assert!(why.contains("REFUSED") && why.contains("the primary, which is dc-writable.example.test."), "{why}");
    assert_eq!((scene.updates(), scene.destination.count(Request::is_update)), (1, 0), "the source was asked once");
    scene.assert_clean();
}

#[tokio::test]
async fn h009_what_becomes_visible_late_is_waited_for() {
    // After the pre-flight the source shows its old zone four times.
    let scene = Scene::with_source(|it| it.fault(fault("txt old after-1 first-4"))).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn h010_h011_serials_that_stay_or_jump_do_not_matter() {
    for serial in [1, 2_026_112_501, 1_764_000_000, u32::MAX / 2] {
        let scene = Scene::honest().await;
        let report = run_with(scene.check(), |kind| {
            if matches!(kind, EventKind::Planted { .. }) {
                scene.source.apply(|zone| zone.set_serial(serial));
            }
        });
        assert_eq!(report.await.unwrap().exit_status(), 0, "{serial}");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn h027_a_probe_that_somebody_else_removes_is_no_delay_of_the_destination() {
    let scene = Scene::with_destination(|it| it.fault(fault("txt old"))).await;
    let mut lost = None;
    let report = run_with(scene.check().schedule(schedule(900)), |kind| match kind {
        EventKind::Planted { .. } => scene.source.replace(zone().soa(9)),
        EventKind::NotHeld { address, error } => lost = Some((*address, error.clone())),
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.source().unwrap().held, report.cleanup()), (Some(false), Cleanup::Removed), "{report}");
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    assert_eq!(report.source().unwrap().error.as_deref(), Some("no such name"), "{report}");
    assert_eq!(lost, Some((scene.source.address(), "no such name".to_owned())), "it is told that the source lost it");
    scene.assert_clean();
}

#[tokio::test]
async fn h028_a_server_at_its_limit_is_not_hammered() {
    for (text, adds) in [("update servfail", 1), ("update refused", 1), ("update lose", 1)] {
        let scene = Scene::with_source(|it| it.fault(fault(text))).await;
        let times = schedule(1000).timeout(ms(200)).cleanup_timeout(ms(1500));
        let status = run(&scene.check().schedule(times)).await.map_or(2, |(report, _)| report.exit_status());
        assert!(matches!(status, 2 | 3), "{text}: {status}");
        assert_eq!(scene.source.count(Request::is_add), adds, "{text}");
        assert!(scene.source.count(Request::is_delete) <= 5, "{text}");
        assert!(scene.source.zone().below("_dnsconverge").is_empty(), "{text}: nothing was ever stored");
    }
}
