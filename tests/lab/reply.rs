//! From messages to octets: EDNS, truncation, signature, and the faults that belong there.

use hickory_proto::op::{Edns, Message, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption, NSIDPayload};

use super::fault::{Act, Messages, Step, Steps, TsigFault};
use super::log::{Request, Transport};
use super::transfer;
use super::tsig::{Key, Rejection, ReplySigner, Verified};

/// The UDP payload size that the server announces (the value of DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// RFC 1035 section 4.2.1: the size of a datagram without EDNS.
const PLAIN_UDP: usize = 512;

/// How the reply is to be signed.
pub enum Signing {
    /// Not at all.
    No,
    /// With the key and MAC of the request, every how many-th message, at this time.
    With {
        /// The key.
        key: Key,
        /// The request's MAC.
        mac: Vec<u8>,
        /// Every how many-th message.
        every: usize,
        /// Seconds since 1970.
        now: u64,
    },
    /// The request's TSIG was wrong.
    Rejected(Rejection),
}

/// # From a request
impl Signing {
    /// What the request's own signature asks for.
    pub fn answering(verified: Verified, every: usize, now: u64) -> Self {
        match verified {
            Verified::Unsigned => Self::No,
            Verified::Signed { key, mac } => Self::With { key, mac, every, now },
            Verified::Rejected(rejection) => Self::Rejected(rejection),
        }
    }
}

/// An empty reply: header and question of the request, OPT when the request had one.
pub fn template(request: &Message, nsid: Option<&[u8]>) -> Message {
    let mut reply = Message::response(request.metadata.id, request.metadata.op_code);
    reply.metadata.recursion_desired = request.metadata.recursion_desired;
    reply.metadata.checking_disabled = request.metadata.checking_disabled;
    reply.add_queries(request.queries.iter().cloned());
    if let Some(asked) = &request.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD).set_dnssec_ok(asked.flags().dnssec_ok);
        // RFC 5001 section 2.1: the identifier is given to those who ask.
        let wanted = nsid.filter(|_| asked.option(EdnsCode::NSID).is_some());
        if let Some(payload) = wanted.and_then(|octets| NSIDPayload::new(octets).ok()) {
            edns.options_mut().insert(EdnsOption::NSID(payload));
        }
        // RFC 6891 section 6.1.3: only version 0 exists.
        if asked.version() > 0 {
            reply.metadata.response_code = ResponseCode::BADVERS;
        }
        reply.set_edns(edns);
    }
    reply
}

/// Turns the messages of a reply into what goes to the socket.
pub fn steps(messages: Messages, request: &Request, signing: Signing, acts: &[Act]) -> Steps {
    let messages = acts.iter().fold(messages, spoil_messages);
    let limit = match request.transport {
        Transport::Tcp => usize::from(u16::MAX),
        Transport::Udp => request.message.edns.as_ref().map_or(PLAIN_UDP, |edns| usize::from(edns.max_payload())),
    };
    let encoded: Steps = Box::new(Signed::new(messages, signing, limit, acts).map(Step::Message));
    acts.iter().fold(encoded, spoil_steps)
}

/// Faults before the signature.
fn spoil_messages(messages: Messages, act: &Act) -> Messages {
    match act {
        Act::DoneBut(rcode) => {
            let rcode = *rcode;
            Box::new(messages.map(move |mut message| {
                message.metadata.response_code = rcode;
                message
            }))
        }
        Act::NotAuthoritative => Box::new(messages.map(|mut message| {
            message.metadata.authoritative = false;
            message
        })),
        Act::WrongId => Box::new(messages.map(|mut message| {
            message.metadata.id = !message.metadata.id;
            message
        })),
        Act::Truncate => Box::new(messages.map(|message| message.truncate())),
        Act::Messages(edit) => edit(messages),
        _ => messages,
    }
}

/// Faults after the signature.
fn spoil_steps(steps: Steps, act: &Act) -> Steps {
    match act {
        Act::LoseReply => Box::new(std::iter::empty()),
        Act::DoneThenClose => Box::new(std::iter::once(Step::Close)),
        Act::Delay(time) => Box::new(std::iter::once(Step::Pause(*time)).chain(steps)),
        Act::Hold(gate) => Box::new(std::iter::once(Step::Wait(gate.clone())).chain(steps)),
        Act::Twice => Box::new(steps.flat_map(|step| [step.clone(), step])),
        Act::Transfer(fault) => transfer::spoil_steps(steps, fault),
        Act::Steps(edit) => edit(steps),
        _ => steps,
    }
}

/// Encodes and signs, looking one message ahead: the last of a reply is always signed.
struct Signed {
    /// What is still to be sent.
    messages: std::iter::Peekable<Messages>,
    /// The signature.
    seal: Seal,
    /// Octets that one message may take.
    limit: usize,
}

/// What is put on a message at the end.
enum Seal {
    /// Nothing.
    None,
    /// A signature; the number is the room that it takes.
    Signer(Box<ReplySigner>, usize),
    /// The reason why the request's signature was refused.
    Rejection(Box<Rejection>),
}

impl Signed {
    /// Prepares the reply to one request.
    fn new(messages: Messages, signing: Signing, limit: usize, acts: &[Act]) -> Self {
        let faults = acts.iter().filter_map(|act| match act {
            Act::Tsig(fault) => Some(fault.clone()),
            _ => None,
        });
        let faults: Vec<TsigFault> = faults.collect();
        let seal = match signing {
            Signing::No => Seal::None,
            Signing::With { key, mac, every, now } => {
                let room = key.record_size();
                Seal::Signer(Box::new(ReplySigner::new(key, mac, every, now, faults)), room)
            }
            Signing::Rejected(rejection) => Seal::Rejection(Box::new(rejection)),
        };
        Self { messages: messages.peekable(), seal, limit }
    }

    /// The octets of one message, cut down to TC=1 and the question where they do not fit.
    fn encode(&self, message: &Message) -> Option<Vec<u8>> {
        let room = if let Seal::Signer(_, room) = &self.seal { *room } else { 0 };
        let whole = message.to_vec().ok();
        match whole {
            Some(octets) if octets.len() + room <= self.limit => Some(octets),
            _ => message.truncate().to_vec().ok(),
        }
    }
}

impl Iterator for Signed {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Self::Item> {
        let message = self.messages.next()?;
        let last = self.messages.peek().is_none();
        let mut octets = self.encode(&message)?;
        match &mut self.seal {
            Seal::None => {}
            Seal::Signer(signer, _) => signer.sign(&mut octets, last),
            Seal::Rejection(rejection) => rejection.attach(&mut octets),
        }
        Some(octets)
    }
}
