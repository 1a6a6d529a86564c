//! Writes valid inputs for every target below the directory that is its argument, as a corpus to start from.

#[allow(dead_code, reason = "seeds and targets need other parts of it")]
#[path = "../fixtures/kerberos.rs"]
mod realm;

use dnsconverge::probe::{JournalEntry, Probe, RANDOM_OCTETS, RunId};
use dnsconverge::wire::WireName;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CAA, CNAME, MX, NS, NULL, PTR, SOA, SRV, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use std::path::Path;

/// The ID that the targets expect.
const ID: u16 = 0x2A17;

/// A name in the zone.
fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

/// The zone's SOA.
fn soa() -> Record {
    let rdata = SOA::new(name("ns1.example.com."), name("hostmaster.example.com."), 7, 7200, 900, 1_209_600, 300);
    Record::from_rdata(name("example.com."), 3600, RData::SOA(rdata))
}

/// RDATA of a type by number.
fn unknown(code: u16, octets: &[u8]) -> RData {
    RData::Unknown { code: RecordType::from(code), rdata: NULL::with(octets.to_vec()) }
}

/// A zone with records of many types, the SOA first.
fn zone() -> Vec<Record> {
    let signer: &[u8] = b"\x07example\x03com\0";
    let rrsig = [&[0, 1, 13, 2, 0, 0, 14, 16, 0x69, 0, 0, 0, 0x68, 0, 0, 0, 0x30, 0x39][..], signer, &[7; 64]].concat();
    let nsec = [b"\x03www".as_slice(), signer, &[0, 6, 0x40, 1, 0, 0, 0, 3]].concat();
    let data = [
        ("example.com.", RData::NS(NS(name("ns1.example.com.")))),
        ("example.com.", RData::MX(MX::new(10, name("Mail.example.com.")))),
        ("example.com.", RData::TXT(TXT::new(vec!["v=spf1 -all".into(), String::new()]))),
        ("example.com.", RData::CAA(CAA::new_issue(false, Some(name("ca.example.net.")), Vec::new()))),
        ("ns1.example.com.", RData::A(A::new(192, 0, 2, 1))),
        ("ns1.example.com.", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))),
        ("www.example.com.", RData::CNAME(CNAME(name("ns1.example.com.")))),
        ("_sip._tcp.example.com.", RData::SRV(SRV::new(1, 2, 5060, name("sip.example.com.")))),
        ("1.example.com.", RData::PTR(PTR(name("www.example.com.")))),
        ("old.example.com.", unknown(39, b"\x03new\x07example\x03com\0")),
        ("n.example.com.", unknown(35, b"\0\x01\0\x02\x01u\x07E2U+sip\0\x03sip\x07example\x03com\0")),
        ("svc.example.com.", unknown(65, b"\0\x01\0\0\x01\0\x03\x02h2\0\x03\0\x02\x01\xBB")),
        ("ns1.example.com.", unknown(46, &rrsig)),
        ("ns1.example.com.", unknown(47, &nsec)),
        ("example.com.", unknown(48, &[&[1, 1, 3, 13][..], &[9; 64]].concat())),
        ("sub.example.com.", unknown(43, &[&[0x30, 0x39, 13, 2][..], &[8; 32]].concat())),
        ("h.example.com.", unknown(50, &[1, 0, 0, 0, 2, 0xAB, 0xCD, 2, 1, 2, 0, 1, 0x40])),
        ("example.com.", unknown(63, &[&[0, 0, 0, 7, 1, 1][..], &[6; 48]].concat())),
        ("loc.example.com.", unknown(29, &[0, 0x12, 0x16, 0x13, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x98, 0x96, 0x80])),
        ("apl.example.com.", unknown(42, &[0, 1, 24, 3, 192, 0, 2])),
        ("x.example.com.", unknown(65280, b"\xC0\x0C any octets")),
    ];
    let records = data.into_iter().map(|(owner, data)| Record::from_rdata(name(owner), 300, data));
    std::iter::once(soa()).chain(records).collect()
}

/// A response with these answers.
fn response(answers: &[Record]) -> Message {
    let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
    message.metadata.authoritative = true;
    message.add_query(Query::query(name("example.com."), RecordType::AXFR));
    message.add_answers(answers.iter().cloned());
    message
}

/// In wire form.
fn octets(message: &Message) -> Vec<u8> {
    message.to_vec().expect("hickory writes it")
}

/// Messages behind their lengths.
fn stream(messages: &[Vec<u8>]) -> Vec<u8> {
    let length = |message: &Vec<u8>| u16::try_from(message.len()).expect("a TCP message").to_be_bytes();
    messages.iter().flat_map(|message| length(message).into_iter().chain(message.iter().copied())).collect()
}

/// Single messages of all kinds.
fn messages() -> Vec<Vec<u8>> {
    let zone = [zone(), vec![soa()]].concat();
    let mut padded = response(&zone[..3]);
    padded.set_edns(Edns::new());
    let mut refused = response(&[]);
    refused.metadata.response_code = ResponseCode::Refused;
    let mut update = Message::new(ID, MessageType::Query, OpCode::Update);
    update.add_query(Query::query(name("example.com."), RecordType::SOA));
    let mut unused = Record::update0(name("p.example.com."), 0, RecordType::ANY);
    unused.dns_class = DNSClass::NONE;
    update.add_answer(unused);
    update.add_authority(Record::from_rdata(name("p.example.com."), 60, RData::TXT(TXT::new(vec!["token".into()]))));
    let opt_with_ede =
        [&octets(&refused)[..11], &[1], &octets(&refused)[12..], b"\0\0\x29\x04\xD0\0\0\0\0\0\x08\0\x0F\0\x04\0\x12no"]
            .concat();
    let tsig_rdata = b"\x0bhmac-sha256\0\0\0\x6a\0\0\0\x01\x2c\0\x04\x01\x02\x03\x04\x2a\x17\0\0\0\0";
    let tsig = [&b"\x01k\0\0\xFA\0\xFF\0\0\0\0\0"[..], &[tsig_rdata.len() as u8], tsig_rdata].concat();
    let signed = [&octets(&refused)[..11], &[1], &octets(&refused)[12..], &tsig].concat();
    let mut all =
        vec![octets(&response(&zone)), octets(&padded), octets(&refused), octets(&update), opt_with_ede, signed];
    all.extend(zone.iter().map(|record| octets(&response(std::slice::from_ref(record)))));
    all
}

/// Streams of honest transfers, and of some that are not.
fn streams() -> Vec<Vec<u8>> {
    let zone = [zone(), vec![soa()]].concat();
    let divided = |size| stream(&zone.chunks(size).map(|records| octets(&response(records))).collect::<Vec<_>>());
    let mut padded = response(&[]);
    padded.set_edns(Edns::new());
    let mut failed = response(&zone[12..]);
    failed.metadata.response_code = ResponseCode::ServFail;
    let small = [zone[0].clone(), zone[1].clone(), soa()];
    let foreign = Record::from_rdata(name("www.example.net."), 1, RData::A(A::new(192, 0, 2, 9)));
    let mut all: Vec<_> = [1, 2, 5, 12, zone.len()].into_iter().map(divided).collect();
    all.push(stream(&[octets(&response(&small[..1])), octets(&padded), octets(&response(&small[1..]))]));
    all.push(stream(&[octets(&response(&zone[..12])), octets(&failed)]));
    all.push(stream(&[octets(&response(&[soa(), soa()]))]));
    all.push(stream(&[octets(&response(&[soa(), foreign, soa()]))]));
    all.push(stream(&[octets(&response(&small))]));
    all
}

/// Answers to an IXFR query behind the serial that it was asked with: steps, a whole zone, a SOA alone.
fn differences() -> Vec<Vec<u8>> {
    let version = |serial: u32| {
        let mut record = soa();
        if let RData::SOA(soa) = &mut record.data {
            soa.serial = serial;
        }
        record
    };
    let zone = zone();
    let (old, new) = (zone[5].clone(), zone[6].clone());
    let two =
        [version(7), version(5), old.clone(), version(6), new.clone(), version(6), new, version(7), old, version(7)];
    let one = [version(2), version(u32::MAX), version(2), zone[3].clone(), version(2)];
    let whole = [zone, vec![soa()]].concat();
    let divided = |from: u32, records: &[Record], size| {
        let incremental = |records: &[Record]| {
            let mut message = response(records);
            message.queries = vec![Query::query(name("example.com."), RecordType::IXFR)];
            octets(&message)
        };
        [&from.to_be_bytes()[..], &stream(&records.chunks(size).map(incremental).collect::<Vec<_>>())].concat()
    };
    let mut all: Vec<_> = [1, 2, 4, 10].into_iter().map(|size| divided(5, &two, size)).collect();
    all.extend([divided(u32::MAX, &one, 5), divided(6, &two, 10), divided(5, &whole, 1), divided(5, &whole, 40)]);
    all.extend([
        divided(7, &two[..1], 1),
        divided(8, &two[..1], 1),
        divided(5, &two[..1], 1),
        divided(5, &two[..6], 6),
    ]);
    all
}

/// Names at places of messages.
fn names() -> Vec<Vec<u8>> {
    let message = octets(&response(&zone()));
    let places = (12..message.len()).step_by(7).take(60);
    places.map(|place| [&u16::try_from(place).expect("short").to_be_bytes()[..], &message].concat()).collect()
}

/// Zone files behind the octet that chooses dialect and start: the container lab's zone, one record of every type, and
/// directives.
fn zone_files() -> Vec<Vec<u8>> {
    let vectors = include_str!("../../src/present/vectors.txt").lines().filter(|line| !line.starts_with('#'));
    let texts = vectors.filter_map(|line| {
        let (rtype, rest) = line.split_once('\t')?;
        Some(format!("\0a {rtype} {}\n", rest.split_once('\t')?.1))
    });
    let directives = "\0$TTL 1h30m\n$ORIGIN a\n$GENERATE 1-9/2 h${1,3,x} A 192.0.2.$\n$INCLUDE f b\n@ TXT ( \"\\\"\\065\" ; c\n x )\n";
    let windows = "\x01a [AGE:7] 60 A 192.0.2.1\n@ WINS LOCAL L1 C2 ( 192.0.2.1 )\n\\101 TXT \"\\040\"\n";
    let whole = format!("\x02{}", include_str!("../../tests/containers/zones/varied.zone"));
    texts.chain([directives.to_owned(), windows.to_owned(), whole]).map(String::into_bytes).collect()
}

/// Records of several sides as words for the differ: in step, ahead, again, in another order, dropped; with little memory.
fn comparisons() -> Vec<Vec<u8>> {
    let record = |side: u8, number: u8| [side, number % 8, number / 2, number.wrapping_mul(5)];
    let in_step = (0..40).flat_map(|number| [record(0, number), record(1, number)]);
    let ahead = (0..60).map(|number| record(0, number)).chain((0..60).rev().map(|number| record(1, number)));
    let again = (0..30).flat_map(|number| [record(0, number), record(1, number), record(1, number / 2)]);
    let dropped = (0..30).flat_map(|number| [record(0, number), record(1, number), record(2, number + 1)]);
    let dropped = dropped.chain([[0xFE, 0, 0, 0], [0xFB, 0, 0, 0]]);
    let all: [Vec<[u8; 4]>; 4] = [in_step.collect(), ahead.collect(), again.collect(), dropped.collect()];
    let heads = [[0, 0, 1], [1, 255, 1], [3, 4, 0]];
    let with_head = |words: &Vec<[u8; 4]>| heads.map(|head| [&head[..], words.as_flattened()].concat());
    all.iter().flat_map(with_head).collect()
}

/// The probe of the target `answer`.
fn probe() -> Probe {
    let zone = WireName::from_labels([b"example".as_slice(), b"com"]).expect("a name");
    let random: [u8; RANDOM_OCTETS] = std::array::from_fn(|index| u8::try_from(index * 7 % 251).expect("an octet"));
    Probe::new(&zone, &random, RunId(*b"12345678"), 1_700_000_000).expect("a short zone")
}

/// Answers of an authority for the probe's name, its sibling and the zone: there, not there, an alias, a referral.
fn answers() -> Vec<Vec<u8>> {
    let probe = probe();
    let token = |owner: Name| Record::from_rdata(owner, 60, unknown(16, probe.rdata()));
    let alias = |owner: Name| Record::from_rdata(owner, 60, RData::CNAME(CNAME(name("www.example.com."))));
    let cut = Record::from_rdata(name("_dnsconverge.example.com."), 60, RData::NS(NS(name("ns1.example.com."))));
    let answer = |qname: Name, rtype, answers: Vec<Record>, authorities: Vec<Record>, rcode| {
        let mut message = response(&answers);
        message.queries = vec![Query::query(qname, rtype)];
        message.metadata.response_code = rcode;
        message.authorities = authorities;
        octets(&message)
    };
    let (owner, sibling, txt) = (probe.owner().to_name(), probe.sibling().to_name(), RecordType::TXT);
    let fine = ResponseCode::NoError;
    let mut all = vec![
        answer(name("example.com."), RecordType::SOA, vec![soa()], Vec::new(), fine),
        answer(owner.clone(), txt, vec![alias(owner.clone())], Vec::new(), fine),
        answer(owner.clone(), txt, Vec::new(), vec![cut], fine),
    ];
    for name in [owner, sibling] {
        all.push(answer(name.clone(), txt, vec![token(name.clone())], Vec::new(), fine));
        all.push(answer(name.clone(), txt, vec![token(name.clone()), token(name.clone())], Vec::new(), fine));
        all.push(answer(name, txt, Vec::new(), vec![soa()], ResponseCode::NXDomain));
    }
    all
}

/// NOTIFY requests: with and without the SOA, about another zone, signed by nobody who has the key; and an answer to one.
fn notifies() -> Vec<Vec<u8>> {
    let request = |zone: &str, answers: &[Record]| {
        let mut message = Message::new(ID, MessageType::Query, OpCode::Notify);
        message.metadata.authoritative = true;
        message.add_query(Query::query(name(zone), RecordType::SOA));
        message.add_answers(answers.iter().cloned());
        message
    };
    let plain = octets(&request("example.com.", &[soa()]));
    let mut answer = request("example.com.", &[]);
    answer.metadata.message_type = MessageType::Response;
    let tsig_rdata = b"\x0bhmac-sha256\0\0\0\x65\x53\xf1\0\x01\x2c\0\x04\x01\x02\x03\x04\x2a\x17\0\0\0\0";
    let tsig = [&b"\x01k\0\0\xFA\0\xFF\0\0\0\0\0"[..], &[tsig_rdata.len() as u8], tsig_rdata].concat();
    let signed = [&plain[..11], &[1], &plain[12..], &tsig].concat();
    vec![plain, octets(&request("example.com.", &[])), octets(&request("other.example.", &[])), octets(&answer), signed]
}

/// Key files of each kind; the target puts its secret where they say `SECRET`.
fn key_files() -> Vec<Vec<u8>> {
    let texts = [
        "key \"k.\" { algorithm hmac-sha256; secret \"SECRET\"; };\n",
        "# two\nkey k { algorithm hmac-sha512-256; secret SECRET; }; /* x */ key l { secret \"SECRET\"; algorithm hmac-md5; };",
        "hmac-sha384:k:SECRET\n",
        "k:SECRET",
        "Private-key-format: v1.3\nAlgorithm: 165 (HMAC_SHA512)\nKey: SECRET\nBits: AAA=\n",
        "include \"other\"; options { directory \"/\"; }; key \"a\\.b\" { algorithm hmac-sha1-80; secret \"SECRET\"; };",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// Entries of the journal: one that is written by the program, and some that are not.
fn entries() -> Vec<Vec<u8>> {
    let server = "192.0.2.1:53".parse().expect("an address");
    let entry = serde_json::to_string(&JournalEntry::new(&probe(), server, "ns1", Some("k."))).expect("JSON");
    let other = entry.replace("5f646e73636f6e7665726765", "5f646e73636f6e7665726766");
    let future = entry.replace("\"format\":1", "\"format\":2");
    [entry, other, future].map(String::into_bytes).into()
}

/// RDATA behind its type: of every type that has a presentation form, and some with a pointer to the owner.
fn rdata() -> Vec<Vec<u8>> {
    let vectors = include_str!("../../src/present/vectors.txt").lines().filter(|line| !line.starts_with('#'));
    let all = vectors.filter_map(|line| {
        let mut fields = line.split('\t');
        let rtype = dnsconverge::present::rtype_from_text(fields.next()?)?;
        let digits = fields.next()?;
        let octets =
            (0..digits.len() / 2).filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok());
        Some(rtype.0.to_be_bytes().into_iter().chain(octets).collect())
    });
    let pointing = [2, 5, 12, 39].map(|rtype| vec![0, rtype, 1, b'X', 0xC0, 12]);
    all.chain(pointing).chain([vec![0, 15, 0, 10, 0xC0, 14]]).collect()
}

/// What a KDC and an acceptor say, behind the octet that says to whom; and files with credentials.
fn kerberos() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let to = |whom: u8, octets: Vec<u8>| [vec![whom], octets].concat();
    let (granting, service) = (["krbtgt", "EXAMPLE.COM"], ["DNS", "ns1.example.com"]);
    let mut said = vec![
        to(1, realm::granted_part(&granting)),
        to(3, realm::granted_part(&service)),
        to(3, realm::granted_part(&["krbtgt", "OTHER.EXAMPLE"])),
        to(5, realm::proof_part()),
    ];
    for code in [25, 24, 6, 23, 14, 68, 37, 7] {
        said.extend([0, 2, 4].map(|whom| to(whom, realm::error(code))));
    }
    said.extend([
        to(0, realm::reply(realm::AS_REP, &[])),
        to(2, realm::reply(realm::TGS_REP, &[])),
        to(4, realm::proof(&[])),
    ]);
    said.push(to(6, octets(&response(&[]))));
    let config = "[libdefaults]\n default_realm = EXAMPLE.COM\ninclude /etc/krb5.conf.d/x\n[realms]\n EXAMPLE.COM = {\n  kdc = \
                  kdc.example.com:88\n }\n[domain_realm]\n .example.com = EXAMPLE.COM\n";
    (said, vec![realm::cache(), realm::keytab(), config.as_bytes().to_vec()])
}

fn main() -> std::io::Result<()> {
    let below = std::env::args().nth(1).unwrap_or_else(|| "corpus".into());
    let (said, credentials) = kerberos();
    let targets = [
        ("message", messages()),
        ("name", names()),
        ("transfer_stream", streams()),
        ("incremental_stream", differences()),
        ("zonefile", zone_files()),
        ("differ", comparisons()),
        ("answer", answers()),
        ("notify", notifies()),
        ("keyfile", key_files()),
        ("journal", entries()),
        ("rdata", rdata()),
        ("kerberos", said),
        ("credentials", credentials),
    ];
    for (target, seeds) in targets {
        let directory = Path::new(&below).join(target);
        std::fs::create_dir_all(&directory)?;
        for (index, seed) in seeds.iter().enumerate() {
            std::fs::write(directory.join(format!("seed-{index:02}")), seed)?;
        }
    }
    Ok(())
}
