//! `$GENERATE`, as BIND has it: one record for each number of a range.

use super::error::{Fault, Stop, ZoneFileErrorKind as Kind};
use super::rdata::decimal;
use super::token::{Token, Tokens};

/// The widest number that may be written: more fits no label.
const WIDTH: u64 = 255;

/// A range that is being written out.
#[derive(Debug)]
pub(super) struct Generate {
    /// The owner with its places for the number.
    owner: Vec<u8>,
    /// TTL, class and type, as they stand there.
    middle: Vec<u8>,
    /// The data with its places for the number.
    data: Vec<u8>,
    /// The next number; `None` behind the last.
    next: Option<u32>,
    /// The last number, or one after it.
    last: u32,
    /// From one number to the next.
    step: u32,
    /// Where the directive stands, for messages.
    pub(super) line: u64,
}

impl Generate {
    /// Reads the parts of the directive, which stands in that line.
    pub(super) fn read(directive: &Token<'_>, tokens: &mut Tokens<'_>, line: u64) -> Result<Self, Stop> {
        let range = tokens.expect(Kind::Generate)?;
        let (start, last, step) = numbers(range.text).ok_or_else(|| range.fault(Kind::Generate))?;
        let owner = tokens.expect(Kind::Generate)?;
        let mut parts = Vec::new();
        while let Some(token) = tokens.next()? {
            parts.push(token);
        }
        // TTL and class may be missing, type and data may not.
        let Some((data, middle)) = parts.split_last().filter(|(_, middle)| (1..=3).contains(&middle.len())) else {
            return Err(directive.fault(Kind::Generate).into());
        };
        let middle = middle.iter().map(|token| token.text).collect::<Vec<_>>().join(&b' ');
        let generate =
            Self { owner: owner.text.to_vec(), middle, data: data.text.to_vec(), next: Some(start), last, step, line };
        // A bad place for the number is reported where it stands.
        generate.check(start, &owner)?;
        generate.check(start, data)?;
        Ok(generate)
    }

    /// How many records are still to come.
    pub(super) fn remaining(&self) -> u64 {
        self.next.map_or(0, |next| u64::from(self.last.saturating_sub(next) / self.step) + 1)
    }

    /// Writes the next record as an entry; `false` if there is none, `None` if a number cannot be written.
    pub(super) fn write_next(&mut self, entry: &mut Vec<u8>) -> Option<bool> {
        let Some(number) = self.next else { return Some(false) };
        self.next = number.checked_add(self.step).filter(|next| *next <= self.last);
        entry.clear();
        substitute(&self.owner, number, entry)?;
        entry.push(b' ');
        entry.extend_from_slice(&self.middle);
        entry.push(b' ');
        substitute(&self.data, number, entry)?;
        Some(true)
    }

    /// Tries the places of one part.
    fn check(&self, number: u32, part: &Token<'_>) -> Result<(), Fault> {
        let last = self.last.saturating_sub(self.last.saturating_sub(number) % self.step);
        let writes = |number| substitute(part.text, number, &mut Vec::new()).is_some();
        if writes(number) && writes(last) { Ok(()) } else { Err(part.fault(Kind::Generate)) }
    }
}

/// `start-stop` or `start-stop/step`.
fn numbers(text: &[u8]) -> Option<(u32, u32, u32)> {
    let dash = text.iter().position(|octet| *octet == b'-')?;
    let slash = text.iter().position(|octet| *octet == b'/');
    let part = |digits: &[u8]| u32::try_from(decimal(digits)?).ok();
    let start = part(text.get(..dash)?)?;
    let last = part(text.get(dash + 1..slash.unwrap_or(text.len()))?)?;
    let every = slash.map_or(Some(1), |slash| part(text.get(slash + 1..)?))?;
    (start <= last && every > 0).then_some((start, last, every))
}

/// Appends the text with the number in the place of each `$` and `${offset,width,base}`; `$$` is a dollar, and a
/// backslash keeps what is behind it.
fn substitute(text: &[u8], number: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some((octet, tail)) = rest.split_first() {
        rest = match (octet, tail) {
            (b'\\', [escaped, tail @ ..]) => {
                out.extend_from_slice(&[b'\\', *escaped]);
                tail
            }
            (b'$', [b'$', tail @ ..]) => {
                out.extend_from_slice(b"\\$");
                tail
            }
            (b'$', [b'{', tail @ ..]) => {
                let end = tail.iter().position(|octet| *octet == b'}')?;
                write_number(tail.get(..end)?, number, out)?;
                tail.get(end + 1..)?
            }
            (b'$', _) => {
                out.extend_from_slice(number.to_string().as_bytes());
                tail
            }
            _ => {
                out.push(*octet);
                tail
            }
        };
    }
    Some(())
}

/// The number as `offset`, `offset,width` or `offset,width,base` say.
fn write_number(format: &[u8], number: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut parts = format.split(|octet| *octet == b',');
    let offset = parts.next()?;
    let (negative, digits) = offset.strip_prefix(b"-").map_or((false, offset), |digits| (true, digits));
    let offset = i64::try_from(decimal(digits)?).ok()?;
    let value = i64::from(number).checked_add(if negative { -offset } else { offset })?;
    let value = u32::try_from(value).ok()?;
    let width = parts.next().map_or(Some(0), decimal).filter(|width| *width <= WIDTH)?;
    let width = usize::try_from(width).ok()?;
    let base = parts.next().unwrap_or(b"d");
    let shown = match base {
        b"d" => format!("{value:0width$}"),
        b"o" => format!("{value:0width$o}"),
        b"x" => format!("{value:0width$x}"),
        b"X" => format!("{value:0width$X}"),
        b"n" => nibbles(&format!("{value:x}"), width),
        b"N" => nibbles(&format!("{value:X}"), width),
        _ => return None,
    };
    out.extend_from_slice(shown.as_bytes());
    parts.next().is_none().then_some(())
}

/// Hexadecimal digits as labels, the lowest first; the width counts the dots.
fn nibbles(digits: &str, width: usize) -> String {
    let labels = width.div_ceil(2).max(digits.len());
    let zeros = std::iter::repeat_n('0', labels.saturating_sub(digits.len()));
    let mut shown = String::with_capacity(2 * labels);
    for digit in digits.chars().rev().chain(zeros) {
        if !shown.is_empty() {
            shown.push('.');
        }
        shown.push(digit);
    }
    // An even width ends in a dot.
    if shown.len() < width {
        shown.push('.');
    }
    shown
}
