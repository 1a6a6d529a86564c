//! Where the life of a probe stands, and what is known of each server.

use super::exchange::{Asked, ChaosName, Side, Unchanged};
use super::schedule::Backoff;
use super::soa::Soa;
use crate::wire::Transport;
use std::collections::BTreeSet;
use std::time::Duration;

/// The states of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not started.
    Waiting,
    /// All servers are looked at; nothing is written.
    Preflight,
    /// The journal entry is being written.
    Journaling {
        /// When that counts as failed.
        until: Duration,
    },
    /// The update that adds the probe is in flight and cannot be recalled.
    Planting,
    /// The source is asked until it shows the probe.
    ReadingBack {
        /// When the next question is due; none while one is open.
        next: Option<Duration>,
        /// When it counts as not visible.
        until: Duration,
    },
    /// The destinations are asked.
    Polling,
    /// The source is asked once more (U7).
    Holding {
        /// How many questions are left.
        tries: u32,
        /// When it counts as not answered.
        until: Duration,
    },
    /// The probe is being taken back.
    Retiring(Retirement),
    /// The journal entry is being removed.
    Unjournaling {
        /// When that counts as failed.
        until: Duration,
        /// What comes after it.
        then: AfterJournal,
    },
    /// The destinations are watched losing the probe.
    Vanishing {
        /// How long.
        until: Duration,
    },
    /// Over.
    Done,
}

/// What follows the removal of the journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AfterJournal {
    /// The end: nothing was added.
    Abort(Unchanged),
    /// The probe was taken back; the destinations follow.
    Vanish,
}

/// The state of taking the probe back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retirement {
    /// When clean-up is out of time.
    pub(super) until: Duration,
    /// When the next step is due; none while a request is open.
    pub(super) next: Option<(Duration, RetireStep)>,
    /// How many deletions may have reached the server.
    pub(super) sent: u32,
    /// How many attempts were made.
    pub(super) attempts: u32,
    /// Whether the server accepted one.
    pub(super) accepted: bool,
    /// Whether one may have been done although the server did not say so.
    pub(super) unknown: bool,
    /// How often in a row the source has shown its absence.
    pub(super) absences: u32,
    /// Whether the source has already once shown its absence after an accepted deletion.
    pub(super) settled: bool,
    /// The pauses between steps.
    pub(super) backoff: Backoff,
    /// What went wrong last.
    pub(super) error: String,
}

/// One step of taking the probe back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetireStep {
    /// Send the deletion.
    Remove,
    /// Ask the source.
    Verify,
}

/// Why a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Pre-flight.
    Fitness(Side),
    /// The one add.
    Plant,
    /// Is it visible at the source?
    ReadBack,
    /// Is it visible at this destination?
    Poll(usize),
    /// What does the source hold of what is watched?
    Watch,
    /// Does the source still have it?
    Hold,
    /// A deletion.
    Remove,
    /// Is it gone at the source?
    Verify,
    /// Is it gone at this destination?
    Vanish(usize),
    /// The present serial, for the report; nothing waits for it.
    Serial(Side),
    /// Who it is, for the report; nothing waits for it.
    Identity(Side, ChaosName),
}

impl Purpose {
    /// Whom it asks; none for the updates.
    pub(super) const fn side(self) -> Option<Side> {
        match self {
            Self::Fitness(side) | Self::Serial(side) | Self::Identity(side, _) => Some(side),
            Self::ReadBack | Self::Hold | Self::Verify | Self::Watch => Some(Side::Source),
            Self::Poll(index) | Self::Vanish(index) => Some(Side::Destination(index)),
            Self::Plant | Self::Remove => None,
        }
    }
}

/// A request that has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Open {
    /// Why it was made.
    pub(super) purpose: Purpose,
    /// How it travels.
    pub(super) transport: Transport,
    /// When it counts as unanswered.
    pub(super) expires: Duration,
}

/// How far the pre-flight of a server has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fitness {
    /// This question is open or due.
    Asking {
        /// The question.
        asked: Asked,
        /// How often it was asked.
        attempts: u32,
    },
    /// Passed.
    Fit,
    /// Failed.
    Unfit(String),
}

/// What is known of one server, the source or a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Its pre-flight.
    pub(super) fitness: Fitness,
    /// What the pre-flight read.
    pub(super) soa: Option<Soa>,
    /// How it is asked for the probe at present.
    pub(super) transport: Transport,
    /// Exchanges in a row without an answer.
    pub(super) silent: u32,
    /// Whether it was said that only one transport is answered.
    pub(super) told_transport: bool,
    /// Whether one of its answers carried an OPT record.
    pub(super) has_edns: bool,
    /// Whom its SOA names as the primary.
    pub(super) primary: Option<String>,
    /// Who answered so far.
    pub(super) nodes: Vec<String>,
    /// Whether it was said that its serial went backward.
    pub(super) told_backward: bool,
}

impl Server {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        let fitness = Fitness::Asking { asked: Asked::Soa, attempts: 0 };
        Self {
            fitness,
            soa: None,
            transport: Transport::Udp,
            silent: 0,
            told_transport: false,
            has_edns: false,
            primary: None,
            nodes: Vec::new(),
            told_backward: false,
        }
    }
}

/// What is known of the probe at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The server.
    pub(super) server: Server,
    /// Whether its verdict has been given.
    pub(super) standing: Standing,
    /// When it is to be asked next; none while a question is open.
    pub(super) next: Option<Duration>,
    /// The intervals.
    pub(super) backoff: Backoff,
    /// How often in a row it showed exactly the probe.
    pub(super) streak: u32,
    /// When the first answer of that row came.
    pub(super) streak_began: Duration,
    /// When it confirmed the probe.
    pub(super) confirmed_at: Duration,
    /// Whether it is looked at once more when all have confirmed.
    pub(super) last_look: LastLook,
    /// How often it was shown and then was not.
    pub(super) flaps: u32,
    /// The nodes that answered without it when they were last heard.
    pub(super) stale_nodes: BTreeSet<String>,
    /// Whether it ever showed the probe.
    pub(super) has_shown: bool,
    /// How many answers were counted.
    pub(super) samples: u32,
    /// What it showed last.
    pub(super) shows: String,
    /// How often in a row it showed the same refusal.
    pub(super) refusals: u32,
    /// Whether the answers by which it confirms include one over TCP, or what keeps them from it.
    pub(super) tcp: TcpSample,
    /// When a NOTIFY last made it be asked sooner.
    pub(super) hurried: Option<Duration>,
}

/// P2: one of the confirmations comes over TCP, if the server is to be had by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TcpSample {
    /// The last question of the row goes that way.
    Due,
    /// It was not answered that way, which was told.
    Unanswered,
}

/// The one more question to a destination that confirmed long before the others: it may have lost the probe since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastLook {
    /// It was not asked yet.
    Due,
    /// It is asked.
    Open,
    /// It was answered.
    Done,
}

/// Whether a destination's verdict has been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet.
    Open,
    /// It confirmed the probe.
    Confirmed,
    /// It did not, or it could not be told.
    Failed,
}
