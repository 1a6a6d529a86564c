//! What must hold in every life of a probe, rule by rule.
//!
//! V1, V3, V5, V6, V8 and V9 are about the machine and its report as they are. V2 and V4 are about what a report says when a
//! comparison follows, so every life is ended with every fate that a comparison can have. V7 speaks of records and of sides;
//! here it is that no answer counts twice (`World::is_deaf_to`), and for records it is held by `diff::tests::properties`,
//! which no order of events can say more about.

use super::super::super::retiring::MAX_REMOVALS;
use super::world::{STEP, World};
use crate::converge::{Ending, Side};
use crate::report::{Cleanup, Comparison, ComparisonVerdict, Event, EventKind, Outcome, Propagation, Report};
use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

/// When a life is over that no step of the clock has touched: the deadline, and each step of the clean-up after it.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// One rule, and whether a world keeps it.
pub(super) type Invariant = (&'static str, fn(&World, &Report) -> bool);

/// What must hold at any time.
pub(super) const ALWAYS: [Invariant; 3] = [("U14", u14_journal), ("L7", l7_updates), ("V9", v9_other_servers)];

/// What must hold at the end.
pub(super) const AT_THE_END: [Invariant; 9] = [
    ("V1", v1_proven),
    ("V2", v2_nothing_from_nothing),
    ("V3", v3_every_address),
    ("V4", v4_not_compared),
    ("V5", v5_what_was_proven),
    ("V6", v6_exit_status),
    ("V8", v8_bounded),
    ("U13", u13_untold),
    ("U9", u9_unchanged),
];

/// Holds a world to all that is due.
pub(super) fn hold(world: &World) {
    let broken = |rule, report: &Report| {
        panic!("{rule} is broken by {:?}: {:#?}\n{report}", world.ending, world.events);
    };
    let nothing_yet = Report::default();
    if let Some((rule, _)) = ALWAYS.iter().find(|(_, holds)| !holds(world, &nothing_yet)) {
        broken(rule, &nothing_yet);
    }
    if world.ending.is_some() {
        let report = Report::from_events(&world.events);
        if let Some((rule, _)) = AT_THE_END.iter().find(|(_, holds)| !holds(world, &report)) {
            broken(rule, &report);
        }
    }
}

/// Whether the probe is there, or may still come.
fn may_hold(world: &World) -> bool {
    world.zone || world.queued
}

/// No probe without an entry that names it.
fn u14_journal(world: &World, _: &Report) -> bool {
    !may_hold(world) || world.journal
}

/// One add, one more where its lease is minded, and so many deletions.
fn l7_updates(world: &World, _: &Report) -> bool {
    world.updates <= 2 + MAX_REMOVALS
}

/// There is a destination, none is the source, and whoever is asked is who is meant.
fn v9_other_servers(world: &World, _: &Report) -> bool {
    let plan = world.machine.plan();
    let (source, others) = (plan.source().address, plan.destinations());
    let is_meant = |side, address| match side {
        Side::Source => address == source,
        Side::Destination(index) => others.get(index).is_some_and(|other| other.address == address),
    };
    !others.is_empty()
        && others.iter().all(|other| other.address != source)
        && world.asks.iter().all(|ask| is_meant(ask.side, ask.address))
}

/// OK needs the confirmations of every destination, as the world has counted them, the source's word at the end, and the removal.
fn v1_proven(world: &World, report: &Report) -> bool {
    let held = report.source().is_some_and(|source| source.held == Some(true));
    let proven = world.copies.iter().all(|copy| copy.confirmed) && held && !may_hold(world);
    let said = (report.propagation(), report.cleanup()) == (Propagation::Converged, Cleanup::Removed);
    report.outcome() != Outcome::Ok || (proven && said)
}

thread_local! {
    /// The kinds of ends that were followed by every comparison already: their reports differ in nothing that a comparison is
    /// weighed with.
    static FOLLOWED: RefCell<HashSet<(&'static str, String)>> = RefCell::default();
}

/// Whether this rule has yet to see a report of this kind.
fn is_new(rule: &'static str, world: &World, report: &Report) -> bool {
    let rows: Vec<Propagation> = report.destinations().iter().map(|row| row.propagation).collect();
    let source = report.source().map(|source| (source.held, source.error.is_some()));
    let ends = (report.outcome(), report.propagation(), report.cleanup(), report.error().is_some(), report.stopped());
    let kind = format!("{ends:?} {rows:?} {source:?} {}", world.copies.len());
    FOLLOWED.with_borrow_mut(|followed| followed.insert((rule, kind)))
}

/// Every end of a comparison that may follow this life, none at all among them.
fn fates() -> impl Iterator<Item = Option<ComparisonVerdict>> {
    use ComparisonVerdict::{Different, Equal, Moving, NoDifferenceFound, NotCompared};
    [None, Some(Equal), Some(Different), Some(NoDifferenceFound), Some(Moving), Some(NotCompared)].into_iter()
}

/// This life, where a comparison was wanted, with this end of it.
fn followed_by(world: &World, fate: Option<ComparisonVerdict>) -> Report {
    let wanted = world.events.iter().cloned().map(|mut event| {
        if let EventKind::Started { compare, .. } = &mut event.kind {
            *compare = true;
        }
        event
    });
    let compared = fate.map(|verdict| {
        Event::new(
            world.now,
            EventKind::Compared(Box::new(Comparison { verdict, ..Comparison::not_compared(Vec::new(), "nothing") })),
        )
    });
    let events: Vec<Event> = wanted.chain(compared).collect();
    Report::from_events(&events)
}

/// A comparison that broke off, moved or was never made is no word on equality, whatever the probe did.
fn v2_nothing_from_nothing(world: &World, report: &Report) -> bool {
    !is_new("V2", world, report)
        || fates().all(|fate| {
            let report = followed_by(world, fate);
            let is_equal = fate == Some(ComparisonVerdict::Equal);
            (report.comparison_verdict() == ComparisonVerdict::Equal) == is_equal
                && (report.outcome() != Outcome::Ok || is_equal)
        })
}

/// Where a comparison was wanted and not made, that is said, and the status is not 0.
fn v4_not_compared(world: &World, report: &Report) -> bool {
    let silent = [None, Some(ComparisonVerdict::NotCompared), Some(ComparisonVerdict::Moving)];
    !is_new("V4", world, report)
        || silent.into_iter().all(|fate| {
            let report = followed_by(world, fate);
            let text = report.to_string();
            report.exit_status() != 0 && (text.contains("not compared") || text.contains("kept changing"))
        })
}

/// Every destination has a verdict of its own, and the whole is no better than the worst.
fn v3_every_address(world: &World, report: &Report) -> bool {
    let rows = report.destinations();
    let all = |wanted| rows.iter().all(|row| row.propagation == wanted);
    let told =
        world.ending != Some(Ending::Reported) || rows.iter().all(|row| row.propagation != Propagation::NotTested);
    let has = |wanted| rows.iter().any(|row| row.propagation == wanted);
    let worst = match report.propagation() {
        Propagation::Converged => all(Propagation::Converged),
        Propagation::NotConverged => has(Propagation::NotConverged) && !has(Propagation::Inconclusive),
        Propagation::Inconclusive | Propagation::NotTested => true,
    };
    rows.len() == world.copies.len() && told && worst
}

/// What the report proves is in it: the time and the number of answers of who converged, a reason for everybody else, who is
/// authenticated by what, and serials; and the JSON says the same as the getters.
fn v5_what_was_proven(world: &World, report: &Report) -> bool {
    let plan = world.machine.plan();
    let rows = report.destinations().iter().all(|row| match row.propagation {
        Propagation::Converged => row.seen_after_ms.is_some() && row.samples >= 2 && row.serial.is_some(),
        Propagation::NotConverged => row.error.is_some(),
        Propagation::Inconclusive => row.error.is_some() && row.seen_after_ms.is_none(),
        Propagation::NotTested => row.error.is_none() && row.seen_after_ms.is_none(),
    });
    let named = report.source().is_some_and(|source| source.name == *plan.source())
        && report.destinations().iter().map(|row| &row.name).eq(plan.destinations());
    let says_same = |json: serde_json::Value| {
        json["exit_status"] == report.exit_status()
            && json["destinations"].as_array().is_some_and(|rows| rows.len() == world.copies.len())
            && json["source"]["authenticated_by"] == plan.source().authenticated_by.as_deref().unwrap_or_default()
    };
    rows && named && (!is_new("V5", world, report) || says_same(report.to_json()))
}

/// Each kind of end has its exit status.
fn v6_exit_status(_: &World, report: &Report) -> bool {
    let status = match report.outcome() {
        Outcome::Ok | Outcome::Skipped => 0,
        Outcome::Different | Outcome::Faulty | Outcome::NotConverged => 1,
        Outcome::Inconclusive => 2,
        Outcome::ProbeLeft => 3,
    };
    report.exit_status() == status
}

/// It ends in time, unless somebody moved the clock.
fn v8_bounded(world: &World, _: &Report) -> bool {
    world.now < LONGEST || world.now >= STEP
}

/// A probe that may be left is told, with the lines that remove it.
fn u13_untold(world: &World, report: &Report) -> bool {
    let told = world.events.iter().any(|event| matches!(event.kind, EventKind::ProbeLeft { .. }));
    (!may_hold(world) || (told && report.outcome() == Outcome::ProbeLeft))
        && told == (report.cleanup() == Cleanup::Unconfirmed)
        && told == report.nsupdate().is_some()
}

/// An error means that the zone is unchanged.
fn u9_unchanged(world: &World, report: &Report) -> bool {
    !matches!(world.ending, Some(Ending::Unchanged(_))) || (!may_hold(world) && report.cleanup() == Cleanup::NotPlanted)
}

/// The rules of section V that have an invariant here.
pub(super) fn rules() -> HashSet<&'static str> {
    ALWAYS.iter().chain(&AT_THE_END).map(|(rule, _)| *rule).collect()
}
