//! What the machine takes and gives: one input at a time, outputs until there are none.

use super::Task;
use super::aside::Aside;
use super::destination::{self, Observation};
use super::identity;
use super::shown::{self, Shown};
use super::soa::{self, SoaObservation};
use super::trouble::Trouble;
use crate::canonical::Form;
use crate::probe::JournalEntry;
use crate::report::{Event, Named};
use crate::update::{Lease, Outcome};
use crate::wire::{CLASS_CH, CLASS_IN, Message, Question, Rtype, Transport, WireName};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Names one request, so that a reply that comes late is not taken for that to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// One server of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a check has a source and destinations")]
pub enum Side {
    /// Where the probe is written.
    Source,
    /// Where it must appear: an index into the plan's destinations.
    Destination(usize),
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks must know every question")]
pub enum Asked {
    /// The zone's SOA.
    Soa,
    /// The probe's owner and type, or those of what is watched.
    Probe,
    /// The probe's sibling and type.
    Sibling,
    /// Who the server is, in class CH.
    Identity(ChaosName),
}

/// A name at which servers tell who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the standard's name and the one that it replaced")]
pub enum ChaosName {
    /// `id.server` (RFC 4892).
    IdServer,
    /// `hostname.bind`, its model.
    HostnameBind,
}

impl ChaosName {
    /// The name, as people write it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::IdServer => "id.server",
            Self::HostnameBind => "hostname.bind",
        }
    }

    /// The name.
    fn name(self) -> WireName {
        let labels: [&[u8]; 2] = match self {
            Self::IdServer => [b"id", b"server"],
            Self::HostnameBind => [b"hostname", b"bind"],
        };
        // Two short labels always make a name.
        WireName::from_labels(labels).unwrap_or(WireName::ROOT)
    }
}

/// Over which connection a question goes, if over one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it is new, or it is not")]
pub enum Connection {
    /// One that was kept, if there is one.
    Any,
    /// A new one: a connection ends at one node of a pool.
    New,
}

/// A question to be sent: RD=0, a new ID, over UDP a new source port (P2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    /// To be handed back with the answer.
    pub request: RequestId,
    /// To whom; its key, if it has one, signs.
    pub side: Side,
    /// That server's address.
    pub address: SocketAddr,
    /// What is asked.
    pub asked: Asked,
    /// How.
    pub transport: Transport,
    /// Over which connection, if that is by one.
    pub connection: Connection,
    /// The exchange may take this long. The machine waits a little longer; what comes later is ignored.
    pub patience: Duration,
}

impl Ask {
    /// Name, type and class to ask for.
    pub fn question(&self, task: &Task) -> Question {
        let (name, rtype): (&WireName, Rtype) = match (self.asked, task) {
            (Asked::Identity(name), _) => return Question { name: name.name(), rtype: Rtype::TXT, class: CLASS_CH },
            (Asked::Soa, task) => (task.zone(), Rtype::SOA),
            (Asked::Sibling, Task::Probe(probe)) => (probe.sibling(), probe.rtype()),
            (Asked::Probe | Asked::Sibling, task) => task.wanted(),
        };
        Question { name: *name, rtype, class: CLASS_IN }
    }

    /// The input for a message that came in this way, sent with this ID; its signature, if one is due, has been verified.
    pub fn answered(&self, message: &Message<'_>, id: u16, transport: Transport, task: &Task) -> Input {
        let question = self.question(task);
        let answer = match (self.asked, task) {
            (Asked::Identity(_), _) => Answer::Identity(identity::observe(message, id)),
            (Asked::Soa, task) => Answer::Soa(soa::observe(message, id, task.zone())),
            (_, Task::Probe(probe)) => Answer::Probe(destination::observe(message, id, &question, probe)),
            (_, Task::Observe { zone, .. }) => {
                Answer::Watched(shown::read(message, id, &question, zone, Form::Canonical))
            }
        };
        let aside = Aside::read(message, task.zone(), transport);
        Input::Answered { request: self.request, answer, aside }
    }

    /// The input for an exchange that gave no message to be read.
    pub fn failed(&self, trouble: Trouble, task: &Task) -> Input {
        let answer = match (self.asked, task) {
            (Asked::Identity(_), _) => Answer::Identity(None),
            (Asked::Soa, _) => Answer::Soa(SoaObservation::Trouble(trouble)),
            (_, Task::Probe(_)) => Answer::Probe(Observation::Trouble(trouble)),
            (_, Task::Observe { .. }) => Answer::Watched(Shown::Trouble(trouble)),
        };
        Input::Answered { request: self.request, answer, aside: Aside::default() }
    }
}

/// What an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one for each kind of question")]
pub enum Answer {
    /// To [`Asked::Soa`].
    Soa(SoaObservation),
    /// To [`Asked::Probe`] and [`Asked::Sibling`].
    Probe(Observation),
    /// To [`Asked::Identity`]: nothing, if the server does not say.
    Identity(Option<String>),
    /// To [`Asked::Probe`] where no probe is, but something to be watched.
    Watched(Shown),
}

/// Which of the two updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two updates and will be no third")]
pub enum UpdateKind {
    /// [`update::plant`](crate::update::plant).
    Plant,
    /// [`update::remove`](crate::update::remove).
    Remove,
}

/// An update to be sent to the source: over TCP, once (U5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Send {
    /// To be handed back with the outcome.
    pub request: RequestId,
    /// Which.
    pub kind: UpdateKind,
    /// The lease that it asks for; only an add does.
    pub lease: Option<Lease>,
    /// Whether an OPT record may go with it: the server's answers carry one, and it did not mind one in an update.
    pub edns: bool,
    /// The exchange may take this long. The machine waits a little longer; then the outcome counts as unknown.
    pub patience: Duration,
}

/// What happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the shell must be able to say each of these")]
pub enum Input {
    /// The run begins; the machine asks nothing before.
    Start,
    /// The answer to an [`Ask`].
    Answered {
        /// Which.
        request: RequestId,
        /// What it shows.
        answer: Answer,
        /// What it says besides.
        aside: Aside,
    },
    /// The answer to an [`Ask`] over UDP, which comes next, is one over TCP: UDP was silent.
    UdpSilent {
        /// Which.
        request: RequestId,
    },
    /// The outcome of a [`Send`], which comes next, grants a lease.
    Leased {
        /// Which.
        request: RequestId,
        /// For how long.
        lease: Lease,
    },
    /// The outcome of a [`Send`].
    Updated {
        /// Which.
        request: RequestId,
        /// What is known of it.
        outcome: Outcome,
    },
    /// The journal entry is on disk, synced.
    JournalWritten,
    /// The journal entry could not be written.
    JournalFailed(String),
    /// The journal entry is no more.
    JournalRemoved,
    /// The journal entry could not be removed.
    JournalNotRemoved(String),
    /// A server of the plan, or somebody at its address, sent a NOTIFY (N1): a reason to ask soon, and nothing else.
    Notified {
        /// Who.
        from: IpAddr,
        /// The serial that it hints at; only told.
        serial: Option<u32>,
    },
    /// The time given by [`Machine::next_wakeup`](super::Machine::next_wakeup) has come.
    Timer,
    /// The person wants to stop: Ctrl-C, SIGTERM.
    Stop,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the shell must do each of these")]
pub enum Output {
    /// Ask, without waiting for it before the next output.
    Ask(Ask),
    /// Write and sync this journal entry, then say [`Input::JournalWritten`] or [`Input::JournalFailed`].
    WriteJournal(Box<JournalEntry>),
    /// Send this update to the source, without waiting for it before the next output.
    Send(Send),
    /// Remove the journal entry, then say [`Input::JournalRemoved`] or [`Input::JournalNotRemoved`].
    RemoveJournal,
    /// Tell people.
    Event(Event),
    /// The life of the probe is over; no output follows. Requests still open are to be dropped.
    Done(Ending),
}

/// How the life of the probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "nothing written, or written and told in the report")]
pub enum Ending {
    /// No update was applied: the zone is as it was. This becomes the facade's `Err`.
    Unchanged(Unchanged),
    /// All there is to know is in the events; also the end of a dry run.
    Reported,
}

/// Why the run ended with the zone as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unchanged {
    /// A server did not pass the pre-flight.
    #[error("{} is not fit for the check: {why}", Named(server, Some(*address)))]
    Unfit {
        /// The server as given.
        server: String,
        /// The address.
        address: SocketAddr,
        /// The reason.
        why: String,
    },
    /// With `keep_going`, no destination is left.
    #[error("no destination passed the pre-flight")]
    NoDestinationLeft,
    /// Without a journal entry nothing is planted (U14).
    #[error("the journal entry could not be written, so no probe was planted: {0}")]
    Journal(String),
    /// The server refused the update.
    #[error("{address} did not add the probe: {why}")]
    Refused {
        /// The source.
        address: SocketAddr,
        /// Its answer, explained.
        why: String,
    },
    /// The update could not be sent.
    #[error("the update could not be sent to {address}: {why}")]
    NotSent {
        /// The source.
        address: SocketAddr,
        /// What went wrong.
        why: String,
    },
    /// The person asked to stop before anything was sent.
    #[error("stopped before anything was written or seen")]
    Stopped,
    /// The deadline came before anything was sent.
    #[error("the deadline passed before all servers had been looked at")]
    Deadline,
}
