//! DER (X.690) as far as Kerberos and SPNEGO use it: read strictly, written exactly.
//!
//! The reader hands out slices of what it was given: no length of the wire becomes an allocation, and nothing recurses.

use super::KerberosError;
use zeroize::Zeroizing;

/// INTEGER.
const INTEGER: u8 = 0x02;
/// BIT STRING.
const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
const OCTET_STRING: u8 = 0x04;
/// `GeneralizedTime`.
const GENERALIZED_TIME: u8 = 0x18;
/// `GeneralString`.
const GENERAL_STRING: u8 = 0x1B;
/// SEQUENCE and SEQUENCE OF.
pub(crate) const SEQUENCE: u8 = 0x30;

/// The tag `[APPLICATION n]`, constructed.
pub(crate) const fn application(number: u8) -> u8 {
    0x60 | number
}

/// The tag `[n]`, constructed.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// What is left to read of one value's contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'d> {
    /// The octets.
    rest: &'d [u8],
    /// What is being read, for errors.
    what: &'static str,
}

impl<'d> Reader<'d> {
    /// Over these octets; `what` names them in errors.
    pub(crate) const fn new(octets: &'d [u8], what: &'static str) -> Self {
        Self { rest: octets, what }
    }

    /// Whatever this reads is not what it must be.
    pub(crate) const fn fail(&self) -> KerberosError {
        KerberosError::Malformed { what: self.what }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value.
    fn tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value: its tag, its contents, and all of its octets.
    fn value(&mut self) -> Result<(u8, &'d [u8], &'d [u8]), KerberosError> {
        let whole = self.rest;
        let (&tag, rest) = whole.split_first().ok_or(self.fail())?;
        // Tags of more than one octet do not occur in Kerberos.
        if tag & 0x1F == 0x1F {
            return Err(self.fail());
        }
        let (&first, rest) = rest.split_first().ok_or(self.fail())?;
        let (length, rest) = match first {
            0..=0x7F => (usize::from(first), rest),
            // X.690 section 8.1.3.5: so many octets of length; none is the indefinite form, which DER forbids.
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7F)).ok_or(self.fail())?;
                let length = octets.iter().fold(0_u32, |length, octet| length << 8 | u32::from(*octet));
                // X.690 section 10.1: the shortest form.
                let shortest = octets.first() != Some(&0) && length > 0x7F;
                (usize::try_from(length).ok().filter(|_| shortest).ok_or(self.fail())?, rest)
            }
            _ => return Err(self.fail()),
        };
        let (contents, rest) = rest.split_at_checked(length).ok_or(self.fail())?;
        self.rest = rest;
        let octets = whole.split_at_checked(whole.len().saturating_sub(rest.len())).map(|(octets, _)| octets);
        Ok((tag, contents, octets.unwrap_or_default()))
    }

    /// The contents of the next value, which has this tag.
    pub(crate) fn enter(&mut self, tag: u8) -> Result<Self, KerberosError> {
        self.optional(tag)?.ok_or(self.fail())
    }

    /// The contents of the next value if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Self>, KerberosError> {
        if self.tag() != Some(tag) {
            return Ok(None);
        }
        let (_, contents, _) = self.value()?;
        Ok(Some(Self { rest: contents, what: self.what }))
    }

    /// The only value, of this tag, in a value of that tag: `[n] SEQUENCE` and the like.
    pub(crate) fn enter_both(&mut self, outer: u8, inner: u8) -> Result<Self, KerberosError> {
        let mut outer = self.enter(outer)?;
        let inner = outer.enter(inner)?;
        outer.end()?;
        Ok(inner)
    }

    /// The contents of the only value in the `[n]` that comes next, if it comes.
    fn field(&mut self, number: u8, tag: u8) -> Result<Option<&'d [u8]>, KerberosError> {
        let Some(mut outer) = self.optional(context(number))? else { return Ok(None) };
        let inner = outer.enter(tag)?;
        outer.end()?;
        Ok(Some(inner.rest))
    }

    /// All octets of the next value, tag and length included.
    pub(crate) fn raw(&mut self) -> Result<&'d [u8], KerberosError> {
        self.value().map(|(_, _, octets)| octets)
    }

    /// The contents of the next value, whatever its tag.
    pub(crate) fn any(&mut self) -> Result<&'d [u8], KerberosError> {
        self.value().map(|(_, contents, _)| contents)
    }

    /// The contents that are left, as they are.
    pub(crate) const fn contents(&self) -> &'d [u8] {
        self.rest
    }

    /// Nothing may be left.
    pub(crate) const fn end(&self) -> Result<(), KerberosError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fail()) }
    }

    /// `[n] INTEGER`, if it comes next. Some write numbers of 32 bits without the zero octet that keeps them positive.
    pub(crate) fn optional_integer(&mut self, number: u8) -> Result<Option<i64>, KerberosError> {
        let Some(octets) = self.field(number, INTEGER)? else { return Ok(None) };
        let negative = octets.first().ok_or(self.fail())? & 0x80 != 0;
        if octets.len() > 8 {
            return Err(self.fail());
        }
        let start = if negative { -1 } else { 0 };
        Ok(Some(octets.iter().fold(start, |value, octet| value << 8 | i64::from(*octet))))
    }

    /// `[n] INTEGER`.
    pub(crate) fn integer(&mut self, number: u8) -> Result<i64, KerberosError> {
        self.optional_integer(number)?.ok_or(self.fail())
    }

    /// `[n] OCTET STRING`, if it comes next.
    pub(crate) fn optional_octets(&mut self, number: u8) -> Result<Option<&'d [u8]>, KerberosError> {
        self.field(number, OCTET_STRING)
    }

    /// `[n] OCTET STRING`.
    pub(crate) fn octets(&mut self, number: u8) -> Result<&'d [u8], KerberosError> {
        self.optional_octets(number)?.ok_or(self.fail())
    }

    /// `[n] BIT STRING` of 32 bits, as flags have them.
    pub(crate) fn flags(&mut self, number: u8) -> Result<u32, KerberosError> {
        let octets = self.field(number, BIT_STRING)?.ok_or(self.fail())?;
        let (_, bits) = octets.split_first().ok_or(self.fail())?;
        let four = bits.first_chunk::<4>().ok_or(self.fail())?;
        Ok(u32::from_be_bytes(*four))
    }

    /// `[n] KerberosString`, if it comes next. What is not UTF-8 is no name that we could use.
    pub(crate) fn optional_string(&mut self, number: u8) -> Result<Option<&'d str>, KerberosError> {
        let octets = self.field(number, GENERAL_STRING)?;
        octets.map(|octets| std::str::from_utf8(octets).map_err(|_| self.fail())).transpose()
    }

    /// `[n] KerberosString`.
    pub(crate) fn string(&mut self, number: u8) -> Result<&'d str, KerberosError> {
        self.optional_string(number)?.ok_or(self.fail())
    }

    /// A `KerberosString` that is no field.
    pub(crate) fn bare_string(&mut self) -> Result<&'d str, KerberosError> {
        let inner = self.enter(GENERAL_STRING)?;
        std::str::from_utf8(inner.rest).map_err(|_| self.fail())
    }

    /// `[n] KerberosTime` as seconds since 1970, if it comes next.
    pub(crate) fn optional_time(&mut self, number: u8) -> Result<Option<u64>, KerberosError> {
        let text = self.field(number, GENERALIZED_TIME)?;
        text.map(|text| seconds(text).ok_or(self.fail())).transpose()
    }

    /// `[n] KerberosTime` as seconds since 1970.
    pub(crate) fn time(&mut self, number: u8) -> Result<u64, KerberosError> {
        self.optional_time(number)?.ok_or(self.fail())
    }
}

/// RFC 4120 section 5.2.3: `YYYYMMDDHHMMSSZ` and nothing else. Zero before 1970, where no ticket is of use.
fn seconds(text: &[u8]) -> Option<u64> {
    let (digits, zone) = text.split_at_checked(14)?;
    if zone != b"Z" || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number =
        |from: usize, to: usize| -> Option<i64> { std::str::from_utf8(digits.get(from..to)?).ok()?.parse().ok() };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(u64::try_from(seconds).unwrap_or(0))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// A date from the days since 1970-01-01: year, month, day.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let part = (5 * of_year + 2) / 153;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, of_year - (153 * part + 2) / 5 + 1)
}

/// Values being written one behind the other. All of it is wiped in the end: keys pass through it.
#[derive(Default)]
pub(crate) struct Writer {
    /// The octets.
    octets: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A value of this tag with these contents.
    pub(crate) fn value(mut self, tag: u8, contents: &[u8]) -> Self {
        self.octets.push(tag);
        let length = contents.len().to_be_bytes();
        let zeros = length.iter().take_while(|octet| **octet == 0).count();
        let significant = length.get(zeros..).unwrap_or_default();
        match *significant {
            [] => self.octets.push(0),
            [only @ 0..=0x7F] => self.octets.push(only),
            _ => {
                // A length has at most eight octets.
                self.octets.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
                self.octets.extend_from_slice(significant);
            }
        }
        self.octets.extend_from_slice(contents);
        self
    }

    /// A value of this tag around what the closure writes.
    pub(crate) fn around(self, tag: u8, write: impl FnOnce(Self) -> Self) -> Self {
        let inner = write(Self::new());
        self.value(tag, &inner.octets)
    }

    /// SEQUENCE.
    pub(crate) fn sequence(self, write: impl FnOnce(Self) -> Self) -> Self {
        self.around(SEQUENCE, write)
    }

    /// `[n] SEQUENCE`.
    pub(crate) fn sequence_field(self, number: u8, write: impl FnOnce(Self) -> Self) -> Self {
        self.around(context(number), |field| field.sequence(write))
    }

    /// What is written already.
    pub(crate) fn raw(mut self, octets: &[u8]) -> Self {
        self.octets.extend_from_slice(octets);
        self
    }

    /// INTEGER, in as few octets as hold it.
    pub(crate) fn bare_integer(self, value: i64) -> Self {
        let octets = value.to_be_bytes();
        let spare = if value < 0 { 0xFF } else { 0 };
        // X.690 section 8.3.2: the first nine bits are not all alike.
        let keep = |pair: &[u8]| matches!(pair, [a, b] if *a != spare || (b ^ spare) & 0x80 != 0);
        let start = octets.windows(2).position(keep).unwrap_or(octets.len() - 1);
        self.value(INTEGER, octets.get(start..).unwrap_or_default())
    }

    /// `[n] INTEGER`.
    pub(crate) fn integer(self, number: u8, value: i64) -> Self {
        self.around(context(number), |field| field.bare_integer(value))
    }

    /// `[n] OCTET STRING`.
    pub(crate) fn octets(self, number: u8, octets: &[u8]) -> Self {
        self.around(context(number), |field| field.value(OCTET_STRING, octets))
    }

    /// `[n] BIT STRING` of 32 bits.
    pub(crate) fn flags(self, number: u8, flags: u32) -> Self {
        let [a, b, c, d] = flags.to_be_bytes();
        self.around(context(number), |field| field.value(BIT_STRING, &[0, a, b, c, d]))
    }

    /// `GeneralString`.
    pub(crate) fn bare_string(self, text: &str) -> Self {
        self.value(GENERAL_STRING, text.as_bytes())
    }

    /// `[n] KerberosString`.
    pub(crate) fn string(self, number: u8, text: &str) -> Self {
        self.around(context(number), |field| field.bare_string(text))
    }

    /// `[n] KerberosTime` of so many seconds since 1970.
    pub(crate) fn time(self, number: u8, seconds: u64) -> Self {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let ((year, month, day), of_day) = (date(seconds / 86_400), seconds % 86_400);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
        self.around(context(number), |field| field.value(GENERALIZED_TIME, text.as_bytes()))
    }

    /// The octets, to be sent or encrypted.
    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.octets
    }
}
