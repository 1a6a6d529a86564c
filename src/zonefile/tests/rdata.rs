//! F5: the reader and the writer are each other's oracle, over every type of the table.

use super::*;
use crate::wire::{Rtype, check};
use data_encoding::HEXUPPER;
use proptest::prelude::*;

/// Type, octets and text of each vector of `present`.
fn vectors() -> Vec<(Rtype, Vec<u8>, &'static str)> {
    let rows = include_str!("../../present/vectors.txt").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let [rtype, hexadecimal, text] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let octets = HEXUPPER.decode(hexadecimal.trim_start_matches('-').as_bytes()).unwrap();
        (present::rtype_from_text(rtype).unwrap(), octets, text)
    })
    .collect()
}

/// Whether octets are RDATA of that type, as a server may send them.
fn is_rdata(rtype: Rtype, octets: &[u8]) -> bool {
    rtype.is_private_use() || check(rtype, &mut crate::wire::Cursor::new(octets)).is_ok()
}

/// The octets of a text, names as they are written.
fn read(rtype: Rtype, text: &str) -> Result<Vec<u8>, ZoneFileErrorKind> {
    rdata_from_text(rtype, text.as_bytes(), &WireName::ROOT, Form::Bitwise).map_err(|error| error.kind)
}

/// F5: what is shown reads back as the same octets; octets that break their grammar do not.
#[test]
fn f5_every_type_is_read_back() {
    for (rtype, octets, text) in vectors() {
        let expected = if is_rdata(rtype, &octets) { Ok(octets) } else { Err(ZoneFileErrorKind::Rdata) };
        assert_eq!(read(rtype, text), expected, "{} {text}", present::rtype(rtype));
    }
}
