//! What can go wrong with a signature or a key, each in the words that a person will read.
//!
//! None of these carries a secret, nor any text from a key file that could be one.

use super::OddSignature;
use super::text::{AlgorithmName, Skew};
use crate::present;
use crate::wire::{Rcode, WireError, WireName};

/// Why a reply is not to be believed, or what a server said about our signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TsigError {
    /// RFC 8945 section 5.4: the answer to a signed request is signed.
    #[error(
        "the reply ({rcode}) carries no TSIG although the request did: it may be forged, or the server does not do TSIG"
    )]
    Missing {
        /// What the reply said, for what it is worth.
        rcode: Rcode,
    },
    /// RFC 8945 section 5.4: the answer to an unsigned request is not.
    #[error("the reply carries a TSIG although the request did not: nobody can verify it")]
    Unrequested,
    /// RFC 8945 section 4.2: the grammar of the record.
    #[error("the TSIG record of the reply cannot be read")]
    Malformed(#[from] WireError),
    /// RFC 8945 section 4.2: class ANY, TTL 0.
    #[error("the TSIG record of the reply has class {class} and TTL {ttl}, not class ANY and TTL 0")]
    ClassOrTtl {
        /// The class as sent.
        class: u16,
        /// The TTL as sent.
        ttl: u32,
    },
    /// RFC 8945 section 5.4.1: the key of the reply is that of the request.
    #[error(
        "the reply is signed with key {}, not with key {} as the request",
        present::name(found),
        present::name(wanted)
    )]
    OtherKey {
        /// Our key.
        wanted: Box<WireName>,
        /// The reply's.
        found: Box<WireName>,
    },
    /// RFC 8945 section 5.4.1: so is its algorithm.
    #[error("the reply is signed with {}, not with {} as the request", AlgorithmName(found), AlgorithmName(wanted))]
    OtherAlgorithm {
        /// Our algorithm.
        wanted: Box<WireName>,
        /// The reply's.
        found: Box<WireName>,
    },
    /// The MAC is wrong, or of a wrong length.
    #[error(transparent)]
    Mac(#[from] MacError),
    /// G5: some servers answer updates so, and have carried them out.
    #[error("{0}")]
    Odd(OddSignature),
    /// RFC 8945 section 5.2.3: the time is within the fudge.
    #[error("the reply was signed at {}, {} our clock; {allowed} s are allowed: set both clocks", present::utc(*signed), Skew(*skew))]
    Time {
        /// When it was signed, in seconds since 1970.
        signed: u64,
        /// How far that is ahead of our clock, in seconds.
        skew: i64,
        /// What the message's fudge and ours allow.
        allowed: u16,
    },
    /// RFC 8945 section 5.3.1: later messages are not signed at an earlier time.
    #[error("a message was signed {seconds} s earlier than the message before it: perhaps a replay")]
    TimeWentBack {
        /// By how much.
        seconds: u64,
    },
    /// RFC 8945 section 5.2.2: the server found our MAC wrong.
    #[error("BADSIG: the server cannot verify our signature; its secret for key {} differs from ours{}", present::name(key), hint(*authenticated))]
    BadSig {
        /// Our key.
        key: Box<WireName>,
        /// Whether the reply was signed.
        authenticated: bool,
    },
    /// RFC 8945 section 5.2.1: the server does not know our key.
    #[error("BADKEY: the server does not know key {} with {}{}", present::name(key), AlgorithmName(algorithm), hint(*authenticated))]
    BadKey {
        /// Our key.
        key: Box<WireName>,
        /// Its algorithm.
        algorithm: Box<WireName>,
        /// Whether the reply was signed.
        authenticated: bool,
    },
    /// RFC 8945 section 5.2.3: the server's clock differs from ours by more than the fudge.
    #[error("BADTIME: {}: set both clocks{}", server_clock(*server_time, *skew), hint(*authenticated))]
    BadTime {
        /// The server's time in seconds since 1970, if it said.
        server_time: Option<u64>,
        /// How far that is ahead of our clock, in seconds.
        skew: Option<i64>,
        /// Whether the reply was signed.
        authenticated: bool,
    },
    /// RFC 8945 section 5.2.4: our MAC is too short for the server's policy.
    #[error("BADTRUNC: the server wants a longer MAC; use {} without truncation{}", AlgorithmName(algorithm), hint(*authenticated))]
    BadTrunc {
        /// The name of our algorithm.
        algorithm: Box<WireName>,
        /// Whether the reply was signed.
        authenticated: bool,
    },
    /// An error code that RFC 8945 does not define for replies.
    #[error("the server reports TSIG error {code}{}", hint(*authenticated))]
    OtherError {
        /// The code.
        code: u16,
        /// Whether the reply was signed.
        authenticated: bool,
    },
    /// RFC 8945 section 5.3.1: 99 messages in a row may be unsigned.
    #[error("100 messages in a row carry no TSIG; a server has to sign at least every hundredth")]
    TooManyUnsigned,
    /// Our own option, stricter than RFC 8945.
    #[error("a message carries no TSIG, and every message was asked to")]
    NotEveryMessage,
    /// RFC 8945 section 5.3.1: the last message is signed.
    #[error("the last message carries no TSIG: nothing vouches for the last {messages} message(s)")]
    LastUnsigned {
        /// Unsigned messages at the end.
        messages: u32,
    },
    /// A sequence ended before it began.
    #[error("the answer ended before its first message")]
    NoMessage,
    /// The caller went on after an error.
    #[error("an earlier message of this answer failed verification")]
    AfterFailure,
}

impl TsigError {
    /// Whether the message that caused this is certainly the server's own and answers this request.
    ///
    /// If not, a stranger may have sent it: over UDP keep waiting for a better reply, and at the time-out show the error
    /// as an unauthenticated hint (RFC 8945 section 5.4).
    pub fn is_authenticated(&self) -> bool {
        match self {
            Self::Time { .. } | Self::TimeWentBack { .. } | Self::Mac(MacError::Truncated { .. }) => true,
            Self::BadSig { authenticated, .. }
            | Self::BadKey { authenticated, .. }
            | Self::BadTime { authenticated, .. }
            | Self::BadTrunc { authenticated, .. }
            | Self::OtherError { authenticated, .. } => *authenticated,
            _ => false,
        }
    }
}

/// The remark behind what an unsigned reply says.
fn hint(authenticated: bool) -> &'static str {
    if authenticated { "" } else { " (an unauthenticated hint: the reply is not signed)" }
}

/// The server's clock against ours, as far as the server said.
fn server_clock(server_time: Option<u64>, skew: Option<i64>) -> String {
    match (server_time, skew) {
        (Some(time), Some(skew)) => format!("the server's clock says {}, {} ours", present::utc(time), Skew(skew)),
        _ => "the server's clock differs from ours, it does not say by how much".to_owned(),
    }
}

/// Why a MAC was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MacError {
    /// It is not the MAC of this message with this secret.
    #[error(
        "the signature of the reply is wrong: the server's secret differs from ours, or the reply was altered or answers another request"
    )]
    Mismatch,
    /// RFC 8945 section 5.2.2.1: no MAC is longer than the output of its hash.
    #[error("the MAC of the reply has {octets} octets, more than the {full} of its algorithm")]
    TooLong {
        /// Its length.
        octets: usize,
        /// The length of a whole one.
        full: usize,
    },
    /// RFC 8945 section 5.2.2.1: no MAC is shorter than 10 octets or half of the output.
    #[error("the MAC of the reply has {octets} octets, fewer than the {least} that its algorithm allows")]
    TooShort {
        /// Its length.
        octets: usize,
        /// The least length.
        least: usize,
    },
    /// RFC 8945 section 5.2.4: right, but shorter than our policy.
    #[error(
        "the server truncates its MAC to {octets} octets where the key's algorithm has {wanted}; \
         if that is meant, name the truncated form in the key (as hmac-sha256-128)"
    )]
    Truncated {
        /// Its length.
        octets: usize,
        /// What the key's algorithm wants.
        wanted: usize,
    },
}

/// Why a message cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// There is no whole header.
    #[error("what should be signed is not a DNS message")]
    NotAMessage,
    /// RFC 1035 section 4.2.2: a message has at most 65,535 octets.
    #[error("the message is too long to add a TSIG record")]
    TooLong,
    /// ARCOUNT has 16 bits.
    #[error("the message has too many additional records to add a TSIG record")]
    TooManyRecords,
    /// RFC 8945 section 4.2: the time has 48 bits.
    #[error("the time does not fit into the 48 bits of a TSIG record: set the clock")]
    Time,
}

/// Why a key cannot be used. What was given is not repeated: it may be the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The shape of `-y`.
    #[error("a key is written [algorithm:]name:secret, the secret in base64")]
    Form,
    /// The name is no domain name.
    #[error("the key's name is not a domain name")]
    Name,
    /// RFC 8945 section 6 does not have it.
    #[error(
        "the algorithm is not known: use hmac-sha256 (or -sha1, -sha224, -sha384, -sha512; truncated as hmac-sha256-128)"
    )]
    UnknownAlgorithm,
    /// RFC 8945 section 6: MUST NOT be used.
    #[error(
        "hmac-md5 is broken and must not be used (RFC 8945 section 6): make a new key, as with tsig-keygen, or allow weak keys"
    )]
    Md5,
    /// RFC 8945 section 6: NOT RECOMMENDED.
    #[error(
        "hmac-sha1 rests on a broken hash and is not recommended (RFC 8945 section 6): make a new key, as with tsig-keygen, \
         or allow weak keys"
    )]
    Sha1,
    /// RFC 8945 section 5.2.2.1: the bounds of truncation.
    #[error("this algorithm can be truncated to between {least} and {most} bits, a multiple of 8")]
    Truncation {
        /// The least number of bits.
        least: usize,
        /// All of them.
        most: usize,
    },
    /// The secret is not base64.
    #[error("the secret is not valid base64: copy it again, whole, with its final = signs")]
    Base64,
    /// No secret at all.
    #[error("the secret is empty")]
    EmptySecret,
}

/// Why a key file cannot be used, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct KeyFileError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: KeyFileErrorKind,
}

/// What is wrong in a key file; the text itself is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileErrorKind {
    /// A part of a key is wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// None of the forms that are read.
    #[error(
        "this is no key file: wanted a BIND key statement (as tsig-keygen writes), \
         one line [algorithm:]name:secret, or a K*.private file"
    )]
    Unrecognised,
    /// The grammar of BIND's key statement.
    #[error("wanted {0}")]
    Wanted(&'static str),
    /// A string, comment or block that goes on to the end of the file.
    #[error("the {0} that starts here does not end")]
    Unterminated(&'static str),
    /// An option twice, or two keys of one name.
    #[error("{0} twice")]
    Twice(&'static str),
    /// A key statement without one of its two options.
    #[error("this key has no {0}")]
    Lacks(&'static str),
    /// A `K*.private` file whose name is not known or not in the usual form.
    #[error("the key's name is in the name of a K*.private file: keep the name Kname.+algorithm+tag.private")]
    FileName,
    /// No key of the wanted name.
    #[error("no key {wanted} here; there is: {present}")]
    NotFound {
        /// The name that was asked for, escaped.
        wanted: String,
        /// The names that are there, escaped.
        present: String,
    },
    /// Several keys, and nobody said which.
    #[error("several keys here, name one of them: {present}")]
    Several {
        /// The names that are there, escaped.
        present: String,
    },
}
