//! Why a change is not there yet: from the evidence about one destination to what is most likely, and what to do.
//!
//! A pure function. What it says is a guess, marked as such, in the order of its likelihood; the verdict does not depend on it.

use super::evidence::{AnswerKind, Evidence, Timers};
use crate::serial::{Serial, SerialOrder};
use std::fmt;

/// Whether NOTIFY messages were listened for, and what was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "not listened, heard, not heard")]
pub enum Heard {
    /// Nobody listened.
    NotListening,
    /// The source sent one.
    Notify,
    /// Somebody listened, and nothing came from the source.
    Nothing,
}

/// What is known about a destination that has not confirmed the change.
#[derive(Debug, Clone, Copy)]
pub struct Case<'e> {
    /// What the source's answers say.
    pub source: &'e Evidence,
    /// The source's last known serial.
    pub source_serial: Option<u32>,
    /// What the destination's answers say.
    pub destination: &'e Evidence,
    /// The destination's last known serial.
    pub serial: Option<u32>,
    /// What was heard of the source's NOTIFY.
    pub heard: Heard,
    /// Seconds since the run began.
    pub waited: u64,
    /// Whether the run itself changed the zone, so that the source's serial must have moved since its pre-flight.
    pub planted: bool,
    /// The seconds of the probe's lease, if that was over before the end.
    pub lease_over: Option<u32>,
}

/// Why a destination does not show the change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The probe may have gone by itself.
    LeaseOver {
        /// The seconds of its lease.
        granted_s: u32,
    },
    /// Nothing answers.
    Unreachable,
    /// REFUSED.
    Refused,
    /// SERVFAIL.
    Failing {
        /// The EXPIRE of its SOA, if it was seen before.
        expire: Option<u32>,
    },
    /// Without authority for the zone.
    NoAuthority,
    /// A resolver.
    Resolver,
    /// An alias, a redirection or a cut at the probe's name.
    Hidden,
    /// Somebody else's records at the probe's name.
    OtherRecords,
    /// Some nodes of a pool have it and some have not.
    Mixed {
        /// Answers without the change since it was first shown.
        stale: u32,
        /// Answers since then.
        of: u32,
        /// The nodes that gave them, if they have names.
        nodes: Vec<String>,
    },
    /// The source took the change and kept its serial.
    SerialStands {
        /// The serial.
        serial: u32,
    },
    /// The destination is ahead of the source.
    Ahead {
        /// Its serial.
        serial: u32,
        /// The source's.
        source: u32,
    },
    /// The serials are half the circle apart.
    NotComparable {
        /// Its serial.
        serial: u32,
        /// The source's.
        source: u32,
    },
    /// The destination is behind, has not been told, and looks at its own time.
    WaitsForRefresh {
        /// Its serial.
        serial: u32,
        /// The source's.
        source: u32,
        /// How often it looks.
        timers: Timers,
        /// What was heard of the source's NOTIFY.
        heard: Heard,
    },
    /// The destination is behind although it should have looked.
    TransferFails {
        /// Its serial.
        serial: u32,
        /// The source's.
        source: u32,
    },
    /// It got a newer version during the run, and not yet the newest.
    Advancing {
        /// Its serial at the start.
        from: u32,
        /// Its serial.
        serial: u32,
        /// The source's.
        source: u32,
    },
    /// The source's serial without the source's data.
    SameSerial {
        /// The serial of both.
        serial: u32,
    },
    /// What answers keeps answers for a time.
    Cache,
    /// Nothing points anywhere.
    Unknown,
}

/// What is most likely, first.
pub fn causes(case: &Case<'_>) -> Vec<Cause> {
    let Evidence { sampling, last, .. } = case.destination;
    let mut found = Vec::new();
    found.extend(case.lease_over.map(|granted_s| Cause::LeaseOver { granted_s }));
    found.extend(last.and_then(|last| of_last_answer(last, case.destination)));
    if sampling.stale > 0 {
        let nodes = case.destination.stale_nodes().map(|node| node.identity.clone()).collect();
        found.push(Cause::Mixed { stale: sampling.stale, of: sampling.since_first_seen, nodes });
    }
    if sampling.ttl_falls {
        found.push(Cause::Cache);
    }
    // Who shows it at times has the version that it is in; who does not answer shows nothing by its serial.
    let is_behind =
        last.is_none_or(|last| matches!(last, AnswerKind::Absence | AnswerKind::OtherRecords)) && sampling.stale == 0;
    if is_behind {
        found.extend(of_serials(case));
    }
    if found.is_empty() {
        found.push(Cause::Unknown);
    }
    found
}

/// What the last answer says by itself.
fn of_last_answer(last: AnswerKind, evidence: &Evidence) -> Option<Cause> {
    match last {
        AnswerKind::Silence => Some(Cause::Unreachable),
        AnswerKind::Refusal => Some(Cause::Refused),
        AnswerKind::Failure => Some(Cause::Failing { expire: evidence.timers.map(|timers| timers.expire) }),
        AnswerKind::NoAuthority => Some(Cause::NoAuthority),
        AnswerKind::Resolver => Some(Cause::Resolver),
        AnswerKind::Hidden => Some(Cause::Hidden),
        AnswerKind::OtherRecords => Some(Cause::OtherRecords),
        AnswerKind::Current | AnswerKind::Absence | AnswerKind::Unusable | AnswerKind::OtherCode => None,
    }
}

/// What the two serials say.
fn of_serials(case: &Case<'_>) -> Vec<Cause> {
    let (Some(serial), Some(source)) = (case.serial, case.source_serial) else { return Vec::new() };
    match Serial(serial).compare(Serial(source)) {
        // RFC 2136 section 3.6: the serial may stay for a while; as long as it does, no secondary has a reason to fetch.
        SerialOrder::Equal if case.planted && case.source.first_serial == Some(source) => {
            vec![Cause::SerialStands { serial }]
        }
        SerialOrder::Equal => vec![Cause::SameSerial { serial }],
        SerialOrder::Newer => vec![Cause::Ahead { serial, source }],
        SerialOrder::Undefined => vec![Cause::NotComparable { serial, source }],
        SerialOrder::Older => behind(case, serial, source),
    }
}

/// The destination is behind: it does not know yet, or it cannot fetch.
fn behind(case: &Case<'_>, serial: u32, source: u32) -> Vec<Cause> {
    if let Some(from) =
        case.destination.first_serial.filter(|first| Serial(*first).compare(Serial(serial)) == SerialOrder::Older)
    {
        return vec![Cause::Advancing { from, serial, source }];
    }
    let fails = Cause::TransferFails { serial, source };
    let Some(timers) = case.destination.timers else { return vec![fails] };
    let waits = Cause::WaitsForRefresh { serial, source, timers, heard: case.heard };
    let has_looked = case.waited > u64::from(timers.refresh).saturating_add(u64::from(timers.retry));
    if has_looked || case.heard == Heard::Notify { vec![fails, waits] } else { vec![waits, fails] }
}

impl Cause {
    /// The word for it in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::LeaseOver { .. } => "lease_over",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Failing { .. } => "failing",
            Self::NoAuthority => "no_authority",
            Self::Resolver => "resolver",
            Self::Hidden => "hidden",
            Self::OtherRecords => "other_records",
            Self::Mixed { .. } => "mixed",
            Self::SerialStands { .. } => "serial_stands",
            Self::Ahead { .. } => "ahead",
            Self::NotComparable { .. } => "not_comparable",
            Self::WaitsForRefresh { .. } => "waits_for_refresh",
            Self::TransferFails { .. } => "transfer_fails",
            Self::Advancing { .. } => "advancing",
            Self::SameSerial { .. } => "same_serial",
            Self::Cache => "cache",
            Self::Unknown => "unknown",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::LeaseOver { .. } => {
                "check again without asking for a lease (--no-lease), or raise what the source grants"
            }
            Self::Unreachable => {
                "see whether the server runs and a firewall lets UDP and TCP port 53 through from here"
            }
            Self::Refused => {
                "look at its configuration: is the zone there, in the view that this address sees, and may this address or key ask?"
            }
            Self::Failing { .. } => {
                "look at its log for the zone: transfers from the source have failed for longer than EXPIRE, or the zone file is broken; repair that, then transfer anew"
            }
            Self::NoAuthority => "add the zone to the server's configuration, or take the server off the list",
            Self::Resolver => "name the authoritative server itself; a resolver shows what it kept, not what is there",
            Self::Hidden => "remove what hides the name, or check the zone in which the name really is",
            Self::OtherRecords => "see who writes to names below _dnsconverge, or which wildcard answers there",
            Self::Mixed { .. } => {
                "update the stale nodes one by one (each by an address of its own), then check again; a second check that converges by luck proves nothing"
            }
            Self::SerialStands { .. } => {
                "see why the source does not raise its serial (a frozen zone, a database behind it, or up to 300 s of patience), raise it, and send NOTIFY"
            }
            Self::Ahead { .. } => {
                "a secondary never goes back: raise the source's serial above it (RFC 1982), or transfer the zone anew there; and see whom it follows"
            }
            Self::NotComparable { .. } => {
                "raise the source's serial in two steps (RFC 1982 section 7), or transfer the zone anew at the destination"
            }
            Self::WaitsForRefresh { heard: Heard::Nothing, .. } => {
                "let the source notify it (also-notify, NS records), or make it look now (rndc refresh, knotc zone-refresh, nsd-control transfer); and see that the source notifies the address listened at"
            }
            Self::WaitsForRefresh { .. } => {
                "make it look now (rndc refresh, knotc zone-refresh, nsd-control transfer), and let the source notify it (also-notify, NS records)"
            }
            Self::TransferFails { .. } => {
                "look at the source's log for a refused transfer to it, and at its own log for the reason: address or key not allowed, another primary configured, TCP port 53 blocked, clocks apart"
            }
            Self::Advancing { .. } => "wait longer (--deadline): it follows, but slowly",
            Self::SameSerial { .. } => {
                "compare the zones (diff): it may follow another primary, have other data under this serial, or show this address another view (-b asks from another)"
            }
            Self::Cache => {
                "ask the server behind it, or wait until the TTL is over: what it shows may be older than what the server holds"
            }
            Self::Unknown => "compare the zones (diff), and look at the destination's log for this zone",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaseOver { granted_s } => {
                write!(
                    f,
                    "the source granted the probe a lease of {granted_s} s only, which was over before it had arrived"
                )
            }
            Self::Unreachable => f.write_str("it does not answer"),
            Self::Refused => {
                f.write_str("it refuses the question: the zone is not configured there, or not for this address or key")
            }
            Self::Failing { expire: Some(expire) } => {
                write!(
                    f,
                    "it answers SERVFAIL: the zone has expired there (its EXPIRE is {expire} s) or could not be loaded"
                )
            }
            Self::Failing { expire: None } => {
                f.write_str("it answers SERVFAIL: the zone has expired there or could not be loaded")
            }
            Self::NoAuthority => f.write_str("it has no authority for the zone"),
            Self::Resolver => f.write_str("it is a resolver or forwarder, not an authoritative server"),
            Self::Hidden => f.write_str("an alias, a redirection or another zone hides the name there"),
            Self::OtherRecords => f.write_str("records of somebody else stand at the probe's name"),
            Self::Mixed { stale, of, nodes } => {
                write!(f, "several servers answer at this address: {stale} of {of} answers are stale")?;
                if nodes.is_empty() { Ok(()) } else { write!(f, " (nodes {})", nodes.join(", ")) }
            }
            Self::SerialStands { serial } => {
                write!(f, "the source took the change but kept its serial {serial}, so secondaries cannot notice it")
            }
            Self::Ahead { serial, source } => {
                write!(
                    f,
                    "its serial {serial} is ahead of the source's {source}, so it will not take the zone from there"
                )
            }
            Self::NotComparable { serial, source } => {
                write!(f, "its serial {serial} and the source's {source} are half the circle apart: neither is newer")
            }
            Self::WaitsForRefresh { serial, source, timers, heard } => {
                let Timers { refresh, retry, .. } = timers;
                write!(f, "it is behind (serial {serial}, the source has {source}) and may not have been told: ")?;
                write!(
                    f,
                    "its REFRESH is {refresh} s, so without a NOTIFY it looks only that often (RETRY {retry} s)"
                )?;
                match heard {
                    Heard::NotListening => Ok(()),
                    Heard::Notify => f.write_str("; the source did send a NOTIFY here"),
                    Heard::Nothing => f.write_str("; no NOTIFY from the source was heard here"),
                }
            }
            Self::TransferFails { serial, source } => {
                write!(
                    f,
                    "it is behind (serial {serial}, the source has {source}) and its transfer may be refused or broken"
                )
            }
            Self::Advancing { from, serial, source } => {
                write!(f, "it is catching up (serial {from}, then {serial}; the source has {source})")
            }
            Self::SameSerial { serial } => {
                write!(f, "it has the source's serial {serial} and not the source's data")
            }
            Self::Cache => f.write_str("a cache answers there: the TTL falls from one answer to the next"),
            Self::Unknown => f.write_str("nothing that was seen explains it"),
        }
    }
}
