//! Any octets as the TCP stream of a transfer (each message behind its length). If it is called complete, then
//! RFC 5936 section 2.2 holds, as read anew from the messages and by hickory-proto: it begins with the SOA of the zone
//! and ends with the same one, no other SOA is in between, each message says NOERROR, and all records are in the zone;
//! one message fewer is not complete; and another division into messages gives the same zone.
#![no_main]

use dnsconverge::canonical::{Form, write_record};
use dnsconverge::wire::{Message, Rcode, Rtype, Section, WireName};
use dnsconverge::xfr::{Completed, Inbound, Limits, Progress};
use hickory_proto::op;
use hickory_proto::rr::RecordType;
use libfuzzer_sys::fuzz_target;

/// The ID of the query, as in the seeds.
const ID: u16 = 0x2A17;

fuzz_target!(|octets: &[u8]| {
    let frames = cut(octets);
    let Some((records, completed, used)) = run(&frames) else { return };
    let used = &frames[..used];
    assert_eq!(completed.records, records.len() as u64);
    hold_to_the_rules(used, &records);
    ask_hickory(used, completed.records);
    assert!(run(&used[..used.len() - 1]).is_none(), "without its last message");
    let last = records.first().cloned();
    let alone: Vec<Vec<u8>> = records.iter().chain(&last).map(|record| message(record)).collect();
    let alone: Vec<&[u8]> = alone.iter().map(Vec::as_slice).collect();
    let (again, ..) = run(&alone).expect("one record in each message");
    assert_eq!(again, records);
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

/// One message with this record.
fn message(record: &[u8]) -> Vec<u8> {
    let [high, low] = ID.to_be_bytes();
    let header = [high, low, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    [&header, zone().as_octets(), &[0, 252, 0, 1], record].concat()
}

/// The records in canonical form, the summary, and how many messages it took; `None` if it is no transfer.
fn run(frames: &[&[u8]]) -> Option<(Vec<Vec<u8>>, Completed, usize)> {
    let mut inbound = Inbound::unsigned(zone(), ID, Limits::new());
    let (mut records, mut used) = (Vec::new(), 0);
    for frame in frames {
        used += 1;
        let progress = inbound.frame(frame, 0, &mut |record| {
            let mut octets = Vec::new();
            write_record(record, Form::Canonical, &mut octets)?;
            records.push(octets);
            Ok(())
        });
        if progress.ok()? == Progress::Done {
            break;
        }
    }
    inbound.finish().ok().map(|received| (records, received.zone, used))
}

/// RFC 5936 section 2.2, read from the messages without the machine.
fn hold_to_the_rules(frames: &[&[u8]], records: &[Vec<u8>]) {
    let mut sent = Vec::new();
    for frame in frames {
        let message = Message::parse(frame).expect("it was taken");
        assert_eq!((message.header().id, message.rcode()), (ID, Rcode::NOERROR));
        for record in message.section(Section::Answer) {
            assert!(record.owner().expect("read").is_at_or_below(&zone()));
            let mut octets = Vec::new();
            write_record(record, Form::Canonical, &mut octets).expect("read");
            sent.push((record.rtype(), octets));
        }
    }
    let soas: Vec<_> = sent.iter().enumerate().filter(|(_, (rtype, _))| *rtype == Rtype::SOA).collect();
    assert_eq!(soas.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, sent.len() - 1]);
    let handed_out: Vec<_> = sent[..sent.len() - 1].iter().map(|(_, octets)| octets).collect();
    assert_eq!(handed_out, records.iter().collect::<Vec<_>>());
}

/// The same, as an independent parser sees it; it refuses some valid records, and then has no say.
fn ask_hickory(frames: &[&[u8]], records: u64) {
    let Ok(messages) = frames.iter().map(|frame| op::Message::from_vec(frame)).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let answers: Vec<_> = messages.iter().flat_map(|message| &message.answers).collect();
    assert_eq!(answers.len() as u64, records + 1);
    let (first, last) = (answers[0], answers[answers.len() - 1]);
    assert_eq!((first.record_type(), &first.name, &first.data), (RecordType::SOA, &last.name, &last.data));
    assert_eq!(first.ttl, last.ttl);
    assert!(answers.iter().all(|record| zone().to_name().zone_of(&record.name)));
    assert!(
        messages
            .iter()
            .all(|message| message.response_code == op::ResponseCode::NoError && message.authorities.is_empty())
    );
}
