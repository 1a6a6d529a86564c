//! Edges that no whole life of a probe comes to by itself: each is a condition that could be turned round unseen.

use super::scenarios::{Deviation, Lab, honest, obeyed, trouble};
use super::{Drive, plan, truth};
use crate::converge::{Answer, Ask, Asked, MAX_UPDATES, Observation, Schedule, Side, Trouble, UpdateKind};
use crate::report::{Cleanup, EventKind, Propagation};
use crate::update::Outcome;
use crate::wire::{Rcode, Transport};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Questions to the destination after the add, by transport.
fn polls(asked: &RefCell<Vec<(Asked, Transport)>>) -> Vec<Transport> {
    asked.borrow().iter().filter(|(what, _)| *what == Asked::Probe).map(|(_, transport)| *transport).collect()
}

/// P6: who is silent over UDP and answers over TCP is asked over TCP from then on; who only cut one answer is not.
#[test]
fn p6_who_answers_over_tcp_alone_is_asked_over_tcp() {
    for (fault, is_silent) in [(Trouble::NoAnswer("nothing".to_owned()), true), (Trouble::Truncated, false)] {
        let asked = RefCell::new(Vec::new());
        let deviates = |ask: &Ask| -> Deviation<Answer> {
            if ask.side != Side::Destination(0) {
                return None;
            }
            asked.borrow_mut().push((ask.asked, ask.transport));
            let is_first = ask.asked == Asked::Soa && ask.transport == Transport::Udp;
            if is_first { trouble(ask, fault.clone()) } else { None }
        };
        let (report, _) = Lab::default().run(plan(1), deviates, obeyed);
        assert_eq!(report.propagation(), Propagation::Converged, "{report}");
        let over_udp = polls(&asked).iter().filter(|transport| **transport == Transport::Udp).count();
        assert_eq!(over_udp == 0, is_silent, "{fault:?}: {:?}", polls(&asked));
    }
}

/// P6: an answer that is cut over TCP, too, is no answer; nothing is asked for ever.
#[test]
fn p6_an_answer_cut_over_tcp_makes_a_server_unfit() {
    let count = Cell::new(0);
    let deviates = |ask: &Ask| {
        count.set(count.get() + 1);
        assert!(count.get() < 50, "asked for ever");
        if ask.side == Side::Source { trouble(ask, Trouble::Truncated) } else { None }
    };
    let (report, drive) = Lab::default().run(plan(1), deviates, obeyed);
    assert_eq!((drive.sent.len(), report.cleanup()), (0, Cleanup::NotPlanted));
}

/// U18: a name that nobody can have and that exists is a wildcard's doing: only its sibling can tell, so it is asked.
#[test]
fn u18_a_name_that_exists_without_data_leads_to_its_sibling() {
    let siblings = Cell::new(0);
    let deviates = |ask: &Ask| match (ask.side, ask.asked) {
        (Side::Source, Asked::Sibling) => {
            siblings.set(siblings.get() + 1);
            Some(Some(Answer::Probe(Observation::NoData)))
        }
        (Side::Source, Asked::Probe) if siblings.get() == 0 => Some(Some(Answer::Probe(Observation::NoData))),
        _ => None,
    };
    let (report, drive) = Lab::default().run(plan(1), deviates, obeyed);
    assert_eq!(siblings.get(), 1);
    assert!(drive.told(|kind| matches!(kind, EventKind::Note { text, .. } if text.contains("wildcard"))), "{report}");
}

/// U16: that a deletion failed is told where it was accepted and the record is still there, and only there.
#[test]
fn u16_a_deletion_that_was_accepted_and_not_done_is_told() {
    for accepted in [true, false] {
        let deletions = Cell::new(0);
        let lab = Lab::default();
        let updates = |kind| {
            if kind == UpdateKind::Plant {
                return None;
            }
            deletions.set(deletions.get() + 1);
            let is_done = deletions.get() > 1;
            match (is_done, accepted) {
                (true, _) => None,
                (false, true) => Some(Some(Outcome::Applied)),
                (false, false) => Some(Some(Outcome::Refused { rcode: Rcode::REFUSED })),
            }
        };
        let (report, drive) = lab.run(plan(1), honest, updates);
        assert_eq!(report.cleanup(), Cleanup::Removed, "{report}");
        let told = drive.events.iter().filter(|event| {
            matches!(&event.kind, EventKind::RemoveFailed { error } if error.contains("accepted the deletion but still"))
        });
        assert_eq!(told.count() > 0, accepted, "{report}");
    }
}

/// U9: an add that was refused for its lease and is then seen is proven gone by an accepted deletion, not by its refusal.
#[test]
fn u9_an_add_that_was_refused_and_seen_needs_a_deletion() {
    let mut drive =
        Drive::hearing(plan(1).with_lease(), crate::converge::Aside { has_edns: true, ..Default::default() });
    let (is_there, refused) = (Cell::new(false), Cell::new(0));
    let report =
        drive.finish(&mut |ask| Some(truth(ask, is_there.get() && ask.side == Side::Source)), &mut |kind| match kind {
            UpdateKind::Plant => {
                is_there.set(true);
                Some(Outcome::Refused { rcode: Rcode::FORMERR })
            }
            UpdateKind::Remove => {
                refused.set(refused.get() + 1);
                // Whoever answers next never had it: one of several behind the address.
                is_there.set(refused.get() % 2 == 0);
                Some(Outcome::Refused { rcode: Rcode::REFUSED })
            }
        });
    assert_eq!(report.cleanup(), Cleanup::Unconfirmed, "{report}");
}

/// L7: a run sends so many updates and no more; polls are never closer than 10 ms; at least one answer is wanted.
#[test]
fn l7_bounds_of_a_run() {
    assert_eq!(MAX_UPDATES, 7);
    assert_eq!(Schedule::every(Duration::ZERO).interval, Duration::from_millis(10));
    assert_eq!(Schedule::every(Duration::from_secs(3)).interval, Duration::from_secs(3));
    assert_eq!([0, 1, 5].map(|times| Schedule::default().confirmations(times).confirmations), [1, 1, 5]);
}
