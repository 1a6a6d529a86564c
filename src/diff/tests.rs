//! One scenario for each rule.

mod pairing;
mod properties;
mod spilling;
mod streaming;

use super::{
    ChangeKind, DiffError, DiffPolicy, Differ, Filter, Hint, OwnedRecord, RrsetChange, SideVerdict, SoaFields, ZoneDiff,
};
use crate::canonical::{CanonicalRecord, Form};
use crate::wire::tests::reply;
use crate::wire::{Rtype, WireName};

/// Class IN.
const IN: u16 = 1;
/// RFC 1035 section 3.3.9.
const MX: Rtype = Rtype(15);
/// RFC 9460.
const SVCB: Rtype = Rtype(64);

/// The octets of a name that is written with dots, case kept.
fn name(text: &str) -> Vec<u8> {
    reply::name(text).as_octets().to_vec()
}

/// A record in the layout of `canonical`.
fn record(owner: &str, rtype: Rtype, ttl: u32, rdata: &[u8]) -> OwnedRecord {
    OwnedRecord::new(&CanonicalRecord::new(&name(owner), rtype, IN, ttl, rdata))
}

/// An address record.
fn a(owner: &str, ttl: u32, last: u8) -> OwnedRecord {
    record(owner, Rtype::A, ttl, &[192, 0, 2, last])
}

/// The RDATA of a TXT.
fn strings(strings: &[&str]) -> Vec<u8> {
    let with_length = |s: &&str| [&[u8::try_from(s.len()).expect("short")][..], s.as_bytes()].concat();
    strings.iter().flat_map(with_length).collect()
}

/// A text record.
fn txt(owner: &str, texts: &[&str]) -> OwnedRecord {
    record(owner, Rtype::TXT, 300, &strings(texts))
}

/// The SOA of example.com with this MNAME, these numbers and a TTL of an hour.
fn soa(mname: &str, numbers: [u32; 5]) -> OwnedRecord {
    let numbers = numbers.map(u32::to_be_bytes).concat();
    record("example.com", Rtype::SOA, 3600, &[name(mname), name("hostmaster.example.com"), numbers].concat())
}

/// The SOA of a zone at this serial.
fn serial(serial: u32) -> OwnedRecord {
    soa("ns1.example.com", [serial, 7200, 900, 86400, 300])
}

/// A signature over this type with this expiration, key tag and last octet.
fn rrsig(owner: &str, ttl: u32, covered: Rtype, expiration: u32, key_tag: u16, signature: u8) -> OwnedRecord {
    let mut rdata = covered.0.to_be_bytes().to_vec();
    rdata.extend([13, 2, 0, 0, 14, 16]);
    rdata.extend(expiration.to_be_bytes());
    rdata.extend((expiration - 100).to_be_bytes());
    rdata.extend(key_tag.to_be_bytes());
    rdata.extend(name("example.com"));
    rdata.extend([7, 7, 7, signature]);
    record(owner, Rtype::RRSIG, ttl, &rdata)
}

/// Compares whole sides, the first being the base.
fn compare(policy: DiffPolicy, sides: &[&[OwnedRecord]]) -> ZoneDiff {
    let mut differ = Differ::new(sides.len(), policy, [1, 2, 3, 4]).expect("enough sides");
    for (number, side) in sides.iter().enumerate() {
        side.iter().for_each(|record| differ.add(number, record.view()).expect("a side"));
    }
    differ.finish().unwrap()
}

/// All changes.
fn changes(diff: &ZoneDiff) -> Vec<RrsetChange> {
    diff.changes().map(|change| change.expect("readable")).collect()
}

/// The only change, exactly compared.
fn only_change(base: &[OwnedRecord], target: &[OwnedRecord]) -> RrsetChange {
    let diff = compare(DiffPolicy::exact(), &[base, target]);
    let [change] = changes(&diff).try_into().expect("one change");
    change
}

/// What was left out, as text.
fn left_out(diff: &ZoneDiff) -> Vec<String> {
    diff.left_out().iter().map(|one| format!("{} on {}: {}", one.what, one.side, one.count)).collect()
}

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

/// C3: names that DNS compares octet for octet differ by their case, and the change says so.
#[test]
fn c3_letter_case_that_counts_is_hinted() {
    let nsec = |next: &str| record("a.example.com", Rtype::NSEC, 300, &[name(next), vec![0, 1, 0x40]].concat());
    let svcb = |target: &str| record("a.example.com", SVCB, 300, &[vec![0, 1], name(target)].concat());
    for (one, other) in [(nsec("B.example.com"), nsec("b.example.com")), (svcb("B.example"), svcb("b.example"))] {
        let change = only_change(&[one], &[other]);
        assert_eq!(change.kind, ChangeKind::Rdata);
        assert!(change.hints.contains(&Hint::LetterCase));
    }
    let address = |first| record("a.example.com", Rtype::A, 300, &[first, 0, 2, 1]);
    assert_eq!(only_change(&[address(b'A')], &[address(b'a')]).hints, [], "an address has no letters");
}

/// C3: the strict form sees the case of owners, and calls it no more than that.
#[test]
fn c3_strict_form_reports_case_only() {
    let (base, target) = ([a("WWW.example.com", 300, 1)], [a("www.example.com", 300, 1)]);
    let diff = compare(DiffPolicy::exact().form(Form::Bitwise), &[&base, &target]);
    let [change] = changes(&diff).try_into().expect("one change");
    assert_eq!((change.kind, change.hints), (ChangeKind::CaseOnly, vec![Hint::LetterCase]));
    assert_eq!(change.removed[0].view().owner(), name("WWW.example.com"));
    assert_eq!(change.added[0].view().owner(), name("www.example.com"));
    assert!(compare(DiffPolicy::exact(), &[&base, &target]).is_equal());
}

/// C3: in the strict form, names in RDATA that DNS folds are a matter of case too; other octets are not.
#[test]
fn c3_strict_form_folds_only_names() {
    let strict = |base: OwnedRecord, target: OwnedRecord| {
        let diff = compare(DiffPolicy::exact().form(Form::Bitwise), &[&[base], &[target]]);
        changes(&diff).first().map(|change| change.kind)
    };
    let mx = |preference: u8, host| record("example.com", MX, 300, &[&[0, preference][..], &name(host)].concat());
    assert_eq!(strict(mx(b'A', "Mail.example.com"), mx(b'A', "mail.example.com")), Some(ChangeKind::CaseOnly));
    assert_eq!(strict(mx(b'A', "mail.example.com"), mx(b'a', "mail.example.com")), Some(ChangeKind::Rdata));
    let upper = soa("NS1.example.com", [1, 2, 3, 4, 5]);
    assert_eq!(strict(upper, soa("ns1.example.com", [1, 2, 3, 4, 5])), Some(ChangeKind::CaseOnly));
}

/// C10: one name in two cases is one node with one `RRset`.
#[test]
fn c10_two_cases_are_one_node() {
    let base = [a("Foo.example.com", 300, 1), a("foo.example.com", 300, 2)];
    let change = only_change(&base, &[a("fOO.example.com", 300, 1)]);
    assert_eq!((change.kind, change.removed), (ChangeKind::Rdata, vec![a("foo.example.com", 300, 2)]));
}

/// C7: chunk boundaries count; a hint says that joining them would make the texts equal.
#[test]
fn c7_chunk_boundaries_count() {
    let change = only_change(&[txt("t.example.com", &["ab", "cd"])], &[txt("t.example.com", &["abcd"])]);
    assert_eq!((change.kind, change.hints), (ChangeKind::TxtChunking, vec![Hint::SameTextJoined]));
    assert_eq!((change.removed.len(), change.added.len()), (1, 1));
}

/// C7: with another text besides, the kind is RDATA and the hint stays.
#[test]
fn c7_chunking_and_other_texts() {
    let base = [txt("t.example.com", &["ab", "cd"]), txt("t.example.com", &["x"])];
    let change = only_change(&base, &[txt("t.example.com", &["abcd"]), txt("t.example.com", &["y"])]);
    assert_eq!((change.kind, change.hints), (ChangeKind::Rdata, vec![Hint::SameTextJoined]));
}

/// C7: case counts, and an empty string is not nothing.
#[test]
fn c7_text_case_and_empty_strings_count() {
    let change = only_change(&[txt("t.example.com", &["abc"])], &[txt("t.example.com", &["aBc"])]);
    assert_eq!((change.kind, change.hints), (ChangeKind::Rdata, vec![Hint::LetterCase]));
    let change = only_change(&[txt("t.example.com", &["a", ""])], &[txt("t.example.com", &["a"])]);
    assert_eq!(change.kind, ChangeKind::TxtChunking);
    let change = only_change(&[txt("t.example.com", &[""])], &[]);
    assert_eq!(change.kind, ChangeKind::Removed);
}

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

/// C11: the signer's types are left out by name, with their numbers; what is left is compared.
#[test]
fn c11_unsigned_leaves_out_the_signers_types_by_name() {
    let plain = [serial(1), a("www.example.com", 300, 1)];
    let mut signed = plain.to_vec();
    signed.extend(super::SIGNER_MADE.map(|rtype| record("example.com", rtype, 300, &[1, 2, 3])));
    signed.push(rrsig("www.example.com", 300, Rtype::A, 1000, 1, 1));
    assert_eq!(compare(DiffPolicy::exact(), &[&plain, &signed]).tally(1).dnssec_managed, 9);
    let diff = compare(DiffPolicy::unsigned(), &[&plain, &signed]);
    assert!(diff.is_equal());
    assert_eq!((diff.compared(0), diff.compared(1)), (2, 2));
    let counted = [
        "RRSIG on 1: 2",
        "NSEC on 1: 1",
        "DNSKEY on 1: 1",
        "NSEC3 on 1: 1",
        "NSEC3PARAM on 1: 1",
        "CDS on 1: 1",
        "CDNSKEY on 1: 1",
        "ZONEMD on 1: 1",
    ];
    assert_eq!(left_out(&diff), counted);
    assert_eq!(diff.policy().filters().len(), 9, "the eight types, and probes");
}

/// C11: no preset hides SOA, NS or DS.
#[test]
fn c11_presets_never_hide_soa_ns_and_ds() {
    let base = [serial(1), record("example.com", Rtype::NS, 300, &name("ns1.example.com"))];
    let target = [
        soa("ns1.example.com", [1, 7200, 900, 86400, 301]),
        record("example.com", Rtype::NS, 300, &name("ns2.example.com")),
        record("sub.example.com", Rtype::DS, 300, &[0, 1, 13, 2, 9]),
    ];
    for policy in [DiffPolicy::unsigned(), DiffPolicy::multi_primary(), DiffPolicy::resigned(), DiffPolicy::exact()] {
        let types: Vec<Rtype> =
            changes(&compare(policy, &[&base, &target])).iter().map(|change| change.rtype).collect();
        assert_eq!(types, [Rtype::NS, Rtype::SOA, Rtype::DS]);
    }
}

/// C11: a zone signed again is the same; a signature by another key or over another type is not.
#[test]
fn c11_resigned_compares_what_is_signed_by_which_key() {
    let signed =
        |covered, expiration, key_tag, last| [rrsig("www.example.com", 300, covered, expiration, key_tag, last)];
    let base = signed(Rtype::A, 1000, 5, 1);
    let with = |target: &[OwnedRecord]| compare(DiffPolicy::resigned(), &[&base, target]);
    let again = with(&signed(Rtype::A, 2000, 5, 2));
    assert!(again.is_equal());
    assert_eq!(left_out(&again), ["RRSIG signature and times on 1: 1"]);
    assert_eq!(left_out(&with(&base)), [""; 0]);
    assert!(!with(&signed(Rtype::A, 1000, 6, 1)).is_equal(), "another key");
    assert!(!with(&signed(Rtype::AAAA, 1000, 5, 1)).is_equal(), "another type covered");
    let other_key = with(&signed(Rtype::A, 2000, 6, 2));
    assert_eq!(changes(&other_key)[0].added, signed(Rtype::A, 2000, 6, 2), "shown as it was received");
    assert!(!compare(DiffPolicy::exact(), &[&base, &signed(Rtype::A, 2000, 5, 2)]).is_equal());
}

/// C11: RDATA that is no RRSIG is compared whole, and is the same as no blanked one.
#[test]
fn c11_resigned_keeps_malformed_signatures_whole() {
    let broken = |octets: &[u8]| [record("www.example.com", Rtype::RRSIG, 300, octets)];
    let diff = compare(DiffPolicy::resigned(), &[&broken(&[0, 1, 13, 2, 5]), &broken(&[0, 1, 13, 2, 6])]);
    assert_eq!(diff.verdict(1), SideVerdict::Different);
}

/// C12: servers that are all primaries have their own MNAME and serial; only these are left out, and counted.
#[test]
fn c12_multi_primary_leaves_out_serial_and_mname() {
    let (one, two) = ([soa("dc1.example.com", [1, 7, 8, 9, 10])], [soa("dc2.example.com", [2, 7, 8, 9, 10])]);
    let diff = compare(DiffPolicy::multi_primary(), &[&one, &two]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["SOA mname on 1: 1", "SOA serial on 1: 1"]);
    let three = [soa("dc3.example.com", [3, 7, 8, 9, 11])];
    let diff = compare(DiffPolicy::multi_primary(), &[&one, &three]);
    let [change] = changes(&diff).try_into().expect("one change");
    assert_eq!(change.kind, ChangeKind::Soa(SoaFields::MINIMUM));
    assert_eq!((&change.removed[..], &change.added[..]), (&one[..], &three[..]), "shown as received");
    assert_eq!(left_out(&diff), ["SOA mname on 1: 1", "SOA serial on 1: 1"]);
    let hints = only_change(&one, &two).hints;
    assert_eq!(hints, [Hint::OwnSoaPerServer]);
}

/// C12: WINS records are compared, named, and left out by name only.
#[test]
fn c12_wins_is_named_and_filterable() {
    let (base, wins) = ([serial(1)], [serial(1), record("example.com", Rtype::WINS, 0, &[0, 0, 0, 0, 1])]);
    let change = only_change(&base, &wins);
    assert_eq!((change.kind, change.hints), (ChangeKind::Added, vec![Hint::Wins]));
    let policy = DiffPolicy::exact().leave_out_types([Rtype::WINS, Rtype::WINS_R]);
    let diff = compare(policy, &[&base, &wins]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["WINS on 1: 1"]);
    assert_eq!(diff.policy().filters(), [Filter::Type(Rtype::WINS), Filter::Type(Rtype::WINS_R), Filter::Probe]);
}

/// Case 23: the probe of another run is left out by its exact format and counted; what deviates in one octet is a record.
#[test]
fn h023_probes_of_other_runs_are_left_out_and_counted() {
    let zone = crate::wire::tests::reply::name("example.com");
    let random = [0x5A; crate::probe::RANDOM_OCTETS];
    let probe = crate::probe::Probe::new(&zone, &random, crate::probe::RunId([1; 8]), 1_700_000_000).unwrap();
    let owner = probe.owner_text();
    let (base, other) = ([serial(1)], [serial(1), record(&owner, probe.rtype(), 60, probe.rdata())]);
    let diff = compare(DiffPolicy::exact(), &[&base, &other]);
    assert!(diff.is_equal());
    assert!(left_out(&diff)[0].starts_with("probes of runs of this program"), "{:?}", left_out(&diff));
    assert!(!compare(DiffPolicy::exact().count_probes(), &[&base, &other]).is_equal());
    let mut strange = probe.rdata().to_vec();
    strange.push(0);
    let strange = [serial(1), record(&owner, probe.rtype(), 60, &strange)];
    assert!(!compare(DiffPolicy::exact(), &[&base, &strange]).is_equal());
}

/// C14: names and data whose text could be taken for one another are told apart by their octets.
#[test]
fn c14_octets_decide_and_no_text() {
    let owned_by = |labels: &[&[u8]]| {
        let owner = WireName::from_labels(labels.iter().copied()).expect("a name");
        [OwnedRecord::new(&CanonicalRecord::new(owner.as_octets(), Rtype::A, IN, 300, &[1, 2, 3, 4]))]
    };
    let collisions: [[&[&[u8]]; 2]; 4] = [
        [&[b"a.b", b"example"], &[b"a", b"b", b"example"]],
        [&[b"\0", b"example"], &[b"\\000", b"example"]],
        [&[b"\xFF", b"example"], &[b"\xDF", b"example"]],
        [&[b"\xC1", b"example"], &[b"\xE1", b"example"]],
    ];
    for [one, other] in collisions {
        assert_eq!(changes(&compare(DiffPolicy::exact(), &[&owned_by(one), &owned_by(other)])).len(), 2);
    }
    let class = |class| OwnedRecord::new(&CanonicalRecord::new(&[0], Rtype::A, class, 300, &[1, 2, 3, 4]));
    assert_eq!(changes(&compare(DiffPolicy::exact(), &[&[class(1)], &[class(3)]])).len(), 2, "the class counts");
    let texts = [txt("t.example", &["a\"b"]), txt("t.example", &["a\\\"b"])];
    assert_eq!(only_change(&texts[..1], &texts[1..]).kind, ChangeKind::Rdata);
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

/// S4, D4: another serial differs by default; left out it is a note.
#[test]
fn s4_the_serial_alone_differs_unless_left_out() {
    assert!(!compare(DiffPolicy::exact(), &[&[serial(1)], &[serial(2)]]).is_equal());
    let diff = compare(DiffPolicy::exact().ignore_serial(), &[&[serial(1)], &[serial(2)]]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["SOA serial on 1: 1"]);
}

/// D4: an equal serial is no proof of equal content.
#[test]
fn d4_equal_serials_prove_nothing() {
    let diff = compare(DiffPolicy::exact(), &[&[serial(1)], &[serial(1), a("www.example.com", 300, 1)]]);
    assert_eq!(diff.verdict(1), SideVerdict::Different);
}

/// D6: what a signer changed by itself is flagged as such.
#[test]
fn d6_signatures_are_flagged_as_managed() {
    let change = only_change(
        &[rrsig("www.example.com", 300, Rtype::A, 1000, 1, 1)],
        &[rrsig("www.example.com", 300, Rtype::A, 2000, 1, 2)],
    );
    assert!(change.is_dnssec_managed());
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

/// Hostile case 125: a name that ends in the zone's name twice is pointed out, as owner and in RDATA.
#[test]
fn hostile_125_doubled_suffix_is_hinted() {
    let base = [serial(1), record("m.example.com", MX, 300, &[&[0, 1][..], &name("x.example.com")].concat())];
    let mut target = base.to_vec();
    target.push(a("www.example.com.example.com", 300, 1));
    assert_eq!(only_change(&base, &target).hints, [Hint::DoubledSuffix]);
    let doubled = record("m.example.com", MX, 300, &[&[0, 1][..], &name("x.example.com.EXAMPLE.com")].concat());
    assert_eq!(only_change(&base, &[serial(1), doubled]).hints, [Hint::DoubledSuffix]);
    let near = a("www.example.com.badexample.com", 300, 1);
    assert_eq!(only_change(&base, &[base.to_vec(), vec![near]].concat()).hints, []);
}

/// Hostile cases 111 and 112: what stands below a delegation is compared, and labelled.
#[test]
fn hostile_111_below_a_zone_cut_is_labelled() {
    let ns = |owner: &str| record(owner, Rtype::NS, 300, &name("ns.sub.example.com"));
    let base = [serial(1), ns("example.com"), ns("sub.example.com"), a("ns.sub.example.com", 300, 1)];
    assert_eq!(only_change(&base, &base[..3]).hints, [Hint::BelowZoneCut]);
    let beside = [&base[..], &[a("www.example.com", 300, 1)]].concat();
    assert_eq!(only_change(&base, &beside).hints, []);
}

/// Hostile case 118: an alias that one side turned into addresses.
#[test]
fn hostile_118_a_flattened_alias_is_hinted() {
    let alias = [record("w.example.com", Rtype::CNAME, 300, &name("cdn.example"))];
    let diff = compare(DiffPolicy::exact(), &[&alias, &[a("w.example.com", 300, 1)]]);
    assert!(changes(&diff).iter().all(|change| change.hints == [Hint::FlattenedAlias]));
    assert_eq!(changes(&diff).len(), 2);
}

/// Hostile cases 119 and 113: a type that nobody knows is compared octet for octet, letters and emptiness included.
#[test]
fn hostile_119_unknown_types_are_kept() {
    let unknown = |rdata: &[u8]| record("u.example.com", Rtype(65280), 300, rdata);
    assert_eq!(only_change(&[unknown(b"abc")], &[unknown(b"aBc")]).kind, ChangeKind::Rdata);
    assert_eq!(only_change(&[unknown(b"")], &[]).kind, ChangeKind::Removed);
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
    assert!(!once.same_changes(&compare(DiffPolicy::exact(), &[&base, &base])).unwrap());
    assert!(!once.same_changes(&compare(DiffPolicy::exact(), &[&target, &base])).unwrap(), "the direction counts");
}
