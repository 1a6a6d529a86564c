//! Several servers behind one address: what a few answers in a row of the better ones are worth, and who was not heard.

use super::{Drive, plan, truth};
use crate::converge::{Answer, Aside, Ask, Asked, Input, Observation, Plan, Schedule, Side, Trouble, UpdateKind};
use crate::report::{EventKind, Outcome as Verdict, Report};
use crate::update::Outcome;
use crate::wire::Rcode;
use std::cell::Cell;
use std::time::Duration;

/// A node that shows the probe.
const CURRENT: Observation = Observation::Exact;
/// A node that does not know it.
const STALE: Observation = Observation::NoName;

/// A run in which the destination's answers to the questions for the probe come from these nodes; the last goes on answering.
fn pool(plan: Plan, answers: &[(&str, Observation)]) -> (Report, Drive) {
    let (mut drive, mut held, mut polls) = (Drive::start(plan), false, 0);
    while drive.ending.is_none() {
        for ask in std::mem::take(&mut drive.asks) {
            let is_poll = held && ask.asked == Asked::Probe && ask.side == Side::Destination(0);
            let (node, shown) = answers.get(polls).or(answers.last()).expect("one at least");
            let (answer, node) = if is_poll {
                (Answer::Probe(shown.clone()), Some((*node).to_owned()))
            } else {
                (truth(&ask, held), None)
            };
            polls += usize::from(is_poll);
            let aside = Aside { node: node.filter(|node| !node.is_empty()), ..Aside::default() };
            drive.input(Input::Answered { request: ask.request, answer, aside });
        }
        for send in std::mem::take(&mut drive.sends) {
            held = send.kind == UpdateKind::Plant;
            drive.input(Input::Updated { request: send.request, outcome: Outcome::Applied });
        }
        if drive.ending.is_none() && drive.asks.is_empty() && drive.sends.is_empty() {
            drive.wait();
        }
    }
    (drive.report(), drive)
}

/// So many answers without a name: current until the first flap, then so many in a row after each.
fn flaps(rows: &[usize]) -> Vec<(&'static str, Observation)> {
    let row = |times: &usize| [vec![("", CURRENT); *times], vec![("", STALE)]].concat();
    rows.iter().flat_map(row).collect()
}

/// P2: after each flap the row that counts is twice as long, up to eight times; shorter rows prove nothing any more.
#[test]
fn p2_each_flap_doubles_the_row_that_counts() {
    for (rows, needed) in [(&[][..], 3), (&[2], 6), (&[2, 5], 12), (&[1, 5, 11], 24), (&[2, 5, 11, 23], 24)] {
        let answers = [flaps(rows), vec![("", CURRENT)]].concat();
        let (report, drive) =
            pool(plan(1).schedule(Schedule::default().for_at_most(Duration::from_secs(60))), &answers);
        assert_eq!(report.outcome(), Verdict::Ok, "{rows:?}: {report}");
        let row = &report.destinations()[0];
        assert_eq!(row.samples, u32::try_from(flaps(rows).len()).unwrap() + needed, "{rows:?}");
        assert_eq!(row.evidence.sampling.in_a_row, needed);
        assert!(drive.told(|kind| matches!(kind, EventKind::Seen { of, .. } if *of == needed)), "{rows:?}");
    }
}

/// P2: what shows nothing either way makes no row longer: silence, SERVFAIL.
#[test]
fn p2_silence_and_failures_make_no_row_longer() {
    for trouble in [Trouble::NoAnswer("timed out".to_owned()), Trouble::Rcode(Rcode::SERVFAIL)] {
        let odd = ("", Observation::Trouble(trouble));
        let (report, _) = pool(plan(1), &[("", CURRENT), odd, ("", CURRENT)]);
        assert_eq!((report.outcome(), report.destinations()[0].samples), (Verdict::Ok, 5), "{report}");
    }
}

/// Case 33: no row is long enough while a node that is known by name answered without it when it was last heard.
#[test]
fn p2_a_stale_node_has_to_be_heard_again() {
    let answers = [("a", STALE), ("b", STALE), ("a", CURRENT)];
    let (report, _) = pool(plan(1), &answers);
    assert_eq!((report.outcome(), report.exit_status()), (Verdict::NotConverged, 1), "{report}");
    let error = report.destinations()[0].error.as_deref().unwrap_or_default();
    assert_eq!(error, "by the deadline not all that answer there had shown it: b had not");
    let late = [&answers[..], &vec![("a", CURRENT); 20], &[("b", CURRENT)]].concat();
    let (report, _) = pool(plan(1), &late);
    assert_eq!((report.outcome(), report.destinations()[0].samples), (Verdict::Ok, 24), "{report}");
    // Who fails shows nothing, and need not be heard again.
    let failing = ("b", Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL)));
    assert_eq!(pool(plan(1), &[failing, ("a", CURRENT)]).0.outcome(), Verdict::Ok);
}

/// P2: a server that stops to say its name, as after a silence, is not waited for by that name; its row is twice as long.
#[test]
fn p2_who_stops_to_say_its_name_is_not_waited_for() {
    for unnamed in [CURRENT, STALE] {
        let (report, _) = pool(plan(1), &[("a", STALE), ("", unnamed.clone()), ("", CURRENT)]);
        let samples = 7 + u32::from(unnamed == STALE);
        assert_eq!((report.outcome(), report.destinations()[0].samples), (Verdict::Ok, samples), "{report}");
    }
    let silent = Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL));
    let (report, _) = pool(plan(1), &[("a", STALE), ("", silent), ("b", CURRENT)]);
    assert_eq!(report.outcome(), Verdict::NotConverged, "who fails has not answered: {report}");
}

/// Case 33: sixteen stale nodes are remembered, as many as are told; whoever invents more is not waited for.
#[test]
fn p2_stale_nodes_without_end_are_not_remembered() {
    let names: Vec<String> = (0..17).map(|number| format!("n{number}")).collect();
    let answers = |shown: Observation| names.iter().map(move |name| (name.as_str(), shown.clone()));
    let all_but_the_last: Vec<_> = answers(STALE).chain(answers(CURRENT).take(16)).collect();
    let (report, _) = pool(plan(1), &all_but_the_last);
    assert_eq!((report.outcome(), report.destinations()[0].samples), (Verdict::Ok, 33), "{report}");
    let all_but_two: Vec<_> = answers(STALE).chain(answers(CURRENT).take(15)).collect();
    assert_eq!(pool(plan(1), &all_but_two).0.outcome(), Verdict::NotConverged);
}

/// P2: where several nodes answer, the report says how much of it may be luck.
#[test]
fn p2_what_a_pool_owes_to_luck_is_told() {
    let (report, _) = pool(plan(1), &[("a", CURRENT), ("b", CURRENT)]);
    let text = report.to_string();
    assert!(
        text.contains("(3 answers in a row)") && text.contains("still show the change in 81 runs of 100"),
        "{text}"
    );
    let (alone, _) = pool(plan(1), &[("a", CURRENT)]);
    assert!(!alone.to_string().contains("runs of 100"), "{alone}");
}

/// A run with two destinations, the second of which gets the probe after so many questions; the first shows it at once, and then,
/// to the question after its three confirmations, this.
fn early_and_late(last: &Observation, after: u32) -> (Report, Drive) {
    let (mut drive, held, polls) = (Drive::start(plan(2)), Cell::new(false), Cell::new([0; 2]));
    let mut answer = |ask: &Ask| {
        let Side::Destination(index) = ask.side else { return Some(truth(ask, held.get())) };
        if ask.asked != Asked::Probe || !held.get() {
            return Some(truth(ask, held.get()));
        }
        let mut counts = polls.get();
        counts[index] += 1;
        polls.set(counts);
        match (index, counts[index]) {
            (0, 4) => Some(Answer::Probe(last.clone())),
            (1, count) if count <= after => Some(truth(ask, false)),
            _ => Some(truth(ask, true)),
        }
    };
    let report = drive.finish(&mut answer, &mut |kind| {
        held.set(kind == UpdateKind::Plant);
        Some(Outcome::Applied)
    });
    assert_eq!(polls.get()[0] > 3, after > 0, "who confirms with the others is not asked again");
    (report, drive)
}

/// Case 34: who confirmed long before the others is asked once more, and has lost its verdict if it shows something else by then.
#[test]
fn p2_who_confirmed_early_is_looked_at_again() {
    let flaps = |drive: &Drive| drive.told(|kind| matches!(kind, EventKind::Flapped { times: 3, .. }));
    let confirmed =
        |drive: &Drive| drive.events.iter().filter(|event| matches!(event.kind, EventKind::Confirmed { .. })).count();
    let (report, drive) = early_and_late(&CURRENT, 5);
    assert_eq!((report.outcome(), confirmed(&drive), flaps(&drive)), (Verdict::Ok, 2, false), "{report}");
    let silent = Observation::Trouble(Trouble::NoAnswer("timed out".to_owned()));
    let (report, drive) = early_and_late(&silent, 5);
    assert_eq!((report.outcome(), confirmed(&drive), flaps(&drive)), (Verdict::Ok, 2, false), "{report}");
    let (report, drive) = early_and_late(&STALE, 5);
    assert_eq!(
        (report.outcome(), confirmed(&drive), flaps(&drive)),
        (Verdict::Ok, 3, true),
        "it shows it again: {report}"
    );
    let (report, drive) = early_and_late(&STALE, 0);
    assert_eq!((report.outcome(), confirmed(&drive), flaps(&drive)), (Verdict::Ok, 2, false), "{report}");
}

/// A run of so many seconds at most, with two destinations, the second of which gets the probe after five questions; the first
/// shows it three times, and what it does then.
fn three_times_and_then(seconds: u64, then: fn(&Ask) -> Option<Answer>) -> (Report, Drive) {
    let schedule = Schedule::default().for_at_most(Duration::from_secs(seconds));
    let (mut drive, held, polls) = (Drive::start(plan(2).schedule(schedule)), Cell::new(false), Cell::new([0; 2]));
    let mut answer = |ask: &Ask| {
        let (Side::Destination(index), Asked::Probe, true) = (ask.side, ask.asked, held.get()) else {
            return Some(truth(ask, held.get()));
        };
        let mut counts = polls.get();
        counts[index] += 1;
        polls.set(counts);
        if index == 0 && counts[0] > 3 { then(ask) } else { Some(truth(ask, index == 0 || counts[1] > 5)) }
    };
    let report = drive.finish(&mut answer, &mut |kind| {
        held.set(kind == UpdateKind::Plant);
        Some(Outcome::Applied)
    });
    (report, drive)
}

/// Case 34: who lost it and does not show it again has not converged.
#[test]
fn p2_who_lost_it_has_not_converged() {
    let (report, _) = three_times_and_then(30, |ask| Some(truth(ask, false)));
    assert_eq!((report.outcome(), report.exit_status()), (Verdict::NotConverged, 1), "{report}");
    let row = &report.destinations()[0];
    assert!(row.seen_after_ms.is_none() && row.samples > 20, "it is asked until the deadline: {row:?}");
}

/// V8: a last look that is not answered keeps nobody beyond the deadline, and takes no verdict back.
#[test]
fn v8_a_last_look_is_not_waited_for_beyond_the_deadline() {
    let (report, drive) = three_times_and_then(4, |_| None);
    let held = drive.events.iter().find(|event| matches!(event.kind, EventKind::Held { .. })).expect("told");
    assert_eq!((report.outcome(), held.at_ms), (Verdict::Ok, 4000), "{report}");
}
