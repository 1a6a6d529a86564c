//! NOTIFY rule by rule, in octets.

use super::{Hint, Reaction, Sender, react};
use crate::tsig::{Signer, TsigKey, sign_request};
use crate::wire::{Header, Message, Opcode, Rcode, WireName};
use std::net::IpAddr;
use std::sync::Arc;

/// The time of these scenarios.
const NOW: u64 = 1_700_000_000;

/// `example.`
fn zone() -> WireName {
    WireName::from_labels([b"example".as_slice()]).unwrap()
}

/// The server that is known.
fn known() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

/// A key of that name.
fn key(name: &str) -> Arc<dyn Signer> {
    Arc::new(TsigKey::parse(&format!("hmac-sha256:{name}:c2VjcmV0IHNlY3JldCBzZWNyZXQ=")).unwrap())
}

/// A request with these flags about this name, type and class, and an SOA with serial 9 in its answer section.
fn request(flags: u16, name: &[u8], rtype: u16, class: u16) -> Vec<u8> {
    let mut octets = Vec::new();
    for field in [0x1234, flags, 1, 1, 0, 1] {
        octets.extend_from_slice(&u16::to_be_bytes(field));
    }
    octets.extend_from_slice(name);
    octets.extend_from_slice(&[rtype.to_be_bytes(), class.to_be_bytes()].concat());
    octets.extend_from_slice(&[0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0]);
    for field in [9_u32, 1, 2, 3, 4] {
        octets.extend_from_slice(&field.to_be_bytes());
    }
    octets.extend_from_slice(&[0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    octets
}

/// A NOTIFY as it should be.
fn notify() -> Vec<u8> {
    request(0x2400, b"\x07example\0", 6, 1)
}

/// What comes of it, sent by the server that is known, which has this key.
fn reaction(octets: &[u8], key: Option<Arc<dyn Signer>>) -> Reaction {
    react(octets, known(), &zone(), &[Sender { address: known(), key }], NOW)
}

/// The response code of the answer.
fn rcode(reaction: &Reaction) -> Rcode {
    match reaction {
        Reaction::Answered(reply) | Reaction::Heard { reply, .. } => Message::parse(reply).unwrap().rcode(),
        other => panic!("no answer: {other:?}"),
    }
}

#[test]
fn n3_it_is_acknowledged_with_its_id_and_question_and_nothing_else() {
    let Reaction::Heard { reply, hint } = reaction(&notify(), None) else { panic!("not heard") };
    assert_eq!(hint, Hint { from: known(), serial: Some(9) });
    let message = Message::parse(&reply).unwrap();
    let Header { id, flags, counts } = message.header();
    assert_eq!((id, flags, counts), (0x1234, 0xA400, [1, 0, 0, 1]), "QR, opcode 4, AA; OPT for OPT");
    assert_eq!(message.header().opcode(), Opcode::NOTIFY);
    assert_eq!(message.question().unwrap().name, zone());
    let plain: Vec<u8> = notify()[..notify().len() - 11].to_vec();
    let plain = [&plain[..10], &[0, 0], &plain[12..]].concat();
    let Reaction::Heard { reply, .. } = reaction(&plain, None) else { panic!("not heard") };
    assert!(Message::parse(&reply).unwrap().opt().is_none(), "no OPT, no OPT");
}

#[test]
fn n3_another_zone_type_or_class_is_refused() {
    for (name, rtype, class, code) in [
        (&b"\x05other\0"[..], 6, 1, Rcode::NOTAUTH),
        (b"\x07EXAMPLE\0", 6, 1, Rcode::NOERROR),
        (b"\x01a\x07example\0", 6, 1, Rcode::NOTAUTH),
        (b"\x07example\0", 1, 1, Rcode::REFUSED),
        (b"\x07example\0", 6, 3, Rcode::REFUSED),
    ] {
        assert_eq!(rcode(&reaction(&request(0x2400, name, rtype, class), None)), code, "{name:?} {rtype} {class}");
    }
    let mut twice = notify();
    twice[5] = 0;
    twice.drain(12..25);
    twice.splice(12..14, [0]);
    assert_eq!(rcode(&reaction(&twice, None)), Rcode::FORMERR, "no question");
}

#[test]
fn n3_an_answer_is_never_answered_nor_what_is_no_notify() {
    for flags in [0xA400, 0xA000, 0x0000, 0x2800, 0x8000] {
        assert_eq!(reaction(&request(flags, b"\x07example\0", 6, 1), None), Reaction::Ignored, "{flags:04x}");
    }
    let reply = match reaction(&notify(), None) {
        Reaction::Heard { reply, .. } => reply,
        other => panic!("{other:?}"),
    };
    assert_eq!(reaction(&reply, None), Reaction::Ignored, "our own answer, sent back");
    let whole = notify();
    for length in 0..whole.len() {
        assert_eq!(reaction(&whole[..length], None), Reaction::Ignored, "{length} octets of it");
    }
}

#[test]
fn n2_strangers_are_not_answered_whatever_they_send() {
    let stranger: IpAddr = "192.0.2.2".parse().unwrap();
    let senders = [Sender { address: known(), key: None }];
    assert_eq!(react(&notify(), stranger, &zone(), &senders, NOW), Reaction::Stranger(stranger));
    let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
    assert!(
        matches!(react(&notify(), mapped, &zone(), &senders, NOW), Reaction::Heard { .. }),
        "IPv4 by another spelling"
    );
}

#[test]
fn n2_a_signature_is_right_or_the_notify_is_ignored() {
    let mut signed = notify();
    let mac = sign_request(&key("k."), &mut signed, NOW).unwrap();
    let Reaction::Heard { reply, .. } = reaction(&signed, Some(key("k."))) else { panic!("not heard") };
    let transaction = crate::tsig::Transaction::new(key("k."), mac);
    transaction.verify(&Message::parse(&reply).unwrap(), NOW).expect("the answer is signed too");
    for other in [None, Some(key("other."))] {
        assert_eq!(reaction(&signed, other), Reaction::Ignored);
    }
    let mut bent = signed.clone();
    bent[40] ^= 1;
    assert_eq!(reaction(&bent, Some(key("k."))), Reaction::Ignored, "an octet of the SOA");
    let mut old = notify();
    sign_request(&key("k."), &mut old, NOW - 3600).unwrap();
    assert_eq!(reaction(&old, Some(key("k."))), Reaction::Ignored, "replayed");
    assert!(matches!(reaction(&notify(), Some(key("k."))), Reaction::Heard { .. }), "unsigned: a hint is a hint");
}

#[test]
fn n1_a_serial_of_another_owner_is_no_hint() {
    let mut octets = notify();
    // The owner of the SOA: the root instead of a pointer to the question.
    octets.splice(25..27, [0]);
    let Reaction::Heard { hint, .. } = reaction(&octets, None) else { panic!("not heard") };
    assert_eq!(hint.serial, None);
}

proptest::proptest! {
    #[test]
    fn n3_any_octets_are_survived(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
        let _ = reaction(&octets, Some(key("k.")));
    }
}
