//! The rules of an incremental transfer: what its records may be, and in which order.

use super::journal::*;
use super::{Fault, Limits, Progress, Reply, a, frames, name, record_of_class, soa};
use super::{ID, Rtype};
use crate::canonical::CanonicalRecord;
use crate::serial::Serial;
use crate::tsig::{Algorithm, RequestMac, Sequence, Signer, TsigError, TsigKey, TsigRecord, sign_request};
use crate::wire::{Message, Section};
use crate::xfr::{Change, Edns0, HeldVersion, InboundIxfr, IxfrRequest, Outcome, SoaField};
use proptest::prelude::*;
use std::sync::Arc;

/// I1: RFC 1995 section 7, the query: one question of type IXFR, and one SOA with our serial in the authority section.
#[test]
fn i1_the_query() {
    let held = HeldVersion::of_serial(Serial(1));
    let octets = IxfrRequest::query(&name("JAIN.AD.JP"), ID, &held, Edns0::Absent).expect("a query");
    let mut wanted = vec![0x2A, 0x17, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
    wanted.extend(b"\x04JAIN\x02AD\x02JP\x00\x00\xFB\x00\x01");
    wanted.extend(b"\xC0\x0C\x00\x06\x00\x01\x00\x00\x00\x00\x00\x16\x00\x00\x00\x00\x00\x01");
    wanted.extend([0; 16]);
    assert_eq!(octets, wanted);
}

/// I1: the SOA as a transfer gave it goes out as it is, whatever its MNAME; with OPT where that is offered.
#[test]
fn i1_the_query_with_the_whole_soa() {
    let octets = canonical(&version(7));
    let (soa, _) = CanonicalRecord::split_first(&octets).expect("a record");
    let held = HeldVersion::of_soa(&soa).expect("a SOA");
    assert_eq!(held.serial(), Serial(7));
    let octets = IxfrRequest::query(&name(ZONE), ID, &held, Edns0::Offered).expect("a query");
    let message = Message::parse(&octets).expect("our own query");
    assert_eq!((message.header().counts, message.header().flags), ([1, 0, 1, 1], 0));
    let [sent] = message.section(Section::Authority).collect::<Vec<_>>()[..] else { panic!("not one") };
    let mut written = Vec::new();
    crate::canonical::write_record(sent, crate::canonical::Form::Canonical, &mut written).expect("short");
    assert_eq!(written, canonical(&version(7)));
    let other = canonical(&nezu());
    assert!(HeldVersion::of_soa(&CanonicalRecord::split_first(&other).expect("a record").0).is_none());
}

/// I2: one SOA that is not newer than ours is the whole answer, and nothing more is waited for.
#[test]
fn i2_a_single_soa_that_is_not_newer() {
    let alone = [reply(&[version(3)]).octets()];
    let (handed, outcome) = run_from(3, &alone).expect("an answer");
    assert_eq!((handed, outcome), (vec![], Outcome::UpToDate { soa: canonical(&version(3)) }));
    let behind = Outcome::Behind { serial: Serial(3), soa: canonical(&version(3)) };
    for from in [4, 3 + (1 << 31) - 1] {
        assert_eq!(run_from(from, &alone).expect("an answer"), (vec![], behind.clone()));
    }
}

/// I2, 96: a newer SOA alone is not "up to date": more may come, and if it does not, the zone has to be asked for.
#[test]
fn i2_a_single_newer_soa_is_no_answer() {
    for from in [2, u32::MAX, 3_u32.wrapping_sub(1 << 31)] {
        let error = run_from(from, &[reply(&[version(3)]).octets()]).expect_err("no answer");
        assert_eq!(error.fault, Fault::NewerSoaAlone { serial: Serial(3) });
        assert!(error.is_axfr_due() && !error.is_worth_a_retry());
        assert_eq!((error.serial, error.messages), (Some(Serial(3)), 1));
    }
}

/// I3, 94: a second record that is no SOA begins the whole zone, in one message or one record in each.
#[test]
fn i3_a_whole_zone() {
    for frames in [vec![reply(&full()).octets()], one_each(&full())] {
        let (handed, outcome) = run(&frames).expect("a zone");
        assert!(handed.iter().all(|(sign, _)| *sign == '='));
        assert_eq!(handed.into_iter().map(|(_, record)| record).collect::<Set>(), zone_of(3));
        let Outcome::Whole(completed) = outcome else { panic!("{outcome:?}") };
        assert_eq!((completed.serial, completed.records), (Serial(3), 5));
        assert_eq!((completed.soa, completed.notes.no_apex_ns), (canonical(&version(3)), false));
    }
}

/// I3: the whole zone is held to the rules of a full transfer, and may be of any version.
#[test]
fn i3_a_whole_zone_keeps_the_rules_of_axfr() {
    let moved = [vec![version(3)], records_of(3), vec![version(4)]].concat();
    assert_eq!(fault(&moved), Fault::SerialMoved { first: Serial(3), last: Serial(4) });
    let foreign = [version(3), a("www.example.com", 9), version(3)];
    assert!(matches!(fault(&foreign), Fault::OutOfZone { .. }));
    for from in [3, 9] {
        let (_, outcome) = run_from(from, &[reply(&full()).octets()]).expect("a zone");
        assert!(matches!(outcome, Outcome::Whole(_)), "{outcome:?}");
    }
    let many = (0..30).map(|last| address("big", [10, 0, 0, last])).collect();
    let many = [vec![version(3)], many, vec![version(3)]].concat();
    let error = run_with(Limits::new().records_per_rrset(20), 1, &[reply(&many).octets()]).expect_err("over the limit");
    assert_eq!(error.fault, Fault::TooManyInRrset { limit: 20 });
}

/// I3: the same SOA twice is a zone without other records.
#[test]
fn i3_an_empty_zone() {
    let twice = [version(3), version(3)];
    for frames in [vec![reply(&twice).octets()], one_each(&twice)] {
        let (handed, outcome) = run(&frames).expect("a zone");
        assert_eq!(handed, [('=', canonical(&version(3)))]);
        let Outcome::Whole(completed) = outcome else { panic!("{outcome:?}") };
        assert!(completed.notes.soa_only);
    }
}

/// I3, A9: every way to cut the example's streams into messages gives the same changes.
#[test]
fn i3_every_split_gives_the_same_changes() {
    for stream in [steps(), condensed(), full()] {
        let expected = run(&[reply(&stream).octets()]).expect("an honest transfer").0;
        for cuts in 0..1_u32 << (stream.len() - 1) {
            let mut replies = vec![reply(&[])];
            for (index, record) in stream.iter().enumerate() {
                replies.last_mut().expect("a message").sections[0].push(record.clone());
                if index + 1 < stream.len() && cuts >> index & 1 == 1 {
                    replies.push(reply(&[]).without_question());
                }
            }
            assert_eq!(run(&frames(&replies)).expect("an honest transfer").0, expected, "cuts {cuts:b}");
        }
    }
}

/// I4: the example of RFC 1995 section 7, with a step for each version.
#[test]
fn i4_the_example_of_the_rfc() {
    let (handed, outcome) = run(&[reply(&steps()).octets()]).expect("an honest transfer");
    let signs: String = handed.iter().map(|(sign, _)| *sign).collect();
    assert_eq!(signs, "--+++--++", "all but the first and the last SOA, which frame them");
    let records: Vec<_> = handed.into_iter().map(|(_, record)| record).collect();
    assert_eq!(records, steps()[1..10].iter().map(|record| canonical(record)).collect::<Vec<_>>());
    let Outcome::Delta(changed) = outcome else { panic!("{outcome:?}") };
    assert_eq!((changed.from, changed.to, changed.sequences), (Serial(1), Serial(3), 2));
    assert_eq!((changed.deleted, changed.added, changed.messages), (4, 5, 1));
    assert_eq!(changed.soa, canonical(&version(3)));
    assert_eq!(changed.notes, super::super::Notes::default());
}

/// I4, 95: each way in which the steps do not fit together, and AXFR is due after each.
#[test]
fn i4_steps_that_do_not_fit_together() {
    let gap = |wanted, found| Fault::SequenceGap { wanted: Serial(wanted), found: Serial(found) };
    let backwards = |from, to| Fault::SequenceBackwards { from: Serial(from), to: Serial(to) };
    let serials = |serials: &[u32]| serials.iter().map(|serial| version(*serial)).collect::<Vec<_>>();
    for (records, wanted) in [
        (serials(&[3, 2, 3, 3]), gap(1, 2)),
        (serials(&[3, 0, 3, 3]), gap(1, 0)),
        (serials(&[4, 1, 2, 3, 4, 4]), gap(2, 3)),
        (serials(&[4, 1, 2, 1, 4, 4]), gap(2, 1)),
        (serials(&[3, 1, 3, 4]), gap(3, 4)),
        (serials(&[3, 1, 1, 1, 3, 3]), backwards(1, 1)),
        (serials(&[4, 1, 3, 3, 2, 2, 4, 4]), backwards(3, 2)),
        (serials(&[3, 1, 0x8000_0001, 0x8000_0001, 3, 3]), backwards(1, 0x8000_0001)),
        (serials(&[3, 1, 4, 4, 3, 3]), Fault::SequenceBeyond { to: Serial(4), last: Serial(3) }),
        (serials(&[0, 1, 0, 0]), backwards(1, 0)),
        (serials(&[3, 1, 3, 3, 3]), Fault::RecordsAfterEnd { records: 1 }),
        (serials(&[3, 1, 3]), Fault::ClosedEarly),
        (serials(&[3, 1]), Fault::ClosedEarly),
    ] {
        let error = run(&[reply(&records).octets()]).expect_err("a fault");
        assert_eq!(error.fault, wanted);
        assert!(error.is_axfr_due(), "{error}");
    }
}

/// I4: the SOA that the last step adds, and the last one, equal the first in every field.
#[test]
fn i4_the_last_soa_is_the_first_one() {
    for (other, field) in [(version_with(3, 60, 600), SoaField::Ttl), (version_with(3, 604_800, 1), SoaField::Refresh)]
    {
        for at in [3, 6] {
            let mut stream = condensed();
            stream[at] = other.clone();
            assert_eq!(fault(&stream), Fault::SoaDiffers { serial: Serial(3), field });
        }
    }
}

/// I4, A8, A23: a SOA of another owner, and an owner outside the zone, in any place.
#[test]
fn i4_another_owner() {
    let below = record_of_class(&name("sub.jain.ad.jp"), Rtype::SOA, 1, 60, &canonical(&version(2))[22..]);
    for at in 1..steps().len() {
        let mut stream = steps();
        stream.insert(at, below.clone());
        assert!(matches!(fault(&stream), Fault::SoaBelowApex { .. }), "at {at}");
        let mut stream = steps();
        stream.insert(at, a("badjain.ad.jp", 9));
        assert!(matches!(fault(&stream), Fault::OutOfZone { .. }), "at {at}");
    }
    let mut stream = steps();
    stream[0] = soa(3);
    assert!(matches!(fault(&stream), Fault::FirstNotSoa { .. }));
}

/// I4, S1, S6: the steps go round the circle of serials.
#[test]
fn i4_serials_that_wrap() {
    let serials = [u32::MAX - 1, u32::MAX, 0, 1].map(version);
    let [old, last, zero, one] = serials;
    let stream = [&one, &old, &last, &last, &zero, &zero, &one, &one].map(Clone::clone);
    let (_, outcome) = run_from(u32::MAX - 1, &[reply(&stream).octets()]).expect("an honest transfer");
    let Outcome::Delta(changed) = outcome else { panic!("{outcome:?}") };
    assert_eq!((changed.to, changed.sequences), (Serial(1), 3));
}

/// I6: closed before the last SOA, at every boundary between messages, it is void.
#[test]
fn i6_all_or_nothing() {
    for stream in [steps(), condensed(), full()] {
        let frames = one_each(&stream);
        for end in 0..frames.len() {
            let newer = Fault::NewerSoaAlone { serial: Serial(3) };
            let wanted = [Fault::ClosedAtOnce, newer].get(end).cloned().unwrap_or(Fault::ClosedEarly);
            let error = run(&frames[..end]).expect_err("cut");
            assert_eq!(error.fault, wanted, "after {end}");
            assert!(error.is_axfr_due());
        }
    }
}

/// I7: the condensed example comes to the same as the one with a step for each version.
#[test]
fn i7_condensed_steps() {
    let (_, outcome) = run(&[reply(&condensed()).octets()]).expect("an honest transfer");
    let Outcome::Delta(changed) = outcome else { panic!("{outcome:?}") };
    assert_eq!((changed.from, changed.to, changed.sequences), (Serial(1), Serial(3), 1));
    let (long, short) = (effects(1, &steps()), effects(1, &condensed()));
    assert!(long.net_changes().eq(short.net_changes()));
    assert_eq!(applied(&long, zone_of(1)), zone_of(3));
    assert_eq!(applied(&short, zone_of(1)), zone_of(3));
}

/// I8, 94: after each code AXFR is due, unless it says that the server does not serve the zone at all.
#[test]
fn i8_each_code() {
    for (code, due) in [(1, true), (2, true), (3, false), (4, true), (5, true), (6, true), (9, false), (15, true)] {
        for reply in [reply(&[]), reply(&[]).without_question()] {
            let error = run(&[reply.flags(0x8000 | code).octets()]).expect_err("refused");
            assert_eq!(error.is_axfr_due(), due, "{error}");
        }
        let late = [reply(&steps()[..4]).octets(), reply(&steps()[4..]).flags(0x8400 | code).octets()];
        assert!(matches!(run(&late).expect_err("refused").fault, Fault::Refused(_)), "A11: in a later message");
    }
}

/// I8: an answer without records, or one that breaks off at once, makes AXFR due as well.
#[test]
fn i8_an_empty_answer() {
    let error = run(&[reply(&[]).octets()]).expect_err("empty");
    assert!(error.fault == Fault::EmptyFirstMessage && error.is_axfr_due());
    let error = run(&[]).expect_err("closed");
    assert!(error.fault == Fault::ClosedAtOnce && error.is_axfr_due());
}

/// I8, A4: where somebody else may have answered, AXFR is not due.
#[test]
fn i8_no_axfr_where_the_answer_is_not_the_servers() {
    let query = reply(&steps()).flags(0x0400);
    let mut other = reply(&steps());
    other.id = 1;
    for reply in [query, other] {
        assert!(!run(&[reply.octets()]).expect_err("a fault").is_axfr_due());
    }
}

/// I10: there is no query by UDP; what one datagram would bring if it does not bring all is no answer here either.
#[test]
fn i10_a_truncated_or_short_answer_is_no_difference() {
    for records in [&steps()[..1], &steps()[..6]] {
        let error = run(&[reply(records).flags(0x8600).octets()]).expect_err("short");
        assert!(error.is_axfr_due(), "{error}");
    }
}

/// A12 to A16, A25, W10: each message and record is held to the rules of a full transfer.
#[test]
fn each_message_is_held_to_the_rules_of_axfr() {
    let spoiled = |change: &dyn Fn(&mut Reply)| {
        let mut last = reply(&steps()[4..]);
        change(&mut last);
        run(&[reply(&steps()[..4]).octets(), last.octets()]).expect_err("a fault").fault
    };
    assert_eq!(spoiled(&|reply| reply.flags = 0x0400), Fault::NotAResponse);
    assert!(matches!(spoiled(&|reply| reply.flags |= 4 << 11), Fault::WrongOpcode(_)));
    assert_eq!(spoiled(&|reply| reply.id = 1), Fault::WrongId { wanted: ID, found: 1 });
    let axfr = spoiled(&|reply| reply.questions[0].1 = Rtype::AXFR);
    assert!(matches!(axfr, Fault::WrongQuestion { rtype: Rtype::AXFR, .. }));
    assert_eq!(spoiled(&|reply| reply.questions.push(reply.questions[0])), Fault::QuestionCount { found: 2 });
    assert!(matches!(spoiled(&|reply| reply.sections[1].push(nezu())), Fault::OutsideAnswer { .. }));
    let chaos = record_of_class(&name("x.jain.ad.jp"), Rtype::A, 3, 60, &[10, 0, 0, 1]);
    assert!(matches!(spoiled(&|reply| reply.sections[0].insert(1, chaos.clone())), Fault::WrongClass { class: 3, .. }));
    let meta = record_of_class(&name("x.jain.ad.jp"), Rtype::IXFR, 1, 60, &[]);
    assert!(matches!(spoiled(&|reply| reply.sections[0].insert(1, meta.clone())), Fault::Malformed(_)));
}

/// A15, A17, A18: OPT, padding and flags that mean nothing are no fault, and what is odd is noted.
#[test]
fn padding_and_flags_are_noted() {
    let replies = [
        reply(&steps()[..1]).opt(0, &[]),
        reply(&[]).opt(0, &[0, 12, 0, 2, 0, 0]).without_question(),
        reply(&steps()[1..]).flags(0x8200),
    ];
    let (_, outcome) = run(&frames(&replies)).expect("an honest transfer");
    let Outcome::Delta(changed) = outcome else { panic!("{outcome:?}") };
    let notes = changed.notes;
    assert_eq!((notes.empty_messages, notes.not_authoritative, notes.truncated), (1, 1, 1));
    assert!(!notes.no_apex_ns && !notes.soa_only, "nothing is known of the zone");
}

/// A29: a message after the end is refused, and the end stays.
#[test]
fn a29_a_message_after_the_end_of_a_difference() {
    for (from, records) in [(1, steps()), (1, full()), (3, vec![version(3)]), (4, vec![version(3)])] {
        let mut inbound = InboundIxfr::unsigned(name(ZONE), ID, Serial(from), Limits::new());
        assert_eq!(inbound.frame(&reply(&records).octets(), 0, &mut |_| Ok(())), Ok(Progress::Done));
        let error = inbound.frame(&reply(&steps()).octets(), 0, &mut |_| panic!("a record")).expect_err("refused");
        assert_eq!(error.fault, Fault::MessageAfterEnd);
        assert!(inbound.finish().is_ok());
    }
}

/// A32: messages, octets, records and empty messages are bounded; the records of one owner are not, in a difference.
#[test]
fn a32_the_limits_of_a_difference() {
    let whole = reply(&steps()).octets();
    let text = |limits, frames: &[Vec<u8>]| run_with(limits, 1, frames).expect_err("over the limit").to_string();
    assert!(text(Limits::new().messages(10), &one_each(&steps())).contains("more than 10 messages"));
    assert!(text(Limits::new().octets(whole.len() as u64 - 1), std::slice::from_ref(&whole)).contains("octets"));
    assert!(text(Limits::new().records(8), std::slice::from_ref(&whole)).contains("more than 8 records"));
    let padded = frames(&[reply(&steps()[..1]), reply(&[]), reply(&[])]);
    assert!(text(Limits::new().empty_messages(1), &padded).contains("1 messages without records"));
    assert!(run_with(Limits::new().records(9).records_per_rrset(1).records_per_owner(1), 1, &[whole]).is_ok());
}

proptest! {
    /// I4, I6, V2: whatever is changed in the headers of an honest answer, or cut off its end, it is never another one.
    #[test]
    fn i6_a_mutated_stream_is_never_another_difference(
        group in 1_usize..12, message in any::<prop::sample::Index>(), at in 0_usize..12, flip in 1_u8.., drop in any::<bool>(),
    ) {
        let mut frames: Vec<_> = steps().chunks(group).map(|records| reply(records).octets()).collect();
        let expected = run(&frames).expect("honest").0;
        let index = message.index(frames.len());
        if drop {
            frames.truncate(index);
        } else {
            frames[index][at] ^= flip;
        }
        if let Ok((handed, _)) = run(&frames) {
            prop_assert!(matches!(at, 2 | 3), "only AA, TC, RD, RA, Z, AD and CD may change");
            prop_assert_eq!(handed, expected);
        }
    }

    /// I4: no SOA of the steps can be left out, come twice, or have another serial.
    #[test]
    fn i4_each_soa_counts(which in 0_usize..6, serial in any::<u32>(), how in 0_u8..3) {
        let mut stream = steps();
        let at = [0, 1, 3, 6, 8, 10][which];
        match how {
            0 => drop(stream.remove(at)),
            1 => stream.insert(at, stream[at].clone()),
            _ => stream[at] = version(serial),
        }
        prop_assert!(stream == steps() || run(&[reply(&stream).octets()]).is_err());
    }

    /// W13: any octets at all, alone or after an honest beginning.
    #[test]
    fn i6_junk_is_never_an_answer(junk in prop::collection::vec(any::<u8>(), 0..200), begun in 1_usize..10) {
        prop_assert!(run(&[reply(&steps()[..begun]).octets(), junk.clone()]).is_err());
        prop_assert!(run(&[junk]).is_err());
    }
}

/// The moment of the signed tests.
const NOW: u64 = 1_790_000_000;

/// A key, the MAC of a signed query, and the client's side of it.
fn signed_query() -> (Arc<dyn Signer>, RequestMac, InboundIxfr) {
    let key = TsigKey::new(&name("key").to_name(), Algorithm::HMAC_SHA256, vec![7; 32]).expect("a key");
    let signer: Arc<dyn Signer> = Arc::new(key);
    let held = HeldVersion::of_serial(Serial(1));
    let mut query = IxfrRequest::query(&name(ZONE), ID, &held, Edns0::Absent).expect("a query");
    let mac = sign_request(&signer, &mut query, NOW).expect("signed");
    let sequence = Sequence::new(Arc::clone(&signer), &mac);
    (signer, mac, InboundIxfr::signed(name(ZONE), ID, held.serial(), Limits::new(), sequence))
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

/// 99: a signed difference, and a signed "up to date", are complete and say that they were signed.
#[test]
fn a_signed_answer_is_authenticated() {
    for records in [steps(), vec![version(1)]] {
        let (signer, mac, mut inbound) = signed_query();
        let mut message = reply(&records).octets();
        sign_first(&signer, &mac, &mut message);
        assert_eq!(inbound.frame(&message, NOW, &mut |_| Ok(())), Ok(Progress::Done));
        let received = inbound.finish().expect("authenticated");
        assert_eq!(received.signatures.map(|summary| summary.signed), Some(1));
    }
}

/// 99, A4: unsigned, forged, or without signature at the end: void, and no reason to ask again for the whole zone.
#[test]
fn an_answer_that_is_not_authenticated_is_void() {
    let (signer, mac, mut inbound) = signed_query();
    let error = inbound.frame(&reply(&[version(1)]).octets(), NOW, &mut |_| Ok(())).expect_err("unsigned");
    assert!(matches!(error.fault, Fault::Unauthenticated { hint: None, .. }) && !error.is_axfr_due());
    assert!(inbound.finish().is_err());

    let (_, _, mut inbound) = signed_query();
    let mut first = reply(&steps()[..4]).octets();
    sign_first(&signer, &mac, &mut first);
    assert_eq!(inbound.frame(&first, NOW, &mut |_| Ok(())), Ok(Progress::More));
    assert_eq!(inbound.frame(&reply(&steps()[4..]).octets(), NOW, &mut |_| Ok(())), Ok(Progress::Done));
    let error = inbound.finish().expect_err("void");
    assert_eq!(error.fault, Fault::Unauthenticated { error: TsigError::LastUnsigned { messages: 1 }, hint: None });
    assert_eq!((error.serial, error.is_axfr_due()), (Some(Serial(3)), false));
}

/// I8: a refusal without a signature is enough to ask for the whole zone, which is held to its own signatures.
#[test]
fn i8_an_unsigned_refusal_of_a_signed_query() {
    for (code, due) in [(1, true), (4, true), (5, true), (9, false)] {
        let (_, _, mut inbound) = signed_query();
        let refusal = reply(&[]).flags(0x8000 | code).octets();
        let error = inbound.frame(&refusal, NOW, &mut |_| Ok(())).expect_err("refused");
        assert_eq!(error.is_axfr_due(), due, "{error}");
    }
}

/// RFC 2181 section 8: the first SOA of a whole zone is handed out with the TTL that was sent, though it be odd.
#[test]
fn the_first_soa_is_handed_out_as_it_was_sent() {
    let odd = version_with(3, 0x8000_0005, 600);
    let mut inbound = InboundIxfr::unsigned(name(ZONE), ID, Serial(1), Limits::new());
    let mut ttls = Vec::new();
    let answer = reply(&[odd.clone(), nezu(), odd]).octets();
    let progress = inbound.frame(&answer, NOW, &mut |change| {
        if let Change::Whole(record) = change {
            ttls.push((record.rtype(), record.ttl()));
        }
        Ok(())
    });
    assert_eq!((progress, &ttls[..]), (Ok(Progress::Done), &[(Rtype::SOA, 0x8000_0005), (Rtype::A, 3600)][..]));
}
