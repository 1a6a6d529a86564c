//! What the servers see of a check: every question and update as it arrives.

use crate::lab::{Act, Fault, On, Request, Transport};
use crate::scene::{Scene, name, refusal, run};
use hickory_proto::op::{OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use std::collections::HashSet;

/// An honest run, and what the source and the destination saw.
async fn seen() -> (Vec<Request>, Vec<Request>) {
    let scene = Scene::honest().await;
    run(&scene.check()).await.unwrap();
    (scene.source.requests(), scene.destination.requests())
}

/// The add and the deletion of an honest run.
async fn updates() -> [Request; 2] {
    let (source, _) = seen().await;
    let updates: Vec<Request> = source.into_iter().filter(Request::is_update).collect();
    updates.try_into().expect("one add, one deletion")
}

#[tokio::test]
async fn u1_updates_name_exactly_the_zone() {
    for update in updates().await {
        assert_eq!((update.opcode(), update.message.queries.len()), (OpCode::Update, 1));
        assert_eq!((update.name(), update.record_type()), (name(), RecordType::SOA));
        assert_eq!(update.message.queries[0].query_class(), DNSClass::IN);
    }
}

#[tokio::test]
async fn u2_the_add_requires_that_the_name_is_not_in_use() {
    let [add, deletion] = updates().await;
    let [prerequisite] = add.message.answers.as_slice() else { panic!("one prerequisite") };
    assert_eq!((prerequisite.dns_class, prerequisite.record_type()), (DNSClass::NONE, RecordType::ANY));
    assert_eq!(prerequisite.name, add.message.authorities[0].name);
    assert!(deletion.message.answers.is_empty(), "a stranger beside the probe must not stop its deletion");
}

#[tokio::test]
async fn u3_one_txt_with_a_low_ttl_is_added() {
    let [add, _] = updates().await;
    let [record] = add.message.authorities.as_slice() else { panic!("one change") };
    assert_eq!((record.dns_class, record.record_type()), (DNSClass::IN, RecordType::TXT));
    assert!((1..=60).contains(&record.ttl));
    let owner = record.name.to_ascii();
    assert!(owner.ends_with("._dnsconverge.example.test.") && owner.split('.').next().unwrap().len() == 26);
}

#[tokio::test]
async fn u4_exactly_that_record_is_deleted() {
    let [add, deletion] = updates().await;
    let (added, [deleted]) = (&add.message.authorities[0], deletion.message.authorities.as_slice()) else {
        panic!("one change")
    };
    assert_eq!((deleted.dns_class, deleted.ttl), (DNSClass::NONE, 0));
    assert_eq!((&deleted.name, &deleted.data), (&added.name, &added.data));
}

#[tokio::test]
async fn u5_updates_go_over_tcp() {
    assert!(updates().await.iter().all(|update| update.transport == Transport::Tcp));
}

#[tokio::test]
async fn u10_updates_go_to_the_source_alone() {
    let (source, destination) = seen().await;
    assert_eq!(
        (source.iter().filter(|it| it.is_update()).count(), destination.iter().any(Request::is_update)),
        (2, false)
    );
}

#[tokio::test]
async fn p2_every_question_has_a_new_port_and_an_id_of_its_own() {
    let (_, destination) = seen().await;
    let sources: HashSet<_> = destination.iter().map(|request| (request.source, request.id())).collect();
    assert_eq!(sources.len(), destination.len());
    let ids: HashSet<u16> = destination.iter().map(Request::id).collect();
    assert!(ids.len() > 2, "{ids:?}");
}

#[tokio::test]
async fn p6_questions_are_for_soa_and_txt_without_recursion() {
    let (source, destination) = seen().await;
    for request in source.iter().chain(&destination).filter(|request| request.is_query()) {
        assert!(matches!(request.record_type(), RecordType::SOA | RecordType::TXT), "{}", request.record_type());
        assert!(!request.recursion_desired());
    }
}

#[tokio::test]
async fn p4_the_probes_name_is_not_asked_at_a_destination_before_the_add() {
    let (source, destination) = seen().await;
    let owner = source.iter().find(|request| request.is_add()).unwrap().message.authorities[0].name.clone();
    let first = destination.iter().find(|request| request.record_type() == RecordType::TXT).unwrap();
    assert_ne!(first.name(), owner, "a cache before the server would keep its absence");
    assert!(destination.iter().any(|request| request.name() == owner));
}

#[tokio::test]
async fn u17_the_pre_flight_asks_soa_and_name_of_both() {
    let (source, destination) = seen().await;
    let before = |requests: &[Request]| {
        let types: Vec<RecordType> = requests.iter().take(2).map(Request::record_type).collect();
        assert_eq!(types, [RecordType::SOA, RecordType::TXT]);
    };
    before(&source);
    before(&destination);
    assert!(source[..2].iter().all(|request| !request.is_update()));
}

#[tokio::test]
async fn p11_a_server_that_never_answers_a_cookie_well_is_told_by_its_code() {
    let insists = Fault::new(On::Query, Act::Rcode(ResponseCode::BADCOOKIE));
    let scene = Scene::with_destination(|it| it.fault(insists)).await;
    let why = refusal(&scene.check()).await;
    assert!(why.contains("BADCOOKIE"), "{why}");
    assert_eq!(scene.updates(), 0);
}

#[tokio::test]
async fn n6_no_notify_is_ever_sent() {
    let (source, destination) = seen().await;
    assert!(source.iter().chain(&destination).all(|request| request.opcode() != OpCode::Notify));
}
