//! The query that asks for a transfer.

use crate::wire::WireName;
use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::RecordType;

/// The query of RFC 5936 section 2.1. It goes over TCP or TLS only (section 4.2); nothing here can send it by UDP.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a namespace for the one query")]
pub struct AxfrRequest;

impl AxfrRequest {
    /// The UDP payload size in our OPT: a number has to stand there, although over TCP nobody reads it.
    const PAYLOAD: u16 = 1232;

    /// The octets of the query: one question, all flags zero, nothing else but OPT if `edns` says so.
    ///
    /// RFC 5936 section 2.1.1: QR, OPCODE, TC, Z and RCODE are zero; RD: "n/a", zero is the recommended value. The ID is
    /// the caller's: random, and not in use on that connection. Unsigned; the TSIG record goes on afterwards.
    ///
    /// # Errors
    /// None is known: a [`WireName`] is never too long to be encoded.
    pub fn query(zone: &WireName, id: u16, edns: Edns0) -> Result<Vec<u8>, ProtoError> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.add_query(Query::query(zone.to_name(), RecordType::AXFR));
        if edns == Edns0::Offered {
            let mut opt = Edns::new();
            opt.set_max_payload(Self::PAYLOAD).set_version(0);
            message.set_edns(opt);
        }
        message.to_vec()
    }
}

/// Whether a query carries OPT (RFC 6891), which is how a server is asked for padding and extended errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is there or it is not")]
pub enum Edns0 {
    /// With OPT.
    Offered,
    /// Without: for the one retry of RFC 5936 section 2.1.5, see [`super::XfrError::is_edns_rejected`].
    Absent,
}
