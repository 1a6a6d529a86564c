//! One question as octets, built by hickory-proto.

use crate::wire::{CLASS_IN, Message, Opcode, Question, Rcode, Rtype, WireName};
use hickory_proto::op::{self, Edns, MessageType, OpCode};
use hickory_proto::rr::RecordType;

/// RFC 6891 section 6.2.5 and the flag day of 2020: a UDP payload that is not fragmented.
const UDP_PAYLOAD: u16 = 1232;

/// What to ask; recursion is never desired, because only what the server itself holds counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// QNAME.
    name: WireName,
    /// QTYPE.
    rtype: Rtype,
    /// Whether an OPT record goes with it.
    edns: bool,
}

impl Query {
    /// Asks for this type at this name, in class IN.
    pub fn new(name: WireName, rtype: Rtype) -> Self {
        Self { name, rtype, edns: true }
    }

    /// With or without an OPT record.
    pub(super) fn edns(mut self, edns: bool) -> Self {
        self.edns = edns;
        self
    }

    /// Whether it asks for a SOA.
    pub(super) fn is_for_soa(&self) -> bool {
        self.rtype == Rtype::SOA
    }

    /// As octets under this ID.
    pub(super) fn to_octets(&self, id: u16) -> Result<Vec<u8>, hickory_proto::ProtoError> {
        let mut message = op::Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = false;
        message.add_query(op::Query::query(self.name.to_name(), RecordType::from(self.rtype.0)));
        if self.edns {
            let mut edns = Edns::new();
            edns.set_max_payload(UDP_PAYLOAD);
            message.set_edns(edns);
        }
        message.to_vec()
    }

    /// Whether this message is a response to this question under this ID.
    ///
    /// RFC 5452 section 9.1: "the ID, question section" and more must match. A server that cannot read a question
    /// (FORMERR, BADVERS) may leave it out; one that says that a name does or does not exist has read it.
    pub(super) fn is_answered_by(&self, message: &Message<'_>, id: u16) -> bool {
        let header = message.header();
        let [questions, ..] = header.counts;
        let asked = Question { name: self.name, rtype: self.rtype, class: CLASS_IN };
        let same_question = match message.question() {
            Some(question) => questions == 1 && *question == asked,
            None => !matches!(message.rcode(), Rcode::NOERROR | Rcode::NXDOMAIN),
        };
        header.id == id && header.is_response() && header.opcode() == Opcode::QUERY && same_question
    }
}
