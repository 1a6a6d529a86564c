//! One question as octets, built by hickory-proto.

use super::cookies::Cookie;
use crate::wire::{
    CLASS_CH, CLASS_IN, COOKIE, KEEPALIVE, Message, NSID, Opcode, PADDING, Question, Rcode, Rtype, Transport, WireName,
    padding_for,
};
use hickory_proto::op::{self, Edns, MessageType, OpCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{DNSClass, RecordType};

/// RFC 6891 section 6.2.5 and the flag day of 2020: a UDP payload that is not fragmented.
const UDP_PAYLOAD: u16 = 1232;

/// What to ask; recursion is not desired, because only what the server itself holds counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// QNAME.
    name: WireName,
    /// QTYPE.
    rtype: Rtype,
    /// QCLASS.
    class: u16,
    /// Whether an OPT record goes with it.
    edns: bool,
    /// The cookie in that.
    cookie: Option<Cookie>,
    /// Whether that pads the message.
    padded: bool,
    /// Whether that asks for the connection to stay.
    stays: bool,
    /// Whether the server is to ask others.
    recursion: Recursion,
}

/// Whether the server is to ask others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recursion {
    /// Only what it holds counts.
    NotDesired,
    /// It is asked as a resolver.
    #[cfg(feature = "gss-tsig")]
    Desired,
}

impl Query {
    /// Asks for this type at this name, in class IN.
    pub fn new(name: WireName, rtype: Rtype) -> Self {
        let recursion = Recursion::NotDesired;
        Self { name, rtype, class: CLASS_IN, edns: true, cookie: None, padded: false, stays: false, recursion }
    }

    /// Asks in class CH, where servers tell who they are (RFC 4892).
    #[must_use]
    pub fn chaos(mut self) -> Self {
        self.class = CLASS_CH;
        self
    }

    /// With an OPT record and this cookie in it, or without either.
    pub(super) fn edns(mut self, cookie: Option<Cookie>) -> Self {
        (self.edns, self.cookie) = (cookie.is_some(), cookie);
        self
    }

    /// As it goes to a resolver: for where something is, never for what a server holds.
    #[cfg(feature = "gss-tsig")]
    pub(super) fn of_resolver(mut self) -> Self {
        self.recursion = Recursion::Desired;
        self
    }

    /// As it goes over this transport: padded where nobody on the way can read it (RFC 7830).
    pub(super) fn over(mut self, transport: Transport) -> Self {
        self.padded = transport == Transport::Tls;
        self
    }

    /// As the first of several over a connection, which is to stay for them (RFC 7828 section 3.2.1). A connection for one
    /// question is closed after it, so nothing is asked of that.
    pub(super) fn first_of_many(mut self, is_first: bool) -> Self {
        self.stays = is_first;
        self
    }

    /// Whether it carries an OPT record.
    pub(super) fn has_edns(&self) -> bool {
        self.edns
    }

    /// Whether it asks for a SOA.
    pub(super) fn is_for_soa(&self) -> bool {
        self.rtype == Rtype::SOA
    }

    /// As octets under this ID.
    pub(super) fn to_octets(&self, id: u16) -> Result<Vec<u8>, hickory_proto::ProtoError> {
        let mut message = op::Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = self.recursion != Recursion::NotDesired;
        let mut question = op::Query::query(self.name.to_name(), RecordType::from(self.rtype.0));
        if self.class == CLASS_CH {
            question.set_query_class(DNSClass::CH);
        }
        message.add_query(question);
        if self.edns {
            let mut edns = Edns::new();
            edns.set_max_payload(UDP_PAYLOAD);
            // RFC 5001 section 2.1: the option is sent empty to ask who answers.
            edns.options_mut().insert(EdnsOption::Unknown(NSID, Vec::new()));
            if let Some(cookie) = &self.cookie {
                edns.options_mut().insert(EdnsOption::Unknown(COOKIE, cookie.as_octets().to_vec()));
            }
            if self.stays {
                edns.options_mut().insert(EdnsOption::Unknown(KEEPALIVE, Vec::new()));
            }
            message.set_edns(edns);
        }
        let octets = message.to_vec()?;
        let Some(edns) = message.edns.as_mut().filter(|_| self.padded) else { return Ok(octets) };
        edns.options_mut().insert(EdnsOption::Unknown(PADDING, padding_for(octets.len())));
        message.to_vec()
    }

    /// Whether this message is a response to this question under this ID.
    ///
    /// RFC 5452 section 9.1: "the ID, question section" and more must match. A server that cannot read a question
    /// (FORMERR, BADVERS) may leave it out; one that says that a name does or does not exist has read it. A cookie that is
    /// not ours shows that a stranger answered (RFC 7873 section 5.3).
    pub(super) fn is_answered_by(&self, message: &Message<'_>, id: u16) -> bool {
        let header = message.header();
        let [questions, ..] = header.counts;
        let asked = Question { name: self.name, rtype: self.rtype, class: self.class };
        let same_question = match message.question() {
            Some(question) => questions == 1 && *question == asked,
            None => !matches!(message.rcode(), Rcode::NOERROR | Rcode::NXDOMAIN),
        };
        let may_be_ours = self.cookie.as_ref().is_none_or(|cookie| cookie.accepts(message));
        header.id == id && header.is_response() && header.opcode() == Opcode::QUERY && same_question && may_be_ours
    }
}
