//! Nothing is written: a change that somebody makes by hand is seen to arrive, or not (U21).

use crate::lab::{Act, Fault, Lab, On, Request, Server, ServerBuilder, Zone};
use crate::scene::{Scene, name, run, run_with, schedule, zone};
use dnsconverge::check::{Check, CheckError};
use dnsconverge::net::Server as Peer;
use dnsconverge::observe::Watched;
use dnsconverge::report::{Cleanup, EventKind, Outcome, Propagation, Report};
use hickory_proto::rr::{Name, RecordType};

/// These records of the zone.
fn watched(owner: &str, rtype: RecordType) -> Watched {
    Watched::new(&Name::from_ascii(format!("{owner}example.test.")).unwrap(), rtype).unwrap()
}

/// The texts at `www`.
fn text() -> Watched {
    watched("www.", RecordType::TXT)
}

/// A check of this scene that watches, and waits so many milliseconds at most.
fn watch(scene: &Scene, watched: Watched, deadline: u64) -> Check {
    scene.check().schedule(schedule(deadline)).observe(watched)
}

/// A source on which somebody has just written a text by hand, and a destination as `configured` that lags.
async fn changed(configured: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Scene {
    let scene = Scene::with_destination(|it| configured(it.paused())).await;
    scene.source.publish(|zone| zone.add_txt("www", &["by hand"]));
    scene
}

/// Nobody was sent an UPDATE, and no journal was kept.
fn assert_nothing_written(scene: &Scene, report: &Report) {
    assert_eq!((scene.updates(), scene.entries(), report.cleanup()), (0, 0, Cleanup::NotPlanted));
}

#[tokio::test]
async fn u21_a_change_made_before_the_run_is_seen_to_arrive() {
    let scene = changed(|it| it).await;
    let report = run_with(watch(&scene, text(), 20_000), |kind| {
        if matches!(kind, EventKind::Waiting { .. }) {
            scene.destination.resume();
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.outcome(), report.propagation()), (Outcome::Ok, Propagation::Converged), "{report}");
    assert_eq!(report.observed(), Some("www.example.test. TXT"));
    assert!(report.destinations()[0].samples >= 4, "seen without it, then three times with it");
    assert_nothing_written(&scene, &report);
}

#[tokio::test]
async fn u21_a_change_made_during_the_run_is_seen_to_arrive_and_no_other_is_taken_for_it() {
    let scene = Scene::honest().await;
    let mut by_hand = 0;
    let report = run_with(watch(&scene, text().holding("\"the right one\"", &name()).unwrap(), 20_000), |kind| {
        if let (EventKind::Waiting { .. }, true) = (kind, by_hand < 2) {
            let texts: [&[&str]; 2] = [&["a wrong one"], &["the right one"]];
            scene.source.publish(|zone| zone.add_txt("www", texts[by_hand]));
            by_hand += 1;
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.outcome(), by_hand), (Outcome::Ok, 2), "{report}");
    assert_nothing_written(&scene, &report);
}

#[tokio::test]
async fn u21_a_serial_can_be_watched_too() {
    let scene = Scene::with_destination(ServerBuilder::paused).await;
    scene.source.publish(|_| ());
    let report = run_with(watch(&scene, watched("", RecordType::SOA), 20_000), |kind| {
        if matches!(kind, EventKind::Waiting { .. }) {
            scene.destination.resume();
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.outcome(), report.destinations()[0].serial), (Outcome::Ok, Some(2)), "{report}");
}

#[tokio::test]
async fn u21_where_nothing_changes_nothing_is_said_to_have_arrived() {
    let scene = Scene::honest().await;
    let (report, _) = run(&watch(&scene, watched("www.", RecordType::A), 700)).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    let error = report.destinations()[0].error.clone().unwrap();
    assert!(error.starts_with("nothing was changed"), "{error}");
    assert!(report.saw_no_change(&report.destinations()[0]));
}

#[tokio::test]
async fn u21_a_change_that_does_not_arrive_has_not_converged() {
    let scene = changed(|it| it).await;
    let (report, _) = run(&watch(&scene, text(), 700)).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
    let error = report.destinations()[0].error.clone().unwrap();
    assert!(error.contains("no such record"), "{error}");
    assert!(!report.saw_no_change(&report.destinations()[0]));
}

#[tokio::test]
async fn u21_a_change_that_nobody_makes_is_told_from_one_that_does_not_arrive() {
    let scene = Scene::honest().await;
    let never = text().holding("\"never\"", &name()).unwrap();
    let (report, _) = run(&watch(&scene, never, 500)).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    let error = report.source().unwrap().error.clone().unwrap();
    assert!(error.contains("did not hold www.example.test. TXT \"never\""), "{error}");
    let asked = |request: &Request| request.record_type() == RecordType::TXT && name().zone_of(&request.name());
    assert_eq!(scene.destination.count(asked), 0, "there is no measure");
}

#[tokio::test]
async fn u21_a_removal_by_hand_arrives_too() {
    let scene = Scene::new(zone().txt("www", &["old"]), |it| it, ServerBuilder::paused).await;
    scene.source.publish(|zone| zone.remove("www", RecordType::TXT));
    let report = run_with(watch(&scene, text(), 20_000), |kind| {
        if matches!(kind, EventKind::Waiting { .. }) {
            scene.destination.resume();
        }
    });
    assert_eq!(report.await.unwrap().outcome(), Outcome::Ok);
}

#[tokio::test]
async fn u21_a_ttl_is_a_change_unless_it_is_left_out() {
    let other = |ttl: u32| async move { Lab::primary(zone().ttl(ttl).txt("www", &["same"])).start().await.unwrap() };
    let (source, destination) = (other(300).await, other(60).await);
    let peers = || (Peer::at(source.address()), Peer::at(destination.address()));
    let check = |watched| {
        let (source, destination) = peers();
        Check::new(&name(), source, destination).schedule(schedule(600)).observe(watched)
    };
    let strict = run(&check(text())).await.unwrap().0;
    assert_eq!(strict.propagation(), Propagation::NotConverged, "{strict}");
    let named = text().holding("same", &name()).unwrap().ignore_ttl();
    assert_eq!(run(&check(named)).await.unwrap().0.propagation(), Propagation::Converged);
}

#[tokio::test]
async fn u21_a_source_that_goes_on_changing_is_followed() {
    let scene = changed(|it| it).await;
    let mut confirmed = 0;
    let report = run_with(watch(&scene, text(), 20_000), |kind| match kind {
        EventKind::Waiting { .. } => scene.destination.resume(),
        EventKind::Confirmed { .. } => {
            confirmed += 1;
            if confirmed == 1 {
                scene.source.publish(|zone| zone.add_txt("www", &["and again"]));
            }
        }
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.outcome(), confirmed), (Outcome::Ok, 2), "what changed meanwhile is waited for too: {report}");
}

#[tokio::test]
async fn u21_what_is_watched_must_be_in_the_zone() {
    let scene = Scene::honest().await;
    let elsewhere = Watched::new(&Name::from_ascii("www.example.com.").unwrap(), RecordType::A).unwrap();
    let refused = run(&watch(&scene, elsewhere, 500)).await;
    assert!(matches!(refused, Err(CheckError::Watched(_))), "{refused:?}");
    assert_eq!(scene.source.count(Request::is_query), 0);
}

#[tokio::test]
async fn p3_a_destination_without_authority_shows_nothing_of_what_is_watched() {
    let scene = Scene::honest().await;
    let other: Server = Lab::primary(Zone::new("test.").ns("@", "ns").ns("example", "ns")).start().await.unwrap();
    let check = Check::new(&name(), Peer::at(scene.source.address()), Peer::at(other.address()));
    let refused = run(&check.schedule(schedule(500)).observe(text())).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn u21_a_source_that_was_silent_for_one_question_is_watched_on() {
    let scene = Scene::honest().await;
    let (mut before, mut changed) = (None, false);
    let report = run_with(watch(&scene, text(), 20_000), |kind| {
        if changed || !matches!(kind, EventKind::Sampled { .. }) {
            return;
        }
        let asked = scene.source.requests().len();
        let before = *before.get_or_insert_with(|| {
            scene.source.inject(Fault::new(On::Any, Act::Lose));
            asked
        });
        // One question is asked over UDP, then over TCP; the next one shows that it is asked again.
        if asked > before + 2 {
            changed = true;
            scene.source.withdraw_all();
            scene.source.publish(|zone| zone.add_txt("www", &["by hand"]));
        }
    });
    let report = report.await.unwrap();
    assert!(changed, "{report}");
    assert_eq!((report.outcome(), report.propagation()), (Outcome::Ok, Propagation::Converged), "{report}");
    assert_nothing_written(&scene, &report);
}
