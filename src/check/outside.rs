//! What the machine puts out, done concurrently; what came of it is its next input.

use super::Check;
use crate::converge::{Ask, Asked, Input, Plan, Send, Side, Task, Trouble, UpdateKind};
use crate::fs::{Journal, JournalError, Written};
use crate::net::{Answer, ExchangeError, Network, Peer, Query, Server, UpdateError};
use crate::probe::JournalEntry;
use crate::report::ServerName;
use crate::tsig::Signer;
use crate::update::{self, Outcome, Uncertainty};
use crate::wire::{CLASS_CH, Message, Transport};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Everything that goes on outside the machine.
pub(super) struct Outside {
    /// How exchanges are made.
    network: Network,
    /// What is done.
    task: Arc<Task>,
    /// The source's address.
    source: Peer,
    /// The source's keys.
    source_keys: Server,
    /// How each destination is asked.
    destinations: Vec<Option<Contact>>,
    /// The journal; none where nothing is written.
    journal: Option<Journal>,
    /// The entry on disk; it stays locked while the run lives.
    written: Arc<Mutex<Option<Written>>>,
    /// What is under way.
    tasks: JoinSet<Done>,
    /// The second input of what came to its end.
    second: Option<Input>,
}

/// What came of something.
struct Done {
    /// What is to be known first.
    first: Option<Input>,
    /// The result.
    input: Input,
}

impl From<Input> for Done {
    fn from(input: Input) -> Self {
        Self { first: None, input }
    }
}

/// How one address is asked.
#[derive(Clone)]
struct Contact {
    /// The address.
    peer: Peer,
    /// What signs the questions.
    signer: Option<Arc<dyn Signer>>,
}

impl Outside {
    /// Nothing is under way.
    pub(super) fn new(check: &Check, plan: &Plan, journal: Option<Journal>) -> Self {
        let destination = |name: &ServerName| {
            let server = check.server_named(name)?;
            Some(Contact { peer: server.peer(name.address), signer: server.query_signer().cloned() })
        };
        Self {
            network: check.network.clone(),
            task: Arc::new(plan.task().clone()),
            source: check.source.peer(plan.source().address),
            source_keys: check.source.clone(),
            destinations: plan.destinations().iter().map(destination).collect(),
            journal,
            written: Arc::default(),
            tasks: JoinSet::new(),
            second: None,
        }
    }

    /// The next thing that came to its end.
    ///
    /// # Cancel safety
    /// Safe: what has not been returned is still under way.
    pub(super) async fn next(&mut self) -> Input {
        if let Some(input) = self.second.take() {
            return input;
        }
        loop {
            match self.tasks.join_next().await {
                Some(Ok(Done { first: Some(first), input })) => {
                    self.second = Some(input);
                    return first;
                }
                Some(Ok(Done { first: None, input })) => return input,
                // A task that panicked has no result: the machine's own patience runs out for it.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Asks a question.
    pub(super) fn ask(&mut self, ask: Ask) {
        let contact = match ask.side {
            Side::Source => {
                Some(Contact { peer: self.source.clone(), signer: source_query_signer(&self.source_keys).cloned() })
            }
            Side::Destination(index) => self.destinations.get(index).cloned().flatten(),
        };
        // The machine asks only whom the plan names; should it ask anybody else, its patience runs out.
        let Some(Contact { peer, signer }) = contact else { return };
        let update_key = match (ask.side, ask.asked) {
            (Side::Source, Asked::Soa) => self.source_keys.update_signer().filter(|key| !is_same(key, signer.as_ref())),
            _ => None,
        };
        let update_key = update_key.cloned();
        let network = self.network.clone().timeout(ask.patience);
        let task = Arc::clone(&self.task);
        self.tasks.spawn(async move {
            let question = ask.question(&task);
            let query = Query::new(question.name, question.rtype);
            let query = if question.class == CLASS_CH { query.chaos() } else { query };
            // U17: a wrong key for updates, or a wrong clock, shows before anything is written. Whether this key may ask is
            // another matter: only the signature of the answer counts. At the same time, since the patience is for both.
            let proof = async {
                match update_key {
                    Some(key) => network.query(&peer, &query, Some(&key)).await.err(),
                    None => None,
                }
            };
            let answer = async {
                match ask.transport {
                    Transport::Udp => network.query(&peer, &query, signer.as_ref()).await,
                    Transport::Tcp | Transport::Tls => network.query_tcp(&peer, &query, signer.as_ref()).await,
                }
            };
            let (proof, exchanged) = tokio::join!(proof, answer);
            if let Some(error @ ExchangeError::Tsig { .. }) = proof {
                return ask.failed(trouble(error)).into();
            }
            match exchanged {
                Ok(Answer { octets, transport, udp_was_silent, .. }) => {
                    let input = match Message::parse(&octets) {
                        // The network has held the ID against the question's already.
                        Ok(message) => ask.answered(&message, message.header().id, transport, &task),
                        Err(error) => ask.failed(Trouble::Malformed(error)),
                    };
                    let silent = Input::UdpSilent { request: ask.request };
                    Done { first: udp_was_silent.then_some(silent), input }
                }
                Err(error) => ask.failed(trouble(error)).into(),
            }
        });
    }

    /// Sends an update, once.
    pub(super) fn send(&mut self, send: Send) {
        // Where nothing is written the machine sends nothing.
        let Some(probe) = self.task.probe() else { return };
        let id = rand::random();
        let message = match send.kind {
            UpdateKind::Plant => update::plant(id, probe),
            UpdateKind::Remove => update::remove(id, probe),
        };
        let (network, ordered, patience) = (self.network.clone(), Instant::now(), send.patience);
        let (source, signer) = (self.source.clone(), self.source_keys.update_signer().cloned());
        let zone = *probe.zone();
        self.tasks.spawn(async move {
            // The machine's patience runs from the order, not from when this task gets its turn: an add that left after
            // it was given up could be taken by the server behind the deletion.
            let network = network.timeout(patience.saturating_sub(ordered.elapsed()));
            let outcome = match message.to_vec() {
                Err(error) => Outcome::NotSent { why: error.to_string() },
                Ok(octets) => match network.update(&source, &octets, signer.as_ref()).await {
                    Ok(answer) => match Message::parse(&answer.octets) {
                        Ok(reply) => Outcome::of_reply(&reply, id, &zone),
                        Err(error) => Outcome::Unknown(Uncertainty::Malformed(error.to_string())),
                    },
                    Err(UpdateError::NotSent(error)) => Outcome::NotSent { why: error.to_string() },
                    Err(UpdateError::Unknown(error)) => Outcome::Unknown(uncertainty(error)),
                },
            };
            Input::Updated { request: send.request, outcome }.into()
        });
    }

    /// Puts the entry on disk, off the runtime: `fsync` may take its time.
    pub(super) fn write_journal(&mut self, entry: JournalEntry) {
        let Some(journal) = self.journal.clone() else { return };
        let place = Arc::clone(&self.written);
        self.tasks.spawn_blocking(move || match journal.write(&entry) {
            Ok(written) => {
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
                Input::JournalWritten.into()
            }
            Err(error) => Input::JournalFailed(error.to_string()).into(),
        });
    }

    /// Takes the entry off the disk.
    pub(super) fn remove_journal(&mut self) {
        let Some(journal) = self.journal.clone() else { return };
        let place = Arc::clone(&self.written);
        self.tasks.spawn_blocking(move || {
            let written = place.lock().unwrap_or_else(PoisonError::into_inner).take();
            match written.map_or(Ok(()), |written| journal.remove(&written)) {
                Ok(()) => Input::JournalRemoved.into(),
                Err(error) => not_removed(&error).into(),
            }
        });
    }
}

/// What signs the questions to the source: its key, or that of the updates if it has no other, so that a wrong key or clock
/// shows before anything is written (U17).
pub(super) fn source_query_signer(source: &Server) -> Option<&Arc<dyn Signer>> {
    source.query_signer().or_else(|| source.update_signer())
}

/// The entry stays: a sweep will find the probe gone and remove it.
fn not_removed(error: &JournalError) -> Input {
    Input::JournalNotRemoved(error.to_string())
}

/// Whether the two are one key.
fn is_same(key: &Arc<dyn Signer>, other: Option<&Arc<dyn Signer>>) -> bool {
    other.is_some_and(|other| Arc::ptr_eq(key, other))
}

/// What a failed exchange means to the machine.
fn trouble(error: ExchangeError) -> Trouble {
    match error {
        ExchangeError::Malformed { source, .. } => Trouble::Malformed(source),
        ExchangeError::NotOurs { .. } => Trouble::NotOurs,
        ExchangeError::Tsig { source, .. } => Trouble::Distrusted(source.to_string()),
        other => Trouble::NoAnswer(other.to_string()),
    }
}

/// What a failed exchange means for an update that had left.
fn uncertainty(error: ExchangeError) -> Uncertainty {
    match error {
        ExchangeError::Timeout { .. } => Uncertainty::TimedOut,
        ExchangeError::Malformed { source, .. } => Uncertainty::Malformed(source.to_string()),
        ExchangeError::NotOurs { .. } => Uncertainty::NotOurs,
        ExchangeError::Tsig { source, .. } => Uncertainty::BadSignature(source.to_string()),
        other => Uncertainty::Lost(other.to_string()),
    }
}
