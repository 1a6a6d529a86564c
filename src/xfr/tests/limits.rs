//! A32: every number has a limit, and every limit a message of its own.

use super::*;

/// The message that the limit gives.
fn text(limits: Limits, frames: &[Vec<u8>]) -> String {
    run_with(limits, frames).expect_err("over the limit").to_string()
}

/// One record in each message.
fn one_each(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    records.iter().map(|record| Reply::with(std::slice::from_ref(record)).octets()).collect()
}

/// A32: messages.
#[test]
fn a32_messages() {
    let frames = one_each(&stream());
    assert!(run_with(Limits::new().messages(9), &frames).is_ok());
    assert!(text(Limits::new().messages(8), &frames).contains("more than 8 messages"));
}

/// A32: octets.
#[test]
fn a32_octets() {
    let frame = Reply::with(&stream()).octets();
    let length = frame.len() as u64;
    assert!(run_with(Limits::new().octets(length), std::slice::from_ref(&frame)).is_ok());
    assert!(text(Limits::new().octets(length - 1), &[frame]).contains("octets, the limit"));
}

/// A32: records, the same one without end or always another.
#[test]
fn a32_records() {
    let frame = Reply::with(&stream()).octets();
    assert!(run_with(Limits::new().records(8), std::slice::from_ref(&frame)).is_ok());
    assert!(text(Limits::new().records(7), &[frame]).contains("more than 7 records"));
}

/// A32: empty messages.
#[test]
fn a32_empty_messages() {
    let mut replies = vec![Reply::with(&[soa(7)])];
    replies.extend(std::iter::repeat_n(Reply::with(&[]), 5));
    replies.push(Reply::with(&[soa(7)]));
    assert!(run_with(Limits::new().empty_messages(5), &frames(&replies)).is_ok());
    assert!(text(Limits::new().empty_messages(4), &frames(&replies)).contains("4 messages without records"));
}

/// A32: records of one `RRset`, exactly, while they follow each other.
#[test]
fn a32_records_of_one_rrset() {
    let set = |count: u8| {
        let mut records = vec![soa(7)];
        records.extend((0..count).map(|last| a("big.example.com", last)));
        records.extend([record("big.example.com", Rtype::TXT, b"\x01x"), soa(7)]);
        [Reply::with(&records).octets()]
    };
    let limits = Limits::new().records_per_rrset(20);
    assert!(run_with(limits, &set(20)).is_ok());
    assert!(text(limits, &set(21)).contains("an RRset of more than 20 records"));
}

/// A32: an `RRset` of 300,000 records is no fault by default: zones with such are in use.
#[test]
fn a32_a_large_rrset_passes() {
    let records: Vec<_> = (0..300_000_u32).map(|n| record("big.example.com", Rtype::A, &n.to_be_bytes())).collect();
    let mut frames = vec![Reply::with(&[soa(7)]).octets()];
    frames.extend(records.chunks(1_000).map(|chunk| Reply::with(chunk).octets()));
    frames.push(Reply::with(&[soa(7)]).octets());
    assert_eq!(run_with(Limits::new(), &frames).expect("a large zone").1.records, 300_001);
}

/// A32: records of one owner, all types together.
#[test]
fn a32_records_of_one_owner() {
    let set = |count: u8| {
        let mut records = vec![soa(7)];
        for last in 0..count {
            records.push(record("big.example.com", Rtype(60_000 + u16::from(last)), &[last]));
        }
        records.push(soa(7));
        [Reply::with(&records).octets()]
    };
    let limits = Limits::new().records_per_owner(20);
    assert!(run_with(limits, &set(20)).is_ok());
    assert!(text(limits, &set(21)).contains("an owner of more than 20 records"));
}

/// A32: scattering the records of a set does not pass the limit.
#[test]
fn a32_scattered_records_of_one_rrset() {
    let mut records = vec![soa(7)];
    for last in 0..200 {
        records.push(a("big.example.com", last));
        records.push(a(&format!("x{last}.example.com"), last));
    }
    records.push(soa(7));
    let frame = [Reply::with(&records).octets()];
    assert!(run_with(Limits::new().records_per_rrset(200), &frame).is_ok());
    assert!(text(Limits::new().records_per_rrset(20), &frame).contains("an RRset of more than 20 records"));
}

/// A32: many owners in a small table are not taken for one large set.
#[test]
fn a32_many_owners_are_not_one_set() {
    let mut frames = vec![Reply::with(&[soa(7)]).octets()];
    for group in 0..1000 {
        let records: Vec<_> = (0..100).map(|index| a(&format!("h{group}-{index}.example.com"), index)).collect();
        frames.push(Reply::with(&records).octets());
    }
    frames.push(Reply::with(&[soa(7)]).octets());
    let limits = Limits::new().records_per_rrset(1).records_per_owner(1);
    assert_eq!(run_with(limits, &frames).expect("an honest zone").1.records, 100_001);
}

/// A32: a server may send one record in each message, and messages without any.
#[test]
fn a32_as_many_messages_as_records() {
    assert_eq!(Limits::MESSAGES, Limits::RECORDS + Limits::EMPTY_MESSAGES);
}
