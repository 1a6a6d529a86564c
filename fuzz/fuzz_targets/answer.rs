//! Any octets as the datagram that answers a question for the probe or for the SOA. What counts as "the probe is there"
//! or as a serial is read anew from the octets, without our parser: the ID, the bits of the header and the probe's own
//! octets; and by hickory-proto. What is signed by nobody who has the key is never authenticated.
#![no_main]

use dnsconverge::converge::{Observation, SoaObservation, destination, soa};
use dnsconverge::probe::{Probe, RANDOM_OCTETS, RunId};
use dnsconverge::tsig::{RequestMac, Signer, Transaction, TsigKey};
use dnsconverge::wire::{CLASS_IN, Message, Question, WireName};
use hickory_proto::op;
use hickory_proto::rr::{DNSClass, RData, RecordType};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

/// The ID of the question, as in the seeds.
const ID: u16 = 0x2A17;

fuzz_target!(|octets: &[u8]| {
    let probe = probe();
    let Ok(message) = Message::parse(octets) else { return };
    let question = Question { name: *probe.owner(), rtype: probe.rtype(), class: CLASS_IN };
    let shown = destination::observe(&message, ID, &question, &probe);
    if shown == Observation::Exact {
        is_an_authoritative_answer(octets);
        assert!(octets.windows(probe.rdata().len()).any(|window| window == probe.rdata()), "the token is not there");
        ask_hickory(octets, probe.owner(), RecordType::TXT);
    }
    let sibling = Question { name: *probe.sibling(), ..question };
    assert_ne!(destination::observe(&message, ID, &sibling, &probe), Observation::Exact, "a copy is not the probe");
    if let SoaObservation::Found(found) = soa::observe(&message, ID, probe.zone()) {
        is_an_authoritative_answer(octets);
        assert!(octets.windows(4).any(|window| window == found.serial.to_be_bytes()), "the serial is not there");
        ask_hickory(octets, probe.zone(), RecordType::SOA);
    }
    for text in [shown.to_string(), soa::observe(&message, ID, probe.zone()).to_string()] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    let key: Arc<dyn Signer> = Arc::new(TsigKey::parse("hmac-sha256:k:c2VjcmV0IHNlY3JldCBzZWNyZXQ=").expect("a key"));
    let transaction = Transaction::new(key, RequestMac::new(vec![7; 32]));
    assert!(transaction.verify(&message, 1_700_000_000).is_err(), "nobody who has the key signed this");
});

/// The probe of the seeds.
fn probe() -> Probe {
    let zone = WireName::from_labels([b"example".as_slice(), b"com"]).expect("a name");
    let random: [u8; RANDOM_OCTETS] = std::array::from_fn(|index| u8::try_from(index * 7 % 251).expect("an octet"));
    Probe::new(&zone, &random, RunId(*b"12345678"), 1_700_000_000).expect("a short zone")
}

/// RFC 1035 section 4.1.1, bit by bit: our ID, QR=1, QUERY, AA=1, TC=0, NOERROR, one question, an answer.
fn is_an_authoritative_answer(octets: &[u8]) {
    assert_eq!(octets[..2], ID.to_be_bytes());
    assert_eq!((octets[2] & 0b1111_1110, octets[3] & 0xF), (0b1000_0100, 0));
    assert_eq!(octets[4..6], [0, 1]);
    assert_ne!(octets[6..8], [0, 0]);
}

/// The same, as an independent parser sees it; it refuses some valid records, and then has no say.
fn ask_hickory(octets: &[u8], owner: &WireName, rtype: RecordType) {
    let Ok(message) = op::Message::from_vec(octets) else { return };
    let owner = owner.to_name();
    let records: Vec<_> = message.answers.iter().filter(|record| record.record_type() == rtype).collect();
    assert_eq!(message.queries[0].query_type(), rtype);
    // RFC 2181 section 5: a record that comes twice is in the set once.
    assert!(!records.is_empty() && records.iter().all(|record| record.data == records[0].data), "{message:?}");
    assert!(records.iter().all(|record| (record.dns_class, &record.name) == (DNSClass::IN, &owner)));
    assert!(matches!(records[0].data, RData::TXT(_) | RData::SOA(_)));
}
