//! What a server can do wrong in a transfer: one variant a rule, in the words that a person will read.

use super::Refusal;
use crate::present;
use crate::serial::Serial;
use crate::tsig::TsigError;
use crate::wire::{Opcode, Rcode, Rtype, WireError, WireName};
use std::fmt;

/// Why a transfer is worth nothing, and how far it had come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct XfrError {
    /// The rule that was broken.
    pub fault: Fault,
    /// The serial of the first SOA, if there was one.
    pub serial: Option<Serial>,
    /// How many messages had come, the faulty one included.
    pub messages: u64,
    /// How many records had been handed out; none of them counts.
    pub records: u64,
}

impl XfrError {
    /// Whether the server shows that it does not speak EDNS, so that one try without OPT is due.
    ///
    /// RFC 5936 section 2.1.5, RFC 6891 section 7: FORMERR, NOTIMP or BADVERS in the first message. The retry is signed
    /// like the first try: a server that rejects a signature is never asked without one.
    pub fn is_edns_rejected(&self) -> bool {
        self.messages == 1 && self.refusal().is_some_and(Refusal::is_edns_rejected)
    }

    /// Whether the server says that it does not know our key or context; nobody need vouch for that.
    pub fn is_key_unknown(&self) -> bool {
        matches!(self.fault, Fault::Unauthenticated { error: TsigError::BadKey { .. }, .. })
    }

    /// Whether one query for the whole zone (AXFR) is due after an incremental one has ended in this.
    ///
    /// RFC 1995 sections 2 and 4: an answer that is refused, cut off or put together wrongly says nothing about AXFR. Not
    /// due where AXFR would fail in the same way: the server is not authoritative, or another than the holder of the key
    /// may have answered. A refusal without signature is enough: AXFR is held to its own signatures.
    pub fn is_axfr_due(&self) -> bool {
        match (&self.fault, self.refusal()) {
            (_, Some(refusal)) => !matches!(refusal.rcode, Rcode::NOTAUTH | Rcode::NXDOMAIN),
            (
                Fault::Unauthenticated { .. }
                | Fault::NotAResponse
                | Fault::WrongId { .. }
                | Fault::WrongOpcode(_)
                | Fault::MessageAfterEnd,
                None,
            ) => false,
            (_, None) => true,
        }
    }

    /// The server's refusal, if this is one; whether it can be believed is in the fault.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.fault {
            Fault::Refused(refusal) | Fault::Unauthenticated { hint: Some(refusal), .. } => Some(refusal),
            _ => None,
        }
    }

    /// Whether the same query may end better a little later: cut off, moved on, or the server said so.
    pub fn is_worth_a_retry(&self) -> bool {
        match &self.fault {
            Fault::SerialMoved { .. } | Fault::ClosedEarly | Fault::ClosedAtOnce => true,
            Fault::Refused(refusal) => refusal.is_temporary(),
            _ => false,
        }
    }
}

impl fmt::Display for XfrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        match self.serial {
            Some(serial) => {
                write!(f, " (in message {}, after {} records of serial {serial})", self.messages, self.records)
            }
            None => write!(f, " (in message {}, before any record)", self.messages),
        }
    }
}

impl std::error::Error for XfrError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.fault)
    }
}

/// The rules of a transfer, one variant each. All but the limits are the server's fault, or of something in between.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// RFC 1035 section 4.1: the message, or a record that had to be looked into, cannot be read.
    #[error("the server sent a message that cannot be read")]
    Malformed(#[from] WireError),
    /// RFC 8945 section 5.3.1: the messages do not prove that the holder of the key sent them.
    #[error("the transfer is not authenticated{}", hint.as_ref().map(|hint| format!("; unauthenticated hint: {hint}")).unwrap_or_default())]
    Unauthenticated {
        /// What is wrong with the signature.
        #[source]
        error: TsigError,
        /// What the message said, if it was an error: a stranger may have written it.
        hint: Option<Box<Refusal>>,
    },
    /// RFC 5936 section 2.2.1: QR is 1.
    #[error("the server sent a query where an answer should be: a loop, or not a DNS server")]
    NotAResponse,
    /// RFC 5936 section 2.2.1: OPCODE is 0.
    #[error("the server answered with opcode {}, not with that of a query", .0.0)]
    WrongOpcode(Opcode),
    /// RFC 5936 section 2.2.1 a: the ID is that of the query.
    ///
    /// Others may be skipped when more queries are in flight on the connection; here there never are.
    #[error("the server answered with message ID {found}, but was asked with {wanted}")]
    WrongId {
        /// The ID of the query.
        wanted: u16,
        /// The ID of the message.
        found: u16,
    },
    /// RFC 5936 section 2.2: RCODE is 0 in every message.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// RFC 5936 section 2.2.2: the first message has exactly one question, later ones one or none.
    #[error("the server sent {found} questions; there has to be one in the first message, and later one or none")]
    QuestionCount {
        /// QDCOUNT.
        found: u16,
    },
    /// RFC 5936 section 2.2.2: the question is that of the query.
    #[error("the server answers another question: {} {} {}", present::name(name), present::class(*class), present::rtype(*rtype))]
    WrongQuestion {
        /// QNAME.
        name: Box<WireName>,
        /// QTYPE.
        rtype: Rtype,
        /// QCLASS.
        class: u16,
    },
    /// RFC 5936 section 2.2: the first message holds the SOA.
    #[error("the server's first message has no records: it may not serve this zone, or not by transfer")]
    EmptyFirstMessage,
    /// RFC 5936 section 2.2: "The first RR of the first message MUST be the SOA RR of the zone".
    #[error("the transfer begins with {} {}, not with the SOA of the zone", present::name(owner), present::rtype(*rtype))]
    FirstNotSoa {
        /// The owner of the first record.
        owner: Box<WireName>,
        /// Its type.
        rtype: Rtype,
    },
    /// RFC 5936 section 2.2, CVE-2021-25214: the only SOA in a zone is at its apex.
    #[error("the transfer holds a SOA at {}, which is not the apex of the zone", present::name(owner))]
    SoaBelowApex {
        /// The owner of that SOA.
        owner: Box<WireName>,
    },
    /// RFC 1995 section 4: this is how an incremental transfer begins.
    #[error("the server sent an incremental transfer (second record: SOA {second}), but a full one was asked for")]
    Incremental {
        /// The serial of the second SOA.
        second: Serial,
    },
    /// RFC 5936 section 2.2: the SOA at the end is the one of the beginning.
    #[error("the zone changed while it was sent: it began with serial {first} and reached serial {last}; try again")]
    SerialMoved {
        /// The serial at the beginning.
        first: Serial,
        /// The other one.
        last: Serial,
    },
    /// RFC 5936 section 2.2: equal in all fields, not only in the serial.
    #[error(
        "two SOAs with serial {serial} differ in {field}: the zone was changed without a new serial, or put together from two servers"
    )]
    SoaDiffers {
        /// The serial of both.
        serial: Serial,
        /// The first field that differs.
        field: SoaField,
    },
    /// RFC 5936 section 2.2: the second SOA is the end, so nothing may follow, in its message or, as far as that had come
    /// by then, in later ones.
    #[error("{records} records follow the SOA that ends the transfer")]
    RecordsAfterEnd {
        /// How many.
        records: usize,
    },
    /// RFC 5936 section 2.2: no message follows either. What came before stays good; close the connection.
    #[error("the server sent one more message after the end of the transfer; close the connection")]
    MessageAfterEnd,
    /// NOERROR, and no data: not an empty zone, but no transfer.
    #[error(
        "the server does not offer transfers: it answers NOERROR and sends no data (Samba's internal DNS server does so)"
    )]
    NotOffered,
    /// RFC 5936 section 2.2.4 and 2.2.5: no zone data but in the answer section.
    #[error("the server sent the record {} {} outside the answer section", present::name(owner), present::rtype(*rtype))]
    OutsideAnswer {
        /// Its owner.
        owner: Box<WireName>,
        /// Its type.
        rtype: Rtype,
    },
    /// RFC 5936 section 3: a zone holds what is at or below its apex.
    #[error("{} {} is not in the zone: the server's copy is damaged, reload it there", present::name(owner), present::rtype(*rtype))]
    OutOfZone {
        /// The foreign owner.
        owner: Box<WireName>,
        /// Its type.
        rtype: Rtype,
    },
    /// RFC 5936 section 2.1.2: the class is that of the query.
    #[error("{} {} has class {}, not IN", present::name(owner), present::rtype(*rtype), present::class(*class))]
    WrongClass {
        /// The owner.
        owner: Box<WireName>,
        /// The type.
        rtype: Rtype,
        /// The class.
        class: u16,
    },
    /// RFC 5936 section 2.2: one SOA is not a transfer.
    #[error("the server sent the SOA alone and closed the connection: it does not offer the zone in full")]
    SingleSoa,
    /// RFC 5936 section 2.3: a connection that closes before the end leaves nothing usable.
    #[error("the server closed the connection without an answer: transfers may be refused, or too many at once")]
    ClosedAtOnce,
    /// RFC 5936 section 2.3 and 6: the part that has come is dropped.
    #[error("the connection closed before the end of the transfer: the SOA that ends it never came")]
    ClosedEarly,
    /// RFC 1995 section 2: over TCP a newer SOA alone is neither the changes nor the zone.
    #[error("the server sent the SOA of the newer serial {serial} alone, and neither the changes nor the zone")]
    NewerSoaAlone {
        /// The server's serial.
        serial: Serial,
    },
    /// RFC 1995 section 4: each step applies to the version that the one before led to, the first one to ours.
    #[error("the server's changes are not in one piece: they go on from serial {found}, and should from {wanted}")]
    SequenceGap {
        /// The version that was reached.
        wanted: Serial,
        /// The version that the step applies to.
        found: Serial,
    },
    /// RFC 1995 section 4, RFC 1982: each step leads to a newer version.
    #[error("the server's changes do not ascend: a step leads from serial {from} to {to}, which is not newer")]
    SequenceBackwards {
        /// The version before the step.
        from: Serial,
        /// The version after it.
        to: Serial,
    },
    /// RFC 1995 section 4: the last step leads to the version of the first SOA.
    #[error("the server's changes lead to serial {to}, past {last}, with which they were announced")]
    SequenceBeyond {
        /// The version after the step.
        to: Serial,
        /// The version of the first SOA.
        last: Serial,
    },
    /// Own limit, [`super::Limits::messages`].
    #[error("the transfer has more than {limit} messages, the limit set here")]
    TooManyMessages {
        /// The limit.
        limit: u64,
    },
    /// Own limit, [`super::Limits::empty_messages`].
    #[error("the transfer has more than {limit} messages without records, the limit set here")]
    TooManyEmpty {
        /// The limit.
        limit: u64,
    },
    /// Own limit, [`super::Limits::octets`].
    #[error("the transfer has more than {limit} octets, the limit set here")]
    TooManyOctets {
        /// The limit.
        limit: u64,
    },
    /// Own limit, [`super::Limits::records`].
    #[error("the transfer has more than {limit} records, the limit set here")]
    TooManyRecords {
        /// The limit.
        limit: u64,
    },
    /// Own limit, [`super::Limits::records_per_rrset`].
    #[error("the transfer has an RRset of more than {limit} records, the limit set here")]
    TooManyInRrset {
        /// The limit.
        limit: u32,
    },
    /// Own limit, [`super::Limits::records_per_owner`].
    #[error("the transfer has an owner of more than {limit} records, the limit set here")]
    TooManyOfOwner {
        /// The limit.
        limit: u32,
    },
}

/// The fields in which two SOAs can differ (RFC 1035 section 3.3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the fields of a SOA are settled; the serial has a fault of its own")]
pub enum SoaField {
    /// The TTL.
    Ttl,
    /// The primary's name.
    Mname,
    /// The mailbox of the person in charge.
    Rname,
    /// REFRESH.
    Refresh,
    /// RETRY.
    Retry,
    /// EXPIRE.
    Expire,
    /// MINIMUM.
    Minimum,
}

impl fmt::Display for SoaField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ttl => "TTL",
            Self::Mname => "MNAME",
            Self::Rname => "RNAME",
            Self::Refresh => "REFRESH",
            Self::Retry => "RETRY",
            Self::Expire => "EXPIRE",
            Self::Minimum => "MINIMUM",
        })
    }
}
