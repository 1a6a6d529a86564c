//! What a response code means to the person who asked for a transfer, with what the server adds (RFC 8914).
//!
//! The codes of updates mean other things: those are in `update`.

use crate::present::escape_text;
use crate::wire::{Message, Rcode};
use std::fmt;

/// An answer with a response code other than NOERROR.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The whole code, upper bits from OPT.
    pub rcode: Rcode,
    /// Whether good messages had come before it.
    pub late: bool,
    /// What the server adds, at most [`Refusal::MAX_EXTENDED`].
    pub extended: Vec<ExtendedError>,
}

/// One extended DNS error (RFC 8914 section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtendedError {
    /// INFO-CODE.
    pub code: u16,
    /// EXTRA-TEXT, escaped by [`escape_text`], so that it can stand in quotes; cut at [`ExtendedError::MAX_TEXT`] octets.
    pub text: String,
}

impl Refusal {
    /// How many extended errors of one answer are kept: more cannot help a reader.
    pub const MAX_EXTENDED: usize = 4;
    /// RFC 8914 section 2: the code of the option.
    const EDE: u16 = 15;

    /// What the message says; `late` as in the field.
    pub fn read(message: &Message<'_>, late: bool) -> Self {
        let options = message.opt().map(|opt| opt.options().filter(|(code, _)| *code == Self::EDE));
        let extended = options.into_iter().flatten().filter_map(|(_, octets)| ExtendedError::read(octets));
        Self { rcode: message.rcode(), late, extended: extended.take(Self::MAX_EXTENDED).collect() }
    }

    /// Whether the code can mean that the server does not know OPT.
    pub(super) fn is_edns_rejected(&self) -> bool {
        matches!(self.rcode, Rcode::FORMERR | Rcode::NOTIMP | Rcode::BADVERS)
    }

    /// Whether the server may answer otherwise in a while.
    pub(super) fn is_temporary(&self) -> bool {
        self.rcode == Rcode::SERVFAIL
    }

    /// What the code means, and what to do.
    fn meaning(&self) -> &'static str {
        match self.rcode {
            Rcode::FORMERR => "the server could not read the query",
            Rcode::SERVFAIL => {
                "the zone is expired or not loaded there, or too many transfers run at once: try again later"
            }
            Rcode::NXDOMAIN => "there is no such zone on the server: check the zone's name",
            Rcode::NOTIMP => "the server does not do zone transfers",
            Rcode::REFUSED => "transfer not allowed from this address or with this key: allow it on the server",
            Rcode::NOTAUTH => {
                "the server is not authoritative for the zone, or it rejects the signature: check zone and key there"
            }
            Rcode::BADVERS => "the server does not know our version of EDNS",
            Rcode::BADCOOKIE => "the server wants a DNS cookie, which transfers do not carry",
            _ => "the server ended the transfer with an error",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rcode, self.meaning())?;
        if self.late {
            write!(f, "; it said so after the transfer had begun, what came before is dropped")?;
        }
        self.extended.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

impl ExtendedError {
    /// RFC 8914 section 4.22, Not Supported: "The requested operation or query is not supported."
    pub const NOT_SUPPORTED: u16 = 21;
    /// Octets of EXTRA-TEXT that are kept; longer text is marked as cut.
    pub const MAX_TEXT: usize = 200;

    /// From the option's octets; `None` if they hold no code.
    fn read(octets: &[u8]) -> Option<Self> {
        let (code, text) = octets.split_first_chunk::<2>()?;
        let shown = text.get(..Self::MAX_TEXT).unwrap_or(text);
        let mut escaped = escape_text(shown).to_string();
        if shown.len() < text.len() {
            escaped.push_str("...");
        }
        Some(Self { code: u16::from_be_bytes(*code), text: escaped })
    }

    /// The registry's words for the codes that answer a transfer.
    fn meaning(&self) -> &'static str {
        match self.code {
            0 => "other error",
            14 => "not ready",
            15 => "blocked",
            18 => "prohibited",
            20 => "not authoritative",
            21 => "not supported",
            23 => "network error",
            24 => "invalid data",
            _ => "see RFC 8914",
        }
    }
}

impl fmt::Display for ExtendedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server adds: EDE {} ({})", self.code, self.meaning())?;
        if self.text.is_empty() { Ok(()) } else { write!(f, " \"{}\"", self.text) }
    }
}
