//! What an answer says besides: read from octets, kept short, escaped.

use super::zone;
use crate::converge::{Aside, aside, identity};
use crate::wire::tests::reply::{Reply, name, record, record_of_class};
use crate::wire::{CLASS_CH, CLASS_IN, Message, Rtype, Transport, WireName};

/// SOA RDATA with this serial.
fn soa_rdata(serial: u32) -> Vec<u8> {
    [vec![0, 0], [serial, 3600, 600, 86400, 300].into_iter().flat_map(u32::to_be_bytes).collect()].concat()
}

/// What an answer says besides.
fn aside_of(reply: &Reply) -> Aside {
    Aside::read(&Message::parse(&reply.octets()).expect("well-formed"), &zone(), Transport::Udp)
}

/// A denial without an SOA.
fn denial() -> Reply {
    Reply::to(1, name("a.example"), Rtype::TXT).flags(0x8403)
}

/// P10: NSID, extended errors (three of them at most), the serial and TTL beside a denial, how it came.
#[test]
fn p10_what_stands_in_the_options_and_beside_a_denial_is_read() {
    assert_eq!(aside_of(&denial()), Aside { transport: Some(Transport::Udp), ..Aside::default() });
    let ede = [0, 15, 0, 2, 0, 18];
    let options = [&[0, 3, 0, 2, b'n', b'1'][..], &ede, &ede, &ede, &ede].concat();
    let soa = record(&zone(), Rtype::SOA, &soa_rdata(42));
    let found = aside_of(&denial().and(1, soa.clone()).opt(0, &options));
    assert_eq!((found.node.as_deref(), found.serial, found.ttl), (Some("n1"), Some(42), Some(3600)));
    assert_eq!((found.extended_errors.len(), found.has_edns), (3, true));
    let answer = record_of_class(&name("a.example"), Rtype::TXT, CLASS_IN, 7, b"\x01x");
    assert_eq!(aside_of(&denial().and(0, answer).and(1, soa)).ttl, Some(7), "that of the answer comes first");
}

/// P10: the zone's primary is what the SOA that was asked for names, and no other name in an answer.
#[test]
fn p10_the_primary_is_named_by_an_soa_alone() {
    let primary =
        |rtype, rdata: &[u8]| aside_of(&Reply::to(1, zone(), rtype).and(0, record(&zone(), rtype, rdata))).primary;
    let target = name("ns.example");
    let soa = [target.as_octets(), &soa_rdata(42)[1..]].concat();
    assert_eq!(primary(Rtype::SOA, &soa).as_deref(), Some("ns.example."));
    assert_eq!(primary(Rtype::NS, target.as_octets()), None);
}

/// P10: only the SOA of the zone counts.
#[test]
fn p10_another_soa_says_nothing() {
    let other = record(&name("sub.example"), Rtype::SOA, &soa_rdata(42));
    let ns = record(&zone(), Rtype::NS, &[0]);
    let found = aside_of(&denial().and(1, other).and(1, ns));
    assert_eq!((found.serial, found.ttl), (None, None));
}

/// D: an identifier is text where it is text, hexadecimal elsewhere, escaped, and cut off where it has no end.
#[test]
fn d_identifiers_are_shown_safely() {
    assert_eq!(aside::identity(b"ns1 a~"), "ns1 a~");
    assert_eq!(aside::identity(&[0x1B, b'['][..]), "0x1b5b");
    assert_eq!(aside::identity(&[b'a'; 64]), "a".repeat(64));
    assert_eq!(aside::identity(&[b'a'; 65]), format!("{}...", "a".repeat(64)));
}

/// RFC 4892 section 2.3: the first string of a TXT record of class CH, in an answer to this question, without an error.
#[test]
fn p10_what_a_server_calls_itself_is_read_from_class_ch_alone() {
    let owner = name("id.server");
    let text = |class, rtype, rdata: &[u8]| record_of_class(&owner, rtype, class, 0, rdata);
    let reply = |record: Vec<u8>| Reply::to(7, owner, Rtype::TXT).and(0, record);
    let read = |reply: &Reply, id| identity::observe(&Message::parse(&reply.octets()).expect("well-formed"), id);
    let good = reply(text(CLASS_CH, Rtype::TXT, b"\x02ab\x01c"));
    assert_eq!(read(&good, 7).as_deref(), Some("ab"));
    assert_eq!(read(&good, 8), None, "another question's");
    for flags in [0x0400, 0x8C00, 0x8405, 0x8402] {
        assert_eq!(read(&good.clone().flags(flags), 7), None, "{flags:04x}");
    }
    assert_eq!(read(&reply(text(CLASS_IN, Rtype::TXT, b"\x02ab")), 7), None);
    assert_eq!(read(&reply(text(CLASS_CH, Rtype(10), b"\x02ab")), 7), None);
    assert_eq!(read(&reply(text(CLASS_CH, Rtype::TXT, b"\x00")), 7), None, "no name at all");
    assert_eq!(read(&Reply::to(7, WireName::ROOT, Rtype::TXT), 7), None);
}
