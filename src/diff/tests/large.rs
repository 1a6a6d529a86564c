//! Sets of any size are compared exactly, in an order that nobody has promised.

use super::{name, record, serial};
use crate::diff::{DiffPolicy, Differ, OwnedRecord, ZoneDiff};
use crate::wire::Rtype;

/// The key of the hash.
const SEED: [u64; 4] = [6, 6, 4, 2];
/// So many records; what took the square of it would not come to an end.
const MANY: u32 = 100_000;

/// A SOA and so many records of one `RRset`.
fn zone(many: u32) -> Vec<OwnedRecord> {
    let records = (0..many).map(|number| record("big.example.com", Rtype::A, 60, &number.to_be_bytes()));
    std::iter::once(serial(7)).chain(records).collect()
}

/// The same, from its end to its beginning.
fn backwards(many: u32) -> Vec<OwnedRecord> {
    let mut zone = zone(many);
    zone[1..].reverse();
    zone
}

/// What these differ in, fed in turns; and the most that was held for a record.
fn compare(mut differ: Differ, base: &[OwnedRecord], target: &[OwnedRecord]) -> (ZoneDiff, usize) {
    let mut most = 0;
    for (one, other) in base.iter().zip(target) {
        differ.add(0, one.view()).unwrap();
        differ.add(1, other.view()).unwrap();
        most = most.max(differ.memory());
    }
    (differ.finish().unwrap(), most / base.len())
}

/// Case 66: a set of any size is no more than its records.
#[test]
fn h066_a_set_of_100_000_records_is_compared_record_by_record() {
    let streaming = || Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let (base, mut target) = (zone(MANY), backwards(MANY));
    let (equal, most) = compare(streaming(), &base, &target);
    assert!(equal.is_equal() && equal.is_settled());
    let (_, of_few) = compare(streaming(), &zone(MANY / 10), &backwards(MANY / 10));
    assert!(most <= 2 * of_few, "{most} octets a record, {of_few} where there are a tenth of them");
    target[777] = record("big.example.com", Rtype::A, 60, &u32::MAX.to_be_bytes());
    let (diff, _) = compare(Differ::new(2, DiffPolicy::exact(), SEED).unwrap(), &base, &target);
    assert_eq!((diff.compared(0), diff.compared(1)), (u64::from(MANY) + 1, u64::from(MANY) + 1));
    let [change] = super::changes(&diff).try_into().expect("one set");
    assert_eq!(
        (change.owner.as_octets(), change.removed.len(), change.added.len()),
        (&name("big.example.com")[..], 1, 1)
    );
    assert!(change.to_string().contains("255.255.255.255"), "{change}");
}
