//! Retiring: the probe is taken back, the source confirms it, the destinations are watched losing it.

use super::Observation;
use super::exchange::{Asked, Ending, Side, UpdateKind};
use super::machine::Machine;
use super::phase::{AfterJournal, Phase, Purpose, RetireStep, Retirement};
use super::schedule::{Backoff, GONE_GRACE};
use crate::report::{EventKind, millis};
use crate::update::{self, Outcome};
use crate::wire::Transport;
use std::time::Duration;

/// How many deletions may reach the server (L7).
pub(super) const MAX_REMOVALS: u32 = 5;
/// How many updates a run sends at most, whatever the server does: one that adds, the same without a lease where a server minds
/// that, and the deletions (L7).
pub const MAX_UPDATES: u32 = 2 + MAX_REMOVALS;
/// The first pause between two steps of the clean-up.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How often in a row the source must show the absence: whoever answers first may be one of several servers behind one
/// address, and another than the one that took the deletion.
const ABSENCES: u32 = 3;
/// How long after an accepted deletion an add without a reply is looked for once more.
const SETTLE: Duration = Duration::from_secs(2);

/// # Retiring
impl Machine {
    /// From here on only taking the probe back counts; destinations without a verdict get `why`.
    pub(super) fn retire(&mut self, why: &str) {
        self.leave_open_rows(why);
        self.rows.iter_mut().for_each(|row| row.next = None);
        // U16: an answer to a question that was asked before the deletion must not be read after it.
        self.forget(|purpose| matches!(purpose, Purpose::ReadBack | Purpose::Poll(_) | Purpose::Hold));
        self.removed_at = self.now;
        self.phase = Phase::Retiring(Retirement {
            until: self.now.saturating_add(self.plan.schedule.cleanup_timeout),
            next: None,
            sent: 0,
            attempts: 0,
            accepted: false,
            unknown: false,
            absences: 0,
            settled: false,
            backoff: Backoff::new(FIRST_PAUSE, self.plan.jitter),
            error: String::new(),
        });
        self.send_remove();
    }

    /// Sends the deletion of exactly our record.
    pub(super) fn send_remove(&mut self) {
        let patience = self.plan.schedule.timeout;
        let Phase::Retiring(state) = &mut self.phase else { return };
        state.next = None;
        state.sent = state.sent.saturating_add(1);
        state.attempts = state.attempts.saturating_add(1);
        let attempt = state.attempts;
        self.tell(EventKind::Removing { attempt });
        self.send(UpdateKind::Remove, patience);
    }

    /// The outcome of a deletion. Whatever it is, only reading the source tells.
    pub(super) fn remove_outcome(&mut self, outcome: &Outcome) {
        let now = self.now;
        let Phase::Retiring(state) = &mut self.phase else { return };
        match outcome {
            Outcome::Applied => state.accepted = true,
            Outcome::NotSent { .. } => {
                // Nothing reached the server, so the limit on updates is not touched; the time limit is.
                state.sent = state.sent.saturating_sub(1);
                state.error = outcome.to_string();
                state.next = Some((now.saturating_add(state.backoff.grow()), RetireStep::Remove));
                let error = state.error.clone();
                return self.tell(EventKind::RemoveFailed { error });
            }
            Outcome::Refused { .. } | Outcome::Unknown(_) => {
                state.unknown |= matches!(outcome, Outcome::Unknown(_));
                state.error = outcome.to_string();
                let error = state.error.clone();
                self.tell(EventKind::RemoveFailed { error });
            }
        }
        self.ask_verify();
    }

    /// Asks the source whether it is gone.
    pub(super) fn ask_verify(&mut self) {
        if let Phase::Retiring(state) = &mut self.phase {
            state.next = None;
        }
        self.ask(Side::Source, Asked::Probe, self.source.transport, Purpose::Verify);
    }

    /// The source answers a question that was asked after the deletion.
    ///
    /// Absence proves the removal if the server accepted a deletion, or if the probe had been seen there and a deletion
    /// may have been done; after refusals alone it does not. Where the probe was never seen the add may still be on its way,
    /// and only a deletion accepted behind it is an end: servers apply updates of a zone in the order in which they take
    /// them (RFC 2136 section 3.7). An add that got no reply at all may even lie unread in a connection while the deletion,
    /// in another, is taken, and one that was accepted may be stored later than a deletion of what is not there yet; so
    /// after [`SETTLE`] it is deleted and read once more.
    pub(super) fn verified(&mut self, transport: Transport, observation: &Observation) {
        if self.heard(Side::Source, transport, observation) {
            return self.ask(Side::Source, Asked::Probe, Transport::Tcp, Purpose::Verify);
        }
        let is_there = matches!(observation, Observation::Exact | Observation::OtherRecords { with_probe: true, .. });
        self.source_has_shown |= is_there;
        let (now, has_shown) = (self.now, self.source_has_shown);
        let Phase::Retiring(state) = &mut self.phase else { return };
        state.absences = if observation.is_absence() { state.absences.saturating_add(1) } else { 0 };
        // Who said that it did not add it, and never showed it, is believed after that many answers more.
        let was_refused = self.leasing.is_refused && !has_shown;
        let is_proof = state.accepted || (has_shown && state.unknown) || was_refused;
        if is_proof && state.absences >= ABSENCES {
            if self.add_is_pending && !has_shown && !state.settled {
                (state.settled, state.accepted, state.absences) = (true, false, 0);
                "the add was never seen, and the server may still store it".clone_into(&mut state.error);
                state.next = Some((now.saturating_add(SETTLE), RetireStep::Remove));
                return;
            }
            self.tell(EventKind::Removed { owner: self.plan.task.owner_text() });
            return self.unjournal(AfterJournal::Vanish);
        }
        if is_there {
            let what = if state.accepted {
                "the source accepted the deletion but still shows the probe"
            } else {
                "the source still shows the probe"
            };
            // A refusal explains more than the record that is still there.
            if state.error.is_empty() || state.accepted {
                what.clone_into(&mut state.error);
            }
        } else if !observation.is_absence() {
            state.error = format!("the source does not confirm the deletion: {observation}");
        }
        let wants_another = is_there || !is_proof;
        let step = if wants_another && state.sent < MAX_REMOVALS { RetireStep::Remove } else { RetireStep::Verify };
        let pause = if state.absences > 0 && is_proof { state.backoff.confirm() } else { state.backoff.grow() };
        state.next = Some((now.saturating_add(pause), step));
        if is_there && state.accepted {
            let error = state.error.clone();
            self.tell(EventKind::RemoveFailed { error });
        }
    }

    /// U15: out of time with the probe perhaps in place. The journal entry stays, and a person gets the exact lines.
    pub(super) fn give_up_retiring(&mut self) {
        let Phase::Retiring(state) = &self.phase else { return };
        let why = if state.error.is_empty() { "no answer in time" } else { &state.error };
        let error = format!("a probe may be left at {}: {why}", self.plan.source.address);
        // Only a probe is ever retired.
        let transport = if self.plan.source.secured { Transport::Tls } else { Transport::Tcp };
        let script = |probe| update::nsupdate_script(self.plan.source.address, transport, probe);
        let nsupdate = self.plan.task.probe().map(script).unwrap_or_default();
        self.tell(EventKind::ProbeLeft { error, nsupdate });
        self.finish(Ending::Reported);
    }

    /// Watches the destinations that had shown the probe.
    pub(super) fn watch_removal(&mut self) {
        let now = self.now;
        if self.stopping {
            return self.finish(Ending::Reported);
        }
        // What took long to arrive takes as long to go.
        let arrival = self.removed_at.saturating_sub(self.planted_at);
        let until = now.saturating_add(GONE_GRACE.max(arrival)).max(self.plan.schedule.deadline);
        self.phase = Phase::Vanishing { until };
        for row in self.rows.iter_mut().filter(|row| row.has_shown) {
            row.backoff.restart();
            row.next = Some(now);
            row.shows.clear();
        }
        self.finish_if_gone();
    }

    /// A destination answers after the deletion.
    pub(super) fn vanished(&mut self, index: usize, transport: Transport, observation: &Observation) {
        let side = Side::Destination(index);
        if self.heard(side, transport, observation) {
            return self.ask(side, Asked::Probe, Transport::Tcp, Purpose::Vanish(index));
        }
        let (now, address) = (self.now, self.name(side).address);
        let Some(row) = self.rows.get_mut(index).filter(|row| row.has_shown) else { return };
        if observation.is_absence() {
            row.has_shown = false;
            let gone_after_ms = millis(now.saturating_sub(self.removed_at));
            self.tell(EventKind::Gone { address, gone_after_ms });
            return self.finish_if_gone();
        }
        row.shows = observation.to_string();
        row.next = Some(now.saturating_add(row.backoff.grow()));
    }

    /// When nobody shows it any more, that is the end.
    fn finish_if_gone(&mut self) {
        if self.rows.iter().all(|row| !row.has_shown) {
            self.finish(Ending::Reported);
        }
    }

    /// The end, whoever still shows it.
    pub(super) fn stop_watching(&mut self, why: &str) {
        let rows = self.rows.iter().zip(&self.plan.destinations).filter(|(row, _)| row.has_shown);
        let left: Vec<EventKind> = rows
            .map(|(row, name)| {
                let shows = if row.shows.is_empty() { why.to_owned() } else { format!("{} ({why})", row.shows) };
                EventKind::NotGone { address: name.address, shows }
            })
            .collect();
        for kind in left {
            self.tell(kind);
        }
        self.finish(Ending::Reported);
    }
}
