//! Types and classes by their mnemonics, both ways.

use super::Shown;
use crate::wire::{Rtype, grammar, rtype_of_mnemonic};
use std::fmt;

/// Query and meta types without RDATA of their own; the first of two names is the one that is written.
const QUERY_TYPES: &[(Rtype, &str)] = &[
    (Rtype::OPT, "OPT"),
    (Rtype::IXFR, "IXFR"),
    (Rtype::AXFR, "AXFR"),
    (Rtype(253), "MAILB"),
    (Rtype(254), "MAILA"),
    (Rtype::ANY, "ANY"),
    (Rtype::ANY, "*"),
];

/// The classes of the registry (RFC 6895 section 3.2).
const CLASSES: &[(u16, &str)] = &[(1, "IN"), (3, "CH"), (4, "HS"), (254, "NONE"), (255, "ANY")];

/// The mnemonic of the registry, or `TYPEn` (RFC 3597 section 5).
pub fn rtype(rtype: Rtype) -> impl fmt::Display {
    let query_type = || QUERY_TYPES.iter().find(|(query_type, _)| *query_type == rtype).map(|(_, mnemonic)| *mnemonic);
    numbered(grammar(rtype).map(|grammar| grammar.mnemonic).or_else(query_type), "TYPE", rtype.0)
}

/// The type of that mnemonic or `TYPEn`, in any case.
pub fn rtype_from_text(text: &str) -> Option<Rtype> {
    let query_type = || QUERY_TYPES.iter().find(|row| row.1.eq_ignore_ascii_case(text)).map(|row| row.0);
    rtype_of_mnemonic(text).or_else(query_type).or_else(|| number_after("TYPE", text).map(Rtype))
}

/// The mnemonic of the registry, or `CLASSn` (RFC 3597 section 5).
pub fn class(class: u16) -> impl fmt::Display {
    numbered(CLASSES.iter().find(|row| row.0 == class).map(|row| row.1), "CLASS", class)
}

/// The class of that mnemonic or `CLASSn`, in any case.
pub fn class_from_text(text: &str) -> Option<u16> {
    let known = CLASSES.iter().find(|row| row.1.eq_ignore_ascii_case(text)).map(|row| row.0);
    known.or_else(|| number_after("CLASS", text))
}

/// The mnemonic, or the prefix and the number.
fn numbered(mnemonic: Option<&'static str>, prefix: &'static str, number: u16) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| match mnemonic {
        Some(mnemonic) => f.pad(mnemonic),
        None => f.pad(&format!("{prefix}{number}")),
    })
}

/// The decimal number that follows the prefix and ends the text.
fn number_after(prefix: &str, text: &str) -> Option<u16> {
    let (start, digits) = text.split_at_checked(prefix.len())?;
    let decimal = start.eq_ignore_ascii_case(prefix) && digits.bytes().all(|octet| octet.is_ascii_digit());
    if decimal { digits.parse().ok() } else { None }
}
