//! Any octets as a message. Three oracles:
//! hickory-proto and `domain`, independent parsers: RFC 1035 section 4.1, the counts say how many records follow, and each
//! has the owner, type, class and TTL that stand there; `domain` accepts whatever we accept;
//! the reading itself: what the walk has accepted can be read again without an error;
//! the canonical form: RFC 4034 section 6.2, it is a fixed point (canonical again, it is the same octets).
#![no_main]

use dnsconverge::canonical::{CanonicalRecord, Form, write_record};
use dnsconverge::wire::{Message, Opcode, RecordView, Section, WireName};
use hickory_proto::op;
use hickory_proto::rr::Record;
use libfuzzer_sys::fuzz_target;

/// OPT and TSIG, which we and hickory-proto hold apart from the other records.
const APART: [u16; 2] = [41, 250];

fuzz_target!(|octets: &[u8]| {
    let Ok(message) = Message::parse(octets) else { return };
    for record in message.records() {
        read_again(&message, record);
    }
    let _ = (message.rcode().mnemonic(), message.question(), message.opt().map(|opt| opt.options().count()));
    if let Some(tsig) = message.tsig() {
        let _ = dnsconverge::tsig::TsigRecord::read(tsig);
    }
    if let Ok(theirs) = op::Message::from_vec(octets) {
        agree(&message, &theirs);
    }
    agree_with_domain(&message, octets);
});

/// Reads all that a record offers, and its canonical form twice.
fn read_again(message: &Message<'_>, record: &RecordView<'_>) {
    record.owner().expect("the walk has read it");
    let mut canonical = Vec::new();
    write_record(record, Form::Canonical, &mut canonical).expect("the walk has read its RDATA");
    let (split, rest) = CanonicalRecord::split_first(&canonical).expect("our own layout");
    assert!(rest.is_empty());
    let _ = split.to_record();
    if message.header().opcode() != Opcode::QUERY || record.rtype().is_meta() {
        return;
    }
    let alone = [&[0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0], canonical.as_slice()].concat();
    // Expanded, a record may need more than one message has room for; the walk has no such limit.
    let again = Message::parse(&alone).expect("a canonical record is a record");
    let mut twice = Vec::new();
    write_record(&again.records()[0], Form::Canonical, &mut twice).expect("the same");
    assert_eq!(canonical, twice);
}

/// Where both accept a message they have read the same.
fn agree(ours: &Message<'_>, theirs: &op::Message) {
    assert_eq!(ours.header().id, theirs.metadata.id);
    if let (Some(own), Some(other)) = (ours.question(), theirs.queries.first()) {
        assert_eq!(own.name.as_octets(), WireName::from_name(other.name()).as_octets());
        assert_eq!(
            (own.rtype.0, ours.header().counts[0]),
            (u16::from(other.query_type()), theirs.queries.len() as u16)
        );
    }
    let sections = [
        (Section::Answer, &theirs.answers),
        (Section::Authority, &theirs.authorities),
        (Section::Additional, &theirs.additionals),
    ];
    for (section, records) in sections {
        let plain = |record: &&Record| !APART.contains(&u16::from(record.record_type()));
        let records: Vec<&Record> = records.iter().filter(plain).collect();
        let own: Vec<&RecordView<'_>> = ours.section(section).collect();
        assert_eq!(own.len(), records.len(), "{section:?}");
        for (own, other) in own.iter().zip(records) {
            assert_eq!(own.owner().expect("read").as_octets(), WireName::from_name(&other.name).as_octets());
            assert_eq!((own.rtype().0, own.ttl()), (u16::from(other.record_type()), other.ttl));
            assert_eq!(own.class(), u16::from(other.dns_class));
        }
    }
}

/// Whatever we accept `domain` reads the same; it looks into no RDATA, so that it cannot refuse any.
fn agree_with_domain(ours: &Message<'_>, octets: &[u8]) {
    let theirs = domain::base::Message::from_octets(octets).expect("it has a header");
    let mut records = ours.records().iter();
    let sections = [theirs.answer(), theirs.authority(), theirs.additional()];
    for other in sections.into_iter().flat_map(|section| section.expect("the walk has read it")) {
        let other = other.expect("the walk has read it");
        if APART.contains(&other.rtype().to_int()) {
            continue;
        }
        let own = records.next().expect("as many");
        let labels: Vec<u8> =
            other.owner().iter().flat_map(|label| [&[label.len() as u8], label.as_slice()].concat()).collect();
        assert!(own.owner().expect("read").as_octets().eq_ignore_ascii_case(&labels));
        assert_eq!((own.rtype().0, own.class()), (other.rtype().to_int(), other.class().to_int()));
        assert_eq!(own.ttl(), other.ttl().as_secs());
    }
    assert!(records.next().is_none(), "as many");
}
