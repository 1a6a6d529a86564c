//! Queries, updates and transfers over TLS (RFC 9103, RFC 8310): section X of the rules, against fronts that keep what came
//! over the wire. Every refusal is held to three things: the words, that the name server was asked nothing, and that
//! nothing came without TLS.

#[path = "cli/mod.rs"]
mod cli;
#[path = "tls/front.rs"]
mod front;
#[path = "lab/mod.rs"]
mod lab;
#[path = "tls/program.rs"]
mod program;
#[path = "tls/whole.rs"]
mod whole;

use dnsconverge::net::{
    Answer, ExchangeError, Network, Peer, Query, Server, ServerAddress, Tls, TlsFault, Transfer, TransferError,
    UpdateError,
};
use dnsconverge::tsig::{Signer, TsigKey};
use dnsconverge::wire::{Message, Rcode, Rtype, Transport, WireName};
use dnsconverge::xfr::{Limits, Received, TransferTimes};
use front::{End, Front, FrontBuilder, pem};
use hickory_proto::op::{Edns, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{Name, RecordType};
use lab::{Access, Act, Algorithm, Fault, Key, Lab, On, Zone};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The pin of the front's key.
const PIN: &str = include_str!("tls/certificates/server.pin");
/// The pin of another key.
const OTHER_PIN: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
/// How many records the zone has.
const RECORDS: u64 = 43;

/// A zone that fills several messages.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).hosts(40)
}

/// A name server with it.
async fn name_server() -> lab::Server {
    Lab::primary(zone()).records_per_message(10).start().await.unwrap()
}

/// The zone's name.
fn apex() -> WireName {
    WireName::from_name(&Name::from_ascii("example.test.").unwrap())
}

/// A question for its SOA.
fn soa() -> Query {
    Query::new(apex(), Rtype::SOA)
}

/// A network that gives up soon enough for a test, and late enough for a busy machine.
fn network() -> Network {
    Network::new().timeout(Duration::from_secs(5))
}

/// What trusts the tests' authority, and wants the server as given.
fn strict() -> Tls {
    Tls::builder().authorities(&pem("authority.pem")).unwrap().build().unwrap()
}

/// What trusts this pin alone.
fn pinned(pin: &str) -> Tls {
    Tls::builder().pin(pin.trim()).unwrap().build().unwrap()
}

/// The server at this address by TLS.
fn peer(address: SocketAddr, tls: &Tls) -> Peer {
    Server::at(address).tls(tls.clone()).peer(address)
}

/// Asks for the SOA.
async fn ask(address: SocketAddr, tls: &Tls) -> Result<Answer, ExchangeError> {
    network().query(&peer(address, tls), &soa(), None).await
}

/// Transfers the zone; what came of it, and how many records were handed out.
async fn pull(address: SocketAddr, tls: &Tls) -> (Result<Received, TransferError>, u64) {
    let mut records = 0;
    let mut each = |_: &dnsconverge::wire::RecordView<'_>| {
        records += 1;
        Ok(())
    };
    let transfer = Transfer { zone: apex(), limits: Limits::new(), times: TransferTimes::new() };
    let result = network().transfer(&peer(address, tls), &transfer, None, &mut each).await;
    (result, records)
}

/// An update that adds nothing of interest: 12 octets of header and a zone section.
fn update() -> Vec<u8> {
    let mut octets = vec![0, 9, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    octets.extend_from_slice(b"\x07example\x04test\x00\x00\x06\x00\x01");
    octets
}

/// A key as both sides have it.
fn key(name: &str) -> (Key, Arc<dyn Signer>) {
    let key = Key::new(name, Algorithm::Sha256, b"an octet string of 32 octets ...");
    let text = format!("{}:{}:{}", key.algorithm().mnemonic(), key.name(), key.base64());
    (key, Arc::new(TsigKey::parse(&text).unwrap()))
}

/// Holds that a query, a transfer and an update all fail by this fault, and that nobody was asked anything.
async fn refused(front: FrontBuilder, name_server: &lab::Server, tls: &Tls, is_right: impl Fn(&TlsFault) -> bool) {
    let front = front.start().await;
    let peer = peer(front.address(), tls);
    match ask(front.address(), tls).await.unwrap_err() {
        ExchangeError::Tls { server, source } => assert!(is_right(&source) && server == front.address(), "{source:?}"),
        other => panic!("{other}"),
    }
    match pull(front.address(), tls).await {
        (Err(TransferError::Exchange(ExchangeError::Tls { source, .. })), 0) => {
            assert!(is_right(&source), "{source:?}");
        }
        other => panic!("{other:?}"),
    }
    match network().update(&peer, &update(), None).await.unwrap_err() {
        UpdateError::NotSent(ExchangeError::Tls { source, .. }) => assert!(is_right(&source), "{source:?}"),
        other => panic!("{other}"),
    }
    assert_eq!((front.connections(), front.plain()), (3, 0), "one attempt each, and none without TLS");
    assert!(name_server.requests().is_empty(), "nothing was asked");
}

// X1: ALPN

#[tokio::test]
async fn x1_a_server_that_chooses_no_dot_is_refused_unless_that_is_allowed() {
    let server = name_server().await;
    let without = || Front::before(server.address()).alpn(&[]);
    let is_right = |fault: &TlsFault| *fault == TlsFault::Alpn && fault.to_string().contains("\"dot\" (ALPN)");
    refused(without(), &server, &strict(), is_right).await;
    let lenient = Tls::builder().authorities(&pem("authority.pem")).unwrap().may_lack_alpn().build().unwrap();
    assert!(ask(without().start().await.address(), &lenient).await.is_ok());
    assert_eq!(pull(without().start().await.address(), &lenient).await.1, RECORDS);
}

#[tokio::test]
async fn x1_a_server_of_another_protocol_is_refused_always() {
    let server = name_server().await;
    let lenient = Tls::builder().authorities(&pem("authority.pem")).unwrap().may_lack_alpn().build().unwrap();
    for tls in [strict(), lenient] {
        let web = Front::before(server.address()).alpn(&[b"h2", b"http/1.1"]);
        refused(web, &server, &tls, |fault| *fault == TlsFault::Alpn).await;
    }
}

// X2: TLS 1.3

/// What a listener that answers any first octets with `reply` makes of a query.
async fn answered_with(reply: &'static [u8]) -> TlsFault {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).await.unwrap();
        stream.write_all(reply).await.unwrap();
        // Reads on, so that the reply is not lost to a reset.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    };
    let tls = strict();
    let (result, ()) = tokio::join!(ask(address, &tls), answering);
    match result.unwrap_err() {
        ExchangeError::Tls { source, .. } => source,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn x2_a_server_of_tls_1_2_is_refused_by_name() {
    // RFC 8446 section 4.2.1: it has no version in common with us, and says so by the alert 70.
    let alert = answered_with(b"\x15\x03\x03\x00\x02\x02\x46").await;
    // RFC 5246 section 7.4.1.3: it goes on with 1.2 regardless.
    let hello =
        answered_with(b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03................................\x00\xc0\x2b\x00")
            .await;
    assert_eq!((&alert, &hello), (&TlsFault::Version, &TlsFault::Version));
    assert!(alert.to_string().contains("TLS 1.3"));
}

#[tokio::test]
async fn x2_what_is_no_tls_is_told_apart() {
    let fault = answered_with(b"\x00\x20 an answer of DNS over plain TCP").await;
    assert_eq!(fault, TlsFault::NotTls);
    assert!(fault.to_string().contains("853"));
}

// X3: who it is

#[tokio::test]
async fn x3_each_fault_of_a_certificate_has_its_own_words_and_nothing_is_asked() {
    let server = name_server().await;
    let cases: [(&str, &[&str]); 6] = [
        ("elsewhere.pem", &["not for 127.0.0.1", "elsewhere.example.test"]),
        ("expired.pem", &["expired at 2021-01-01 00:00:00 UTC", "the clock here says 20"]),
        ("early.pem", &["not valid before 2099-01-01 00:00:00 UTC"]),
        ("strange.pem", &["certificate authority that is not trusted"]),
        ("selfsigned.pem", &["self-signed", PIN.trim_ascii()]),
        ("selfauthority.pem", &["self-signed", PIN.trim_ascii()]),
    ];
    for (certificate, words) in cases {
        let front = Front::before(server.address()).certificate(certificate);
        let has_words = |fault: &TlsFault| words.iter().all(|word| fault.to_string().contains(word));
        refused(front, &server, &strict(), has_words).await;
    }
}

#[tokio::test]
async fn x3_the_name_as_given_or_another_one_is_proven_by_the_certificate() {
    let server = name_server().await;
    let front = Front::before(server.address()).start().await;
    // 127.0.0.1 is among its names.
    assert!(ask(front.address(), &strict()).await.is_ok());
    let named = |name: &str| Tls::builder().authorities(&pem("authority.pem")).unwrap().hostname(name).unwrap().build();
    assert!(ask(front.address(), &named("ns1.example.test.").unwrap()).await.is_ok());
    let error = ask(front.address(), &named("ns2.example.test").unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("not for ns2.example.test, but for") && error.contains("ns1.example.test"), "{error}");
    // A server that was given by its name has to prove that name, wherever it leads.
    let by_name = |name: &str| Server::at(name.parse::<ServerAddress>().unwrap()).tls(strict()).peer(front.address());
    assert!(network().query(&by_name("ns1.example.test."), &soa(), None).await.is_ok());
    assert!(network().query(&by_name("localhost"), &soa(), None).await.is_err());
    assert_eq!(front.plain(), 0);
}

#[tokio::test]
async fn x3_a_pin_alone_is_enough_and_another_pin_is_not() {
    let server = name_server().await;
    for certificate in ["server.pem", "selfsigned.pem", "selfauthority.pem", "expired.pem", "elsewhere.pem"] {
        let front = Front::before(server.address()).certificate(certificate).start().await;
        assert_eq!(pull(front.address(), &pinned(PIN)).await.1, RECORDS, "{certificate}");
        let error = ask(front.address(), &pinned(OTHER_PIN)).await.unwrap_err().to_string();
        assert!(error.contains("not the one that was pinned") && error.contains(PIN.trim()), "{error}");
    }
}

#[tokio::test]
async fn x3_with_a_name_and_a_pin_both_must_be_right() {
    let server = name_server().await;
    let both = |pin: &str| {
        let tls = Tls::builder().pin(pin.trim()).unwrap().authorities(&pem("authority.pem")).unwrap();
        tls.build().unwrap()
    };
    let good = Front::before(server.address()).start().await;
    assert!(ask(good.address(), &both(PIN)).await.is_ok());
    assert!(ask(good.address(), &both(OTHER_PIN)).await.is_err());
    let expired = Front::before(server.address()).certificate("expired.pem").start().await;
    assert!(ask(expired.address(), &both(PIN)).await.is_err());
}

#[tokio::test]
async fn x3_silence_in_the_handshake_or_after_it_leads_to_no_attempt_without_tls() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let datagrams = tokio::net::UdpSocket::bind(address).await.unwrap();
    let (tls, short) = (strict(), Network::new().timeout(Duration::from_millis(300)));
    let error = short.query(&peer(address, &tls), &soa(), None).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tls { source: TlsFault::Slow(_), .. }), "{error}");
    assert!(error.to_string().contains("did not finish the TLS handshake within"), "{error}");
    // One connection waits to be accepted, and its first octet is that of a handshake; nothing else was tried.
    let (mut stream, _) = silent.accept().await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 22);
    assert!(tokio::time::timeout(Duration::ZERO, silent.accept()).await.is_err());
    assert!(datagrams.try_recv(&mut [0; 16]).is_err());

    let server = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Lose)).start().await.unwrap();
    let front = Front::before(server.address()).start().await;
    let error = short.query(&peer(front.address(), &tls), &soa(), None).await.unwrap_err();
    assert!(error.to_string().contains("did not answer by TLS within"), "{error}");
    assert_eq!((front.connections(), front.plain(), server.requests().len()), (1, 0, 1));
}

#[tokio::test]
async fn x3_a_closed_port_and_a_broken_handshake_are_told_with_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = strict();
    let (result, ()) = tokio::join!(ask(address, &tls), async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
    });
    let error = result.unwrap_err();
    assert!(matches!(error, ExchangeError::Tls { source: TlsFault::Broken(_), .. }), "{error:?}");
    drop(listener);
    let error = ask(address, &tls).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{address} cannot be reached by TCP: connection refused")), "{error}");
}

#[tokio::test]
async fn x3_what_belongs_on_another_connection_costs_one_more_connection_and_no_more() {
    let server = name_server().await;
    let once = Front::before(server.address()).mistaken(1).start().await;
    assert!(ask(once.address(), &strict()).await.is_ok());
    assert_eq!((once.connections(), once.handshakes(), once.plain()), (2, 1, 0));
    let once = Front::before(server.address()).mistaken(1).start().await;
    assert_eq!(pull(once.address(), &strict()).await.1, RECORDS);
    let always = Front::before(server.address()).mistaken(usize::MAX).start().await;
    let error = ask(always.address(), &strict()).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Tls { source: TlsFault::Misplaced, .. }), "{error}");
    assert_eq!((always.connections(), always.handshakes()), (2, 0));
}

// X4: the client's certificate, keys inside TLS

#[tokio::test]
async fn x4_a_server_that_asks_who_we_are_is_shown_a_certificate_and_tsig_rides_along() {
    let (theirs, ours) = key("transfer.key");
    let keyed = Lab::primary(zone()).key(&theirs).transfer_by(Access::key(&theirs)).start().await.unwrap();
    let front = Front::before(keyed.address()).asks_who().start().await;
    let error = ask(front.address(), &strict()).await.unwrap_err().to_string();
    assert!(error.contains("only clients with a certificate"), "{error}");
    assert!(keyed.requests().is_empty());
    let tls = Tls::builder().authorities(&pem("authority.pem")).unwrap();
    let tls = tls.client_certificate(&pem("client.pem"), &pem("client.key")).unwrap().build().unwrap();
    assert!(ask(front.address(), &tls).await.is_ok());
    let transfer = Transfer { zone: apex(), limits: Limits::new(), times: TransferTimes::new() };
    let peer = peer(front.address(), &tls);
    let received = network().transfer(&peer, &transfer, Some(&ours), &mut |_| Ok(())).await.unwrap();
    assert_eq!(received.zone.records, RECORDS);
    let refused = network().transfer(&peer, &transfer, None, &mut |_| Ok(())).await.unwrap_err().to_string();
    assert!(refused.contains("REFUSED"), "a certificate is no key: {refused}");
}

#[tokio::test]
async fn x4_a_client_certificate_and_the_key_of_another_are_no_pair() {
    let error = Tls::builder().client_certificate(&pem("client.pem"), &pem("server.key")).unwrap().build().unwrap_err();
    assert!(error.to_string().contains("client certificate"), "{error}");
}

// X5: the end

#[tokio::test]
async fn x5_an_end_before_the_last_soa_is_an_error_wherever_it_comes() {
    let server = name_server().await;
    let uncut = Front::before(server.address()).start().await;
    let whole = usize::try_from(pull(uncut.address(), &strict()).await.0.unwrap().zone.octets).unwrap();
    for octets in (1..whole).step_by(97) {
        for end in [End::CutAfter(octets), End::ProperlyAfter(octets)] {
            let front = Front::before(server.address()).ending(end).start().await;
            let (result, _) = pull(front.address(), &strict()).await;
            let error = result.expect_err("cut").to_string();
            let says_so = error.contains("without close_notify");
            assert!(says_so == matches!(end, End::CutAfter(_)), "{octets}: {error}");
        }
    }
}

#[tokio::test]
async fn x5_a_cut_after_the_last_soa_takes_nothing_away() {
    let server = name_server().await;
    let front = Front::before(server.address()).ending(End::Cut).start().await;
    assert_eq!(pull(front.address(), &strict()).await.0.unwrap().zone.records, RECORDS);
}

#[tokio::test]
async fn x5_an_answer_or_the_reply_to_an_update_that_is_cut_says_so() {
    let server = name_server().await;
    let front = Front::before(server.address()).ending(End::CutAfter(9)).start().await;
    let error = ask(front.address(), &strict()).await.unwrap_err().to_string();
    assert!(error.contains("closed the TLS connection") && error.contains("without close_notify"), "{error}");
    let error = network().update(&peer(front.address(), &strict()), &update(), None).await.unwrap_err();
    assert!(matches!(error, UpdateError::Unknown(ExchangeError::Closed { .. })), "{error}");
    assert_eq!((server.count(lab::Request::is_update), front.plain()), (1, 0), "an update is never sent again");
}

#[tokio::test]
async fn x5_we_say_goodbye_ourselves() {
    let server = name_server().await;
    let front = Front::before(server.address()).start().await;
    ask(front.address(), &strict()).await.unwrap();
    while front.goodbyes() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn x5_octets_that_are_no_tls_after_the_handshake_end_it_and_are_not_taken_for_a_wrong_port() {
    let server = name_server().await;
    let front = Front::before(server.address()).ending(End::Garbled).start().await;
    let error = ask(front.address(), &strict()).await.unwrap_err().to_string();
    assert!(error.contains("no TLS record") && !error.contains("853"), "{error}");
    let (result, records) = pull(front.address(), &strict()).await;
    assert!(result.as_ref().is_err_and(TransferError::is_worth_a_retry) && records == 0, "{result:?}");
}

// X6: nothing early

#[tokio::test]
async fn x6_nothing_is_sent_early_to_a_server_that_would_take_it() {
    let server = name_server().await;
    let front = Front::before(server.address()).start().await;
    let tls = strict();
    for _ in 0..3 {
        ask(front.address(), &tls).await.unwrap();
        network().update(&peer(front.address(), &tls), &update(), None).await.unwrap();
    }
    assert_eq!((front.handshakes(), front.early()), (6, 0));
}

// X7: SOA elsewhere

/// A server that answers SOA questions with REFUSED and the extended error 21.
async fn without_soa() -> lab::Server {
    let refuse = Act::each_message(|_, message| {
        message.metadata.response_code = ResponseCode::Refused;
        message.answers.clear();
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(15, vec![0, 21]));
        message.set_edns(edns);
    });
    Lab::primary(zone()).fault(Fault::new(On::QueryOf(RecordType::SOA), refuse)).start().await.unwrap()
}

#[tokio::test]
async fn x7_a_server_that_answers_no_soa_over_tls_is_asked_in_the_clear_only_if_allowed() {
    let (server, plain) = (without_soa().await, name_server().await);
    let front = Front::before(server.address()).start().await;
    let error = ask(front.address(), &strict()).await.unwrap_err();
    assert!(matches!(error, ExchangeError::NotOverTls { .. }) && error.to_string().contains("7.8"), "{error}");
    assert_eq!((plain.connections(), front.plain()), (0, 0));
    let allowed = Tls::builder().authorities(&pem("authority.pem")).unwrap();
    let allowed = allowed.soa_in_clear(plain.address().port()).build().unwrap();
    let answer = ask(front.address(), &allowed).await.unwrap();
    assert_eq!((answer.transport, plain.requests().len()), (Transport::Tcp, 1));
    // Nothing else goes there: not a transfer, not an update, not another question.
    assert_eq!(pull(front.address(), &allowed).await.1, RECORDS);
    network().update(&peer(front.address(), &allowed), &update(), None).await.unwrap();
    let text = Query::new(apex(), Rtype::TXT);
    assert_eq!(network().query(&peer(front.address(), &allowed), &text, None).await.unwrap().transport, Transport::Tls);
    assert_eq!((plain.requests().len(), front.plain()), (1, 0));
}

#[tokio::test]
async fn x7_a_refusal_without_that_word_is_a_refusal() {
    let refuse = Fault::new(On::QueryOf(RecordType::SOA), Act::Rcode(ResponseCode::Refused));
    let server = Lab::primary(zone()).fault(refuse).start().await.unwrap();
    let plain = name_server().await;
    let front = Front::before(server.address()).start().await;
    let allowed = Tls::builder().authorities(&pem("authority.pem")).unwrap();
    let allowed = allowed.soa_in_clear(plain.address().port()).build().unwrap();
    let answer = ask(front.address(), &allowed).await.unwrap();
    assert_eq!(Message::parse(&answer.octets).unwrap().rcode(), Rcode::REFUSED);
    assert_eq!(plain.requests().len(), 0);
}

// X8: padding and keepalive

#[tokio::test]
async fn x8_padding_and_a_keepalive_of_nothing_change_nothing() {
    // RFC 7828 section 3.1: code 11, here TIMEOUT 0; RFC 7830: code 12.
    let pad = Act::each_message(|_, message| {
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(11, vec![0, 0]));
        edns.options_mut().insert(EdnsOption::Unknown(12, vec![0; 400]));
        message.set_edns(edns);
    });
    let padded = Lab::primary(zone()).records_per_message(1).fault(Fault::new(On::Any, pad));
    let padded = padded.fault(Fault::transfer(lab::TransferFault::EmptyBetween)).start().await.unwrap();
    let front = Front::before(padded.address()).start().await;
    assert_eq!(pull(front.address(), &strict()).await.0.unwrap().zone.records, RECORDS);
    assert!(ask(front.address(), &strict()).await.is_ok());
}

#[tokio::test]
async fn x8_what_is_asked_over_tls_is_padded_and_nothing_else_is() {
    /// RFC 7830 section 3.
    const PADDING: u16 = 12;
    let server = name_server().await;
    let front = Front::before(server.address()).start().await;
    pull(front.address(), &strict()).await.0.unwrap();
    ask(front.address(), &strict()).await.unwrap();
    let over_tls = server.requests();
    assert_eq!(over_tls.iter().map(|request| request.octets.len() % 128).collect::<Vec<_>>(), [0, 0]);
    let is_padded = |request: &lab::Request| request.message.edns.as_ref().unwrap().option(PADDING.into()).is_some();
    assert!(over_tls.iter().all(is_padded));
    network().query(&Peer::plain(server.address()), &soa(), None).await.unwrap();
    network().query_tcp(&Peer::plain(server.address()), &soa(), None).await.unwrap();
    assert!(server.requests()[2..].iter().all(|request| !is_padded(request)));
}
