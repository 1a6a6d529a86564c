//! Section 5: what happens around the tool itself.

use crate::scene::{Scene, refusal, run_with};
use dnsconverge::report::{Cleanup, EventKind};

#[tokio::test]
async fn h127_without_a_place_for_the_journal_nothing_is_planted() {
    let scene = Scene::honest().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let why = refusal(&scene.check().journal(file.path().join("journal"))).await;
    assert!(why.contains("journal"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn h127_a_journal_that_is_lost_does_not_keep_the_probe_from_being_taken_back() {
    let scene = Scene::honest().await;
    let report = run_with(scene.check(), |kind| {
        if matches!(kind, EventKind::Planted { .. }) {
            std::fs::remove_dir_all(scene.journal.path()).unwrap();
        }
    });
    let report = report.await.unwrap();
    assert_eq!(report.cleanup(), Cleanup::Removed, "{report}");
    assert!(scene.source.zone().below("_dnsconverge").is_empty());
}
