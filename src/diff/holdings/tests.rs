//! What is held, what finds it again, and what it costs.

use super::{ADDRESSING, Around, FEW, Holdings, hash_key};
use crate::diff::arena::At;
use crate::diff::arena::tests::{MOST, with_room};
use crate::diff::ordered::{Presence, RrsetKey, Ttls};
use crate::wire::Rtype;
use std::collections::HashMap;

/// The addresses of this owner, which is a single label.
fn key(owner: &[u8]) -> RrsetKey<'_> {
    RrsetKey { owner, rtype: Rtype::A, class: 1, covered: 0 }
}

/// Empty, for two sides.
fn holdings() -> Holdings {
    Holdings::new(2, [1, 2, 3, 4])
}

/// The payloads of an `RRset`, with the sides of each.
fn records(held: &Holdings, rrset: At) -> Vec<(Vec<u8>, u64)> {
    let mut records: Vec<_> = held.records(rrset).map(|(_, record)| (record.payload.to_vec(), record.sides)).collect();
    records.sort();
    records
}

/// A number as a name of one label.
fn label(number: u32) -> Vec<u8> {
    [&[7][..], format!("{number:07}").as_bytes(), &[0]].concat()
}

/// Two names whose `RRsets` have one hash.
fn of_one_hash(held: &Holdings) -> [Vec<u8>; 2] {
    let mut seen = HashMap::new();
    (0..2_000_000)
        .find_map(|number| {
            let (name, mut octets) = (label(number), Vec::new());
            key(&name).write(&mut octets);
            seen.insert(hash_key(&held.hash, &octets), number).map(|other| [label(other), name])
        })
        .expect("32 bits are few")
}

/// V7: a hash finds candidates, and octets decide: two `RRsets` of one hash stay two.
#[test]
fn v7_rrsets_of_one_hash_stay_apart() {
    let mut held = holdings();
    let [one, other] = of_one_hash(&held);
    held.note(0, key(&one), 300, &[1], None).expect("room");
    held.note(1, key(&other), 60, &[1], None).expect("room");
    held.note(1, key(&one), 300, &[1], None).expect("room");
    let rrsets: Vec<At> = held.rrsets().collect();
    assert_eq!(rrsets.len(), 2);
    assert_eq!(rrsets.iter().map(|rrset| held.key(*rrset).owner.to_vec()).collect::<Vec<_>>(), [one, other]);
    assert_eq!([0, 1].map(|number| records(&held, rrsets[number])), [vec![(vec![1], 0b11)], vec![(vec![1], 0b10)]]);
}

/// What is present at an owner is its own, though another one has the same hash.
#[test]
fn v7_an_rrset_of_the_same_hash_is_not_present() {
    let mut held = holdings();
    let [one, other] = of_one_hash(&held);
    held.note(0, key(&one), 300, &[1], None).expect("room");
    let present = |owner: &[u8]| held.presence(owner, 1, &ADDRESSING).a;
    assert_eq!([present(&one), present(&other)], [1, 0]);
}

/// What surrounds an owner is told by what is there of the types that hints are made of, and in each class.
#[test]
fn what_is_present_is_told_by_type_and_class() {
    let mut held = holdings();
    let owner = label(1);
    let types = [(Rtype::A, 1, 0), (Rtype::TXT, 1, 0), (Rtype::CNAME, 3, 1), (Rtype::NS, 1, 1), (Rtype::A, 1, 1)];
    for (rtype, class, side) in types {
        held.note(side, RrsetKey { owner: &owner, rtype, class, covered: 0 }, 300, &[side], None).expect("room");
    }
    let (rrsets, mut around) = (held.rrsets().collect::<Vec<_>>(), Around::default());
    held.presence_of(&rrsets, &mut around);
    let in_one = Presence { class: 1, cut: 0b10, a: 0b11, ..Presence::default() };
    let in_three = Presence { class: 3, alias: 0b10, ..Presence::default() };
    assert_eq!(around.view().here, [in_one, in_three]);
    held.presence_of(&rrsets[..1], &mut around);
    assert_eq!(around.view().here, [Presence { class: 1, a: 0b11, ..Presence::default() }]);
}

/// A record is found by a walk while there are few, by the table when there are more, each once.
#[test]
fn records_are_found_by_a_table_once_they_are_many() {
    let mut held = holdings();
    let owner = label(1);
    for number in 0..FEW + 3 {
        for side in [0, 1, 0] {
            held.note(side, key(&owner), 300, &number.to_be_bytes(), None).expect("room");
        }
        let in_table = if number < FEW { 0 } else { number + 1 };
        assert_eq!(held.records.len(), usize::try_from(in_table).expect("few"), "after {} records", number + 1);
    }
    let rrset = held.rrsets().next().expect("one");
    let all: Vec<_> = (0..FEW + 3).map(|number| (number.to_be_bytes().to_vec(), 0b11)).collect();
    assert_eq!(records(&held, rrset), all);
    assert_eq!(held.count(rrset), FEW + 3);
}

/// C8: TTLs other than the first are kept by side, and the number of records is none the less told.
#[test]
fn c8_other_ttls_are_kept_beside_the_number_of_records() {
    let mut held = holdings();
    let owner = label(1);
    for (side, ttl, last) in [(0, 300, 1), (1, 60, 1), (1, 300, 2), (1, 900, 3)] {
        held.note(side, key(&owner), ttl, &[last], None).expect("room");
    }
    let (rrset, mut ttls) = (held.rrsets().next().expect("one"), Ttls::default());
    held.ttls(rrset, &mut ttls);
    assert_eq!(
        [0, 1].map(|side| ttls.of(side).map(|ttl| (ttl.lowest, ttl.mixed))),
        [Some((300, false)), Some((60, true))]
    );
    assert_eq!((held.count(rrset), records(&held, rrset).len()), (3, 3));
}

/// L1: all that is allocated is counted, each part once.
#[test]
fn l1_all_parts_are_counted() {
    let mut held = holdings();
    for number in 0..200 {
        held.note(0, key(&label(number)), 300, &[1], Some(&[2; 40])).expect("room");
        held.note(1, key(&label(number)), 60, &number.to_be_bytes(), Some(&[2; 40])).expect("room");
        held.note(1, key(&label(0)), 60, &number.to_be_bytes(), Some(&[2; 40])).expect("room");
    }
    let parts = [
        held.arena.memory(),
        held.rrsets.allocation_size(),
        held.records.allocation_size(),
        held.other_ttls.allocation_size(),
        held.originals.arena.memory(),
        held.originals.places.allocation_size(),
    ];
    assert!(parts.iter().all(|part| *part > 0), "{parts:?}");
    assert_eq!(held.memory(), parts.iter().sum::<usize>());
}

/// L1: there is no more room once a record, its `RRset` or its original would have a place of more than four octets.
#[test]
fn l1_holdings_are_full_when_places_end() {
    let mut held = holdings();
    held.arena = with_room(MOST, 200);
    assert!(!held.is_full(50, 50) && held.is_full(50, 51) && held.is_full(51, 50));
    let mut held = holdings();
    held.originals.arena = with_room(MOST, 200);
    assert!(!held.is_full(250, 100) && held.is_full(1, 101));
}

/// Originals are the lowest of each side.
#[test]
fn c11_the_lowest_original_of_each_side_is_kept() {
    let mut held = holdings();
    let owner = label(1);
    for (side, original) in [(0, [5]), (0, [7]), (1, [6]), (1, [4])] {
        held.note(side, key(&owner), 300, &[1], Some(&original)).expect("room");
    }
    let rrset = held.rrsets().next().expect("one");
    let (record, sides) = held.records(rrset).map(|(at, record)| (at, record.sides)).next().expect("one");
    let mut found = Vec::new();
    held.originals(record, sides, &mut found);
    assert_eq!(found, [(0, &[5][..]), (1, &[4][..])]);
    let place = held.originals.places.get(&(record, 0)).copied();
    held.note(0, key(&owner), 300, &[1], Some(&[5])).expect("room");
    assert_eq!(held.originals.places.get(&(record, 0)).copied(), place, "the same again takes no room");
}
