//! Four octets for the serial that we have, then any octets as the TCP stream that answers an IXFR query (each message
//! behind its length). If it is called complete, then RFC 1995 section 4 holds, as read anew from the messages: one SOA
//! alone that is not newer; or a whole zone between two equal SOAs; or steps in which each begins where the one before
//! ended, from our version up to that of the first SOA. One message fewer is not complete, another division into
//! messages says the same, and the net effect of the steps is their sum, record by record.
#![no_main]

use dnsconverge::canonical::{CanonicalRecord, Form, write_record};
use dnsconverge::serial::{Serial, SerialOrder};
use dnsconverge::wire::{Message, Rcode, RecordView, Rtype, Section, WireName};
use dnsconverge::xfr::{Change, Delta, InboundIxfr, Limits, Outcome, Progress, Sign};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// The ID of the query, as in the seeds.
const ID: u16 = 0x2A17;

/// A record: `-` or `+` for a step, `=` for a whole zone, and the record in canonical form.
type Handed = (char, Vec<u8>);

fuzz_target!(|octets: &[u8]| {
    let Some((from, octets)) = octets.split_first_chunk::<4>() else { return };
    let from = Serial(u32::from_be_bytes(*from));
    let frames = cut(octets);
    let Some((handed, delta, outcome, used)) = run(from, &frames) else { return };
    let used = &frames[..used];
    let sent = read_anew(used);
    let newer = sent[0].1.compare(from) == SerialOrder::Newer;
    let wanted = match &outcome {
        Outcome::UpToDate { .. } | Outcome::Behind { .. } => {
            assert_eq!((sent.len(), used.len()), (1, 1));
            assert_eq!(matches!(outcome, Outcome::UpToDate { .. }), sent[0].1 == from);
            assert_eq!(sent[0].1.compare(from) == SerialOrder::Older, sent[0].1 != from);
            Vec::new()
        }
        Outcome::Whole(completed) => {
            assert_eq!((completed.serial, completed.records), (sent[0].1, handed.len() as u64));
            let soas: Vec<_> = (0..sent.len()).filter(|index| sent[*index].0 == Rtype::SOA).collect();
            assert_eq!((soas, sent[0].1), (vec![0, sent.len() - 1], sent[sent.len() - 1].1));
            sent[..sent.len() - 1].iter().map(|(_, _, octets)| ('=', octets.clone())).collect()
        }
        Outcome::Delta(changed) => {
            assert_eq!((changed.from, changed.to, newer), (from, sent[0].1, true));
            assert_eq!(changed.deleted + changed.added, handed.len() as u64);
            steps(from, &sent)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(handed, wanted);
    assert!(run(from, &used[..used.len() - 1]).is_none(), "without its last message");
    if matches!(outcome, Outcome::Delta(_)) {
        add_up(&handed, delta);
    }
    // An older SOA that is alone in its message is an answer of its own.
    if newer {
        let alone: Vec<Vec<u8>> = used.iter().flat_map(|frame| one_each(frame)).collect();
        let alone: Vec<&[u8]> = alone.iter().map(Vec::as_slice).collect();
        assert_eq!(run(from, &alone).expect("one record in each message").0, handed);
    }
});

/// `example.com`.
fn zone() -> WireName {
    WireName::from_labels([b"example".as_slice(), b"com"]).expect("a name")
}

/// The messages of the stream; the last one may be cut off.
fn cut(mut octets: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = octets.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (frame, rest) = rest.split_at(length);
        frames.push(frame);
        octets = rest;
    }
    frames
}

/// What was handed out, the same collected, the answer, and how many messages it took; `None` if it is void.
fn run(from: Serial, frames: &[&[u8]]) -> Option<(Vec<Handed>, Delta, Outcome, usize)> {
    let mut inbound = InboundIxfr::unsigned(zone(), ID, from, Limits::new());
    let (mut handed, mut delta, mut used) = (Vec::new(), Delta::new(Delta::OCTETS), 0);
    for frame in frames {
        used += 1;
        let progress = inbound.frame(frame, 0, &mut |change| {
            let (sign, record) = match change {
                Change::Deleted(record) => ('-', record),
                Change::Added(record) => ('+', record),
                Change::Whole(record) => ('=', record),
            };
            match sign {
                '-' => delta.delete(record)?,
                '+' => delta.add(record)?,
                _ => {}
            }
            let mut octets = Vec::new();
            write_record(record, Form::Canonical, &mut octets)?;
            handed.push((sign, octets));
            Ok(())
        });
        if progress.ok()? == Progress::Done {
            break;
        }
    }
    inbound.finish().ok().map(|received| (handed, delta, received.outcome, used))
}

/// Type, serial (zero if it is no SOA) and canonical form of each record, read without the machine.
fn read_anew(frames: &[&[u8]]) -> Vec<(Rtype, Serial, Vec<u8>)> {
    let mut sent = Vec::new();
    for frame in frames {
        let message = Message::parse(frame).expect("it was taken");
        assert_eq!((message.header().id, message.rcode()), (ID, Rcode::NOERROR));
        for record in message.section(Section::Answer) {
            assert!(record.owner().expect("read").is_at_or_below(&zone()));
            let octets = expanded(record, Form::Canonical);
            let tail = octets.len().checked_sub(20).filter(|_| record.rtype() == Rtype::SOA);
            let serial =
                tail.and_then(|at| octets[at..].first_chunk::<4>()).map_or(0, |four| u32::from_be_bytes(*four));
            sent.push((record.rtype(), Serial(serial), octets));
        }
    }
    sent
}

/// The record, nothing compressed.
fn expanded(record: &RecordView<'_>, form: Form) -> Vec<u8> {
    let mut octets = Vec::new();
    write_record(record, form, &mut octets).expect("read");
    octets
}

/// RFC 1995 section 4: the SOAs between the first and the last change by turns to deletions and to additions.
fn steps(from: Serial, sent: &[(Rtype, Serial, Vec<u8>)]) -> Vec<Handed> {
    let (to, last) = (sent[0].1, sent.len() - 1);
    assert_eq!((sent[last].0, &sent[last].2), (Rtype::SOA, &sent[0].2));
    let (mut reached, mut sign, mut handed) = (from, '+', Vec::new());
    for (rtype, serial, octets) in &sent[1..last] {
        if *rtype == Rtype::SOA && sign == '+' {
            assert_eq!(*serial, reached);
            sign = '-';
        } else if *rtype == Rtype::SOA {
            assert_eq!(serial.compare(reached), SerialOrder::Newer);
            (reached, sign) = (*serial, '+');
        }
        handed.push((sign, octets.clone()));
    }
    assert_eq!((reached, sign), (to, '+'));
    handed
}

/// The net effect is the sum of the steps: minus one, nothing or one for each record, whatever its TTL.
fn add_up(handed: &[Handed], delta: Delta) {
    let identity = |record: &CanonicalRecord<'_>| (record.owner().to_vec(), record.rtype(), record.rdata().to_vec());
    let Ok(effects) = delta.finish() else { return };
    let mut sums = BTreeMap::new();
    for (sign, octets) in handed {
        let (record, _) = CanonicalRecord::split_first(octets).expect("a record");
        *sums.entry(identity(&record)).or_insert(0) += if *sign == '+' { 1 } else { -1 };
    }
    for effect in effects.iter() {
        let sum = sums.remove(&identity(&effect.record)).expect("it was touched");
        assert_eq!(sum, i32::from(effect.after.is_some()) - i32::from(effect.before.is_some()));
    }
    assert!(sums.is_empty());
    let mut balance = 0;
    for (sign, _) in effects.net_changes() {
        balance += if sign == Sign::Added { 1 } else { -1 };
    }
    let total: i32 = handed.iter().map(|(sign, _)| if *sign == '+' { 1 } else { -1 }).sum();
    assert_eq!(balance, total);
}

/// One message for each record of this one.
fn one_each(frame: &[u8]) -> Vec<Vec<u8>> {
    let [high, low] = ID.to_be_bytes();
    let header = [high, low, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    let message = Message::parse(frame).expect("it was taken");
    let records = message.section(Section::Answer);
    records.map(|record| [&header, zone().as_octets(), &[0, 251, 0, 1], &as_sent(record)].concat()).collect()
}

/// The record with its TTL as it was sent, since two SOAs are compared by that.
fn as_sent(record: &RecordView<'_>) -> Vec<u8> {
    let mut octets = expanded(record, Form::Bitwise);
    let at = record.owner().expect("read").as_octets().len() + 4;
    octets[at..at + 4].copy_from_slice(&record.ttl().to_be_bytes());
    octets
}
