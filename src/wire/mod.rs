//! The one strict walk over untrusted octets: DNS messages as borrowed views.
//!
//! Everything that arrives from a server is read here and nowhere else. A message is either taken apart completely
//! (counts, names, RDATA, nothing left over) or refused with a [`WireError`] that names the rule and the octet.
//!
//! It does not decode records into owned values, does not build messages (hickory-proto does) and does not know what a
//! transfer, a signature or a zone is.

pub(crate) mod case;
mod cursor;
mod edns;
mod lane;
mod message;
mod name;
mod names;
mod rdata;
mod record;
mod rtype;
#[cfg(test)]
pub(crate) mod tests;
mod transport;

pub use self::cursor::Cursor;
pub(crate) use self::edns::padding_for;
pub use self::edns::{COOKIE, EXTENDED_ERROR, ExtendedError, KEEPALIVE, NSID, PADDING, UPDATE_LEASE};
pub use self::message::{Header, Message, Opcode, Opt, Question, Rcode, Section};
pub(crate) use self::name::is_at_or_below;
pub use self::name::{Labels, MAX_LABEL, MAX_NAME, WireName};
pub(crate) use self::names::Names;
#[cfg(test)]
pub(crate) use self::rdata::grammars;
pub(crate) use self::rdata::{
    A6, AplItem, AtmaForm, Field, Folding, Gateway, Grammar, Hip, Location, NameRule, SvcParam, check, folding,
    grammar, rtype_of_mnemonic, set_bits, skip_field, types,
};
pub use self::record::RecordView;
pub use self::rtype::Rtype;
pub use self::transport::Transport;

/// The class IN (RFC 1035 section 3.2.4), the only one that a zone here may have.
pub const CLASS_IN: u16 = 1;
/// The class CH (RFC 1035 section 3.2.4), in which servers tell who they are.
pub const CLASS_CH: u16 = 3;
/// The class NONE of RFC 2136 section 1.3, as used by updates.
pub const CLASS_NONE: u16 = 254;
/// The class ANY (RFC 1035 section 3.2.5), as used by updates and TSIG.
pub const CLASS_ANY: u16 = 255;

/// Why a message was refused, and the octet at which that was seen.
///
/// It is the peer's fault (or that of something in between): nothing that was read from such a message may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed message at octet {at}{}: {kind}", describe_record(*.record))]
pub struct WireError {
    /// Octets from the start of the message (of the first octet that breaks the rule, or the next one wanted).
    pub at: usize,
    /// The rule that was broken.
    pub kind: WireErrorKind,
    /// The type of the record in whose RDATA that was.
    pub record: Option<Rtype>,
}

impl WireError {
    /// An error of this kind at this octet.
    pub(crate) const fn new(at: usize, kind: WireErrorKind) -> Self {
        Self { at, kind, record: None }
    }

    /// The same in the RDATA of a record of this type.
    pub(crate) const fn in_record(self, rtype: Rtype) -> Self {
        Self { record: Some(rtype), ..self }
    }
}

/// Says where to look: the octet alone means little to whoever runs the server.
fn describe_record(record: Option<Rtype>) -> String {
    record.map(|rtype| format!(", in a record of type {}", crate::present::rtype(rtype))).unwrap_or_default()
}

/// The rules of the walk, one variant each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireErrorKind {
    /// RFC 1035 section 4.1.1: a header has 12 octets.
    #[error("the message is shorter than its header")]
    ShortHeader,
    /// A field ends after the message (or after the RDATA that holds it).
    #[error("it ends in the middle of a field")]
    UnexpectedEnd,
    /// RFC 1035 section 4.1.1: the counts in the header say how many entries follow.
    #[error("octets are left over after the last record that the header counts")]
    TrailingOctets,
    /// RFC 1035 section 2.3.4: names are limited to 255 octets.
    #[error("a name is longer than 255 octets")]
    NameTooLong,
    /// RFC 1035 section 4.1.4, RFC 6891 section 5: only the label types 00 and 11 are in use.
    #[error("a label type that is not in use")]
    LabelType,
    /// RFC 1035 section 4.1.4: a pointer is to a *prior* occurrence of a name.
    #[error("a compression pointer that does not point backwards to a name")]
    Pointer,
    /// Own limit: the pointers followed in one message are bounded by four times its length.
    #[error("more compression pointers than a message of this length can need")]
    TooManyPointers,
    /// RFC 3597 section 4, RFC 6672 section 2.5 and others: this RDATA must not be compressed.
    #[error("a compression pointer in the RDATA of a type that must not be compressed")]
    CompressedRdata,
    /// RFC 1035 section 3.2.1: RDLENGTH is the length of the RDATA, no more and no less.
    #[error("RDATA that is shorter or longer than the grammar of its type")]
    RdataLength,
    /// RFC 1035 section 3.2.1: RDLENGTH has 16 bits, for RDATA with expanded names too.
    #[error("RDATA of more than 65535 octets once its names are expanded")]
    RdataTooLong,
    /// RDATA of a known type that its definition does not allow.
    #[error("RDATA that the definition of its type does not allow")]
    RdataGrammar,
    /// RFC 6891 section 6.1.1: one OPT, in the additional section, owned by the root.
    #[error("an OPT record that is misplaced, repeated or not owned by the root")]
    MisplacedOpt,
    /// RFC 8945 section 5.1: the TSIG record is the last one of the additional section, and only one.
    #[error("a TSIG record that is repeated or not the last of the message")]
    MisplacedTsig,
    /// RFC 6895 section 3.1: a meta type or query type cannot be data.
    #[error("a meta type where only data can stand")]
    MetaType,
}
