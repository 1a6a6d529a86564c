//! SOA serials (RFC 1982): a circle, on which "newer" is not an order.
//!
//! There is no `<` here on purpose: the comparison has four answers.

use std::fmt;

/// The serial of a zone's SOA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial(pub u32);

/// How one serial stands to another; see [`Serial::compare`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 1982 section 3.2 knows no fifth answer")]
pub enum SerialOrder {
    /// The same serial.
    Equal,
    /// Behind the other.
    Older,
    /// Ahead of the other.
    Newer,
    /// Exactly half the circle apart: the RFC leaves it undefined, so neither is ahead.
    Undefined,
}

impl Serial {
    /// How this serial stands to `other`.
    ///
    /// RFC 1982 section 3.2: compared in a window of 2^31, and for a distance of exactly 2^31 "the result is undefined".
    pub const fn compare(self, other: Self) -> SerialOrder {
        match other.0.wrapping_sub(self.0) {
            0 => SerialOrder::Equal,
            1..=0x7FFF_FFFF => SerialOrder::Older,
            0x8000_0000 => SerialOrder::Undefined,
            _ => SerialOrder::Newer,
        }
    }
}

impl Serial {
    /// That of a SOA's RDATA, its names expanded: the first of five numbers behind two names (RFC 1035 section 3.3.13).
    pub fn of_soa(rdata: &[u8]) -> Option<Self> {
        let start = rdata.len().checked_sub(20)?;
        rdata.get(start..)?.first_chunk().map(|octets| Self(u32::from_be_bytes(*octets)))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Serial, SerialOrder};

    /// S1, S6: the table of the corner values, both ways.
    #[test]
    fn s1_the_window_of_rfc_1982() {
        const HALF: u32 = 1 << 31;
        let corners = [0, 1, HALF - 1, HALF, HALF + 1, u32::MAX];
        for a in corners {
            for b in corners {
                let (there, back) = (Serial(a).compare(Serial(b)), Serial(b).compare(Serial(a)));
                let expected = match u64::from(b.wrapping_sub(a)) {
                    0 => (SerialOrder::Equal, SerialOrder::Equal),
                    d if d == 1 << 31 => (SerialOrder::Undefined, SerialOrder::Undefined),
                    d if d < 1 << 31 => (SerialOrder::Older, SerialOrder::Newer),
                    _ => (SerialOrder::Newer, SerialOrder::Older),
                };
                assert_eq!((there, back), expected, "{a} and {b}");
            }
        }
        assert_eq!(Serial(u32::MAX).compare(Serial(0)), SerialOrder::Older, "the wrap");
    }
}
