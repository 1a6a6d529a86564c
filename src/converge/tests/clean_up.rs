//! The probe is taken back: whenever the person stops, whatever the source says, and what is told where it cannot be.

use super::super::retiring::MAX_REMOVALS;
use super::scenarios::{Lab, honest, lagging, obeyed};
use super::{Drive, plan, truth};
use crate::converge::{Answer, Aside, Ask, Asked, Input, Observation, Side, UpdateKind};
use crate::report::{Cleanup, EventKind, Outcome as Verdict, Propagation};
use crate::update::{Outcome, Uncertainty};
use crate::wire::Rcode;
use std::cell::Cell;
use std::time::Duration;

/// U13: Ctrl-C at every wake-up of a life: the probe is always taken back.
#[test]
fn u13_stop_at_any_time_takes_the_probe_back() {
    for stop_at in 0..40 {
        let lab = lagging();
        let mut drive = Drive::start(plan(2));
        for step in 0..1_000 {
            if step == stop_at {
                drive.input(Input::Stop);
            }
            drive.answer(&mut |ask| Some(lab.answer(ask)), &mut |kind| Some(lab.update(kind)));
            if drive.ending.is_some() {
                break;
            }
            drive.wait();
        }
        assert!(drive.ending.is_some() && !lab.source.get() && !drive.journal, "stopped at step {stop_at}");
        assert_ne!(drive.report().cleanup(), Cleanup::Unconfirmed);
    }
}

/// U13: Ctrl-C while the add is in flight only sets a flag; the outcome is waited for, then the probe is taken back.
#[test]
fn u13_an_update_in_flight_cannot_be_recalled() {
    let lab = Lab::default();
    let mut drive = Drive::start(plan(1));
    while drive.sends.is_empty() {
        for ask in std::mem::take(&mut drive.asks) {
            drive.input(Input::Answered { request: ask.request, answer: truth(&ask, false), aside: Aside::default() });
        }
    }
    drive.input(Input::Stop);
    drive.input(Input::Stop);
    assert_eq!((drive.sent.len(), drive.ending.clone()), (1, None), "it waits for the add");
    let report = drive.finish(&mut |ask| Some(lab.answer(ask)), &mut |kind| Some(lab.update(kind)));
    // It was never looked for, so it is deleted once more, in case that it is stored later.
    assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Remove, UpdateKind::Remove]);
    assert_eq!((report.exit_status(), report.cleanup(), report.stopped()), (2, Cleanup::Removed, true));
}

/// U13: whoever asks twice is told once, and who asks when all is over is told nothing.
#[test]
fn u13_stopping_is_told_once_and_not_at_the_end() {
    let stopping =
        |drive: &Drive| drive.events.iter().filter(|event| matches!(event.kind, EventKind::Stopping)).count();
    let lab = lagging();
    let mut drive = Drive::start(plan(1));
    drive.input(Input::Stop);
    drive.input(Input::Stop);
    assert_eq!((stopping(&drive), drive.ending.is_some()), (1, true));
    let mut drive = Drive::start(plan(1));
    drive.finish(&mut |ask| Some(lab.answer(ask)), &mut |kind| Some(lab.update(kind)));
    drive.input(Input::Stop);
    assert_eq!(stopping(&drive), 0, "nothing comes after the end");
}

/// U15: a deletion that is refused, has no effect, or is never confirmed: exit 3, the lines, the entry stays, few updates.
#[test]
fn u15_a_probe_that_stays_is_told() {
    let outcomes = [
        Some(Outcome::Refused { rcode: Rcode::REFUSED }),
        Some(Outcome::Applied),
        Some(Outcome::NotSent { why: "connection refused".to_owned() }),
        None,
    ];
    for outcome in outcomes {
        let lab = Lab::default();
        let updates = |kind| (kind == UpdateKind::Remove).then(|| outcome.clone());
        let (report, drive) = lab.run(plan(1), honest, updates);
        assert_eq!((report.outcome(), report.exit_status()), (Verdict::ProbeLeft, 3), "{outcome:?}");
        assert_eq!(report.propagation(), Propagation::Converged, "what was proven stays proven");
        let lines = report.nsupdate().unwrap_or_default();
        assert!(lines.contains("update delete ") && lines.ends_with("send\n"), "{lines}");
        assert!(drive.journal);
        let removals = drive.sent.iter().filter(|kind| **kind == UpdateKind::Remove).count();
        let is_sent = !matches!(outcome, Some(Outcome::NotSent { .. }));
        assert!(!is_sent || u32::try_from(removals).is_ok_and(|sent| sent <= MAX_REMOVALS), "L7: {removals}");
    }
}

/// U13: the first deletion fails, a later one does it (a server that restarts).
#[test]
fn u13_deletions_are_tried_again() {
    let failures = [
        Outcome::NotSent { why: "connection refused".to_owned() },
        Outcome::Refused { rcode: Rcode::NOTAUTH },
        Outcome::Unknown(Uncertainty::Rcode(Rcode::SERVFAIL)),
    ];
    for failure in failures {
        let tries = Cell::new(0);
        let updates = |kind| {
            let fails = kind == UpdateKind::Remove && tries.replace(tries.get() + 1) < 2;
            fails.then(|| Some(failure.clone()))
        };
        let lab = Lab::default();
        let (report, _) = lab.run(plan(1), honest, updates);
        assert_eq!(report.outcome(), Verdict::Ok, "{failure:?}: {report}");
        assert!(!lab.source.get());
    }
}

/// U4: somebody else's record at the probe's name does not count as the probe after the deletion.
#[test]
fn u4_a_stranger_at_our_name_survives_and_does_not_confuse() {
    let lab = Lab::default();
    let removed = Cell::new(false);
    let deviate = |ask: &Ask| {
        let other = Answer::Probe(Observation::OtherRecords { with_probe: false, count: 1 });
        (removed.get() && ask.asked == Asked::Probe).then_some(Some(other))
    };
    let updates = |kind| {
        removed.set(kind == UpdateKind::Remove);
        None
    };
    let (report, _) = lab.run(plan(1), deviate, updates);
    assert_eq!((report.outcome(), report.cleanup()), (Verdict::Ok, Cleanup::Removed));
}

/// A destination that got the probe and not its removal has stopped following the source: it has not converged.
#[test]
fn u13_a_removal_that_does_not_arrive_is_not_converged() {
    let lab = Lab::default();
    let deviate = |ask: &Ask| {
        let is_stuck = ask.side == Side::Destination(0) && ask.asked == Asked::Probe;
        is_stuck.then_some(Some(Answer::Probe(Observation::Exact)))
    };
    let (report, drive) = lab.run(plan(1), deviate, obeyed);
    assert_eq!((report.outcome(), report.cleanup()), (Verdict::NotConverged, Cleanup::Removed));
    assert_eq!(report.destinations()[0].gone_after_ms, None);
    assert!(drive.told(|kind| matches!(kind, EventKind::NotGone { .. })));
}

/// Case 9: an update that is accepted, and stored only after a deletion of what is not there yet, is deleted once more.
#[test]
fn u6_what_is_stored_after_the_first_deletion_is_taken_back() {
    let (lab, removals, looks) = (Lab::default(), Cell::new(0), Cell::new(0));
    let deviate = |ask: &Ask| {
        let is_look = removals.get() == 1 && ask.side == Side::Source && ask.asked == Asked::Probe;
        looks.set(looks.get() + u32::from(is_look));
        if looks.get() == 3 && removals.get() == 1 {
            // Stored behind the last look.
            let shown = truth(ask, lab.source.replace(true));
            return Some(Some(shown));
        }
        None
    };
    let updates = |kind| match kind {
        UpdateKind::Plant => Some(Some(Outcome::Applied)),
        UpdateKind::Remove => {
            removals.set(removals.get() + 1);
            None
        }
    };
    let (report, drive) = lab.run(plan(1), deviate, updates);
    assert_eq!((report.cleanup(), lab.source.get(), drive.journal), (Cleanup::Removed, false, false), "{report}");
    assert_eq!((removals.get(), report.exit_status()), (2, 2));
}

/// Case 20: a deletion that was accepted is proven by absences in a row; one between two answers that show it proves nothing.
#[test]
fn u15_the_first_absence_proves_nothing() {
    let (lab, looks) = (Lab::default(), Cell::new(0));
    let deviate = |ask: &Ask| {
        let is_look = ask.side == Side::Source && ask.asked == Asked::Probe && !lab.source.get();
        looks.set(looks.get() + u32::from(is_look && looks.get() > 0));
        // The node that answers every second question never had it, the other still has it.
        (is_look && looks.get() > 0).then(|| Some(truth(ask, looks.get() % 2 == 1)))
    };
    let updates = |kind| {
        looks.set(u32::from(kind == UpdateKind::Remove));
        None
    };
    let (report, drive) = lab.run(plan(1), deviate, updates);
    assert_eq!((report.outcome(), report.exit_status(), drive.journal), (Verdict::ProbeLeft, 3, true), "{report}");
}

/// How often the source is asked after the first deletion, and how long that takes; whether it goes on showing the probe.
fn looks_after_the_deletion(stays: bool) -> (usize, Duration) {
    let (lab, deleted, looks) = (Lab::default(), Cell::new(false), Cell::new(0));
    let watch = |ask: &Ask| {
        let is_look = deleted.get() && ask.side == Side::Source && ask.asked == Asked::Probe;
        looks.set(looks.get() + usize::from(is_look));
        (is_look && stays).then(|| Some(truth(ask, true)))
    };
    let (_, drive) = lab.run(plan(1), watch, |kind| {
        deleted.set(kind == UpdateKind::Remove);
        None
    });
    let first = |is_it: fn(&EventKind) -> bool| {
        let event = drive.events.iter().find(|event| is_it(&event.kind)).expect("told");
        Duration::from_millis(event.at_ms)
    };
    let begun = first(|kind| matches!(kind, EventKind::Removing { .. }));
    let over = first(|kind| matches!(kind, EventKind::Removed { .. } | EventKind::ProbeLeft { .. }));
    (looks.get(), over.saturating_sub(begun))
}

/// L7: absences in a row are asked for quickly; a source that goes on showing it is asked less and less often.
#[test]
fn l7_looks_come_quickly_while_it_is_absent_and_ever_more_slowly_while_it_is_there() {
    let (looks, time) = looks_after_the_deletion(false);
    assert!(looks == 3 && time <= Duration::from_millis(250), "two halves of the first pause: {looks} in {time:?}");
    let (looks, time) = looks_after_the_deletion(true);
    assert!(looks < 20 && time >= Duration::from_secs(9), "{looks} looks in {time:?}");
}

/// U13: a machine that falls asleep in the clean-up goes on with it when it wakes, whatever the clock says by then.
#[test]
fn u13_sleep_takes_no_time_from_the_clean_up() {
    for asleep in [Duration::from_secs(8 * 3600), Duration::from_secs(11)] {
        let (lab, mut drive) = (Lab::default(), Drive::start(plan(1)));
        while !drive.sent.contains(&UpdateKind::Remove) {
            drive.answer(&mut |ask| Some(lab.answer(ask)), &mut |kind| {
                (kind == UpdateKind::Plant).then(|| lab.update(kind))
            });
            drive.now = drive.machine.next_wakeup().expect("not done");
            drive.input(Input::Timer);
        }
        drive.now += asleep;
        drive.input(Input::Timer);
        let report = drive.finish(&mut |ask| Some(lab.answer(ask)), &mut |kind| Some(lab.update(kind)));
        assert_eq!((report.cleanup(), lab.source.get()), (Cleanup::Removed, false), "{asleep:?}: {report}");
    }
}
