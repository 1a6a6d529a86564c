//! Changes: their direction, kinds, order and counts.

use super::{MX, a, changes, compare, name, only_change, record, rrsig, serial, soa};
use crate::diff::{ChangeKind, DiffPolicy, OwnedRecord, SoaFields};
use crate::wire::Rtype;

/// The direction of a difference, and its kinds without more to say.
#[test]
fn removed_is_in_the_base_and_not_in_the_target() {
    let base = [serial(1), a("www.example.com", 300, 1), a("www.example.com", 300, 2), a("old.example.com", 300, 3)];
    let target = [serial(1), a("www.example.com", 300, 2), a("www.example.com", 300, 9), a("new.example.com", 300, 3)];
    let diff = compare(DiffPolicy::exact(), &[&base, &target]);
    let [new, old, www] = changes(&diff).try_into().expect("three changes");
    assert_eq!((new.kind, new.removed, new.added), (ChangeKind::Added, vec![], vec![a("new.example.com", 300, 3)]));
    assert_eq!((old.kind, old.removed, old.added), (ChangeKind::Removed, vec![a("old.example.com", 300, 3)], vec![]));
    assert_eq!(www.kind, ChangeKind::Rdata);
    assert_eq!(www.removed, [a("www.example.com", 300, 1)]);
    assert_eq!(www.added, [a("www.example.com", 300, 9)]);
    let tally = diff.tally(1);
    assert_eq!((tally.rrsets, tally.added, tally.removed, tally.rdata), (3, 1, 1, 1));
    assert_eq!((tally.records_removed, tally.records_added), (2, 2));
}

/// The text of a change: a sign directly before each record, no end of line after the last.
#[test]
fn a_change_prints_its_records() {
    let text = only_change(&[a("w.example.com", 300, 1)], &[a("w.example.com", 60, 1)]).to_string();
    assert_eq!(text, "-w.example.com.\t300\tIN\tA\t192.0.2.1\n+w.example.com.\t60\tIN\tA\t192.0.2.1");
}

/// S4: each field of the SOA that differs is named, and so is a TTL that differs besides.
#[test]
fn s4_soa_fields_are_named() {
    let base = serial(5);
    for (at, field) in ["serial", "refresh", "retry", "expire", "minimum"].into_iter().enumerate() {
        let mut numbers = [5, 7200, 900, 86400, 300];
        numbers[at] += 1;
        let change = only_change(std::slice::from_ref(&base), &[soa("ns1.example.com", numbers)]);
        assert_eq!(change.kind.to_string(), format!("SOA changed: {field}"));
    }
    let mname = only_change(std::slice::from_ref(&base), &[soa("ns2.example.com", [5, 7200, 900, 86400, 300])]);
    assert_eq!(mname.kind, ChangeKind::Soa(SoaFields::MNAME));
    let numbers = [6_u32, 7200, 900, 86400, 300].map(u32::to_be_bytes).concat();
    let other = [name("ns1.example.com"), name("root.example.com"), numbers].concat();
    let change = only_change(&[base], &[record("example.com", Rtype::SOA, 60, &other)]);
    assert_eq!(change.kind, ChangeKind::Soa(SoaFields::RNAME.with(SoaFields::SERIAL).with(SoaFields::TTL)));
    assert_eq!(change.kind.to_string(), "SOA changed: rname, serial, ttl");
}

/// D6: what a signer changed by itself is flagged as such.
#[test]
fn d6_signatures_are_flagged_as_managed() {
    let change = only_change(
        &[rrsig("www.example.com", 300, Rtype::A, 1000, 1, 1)],
        &[rrsig("www.example.com", 300, Rtype::A, 2000, 1, 2)],
    );
    assert!(change.is_dnssec_managed());
    assert!(!only_change(&[a("www.example.com", 300, 1)], &[a("www.example.com", 300, 2)]).is_dnssec_managed());
}

/// L3: a caller may stop after the first of many changes and still has the counts.
#[test]
fn l3_counts_without_listing() {
    let target: Vec<OwnedRecord> = (0..200).map(|last| a(&format!("h{last}.example.com"), 300, last)).collect();
    let diff = compare(DiffPolicy::exact(), &[&[], &target]);
    assert_eq!(diff.changes().take(3).count(), 3);
    assert_eq!((diff.tally(1).rrsets, diff.tally(1).records_added), (200, 200));
}

/// L5: changes come by owner, type and side in canonical order, records by RDATA.
#[test]
fn l5_changes_come_in_canonical_order() {
    let target = [
        a("z.example.com", 300, 1),
        a("yljkjljk.a.example.com", 300, 1),
        record("a.example.com", MX, 300, &[&[0, 1][..], &name("m.example.com")].concat()),
        a("a.example.com", 300, 2),
        a("a.example.com", 300, 1),
        a("example.com", 300, 1),
    ];
    let diff = compare(DiffPolicy::exact(), &[&[], &target, &target]);
    let seen: Vec<String> = changes(&diff)
        .iter()
        .map(|change| format!("{} {} {}", change.owner.to_name(), change.rtype.0, change.side))
        .collect();
    let order =
        ["example.com. 1", "a.example.com. 1", "a.example.com. 15", "yljkjljk.a.example.com. 1", "z.example.com. 1"];
    assert_eq!(seen, order.map(|rrset| [format!("{rrset} 1"), format!("{rrset} 2")]).concat());
    assert_eq!(changes(&diff)[2].added, [a("a.example.com", 300, 1), a("a.example.com", 300, 2)]);
}
