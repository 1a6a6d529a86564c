//! The two requests, as messages, as lines for nsupdate, and as text for `--dry-run`.

use super::Lease;
use crate::present;
use crate::probe::{PROBE_TTL, Probe};
use crate::wire::{PADDING, Transport, UPDATE_LEASE, WireName, padding_for};
use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{NULL, opt::EdnsOption};
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use std::net::SocketAddr;

/// The largest datagram that a requester takes (RFC 6891 section 6.2.3); over a stream it means nothing.
const PAYLOAD: u16 = 1232;

/// The update that adds the probe, if its name is not in use; with a lease, an OPT record asks for that and for nothing else.
pub fn plant(id: u16, probe: &Probe, lease: Option<Lease>) -> Message {
    let mut message = about(id, probe.zone());
    // RFC 2136 section 2.4.5, "name is not in use": class NONE, type ANY, TTL 0, no RDATA.
    let mut unused = Record::update0(probe.owner().to_name(), 0, RecordType::ANY);
    unused.dns_class = DNSClass::NONE;
    message.add_answer(unused);
    // RFC 2136 section 2.5.1: class of the zone, with TTL and RDATA.
    message.add_authority(record(probe, DNSClass::IN, PROBE_TTL));
    if let Some(lease) = lease {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        edns.options_mut().insert(EdnsOption::Unknown(UPDATE_LEASE, lease.octets().to_vec()));
        message.set_edns(edns);
    }
    message
}

/// The update that deletes exactly the probe.
///
/// RFC 2136 section 2.5.4: class NONE, TTL 0, and the RDATA of the one record. No prerequisite: what a stranger added
/// beside it must neither stop the deletion nor be touched by it (U4).
pub fn remove(id: u16, probe: &Probe) -> Message {
    let mut message = about(id, probe.zone());
    message.add_authority(record(probe, DNSClass::NONE, 0));
    message
}

/// The same update, padded to whole blocks (RFC 8467 section 4.1) for a transport on which nobody else can read it: by an
/// option, so before it is signed. A TSIG record comes on top, which is as long for every update that the same key signs.
///
/// # Errors
/// It cannot be encoded.
pub fn padded(mut message: Message) -> Result<Message, ProtoError> {
    let mut edns = message.edns.take().unwrap_or_else(|| {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        edns
    });
    message.set_edns(edns.clone());
    let length = message.to_vec()?.len();
    edns.options_mut().insert(EdnsOption::Unknown(PADDING, padding_for(length)));
    message.set_edns(edns);
    Ok(message)
}

/// An update of this zone, still empty (RFC 2136 section 2.3: one zone, type SOA, the zone's class).
fn about(id: u16, zone: &WireName) -> Message {
    let mut message = Message::new(id, MessageType::Query, OpCode::Update);
    message.metadata.recursion_desired = false;
    let mut query = Query::query(zone.to_name(), RecordType::SOA);
    query.set_query_class(DNSClass::IN);
    message.add_query(query);
    message
}

/// The probe as a record of this class; its RDATA goes out octet by octet as it was decided.
fn record(probe: &Probe, class: DNSClass, ttl: u32) -> Record {
    let code = RecordType::from(probe.rtype().0);
    let rdata = RData::Unknown { code, rdata: NULL::with(probe.rdata().to_vec()) };
    let mut record = Record::from_rdata(probe.owner().to_name(), ttl, rdata);
    record.dns_class = class;
    record
}

/// The right that the probe needs, as BIND's `update-policy` has it behind the key.
pub fn grant(probe: &Probe) -> String {
    format!(
        "subdomain _dnsconverge.{} {}",
        present::name(probe.zone()).to_string().trim_start_matches('.'),
        probe.rtype_text()
    )
}

/// The lines which, given to nsupdate, remove the probe and nothing else (U15); a comment says how, where the server is
/// reached by TLS.
pub fn nsupdate_script(server: SocketAddr, transport: Transport, probe: &Probe) -> String {
    let how = match transport {
        Transport::Tls => "; over TLS: nsupdate -S (BIND 9.20 or later)\n",
        Transport::Udp | Transport::Tcp => "",
    };
    format!(
        "{how}server {} {}\nzone {}\nupdate delete {} IN {} {}\nsend\n",
        server.ip(),
        server.port(),
        present::name(probe.zone()),
        probe.owner_text(),
        probe.rtype_text(),
        probe.rdata_text(),
    )
}

/// What the update would do, for a person; nothing of it has been sent.
pub fn describe(server: SocketAddr, probe: &Probe, lease: Option<Lease>) -> String {
    let lease =
        lease.map_or_else(String::new, |lease| format!("  lease: {lease}, if the server grants leases (RFC 9664)\n"));
    format!(
        "UPDATE of zone {} to {server} over TCP\n  prerequisite: {owner} is not in use\n  add: {owner} {PROBE_TTL} IN {rtype} {rdata}\n{lease}afterwards removed by\n  delete: {owner} IN {rtype} {rdata}\n",
        present::name(probe.zone()),
        owner = probe.owner_text(),
        rtype = probe.rtype_text(),
        rdata = probe.rdata_text(),
    )
}
