//! Sides: how many, which are compared, and that neither their order nor a second look matters.

use super::{a, changes, compare, left_out, rrsig, serial};
use crate::diff::{DiffError, DiffPolicy, Differ, OwnedRecord, SideVerdict};
use crate::wire::Rtype;

/// V7: the same records in any order and number are equal, and `compare(x, x)` is empty.
#[test]
fn v7_order_and_duplicates_do_not_matter() {
    let base = [serial(1), a("www.example.com", 300, 1), a("www.example.com", 300, 2)];
    let [first, second, third] = base.clone();
    let diff = compare(DiffPolicy::exact(), &[&base, &[third.clone(), second, first, third]]);
    assert!(diff.is_equal());
    assert_eq!(changes(&diff), []);
    assert_eq!((diff.compared(0), diff.compared(1)), (3, 3));
    assert_eq!((diff.duplicates(0), diff.duplicates(1)), (0, 1));
    assert_eq!(diff.verdict(1), SideVerdict::Equal);
}

/// V9: no comparison of a zone with nothing, and none with more sides than there are bits.
#[test]
fn v9_zero_or_one_side_is_refused() {
    let differ = |sides| Differ::new(sides, DiffPolicy::exact(), [0; 4]).map(|_| ());
    assert!(matches!(differ(0), Err(DiffError::TooFewSides)));
    assert!(matches!(differ(1), Err(DiffError::TooFewSides)));
    assert!(matches!(differ(2), Ok(())));
    assert!(matches!(differ(64), Ok(())));
    assert!(matches!(differ(65), Err(DiffError::TooManySides)));
}

/// V7: the last of 64 sides is compared as well as the first.
#[test]
fn v7_sixty_four_sides() {
    let (base, other) = ([serial(1), a("www.example.com", 300, 1)], [serial(1), a("www.example.com", 300, 2)]);
    let mut sides = vec![&base[..]; 64];
    sides[63] = &other;
    let diff = compare(DiffPolicy::exact(), &sides);
    assert!((1..63).all(|side| diff.verdict(side) == SideVerdict::Equal));
    assert_eq!(diff.verdict(63), SideVerdict::Different);
    assert_eq!(changes(&diff).iter().map(|change| change.side).collect::<Vec<_>>(), [63]);
    assert_eq!(diff.between(63).count(), 1);
    assert_eq!(diff.between(62).count(), 0);
}

/// A side whose transfer failed is neither equal nor different, and the others are compared without it (V2, V4).
#[test]
fn v2_a_dropped_side_is_not_compared() {
    let base = [serial(1), a("www.example.com", 300, 1)];
    let mut differ = Differ::new(3, DiffPolicy::unsigned(), [0; 4]).expect("three sides");
    for record in &base {
        differ.add(0, record.view()).expect("the base");
        differ.add(2, record.view()).expect("a target");
    }
    differ.add(1, a("www.example.com", 60, 7).view()).expect("before the failure");
    differ.add(1, a("www.example.com", 70, 7).view()).expect("before the failure");
    differ.add(1, rrsig("www.example.com", 60, Rtype::A, 1000, 1, 1).view()).expect("before the failure");
    differ.drop_side(1);
    assert!(matches!(differ.add(1, base[0].view()), Err(DiffError::SideDropped)));
    let diff = differ.finish().unwrap();
    assert_eq!([1, 2].map(|side| diff.verdict(side)), [SideVerdict::NotCompared, SideVerdict::Equal]);
    assert!(!diff.is_equal(), "not compared is not equal");
    assert_eq!((diff.compared(1), diff.duplicates(1), diff.mixed_ttls(1)), (0, 0, 0));
    assert_eq!((left_out(&diff), changes(&diff)), (vec![], vec![]));
}

/// V2: what a policy leaves out is not counted of a side that was dropped, though some of it was held.
#[test]
fn v2_nothing_is_left_out_of_a_dropped_side() {
    let signed = |signature| rrsig("www.example.com", 300, Rtype::A, 1000, 1, signature);
    let mut differ = Differ::new(3, DiffPolicy::resigned(), [0; 4]).expect("three sides");
    for (side, signature) in [(0, 1), (1, 2), (2, 3)] {
        differ.add(side, signed(signature).view()).expect("a side");
    }
    differ.drop_side(1);
    let told = left_out(&differ.finish().unwrap());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with(" on 2: 1"), "{told:?}");
}

/// V2: the verdict on the base is the worst of those on the targets that were compared.
#[test]
fn v2_the_base_differs_where_any_target_does() {
    let (one, other) = ([serial(1)], [serial(1), a("www.example.com", 300, 1)]);
    let of_base = |sides: &[&[OwnedRecord]]| compare(DiffPolicy::exact(), sides).verdict(0);
    assert_eq!(of_base(&[&one, &one, &one]), SideVerdict::Equal);
    assert_eq!(of_base(&[&one, &other, &one]), SideVerdict::Different);
    assert_eq!(of_base(&[&one, &one, &other]), SideVerdict::Different);
    assert_eq!(compare(DiffPolicy::exact(), &[&one, &one, &one]).sides(), 3);
}

/// L1: what a result takes is its list, and what it has left over.
#[test]
fn l1_a_result_takes_its_list_and_what_is_left_over() {
    let (one, other) = ([serial(1)], [serial(1), a("www.example.com", 300, 1)]);
    let mut differ = Differ::streaming(2, DiffPolicy::exact(), [0; 4]).expect("two sides");
    for (side, zone) in [&one[..], &other].into_iter().enumerate() {
        zone.iter().try_for_each(|record| differ.add(side, record.view())).expect("room");
    }
    let diff = differ.finish().unwrap();
    let (list, left) = (diff.listing.memory(), diff.leftovers().unwrap().units.allocation_size());
    assert!(list > 40 && left > 8, "{list} and {left}");
    assert_eq!(diff.memory(), list + left);
}

/// Without the base nothing is known about any target.
#[test]
fn v2_a_dropped_base_leaves_nothing_compared() {
    let mut differ = Differ::new(2, DiffPolicy::exact(), [0; 4]).expect("two sides");
    differ.add(1, serial(1).view()).expect("a target");
    differ.drop_side(0);
    let diff = differ.finish().unwrap();
    assert_eq!([0, 1].map(|side| diff.verdict(side)), [SideVerdict::NotCompared; 2]);
    assert!(!diff.is_equal());
}

/// The caller's mistake is an error, not a record that is lost.
#[test]
fn a_side_that_does_not_exist_is_an_error() {
    let mut differ = Differ::new(2, DiffPolicy::exact(), [0; 4]).expect("two sides");
    assert!(matches!(differ.add(2, serial(1).view()), Err(DiffError::NoSuchSide)));
    differ.drop_side(2);
    assert!(differ.finish().unwrap().is_equal());
}

/// What ends a comparison is either the caller's mistake or a want of room.
#[test]
fn it_is_told_whose_fault_an_error_is() {
    let of_caller = [DiffError::TooFewSides, DiffError::TooManySides, DiffError::NoSuchSide, DiffError::SideDropped];
    assert!(of_caller.iter().all(|error| !error.is_for_want_of_room()));
    assert!([DiffError::OverBudget, DiffError::TooMany, DiffError::Lost].iter().all(DiffError::is_for_want_of_room));
}

/// D4: an equal serial is no proof of equal content.
#[test]
fn d4_equal_serials_prove_nothing() {
    let diff = compare(DiffPolicy::exact(), &[&[serial(1)], &[serial(1), a("www.example.com", 300, 1)]]);
    assert_eq!(diff.verdict(1), SideVerdict::Different);
}

/// A second pull confirms a difference exactly if it shows the same one, whatever the hash was keyed with.
#[test]
fn the_same_changes_are_recognised() {
    let (base, target) = ([serial(1), a("w.example.com", 300, 1)], [serial(1), a("w.example.com", 300, 2)]);
    let once = compare(DiffPolicy::exact(), &[&base, &target]);
    let mut again = Differ::new(2, DiffPolicy::exact(), [9; 4]).expect("two sides");
    for (side, zone) in [(1, &target), (0, &base)] {
        zone.iter().rev().for_each(|record| again.add(side, record.view()).expect("a side"));
    }
    assert!(once.same_changes(&again.finish().unwrap()).unwrap());
    let other = [serial(1), a("w.example.com", 300, 3)];
    assert!(!once.same_changes(&compare(DiffPolicy::exact(), &[&base, &other])).unwrap());
    let of_three = |third: &[OwnedRecord]| compare(DiffPolicy::exact(), &[&base, &target, third]);
    assert!(!once.same_changes(&of_three(&base)).unwrap(), "another number of sides");
    assert!(!of_three(&base).same_changes(&once).unwrap());
    assert!(!once.same_changes(&compare(DiffPolicy::exact(), &[&base, &base])).unwrap());
    assert!(!once.same_changes(&compare(DiffPolicy::exact(), &[&target, &base])).unwrap(), "the direction counts");
}
