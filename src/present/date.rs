//! Seconds since 1970 as dates of the Gregorian calendar, in UTC. No clock is asked.

use super::Shown;
use std::fmt;

/// A date and time of day.
struct Date {
    /// The year.
    year: u64,
    /// The month, from 1.
    month: u64,
    /// The day, from 1.
    day: u64,
    /// Hour, minute and second.
    time: [u64; 3],
}

impl Date {
    /// That many seconds after the start of 1970; no leap seconds, as everywhere in DNS.
    fn of(seconds: u64) -> Self {
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Counted from 1 March of the year 0, a year ends with its leap day, and 400 years are a cycle.
        let days = days + 719_468;
        let (cycle, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self { year: cycle * 400 + year + next, month, day, time: [second / 3_600, second / 60 % 60, second % 60] }
    }
}

/// `YYYY-MM-DD hh:mm:ss UTC`, for people.
pub fn utc(seconds: u64) -> impl fmt::Display {
    let Date { year, month, day, time: [hour, minute, second] } = Date::of(seconds);
    Shown(move |f: &mut fmt::Formatter<'_>| {
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    })
}

/// `YYYYMMDDHHmmSS` (RFC 4034 section 3.2). The field wraps in 2106; each value is shown in the years from 1970 to 2106.
pub(super) fn date(seconds: u32) -> impl fmt::Display {
    let Date { year, month, day, time: [hour, minute, second] } = Date::of(seconds.into());
    Shown(move |f: &mut fmt::Formatter<'_>| write!(f, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"))
}
