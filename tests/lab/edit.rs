//! What the faults by name do to a reply: to its messages, to their octets, to the records of a transfer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, NS, NULL, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::fault::{Act, Step};
use super::wire;

// How a message is changed

/// Changes message `number` of a reply before it is signed.
pub(super) fn message(number: usize, edit: fn(&mut Message)) -> Act {
    Act::each_message(move |at, message| {
        if at == number {
            edit(message);
        }
    })
}

/// Changes the octets of message `number` of a reply after it is signed.
pub(super) fn frame(number: usize, edit: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Act {
    Act::each_frame(move |at, octets| {
        if at == number && octets.len() > wire::HEADER {
            edit(octets);
        }
    })
}

/// As a resolver answers.
pub(super) fn resolve(message: &mut Message) {
    message.metadata.authoritative = false;
    message.metadata.recursion_available = true;
}

/// The name that was asked for.
pub(super) fn asked(message: &Message) -> Name {
    message.queries.first().map_or_else(Name::root, |query| query.name().clone())
}

/// An answer to something else.
pub(super) fn other_question(message: &mut Message) {
    let wanted = message.queries.first().map_or(RecordType::TXT, Query::query_type);
    let name = Name::from_ascii("other").and_then(|label| label.append_domain(&asked(message).base_name()));
    message.queries = vec![Query::query(name.unwrap_or_else(|_| Name::root()), wanted)];
}

/// The question in upper case.
pub(super) fn upper_question(message: &mut Message) {
    for query in &mut message.queries {
        if let Ok(name) = Name::from_ascii(query.name().to_ascii().to_ascii_uppercase()) {
            query.set_name(name);
        }
    }
}

/// Adds to ANCOUNT, modulo 2^16.
pub(super) fn add_to_count(octets: &mut [u8], more: u16) {
    let count = wire::be16(octets, 6).unwrap_or(0);
    wire::put16(octets, 6, count.wrapping_add(more));
}

/// RFC 6891 section 6.1.3: the upper bits of the RCODE, in the OPT record that the message ends with or gets.
pub(super) fn rcode_in_opt(octets: &mut Vec<u8>) {
    let has_opt = octets.len() >= 11 && octets[octets.len() - 11..octets.len() - 8] == [0, 0, 41];
    if !has_opt {
        octets.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        let count = wire::be16(octets, 10).unwrap_or(0);
        wire::put16(octets, 10, count + 1);
    }
    let at = octets.len() - 6;
    octets[at] = 1;
}

/// Ends the message in an owner that points to itself, or in these octets, and one more record is announced.
pub(super) fn end_in_owner(octets: &mut Vec<u8>, owner: Option<&[u8]>) {
    add_to_count(octets, 1);
    let itself = u16::try_from(octets.len()).unwrap_or(u16::MAX) | 0xC000;
    octets.extend_from_slice(owner.unwrap_or(&itself.to_be_bytes()));
    octets.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
}

/// One octet at a time, with a pause after each.
pub(super) fn drip(pause: Duration) -> Act {
    Act::steps(move |steps| {
        Box::new(steps.flat_map(move |step| match step {
            Step::Message(octets) => {
                let length = u16::try_from(octets.len()).unwrap_or(u16::MAX).to_be_bytes();
                let frame = length.into_iter().chain(octets);
                frame.flat_map(|octet| [Step::Raw(vec![octet]), Step::Pause(pause)]).collect()
            }
            step => vec![step],
        }))
    })
}

/// So many messages that are none before the reply.
pub(super) fn junk_before(number: usize) -> Act {
    Act::steps(move |steps| {
        let junk = (0..number).map(|index| Step::Message(vec![u8::try_from(index % 256).unwrap_or(0); index % 40]));
        Box::new(junk.chain(steps))
    })
}

/// Before the reply, the same with another ID, as somebody who guesses would send it: one for every bit of the ID.
pub(super) fn forged_before() -> Act {
    Act::steps(|steps| {
        Box::new(steps.flat_map(|step| {
            let Step::Message(octets) = &step else { return vec![step] };
            let forge = |bit: u32| {
                let mut forged = octets.clone();
                let id = wire::be16(&forged, 0).unwrap_or(0) ^ (1 << bit);
                wire::put16(&mut forged, 0, id);
                Step::Message(forged)
            };
            let mut all: Vec<Step> = (0..16).map(forge).collect();
            all.push(step);
            all
        }))
    })
}

// What an answer says

/// The name is an alias for one that holds what was asked for.
pub(super) fn alias(message: &mut Message) {
    let owner = asked(message);
    let Ok(target) = Name::from_ascii("www").and_then(|label| label.append_domain(&owner.base_name().base_name()))
    else {
        return;
    };
    message.answers.iter_mut().for_each(|record| record.name = target.clone());
    message.answers.insert(0, Record::from_rdata(owner, 60, RData::CNAME(CNAME(target))));
}

/// The parent of the name has a DNAME to the root, and the synthesised alias follows.
pub(super) fn dname(message: &mut Message) {
    let owner = asked(message);
    let data = RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(vec![0]) };
    message.answers = vec![Record::from_rdata(owner.base_name(), 60, data)];
}

/// The name is in another zone, whose servers are these.
pub(super) fn referral(message: &mut Message) {
    let cut = asked(message).base_name();
    empty(message);
    message.metadata.authoritative = false;
    message.authorities = vec![Record::from_rdata(cut.clone(), 60, RData::NS(NS(cut)))];
}

/// Every name has a text.
pub(super) fn wildcard(message: &mut Message) {
    if message.answers.is_empty() {
        empty(message);
        beside(message);
    }
}

/// A text beside what there is.
pub(super) fn beside(message: &mut Message) {
    let text = RData::TXT(TXT::new(vec!["dnsconverge=1".to_owned()]));
    message.answers.push(Record::from_rdata(asked(message), 60, text));
}

/// Texts in upper case.
pub(super) fn upper_text(message: &mut Message) {
    for record in &mut message.answers {
        if let RData::TXT(text) = &record.data {
            let upper: Vec<Vec<u8>> = text.txt_data.iter().map(|string| string.to_ascii_uppercase()).collect();
            record.data = RData::TXT(TXT::from_bytes(upper.iter().map(Vec::as_slice).collect()));
        }
    }
}

/// The right data of another name.
pub(super) fn other_owner(message: &mut Message) {
    let parent = asked(message).base_name();
    message.answers.iter_mut().for_each(|record| record.name = parent.clone());
}

/// NOERROR and nothing else.
pub(super) fn empty(message: &mut Message) {
    message.answers.clear();
    message.authorities.clear();
    message.metadata.response_code = ResponseCode::NoError;
}

/// The right data in class CH.
pub(super) fn chaos(message: &mut Message) {
    message.answers.iter_mut().for_each(|record| record.dns_class = DNSClass::CH);
}

/// A second SOA with another serial.
pub(super) fn two_soas(message: &mut Message) {
    let mut second = message.answers.clone();
    for record in &mut second {
        if let RData::SOA(soa) = &mut record.data {
            soa.serial = soa.serial.wrapping_add(1);
        }
    }
    message.answers.extend(second);
}

/// Another TTL.
pub(super) fn ttl(seconds: u32) -> Act {
    Act::each_message(move |_, message| message.answers.iter_mut().for_each(|record| record.ttl = seconds))
}

// Signatures

/// The octets of the TSIG record at the end of a message.
pub(super) fn tsig_of(octets: &[u8]) -> Option<Vec<u8>> {
    let split = wire::split(octets)?;
    split.tsig?;
    Some(octets.get(split.unsigned.len()..)?.to_vec())
}

/// The TSIG record twice.
pub(super) fn repeat_tsig(octets: &mut Vec<u8>) {
    if let Some(tsig) = tsig_of(octets) {
        octets.extend(tsig);
        let count = wire::be16(octets, 10).unwrap_or(0);
        wire::put16(octets, 10, count + 1);
    }
}

/// A record after the TSIG record.
pub(super) fn follow_tsig(octets: &mut Vec<u8>) {
    octets.extend([0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
    let count = wire::be16(octets, 10).unwrap_or(0);
    wire::put16(octets, 10, count + 1);
}

/// The last octet before the signature is another: of an address, a serial, a text or OPT, whatever it is.
pub(super) fn tamper(octets: &mut [u8]) {
    let Some(split) = wire::split(octets) else { return };
    if let Some(octet) = octets.get_mut(split.unsigned.len().saturating_sub(1)) {
        *octet ^= 1;
    }
}

/// The octets of the first reply again and again, each time under the ID that was asked with.
pub(super) fn replayed() -> Act {
    let first: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
    Act::each_frame(move |_, octets| {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        let mut old = first.get_or_insert_with(|| octets.clone()).clone();
        wire::put16(&mut old, 0, wire::be16(octets, 0).unwrap_or(0));
        *octets = old;
    })
}

// Transfers

/// The SOA at the end has another MINIMUM.
pub(super) fn final_minimum(mut records: Vec<Record>) -> Vec<Record> {
    if let Some(RData::SOA(soa)) = records.last_mut().map(|record| &mut record.data) {
        soa.minimum ^= 1;
    }
    records
}

/// A record in the middle, made of the SOA.
pub(super) fn middle(mut records: Vec<Record>, make: fn(Record) -> Record) -> Vec<Record> {
    if let Some(soa) = records.first().cloned() {
        let at = records.len() / 2;
        records.insert(at.max(1), make(soa));
    }
    records
}

/// The record at a name below its own.
pub(super) fn below(label: &str, mut record: Record) -> Record {
    record.name = Name::from_ascii(label).and_then(|label| label.append_domain(&record.name)).unwrap_or(record.name);
    record
}

/// The SOA at the end has a name below the zone's.
pub(super) fn soa_below_last(mut records: Vec<Record>) -> Vec<Record> {
    let last = records.pop().map(|soa| below("sub", soa));
    records.extend(last);
    records
}

/// The SOA at either end is another zone's.
pub(super) fn soa_of_another_zone(mut records: Vec<Record>) -> Vec<Record> {
    let last = records.len().saturating_sub(1);
    for index in [0, last] {
        records[index].name = Name::from_ascii("another.invalid.").unwrap_or_else(|_| Name::root());
    }
    records
}

/// A record of another zone.
pub(super) fn out_of_zone(mut record: Record) -> Record {
    record.name = Name::from_ascii("www.another.invalid.").unwrap_or_else(|_| Name::root());
    record.data = RData::TXT(TXT::new(vec!["stray".to_owned()]));
    record
}

/// A record of class CH.
pub(super) fn other_class(record: Record) -> Record {
    let mut record = below("class", record);
    record.data = RData::TXT(TXT::new(vec!["stray".to_owned()]));
    record.dns_class = DNSClass::CH;
    record
}

/// Octets as RDATA of a type by its number.
pub(super) fn octets_of(record: Record, label: &str, code: u16, octets: &[u8]) -> Record {
    let mut record = below(label, record);
    let rdata = NULL::with(octets.to_vec());
    record.data = RData::Unknown { code: RecordType::from(code), rdata };
    record
}

/// A record of type 255.
pub(super) fn meta_type(record: Record) -> Record {
    octets_of(record, "meta", 255, &[1])
}

/// An IPv4 address of three octets.
pub(super) fn short_address(record: Record) -> Record {
    octets_of(record, "short", 1, &[192, 0, 2])
}

/// An NS record with an octet after its name.
pub(super) fn slack_after_ns(record: Record) -> Record {
    octets_of(record, "slack", 2, &[1, b'n', 0, 7])
}

/// Half of the records of every message but the first in the authority section.
pub(super) fn half_in_authority(number: usize, message: &mut Message) {
    if number > 1 {
        let half = message.answers.len() / 2;
        message.authorities = message.answers.split_off(half.max(1));
    }
}

/// The last message comes twice.
pub(super) fn one_more_message() -> Act {
    Act::Messages(Arc::new(|mut messages| {
        let mut last = None;
        Box::new(std::iter::from_fn(move || {
            let next = messages.next();
            if let Some(message) = &next {
                last = Some(message.clone());
            }
            next.or_else(|| last.take())
        }))
    }))
}

/// A zone that is complete and empty.
pub(super) fn only_soas(mut records: Vec<Record>) -> Vec<Record> {
    records.drain(1..records.len().saturating_sub(1));
    records
}
