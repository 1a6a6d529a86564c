//! Rules W2 to W5: what is read over quickly is what the strict reading allows.

use super::*;
use crate::wire::rdata::{Folding, check_received, folding};
use crate::wire::{Cursor, WireErrorKind, WireName};
use proptest::prelude::*;

/// The types of the lane, and some that it does not know.
const TYPES: [u16; 15] = [1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 43, 46, 47, 48, 50];

/// None of this message yet.
fn names_of(message: &[u8]) -> Names {
    let mut names = Names::default();
    names.begin(message);
    names
}

/// Octets of which names, pointers and small RDATA are made.
fn octet() -> impl Strategy<Value = u8> {
    prop_oneof![0..=4_u8, 0..=63_u8, Just(0xC0), 10..=40_u8, any::<u8>()]
}

/// A header, and octets after it.
fn message() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(octet(), 0..60).prop_map(|octets| [vec![0; 12], octets].concat())
}

/// Good RDATA of every type that the lane knows, behind a header and the name `a.` at offset 12.
const GOOD: [(u16, &[u8]); 13] = [
    (1, b"\x7f\0\0\x01"),
    (28, b"0123456789abcdef"),
    (2, b"\x01b\xc0\x0c"),
    (5, b"\xc0\x0c"),
    (12, b"\0"),
    (15, b"\0\x05\x01b\0"),
    (33, b"abcdef\xc0\x0c"),
    (6, b"\xc0\x0c\x01r\xc0\x0cAAAABBBBCCCCDDDDEEEE"),
    (16, b"\0\x02ab"),
    (43, b"AABCd"),
    (48, b"AABC"),
    (46, b"ABCDEEEEFFFFGGGGHH\x01b\0s"),
    (47, b"\x01b\0\0\x01\x40"),
];

#[test]
fn w5_the_lane_knows_its_types() {
    for (rtype, rdata) in GOOD {
        let message = [&[0; 12][..], b"\x01a\0", rdata].concat();
        let mut names = names_of(&message);
        names.read(&message, 12, message.len(), &mut 9).expect("a name");
        assert!(read(Rtype(rtype), 15, message.len(), &message, &mut names, &mut 9).is_some(), "TYPE{rtype}");
        for cut in 15..message.len() {
            let strict = check_received(Rtype(rtype), &mut Cursor::between(&message, 15, cut));
            let quick = read(Rtype(rtype), 15, cut, &message, &mut names_of(&message), &mut 9);
            assert_eq!(quick.is_some(), strict.is_ok(), "TYPE{rtype} cut to {}", cut - 15);
        }
    }
}

proptest! {
    #[test]
    fn w5_the_lane_passes_nothing_that_the_table_refuses(octets in message(), at in 12..40_usize, which in 0..TYPES.len()) {
        let (rtype, end) = (Rtype(TYPES[which]), octets.len());
        prop_assume!(at <= end);
        let mut names = names_of(&octets);
        if let Some(last) = read(rtype, at, end, &octets, &mut names, &mut 1000) {
            prop_assert_eq!(check_received(rtype, &mut Cursor::between(&octets, at, end)), Ok(()));
            if let Folding::LastName { behind } = folding(rtype) {
                let (strict, next) = WireName::read(&octets, at + usize::from(behind), end, &mut 1000).unwrap();
                let lower = strict.to_lowercase();
                prop_assert_eq!((names.text(last).as_octets(), next), (lower.as_octets(), end));
            } else {
                prop_assert!(names.text(last).is_empty());
            }
        }
    }

    #[test]
    fn w2_a_known_name_is_read_as_a_new_one_is(before in message(), octets in message()) {
        // What another message has left says nothing of this one.
        let (mut names, mut at) = (names_of(&before), 12);
        for at in 12..before.len() {
            let _ = names.read(&before, at, before.len(), &mut 1000);
        }
        names.begin(&octets);
        while at < octets.len() {
            let strict = WireName::read(&octets, at, octets.len(), &mut 1000);
            let quick = names.read(&octets, at, octets.len(), &mut 1000);
            match (strict, quick) {
                (Ok((name, next)), Ok(quick)) => {
                    let lower = name.to_lowercase();
                    prop_assert_eq!((names.text(quick).as_octets(), quick.next), (lower.as_octets(), next));
                    let same = WireName::read(&octets, quick.start, octets.len(), &mut 1000);
                    prop_assert_eq!(same.map(|(name, _)| name.as_octets().to_vec()), Ok(name.as_octets().to_vec()));
                    at = next;
                }
                (Err(strict), Err(quick)) => {
                    prop_assert_eq!(strict, quick);
                    prop_assert_ne!(strict.kind, WireErrorKind::TooManyPointers);
                    at += 1;
                }
                (strict, quick) => prop_assert!(false, "{:?} against {:?}", strict, quick),
            }
        }
    }
}
