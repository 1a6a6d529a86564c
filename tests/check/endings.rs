//! However a run ends, the probe is taken back, or the journal knows of it.

use crate::scene::{Scene, entries, ms, run, run_with, schedule};
use dnsconverge::check::CheckError;
use dnsconverge::converge::Unchanged;
use dnsconverge::report::{Cleanup, EventKind, Propagation};
use dnsconverge::sweep::{Sweep, Swept};
use tokio::sync::Notify;

/// Stops a run as soon as this is told; the probe must be gone and the journal empty, whenever that was.
async fn stopped_at(moment: fn(&EventKind) -> bool) -> Result<dnsconverge::Report, CheckError> {
    let (scene, stop) = (Scene::honest().await, Notify::new());
    let check = scene.check();
    let outcome = check.run_until(stop.notified(), |event| {
        if moment(&event.kind) {
            stop.notify_one();
        }
    });
    let outcome = outcome.await;
    scene.assert_clean();
    outcome
}

#[tokio::test]
async fn u13_stopped_in_the_pre_flight() {
    let outcome = stopped_at(|kind| matches!(kind, EventKind::Started { .. })).await;
    assert!(matches!(outcome, Err(CheckError::Unchanged(Unchanged::Stopped))), "{outcome:?}");
}

#[tokio::test]
async fn u13_stopped_while_the_add_is_in_flight() {
    let report = stopped_at(|kind| matches!(kind, EventKind::Planting { .. })).await.unwrap();
    assert_eq!((report.cleanup(), report.stopped()), (Cleanup::Removed, true));
}

#[tokio::test]
async fn u13_stopped_while_polling() {
    for moment in [
        |kind: &EventKind| matches!(kind, EventKind::Planted { .. }),
        |kind: &EventKind| matches!(kind, EventKind::Seen { times: 2, .. }),
    ] {
        let report = stopped_at(moment).await.unwrap();
        assert_eq!((report.cleanup(), report.exit_status()), (Cleanup::Removed, 2), "{report}");
    }
}

#[tokio::test]
async fn u13_stopped_after_the_last_confirmation() {
    let report = stopped_at(|kind| matches!(kind, EventKind::Confirmed { .. })).await.unwrap();
    assert_eq!((report.cleanup(), report.stopped()), (Cleanup::Removed, true));
}

#[tokio::test]
async fn u13_stopped_while_it_is_taken_back() {
    let report = stopped_at(|kind| matches!(kind, EventKind::Removing { .. })).await.unwrap();
    assert_eq!((report.cleanup(), report.propagation()), (Cleanup::Removed, Propagation::Converged));
}

#[tokio::test]
async fn u13_stopped_while_it_is_seen_to_go() {
    let report = stopped_at(|kind| matches!(kind, EventKind::Removed { .. })).await.unwrap();
    assert_eq!((report.cleanup(), report.propagation()), (Cleanup::Removed, Propagation::Converged));
}

#[tokio::test]
async fn u13_stopped_before_it_began() {
    let scene = Scene::honest().await;
    let outcome = scene.check().run_until(std::future::ready(()), |_| ()).await;
    assert!(matches!(outcome, Err(CheckError::Unchanged(Unchanged::Stopped))), "{outcome:?}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn v8_the_deadline_does_not_shorten_the_clean_up() {
    let scene = Scene::with_destination(crate::lab::ServerBuilder::paused).await;
    let (report, events) = run(&scene.check().schedule(schedule(400))).await.unwrap();
    assert!(events.iter().any(|event| matches!(event.kind, EventKind::DeadlinePassed)));
    assert_eq!((report.exit_status(), report.cleanup()), (1, Cleanup::Removed), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn v8_a_deadline_in_the_pre_flight_leaves_the_zone_unchanged() {
    let lost = crate::lab::Fault::new(crate::lab::On::Any, crate::lab::Act::Lose);
    let scene = Scene::with_destination(|it| it.fault(lost)).await;
    let outcome = run(&scene.check().schedule(schedule(200))).await;
    assert!(matches!(outcome, Err(CheckError::Unchanged(Unchanged::Deadline))), "{outcome:?}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn v8_a_deadline_beyond_all_clocks_is_none() {
    let scene = Scene::honest().await;
    let endless = dnsconverge::Schedule::every(ms(20)).for_at_most(std::time::Duration::MAX);
    assert_eq!(run(&scene.check().schedule(endless)).await.unwrap().0.exit_status(), 0);
}

#[tokio::test]
async fn u14_the_entry_is_on_disk_for_as_long_as_the_probe_may_exist() {
    let scene = Scene::honest().await;
    let mut seen = Vec::new();
    let report = run_with(scene.check(), |kind| {
        seen.push((scene.entries(), !scene.source.zone().below("_dnsconverge").is_empty()));
        if matches!(kind, EventKind::Planting { .. }) {
            assert_eq!(scene.entries(), 1, "on disk before the add leaves");
        }
    });
    assert_eq!(report.await.unwrap().exit_status(), 0);
    assert!(seen.contains(&(1, true)) && !seen.contains(&(0, true)), "{seen:?}");
    scene.assert_clean();
}

#[tokio::test]
async fn u14_a_dropped_run_leaves_its_probe_to_the_journal() {
    let (scene, planted) = (Scene::honest().await, Notify::new());
    let check = scene.check();
    let run = check.run_until(std::future::pending(), |event| {
        if matches!(event.kind, EventKind::Planted { .. }) {
            planted.notify_one();
        }
    });
    tokio::select! {
        outcome = run => panic!("{outcome:?}"),
        () = planted.notified() => {}
    }
    assert_eq!((scene.source.zone().below("_dnsconverge").len(), entries(scene.journal.path())), (1, 1));
    let sweep = Sweep::journal(scene.journal.path()).unsigned();
    let report = sweep.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!((report.probes[0].outcome.clone(), report.exit_status()), (Swept::Removed, 0));
    scene.assert_clean();
}

#[tokio::test]
async fn u14_leftovers_of_other_runs_are_told() {
    let scene = Scene::honest().await;
    std::fs::write(scene.journal.path().join("probe-x.json"), "{").unwrap();
    let (report, _) = run(&scene.check()).await.unwrap();
    assert!(report.notes().iter().any(|note| note.contains("sweep")), "{report}");
    let refusing = crate::lab::Fault::new(crate::lab::On::Any, crate::lab::Act::Lose);
    scene.destination.inject(refusing);
    let mut told = false;
    let check = scene.check().schedule(schedule(200));
    let outcome =
        run_with(check, |kind| told |= matches!(kind, EventKind::Note { text, .. } if text.contains("sweep")));
    assert!(outcome.await.is_err() && told, "also when the run ends early");
}

#[test]
fn v8_the_wall_clock_is_read_for_signatures_and_ages_alone() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pending = vec![root];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let is_clock = path.ends_with("net/clock.rs");
        // The type alone is no clock: files have a time of their own.
        let reads = ["SystemTime::now", "UNIX_EPOCH"].iter().any(|word| text.contains(word));
        assert!(is_clock || !reads, "{}", path.display());
        for line in text.lines().filter(|line| line.contains("unix_now(") && !is_clock) {
            let times = ["deadline", "timeout", "Instant", "sleep", "until"];
            assert!(!times.iter().any(|word| line.contains(word)), "{}: {line}", path.display());
        }
    }
}

/// A run that ends, one way or another, when so many events have been told.
async fn cut_short(scene: &Scene, events: usize, kill: bool) -> bool {
    let (mut told, moment) = (0, Notify::new());
    let check = scene.check();
    let on_event = |_: &dnsconverge::Event| {
        told += 1;
        if told == events {
            moment.notify_one();
        }
    };
    if kill {
        tokio::select! {
            biased;
            () = moment.notified() => true,
            _ = check.run_until(std::future::pending(), on_event) => false,
        }
    } else {
        let _ = check.run_until(moment.notified(), on_event).await;
        told >= events
    }
}

#[tokio::test]
async fn u13_stopped_after_any_event_nothing_is_left() {
    let scene = Scene::honest().await;
    let mut events = 1;
    while cut_short(&scene, events, false).await {
        scene.assert_clean();
        events += 1;
    }
    scene.assert_clean();
    assert!(events > 10, "a whole run has more events than {events}");
}

/// Takes back what the journal names.
async fn sweep(scene: &Scene) {
    let sweep = Sweep::journal(scene.journal.path()).unsigned();
    assert_eq!(sweep.run_until(std::future::pending(), |_| ()).await.unwrap().exit_status(), 0);
}

#[tokio::test]
async fn u14_killed_after_any_event_the_sweep_leaves_nothing() {
    let scene = Scene::honest().await;
    let (mut events, mut left) = (1, 0);
    while cut_short(&scene, events, true).await {
        left += scene.entries();
        sweep(&scene).await;
        assert!(scene.source.zone().below("_dnsconverge").is_empty());
        events += 1;
    }
    // A dropped run, unlike a killed one, has a thread that may write its entry still: an entry without a probe.
    while scene.entries() > 0 {
        sweep(&scene).await;
    }
    assert!(events > 10 && left > 3, "{left} of {events} were killed with an entry in the journal");
}
