//! The rules of the two updates, one scenario each.

use super::*;
use crate::probe::{Probe, RANDOM_OCTETS, RunId};
use crate::wire::{
    CLASS_ANY, CLASS_IN, CLASS_NONE, Header, Message, Opcode, Rcode, RecordView, Rtype, Section, Transport, WireName,
};
use std::time::Duration;

/// A probe two labels below the root.
fn probe() -> Probe {
    let zone = WireName::from_labels([b"sub".as_slice(), b"example"]).expect("a name");
    Probe::new(&zone, &[0x5A; RANDOM_OCTETS], RunId([1; 8]), 1_700_000_000).expect("a short zone")
}

/// A lease of so many seconds.
fn lease(seconds: u64) -> Lease {
    Lease::lasting(Duration::from_secs(seconds))
}

/// The octets of a request.
fn octets(message: &hickory_proto::op::Message) -> Vec<u8> {
    message.to_vec().expect("it can be written")
}

/// A record as (owner, type, class, TTL, RDATA).
fn fields<'m>(record: &RecordView<'m>) -> (WireName, Rtype, u16, u32, &'m [u8]) {
    (record.owner().unwrap(), record.rtype(), record.class(), record.ttl(), record.rdata_octets())
}

/// U1: opcode 5, one zone of type SOA and class IN, nothing else in the header.
#[test]
fn u1_zone_section() {
    let probe = probe();
    for request in [plant(0xBEEF, &probe, None), remove(0xBEEF, &probe)] {
        let octets = octets(&request);
        let message = Message::parse(&octets).unwrap();
        assert_eq!(message.header().flags, 0x2800, "opcode UPDATE and no flag");
        assert_eq!((message.header().id, message.header().opcode()), (0xBEEF, Opcode::UPDATE));
        assert_eq!(message.header().counts[0], 1);
        let zone = message.question().unwrap();
        assert_eq!((zone.name, zone.rtype, zone.class), (*probe.zone(), Rtype::SOA, CLASS_IN));
    }
}

/// U2, U3: the add carries "name is not in use", and adds one TXT.
#[test]
fn u2_prerequisite_and_add() {
    let probe = probe();
    let octets = octets(&plant(1, &probe, None));
    let message = Message::parse(&octets).unwrap();
    let prerequisites: Vec<_> = message.section(Section::Answer).map(fields).collect();
    assert_eq!(prerequisites, [(*probe.owner(), Rtype::ANY, CLASS_NONE, 0, [].as_slice())]);
    let updates: Vec<_> = message.section(Section::Authority).map(fields).collect();
    assert_eq!(updates, [(*probe.owner(), Rtype::TXT, CLASS_IN, 60, probe.rdata())]);
    assert_eq!(message.section(Section::Additional).count(), 0);
}

/// U3: a lease is asked for in the form of 4 octets, by the add alone, which stays what it is.
#[test]
fn u3_lease_of_the_add() {
    let (plain, leased) = (octets(&plant(1, &probe(), None)), octets(&plant(1, &probe(), Some(lease(3600)))));
    let message = Message::parse(&leased).unwrap();
    assert_eq!(message.opt().unwrap().options().collect::<Vec<_>>(), [(2, [0, 0, 0x0E, 0x10].as_slice())]);
    assert_eq!(leased[12..plain.len()], plain[12..], "the OPT record is all that is added");
    assert!(Message::parse(&octets(&remove(1, &probe()))).unwrap().opt().is_none());
}

/// U3: a lease is granted by 4 octets, or by 8 of which the last are for keys; anything else grants nothing.
#[test]
fn u3_lease_granted() {
    let granted = |data: &[u8]| {
        let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
        let option = [&[0, 2][..], &length(data), data].concat();
        let header = [0, 7, 0xA8, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let reply = [&header[..], &[0, 0, 41, 4, 208, 0, 0, 0, 0], &length(&option), &option].concat();
        Lease::granted_by(&Message::parse(&reply).unwrap()).map(Lease::seconds)
    };
    assert_eq!(granted(&[0, 0, 0, 30]), Some(30));
    assert_eq!(granted(&[0, 0, 0, 30, 0, 9, 0x3A, 0x80]), Some(30));
    for nothing in [&[][..], &[0; 4], &[0; 8], &[0, 0, 30], &[0, 0, 0, 30, 0], &[1; 12]] {
        assert_eq!(granted(nothing), None, "{nothing:?}");
    }
}

/// Leases are whole seconds, never none and never more than the option can say.
#[test]
fn u3_lease_lasting() {
    let lasting = |millis| Lease::lasting(Duration::from_millis(millis)).seconds();
    assert_eq!([lasting(0), lasting(1), lasting(1000), lasting(1001), lasting(u64::MAX)], [1, 1, 1, 2, u32::MAX]);
    assert_eq!(lease(90).duration(), Duration::from_secs(90));
}

/// U4: the deletion names exactly our record, never an `RRset` or a name, and has no prerequisite.
#[test]
fn u4_delete_exactly_our_record() {
    let probe = probe();
    let octets = octets(&remove(1, &probe));
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.section(Section::Answer).count(), 0);
    let updates: Vec<_> = message.section(Section::Authority).map(fields).collect();
    assert_eq!(updates, [(*probe.owner(), Rtype::TXT, CLASS_NONE, 0, probe.rdata())]);
    assert!(message.records().iter().all(|record| record.class() != CLASS_ANY && record.rtype() != Rtype::ANY));
}

/// U15: the lines for nsupdate, to the letter; U21: what a dry run shows.
#[test]
fn u15_nsupdate_lines() {
    let server = "[2001:db8::1]:5353".parse().unwrap();
    let owner = probe().owner_text();
    let rdata =
        "\"dnsconverge=1\" \"run=0101010101010101\" \"token=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\" \"time=1700000000\"";
    let expected = format!("server 2001:db8::1 5353\nzone sub.example.\nupdate delete {owner} IN TXT {rdata}\nsend\n");
    assert_eq!(nsupdate_script(server, Transport::Tcp, &probe()), expected);
    let by_tls = nsupdate_script(server, Transport::Tls, &probe());
    assert_eq!(by_tls, format!("; over TLS: nsupdate -S (BIND 9.20 or later)\n{expected}"));
    let described = describe(server, &probe(), None);
    for line in [format!("add: {owner} 60 IN TXT {rdata}"), format!("delete: {owner} IN TXT {rdata}")] {
        assert!(described.contains(&line), "{described}");
    }
    assert!(described.contains(&format!("prerequisite: {owner} is not in use")));
}

/// A reply with these flags.
fn reply(id: u16, flags: u16) -> Outcome {
    let octets: Vec<u8> = [id, flags, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    assert_eq!(octets.len(), Header::LENGTH);
    Outcome::of_reply(&Message::parse(&octets).unwrap(), 7, probe().zone())
}

/// A reply of NOERROR with these zones, each by its name, type and class.
fn reply_about(zones: &[(&[u8], u16, u16)]) -> Outcome {
    let header = [7, 0xA800, u16::try_from(zones.len()).unwrap(), 0, 0, 0];
    let mut octets: Vec<u8> = header.into_iter().flat_map(u16::to_be_bytes).collect();
    for (name, rtype, class) in zones {
        octets.extend([name, &rtype.to_be_bytes()[..], &class.to_be_bytes()].concat());
    }
    Outcome::of_reply(&Message::parse(&octets).unwrap(), 7, probe().zone())
}

/// U9: a reply may leave the zone out, but names no other.
#[test]
fn u9_a_reply_about_another_zone_is_not_ours() {
    let zone = probe().zone().as_octets().to_vec();
    let ours = (zone.as_slice(), 6, 1);
    assert_eq!(reply_about(&[ours]), Outcome::Applied);
    assert_eq!(reply_about(&[]), Outcome::Applied);
    let not_ours = Outcome::Unknown(Uncertainty::NotOurs);
    for zones in [&[(b"\x05other\0".as_slice(), 6, 1)][..], &[(&zone, 16, 1)], &[(&zone, 6, 3)], &[ours, ours]] {
        assert_eq!(reply_about(zones), not_ours, "{zones:?}");
    }
}

/// U9: what each reply says about the zone; only a defined refusal means "not changed".
#[test]
fn u9_what_a_reply_says() {
    assert_eq!(reply(7, 0xA800), Outcome::Applied);
    for code in [1, 3, 4, 5, 8, 9, 10] {
        assert_eq!(reply(7, 0xA800 | code), Outcome::Refused { rcode: Rcode(code) });
    }
    for code in [2, 6, 7, 11, 15] {
        assert_eq!(reply(7, 0xA800 | code), Outcome::Unknown(Uncertainty::Rcode(Rcode(code))), "{code}");
    }
    assert_eq!(reply(8, 0xA800), Outcome::Unknown(Uncertainty::NotOurs), "another ID");
    assert_eq!(reply(8, 0xA805), Outcome::Unknown(Uncertainty::NotOurs), "another ID, whatever it says");
    assert_eq!(reply(7, 0x2800), Outcome::Unknown(Uncertainty::NotOurs), "QR=0");
    assert_eq!(reply(7, 0x8000), Outcome::Unknown(Uncertainty::NotOurs), "an answer to a query");
}

/// U12: each response code and what it tells a person, to the letter.
#[test]
fn u12_texts_of_response_codes() {
    let golden = "\
0 NOERROR: the server accepted the update
1 FORMERR: the server could not read the update
2 SERVFAIL: internal failure or forwarding timeout at the server; the update may have been applied
3 NXDOMAIN: a name that the update requires does not exist
4 NOTIMP: the server does not do dynamic update; watch a change that you make by hand (`--observe`), or use `diff`; neither writes
5 REFUSED: the server's policy: this key or address may not update this name or type; sign with Kerberos (-g) where Active Directory wants that
6 YXDOMAIN: the probe's name is in use: another run, or a leftover; `sweep` lists them
7 YXRRSET: the probe's name is in use: another run, or a leftover; `sweep` lists them
8 NXRRSET: the record has changed or is already gone
9 NOTAUTH: the server is not authoritative or not primary for the zone, or does not accept the TSIG key, time or MAC
10 NOTZONE: the probe's name is not in the zone that the server took
11 DSOTYPENI: a response code that no standard defines for updates; the update may have been applied
";
    let told: Vec<String> = (0..=11).map(|code| format!("{code} {}: {}", Rcode(code), explain(Rcode(code)))).collect();
    assert_eq!(told, golden.lines().collect::<Vec<&str>>());
}

/// L2: a reason from outside cannot speak to the terminal.
#[test]
fn l2_reasons_are_escaped() {
    let hostile = "x\u{1b}[2J\n".to_owned();
    for outcome in [
        Outcome::NotSent { why: hostile.clone() },
        Outcome::Unknown(Uncertainty::Lost(hostile.clone())),
        Outcome::Unknown(Uncertainty::BadSignature(hostile.clone())),
        Outcome::Unknown(Uncertainty::Malformed(hostile)),
    ] {
        assert!(outcome.to_string().chars().all(|c| !c.is_control()), "{outcome}");
    }
}
