//! Sides without any order: the merge gives up early, and the result is that of a differ that holds everything.

use super::{OwnedRecord, a, serial};
use crate::diff::{DiffPolicy, Differ, Leftovers, ZoneDiff};
use proptest::prelude::*;

/// Any key of the hash.
const SEED: [u64; 4] = [5, 6, 7, 8];
/// So much that nothing has to go into runs, and that what is held is looked at every four kilobytes.
const OCTETS: usize = 1 << 18;

/// Three addresses at each of so many owners, in canonical order.
fn zone(owners: u32) -> Vec<OwnedRecord> {
    let of_owner = |owner: u32| [1, 2, 3].map(|last| a(&format!("h{owner:04}.example.com"), 300, last));
    [vec![serial(1)], (0..owners).flat_map(of_owner).collect()].concat()
}

/// Adds from both sides in turn.
fn add(differ: &mut Differ, sides: [&[OwnedRecord]; 2]) {
    for row in 0..sides[0].len().max(sides[1].len()) {
        for (side, records) in sides.iter().enumerate() {
            records.get(row).into_iter().for_each(|record| differ.add(side, record.view()).unwrap());
        }
    }
}

/// A differ that forgets.
fn streaming(leftovers: Option<&Leftovers>) -> Differ {
    let differ = match leftovers {
        None => Differ::streaming(2, DiffPolicy::exact(), SEED),
        Some(leftovers) => Differ::settling(2, DiffPolicy::exact(), leftovers),
    };
    differ.unwrap().within(OCTETS)
}

/// Passes until everything is settled.
fn settle(sides: [&[OwnedRecord]; 2]) -> ZoneDiff {
    let mut leftovers: Option<Leftovers> = None;
    for _ in 0..10 {
        let mut differ = streaming(leftovers.as_ref());
        add(&mut differ, sides);
        let diff = differ.finish().unwrap();
        if diff.is_settled() {
            return diff;
        }
        let own = diff.leftovers().unwrap();
        leftovers.get_or_insert_with(|| own.clone()).extend(own);
    }
    panic!("never settled");
}

#[test]
fn l1_without_order_nothing_is_looked_for_and_it_costs_what_holding_costs() {
    let one = zone(200);
    let mut other: Vec<_> = (0..one.len()).map(|at| one[at * 89 % one.len()].clone()).collect();
    let mut differ = streaming(None);
    add(&mut differ, [&one, &other]);
    assert!(differ.reached(0).is_none(), "the merge has ended");
    assert_eq!(differ.runs(), 0, "and not for want of memory");
    let mut held = Differ::new(2, DiffPolicy::exact(), SEED).unwrap();
    add(&mut held, [&one, &other]);
    assert!(differ.memory() <= held.memory() + 1024, "{} and {}", differ.memory(), held.memory());
    assert!(differ.finish().unwrap().is_equal());
    other[5] = a("other.example.com", 300, 1);
    assert_eq!(settle([&one, &other]).tally(1).rrsets, 2);
}

#[test]
fn l1_sides_that_differ_everywhere_in_one_order_are_merged_to_the_end() {
    let [one, other] =
        [1, 2].map(|last| (0..300).map(|at| a(&format!("h{at:04}.example.com"), 300, last)).collect::<Vec<_>>());
    let mut differ = streaming(None);
    add(&mut differ, [&one, &other]);
    assert!(differ.reached(0).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: in any order, with records left out and repeated.
    #[test]
    fn v7_without_order_it_says_what_held_says(
        (one, other) in (Just(zone(150)).prop_shuffle(), Just(zone(150)).prop_shuffle()),
        cut in 0_usize..6, again in 0_usize..100, in_step in 0_usize..180,
    ) {
        // Both begin alike, so that something is forgotten before there is no order.
        let straight = zone(150);
        let rest = |records: Vec<OwnedRecord>| -> Vec<OwnedRecord> {
            let known = |record: &OwnedRecord| straight[..in_step].iter().any(|own| own == record);
            [straight[..in_step].to_vec(), records.into_iter().filter(|record| !known(record)).collect()].concat()
        };
        let (one, mut other) = (rest(one), rest(other));
        other.truncate(other.len() - cut);
        other.extend(one[..again].to_vec());
        let mut held = Differ::new(2, DiffPolicy::exact(), SEED).unwrap();
        add(&mut held, [&one, &other]);
        let (held, settled) = (held.finish().unwrap(), settle([&one, &other]));
        prop_assert!(settled.same_changes(&held).unwrap());
        prop_assert_eq!(settled.is_equal(), held.is_equal());
    }
}
