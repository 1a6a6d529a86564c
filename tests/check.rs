//! Whole lives of a probe against the embedded lab: what a check proves, what it refuses, and what it leaves behind.
//!
//! One server misbehaves in one way in each scenario. The rules are those of `tests/rules.toml`.

#[path = "check/connections.rs"]
mod connections;
#[path = "check/destinations.rs"]
mod destinations;
#[path = "check/endings.rs"]
mod endings;
#[path = "check/keys.rs"]
mod keys;
#[path = "lab/mod.rs"]
mod lab;
#[path = "check/leases.rs"]
mod leases;
#[path = "check/notify.rs"]
mod notify;
#[path = "check/preflight.rs"]
mod preflight;
#[path = "check/responders.rs"]
mod responders;
#[path = "check/scene.rs"]
mod scene;
#[path = "check/sources.rs"]
mod sources;
#[path = "check/watching.rs"]
mod watching;
#[path = "check/wire.rs"]
mod wire;

use dnsconverge::report::{Cleanup, Propagation};
use scene::{Scene, run};

#[tokio::test]
async fn v1_a_probe_arrives_is_taken_back_and_seen_to_go() {
    let scene = Scene::honest().await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Removed));
    assert_eq!(report.exit_status(), 0, "{report}");
    let row = &report.destinations()[0];
    assert!(row.samples >= 3 && row.seen_after_ms.is_some() && row.gone_after_ms.is_some());
    scene.assert_clean();
}

#[tokio::test]
async fn v6_each_exit_status() {
    let honest = Scene::honest().await;
    let stale = Scene::new(scene::zone(), |source| source, lab::ServerBuilder::paused).await;
    let refuses = Scene::new(scene::zone(), |source| source.update_by(lab::Access::Nobody), |it| it).await;
    let keeps = lab::Fault::new(lab::On::Delete, lab::Act::Rcode(hickory_proto::op::ResponseCode::Refused));
    let keeps = Scene::new(scene::zone(), |source| source.fault(keeps), |it| it).await;
    let impatient = |scene: &Scene| scene.check().schedule(scene::schedule(700).cleanup_timeout(scene::ms(500)));
    assert_eq!(run(&honest.check()).await.unwrap().0.exit_status(), 0);
    assert_eq!(run(&impatient(&stale)).await.unwrap().0.exit_status(), 1);
    // An error is exit status 2: the zone is unchanged.
    assert!(run(&impatient(&refuses)).await.is_err());
    assert_eq!(run(&impatient(&keeps)).await.unwrap().0.exit_status(), 3, "a leak overrides OK");
}
