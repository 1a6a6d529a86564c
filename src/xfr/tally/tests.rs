//! Where counts become too many.

use super::{CELLS, Counter, Tally, allowance};
use crate::wire::Rtype;
use crate::xfr::{Fault, Limits};

/// A32: what other owners have in a cell is allowed for, four times over.
#[test]
fn a32_the_allowance_grows_with_the_records() {
    let share = CELLS as u64 / 4;
    assert_eq!([0, share - 1, share, 10 * share].map(allowance), [64, 64, 65, 74]);
}

/// A32: a run is counted exactly, a cell with its allowance.
#[test]
fn a32_a_run_is_exact_and_a_cell_is_allowed_more() {
    let mut counter = Counter::new();
    counter.start(5);
    assert!((0..3).all(|_| !counter.add(3, 2)));
    assert!(counter.add(3, 2), "four in a row");
    let mut counter = Counter::new();
    counter.start(5);
    assert!((0..3).all(|_| !counter.add(3, 2)));
    counter.start(6);
    assert!(!counter.add(3, 2));
    counter.start(5);
    assert!(!counter.add(3, 2) && !counter.add(3, 2), "five in the cell");
    assert!(counter.add(3, 2), "six");
}

/// A32: types are counted apart, and an owner over all of them.
#[test]
fn a32_records_are_counted_by_rrset_and_owner() {
    let limits = Limits::new().records_per_rrset(2).records_per_owner(3);
    let mut tally = Tally::new();
    tally.owner(b"a");
    for rtype in [Rtype::A, Rtype::A, Rtype::TXT] {
        tally.add(rtype, &limits).expect("not too many");
    }
    assert!(matches!(tally.add(Rtype::TXT, &limits), Err(Fault::TooManyOfOwner { limit: 3 })));
    tally.owner(b"b");
    for _ in 0..2 {
        tally.add(Rtype::A, &limits).expect("not too many");
    }
    assert!(matches!(tally.add(Rtype::A, &limits), Err(Fault::TooManyInRrset { limit: 2 })));
}
