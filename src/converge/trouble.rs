//! Why an exchange gave no answer that could be used: one variant per reason, shared by all questions.

use crate::present::{self, one_line};
use crate::report::AnswerKind;
use crate::wire::{CLASS_IN, Message, Opcode, Question, Rcode, Rtype, Section, WireError, WireName};
use std::fmt;

/// Why nothing can be concluded from an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing came, or no connection: the reason with its transport, for people (R6).
    NoAnswer(String),
    /// Nothing can be signed for this server (section G): the reason, for people.
    CannotSign(String),
    /// The answer is not signed as it must be (section T).
    Distrusted(String),
    /// The message breaks a rule of the wire format.
    Malformed(WireError),
    /// Not an answer to our question: ID, QR, opcode or question differ.
    NotOurs,
    /// TC=1: half an answer, which is no answer (P8).
    Truncated,
    /// A response code other than NOERROR and NXDOMAIN.
    Rcode(Rcode),
    /// Another zone begins between the zone and the name; its name as text (P5).
    Cut(String),
    /// AA=0: this server is not an authority for the zone (P3).
    NotAuthoritative {
        /// RA=1: it is a resolver or a cache.
        resolver: bool,
    },
}

impl Trouble {
    /// The same in a word, for the evidence of the report.
    pub(super) fn kind(&self) -> AnswerKind {
        match self {
            Self::NoAnswer(_) => AnswerKind::Silence,
            Self::CannotSign(_) | Self::Distrusted(_) | Self::Malformed(_) | Self::NotOurs | Self::Truncated => {
                AnswerKind::Unusable
            }
            Self::Rcode(Rcode::SERVFAIL) => AnswerKind::Failure,
            Self::Rcode(Rcode::REFUSED) => AnswerKind::Refusal,
            Self::Rcode(Rcode::NOTAUTH) | Self::NotAuthoritative { resolver: false } => AnswerKind::NoAuthority,
            Self::Rcode(_) => AnswerKind::OtherCode,
            Self::Cut(_) => AnswerKind::Hidden,
            Self::NotAuthoritative { resolver: true } => AnswerKind::Resolver,
        }
    }
}

/// Whether a message answers this question with authority, NOERROR or NXDOMAIN.
pub(super) fn answers(message: &Message<'_>, id: u16, question: &Question, zone: &WireName) -> Result<(), Trouble> {
    let header = message.header();
    // RFC 4343 section 3: names are equal without regard to case; servers and middleboxes change it (P12).
    let [questions, ..] = header.counts;
    if header.id != id || !header.is_response() || header.opcode() != Opcode::QUERY {
        return Err(Trouble::NotOurs);
    }
    match message.rcode() {
        // RFC 1035 section 4.1.1: a server that could not read the query may have no question to repeat.
        rcode if questions == 0 && !matches!(rcode, Rcode::NOERROR | Rcode::NXDOMAIN) => {
            return Err(Trouble::Rcode(rcode));
        }
        _ if questions != 1 || message.question() != Some(question) || question.class != CLASS_IN => {
            return Err(Trouble::NotOurs);
        }
        _ if header.is_truncated() => return Err(Trouble::Truncated),
        Rcode::NOERROR | Rcode::NXDOMAIN => {}
        rcode => return Err(Trouble::Rcode(rcode)),
    }
    if header.is_authoritative() { Ok(()) } else { Err(without_authority(message, zone)) }
}

/// AA=0: a referral to a zone below ours, or a server that has no authority here.
fn without_authority(message: &Message<'_>, zone: &WireName) -> Trouble {
    let cut = message.section(Section::Authority).filter(|record| record.rtype() == Rtype::NS).find_map(|record| {
        let owner = record.owner().ok()?;
        (owner != *zone && owner.is_at_or_below(zone)).then(|| present::name(&owner).to_string())
    });
    match cut {
        Some(owner) if message.section(Section::Answer).next().is_none() => Trouble::Cut(owner),
        _ => Trouble::NotAuthoritative { resolver: message.header().recursion_available() },
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(why) => write!(f, "no answer: {}", one_line(why)),
            Self::CannotSign(why) => write!(f, "{}", one_line(why)),
            Self::Distrusted(why) => write!(f, "an answer that cannot be trusted: {}", one_line(why)),
            Self::Malformed(error) => error.fmt(f),
            Self::NotOurs => f.write_str("a message that is not the answer to the question"),
            Self::Truncated => f.write_str("a truncated answer, also over TCP"),
            Self::Rcode(rcode @ Rcode::SERVFAIL) => {
                write!(f, "{rcode}: the zone has expired or could not be loaded there")
            }
            Self::Rcode(rcode @ Rcode::REFUSED) => {
                write!(f, "{rcode}: the zone is not configured there, or not for this address or key")
            }
            Self::Rcode(rcode @ Rcode::NOTAUTH) => {
                write!(f, "{rcode}: the server has no authority for the zone, or does not accept the TSIG key")
            }
            Self::Rcode(rcode) => write!(f, "response code {rcode}"),
            Self::Cut(child) => write!(f, "another zone begins between the zone and the name: {child}"),
            Self::NotAuthoritative { resolver: true } => {
                f.write_str("no authority (AA=0, RA=1): this is a resolver or cache, not an authoritative server")
            }
            Self::NotAuthoritative { resolver: false } => {
                f.write_str("no authority (AA=0): the server does not hold the zone")
            }
        }
    }
}
