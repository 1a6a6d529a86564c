//! The rules of a transfer, one scenario each; the lab is here, the scenarios in the files below.

mod delta;
mod frames;
mod incremental;
mod journal;
mod limits;
mod records;
mod repeated;
mod whole;

use super::{Completed, Fault, Inbound, Limits, Progress, XfrError};
use crate::canonical::{Form, write_record};
use crate::wire::tests::reply::{self, Reply, name, record_of_class};
use crate::wire::{Rtype, WireName};

/// The ID of the query.
const ID: u16 = 0x2A17;
/// A mail exchanger, which the logic has no name for.
const MX: Rtype = Rtype(15);

/// A record of class IN and TTL 3600.
fn record(owner: &str, rtype: Rtype, rdata: &[u8]) -> Vec<u8> {
    reply::record(&name(owner), rtype, rdata)
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

impl Reply {
    /// A good message of a transfer with these answers.
    fn with(answers: &[Vec<u8>]) -> Self {
        let mut reply = Self::to(ID, name("example.com"), Rtype::AXFR);
        reply.sections[0] = answers.to_vec();
        reply
    }

    /// Without its question.
    fn without_question(mut self) -> Self {
        self.questions.clear();
        self
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
