//! One question, one answer, one update: what `Network` believes, what it asks again, and what it says when it cannot.

#[path = "exchange/connections.rs"]
mod connections;
#[path = "exchange/edns.rs"]
mod edns;
#[path = "lab/mod.rs"]
mod lab;
#[path = "exchange/signatures.rs"]
mod signatures;
#[path = "exchange/update.rs"]
mod update;

use dnsconverge::net::{Answer, ExchangeError, Network, Peer, Query, UdpOutcome};
use dnsconverge::tsig::{Signer, TsigKey};
use dnsconverge::wire::{Message, Rcode, Rtype, Transport, WireName};
use hickory_proto::op::{Query as Question, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use lab::{Act, Algorithm, Fault, Key, Lab, On, Request, Server, Step, Transport as Via, TsigFault, Zone};
use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// The zone of these scenarios.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).txt("big", &["x"; 3]).txt("www", &["good"])
}

/// A network that gives up soon enough for a test, and late enough for a busy machine.
fn network() -> Network {
    Network::new().timeout(Duration::from_millis(1500))
}

/// A question of TXT at this name of the zone.
fn question(label: &str) -> Query {
    let name = Name::from_ascii(format!("{label}.example.test.")).unwrap();
    Query::new(WireName::from_name(&name), Rtype::TXT)
}

/// A key as both sides have it.
fn key(name: &str) -> (Key, Arc<dyn Signer>) {
    let key = Key::new(name, Algorithm::Sha256, b"an octet string of 32 octets ...");
    let text = format!("{}:{}:{}", key.algorithm().mnemonic(), key.name(), key.base64());
    (key, Arc::new(TsigKey::parse(&text).unwrap()))
}

/// Whether the answer holds the text that the zone has at `www`.
fn is_good(answer: &Answer) -> bool {
    let message = Message::parse(&answer.octets).unwrap();
    message.rcode() == Rcode::NOERROR && message.records().iter().any(|record| record.rdata_octets() == b"\x04good")
}

/// Whether a request came with an OPT record.
fn has_opt(request: &Request) -> bool {
    request.message.edns.is_some()
}

/// Sends these rewritings of the true answer before it, by UDP.
fn before_the_answer(junk: impl Fn(Vec<u8>) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Fault {
    let junk = Arc::new(junk);
    let act = Act::steps(move |steps| {
        let junk = Arc::clone(&junk);
        Box::new(steps.flat_map(move |step| match step {
            Step::Message(octets) => {
                let forged = junk(octets.clone()).into_iter().map(Step::Message);
                forged.chain([Step::Message(octets)]).collect::<Vec<_>>()
            }
            step => vec![step],
        }))
    });
    Fault::new(On::Any, act).over(Via::Udp)
}

/// The octets with one of them flipped.
fn flipped(octets: &[u8], at: usize, bits: u8) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= bits;
    octets
}

/// An answer that holds another text than the zone's, in octets that are otherwise the true answer's.
fn forged(octets: &[u8]) -> Vec<u8> {
    let at = octets.windows(4).position(|window| window == b"good").expect("the true answer");
    let mut octets = octets.to_vec();
    octets[at..at + 4].copy_from_slice(b"evil");
    octets
}

// Transports: P7, P8

#[tokio::test]
async fn p7_a_slip_is_asked_again_over_tcp() {
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Truncate).over(Via::Udp)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer));
    assert_eq!((answer.transport, server.connections()), (Transport::Tcp, 1));
}

#[tokio::test]
async fn p7_a_server_that_drops_datagrams_is_asked_over_tcp() {
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Lose).over(Via::Udp)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer));
    assert_eq!(answer.transport, Transport::Tcp);
    assert_eq!(server.count(|request| request.transport == Via::Udp), 2, "two datagrams, then TCP");
}

#[tokio::test]
async fn p8_half_an_answer_with_tc_is_dropped_and_asked_again_over_tcp() {
    // TC=1, and yet the records are there: RFC 2181 section 9 forbids to use them.
    let half = Act::each_frame(|_, octets| {
        *octets = forged(octets);
        octets[2] |= 0b10;
    });
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, half).over(Via::Udp)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer), "the datagram's content is gone");
    assert_eq!(answer.transport, Transport::Tcp);
}

#[tokio::test]
async fn p8_truncated_and_no_tcp_is_an_error_that_says_both() {
    let server = Lab::primary(zone()).without_tcp().fault(Fault::new(On::Any, Act::Truncate)).start().await.unwrap();
    let error = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ExchangeError::Neither { udp: UdpOutcome::Truncated, .. }), "{text}");
    for part in ["truncated", "TCP", "refused", &server.address().to_string()] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn p8_silence_and_no_tcp_is_an_error_that_says_both() {
    let server = Lab::primary(zone()).without_tcp().fault(Fault::new(On::Any, Act::Lose)).start().await.unwrap();
    let text = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err().to_string();
    assert!(text.contains("did not answer by UDP") && text.contains("refused"), "{text}");
}

// What belongs to the question: P9, P12

#[tokio::test]
async fn p9_five_junk_datagrams_and_then_the_good_one() {
    let junk = |octets: Vec<u8>| {
        let short = octets[..7].to_vec();
        let wrong_id = flipped(&forged(&octets), 1, 0xFF);
        let other_name = flipped(&forged(&octets), 13, 1);
        let no_response = flipped(&forged(&octets), 2, 0x80);
        let cut = octets[..octets.len() - 3].to_vec();
        vec![short, wrong_id, other_name, no_response, cut]
    };
    let server = Lab::primary(zone()).fault(before_the_answer(junk)).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert!(is_good(&answer));
    assert_eq!((answer.transport, server.requests().len()), (Transport::Udp, 1), "nothing was asked twice");
}

#[tokio::test]
async fn p9_a_forged_answer_alone_is_never_believed() {
    type Spoil = fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, Spoil); 6] = [
        ("wrong ID", |octets| flipped(octets, 0, 1)),
        ("QR=0", |octets| flipped(octets, 2, 0x80)),
        ("another name", |octets| flipped(octets, 14, 1)),
        ("opcode UPDATE", |octets| flipped(octets, 2, 5 << 3)),
        ("two questions", |octets| {
            const QUESTION: std::ops::Range<usize> = 12..12 + b"\x03www\x07example\x04test\x00".len() + 4;
            let twice = [&octets[..QUESTION.end], &octets[QUESTION], &octets[QUESTION.end..]].concat();
            let twice = flipped(&twice, 5, 3);
            assert!(Message::parse(&twice).is_ok(), "a whole message but for its question");
            twice
        }),
        ("an octet too many", |octets| [octets, &[0]].concat()),
    ];
    for (case, spoil) in cases {
        let act = Act::each_frame(move |_, octets| *octets = spoil(&forged(octets)));
        let server = Lab::primary(zone()).without_tcp().fault(Fault::new(On::Any, act)).start().await.unwrap();
        let error = network().timeout(Duration::from_millis(450));
        let error = error.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
        let ExchangeError::Neither { udp: UdpOutcome::Failed(udp), .. } = error else { panic!("{case}: {error}") };
        assert!(matches!(*udp, ExchangeError::Timeout { junk: 1, .. }), "{case}: {udp}");
        assert!(udp.to_string().contains("1 datagrams that do not belong to the question"), "{case}: {udp}");
    }
}

#[tokio::test]
async fn p9_another_port_of_the_server_is_not_the_server() {
    let (server, stranger) = (udp().await, udp().await);
    let address = server.local_addr().unwrap();
    let peer = Peer::plain(address);
    let network = network();
    let asked = question("www");
    let asking = network.query(&peer, &asked, None);
    let answering = async {
        let mut buffer = [0; 512];
        let (length, client) = server.recv_from(&mut buffer).await.unwrap();
        let answer = flipped(&buffer[..length], 2, 0x80);
        stranger.send_to(&flipped(&answer, 2, 0x04), client).await.unwrap();
        server.send_to(&answer, client).await.unwrap();
    };
    let (answer, ()) = tokio::join!(asking, answering);
    let octets = answer.unwrap().octets;
    assert!(!Message::parse(&octets).unwrap().header().is_authoritative(), "AA=1 is the stranger's mark");
}

#[tokio::test]
async fn p9_a_datagram_larger_than_announced_is_taken_whole() {
    let server = udp().await;
    let address = server.local_addr().unwrap();
    let peer = Peer::plain(address);
    let network = network();
    let asked = question("www");
    let answering = async {
        let mut buffer = [0; 512];
        let (length, client) = server.recv_from(&mut buffer).await.unwrap();
        let mut message = hickory_proto::op::Message::from_vec(&buffer[..length]).unwrap();
        message.metadata.message_type = hickory_proto::op::MessageType::Response;
        let records = (0..300_u16).fold(zone(), |zone, host| zone.unknown("www", 65_280, host.to_be_bytes()));
        message.add_answers(records.below("www").into_iter());
        server.send_to(&message.to_vec().unwrap(), client).await.unwrap();
    };
    let (answer, ()) = tokio::join!(network.query(&peer, &asked, None), answering);
    let answer = answer.unwrap();
    assert!(answer.octets.len() > 4000);
    assert_eq!((Message::parse(&answer.octets).unwrap().records().len(), answer.transport), (301, Transport::Udp));
}

#[tokio::test]
async fn p9_ids_and_ports_are_drawn_anew_for_every_question() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let network = network();
    for _ in 0..200 {
        network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    }
    let requests = server.requests();
    let ids: HashSet<u16> = requests.iter().map(Request::id).collect();
    let ports: HashSet<u16> = requests.iter().map(|request| request.source.port()).collect();
    // Two of 200 random IDs are the same in one run of four; twenty never are. The system draws from fewer ports.
    assert!(ids.len() > 180, "{} of 200 IDs", ids.len());
    assert!(ports.len() > 100, "{} of 200 ports", ports.len());
    let following = requests.windows(2).filter(|pair| pair[1].id() == pair[0].id().wrapping_add(1)).count();
    assert!(following < 5, "IDs do not count up");
}

#[tokio::test]
async fn p12_the_case_of_the_question_may_change_on_the_way() {
    let servers: [fn(String) -> String; 2] = [|name| name.to_uppercase(), |name| name.to_lowercase()];
    for change in servers {
        let act = Act::each_message(move |_, message| {
            let name = Name::from_ascii(change(message.queries[0].name().to_ascii())).unwrap();
            message.queries = vec![Question::query(name, RecordType::TXT)];
        });
        let server = Lab::primary(zone()).fault(Fault::new(On::Any, act)).start().await.unwrap();
        let answer = network().query(&Peer::plain(server.address()), &question("WwW"), None).await.unwrap();
        assert!(is_good(&answer));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn p4_recursion_is_never_desired_and_nothing_is_cached() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let network = network();
    for _ in 0..2 {
        let answer = network.query(&Peer::plain(server.address()), &question("none"), None).await.unwrap();
        assert_eq!(Message::parse(&answer.octets).unwrap().rcode(), Rcode::NXDOMAIN);
    }
    assert_eq!(server.count(|request| !request.recursion_desired()), 2, "P4: asked anew each time");
}

// EDNS: P10

/// A server that does this to questions with OPT, and its reply has none.
async fn minding_opt(act: Act) -> Server {
    let strip = Act::each_message(|_, message| message.edns = None);
    let server = Lab::primary(zone()).fault(Fault::new(On::request(has_opt), act));
    server.fault(Fault::new(On::request(has_opt), strip)).start().await.unwrap()
}

#[tokio::test]
async fn p10_a_server_that_minds_opt_is_asked_without_and_remembered() {
    for act in [Act::Rcode(ResponseCode::FormErr), Act::Rcode(ResponseCode::NotImp), Act::Lose] {
        let server = minding_opt(act).await;
        let network = network();
        for _ in 0..3 {
            let answer = network.clone().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
            assert!(is_good(&answer));
            assert_eq!(answer.transport, Transport::Udp);
        }
        assert_eq!((server.count(has_opt), server.requests().len()), (1, 4), "asked with OPT once, shared by clones");
    }
}

#[tokio::test]
async fn p10_badvers_is_asked_again_without_opt() {
    let fault = Fault::new(On::request(has_opt), Act::Rcode(ResponseCode::BADVERS));
    let server = Lab::primary(zone()).fault(fault).start().await.unwrap();
    assert!(is_good(&network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
    assert_eq!((server.count(has_opt), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn p10_formerr_with_opt_is_no_reason_to_ask_again() {
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Rcode(ResponseCode::FormErr)));
    let server = server.start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert_eq!(Message::parse(&answer.octets).unwrap().rcode(), Rcode::FORMERR);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn p10_one_address_that_minds_opt_says_nothing_about_another() {
    let (old, new) =
        (minding_opt(Act::Rcode(ResponseCode::FormErr)).await, Lab::primary(zone()).start().await.unwrap());
    let network = network();
    network.query(&Peer::plain(old.address()), &question("www"), None).await.unwrap();
    network.query(&Peer::plain(new.address()), &question("www"), None).await.unwrap();
    assert_eq!(new.count(has_opt), 1);
}

#[tokio::test]
async fn p10_a_server_that_was_down_is_asked_with_opt_once_it_is_up() {
    let server = Lab::primary(zone()).without_tcp().start().await.unwrap();
    let down = server.inject(Fault::new(On::Any, Act::Lose));
    let network = network().timeout(Duration::from_millis(300));
    network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
    server.withdraw(down);
    let before = server.count(has_opt);
    network
        .timeout(Duration::from_secs(5))
        .query(&Peer::plain(server.address()), &question("www"), None)
        .await
        .unwrap();
    assert_eq!(server.count(has_opt), before + 1, "silence without any answer proves nothing about OPT");
}

#[tokio::test]
async fn p10_over_tcp_opt_is_left_out_as_well() {
    let server = minding_opt(Act::Rcode(ResponseCode::FormErr)).await;
    let network = network();
    for _ in 0..2 {
        assert!(is_good(&network.query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
    }
    assert_eq!((server.count(has_opt), server.connections()), (1, 3));
}

#[tokio::test]
async fn p10_a_formerr_that_is_not_signed_leads_to_a_signed_question_without_opt() {
    let (key, signer) = key("k.");
    let with_opt = |act| Fault::new(On::request(has_opt), act);
    let server = Lab::primary(zone()).key(&key).fault(with_opt(Act::Rcode(ResponseCode::FormErr)));
    let server = server.fault(with_opt(Act::Tsig(TsigFault::Unsigned))).start().await.unwrap();
    let answer = network().query(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap();
    assert!(is_good(&answer) && answer.authenticated);
    assert_eq!(server.count(|request| !request.is_signed()), 0, "A4: never unsigned");
    network().query_tcp(&Peer::plain(server.address()), &question("www"), Some(&signer)).await.unwrap();
}

// Streams: R1, R6, R7

#[tokio::test]
async fn r1_an_answer_in_pieces_of_one_octet_is_put_together() {
    let act = Act::steps(|steps| {
        Box::new(steps.flat_map(|step| match step {
            Step::Message(octets) => {
                let frame = [&u16::try_from(octets.len()).unwrap().to_be_bytes(), octets.as_slice()].concat();
                frame.into_iter().map(|octet| Step::Raw(vec![octet])).collect()
            }
            step => vec![step],
        }))
    });
    let server = Lab::primary(zone()).fault(Fault::new(On::Any, act)).start().await.unwrap();
    assert!(is_good(&network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
}

#[tokio::test]
async fn r1_length_and_message_leave_in_one_write() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = Peer::plain(address);
    let seen = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.unwrap();
        buffer[..length].to_vec()
    };
    let network = network();
    let asked = question("www");
    let (result, seen) = tokio::join!(network.query_tcp(&peer, &asked, None), seen);
    assert!(matches!(result, Err(ExchangeError::Closed { .. })), "the listener closes without an answer");
    assert_eq!(usize::from(u16::from_be_bytes([seen[0], seen[1]])), seen.len() - 2, "one segment holds it all");
}

#[tokio::test]
async fn r6_every_failure_to_connect_has_its_own_words_with_address_and_port() {
    let refusing = Lab::primary(zone()).without_tcp().start().await.unwrap();
    let silent = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Lose)).start().await.unwrap();
    let closing = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Close)).start().await.unwrap();
    let reset = Act::steps(|_| Box::new([Step::Reset].into_iter()));
    let resetting = Lab::primary(zone()).fault(Fault::new(On::Any, reset)).start().await.unwrap();
    let network = network().timeout(Duration::from_millis(450));
    let cases = [
        (&refusing, "connection refused"),
        (&silent, "did not answer by TCP within"),
        (&closing, "the stream ended before a whole message"),
        (&resetting, "the connection was reset"),
    ];
    for (server, words) in cases {
        let error =
            network.query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(&server.address().to_string()), "{words}: {error}");
    }
    let elsewhere = network.bind("192.0.2.1:0".parse().unwrap());
    let error = elsewhere.query(&Peer::plain(silent.address()), &question("www"), None).await.unwrap_err().to_string();
    assert!(error.contains("not one of this machine's"), "{error}");
}

#[tokio::test]
#[cfg_attr(target_os = "macos", ignore = "only 127.0.0.1 is this machine's own there")]
async fn r6_a_closed_udp_port_is_told_apart_from_silence() {
    let closed = free_port([127, 0, 0, 4]).await;
    let error = network().query(&Peer::plain(closed), &question("www"), None).await.unwrap_err().to_string();
    assert!(error.contains("by UDP: connection refused") && error.contains("by TCP: connection refused"), "{error}");
}

#[tokio::test]
async fn r7_a_stream_cut_inside_a_frame_or_broken_after_data_is_an_error() {
    for (octets, end) in [(1, Step::Close), (2, Step::Close), (20, Step::Close), (20, Step::Reset)] {
        let act = Act::steps(move |steps| {
            let end = end.clone();
            Box::new(steps.flat_map(move |step| match step {
                Step::Message(message) => {
                    let frame = [&u16::try_from(message.len()).unwrap().to_be_bytes(), message.as_slice()].concat();
                    vec![Step::Raw(frame[..octets].to_vec()), end.clone()]
                }
                step => vec![step],
            }))
        });
        let server = Lab::primary(zone()).fault(Fault::new(On::Any, act)).start().await.unwrap();
        let error = network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
        assert!(matches!(error, ExchangeError::Closed { .. }), "{octets}: {error}");
    }
}

#[tokio::test]
async fn w7_a_frame_of_no_octets_and_one_that_is_no_message_are_errors() {
    for frame in [vec![0, 0], vec![0, 3, 1, 2, 3]] {
        let act = Act::steps(move |_| Box::new([Step::Raw(frame.clone())].into_iter()));
        let server = Lab::primary(zone()).fault(Fault::new(On::Any, act)).start().await.unwrap();
        let error = network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
        assert!(matches!(error, ExchangeError::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn p9_over_tcp_an_answer_to_something_else_is_an_error() {
    for spoil in [Act::WrongId, Act::each_frame(|_, octets| octets[14] ^= 1)] {
        let server = Lab::primary(zone()).fault(Fault::new(On::Any, spoil)).start().await.unwrap();
        let error = network().query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap_err();
        assert!(matches!(error, ExchangeError::NotOurs { .. }), "{error}");
    }
}

// Own address, durations

#[tokio::test]
async fn r6_ipv6_is_an_address_like_any_other() {
    let server = Lab::primary(zone()).on(Ipv6Addr::LOCALHOST).start().await.unwrap();
    let own: SocketAddr = (Ipv6Addr::LOCALHOST, 0).into();
    for network in [network(), network().bind(own)] {
        assert!(is_good(&network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
        assert!(is_good(&network.query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
    }
    assert!(server.requests().iter().all(|request| request.source.ip() == Ipv6Addr::LOCALHOST));
}

#[tokio::test]
#[cfg_attr(target_os = "macos", ignore = "only 127.0.0.1 is this machine's own there")]
async fn bind_holds_for_its_own_family_only() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let network = network().bind((Ipv6Addr::LOCALHOST, 0).into()).bind("127.0.0.2:0".parse().unwrap());
    network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    network.query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    let sources: Vec<_> = server.requests().iter().map(|request| request.source.ip().to_string()).collect();
    assert_eq!(sources, ["127.0.0.2", "127.0.0.2"]);
}

#[tokio::test]
#[cfg_attr(target_os = "macos", ignore = "only 127.0.0.1 is this machine's own there")]
async fn bind_to_a_port_uses_it_while_it_is_free() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let own = free_port([127, 0, 0, 3]).await;
    let network = network().bind(own);
    network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert_eq!(server.requests()[0].source, own);
    for _ in 0..3 {
        network.query_tcp(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    }
    let held = UdpSocket::bind(own).await.unwrap();
    let answer = network.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap();
    assert_eq!(answer.transport, Transport::Udp);
    let last = server.requests().pop().unwrap().source;
    assert!(last.ip() == own.ip() && last.port() != held.local_addr().unwrap().port(), "taken: another port");
}

#[tokio::test]
async fn v8_no_timeout_is_too_long_or_too_short_to_count_with() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let for_ever = Network::new().timeout(Duration::MAX);
    assert!(is_good(&for_ever.query(&Peer::plain(server.address()), &question("www"), None).await.unwrap()));
    server.inject(Fault::new(On::Any, Act::Lose));
    let error =
        Network::new().timeout(Duration::ZERO).query(&Peer::plain(server.address()), &question("www"), None).await;
    assert!(error.is_err());
}

#[tokio::test]
async fn v8_a_flood_of_junk_does_not_move_the_deadline() {
    let server = udp().await;
    let address = server.local_addr().unwrap();
    let peer = Peer::plain(address);
    let network = network().timeout(Duration::from_millis(300));
    let asked = question("www");
    let flooding = async {
        let mut buffer = [0; 512];
        let (length, client) = server.recv_from(&mut buffer).await.unwrap();
        loop {
            // Its own question, not an answer: once the client has gone, the system refuses to send.
            let _ = server.send_to(&buffer[..length], client).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        result = network.query(&peer, &asked, None) => assert!(result.is_err()),
        () = flooding => {}
    }
}

/// A port that was free a moment ago, at an address that no other test binds.
async fn free_port(address: [u8; 4]) -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::from(address), 0)).await.unwrap().local_addr().unwrap()
}

/// A UDP socket on this machine.
async fn udp() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}
