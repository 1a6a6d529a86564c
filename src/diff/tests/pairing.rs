//! What is paired off at the fronts is what the merge would have forgotten, and nothing else.

use super::streaming::{any_policy, any_sides, feed, ordered, shown, zone};
use super::{IN, a, name, serial};
use crate::canonical::CanonicalRecord;
use crate::diff::{DiffPolicy, Differ, Front, Leftovers, OwnedRecord, SideVerdict, ZoneDiff};
use crate::wire::Rtype;
use proptest::prelude::*;

/// The key of the hash.
const SEED: [u64; 4] = [8, 7, 6, 5];
/// So many sides at most.
const MANY: usize = 4;

/// Records as a side sends them.
fn block(records: &[OwnedRecord]) -> Vec<u8> {
    let mut octets = Vec::new();
    for record in records {
        record.view().write(&mut octets);
    }
    octets
}

/// Feeds the sides in blocks of as many records as `turns` says, over and over; a side is dropped after so many turns.
fn feed_blocks(
    mut differ: Differ,
    sides: &[Vec<OwnedRecord>],
    turns: &[(usize, usize)],
    dropped: Option<(usize, usize)>,
) -> ZoneDiff {
    let mut fronts: Vec<Front> = sides.iter().map(|_| Front::default()).collect();
    let mut rest: Vec<Option<&[OwnedRecord]>> = sides.iter().map(|side| Some(&side[..])).collect();
    let ends = (0..sides.len()).map(|side| (side, usize::MAX));
    for (turn, (side, count)) in turns.iter().copied().chain(ends.clone()).chain(ends).enumerate() {
        if let Some((side, _)) = dropped.filter(|(_, at)| *at == turn) {
            rest[side] = None;
            differ.drop_side(side);
            differ.drop_front(&mut fronts, side).unwrap();
        }
        let side = side % sides.len();
        let Some(records) = rest[side] else { continue };
        if records.is_empty() {
            rest[side] = None;
            differ.end_front(&mut fronts, side).unwrap();
        } else {
            let (now, later) = records.split_at(count.min(records.len()));
            rest[side] = Some(later);
            differ.refill(&mut fronts, side, block(now)).unwrap();
        }
    }
    assert!(fronts.iter().all(Front::is_empty), "all that was sent is taken when all sides have ended");
    differ.finish().unwrap()
}

/// Passes over the sides until everything is settled.
fn settle(policy: &DiffPolicy, sides: &[Vec<OwnedRecord>], turns: &[(usize, usize)]) -> ZoneDiff {
    let mut leftovers = Leftovers::new(SEED, 0);
    for _ in 0..10 {
        let differ = Differ::settling(sides.len(), policy.clone(), &leftovers).unwrap();
        let diff = feed_blocks(differ, sides, turns, None);
        if diff.is_settled() {
            return diff;
        }
        leftovers.extend(diff.leftovers().unwrap());
    }
    panic!("never settled");
}

/// V7: sides in step are paired off wherever their blocks end, whatever the order inside an owner, and nothing of them waits or is held.
#[test]
fn v7_sides_in_step_are_paired_off_wherever_blocks_end() {
    let zone = zone(3000);
    let mut differ = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let mut fronts = [Front::default(), Front::default()];
    let mut swapped = zone.clone();
    for owner in swapped[1..].chunks_mut(3).step_by(2) {
        owner.rotate_left(1);
    }
    let (mut one, mut other) = (zone.chunks(97), swapped.chunks(101));
    for _ in 0..80 {
        differ.refill(&mut fronts, 0, block(one.next().unwrap())).unwrap();
        differ.refill(&mut fronts, 1, block(other.next().unwrap())).unwrap();
    }
    // A block of one overtakes what waits of the other: at most that much goes through the merge.
    assert!(differ.agreed.records > 7000, "{}", differ.agreed.records);
    let turns: Vec<_> = (0..200).map(|turn| (turn % 2, 97 + turn % 2)).collect();
    let diff = feed_blocks(Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap(), &[zone, swapped], &turns, None);
    assert!(diff.is_equal() && diff.is_settled());
    assert_eq!([0, 1].map(|side| diff.compared(side)), [9001, 9001]);
}

/// V7: one octet of one record, or one TTL, is a difference, in whatever order the owner's records come.
#[test]
fn v7_one_octet_is_never_paired_off() {
    let owner = "h0000001.example.com";
    for (ttl, last) in [(3600, 3), (60, 2)] {
        for swapped in [false, true] {
            let (base, mut target) = (zone(5), zone(5));
            target[5] = a(owner, ttl, last);
            if swapped {
                target.swap(5, 6);
            }
            let sides = [base, target];
            let turns = [(0, 99), (1, 99)];
            let diff = feed_blocks(Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap(), &sides, &turns, None);
            let held = feed(Differ::new(2, DiffPolicy::exact(), SEED).unwrap(), &sides, &[], None);
            assert!(diff.is_settled() && !diff.is_equal());
            assert_eq!(shown(&diff), shown(&held));
        }
    }
}

/// V7: a part of an owner that comes after its run was paired off is not judged without the run.
#[test]
fn v7_a_part_that_comes_behind_its_run_is_unsettled() {
    let whole = zone(10);
    let late = [whole.clone(), vec![a("h0000003.example.com", 60, 1)]].concat();
    let sides = [whole, late];
    let turns = [(0, 99), (1, 99)];
    let first = feed_blocks(Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap(), &sides, &turns, None);
    assert!(!first.is_settled());
    let held = feed(Differ::new(2, DiffPolicy::exact(), SEED).unwrap(), &sides, &[], None);
    assert_eq!(shown(&settle(&DiffPolicy::exact(), &sides, &turns)), shown(&held));
}

/// V2, V7: what a dropped side had sent of an owner may be held, so that the others' runs have to be held beside it.
#[test]
fn v2_nothing_is_paired_off_beside_what_a_dropped_side_has_left() {
    let (twice, once) = (a("b.example.com", 300, 1), a("z.example.com", 300, 1));
    let whole = vec![serial(1), a("a.example.com", 300, 1), twice.clone(), once];
    let late = [whole.clone(), vec![twice.clone()]].concat();
    let broken = vec![twice.clone(), twice, a("c.example.com", 300, 1)];
    let sides = [whole, late, broken];
    let turns = [(2, 99), (0, 99), (1, 99)];
    let diff = feed_blocks(Differ::streaming(3, DiffPolicy::exact(), SEED).unwrap(), &sides, &turns, Some((2, 1)));
    assert!(diff.verdict(1) == SideVerdict::Equal || !diff.is_settled());
}

/// Zones in canonical order that are nearly the same, some with a few records once more at their end; NSEC3 among them.
fn near_sides() -> impl Strategy<Value = Vec<Vec<OwnedRecord>>> {
    let types = prop::sample::select(vec![Rtype::A, Rtype::A, Rtype::TXT, Rtype::NSEC3]);
    let ttls = prop::sample::select(vec![300_u32, 300, 300, 300, 300, 60]);
    let record = (0_u8..24, types, ttls, 0_u8..3).prop_map(|(owner, rtype, ttl, last)| {
        let owner = name(&format!("{}.example", char::from(b'a' + owner)));
        OwnedRecord::new(&CanonicalRecord::new(&owner, rtype, IN, ttl, &[last]))
    });
    let side = |zone: Vec<OwnedRecord>| {
        let changes = (any::<prop::sample::Index>(), 0_usize..2, 0_usize..3, 0_usize..3);
        changes.prop_map(move |(place, removed, again, swapped)| {
            let mut side = zone.clone();
            let place = place.index(side.len());
            let copies: Vec<_> = side[place..].iter().take(again).cloned().collect();
            side.drain(place..(place + removed).min(zone.len()));
            if swapped > 0 && place + swapped < side.len() {
                side.swap(place, place + swapped);
            }
            [side, copies].concat()
        })
    };
    let zones = prop::collection::vec(record, 1..60).prop_map(ordered);
    zones.prop_flat_map(move |zone| {
        prop::collection::vec(prop_oneof![3 => Just(zone.clone()), 2 => side(zone)], 2..MANY)
    })
}

/// Side and number of records, one after the other.
fn any_turns() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..MANY, 1_usize..30), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: what is paired off is what is held, wherever blocks end and under every policy, once it is settled.
    #[test]
    fn v7_pairing_off_says_what_holding_says(
        sides in prop_oneof![3 => near_sides(), 1 => any_sides().prop_map(|(sides, _)| sides)],
        turns in any_turns(),
        policy in any_policy(),
    ) {
        let held = feed(Differ::new(sides.len(), policy.clone(), SEED).unwrap(), &sides, &[], None);
        let once = feed_blocks(Differ::streaming(sides.len(), policy.clone(), SEED).unwrap(), &sides, &turns, None);
        prop_assert!(!once.is_settled() || shown(&once) == shown(&held), "{:?} and {:?}", shown(&once), shown(&held));
        let settled = settle(&policy, &sides, &turns);
        prop_assert!(settled.same_changes(&held).unwrap(), "{:?} and {:?}", shown(&settled), shown(&held));
        prop_assert_eq!(settled.is_equal(), held.is_equal());
        prop_assert_eq!(settled.left_out(), held.left_out());
        for side in 0..sides.len() {
            let all = |diff: &ZoneDiff| diff.compared(side) + diff.duplicates(side);
            prop_assert_eq!(all(&settled), all(&held));
            if let (Some(own), Some(base)) = (settled.content(side), settled.content(0)) {
                prop_assert_eq!(own == base, side == 0 || !held.between(side).any(|_| true));
            }
        }
    }

    /// V2, V7: a side that is dropped anywhere leaves the others as if it had never been.
    #[test]
    fn v2_a_side_dropped_between_blocks_changes_nothing(
        sides in near_sides(),
        turns in any_turns(),
        (dropped, at) in (0..MANY, 0_usize..30),
    ) {
        let dropped = dropped % sides.len();
        let with = |differ: Result<Differ, _>| feed_blocks(differ.unwrap(), &sides, &turns, Some((dropped, at)));
        let held = with(Differ::new(sides.len(), DiffPolicy::exact(), SEED));
        let mut paired = with(Differ::streaming(sides.len(), DiffPolicy::exact(), SEED));
        if !paired.is_settled() {
            paired = with(Differ::settling(sides.len(), DiffPolicy::exact(), paired.leftovers().unwrap()));
        }
        prop_assert!(!paired.is_settled() || paired.same_changes(&held).unwrap(), "{:?} and {:?}", shown(&paired), shown(&held));
    }
}
