//! The explorer: every order of replies, losses, stops, time, late replies and steps of the clock to a stated depth, against
//! a model of the zone; in every world it finds, the invariants hold.
//!
//! The model makes two assumptions. Updates of a zone are applied in the order in which the server took them (RFC 2136
//! section 3.7), so a deletion that is accepted finds an earlier add applied. And an add that still lies in a
//! connection which we gave up is taken before the second of two accepted deletions, or never: a server that was
//! stopped and goes on may well take the first deletion before it.

mod invariants;
mod world;

use self::invariants::{AT_THE_END, LONGEST, rules};
use self::world::{Effect, Step, World};
use super::super::retiring::MAX_REMOVALS;
use super::{Drive, plan, server, soa, truth};
use crate::converge::{Answer, Aside, Asked, Ending, Input, Observation, Plan, PlanError, Schedule, Task, UpdateKind};
use crate::report::{Cleanup, EventKind, Outcome as Verdict, Report, ServerName};
use crate::update::Outcome;
use std::collections::HashSet;
use std::time::Duration;

/// How many steps are chosen freely after the pre-flight, before everything is answered truthfully or not at all.
const DEPTH: u32 = 8;
/// The same, from the very start.
const DEPTH_FROM_START: u32 = 6;
/// The same, with replies that come too late and steps of the clock among them, [`ODD`] of these at most.
const DEPTH_ODD: u32 = 6;
/// The same with two destinations.
const DEPTH_TWO: u32 = 5;
/// How many late replies and steps of the clock there are in one life.
const ODD: u32 = 2;

/// Explores everything from this world on; returns how many worlds there were and the endings that were seen.
fn explore(start: World, depth: u32) -> (usize, HashSet<(Verdict, Cleanup)>) {
    let (mut seen, mut endings) = (HashSet::new(), HashSet::new());
    let mut layer = vec![start];
    for level in 0..=depth {
        let mut next = Vec::new();
        for mut world in layer {
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

/// A plan whose times are few, so that every order of them is reached; its source has a key.
fn short_plan(destinations: u8) -> Plan {
    let secs = Duration::from_secs;
    let schedule = Schedule::every(secs(1)).for_at_most(secs(8)).confirmations(2).timeout(secs(1));
    let mut plan = plan(destinations).schedule(schedule.cleanup_timeout(secs(4)));
    plan.source.authenticated_by = Some("update-key.".to_owned());
    plan
}

/// A world whose pre-flight went well and whose journal entry is written: the add is about to be answered.
fn after_preflight(plan: Plan) -> World {
    let mut world = World::new(plan);
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
    let (worlds, endings) = explore(after_preflight(short_plan(1)), DEPTH);
    eprintln!("{worlds} worlds to depth {DEPTH}; endings {endings:?}");
    assert!(worlds > 10_000, "the explorer explores: {worlds}");
}

/// V3: the same with two destinations, each with a verdict of its own.
#[test]
fn v3_no_order_of_events_hides_one_of_two_destinations() {
    let (worlds, endings) = explore(after_preflight(short_plan(2)), DEPTH_TWO);
    eprintln!("{worlds} worlds to depth {DEPTH_TWO}; endings {endings:?}");
    assert!(worlds > 1000, "the explorer explores: {worlds}");
}

/// U9: the same where the add asks for a lease, which the server may mind, having done the add or not.
#[test]
fn u9_no_order_of_events_repeats_an_add_that_was_done() {
    let world = after_preflight(short_plan(1).with_lease());
    assert!(world.sends[0].lease.is_some());
    let (worlds, endings) = explore(world, DEPTH_ODD);
    eprintln!("{worlds} worlds to depth {DEPTH_ODD} with a lease; endings {endings:?}");
    assert!(worlds > 1000, "the explorer explores: {worlds}");
}

/// U13, V8: the same where replies come after they were given up and the clock is stepped, forward and back.
#[test]
fn u13_v8_late_replies_and_steps_of_the_clock_leave_no_probe_untold() {
    let mut world = after_preflight(short_plan(1));
    world.odd = ODD;
    let (worlds, endings) = explore(world, DEPTH_ODD);
    eprintln!("{worlds} worlds to depth {DEPTH_ODD} with {ODD} oddities; endings {endings:?}");
    assert!(worlds > 10_000, "the explorer explores: {worlds}");
    assert!(!endings.iter().any(|(verdict, _)| *verdict == Verdict::Ok), "nothing is proven in so few steps");
}

/// U13, U17: the same from the very start.
#[test]
fn u13_no_order_of_events_from_the_start_leaves_a_probe_untold() {
    let (worlds, endings) = explore(World::new(short_plan(1)), DEPTH_FROM_START);
    eprintln!("{worlds} worlds to depth {DEPTH_FROM_START}; endings {endings:?}");
    assert!(endings.iter().all(|(verdict, _)| *verdict != Verdict::Ok), "nothing is proven in so few steps");
}

/// A world in which everything went well until the first deletion has left.
fn before_the_clean_up() -> World {
    let mut world = after_preflight(short_plan(1));
    world.step(Step::Update { index: 0, effect: Effect::Done, outcome: Some(Outcome::Applied) });
    world.copies[0].holds = true;
    while world.updates == 1 {
        let step = if world.asks.is_empty() { Step::Wait } else { Step::Truth(0) };
        world.step(step);
    }
    world
}

/// From the point where the destination has confirmed: the whole clean-up, in every order.
#[test]
fn u13_every_order_of_the_clean_up() {
    let (worlds, endings) = explore(before_the_clean_up(), DEPTH);
    eprintln!("{worlds} worlds to depth {DEPTH}; endings {endings:?}");
    assert!(endings.contains(&(Verdict::Ok, Cleanup::Removed)));
    assert!(endings.contains(&(Verdict::ProbeLeft, Cleanup::Unconfirmed)));
}

/// V9: what cannot be meant is no plan, so there is no machine that the rest could be asked of.
#[test]
fn v9_no_machine_without_another_server() {
    let made = |others: Vec<ServerName>| Plan::new(Task::Probe(super::probe()), server(1), others, 1);
    assert_eq!(made(Vec::new()), Err(PlanError::NoDestination));
    let mapped = ServerName { address: "[::ffff:192.0.2.1]:53".parse().unwrap(), ..server(1) };
    for itself in [server(1), mapped] {
        assert!(matches!(made(vec![server(2), itself]), Err(PlanError::DestinationIsSource { .. })));
    }
}

/// Every rule about verdicts has its invariant, but V7, which is held at every input.
#[test]
fn every_rule_about_verdicts_is_held_in_every_world() {
    let held = rules();
    let missing: Vec<u32> = (1..=9).filter(|number| !held.contains(format!("V{number}").as_str())).collect();
    assert_eq!(missing, [7]);
}

/// The invariants can fail: each is broken by a world that is forged for it.
#[test]
fn each_invariant_finds_the_world_that_breaks_it() {
    let mut sound = before_the_clean_up();
    sound.run_out(true);
    let broken_by = |forge: fn(&mut World)| {
        let mut world = sound.clone();
        forge(&mut world);
        let report = Report::from_events(&world.events);
        let broken = AT_THE_END.iter().filter(|(_, holds)| !holds(&world, &report)).map(|(rule, _)| *rule);
        broken.collect::<Vec<_>>()
    };
    assert!(broken_by(|_| ()).is_empty(), "the world is sound");
    assert_eq!(broken_by(|world| world.copies[0].confirmed = false), ["V1"]);
    assert_eq!(
        broken_by(|world| world.events.retain(|event| !matches!(event.kind, EventKind::Confirmed { .. }))),
        ["V3"]
    );
    assert_eq!(broken_by(|world| world.copies.push(world::Copied::default())), ["V1", "V3", "V5"]);
    assert_eq!(broken_by(|world| world.machine.plan.source.authenticated_by = None), ["V5"]);
    assert_eq!(broken_by(|world| world.now = LONGEST), ["V8"]);
    assert_eq!(broken_by(|world| world.zone = true), ["V1", "U13"]);
    assert_eq!(
        broken_by(|world| world.events.retain(|event| !matches!(event.kind, EventKind::Removed { .. }))),
        ["U13"]
    );
    assert_eq!(broken_by(|world| world.ending = Some(Ending::Unchanged(crate::converge::Unchanged::Stopped))), ["U9"]);
}

/// The explorer can fail: a world whose deletions do nothing and whose source lies about it breaks the guarantee.
#[test]
#[should_panic(expected = "U13 is broken")]
fn the_explorer_finds_a_source_that_lies() {
    let mut world = after_preflight(short_plan(1));
    world.step(Step::Update { index: 0, effect: Effect::Done, outcome: Some(Outcome::Applied) });
    world.step(Step::Truth(0));
    world.step(Step::Stop);
    world.asks.clear();
    world.step(Step::Update { index: 0, effect: Effect::Nothing, outcome: Some(Outcome::Applied) });
    for absence in 0..3 {
        if absence > 0 {
            world.step(Step::Wait);
        }
        let (request, answer) = (world.asks.remove(0).request, Answer::Probe(Observation::NoName));
        world.input(Input::Answered { request, answer, aside: Aside::default() });
    }
    world.journal = true;
    world.input(Input::JournalRemoved);
}

/// U15: where every deletion is accepted and does nothing, every run ends with the probe told.
#[test]
fn u15_a_deletion_without_effect_is_told_in_every_run() {
    let mut drive = Drive::start(short_plan(1));
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
