//! The lab checks itself: a bare client of sockets and hickory-proto messages asks it what the tests of the crate rely on.

#[path = "lab/mod.rs"]
mod lab;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption, NSIDPayload};
use hickory_proto::rr::rdata::{A, NULL, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use lab::{Access, Act, Algorithm, Fault, Gate, Key, Lab, On, Server, Signature, Step, TransferFault, Transport};
use lab::{TsigFault, Zone};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// What a test ends with.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A zone with one of everything that an answer may depend on.
fn zone() -> Zone {
    Zone::new("example.test.")
        .soa(7)
        .ns("@", "ns")
        .a("ns", [192, 0, 2, 53])
        .a("WwW", [192, 0, 2, 1])
        .txt("note", &["a", "b"])
        .cname("alias", "www")
        .txt("*.wild", &["any"])
        .a("deep.empty", [192, 0, 2, 2])
        .ns("child", "ns.child")
        .a("ns.child", [192, 0, 2, 54])
        .dname("old", "new")
        .unknown("odd", RecordType::Unknown(65280), [1, 2, 3])
}

/// A query as a careful client sends it: RD=0.
fn query(name: &str, record_type: RecordType) -> Result<Message, Box<dyn std::error::Error>> {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name)?, record_type));
    Ok(message)
}

/// An UPDATE of example.test.
fn update(prerequisites: Vec<Record>, changes: Vec<Record>) -> Result<Message, Box<dyn std::error::Error>> {
    let mut message = Message::new(4712, MessageType::Query, OpCode::Update);
    message.add_query(Query::query(Name::from_ascii("example.test.")?, RecordType::SOA));
    message.add_answers(prerequisites);
    message.add_authorities(changes);
    Ok(message)
}

/// A TXT record of one string.
fn txt(owner: &str, text: &str) -> Result<Record, Box<dyn std::error::Error>> {
    let data = RData::TXT(TXT::from_bytes(vec![text.as_bytes()]));
    Ok(Record::from_rdata(Name::from_ascii(owner)?, 60, data))
}

/// The same record as RFC 2136 section 2.5.4 deletes it: class NONE, TTL 0.
fn gone(mut record: Record) -> Record {
    (record.dns_class, record.ttl) = (DNSClass::NONE, 0);
    record
}

/// A record without RDATA, for prerequisites and for deleting sets.
fn bare(owner: &str, class: DNSClass, record_type: RecordType) -> Result<Record, Box<dyn std::error::Error>> {
    let mut record = Record::update0(Name::from_ascii(owner)?, 0, record_type);
    record.dns_class = class;
    Ok(record)
}

/// One exchange by UDP.
async fn ask(server: &Server, message: &Message) -> Result<Message, Box<dyn std::error::Error>> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.send_to(&message.to_vec()?, server.address()).await?;
    let mut buffer = vec![0; 65535];
    let (length, _) = socket.recv_from(&mut buffer).await?;
    Ok(Message::from_vec(buffer.get(..length).unwrap_or_default())?)
}

/// Sends octets in a frame and reads frames until `ended` or the end of the connection.
async fn frames(
    server: &Server,
    octets: &[u8],
    ended: impl Fn(&[Vec<u8>]) -> bool,
) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let mut stream = TcpStream::connect(server.address()).await?;
    stream.write_u16(u16::try_from(octets.len())?).await?;
    stream.write_all(octets).await?;
    let mut frames = Vec::new();
    while let Ok(length) = stream.read_u16().await {
        let mut frame = vec![0; usize::from(length)];
        if stream.read_exact(&mut frame).await.is_err() {
            break;
        }
        frames.push(frame);
        if ended(&frames) {
            break;
        }
    }
    Ok(frames)
}

/// One exchange by TCP.
async fn ask_tcp(server: &Server, message: &Message) -> Result<Message, Box<dyn std::error::Error>> {
    let frames = frames(server, &message.to_vec()?, |_| true).await?;
    Ok(Message::from_vec(frames.first().ok_or("no reply")?)?)
}

/// Whether the frames hold two SOA records.
fn is_whole(frames: &[Vec<u8>]) -> bool {
    let soas = frames.iter().filter_map(|frame| Message::from_vec(frame).ok()).flat_map(|message| message.answers);
    soas.filter(|record| record.record_type() == RecordType::SOA).count() == 2
}

/// The messages of a transfer of example.test.
async fn pull(server: &Server) -> Result<Vec<Message>, Box<dyn std::error::Error>> {
    let axfr = query("example.test.", RecordType::AXFR)?.to_vec()?;
    let frames = frames(server, &axfr, is_whole).await?;
    frames.iter().map(|frame| Ok(Message::from_vec(frame)?)).collect()
}

/// The records of a transfer.
fn records(messages: &[Message]) -> Vec<&Record> {
    messages.iter().flat_map(|message| &message.answers).collect()
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the lab is tried without the library, whose clock this would be")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A key for the tests.
fn key() -> Key {
    Key::new("Lab-Key.", Algorithm::Sha256, b"an octet string of 32 octets ...")
}

/// Answers of every kind: section, AA and RCODE.
#[tokio::test]
async fn answers_as_an_authority_does() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    for (name, record_type, rcode, aa, counts) in [
        ("www.example.test.", RecordType::A, ResponseCode::NoError, true, (1, 0, 0)),
        ("www.example.test.", RecordType::TXT, ResponseCode::NoError, true, (0, 1, 0)),
        ("empty.example.test.", RecordType::A, ResponseCode::NoError, true, (0, 1, 0)),
        ("none.example.test.", RecordType::A, ResponseCode::NXDomain, true, (0, 1, 0)),
        ("alias.example.test.", RecordType::A, ResponseCode::NoError, true, (1, 0, 0)),
        ("x.y.wild.example.test.", RecordType::TXT, ResponseCode::NoError, true, (1, 0, 0)),
        ("x.y.wild.example.test.", RecordType::A, ResponseCode::NoError, true, (0, 1, 0)),
        ("host.child.example.test.", RecordType::A, ResponseCode::NoError, false, (0, 1, 1)),
        ("child.example.test.", RecordType::DS, ResponseCode::NoError, true, (0, 1, 0)),
        ("x.old.example.test.", RecordType::A, ResponseCode::NoError, true, (2, 0, 0)),
        ("odd.example.test.", RecordType::Unknown(65280), ResponseCode::NoError, true, (1, 0, 0)),
        ("example.test.", RecordType::SOA, ResponseCode::NoError, true, (1, 0, 0)),
        ("example.org.", RecordType::SOA, ResponseCode::Refused, false, (0, 0, 0)),
    ] {
        let reply = ask(&server, &query(name, record_type)?).await?;
        let seen = (reply.answers.len(), reply.authorities.len(), reply.additionals.len());
        let case = format!("{name} {record_type}");
        assert_eq!((reply.metadata.response_code, reply.metadata.authoritative, seen), (rcode, aa, counts), "{case}");
        assert_eq!(reply.metadata.id, 4711);
    }
    Ok(())
}

/// The owner of a wildcard answer is the name asked for; elsewhere the zone's own case comes back.
#[tokio::test]
async fn keeps_the_case_of_the_zone() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let own = ask(&server, &query("www.example.test.", RecordType::ANY)?).await?;
    assert_eq!(own.answers.first().map(|record| record.name.to_ascii()), Some("WwW.example.test.".to_owned()));
    let wild = ask(&server, &query("q.wild.example.test.", RecordType::TXT)?).await?;
    assert_eq!(wild.answers.first().map(|record| record.name.to_ascii()), Some("q.wild.example.test.".to_owned()));
    Ok(())
}

/// TC=1 at 512 octets without EDNS, at the announced size with it; OPT and NSID are echoed on demand.
#[tokio::test]
async fn truncates_and_echoes_edns() -> Outcome {
    let long = "x".repeat(250);
    let zone = zone().txt("long", &[&long, &long, &long, &long]);
    let server = Lab::primary(zone).nsid("node-a").start().await?;
    let mut asked = query("long.example.test.", RecordType::TXT)?;
    let plain = ask(&server, &asked).await?;
    assert!(plain.metadata.truncation && plain.answers.is_empty() && plain.edns.is_none());
    assert_eq!(ask_tcp(&server, &asked).await?.answers.len(), 1);
    let mut edns = Edns::new();
    edns.set_max_payload(1232).options_mut().insert(EdnsOption::NSID(NSIDPayload::new(Vec::new())?));
    asked.set_edns(edns);
    let reply = ask(&server, &asked).await?;
    assert_eq!((reply.metadata.truncation, reply.answers.len()), (false, 1));
    let edns = reply.edns.ok_or("no OPT")?;
    assert_eq!(edns.option(EdnsCode::NSID), Some(&EdnsOption::NSID(NSIDPayload::new("node-a")?)));
    Ok(())
}

/// An add with "name is not in use", the same again, and an exact delete that spares a stranger's record.
#[tokio::test]
async fn updates_by_the_rules() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let probe = "probe.example.test.";
    let unused = || bare(probe, DNSClass::NONE, RecordType::ANY);
    let add = update(vec![unused()?], vec![txt(probe, "ours")?])?;
    assert_eq!(ask_tcp(&server, &add).await?.metadata.response_code, ResponseCode::NoError);
    assert_eq!(server.zone().serial(), 8);
    assert_eq!(ask(&server, &add).await?.metadata.response_code, ResponseCode::YXDomain);
    server.apply(|zone| zone.add_txt("probe", &["foreign"]));
    let delete = update(Vec::new(), vec![gone(txt(probe, "ours")?)])?;
    assert_eq!(ask_tcp(&server, &delete).await?.metadata.response_code, ResponseCode::NoError);
    let left = server.zone().rrset(&Name::from_ascii(probe)?, RecordType::TXT);
    assert_eq!((left.len(), server.zone().serial()), (1, 9));
    assert_eq!(server.count(lab::Request::is_update), 3);
    Ok(())
}

/// Every prerequisite and every misplaced change has its own RCODE, and nothing is changed by a refusal.
#[tokio::test]
async fn refuses_updates_with_the_right_code() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let (www, none) = ("www.example.test.", "none.example.test.");
    let mut exact = txt("note.example.test.", "other")?;
    exact.ttl = 0;
    let cases = [
        (bare(none, DNSClass::ANY, RecordType::ANY)?, ResponseCode::NXDomain),
        (bare(www, DNSClass::NONE, RecordType::ANY)?, ResponseCode::YXDomain),
        (bare(www, DNSClass::ANY, RecordType::TXT)?, ResponseCode::NXRRSet),
        (bare(www, DNSClass::NONE, RecordType::A)?, ResponseCode::YXRRSet),
        (bare("example.org.", DNSClass::ANY, RecordType::A)?, ResponseCode::NotZone),
        (bare(www, DNSClass::CH, RecordType::A)?, ResponseCode::FormErr),
        (exact, ResponseCode::NXRRSet),
    ];
    for (prerequisite, rcode) in cases {
        let request = update(vec![prerequisite.clone()], vec![txt(none, "never")?])?;
        assert_eq!(ask(&server, &request).await?.metadata.response_code, rcode, "{prerequisite}");
    }
    let outside = update(Vec::new(), vec![txt("example.org.", "never")?])?;
    assert_eq!(ask(&server, &outside).await?.metadata.response_code, ResponseCode::NotZone);
    let mut elsewhere = outside;
    elsewhere.queries = vec![Query::query(Name::from_ascii("example.org.")?, RecordType::SOA)];
    assert_eq!(ask(&server, &elsewhere).await?.metadata.response_code, ResponseCode::NotAuth);
    assert_eq!((server.zone().serial(), server.zone().count()), (7, zone().count()));
    Ok(())
}

/// A record set, a name, and the SOA and NS that a deletion spares.
#[tokio::test]
async fn deletes_sets_and_names_but_not_the_apex() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let changes = vec![
        bare("www.example.test.", DNSClass::ANY, RecordType::A)?,
        bare("note.example.test.", DNSClass::ANY, RecordType::ANY)?,
        bare("example.test.", DNSClass::ANY, RecordType::ANY)?,
    ];
    assert_eq!(ask(&server, &update(Vec::new(), changes)?).await?.metadata.response_code, ResponseCode::NoError);
    let zone = server.zone();
    assert!(!zone.holds("www") && !zone.holds("note"));
    assert_eq!(zone.rrset(zone.apex(), RecordType::NS).len(), 1);
    Ok(())
}

/// RFC 2136 section 3.4.2.2: TXT beside a CNAME is dropped with NOERROR, and the serial stays.
#[tokio::test]
async fn ignores_data_beside_an_alias() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let request = update(Vec::new(), vec![txt("alias.example.test.", "lost")?])?;
    assert_eq!(ask(&server, &request).await?.metadata.response_code, ResponseCode::NoError);
    assert_eq!((server.zone().serial(), server.zone().count()), (7, zone().count()));
    Ok(())
}

/// SERVFAIL but applied, NOERROR but not, refused, lost, and a first delete that fails.
#[tokio::test]
async fn updates_go_wrong_as_told() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let owner = "probe.example.test.";
    let add = update(Vec::new(), vec![txt(owner, "ours")?])?;
    let delete = update(Vec::new(), vec![gone(txt(owner, "ours")?)])?;
    for (act, rcode, there) in [
        (Act::Rcode(ResponseCode::Refused), Some(ResponseCode::Refused), false),
        (Act::Pretend, Some(ResponseCode::NoError), false),
        (Act::Close, None, false),
        (Act::DoneBut(ResponseCode::ServFail), Some(ResponseCode::ServFail), true),
        (Act::DoneThenClose, None, true),
    ] {
        let fault = server.inject(Fault::new(On::Add, act).first(1));
        let reply = ask_tcp(&server, &add).await.ok().map(|reply| reply.metadata.response_code);
        assert_eq!((reply, server.zone().holds("probe"), server.hits(fault)), (rcode, there, 1));
        server.apply(|zone| zone.remove("probe", RecordType::TXT));
    }
    ask_tcp(&server, &add).await?;
    server.inject(Fault::new(On::Delete, Act::Rcode(ResponseCode::ServFail)).first(1));
    assert_eq!(ask_tcp(&server, &delete).await?.metadata.response_code, ResponseCode::ServFail);
    assert!(server.zone().holds("probe"));
    assert_eq!(ask_tcp(&server, &delete).await?.metadata.response_code, ResponseCode::NoError);
    assert!(!server.zone().holds("probe"));
    Ok(())
}

/// A reply that is held: the test sees the change first and the reply after the gate.
#[tokio::test]
async fn holds_a_reply_until_the_gate_opens() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let gate = Gate::new();
    server.inject(Fault::new(On::Add, Act::Hold(gate.clone())));
    let add = update(Vec::new(), vec![txt("probe.example.test.", "ours")?])?;
    let watch = async {
        server.wait_for(lab::Request::is_add).await;
        assert!(server.zone().holds("probe"));
        gate.open();
    };
    let (reply, ()) = tokio::join!(ask_tcp(&server, &add), watch);
    assert_eq!(reply?.metadata.response_code, ResponseCode::NoError);
    Ok(())
}

/// Any grouping carries the same records, from one per message to all in one.
#[tokio::test]
async fn transfers_in_any_grouping() -> Outcome {
    let zone = zone().hosts(40);
    let expected = zone.count() + 1;
    for (size, alone, messages) in [(1, false, expected), (10, false, expected.div_ceil(10)), (1000, true, 3)] {
        let builder = Lab::primary(zone.clone()).records_per_message(size);
        let builder = if alone { builder.soa_alone() } else { builder };
        let server = builder.start().await?;
        let pulled = pull(&server).await?;
        assert_eq!((pulled.len(), records(&pulled).len()), (messages, expected), "{size} {alone}");
        assert_eq!(server.connections(), 1);
    }
    Ok(())
}

/// Large records are spread by size: no message is cut off by its 64 KiB.
#[tokio::test]
async fn transfers_records_that_fill_messages() -> Outcome {
    let large =
        |zone: Zone, index: u32| zone.unknown(&format!("l{index}"), RecordType::Unknown(65280), vec![7; 30_000]);
    let zone = (0..9).fold(zone(), large).unknown("none", RecordType::Unknown(65281), Vec::new());
    let server = Lab::primary(zone.clone()).records_per_message(1000).start().await?;
    let axfr = query("example.test.", RecordType::AXFR)?.to_vec()?;
    server.inject(Fault::new(On::Transfer, Act::steps(|steps| Box::new(steps.chain([Step::Close])))));
    let frames = frames(&server, &axfr, |_| false).await?;
    let octets = frames.iter().map(Vec::len).sum::<usize>();
    assert!(
        octets > 270_000 && frames.iter().all(|frame| frame.get(2).is_some_and(|flags| flags & 2 == 0)),
        "{octets}"
    );
    Ok(())
}

/// Faults of transfers, each seen by the client as described.
#[tokio::test]
async fn transfers_go_wrong_as_told() -> Outcome {
    let stray = Record::from_rdata(Name::from_ascii("www.victim.example.")?, 60, RData::A(A([192, 0, 2, 66].into())));
    let server = Lab::primary(Zone::new("example.test.").ns("@", "ns").hosts(8)).records_per_message(5).start().await?;
    server.inject(Fault::new(On::Transfer, Act::steps(|steps| Box::new(steps.chain([Step::Close])))));
    let axfr = query("example.test.", RecordType::AXFR)?.to_vec()?;
    let mut seen = Vec::new();
    for fault in [
        TransferFault::NoFinalSoa,
        TransferFault::TrailingMessage(stray.clone()),
        TransferFault::CutAfter(1),
        TransferFault::ResetAfter(1),
        TransferFault::CutInside(2, 20),
        TransferFault::RcodeIn(2, ResponseCode::ServFail),
        TransferFault::WrongIdFrom(2),
        TransferFault::Stray(stray.clone()),
        TransferFault::FinalSerial(99),
        TransferFault::TrailingRecord(stray),
        TransferFault::Duplicates,
        TransferFault::Shuffled(1),
        TransferFault::EmptyBetween,
        TransferFault::QuestionOnce,
    ] {
        let id = server.inject(Fault::transfer(fault));
        let pulled = frames(&server, &axfr, |_| false).await?;
        let pulled = pulled.iter().map(|frame| Message::from_vec(frame)).collect::<Result<Vec<_>, _>>()?;
        server.withdraw(id);
        seen.push((pulled.len(), records(&pulled).len()));
    }
    let expected = [
        (2, 10),
        (4, 12),
        (1, 5),
        (1, 5),
        (1, 5),
        (3, 11),
        (3, 11),
        (3, 12),
        (3, 11),
        (3, 12),
        (4, 20),
        (3, 11),
        (5, 11),
        (3, 11),
    ];
    assert_eq!(seen, expected);
    Ok(())
}

/// The escape hatches: records, messages and octets rewritten by closures.
#[tokio::test]
async fn hooks_rewrite_a_reply() -> Outcome {
    let server = Lab::primary(zone()).records_per_message(3).start().await?;
    server.inject(Fault::new(On::Transfer, Act::records(|records| records.into_iter().take(5).collect())));
    let truncated = |number: usize, message: &mut Message| message.metadata.truncation = number == 2;
    server.inject(Fault::new(On::Transfer, Act::each_message(truncated)));
    let new_id = |_: usize, octets: &mut Vec<u8>| octets.splice(0..2, [0, number_of(octets)]).for_each(drop);
    server.inject(Fault::new(On::Transfer, Act::each_frame(new_id)));
    server.inject(Fault::new(On::Transfer, Act::steps(|steps| Box::new(steps.chain([Step::Close])))));
    let seen: Vec<_> = pull(&server).await?.iter().map(|message| (message.metadata.id, message.truncation)).collect();
    assert_eq!(seen, [(3, false), (2, true)]);
    Ok(())
}

/// The low octet of the number of answers in a message.
fn number_of(octets: &[u8]) -> u8 {
    octets.get(7).copied().unwrap_or_default()
}

/// Signed and answered signed, over one message and over many, densely and sparsely, with every algorithm.
#[tokio::test]
async fn signs_replies_in_every_rhythm() -> Outcome {
    for algorithm in Algorithm::ALL {
        for every in [1, 4, 1000] {
            let key = Key::new("key.", algorithm, b"secret");
            let zone = zone().hosts(30);
            let server = Lab::primary(zone).key(&key).transfer_by(Access::key(&key)).records_per_message(3);
            let server = server.sign_every(every).start().await?;
            let mut axfr = query("example.test.", RecordType::AXFR)?.to_vec()?;
            let mac = key.sign_request(&mut axfr, now());
            let frames = frames(&server, &axfr, |frames| frames.len() == 15).await?;
            assert!(key.is_genuine(&mac, &frames), "{algorithm:?} {every}");
            assert!(!key.is_genuine(&mac, frames.get(..14).unwrap_or_default()) || every == 1);
            assert!(!key.is_genuine(b"another request", &frames));
            assert!(server.requests().first().is_some_and(lab::Request::is_signed));
        }
    }
    Ok(())
}

/// BADKEY, BADSIG and BADTIME; a policy that wants a key; each logged as what it was.
#[tokio::test]
async fn refuses_wrong_signatures() -> Outcome {
    let server = Lab::primary(zone()).key(&key()).update_by(Access::key(&key())).start().await?;
    let other = Key::new("other.", Algorithm::Sha256, b"secret");
    let same_name = Key::new("lab-key.", Algorithm::Sha256, b"wrong");
    for (key, time, error) in [(&other, now(), 17), (&same_name, now(), 16), (&key(), now() - 3600, 18)] {
        let mut octets = query("example.test.", RecordType::SOA)?.to_vec()?;
        let mac = key.sign_request(&mut octets, time);
        let frames = frames(&server, &octets, |_| true).await?;
        let rcode = frames.first().and_then(|frame| frame.get(3)).map(|octet| octet & 15);
        assert_eq!(rcode, Some(9), "NOTAUTH");
        assert_eq!(key.is_genuine(&mac, &frames), error == 18, "only BADTIME is signed");
        assert_eq!(server.requests().last().map(|request| request.signature.clone()), Some(Signature::Rejected(error)));
    }
    let unsigned = update(Vec::new(), vec![txt("probe.example.test.", "never")?])?;
    assert_eq!(ask(&server, &unsigned).await?.metadata.response_code, ResponseCode::Refused);
    Ok(())
}

/// Every wrong signature is one that a client can tell.
#[tokio::test]
async fn signatures_go_wrong_as_told() -> Outcome {
    let server = Lab::primary(zone()).key(&key()).records_per_message(5).start().await?;
    for fault in [
        TsigFault::Unsigned,
        TsigFault::UnsignedIn(1),
        TsigFault::UnsignedLast,
        TsigFault::WrongMac,
        TsigFault::WrongMacIn(2),
        TsigFault::ShortMac(16),
        TsigFault::OtherKey(Key::new("lab-key.", Algorithm::Sha256, b"other")),
        TsigFault::TimersOnlyFirst,
        TsigFault::WithoutRequestMac,
        TsigFault::Error(17),
    ] {
        let name = format!("{fault:?}");
        let id = server.inject(Fault::tsig(fault));
        let mut axfr = query("example.test.", RecordType::AXFR)?.to_vec()?;
        let mac = key().sign_request(&mut axfr, now());
        let frames = frames(&server, &axfr, |frames| frames.len() == 3).await?;
        server.withdraw(id);
        assert_eq!((frames.len(), key().is_genuine(&mac, &frames)), (3, false), "{name}");
    }
    Ok(())
}

/// A secondary follows, holds its seeded difference, stands still while paused, and catches up.
#[tokio::test]
async fn a_secondary_follows_its_primary() -> Outcome {
    let primary = Lab::primary(zone()).start().await?;
    let strip = |zone: &mut Zone| {
        zone.remove("note", RecordType::TXT);
    };
    let secondary = Lab::secondary_of(&primary).delay(Duration::from_millis(5)).differing(strip).start().await?;
    assert!(secondary.zone().holds("www") && !secondary.zone().holds("note"));
    primary.publish(|zone| zone.add_txt("probe", &["token"]));
    assert!(!secondary.wait_until(|zone| zone.serial() == 8).await.holds("note"));
    secondary.pause();
    primary.publish(|zone| zone.remove("probe", RecordType::TXT));
    secondary.resume();
    secondary.wait_until(|zone| !zone.holds("probe")).await;
    assert_eq!(ask(&secondary, &query("example.test.", RecordType::SOA)?).await?.answers.len(), 1);
    let add = update(Vec::new(), vec![txt("probe.example.test.", "never")?])?;
    assert_eq!(ask(&secondary, &add).await?.metadata.response_code, ResponseCode::Refused);
    Ok(())
}

/// A secondary that starts paused keeps what it had, however often the primary changes.
#[tokio::test]
async fn a_paused_secondary_stays_behind() -> Outcome {
    let primary = Lab::primary(zone()).start().await?;
    let secondary = Lab::secondary_of(&primary).paused().start().await?;
    for _ in 0..3 {
        primary.publish(|zone| zone.add_txt("probe", &["token"]));
        tokio::task::yield_now().await;
    }
    assert_eq!((primary.zone().serial(), secondary.zone().serial()), (10, 7));
    secondary.resume();
    secondary.wait_until(|zone| zone.serial() == 10).await;
    Ok(())
}

/// A server that alternates between the old and the new zone, one that is silent over UDP, one without TCP.
#[tokio::test]
async fn faults_choose_their_requests() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let soa = query("example.test.", RecordType::SOA)?;
    let stale = Act::answer_from(Zone::new("example.test.").soa(1));
    server.inject(Fault::new(On::Query, stale).every(2).after(1));
    let mut serials = Vec::new();
    for _ in 0..4 {
        let reply = ask(&server, &soa).await?;
        serials.extend(reply.answers.iter().filter_map(|record| match &record.data {
            RData::SOA(soa) => Some(soa.serial),
            _ => None,
        }));
    }
    assert_eq!(serials, [7, 1, 7, 1]);
    server.withdraw_all();
    server.inject(Fault::new(On::Any, Act::Rcode(ResponseCode::Refused)).over(Transport::Udp));
    assert_eq!(ask(&server, &soa).await?.metadata.response_code, ResponseCode::Refused);
    assert_eq!(ask_tcp(&server, &soa).await?.metadata.response_code, ResponseCode::NoError);
    let deaf = Lab::primary(zone()).without_tcp().start().await?;
    assert_eq!(ask(&deaf, &soa).await?.answers.len(), 1);
    assert!(TcpStream::connect(deaf.address()).await.is_err());
    Ok(())
}

/// Junk gets no reply and harms nobody; what can be read is logged with its port and its bits.
#[tokio::test]
async fn survives_junk_and_logs_the_rest() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    for junk in [&[][..], &[0; 11], &[255; 12], &[255; 600], &[0, 1, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0xC0, 12]] {
        socket.send_to(junk, server.address()).await?;
    }
    let mut asked = query("WWW.example.test.", RecordType::A)?;
    asked.metadata.recursion_desired = true;
    socket.send_to(&asked.to_vec()?, server.address()).await?;
    let mut buffer = [0; 512];
    socket.recv_from(&mut buffer).await?;
    let [request] = server.requests().try_into().map_err(|all| format!("{all:?}"))?;
    assert_eq!((request.source, request.transport, request.connection), (socket.local_addr()?, Transport::Udp, 0));
    assert_eq!((request.id(), request.opcode(), request.record_type()), (4711, OpCode::Query, RecordType::A));
    assert!(request.recursion_desired() && !request.is_signed() && request.name().to_ascii() == "WWW.example.test.");
    Ok(())
}

/// The ports are free again once the handle is gone.
#[tokio::test]
async fn ends_with_its_handle() -> Outcome {
    let server = Lab::primary(zone()).zone(Zone::new("other.test.")).start().await?;
    let address = server.address();
    assert!(server.zone_at("other.test.").is_some());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&[0]).await?;
    drop(server);
    // The connection ends: nobody holds its other side any more.
    assert!(stream.read_u16().await.is_err());
    Ok(())
}

/// RFC 3597: octets of a type without a name go out as they came in.
#[tokio::test]
async fn carries_unknown_types() -> Outcome {
    let server = Lab::primary(zone()).start().await?;
    let reply = ask(&server, &query("odd.example.test.", RecordType::Unknown(65280))?).await?;
    let expected = RData::Unknown { code: RecordType::Unknown(65280), rdata: NULL::with(vec![1, 2, 3]) };
    assert_eq!(reply.answers.first().map(|record| &record.data), Some(&expected));
    Ok(())
}
