//! Signed questions: what an unsigned, badly signed or late answer is worth.

use super::lab::{Access, Act, Fault, Lab, On, Request, Transport as Via, TsigFault};
use super::{before_the_answer, forged, is_good, key, network, question, zone};
use dnsconverge::net::{ExchangeError, Network, Peer};
use dnsconverge::tsig::TsigError;
use dnsconverge::wire::Message;
use dnsconverge::wire::Transport;
use std::time::Duration;

/// A NOTAUTH with an unsigned BADKEY (17), as anybody could send it: the question and its ID are right.
fn badkey(mut octets: Vec<u8>) -> Vec<u8> {
    octets[3] = (octets[3] & 0xF0) | 9;
    // From the end of the TSIG: other length, error, original ID, then the MAC, whose length stands before it.
    let mac = octets.len() - 6 - 32;
    octets.drain(mac..mac + 32);
    octets[mac - 2..mac].copy_from_slice(&[0, 0]);
    let error = octets.len() - 4;
    octets[error..error + 2].copy_from_slice(&[0, 17]);
    let length = mac - 2 - 8 - b"\x0bhmac-sha256\x00".len() - 2;
    octets[length + 1] -= 32;
    octets
}

#[tokio::test]
async fn t9_a_forged_badkey_before_the_good_answer_changes_nothing() {
    let (key, signer) = key("k.");
    let server = Lab::primary(zone()).key(&key).fault(before_the_answer(|octets| vec![badkey(octets)]));
    let server = server.start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap();
    assert!(is_good(&answer) && answer.authenticated);
    assert_eq!((answer.transport, server.requests().len()), (Transport::Udp, 1));
}

#[tokio::test]
async fn t9_badkey_alone_ends_as_an_unauthenticated_hint() {
    let (_, signer) = key("k.");
    let server = Lab::primary(zone()).without_tcp().start().await.unwrap();
    let error = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tsig { source: TsigError::BadKey { authenticated: false, .. }, .. }));
    let text = error.to_string();
    assert!(text.contains("BADKEY") && text.contains("unauthenticated hint"), "{text}");
}

#[tokio::test]
async fn t9_badkey_over_tcp_is_an_error_at_once() {
    let (_, signer) = key("k.");
    let server = Lab::primary(zone()).start().await.unwrap();
    let error = network().query_tcp(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tsig { source: TsigError::BadKey { authenticated: false, .. }, .. }));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn t10_a_signed_badtime_is_the_servers_own_word_and_ends_the_question() {
    let (key, signer) = key("k.");
    let server = Lab::primary(zone()).key(&key).clock_offset(3600).start().await.unwrap();
    let patient = Network::new().timeout(Duration::from_secs(3600));
    let error = patient.query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap_err();
    assert!(error.to_string().contains("BADTIME"), "{error}");
    assert_eq!(server.requests().len(), 1, "asked once: never again with the server's time");
}

#[tokio::test]
async fn t12_without_a_tsig_where_we_signed_there_is_no_answer() {
    let (key, signer) = key("k.");
    let server = Lab::primary(zone()).key(&key).fault(Fault::tsig(TsigFault::Unsigned)).start().await.unwrap();
    let error = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tsig { source: TsigError::Missing { .. }, .. }), "{error}");
    assert_eq!(server.count(|request| !request.is_signed()), 0, "A4: never asked without a signature");
}

#[tokio::test]
async fn t12_an_unsigned_answer_before_the_signed_one_is_skipped() {
    let (key, signer) = key("k.");
    let unsigned = |octets: Vec<u8>| {
        let tsig = octets.len() - (3 + 10 + 13 + 16 + 32);
        let mut octets = forged(&octets[..tsig]);
        octets[11] -= 1;
        assert!(Message::parse(&octets).is_ok(), "a whole message without TSIG");
        vec![octets]
    };
    let server = Lab::primary(zone()).key(&key).fault(before_the_answer(unsigned)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap();
    assert!(is_good(&answer) && answer.authenticated);
}

#[tokio::test]
async fn t12_a_tsig_on_the_answer_to_an_unsigned_question_is_refused() {
    let (key, signer) = key("k.");
    let knowing = Lab::primary(zone()).key(&key).start().await.unwrap();
    let octets =
        network().query(&Peer::plain(knowing.address()), &question("www"), Some(&signer)).await.unwrap().octets;
    let act = Act::each_frame(move |_, reply| *reply = [&reply[..2], &octets[2..]].concat());
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, act)).start().await.unwrap();
    let error = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tsig { source: TsigError::Unrequested, .. }), "{error}");
}

#[tokio::test]
async fn t15_a_signed_truncated_answer_is_asked_again_signed_over_tcp() {
    let (key, signer) = key("k.");
    let server = Lab::primary(zone()).key(&key).query_by(Access::AnyKey);
    let server = server.fault(Fault::new(On::Any, Act::Truncate).over(Via::Udp)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap();
    assert!(is_good(&answer) && answer.authenticated);
    assert_eq!(answer.transport, Transport::Tcp);
    assert_eq!((server.requests().len(), server.count(Request::is_signed)), (2, 2));
}
