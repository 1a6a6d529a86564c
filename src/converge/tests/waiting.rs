//! What is asked by which transport, what is waited for, and what is told of it: details that verdicts rest on.

use super::scenarios::{Lab, honest, obeyed, trouble};
use super::{Drive, plan, truth};
use crate::converge::{
    Answer, Aside, Ask, Asked, Connection, Ending, Input, Machine, Observation, Output, Plan, Schedule, Side, Trouble,
    Unchanged, UpdateKind,
};
use crate::report::{Cleanup, EventKind, Outcome as Verdict, Propagation};
use crate::update::{Outcome, Uncertainty};
use crate::wire::{Rcode, Transport};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Whether this asks the destination for the probe while the source holds it.
fn is_poll(lab: &Lab, ask: &Ask) -> bool {
    ask.side == Side::Destination(0) && ask.asked == Asked::Probe && lab.source.get()
}

/// P2: the last confirmation, and no other, is asked for over TCP.
#[test]
fn p2_the_last_confirmation_comes_over_tcp() {
    let (lab, asked) = (Lab::default(), RefCell::new(Vec::new()));
    let watch = |ask: &Ask| {
        if is_poll(&lab, ask) {
            asked.borrow_mut().push(ask.transport);
        }
        None
    };
    let (report, _) = lab.run(plan(1), watch, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok);
    assert_eq!(*asked.borrow(), [Transport::Udp, Transport::Udp, Transport::Tcp]);
}

/// P2: each confirmation after the first is asked for over a connection of its own, and each absence at the source after the
/// first; nothing else is.
#[test]
fn p2_each_confirmation_comes_over_a_new_connection() {
    let (lab, deleted) = (Lab::default(), Cell::new(false));
    let [polls, absences, others] = [(); 3].map(|()| RefCell::new(Vec::new()));
    let watch = |ask: &Ask| {
        let kept = match ask.side {
            _ if is_poll(&lab, ask) => &polls,
            Side::Source if deleted.get() => &absences,
            _ => &others,
        };
        kept.borrow_mut().push(ask.connection);
        None
    };
    lab.run(plan(1), watch, |kind| {
        deleted.set(kind == UpdateKind::Remove);
        None
    });
    assert_eq!(*polls.borrow(), [Connection::Any, Connection::New, Connection::New]);
    assert_eq!(*absences.borrow(), [Connection::Any, Connection::New, Connection::New]);
    assert!(others.borrow().iter().all(|connection| *connection == Connection::Any));
}

/// P5: a destination that refuses is asked less and less often, so that the few refusals of a verdict span some time.
#[test]
fn p5_few_refusals_span_some_time() {
    let every_second = Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(60));
    let refuses = |ask: &Ask, _| trouble(ask, Trouble::Rcode(Rcode::SERVFAIL)).flatten();
    let (times, _) = polled_until(every_second, refuses, |kind| matches!(kind, EventKind::Inconclusive { .. }));
    let span = times[times.len() - 1].saturating_sub(times[0]);
    assert_eq!(times.len(), 5);
    assert!(
        span >= Duration::from_secs(6),
        "1, 1.5, 2.25 and 3.4 seconds, each shortened by a fifth at most: {span:?}"
    );
}

/// P2: where TCP is silent, UDP alone confirms from the beginning; it is asked once, and told.
#[test]
fn p2_without_tcp_the_count_begins_again_by_udp() {
    let (lab, asked) = (Lab::default(), RefCell::new(Vec::new()));
    let deviate = |ask: &Ask| {
        if !is_poll(&lab, ask) {
            return None;
        }
        asked.borrow_mut().push(ask.transport);
        let is_tcp = ask.transport == Transport::Tcp;
        is_tcp.then(|| trouble(ask, Trouble::NoAnswer("refused".to_owned()))).flatten()
    };
    let (report, _) = lab.run(plan(1), deviate, obeyed);
    assert_eq!(report.outcome(), Verdict::Ok);
    assert_eq!(asked.borrow().iter().filter(|transport| **transport == Transport::Tcp).count(), 1);
    assert_eq!((asked.borrow().len(), report.destinations()[0].samples), (6, 6));
    let notes = &report.destinations()[0].notes;
    assert!(notes.iter().any(|note| note.contains("not over TCP: refused")), "{notes:?}");
}

/// P2: what TCP answers counts as any answer does, and its silence is no flap where UDP was never asked.
#[test]
fn p2_an_error_over_tcp_is_an_answer() {
    let lab = Lab::default();
    let deviate = |ask: &Ask| {
        let is_tcp = is_poll(&lab, ask) && ask.transport == Transport::Tcp;
        is_tcp.then(|| trouble(ask, Trouble::Rcode(Rcode::SERVFAIL))).flatten()
    };
    let (report, drive) = lab.run(plan(1), deviate, obeyed);
    assert_eq!(report.propagation(), Propagation::NotConverged, "{report}");
    assert!(drive.told(|kind| matches!(kind, EventKind::Flapped { times: 2, .. })));
    // Over UDP only: silence before the last confirmation resets the count.
    let (lab, asked) = (Lab::default(), Cell::new(0));
    let deviate = |ask: &Ask| {
        let is_second = is_poll(&lab, ask) && asked.replace(asked.get() + 1) == 1;
        is_second.then(|| trouble(ask, Trouble::NoAnswer("timed out".to_owned()))).flatten()
    };
    let (report, drive) = lab.run(plan(1), deviate, obeyed);
    assert_eq!((report.outcome(), report.destinations()[0].samples), (Verdict::Ok, 5), "{report}");
    assert!(drive.told(|kind| matches!(kind, EventKind::Flapped { times: 1, .. })));
    assert!(report.destinations()[0].notes.iter().all(|note| !note.contains("not over TCP")), "{report}");
}

/// How a destination was asked for the probe that answers those of its questions with these troubles, and then truly.
fn asked_by(troubles: &[Trouble]) -> (Vec<Transport>, Propagation) {
    let (lab, asked) = (Lab::default(), RefCell::new(Vec::new()));
    let deviate = |ask: &Ask| {
        if !is_poll(&lab, ask) {
            return None;
        }
        asked.borrow_mut().push(ask.transport);
        troubles.get(asked.borrow().len() - 1).and_then(|fault| trouble(ask, fault.clone()))
    };
    let one = Schedule::default().confirmations(1);
    let propagation = lab.run(plan(1).schedule(one), deviate, obeyed).0.propagation();
    (asked.into_inner(), propagation)
}

/// P8: one silence is a lost datagram; two in a row mean the other transport, and two there the first one again.
#[test]
fn p8_two_silences_in_a_row_mean_the_other_transport() {
    use Transport::{Tcp, Udp};
    let silent = |times| vec![Trouble::NoAnswer("timed out".to_owned()); times];
    assert_eq!(asked_by(&silent(1)), (vec![Udp, Udp], Propagation::Converged));
    assert_eq!(asked_by(&silent(2)), (vec![Udp, Udp, Tcp], Propagation::Converged));
    assert_eq!(asked_by(&silent(4)), (vec![Udp, Udp, Tcp, Tcp, Udp], Propagation::Converged));
    let between = [silent(1), vec![Trouble::Rcode(Rcode::SERVFAIL)], silent(1)].concat();
    assert_eq!(asked_by(&between).0, [Udp; 4], "an answer between them, whatever it says");
}

/// P8: an answer that is cut off over TCP too is asked for as often as any, not again at once.
#[test]
fn p8_what_is_cut_off_over_tcp_is_a_refusal() {
    use Transport::{Tcp, Udp};
    assert_eq!(asked_by(&[Trouble::Truncated]), (vec![Udp, Tcp], Propagation::Converged));
    let (asked, propagation) = asked_by(&vec![Trouble::Truncated; 100]);
    assert_eq!((asked, propagation), ([[Udp, Tcp]; 5].concat(), Propagation::Inconclusive));
}

/// P8: a server whose UDP is silent is asked over TCP from then on, and it is told once.
#[test]
fn p8_silence_of_udp_is_learnt() {
    let mut machine = Machine::new(plan(1));
    let (mut inputs, mut asked, mut notes) = (std::collections::VecDeque::from([Input::Start]), Vec::new(), 0);
    while let Some(input) = inputs.pop_front() {
        machine.handle(input, Duration::ZERO);
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Ask(ask) => {
                    asked.push((ask.side, ask.transport));
                    if ask.side == Side::Destination(0) && ask.transport == Transport::Udp {
                        inputs.push_back(Input::UdpSilent { request: ask.request });
                    }
                    let answer = truth(&ask, false);
                    inputs.push_back(Input::Answered { request: ask.request, answer, aside: Aside::default() });
                }
                Output::Event(event) => {
                    let is_note = |text: &str| text.contains("does not answer over UDP");
                    notes += usize::from(matches!(event.kind, EventKind::Note { text, .. } if is_note(&text)));
                }
                _ => {}
            }
        }
    }
    let of = |side| asked.iter().filter(|(other, _)| *other == side).map(|(_, transport)| *transport).collect();
    let (of_source, of_destination): (Vec<_>, Vec<_>) = (of(Side::Source), of(Side::Destination(0)));
    assert!(of_source.iter().all(|transport| *transport == Transport::Udp), "{of_source:?}");
    assert_eq!((of_destination[0], notes), (Transport::Udp, 1));
    assert!(of_destination[1..].iter().all(|transport| *transport == Transport::Tcp), "{of_destination:?}");
    machine.handle(Input::UdpSilent { request: crate::converge::RequestId(u64::MAX) }, Duration::ZERO);
    assert!(machine.poll_output().is_none(), "about nothing that was asked");
}

/// U9: which replies leave it open that the server still takes the add: then it is deleted once more.
#[test]
fn u9_which_replies_leave_the_add_on_its_way() {
    let malformed = || Uncertainty::Malformed("short".to_owned());
    let lost = || Uncertainty::Lost("reset".to_owned());
    let cases = [
        (Uncertainty::Rcode(Rcode::SERVFAIL), 2),
        (Uncertainty::Rcode(Rcode::YXDOMAIN), 1),
        (Uncertainty::Rcode(Rcode(11)), 1),
        (Uncertainty::BadSignature("BADSIG".to_owned()), 2),
        (Uncertainty::TimedOut, 2),
        (Uncertainty::NotOurs, 2),
        (malformed(), 2),
        (lost(), 2),
    ];
    for (uncertainty, deletions) in cases {
        let outcome = Outcome::Unknown(uncertainty);
        let updates = |kind| (kind == UpdateKind::Plant).then(|| Some(outcome.clone()));
        let (report, drive) = Lab::default().run(plan(1), honest, updates);
        assert_eq!(report.cleanup(), Cleanup::Removed, "{outcome:?}");
        let removals = drive.sent.iter().filter(|kind| **kind == UpdateKind::Remove).count();
        assert_eq!(removals, deletions, "{outcome:?}");
    }
}

/// U6: what the source shows instead is told when it changes, and stands in the report.
#[test]
fn u6_what_the_source_shows_instead_is_told() {
    let (lab, asked) = (Lab::default(), Cell::new(0));
    let deviate = |ask: &Ask| {
        let is_read_back = ask.side == Side::Source && ask.asked == Asked::Probe && lab.source.get();
        let number = asked.get() + u32::from(is_read_back);
        asked.set(number);
        let shows = if number > 2 { Observation::Alias } else { Observation::NoName };
        is_read_back.then_some(Some(Answer::Probe(shows)))
    };
    let (report, drive) = lab.run(plan(1), deviate, obeyed);
    let waits: Vec<String> = drive.events.iter().filter_map(|event| waits_for(&event.kind)).collect();
    assert_eq!(waits.len(), 2, "{waits:?}");
    assert!(waits[0].contains("no such name") && waits[1].contains("an alias"), "{waits:?}");
    let error = report.source().and_then(|source| source.error.clone()).unwrap_or_default();
    assert!(error.contains("it shows: an alias"), "{error}");
}

/// What this event says that a server shows instead of the probe.
fn waits_for(kind: &EventKind) -> Option<String> {
    match kind {
        EventKind::Waiting { shows, .. } => Some(shows.clone()),
        _ => None,
    }
}

/// A plan with two seconds for everything, in which nobody is waited for longer than that.
fn two_seconds() -> Plan {
    let secs = Duration::from_secs;
    plan(1).schedule(Schedule::every(secs(1)).for_at_most(secs(2)).timeout(secs(30)).cleanup_timeout(secs(2)))
}

/// V8: the deadline bounds the pre-flight, and who did not answer by then is named.
#[test]
fn v8_the_deadline_bounds_the_pre_flight() {
    let silent = |ask: &Ask| (ask.side == Side::Destination(0)).then_some(None);
    let (report, drive) = Lab::default().run(two_seconds(), silent, obeyed);
    assert_eq!(drive.ending, Some(Ending::Unchanged(Unchanged::Deadline)));
    assert!(drive.sent.is_empty() && drive.now <= Duration::from_secs(3), "{:?}", drive.now);
    assert!(drive.told(|kind| matches!(kind, EventKind::Unfit { error, .. } if error.contains("deadline"))));
    assert_eq!(report.exit_status(), 2);
}

/// Runs a machine whose journal does what it is told: `None` is a disk that does not answer.
fn with_journal(write: Option<&Input>, remove: Option<&Input>) -> (Option<Ending>, Vec<UpdateKind>, Vec<EventKind>) {
    let mut machine = Machine::new(two_seconds());
    let (mut now, mut inputs) = (Duration::ZERO, std::collections::VecDeque::from([Input::Start]));
    let (mut ending, mut updates, mut told, mut zone) = (None, Vec::new(), Vec::new(), false);
    for _ in 0..1000 {
        let input = inputs.pop_front().unwrap_or(Input::Timer);
        if input == Input::Timer {
            let Some(wakeup) = machine.next_wakeup() else { break };
            now = wakeup.max(now);
        }
        machine.handle(input, now);
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Ask(ask) => {
                    let answer = truth(&ask, zone);
                    inputs.push_back(Input::Answered { request: ask.request, answer, aside: Aside::default() });
                }
                Output::Send(send) => {
                    zone = send.kind == UpdateKind::Plant;
                    updates.push(send.kind);
                    inputs.push_back(Input::Updated { request: send.request, outcome: Outcome::Applied });
                }
                Output::WriteJournal(_) => inputs.extend(write.cloned()),
                Output::RemoveJournal => inputs.extend(remove.cloned()),
                Output::Event(event) => told.push(event.kind),
                Output::Done(done) => ending = Some(done),
            }
        }
    }
    (ending, updates, told)
}

/// U14, V8: a disk that does not answer is one that failed: before the add nothing is sent, after the removal it is told.
#[test]
fn u14_a_disk_that_does_not_answer() {
    let (ending, sent, _) = with_journal(None, None);
    assert!(matches!(ending, Some(Ending::Unchanged(Unchanged::Journal(_)))), "{ending:?}");
    assert!(sent.is_empty());
    let (ending, sent, told) = with_journal(Some(&Input::JournalWritten), None);
    assert_eq!((ending, sent.len()), (Some(Ending::Reported), 2));
    let is_told = |text: &str| text.contains("journal") && text.contains("in time");
    assert!(told.iter().any(|kind| matches!(kind, EventKind::Note { text, .. } if is_told(text))), "{told:?}");
}

/// P2: where one answer is enough it is asked for by UDP, as the first ones are.
#[test]
fn p2_a_single_confirmation_comes_by_udp() {
    let (lab, asked) = (Lab::default(), RefCell::new(Vec::new()));
    let watch = |ask: &Ask| {
        if is_poll(&lab, ask) {
            asked.borrow_mut().push(ask.transport);
        }
        None
    };
    let (report, _) = lab.run(plan(1).schedule(Schedule::default().confirmations(1)), watch, obeyed);
    assert_eq!((report.outcome(), asked.borrow().as_slice()), (Verdict::Ok, [Transport::Udp].as_slice()));
}

/// A run whose one destination answers so at each time, until something like this is told; when it was asked, and what was told.
fn polled_until(
    schedule: Schedule,
    answers: impl Fn(&Ask, Duration) -> Option<Answer>,
    is_over: impl Fn(&EventKind) -> bool,
) -> (Vec<Duration>, super::Drive) {
    let (lab, times, clock) = (Lab::default(), RefCell::new(Vec::new()), Cell::new(Duration::ZERO));
    let mut drive = super::Drive::start(plan(1).schedule(schedule));
    loop {
        clock.set(drive.now);
        drive.answer(
            &mut |ask| {
                if !is_poll(&lab, ask) {
                    return Some(truth(ask, ask.side == Side::Source && lab.source.get()));
                }
                times.borrow_mut().push(clock.get());
                answers(ask, clock.get())
            },
            &mut |kind| Some(lab.update(kind)),
        );
        if drive.told(&is_over) {
            return (times.into_inner(), drive);
        }
        drive.wait();
    }
}

/// The same of a destination that shows the probe from that time on, until it is confirmed or the time is over.
fn visible_from(visible: Duration, schedule: Schedule) -> (Vec<Duration>, super::Drive) {
    let shows = |ask: &Ask, now| Some(truth(ask, visible <= now));
    polled_until(schedule, shows, |kind| matches!(kind, EventKind::Confirmed { .. } | EventKind::DeadlinePassed))
}

/// P7: intervals grow with the wait while nothing new is seen, and not within the default deadline.
#[test]
fn p7_intervals_grow_while_nothing_new_is_seen() {
    let long = Schedule::default().for_at_most(Duration::from_secs(1200));
    let (times, _) = visible_from(Duration::MAX, long);
    let gaps = times.windows(2).map(|pair| (pair[1], pair[1].saturating_sub(pair[0])));
    for (at, gap) in gaps {
        // Each is shortened by a fifth at most.
        let range = match at.as_secs() {
            0..=29 => 320..=400,
            30..=360 => 320..=5000,
            400.. => 4000..=5000,
            _ => continue,
        };
        assert!(range.contains(&gap.as_millis()), "{gap:?} at {at:?}");
    }
}

/// P2: by the defaults a destination counts as converged within a second of its first showing the probe, whenever that is.
#[test]
fn p2_a_destination_is_confirmed_within_a_second_of_showing_the_probe() {
    for visible in (0..280).map(|step| Duration::from_millis(step * 103)) {
        let (times, drive) = visible_from(visible, Schedule::default());
        assert!(drive.told(|kind| matches!(kind, EventKind::Confirmed { .. })), "{visible:?}");
        let [.., first, second, third] = times.as_slice() else { panic!("{times:?}") };
        // What is left of the second is for the exchanges, which take no time here.
        let late = third.saturating_sub(visible.max(times[0]));
        assert!(late <= Duration::from_millis(800), "{late:?} after {visible:?}");
        let apart = [second.saturating_sub(*first), third.saturating_sub(*second)];
        assert!(apart.iter().all(|gap| (160..=200).contains(&gap.as_millis())), "P2: spaced: {apart:?}");
    }
}

/// L6: who is given up takes no question of another with it.
#[test]
fn l6_who_is_given_up_takes_nobody_along() {
    let (lab, asked) = (Lab::default(), Cell::new(0));
    let deviate = |ask: &Ask| match ask.side {
        Side::Destination(0) if ask.asked == Asked::Probe => trouble(ask, Trouble::Rcode(Rcode::SERVFAIL)),
        // Its first question stays open for as long as it takes until the other is given up.
        Side::Destination(1) if ask.asked == Asked::Probe && asked.replace(asked.get() + 1) == 0 => Some(None),
        _ => None,
    };
    let schedule = Schedule::default().timeout(Duration::from_secs(10));
    let (report, _) = lab.run(plan(2).schedule(schedule), deviate, obeyed);
    let rows: Vec<Propagation> = report.destinations().iter().map(|row| row.propagation).collect();
    assert_eq!(rows, [Propagation::Inconclusive, Propagation::Converged], "{report}");
}

/// P2: a destination is said to have it since the first answer of the row that confirmed it.
#[test]
fn p2_seen_since_the_first_answer_of_the_row() {
    let (report, drive) = Lab::default().run(plan(1), honest, obeyed);
    let at = |is_it: fn(&EventKind) -> bool| drive.events.iter().find(|event| is_it(&event.kind)).map(|it| it.at_ms);
    let planting = at(|kind| matches!(kind, EventKind::Planting { .. })).expect("it was planted");
    let first = at(|kind| matches!(kind, EventKind::Seen { times: 1, .. })).expect("it was seen");
    let last = at(|kind| matches!(kind, EventKind::Confirmed { .. })).expect("it was confirmed");
    assert_eq!(report.destinations()[0].seen_after_ms, Some(first - planting));
    assert!(last > first, "the others came later");
}

/// U13: a refused deletion of what was never seen is sent again: the add may still be on its way.
#[test]
fn u13_a_refused_deletion_of_what_was_never_seen_is_sent_again() {
    let removals = Cell::new(0);
    let updates = |kind| match kind {
        UpdateKind::Plant => Some(Some(Outcome::Unknown(Uncertainty::TimedOut))),
        UpdateKind::Remove if removals.replace(removals.get() + 1) == 0 => {
            Some(Some(Outcome::Refused { rcode: Rcode::REFUSED }))
        }
        UpdateKind::Remove => None,
    };
    let (report, drive) = Lab::default().run(plan(1), honest, updates);
    assert_eq!((report.cleanup(), drive.journal), (Cleanup::Removed, false), "{report}");
    assert_eq!(removals.get(), 3, "refused, accepted, and once more for an add that comes late");
}

/// U15: what is told of a probe that may be left names what went wrong last, and most.
#[test]
fn u15_what_went_wrong_with_the_removal_is_told() {
    let left = |shows: Observation, first: Outcome, then: Outcome| {
        let (lab, removing) = (Lab::default(), Cell::new(false));
        let deviate = |ask: &Ask| {
            let is_verify = removing.get() && ask.side == Side::Source && ask.asked == Asked::Probe;
            is_verify.then(|| Some(Answer::Probe(shows.clone())))
        };
        let updates = |kind| {
            let outcome = if removing.replace(kind == UpdateKind::Remove) { &then } else { &first };
            (kind == UpdateKind::Remove).then(|| Some(outcome.clone()))
        };
        let (report, drive) = lab.run(plan(1), deviate, updates);
        assert_eq!((report.cleanup(), report.exit_status()), (Cleanup::Unconfirmed, 3), "{report}");
        let failed = drive.events.iter().filter_map(|event| match &event.kind {
            EventKind::RemoveFailed { error } => Some(error.clone()),
            _ => None,
        });
        (report.notes().join("\n"), failed.collect::<Vec<_>>())
    };
    let refused = || Outcome::Refused { rcode: Rcode::REFUSED };
    let servfail = || Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL));
    let applied = || Outcome::Applied;
    let (told, failed) = left(Observation::Exact, applied(), applied());
    assert!(told.contains("accepted the deletion but still shows the probe"), "{told}");
    assert!(failed.iter().all(|error| error.contains("still shows")) && !failed.is_empty(), "{failed:?}");
    let (told, _) = left(Observation::Exact, refused(), refused());
    assert!(told.contains("policy") && !told.contains("still shows"), "a refusal explains more: {told}");
    let (told, _) = left(Observation::Exact, refused(), applied());
    assert!(told.contains("accepted the deletion but still shows the probe"), "what came last counts: {told}");
    let (told, failed) = left(servfail(), applied(), applied());
    assert!(told.contains("does not confirm the deletion") && told.contains("SERVFAIL"), "{told}");
    assert_eq!(failed.len(), 0, "that it cannot be read says nothing of the deletion: {failed:?}");
}

/// U15: where every reply to a deletion is a failure, absence proves it if the deletion may have been done, and does
/// not if it was refused: whoever answers may never have had the probe.
#[test]
fn u15_absence_proves_what_may_have_been_done_and_not_what_was_refused() {
    let end = |outcome: Outcome, done: bool| {
        let (lab, removing) = (Lab::default(), Cell::new(false));
        let deviate = |ask: &Ask| {
            let is_verify = removing.get() && ask.side == Side::Source && ask.asked == Asked::Probe;
            is_verify.then_some(Some(Answer::Probe(Observation::NoName)))
        };
        let updates = |kind| {
            if kind == UpdateKind::Plant {
                return None;
            }
            removing.set(true);
            if done {
                lab.update(kind);
            }
            Some(Some(outcome.clone()))
        };
        lab.run(plan(1), deviate, updates).0.cleanup()
    };
    let unknown = Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL));
    assert_eq!(end(unknown, true), Cleanup::Removed);
    assert_eq!(end(Outcome::Refused { rcode: Rcode::REFUSED }, false), Cleanup::Unconfirmed);
}

/// A run with so many destinations, of which the first `silent` never answer for the probe: when each of the others had
/// confirmed, and when all was over.
fn times_of(destinations: u8, silent: usize) -> (Vec<Duration>, Duration) {
    let (mut drive, held) = (Drive::start(plan(destinations)), Cell::new(false));
    let hangs = |ask: &Ask| {
        ask.asked == Asked::Probe && held.get() && (0..silent).any(|index| ask.side == Side::Destination(index))
    };
    drive.finish(&mut |ask| (!hangs(ask)).then(|| truth(ask, held.get())), &mut |kind| {
        held.set(kind == UpdateKind::Plant);
        Some(Outcome::Applied)
    });
    let confirmed = drive.events.iter().filter(|event| matches!(event.kind, EventKind::Confirmed { .. }));
    (confirmed.map(|event| Duration::from_millis(event.at_ms)).collect(), drive.now)
}

/// L6: fifty destinations take no second more than one, and one of them that hangs delays none of the others.
#[test]
fn l6_fifty_destinations_take_as_long_as_one() {
    let second = Duration::from_secs(1);
    let ((one, over), (fifty, all_over)) = (times_of(1, 0), times_of(50, 0));
    assert_eq!((one.len(), fifty.len()), (1, 50));
    assert!(fifty.iter().all(|time| *time <= one[0].saturating_add(second)) && all_over <= over.saturating_add(second));
    let (others, _) = times_of(50, 1);
    assert_eq!(others.len(), 49);
    assert!(others.iter().all(|time| *time <= one[0].saturating_add(second)), "{others:?}");
}
