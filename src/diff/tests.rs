//! Scenarios for each rule, by idea; here is what they are written with.

mod changes;
mod disorder;
mod hints;
mod large;
mod octets;
mod pairing;
mod policies;
mod properties;
mod sides;
mod spilling;
mod streaming;
mod ttls;

use super::{DiffPolicy, Differ, OwnedRecord, RrsetChange, ZoneDiff};
use crate::canonical::CanonicalRecord;
use crate::wire::Rtype;
use crate::wire::tests::reply;

/// Class IN.
const IN: u16 = 1;
/// RFC 1035 section 3.3.9.
const MX: Rtype = Rtype(15);
/// RFC 9460.
const SVCB: Rtype = Rtype(64);

/// The octets of a name that is written with dots, case kept.
fn name(text: &str) -> Vec<u8> {
    reply::name(text).as_octets().to_vec()
}

/// A record in the layout of `canonical`.
fn record(owner: &str, rtype: Rtype, ttl: u32, rdata: &[u8]) -> OwnedRecord {
    OwnedRecord::new(&CanonicalRecord::new(&name(owner), rtype, IN, ttl, rdata))
}

/// An address record.
fn a(owner: &str, ttl: u32, last: u8) -> OwnedRecord {
    record(owner, Rtype::A, ttl, &[192, 0, 2, last])
}

/// The RDATA of a TXT.
fn strings(strings: &[&str]) -> Vec<u8> {
    let with_length = |s: &&str| [&[u8::try_from(s.len()).expect("short")][..], s.as_bytes()].concat();
    strings.iter().flat_map(with_length).collect()
}

/// A text record.
fn txt(owner: &str, texts: &[&str]) -> OwnedRecord {
    record(owner, Rtype::TXT, 300, &strings(texts))
}

/// The SOA of example.com with this MNAME, these numbers and a TTL of an hour.
fn soa(mname: &str, numbers: [u32; 5]) -> OwnedRecord {
    let numbers = numbers.map(u32::to_be_bytes).concat();
    record("example.com", Rtype::SOA, 3600, &[name(mname), name("hostmaster.example.com"), numbers].concat())
}

/// The SOA of a zone at this serial.
fn serial(serial: u32) -> OwnedRecord {
    soa("ns1.example.com", [serial, 7200, 900, 86400, 300])
}

/// A signature over this type with this expiration, key tag and last octet.
fn rrsig(owner: &str, ttl: u32, covered: Rtype, expiration: u32, key_tag: u16, signature: u8) -> OwnedRecord {
    let mut rdata = covered.0.to_be_bytes().to_vec();
    rdata.extend([13, 2, 0, 0, 14, 16]);
    rdata.extend(expiration.to_be_bytes());
    rdata.extend((expiration - 100).to_be_bytes());
    rdata.extend(key_tag.to_be_bytes());
    rdata.extend(name("example.com"));
    rdata.extend([7, 7, 7, signature]);
    record(owner, Rtype::RRSIG, ttl, &rdata)
}

/// Compares whole sides, the first being the base.
fn compare(policy: DiffPolicy, sides: &[&[OwnedRecord]]) -> ZoneDiff {
    let mut differ = Differ::new(sides.len(), policy, [1, 2, 3, 4]).expect("enough sides");
    for (number, side) in sides.iter().enumerate() {
        side.iter().for_each(|record| differ.add(number, record.view()).expect("a side"));
    }
    differ.finish().unwrap()
}

/// All changes.
fn changes(diff: &ZoneDiff) -> Vec<RrsetChange> {
    diff.changes().map(|change| change.expect("readable")).collect()
}

/// The only change, exactly compared.
fn only_change(base: &[OwnedRecord], target: &[OwnedRecord]) -> RrsetChange {
    let diff = compare(DiffPolicy::exact(), &[base, target]);
    let [change] = changes(&diff).try_into().expect("one change");
    change
}

/// What was left out, as text.
fn left_out(diff: &ZoneDiff) -> Vec<String> {
    diff.left_out().iter().map(|one| format!("{} on {}: {}", one.what, one.side, one.count)).collect()
}
