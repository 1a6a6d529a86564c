//! What the answers of one server amount to: kinds of answers, who gave them, how old they were, the zone's timers.

use crate::wire::Transport;
use serde::{Deserialize, Serialize};

/// A lease on the probe, as the source granted it (RFC 9664).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeaseRow {
    /// The seconds asked for.
    pub asked_s: u32,
    /// The seconds granted.
    pub granted_s: u32,
    /// Whether it was over while the probe was still waited for.
    pub is_over: bool,
}

/// What one answer to a question for what is waited for (the probe, or what is watched) showed, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerKind {
    /// Exactly that, as the source holds it.
    Current,
    /// Not that: the name does not exist, or not with this type, or holds something else of what is watched.
    Absence,
    /// Records at the probe's name that are a wildcard's or a stranger's, perhaps beside the probe.
    OtherRecords,
    /// An alias, a redirection or a zone cut hides the name.
    Hidden,
    /// No answer at all.
    Silence,
    /// Something that is no answer to the question, or cannot be believed.
    Unusable,
    /// SERVFAIL.
    Failure,
    /// REFUSED.
    Refusal,
    /// NOTAUTH, or an answer without authority from a server that offers no recursion.
    NoAuthority,
    /// An answer without authority from a server that offers recursion.
    Resolver,
    /// Another response code.
    OtherCode,
}

impl AnswerKind {
    /// The word that JSON and text share, the latter with spaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Absence => "absence",
            Self::OtherRecords => "other records",
            Self::Hidden => "hidden",
            Self::Silence => "silence",
            Self::Unusable => "unusable",
            Self::Failure => "failure",
            Self::Refusal => "refusal",
            Self::NoAuthority => "no authority",
            Self::Resolver => "resolver",
            Self::OtherCode => "other code",
        }
    }

    /// Whether the server answered with authority about the name.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Current | Self::Absence | Self::OtherRecords | Self::Hidden)
    }
}

/// The numbers of an SOA record that say how a zone spreads (RFC 1035 section 3.3.13), in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Timers {
    /// How often secondaries look.
    pub refresh: u32,
    /// How soon they look again after a failure.
    pub retry: u32,
    /// After what time without success they stop answering.
    pub expire: u32,
    /// How long an absence is kept: the lesser of the record's TTL and its MINIMUM (RFC 2308 section 5).
    pub negative_ttl: u32,
}

/// One identifier of a server: a node of a pool has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeRow {
    /// The identifier, escaped.
    pub identity: String,
    /// By what it was given: `NSID`, `id.server` or `hostname.bind`.
    pub by: String,
    /// Its answers to the questions that count.
    pub answers: u32,
    /// Of those, the stale ones: without what the address had shown before.
    pub stale: u32,
    /// The serial of its last denial.
    pub serial: Option<u32>,
}

/// The answers of one address to the questions for the probe, or for what is watched, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sampling {
    /// Those that came over UDP.
    pub udp: u32,
    /// Those that came over a connection, TCP or TLS.
    pub tcp: u32,
    /// Those that showed exactly it.
    pub current: u32,
    /// Those since the first that showed it, that one included.
    pub since_first_seen: u32,
    /// Of those, the stale ones: without it.
    pub stale: u32,
    /// The last answers in a row that showed exactly it.
    pub in_a_row: u32,
    /// Whether the TTL fell from one answer of a node to its next: a cache answers.
    pub ttl_falls: bool,
}

impl Sampling {
    /// Whether every answer that came showed it.
    pub(super) fn is_current_throughout(&self) -> bool {
        self.current > 0 && self.current == self.udp.saturating_add(self.tcp)
    }

    /// How likely it is, in percent, that a pool of which every tenth answer is stale would have shown so many answers in a
    /// row without one of them (P2).
    pub fn luck(&self) -> u32 {
        (1..self.in_a_row).fold(10_000_u32, |luck, _| luck.saturating_mul(9) / 10).div_ceil(100)
    }
}

/// Identifiers of one address that are kept; the machine tells no more.
const MAX_NODES: usize = 16;
/// Different extended errors of one address that are kept.
const MAX_ERRORS: usize = 8;

/// Everything that one server's answers say about why it is where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// The serial at the pre-flight.
    pub first_serial: Option<u32>,
    /// The timers of its SOA.
    pub timers: Option<Timers>,
    /// Who answered, in order of appearance.
    pub nodes: Vec<NodeRow>,
    /// The answers that count.
    pub sampling: Sampling,
    /// What it showed last.
    pub last: Option<AnswerKind>,
    /// Extended errors in words, each once.
    pub extended_errors: Vec<String>,
    /// NOTIFY messages that came from it.
    pub notified: u32,
    /// The TTL of the answer before, and who gave it for what.
    pub(super) ttl_before: Option<(Option<String>, AnswerKind, u32)>,
}

/// One answer that counts, as its event has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'e> {
    /// How it came.
    pub(super) transport: Option<Transport>,
    /// Who gave it.
    pub(super) node: Option<&'e str>,
    /// What it shows.
    pub(super) shows: AnswerKind,
    /// The serial beside a denial.
    pub(super) serial: Option<u32>,
    /// The TTL of the first record that it is about.
    pub(super) ttl: Option<u32>,
}

impl Evidence {
    /// Takes note of an identifier.
    pub(super) fn name(&mut self, identity: &str, by: &str) {
        if self.nodes.len() < MAX_NODES && self.nodes.iter().all(|node| node.identity != identity) {
            let (identity, by) = (identity.to_owned(), by.to_owned());
            self.nodes.push(NodeRow { identity, by, answers: 0, stale: 0, serial: None });
        }
    }

    /// Takes note of extended errors.
    pub(super) fn explain(&mut self, errors: &[String]) {
        for error in errors {
            if self.extended_errors.len() < MAX_ERRORS && !self.extended_errors.contains(error) {
                self.extended_errors.push(error.clone());
            }
        }
    }

    /// Counts one answer.
    pub(super) fn count(&mut self, sample: Sample<'_>) {
        let Sample { transport, node, shows, serial, ttl } = sample;
        self.last = Some(shows);
        match transport {
            Some(Transport::Udp) => add_one(&mut self.sampling.udp),
            Some(Transport::Tcp | Transport::Tls) => add_one(&mut self.sampling.tcp),
            None => {}
        }
        let seen_before = self.sampling.current > 0;
        if shows == AnswerKind::Current {
            add_one(&mut self.sampling.current);
            add_one(&mut self.sampling.in_a_row);
        } else {
            self.sampling.in_a_row = 0;
        }
        // Silence is no answer, so it is not a stale one either.
        let is_stale = seen_before && shows != AnswerKind::Current && shows.is_answer();
        if is_stale || shows == AnswerKind::Current {
            add_one(&mut self.sampling.since_first_seen);
        }
        if is_stale {
            add_one(&mut self.sampling.stale);
        }
        if let Some(row) = node.and_then(|node| self.nodes.iter_mut().find(|row| row.identity == node)) {
            add_one(&mut row.answers);
            if is_stale {
                add_one(&mut row.stale);
            }
            row.serial = serial.or(row.serial);
        }
        self.compare_ttl(node, shows, ttl);
    }

    /// An authority gives the same TTL every time; only what is kept for a time has a TTL that falls.
    fn compare_ttl(&mut self, node: Option<&str>, shows: AnswerKind, ttl: Option<u32>) {
        let Some(now) = ttl.filter(|_| matches!(shows, AnswerKind::Current | AnswerKind::Absence)) else { return };
        if let Some((who, what, before)) = &self.ttl_before {
            self.sampling.ttl_falls |= who.as_deref() == node && *what == shows && now < *before;
        }
        self.ttl_before = Some((node.map(str::to_owned), shows, now));
    }

    /// The nodes that gave stale answers, by name.
    pub(super) fn stale_nodes(&self) -> impl Iterator<Item = &NodeRow> {
        self.nodes.iter().filter(|node| node.stale > 0)
    }
}

/// One more, as long as that can be counted.
fn add_one(count: &mut u32) {
    *count = count.saturating_add(1);
}
