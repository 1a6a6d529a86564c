//! The lease on the probe: when it is asked for, what a server's word about it changes, and what it never does.

use super::scenarios::{Lab, obeyed};
use super::{Drive, plan, truth};
use crate::converge::{Answer, Aside, Ask, Asked, Input, Observation, Plan, Schedule, Side, Trouble, UpdateKind};
use crate::report::{Cleanup, EventKind, Propagation, Report};
use crate::update::{Lease, Outcome, Uncertainty};
use crate::wire::{Rcode, Transport};
use std::cell::Cell;
use std::time::Duration;

/// A plan with one destination that asks for a lease.
fn leasing() -> Plan {
    plan(1).with_lease()
}

/// Answers of a server that knows options.
fn edns() -> Aside {
    Aside { has_edns: true, ..Aside::default() }
}

/// Plays a run in which the add has these outcomes, one after the other, and the source then shows the probe or not; the
/// destination never does.
fn play(
    plan: Plan,
    aside: Aside,
    adds: &[Outcome],
    granted: Option<u32>,
    shown: impl Fn(usize) -> bool,
) -> (Report, Drive) {
    let mut drive = Drive::hearing(plan, aside);
    let mut count = 0;
    for _ in 0..10_000 {
        for ask in std::mem::take(&mut drive.asks) {
            let here =
                ask.side == Side::Source && count > 0 && shown(count) && !drive.sent.contains(&UpdateKind::Remove);
            let (request, answer, aside) = (ask.request, truth(&ask, here), drive.aside.clone());
            drive.input(Input::Answered { request, answer, aside });
        }
        for send in std::mem::take(&mut drive.sends) {
            let outcome = match send.kind {
                UpdateKind::Plant => adds.get(count).cloned().unwrap_or(Outcome::Applied),
                UpdateKind::Remove => Outcome::Applied,
            };
            count += usize::from(send.kind == UpdateKind::Plant);
            if let Some(seconds) = granted {
                let lease = Lease::lasting(Duration::from_secs(seconds.into()));
                drive.input(Input::Leased { request: send.request, lease });
            }
            drive.input(Input::Updated { request: send.request, outcome });
        }
        if drive.ending.is_some() {
            return (drive.report(), drive);
        }
        if drive.asks.is_empty() && drive.sends.is_empty() {
            drive.wait();
        }
    }
    panic!("the machine does not end");
}

/// The lease that the report has of the source.
fn lease_of(report: &Report) -> Option<(u32, u32, bool)> {
    report.source()?.lease.as_ref().map(|lease| (lease.asked_s, lease.granted_s, lease.is_over))
}

/// U14: asked for where the plan wants it and the server knows options; and a grant counts for the add alone.
#[test]
fn u14_a_lease_needs_the_plan_and_a_server_with_options() {
    for (plan, aside, is_leased) in
        [(leasing(), edns(), true), (leasing(), Aside::default(), false), (plan(1), edns(), false)]
    {
        let (report, _) = play(plan, aside, &[], Some(7200), |_| true);
        assert_eq!(lease_of(&report).is_some(), is_leased, "{report}");
        assert_eq!((report.propagation(), report.cleanup()), (Propagation::NotConverged, Cleanup::Removed));
    }
    let (report, drive) = play(leasing(), edns(), &[], Some(7200), |_| true);
    assert_eq!(drive.events.iter().filter(|event| matches!(event.kind, EventKind::Leased { .. })).count(), 1);
    assert!(matches!(lease_of(&report), Some((_, 7200, false))), "what a deletion is granted is nothing");
}

/// U14: a lease that is over is told once, when the probe may still be there; one that outlives the run is not.
#[test]
fn u14_the_end_of_a_lease_is_told_before_what_comes_of_it() {
    let schedule = Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(60));
    for (granted, is_over) in [(10, true), (3600, false)] {
        let (report, drive) = play(leasing().schedule(schedule), edns(), &[], Some(granted), |_| true);
        assert!(matches!(lease_of(&report), Some((_, _, over)) if over == is_over), "{granted}: {report}");
        let told =
            drive.events.iter().filter(|event| matches!(event.kind, EventKind::LeaseOver { .. })).collect::<Vec<_>>();
        assert_eq!(told.len(), usize::from(is_over));
        assert!(told.iter().all(|event| event.at_ms >= 10_000), "{told:?}");
        assert_eq!(report.cleanup(), Cleanup::Removed);
    }
}

/// U9: only FORMERR and NOTIMP to an add that asked for a lease may be about the lease; the add is sent again, once, without
/// it, and only after the source has shown that nothing was done.
#[test]
fn u9_only_a_refusal_that_may_mind_the_lease_is_looked_into() {
    let refused = |rcode| Outcome::Refused { rcode };
    for (rcode, adds) in [(Rcode::FORMERR, 2), (Rcode::NOTIMP, 2), (Rcode::REFUSED, 1)] {
        let (report, drive) = play(leasing(), edns(), &[refused(rcode)], None, |adds| adds > 1);
        assert_eq!(drive.sent.iter().filter(|kind| **kind == UpdateKind::Plant).count(), adds, "{rcode:?}: {report}");
        assert_eq!(drive.told(|kind| matches!(kind, EventKind::PlantRefused { .. })), adds == 1, "{rcode:?}");
        assert_eq!(report.cleanup(), if adds == 2 { Cleanup::Removed } else { Cleanup::NotPlanted });
    }
    let (report, drive) = play(plan(1), edns(), &[refused(Rcode::FORMERR)], None, |_| false);
    assert_eq!((drive.sent.as_slice(), report.cleanup()), (&[UpdateKind::Plant][..], Cleanup::NotPlanted));
    let (report, drive) = play(leasing(), edns(), &[refused(Rcode::FORMERR), refused(Rcode::FORMERR)], None, |_| false);
    assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Plant], "the second refusal cannot be about a lease");
    assert_eq!(report.cleanup(), Cleanup::NotPlanted);
}

/// U9: a server that minds the lease may mind EDNS itself: the add that is sent again has neither.
#[test]
fn u9_the_add_that_is_sent_again_carries_no_option() {
    let (mut drive, mut adds) = (Drive::hearing(leasing(), edns()), Vec::new());
    while drive.ending.is_none() {
        for ask in std::mem::take(&mut drive.asks) {
            let (request, answer, aside) = (ask.request, truth(&ask, false), drive.aside.clone());
            drive.input(Input::Answered { request, answer, aside });
        }
        for send in std::mem::take(&mut drive.sends) {
            adds.push((send.lease.is_some(), send.edns));
            drive.input(Input::Updated { request: send.request, outcome: Outcome::Refused { rcode: Rcode::FORMERR } });
        }
        if drive.ending.is_none() {
            drive.wait();
        }
    }
    assert_eq!(adds, [(true, true), (false, false)]);
}

/// U9: a server that says FORMERR and has done it: the record is there, nothing is sent again, and it is taken back.
#[test]
fn u9_a_refusal_that_was_done_all_the_same_is_not_repeated() {
    let (report, drive) = play(leasing(), edns(), &[Outcome::Refused { rcode: Rcode::FORMERR }], None, |_| true);
    assert_eq!(drive.sent, [UpdateKind::Plant, UpdateKind::Remove]);
    assert_eq!(report.cleanup(), Cleanup::Removed);
}

/// U9: the source that refused is read over TCP, by which the add went, and no silence or fault of it lets the add go out again.
#[test]
fn u9_what_is_no_absence_lets_nothing_be_sent_again() {
    let mut drive = Drive::hearing(leasing(), edns());
    let is_read_back = Cell::new(false);
    let report = drive.finish(
        &mut |ask: &Ask| match ask.asked {
            Asked::Probe if ask.side == Side::Source && is_read_back.get() => {
                assert_eq!(ask.transport, Transport::Tcp);
                Some(Answer::Probe(Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL))))
            }
            _ => Some(truth(ask, false)),
        },
        &mut |kind| match kind {
            UpdateKind::Plant => {
                is_read_back.set(true);
                Some(Outcome::Refused { rcode: Rcode::NOTIMP })
            }
            UpdateKind::Remove => {
                is_read_back.set(false);
                Some(Outcome::Unknown(Uncertainty::TimedOut))
            }
        },
    );
    assert_eq!(drive.sent.iter().filter(|kind| **kind == UpdateKind::Plant).count(), 1, "{report}");
    assert_ne!(report.cleanup(), Cleanup::NotPlanted, "nobody knows");
}

/// A run without leases is the run that it was.
#[test]
fn u14_without_a_lease_nothing_is_said_of_one() {
    let (report, drive) = Lab::default().run(plan(1), super::scenarios::honest, obeyed);
    assert_eq!((report.exit_status(), lease_of(&report)), (0, None));
    assert!(!drive.told(|kind| matches!(kind, EventKind::Leased { .. } | EventKind::LeaseOver { .. })));
}

/// U7: a probe that is gone from the source when its lease is over may have gone by itself: the report says so.
#[test]
fn u7_a_probe_that_went_with_its_lease_is_no_rollback() {
    for (granted, is_over) in [(2, true), (3600, false)] {
        let schedule = Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(120));
        let mut drive = Drive::hearing(leasing().schedule(schedule), edns());
        let mut polls = 0;
        while drive.ending.is_none() {
            for ask in std::mem::take(&mut drive.asks) {
                let is_poll = ask.side == Side::Destination(0) && ask.asked == Asked::Probe && !drive.sent.is_empty();
                polls += usize::from(is_poll);
                let is_alive = drive.sent == [UpdateKind::Plant];
                // It arrives late, and is then gone from the source.
                let here = is_alive && if ask.side == Side::Source { polls < 6 } else { is_poll && polls >= 6 };
                let (request, answer, aside) = (ask.request, truth(&ask, here), drive.aside.clone());
                drive.input(Input::Answered { request, answer, aside });
            }
            for send in std::mem::take(&mut drive.sends) {
                let lease = Lease::lasting(Duration::from_secs(granted));
                drive.input(Input::Leased { request: send.request, lease });
                drive.input(Input::Updated { request: send.request, outcome: Outcome::Applied });
            }
            if drive.ending.is_none() && drive.asks.is_empty() && drive.sends.is_empty() {
                drive.wait();
            }
        }
        let report = drive.report();
        assert_eq!(report.propagation(), Propagation::Inconclusive, "{report}");
        let error = report.source().and_then(|source| source.error.clone()).unwrap_or_default();
        assert_eq!(error.contains("its lease of 2 s was over, so it may have gone by itself"), is_over, "{error}");
    }
}
