//! A ticket from a cache ends while the probe is planted, and there is no other: the probe is taken back all the same, or what is left
//! is said.

use crate::gss::acceptor::Fault;
use crate::updates::{Scene, with_cache};
use dnsconverge::converge::Schedule;
use dnsconverge::net::unix_now;
use dnsconverge::report::{Cleanup, Propagation, Report};
use dnsconverge::sweep::{Sweep, Swept};
use std::time::Duration;

/// A check by a ticket that has ended before the destination shows anything.
async fn outlives_its_ticket(scene: &Scene) -> Report {
    let ends = unix_now() + 4;
    let schedule = Schedule::every(Duration::from_millis(20)).for_at_most(Duration::from_secs(20));
    let check = scene.check(with_cache(ends.try_into().unwrap()));
    let check = check.schedule(schedule.cleanup_timeout(Duration::from_secs(1)));
    scene.secondary.pause();
    let running = tokio::spawn(async move { check.run_until(std::future::pending(), |_| ()).await });
    while scene.primary.zone().below("_dnsconverge").is_empty() || unix_now() < ends {
        assert!(!running.is_finished(), "it was planted: {:?}", running.await);
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_millis(20)).await;
    }
    scene.secondary.resume();
    running.await.unwrap().unwrap()
}

#[tokio::test]
async fn u4_what_was_planted_under_a_ticket_that_has_ended_is_taken_back_under_it() {
    let scene = Scene::new(Fault::None).await;
    scene.assert_proven(&outlives_its_ticket(&scene).await);
    assert_eq!(scene.front.contexts(), (1, 1), "there is no ticket for another one");
    assert_eq!(scene.updates(), [true, true], "never unsigned");
}

#[tokio::test]
async fn u15_where_the_server_minds_that_the_report_names_what_is_left_and_how_to_remove_it() {
    let scene = Scene::new(Fault::None).await;
    scene.front.forget_after(1);
    let report = outlives_its_ticket(&scene).await;
    assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Unconfirmed), "{report}");
    assert_eq!(report.exit_status(), 3);
    let left = scene.primary.zone().below("_dnsconverge");
    let text = report.to_string();
    assert!(text.contains(&format!("update delete {}", left[0].name)) && text.contains("kinit"), "{text}");
    assert!(scene.updates().iter().all(|signed| *signed), "never unsigned");
    // Logged in again, the sweep does what the lines do.
    let sweep = Sweep::journal(scene.journal.path()).account(with_cache(u32::MAX));
    let swept = sweep.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert!(matches!(swept.probes[0].outcome, Swept::Removed), "{swept:?}");
    assert!(scene.primary.zone().below("_dnsconverge").is_empty());
}
