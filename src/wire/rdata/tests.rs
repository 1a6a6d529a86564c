//! Rules W5, W8 and W12: RDATA ends where RDLENGTH says, pointers only where they may be, grammars kept.

use super::*;
use crate::wire::WireErrorKind::{CompressedRdata, RdataGrammar, RdataLength};

/// Checks RDATA that stands behind a header and the name `example.` at offset 12.
fn checked(rtype: u16, rdata: &[u8]) -> Result<(), WireErrorKind> {
    let message = [&[0; 12][..], b"\x07example\0", rdata].concat();
    check(Rtype(rtype), &mut Cursor::between(&message, 21, message.len())).map_err(|error| error.kind)
}

/// Asserts that every row is refused for that reason.
fn refused(reason: WireErrorKind, rows: &[(u16, &[u8])]) {
    for (rtype, rdata) in rows {
        assert_eq!(checked(*rtype, rdata), Err(reason), "TYPE{rtype} {}", rdata.escape_ascii());
    }
}

/// Asserts that every row is accepted.
fn accepted(rows: &[(u16, &[u8])]) {
    for (rtype, rdata) in rows {
        assert_eq!(checked(*rtype, rdata), Ok(()), "TYPE{rtype} {}", rdata.escape_ascii());
    }
}

/// W5: short, long and slack RDATA.
#[test]
fn w5_rdata_is_exactly_its_length() {
    refused(
        RdataLength,
        &[
            (1, b""),
            (1, b"\x7f\0\0"),
            (1, b"\x7f\0\0\x01\0"),
            (28, b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            (2, b"\x03abc"),
            (2, b"\x09abc\0"),
            (2, b"\x03abc\0\0\0\0\0"),
            (2, b"\xc0\x0c\0"),
            (2, b"\xc0"),
            (6, b"\0\0AAAABBBBCCCCDDDD"),
            (6, b"\0\0AAAABBBBCCCCDDDDEEEEF"),
            (16, b""),
            (16, b"\x03ab"),
            (16, b"\x01a\x02b"),
            (13, b"\x01a"),
            (20, b"\x01a\x01b\x01c"),
            (43, b"AABC"),
            (46, b"ABCDEEEEFFFFGGGGHH\0"),
            (48, b"AA\x03"),
            (50, b"A\0BC\0\x02H"),
            (51, b"A\0BC\0\0"),
            (63, b"AAAAAA12345678901"),
            (108, b"AAAAA"),
            (128, b"A"),
            (264, b"AAAAAAA"),
            (65281, b"AAAAAAAAAAAA\0\0\0\x02AAAA"),
            (65281, b"AAAAAAAAAAAA\xff\xff\xff\xffAAAA"),
        ],
    );
}

/// W5: the same types, whole; the few that may be empty.
#[test]
fn w5_whole_rdata_is_accepted() {
    accepted(&[
        (1, b"\x7f\0\0\x01"),
        (2, b"\x03abc\0"),
        (2, b"\0"),
        (16, b"\0"),
        (20, b"\x01a"),
        (63, b"AAAAAA123456789012"),
        (65281, b"AAAAAAAAAAAA\0\0\0\x01AAAA"),
        (10, b""),
        (42, b""),
        (128, b""),
        (54, b""),
        (65280, b""),
    ]);
}

/// The types whose names a receiver expands (RFC 3597 section 4), with the octets before and behind a name.
const COMPRESSIBLE: &[(u16, &[u8], &[u8])] = &[
    (2, b"", b""),
    (3, b"", b""),
    (4, b"", b""),
    (5, b"", b""),
    (6, b"\0", b"AAAABBBBCCCCDDDDEEEE"),
    (7, b"", b""),
    (8, b"", b""),
    (9, b"", b""),
    (12, b"", b""),
    (14, b"\0", b""),
    (15, b"AA", b""),
    (17, b"\0", b""),
    (18, b"AA", b""),
    (21, b"AA", b""),
    (24, b"ABCDEEEEFFFFGGGGHH", b"S"),
    (26, b"AA\0", b""),
    (30, b"", b"\x40"),
    (33, b"AAAAAA", b""),
    (35, b"AAAA\0\0\0", b""),
];

/// Types with names that are never compressed, likewise.
const UNCOMPRESSED: &[(u16, &[u8], &[u8])] = &[
    (23, b"", b""),
    (36, b"AA", b""),
    (38, b"\x80", b""),
    (39, b"", b""),
    (45, b"A\x03A", b"KEY"),
    (46, b"ABCDEEEEFFFFGGGGHH", b"S"),
    (47, b"", b"\0\x01A"),
    (48, b"AAA\xfd", b"KEY"),
    (55, b"\x01A\0\x01TK", b""),
    (58, b"\0", b""),
    (64, b"AA", b""),
    (65, b"AA", b""),
    (66, b"AAAAA", b""),
    (107, b"AA", b""),
    (249, b"", b"AAAABBBBCCDD\0\0\0\0"),
    (260, b"A\x03", b""),
    (65282, b"AAAABBBBCCCC", b""),
];

/// W8: pointers are followed for the list and for nothing else.
#[test]
fn w8_pointers_are_followed_for_the_list_alone() {
    for (rtype, before, behind) in COMPRESSIBLE {
        assert_eq!(checked(*rtype, &[before, &b"\xc0\x0c"[..], behind].concat()), Ok(()), "TYPE{rtype}");
    }
    for (rtype, before, behind) in UNCOMPRESSED {
        let rdata = [before, &b"\xc0\x0c"[..], behind].concat();
        assert_eq!(checked(*rtype, &rdata), Err(CompressedRdata), "TYPE{rtype}");
        assert_eq!(checked(*rtype, &[before, &b"\x01a\0"[..], behind].concat()), Ok(()), "TYPE{rtype} in full");
    }
    let list = grammars().iter().filter(|row| row.fields.contains(&Field::Name(NameRule::Compressible)));
    assert!(list.map(|row| row.rtype.0).eq(COMPRESSIBLE.iter().map(|row| row.0)), "the table follows other pointers");
}

/// W8: what looks like a pointer in a type without a definition is data.
#[test]
fn w8_pointers_in_unknown_types_are_octets() {
    accepted(&[(65280, b"\xc0\x0c"), (54, b"\xc0"), (10, b"\xc0\xff")]);
}

/// W12: grammars of the types with structure.
#[test]
fn w12_bad_grammar_of_a_known_type_is_an_error() {
    refused(
        RdataGrammar,
        &[
            (11, &[b'A'; 5 + 8193]),
            (29, b"\0\xa1AA\x80\0\0\0\x80\0\0\0AAAA"),
            (29, b"\0\x11\x1a\x11\x80\0\0\0\x80\0\0\0AAAA"),
            (29, b"\0\x11\x11\x11\xff\0\0\0\x80\0\0\0AAAA"),
            (30, b"\0\x40\0"),
            (34, b"\x01a"),
            (38, b"\x81\0"),
            (42, b"\0\x01\x21\x01\x0a"),
            (42, b"\0\x01\x18\x05\x0a\x01\x01\x01\x01"),
            (42, b"\0\x01\x18\x02\x0a\0"),
            (42, b"\0\x02\x81\x01\x20"),
            (47, b"\0\0\0"),
            (47, b"\0\0\x21AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            (47, b"\0\x01\x01A\0\x01A"),
            (47, b"\0\0\x01A\0\x01A"),
            (48, b"AAA\xfe\0KEY"),
            (50, b"A\0BC\0\0"),
            (55, b"\0A\0\x01K"),
            (55, b"\x01A\0\0T"),
            (257, b"\0\0value"),
        ],
    );
    refused(
        RdataLength,
        &[
            (29, b"\0\x11\x11\x11"),
            (34, b"\0"),
            (42, b"\0\x01\x18\x03\x0a"),
            (47, b"\0"),
            (48, b"AAA\xfe\x09KEY"),
            (257, b"\0\x09tag"),
        ],
    );
    accepted(&[
        (29, b"\x01whatever"),
        (29, b"\0\x12\x16\x13\x80\0\0\0\x80\0\0\0AAAA"),
        (30, b"\0\x80anything"),
        (42, b"\0\x01\x18\x83\x0a\x01\x01\0\x02\0\0"),
        (48, b"AAA\xfe\x03OIDKEY"),
        (50, b"A\0BC\0\x01H"),
        (60, b"\0\0\x03\0\0"),
        (62, b"AAAABB"),
    ]);
}

/// W12: a PRIVATEDNS key that does not begin with a name (CVE-2026-10822).
#[test]
fn w12_private_key_begins_with_its_name() {
    assert_eq!(checked(48, b"AAA\xfd\x3fabc"), Err(RdataLength));
    assert_eq!(checked(48, b"AAA\xfd"), Err(RdataLength));
    assert_eq!(checked(60, b"AAA\xfd\xc0\x0c"), Err(CompressedRdata));
    assert_eq!(checked(48, b"AAA\xfd\x01a\0KEY"), Ok(()));
}

/// Parameters as (key, value) on the wire, behind priority 1 and the target root.
fn service(params: &[(u16, &[u8])]) -> Result<(), WireErrorKind> {
    let mut rdata = b"\0\x01\0".to_vec();
    for (key, value) in params {
        rdata.extend_from_slice(&key.to_be_bytes());
        rdata.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        rdata.extend_from_slice(value);
    }
    checked(64, &rdata)
}

/// W12: parameters of a service binding ascend, are not repeated, and those that are mandatory are there.
#[test]
fn w12_service_parameters_ascend() {
    assert_eq!(service(&[(3, b"\x01\xbb"), (1, b"\x02h2")]), Err(RdataGrammar));
    assert_eq!(service(&[(3, b"\x01\xbb"), (3, b"\x01\xbb")]), Err(RdataGrammar));
    assert_eq!(service(&[(0, b"\0\x01\0\x03"), (1, b"\x02h2"), (3, b"\x01\xbb")]), Ok(()));
    assert_eq!(service(&[(0, b"\0\x03\0\x01"), (1, b"\x02h2"), (3, b"\x01\xbb")]), Err(RdataGrammar));
    assert_eq!(service(&[(0, b"\0\0")]), Err(RdataGrammar), "mandatory names itself");
    for missing in [&b"\0\x01\0\x04"[..], b"\0\x02", b"\0\x01\0\x02", b"\xff\0", b"\0\x03\0\x04"] {
        assert_eq!(service(&[(0, missing), (1, b"\x02h2"), (3, b"\x01\xbb")]), Err(RdataGrammar), "{missing:?}");
    }
    assert_eq!(checked(65, b"\0\x01\0\0\x03\0\x02\x01"), Err(RdataLength));
}

/// W12: the value of a registered parameter has its grammar; that of another one is octets.
#[test]
fn w12_service_parameter_values() {
    let bad: &[(u16, &[u8])] = &[
        (0, b""),
        (0, b"\0"),
        (1, b""),
        (1, b"\0"),
        (1, b"\x03h2"),
        (2, b"x"),
        (3, b"\x01"),
        (4, b""),
        (4, b"\x7f\0\0"),
        (5, b""),
        (6, b"\x7f\0\0\x01"),
        (7, b"\xff"),
        (8, b"x"),
    ];
    for (key, value) in bad {
        assert_eq!(service(&[(*key, value)]), Err(RdataGrammar), "key{key} {}", value.escape_ascii());
    }
    let good: &[(u16, &[u8])] = &[
        (1, b"\x02h2\x02h3"),
        (2, b""),
        (3, b"\x01\xbb"),
        (4, b"\x7f\0\0\x01\x7f\0\0\x02"),
        (5, b"E"),
        (6, b"AAAAAAAAAAAAAAAA"),
        (7, b"/q{?dns}"),
        (8, b""),
        (667, b""),
        (65280, b"\xff"),
    ];
    assert_eq!(service(good), Ok(()));
}

/// The table: ascending, every row found by its code and by its mnemonic.
#[test]
fn every_row_is_found() {
    assert!(grammars().is_sorted_by(|a, b| a.rtype < b.rtype));
    for row in grammars() {
        assert_eq!(grammar(row.rtype).map(|found| found.mnemonic), Some(row.mnemonic));
        assert_eq!(rtype_of_mnemonic(&row.mnemonic.to_lowercase()), Some(row.rtype));
    }
    assert!([0, 41, 54, 100, 255, 265, 32767, 65280, 65535].iter().all(|code| grammar(Rtype(*code)).is_none()));
}

/// RFC 6895 section 3.1: types for private use hold whatever their users agreed on, Microsoft's WINS or something else.
#[test]
fn w12_types_for_private_use_are_octets() {
    for rtype in [Rtype::WINS, Rtype::WINS_R, Rtype(0xFF00), Rtype(0xFFFE)] {
        for octets in [b"".as_slice(), b"\x01"] {
            assert_eq!(super::check_received(rtype, &mut Cursor::new(octets)), Ok(()), "{rtype:?}");
        }
    }
    assert!(super::check_received(Rtype::A, &mut Cursor::new(b"\x01")).is_err());
}
