//! Which key signs what, and what a wrong signature means.

use crate::lab::{Access, Act, Algorithm, Fault, Key, Lab, On, Request, Server, Signature, Transport, TsigFault};
use crate::scene::{Scene, ms, name, refusal, run, schedule, zone};
use dnsconverge::check::Check;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::Cleanup;
use dnsconverge::tsig::TsigKey;
use hickory_proto::rr::RecordType;

/// A key of the lab.
fn lab_key(name: &str) -> Key {
    Key::new(name, Algorithm::Sha256, format!("a long enough secret of {name}").as_bytes())
}

/// The same key as the crate reads it.
fn key(key: &Key) -> TsigKey {
    TsigKey::parse(&key.argument()).unwrap()
}

/// The names of the keys by which these requests were signed.
fn signers(server: &Server, wanted: impl Fn(&Request) -> bool) -> Vec<String> {
    let requests = server.requests();
    let mut names: Vec<String> = requests
        .iter()
        .filter(|request| wanted(request))
        .map(|request| match &request.signature {
            Signature::Valid(name) => name.to_ascii(),
            other => format!("{other:?}"),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A scene whose source takes updates by this key alone and knows it.
async fn signed(update: &Key, fault: Option<Fault>) -> (Scene, Check) {
    let scene = Scene::with_source(|source| {
        let source = source.key(update).update_by(Access::key(update));
        fault.into_iter().fold(source, crate::lab::ServerBuilder::fault)
    })
    .await;
    let source = Peer::at(scene.source.address()).key(key(update));
    let check = Check::new(&name(), source, Peer::at(scene.destination.address()))
        .schedule(schedule(5000).timeout(ms(500)))
        .journal(scene.journal.path());
    (scene, check)
}

#[tokio::test]
async fn u17_both_keys_of_a_source_without_udp_are_proven_within_one_patience() {
    let [query, update] = ["query.key.", "update.key."].map(lab_key);
    let lost = Fault::new(On::Any, Act::Lose).over(Transport::Udp);
    let scene = Scene::with_source(|it| it.key(&query).key(&update).update_by(Access::key(&update)).fault(lost)).await;
    let source = Peer::at(scene.source.address()).key(key(&query)).update_key(key(&update));
    let check = Check::new(&name(), source, Peer::at(scene.destination.address()));
    let check = check.schedule(schedule(20_000).timeout(ms(1500))).journal(scene.journal.path()).dry_run();
    assert_eq!(run(&check).await.unwrap().0.exit_status(), 0);
    let soa = |request: &Request| request.is_query() && request.record_type() == RecordType::SOA;
    let by_tcp = scene.source.requests().iter().filter(|it| soa(it) && it.transport == Transport::Tcp).count();
    assert_eq!(by_tcp, 2, "one with each key");
}

#[tokio::test]
async fn t14_each_server_sees_its_own_key_and_no_other() {
    let [query, update, other] = ["query.key.", "update.key.", "other.key."].map(lab_key);
    let source = Lab::primary(zone()).key(&query).key(&update);
    let source = source.query_by(Access::key(&query)).update_by(Access::key(&update)).start().await.unwrap();
    let destination = Lab::secondary_of(&source).key(&other).query_by(Access::key(&other)).start().await.unwrap();
    let open = Lab::secondary_of(&source).start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let peer = Peer::at(source.address()).key(key(&query)).update_key(key(&update));
    let check = Check::new(&name(), peer, Peer::at(destination.address()).key(key(&other)).update_key(key(&update)))
        .destination(Peer::at(open.address()))
        .schedule(schedule(5000))
        .journal(journal.path());
    let (report, _) = run(&check).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert_eq!(signers(&source, Request::is_update), ["update.key."]);
    let asks_for_soa = |request: &Request| request.is_query() && request.record_type() == RecordType::SOA;
    let others = |request: &Request| request.is_query() && !asks_for_soa(request);
    assert_eq!(signers(&source, others), ["query.key."]);
    assert_eq!(
        signers(&source, asks_for_soa),
        ["query.key.", "update.key."],
        "U17: both keys are tried before the plant"
    );
    assert_eq!(signers(&destination, |_| true), ["other.key."]);
    assert_eq!(signers(&open, |_| true), ["Unsigned"]);
    assert_eq!(report.source().unwrap().name.authenticated_by.as_deref(), Some("query.key."));
}

#[tokio::test]
async fn u17_an_update_key_alone_signs_the_questions_to_the_source_too() {
    let update = lab_key("update.key.");
    let scene = Scene::with_source(|source| source.key(&update).update_by(Access::key(&update))).await;
    let peer = Peer::at(scene.source.address()).update_key(key(&update));
    let check = Check::new(&name(), peer, Peer::at(scene.destination.address())).journal(scene.journal.path());
    let (report, _) = run(&check.schedule(schedule(5000))).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert_eq!(signers(&scene.source, |_| true), ["update.key."]);
    assert_eq!(report.source().unwrap().name.authenticated_by.as_deref(), Some("update.key."));
    assert_eq!(signers(&scene.destination, |_| true), ["Unsigned"]);
}

#[tokio::test]
async fn u9_a_badly_signed_reply_although_applied() {
    for fault in [TsigFault::WrongMac, TsigFault::Unsigned, TsigFault::OtherKey(lab_key("stranger."))] {
        let fault = Fault::new(On::Add, Act::Tsig(fault));
        let (scene, check) = signed(&lab_key("update.key."), Some(fault)).await;
        let (report, _) = run(&check).await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
        assert_eq!(scene.updates(), 2, "never sent again");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn t6_a_key_that_the_server_does_not_know_is_found_before_anything_is_written() {
    let scene = Scene::with_source(|source| source.key(&lab_key("update.key."))).await;
    let stranger = lab_key("stranger.key.");
    let peer = Peer::at(scene.source.address()).key(key(&stranger));
    let check = Check::new(&name(), peer, Peer::at(scene.destination.address())).journal(scene.journal.path());
    let why = refusal(&check.schedule(schedule(3000).timeout(ms(300)))).await;
    assert!(why.contains("does not know key stranger.key"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn t10_a_clock_that_is_wrong_is_found_before_anything_is_written() {
    let update = lab_key("update.key.");
    let scene = Scene::with_source(|source| source.key(&update).clock_offset(7200)).await;
    let peer = Peer::at(scene.source.address()).key(key(&update));
    let check = Check::new(&name(), peer, Peer::at(scene.destination.address())).journal(scene.journal.path());
    let why = refusal(&check.schedule(schedule(3000).timeout(ms(300)))).await;
    assert!(why.contains("clock"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn t12_an_unsigned_answer_to_a_signed_question_is_not_believed() {
    let update = lab_key("update.key.");
    let fault = Fault::new(On::Query, Act::Tsig(TsigFault::Unsigned));
    let (scene, check) = signed(&update, Some(fault)).await;
    refusal(&check).await;
    assert_eq!(scene.updates(), 0);
    assert_eq!(signers(&scene.source, |_| true), ["update.key."], "never asked again without a signature");
}

#[tokio::test]
async fn l4_the_journal_names_the_key_and_not_its_secret() {
    let [query, update] = ["query.key.", "update.key."].map(lab_key);
    let scene = Scene::with_source(|source| source.key(&query).key(&update)).await;
    let peer = Peer::at(scene.source.address()).key(key(&query)).update_key(key(&update));
    let check = Check::new(&name(), peer, Peer::at(scene.destination.address())).journal(scene.journal.path());
    let mut entry = String::new();
    let report = check.run_until(std::future::pending(), |_| {
        for file in std::fs::read_dir(scene.journal.path()).unwrap() {
            // It may vanish while we look.
            entry = std::fs::read_to_string(file.unwrap().path()).unwrap_or(std::mem::take(&mut entry));
        }
    });
    assert_eq!(report.await.unwrap().exit_status(), 0);
    assert!(
        entry.contains("\"update.key.\"") && !entry.contains("query.key."),
        "the sweep will need this one: {entry}"
    );
    assert!(!entry.contains(&update.base64()) && !entry.contains(&query.base64()));
}

#[tokio::test]
async fn t6_an_update_key_that_the_server_does_not_know_is_found_before_anything_is_written() {
    let query = lab_key("query.key.");
    let scene = Scene::with_source(|source| source.key(&query)).await;
    let peer = Peer::at(scene.source.address()).key(key(&query)).update_key(key(&lab_key("stranger.key.")));
    let check = Check::new(&name(), peer, Peer::at(scene.destination.address())).journal(scene.journal.path());
    let why = refusal(&check.schedule(schedule(3000).timeout(ms(300)))).await;
    assert!(why.contains("does not know key stranger.key"), "{why}");
    assert_eq!(scene.updates(), 0);
}
