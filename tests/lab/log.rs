//! What a server saw: one entry per request, so that a test can say "zero UPDATEs were sent".

use std::net::SocketAddr;

use hickory_proto::op::{Message, MessageType, OpCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};

/// How a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A length-prefixed message on a connection.
    Tcp,
}

/// What the request's TSIG was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// There was none.
    Unsigned,
    /// It verified, by the key of this name.
    Valid(Name),
    /// It did not: the TSIG error code that was answered (16 BADSIG, 17 BADKEY, 18 BADTIME, 22 BADTRUNC).
    Rejected(u16),
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// The message, its TSIG taken off.
    pub message: Message,
    /// The octets as they came, TSIG included.
    pub octets: Vec<u8>,
    /// UDP or TCP.
    pub transport: Transport,
    /// Where it came from; the port tells clients apart.
    pub source: SocketAddr,
    /// The number of the TCP connection, from 1; 0 for a datagram.
    pub connection: usize,
    /// What its TSIG was worth.
    pub signature: Signature,
}

/// # Reading an entry
impl Request {
    /// QUERY, UPDATE, NOTIFY ...
    pub fn opcode(&self) -> OpCode {
        self.message.metadata.op_code
    }

    /// The message ID.
    pub fn id(&self) -> u16 {
        self.message.metadata.id
    }

    /// The RD bit.
    pub fn recursion_desired(&self) -> bool {
        self.message.metadata.recursion_desired
    }

    /// The name asked for, or the zone of an UPDATE; the root when there is no question.
    pub fn name(&self) -> Name {
        self.message.queries.first().map_or_else(Name::root, |query| query.name().clone())
    }

    /// The type asked for; `ZERO` when there is no question.
    pub fn record_type(&self) -> RecordType {
        self.message.queries.first().map_or(RecordType::ZERO, hickory_proto::op::Query::query_type)
    }

    /// Whether it is an UPDATE.
    pub fn is_update(&self) -> bool {
        self.opcode() == OpCode::Update
    }

    /// Whether it is an UPDATE that adds something (RFC 2136 section 2.5.1: class of the zone).
    pub fn is_add(&self) -> bool {
        self.is_update() && self.message.authorities.iter().any(|record| record.dns_class == DNSClass::IN)
    }

    /// Whether it is an UPDATE that deletes something (RFC 2136 sections 2.5.2 to 2.5.4: class ANY or NONE).
    pub fn is_delete(&self) -> bool {
        let gone = |class| matches!(class, DNSClass::ANY | DNSClass::NONE);
        self.is_update() && self.message.authorities.iter().any(|record| gone(record.dns_class))
    }

    /// Whether it asks for a transfer.
    pub fn is_transfer(&self) -> bool {
        self.is_query() && matches!(self.record_type(), RecordType::AXFR | RecordType::IXFR)
    }

    /// Whether it is a query, transfers included.
    pub fn is_query(&self) -> bool {
        self.opcode() == OpCode::Query && self.message.metadata.message_type == MessageType::Query
    }

    /// Whether it carried a TSIG that verified.
    pub fn is_signed(&self) -> bool {
        matches!(self.signature, Signature::Valid(_))
    }
}
