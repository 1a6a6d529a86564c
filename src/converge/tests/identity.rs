//! Who is really answering: identifiers, each told once, and serials that tell nodes apart.

use super::{Drive, plan, soa, truth};
use crate::converge::{Answer, Aside, Ask, Asked, ChaosName, Schedule, Side, UpdateKind};
use crate::report::{EventKind, Report};
use crate::update::Outcome;
use std::cell::Cell;
use std::time::Duration;

/// A run in which the destination is current at once; `answer` comes first.
fn run(aside: Aside, answer: impl Fn(&Ask) -> Option<Answer>) -> (Report, Drive) {
    let mut drive = Drive::hearing(plan(1), aside);
    let held = Cell::new(false);
    let report = drive.finish(&mut |ask| answer(ask).or_else(|| Some(truth(ask, held.get()))), &mut |kind| {
        held.set(kind == UpdateKind::Plant);
        Some(Outcome::Applied)
    });
    (report, drive)
}

/// Every identifier that was told, with how it was found.
fn named(drive: &Drive) -> Vec<(u8, String, String)> {
    let events = drive.events.iter().filter_map(|event| match &event.kind {
        EventKind::Named { address: std::net::SocketAddr::V4(address), identity, by } => {
            Some((address.ip().octets()[3], identity.clone(), by.clone()))
        }
        _ => None,
    });
    events.collect()
}

/// P10: an NSID is told the first time that it is heard of a server, and spares it other questions.
#[test]
fn p10_an_nsid_is_told_once_and_nothing_else_is_asked_for() {
    let aside = Aside { node: Some("a".to_owned()), ..Aside::default() };
    let (report, drive) = run(aside, |ask| {
        assert!(!matches!(ask.asked, Asked::Identity(_)), "it has said who it is");
        None
    });
    assert_eq!(named(&drive), [1, 2].map(|last| (last, "a".to_owned(), "NSID".to_owned())));
    assert_eq!(report.exit_status(), 0);
}

/// P10: without NSID it is asked once in class CH, by the second name only where the first gave nothing.
#[test]
fn p10_the_second_name_is_asked_where_the_first_gave_nothing() {
    for (answers, by) in [(ChaosName::IdServer, "id.server"), (ChaosName::HostnameBind, "hostname.bind")] {
        let asked = Cell::new(0);
        let (report, drive) = run(Aside::default(), |ask| match ask.asked {
            Asked::Identity(name) => {
                asked.set(asked.get() + 1);
                Some(Answer::Identity((name == answers).then(|| "b".to_owned())))
            }
            _ => None,
        });
        assert_eq!(named(&drive).len(), 2, "one a server");
        assert!(named(&drive).iter().all(|(_, identity, how)| identity == "b" && how == by), "{:?}", named(&drive));
        assert_eq!(asked.get(), if by == "id.server" { 2 } else { 4 });
        assert_eq!(report.exit_status(), 0);
    }
}

/// P10: who says nothing is asked by both names, once, and silence there delays nothing and decides nothing.
#[test]
fn p10_who_says_nothing_is_left_alone() {
    let asked = Cell::new(0);
    let mut drive = Drive::start(plan(1));
    let held = Cell::new(false);
    let report = drive.finish(
        &mut |ask| match ask.asked {
            Asked::Identity(_) => {
                asked.set(asked.get() + 1);
                None
            }
            _ => Some(truth(ask, held.get())),
        },
        &mut |kind| {
            held.set(kind == UpdateKind::Plant);
            Some(Outcome::Applied)
        },
    );
    assert_eq!((report.exit_status(), named(&drive).len()), (0, 0));
    assert!(asked.get() <= 4, "{}", asked.get());
}

/// P10: silence at the first name is no word about the second.
#[test]
fn p10_who_is_silent_at_the_first_name_is_asked_by_the_second() {
    let mut drive = Drive::start(plan(1).schedule(Schedule::default().timeout(Duration::from_secs(2))));
    let held = Cell::new(false);
    drive.finish(
        &mut |ask| match ask.asked {
            Asked::Identity(ChaosName::IdServer) => None,
            Asked::Identity(ChaosName::HostnameBind) => Some(Answer::Identity(Some("b".to_owned()))),
            // The destination never shows the probe, so that there is time.
            _ => Some(truth(ask, held.get() && ask.side == Side::Source)),
        },
        &mut |kind| {
            held.set(kind == UpdateKind::Plant);
            Some(Outcome::Applied)
        },
    );
    let named = named(&drive);
    assert_eq!(named, [1, 2].map(|last| (last, "b".to_owned(), "hostname.bind".to_owned())));
}

/// P10: a pool that gives itself a new name each time is told sixteen times and no more.
#[test]
fn p10_identifiers_without_end_are_cut_off() {
    let mut drive =
        Drive::start(plan(1).schedule(Schedule::every(Duration::from_secs(1)).for_at_most(Duration::from_secs(900))));
    let held = Cell::new(false);
    for count in 0..10_000 {
        drive.aside = Aside { node: Some(format!("n{count}")), ..Aside::default() };
        drive.answer(&mut |ask| Some(truth(ask, held.get() && ask.side == Side::Source)), &mut |kind| {
            held.set(kind == UpdateKind::Plant);
            Some(Outcome::Applied)
        });
        if drive.ending.is_some() {
            break;
        }
        drive.wait();
    }
    assert_eq!(named(&drive).iter().filter(|(last, ..)| *last == 2).count(), 16);
}

/// S4: a serial that goes backward is told once a server; one that stands still after the change is told of the source.
#[test]
fn s4_a_serial_that_goes_backward_or_stands_still_is_told() {
    let notes = |serials: fn(u32) -> u32| {
        let asked = Cell::new(0);
        let (_, drive) = run(Aside::default(), |ask| match (ask.asked, ask.side) {
            (Asked::Soa, Side::Source) => {
                asked.set(asked.get() + 1);
                Some(soa(serials(asked.get())))
            }
            _ => None,
        });
        let notes = drive.events.iter().filter(|event| matches!(event.kind, EventKind::Note { .. }));
        notes.map(ToString::to_string).collect::<Vec<_>>()
    };
    let mentions = |notes: &[String], what: &str| notes.iter().filter(|note| note.contains(what)).count();
    assert_eq!(mentions(&notes(|_| 7), "still 7 although"), 1);
    assert_eq!(mentions(&notes(|count| 10 - count), "went backward"), 1);
    let forward = notes(|count| 7 + count);
    assert_eq!((mentions(&forward, "still"), mentions(&forward, "backward")), (0, 0), "{forward:?}");
}

/// S4: what is odd about a serial is told while the change is new, not again when the time is over and it is asked once more.
#[test]
fn s4_what_is_odd_about_a_serial_is_told_once() {
    for (step, says) in [(0, "still 7 although"), (1, "went backward")] {
        let mut drive = Drive::start(plan(1));
        let (held, asked) = (Cell::new(false), Cell::new(0));
        let mut answer = |ask: &Ask| match (ask.asked, ask.side) {
            (Asked::Soa, Side::Source) => {
                asked.set(asked.get() + 1);
                Some(soa(7 + step * (9 - asked.get())))
            }
            (_, side) => Some(truth(ask, held.get() && side == Side::Source)),
        };
        drive.finish(&mut answer, &mut |kind| {
            held.set(kind == UpdateKind::Plant);
            Some(Outcome::Applied)
        });
        assert!(asked.get() > 2 && drive.told(|kind| matches!(kind, EventKind::DeadlinePassed)));
        assert_eq!(drive.events.iter().filter(|event| event.to_string().contains(says)).count(), 1, "{says}");
    }
}
