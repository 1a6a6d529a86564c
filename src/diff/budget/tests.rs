//! What of a budget is for what.

use super::{Budget, DEFAULT_MEMORY};

/// All parts of a budget: those in octets, and those in numbers.
fn parts(octets: usize) -> ([usize; 6], [usize; 4]) {
    let budget = Budget(octets);
    (
        [budget.held(), budget.moved(), budget.listed(), budget.rrset(), budget.most(), budget.between_looks()],
        [budget.leftovers(), budget.units(), budget.slice(), budget.runs()],
    )
}

/// L1: the parts are fixed shares of the whole, but for the `RRset` at hand and for slices, which have their bounds.
#[test]
fn l1_every_part_has_its_share() {
    let mib = 1 << 20;
    assert_eq!(
        parts(DEFAULT_MEMORY),
        ([256 * mib, 64 * mib, 64 * mib, 64 * mib, 384 * mib, mib], [419_430, 32_768, 131_072, 200])
    );
    assert_eq!(
        parts(16 * mib),
        ([8 * mib, 2 * mib, 2 * mib, 2 * mib, 12 * mib, mib / 4], [13_107, 8_192, 32_768, 128])
    );
    assert_eq!(parts(1 << 16), ([1 << 15, 1 << 13, 1 << 13, mib, 3 << 14, 1 << 10], [51, 32, 128, 8]));
    assert_eq!(parts(0), ([0, 0, 0, mib, 0, 0], [0, 1, 1, 8]));
}
