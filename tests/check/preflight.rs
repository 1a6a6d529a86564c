//! What is refused before anything is written.

use crate::lab::{Access, Act, Fault, Lab, On, Zone};
use crate::scene::{Scene, ms, name, refusal, run, schedule, zone};
use dnsconverge::check::{Check, CheckError};
use dnsconverge::net::{Server as Peer, ServerAddress};
use dnsconverge::report::{Cleanup, Propagation};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

/// A check in this zone must end in the pre-flight, with these words and without an update.
async fn refuses(zone: Zone, words: &str) {
    let scene = Scene::new(zone, |source| source, |destination| destination).await;
    let why = refusal(&scene.check()).await;
    assert!(why.contains(words), "{why}");
    assert_eq!(scene.updates(), 0, "nothing is written before the pre-flight passed");
    assert_eq!(scene.entries(), 0);
}

#[tokio::test]
async fn u19_a_dname_above_the_probe_hides_it() {
    refuses(zone().dname("_dnsconverge", "elsewhere"), "DNAME").await;
}

#[tokio::test]
async fn u19_a_zone_cut_above_the_probe_hides_it() {
    refuses(zone().ns("_dnsconverge", "ns.elsewhere"), "_dnsconverge.example.test.").await;
}

#[tokio::test]
async fn u17_a_wildcard_alias_takes_the_probes_name() {
    refuses(zone().cname("*._dnsconverge", "www"), "CNAME").await;
}

#[tokio::test]
async fn u18_a_wildcard_is_noted_and_only_the_token_counts() {
    let wild = || zone().txt("*", &["dnsconverge=1", "anything"]).txt("*._dnsconverge", &["anything"]);
    let scene = Scene::new(wild(), |source| source, |destination| destination).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert!(report.destinations()[0].notes.iter().any(|note| note.contains("wildcard")), "{report}");
    let stale = Scene::new(wild(), |source| source, crate::lab::ServerBuilder::paused).await;
    let (report, _) = run(&stale.check().schedule(schedule(600))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
}

#[tokio::test]
async fn v9_a_destination_that_is_the_source_by_another_name() {
    let scene = Scene::honest().await;
    let port = scene.source.address().port();
    let check = |destination: &str| {
        let destination: ServerAddress = destination.parse().unwrap();
        Check::new(&name(), Peer::at(scene.source.address()), Peer::at(destination)).journal(scene.journal.path())
    };
    for spelling in [format!("localhost:{port}"), format!("127.0.0.1#{port}"), format!("[::ffff:127.0.0.1]:{port}")] {
        let refused = run(&check(&spelling).unsigned()).await;
        assert!(matches!(refused, Err(CheckError::Plan(_))), "{spelling}: {refused:?}");
    }
    assert!(scene.source.requests().is_empty(), "not even asked");
}

#[tokio::test]
async fn u17_a_zone_that_is_not_served_there() {
    let scene = Scene::honest().await;
    let stranger = Lab::primary(Zone::new("other.test.")).start().await.unwrap();
    for (source, destination) in [(&stranger, &scene.destination), (&scene.source, &stranger)] {
        let check = Check::new(&name(), Peer::at(source.address()), Peer::at(destination.address()));
        let why = refusal(&check.journal(scene.journal.path()).unsigned()).await;
        assert!(why.contains(&stranger.address().to_string()) && why.contains("REFUSED"), "{why}");
    }
    assert_eq!(scene.updates() + stranger.count(crate::lab::Request::is_update), 0);
}

#[tokio::test]
async fn p3_a_resolver_is_no_destination() {
    let resolver = Act::each_message(|_, message| {
        message.metadata.authoritative = false;
        message.metadata.recursion_available = true;
    });
    let scene = Scene::with_destination(|it| it.fault(Fault::new(On::Query, resolver))).await;
    let why = refusal(&scene.check()).await;
    assert!(why.contains("this is a resolver or cache"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn s3_a_soa_answer_that_is_none() {
    let soa = |act| Fault::new(On::QueryOf(RecordType::SOA), act);
    let twice = Act::each_message(|_, message| {
        let mut second = message.answers.clone();
        for record in &mut second {
            if let hickory_proto::rr::RData::SOA(soa) = &mut record.data {
                soa.serial += 1;
            }
        }
        message.answers.extend(second);
    });
    let elsewhere = Act::each_message(|_, message| {
        let answers = std::mem::take(&mut message.answers);
        message.authorities.extend(answers);
    });
    for act in [twice, elsewhere, Act::NotAuthoritative, Act::Rcode(ResponseCode::ServFail)] {
        let scene = Scene::with_destination(|it| it.fault(soa(act))).await;
        refusal(&scene.check()).await;
        assert_eq!(scene.updates(), 0);
    }
}

#[tokio::test]
async fn u17_a_destination_that_refuses_ends_the_run() {
    let scene = Scene::with_destination(|it| it.query_by(Access::Nobody)).await;
    let why = refusal(&scene.check()).await;
    assert!(why.contains("not fit") && why.contains("REFUSED"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn r6_a_destination_that_is_not_there_is_named_with_its_port() {
    let scene = Scene::honest().await;
    let gone = Lab::secondary_of(&scene.source).start().await.unwrap().address();
    let check = Check::new(&name(), Peer::at(scene.source.address()), Peer::at(gone)).journal(scene.journal.path());
    let why = refusal(&check.schedule(schedule(3000).timeout(ms(300))).unsigned()).await;
    assert!(why.contains(&gone.to_string()), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn v3_keep_going_makes_an_inconclusive_row() {
    let scene = Scene::honest().await;
    let refusing = Lab::secondary_of(&scene.source).query_by(Access::Nobody).start().await.unwrap();
    let check = scene.check().destination(Peer::at(refusing.address())).keep_going();
    let (report, _) = run(&check).await.unwrap();
    let rows: Vec<_> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::Converged, Propagation::Inconclusive]);
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn u21_a_dry_run_sends_no_update() {
    let scene = Scene::honest().await;
    let check = Check::new(&name(), Peer::at(scene.source.address()), Peer::at(scene.destination.address()));
    let check = check.journal(scene.journal.path()).dry_run();
    let (report, _) = run(&check).await.expect("what is not sent needs no key");
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::NotPlanted), "{report}");
    let update = report.would_plant().unwrap();
    assert!(update.contains("is not in use") && update.contains("IN TXT"), "{update}");
    assert_eq!((scene.updates(), scene.entries()), (0, 0));
    assert!(scene.destination.count(crate::lab::Request::is_query) > 0, "the pre-flight was done");
}

#[tokio::test]
async fn u22_without_a_key_or_permission_no_packet_is_sent() {
    let scene = Scene::honest().await;
    let check = Check::new(&name(), Peer::at(scene.source.address()), Peer::at(scene.destination.address()));
    let refused = run(&check.journal(scene.journal.path())).await;
    assert!(matches!(refused, Err(CheckError::NoKey { .. })), "{refused:?}");
    assert!(scene.source.requests().is_empty() && scene.destination.requests().is_empty());
}

#[tokio::test]
async fn u14_without_a_journal_nothing_is_planted() {
    let scene = Scene::honest().await;
    let file = scene.journal.path().join("a-file");
    std::fs::write(&file, "in the way").unwrap();
    let why = refusal(&scene.check().journal(&file)).await;
    assert!(why.contains("journal"), "{why}");
    assert_eq!(scene.updates(), 0);
}
