//! Journal, add, and the reading back that proves the add.

use super::Observation;
use super::exchange::{Asked, Output, Side, Unchanged, UpdateKind};
use super::machine::Machine;
use super::phase::{AfterJournal, Phase, Purpose, Standing};
use super::schedule::VISIBLE_WITHIN;
use crate::report::{EventKind, millis};
use crate::update::{Outcome, Uncertainty};
use crate::wire::{Rcode, Transport};

/// # Planting
impl Machine {
    /// U14: the entry is on disk, so the update may leave; unless nobody wants it any more.
    pub(super) fn journal_written(&mut self) {
        if !matches!(self.phase, Phase::Journaling { .. }) {
            return;
        }
        if self.stopping {
            return self.unjournal(AfterJournal::Abort(Unchanged::Stopped));
        }
        if self.is_late() {
            return self.unjournal(AfterJournal::Abort(Unchanged::Deadline));
        }
        self.leasing.asked = self.lease_to_ask();
        self.plant();
    }

    /// Sends the add.
    pub(super) fn plant(&mut self) {
        self.phase = Phase::Planting;
        self.planted_at = self.now;
        self.tell(EventKind::Planting { owner: self.plan.task.owner_text() });
        // Not shortened by the deadline: the outcome of an update in flight must be waited for.
        self.send(UpdateKind::Plant, self.plan.schedule.timeout);
    }

    /// Without an entry nothing is planted.
    pub(super) fn journal_failed(&mut self, why: String) {
        if matches!(self.phase, Phase::Journaling { .. }) {
            self.abort(Unchanged::Journal(why));
        }
    }

    /// The outcome of the add. Only what the server said it did not do, or what never left, ends here.
    pub(super) fn plant_outcome(&mut self, outcome: &Outcome) {
        let address = self.plan.source.address;
        let why = format!("{outcome}{}", self.remedy(outcome));
        match outcome {
            Outcome::Refused { rcode } if self.may_mind_lease(*rcode) => self.doubt_refusal(&why),
            Outcome::Refused { .. } => {
                self.tell(EventKind::PlantRefused { error: why.clone() });
                return self.unjournal(AfterJournal::Abort(Unchanged::Refused { address, why }));
            }
            Outcome::NotSent { .. } => {
                self.tell(EventKind::PlantRefused { error: why.clone() });
                return self.unjournal(AfterJournal::Abort(Unchanged::NotSent { address, why }));
            }
            Outcome::Unknown(uncertainty) => {
                // RFC 2136 section 6: SERVFAIL may also come of a server that forwarded the add and lost patience with it.
                self.add_is_pending = !matches!(uncertainty, Uncertainty::Rcode(rcode) if *rcode != Rcode::SERVFAIL);
                self.tell(EventKind::PlantUnknown { error: why });
            }
            // Some store later what they have accepted.
            Outcome::Applied => self.add_is_pending = true,
        }
        if self.stopping {
            return self.retire("stopped before it was told");
        }
        let until = self.now.saturating_add(VISIBLE_WITHIN).min(self.plan.schedule.deadline);
        self.phase = Phase::ReadingBack { next: Some(self.now), until };
    }

    /// Asks the source for the probe.
    pub(super) fn ask_read_back(&mut self) {
        if let Phase::ReadingBack { next, .. } = &mut self.phase {
            *next = None;
        }
        // What decides whether the add is sent again is asked of whom it was sent to, by the way that it went.
        let transport = if self.leasing.is_refused { Transport::Tcp } else { self.source.transport };
        self.ask(Side::Source, Asked::Probe, transport, Purpose::ReadBack);
    }

    /// U6: NOERROR is not done; only the record itself, read with authority, is.
    pub(super) fn read_back(&mut self, transport: Transport, observation: &Observation) {
        if self.heard(Side::Source, transport, observation) {
            return self.ask(Side::Source, Asked::Probe, Transport::Tcp, Purpose::ReadBack);
        }
        let pause = self.plan.schedule.interval;
        let is_refused = self.leasing.is_refused;
        let Phase::ReadingBack { next, .. } = &mut self.phase else { return };
        if is_refused && observation.is_absence() {
            return self.plant_without_lease();
        }
        if *observation != Observation::Exact {
            *next = Some(self.now.saturating_add(pause));
            return self.source_shows(observation);
        }
        self.source_has_shown = true;
        let (owner, address) = (self.plan.task.owner_text(), self.plan.source.address);
        let after_ms = millis(self.now.saturating_sub(self.planted_at));
        self.tell(EventKind::Planted { owner, address, after_ms });
        if !self.source_showed.is_empty() {
            let text = format!(
                "took the update and showed it only after {after_ms} ms: it forwards updates to another server, or stores them later"
            );
            self.tell(EventKind::Note { address: Some(address), text });
        }
        self.ask(Side::Source, Asked::Soa, self.source.transport, Purpose::Serial(Side::Source));
        self.phase = Phase::Polling;
        let now = self.now;
        for row in self.rows.iter_mut().filter(|row| row.standing == Standing::Open) {
            row.next = Some(now);
        }
    }

    /// Keeps what the source shows, for the case that nothing better comes.
    fn source_shows(&mut self, observation: &Observation) {
        let shows = observation.to_string();
        if shows != self.source_showed {
            self.tell(EventKind::Waiting { address: self.plan.source.address, shows: shows.clone() });
            self.source_showed = shows;
        }
    }

    /// The source did not show it in time: accepted, but not visible.
    pub(super) fn give_up_reading_back(&mut self) {
        let address = self.plan.source.address;
        let error = if self.source_showed.is_empty() {
            "the update was sent, but there was no time left to read the source".to_owned()
        } else {
            format!("the update was sent, but the source does not show the probe; it shows: {}", self.source_showed)
        };
        self.tell(EventKind::NotVisible { address, error });
        self.retire("the source never showed the probe");
    }

    /// Removes the journal entry, then goes on to this.
    pub(super) fn unjournal(&mut self, then: AfterJournal) {
        let until = self.now.saturating_add(self.plan.schedule.cleanup_timeout);
        self.phase = Phase::Unjournaling { until, then };
        self.put(Output::RemoveJournal);
    }

    /// The entry is no more.
    pub(super) fn journal_removed(&mut self) {
        let Phase::Unjournaling { then, .. } = &self.phase else { return };
        match then.clone() {
            AfterJournal::Abort(why) => self.abort(why),
            AfterJournal::Vanish => self.watch_removal(),
        }
    }

    /// An entry too many is harmless: a sweep finds nothing at the name and removes it.
    pub(super) fn journal_not_removed(&mut self, why: &str) {
        if matches!(self.phase, Phase::Unjournaling { .. }) {
            let text = format!("the journal entry could not be removed, `sweep` will do it: {why}");
            self.tell(EventKind::Note { address: None, text });
            self.journal_removed();
        }
    }
}
