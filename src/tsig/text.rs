//! Algorithms by their names, times as dates and clocks against each other: what only messages about TSIG need.
//!
//! Names of keys are shown as all names are, by `present`.

use super::algorithm::Hash;
use crate::present;
use crate::wire::WireName;
use std::fmt;

/// The name of an algorithm, as key files and command lines write it: without a final dot if it is one of the known.
///
/// It is the one name that is not shown as [`present::name`] shows it: who reads it is to write it into a key.
pub(super) struct AlgorithmName<'n>(pub(super) &'n WireName);

impl fmt::Display for AlgorithmName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Hash::named(self.0) {
            Some(hash) => f.write_str(hash.text()),
            None => write!(f, "{}", present::name(self.0)),
        }
    }
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
