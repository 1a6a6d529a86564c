//! The queries that ask for a transfer.

use crate::canonical::CanonicalRecord;
use crate::serial::Serial;
use crate::wire::{PADDING, WireName, padding_for};
use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// The query of RFC 5936 section 2.1. It goes over TCP or TLS only (section 4.2); nothing here can send it by UDP.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a namespace for the one query")]
pub struct AxfrRequest;

impl AxfrRequest {
    /// The octets of the query: one question, all flags zero, nothing else but OPT if `edns` says so.
    ///
    /// RFC 5936 section 2.1.1: QR, OPCODE, TC, Z and RCODE are zero; RD: "n/a", zero is the recommended value. The ID is
    /// the caller's: random, and not in use on that connection. Unsigned; the TSIG record goes on afterwards.
    ///
    /// # Errors
    /// None is known: a [`WireName`] is never too long to be encoded.
    pub fn query(zone: &WireName, id: u16, edns: Edns0) -> Result<Vec<u8>, ProtoError> {
        octets(question(zone, RecordType::AXFR, id, edns), edns)
    }
}

/// The query of RFC 1995 section 3. It goes over TCP or TLS; the form by UDP, which one datagram has to answer, is left
/// out, since a client that gets TC=1 or a newer SOA alone has to come again by TCP.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a namespace for the one query")]
pub struct IxfrRequest;

impl IxfrRequest {
    /// The octets of the query: like [`AxfrRequest::query`], with the SOA that we have in the authority section.
    ///
    /// # Errors
    /// None is known: a [`WireName`] is never too long to be encoded.
    pub fn query(zone: &WireName, id: u16, held: &HeldVersion, edns: Edns0) -> Result<Vec<u8>, ProtoError> {
        let mut message = question(zone, RecordType::IXFR, id, edns);
        message.add_authority(Record::from_rdata(zone.to_name(), held.ttl, held.soa.clone()));
        octets(message, edns)
    }
}

/// The version of a zone that we have, as a server is told of it.
#[derive(Debug, Clone)]
pub struct HeldVersion {
    /// The serial.
    serial: Serial,
    /// The TTL of the SOA.
    ttl: u32,
    /// The whole RDATA of the SOA.
    soa: RData,
}

impl HeldVersion {
    /// From the serial alone, all else being zero or the root: RFC 1995 section 2 has servers look at nothing else.
    pub fn of_serial(serial: Serial) -> Self {
        let soa = RData::SOA(SOA::new(Name::root(), Name::root(), serial.0, 0, 0, 0, 0));
        Self { serial, ttl: 0, soa }
    }

    /// From the SOA as a transfer gave it ([`super::Completed::soa`]), to be sent as it is; `None` if it is no SOA.
    pub fn of_soa(soa: &CanonicalRecord<'_>) -> Option<Self> {
        let record = soa.to_record();
        let RData::SOA(ref rdata) = record.data else { return None };
        Some(Self { serial: Serial(rdata.serial), ttl: soa.ttl(), soa: record.data })
    }

    /// The serial: what the answer is measured by.
    pub fn serial(&self) -> Serial {
        self.serial
    }
}

/// The question, all flags zero, and OPT if `edns` says so.
fn question(zone: &WireName, rtype: RecordType, id: u16, edns: Edns0) -> Message {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(zone.to_name(), rtype));
    if edns != Edns0::Absent {
        let mut opt = Edns::new();
        opt.set_max_payload(PAYLOAD).set_version(0);
        message.set_edns(opt);
    }
    message
}

/// The message as octets, in whole blocks if it is to be padded.
fn octets(mut message: Message, edns: Edns0) -> Result<Vec<u8>, ProtoError> {
    let octets = message.to_vec()?;
    let Some(opt) = message.edns.as_mut().filter(|_| edns == Edns0::Padded) else { return Ok(octets) };
    opt.options_mut().insert(EdnsOption::Unknown(PADDING, padding_for(octets.len())));
    message.to_vec()
}

/// The UDP payload size in our OPT: a number has to stand there, although over TCP nobody reads it.
const PAYLOAD: u16 = 1232;

/// Whether a query carries OPT (RFC 6891), which is how a server is asked for padding and extended errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is there, padded, or it is not")]
pub enum Edns0 {
    /// With OPT.
    Offered,
    /// With OPT and padding (RFC 7830), so that nobody on the way can tell questions by their length: for TLS.
    Padded,
    /// Without: for the one retry of RFC 5936 section 2.1.5, see [`super::XfrError::is_edns_rejected`].
    Absent,
}
