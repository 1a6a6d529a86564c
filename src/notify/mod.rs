//! NOTIFY (RFC 1996) as a hint: which one is heard, what is answered to it, and nothing about what follows from it.
//!
//! A pure function from the octets of a request to a [`Reaction`]. Whatever a NOTIFY says is "an unsecured hint" (section
//! 3.7): it may make somebody look, and it proves nothing.

#[cfg(test)]
mod tests;

use crate::tsig::{RequestMac, Signer, sign_answer, verify_request};
use crate::wire::{CLASS_IN, Message, Opcode, Question, Rcode, Rtype, Section, WireName};
use std::net::IpAddr;
use std::sync::Arc;

/// Whose NOTIFY is heard: a server of the run, and the key that it may sign with.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "an address and a key are all there is to know")]
pub struct Sender {
    /// The address that it sends from.
    pub address: IpAddr,
    /// Its key; a NOTIFY that is signed otherwise is ignored.
    pub key: Option<Arc<dyn Signer>>,
}

/// What a NOTIFY hints at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// Who sent it.
    pub from: IpAddr,
    /// The serial in it, which proves nothing (N1).
    pub serial: Option<u32>,
}

/// What is done about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "silence, a refusal, or a hint")]
pub enum Reaction {
    /// Nothing: not a NOTIFY that can be read, an answer (which must never be answered), or not signed as it must be.
    Ignored,
    /// Nothing, because no server of the run has this address (N2).
    Stranger(IpAddr),
    /// It is answered by an error: it is not about our zone.
    Answered(Vec<u8>),
    /// It is acknowledged, and somebody may look now.
    Heard {
        /// The acknowledgement.
        reply: Vec<u8>,
        /// What it hints at.
        hint: Hint,
    },
}

/// Reads a message that came to the address that listens; `now` is in seconds since 1970.
pub fn react(octets: &[u8], from: IpAddr, zone: &WireName, senders: &[Sender], now: u64) -> Reaction {
    let is_from = |sender: &&Sender| sender.address.to_canonical() == from.to_canonical();
    // N2, RFC 1996 section 3.10: from an unknown address "the NOTIFY request should be ignored". Before it is read: a
    // stranger costs as little as can be.
    let Some(sender) = senders.iter().find(is_from) else { return Reaction::Stranger(from) };
    let Ok(message) = Message::parse(octets) else { return Reaction::Ignored };
    let header = message.header();
    // Two that answer each other's answers never end (RUSTSEC-2023-0041).
    if header.is_response() || header.opcode() != Opcode::NOTIFY {
        return Reaction::Ignored;
    }
    let mac = match (message.tsig(), &sender.key) {
        (None, _) => None,
        (Some(_), None) => return Reaction::Ignored,
        (Some(_), Some(key)) => match verify_request(&**key, &message, now) {
            Ok(mac) => Some((key, mac)),
            Err(_) => return Reaction::Ignored,
        },
    };
    let [questions, ..] = header.counts;
    let rcode = match message.question() {
        Some(question) if questions == 1 => judge(question, zone),
        _ => Rcode::FORMERR,
    };
    let Some(reply) = answer(&message, rcode, mac, now) else { return Reaction::Ignored };
    match rcode {
        Rcode::NOERROR => Reaction::Heard { reply, hint: Hint { from, serial: serial(&message, zone) } },
        _ => Reaction::Answered(reply),
    }
}

/// N3: our zone's SOA alone.
fn judge(question: &Question, zone: &WireName) -> Rcode {
    match question {
        Question { rtype: Rtype::SOA, class: CLASS_IN, name } if name == zone => Rcode::NOERROR,
        Question { rtype: Rtype::SOA, class: CLASS_IN, .. } => Rcode::NOTAUTH,
        _ => Rcode::REFUSED,
    }
}

/// The serial of the SOA in the answer section, which a NOTIFY may carry (RFC 1996 section 3.7).
fn serial(message: &Message<'_>, zone: &WireName) -> Option<u32> {
    let is_apex = |owner: WireName| owner == *zone;
    let mut records = message.section(Section::Answer);
    let soa = records.find(|record| record.rtype() == Rtype::SOA && record.owner().is_ok_and(is_apex))?;
    let mut rdata = soa.rdata();
    rdata.name().ok()?;
    rdata.name().ok()?;
    rdata.u32().ok()
}

/// RFC 1996 section 4.7: the header and the question of the request, with QR, AA and nothing else; signed if that was.
fn answer(
    message: &Message<'_>,
    rcode: Rcode,
    mac: Option<(&Arc<dyn Signer>, RequestMac)>,
    now: u64,
) -> Option<Vec<u8>> {
    /// QR, opcode 4 and AA.
    const FLAGS: u16 = 0x8000 | 4 << 11 | 0x0400;
    let question = message.question().filter(|_| rcode != Rcode::FORMERR);
    let opt = message.opt();
    let counts = [u16::from(question.is_some()), 0, 0, u16::from(opt.is_some())];
    let mut reply = Vec::with_capacity(64);
    for field in [message.header().id, FLAGS | rcode.0].into_iter().chain(counts) {
        reply.extend_from_slice(&field.to_be_bytes());
    }
    if let Some(Question { name, rtype, class }) = question {
        reply.extend_from_slice(name.as_octets());
        reply.extend_from_slice(&rtype.0.to_be_bytes());
        reply.extend_from_slice(&class.to_be_bytes());
    }
    if opt.is_some() {
        // RFC 6891 section 6.1.1: an OPT record is answered by one; 1232 octets, version 0, no options.
        reply.extend_from_slice(&[0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]);
    }
    if let Some((key, mac)) = mac {
        sign_answer(&**key, &mac, &mut reply, now).ok()?;
    }
    Some(reply)
}
