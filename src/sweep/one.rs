//! One probe taken back: looked at, deleted, looked at again until it is gone.

use super::Swept;
use crate::converge::destination::{self, Observation};
use crate::net::{Network, Peer, Query, Signers, Signing, UpdateError, after, unix_now};
use crate::probe::Probe;
use crate::update::{self, Outcome};
use crate::wire::{CLASS_IN, Message, Question, Transport};
use std::time::Duration;
use tokio::time::Instant;

/// How often the deletion is sent: a first one may be lost, a third is no better than a person.
const UPDATES: u32 = 3;
/// The wait between two looks.
const INTERVAL: Duration = Duration::from_millis(200);
/// How often in a row the server must show the absence, as in the clean-up of a check.
const ABSENCES: u32 = 3;
/// An update that a server has not taken so long after its run began was lost with the connection.
const TAKEN_WITHIN: Duration = Duration::from_secs(3600);
/// How long a server may take to read the update of a run that was killed, as in the clean-up of a check.
const SETTLE: Duration = Duration::from_secs(2);

/// What removes one probe.
pub(super) struct Remover<'r> {
    /// How exchanges are made.
    pub(super) network: &'r Network,
    /// Where the probe was written.
    pub(super) peer: &'r Peer,
    /// How its update went.
    pub(super) transport: Transport,
    /// What signs questions.
    pub(super) query_signing: &'r Signing,
    /// What signs the deletion.
    pub(super) signing: &'r Signing,
    /// The contexts of this run.
    pub(super) signers: &'r Signers,
    /// The probe.
    pub(super) probe: &'r Probe,
    /// How long all of it may take.
    pub(super) patience: Duration,
    /// Whether the zone itself has shown it; the journal only says that it was about to be added.
    pub(super) was_seen: bool,
}

impl Remover<'_> {
    /// Whether it is there.
    pub(super) async fn look(&self) -> Swept {
        match self.observe().await {
            Ok(shown) if is_there(&shown) => Swept::Listed,
            Ok(shown) if shown.is_absence() => Swept::AlreadyGone,
            Ok(shown) => self.left(format!("the server shows {shown}")),
            Err(why) => self.left(why),
        }
    }

    /// Deletes it and proves that it is gone.
    ///
    /// What the journal names is deleted even if it is not there. Who answers may be another than the server that took the
    /// add: one of several behind one address, or another view. And a run that was killed between journal and add may have
    /// left an update which the server has not taken yet: updates of a zone are applied in the order in which the server takes
    /// them (RFC 2136 section 3.7), and a deletion accepted behind the add is its end.
    pub(super) async fn remove(&self) -> Swept {
        let was_there = match self.look().await {
            Swept::Listed => true,
            Swept::AlreadyGone => false,
            other => return other,
        };
        match self.delete_until_gone(was_there).await {
            Swept::AlreadyGone if self.may_be_on_its_way() => self.bar().await,
            other => other,
        }
    }

    /// Sends the deletion until the record is gone. What is not there must be deleted without a doubt.
    async fn delete_until_gone(&self, mut was_shown: bool) -> Swept {
        let deadline = after(Instant::now(), self.patience);
        let mut why = String::new();
        for _ in 0..UPDATES {
            if Instant::now() >= deadline {
                break;
            }
            why = match self.delete().await {
                Outcome::Applied => "the server accepted the deletion and still shows the record".into(),
                failed if !was_shown => {
                    return self.left(format!(
                        "it is not there, but who says so need not be the server that took it, and the deletion failed: {failed}"
                    ));
                }
                refused @ Outcome::Refused { .. } => return self.left(refused.to_string()),
                uncertain => uncertain.to_string(),
            };
            let until = deadline.min(after(Instant::now(), self.patience / UPDATES));
            if self.is_gone_by(until, &mut was_shown).await {
                return if was_shown { Swept::Removed } else { Swept::AlreadyGone };
            }
        }
        self.left(why)
    }

    /// Whether the add may not have been taken yet. Nobody keeps one unread for as long as [`TAKEN_WITHIN`].
    fn may_be_on_its_way(&self) -> bool {
        !self.was_seen && unix_now().saturating_sub(self.probe.started_unix()) < TAKEN_WITHIN.as_secs()
    }

    /// Deletes once more what was not there: an add may lie unread in the connection of the run that was killed while the
    /// server takes a deletion from ours.
    async fn bar(&self) -> Swept {
        tokio::time::sleep_until(Instant::now() + SETTLE).await;
        let came = matches!(self.look().await, Swept::Listed);
        self.delete_until_gone(came).await
    }

    /// Sends the deletion, once.
    async fn delete(&self) -> Outcome {
        let id = rand::random();
        let message = update::remove(id, self.probe);
        let is_private = self.network.takes_padding(self.peer);
        let message = if is_private { update::padded(message) } else { Ok(message) };
        let octets = match message.and_then(|message| message.to_vec()) {
            Ok(octets) => octets,
            Err(error) => return Outcome::NotSent { why: error.to_string() },
        };
        let signer = match self.signers.signer(self.network, self.signing, self.peer).await {
            Ok(signer) => signer,
            Err(error) => return Outcome::NotSent { why: error.to_string() },
        };
        match self.network.update(self.peer, &octets, signer.as_ref()).await {
            Ok(answer) => match Message::parse(&answer.octets) {
                Ok(reply) => Outcome::of_reply(&reply, id, self.probe.zone()),
                Err(error) => Outcome::Unknown(update::Uncertainty::Malformed(error.to_string())),
            },
            Err(UpdateError::NotSent(error)) => Outcome::NotSent { why: error.to_string() },
            Err(UpdateError::Unknown(error)) => {
                if let Some(signer) = signer.filter(|_| error.is_key_unknown()) {
                    self.signers.forget(self.peer.address(), &signer).await;
                }
                Outcome::Unknown(update::Uncertainty::Lost(error.to_string()))
            }
        }
    }

    /// Looks until the record is gone or the time is over. Several servers may answer behind one address, so its absence must
    /// be shown [`ABSENCES`] times in a row.
    async fn is_gone_by(&self, until: Instant, was_shown: &mut bool) -> bool {
        let mut absences = 0;
        loop {
            match self.observe().await {
                Ok(shown) if shown.is_absence() => absences += 1,
                Ok(shown) if is_there(&shown) => (absences, *was_shown) = (0, true),
                _ => absences = 0,
            }
            if absences >= ABSENCES {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            tokio::time::sleep_until(until.min(Instant::now() + INTERVAL)).await;
        }
    }

    /// Asks the server for the record.
    async fn observe(&self) -> Result<Observation, String> {
        let query = Query::new(*self.probe.owner(), self.probe.rtype());
        let answer = self.signers.query(self.network, self.query_signing, self.peer, &query, Transport::Udp).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let message = Message::parse(&answer.octets).map_err(|error| error.to_string())?;
        let question = Question { name: *self.probe.owner(), rtype: self.probe.rtype(), class: CLASS_IN };
        Ok(destination::observe(&message, message.header().id, &question, self.probe))
    }

    /// It may still be there.
    pub(super) fn left(&self, why: String) -> Swept {
        Swept::Left { why, nsupdate: update::nsupdate_script(self.peer.address(), self.transport, self.probe) }
    }
}

/// Whether the answer shows the probe, alone or among others.
fn is_there(shown: &Observation) -> bool {
    matches!(shown, Observation::Exact | Observation::OtherRecords { with_probe: true, .. })
}
