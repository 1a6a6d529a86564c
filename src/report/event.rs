//! Every observable thing, as a value: what callbacks see, what is logged, what a report is folded from.
//!
//! An event's [`Display`](fmt::Display) is one plain line without control characters, whatever a server sent.

use super::comparison::Comparison;
use super::evidence::{AnswerKind, Timers};
use crate::cutover::CutOver;
use crate::present::one_line;
use crate::wire::Transport;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Something happened at this time of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A server that takes part: as the person gave it, the one address of it that is meant, and the key for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerName {
    /// As the person gave it.
    pub server: String,
    /// The address.
    pub address: SocketAddr,
    /// What authenticates its answers: the name of a TSIG key, the name or pin that TLS proves, both, or nothing.
    pub authenticated_by: Option<String>,
    /// Whether it is reached by TLS, and then by nothing else.
    #[serde(default)]
    pub secured: bool,
}

/// A side of a comparison: as the person gave it, and what its records may be believed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SideName {
    /// As the person gave it.
    pub side: String,
    /// The address; none for what is no server.
    pub address: Option<SocketAddr>,
    /// What authenticates its records: the name of a TSIG key, or nothing.
    pub authenticated_by: Option<String>,
}

impl SideName {
    /// What events and notes call it: the one address that is meant, or what the person gave.
    pub fn label(&self) -> String {
        self.address.map_or_else(|| self.side.clone(), |address| address.to_string())
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A check begins.
    Started {
        /// The zone, as text.
        zone: String,
        /// Seconds since 1970.
        started_unix: u64,
        /// Where the probe is written.
        source: ServerName,
        /// Where it must appear.
        destinations: Vec<ServerName>,
        /// Whether a probe is to be planted.
        probe: bool,
        /// What is watched where nothing is written, as text.
        observes: Option<String>,
        /// Whether the zones are to be compared.
        compare: bool,
    },
    /// A comparison begins.
    Comparing {
        /// The zone, as text.
        zone: String,
        /// Seconds since 1970.
        started_unix: u64,
        /// All sides, the base first.
        sides: Vec<SideName>,
    },
    /// A server passed the pre-flight.
    Fit {
        /// The server.
        address: SocketAddr,
        /// The serial of its SOA.
        serial: u32,
    },
    /// The numbers of a server's SOA, as the pre-flight read them.
    Timers {
        /// The server.
        address: SocketAddr,
        /// The numbers.
        timers: Timers,
    },
    /// A server said who it is, for the first time under this identifier.
    Named {
        /// The server.
        address: SocketAddr,
        /// The identifier, escaped.
        identity: String,
        /// By what it was given: `NSID`, `id.server` or `hostname.bind`.
        by: String,
    },
    /// A destination answered a question for the probe, or did not; what follows from it is another event.
    Sampled {
        /// The destination.
        address: SocketAddr,
        /// How the answer came; none if nothing came.
        transport: Option<Transport>,
        /// Who answered, if the answer says so.
        node: Option<String>,
        /// What it shows, in a word.
        shows: AnswerKind,
        /// The serial beside a denial.
        serial: Option<u32>,
        /// The TTL of the first record that it is about.
        ttl: Option<u32>,
        /// Extended errors in words (RFC 8914).
        extended_errors: Vec<String>,
    },
    /// NOTIFY messages are listened for.
    Listening {
        /// Where.
        address: SocketAddr,
    },
    /// A server of the run sent a NOTIFY: its servers are asked sooner, and nothing else follows.
    Notified {
        /// Who.
        address: IpAddr,
        /// The serial that it hints at, which proves nothing.
        serial: Option<u32>,
    },
    /// A server did not pass the pre-flight.
    Unfit {
        /// The server.
        address: SocketAddr,
        /// The reason.
        error: String,
    },
    /// The pre-flight is over; what would be sent (`--dry-run`).
    WouldPlant {
        /// The update in words.
        update: String,
    },
    /// The update that adds the probe is about to leave: from here on a probe may exist.
    Planting {
        /// The probe's owner.
        owner: String,
    },
    /// The server said that it did not add the probe.
    PlantRefused {
        /// Its answer, explained.
        error: String,
    },
    /// Nobody knows whether the probe was added; the zone is read.
    PlantUnknown {
        /// Why not.
        error: String,
    },
    /// The source shows the probe.
    Planted {
        /// The probe's owner.
        owner: String,
        /// The source.
        address: SocketAddr,
        /// Since the update was sent.
        after_ms: u64,
    },
    /// The source granted a lease on the probe (RFC 9664): without us it would remove the probe after that time.
    Leased {
        /// The source.
        address: SocketAddr,
        /// The seconds asked for.
        asked_s: u32,
        /// The seconds granted.
        granted_s: u32,
    },
    /// The lease is over: from here on the probe may be gone because of that.
    LeaseOver {
        /// The source.
        address: SocketAddr,
    },
    /// The source holds this of what is watched, and from here on the destinations are held to it.
    Measured {
        /// The source.
        address: SocketAddr,
        /// What it holds.
        shows: String,
    },
    /// The source does not show in time what is waited for.
    NotVisible {
        /// The source.
        address: SocketAddr,
        /// What it shows.
        error: String,
    },
    /// A destination's answer changed, and is not the confirmation yet.
    Waiting {
        /// The destination.
        address: SocketAddr,
        /// What it shows.
        shows: String,
    },
    /// A destination shows the probe, not yet often enough in a row.
    Seen {
        /// The destination.
        address: SocketAddr,
        /// How often in a row.
        times: u32,
        /// How often it must be.
        of: u32,
    },
    /// A destination that had shown the probe shows something else: the count starts again.
    Flapped {
        /// The destination.
        address: SocketAddr,
        /// How often in a row it had shown the probe.
        times: u32,
        /// What it shows now.
        shows: String,
    },
    /// A destination has shown the probe often enough in a row.
    Confirmed {
        /// The destination.
        address: SocketAddr,
        /// From the sending of the update to the first answer of that row; none if it was held already when the run began.
        seen_after_ms: Option<u64>,
        /// How many questions it was asked.
        samples: u32,
    },
    /// A destination did not confirm the probe in time.
    NotConverged {
        /// The destination.
        address: SocketAddr,
        /// What it showed last.
        error: String,
        /// How many questions it was asked.
        samples: u32,
    },
    /// Whether a destination has the probe cannot be said.
    Inconclusive {
        /// The destination.
        address: SocketAddr,
        /// Why not.
        error: String,
        /// How many questions it was asked.
        samples: u32,
    },
    /// A server's present serial.
    SerialSeen {
        /// The server.
        address: SocketAddr,
        /// The serial.
        serial: u32,
    },
    /// The source still holds the probe after the last destination confirmed it (U7).
    Held {
        /// The source.
        address: SocketAddr,
    },
    /// The source lost the probe during the run, or did not say.
    NotHeld {
        /// The source.
        address: SocketAddr,
        /// What it shows.
        error: String,
    },
    /// The person asked to stop.
    Stopping,
    /// The time for convergence is over.
    DeadlinePassed,
    /// The update that deletes the probe is about to leave.
    Removing {
        /// Which attempt this is, from 1.
        attempt: u32,
    },
    /// An attempt to delete the probe did not do it, or may not have.
    RemoveFailed {
        /// What happened.
        error: String,
    },
    /// The source confirmed that the probe is gone.
    Removed {
        /// The probe's owner.
        owner: String,
    },
    /// A probe may be left at the source.
    ProbeLeft {
        /// Why that is so.
        error: String,
        /// The exact lines for nsupdate that remove it.
        nsupdate: String,
    },
    /// A destination no longer shows the probe.
    Gone {
        /// The destination.
        address: SocketAddr,
        /// Since the deletion was first sent.
        gone_after_ms: u64,
    },
    /// A destination was not seen without the probe in time.
    NotGone {
        /// The destination.
        address: SocketAddr,
        /// What it shows.
        shows: String,
    },
    /// No check is made from this source, and none could be: it takes no updates from anybody.
    Skipped {
        /// The reason.
        why: String,
    },
    /// Something that a person should know, about one server or the whole run.
    Note {
        /// The server, if it is about one.
        address: Option<SocketAddr>,
        /// What is to be known.
        text: String,
    },
    /// A side begins to be read.
    ReadStarted {
        /// The side, by its [label](SideName::label).
        side: String,
    },
    /// A side is being read.
    ReadProgress {
        /// The side.
        side: String,
        /// Records so far.
        records: u64,
        /// Octets so far.
        octets: u64,
    },
    /// A side was read to its end.
    ReadDone {
        /// The side.
        side: String,
        /// The serial of the zone that came.
        serial: u32,
        /// Its records, the last SOA not counted.
        records: u64,
    },
    /// The zones were compared, or could not be.
    Compared(Box<Comparison>),
    /// The cut-over clock was reckoned.
    CutOver(Box<CutOver>),
    /// The run ends early with the zone as it was.
    Aborted {
        /// Why.
        error: String,
    },
}

impl Event {
    /// This happened at this time of the run.
    pub fn new(now: Duration, kind: EventKind) -> Self {
        Self { at_ms: millis(now), kind }
    }
}

/// Whole milliseconds, rounded down.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses, numbers and our own words need no escaping; texts may have come from anywhere.
        one_line(&self.kind.line()).fmt(f)
    }
}

impl EventKind {
    /// The line, not yet escaped.
    fn line(&self) -> String {
        match self {
            Self::Started { zone, source, destinations, observes, .. } => {
                let others: Vec<String> = destinations.iter().map(|server| server.address.to_string()).collect();
                let way = format!("from {} to {}", source.address, others.join(", "));
                match observes {
                    Some(watched) => format!("watching {watched} in {zone} {way}"),
                    None => format!("checking {zone} {way}"),
                }
            }
            Self::Comparing { zone, sides, .. } => {
                let sides: Vec<String> = sides.iter().map(SideName::label).collect();
                format!("comparing {zone} of {}", sides.join(", "))
            }
            Self::Fit { address, serial } => format!("fit {address} serial {serial}"),
            Self::Timers { address, timers } => format!(
                "timers {address}: refresh {} s, retry {} s, expire {} s",
                timers.refresh, timers.retry, timers.expire
            ),
            Self::Named { address, identity, by } => format!("named {address}: {identity} ({by})"),
            Self::Sampled { address, node, shows, extended_errors, .. } => {
                let node = node.as_ref().map(|node| format!(" ({node})")).unwrap_or_default();
                let words = std::iter::once(shows.word()).chain(extended_errors.iter().map(String::as_str));
                format!("sampled {address}{node}: {}", words.collect::<Vec<_>>().join("; "))
            }
            Self::Listening { address } => format!("listening for NOTIFY at {address}"),
            Self::Notified { address, serial: Some(serial) } => {
                format!("notify from {address}, which hints at serial {serial}")
            }
            Self::Notified { address, serial: None } => format!("notify from {address}"),
            Self::Unfit { address, error } => format!("unfit {address}: {error}"),
            Self::WouldPlant { update } => {
                format!("would send: {}", update.lines().map(str::trim).collect::<Vec<_>>().join("; "))
            }
            Self::Planting { owner } => format!("planting {owner}"),
            Self::PlantRefused { error } => format!("refused: {error}"),
            Self::PlantUnknown { error } => format!("unknown: {error}; reading the zone"),
            Self::Planted { owner, address, after_ms } => format!("planted {owner} at {address} after {after_ms} ms"),
            Self::Leased { address, asked_s, granted_s } => {
                format!("leased {address}: the probe has a lease of {granted_s} s there, of {asked_s} s asked for")
            }
            Self::LeaseOver { address } => {
                format!("lease over {address}: from here on the probe may go there by itself")
            }
            Self::Measured { address, shows } => format!("measure {address}: the source holds {shows}"),
            Self::NotVisible { address, error } => format!("not visible at {address}: {error}"),
            Self::Waiting { address, shows } => format!("waiting {address}: {shows}"),
            Self::Seen { address, times, of } => format!("seen {address} {times} of {of}"),
            Self::Flapped { address, times, shows } => {
                format!("flapped {address}: shown {times} times, then {shows}; counting again")
            }
            Self::Confirmed { address, seen_after_ms, samples } => {
                let after =
                    seen_after_ms.map_or_else(|| "held already".to_owned(), |after| format!("after {after} ms"));
                format!("confirmed {address} {after} ({samples} questions)")
            }
            Self::NotConverged { address, error, .. } => format!("not converged {address}: {error}"),
            Self::Inconclusive { address, error, .. } => format!("inconclusive {address}: {error}"),
            Self::SerialSeen { address, serial } => format!("serial {address} {serial}"),
            Self::Held { address } => format!("held {address}: the source still shows it"),
            Self::NotHeld { address, error } => {
                format!("lost {address}: the source does not show it any more: {error}")
            }
            Self::Stopping => "stopping: what was written is taken back first".to_owned(),
            Self::DeadlinePassed => "deadline passed".to_owned(),
            Self::Removing { attempt } => format!("removing (attempt {attempt})"),
            Self::RemoveFailed { error } => format!("remove failed: {error}"),
            Self::Removed { owner } => format!("removed {owner}"),
            Self::ProbeLeft { error, .. } => format!("probe left: {error}"),
            Self::Gone { address, gone_after_ms } => format!("gone {address} after {gone_after_ms} ms"),
            Self::NotGone { address, shows } => format!("not gone {address}: {shows}"),
            Self::Skipped { why } => format!("skipped: {why}"),
            Self::Note { address: Some(address), text } => format!("note {address}: {text}"),
            Self::Note { address: None, text } => format!("note: {text}"),
            Self::ReadStarted { side } => format!("reading {side}"),
            Self::ReadProgress { side, records, octets } => {
                format!("reading {side}: {records} records, {octets} octets")
            }
            Self::ReadDone { side, serial, records } => format!("read {side}: serial {serial}, {records} records"),
            Self::Compared(comparison) => format!("compared: {}", comparison.summary()),
            Self::CutOver(clock) => format!("cut-over: {}", clock.headline()),
            Self::Aborted { error } => format!("aborted: {error}; the zone is unchanged"),
        }
    }
}
