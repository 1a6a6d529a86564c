//! Numbers that have a form of their own: lifetimes with units, and dates.

use super::rdata::decimal;

/// Seconds as digits, or as BIND writes them: `1w2d3h4m5s`, each unit behind its number, in any order and case.
pub(super) fn seconds_with_units(text: &[u8]) -> Option<u32> {
    if let Some(seconds) = decimal(text) {
        return u32::try_from(seconds).ok();
    }
    let mut total = 0_u32;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (number, tail) = rest.split_at_checked(digits)?;
        let (unit, tail) = tail.split_first()?;
        let size = match unit.to_ascii_lowercase() {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(u32::try_from(decimal(number)?).ok()?.checked_mul(size)?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

/// `YYYYMMDDHHmmSS` as seconds since 1970 (RFC 4034 section 3.2), for the years from 1970 to 2106 that 32 bits hold.
pub(super) fn seconds_of_date(digits: &[u8]) -> Option<u32> {
    let part = |from: usize, to: usize| decimal(digits.get(from..to)?);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let in_month = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let in_calendar = year >= 1970 && (1..=12).contains(&month) && (1..=in_month).contains(&day);
    if digits.len() != 14 || !in_calendar || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years begin in March, so that the leap day ends them.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    // 1 January 1970 by the same count.
    let days = days.checked_sub(719_468)?;
    u32::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second).ok()
}
