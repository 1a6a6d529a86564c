//! What an answer says besides what was asked: who gave it, of which version of the zone, and why it is not another.
//!
//! Nothing in an aside decides anything: identifiers and extended errors are what a server likes to say. They explain.

use crate::present::{self, escape_text};
use crate::wire::{Message, Opt, RecordView, Rtype, Section, Transport, WireName};
use std::fmt::Write;

/// Octets of an identifier that are kept.
const MAX_IDENTITY: usize = 64;
/// Extended errors of one answer that are kept.
const MAX_ERRORS: usize = 3;

/// What an answer says besides what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aside {
    /// The server's identifier (NSID), escaped.
    pub node: Option<String>,
    /// How the answer came; none if there was no answer.
    pub transport: Option<Transport>,
    /// The serial of the zone that denied the name, from the SOA beside the denial.
    pub serial: Option<u32>,
    /// MNAME of the SOA that was asked for: the zone's primary, as it says.
    pub primary: Option<String>,
    /// The TTL of the first record that the answer is about: that of the answer, or of that SOA.
    pub ttl: Option<u32>,
    /// Extended errors in words, escaped.
    pub extended_errors: Vec<String>,
    /// Whether it carries an OPT record: its server knows what options are.
    pub has_edns: bool,
}

impl Aside {
    /// Reads it from an answer about this zone that came in this way.
    pub fn read(message: &Message<'_>, zone: &WireName, transport: Transport) -> Self {
        let nsid = message.opt().and_then(Opt::nsid);
        let errors = message.opt().into_iter().flat_map(Opt::extended_errors);
        let soa = message
            .section(Section::Authority)
            .find(|record| record.rtype() == Rtype::SOA && record.owner().is_ok_and(|owner| owner == *zone));
        let answer = message.section(Section::Answer).next();
        let primary =
            answer.filter(|record| record.rtype() == Rtype::SOA).and_then(|record| record.rdata().name().ok());
        Self {
            node: nsid.map(identity),
            transport: Some(transport),
            serial: soa.and_then(|record| super::soa::read(record).ok()).map(|(_, soa)| soa.serial),
            primary: primary.map(|primary| present::name(&primary).to_string()),
            ttl: answer.or(soa).map(RecordView::ttl),
            extended_errors: errors.take(MAX_ERRORS).map(|error| error.to_string()).collect(),
            has_edns: message.opt().is_some(),
        }
    }
}

/// An identifier for people: text as text, anything else in hexadecimal (RFC 5001 section 2.4), and not without end.
pub(super) fn identity(octets: &[u8]) -> String {
    let kept = octets.get(..MAX_IDENTITY).unwrap_or(octets);
    let mut text = if kept.iter().all(|octet| (b' '..=b'~').contains(octet)) {
        escape_text(kept).to_string()
    } else {
        kept.iter().fold("0x".to_owned(), |mut text, octet| {
            // A String takes whatever is written to it.
            let _ = write!(text, "{octet:02x}");
            text
        })
    };
    if octets.len() > kept.len() {
        text.push_str("...");
    }
    text
}
