//! The explorer: every order of replies, losses, stops, time, late replies and steps of the clock to a stated depth, against
//! a model of the zone.
//!
//! The model makes two assumptions. Updates of a zone are applied in the order in which the server took them (RFC 2136
//! section 3.7), so a deletion that is accepted finds an earlier add applied. And an add that still lies in a
//! connection which we gave up is taken before the second of two accepted deletions, or never: a server that was
//! stopped and goes on may well take the first deletion before it.

use super::super::retiring::MAX_REMOVALS;
use super::{Drive, plan, soa, truth};
use crate::converge::{
    Answer, Aside, Ask, Asked, Ending, Input, Machine, Observation, Output, Plan, Schedule, Send, Side, Trouble,
    UpdateKind,
};
use crate::report::{Cleanup, Event, EventKind, Outcome as Verdict, Propagation, Report};
use crate::update::{Outcome, Uncertainty};
use crate::wire::Rcode;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How many steps are chosen freely after the pre-flight, before everything is answered truthfully or not at all.
const DEPTH: u32 = 8;
/// The same, from the very start.
const DEPTH_FROM_START: u32 = 6;
/// The same, with replies that come too late and steps of the clock among them, [`ODD`] of these at most.
const DEPTH_ODD: u32 = 6;
/// How many late replies and steps of the clock there are in one life.
const ODD: u32 = 2;
/// How far the clock is stepped: further than anything waits.
const STEP: Duration = Duration::from_secs(3600);
/// When a life is over that no step of the clock has touched: the deadline, and each step of the clean-up after it.
const LONGEST: Duration = Duration::from_secs(60);

/// A machine and the world around it.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a world of independent yes or no facts, all of whose combinations count"
)]
struct World {
    /// The machine.
    machine: Machine,
    /// The time of the run.
    now: Duration,
    /// Whether the source holds the probe.
    zone: bool,
    /// Whether an add was taken and not applied yet.
    queued: bool,
    /// Whether the destination holds it.
    copy: bool,
    /// Whether the journal has its entry.
    journal: bool,
    /// Whether the journal's operations are open: write, remove.
    writing: bool,
    /// See above.
    removing: bool,
    /// Open questions.
    asks: Vec<Ask>,
    /// Open updates.
    sends: Vec<Send>,
    /// Questions that were given up, whose answers may still come.
    late_asks: Vec<Ask>,
    /// Updates that got no reply in time.
    late_sends: Vec<Send>,
    /// How many late replies and steps of the clock may still happen.
    odd: u32,
    /// Updates that may have reached the server.
    updates: u32,
    /// Deletions accepted.
    accepted: u32,
    /// Truthful exact answers of the destination so far, in a row.
    streak: u32,
    /// Whether the destination confirmed often enough in a row.
    confirmed: bool,
    /// What was told.
    events: Vec<Event>,
    /// How it ended.
    ending: Option<Ending>,
}

/// One thing that may happen next.
#[derive(Clone, Debug)]
enum Step {
    /// The oldest question is answered truthfully.
    Truth(usize),
    /// It is not answered.
    Silence(usize),
    /// It is answered with SERVFAIL.
    Failure(usize),
    /// The update is applied (or queued, or not), and answered so.
    Update { index: usize, effect: Effect, outcome: Option<Outcome> },
    /// The queued add is applied.
    Apply,
    /// What the source holds reaches the destination.
    Replicate,
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
enum Effect {
    /// It is applied.
    Done,
    /// It is applied later.
    Later,
    /// Nothing.
    Nothing,
}

impl World {
    /// Before the start.
    fn new(plan: Plan) -> Self {
        let mut world = Self {
            machine: Machine::new(plan),
            now: Duration::ZERO,
            zone: false,
            queued: false,
            copy: false,
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
            streak: 0,
            confirmed: false,
            events: Vec::new(),
            ending: None,
        };
        world.input(Input::Start);
        world
    }

    /// One input, then all outputs.
    fn input(&mut self, input: Input) {
        self.input_at(input, self.now);
    }

    /// The same at this time of the clock.
    fn input_at(&mut self, input: Input, now: Duration) {
        self.machine.handle(input, now);
        let mut identities = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            assert!(self.ending.is_none(), "an output after Done");
            match output {
                // Nothing waits for who a server is, so it is answered at once.
                Output::Ask(ask) if matches!(ask.asked, Asked::Identity(_)) => identities.push(ask.request),
                Output::Ask(ask) => self.asks.push(ask),
                Output::Send(send) => {
                    assert!(self.journal, "an update left without a journal entry");
                    self.sends.push(send);
                    self.updates += 1;
                }
                Output::WriteJournal(_) => self.writing = true,
                Output::RemoveJournal => self.removing = true,
                Output::Event(event) => self.events.push(event),
                Output::Done(ending) => self.ending = Some(ending),
            }
        }
        self.check();
        for request in identities {
            let answer = Answer::Identity(Some("a node".to_owned()));
            self.input(Input::Answered { request, answer, aside: Aside::default() });
        }
    }

    /// What must hold at any time, and at the end.
    fn check(&self) {
        let may_hold = self.zone || self.queued;
        assert!(!may_hold || self.journal, "a probe without a journal entry: {:#?}", self.events);
        assert!(self.updates <= 1 + MAX_REMOVALS, "{} updates", self.updates);
        let Some(ending) = &self.ending else { return };
        let report = Report::from_events(&self.events);
        let told = self.events.iter().any(|event| matches!(event.kind, EventKind::ProbeLeft { .. }));
        if may_hold {
            assert!(told, "done with a probe in the zone, untold: {:#?}", self.events);
            assert_eq!(report.outcome(), Verdict::ProbeLeft);
        }
        assert_eq!(told, report.cleanup() == Cleanup::Unconfirmed, "the report and the events agree");
        assert_eq!(told, report.nsupdate().is_some(), "whoever has to clean up gets the lines");
        if matches!(ending, Ending::Unchanged(_)) {
            assert!(!may_hold && report.cleanup() == Cleanup::NotPlanted, "Err means that the zone is unchanged");
        }
        let status = match report.outcome() {
            Verdict::Ok => 0,
            Verdict::Different | Verdict::Faulty | Verdict::NotConverged => 1,
            Verdict::Inconclusive => 2,
            Verdict::ProbeLeft => 3,
        };
        assert_eq!(report.exit_status(), status, "V6");
        if *ending == Ending::Reported {
            let rows = report.destinations();
            assert!(rows.iter().all(|row| row.propagation != Propagation::NotTested), "V3: a row without a verdict");
        }
        assert!(self.now < LONGEST || self.now >= STEP, "V8: it took {:?}", self.now);
        if report.outcome() == Verdict::Ok {
            assert!(self.confirmed, "V1: OK without the confirmations");
            assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Removed));
        }
    }

    /// What may happen now.
    fn steps(&self, can_stop: bool) -> Vec<Step> {
        if self.ending.is_some() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        for index in 0..self.asks.len() {
            steps.extend([Step::Truth(index), Step::Silence(index), Step::Failure(index)]);
        }
        for (index, send) in self.sends.iter().enumerate() {
            let reply = |effect, outcome| Step::Update { index, effect, outcome };
            steps.push(reply(Effect::Done, Some(Outcome::Applied)));
            steps.push(reply(Effect::Done, Some(Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL)))));
            steps.push(reply(Effect::Done, None));
            steps.push(reply(Effect::Nothing, Some(Outcome::Applied)));
            steps.push(reply(Effect::Nothing, Some(Outcome::Refused { rcode: Rcode::REFUSED })));
            steps.push(reply(Effect::Nothing, Some(Outcome::NotSent { why: "refused".to_owned() })));
            steps.push(reply(Effect::Nothing, None));
            if send.kind == UpdateKind::Plant {
                steps.push(reply(Effect::Later, None));
                steps.push(reply(Effect::Later, Some(Outcome::Unknown(Uncertainty::TimedOut))));
            }
        }
        if self.queued {
            steps.push(Step::Apply);
        }
        if self.copy != self.zone {
            steps.push(Step::Replicate);
        }
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
    fn step(&mut self, step: Step) {
        match step {
            Step::Truth(index) => {
                let ask = self.asks.remove(index);
                let answer = self.truth(&ask);
                self.count(&ask, &answer);
                self.input(Input::Answered { request: ask.request, answer, aside: Aside::default() });
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
            Step::Replicate => self.copy = self.zone,
            Step::Journal(works) => {
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
            Step::Wait => {
                self.now = self.machine.next_wakeup().expect("not done, so it waits for something").max(self.now);
                self.input(Input::Timer);
            }
            Step::Stop => self.input(Input::Stop),
            Step::LateAnswer(index) => {
                self.odd -= 1;
                let ask = self.late_asks.remove(index);
                let (answer, aside) = (self.truth(&ask), Aside::default());
                self.input(Input::Answered { request: ask.request, answer, aside });
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
            Side::Destination(_) => truth(ask, self.copy),
        }
    }

    /// Keeps the model's own count of confirmations.
    fn count(&mut self, ask: &Ask, answer: &Answer) {
        if let (Side::Destination(_), Asked::Probe) = (ask.side, ask.asked) {
            self.streak = if *answer == Answer::Probe(Observation::Exact) { self.streak + 1 } else { 0 };
            self.confirmed |= self.streak >= 2;
        }
    }

    /// A number that two worlds share when they will behave alike.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let flags = [self.zone, self.queued, self.copy, self.journal, self.writing, self.removing, self.confirmed];
        (flags, self.streak, self.updates, self.accepted, self.now, &self.asks, &self.sends).hash(&mut hasher);
        (self.odd, &self.late_asks, &self.late_sends).hash(&mut hasher);
        let Machine { phase, rows, source, open, stopping, add_is_pending, source_has_shown, .. } = &self.machine;
        let Machine { source_showed, planted_at, removed_at, .. } = &self.machine;
        (stopping, add_is_pending, source_has_shown, source_showed, planted_at, removed_at).hash(&mut hasher);
        format!("{phase:?} {rows:?} {source:?} {open:?}").hash(&mut hasher);
        let refused = self.events.iter().any(|event| matches!(event.kind, EventKind::PlantRefused { .. }));
        refused.hash(&mut hasher);
        hasher.finish()
    }

    /// Runs to the end with the same kind of world: everything truthful, or nothing answered any more.
    fn run_out(mut self, truthful: bool) {
        for _ in 0..2_000 {
            let Some(last) = self.steps(false).pop() else { return };
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
            } else if self.copy != self.zone {
                Step::Replicate
            } else {
                last
            };
            self.step(step);
        }
        panic!("it does not end: {:?}", self.machine);
    }
}

/// Explores everything from this world on; returns how many worlds there were and the endings that were seen.
fn explore(start: World, depth: u32) -> (usize, HashSet<(Verdict, Cleanup)>) {
    let (mut seen, mut endings) = (HashSet::new(), HashSet::new());
    let mut layer = vec![start];
    for level in 0..=depth {
        let mut next = Vec::new();
        for world in layer {
            if world.ending.is_some() {
                let report = Report::from_events(&world.events);
                endings.insert((report.outcome(), report.cleanup()));
            } else if level == depth {
                world.clone().run_out(true);
                world.run_out(false);
            } else {
                for step in world.steps(true) {
                    let mut successor = world.clone();
                    successor.step(step);
                    if seen.insert(successor.fingerprint()) {
                        next.push(successor);
                    }
                }
            }
        }
        layer = next;
    }
    (seen.len(), endings)
}

/// A plan whose times are few, so that every order of them is reached.
fn short_plan() -> Plan {
    let secs = Duration::from_secs;
    let schedule = Schedule::every(secs(1)).for_at_most(secs(8)).confirmations(2).timeout(secs(1));
    plan(1).schedule(schedule.cleanup_timeout(secs(4)))
}

/// A world whose pre-flight went well and whose journal entry is written: the add is about to be answered.
fn after_preflight() -> World {
    let mut world = World::new(short_plan());
    while !world.asks.is_empty() {
        world.step(Step::Truth(0));
    }
    world.step(Step::Journal(true));
    assert_eq!(world.sends.len(), 1, "the add is on its way");
    world
}

/// U9, U13, U14, U15, L7: every order of what may happen after the add has left, to depth [`DEPTH`].
#[test]
fn u13_no_order_of_events_leaves_a_probe_untold() {
    let (worlds, endings) = explore(after_preflight(), DEPTH);
    eprintln!("{worlds} worlds to depth {DEPTH}; endings {endings:?}");
    assert!(worlds > 10_000, "the explorer explores: {worlds}");
}

/// U13, V8: the same where replies come after they were given up and the clock is stepped, forward and back.
#[test]
fn u13_v8_late_replies_and_steps_of_the_clock_leave_no_probe_untold() {
    let mut world = after_preflight();
    world.odd = ODD;
    let (worlds, endings) = explore(world, DEPTH_ODD);
    eprintln!("{worlds} worlds to depth {DEPTH_ODD} with {ODD} oddities; endings {endings:?}");
    assert!(worlds > 10_000, "the explorer explores: {worlds}");
    assert!(!endings.iter().any(|(verdict, _)| *verdict == Verdict::Ok), "nothing is proven in so few steps");
}

/// U13, U17: the same from the very start.
#[test]
fn u13_no_order_of_events_from_the_start_leaves_a_probe_untold() {
    let (worlds, endings) = explore(World::new(short_plan()), DEPTH_FROM_START);
    eprintln!("{worlds} worlds to depth {DEPTH_FROM_START}; endings {endings:?}");
    assert!(endings.iter().all(|(verdict, _)| *verdict != Verdict::Ok), "nothing is proven in so few steps");
}

/// From the point where the destination has confirmed: the whole clean-up, in every order.
#[test]
fn u13_every_order_of_the_clean_up() {
    let mut world = after_preflight();
    world.step(Step::Update { index: 0, effect: Effect::Done, outcome: Some(Outcome::Applied) });
    world.copy = true;
    while world.updates == 1 {
        let step = if world.asks.is_empty() { Step::Wait } else { Step::Truth(0) };
        world.step(step);
    }
    let (worlds, endings) = explore(world, DEPTH);
    eprintln!("{worlds} worlds to depth {DEPTH}; endings {endings:?}");
    assert!(endings.contains(&(Verdict::Ok, Cleanup::Removed)));
    assert!(endings.contains(&(Verdict::ProbeLeft, Cleanup::Unconfirmed)));
}

/// The explorer can fail: a world whose deletions do nothing and whose source lies about it breaks the guarantee.
#[test]
#[should_panic(expected = "done with a probe in the zone, untold")]
fn the_explorer_finds_a_source_that_lies() {
    let mut world = after_preflight();
    world.step(Step::Update { index: 0, effect: Effect::Done, outcome: Some(Outcome::Applied) });
    world.step(Step::Truth(0));
    world.step(Step::Stop);
    world.asks.clear();
    world.step(Step::Update { index: 0, effect: Effect::Nothing, outcome: Some(Outcome::Applied) });
    let ask = world.asks.remove(0);
    world.input(Input::Answered {
        request: ask.request,
        answer: Answer::Probe(Observation::NoName),
        aside: Aside::default(),
    });
    world.journal = true;
    world.input(Input::JournalRemoved);
}

/// U15: where every deletion is accepted and does nothing, every run ends with the probe told.
#[test]
fn u15_a_deletion_without_effect_is_told_in_every_run() {
    let mut drive = Drive::start(short_plan());
    let mut planted = false;
    let cell = std::cell::Cell::new(false);
    let report = drive.finish(
        &mut |ask| Some(if ask.asked == Asked::Soa { soa(1) } else { truth(ask, cell.get()) }),
        &mut |kind| {
            planted |= kind == UpdateKind::Plant;
            cell.set(planted);
            Some(Outcome::Applied)
        },
    );
    assert_eq!((report.outcome(), report.exit_status()), (Verdict::ProbeLeft, 3));
    assert!(drive.journal, "the entry stays for a sweep");
    assert!(u32::try_from(drive.sent.len()).is_ok_and(|sent| sent <= 1 + MAX_REMOVALS), "{:?}", drive.sent);
}
