//! Whole lives of a probe: servers played by closures, time by the wake-ups that the machine asks for.

use super::{Drive, plan, server, soa, truth};
use crate::converge::{
    Answer, Aside, Ask, Asked, Ending, Input, Observation, OnUnfit, Output, Plan, PlanError, RequestId, Schedule, Side,
    SoaObservation, Task, Trouble, Unchanged, UpdateKind, Writes,
};
use crate::report::{Cause, Cleanup, EventKind, Outcome as Verdict, Propagation, Report};
use crate::update::{Outcome, Uncertainty};
use crate::wire::{Rcode, Transport};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// A source and its copies that work; what deviates is laid over it by the scenario.
#[derive(Default)]
pub(super) struct Lab {
    /// Whether the source holds the probe.
    pub(super) source: Cell<bool>,
    /// How many questions a destination answers before a change arrives there.
    lag: u32,
    /// What each destination holds, and for how many more questions.
    copies: RefCell<[(bool, u32); 3]>,
}

impl Lab {
    /// The answer to a question.
    pub(super) fn answer(&self, ask: &Ask) -> Answer {
        let Side::Destination(index) = ask.side else { return truth(ask, self.source.get()) };
        if ask.asked != Asked::Probe {
            return truth(ask, false);
        }
        let mut copies = self.copies.borrow_mut();
        let (copy, since) = &mut copies[index];
        *since = if *copy == self.source.get() { 0 } else { *since + 1 };
        if *since > self.lag {
            *copy = self.source.get();
        }
        truth(ask, *copy)
    }

    /// The outcome of an update.
    pub(super) fn update(&self, kind: UpdateKind) -> Outcome {
        self.source.set(kind == UpdateKind::Plant);
        Outcome::Applied
    }

    /// Runs a plan here, with these deviations: what they answer counts, else the lab's own answer.
    pub(super) fn run(
        &self,
        plan: Plan,
        questions: impl Fn(&Ask) -> Deviation<Answer>,
        updates: impl Fn(UpdateKind) -> Deviation<Outcome>,
    ) -> (Report, Drive) {
        let mut drive = Drive::start(plan);
        let report = drive.finish(&mut |ask| questions(ask).unwrap_or_else(|| Some(self.answer(ask))), &mut |kind| {
            updates(kind).unwrap_or_else(|| Some(self.update(kind)))
        });
        (report, drive)
    }
}

/// What is laid over the lab: `None` leaves it to the lab, `Some(None)` is silence.
pub(super) type Deviation<T> = Option<Option<T>>;

/// No deviation in questions.
pub(super) fn honest(_: &Ask) -> Deviation<Answer> {
    None
}

/// No deviation in updates.
pub(super) fn obeyed(_: UpdateKind) -> Deviation<Outcome> {
    None
}

/// An answer of this trouble to whatever was asked.
pub(super) fn trouble(ask: &Ask, trouble: Trouble) -> Deviation<Answer> {
    match ask.failed(trouble, plan(1).task()) {
        Input::Answered { answer, .. } => Some(Some(answer)),
        _ => None,
    }
}

/// The order of what was told, by the first word of each line.
fn words(drive: &Drive) -> Vec<String> {
    let lines = drive.events.iter().map(ToString::to_string);
    lines.filter_map(|line| line.split([' ', ':']).next().map(str::to_owned)).collect()
}

/// A lab whose changes arrive after two questions.
pub(super) fn lagging() -> Lab {
    Lab { lag: 2, ..Lab::default() }
}

/// What is told names when the run began, and the probe.
#[test]
fn what_is_told_names_the_run_and_the_probe() {
    let (_, drive) = Lab::default().run(plan(1), honest, obeyed);
    assert!(drive.told(|kind| matches!(kind, EventKind::Started { started_unix: 1_700_000_000, .. })));
    let own = |owner: &String| *owner == super::probe().owner_text();
    assert!(drive.told(|kind| matches!(kind, EventKind::Planting { owner } if own(owner))));
    assert!(drive.told(|kind| matches!(kind, EventKind::Planted { owner, .. } if own(owner))));
    assert!(drive.told(|kind| matches!(kind, EventKind::Removed { owner } if own(owner))));
}

/// V1, U16: it converges; the order is confirm, hold, remove, removed, gone; two updates; the journal is empty.
#[test]
fn u16_a_life_in_order() {
    let (report, drive) = lagging().run(plan(2), honest, obeyed);
    assert_eq!((report.outcome(), report.exit_status()), (Verdict::Ok, 0));
    assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Removed));
    assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Remove]);
    assert!(!drive.journal);
    assert_eq!(drive.ending, Some(Ending::Reported));
    let words = words(&drive);
    let at = |word: &str| words.iter().position(|other| other == word);
    let last = |word: &str| words.iter().rposition(|other| other == word);
    let order = [at("planted"), last("confirmed"), at("held"), at("removing"), at("removed"), at("gone")];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{words:?}");
    assert!(!words.iter().any(|word| word == "flapped"), "absence after the deletion is no loss");
    assert!(report.destinations().iter().all(|row| row.seen_after_ms.is_some() && row.gone_after_ms.is_some()));
}

/// U17: each fault of the pre-flight is refused with its reason, and no update is sent.
#[test]
fn u17_nothing_is_written_before_the_pre_flight_passed() {
    let soa_faults = [
        SoaObservation::NoZone { within: None },
        SoaObservation::Several,
        SoaObservation::Trouble(Trouble::Rcode(Rcode::REFUSED)),
    ];
    let name_faults = [
        Observation::Alias,
        Observation::Redirected("example.".to_owned()),
        Observation::Trouble(Trouble::Cut("_dnsconverge.example.".to_owned())),
        Observation::Trouble(Trouble::NotAuthoritative { resolver: true }),
        Observation::Trouble(Trouble::NoAnswer("connection refused".to_owned())),
        Observation::Contradictory,
        Observation::Exact,
    ];
    for faulty in [Side::Source, Side::Destination(0)] {
        let soa_faults = soa_faults.iter().cloned().map(|fault| (true, Answer::Soa(fault)));
        let name_faults = name_faults.iter().cloned().map(|fault| (false, Answer::Probe(fault)));
        for (is_soa, fault) in soa_faults.chain(name_faults) {
            let deviate =
                |ask: &Ask| (ask.side == faulty && (ask.asked == Asked::Soa) == is_soa).then(|| Some(fault.clone()));
            let (report, drive) = Lab::default().run(plan(1), deviate, obeyed);
            assert!(drive.sent.is_empty(), "{faulty:?} {fault:?}");
            let ending = drive.ending.clone();
            assert!(matches!(ending, Some(Ending::Unchanged(Unchanged::Unfit { .. }))), "{fault:?}: {ending:?}");
            assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::NotPlanted));
            assert!(report.error().is_some_and(|error| error.contains("ns")), "it names the server");
        }
    }
}

/// U17: data at the probe's own name is refused, a wildcard is noted (U18): the sibling tells them apart.
#[test]
fn u18_wildcards_are_noted_data_is_refused() {
    let text = || Some(Some(Answer::Probe(Observation::OtherRecords { with_probe: false, count: 1 })));
    let planted = Cell::new(false);
    let wildcard = |ask: &Ask| (ask.asked != Asked::Soa && !planted.get()).then(text).flatten();
    let lab = Lab::default();
    let plant = |kind| {
        planted.set(kind == UpdateKind::Plant);
        None
    };
    let (report, drive) = lab.run(plan(1), wildcard, plant);
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
    assert!(drive.told(|kind| matches!(kind, EventKind::Note { text, .. } if text.contains("wildcard"))));
    let sibling = |ask: &Ask| (ask.asked == Asked::Sibling).then(text).flatten();
    let (report, _) = Lab::default().run(plan(1), sibling, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
}

/// U17: twice as a datagram, then over TCP; and then it stays with TCP.
#[test]
fn p8_udp_silent_tcp_answers() {
    let deviate = |ask: &Ask| {
        let is_silent = ask.side == Side::Destination(0) && ask.transport == Transport::Udp;
        is_silent.then(|| trouble(ask, Trouble::NoAnswer("timed out".to_owned()))).flatten()
    };
    let (report, _) = Lab::default().run(plan(1), deviate, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
    let notes = &report.destinations()[0].notes;
    assert!(notes.iter().any(|note| note.contains("does not answer over UDP")), "{notes:?}");
}

/// P8: TC=1 means the same question over TCP at once; what came as a datagram is dropped.
#[test]
fn p8_truncated_means_tcp() {
    let over_tcp = Cell::new(0);
    let deviate = |ask: &Ask| {
        if ask.transport == Transport::Tcp {
            over_tcp.set(over_tcp.get() + 1);
            return None;
        }
        trouble(ask, Trouble::Truncated)
    };
    let (report, _) = Lab::default().run(plan(1), deviate, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
    assert!(over_tcp.get() > 8, "every answer came over TCP");
}

/// The other way round: with `keep_going` an unfit destination is a row, and the others are checked.
#[test]
fn v3_keep_going_makes_an_inconclusive_row() {
    let deviate = |ask: &Ask| {
        let is_unfit = ask.side == Side::Destination(1);
        is_unfit.then(|| trouble(ask, Trouble::Rcode(Rcode::REFUSED))).flatten()
    };
    let (report, drive) = Lab::default().run(plan(2).on_unfit(OnUnfit::KeepGoing), deviate, obeyed);
    let rows: Vec<Propagation> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::Converged, Propagation::Inconclusive]);
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed));
    assert_eq!(drive.sent.len(), 2);
    let all_unfit =
        |ask: &Ask| (ask.side != Side::Source).then(|| trouble(ask, Trouble::Rcode(Rcode::REFUSED))).flatten();
    let (_, drive) = Lab::default().run(plan(2).on_unfit(OnUnfit::KeepGoing), all_unfit, obeyed);
    assert_eq!(drive.ending, Some(Ending::Unchanged(Unchanged::NoDestinationLeft)));
    assert!(drive.sent.is_empty());
}

/// U21: a dry run says what it would send, and sends nothing, not even a journal entry.
#[test]
fn u21_a_dry_run_sends_nothing() {
    let (report, drive) = Lab::default().run(plan(1).writes(Writes::DryRun), honest, obeyed);
    assert!(drive.sent.is_empty() && !drive.journal);
    assert!(report.would_plant().is_some_and(|update| update.contains("is not in use")));
    assert_eq!((report.exit_status(), report.propagation()), (0, Propagation::NotTested));
}

/// V9: no destination, or the source itself, is a plan that cannot be meant; a repeated address is asked once.
#[test]
fn v9_plans_that_cannot_be_meant() {
    let plan = |rows: Vec<_>| Plan::new(Task::Probe(super::probe()), server(1), rows, 0);
    assert_eq!(plan(vec![]), Err(PlanError::NoDestination));
    assert!(matches!(plan(vec![server(2), server(1)]), Err(PlanError::DestinationIsSource { .. })));
    assert_eq!(plan(vec![server(2), server(2)]).map(|plan| plan.destinations().len()), Ok(1));
    let places = plan(vec![server(2), server(2), server(3)]).map(|plan| plan.places().to_vec());
    assert_eq!(places, Ok(vec![0, 2]), "whoever has given the servers finds them again");
}

/// U14: without a journal entry nothing is planted.
#[test]
fn u14_no_journal_no_probe() {
    let mut machine = crate::converge::Machine::new(plan(1));
    let mut inputs = vec![Input::Start];
    let mut ending = None;
    while let Some(input) = inputs.pop() {
        machine.handle(input, Duration::ZERO);
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Ask(ask) => {
                    inputs.push(Input::Answered {
                        request: ask.request,
                        answer: truth(&ask, false),
                        aside: Aside::default(),
                    });
                }
                Output::WriteJournal(entry) => {
                    assert_eq!(entry.probe().map(|probe| *probe.owner()), Ok(*super::probe().owner()));
                    inputs.push(Input::JournalFailed("no space left".to_owned()));
                }
                Output::Send(send) => panic!("sent without an entry: {send:?}"),
                Output::Done(how) => ending = Some(how),
                Output::RemoveJournal | Output::Event(_) => {}
            }
        }
    }
    assert_eq!(ending, Some(Ending::Unchanged(Unchanged::Journal("no space left".to_owned()))));
}

/// U12: a defined refusal of the add ends with the zone unchanged, no deletion is sent, the entry is taken back.
#[test]
fn u12_a_refused_add_ends_unchanged() {
    for outcome in [Outcome::Refused { rcode: Rcode::REFUSED }, Outcome::NotSent { why: "no route".to_owned() }] {
        let (report, drive) = Lab::default().run(plan(1), honest, |_| Some(Some(outcome.clone())));
        assert_eq!(drive.sent, [UpdateKind::Plant]);
        assert!(!drive.journal);
        assert!(matches!(drive.ending, Some(Ending::Unchanged(_))));
        assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::NotPlanted));
    }
}

/// U5, U9: the reply is lost or SERVFAIL, and the add was applied: read back, go on, leave nothing.
#[test]
fn u9_an_unknown_add_is_read_back() {
    let unknown = [
        None,
        Some(Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL))),
        Some(Outcome::Unknown(Uncertainty::Rcode(Rcode::YXDOMAIN))),
        Some(Outcome::Unknown(Uncertainty::BadSignature("unknown key".to_owned()))),
        Some(Outcome::Unknown(Uncertainty::Lost("reset".to_owned()))),
        Some(Outcome::Unknown(Uncertainty::NotOurs)),
    ];
    for outcome in unknown {
        let lab = Lab::default();
        let updates = |kind| {
            lab.update(kind);
            (kind == UpdateKind::Plant).then(|| outcome.clone())
        };
        let (report, drive) = lab.run(plan(1), honest, updates);
        assert_eq!(report.outcome(), Verdict::Ok, "{outcome:?}: {report}");
        assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Remove], "{outcome:?}: the add is sent once");
        assert!(!lab.source.get() && !drive.journal);
    }
}

/// U9: the add got no reply, or the SERVFAIL of a server that forwarded it, and is never seen: deleted all the same, twice,
/// since it may come late.
#[test]
fn u9_an_add_that_is_never_seen_is_deleted_all_the_same() {
    for outcome in [None, Some(Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL)))] {
        let updates = |kind| (kind == UpdateKind::Plant).then(|| outcome.clone());
        let (report, drive) = Lab::default().run(plan(1), honest, updates);
        assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
        assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Remove, UpdateKind::Remove]);
        assert_eq!(report.destinations()[0].propagation, Propagation::Inconclusive);
    }
}

/// U6: NOERROR and nothing stored: accepted, not visible, cleaned up, could not tell.
#[test]
fn u6_accepted_but_not_visible() {
    let (report, drive) = Lab::default().run(plan(1), honest, |_| Some(Some(Outcome::Applied)));
    assert!(drive.told(|kind| matches!(kind, EventKind::NotVisible { .. })));
    assert!(!drive.told(|kind| matches!(kind, EventKind::Planted { .. })));
    assert_eq!((report.outcome(), report.cleanup()), (Verdict::Inconclusive, Cleanup::Removed));
}

/// U6: visible only after some time is visible (an asynchronous back-end).
#[test]
fn u6_visible_after_some_time() {
    let asked = Cell::new(0);
    let deviate = |ask: &Ask| {
        let is_early = ask.side == Side::Source && ask.asked == Asked::Probe && {
            asked.set(asked.get() + 1);
            (2..6).contains(&asked.get())
        };
        is_early.then_some(Some(Answer::Probe(Observation::NoName)))
    };
    let (report, _) = Lab::default().run(plan(1), deviate, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
}

/// U7: the source lost the probe while the destinations confirmed it: that is not OK.
#[test]
fn u7_the_source_must_still_hold_it() {
    let lab = Lab::default();
    let confirmed = Cell::new(0);
    let deviate = |ask: &Ask| {
        if ask.side == Side::Destination(0) && ask.asked == Asked::Probe && lab.source.get() {
            confirmed.set(confirmed.get() + 1);
        }
        let is_lost = ask.side == Side::Source && ask.asked == Asked::Probe && confirmed.get() >= 3;
        is_lost.then_some(Some(Answer::Probe(Observation::NoName)))
    };
    let (report, drive) = lab.run(plan(1), deviate, obeyed);
    assert!(drive.told(|kind| matches!(kind, EventKind::NotHeld { .. })));
    assert_eq!((report.outcome(), report.propagation()), (Verdict::Inconclusive, Propagation::Inconclusive));
    assert_eq!(report.cleanup(), Cleanup::Removed, "and it was cleaned up");
}

/// The destination's answers to the question for the probe after the add, one by one; then the lab's own.
fn script(answers: &[Observation]) -> (Report, Drive) {
    let lab = Lab::default();
    let next = Cell::new(0);
    let deviate = |ask: &Ask| {
        let is_poll = ask.side == Side::Destination(0) && ask.asked == Asked::Probe && lab.source.get();
        let answer = is_poll.then(|| answers.get(next.replace(next.get() + 1))).flatten();
        answer.map(|answer| Some(Answer::Probe(answer.clone())))
    };
    lab.run(plan(1), deviate, obeyed)
}

/// P2: any other answer resets the count, and is told.
#[test]
fn p2_a_flap_resets_the_count() {
    use Observation::{Exact, NoName};
    let (report, drive) = script(&[Exact, Exact, NoName]);
    assert_eq!(report.outcome(), Verdict::Ok);
    let row = &report.destinations()[0];
    assert_eq!(row.samples, 9, "six in a row, counted from the flap");
    assert!(drive.told(|kind| matches!(kind, EventKind::Flapped { times: 2, .. })));
    assert!(row.notes.iter().any(|note| note.contains("showed it 2 times, then no such name")), "{row:?}");
}

/// P2: one stale of two behind one address never converges.
#[test]
fn p2_alternating_answers_do_not_converge() {
    let answers: Vec<Observation> =
        (0..200).map(|n| if n % 2 == 0 { Observation::Exact } else { Observation::NoName }).collect();
    let (report, _) = script(&answers);
    assert_eq!((report.outcome(), report.exit_status()), (Verdict::NotConverged, 1));
    assert_eq!(report.cleanup(), Cleanup::Removed);
}

/// P5: SERVFAIL twice, then fine, is fine; persistent, it is an error before the deadline, with a guess.
#[test]
fn p5_transient_and_persistent_refusals() {
    let servfail = Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL));
    let (report, _) = script(&[servfail.clone(), servfail.clone()]);
    assert_eq!(report.outcome(), Verdict::Ok);
    for refusal in [
        servfail,
        Observation::Trouble(Trouble::Rcode(Rcode::REFUSED)),
        Observation::Trouble(Trouble::Rcode(Rcode::NOTAUTH)),
        Observation::Trouble(Trouble::NotAuthoritative { resolver: true }),
        Observation::Trouble(Trouble::Cut("x.example.".to_owned())),
        Observation::Alias,
        Observation::Redirected("example.".to_owned()),
    ] {
        let (report, drive) = script(&vec![refusal.clone(); 100]);
        assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{refusal:?}");
        assert_eq!(report.cleanup(), Cleanup::Removed);
        assert!(!drive.told(|kind| matches!(kind, EventKind::DeadlinePassed)), "told early");
        let error = report.destinations()[0].error.clone().unwrap_or_default();
        assert!(error.contains(&refusal.to_string()), "{error}");
    }
}

/// One that falls silent after the pre-flight has not converged; the text says what a person needs.
#[test]
fn v6_silence_after_the_pre_flight_is_not_converged() {
    let lab = Lab::default();
    let deviate = |ask: &Ask| (ask.side == Side::Destination(0) && lab.source.get()).then_some(None);
    let (report, drive) = lab.run(plan(2), deviate, obeyed);
    let rows: Vec<Propagation> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::NotConverged, Propagation::Converged], "L6: one delays no other");
    assert_eq!((report.exit_status(), report.cleanup()), (1, Cleanup::Removed));
    assert!(drive.told(|kind| matches!(kind, EventKind::DeadlinePassed)));
    let error = report.destinations()[0].error.clone().unwrap_or_default();
    assert!(error.contains("no answer"), "{error}");
    assert_eq!(report.causes(&report.destinations()[0]), [Cause::Unreachable]);
}

/// A destination that never gets it: not converged by the deadline, the probe is gone, the run ends soon after.
#[test]
fn v8_the_deadline_bounds_convergence() {
    let schedule = Schedule::default().for_at_most(Duration::from_secs(5));
    let lab = Lab { lag: u32::MAX, ..Lab::default() };
    let (report, drive) = lab.run(plan(1).schedule(schedule), honest, obeyed);
    assert_eq!(
        (report.outcome(), report.exit_status(), report.cleanup()),
        (Verdict::NotConverged, 1, Cleanup::Removed)
    );
    assert!(drive.now >= Duration::from_secs(5) && drive.now < Duration::from_secs(6), "{:?}", drive.now);
    assert!(!lab.source.get());
}

/// Replies to requests that were given up, or never made, change nothing.
#[test]
fn u9_late_replies_change_nothing() {
    let mut drive = Drive::start(plan(1));
    let first = drive.asks.remove(0);
    drive.now = Duration::from_secs(4);
    drive.input(Input::Timer);
    let (asks, events) = (drive.asks.len(), drive.events.len());
    drive.input(Input::Answered { request: first.request, answer: soa(9), aside: Aside::default() });
    drive.input(Input::Updated { request: RequestId(999), outcome: Outcome::Applied });
    drive.input(Input::JournalWritten);
    drive.input(Input::JournalRemoved);
    assert_eq!((drive.asks.len(), drive.events.len()), (asks, events));
    assert!(drive.sent.is_empty());
}

/// P2, L7: questions to one address are spaced, with growing intervals and jitter; the seed alone decides.
#[test]
fn p7_questions_are_spaced() {
    let times = |seed| {
        let mut backoff = crate::converge::schedule::Backoff::new(Duration::from_millis(500), seed);
        (0..12).map(|_| backoff.grow()).collect::<Vec<Duration>>()
    };
    let waits = times(7);
    assert_eq!(waits, times(7));
    assert_ne!(waits, times(8));
    assert!(waits.iter().all(|wait| (400..=5000).contains(&wait.as_millis())), "{waits:?}");
    assert!(waits[8..].iter().all(|wait| wait.as_millis() >= 4000), "grown to the longest: {waits:?}");
}

/// Several wake-ups at one time do not make the machine turn in circles.
#[test]
fn wake_ups_make_progress() {
    let lab = Lab { lag: u32::MAX, ..Lab::default() };
    let mut drive = Drive::start(plan(3));
    let mut steps = 0;
    while drive.ending.is_none() {
        drive.answer(&mut |ask| Some(lab.answer(ask)), &mut |kind| Some(lab.update(kind)));
        if drive.ending.is_none() {
            drive.wait();
        }
        steps += 1;
    }
    // Three destinations, each asked every 320 ms at most.
    assert!(steps < 400, "{steps} wake-ups in {:?}", drive.now);
    assert_eq!(drive.machine.next_wakeup(), None);
}

/// U8, S5, S6: a serial that does not change at the source, or goes back anywhere, is told; neither is a verdict.
#[test]
fn u8_s5_odd_serials_are_told() {
    let notes = |serials: [u32; 2]| {
        let lab = Lab::default();
        let planted = Cell::new(false);
        let deviate = |ask: &Ask| {
            let serial = serials[usize::from(planted.get())];
            (ask.asked == Asked::Soa).then_some(Some(soa(serial)))
        };
        let updates = |_| {
            planted.set(true);
            None
        };
        let (report, drive) = lab.run(plan(1), deviate, updates);
        assert_eq!(report.outcome(), Verdict::Ok, "{report}");
        let text = drive.events.iter().filter(|event| matches!(event.kind, EventKind::Note { .. }));
        text.map(ToString::to_string).collect::<Vec<String>>()
    };
    assert!(notes([7, 8]).is_empty());
    assert!(notes([u32::MAX, 0]).is_empty(), "the wrap is an advance");
    let unchanged = notes([7, 7]);
    assert!(unchanged.len() == 1 && unchanged[0].contains("192.0.2.1:53: the serial is still 7"), "{unchanged:?}");
    let back = notes([9, 8]);
    assert!(back.len() == 2 && back.iter().all(|note| note.contains("went backward (9 to 8)")), "{back:?}");
}
