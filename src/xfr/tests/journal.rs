//! The example of RFC 1995 section 7: three versions of a zone, and the streams that lead from the first to the last.

use super::*;
use crate::canonical::CanonicalRecord;
use crate::serial::Serial;
use crate::xfr::{Change, Delta, Effects, InboundIxfr, Outcome, ReceivedIxfr, Sign};
use std::collections::BTreeSet;

/// The zone.
pub(super) const ZONE: &str = "jain.ad.jp";

/// A set of records in canonical form.
pub(super) type Set = BTreeSet<Vec<u8>>;

/// The SOA of a version.
pub(super) fn version(serial: u32) -> Vec<u8> {
    version_with(serial, 604_800, 600)
}

/// The same with another TTL or REFRESH.
pub(super) fn version_with(serial: u32, ttl: u32, refresh: u32) -> Vec<u8> {
    let mut rdata = [name("NS.JAIN.AD.JP").as_octets(), name("mohta.jain.ad.jp").as_octets()].concat();
    rdata.extend([serial, refresh, 600, 3_600_000, 604_800].iter().flat_map(|number| number.to_be_bytes()));
    record_of_class(&name("JAIN.AD.JP"), Rtype::SOA, 1, ttl, &rdata)
}

/// An address in the zone.
pub(super) fn address(host: &str, address: [u8; 4]) -> Vec<u8> {
    record(&format!("{host}.JAIN.AD.JP"), Rtype::A, &address)
}

/// The host that is removed in version 2.
pub(super) fn nezu() -> Vec<u8> {
    address("NEZU", [133, 69, 136, 5])
}

/// The addresses of the host that is added in version 2, and of which one changes in version 3.
pub(super) fn jain_bb(last: u8) -> Vec<u8> {
    address("JAIN-BB", [133, 69, 136, last])
}

/// Its other address.
pub(super) fn jain_bb_other() -> Vec<u8> {
    address("JAIN-BB", [192, 41, 197, 2])
}

/// The records of a version but its SOA.
pub(super) fn records_of(serial: u32) -> Vec<Vec<u8>> {
    let mut records = vec![ns("JAIN.AD.JP", "NS.JAIN.AD.JP"), address("NS", [133, 69, 136, 1])];
    match serial {
        1 => records.push(nezu()),
        2 => records.extend([jain_bb(4), jain_bb_other()]),
        _ => records.extend([jain_bb(3), jain_bb_other()]),
    }
    records
}

/// "The following IXFR message": a full transfer of version 3.
pub(super) fn full() -> Vec<Vec<u8>> {
    [vec![version(3)], records_of(3), vec![version(3)]].concat()
}

/// "or with the following message": one step for each version.
pub(super) fn steps() -> Vec<Vec<u8>> {
    let first = [version(3), version(1), nezu(), version(2), jain_bb(4), jain_bb_other()];
    let second = [version(2), jain_bb(4), version(3), jain_bb(3), version(3)];
    [first.as_slice(), &second].concat()
}

/// "or with the following condensed message": one step for both.
pub(super) fn condensed() -> Vec<Vec<u8>> {
    [version(3), version(1), nezu(), version(3), jain_bb(3), jain_bb_other(), version(3)].to_vec()
}

/// One message with these records.
pub(super) fn reply(records: &[Vec<u8>]) -> Reply {
    let mut reply = Reply::to(ID, name(ZONE), Rtype::IXFR);
    reply.sections[0] = records.to_vec();
    reply
}

/// One message for each record.
pub(super) fn one_each(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    records.iter().map(|record| reply(std::slice::from_ref(record)).octets()).collect()
}

/// What was handed out, as `-`, `+` or `=` (whole zone) and the record in canonical form.
pub(super) type Handed = Vec<(char, Vec<u8>)>;

/// Feeds the frames to one who has version `from`, until the transfer says that it is done, then closes it.
pub(super) fn run_with(limits: Limits, from: u32, frames: &[Vec<u8>]) -> Result<(Handed, ReceivedIxfr), XfrError> {
    let mut inbound = InboundIxfr::unsigned(name("Jain.AD.jp"), ID, Serial(from), limits);
    let mut handed = Vec::new();
    for frame in frames {
        let progress = inbound.frame(frame, 0, &mut |change| {
            let (sign, record) = match change {
                Change::Deleted(record) => ('-', record),
                Change::Added(record) => ('+', record),
                Change::Whole(record) => ('=', record),
            };
            let mut octets = Vec::new();
            write_record(record, Form::Canonical, &mut octets)?;
            handed.push((sign, octets));
            Ok(())
        })?;
        if progress == Progress::Done {
            break;
        }
    }
    inbound.finish().map(|received| (handed, received))
}

/// With version 1 and the default limits.
pub(super) fn run(frames: &[Vec<u8>]) -> Result<(Handed, Outcome), XfrError> {
    run_from(1, frames)
}

/// With this version and the default limits.
pub(super) fn run_from(from: u32, frames: &[Vec<u8>]) -> Result<(Handed, Outcome), XfrError> {
    run_with(Limits::new(), from, frames).map(|(handed, received)| (handed, received.outcome))
}

/// The fault in which these records, in one message, must end for one who has version 1.
pub(super) fn fault(records: &[Vec<u8>]) -> Fault {
    run(&[reply(records).octets()]).expect_err("a fault").fault
}

/// A record in canonical form.
pub(super) fn canonical(record: &[u8]) -> Vec<u8> {
    let message = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], record].concat();
    let message = crate::wire::Message::parse(&message).expect("a record");
    let mut octets = Vec::new();
    write_record(&message.records()[0], Form::Canonical, &mut octets).expect("short");
    octets
}

/// Records in canonical form.
pub(super) fn set(records: &[Vec<u8>]) -> Set {
    records.iter().map(|record| canonical(record)).collect()
}

/// The net effect of what these records, in one message, hand out to one who has version `from`.
pub(super) fn effects(from: u32, records: &[Vec<u8>]) -> Effects {
    let mut inbound = InboundIxfr::unsigned(name(ZONE), ID, Serial(from), Limits::new());
    let mut delta = Delta::new(Delta::OCTETS);
    let progress = inbound.frame(&reply(records).octets(), 0, &mut |change| match change {
        Change::Deleted(record) => delta.delete(record),
        Change::Added(record) => delta.add(record),
        Change::Whole(_) => panic!("not a difference"),
    });
    assert_eq!(progress, Ok(Progress::Done));
    assert!(matches!(inbound.finish().expect("complete").outcome, Outcome::Delta(_)));
    delta.finish().expect("consistent")
}

/// The TTL of the record in this zone, whatever its own is.
pub(super) fn held(zone: &Set, wanted: &CanonicalRecord<'_>) -> Option<u32> {
    let zone = zone.iter().map(|octets| CanonicalRecord::split_first(octets).expect("a record").0);
    let key = |record: &CanonicalRecord<'_>| (record.owner().to_vec(), record.rtype(), record.rdata().to_vec());
    zone.into_iter().find(|record| key(record) == key(wanted)).map(|record| record.ttl())
}

/// The zone after the net effect; each record that goes must have been there, and none that comes.
pub(super) fn applied(effects: &Effects, mut zone: Set) -> Set {
    effects.check(|record| held(&zone, record)).expect("a difference of this zone");
    for (sign, record) in effects.net_changes() {
        let mut octets = Vec::new();
        record.write(&mut octets);
        let changed = if sign == Sign::Removed { zone.remove(&octets) } else { zone.insert(octets) };
        assert!(changed, "{sign:?} {record:?}");
    }
    zone
}

/// A whole version.
pub(super) fn zone_of(serial: u32) -> Set {
    let mut zone = set(&records_of(serial));
    zone.insert(canonical(&version(serial)));
    zone
}
