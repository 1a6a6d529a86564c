//! What can be wrong in a zone file, one variant for each rule, and where it was seen.
//!
//! All of it is the file's fault, or that of who wrote it: nothing that was read from such a file may be used.

use crate::present::escape_text;
use std::fmt;

/// Why a file was refused: the place, the thing, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFileError {
    /// The file as it was named by who opened it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The octet in that line, counted from 1.
    pub column: u64,
    /// The rule.
    pub kind: ZoneFileErrorKind,
    /// What stands there, made printable and cut to a few words; or what who opens files said. Empty if nothing does.
    pub detail: String,
}

impl fmt::Display for ZoneFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = escape_text(self.file.as_bytes());
        write!(f, "{file}:{}:{}: {}", self.line, self.column, self.kind)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " (at: {})", self.detail) }
    }
}

impl std::error::Error for ZoneFileError {}

/// The rules of a zone file, one variant each; what to do stands behind the semicolon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneFileErrorKind {
    /// The input ended with an error, or an included file was not opened.
    #[error("it cannot be read")]
    Unreadable,
    /// The file is not ASCII-compatible text.
    #[error("the file begins with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    /// Octets below the space, and DEL.
    #[error(r"a control character; write it as \DDD")]
    Control,
    /// A carriage return that is not followed by a line feed.
    #[error("a carriage return within a line; lines end with LF or CRLF")]
    CarriageReturn,
    /// RFC 1035 section 5.1: strings in quotes end in their line here, as in BIND.
    #[error(r#"a string that its line does not close; put a `"` behind it, and `\"` for one within"#)]
    OpenQuote,
    /// RFC 1035 section 5.1: parentheses group lines.
    #[error("a parenthesis that is never closed; the entry goes on to the end of the file")]
    OpenParenthesis,
    /// RFC 1035 section 5.1.
    #[error("a closing parenthesis without an opening one")]
    UnopenedParenthesis,
    /// Own limit.
    #[error("parentheses are nested too deeply")]
    ParenthesisDepth,
    /// Own limit, [`super::Options::entry_octets`].
    #[error("one entry or comment line is longer than the limit; a parenthesis or a quote may be open")]
    EntryTooLong,
    /// RFC 1035 section 5.1: `\DDD` or `\X`.
    #[error(r"a bad escape; after `\` comes a character that is no digit, or three digits of one octet")]
    Escape,
    /// RFC 1035 section 5.1: a blank owner is the last stated one.
    #[error("a record without an owner; there is none before it in this file")]
    NoOwner,
    /// Two dots, or one at the start.
    #[error("an empty label: a dot at the start of a name, or two in a row")]
    EmptyLabel,
    /// RFC 1035 section 2.3.4.
    #[error("a label of more than 63 octets")]
    LabelTooLong,
    /// RFC 1035 section 2.3.4, the origin of a relative name included.
    #[error("a name of more than 255 octets, with the origin behind it; is a final dot missing?")]
    NameTooLong,
    /// The class, TTL or type of a record is missing.
    #[error("a record without a type; write owner, TTL, class, type and data")]
    NoType,
    /// Not a mnemonic of the registry, TTL or class.
    #[error("not a record type; write TYPEn for one without a name (directives begin in the first column)")]
    UnknownType,
    /// RFC 6895 section 3.1: meta types and query types cannot be data.
    #[error("a meta type or query type; it cannot be data of a zone")]
    MetaType,
    /// A second TTL.
    #[error("a second TTL in one record")]
    SecondTtl,
    /// RFC 2181 section 8: 0 to 2^31 - 1.
    #[error("not a TTL; write seconds up to 2147483647, or units as in 1h30m")]
    Ttl,
    /// RFC 2308 section 4, RFC 1035 section 5.1: the value of `$TTL`, or the last one stated.
    #[error("a record without a TTL, and neither $TTL nor a TTL stands before it; write $TTL at the top")]
    NoTtl,
    /// A zone has one class, here IN.
    #[error("a class other than IN; only zones of class IN can be compared")]
    OtherClass,
    /// RFC 1035 section 5.2: the SOA is first here, as servers write it.
    #[error("a record before the SOA; the SOA is the first record of a zone")]
    BeforeSoa,
    /// RFC 1035 section 5.2: exactly one SOA, at the top.
    #[error("a second SOA; a zone has one (the output of `dig axfr` ends with the first again: remove that line)")]
    SecondSoa,
    /// The file is that of another zone, or the origin is not what was meant.
    #[error("the SOA is not at the zone's name; is this the file of that zone?")]
    OtherZone,
    /// RFC 1035 section 5.2: no data outside of the zone.
    #[error("an owner outside of the zone; is a final dot too much or an origin wrong?")]
    OutOfZone,
    /// RFC 1035 section 5.2.
    #[error("the file ends without a SOA; there is no zone in it")]
    NoSoa,
    /// No directive of that name is known.
    #[error("an unknown directive; known are $ORIGIN, $TTL, $INCLUDE and $GENERATE")]
    UnknownDirective,
    /// A directive with too few or too many parts.
    #[error("a directive with a part missing or a part too many")]
    Directive,
    /// Own limit, [`super::Options::include_depth`], and a file that includes itself.
    #[error("files that include one another, or too many levels or numbers of them")]
    IncludeLimit,
    /// `$GENERATE` and its parts.
    #[error("a bad $GENERATE; write start-stop[/step], owner, type and data, the last in quotes if it has spaces")]
    Generate,
    /// Own limit, [`super::Options::generated_records`].
    #[error("$GENERATE would make more records than the limit allows")]
    GenerateLimit,
    /// What the Windows DNS server writes.
    #[error("a part that only the Windows DNS server writes; choose the Windows dialect")]
    WindowsOnly,
    /// The age of a record, as the Windows DNS server writes it.
    #[error("a bad age; write [AGE:hours]")]
    Age,
    /// RDATA ended before its grammar.
    #[error("data is missing at the end of the record")]
    MissingData,
    /// RDATA goes on behind its grammar.
    #[error("more data than a record of this type has")]
    TooMuchData,
    /// RFC 3597 section 5.
    #[error(r"no form of this type is known; write it as \# length hexadecimal")]
    OnlyGeneric,
    /// RFC 3597 section 5.
    #[error(r"bad octets behind \#; write their number and as many in hexadecimal")]
    Generic,
    /// Octets, or parts put together, that the type does not allow.
    #[error("data that the definition of the type does not allow")]
    Rdata,
    /// RFC 1035 section 3.2.1: RDLENGTH has 16 bits.
    #[error("data of more than 65535 octets")]
    RdataTooLong,
    /// Quotes are for character strings.
    #[error("quotes around what is not a character string; write it without")]
    Quoted,
    /// A decimal number within the bounds of its field.
    #[error("not a number that fits here")]
    Number,
    /// RFC 4034 section 3.2.
    #[error("not a time; write YYYYMMDDHHmmSS or seconds since 1970")]
    Time,
    /// Four decimal numbers.
    #[error("not an IPv4 address")]
    Ipv4,
    /// RFC 4291 section 2.2.
    #[error("not an IPv6 address")]
    Ipv6,
    /// Groups or pairs of hexadecimal digits.
    #[error("not an identifier of this type; write all its digits in hexadecimal")]
    Identifier,
    /// RFC 1035 section 3.3.
    #[error("a string of more than 255 octets; divide it into several in quotes")]
    StringTooLong,
    /// RFC 8659 section 4.1.
    #[error("not a tag; write letters and digits")]
    Tag,
    /// Two digits for each octet.
    #[error("not hexadecimal; write two digits for each octet")]
    Hexadecimal,
    /// RFC 4648 section 4.
    #[error("not base64; it is cut, not padded, or holds another character")]
    Base64,
    /// RFC 4648 section 7.
    #[error("not base32 with the alphabet 0-9 A-V, unpadded")]
    Base32,
    /// RFC 1876 section 3.
    #[error("not a place; write degrees, minutes and seconds with N or S, then E or W, then metres")]
    Location,
    /// RFC 9460 section 2.1.
    #[error("not a service parameter; write key=value, each key once")]
    ServiceParameter,
    /// RFC 3123 section 5.
    #[error("not a prefix; write [!]1:192.0.2.0/24 or [!]2:2001:db8::/32")]
    Prefix,
}

/// A broken rule at an offset of the entry that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    /// Offset in the entry.
    pub(super) at: usize,
    /// How many octets are meant.
    pub(super) length: usize,
    /// The rule.
    pub(super) kind: ZoneFileErrorKind,
}

impl Fault {
    /// At the start of an entry.
    pub(super) const fn of_entry(kind: ZoneFileErrorKind) -> Self {
        Self { at: 0, length: 0, kind }
    }
}

impl ZoneFileError {
    /// The error for a fault in an entry that begins in that line of that file.
    pub(super) fn new(file: &str, first_line: u64, entry: &[u8], fault: Fault) -> Self {
        let near = entry.get(fault.at..).unwrap_or_default();
        let detail = shortened(near.get(..fault.length).unwrap_or(near));
        let before = entry.get(..fault.at).unwrap_or(entry);
        let count = |octets: usize| u64::try_from(octets).unwrap_or(u64::MAX);
        let lines = count(before.split(|octet| *octet == b'\n').skip(1).count());
        let in_line = count(before.iter().rev().take_while(|octet| **octet != b'\n').count());
        let (line, column) = (first_line.saturating_add(lines), in_line.saturating_add(1));
        Self { file: file.to_owned(), line, column, kind: fault.kind, detail }
    }
}

/// The first octets of a text, made printable.
pub(super) fn shortened(text: &[u8]) -> String {
    /// As much as a line of a terminal has room for, next to the message.
    const OCTETS: usize = 60;
    match text.split_at_checked(OCTETS) {
        Some((start, rest)) if !rest.is_empty() => format!("{}...", escape_text(start)),
        _ => escape_text(text).to_string(),
    }
}

/// Why reading an entry stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The input goes on, and the entry may.
    Incomplete,
    /// A rule is broken.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
