//! NSID and cookies: what goes with a question, and what the reply's options make of it.

use super::lab::{Cookies, Lab, Request, Server, Transport as Via};
use super::{is_good, network, question, zone};
use dnsconverge::net::{ExchangeError, Peer, Query, UdpOutcome};
use dnsconverge::wire::{Message, Rcode, Rtype, Transport, WireName};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use std::collections::HashSet;

/// A server that treats cookies like this.
async fn baker(cookies: Cookies) -> Server {
    Lab::primary(zone()).cookies(cookies).nsid("node-a").start().await.unwrap()
}

/// The cookie of a request; every one of ours has one.
fn cookie(request: &Request) -> Vec<u8> {
    match request.message.edns.as_ref().and_then(|edns| edns.option(EdnsCode::Cookie)) {
        Some(EdnsOption::Unknown(_, octets)) => octets.clone(),
        other => panic!("a question without a cookie: {other:?}"),
    }
}

#[tokio::test]
async fn p10_nsid_is_asked_for_and_can_be_read() {
    let server = baker(Cookies::Unknown).await;
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert_eq!(Message::parse(&answer.octets).unwrap().opt().unwrap().nsid(), Some(&b"node-a"[..]));
}

#[tokio::test]
async fn p11_the_cookie_that_a_server_gives_is_sent_back() {
    let server = baker(Cookies::Offered).await;
    let network = network();
    for _ in 0..2 {
        assert!(is_good(&network.clone().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
    }
    let [first, second] = <[Request; 2]>::try_from(server.requests()).unwrap();
    assert_eq!((cookie(&first).len(), cookie(&second).len()), (8, 16));
    assert_eq!(cookie(&second)[..8], cookie(&first)[..], "our own part stays, so that the server knows us again");
}

#[tokio::test]
async fn p11_badcookie_is_asked_again_with_the_servers_cookie_by_udp() {
    let server = baker(Cookies::Demanded).await;
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer));
    assert_eq!((answer.transport, server.requests().len(), server.connections()), (Transport::Udp, 2, 0));
}

#[tokio::test]
async fn p11_badcookie_again_leads_to_tcp() {
    let server = baker(Cookies::NeverRight).await;
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer));
    assert_eq!((answer.transport, server.count(|it| it.transport == Via::Udp)), (Transport::Tcp, 2));
}

#[tokio::test]
async fn p11_badcookie_and_no_tcp_is_an_error_that_says_both() {
    let server = Lab::primary(zone()).cookies(Cookies::NeverRight).without_tcp().start().await.unwrap();
    let error = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Neither { udp: UdpOutcome::BadCookie, .. }), "{error}");
}

#[tokio::test]
async fn p11_a_reply_with_another_cookie_than_ours_is_thrown_away() {
    for cookies in [Cookies::Mangled, Cookies::Short] {
        let server = baker(cookies).await;
        let error = network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
        assert!(matches!(error, ExchangeError::NotOurs { .. }), "{error}");
        let server = Lab::primary(zone()).cookies(cookies).without_tcp().start().await.unwrap();
        // Without OPT there is no cookie that could be wrong: that is what the last datagram asks.
        assert!(is_good(&network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
        assert!(server.count(super::has_opt) >= 1 && server.count(|it| !super::has_opt(it)) >= 1);
    }
}

#[tokio::test]
async fn p11_every_server_gets_a_cookie_of_its_own() {
    let (one, other) = (baker(Cookies::Offered).await, baker(Cookies::Offered).await);
    let network = network();
    for server in [&one, &other] {
        network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    }
    let cookies: HashSet<_> = [&one, &other].map(|server| cookie(&server.requests()[0])).into();
    assert_eq!(cookies.len(), 2);
}

#[tokio::test]
async fn p10_who_a_server_is_can_be_asked_in_class_ch() {
    let server = Lab::primary(zone()).identity("ns-b.example").start().await.unwrap();
    let name = WireName::from_labels([b"id".as_slice(), b"server"]).unwrap();
    let query = Query::new(name, Rtype::TXT).chaos();
    let answer = network().query(&Peer::plain(server.address()), &query, None).await.unwrap();
    let message = Message::parse(&answer.octets).unwrap();
    assert_eq!(message.rcode(), Rcode::NOERROR);
    assert_eq!(message.records()[0].rdata_octets(), b"\x0cns-b.example");
}
