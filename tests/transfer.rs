//! A zone by AXFR over real sockets: what is asked, how often, what ends it, and that nothing half is ever given out.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::net::{ExchangeError, Network, Peer, Query, Transfer, TransferError};
use dnsconverge::serial::Serial;
use dnsconverge::tsig::{Signer, TsigError, TsigKey};
use dnsconverge::wire::{Message, Rtype, WireName};
use dnsconverge::xfr::{Fault as Rule, Limits, Received, TransferTimes};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use lab::{Access, Act, Algorithm, Fault, Key, Lab, On, Request, Server, ServerBuilder, Step, TransferFault};
use lab::{Transport, TsigFault, Zone};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// The zone of these scenarios: 40 hosts, so that it fills several messages.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).hosts(40)
}

/// Its records, the SOA counted once.
const RECORDS: u64 = 43;

/// A server that sends it in five messages.
fn primary() -> ServerBuilder {
    Lab::primary(zone()).records_per_message(10)
}

/// A server that sends it wrongly.
async fn wrong(fault: TransferFault) -> Server {
    primary().fault(Fault::transfer(fault)).start().await.unwrap()
}

/// What to transfer.
fn transfer() -> Transfer {
    let zone = WireName::from_name(&Name::from_ascii("example.test.").unwrap());
    Transfer { zone, limits: Limits::new(), times: TransferTimes::new() }
}

/// Transfers the zone; what came of it, and how many records were handed out.
async fn pull_with(
    network: &Network,
    server: SocketAddr,
    transfer: &Transfer,
    signer: Option<&Arc<dyn Signer>>,
) -> (Result<Received, TransferError>, u64) {
    let mut records = 0;
    let mut each = |_: &dnsconverge::wire::RecordView<'_>| {
        records += 1;
        Ok(())
    };
    let result = network.transfer(&Peer::plain(server), transfer, signer, &mut each).await;
    (result, records)
}

/// The same with defaults and without a key.
async fn pull(server: &Server) -> (Result<Received, TransferError>, u64) {
    pull_with(&Network::new(), server.address(), &transfer(), None).await
}

/// The rule that a transfer from this server breaks.
async fn broken_rule(server: &Server) -> Rule {
    match pull(server).await.0 {
        Err(TransferError::Rules { source, .. }) => source.fault,
        other => panic!("not a broken rule: {other:?}"),
    }
}

/// A key as both sides have it.
fn key(name: &str) -> (Key, Arc<dyn Signer>) {
    let key = Key::new(name, Algorithm::Sha256, b"an octet string of 32 octets ...");
    let text = format!("{}:{}:{}", key.algorithm().mnemonic(), key.name(), key.base64());
    (key, Arc::new(TsigKey::parse(&text).unwrap()))
}

/// The answer in pieces of one octet each.
fn in_octets() -> Act {
    Act::steps(|steps| {
        Box::new(steps.flat_map(|step| match step {
            Step::Message(octets) => {
                let frame = [&u16::try_from(octets.len()).unwrap().to_be_bytes(), octets.as_slice()].concat();
                frame.into_iter().map(|octet| Step::Raw(vec![octet])).collect()
            }
            step => vec![step],
        }))
    })
}

// The question

#[tokio::test]
async fn a1_a2_one_plain_question_over_tcp_and_the_whole_zone() {
    let server = primary().start().await.unwrap();
    let (received, records) = pull(&server).await;
    let received = received.unwrap();
    assert_eq!((received.zone.serial, received.zone.records, records), (Serial(7), RECORDS, RECORDS));
    assert!(received.signatures.is_none());
    let [request] = server.requests().try_into().unwrap();
    let counts = (request.message.queries.len(), request.message.answers.len(), request.message.authorities.len());
    assert_eq!((request.transport, request.record_type(), counts), (Transport::Tcp, RecordType::AXFR, (1, 0, 0)));
    assert!(!request.recursion_desired() && server.connections() == 1);
}

#[tokio::test]
async fn a1_ids_differ_from_transfer_to_transfer() {
    let server = primary().start().await.unwrap();
    for _ in 0..8 {
        pull(&server).await.0.unwrap();
    }
    let mut ids: Vec<u16> = server.requests().iter().map(Request::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() >= 7, "eight random IDs are not the same: {ids:?}");
}

#[tokio::test]
async fn a3_a_server_that_minds_opt_is_asked_once_more_without() {
    let has_opt = |request: &Request| request.message.edns.is_some();
    for rcode in [ResponseCode::FormErr, ResponseCode::NotImp, ResponseCode::BADVERS] {
        let fault = Fault::new(On::request(has_opt), Act::Rcode(rcode));
        let server = primary().fault(fault).start().await.unwrap();
        let network = Network::new();
        for _ in 0..2 {
            let (received, records) = pull_with(&network, server.address(), &transfer(), None).await;
            assert_eq!((received.unwrap().zone.records, records), (RECORDS, RECORDS), "{rcode}");
        }
        assert_eq!((server.count(has_opt), server.connections()), (1, 3), "{rcode}: remembered");
    }
}

#[tokio::test]
async fn a3_a_server_that_says_formerr_to_everything_is_asked_twice_and_no_more() {
    let server = primary().fault(Fault::new(On::Any, Act::Rcode(ResponseCode::FormErr))).start().await.unwrap();
    assert!(matches!(broken_rule(&server).await, Rule::Refused(_)));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a4_a_failed_signed_transfer_is_never_asked_unsigned() {
    let (_, unknown) = key("unknown.");
    let (known, signer) = key("known.");
    let cases = [
        (primary(), &unknown),
        (primary().key(&known).fault(Fault::tsig(TsigFault::Unsigned)), &signer),
        (primary().key(&known).fault(Fault::tsig(TsigFault::WrongMac)), &signer),
        (primary().key(&known).fault(Fault::new(On::Any, Act::Rcode(ResponseCode::Refused))), &signer),
        (primary().key(&known).fault(Fault::new(On::Any, Act::Rcode(ResponseCode::FormErr))), &signer),
    ];
    for (builder, signer) in cases {
        let server = builder.start().await.unwrap();
        let (result, records) = pull_with(&Network::new(), server.address(), &transfer(), Some(signer)).await;
        assert!(matches!(result, Err(TransferError::Rules { .. })), "{result:?}");
        assert_eq!(records, 0);
        let tsig = |request: &Request| request.octets.windows(11).any(|window| window == b"hmac-sha256");
        assert!(server.requests().iter().all(tsig), "every question carried a TSIG");
    }
}

// Signatures

#[tokio::test]
async fn t4_t5_signed_transfers_whole_and_sparse() {
    for every in [1, 2, 3, 99] {
        let (key, signer) = key("k.");
        let server = Lab::primary(zone()).records_per_message(1).sign_every(every).key(&key);
        let server = server.transfer_by(Access::AnyKey).start().await.unwrap();
        let (received, records) = pull_with(&Network::new(), server.address(), &transfer(), Some(&signer)).await;
        let received = received.unwrap();
        assert_eq!((records, received.signatures.is_some()), (RECORDS, true), "every {every}");
    }
}

#[tokio::test]
async fn t2_t5_a_transfer_with_one_bad_signature_is_worth_nothing() {
    let (key, signer) = key("k.");
    for fault in [
        TsigFault::UnsignedIn(1),
        TsigFault::UnsignedLast,
        TsigFault::WrongMacIn(3),
        TsigFault::WithoutRequestMac,
        TsigFault::TimersOnlyFirst,
        TsigFault::ShiftedIn(4, -60),
    ] {
        let server = primary().key(&key).fault(Fault::tsig(fault.clone())).start().await.unwrap();
        let (result, _) = pull_with(&Network::new(), server.address(), &transfer(), Some(&signer)).await;
        let Err(TransferError::Rules { source, .. }) = result else { panic!("{fault:?}: {result:?}") };
        assert!(matches!(source.fault, Rule::Unauthenticated { .. }), "{fault:?}: {source}");
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn t11_the_text_of_a_transfer_that_failed_names_its_cause() {
    let (_, signer) = key("k.");
    let server = primary().start().await.unwrap();
    let (result, _) = pull_with(&Network::new(), server.address(), &transfer(), Some(&signer)).await;
    let text = result.unwrap_err().to_string();
    for part in ["BADKEY", "does not know key k", "unauthenticated", &server.address().to_string()] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn t12_a_signed_answer_to_an_unsigned_question_is_refused() {
    let (key, signer) = key("k.");
    let knowing = Lab::primary(zone()).key(&key).start().await.unwrap();
    let soa = Query::new(transfer().zone, Rtype::SOA);
    let answer = Network::new().query(&Peer::plain(knowing.address()), &soa, Some(&signer)).await.unwrap().octets;
    assert!(Message::parse(&answer).unwrap().tsig().is_some());
    let act = Act::each_frame(move |_, reply| *reply = [&reply[..2], &answer[2..]].concat());
    let server = primary().fault(Fault::new(On::Transfer, act)).start().await.unwrap();
    let rule = broken_rule(&server).await;
    assert!(matches!(rule, Rule::Unauthenticated { error: TsigError::Unrequested, .. }), "{rule}");
}

// The end, and what is none

#[tokio::test]
async fn a9_any_grouping_is_the_same_zone() {
    for builder in [
        Lab::primary(zone()).records_per_message(1),
        Lab::primary(zone()).records_per_message(1000),
        Lab::primary(zone()).soa_alone(),
        primary().fault(Fault::transfer(TransferFault::Shuffled(11))),
        primary().fault(Fault::transfer(TransferFault::QuestionOnce)),
        primary().fault(Fault::transfer(TransferFault::EmptyBetween)),
        primary().fault(Fault::new(On::Transfer, in_octets())),
    ] {
        let server = builder.start().await.unwrap();
        let (received, records) = pull(&server).await;
        assert_eq!((received.unwrap().zone.records, records), (RECORDS, RECORDS));
    }
}

#[tokio::test]
async fn a9_messages_of_the_greatest_length_pass_through_the_buffer() {
    let text = "x".repeat(250);
    let big = (0..2000).fold(zone(), |zone, number| zone.txt(&format!("t{number}"), &[&text]));
    let server = Lab::primary(big).records_per_message(usize::MAX).start().await.unwrap();
    let (received, records) = pull(&server).await;
    let received = received.unwrap();
    assert_eq!(records, RECORDS + 2000);
    assert!(received.zone.octets > 400_000 && received.zone.messages < 20, "{received:?}");
}

#[tokio::test]
async fn a11_an_rcode_in_any_message_ends_it() {
    for message in 1..=5 {
        let server = wrong(TransferFault::RcodeIn(message, ResponseCode::ServFail)).await;
        let rule = broken_rule(&server).await;
        assert!(matches!(rule, Rule::Refused(_)), "message {message}: {rule}");
    }
}

#[tokio::test]
async fn a13_a_wrong_id_in_any_message_ends_it() {
    for message in 1..=5 {
        let rule = broken_rule(&wrong(TransferFault::WrongIdFrom(message)).await).await;
        assert!(matches!(rule, Rule::WrongId { .. }), "message {message}: {rule}");
    }
}

#[tokio::test]
async fn a19_the_end_of_the_stream_at_every_message_boundary_is_an_error() {
    for messages in 0..5 {
        let (result, _) = pull(&wrong(TransferFault::CutAfter(messages)).await).await;
        let Err(TransferError::Rules { source, .. }) = result else { panic!("after {messages}: {result:?}") };
        let expected = if messages == 0 { Rule::ClosedAtOnce } else { Rule::ClosedEarly };
        assert_eq!(source.fault, expected, "after {messages}");
        assert!(source.is_worth_a_retry());
    }
}

#[tokio::test]
async fn a19_the_end_of_the_stream_inside_a_frame_is_an_error() {
    for (message, octets) in [(1, 1), (1, 2), (1, 30), (3, 1), (3, 40), (5, 2), (5, 60)] {
        let (result, _) = pull(&wrong(TransferFault::CutInside(message, octets)).await).await;
        let Err(error @ TransferError::Broken { .. }) = result else { panic!("{message}/{octets}: {result:?}") };
        assert!(error.to_string().contains("ended before a whole message"), "{error}");
        assert!(error.is_worth_a_retry());
    }
}

#[tokio::test]
async fn a19_a_reset_is_an_error_however_much_had_come() {
    for messages in 0..5 {
        let (result, _) = pull(&wrong(TransferFault::ResetAfter(messages)).await).await;
        // What came before the RST may be read or not; none of it counts.
        assert!(matches!(result, Err(TransferError::Broken { .. })), "after {messages}: {result:?}");
    }
}

#[tokio::test]
async fn a27_the_soa_alone_and_then_the_end() {
    let server = Lab::primary(zone()).soa_alone().fault(Fault::transfer(TransferFault::CutAfter(1)));
    let rule = broken_rule(&server.start().await.unwrap()).await;
    assert_eq!(rule, Rule::SingleSoa);
    assert!(rule.to_string().contains("does not offer the zone in full"));
}

#[tokio::test]
async fn a27_the_soa_alone_and_then_silence() {
    let server = Lab::primary(zone()).soa_alone().fault(Fault::transfer(TransferFault::StallAfter(1)));
    let server = server.start().await.unwrap();
    let short = Transfer { times: TransferTimes::new().idle(Duration::from_millis(200)), ..transfer() };
    let (result, records) = pull_with(&Network::new(), server.address(), &short, None).await;
    let Err(error @ TransferError::Idle { octets, .. }) = result else { panic!("{result:?}") };
    assert!(octets > 0 && records == 1);
    assert!(error.to_string().contains("stood still for 0.2 s after"), "{error}");
}

#[tokio::test]
async fn a29_what_follows_the_end_is_no_answer_to_the_next_question() {
    let stray = zone().soa_record();
    for builder in [
        primary().fault(Fault::transfer(TransferFault::TrailingMessage(stray.clone()))),
        primary().fault(Fault::new(On::Transfer, Act::Twice)),
    ] {
        let server = builder.start().await.unwrap();
        let network = Network::new();
        let result = pull_with(&network, server.address(), &transfer(), None).await.0;
        // A message sent twice is an error inside; what comes after the end is not even read.
        if let Ok(received) = &result {
            assert_eq!(received.zone.records, RECORDS);
        }
        let soa = Query::new(transfer().zone, Rtype::SOA);
        let answer = network.query_tcp(&Peer::plain(server.address()), &soa, None).await.unwrap();
        let message = Message::parse(&answer.octets).unwrap();
        assert_eq!((message.records().len(), server.connections()), (1, 2), "a connection of its own");
    }
    let server = wrong(TransferFault::TrailingMessage(stray)).await;
    assert!(pull(&server).await.0.is_ok(), "the zone was whole before it");
}

#[tokio::test]
async fn w7_a_frame_of_no_octets_is_an_error() {
    let act = Act::steps(|steps| Box::new(steps.take(2).chain([Step::Raw(vec![0, 0])])));
    let server = primary().fault(Fault::new(On::Transfer, act)).start().await.unwrap();
    let rule = broken_rule(&server).await;
    assert!(matches!(rule, Rule::Malformed(_)), "{rule}");
}

// Limits

/// Ends the test in a few seconds if a transfer that must be ended by a limit is not.
async fn bounded(server: &Server, times: TransferTimes, limits: Limits) -> TransferError {
    let transfer = Transfer { times, limits, ..transfer() };
    let (result, _) = pull_with(&Network::new(), server.address(), &transfer, None).await;
    result.unwrap_err()
}

#[tokio::test]
async fn a32_silence_before_the_first_message_ends_by_the_idle_limit() {
    let server = wrong(TransferFault::StallAfter(0)).await;
    let error = bounded(&server, TransferTimes::new().idle(Duration::from_millis(100)), Limits::new()).await;
    assert!(matches!(error, TransferError::Idle { octets: 0, .. }), "{error}");
    assert!(!error.is_worth_a_retry());
}

#[tokio::test]
async fn a32_silence_inside_a_message_ends_by_the_idle_limit() {
    let act = Act::steps(|_| Box::new([Step::Raw(vec![0, 100, 1, 2, 3]), Step::Stall].into_iter()));
    let server = primary().fault(Fault::new(On::Transfer, act)).start().await.unwrap();
    let error = bounded(&server, TransferTimes::new().idle(Duration::from_millis(100)), Limits::new()).await;
    assert!(matches!(error, TransferError::Idle { octets: 5, .. }), "{error}");
}

/// One octet every few milliseconds, for ever.
fn drip() -> Act {
    Act::steps(|_| {
        let octet = |_| [Step::Raw(vec![1]), Step::Pause(Duration::from_millis(5))];
        Box::new((0_u64..).flat_map(octet))
    })
}

#[tokio::test]
async fn a32_a_drip_ends_by_the_rate() {
    let server = primary().fault(Fault::new(On::Transfer, drip())).start().await.unwrap();
    let times = TransferTimes::new().slowest(1_000_000, Duration::from_millis(150));
    let error = bounded(&server, times, Limits::new()).await;
    assert!(matches!(error, TransferError::Slow { minimum: 1_000_000, .. }), "{error}");
    assert!(error.to_string().contains("drips"), "{error}");
}

#[tokio::test]
async fn a32_a_drip_that_is_fast_enough_ends_by_the_total_time() {
    let server = primary().fault(Fault::new(On::Transfer, drip())).start().await.unwrap();
    let times = TransferTimes::new().slowest(0, Duration::from_millis(50)).total(Duration::from_millis(300));
    let error = bounded(&server, times, Limits::new()).await;
    assert!(matches!(error, TransferError::Total { .. }), "{error}");
}

/// The same message for ever, as fast as the connection takes it.
fn endless(edit: impl Fn(usize, &mut hickory_proto::op::Message) + Send + Sync + 'static) -> Act {
    let edit = Arc::new(edit);
    Act::Messages(Arc::new(move |mut messages| {
        let (edit, first) = (Arc::clone(&edit), messages.next().unwrap());
        Box::new((0..).map(move |number| {
            let mut message = first.clone();
            if number > 0 {
                edit(number, &mut message);
            }
            message
        }))
    }))
}

#[tokio::test]
async fn a32_endless_messages_end_by_each_limit_of_size() {
    let limited = |act: Act, limits: Limits| async move {
        let server = Lab::primary(zone()).soa_alone().fault(Fault::new(On::Transfer, act)).start().await.unwrap();
        match bounded(&server, TransferTimes::new(), limits).await {
            TransferError::Rules { source, .. } => source.fault,
            other => panic!("{other}"),
        }
    };
    let host = |number: usize| zone().a(&format!("new{number}"), [192, 0, 2, 1]).below(&format!("new{number}"));
    let empty = || endless(|_, message| message.answers.clear());
    let same = || endless(move |_, message| message.answers = host(1));
    let new = move || endless(move |number, message| message.answers = host(number));
    assert!(matches!(limited(empty(), Limits::new().empty_messages(50)).await, Rule::TooManyEmpty { limit: 50 }));
    assert!(matches!(limited(new(), Limits::new().records(60)).await, Rule::TooManyRecords { limit: 60 }));
    assert!(matches!(limited(new(), Limits::new().messages(70)).await, Rule::TooManyMessages { limit: 70 }));
    assert!(matches!(limited(new(), Limits::new().octets(9_000)).await, Rule::TooManyOctets { limit: 9_000 }));
    let rule = limited(same(), Limits::new().records_per_rrset(80)).await;
    assert!(rule.to_string().contains("80"), "{rule}");
}

#[tokio::test]
async fn a32_a_stream_that_never_pauses_ends_by_the_total_time() {
    let empty = endless(|_, message| message.answers.clear());
    let server = primary().fault(Fault::new(On::Transfer, empty)).start().await.unwrap();
    let times = TransferTimes::new().total(Duration::from_millis(200)).slowest(0, Duration::MAX);
    let limits = Limits::new().empty_messages(u64::MAX).messages(u64::MAX).octets(u64::MAX);
    let error = bounded(&server, times, limits).await;
    assert!(matches!(error, TransferError::Total { .. }), "{error}");
}

#[tokio::test]
async fn v8_times_without_end_are_no_overflow() {
    let server = primary().start().await.unwrap();
    let times = TransferTimes::new().idle(Duration::MAX).total(Duration::MAX).slowest(u64::MAX, Duration::MAX);
    let network = Network::new().timeout(Duration::MAX);
    let (received, _) = pull_with(&network, server.address(), &Transfer { times, ..transfer() }, None).await;
    assert_eq!(received.unwrap().zone.records, RECORDS);
}

// Connections

#[tokio::test]
async fn r6_no_connection_no_transfer_and_the_text_says_where() {
    let server = primary().without_tcp().start().await.unwrap();
    let (result, _) = pull(&server).await;
    let Err(error @ TransferError::Exchange(ExchangeError::Unreachable { .. })) = result else { panic!("{result:?}") };
    assert!(error.to_string().contains(&server.address().to_string()) && error.to_string().contains("refused"));
}

#[tokio::test]
async fn r6_over_ipv6_from_an_address_of_ones_own() {
    let server = primary().on(Ipv6Addr::LOCALHOST).start().await.unwrap();
    let network = Network::new().bind((Ipv6Addr::LOCALHOST, 0).into());
    let (received, _) = pull_with(&network, server.address(), &transfer(), None).await;
    assert_eq!(received.unwrap().zone.records, RECORDS);
}

#[tokio::test]
async fn each_may_end_a_transfer() {
    let server = primary().start().await.unwrap();
    let mut seen = 0;
    let mut each = |_: &dnsconverge::wire::RecordView<'_>| {
        seen += 1;
        let kind = dnsconverge::wire::WireErrorKind::ShortHeader;
        if seen < 5 { Ok(()) } else { Err(dnsconverge::wire::WireError { at: 0, kind, record: None }) }
    };
    let result = Network::new().transfer(&Peer::plain(server.address()), &transfer(), None, &mut each).await;
    assert!(matches!(result, Err(TransferError::Rules { .. })), "{result:?}");
    assert_eq!(seen, 5);
}

#[tokio::test]
async fn dropping_a_transfer_closes_its_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (network, transfer) = (Network::new(), transfer());
    let accepted = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read_u16().await.unwrap() > 0, "the question is under way");
        stream
    };
    let mut stream = tokio::select! {
        result = pull_with(&network, address, &transfer, None) => panic!("nothing was answered: {result:?}"),
        stream = accepted => stream,
    };
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(!rest.is_empty(), "the rest of the question, then the end of the stream");
}
