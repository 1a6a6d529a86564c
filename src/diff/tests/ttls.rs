//! TTLs belong to an `RRset`, the lowest counts.

use super::{a, compare, left_out, only_change, rrsig};
use crate::diff::{ChangeKind, DiffPolicy, Hint, OwnedRecord};
use crate::wire::Rtype;

/// C8: one second of TTL is a difference, of the whole `RRset`.
#[test]
fn c8_another_ttl_is_a_difference() {
    let zone = |ttl| [a("www.example.com", ttl, 1), a("www.example.com", ttl, 2)];
    let change = only_change(&zone(3600), &zone(3601));
    assert_eq!(change.kind, ChangeKind::Ttl);
    assert_eq!((change.removed, change.added), (zone(3600).to_vec(), zone(3601).to_vec()));
    let diff = compare(DiffPolicy::exact().ignore_ttl(), &[&zone(3600), &zone(3601)]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["TTL on 1: 1"]);
}

/// C8: TTLs mixed in one `RRset` are noted on their side; the lowest is compared.
#[test]
fn c8_mixed_ttls_count_as_the_lowest() {
    let mixed = [a("www.example.com", 3600, 1), a("www.example.com", 300, 2)];
    let low = [a("www.example.com", 300, 1), a("www.example.com", 300, 2)];
    let high = [a("www.example.com", 3600, 1), a("www.example.com", 3600, 2)];
    for [first, second] in [[0, 1], [1, 0]] {
        let sides: [&[OwnedRecord]; 2] = [&mixed, &low];
        let diff = compare(DiffPolicy::exact(), &[sides[first], sides[second]]);
        assert!(diff.is_equal());
        assert_eq!([diff.mixed_ttls(first), diff.mixed_ttls(second)], [1, 0]);
    }
    let change = only_change(&high, &mixed);
    assert_eq!((change.kind, change.hints), (ChangeKind::Ttl, vec![Hint::MixedTtl]));
    assert_eq!((change.removed, change.added), (high.to_vec(), low.to_vec()));
}

/// C8: one record sent twice with two TTLs is a duplicate and a mixed TTL, wherever the other copy comes.
#[test]
fn c8_a_duplicate_with_another_ttl() {
    let (low, high) = (a("www.example.com", 300, 1), a("www.example.com", 3600, 1));
    for target in [[low.clone(), high.clone()], [high, low.clone()]] {
        let diff = compare(DiffPolicy::exact(), &[std::slice::from_ref(&low), &target]);
        assert!(diff.is_equal());
        assert_eq!((diff.duplicates(1), diff.mixed_ttls(1), diff.mixed_ttls(0)), (1, 1, 0));
    }
}

/// C8: another TTL and other RDATA in one `RRset`: all its records are listed.
#[test]
fn c8_ttl_and_rdata_together() {
    let base = [a("www.example.com", 300, 1), a("www.example.com", 300, 2)];
    let target = [a("www.example.com", 60, 2), a("www.example.com", 60, 3)];
    let change = only_change(&base, &target);
    assert_eq!(change.kind, ChangeKind::RdataAndTtl);
    assert_eq!((change.removed, change.added), (base.to_vec(), target.to_vec()));
}

/// RFC 4034 section 3: an RRSIG has the TTL of what it covers, so those of one owner may have several.
#[test]
fn c8_signatures_are_taken_by_the_type_they_cover() {
    let zone =
        |ttl| [rrsig("example.com", 3600, Rtype::SOA, 1000, 1, 1), rrsig("example.com", ttl, Rtype::NSEC, 1000, 1, 1)];
    let diff = compare(DiffPolicy::exact(), &[&zone(300), &zone(300)]);
    assert!(diff.is_equal());
    assert_eq!(diff.mixed_ttls(0), 0);
    let change = only_change(&zone(300), &zone(60));
    assert_eq!((change.kind, change.removed.len(), change.added.len()), (ChangeKind::Ttl, 1, 1));
}

/// C9: a TTL with its top bit set is compared as zero.
#[test]
fn c9_a_ttl_with_its_top_bit_set_is_zero() {
    let ttl = crate::canonical::effective_ttl(0x8000_0E10);
    assert!(compare(DiffPolicy::exact(), &[&[a("w.example.com", ttl, 1)], &[a("w.example.com", 0, 1)]]).is_equal());
    let change = only_change(&[a("w.example.com", ttl, 1)], &[a("w.example.com", 0xE10, 1)]);
    assert_eq!(change.kind, ChangeKind::Ttl);
}
