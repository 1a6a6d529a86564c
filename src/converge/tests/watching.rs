//! Nothing is written: what the source holds is the measure, which may change, and what is said where nothing changes.

use super::scenarios::trouble;
use super::{Drive, server, soa, zone};
use crate::canonical::Form;
use crate::converge::{
    Answer, Aside, Ask, Asked, Ending, Input, OnUnfit, Plan, Schedule, Shown, Side, Task, Trouble, shown,
};
use crate::observe::Watched;
use crate::report::{EventKind, Outcome as Verdict, Propagation, Report};
use crate::update::Outcome;
use crate::wire::tests::reply::{Reply, name, record};
use crate::wire::{CLASS_IN, Message, Question, Rcode, Rtype, Transport};
use hickory_proto::rr::{Name, RecordType};
use std::time::Duration;

/// The texts at `www.example.`.
fn watched() -> Watched {
    Watched::new(&Name::from_ascii("www.example.").expect("a name"), RecordType::TXT).expect("a type")
}

/// What a server shows that holds this text there.
fn text(text: &str) -> Shown {
    let rdata = [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    let owner = name("www.example");
    let octets = Reply::to(7, owner, Rtype::TXT).and(0, record(&owner, Rtype::TXT, &rdata)).octets();
    let question = Question { name: owner, rtype: Rtype::TXT, class: CLASS_IN };
    shown::read(&Message::parse(&octets).expect("well-formed"), 7, &question, &zone(), Form::Canonical)
}

/// Nobody answers.
fn silence() -> Shown {
    Shown::Trouble(Trouble::NoAnswer("timed out".to_owned()))
}

/// Twenty seconds for a watch of this with so many destinations, each asked every second.
fn plan(watched: Watched, destinations: u8) -> Plan {
    let task = Task::Observe { zone: zone(), watched, started_unix: 1_700_000_000 };
    let plan = Plan::new(task, server(1), (0..destinations).map(|index| server(index + 2)), 1).expect("a sound plan");
    plan.schedule(Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(20)))
}

/// Runs it; `shows` says what a side shows at which second, and everything else works.
fn run(plan: Plan, mut shows: impl FnMut(&Ask, u64) -> Shown) -> (Report, Drive) {
    let mut drive = Drive::start(plan);
    for _ in 0..10_000 {
        let second = drive.now.as_secs();
        drive.answer(
            &mut |ask| {
                Some(match ask.asked {
                    Asked::Soa => soa(7),
                    Asked::Identity(_) => Answer::Identity(None),
                    Asked::Probe | Asked::Sibling => Answer::Watched(shows(ask, second)),
                })
            },
            &mut |_| Some(Outcome::Applied),
        );
        if drive.ending.is_some() {
            assert!(drive.sent.is_empty() && !drive.journal, "nothing is written");
            return (drive.report(), drive);
        }
        drive.wait();
    }
    panic!("the machine does not end");
}

/// What the source was said to hold, one after the other.
fn measures(drive: &Drive) -> Vec<String> {
    let measures = drive.events.iter().filter_map(|event| match &event.kind {
        EventKind::Measured { shows, .. } => Some(shows.clone()),
        _ => None,
    });
    measures.collect()
}

/// The verdict on each destination, and why.
fn rows(report: &Report) -> Vec<(Propagation, String)> {
    report.destinations().iter().map(|row| (row.propagation, row.error.clone().unwrap_or_default())).collect()
}

/// U21: a change made before the run is the measure at once, and is seen to arrive.
#[test]
fn u21_a_change_made_before_arrives() {
    let (report, drive) = run(plan(watched(), 2), |ask, second| match ask.side {
        Side::Destination(index) if second < 3 * (1 + index as u64) => text("old"),
        _ => text("new"),
    });
    assert_eq!((report.outcome(), report.propagation()), (Verdict::Ok, Propagation::Converged), "{report}");
    assert_eq!(measures(&drive), ["\"new\" (TTL 3600)"]);
    assert_eq!(drive.ending, Some(Ending::Reported));
}

/// U21: what was named and held everywhere from the beginning is proven, and has no lag.
#[test]
fn u21_what_was_held_from_the_beginning_has_no_lag() {
    let named = watched().holding("\"new\"", &Name::root()).expect("a text");
    let seen = |report: &Report| report.destinations()[0].seen_after_ms;
    let (report, _) = run(plan(named.clone(), 1), |_, _| text("new"));
    assert_eq!((report.outcome(), seen(&report)), (Verdict::Ok, None), "{report}");
    assert!(report.to_string().contains("converged, held already when this began"), "{report}");
    let (report, _) = run(plan(named, 1), |ask, second| match ask.side {
        Side::Destination(_) if second < 3 => text("old"),
        _ => text("new"),
    });
    assert!(seen(&report).is_some_and(|after| after >= 3000), "{report}");
}

/// U21: a change made while it runs becomes the measure, all destinations count again, and an answer to an older question
/// is not held against it.
#[test]
fn u21_a_change_made_meanwhile_is_the_next_measure() {
    let (report, drive) = run(plan(watched(), 1), |ask, second| match (ask.side, second) {
        (Side::Source, 0..5) | (_, 0..8) => text("old"),
        _ => text("new"),
    });
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
    assert_eq!(measures(&drive), ["\"old\" (TTL 3600)", "\"new\" (TTL 3600)"]);
    assert!(drive.now >= Duration::from_secs(8), "{:?}", drive.now);
}

/// U16: an answer to a question that was asked before the measure changed is not held against the new one.
#[test]
fn u16_an_answer_to_an_older_question_counts_for_nothing() {
    let (mut drive, mut kept) = (Drive::start(plan(watched(), 1)), Vec::new());
    while measures(&drive).len() < 2 || !drive.asks.is_empty() {
        let source = if drive.now < Duration::from_secs(2) { text("old") } else { text("new") };
        for ask in std::mem::take(&mut drive.asks) {
            let answer = match (ask.asked, ask.side) {
                (Asked::Soa, _) => soa(7),
                (Asked::Identity(_), _) => Answer::Identity(None),
                (_, Side::Source) => Answer::Watched(source.clone()),
                (_, Side::Destination(_)) => {
                    kept.push(ask.request);
                    continue;
                }
            };
            drive.input(Input::Answered { request: ask.request, answer, aside: Aside::default() });
        }
        if measures(&drive).len() < 2 && drive.asks.is_empty() {
            drive.wait();
        }
    }
    let [older, newer] = kept.as_slice() else { panic!("{kept:?}") };
    for (request, is_seen) in [(older, false), (newer, true)] {
        let answer = Answer::Watched(text("new"));
        drive.input(Input::Answered { request: *request, answer, aside: Aside::default() });
        assert_eq!(drive.told(|kind| matches!(kind, EventKind::Seen { .. })), is_seen);
    }
}

/// U21: where nothing changes, a destination that shows the same has tested nothing, and one that is silent has not even that.
#[test]
fn u21_where_nothing_changes_nothing_has_arrived() {
    let (report, drive) = run(plan(watched(), 2), |ask, _| match ask.side {
        Side::Destination(1) => silence(),
        _ => text("same"),
    });
    let rows = rows(&report);
    assert_eq!(rows[0].0, Propagation::Inconclusive, "{report}");
    assert!(rows[0].1.starts_with("nothing was changed"), "{rows:?}");
    assert_eq!(rows[1].0, Propagation::NotConverged, "{report}");
    assert!(rows[1].1.contains("timed out"), "{rows:?}");
    assert!(drive.now >= Duration::from_secs(20), "it may still change until the deadline");
}

/// U21: a record that is named and there already counts as arrived where it is seen.
#[test]
fn u21_a_record_that_is_named_needs_no_change() {
    let named = watched().holding("new", &Name::root()).expect("a text");
    let (report, drive) = run(plan(named, 1), |_, _| text("new"));
    assert_eq!(report.outcome(), Verdict::Ok, "{report}");
    assert!(drive.now < Duration::from_secs(5), "{:?}", drive.now);
}

/// U21: until the source holds the record that is named nobody is measured, and what it shows instead is told as it changes.
#[test]
fn u21_a_record_that_never_comes() {
    let named = watched().holding("new", &Name::root()).expect("a text");
    let (report, drive) = run(plan(named, 1), |ask, second| {
        assert_eq!(ask.side, Side::Source, "there is no measure yet");
        match second {
            0..5 => text("old"),
            5..10 => Shown::NoName,
            10..15 => silence(),
            _ => text("older"),
        }
    });
    let waits = drive.events.iter().filter(|event| matches!(event.kind, EventKind::Waiting { .. })).count();
    assert_eq!((waits, measures(&drive).len()), (4, 0));
    let error = report.source().and_then(|source| source.error.clone()).unwrap_or_default();
    assert!(error.contains("did not hold www.example. TXT \"new\"") && error.contains("\"older\""), "{error}");
    let rows = rows(&report);
    assert_eq!(rows[0], (Propagation::Inconclusive, "the source never held what was waited for".to_owned()));
}

/// U21: a source that says nothing at all is said to have shown that.
#[test]
fn u21_a_source_that_is_lost_is_no_measure() {
    let mut drive = Drive::start(plan(watched(), 1));
    let report = drive.finish(
        &mut |ask| match ask.asked {
            Asked::Soa => Some(soa(7)),
            _ => None,
        },
        &mut |_| None,
    );
    assert_eq!(report.propagation(), Propagation::Inconclusive, "{report}");
    let error = report.source().and_then(|source| source.error.clone()).unwrap_or_default();
    assert!(error.contains("it showed: ") && error.contains("timed out"), "{error}");
}

/// U7: what changed between the last confirmation and the last look at the source is the next measure, while there is time.
#[test]
fn u7_a_change_at_the_last_look_is_followed_while_there_is_time() {
    for (deadline, measured, verdict) in [(60, 2, Propagation::Converged), (20, 1, Propagation::Inconclusive)] {
        let schedule = Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(deadline));
        let confirmed = std::cell::Cell::new(0_u32);
        let (report, drive) = run(plan(watched(), 1).schedule(schedule), |ask, second| match ask.side {
            // A source that changes when the destination has been asked for the third time, or when the time is over.
            Side::Source if second >= 20 || confirmed.get() >= 3 && deadline > 20 => text("newer"),
            Side::Source => text("new"),
            Side::Destination(_) if deadline == 20 => text("old"),
            Side::Destination(_) if second < 3 => text("old"),
            Side::Destination(_) => {
                confirmed.set(confirmed.get() + 1);
                if confirmed.get() > 5 { text("newer") } else { text("new") }
            }
        });
        assert_eq!((measures(&drive).len(), report.propagation()), (measured, verdict), "{report}");
        let is_lost = drive.told(|kind| matches!(kind, EventKind::NotHeld { .. }));
        assert_eq!(is_lost, deadline == 20, "what it holds when the time is over was not waited for: {report}");
    }
}

/// U7: while the source is looked at for the last time, an answer to an older question changes nothing.
#[test]
fn u7_the_last_look_is_the_one_that_counts() {
    let (mut drive, mut kept) = (Drive::start(plan(watched(), 1)), None);
    while drive.ending.is_none() {
        let second = drive.now.as_secs();
        for ask in std::mem::take(&mut drive.asks) {
            let mut answer = |request, answer| {
                drive.input(Input::Answered { request, answer, aside: Aside::default() });
            };
            match (ask.asked, ask.side) {
                (Asked::Soa, _) => answer(ask.request, soa(7)),
                (Asked::Identity(_), _) => answer(ask.request, Answer::Identity(None)),
                (_, Side::Destination(_)) => {
                    answer(ask.request, Answer::Watched(if second < 2 { text("old") } else { text("new") }));
                }
                // The one that is open when the destination confirms is answered after the last one was asked.
                _ if second >= 2 && kept.is_none() => kept = Some(ask.request),
                _ => {
                    if let (Some(older), true) = (kept, second >= 2) {
                        answer(older, Answer::Watched(text("newer")));
                    }
                    answer(ask.request, Answer::Watched(text("new")));
                }
            }
        }
        if drive.ending.is_none() && drive.asks.is_empty() {
            drive.wait();
        }
    }
    assert_eq!((measures(&drive).len(), drive.report().outcome()), (1, Verdict::Ok), "{}", drive.report());
}

/// U21: who was given up for its refusals counts again when there is another measure; who was not fit does not.
#[test]
fn u21_another_measure_opens_who_was_given_up() {
    let (report, drive) = run(plan(watched(), 2), |ask, second| match (ask.side, second) {
        (Side::Destination(0), 0..13) => Shown::Trouble(Trouble::Rcode(Rcode::SERVFAIL)),
        (Side::Destination(1), 0..16) | (Side::Source, 0..14) => text("old"),
        _ => text("new"),
    });
    assert!(drive.told(|kind| matches!(kind, EventKind::Inconclusive { .. })), "{report}");
    assert_eq!(report.propagation(), Propagation::Converged, "{report}");
    assert_eq!(measures(&drive).len(), 2);
}

/// U21: who was not fit is not asked for anything, whatever the measure becomes.
#[test]
fn u21_another_measure_opens_nobody_who_was_not_fit() {
    let mut drive = Drive::start(plan(watched(), 2).on_unfit(OnUnfit::KeepGoing));
    for _ in 0..1_000 {
        let shown = if drive.now < Duration::from_secs(4) { text("old") } else { text("new") };
        drive.answer(
            &mut |ask| match (ask.asked, ask.side) {
                (_, Side::Destination(1)) => {
                    assert_eq!(ask.asked, Asked::Soa, "it is not fit");
                    trouble(ask, Trouble::Rcode(Rcode::REFUSED)).flatten()
                }
                (Asked::Soa, _) => Some(soa(7)),
                (Asked::Identity(_), _) => Some(Answer::Identity(None)),
                _ => Some(Answer::Watched(shown.clone())),
            },
            &mut |_| None,
        );
        if drive.ending.is_some() {
            break;
        }
        drive.wait();
    }
    assert_eq!(measures(&drive).len(), 2, "{}", drive.report());
}

/// U21: a removal is a change, whether the name is gone or the type alone.
#[test]
fn u21_a_removal_arrives() {
    for (source, destination) in [(Shown::NoName, Shown::NoData), (Shown::NoData, Shown::NoName)] {
        let (report, drive) = run(plan(watched(), 1), |ask, second| match (ask.side, second) {
            (Side::Source, 0..3) | (_, 0..5) => text("old"),
            (Side::Source, _) => source.clone(),
            _ => destination.clone(),
        });
        assert_eq!((report.outcome(), measures(&drive).len()), (Verdict::Ok, 2), "{report}");
        assert_eq!(measures(&drive)[1], "no such record");
    }
}

/// U21: what a destination shows that is no record set is told as what it is.
#[test]
fn u21_what_is_no_record_set_is_told_as_it_is() {
    let Shown::Set(alias) = text("alias") else { panic!("a set") };
    for (shown, told) in [(Shown::Contradictory, "contradict"), (Shown::Alias(alias), "CNAME or DNAME")] {
        let (report, _) = run(plan(watched(), 1), |ask, _| match ask.side {
            Side::Source => text("new"),
            Side::Destination(_) => shown.clone(),
        });
        let rows = rows(&report);
        assert!(rows[0].0 == Propagation::NotConverged && rows[0].1.contains(told), "{rows:?}");
    }
}

/// P8: the source is asked again over TCP where UDP is silent or cuts the answer off.
#[test]
fn p8_a_watched_source_is_asked_over_tcp_where_udp_is_not_enough() {
    for cut in [Trouble::Truncated, Trouble::NoAnswer("timed out".to_owned())] {
        let mut by_tcp = 0;
        let (report, _) = run(plan(watched(), 1), |ask, second| match ask.side {
            Side::Source if ask.transport == Transport::Udp => Shown::Trouble(cut.clone()),
            Side::Source => {
                by_tcp += 1;
                text("new")
            }
            Side::Destination(_) if second < 3 => text("old"),
            Side::Destination(_) => text("new"),
        });
        assert_eq!(report.outcome(), Verdict::Ok, "{cut}: {report}");
        assert!(by_tcp > 0);
    }
}

/// V8: a server that did not answer the first question of the pre-flight is asked it again, here too.
#[test]
fn v8_silence_in_the_pre_flight_is_asked_again() {
    let (mut drive, mut silent) = (Drive::start(plan(watched(), 1)), true);
    let report = drive.finish(
        &mut |ask| match ask.asked {
            Asked::Soa if ask.side == Side::Destination(0) && std::mem::take(&mut silent) => None,
            Asked::Soa => Some(soa(7)),
            Asked::Identity(_) => Some(Answer::Identity(None)),
            Asked::Probe | Asked::Sibling => Some(Answer::Watched(text("same"))),
        },
        &mut |_| None,
    );
    assert!(drive.told(|kind| matches!(kind, EventKind::Sampled { .. })), "it was found fit: {report}");
}
