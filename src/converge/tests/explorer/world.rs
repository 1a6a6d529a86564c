//! The explorer's world: a machine, the zone, its copies, what is under way, and what may happen next.

use super::super::truth;
use super::invariants;
use crate::converge::{
    Answer, Aside, Ask, Asked, Ending, Input, Machine, Observation, Output, Plan, Send, Side, Trouble, UpdateKind,
};
use crate::report::{Event, EventKind};
use crate::update::{Outcome, Uncertainty};
use crate::wire::Rcode;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How far the clock is stepped: further than anything waits.
pub(super) const STEP: Duration = Duration::from_secs(3600);

/// A machine and the world around it.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a world of independent yes or no facts, all of whose combinations count"
)]
pub(super) struct World {
    /// The machine.
    pub(super) machine: Machine,
    /// The time of the run.
    pub(super) now: Duration,
    /// Whether the source holds the probe.
    pub(super) zone: bool,
    /// Whether an add was taken and not applied yet.
    pub(super) queued: bool,
    /// The destinations.
    pub(super) copies: Vec<Copied>,
    /// Whether the journal has its entry.
    pub(super) journal: bool,
    /// Whether the journal's operations are open: write, remove.
    writing: bool,
    /// See above.
    removing: bool,
    /// Open questions.
    pub(super) asks: Vec<Ask>,
    /// Open updates.
    pub(super) sends: Vec<Send>,
    /// Questions that were given up, whose answers may still come.
    late_asks: Vec<Ask>,
    /// Updates that got no reply in time.
    late_sends: Vec<Send>,
    /// How many late replies and steps of the clock may still happen.
    pub(super) odd: u32,
    /// Updates that may have reached the server.
    pub(super) updates: u32,
    /// Deletions accepted.
    accepted: u32,
    /// What was told.
    pub(super) events: Vec<Event>,
    /// How it ended.
    pub(super) ending: Option<Ending>,
}

/// A destination, and what it truly showed.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Copied {
    /// Whether it holds the probe.
    pub(super) holds: bool,
    /// Truthful exact answers so far, in a row.
    streak: u32,
    /// Whether there were enough of them in a row.
    pub(super) confirmed: bool,
}

/// One thing that may happen next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// This question is answered truthfully.
    Truth(usize),
    /// It is not answered.
    Silence(usize),
    /// It is answered with SERVFAIL.
    Failure(usize),
    /// The update is applied (or queued, or not), and answered so.
    Update { index: usize, effect: Effect, outcome: Option<Outcome> },
    /// The queued add is applied.
    Apply,
    /// What the source holds reaches this destination.
    Replicate(usize),
    /// The journal's operation succeeds or fails.
    Journal(bool),
    /// Time passes to the next wake-up.
    Wait,
    /// Ctrl-C.
    Stop,
    /// The answer to a question that was given up comes after all.
    LateAnswer(usize),
    /// The reply to an update that was given up comes after all.
    LateReply(usize),
    /// The clock is stepped forward, as after a sleep of the machine, or back.
    Clock { forward: bool },
}

/// What an update does to the zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    /// It is applied.
    Done,
    /// It is applied later.
    Later,
    /// Nothing.
    Nothing,
}

/// What an answer says besides: its server knows options, so it may be asked for a lease.
fn aside() -> Aside {
    Aside { has_edns: true, ..Aside::default() }
}

impl World {
    /// Before the start.
    pub(super) fn new(plan: Plan) -> Self {
        let mut world = Self {
            copies: vec![Copied::default(); plan.destinations().len()],
            machine: Machine::new(plan),
            now: Duration::ZERO,
            zone: false,
            queued: false,
            journal: false,
            writing: false,
            removing: false,
            asks: Vec::new(),
            sends: Vec::new(),
            late_asks: Vec::new(),
            late_sends: Vec::new(),
            odd: 0,
            updates: 0,
            accepted: 0,
            events: Vec::new(),
            ending: None,
        };
        world.input(Input::Start);
        world
    }

    /// One input, then all outputs.
    pub(super) fn input(&mut self, input: Input) {
        self.input_at(input, self.now);
    }

    /// The same at this time of the clock.
    fn input_at(&mut self, input: Input, now: Duration) {
        let again = matches!(input, Input::Answered { .. } | Input::Updated { .. }).then(|| input.clone());
        self.machine.handle(input, now);
        let mut identities = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            assert!(self.ending.is_none(), "an output after Done");
            match output {
                // Nothing waits for who a server is, so it is answered at once.
                Output::Ask(ask) if matches!(ask.asked, Asked::Identity(_)) => identities.push(ask.request),
                Output::Ask(ask) => self.asks.push(ask),
                Output::Send(send) => {
                    assert!(self.journal, "U14: an update left without a journal entry");
                    self.sends.push(send);
                    self.updates += 1;
                }
                Output::WriteJournal(_) => self.writing = true,
                Output::RemoveJournal => self.removing = true,
                Output::Event(event) => self.events.push(event),
                Output::Done(ending) => self.ending = Some(ending),
            }
        }
        if let Some(again) = again {
            self.is_deaf_to(again, now);
        }
        invariants::hold(self);
        for request in identities {
            let answer = Answer::Identity(Some("a node".to_owned()));
            self.input(Input::Answered { request, answer, aside: aside() });
        }
    }

    /// V7: what comes twice counts once.
    fn is_deaf_to(&mut self, input: Input, now: Duration) {
        let before = (self.machine.phase.clone(), self.machine.next_wakeup());
        self.machine.handle(input, now);
        assert!(self.machine.poll_output().is_none(), "V7: a duplicate had an effect: {:#?}", self.events);
        let after = (self.machine.phase.clone(), self.machine.next_wakeup());
        assert_eq!(after, before, "V7: a duplicate changed something");
    }

    /// What may happen now.
    pub(super) fn steps(&self, can_stop: bool) -> Vec<Step> {
        if self.ending.is_some() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        for index in 0..self.asks.len() {
            steps.extend([Step::Truth(index), Step::Silence(index), Step::Failure(index)]);
        }
        for (index, send) in self.sends.iter().enumerate() {
            steps.extend(fates(send).into_iter().map(|(effect, outcome)| Step::Update { index, effect, outcome }));
        }
        if self.queued {
            steps.push(Step::Apply);
        }
        let behind = self.copies.iter().enumerate().filter(|(_, copy)| copy.holds != self.zone);
        steps.extend(behind.map(|(index, _)| Step::Replicate(index)));
        if self.writing || self.removing {
            steps.extend([Step::Journal(true), Step::Journal(false)]);
        }
        if self.odd > 0 {
            steps.extend((0..self.late_asks.len()).map(Step::LateAnswer));
            steps.extend((0..self.late_sends.len()).map(Step::LateReply));
            steps.extend([Step::Clock { forward: true }, Step::Clock { forward: false }]);
        }
        steps.push(Step::Wait);
        if can_stop {
            steps.push(Step::Stop);
        }
        steps
    }

    /// Lets it happen.
    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Truth(index) => {
                let ask = self.asks.remove(index);
                let answer = self.truth(&ask);
                self.count(&ask, &answer);
                self.input(Input::Answered { request: ask.request, answer, aside: aside() });
            }
            Step::Silence(index) => {
                let ask = self.asks.remove(index);
                self.late_asks.push(ask.clone());
                self.input(ask.failed(Trouble::NoAnswer("timed out".to_owned()), self.machine.plan().task()));
            }
            Step::Failure(index) => {
                let ask = self.asks.remove(index);
                self.input(ask.failed(Trouble::Rcode(Rcode::SERVFAIL), self.machine.plan().task()));
            }
            Step::Update { index, effect, outcome } => {
                let send = self.sends.remove(index);
                if outcome == Some(Outcome::Applied) {
                    self.accept(send.kind);
                }
                self.apply(send.kind, effect);
                if matches!(outcome, Some(Outcome::NotSent { .. })) {
                    self.updates -= 1;
                }
                match outcome {
                    Some(outcome) => self.input(Input::Updated { request: send.request, outcome }),
                    // What was lost is not answered late; what was done may be.
                    None if effect == Effect::Nothing => {}
                    None => self.late_sends.push(send),
                }
            }
            Step::Apply => self.run_queue(),
            Step::Replicate(index) => self.copies[index].holds = self.zone,
            Step::Journal(works) => self.keep_journal(works),
            Step::Wait => {
                self.now = self.machine.next_wakeup().expect("not done, so it waits for something").max(self.now);
                self.input(Input::Timer);
            }
            Step::Stop => self.input(Input::Stop),
            Step::LateAnswer(index) => {
                self.odd -= 1;
                let ask = self.late_asks.remove(index);
                let answer = self.truth(&ask);
                self.input(Input::Answered { request: ask.request, answer, aside: aside() });
            }
            Step::LateReply(index) => {
                self.odd -= 1;
                let send = self.late_sends.remove(index);
                // Whoever says that it took the add has applied it by then.
                self.run_queue();
                self.accept(send.kind);
                self.input(Input::Updated { request: send.request, outcome: Outcome::Applied });
            }
            Step::Clock { forward } => {
                self.odd -= 1;
                if forward {
                    self.now += STEP;
                }
                let seen = if forward { self.now } else { Duration::ZERO };
                self.input_at(Input::Timer, seen);
            }
        }
    }

    /// The journal's operation succeeds or fails.
    fn keep_journal(&mut self, works: bool) {
        let write = std::mem::take(&mut self.writing);
        let remove = !write && std::mem::take(&mut self.removing);
        let input = match (write, works) {
            (true, true) => Input::JournalWritten,
            (true, false) => Input::JournalFailed("full".to_owned()),
            (false, true) => Input::JournalRemoved,
            (false, false) => Input::JournalNotRemoved("read-only".to_owned()),
        };
        self.journal = (self.journal || (write && works)) && !(remove && works);
        self.input(input);
    }

    /// The server says that it has done an update.
    fn accept(&mut self, kind: UpdateKind) {
        if kind == UpdateKind::Plant {
            return;
        }
        // In order: whoever accepts the deletion has applied the add that it took before.
        self.run_queue();
        self.accepted += 1;
        if self.accepted >= 2 {
            // And an add that lay in a connection which was given up is not taken any more.
            self.sends.retain(|send| send.kind == UpdateKind::Remove);
        }
    }

    /// The queued add is applied.
    fn run_queue(&mut self) {
        self.zone |= std::mem::take(&mut self.queued);
    }

    /// An update reaches the zone.
    fn apply(&mut self, kind: UpdateKind, effect: Effect) {
        match (kind, effect) {
            (_, Effect::Nothing) => {}
            (UpdateKind::Plant, Effect::Later) => self.queued = true,
            (UpdateKind::Plant, Effect::Done) => self.zone = true,
            (UpdateKind::Remove, _) => {
                self.run_queue();
                self.zone = false;
            }
        }
    }

    /// What the server asked would truly answer.
    fn truth(&self, ask: &Ask) -> Answer {
        match ask.side {
            Side::Source => truth(ask, self.zone),
            Side::Destination(index) => truth(ask, self.copies[index].holds),
        }
    }

    /// Keeps the model's own count of confirmations.
    fn count(&mut self, ask: &Ask, answer: &Answer) {
        if let (Side::Destination(index), Asked::Probe) = (ask.side, ask.asked) {
            let copy = &mut self.copies[index];
            copy.streak = if *answer == Answer::Probe(Observation::Exact) { copy.streak + 1 } else { 0 };
            copy.confirmed |= copy.streak >= 2;
        }
    }

    /// A number that two worlds share when they will behave alike.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let flags = [self.zone, self.queued, self.journal, self.writing, self.removing];
        (flags, &self.copies, self.updates, self.accepted, self.now, &self.asks, &self.sends).hash(&mut hasher);
        (self.odd, &self.late_asks, &self.late_sends).hash(&mut hasher);
        let Machine { phase, rows, source, open, stopping, add_is_pending, source_has_shown, .. } = &self.machine;
        let Machine { source_showed, planted_at, removed_at, leasing, .. } = &self.machine;
        (stopping, add_is_pending, source_has_shown, source_showed, planted_at, removed_at).hash(&mut hasher);
        format!("{phase:?} {rows:?} {source:?} {open:?} {leasing:?}").hash(&mut hasher);
        let refused = self.events.iter().any(|event| matches!(event.kind, EventKind::PlantRefused { .. }));
        refused.hash(&mut hasher);
        hasher.finish()
    }

    /// Runs to the end with the same kind of world: everything truthful, or nothing answered any more.
    pub(super) fn run_out(&mut self, truthful: bool) {
        for _ in 0..2_000 {
            let Some(last) = self.steps(false).pop() else { return };
            let behind = self.copies.iter().position(|copy| copy.holds != self.zone);
            let step = if self.writing || self.removing {
                Step::Journal(true)
            } else if !truthful {
                self.asks.clear();
                self.sends.clear();
                last
            } else if !self.asks.is_empty() {
                Step::Truth(0)
            } else if !self.sends.is_empty() {
                Step::Update { index: 0, effect: Effect::Done, outcome: Some(Outcome::Applied) }
            } else {
                behind.map_or(last, Step::Replicate)
            };
            self.step(step);
        }
        panic!("it does not end: {:?}", self.machine);
    }
}

/// What may become of an update: what it does, and what is answered.
fn fates(send: &Send) -> Vec<(Effect, Option<Outcome>)> {
    let refused = |rcode| Some(Outcome::Refused { rcode });
    let mut fates = vec![
        (Effect::Done, Some(Outcome::Applied)),
        (Effect::Done, Some(Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL)))),
        (Effect::Done, None),
        (Effect::Nothing, Some(Outcome::Applied)),
        (Effect::Nothing, refused(Rcode::REFUSED)),
        (Effect::Nothing, Some(Outcome::NotSent { why: "refused".to_owned() })),
        (Effect::Nothing, None),
    ];
    if send.kind == UpdateKind::Plant {
        fates.push((Effect::Later, Some(Outcome::Applied)));
        fates.push((Effect::Later, None));
        fates.push((Effect::Later, Some(Outcome::Unknown(Uncertainty::TimedOut))));
    }
    if send.lease.is_some() {
        // A server that minds the option says so, and some have done the rest all the same.
        fates.push((Effect::Nothing, refused(Rcode::FORMERR)));
        fates.push((Effect::Done, refused(Rcode::FORMERR)));
    }
    fates
}
