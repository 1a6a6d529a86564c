//! What is left over for the next pass.

use super::{Leftovers, hash_of};
use crate::diff::merge::hash_unit;
use crate::wire::tests::reply;

/// Any key of the hash.
const SEED: [u64; 4] = [1, 2, 3, 4];

/// With these owners left over in the zone `example`, of which at most so many are named.
fn of(owners: &[&str], most: usize) -> Leftovers {
    let mut left = Leftovers::new(SEED, most);
    for owner in owners {
        left.add(&reply::name(owner), 0, &[None, Some(reply::name("example"))]);
    }
    left
}

/// Whether a unit of an owner is named.
fn names(left: &Leftovers, owner: &str, kind: usize) -> bool {
    left.units.contains(&hash_unit(&hash_of(SEED), reply::name(owner).as_octets(), kind))
}

/// V7: a unit is named together with the owners above it, below the apex, where a hint may come from.
#[test]
fn v7_units_are_named_with_those_above() {
    let left = of(&["a.b.c.example"], 99);
    for owner in ["a.b.c.example", "b.c.example", "c.example"] {
        assert!(names(&left, owner, 0), "{owner}");
    }
    assert!(!names(&left, "example", 0) && !names(&left, "a.b.c.example", 1));
    assert_eq!(left.units.len(), 3);
    let both = of(&["a.b.c.example", "x.b.c.example"], 99);
    assert_eq!(both.units.len(), 4);
    let mut hashed = Leftovers::new(SEED, 99);
    hashed.add(&reply::name("h.c.example"), 1, &[Some(reply::name("example"))]);
    assert!(names(&hashed, "h.c.example", 1) && names(&hashed, "c.example", 0));
}

/// V7: too many to be named are everything, and stay so.
#[test]
fn v7_too_many_are_everything() {
    assert!(!of(&["a.example", "b.example"], 2).everything);
    let mut all = of(&["a.example", "b.example", "c.example"], 2);
    assert!(all.everything && all.units.is_empty());
    all.add(&reply::name("d.example"), 0, &[]);
    assert!(all.everything && all.units.is_empty());
}

/// V7: what was left over by two passes is left over by both, if it is named with one key.
#[test]
fn v7_two_passes_leave_over_what_either_does() {
    let (one, other) = (of(&["a.example"], 2), of(&["b.example"], 2));
    let mut both = one.clone();
    both.extend(&other);
    assert!(names(&both, "a.example", 0) && names(&both, "b.example", 0) && !both.everything);
    both.extend(&of(&["c.example"], 2));
    assert!(both.everything, "three of two");
    let mut all = one.clone();
    all.extend(&of(&["a.example", "b.example", "c.example"], 2));
    assert!(all.everything);
    let mut strange = one.clone();
    strange.extend(&Leftovers { seed: [9; 4], everything: true, ..other });
    assert!(!strange.everything && strange.units.len() == 1);
}
