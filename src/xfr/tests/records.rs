//! What the records may be, and where the transfer begins and ends.

use super::*;
use crate::serial::Serial;
use crate::wire::{WireError, WireErrorKind};
use crate::xfr::SoaField;

/// The stream with one more record before the last SOA, or after position `at`.
fn with(at: usize, record: Vec<u8>) -> Vec<Vec<u8>> {
    let mut stream = stream();
    stream.insert(at, record);
    stream
}

/// A SOA with serial 7 that differs in one place.
fn other_soa(ttl: u32, mname: &str, timers: [u32; 4]) -> Vec<u8> {
    record_of_class(&name("example.com"), Rtype::SOA, 1, ttl, &soa_rdata(mname, 7, timers))
}

/// A5: the first record of the first message is the SOA of the zone, whatever its case.
#[test]
fn a5_first_record_is_the_apex_soa() {
    let mut stream = stream();
    stream[0] = soa_at("EXAMPLE.Com", 7);
    assert!(run_records(&stream).is_ok());
    for wrong in [ns("example.com", "ns1.example.com"), soa_at("sub.example.com", 7), soa_at("com", 7)] {
        stream[0] = wrong;
        assert!(matches!(fault_of_records(&stream), Fault::FirstNotSoa { .. }));
    }
    stream[0] = record("example.com", Rtype::CNAME, name("www.example.com").as_octets());
    assert!(matches!(fault_of_records(&stream), Fault::FirstNotSoa { rtype: Rtype::CNAME, .. }));
}

/// A5: a first message without records.
#[test]
fn a5_first_message_is_not_empty() {
    assert_eq!(fault(&frames(&[Reply::with(&[]), Reply::with(&stream())])), Fault::EmptyFirstMessage);
}

/// A5: NOERROR, no answer, the SOA as authority: the zone is not empty, it is not transferred (Samba's internal server).
#[test]
fn a5_a_transfer_that_is_not_offered_is_no_empty_zone() {
    let offered = Reply::with(&[]).and(1, soa(7));
    let error = run(&frames(&[offered])).expect_err("no transfer");
    assert_eq!(error.fault, Fault::NotOffered);
    assert!(error.to_string().contains("does not offer transfers"), "{error}");
    let other = Reply::with(&[]).and(1, soa_at("sub.example.com", 7));
    assert!(matches!(fault(&frames(&[other])), Fault::OutsideAnswer { .. }));
}

/// A6: the last SOA has another serial: newer, older, or half the circle away.
#[test]
fn a6_last_soa_has_another_serial() {
    for serial in [8, 6, 7 + (1 << 31)] {
        let mut stream = stream();
        stream[8] = soa(serial);
        let error = run_records(&stream).expect_err("moved");
        assert_eq!(error.fault, Fault::SerialMoved { first: Serial(7), last: Serial(serial) });
        assert!(error.is_worth_a_retry());
    }
}

/// A6: the last SOA has the same serial, but another TTL, MNAME or timer.
#[test]
fn a6_last_soa_differs_in_another_field() {
    let timers = [7200, 900, 1_209_600, 300];
    let mut cases = vec![
        (other_soa(3601, "ns1.example.com", timers), SoaField::Ttl),
        (other_soa(3600, "ns2.example.com", timers), SoaField::Mname),
    ];
    for (index, field) in
        [SoaField::Refresh, SoaField::Retry, SoaField::Expire, SoaField::Minimum].into_iter().enumerate()
    {
        let mut timers = timers;
        timers[index] += 1;
        cases.push((other_soa(3600, "ns1.example.com", timers), field));
    }
    for (last, field) in cases {
        let mut stream = stream();
        stream[8] = last;
        assert_eq!(fault_of_records(&stream), Fault::SoaDiffers { serial: Serial(7), field });
    }
}

/// A6: the case of names is no difference.
#[test]
fn a6_last_soa_in_another_case() {
    let mut stream = stream();
    stream[8] = other_soa(3600, "NS1.Example.COM", [7200, 900, 1_209_600, 300]);
    assert!(run_records(&stream).is_ok());
}

/// A7: an apex SOA in between that differs.
#[test]
fn a7_another_apex_soa_in_between() {
    let moved = Fault::SerialMoved { first: Serial(7), last: Serial(6) };
    assert_eq!(fault_of_records(&with(4, soa(6))), moved);
}

/// A7: the same SOA is the end, so what follows in that message is a fault.
#[test]
fn a7_records_after_the_end() {
    assert_eq!(fault_of_records(&with(4, soa(7))), Fault::RecordsAfterEnd { records: 5 });
    assert_eq!(fault_of_records(&with(9, soa(7))), Fault::RecordsAfterEnd { records: 1 });
}

/// I11: an incremental answer to a query for a full transfer.
#[test]
fn i11_an_incremental_answer() {
    let stream = [soa(7), soa(6), a("x.example.com", 1), soa(7), a("y.example.com", 1), soa(7)];
    assert_eq!(fault_of_records(&stream), Fault::Incremental { second: Serial(6) });
}

/// A8: a SOA at any other name, in the middle or as the last record.
#[test]
fn a8_soa_below_the_apex() {
    for stream in
        [with(4, soa_at("sub.example.com", 7)), with(8, soa_at("ns1.example.com", 7)), with(4, soa_at("com", 7))]
    {
        assert!(matches!(fault_of_records(&stream), Fault::SoaBelowApex { .. }));
    }
    let mut stream = stream();
    stream[8] = soa_at("sub.example.com", 7);
    assert!(matches!(fault_of_records(&stream), Fault::SoaBelowApex { .. }));
}

/// A10: duplicates are no fault here; the differ counts each record once.
#[test]
fn a10_every_record_twice() {
    let mut twice = vec![soa(7)];
    twice.extend(zone().into_iter().skip(1).flat_map(|record| [record.clone(), record]));
    twice.push(soa(7));
    let (mut records, completed) = run_records(&twice).expect("accepted");
    assert_eq!(completed.records, 15);
    records.dedup();
    assert_eq!(records, expected());
}

/// A21, A22: delegations, glue and what lies below them are handed out as they were sent.
#[test]
fn a21_a22_glue_and_occluded_records_are_kept() {
    let records = expected();
    for kept in [a("ns.sub.example.com", 2), record("below.sub.example.com", Rtype::TXT, b"\x08occluded")] {
        assert!(records.contains(&kept));
    }
}

/// A23: an owner outside the zone, by labels and not by characters.
#[test]
fn a23_an_owner_outside_the_zone() {
    for owner in ["www.victim.example", "badexample.com", "com", "", "example.com.net"] {
        let fault = fault_of_records(&with(4, a(owner, 9)));
        assert_eq!(fault, Fault::OutOfZone { owner: Box::new(name(owner)), rtype: Rtype::A });
    }
    assert!(run_records(&with(4, a("bad.example.com", 9))).is_ok());
}

/// A23: every name is in the root zone.
#[test]
fn a23_the_root_zone() {
    let mut inbound = Inbound::unsigned(WireName::ROOT, ID, Limits::new());
    let mut reply = Reply::with(&[soa_at("", 7), a("com", 1), soa_at("", 7)]);
    reply.questions[0].0 = WireName::ROOT;
    assert_eq!(inbound.frame(&reply.octets(), 0, &mut |_| Ok(())), Ok(Progress::Done));
    assert_eq!(inbound.finish().expect("complete").zone.records, 2);
}

/// A24: the case of owners is no difference.
#[test]
fn a24_owners_in_mixed_case() {
    let mut stream = stream();
    stream[3] = a("NS1.eXAMPLE.Com", 1);
    assert_eq!(run_records(&stream).expect("accepted").0, expected());
}

/// A25: one record of another class.
#[test]
fn a25_another_class() {
    for class in [3, 254, 255, 0] {
        let odd = record_of_class(&name("x.example.com"), Rtype::TXT, class, 60, b"\x01x");
        assert!(matches!(fault_of_records(&with(4, odd)), Fault::WrongClass { class: found, .. } if found == class));
    }
}

/// A26: the SOA alone, twice, is a complete transfer of an empty zone, and said to be odd.
#[test]
fn a26_a_zone_of_one_soa() {
    let (records, completed) = run_records(&[soa(7), soa(7)]).expect("complete");
    assert_eq!((records.len(), completed.records), (1, 1));
    assert!(completed.notes.soa_only && completed.notes.no_apex_ns);
    let split = run(&frames(&[Reply::with(&[soa(7)]), Reply::with(&[soa(7)])]));
    assert_eq!(split.expect("complete").0, [soa(7)]);
}

/// A26: a CNAME beside the SOA, or no NS, is odd and no fault.
#[test]
fn a26_odd_at_the_apex() {
    let (_, honest) = run_records(&stream()).expect("complete");
    assert!(!honest.notes.apex_cname && !honest.notes.no_apex_ns && !honest.notes.soa_only);
    let cname = record("example.com", Rtype::CNAME, name("www.example.com").as_octets());
    assert!(run_records(&with(4, cname)).expect("complete").1.notes.apex_cname);
    let mut stream = stream();
    stream.remove(1);
    assert!(run_records(&stream).expect("complete").1.notes.no_apex_ns);
}

/// A30: a fault says how far the transfer had come.
#[test]
fn a30_the_serial_on_error() {
    let mut stream = stream();
    stream[8] = soa(9);
    let text = run_records(&stream).expect_err("moved").to_string();
    assert!(text.contains("serial 7") && text.contains("serial 9") && text.contains("after 8 records"), "{text}");
    let text = run_records(&stream[1..]).expect_err("no SOA").to_string();
    assert!(text.contains("in message 1, before any record"), "{text}");
}

/// A30: the summary of a good transfer: the serial, and the SOA in canonical form.
#[test]
fn a30_the_soa_of_a_good_transfer() {
    let (_, completed) = run_records(&stream()).expect("complete");
    assert_eq!((completed.serial, completed.soa), (Serial(7), soa(7)));
    assert_eq!(completed.octets, Reply::with(&stream()).octets().len() as u64);
}

/// C9: a TTL with its top bit set is noted.
#[test]
fn c9_ttl_with_its_top_bit() {
    let odd = record_of_class(&name("x.example.com"), Rtype::A, 1, 0x8000_0E10, &[192, 0, 2, 1]);
    assert_eq!(run_records(&with(4, odd)).expect("complete").1.notes.ttl_top_bit, 1);
}

/// W10, 83: types that cannot be data.
#[test]
fn w10_meta_types_in_a_transfer() {
    for rtype in [0, 41, 128, 249, 250, 251, 252, 255] {
        let fault = fault_of_records(&with(4, record("x.example.com", Rtype(rtype), b"")));
        assert!(matches!(fault, Fault::Malformed(_)), "type {rtype}: {fault:?}");
    }
}

/// W6, 80: the last SOA stands behind the records that the header counts.
#[test]
fn w6_the_last_soa_is_not_counted() {
    let mut octets = Reply::with(&stream()).octets();
    octets[7] -= 1;
    let Fault::Malformed(WireError { kind, .. }) = fault(&[octets]) else { panic!("accepted") };
    assert_eq!(kind, WireErrorKind::TrailingOctets);
}

/// L2: a name in an error is escaped.
#[test]
fn l2_names_in_errors_are_escaped() {
    let text = run_records(&with(4, a("\x1B]0;x\x07.evil", 1))).expect_err("out of zone").to_string();
    assert!(text.contains(r"\027]0\;x\007.evil. A is not in the zone"), "{text}");
}

#[test]
fn a_ttl_of_31_bits_is_not_odd() {
    let notes = |ttl: u32| {
        let odd = record_of_class(&name("www.example.com"), Rtype::A, 1, ttl, &[192, 0, 2, 1]);
        run_records(&[soa(7), odd, soa(7)]).expect("a good transfer").1.notes.ttl_top_bit
    };
    assert_eq!([0x7FFF_FFFF, 0x8000_0000].map(notes), [0, 1]);
}

#[test]
fn only_a_sig_that_covers_nothing_is_left_out_of_the_additional_section() {
    const SIG: Rtype = Rtype(24);
    let with = |additional: Vec<u8>| {
        let mut reply = Reply::with(&stream());
        reply.sections[2] = vec![additional];
        run(&[reply.octets()])
    };
    let (signature, data) = ([&[0, 0, 5, 0][..], &[0; 14], &[0, 1]].concat(), [0, 0, 2, 1]);
    assert!(with(record("", SIG, &signature)).is_ok());
    let covering = [&[0, 1][..], &signature[2..]].concat();
    assert_ne!(with(record("", SIG, &covering)).map(|_| ()), Ok(()));
    assert_ne!(with(record("www.example.com", Rtype::A, &data)).map(|_| ()), Ok(()));
}
