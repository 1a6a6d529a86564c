//! What does not fit into memory is compared to the octet as what does, and nothing is ever silently left out.

use super::properties::any_zone;
use super::streaming::{Turns, any_policy, any_sides, feed, ordered, shown, zone};
use super::{a, rrsig, serial};
use crate::canonical::compare_names;
use crate::diff::{DiffError, DiffPolicy, Differ, Leftovers, OwnedRecord, RunError, RunStore, ZoneDiff};
use crate::wire::Rtype;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The key of the hash.
const SEED: [u64; 4] = [9, 8, 7, 6];

/// Runs in memory, with the faults that a disk can have.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The runs.
    runs: Mutex<BTreeMap<u32, Vec<u8>>>,
    /// How many octets fit; none: all.
    capacity: Option<usize>,
    /// Whether one octet of what is read is another than what was appended.
    rots: bool,
    /// How many octets were read.
    read: AtomicUsize,
}

impl Shelf {
    /// A fault that names the place.
    fn fault(doing: &'static str, kind: io::ErrorKind) -> RunError {
        RunError { doing, place: "the shelf".into(), source: kind.into() }
    }

    /// How many octets are on it.
    fn load(&self) -> usize {
        self.runs.lock().unwrap().values().map(Vec::len).sum()
    }
}

impl RunStore for Shelf {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        if self.capacity.is_some_and(|capacity| self.load() + octets.len() > capacity) {
            return Err(Self::fault("written to", io::ErrorKind::StorageFull));
        }
        self.runs.lock().unwrap().entry(run).or_default().extend_from_slice(octets);
        Ok(())
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        self.read.fetch_add(into.len(), Ordering::Relaxed);
        let runs = self.runs.lock().unwrap();
        let at = usize::try_from(at).unwrap();
        let octets = runs.get(&run).and_then(|octets| octets.get(at..at + into.len()));
        into.copy_from_slice(octets.ok_or_else(|| Self::fault("read from", io::ErrorKind::UnexpectedEof))?);
        if let Some(octet) = into.last_mut().filter(|_| self.rots) {
            *octet ^= 1;
        }
        Ok(())
    }

    fn remove(&self, run: u32) {
        self.runs.lock().unwrap().remove(&run);
    }
}

/// A differ with so little memory that it spills all the time.
fn small(differ: Result<Differ, DiffError>, octets: usize) -> Differ {
    differ.unwrap().within(octets).spilling_into(Arc::new(Shelf::default()))
}

/// Everything that a result says.
fn told(diff: &ZoneDiff) -> impl PartialEq + std::fmt::Debug + use<> {
    let sides: Vec<_> = (0..diff.sides())
        .map(|side| {
            (diff.compared(side), diff.duplicates(side), diff.mixed_ttls(side), diff.tally(side), diff.verdict(side))
        })
        .collect();
    let changes: Vec<_> = diff.changes().map(Result::unwrap).collect();
    (changes, diff.left_out().to_vec(), sides)
}

/// L1: past the budget records go into runs, memory stays below it, and the answer is the same.
#[test]
fn l1_memory_stays_within_the_budget() {
    let (one, mut other) = (zone(30_000), zone(30_000));
    other.reverse();
    other[77] = a("h0000999x.example.com", 3600, 1);
    let budget = 1 << 20;
    let shelf = Arc::new(Shelf::default());
    let streaming = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let mut differ = streaming.within(budget).spilling_into(Arc::clone(&shelf) as Arc<dyn RunStore>);
    let mut most = 0;
    for (one, other) in one.iter().zip(&other) {
        differ.add(0, one.view()).unwrap();
        differ.add(1, other.view()).unwrap();
        most = most.max(differ.memory());
    }
    assert!(most < budget, "{most} octets");
    assert!(differ.runs() >= 2, "{} runs", differ.runs());
    let diff = differ.finish().unwrap();
    assert!(diff.memory() < budget);
    assert_eq!((diff.tally(1).rrsets, diff.compared(0)), (2, 90_001));
    assert_eq!(shelf.load(), 0, "the runs are gone: few changes need none");
}

/// L1: where everything differs, the differences themselves do not fit, and all of them are listed.
#[test]
fn l1_the_differences_are_within_the_budget_too() {
    let number = |number: u32, last| a(&format!("h{number:07}.example.com"), 3600, last);
    let sides = [1, 2].map(|last| (0..20_000).map(|owner| number(owner, last)).collect::<Vec<_>>());
    let shelf = Arc::new(Shelf::default());
    let streaming = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap().within(1 << 20);
    let diff = feed(streaming.spilling_into(Arc::clone(&shelf) as Arc<dyn RunStore>), &sides, &[], None);
    assert!(diff.memory() < 1 << 20, "{} octets", diff.memory());
    assert_eq!((diff.tally(1).rdata, diff.changes().count()), (20_000, 20_000));
    let listed: Vec<_> = diff.changes().map(|change| change.unwrap().owner).collect();
    assert!(listed.is_sorted_by(|a, b| compare_names(a.as_octets(), b.as_octets()).is_lt()));
    assert!(shelf.load() > 0);
    let again = Differ::settling(2, DiffPolicy::exact(), diff.leftovers().unwrap());
    let again = feed(small(again, 1 << 20), &sides, &[], None);
    assert!(again.is_settled() && again.same_changes(&diff).unwrap());
    drop(diff);
    assert_eq!(shelf.load(), 0);
}

/// L1: runs that have become many are joined a little at a time, so that whoever feeds the differ never waits for all of it.
#[test]
fn l1_no_step_reads_many_runs_through() {
    let (one, mut other) = (zone(60_000), zone(60_000));
    other.reverse();
    let shelf = Arc::new(Shelf::default());
    let streaming = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let mut differ = streaming.within(1 << 20).spilling_into(Arc::clone(&shelf) as Arc<dyn RunStore>);
    let (mut most, mut total) = (0, 0);
    for (one, other) in one.iter().zip(&other) {
        differ.add(0, one.view()).unwrap();
        differ.add(1, other.view()).unwrap();
        let read = shelf.read.swap(0, Ordering::Relaxed);
        (most, total) = (most.max(read), total + read);
    }
    assert!(total > shelf.load(), "runs were joined");
    assert!(most < total / 10, "{most} of {total} octets in one step");
    assert!(differ.finish().unwrap().is_equal());
}

/// L1: as many runs are told as there are, those too that are just being joined.
#[test]
fn l1_all_runs_are_told() {
    let (one, mut other) = (zone(3000), zone(3000));
    other.reverse();
    let shelf = Arc::new(Shelf::default());
    let streaming = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let mut differ = streaming.within(1 << 16).spilling_into(Arc::clone(&shelf) as Arc<dyn RunStore>);
    let mut joined = 0;
    for (one, other) in one.iter().zip(&other) {
        differ.add(0, one.view()).unwrap();
        differ.add(1, other.view()).unwrap();
        // The run that others are joined into is on the shelf once a block of it is there.
        let (told, there) = (differ.runs(), shelf.runs.lock().unwrap().len());
        let joining = differ.spilled.joining.is_some();
        assert!(told == there || (joining && told + 1 == there), "{told} of {there}");
        joined += usize::from(joining && told > 8);
    }
    assert!(joined > 0, "runs were written while others were joined");
    assert!(differ.finish().unwrap().is_equal());
}

/// L1: one side is silent while others send everything.
#[test]
fn l1_a_stalled_side_costs_no_more_than_the_budget() {
    let zone = zone(20_000);
    let mut differ = small(Differ::streaming(3, DiffPolicy::exact(), SEED), 1 << 20);
    let mut most = 0;
    for side in [1, 0, 2] {
        for record in &zone {
            differ.add(side, record.view()).unwrap();
            most = most.max(differ.memory());
        }
    }
    assert!(most < 1 << 20, "{most} octets");
    let diff = differ.finish().unwrap();
    assert!(diff.is_equal() && diff.is_settled());
    assert_eq!(diff.compared(1), 60_001);
}

/// V7: every record once more, long after all were forgotten, is no difference; the units are too many to be named.
#[test]
fn v7_a_whole_zone_sent_again_is_equal_within_the_budget() {
    let one = zone(33_334);
    let other = [one.clone(), one.clone()].concat();
    let (sides, turns) = ([one, other], (0..200_000).map(|turn| (turn % 2, 1)).collect::<Turns>());
    let first = feed(small(Differ::streaming(2, DiffPolicy::exact(), SEED), 8 << 20), &sides, &turns, None);
    assert!(!first.is_settled());
    let second = Differ::settling(2, DiffPolicy::exact(), first.leftovers().unwrap());
    let second = feed(small(second, 8 << 20), &sides, &turns, None);
    assert!(second.is_equal() && second.is_settled());
    assert_eq!((second.compared(1), second.duplicates(1)), (100_003, 100_003));
}

/// L1: without a store, with a full one and with a bad one there is an error, never an answer.
#[test]
fn l1_what_cannot_be_kept_is_an_error() {
    let (one, mut other) = (zone(3000), zone(3000));
    other.reverse();
    let run = |store: Option<Shelf>| -> Result<ZoneDiff, DiffError> {
        let mut differ = Differ::streaming(2, DiffPolicy::exact(), SEED)?.within(1 << 16);
        if let Some(store) = store {
            differ = differ.spilling_into(Arc::new(store));
        }
        for (one, other) in one.iter().zip(&other) {
            differ.add(0, one.view())?;
            differ.add(1, other.view())?;
        }
        differ.finish()
    };
    assert!(run(Some(Shelf::default())).unwrap().is_equal());
    assert!(matches!(run(None), Err(DiffError::OverBudget)));
    let full = run(Some(Shelf { capacity: Some(100_000), ..Shelf::default() })).unwrap_err();
    assert!(matches!(&full, DiffError::Run(RunError { doing: "written to", .. })));
    assert!(full.to_string().contains("the shelf"));
    assert!(matches!(run(Some(Shelf { rots: true, ..Shelf::default() })), Err(DiffError::Lost)));
}

/// L1: the one thing that must fit is an `RRset` that differs; if it does not, it is named.
#[test]
fn l1_an_rrset_that_does_not_fit_is_an_error_that_names_it() {
    let addresses = |first: u8| {
        let record = move |number: u32| {
            super::record("all.example.com", Rtype::A, 300, &[&[first][..], &number.to_be_bytes()[1..]].concat())
        };
        (0..30_000).map(record).collect::<Vec<_>>()
    };
    let mut differ = small(Differ::streaming(2, DiffPolicy::exact(), SEED), 1 << 20);
    for (one, other) in addresses(1).iter().zip(&addresses(2)) {
        differ.add(0, one.view()).unwrap();
        differ.add(1, other.view()).unwrap();
    }
    let error = differ.finish().unwrap_err();
    assert!(error.to_string().contains("all.example.com. A"), "{error}");
}

/// A side that is dropped after it was spilled is no difference to any other.
#[test]
fn v2_a_side_that_fails_after_it_was_spilled() {
    let zone = zone(3000);
    let mut differ = small(Differ::streaming(3, DiffPolicy::exact(), SEED), 1 << 16);
    for record in &zone {
        differ.add(2, record.view()).unwrap();
    }
    for record in &zone[..5000] {
        differ.add(1, record.view()).unwrap();
    }
    differ.drop_side(1);
    for record in &zone {
        differ.add(0, record.view()).unwrap();
    }
    assert!(differ.runs() > 0);
    let diff = differ.finish().unwrap();
    assert_eq!([0, 1, 2].map(|side| diff.compared(side)), [9001, 0, 9001]);
    assert_eq!(diff.changes().count(), 0);
}

/// Masked fields, originals and counts survive a spill.
#[test]
fn c11_what_is_left_out_is_counted_in_runs_too() {
    let signed = |expiration: u32| {
        let one = |number: u32| rrsig(&format!("h{number:05}.example.com"), 300, Rtype::A, expiration + number, 1, 1);
        [vec![serial(expiration)], (0..500).map(one).collect()].concat()
    };
    let sides = [signed(1000), signed(2000)];
    let policy = DiffPolicy::resigned().ignore_serial();
    let held = feed(Differ::new(2, policy.clone(), SEED).unwrap(), &sides, &[], None);
    let spilled = feed(small(Differ::new(2, policy, SEED), 1 << 14), &sides, &[], None);
    assert_eq!(held.left_out().iter().map(|left| left.count).sum::<u64>(), 501);
    assert_eq!(told(&held), told(&spilled));
}

/// Passes with little memory until everything is settled.
fn settle(policy: &DiffPolicy, sides: &[Vec<OwnedRecord>], turns: &[Turns], octets: usize) -> ZoneDiff {
    let mut leftovers: Option<Leftovers> = None;
    for pass in 1..=10 {
        let differ = match &leftovers {
            None => Differ::streaming(sides.len(), policy.clone(), SEED),
            Some(leftovers) => Differ::settling(sides.len(), policy.clone(), leftovers),
        };
        let diff = feed(small(differ, octets), sides, &turns[pass % turns.len()], None);
        if diff.is_settled() {
            return diff;
        }
        let own = diff.leftovers().unwrap();
        leftovers.get_or_insert_with(|| own.clone()).extend(own);
    }
    panic!("never settled");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// L1, V7: in runs or in memory, the result is the same to the octet: changes, hints, counts, notes.
    #[test]
    fn l1_spilled_says_what_held_says(
        (sides, turns) in any_sides(), policy in any_policy(), octets in 0_usize..4000, dropped in 0_usize..8,
    ) {
        let dropped = Some(dropped).filter(|side| *side < sides.len());
        let new = || Differ::new(sides.len(), policy.clone(), SEED);
        let held = feed(new().unwrap(), &sides, &turns[0], dropped);
        let spilled = feed(small(new(), octets), &sides, &turns[0], dropped);
        prop_assert_eq!(told(&spilled), told(&held));
    }

    /// L1, V7: a differ that forgets and spills says the same, once it says that it is settled.
    #[test]
    fn l1_streaming_and_spilled_says_what_held_says(
        (sides, turns) in any_sides(), policy in any_policy(), octets in 0_usize..20_000,
    ) {
        let held = feed(Differ::new(sides.len(), policy.clone(), SEED).unwrap(), &sides, &turns[0], None);
        let settled = settle(&policy, &sides, &turns, octets);
        prop_assert!(settled.same_changes(&held).unwrap(), "{:?} and {:?}", shown(&settled), shown(&held));
        prop_assert_eq!(settled.is_equal(), held.is_equal());
        for side in 0..sides.len() {
            prop_assert_eq!(settled.compared(side) + settled.duplicates(side), held.compared(side) + held.duplicates(side));
        }
    }

    /// A31: where the content of a side is reckoned, it is the same with and without runs.
    #[test]
    fn a31_the_content_is_the_same_in_runs(zone in any_zone(), other in any_zone(), octets in 0_usize..20_000) {
        let sides = [ordered(zone), ordered(other)];
        let streaming = || Differ::streaming(2, DiffPolicy::exact(), SEED);
        let plain = feed(streaming().unwrap(), &sides, &[], None);
        let spilled = feed(small(streaming(), octets), &sides, &[], None);
        for side in 0..2 {
            prop_assert!(spilled.content(side).is_none() || plain.content(side).is_none() || spilled.content(side) == plain.content(side));
        }
    }
}
