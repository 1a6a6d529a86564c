//! Questions and transfers under a context, for servers that answer principals alone.

use crate::gss::acceptor::Fault;
use crate::gss::front::Front;
use crate::gss::kdc;
use crate::gss::realm::{PASSWORD, Trouble};
use crate::lab::{Lab, Server, Zone};
use crate::updates::{Scene, notes, with_cache, with_password};
use dnsconverge::compare::{Asking, Compare, Compared, Fetch};
use dnsconverge::net::{KerberosLogin, Server as Peer, ServerAddress, unix_now};
use dnsconverge::report::ComparisonVerdict;
use dnsconverge::wire::Message;
use hickory_proto::rr::Name;
use std::time::Duration;

/// A zone that takes several messages, behind a server that answers principals alone.
async fn guarded(fault: Fault) -> (Server, Front) {
    let zone = Zone::new("corp.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53]);
    let zone = (0..40).fold(zone, |zone, number| zone.a(&format!("h{number}"), [192, 0, 2, number]));
    let primary = Lab::primary(zone).records_per_message(7).start().await.unwrap();
    let front = Front::before(primary.address(), fault).await;
    front.guard();
    (primary, front)
}

/// The server with Kerberos, as dc1.
fn dc1(front: &Front) -> Peer {
    let address = format!("dc1:{}", front.address.port()).parse::<ServerAddress>().unwrap();
    Peer::at(address).pinned(front.address)
}

/// Compares what is behind with what is before.
async fn compare(behind: &Server, before: Peer) -> Compared {
    let compare = Compare::new(&Name::from_ascii("corp.test.").unwrap(), [Peer::at(behind.address()), before]);
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

/// Whether everything that came, but for negotiations, was signed.
fn is_all_signed(front: &Front) -> bool {
    let mut all = front.seen();
    all.extend(front.datagrams());
    all.iter().map(|octets| Message::parse(octets).unwrap()).all(|message| {
        let is_negotiation = crate::gss::acceptor::tkey(&message).is_some();
        message.tsig().is_some() || is_negotiation
    })
}

#[tokio::test]
async fn g4_a_zone_for_principals_alone_is_compared_and_fetched_under_one_context() {
    let (primary, front) = guarded(Fault::None).await;
    let compared = compare(&primary, dc1(&front).query_account(with_cache(u32::MAX))).await;
    assert_eq!(compared.verdict(), ComparisonVerdict::Equal, "{}", compared.report());
    assert_eq!(front.contexts(), (1, 1), "negotiated, deleted");
    let json = compared.report().to_json().to_string();
    assert!(json.contains("gss-tsig:admin@CORP.TEST"), "{json}");
    let fetch = Fetch::new(&Name::from_ascii("corp.test.").unwrap(), dc1(&front).query_account(with_cache(u32::MAX)));
    let fetched = fetch.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!(fetched.header().records, 43);
    assert_eq!(front.contexts(), (2, 2));
    assert!(is_all_signed(&front));
}

#[tokio::test]
async fn g4_without_an_account_such_a_server_refuses() {
    let (primary, front) = guarded(Fault::None).await;
    let compared = compare(&primary, dc1(&front)).await;
    assert_eq!(compared.verdict(), ComparisonVerdict::NotCompared);
    assert!(compared.report().to_string().contains("REFUSED"), "{}", compared.report());
}

#[tokio::test]
async fn g4_questions_one_by_one_are_signed_as_well() {
    let (primary, front) = guarded(Fault::None).await;
    let sides = [Peer::at(primary.address()), dc1(&front).query_account(with_cache(u32::MAX))];
    let compare = Compare::new(&Name::from_ascii("corp.test.").unwrap(), sides).without_axfr(Asking::new());
    let compared = compare.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!(compared.verdict(), ComparisonVerdict::NoDifferenceFound, "{}", compared.report());
    assert!(is_all_signed(&front));
}

#[tokio::test]
async fn g4_a_check_signs_its_questions_where_that_is_asked() {
    let scene = Scene::new(Fault::None).await;
    scene.front.guard();
    let login = KerberosLogin::from(with_cache(u32::MAX));
    let check = scene.check_of(scene.source().account(login.clone()).query_account(login));
    scene.assert_proven(&check.run_until(std::future::pending(), |_| ()).await.unwrap());
    assert_eq!(scene.front.contexts(), (1, 1), "one for all");
    assert!(is_all_signed(&scene.front));
}

#[tokio::test]
async fn g5_answers_that_are_signed_as_samba_does_it_are_taken_and_noted_once() {
    let (primary, front) = guarded(Fault::WithoutLength).await;
    let compared = compare(&primary, dc1(&front).query_account(with_cache(u32::MAX))).await;
    assert_eq!(compared.verdict(), ComparisonVerdict::Equal, "{}", compared.report());
    let (scene, mut events) = (Scene::new(Fault::WithoutLength).await, Vec::new());
    let login = KerberosLogin::from(with_cache(u32::MAX));
    let check = scene.check_of(scene.source().account(login.clone()).query_account(login));
    let report = check.run_until(std::future::pending(), |event| events.push(event.clone())).await.unwrap();
    scene.assert_proven(&report);
    assert_eq!(notes(&events).iter().filter(|note| note.contains("signed as Samba does it")).count(), 1);
}

#[tokio::test]
async fn g5_an_answer_whose_signature_proves_nothing_is_not_believed() {
    for fault in [Fault::Echo, Fault::Unverifiable] {
        let (primary, front) = guarded(fault).await;
        let compared = compare(&primary, dc1(&front).query_account(with_cache(u32::MAX))).await;
        assert_eq!(compared.verdict(), ComparisonVerdict::NotCompared, "{fault:?}: {}", compared.report());
        assert!(compared.report().to_string().contains("proves nothing"), "{}", compared.report());
    }
}

#[tokio::test]
async fn g6_a_question_under_a_forgotten_context_is_asked_again_under_another_once() {
    let (primary, front) = guarded(Fault::None).await;
    front.forget_after(1);
    let compared = compare(&primary, dc1(&front).query_account(with_cache(u32::MAX))).await;
    assert_eq!(compared.verdict(), ComparisonVerdict::Equal, "{}", compared.report());
    assert_eq!(front.contexts(), (2, 1));
    assert!(is_all_signed(&front));
}

#[tokio::test]
async fn g6_a_context_whose_ticket_ends_in_the_middle_is_negotiated_again_once() {
    let scene = Scene::new(Fault::None).await;
    let ends = unix_now() + 3;
    let (kdc, _) = kdc::start(Trouble::ShortLived(ends)).await;
    scene.secondary.pause();
    let check = scene.check(with_password(PASSWORD, kdc));
    let running = tokio::spawn(async move { check.run_until(std::future::pending(), |_| ()).await });
    while scene.primary.zone().below("_dnsconverge").is_empty() || unix_now() < ends {
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_millis(20)).await;
    }
    scene.secondary.resume();
    scene.assert_proven(&running.await.unwrap().unwrap());
    assert_eq!(scene.front.contexts(), (2, 1), "the first had ended by itself");
    assert_eq!(scene.updates(), [true, true], "never unsigned");
}
