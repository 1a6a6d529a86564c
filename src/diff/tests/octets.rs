//! Letter case, strings and unknown types: octets decide.

use super::{IN, MX, SVCB, a, changes, compare, name, only_change, record, soa, txt};
use crate::canonical::{CanonicalRecord, Form};
use crate::diff::{ChangeKind, DiffPolicy, Hint, OwnedRecord};
use crate::wire::{Rtype, WireName};

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

/// Hostile cases 119 and 113: a type that nobody knows is compared octet for octet, letters and emptiness included.
#[test]
fn hostile_119_unknown_types_are_kept() {
    let unknown = |rdata: &[u8]| record("u.example.com", Rtype(65280), 300, rdata);
    assert_eq!(only_change(&[unknown(b"abc")], &[unknown(b"aBc")]).kind, ChangeKind::Rdata);
    assert_eq!(only_change(&[unknown(b"")], &[]).kind, ChangeKind::Removed);
}
