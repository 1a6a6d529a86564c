//! What a run does with its connections (R2, R5): where a server answers over TCP alone, all goes over them.

use crate::lab::{Act, Fault, On, Request, Step, Transport};
use crate::scene::{Scene, run, run_with};
use dnsconverge::report::{EventKind, Propagation};
use std::collections::HashMap;

/// UDP never arrives.
fn without_udp() -> Fault {
    Fault::new(On::Any, Act::Lose).over(Transport::Udp)
}

/// How many requests came over each connection.
fn carried(requests: &[Request]) -> HashMap<usize, usize> {
    let over_tcp = requests.iter().filter(|request| request.transport == Transport::Tcp);
    over_tcp.fold(HashMap::new(), |mut carried, request| {
        *carried.entry(request.connection).or_default() += 1;
        carried
    })
}

#[tokio::test]
async fn r2_p2_polls_share_a_connection_for_a_while_and_confirmations_have_their_own() {
    let scene = Scene::with_destination(|it| it.fault(without_udp()).paused()).await;
    let destination = &scene.destination;
    let mut waited = 0;
    let report = run_with(scene.check(), |event| {
        waited += usize::from(matches!(event, EventKind::Sampled { .. }));
        if waited == 5 {
            destination.resume();
        }
    });
    assert_eq!(report.await.unwrap().propagation(), Propagation::Converged);
    let polls: Vec<Request> = destination.requests().into_iter().filter(|it| it.transport == Transport::Tcp).collect();
    let carried = carried(&polls);
    assert!(carried.values().all(|count| *count <= 8) && carried.len() < polls.len() / 2, "{carried:?}");
    let confirmed = polls.iter().filter(|request| carried[&request.connection] == 1).count();
    assert!(confirmed >= 2, "the second and the third confirmation: {carried:?}");
    scene.assert_clean();
}

#[tokio::test]
async fn r2_r5_a_server_that_closes_after_every_answer_is_polled_all_the_same() {
    let closing = Act::steps(|steps| Box::new(steps.chain([Step::Close])));
    let closing = || Fault::new(On::Any, closing.clone()).over(Transport::Tcp);
    let scene =
        Scene::new(crate::scene::zone(), |it| it.fault(closing()), |it| it.fault(without_udp()).fault(closing()));
    let scene = scene.await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Converged, 0), "{report}");
    assert!(carried(&scene.destination.requests()).values().all(|count| *count == 1));
    scene.assert_clean();
}

#[tokio::test]
async fn r2_r5_u9_an_update_over_a_kept_connection_that_ends_may_be_applied_and_is_not_repeated() {
    let lost = Fault::new(On::Add, Act::DoneThenClose);
    let scene = Scene::with_source(|it| it.fault(without_udp()).fault(lost)).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.propagation(), Propagation::Converged, "{report}");
    let source = scene.source.requests();
    let adds: Vec<&Request> = source.iter().filter(|request| request.is_add()).collect();
    assert_eq!(adds.len(), 1);
    assert!(carried(&source)[&adds[0].connection] > 1, "it was kept from the questions before");
    scene.assert_clean();
}

#[tokio::test]
async fn r2_an_update_never_takes_a_connection_that_the_server_has_closed() {
    let closing = Act::steps(|steps| Box::new(steps.chain([Step::Close])));
    let closing = Fault::new(On::Query, closing).over(Transport::Tcp);
    let scene = Scene::with_source(|it| it.fault(without_udp()).fault(closing)).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert_eq!(scene.source.count(Request::is_update), 2);
    scene.assert_clean();
}
