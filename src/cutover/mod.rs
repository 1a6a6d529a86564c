//! The cut-over clock: when at the earliest an old name server can be switched off, with the arithmetic shown.
//!
//! Pure sums over what was read from the servers. They do not overflow (a sum too long for its number stays at the longest), no
//! clock is asked: the time of day comes in and serves display alone. What is not known is part of the answer, and "now" is only
//! said where everything that it needs is known. The TTLs are those of now: what they were before the change no server tells. The
//! person may; without that it is assumed that they were not longer, and said.

mod read;
#[cfg(test)]
mod tests;
mod text;

pub use self::read::{Delegation, Host, Told, addresses, delegation};

use serde::{Deserialize, Serialize};

/// What may still lead somebody to the old server, or keep them from the new one, for as long as its TTL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// The NS records of the delegation, at the parent.
    ParentNs,
    /// The addresses beside them (glue).
    ParentAddress {
        /// The host.
        host: String,
    },
    /// The NS records of the zone itself, which many resolvers prefer.
    ZoneNs,
    /// The address of a name server within the zone.
    ZoneAddress {
        /// The host.
        host: String,
    },
    /// An absence, as of the new servers' names: the lesser of the SOA's TTL and its MINIMUM (RFC 2308 section 5).
    Absence {
        /// The TTL of the SOA.
        ttl: u32,
        /// Its last field.
        minimum: u32,
    },
}

/// One of them, where it was read, and how long it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "what, where and how long")]
pub struct Term {
    /// What it is.
    #[serde(flatten)]
    pub what: What,
    /// The server that said so.
    pub at: String,
    /// For how long it is kept, in seconds.
    pub seconds: u32,
}

/// Which zone a server was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a delegation has two ends")]
pub enum Serves {
    /// The parent zone, for the delegation.
    Parent,
    /// The zone itself.
    Zone,
}

/// A server that was asked, at one of its addresses. That it answered is not said: if it did not, it is [`Unknown::Server`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "what about, where, and how it was known")]
pub struct Asked {
    /// What about.
    pub serves: Serves,
    /// The address.
    pub at: String,
    /// The name of the NS record by which it was found; none if the person gave it.
    pub host: Option<String>,
}

/// How long a change takes to reach every server of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lag", rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "measured, bounded by the timers, both, or neither")]
pub enum Lag {
    /// A probe took so long to reach the servers that were given, and no others were found.
    Measured {
        /// In milliseconds.
        milliseconds: u64,
    },
    /// A probe took so long to reach those that were given. The zone has others, which only the timers bound: the longer counts.
    MeasuredInPart {
        /// In milliseconds.
        milliseconds: u64,
        /// The longest REFRESH of all servers.
        refresh: u32,
        /// The longest RETRY.
        retry: u32,
    },
    /// Not measured; without a NOTIFY it takes REFRESH, and RETRY after a failure.
    Timers {
        /// The longest REFRESH of all servers.
        refresh: u32,
        /// The longest RETRY.
        retry: u32,
    },
    /// Nothing is known.
    Unknown,
}

/// What would have to be known, and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unknown", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unknown {
    /// Nobody asked the parent.
    Parent,
    /// A server gave no answer that could be used.
    Server {
        /// The server.
        server: String,
        /// What it did instead.
        why: String,
    },
    /// Where a name server's name leads.
    Host {
        /// The name.
        host: String,
    },
    /// Name servers beyond the number of those that are asked.
    Rest {
        /// What they would have been asked about.
        serves: Serves,
        /// How many names and addresses they are.
        more: usize,
    },
    /// When the change was made.
    Change,
    /// How long a change takes to reach the servers.
    Lag,
}

/// Everything that the clock goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "whoever reckons must give all of it")]
pub struct Facts {
    /// The zone.
    pub zone: String,
    /// The old server, as given.
    pub old: String,
    /// Who was asked.
    pub asked: Vec<Asked>,
    /// What is kept, and how long.
    pub terms: Vec<Term>,
    /// How long a change takes.
    pub lag: Lag,
    /// The longest EXPIRE of all servers.
    pub expire: Option<u32>,
    /// Who still names the old server, in words.
    pub named_by: Vec<String>,
    /// Seconds since the last record that named it was changed, as the person says.
    pub changed_ago: Option<u64>,
    /// The TTL that the NS records and the addresses had before it was lowered, in seconds, as the person says.
    pub ttl_before: Option<u32>,
    /// What is not known.
    pub unknown: Vec<Unknown>,
}

/// Whether the old server can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these four")]
pub enum Readiness {
    /// Nothing that was found needs it any more, and nothing that was looked for is unknown: all of [`Facts::asked`] answered,
    /// and they name no other name server.
    Now,
    /// At that time, if nothing changes.
    Later,
    /// It is still named: the clock has not begun.
    StillNamed,
    /// It cannot be said.
    Unknown,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CutOver {
    /// What it goes by.
    #[serde(flatten)]
    pub facts: Facts,
    /// Seconds since 1970 when it was asked.
    pub asked_unix: u64,
    /// The longest of the terms and of the TTL before, in seconds; none if nobody said which servers the zone has.
    pub longest: Option<u64>,
    /// The lag, in seconds, rounded up.
    pub lag_seconds: u64,
    /// From the change to the earliest moment: the sum of both; none if the longest is not known.
    pub total: Option<u64>,
    /// What is left of that.
    pub remaining: Option<u64>,
    /// That moment, in seconds since 1970; none while the server is named or too little is known.
    pub earliest_unix: Option<u64>,
    /// Whether the old server can go.
    pub readiness: Readiness,
}

/// Reckons; `now` is in seconds since 1970.
pub fn reckon(facts: Facts, now: u64) -> CutOver {
    // A cache may have taken the records the moment before they were changed, and with the TTL that they had before it was
    // lowered unless that was longer ago than this TTL, which nobody says: so it counts from the change as well.
    let terms = facts.terms.iter().map(|term| term.seconds);
    let longest = terms.chain(facts.ttl_before).map(u64::from).max().filter(|_| knows_names(&facts));
    let lag_seconds = match facts.lag {
        Lag::Measured { milliseconds } => milliseconds.div_ceil(1000),
        Lag::MeasuredInPart { milliseconds, refresh, retry } => {
            milliseconds.div_ceil(1000).max(by_timers(refresh, retry))
        }
        Lag::Timers { refresh, retry } => by_timers(refresh, retry),
        Lag::Unknown => 0,
    };
    let total = longest.map(|longest| longest.saturating_add(lag_seconds));
    let remaining = total.map(|total| total.saturating_sub(facts.changed_ago.unwrap_or(0)));
    let readiness = readiness(&facts, remaining);
    let is_clock_running = matches!(readiness, Readiness::Now | Readiness::Later);
    let earliest = total.map(|total| now.saturating_sub(facts.changed_ago.unwrap_or(0)).saturating_add(total));
    let earliest_unix = earliest.filter(|_| is_clock_running);
    CutOver { facts, asked_unix: now, longest, lag_seconds, total, remaining, earliest_unix, readiness }
}

/// What the timers alone make of the lag: one look of a secondary that fails, and the next.
fn by_timers(refresh: u32, retry: u32) -> u64 {
    u64::from(refresh).saturating_add(u64::from(retry))
}

/// Whether anybody said which servers the zone has; without that nothing can be reckoned.
fn knows_names(facts: &Facts) -> bool {
    facts.terms.iter().any(|term| matches!(term.what, What::ParentNs | What::ZoneNs))
}

/// A wrong "now" is an outage: it needs that nothing is unknown.
fn readiness(facts: &Facts, remaining: Option<u64>) -> Readiness {
    if !facts.named_by.is_empty() {
        Readiness::StillNamed
    } else if !knows_names(facts) {
        Readiness::Unknown
    } else if remaining.is_none_or(|remaining| remaining > 0) {
        Readiness::Later
    } else if facts.unknown.is_empty() {
        Readiness::Now
    } else {
        Readiness::Unknown
    }
}
