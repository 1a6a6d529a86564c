//! Names of keys as text, and a time as a date: the little that messages about TSIG need.

use crate::wire::WireName;
use std::fmt;

/// A key's or algorithm's name, without its final dot; whatever is not a plain character is escaped.
pub(super) struct Escaped<'n>(pub(super) &'n WireName);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self.0 == WireName::ROOT {
            return f.write_str(".");
        }
        for (index, label) in self.0.labels().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            for &octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b'\'' | b'(' | b')' | b';' | b'@' | b'$' => {
                        write!(f, "\\{}", char::from(octet))?;
                    }
                    0x21..=0x7E => write!(f, "{}", char::from(octet))?,
                    _ => write!(f, "\\{octet:03}")?,
                }
            }
        }
        Ok(())
    }
}

/// Reads a name in presentation form (RFC 1035 section 5.1), always as an absolute one.
pub(super) fn name_from_text(text: &str) -> Option<WireName> {
    if text == "." {
        return Some(WireName::ROOT);
    }
    let mut labels = vec![Vec::new()];
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'.' => labels.push(Vec::new()),
            b'\\' => {
                let mut octet = octets.next()?;
                if octet.is_ascii_digit() {
                    let digits = [octet, octets.next()?, octets.next()?];
                    octet = std::str::from_utf8(&digits).ok()?.parse().ok()?;
                }
                labels.last_mut()?.push(octet);
            }
            0x21..=0x7E => labels.last_mut()?.push(octet),
            _ => return None,
        }
    }
    labels.pop_if(|last| last.is_empty());
    if labels.is_empty() { None } else { WireName::from_labels(labels.iter().map(Vec::as_slice)) }
}

/// Seconds since 1970 as a date and time in UTC.
pub(super) struct Utc(pub(super) u64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / 86_400, self.0 % 86_400);
        // Counted from 1 March of the year 0, a year of the Gregorian calendar ends with its leap day.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year + later;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// A difference of clocks in words: how many seconds, and in which direction.
pub(super) struct Skew(pub(super) i64);

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s {}", self.0.unsigned_abs(), if self.0 < 0 { "behind" } else { "ahead of" })
    }
}

/// How far `there` is ahead of `here`, in seconds.
pub(super) fn skew(there: u64, here: u64) -> i64 {
    let signed = |time| i64::try_from(time).unwrap_or(i64::MAX);
    signed(there).saturating_sub(signed(here))
}
