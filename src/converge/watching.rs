//! Watching: nothing is written. What the source holds of a record set is the measure, and the destinations are polled
//! for it as for a probe.
//!
//! ```text
//! Preflight --> Polling <--> Holding --> Done
//! ```
//!
//! The source is asked as often as a destination. Whenever it holds something else, that is the new measure and all
//! destinations count again. So a change is found that is made while this runs, and one that was made before.

use super::aside::Aside;
use super::destination::Observation;
use super::exchange::{Asked, Ending, Side};
use super::machine::Machine;
use super::phase::{LastLook, Phase, Purpose, Standing};
use super::shown::Shown;
use crate::observe::Held;
use crate::report::EventKind;
use crate::wire::Transport;
use std::time::Duration;

/// What is known where nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watch {
    /// What the source holds; none until it holds what is waited for.
    measure: Option<Held>,
    /// Whether it was seen to change, or a destination to hold something else.
    has_changed: bool,
    /// When the source is to be asked next; none while a question is open.
    pub(super) next: Option<Duration>,
}

/// # Watching
impl Machine {
    /// The pre-flight is over: what does the source hold?
    pub(super) fn watch(&mut self) {
        self.phase = Phase::Polling;
        self.planted_at = self.now;
        self.watch.next = Some(self.now);
        self.ask_watched_source();
    }

    /// Asks the source, if it is due.
    pub(super) fn ask_watched_source(&mut self) {
        if self.watch.next.is_some_and(|next| next <= self.now) {
            self.watch.next = None;
            self.ask(Side::Source, Asked::Probe, self.source.transport, Purpose::Watch);
        }
    }

    /// An answer to a question for what is watched.
    pub(super) fn watched(&mut self, purpose: Purpose, transport: Transport, shown: &Shown, aside: &Aside) {
        match purpose {
            Purpose::Watch if self.phase == Phase::Polling => self.source_holds(transport, shown),
            Purpose::Poll(index) => {
                let observation = self.judge(shown);
                self.watch.has_changed |= matches!(observation, Observation::Differs(_));
                self.polled(index, transport, &observation, aside);
            }
            // What changed since the last confirmation is the next measure, as long as there is time.
            Purpose::Hold if !self.is_late() && self.is_another_measure(shown) => {
                self.phase = Phase::Polling;
                self.source_holds(transport, shown);
            }
            Purpose::Hold => self.held(transport, &self.judge(shown)),
            _ => {}
        }
    }

    /// The source has answered.
    fn source_holds(&mut self, transport: Transport, shown: &Shown) {
        let observation = self.judge(shown);
        if self.heard(Side::Source, transport, &observation) {
            return self.ask(Side::Source, Asked::Probe, Transport::Tcp, Purpose::Watch);
        }
        self.watch.next = Some(self.now.saturating_add(self.plan.schedule.interval));
        let text = held(shown).map_or_else(|| observation.to_string(), |held| held.to_string());
        match held(shown).filter(|_| self.is_another_measure(shown)) {
            Some(held) => self.measure_anew(held, text),
            None if self.watch.measure.is_none() && self.source_showed != text => {
                self.tell(EventKind::Waiting { address: self.plan.source.address, shows: text.clone() });
                self.source_showed = text;
            }
            None => {}
        }
    }

    /// Whether this is what is waited for, and not what the destinations are held to already.
    fn is_another_measure(&self, shown: &Shown) -> bool {
        let (Some(held), Some(watched)) = (held(shown), self.plan.task.watched()) else { return false };
        let is_known = self.watch.measure.as_ref().is_some_and(|measure| watched.is_same(measure, &held));
        watched.is_met_by(&held) && !is_known
    }

    /// From here on the destinations must show this.
    fn measure_anew(&mut self, held: Held, shows: String) {
        self.watch.has_changed |= self.watch.measure.replace(held).is_some();
        self.planted_at = self.now;
        self.tell(EventKind::Measured { address: self.plan.source.address, shows });
        self.ask(Side::Source, Asked::Soa, self.source.transport, Purpose::Serial(Side::Source));
        // U16: an answer to a question that was asked before is not held against the new measure.
        self.forget(|purpose| matches!(purpose, Purpose::Poll(_) | Purpose::Hold));
        let now = self.now;
        let fit = self.rows.iter_mut().filter(|row| row.standing != Standing::Failed || row.samples > 0);
        for row in fit {
            (row.standing, row.streak, row.refusals, row.flaps) = (Standing::Open, 0, 0, 0);
            row.stale_nodes.clear();
            row.last_look = LastLook::Due;
            row.shows.clear();
            row.next = Some(now);
        }
    }

    /// What an answer is, held against what the source holds.
    fn judge(&self, shown: &Shown) -> Observation {
        let same = |held: &Held| {
            let measure = self.watch.measure.as_ref().zip(self.plan.task.watched());
            measure.is_some_and(|(measure, watched)| watched.is_same(measure, held))
        };
        match shown {
            Shown::Trouble(trouble) => Observation::Trouble(trouble.clone()),
            Shown::Contradictory => Observation::Contradictory,
            _ => match held(shown) {
                Some(held) if same(&held) => Observation::Exact,
                Some(held) => Observation::Differs(held.to_string()),
                None => Observation::Differs("the name leads elsewhere (CNAME or DNAME)".to_owned()),
            },
        }
    }

    /// Whether what the destinations are asked for is known to have been changed, so that they can confirm it.
    pub(super) fn has_arrived(&self) -> bool {
        self.plan.task.watched().is_none_or(|watched| watched.names_a_record() || self.watch.has_changed)
    }

    /// Whether what the destinations show has come while this ran: a time is the lag of nothing else.
    pub(super) fn is_news(&self) -> bool {
        self.plan.task.watched().is_none() || self.watch.has_changed
    }

    /// Why nothing could arrive by the deadline, if so.
    pub(super) fn nothing_to_arrive(&mut self) -> Option<&'static str> {
        let watched = self.plan.task.watched()?.to_string();
        if self.watch.measure.is_none() {
            let shows = if self.source_showed.is_empty() { "nothing" } else { &self.source_showed };
            let error = format!("by the deadline it did not hold {watched}; it showed: {shows}");
            self.tell(EventKind::NotVisible { address: self.plan.source.address, error });
            return Some("the source never held what was waited for");
        }
        let why = "nothing was changed: it showed the same as the source all the time, so propagation was not tested";
        (!self.has_arrived()).then_some(why)
    }

    /// The end of the watch; a probe is taken back first, and destinations without a verdict get `why`.
    pub(super) fn conclude(&mut self, why: &str) {
        if self.plan.task.probe().is_some() {
            return self.retire(why);
        }
        self.leave_open_rows(why);
        self.finish(Ending::Reported);
    }
}

/// What a server holds by its own word; none if the answer says something else.
fn held(shown: &Shown) -> Option<Held> {
    match shown {
        Shown::Set(set) => Some(Held::Set(set.clone())),
        Shown::NoName | Shown::NoData => Some(Held::Nothing),
        _ => None,
    }
}
