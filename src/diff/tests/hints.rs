//! What is pointed out about a change.

use super::{MX, a, changes, compare, name, only_change, record, serial, soa};
use crate::canonical::CanonicalRecord;
use crate::diff::{ChangeKind, DiffPolicy, Hint, OwnedRecord};
use crate::wire::Rtype;

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

/// A22: what no glue can be is called occluded, below a delegation and below a DNAME, whichever side has it.
#[test]
fn a22_hidden_data_is_called_occluded() {
    for cut in [Rtype::NS, Rtype::DNAME] {
        let base = [serial(1), record("sub.example.com", cut, 300, &name("elsewhere.example"))];
        let hidden = record("m.sub.example.com", MX, 300, &[&[0, 1][..], &name("x.example.com")].concat());
        let with = [&base[..], &[hidden]].concat();
        for change in [only_change(&base, &with), only_change(&with, &base)] {
            assert_eq!(change.hints, [Hint::Occluded], "{cut:?}");
            assert!(change.hints[0].to_string().starts_with("occluded: below a delegation or DNAME"));
        }
    }
}

/// Hostile case 118: an alias that one side turned into addresses.
#[test]
fn hostile_118_a_flattened_alias_is_hinted() {
    let alias = [record("w.example.com", Rtype::CNAME, 300, &name("cdn.example"))];
    let diff = compare(DiffPolicy::exact(), &[&alias, &[a("w.example.com", 300, 1)]]);
    assert!(changes(&diff).iter().all(|change| change.hints == [Hint::FlattenedAlias]));
    assert_eq!(changes(&diff).len(), 2);
}

/// Servers that are all primaries differ in MNAME, and in nothing but the serial besides.
#[test]
fn an_own_soa_for_each_server_is_hinted() {
    let hints = |mname, numbers| only_change(&[serial(1)], &[soa(mname, numbers)]).hints;
    let numbers = [1, 7200, 900, 86400, 300];
    assert_eq!(hints("ns2.example.com", numbers), [Hint::OwnSoaPerServer]);
    assert_eq!(hints("ns2.example.com", [2, 7200, 900, 86400, 300]), [Hint::OwnSoaPerServer]);
    assert_eq!(hints("ns1.example.com", [2, 7200, 900, 86400, 300]), []);
    assert_eq!(hints("ns2.example.com", [1, 7201, 900, 86400, 300]), []);
}

/// C7: texts that cannot be read pair with nothing.
#[test]
fn c7_strings_that_cannot_be_read_are_no_other_division() {
    let whole = record("t.example.com", Rtype::TXT, 300, b"\x02ab");
    let divided = record("t.example.com", Rtype::TXT, 300, b"\x01a\x01b");
    let broken = record("t.example.com", Rtype::TXT, 300, b"\x09x");
    let change = only_change(std::slice::from_ref(&whole), std::slice::from_ref(&divided));
    assert_eq!((change.kind, &change.hints[..]), (ChangeKind::TxtChunking, &[Hint::SameTextJoined][..]));
    for (base, target) in
        [(vec![whole.clone(), broken.clone()], vec![divided.clone()]), (vec![whole], vec![divided, broken])]
    {
        let change = only_change(&base, &target);
        assert_eq!((change.kind, &change.hints[..]), (ChangeKind::Rdata, &[Hint::SameTextJoined][..]));
    }
}

/// The words of hints, which machines read.
#[test]
fn hints_have_words() {
    let words = [
        "dnssec_managed",
        "same_text_joined",
        "letter_case",
        "doubled_suffix",
        "wins",
        "own_soa_per_server",
        "mixed_ttl",
        "below_zone_cut",
        "flattened_alias",
        "occluded",
    ];
    assert_eq!(Hint::ALL.map(Hint::word), words);
}

/// A22: what is above one owner is not what is above the next one.
#[test]
fn a22_each_owner_has_its_own_cut() {
    let ns = |owner: &str| record(owner, Rtype::NS, 300, &name("ns.elsewhere.example"));
    let base = [serial(1), ns("example.com"), ns("b.example.com")];
    let new =
        ["x.a.example.com", "x.b.example.com", "y.b.example.com", "x.c.example.com"].map(|owner| a(owner, 300, 1));
    let diff = compare(DiffPolicy::exact(), &[&base, &[&base[..], &new].concat()]);
    let hints: Vec<_> = changes(&diff).into_iter().map(|change| change.hints).collect();
    assert_eq!(hints, [vec![], vec![Hint::BelowZoneCut], vec![Hint::BelowZoneCut], vec![]]);
}

/// Hostile case 118, A22: hints are made of what is there in the class of the change.
#[test]
fn hints_are_made_within_a_class() {
    const CH: u16 = 3;
    let of_class = |record: OwnedRecord, class: u16| {
        let view = record.view();
        OwnedRecord::new(&CanonicalRecord::new(view.owner(), view.rtype(), class, view.ttl(), view.rdata()))
    };
    let alias = record("w.example.com", Rtype::CNAME, 300, &name("cdn.example"));
    let address = a("w.example.com", 300, 1);
    let both = |record: &OwnedRecord| [record.clone(), of_class(record.clone(), CH)];
    for of in [&both(&alias)[..], &both(&alias)[1..], &both(&alias)[..1]] {
        let target: Vec<_> = of.iter().map(|alias| of_class(address.clone(), alias.view().class())).collect();
        let diff = compare(DiffPolicy::exact(), &[of, &target]);
        assert!(changes(&diff).iter().all(|change| change.hints == [Hint::FlattenedAlias]));
        assert_eq!(changes(&diff).len(), 2 * of.len());
    }
    let below = both(&a("x.b.example.com", 300, 1));
    for cut in [1, CH] {
        let ns = record("b.example.com", Rtype::NS, 300, &name("ns.elsewhere.example"));
        let base = [serial(1), of_class(serial(1), CH), of_class(ns, cut)];
        let diff = compare(DiffPolicy::exact(), &[&base, &[&base[..], &below].concat()]);
        let labelled = changes(&diff).into_iter().map(|change| (change.added[0].view().class(), change.hints.len()));
        assert_eq!(labelled.collect::<Vec<_>>(), [(1, usize::from(cut == 1)), (CH, usize::from(cut == CH))]);
    }
}

/// Hostile case 125: the types that point at names are looked into, each at its place; the root is the end of every name.
#[test]
fn hostile_125_a_doubled_suffix_is_found_where_a_name_is() {
    const PTR: Rtype = Rtype(12);
    const SRV: Rtype = Rtype(33);
    let doubled = name("x.example.com.example.com");
    let hints = |rtype: Rtype, before: &[u8], named: &[u8]| {
        let of = |named: &[u8]| [serial(1), record("w.example.com", rtype, 300, &[before, named].concat())];
        only_change(&of(&name("old.example.com")), &of(named)).hints
    };
    for rtype in [Rtype::NS, Rtype::CNAME, Rtype::DNAME, PTR] {
        assert_eq!(hints(rtype, &[], &doubled), [Hint::DoubledSuffix], "{rtype:?}");
        assert_eq!(hints(rtype, &[], &name("example.com")), [], "the zone itself");
        assert_eq!(hints(rtype, &[], &name("com.example.com")), []);
        assert_eq!(hints(rtype, &[], &name("example.com.example.com")), [Hint::DoubledSuffix]);
    }
    assert_eq!(hints(SRV, &[0, 1, 0, 2, 0, 3], &doubled), [Hint::DoubledSuffix]);
    assert_eq!(hints(Rtype(65_280), &[], &doubled), [], "a type of which nothing is known");
    let root = record("", Rtype::SOA, 300, &[&name("ns.example")[..], &name("h.example"), &[0; 20]].concat());
    let change = only_change(std::slice::from_ref(&root), &[root.clone(), a("com.com", 300, 1)]);
    assert_eq!(change.hints, []);
}

/// C3: the letters of text are told from its numbers, which no case has.
#[test]
fn c3_letter_case_is_told_behind_numbers_alone() {
    const CAA: Rtype = Rtype(257);
    const URI: Rtype = Rtype(256);
    let hints = |rtype: Rtype, one: &[u8], other: &[u8]| {
        only_change(&[record("w.example.com", rtype, 300, one)], &[record("w.example.com", rtype, 300, other)]).hints
    };
    assert_eq!(hints(CAA, b"\x00\x05issueCa.example", b"\x00\x05issueca.example"), [Hint::LetterCase]);
    assert_eq!(hints(CAA, b"A\x05issueca.example", b"a\x05issueca.example"), [], "the flags");
    assert_eq!(hints(CAA, b"\x00\x05issueone.example", b"\x00\x05issuetwo.example"), []);
    assert_eq!(hints(URI, b"\x00\x01\x00\x01HTTPS", b"\x00\x01\x00\x01https"), [Hint::LetterCase]);
    assert_eq!(hints(URI, b"\x00\x01\x00Ahttps", b"\x00\x01\x00ahttps"), [], "the weight");
}
