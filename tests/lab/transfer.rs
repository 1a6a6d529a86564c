//! The writer of transfers (RFC 5936, RFC 1995): the records of one snapshot, or of the steps to it, grouped into
//! messages as a test wants them.

use hickory_proto::op::Message;
use hickory_proto::rr::{RData, Record};
use hickory_proto::serialize::binary::BinEncodable;

use super::fault::{Act, Messages, Step, Steps, TransferFault};
use super::zone::Zone;

/// Octets of uncompressed records that go into one message at most: room for header, question and TSIG remains.
const MESSAGE_BUDGET: usize = 64_000;

/// How records are spread over messages.
#[derive(Clone, Copy, Debug)]
pub struct Grouping {
    /// Records in one message at most; 1 is the old style of one record per message.
    pub records_per_message: usize,
    /// The first and the last message hold the SOA and nothing else.
    pub soa_alone: bool,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { records_per_message: 100, soa_alone: false }
    }
}

/// The records of a transfer: SOA, everything else, SOA again.
pub fn records(zone: &Zone) -> Vec<Record> {
    let soa = zone.soa_record();
    let mut records = vec![soa.clone()];
    records.extend(zone.records().cloned());
    records.push(soa);
    records
}

/// The records of an incremental transfer (RFC 1995 section 4): a step from each version of the journal to the next, and
/// from the last one to `zone`. `None` if the journal does not have the version `held`.
pub fn changes(journal: &[Zone], zone: &Zone, held: u32) -> Option<Vec<Record>> {
    let begin = journal.iter().position(|old| old.serial() == held)?;
    let versions: Vec<&Zone> = journal.iter().skip(begin).chain([zone]).collect();
    let mut records = vec![zone.soa_record()];
    for (old, new) in versions.iter().zip(versions.iter().skip(1)) {
        for (from, to) in [(old, new), (new, old)] {
            records.push(from.soa_record());
            records.extend(from.records().filter(|record| !to.records().any(|other| *record == other)).cloned());
        }
    }
    records.push(zone.soa_record());
    Some(records)
}

/// The same records with what the faults do to them.
pub fn spoiled(records: Vec<Record>, acts: &[Act]) -> Vec<Record> {
    acts.iter().fold(records, |records, act| match act {
        Act::Transfer(fault) => spoil_records(records, fault),
        Act::Records(edit) => edit(records),
        _ => records,
    })
}

/// Puts records into messages like `template`, which has header and question already.
pub fn messages(records: Vec<Record>, template: Message, grouping: Grouping, acts: &[Act]) -> Messages {
    let groups = group(records, grouping);
    let shaped: Messages = Box::new(groups.into_iter().map(move |records| {
        let mut message = template.clone();
        message.add_answers(records);
        message
    }));
    acts.iter().fold(shaped, |messages, act| match act {
        Act::Transfer(fault) => spoil_messages(messages, fault),
        _ => messages,
    })
}

/// Cuts the list of records into the contents of messages.
fn group(records: Vec<Record>, grouping: Grouping) -> Vec<Vec<Record>> {
    let last = records.len().saturating_sub(1);
    let mut groups: Vec<Vec<Record>> = Vec::new();
    let (mut room, mut octets, mut closed) = (0, 0, true);
    for (index, record) in records.into_iter().enumerate() {
        let size = record.to_bytes().map_or(0, |bytes| bytes.len());
        let alone = grouping.soa_alone && (index == 0 || index == last);
        if closed || alone || room == 0 || octets + size > MESSAGE_BUDGET {
            groups.push(Vec::new());
            (room, octets) = (grouping.records_per_message.max(1), 0);
        }
        if let Some(open) = groups.last_mut() {
            open.push(record);
        }
        (room, octets, closed) = (room - 1, octets + size, alone);
    }
    groups
}

/// Faults that are a matter of which records are sent.
fn spoil_records(mut records: Vec<Record>, fault: &TransferFault) -> Vec<Record> {
    let last = records.len().saturating_sub(1);
    match fault {
        TransferFault::Stray(record) => records.insert(last, record.clone()),
        TransferFault::NoFinalSoa => records.truncate(last),
        TransferFault::FinalSerial(serial) => {
            if let Some(RData::SOA(soa)) = records.last_mut().map(|record| &mut record.data) {
                soa.serial = *serial;
            }
        }
        TransferFault::TrailingRecord(record) => records.push(record.clone()),
        TransferFault::Duplicates => {
            let twice = |(index, record): (usize, Record)| {
                let copies = if index == 0 || index == last { 1 } else { 2 };
                std::iter::repeat_n(record, copies)
            };
            records = records.into_iter().enumerate().flat_map(twice).collect();
        }
        TransferFault::Shuffled(seed) => {
            if let Some(middle) = records.get_mut(1..last) {
                shuffle(middle, *seed);
            }
        }
        _ => {}
    }
    records
}

/// Fisher and Yates's shuffle, drawn from `seed` by the `SplitMix64` sequence: the same seed gives the same order.
fn shuffle(records: &mut [Record], seed: u64) {
    let mut state = seed;
    for end in (2..=records.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let chosen = usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or(0) % end;
        records.swap(end - 1, chosen);
    }
}

/// Faults that are a matter of messages; the outcome is signed properly.
fn spoil_messages(messages: Messages, fault: &TransferFault) -> Messages {
    match fault.clone() {
        TransferFault::RcodeIn(wanted, rcode) => Box::new((1..).zip(messages).map(move |(number, mut message)| {
            if number == wanted {
                message.metadata.response_code = rcode;
            }
            message
        })),
        TransferFault::WrongIdFrom(first) => Box::new((1..).zip(messages).map(move |(number, mut message)| {
            if number >= first {
                message.metadata.id = !message.metadata.id;
            }
            message
        })),
        TransferFault::QuestionOnce => Box::new((1..).zip(messages).map(|(number, mut message)| {
            if number > 1 {
                message.queries.clear();
            }
            message
        })),
        TransferFault::EmptyBetween => Box::new((1..).zip(messages).flat_map(|(number, message)| {
            let mut empty = message.clone();
            empty.answers.clear();
            (number > 1).then_some(empty).into_iter().chain([message])
        })),
        TransferFault::TrailingMessage(record) => {
            let mut template = None;
            let mut extra = Some(record);
            let mut messages = messages;
            Box::new(std::iter::from_fn(move || {
                if let Some(message) = messages.next() {
                    template = Some(message.clone());
                    return Some(message);
                }
                let mut message = template.take()?;
                message.answers = vec![extra.take()?];
                Some(message)
            }))
        }
        _ => messages,
    }
}

/// Faults that are a matter of the connection.
pub fn spoil_steps(steps: Steps, fault: &TransferFault) -> Steps {
    match *fault {
        TransferFault::CutAfter(count) => Box::new(steps.take(count).chain([Step::Close])),
        TransferFault::ResetAfter(count) => Box::new(steps.take(count).chain([Step::Reset])),
        TransferFault::StallAfter(count) => Box::new(steps.take(count).chain([Step::Stall])),
        TransferFault::CutInside(number, octets) => {
            Box::new((1..).zip(steps).flat_map(move |(count, step)| match (count == number, step) {
                (true, Step::Message(message)) => vec![Step::Raw(cut(&message, octets)), Step::Close],
                (_, step) => vec![step],
            }))
        }
        _ => steps,
    }
}

/// The first octets of a frame, its length prefix counted.
fn cut(message: &[u8], octets: usize) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    let mut frame = [&length.to_be_bytes(), message].concat();
    frame.truncate(octets);
    frame
}
