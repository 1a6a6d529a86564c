//! When it looks how much it takes, and what it says of that.

use super::Differ;
use crate::canonical::CanonicalRecord;
use crate::diff::DiffPolicy;
use crate::wire::Rtype;
use crate::wire::tests::reply;

/// Adds a record of so many octets, owner and RDATA together.
fn add(differ: &mut Differ, octets: usize) {
    let owner = reply::name("w.example");
    let rdata = vec![7; octets - owner.as_octets().len()];
    differ.add(0, CanonicalRecord::new(owner.as_octets(), Rtype(65_280), 1, 300, &rdata)).expect("room");
}

/// L1: it looks once more octets than that have come in since it last did, owners and RDATA counted.
#[test]
fn l1_it_looks_after_so_many_octets() {
    let mut differ = Differ::new(2, DiffPolicy::exact(), [0; 4]).expect("sides").within(1 << 16);
    assert_eq!(differ.budget.between_looks(), 1024);
    add(&mut differ, 1000);
    add(&mut differ, 24);
    assert_eq!(differ.since_look, 1024, "not more than that");
    add(&mut differ, 20);
    assert_eq!(differ.since_look, 0, "it has looked");
    add(&mut differ, 1025);
    assert_eq!(differ.since_look, 0);
}

/// V7: the lowest owner of an SOA is the name of the zone, whichever came first.
#[test]
fn v7_the_zone_is_named_by_its_lowest_soa() {
    let [above, below] = ["example", "sub.example"].map(reply::name);
    for order in [[above, below], [below, above]] {
        let mut differ = Differ::new(2, DiffPolicy::exact(), [0; 4]).expect("sides");
        for owner in order {
            differ.note_apex(1, owner.as_octets());
        }
        assert_eq!(differ.apexes, [None, Some(above)]);
    }
}

/// A record with a long owner and long RDATA has room like any other.
#[test]
fn l1_a_long_record_is_held() {
    let mut differ = Differ::new(2, DiffPolicy::exact(), [0; 4]).expect("sides");
    let owner = reply::name(&"long.".repeat(40));
    let rdata = vec![1; 60_000];
    let record = CanonicalRecord::new(owner.as_octets(), Rtype::A, 1, 300, &rdata);
    assert!(differ.hold(0, &record).is_ok());
}

/// L1: what it says that it takes is what its parts take.
#[test]
fn l1_all_parts_are_counted() {
    let mut differ = Differ::streaming(2, DiffPolicy::exact(), [0; 4]).expect("sides");
    add(&mut differ, 1000);
    let merge = differ.merge.as_ref().map_or(0, super::Merge::memory);
    assert!(merge > 1000);
    assert_eq!(differ.memory(), merge + differ.holdings.memory());
    differ.close(0, 0).expect("room");
    let held = CanonicalRecord::new(&[0], Rtype::A, 1, 300, &[1; 4000]);
    differ.hold(1, &held).expect("room");
    let merge = differ.merge.as_ref().map_or(0, super::Merge::memory);
    assert!(differ.holdings.memory() > 4000);
    assert_eq!(differ.memory(), merge + differ.holdings.memory());
}
