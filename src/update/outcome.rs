//! What a reply to an update says about the zone: changed, not changed, or unknown.

use crate::present::one_line;
use crate::wire::{CLASS_IN, Message, Opcode, Question, Rcode, Rtype, WireName};
use std::fmt;

/// What is known about the zone after an update was sent, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three answers of U9, and the one case in which nothing left this host"
)]
pub enum Outcome {
    /// NOERROR. The zone should have changed; U6: only reading it back proves it.
    Applied,
    /// The server answered that it did not do it.
    Refused {
        /// Its response code.
        rcode: Rcode,
    },
    /// Nothing was sent: no connection.
    NotSent {
        /// What went wrong, with address and port.
        why: String,
    },
    /// Perhaps applied: the zone has to be read.
    Unknown(Uncertainty),
}

/// Why nobody knows whether an update was applied (U9).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Uncertainty {
    /// A response code after which the update may have been applied all the same.
    Rcode(Rcode),
    /// No reply within the time given.
    TimedOut,
    /// The connection ended after the request went out.
    Lost(String),
    /// The reply is not signed as it must be.
    BadSignature(String),
    /// The reply has another ID or zone, is no response, or is no response to an update.
    NotOurs,
    /// The reply is malformed.
    Malformed(String),
}

impl Outcome {
    /// Reads a reply to an update of `zone` sent with this ID, whose signature, if one is due, has been verified.
    ///
    /// RFC 2136 section 3.8 lets a reply repeat the sections of the request or leave them out: a zone that it names must
    /// be ours.
    pub fn of_reply(reply: &Message<'_>, id: u16, zone: &WireName) -> Self {
        let header = reply.header();
        let [zones, ..] = header.counts;
        let asked = Question { name: *zone, rtype: Rtype::SOA, class: CLASS_IN };
        let is_about_ours = zones == 0 || (zones == 1 && reply.question() == Some(&asked));
        if header.id != id || !header.is_response() || header.opcode() != Opcode::UPDATE || !is_about_ours {
            return Self::Unknown(Uncertainty::NotOurs);
        }
        match reply.rcode() {
            Rcode::NOERROR => Self::Applied,
            // RFC 2136 section 3.5: SERVFAIL also when the change could not be made permanent, or was forwarded and
            // not answered. Section 7.8: YXDOMAIN may report our own success, if something on the way tried twice.
            rcode @ (Rcode::SERVFAIL | Rcode::YXDOMAIN | Rcode::YXRRSET) => Self::Unknown(Uncertainty::Rcode(rcode)),
            rcode if is_defined_refusal(rcode) => Self::Refused { rcode },
            rcode => Self::Unknown(Uncertainty::Rcode(rcode)),
        }
    }
}

/// The codes by which RFC 2136 section 3 and RFC 8945 section 5.2 end the processing before anything is changed.
fn is_defined_refusal(rcode: Rcode) -> bool {
    matches!(
        rcode,
        Rcode::FORMERR
            | Rcode::NXDOMAIN
            | Rcode::NOTIMP
            | Rcode::REFUSED
            | Rcode::NXRRSET
            | Rcode::NOTAUTH
            | Rcode::NOTZONE
    )
}

/// What a response code to an update means to a person, and what to do (U12).
pub fn explain(rcode: Rcode) -> &'static str {
    match rcode {
        Rcode::NOERROR => "the server accepted the update",
        Rcode::FORMERR => "the server could not read the update",
        Rcode::SERVFAIL => "internal failure or forwarding timeout at the server; the update may have been applied",
        Rcode::NXDOMAIN => "a name that the update requires does not exist",
        Rcode::NOTIMP => {
            "the server does not do dynamic update; watch a change that you make by hand (`--observe`), or use `diff`; neither writes"
        }
        Rcode::REFUSED => {
            "the server's policy: this key or address may not update this name or type; sign with Kerberos (-g) where Active Directory wants that"
        }
        Rcode::YXDOMAIN | Rcode::YXRRSET => {
            "the probe's name is in use: another run, or a leftover; `sweep` lists them"
        }
        Rcode::NXRRSET => "the record has changed or is already gone",
        Rcode::NOTAUTH => {
            "the server is not authoritative or not primary for the zone, or does not accept the TSIG key, time or MAC"
        }
        Rcode::NOTZONE => "the probe's name is not in the zone that the server took",
        _ => "a response code that no standard defines for updates; the update may have been applied",
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied => f.write_str("NOERROR: the server accepted the update"),
            Self::Refused { rcode } => write!(f, "{rcode}: {}", explain(*rcode)),
            Self::NotSent { why } => write!(f, "nothing was sent: {}", one_line(why)),
            Self::Unknown(why) => write!(f, "{why}"),
        }
    }
}

impl fmt::Display for Uncertainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rcode(rcode) => write!(f, "{rcode}: {}", explain(*rcode)),
            Self::TimedOut => f.write_str("no reply to the update in time; it may have been applied"),
            Self::Lost(why) => {
                write!(
                    f,
                    "the connection ended before a reply came ({}); the update may have been applied",
                    one_line(why)
                )
            }
            Self::BadSignature(why) => {
                write!(
                    f,
                    "the reply to the update cannot be trusted ({}); the update may have been applied",
                    one_line(why)
                )
            }
            Self::NotOurs => f.write_str("the reply does not belong to the update, which may have been applied"),
            Self::Malformed(why) => {
                write!(f, "the reply to the update is malformed ({}); the update may have been applied", one_line(why))
            }
        }
    }
}
