//! What the machine puts out, done concurrently; what came of it is its next input.

use super::Check;
use super::proof::Proof;
use crate::converge::{Ask, Asked, Connection, Input, Plan, Send, Side, Task, Trouble, UpdateKind};
use crate::fs::{Journal, JournalError, Written};
use crate::net::{Answer, ExchangeError, Network, Peer, Query, Server, Signers, Signing, UpdateError};
use crate::probe::JournalEntry;
use crate::report::ServerName;
use crate::tsig::OddSignature;
use crate::update::{self, Lease, Outcome, Uncertainty};
use crate::wire::{CLASS_CH, Message, Transport};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Everything that goes on outside the machine.
pub(super) struct Outside {
    /// How exchanges are made.
    network: Network,
    /// What is done.
    task: Arc<Task>,
    /// How the source is asked.
    source: Contact,
    /// What signs updates.
    update_signing: Signing,
    /// The contexts of this run.
    signers: Signers,
    /// What a person should know of a server, not yet told.
    remarks: Arc<Mutex<Vec<Remark>>>,
    /// How each destination is asked.
    destinations: Vec<Contact>,
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

/// Something about a server that a person should know.
type Remark = (SocketAddr, String);

/// How one address is asked.
#[derive(Clone)]
struct Contact {
    /// The address.
    peer: Peer,
    /// What signs the questions.
    signing: Signing,
}

impl Outside {
    /// Nothing is under way.
    ///
    /// Each destination is reached as its own server says, and with its key: `servers` are in the order of the plan (T14).
    pub(super) fn new(check: &Check, plan: &Plan, servers: &[&Server], journal: Option<Journal>) -> Self {
        let destination = |(name, server): (&ServerName, &&Server)| Contact {
            peer: server.peer(name.address),
            signing: server.query_signing(),
        };
        let source = &check.source;
        Self {
            network: check.network.clone().keeping_connections(),
            task: Arc::new(plan.task().clone()),
            source: Contact { peer: source.peer(plan.source().address), signing: source.source_query_signing() },
            update_signing: source.update_signing(),
            signers: Signers::default(),
            remarks: Arc::default(),
            destinations: plan.destinations().iter().zip(servers).map(destination).collect(),
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

    /// What a person should know of a server and has not been told.
    pub(super) fn take_remarks(&self) -> Vec<Remark> {
        std::mem::take(&mut *self.remarks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The run is over: the security contexts are deleted at their servers, which takes a second at the most, and what was
    /// kept open is closed.
    pub(super) async fn end(&self) {
        self.signers.end(&self.network).await;
        self.network.close().await;
    }

    /// Asks a question.
    pub(super) fn ask(&mut self, ask: Ask) {
        let contact = match ask.side {
            Side::Source => Some(self.source.clone()),
            Side::Destination(index) => self.destinations.get(index).cloned(),
        };
        // The machine asks only whom the plan names; should it ask anybody else, its patience runs out.
        let Some(Contact { peer, signing }) = contact else { return };
        let is_first = (ask.side, ask.asked) == (Side::Source, Asked::Soa);
        let proof = Proof {
            signing: Some(self.update_signing.clone())
                .filter(|updates| is_first && !updates.is_same(&signing))
                .unwrap_or_default(),
            signers: self.signers.clone(),
        };
        let (signers, remarks) = (self.signers.clone(), Arc::clone(&self.remarks));
        let network = self.network.clone().timeout(ask.patience);
        let network = match ask.connection {
            Connection::Any => network,
            Connection::New => network.apart(),
        };
        let task = Arc::clone(&self.task);
        self.tasks.spawn(async move {
            let question = ask.question(&task);
            let query = Query::new(question.name, question.rtype);
            let query = if question.class == CLASS_CH { query.chaos() } else { query };
            // At the same time, since the patience is for both.
            let answer = signers.query(&network, &signing, &peer, &query, ask.transport);
            let (disproof, exchanged) = tokio::join!(proof.attempt(&network, &peer, &query), answer);
            if let Some(trouble) = disproof {
                return ask.failed(trouble, &task).into();
            }
            match exchanged {
                Ok(Answer { octets, transport, odd, udp_was_silent, .. }) => {
                    remark(&remarks, &peer, odd);
                    let input = match Message::parse(&octets) {
                        // The network has held the ID against the question's already.
                        Ok(message) => ask.answered(&message, message.header().id, transport, &task),
                        Err(error) => ask.failed(Trouble::Malformed(error), &task),
                    };
                    let silent = Input::UdpSilent { request: ask.request };
                    Done { first: udp_was_silent.then_some(silent), input }
                }
                Err(error) => ask.failed(trouble(error), &task).into(),
            }
        });
    }

    /// Sends an update, once.
    pub(super) fn send(&mut self, send: Send) {
        // Where nothing is written the machine sends nothing.
        let Some(probe) = self.task.probe() else { return };
        let id = rand::random();
        let message = match send.kind {
            UpdateKind::Plant => update::plant(id, probe, send.lease),
            UpdateKind::Remove => update::remove(id, probe),
        };
        let (network, ordered, patience) = (self.network.clone(), Instant::now(), send.patience);
        let remarks = Arc::clone(&self.remarks);
        let (source, signing, signers) = (self.source.peer.clone(), self.update_signing.clone(), self.signers.clone());
        let zone = *probe.zone();
        self.tasks.spawn(async move {
            // The machine's patience runs from the order, not from when this task gets its turn: an add that left after
            // it was given up could be taken by the server behind the deletion.
            let network = network.timeout(patience.saturating_sub(ordered.elapsed()));
            let signer = match signers.signer(&network, &signing, &source).await {
                Ok(signer) => signer,
                Err(error) => {
                    let outcome = Outcome::NotSent { why: error.to_string() };
                    return Input::Updated { request: send.request, outcome }.into();
                }
            };
            let network = network.timeout(patience.saturating_sub(ordered.elapsed()));
            let mut granted = None;
            let is_private = send.edns && source.stream_transport() == Transport::Tls;
            let message = if is_private { update::padded(message) } else { Ok(message) };
            let outcome = match message.and_then(|message| message.to_vec()) {
                Err(error) => Outcome::NotSent { why: error.to_string() },
                Ok(octets) => match network.update(&source, &octets, signer.as_ref()).await {
                    Ok(answer) => {
                        remark(&remarks, &source, answer.odd);
                        match Message::parse(&answer.octets) {
                            Ok(reply) => {
                                let outcome = Outcome::of_reply(&reply, id, &zone);
                                granted = Lease::granted_by(&reply).filter(|_| outcome == Outcome::Applied);
                                outcome
                            }
                            Err(error) => Outcome::Unknown(Uncertainty::Malformed(error.to_string())),
                        }
                    }
                    Err(UpdateError::NotSent(error)) => Outcome::NotSent { why: error.to_string() },
                    Err(UpdateError::Unknown(error)) => {
                        if let Some(signer) = signer.filter(|_| error.is_key_unknown()) {
                            signers.forget(source.address(), &signer).await;
                        }
                        Outcome::Unknown(uncertainty(error))
                    }
                },
            };
            let first = granted.map(|lease| Input::Leased { request: send.request, lease });
            Done { first, input: Input::Updated { request: send.request, outcome } }
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

/// Keeps what is odd about a server's signature, if anything is.
fn remark(remarks: &Mutex<Vec<Remark>>, peer: &Peer, odd: Option<OddSignature>) {
    let text = odd.map(|odd| (peer.address(), odd.to_string()));
    remarks.lock().unwrap_or_else(PoisonError::into_inner).extend(text);
}

/// The entry stays: a sweep will find the probe gone and remove it.
fn not_removed(error: &JournalError) -> Input {
    Input::JournalNotRemoved(error.to_string())
}

/// What a failed exchange means to the machine.
pub(super) fn trouble(error: ExchangeError) -> Trouble {
    match error {
        ExchangeError::Malformed { source, .. } => Trouble::Malformed(source),
        ExchangeError::NotOurs { .. } => Trouble::NotOurs,
        ExchangeError::Tsig { source, .. } => Trouble::Distrusted(source.to_string()),
        ExchangeError::NoContext { .. } => Trouble::CannotSign(error.to_string()),
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
