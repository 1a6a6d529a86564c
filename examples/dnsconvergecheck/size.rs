//! Amounts of memory as people write them: a number with its unit.

use dnsconverge::compare::LEAST_MEMORY;
use std::fmt;
use std::str::FromStr;

/// The units, largest first, in powers of 1024.
const UNITS: [(char, u32); 3] = [('G', 30), ('M', 20), ('K', 10)];

/// An amount of memory in octets, of at least [`LEAST_MEMORY`], as in `256M` or `2G`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

/// Why a text is not an amount of memory.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SizeError {
    /// A number and no unit.
    #[error("it has no unit: add one, as in {0}M or {0}G")]
    NoUnit(String),
    /// Not an amount at all.
    #[error("it is not an amount of memory: write a whole number with its unit, as in 256M or 2G")]
    Unreadable,
    /// So little that a comparison would only write and read.
    #[error("it is too little: at least {}", Size(LEAST_MEMORY))]
    TooSmall,
    /// More than this machine can address.
    #[error("it is more than this machine can address")]
    TooLarge,
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let text = text.trim().to_ascii_uppercase();
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = text.get(number.len()..).unwrap_or_default();
        let number = number.trim_end();
        if number.is_empty() || !number.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(SizeError::Unreadable);
        }
        if number.bytes().all(|octet| octet == b'0') {
            return Err(SizeError::TooSmall);
        }
        if unit.is_empty() {
            return Err(SizeError::NoUnit(number.to_owned()));
        }
        let shift = UNITS
            .into_iter()
            .find(|(letter, _)| unit.strip_prefix(*letter).is_some_and(|rest| matches!(rest, "" | "B" | "IB")));
        let (_, shift) = shift.ok_or(SizeError::Unreadable)?;
        let number: usize = number.parse().map_err(|_| SizeError::TooLarge)?;
        match number.checked_mul(1 << shift).ok_or(SizeError::TooLarge)? {
            octets if octets < LEAST_MEMORY => Err(SizeError::TooSmall),
            octets => Ok(Self(octets)),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.into_iter().find(|(_, shift)| self.0.trailing_zeros() >= *shift && self.0 > 0);
        match whole {
            Some((letter, shift)) => write!(f, "{}{letter}", self.0 >> shift),
            None => write!(f, "{}K", self.0.div_ceil(1024)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, SizeError};

    #[test]
    fn l1_sizes_have_a_unit_and_are_large_enough() {
        for (text, octets) in [("256M", 256 << 20), ("2g", 2 << 30), ("8192 KiB", 8 << 20), ("512MB", 512 << 20)] {
            assert_eq!(text.parse(), Ok(Size(octets)), "{text}");
        }
        assert_eq!("256".parse::<Size>(), Err(SizeError::NoUnit("256".into())));
        for text in ["0", "0M", "00G", "0MX"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError::TooSmall), "{text}");
        }
        assert_eq!("1K".parse::<Size>(), Err(SizeError::TooSmall));
        assert_eq!("99999999999999999999G".parse::<Size>(), Err(SizeError::TooLarge));
        assert_eq!("99999999999G".parse::<Size>(), Err(SizeError::TooLarge));
        for text in ["", "M", "-1G", "1.5G", "much", "1T", "1MX", "5 5M"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError::Unreadable), "{text}");
        }
    }

    #[test]
    fn a_size_is_shown_as_it_is_read() {
        for text in ["512M", "1G", "6M", "8193K"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
    }
}
