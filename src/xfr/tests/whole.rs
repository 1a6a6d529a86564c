//! Whole transfers: the query, the shapes that are honest, the ways to end, and signatures.

use super::*;
use crate::tsig::{Algorithm, RequestMac, Sequence, Signer, TsigError, TsigKey, TsigRecord, sign_request};
use crate::wire::Message;
use crate::xfr::{AxfrRequest, Edns0};
use proptest::prelude::*;
use std::sync::Arc;

/// A1, A2: all flags zero, one question of type AXFR and class IN, nothing else.
#[test]
fn a1_a2_the_query() {
    let octets = AxfrRequest::query(&name("Example.com"), ID, Edns0::Absent).expect("a query");
    let mut wanted = vec![0x2A, 0x17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    wanted.extend(b"\x07Example\x03com\x00\x00\xFC\x00\x01");
    assert_eq!(octets, wanted);
}

/// A1: with EDNS there is an OPT of version 0 as well, and only that.
#[test]
fn a1_the_query_with_edns() {
    let octets = AxfrRequest::query(&WireName::ROOT, ID, Edns0::Offered).expect("a query");
    let message = Message::parse(&octets).expect("our own query");
    assert_eq!(message.header().counts, [1, 0, 0, 1]);
    assert_eq!(message.header().flags, 0);
    let opt = message.opt().expect("OPT");
    assert_eq!((opt.version, opt.extended_rcode, opt.options().count()), (0, 0, 0));
}

/// A1: a name of 255 octets is asked for as it is.
#[test]
fn a1_the_longest_zone_name() {
    let labels = [vec![b'x'; 63], vec![b'y'; 63], vec![b'z'; 63], vec![0xFF; 61]];
    let zone = WireName::from_labels(labels.iter().map(Vec::as_slice)).expect("255 octets");
    let octets = AxfrRequest::query(&zone, ID, Edns0::Offered).expect("a query");
    assert_eq!(Message::parse(&octets).expect("our own query").question().expect("one").name, zone);
}

/// A9: every way to cut nine records into messages, with the question in all messages and in the first only.
#[test]
fn a9_every_split_gives_the_same_zone() {
    let (stream, expected) = (stream(), expected());
    for cuts in 0..1_u32 << (stream.len() - 1) {
        for repeats_question in [true, false] {
            let mut groups = vec![Vec::new()];
            for (index, record) in stream.iter().enumerate() {
                groups.last_mut().expect("a group").push(record.clone());
                if index + 1 < stream.len() && cuts >> index & 1 == 1 {
                    groups.push(Vec::new());
                }
            }
            let replies = groups.iter().enumerate().map(|(index, group)| {
                let reply = Reply::with(group);
                if index == 0 || repeats_question { reply } else { reply.without_question() }
            });
            let frames: Vec<_> = replies.map(|reply| reply.octets()).collect();
            let (records, completed) = run(&frames).expect("an honest transfer");
            assert_eq!(records, expected, "cuts {cuts:b}");
            assert_eq!((completed.messages, completed.records), (groups.len() as u64, 8));
        }
    }
}

/// A9: any order of the records between the two SOAs.
#[test]
fn a9_any_order() {
    let mut stream = stream();
    stream[1..8].reverse();
    let (mut records, _) = run_records(&stream).expect("an honest transfer");
    records[1..].reverse();
    assert_eq!(records, expected());
}

/// A9: the same zone with compressed names, as hickory-proto writes it: in one message, and one record in each.
#[test]
fn a9_compressed_by_another_implementation() {
    use hickory_proto::op;
    use hickory_proto::serialize::binary::BinDecodable;
    let honest = op::Message::from_bytes(&Reply::with(&stream()).octets()).expect("hickory reads it");
    let compressed = honest.to_vec().expect("hickory writes it");
    assert!(compressed.len() < Reply::with(&stream()).octets().len(), "compressed");
    let (records, completed) = run(&[compressed]).expect("an honest transfer");
    assert_eq!((records.len(), completed.serial.0), (8, 7));
    let single = |record: &hickory_proto::rr::Record| {
        let mut message = honest.clone();
        message.answers = vec![record.clone()];
        message.to_vec().expect("hickory writes it")
    };
    let frames: Vec<_> = honest.answers.iter().map(single).collect();
    assert_eq!(run(&frames).expect("an honest transfer").1.messages, 9);
}

/// A17: OPT in no message, in the first, in all; any options inside.
#[test]
fn a17_opt_anywhere() {
    let (first, last) = (Reply::with(&stream()[..4]), Reply::with(&stream()[4..]));
    let padding = [0, 12, 0, 3, 0, 0, 0, 0xFF, 0xFE, 0, 0];
    let all = [first.clone().opt(0, &padding), last.clone().opt(0, &padding)];
    for replies in [[first.clone(), last.clone()], [first.opt(0, &[]), last], all] {
        assert_eq!(run(&frames(&replies)).expect("an honest transfer").0, expected());
    }
}

/// A18: messages without records are padding, anywhere but at the beginning.
#[test]
fn a18_empty_messages_between() {
    let mut replies = Vec::new();
    for record in stream() {
        replies.push(Reply::with(&[record]));
        replies.push(Reply::with(&[]).opt(0, &[0, 12, 0, 2, 0, 0]).without_question());
    }
    replies.pop();
    let (records, completed) = run(&frames(&replies)).expect("an honest transfer");
    assert_eq!((records, completed.notes.empty_messages), (expected(), 8));
}

/// A19: closed at any boundary between messages before the end, nothing is complete.
#[test]
fn a19_closed_at_every_boundary() {
    let replies: Vec<_> = stream().into_iter().map(|record| Reply::with(&[record])).collect();
    for end in 0..replies.len() {
        let wanted = [Fault::ClosedAtOnce, Fault::SingleSoa].get(end).cloned().unwrap_or(Fault::ClosedEarly);
        let error = run(&frames(&replies[..end])).expect_err("cut");
        assert_eq!((error.fault.clone(), error.messages), (wanted, end as u64));
        assert_eq!(error.is_worth_a_retry(), end != 1, "A20: what a second try can mend");
    }
}

/// A27: the SOA alone, then nothing.
#[test]
fn a27_single_soa_then_closed() {
    let error = run_records(&[soa(7)]).expect_err("no transfer");
    assert_eq!(error.fault, Fault::SingleSoa);
    assert!(error.to_string().contains("does not offer the zone in full"), "{error}");
}

/// A29: one more message is refused, and what was complete stays so.
#[test]
fn a29_a_message_after_the_end() {
    let whole = Reply::with(&stream()).octets();
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    assert_eq!(inbound.frame(&whole, 0, &mut |_| Ok(())), Ok(Progress::Done));
    for late in [&whole, &Reply::with(&[a("evil.example.com", 9)]).octets(), &vec![0; 3]] {
        let error = inbound.frame(late, 0, &mut |_| panic!("a record after the end")).expect_err("refused");
        assert_eq!(error.fault, Fault::MessageAfterEnd);
    }
    assert_eq!(inbound.finish().expect("still complete").zone.records, 8);
}

/// What is said of these messages, which were there already when the zone was complete, and how the transfer ends.
fn late(messages: &[Vec<u8>]) -> (Vec<Result<Progress, Fault>>, Result<u64, Fault>) {
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    assert_eq!(inbound.frame(&Reply::with(&stream()).octets(), 0, &mut |_| Ok(())), Ok(Progress::Done));
    let said = messages.iter().map(|octets| inbound.late_frame(octets).map_err(|error| error.fault)).collect();
    (said, inbound.finish().map(|received| received.zone.records).map_err(|error| error.fault))
}

/// A29: what was there already and goes on with the zone shows that the SOA that ended the transfer was not its last.
#[test]
fn a29_more_of_the_zone_that_had_come_by_the_end_voids_it() {
    let void = Fault::RecordsAfterEnd { records: 2 };
    let more = [a("h1.example.com", 1), a("h2.example.com", 2)];
    let with_soa = [&more[..], &[soa(7)]].concat();
    let padding = Reply::with(&[]).without_question().octets();
    for records in [&more[..], &with_soa] {
        let (said, ended) = late(&[padding.clone(), Reply::with(records).without_question().octets()]);
        assert_eq!((said, ended), (vec![Ok(Progress::More), Err(void.clone())], Err(void.clone())));
    }
}

/// A29: what is no part of the transfer, or has nothing new, leaves it complete.
#[test]
fn a29_what_had_come_by_the_end_and_is_no_more_of_the_zone_changes_nothing() {
    let more = || Reply::with(&[a("h1.example.com", 1)]);
    let again = Reply::with(&stream()).octets();
    let looked_at = [again, Reply::with(&[soa(7)]).octets(), Reply::with(&[a("www.example.org", 1)]).octets()];
    let passed_over = [more().flags(0x8402).octets(), Reply { id: ID + 1, ..more() }.octets(), vec![0; 3]];
    for (messages, progress) in [(looked_at, Progress::More), (passed_over, Progress::Done)] {
        for message in messages {
            assert_eq!(late(&[message]), (vec![Ok(progress)], Ok(8)));
        }
    }
    let (said, ended) = late(&vec![Reply::with(&[]).octets(); 16]);
    assert_eq!((said.last(), ended), (Some(&Ok(Progress::Done)), Ok(8)), "not for ever");
}

/// A19: after a fault nothing brings the transfer back, and the fault stays the first one.
#[test]
fn a19_a_failed_transfer_stays_failed() {
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    let first = inbound.frame(&[0; 11], 0, &mut |_| Ok(())).expect_err("too short");
    assert!(matches!(first.fault, Fault::Malformed(_)), "W7, 63: a message of 11 octets");
    let later = inbound.frame(&Reply::with(&stream()).octets(), 0, &mut |_| panic!("a record after a fault"));
    assert_eq!((later, inbound.finish()), (Err(first.clone()), Err(first)));
}

/// The error of the one who takes the records ends the transfer too.
#[test]
fn an_error_of_the_consumer_ends_it() {
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    let error = crate::wire::WireError::new(5, crate::wire::WireErrorKind::RdataGrammar);
    let failed = inbound.frame(&Reply::with(&stream()).octets(), 0, &mut |_| Err(error)).expect_err("its error");
    assert_eq!((failed.fault.clone(), inbound.finish().expect_err("void")), (Fault::Malformed(error), failed));
}

proptest! {
    /// V2, W13: whatever is changed in or cut from an honest stream, it never ends well with other records, unless
    /// the change made another valid transfer of the same messages (a changed RDATA octet, say): so every change is
    /// made to the structure, and the RDATA is left alone.
    #[test]
    fn v2_a_mutated_stream_is_never_another_zone(
        group in 1_usize..9, message in any::<prop::sample::Index>(), at in 0_usize..12, flip in 1_u8..,
        drop in any::<bool>(),
    ) {
        let mut frames: Vec<_> = stream().chunks(group).map(|records| Reply::with(records).octets()).collect();
        let index = message.index(frames.len());
        if drop {
            frames.truncate(index);
        } else {
            frames[index][at] ^= flip;
        }
        if let Ok((records, _)) = run(&frames) {
            // Only AA, TC, RD, RA, Z, AD and CD may change without making the transfer void.
            prop_assert!(matches!(at, 2 | 3));
            prop_assert_eq!(records, expected());
        }
    }

    /// V2: a stream that loses octets anywhere is never complete.
    #[test]
    fn v2_a_truncated_stream_is_never_complete(group in 1_usize..9, cut in any::<prop::sample::Index>()) {
        let frames: Vec<_> = stream().chunks(group).map(|records| Reply::with(records).octets()).collect();
        let mut kept = cut.index(frames.iter().map(Vec::len).sum());
        let mut short = Vec::new();
        for frame in frames {
            let length = frame.len().min(kept);
            kept -= length;
            short.push(frame[..length].to_vec());
        }
        prop_assert!(run(&short).is_err());
    }

    /// V2, W13: any octets at all after an honest beginning: an error, or the honest records.
    #[test]
    fn v2_junk_is_never_a_zone(junk in prop::collection::vec(any::<u8>(), 0..200)) {
        let begin = Reply::with(&stream()[..3]).octets();
        prop_assert!(run(&[begin, junk.clone()]).is_err());
        prop_assert!(run(&[junk]).is_err());
    }
}

/// The moment of the signed tests.
const NOW: u64 = 1_790_000_000;

/// A key, the MAC of a signed query, and the client's side of it.
fn signed_query() -> (Arc<dyn Signer>, RequestMac, Inbound) {
    let key = TsigKey::new(&name("key").to_name(), Algorithm::HMAC_SHA256, vec![7; 32]).expect("a key");
    let signer: Arc<dyn Signer> = Arc::new(key);
    let mut query = AxfrRequest::query(&name("example.com"), ID, Edns0::Absent).expect("a query");
    let mac = sign_request(&signer, &mut query, NOW).expect("signed");
    let sequence = Sequence::new(Arc::clone(&signer), &mac);
    (signer, mac, Inbound::signed(name("example.com"), ID, Limits::new(), sequence))
}

/// A server's signature on the first message of its answer.
fn sign_first(signer: &Arc<dyn Signer>, request: &RequestMac, message: &mut Vec<u8>) {
    let mut record = TsigRecord {
        key_name: *signer.key_name(),
        algorithm: *signer.algorithm_name(),
        time_signed: NOW,
        fudge: 300,
        mac: &[],
        original_id: ID,
        error: 0,
        other: &[],
    };
    let length = u16::try_from(request.as_octets().len()).expect("a MAC").to_be_bytes();
    let parts = [&length, request.as_octets(), message.as_slice(), &record.variables()];
    let mac = signer.sign(&parts).expect("signed");
    record.mac = &mac;
    record.append_to(message).expect("appended");
}

/// 99: a signed transfer in one message is complete and says that it was signed.
#[test]
fn signed_transfer_is_authenticated() {
    let (signer, mac, mut inbound) = signed_query();
    let mut message = Reply::with(&stream()).octets();
    sign_first(&signer, &mac, &mut message);
    assert_eq!(inbound.frame(&message, NOW, &mut |_| Ok(())), Ok(Progress::Done));
    let received = inbound.finish().expect("authenticated");
    assert_eq!(received.signatures.map(|summary| summary.signed), Some(1));
}

/// 99, T5: the last message, with its SOA, is not signed: the records were handed out, but the transfer is void.
#[test]
fn signed_transfer_with_unsigned_end_is_void() {
    let (signer, mac, mut inbound) = signed_query();
    let mut first = Reply::with(&stream()[..4]).octets();
    sign_first(&signer, &mac, &mut first);
    assert_eq!(inbound.frame(&first, NOW, &mut |_| Ok(())), Ok(Progress::More));
    let last = Reply::with(&stream()[4..]).octets();
    assert_eq!(inbound.frame(&last, NOW, &mut |_| Ok(())), Ok(Progress::Done));
    let error = inbound.finish().expect_err("void");
    let unsigned = TsigError::LastUnsigned { messages: 1 };
    assert_eq!(error.fault, Fault::Unauthenticated { error: unsigned, hint: None });
    assert_eq!(error.serial.map(|serial| serial.0), Some(7), "A30");
}

/// 99, A4: an unsigned answer to a signed query is void, and nothing of it is handed out.
#[test]
fn a4_unsigned_answer_to_a_signed_query() {
    let (_, _, mut inbound) = signed_query();
    let whole = Reply::with(&stream()).octets();
    let error = inbound.frame(&whole, NOW, &mut |_| panic!("an unsigned record")).expect_err("void");
    assert!(matches!(error.fault, Fault::Unauthenticated { hint: None, .. }), "{error:?}");
    assert!(!error.is_worth_a_retry() && !error.is_edns_rejected());
    assert!(inbound.finish().is_err());
}

/// 99: a changed octet in a signed message.
#[test]
fn tampered_signed_message_is_void() {
    let (signer, mac, mut inbound) = signed_query();
    let mut message = Reply::with(&stream()).octets();
    sign_first(&signer, &mac, &mut message);
    let rdata = message.windows(8).position(|octets| octets == b"occluded").expect("there");
    message[rdata] ^= 1;
    assert!(inbound.frame(&message, NOW, &mut |_| panic!("a forged record")).is_err());
}

/// A28, T9: an unsigned refusal of a signed query is shown as what it is: a hint.
#[test]
fn a28_unsigned_refusal_of_a_signed_query_is_a_hint() {
    let (_, _, mut inbound) = signed_query();
    let error = inbound.frame(&Reply::with(&[]).flags(0x8005).octets(), NOW, &mut |_| Ok(())).expect_err("refused");
    assert!(error.to_string().contains("unauthenticated hint: REFUSED"), "{error}");
    assert!(error.refusal().is_some_and(|refusal| refusal.rcode.0 == 5));
}

/// T12: a signature that nobody asked for cannot be verified.
#[test]
fn unrequested_signature_is_refused() {
    let (signer, mac, _) = signed_query();
    let mut message = Reply::with(&stream()).octets();
    sign_first(&signer, &mac, &mut message);
    let error = run(&[message]).expect_err("void");
    assert_eq!(error.fault, Fault::Unauthenticated { error: TsigError::Unrequested, hint: None });
}
