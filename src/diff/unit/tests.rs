//! What belongs to a unit, and when it is regular.

use super::Unit;
use crate::canonical::{CanonicalRecord, Form};
use crate::wire::Rtype;
use crate::wire::tests::reply;

/// A unit of this owner, with records of these types, TTLs and RDATA, in their order.
fn unit(records: &[(Rtype, u32, &[u8])]) -> Unit {
    let owner = reply::name("w.example");
    let mut unit = Unit::default();
    unit.begin(owner.as_octets(), Form::Canonical, true);
    for (rtype, ttl, rdata) in records {
        unit.push(&CanonicalRecord::new(owner.as_octets(), *rtype, 1, *ttl, rdata));
    }
    unit
}

/// C1: an owner in another case goes on with a unit, unless case counts.
#[test]
fn c1_case_counts_in_bitwise_form_alone() {
    let [lower, upper, other] =
        ["w.example", "W.example", "x.example"].map(|owner| reply::name(owner).as_octets().to_vec());
    for form in [Form::Canonical, Form::Bitwise] {
        let mut unit = Unit::default();
        unit.begin(&lower, form, true);
        assert!(unit.goes_on(&lower, form) && !unit.goes_on(&other, form));
        assert_eq!(unit.goes_on(&upper, form), form == Form::Canonical);
        unit.begin(&upper, form, true);
        assert_eq!(unit.owner() == lower, form == Form::Canonical);
    }
}

/// V7: whatever the order, the same records are the same octets.
#[test]
fn v7_the_order_of_records_leaves_no_trace() {
    let records: [(Rtype, u32, &[u8]); 3] = [(Rtype::A, 300, &[2]), (Rtype::TXT, 60, &[1]), (Rtype::A, 300, &[1])];
    let [a, b, c] = records;
    let mut sorted = unit(&[c, a, b]);
    assert!(sorted.normalise());
    for order in [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, b, a]] {
        let mut other = unit(&order);
        assert!(other.normalise());
        assert_eq!(other.octets(), sorted.octets());
        assert_eq!(other.records().count(), 3);
    }
}

/// C8, V7: no record twice and one TTL in each `RRset`; signatures over different types are different `RRsets`.
#[test]
fn c8_what_is_regular() {
    let over = |covered: u8, last: u8| [0, covered, last];
    let regular = |records: &[(Rtype, u32, &[u8])]| unit(records).normalise();
    assert!(regular(&[(Rtype::A, 300, &[1])]));
    assert!(!regular(&[(Rtype::A, 300, &[1]), (Rtype::A, 300, &[1])]));
    assert!(!regular(&[(Rtype::A, 300, &[1]), (Rtype::A, 60, &[1])]));
    assert!(!regular(&[(Rtype::A, 300, &[1]), (Rtype::A, 60, &[2])]));
    assert!(regular(&[(Rtype::A, 300, &[1]), (Rtype::TXT, 60, &[1])]));
    assert!(regular(&[(Rtype::RRSIG, 300, &over(1, 1)), (Rtype::RRSIG, 60, &over(2, 1))]));
    assert!(!regular(&[(Rtype::RRSIG, 300, &over(1, 1)), (Rtype::RRSIG, 60, &over(1, 2))]));
    assert!(!regular(&[(Rtype::TXT, 300, &over(1, 1)), (Rtype::TXT, 60, &over(2, 1))]));
}

/// What is sent next begins anew.
#[test]
fn a_unit_that_begins_has_nothing_of_the_one_before() {
    let mut unit = unit(&[(Rtype::SOA, 300, &[1])]);
    assert!(unit.has_soa && unit.count() == 1);
    unit.begin(reply::name("x.example").as_octets(), Form::Canonical, false);
    assert!(!unit.has_soa && !unit.fresh && unit.count() == 0);
    assert_eq!(unit.owner(), reply::name("x.example").as_octets());
    unit.clear();
    assert!(unit.owner().is_empty() && unit.octets().is_empty());
}

/// L1: all that is allocated is counted, each part once.
#[test]
fn l1_all_parts_are_counted() {
    let mut unit = unit(&[(Rtype::A, 300, &[2]), (Rtype::A, 300, &[1])]);
    unit.normalise();
    assert!(unit.sorted.capacity() > 0 && unit.starts.capacity() > 1);
    assert_eq!(
        unit.memory(),
        unit.octets.capacity() + unit.sorted.capacity() + unit.starts.capacity() * size_of::<usize>()
    );
}
