//! The rules of a transfer, one scenario each; the lab is here, the scenarios in the files below.

mod frames;
mod limits;
mod records;
mod whole;

use super::{Completed, Fault, Inbound, Limits, Progress, XfrError};
use crate::canonical::{Form, write_record};
use crate::wire::{Rtype, WireName};

/// The ID of the query.
const ID: u16 = 0x2A17;
/// QR and AA.
const ANSWER: u16 = 0x8400;
/// A mail exchanger, which the logic has no name for.
const MX: Rtype = Rtype(15);

/// A name from text without escapes.
fn name(text: &str) -> WireName {
    WireName::from_labels(text.split('.').filter(|label| !label.is_empty()).map(str::as_bytes)).expect("a name")
}

/// A record in wire form, nothing compressed.
fn record_of_class(owner: &str, rtype: Rtype, class: u16, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    let mut record = name(owner).as_octets().to_vec();
    record.extend(rtype.0.to_be_bytes());
    record.extend(class.to_be_bytes());
    record.extend(ttl.to_be_bytes());
    record.extend(u16::try_from(rdata.len()).expect("short RDATA").to_be_bytes());
    record.extend(rdata);
    record
}

/// A record of class IN and TTL 3600.
fn record(owner: &str, rtype: Rtype, rdata: &[u8]) -> Vec<u8> {
    record_of_class(owner, rtype, 1, 3600, rdata)
}

/// An address record.
fn a(owner: &str, last: u8) -> Vec<u8> {
    record(owner, Rtype::A, &[192, 0, 2, last])
}

/// A name server record.
fn ns(owner: &str, server: &str) -> Vec<u8> {
    record(owner, Rtype::NS, name(server).as_octets())
}

/// RDATA of a SOA.
fn soa_rdata(mname: &str, serial: u32, timers: [u32; 4]) -> Vec<u8> {
    let mut rdata = name(mname).as_octets().to_vec();
    rdata.extend(name("hostmaster.example.com").as_octets());
    rdata.extend(serial.to_be_bytes());
    rdata.extend(timers.iter().flat_map(|timer| timer.to_be_bytes()));
    rdata
}

/// A SOA at this owner.
fn soa_at(owner: &str, serial: u32) -> Vec<u8> {
    record(owner, Rtype::SOA, &soa_rdata("ns1.example.com", serial, [7200, 900, 1_209_600, 300]))
}

/// The zone's SOA.
fn soa(serial: u32) -> Vec<u8> {
    soa_at("example.com", serial)
}

/// An honest zone of eight records: a delegation with glue, an occluded record, and several types.
fn zone() -> Vec<Vec<u8>> {
    let mx = [&[0, 10], name("mail.example.com").as_octets()].concat();
    vec![
        soa(7),
        ns("example.com", "ns1.example.com"),
        record("example.com", MX, &mx),
        a("ns1.example.com", 1),
        ns("sub.example.com", "ns.sub.example.com"),
        a("ns.sub.example.com", 2),
        record("below.sub.example.com", Rtype::TXT, b"\x08occluded"),
        a("ns1.example.com", 3),
    ]
}

/// The records of the zone as a transfer sends them: the SOA again at the end.
fn stream() -> Vec<Vec<u8>> {
    [zone(), vec![soa(7)]].concat()
}

/// A message under construction.
#[derive(Clone)]
struct Reply {
    /// The ID.
    id: u16,
    /// All flags.
    flags: u16,
    /// The questions.
    questions: Vec<(WireName, Rtype, u16)>,
    /// Answer, authority, additional.
    sections: [Vec<Vec<u8>>; 3],
}

impl Reply {
    /// A good message with these answers.
    fn with(answers: &[Vec<u8>]) -> Self {
        let questions = vec![(name("example.com"), Rtype::AXFR, 1)];
        Self { id: ID, flags: ANSWER, questions, sections: [answers.to_vec(), Vec::new(), Vec::new()] }
    }

    /// Without its question.
    fn without_question(mut self) -> Self {
        self.questions.clear();
        self
    }

    /// With other flags.
    fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// With an OPT record: upper bits of RCODE, and options.
    fn opt(mut self, extended_rcode: u8, options: &[u8]) -> Self {
        let ttl = u32::from_be_bytes([extended_rcode, 0, 0, 0]);
        self.sections[2].push(record_of_class("", Rtype::OPT, 1232, ttl, options));
        self
    }

    /// In wire form.
    fn octets(&self) -> Vec<u8> {
        let counts = [self.questions.len(), self.sections[0].len(), self.sections[1].len(), self.sections[2].len()];
        let mut octets = [self.id.to_be_bytes(), self.flags.to_be_bytes()].concat();
        octets.extend(counts.iter().flat_map(|count| u16::try_from(*count).expect("a count").to_be_bytes()));
        for (name, rtype, class) in &self.questions {
            octets.extend(name.as_octets());
            octets.extend(rtype.0.to_be_bytes());
            octets.extend(class.to_be_bytes());
        }
        octets.extend(self.sections.iter().flatten().flatten());
        octets
    }
}

/// What came out of a transfer that ended well: its records in canonical form, and the summary.
type Outcome = Result<(Vec<Vec<u8>>, Completed), XfrError>;

/// Feeds the frames until the transfer says that it is done, then closes it.
fn run_with(limits: Limits, frames: &[Vec<u8>]) -> Outcome {
    let mut inbound = Inbound::unsigned(name("Example.COM"), ID, limits);
    let mut records = Vec::new();
    for frame in frames {
        let progress = inbound.frame(frame, 0, &mut |record| {
            let mut octets = Vec::new();
            write_record(record, Form::Canonical, &mut octets)?;
            records.push(octets);
            Ok(())
        })?;
        if progress == Progress::Done {
            break;
        }
    }
    inbound.finish().map(|received| (records, received.zone))
}

/// With the default limits.
fn run(frames: &[Vec<u8>]) -> Outcome {
    run_with(Limits::new(), frames)
}

/// One message for each of these.
fn frames(replies: &[Reply]) -> Vec<Vec<u8>> {
    replies.iter().map(Reply::octets).collect()
}

/// One message with these records.
fn run_records(records: &[Vec<u8>]) -> Outcome {
    run(&[Reply::with(records).octets()])
}

/// The fault that these frames must end in.
fn fault(frames: &[Vec<u8>]) -> Fault {
    run(frames).expect_err("a fault").fault
}

/// The fault that these records, in one message, must end in.
fn fault_of_records(records: &[Vec<u8>]) -> Fault {
    run_records(records).expect_err("a fault").fault
}

/// The zone's records in canonical form, as they must be handed out.
fn expected() -> Vec<Vec<u8>> {
    let (records, _) = run_records(&stream()).expect("an honest transfer");
    assert_eq!(records.len(), zone().len(), "the SOA once, all else as often as sent");
    records
}
