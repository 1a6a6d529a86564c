//! Section C of the checklist as far as octets go.

use super::*;
use crate::wire::{CLASS_IN, Folding, Message};
use hickory_proto::rr::rdata::TXT;
use proptest::prelude::*;

/// A response with this question (its name at offset 12) and one answer.
fn response_to(question: &[u8], owner: &[u8], rtype: u16, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    let mut message = b"\0\0\x84\0\0\x01\0\x01\0\0\0\0".to_vec();
    message.extend_from_slice(question);
    message.extend_from_slice(b"\0\xff\0\x01");
    message.extend_from_slice(owner);
    message.extend_from_slice(&rtype.to_be_bytes());
    message.extend_from_slice(&CLASS_IN.to_be_bytes());
    message.extend_from_slice(&ttl.to_be_bytes());
    message.extend_from_slice(&u16::try_from(rdata.len()).unwrap().to_be_bytes());
    message.extend_from_slice(rdata);
    message
}

/// The same with the question `Example.COM. ANY`.
fn response(owner: &[u8], rtype: u16, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    response_to(b"\x07Example\x03COM\0", owner, rtype, ttl, rdata)
}

/// The one answer in that form.
fn written(form: Form, owner: &[u8], rtype: u16, ttl: u32, rdata: &[u8]) -> Result<Vec<u8>, WireErrorKind> {
    let octets = response(owner, rtype, ttl, rdata);
    let message = Message::parse(&octets).map_err(|error| error.kind)?;
    let mut out = Vec::new();
    write_record(&message.records()[0], form, &mut out).map_err(|error| error.kind)?;
    Ok(out)
}

/// The RDATA of an answer in that form.
fn rdata(form: Form, rtype: u16, sent: &[u8]) -> Vec<u8> {
    let octets = written(form, b"\0", rtype, 0, sent).unwrap();
    CanonicalRecord::split_first(&octets).unwrap().0.rdata().to_vec()
}

/// A record of the root in canonical layout.
fn record(owner: &[u8], rtype: u16, rdata: &[u8]) -> Vec<u8> {
    written(Form::Canonical, owner, rtype, 0, rdata).unwrap()
}

/// How two records are ordered.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    CanonicalRecord::split_first(a).unwrap().0.order(&CanonicalRecord::split_first(b).unwrap().0)
}

/// C1: only the octets 0x41 to 0x5A of an owner change.
#[test]
fn c1_owner_folds_ascii_and_nothing_else() {
    let octets = record(b"\x05A[Z@a\x03\xc1\xda\xde\0", 1, &[192, 0, 2, 1]);
    assert!(octets.starts_with(b"\x05a[z@a\x03\xc1\xda\xde\0"), "{}", octets.escape_ascii());
}

/// C1: a compressed owner is expanded.
#[test]
fn c1_owner_is_expanded() {
    assert!(record(b"\x03WWW\xc0\x0c", 1, &[192, 0, 2, 1]).starts_with(b"\x03www\x07example\x03com\0\0\x01\0\x01"));
}

/// The types of RFC 4034 section 6.2 less HINFO and NSEC: RDATA as sent, as canonical. `A.B.` is the mixed-case name.
const FOLDED: &[(u16, &[u8], &[u8])] = &[
    (2, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (3, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (4, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (5, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (6, b"\x01A\0\x01B\0AAAABBBBCCCCDDDDEEEE", b"\x01a\0\x01b\0AAAABBBBCCCCDDDDEEEE"),
    (7, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (8, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (9, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (12, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (14, b"\x01A\0\x01B\0", b"\x01a\0\x01b\0"),
    (15, b"AB\x01A\0", b"AB\x01a\0"),
    (17, b"\x01A\0\x01B\0", b"\x01a\0\x01b\0"),
    (18, b"AB\x01A\0", b"AB\x01a\0"),
    (21, b"AB\x01A\0", b"AB\x01a\0"),
    (24, b"ABCDEEEEFFFFGGGGHH\x01A\0SIG", b"ABCDEEEEFFFFGGGGHH\x01a\0SIG"),
    (26, b"AB\x01A\0\x01B\0", b"AB\x01a\0\x01b\0"),
    (30, b"\x01A\0BCD", b"\x01a\0BCD"),
    (33, b"ABCDEF\x01A\0", b"ABCDEF\x01a\0"),
    (35, b"ABCD\x01S\x01T\x01U\x01A\0", b"ABCD\x01S\x01T\x01U\x01a\0"),
    (36, b"AB\x01A\0", b"AB\x01a\0"),
    (38, b"\x78A\x01A\0", b"\x78A\x01a\0"),
    (39, b"\x01A\x01B\0", b"\x01a\x01b\0"),
    (46, b"ABCDEEEEFFFFGGGGHH\x01A\0SIG", b"ABCDEEEEFFFFGGGGHH\x01a\0SIG"),
];

/// Types with names or letters that nobody folds: NSEC (RFC 6840 section 5.1), HINFO and all younger ones (RFC 3597 section 7).
const KEPT: &[(u16, &[u8])] = &[
    (13, b"\x01A\x01B"),
    (16, b"\x01A\x01B"),
    (23, b"\x01A\0"),
    (45, b"A\x03B\x01A\0KEY"),
    (47, b"\x01A\0\0\x01B"),
    (50, b"A\0BC\x02SA\x02HA\0\x01B"),
    (55, b"\x01A\0\x01TK\x01A\0"),
    (58, b"\x01A\0\x01B\0"),
    (62, b"AAAABB\0\x01B"),
    (64, b"AB\x01A\0"),
    (65, b"AB\x01A\0"),
    (66, b"ABCDE\x01A\0"),
    (107, b"AB\x01A\0"),
    (257, b"A\x01TValue"),
    (260, b"A\x03\x01A\0"),
    (65280, b"\x01A\0"),
    (65282, b"ABCDEFGHIJKL\x01A\0"),
];

/// C2: what was written in the case received is folded as what was read from a message.
#[test]
fn c2_a_record_in_the_case_received_is_folded_later() {
    let types = FOLDED.iter().map(|(rtype, sent, _)| (*rtype, *sent)).chain(KEPT.iter().copied());
    for (rtype, sent) in types {
        let of = |form| written(form, b"\x01W\0", rtype, 300, sent).unwrap();
        let (received, mut folded) = (of(Form::Bitwise), Vec::new());
        CanonicalRecord::split_first(&received).unwrap().0.write_folded(&mut folded).unwrap();
        assert_eq!(folded, of(Form::Canonical), "type {rtype}");
    }
}

/// C2: every type of the list, mixed case.
#[test]
fn c2_names_of_the_list_are_folded() {
    for (rtype, sent, canonical) in FOLDED {
        assert_eq!(rdata(Form::Canonical, *rtype, sent), *canonical, "TYPE{rtype}");
        assert_eq!(rdata(Form::Bitwise, *rtype, sent), *sent, "TYPE{rtype} as it is");
    }
    let list = crate::wire::grammars()
        .iter()
        .filter(|grammar| grammar.folding != Folding::Nothing)
        .map(|grammar| grammar.rtype.0);
    assert!(list.eq(FOLDED.iter().map(|row| row.0)), "the table folds other types than these");
}

/// C2: no other type folds anything.
#[test]
fn c2_names_of_other_types_keep_their_case() {
    for (rtype, sent) in KEPT {
        assert_eq!(rdata(Form::Canonical, *rtype, sent), *sent, "TYPE{rtype}");
    }
}

/// C1, W8: compressed names are expanded in both forms, and RDLENGTH counts the expanded octets.
#[test]
fn c1_compressed_rdata_is_expanded() {
    assert_eq!(rdata(Form::Canonical, 15, b"\0\x0a\x02MX\xc0\x0c"), b"\0\x0a\x02mx\x07example\x03com\0");
    assert_eq!(rdata(Form::Bitwise, 15, b"\0\x0a\x02MX\xc0\x0c"), b"\0\x0a\x02MX\x07Example\x03COM\0");
    assert_eq!(rdata(Form::Canonical, 33, b"\0\0\0\0\0\0\xc0\x0c"), b"\0\0\0\0\0\0\x07example\x03com\0");
}

/// C1: what no longer fits in RDLENGTH is an error, not a cut, and leaves nothing behind.
#[test]
fn c1_expansion_over_the_limit_is_an_error() {
    let question = [&[63; 64][..], &[63; 64], &[63; 64], &[0]].concat();
    // The pointer of two octets becomes a name of 193.
    for (sent_length, written_length) in [(65_344, Ok(65_535)), (65_345, Err(WireErrorKind::RdataTooLong))] {
        let mut sent = b"ABCDEEEEFFFFGGGGHH\xc0\x0c".to_vec();
        sent.resize(sent_length, b'S');
        let octets = response_to(&question, b"\0", 24, 0, &sent);
        let message = Message::parse(&octets[..]).unwrap();
        let mut out = Vec::new();
        let written = write_record(&message.records()[0], Form::Canonical, &mut out).map_err(|error| error.kind);
        assert_eq!(written.map(|()| out.len() - 11), written_length);
        assert_eq!(out.is_empty(), written.is_err());
    }
}

/// C3: the two forms are kept apart; the next name of NSEC differs in both, that of NS in one.
#[test]
fn c3_two_forms() {
    let same = |form, rtype, a: &[u8], b: &[u8]| rdata(form, rtype, a) == rdata(form, rtype, b);
    assert!(!same(Form::Canonical, 47, b"\x01A\0\0\x01B", b"\x01a\0\0\x01B"), "NSEC");
    assert!(!same(Form::Canonical, 65, b"\0\x01\x01A\0", b"\0\x01\x01a\0"), "HTTPS");
    assert!(same(Form::Canonical, 2, b"\x01A\0", b"\x01a\0"), "NS");
    assert!(!same(Form::Bitwise, 2, b"\x01A\0", b"\x01a\0"), "NS as it is");
}

/// C4: types that nobody defined are octets: case, pointers look-alikes and no octets at all.
#[test]
fn c4_unknown_types_are_octets() {
    for octets in [&b"\x01A\0"[..], b"\xc0\x0c", b""] {
        assert_eq!(rdata(Form::Canonical, 65280, octets), octets);
        assert_eq!(rdata(Form::Canonical, 54, octets), octets);
    }
}

/// C5: the list of RFC 4034 section 6.1, each name before the next, in either case.
#[test]
fn c5_order_of_names() {
    let sorted: [&[u8]; 10] = [
        b"\0",
        b"\x07example\0",
        b"\x01a\x07example\0",
        b"\x08yljkjljk\x01a\x07example\0",
        b"\x01Z\x01a\x07example\0",
        b"\x04zABC\x01a\x07EXAMPLE\0",
        b"\x01z\x07example\0",
        b"\x01\x01\x01z\x07example\0",
        b"\x01*\x01z\x07example\0",
        b"\x01\xc8\x01z\x07example\0",
    ];
    for (at, a) in sorted.iter().enumerate() {
        for (other, b) in sorted.iter().enumerate() {
            assert_eq!(compare_names(a, b), at.cmp(&other), "{} and {}", a.escape_ascii(), b.escape_ascii());
            assert_eq!(compare_owners(a, b), at.cmp(&other), "{} and {}", a.escape_ascii(), b.escape_ascii());
            assert_eq!(compare_names(&a.to_ascii_uppercase(), b), at.cmp(&other));
        }
    }
}

/// C5: names below one parent are ordered as any others: by their labels from the right, in lower case.
#[test]
fn c5_siblings_are_ordered_as_their_labels() {
    let labels: [&[u8]; 8] = [b"a", b"A", b"aa", b"b", b"\x00", b"\xC0", b"Z", b"_"];
    let mut names: Vec<Vec<&[u8]>> = labels.iter().map(|one| vec![*one]).collect();
    names.extend(labels.iter().flat_map(|one| labels.iter().map(|two| vec![*one, *two])));
    names.push(Vec::new());
    let octets = |name: &[&[u8]]| WireName::from_labels(name.iter().copied()).unwrap().as_octets().to_vec();
    let model = |name: &[&[u8]]| name.iter().rev().map(|label| label.to_ascii_lowercase()).collect::<Vec<_>>();
    for one in &names {
        for other in &names {
            assert_eq!(compare_names(&octets(one), &octets(other)), model(one).cmp(&model(other)), "{one:?} {other:?}");
        }
    }
    assert_eq!(compare_names(b"\x01a\x01b", b"\x01a\0"), Ordering::Greater, "what is no name comes after every name");
}

/// C6: RDATA is ordered as octets from the left, a prefix first.
#[test]
fn c6_order_of_rdata() {
    let [short, long, high] = [&b"\x01a"[..], b"\x01a\x01a", b"\x01b"].map(|rdata| record(b"\0", 16, rdata));
    assert_eq!((order(&short, &long), order(&long, &high)), (Ordering::Less, Ordering::Less));
    let [signed, unsigned] = [127, 128].map(|octet| record(b"\0", 1, &[octet, 0, 0, 0]));
    assert_eq!(order(&signed, &unsigned), Ordering::Less, "unsigned octets");
}

/// C7: chunks, case and empty strings of TXT count.
#[test]
fn c7_txt_is_its_chunks() {
    let texts: [&[u8]; 6] = [b"\x04abcd", b"\x02ab\x02cd", b"\x04abcD", b"\x04abcd\0", b"\0\x04abcd", b"\0"];
    let records = texts.map(|text| record(b"\0", 16, text));
    for (at, a) in records.iter().enumerate() {
        assert!(
            records[at + 1..].iter().all(|b| a != b && order(a, b) != Ordering::Equal),
            "{}",
            texts[at].escape_ascii()
        );
    }
}

/// C9: a TTL with its top bit set is zero, and only that.
#[test]
fn c9_ttl_with_top_bit() {
    for (sent, effective) in [(0x8000_0E10, 0), (0x7FFF_FFFF, 0x7FFF_FFFF), (u32::MAX, 0), (3600, 3600)] {
        let octets = written(Form::Canonical, b"\0", 1, sent, &[192, 0, 2, 1]).unwrap();
        assert_eq!(CanonicalRecord::split_first(&octets).unwrap().0.ttl(), effective);
    }
}

/// C10: one owner in two cases is one node.
#[test]
fn c10_owner_in_two_cases_is_one_node() {
    let (a, b) = (record(b"\x03Foo\0", 1, &[192, 0, 2, 1]), record(b"\x03foo\0", 1, &[192, 0, 2, 2]));
    let owner = |octets| CanonicalRecord::split_first(octets).unwrap().0.owner();
    assert_eq!(owner(&a), owner(&b));
    assert_ne!(a, b);
}

/// C13: an address is its octets; no octet of it is folded.
#[test]
fn c13_addresses_are_octets() {
    assert_eq!(rdata(Form::Canonical, 28, b"ABCDEFGHIJKLMNOP"), b"ABCDEFGHIJKLMNOP");
    assert_eq!(rdata(Form::Canonical, 1, b"ABCD"), b"ABCD");
}

/// C14: names whose text could collide are told apart by their octets.
#[test]
fn c14_no_text_in_equality() {
    let owners: [&[u8]; 4] = [b"\x03a.b\0", b"\x01a\x01b\0", b"\x04\\000\0", b"\x01\0\0"];
    let records = owners.map(|owner| record(owner, 1, &[192, 0, 2, 1]));
    for (at, a) in records.iter().enumerate() {
        assert!(records[at + 1..].iter().all(|b| a != b && order(a, b) != Ordering::Equal));
    }
}

/// What is cut is an error, and what follows a record is handed back.
#[test]
fn layout_is_read_back() {
    let both = [record(b"\x01A\0", 16, b"\x01x"), record(b"\0", 65280, b"")].concat();
    let (first, rest) = CanonicalRecord::split_first(&both).unwrap();
    assert_eq!((first.owner(), first.rtype(), first.rdata()), (&b"\x01a\0"[..], Rtype::TXT, &b"\x01x"[..]));
    let (second, rest) = CanonicalRecord::split_first(rest).unwrap();
    assert_eq!((second.rtype(), second.rdata(), rest), (Rtype(65280), &b""[..], &b""[..]));
    for cut in 0..record(b"\x01A\0", 16, b"\x01x").len() {
        assert!(CanonicalRecord::split_first(&both[..cut]).is_err(), "{cut} octets");
    }
}

/// A record that hickory knows comes typed; one that it does not know, or would write otherwise, as its octets.
#[test]
fn to_record_never_changes_the_octets() {
    let octets = record(b"\x01A\0", 16, b"\x01x\0");
    let typed = CanonicalRecord::split_first(&octets).unwrap().0.to_record();
    assert_eq!(typed.data, RData::TXT(TXT::from_bytes(vec![b"x", b""])));
    for (rtype, sent, _) in FOLDED {
        let octets = record(b"\x01a\0", *rtype, sent);
        assert_same_octets(&CanonicalRecord::split_first(&octets).unwrap().0);
    }
}

/// The RDATA of the record that hickory gets is the one we have.
fn assert_same_octets(record: &CanonicalRecord<'_>) {
    let mut written = Vec::new();
    let mut encoder = BinEncoder::new(&mut written);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    record.to_record().data.emit(&mut encoder).unwrap();
    assert_eq!(written, record.rdata(), "{:?}", record.rtype());
}

proptest! {
    /// C1, C14: for any octets of any type: walked, then written, then given to hickory, without a panic and unchanged.
    #[test]
    fn any_rdata_is_refused_or_kept(rtype in prop_oneof![0_u16..270, 32760_u16..32780, 65270_u16..=u16::MAX],
                                    sent in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(3), any::<u8>()], 0..60)) {
        if let Ok(octets) = written(Form::Canonical, b"\x01A\0", rtype, 0, &sent) {
            let (record, rest) = CanonicalRecord::split_first(&octets).unwrap();
            prop_assert!(rest.is_empty());
            assert_same_octets(&record);
        }
    }

    /// C5: `compare_names` agrees with sorting reversed, folded labels.
    #[test]
    fn c5_order_agrees_with_a_plain_model(a in labels(), b in labels()) {
        let model = |labels: &[Vec<u8>]| labels.iter().rev().map(|label| label.to_ascii_lowercase()).collect::<Vec<_>>();
        let name = |labels: &[Vec<u8>]| WireName::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
        let (one, other) = (name(&a), name(&b));
        let (one, other, order) = (one.as_octets(), other.as_octets(), model(&a).cmp(&model(&b)));
        prop_assert_eq!((compare_names(one, other), compare_owners(one, other)), (order, order));
    }
}

/// Labels of a few letters, so that names share some.
fn labels() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(
        proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'B'), Just(b'b'), any::<u8>()], 1..4),
        0..5,
    )
}

/// RFC 3597 section 3: RDATA may be empty; hickory's own constructor would not have it.
#[test]
fn c4_empty_rdata_becomes_a_record() {
    let record = CanonicalRecord::new(b"\x01a\0", Rtype(65281), 1, 60, b"").to_record();
    assert_eq!((record.ttl, u16::from(record.record_type())), (60, 65281));
}
