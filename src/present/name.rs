//! Names as text, in and out.

use super::Shown;
use crate::wire::{MAX_LABEL, WireName};
use std::fmt::{self, Write};

/// An absolute name, one token for terminals, zone files and nsupdate.
///
/// RFC 1035 section 5.1: `\X` takes the meaning from a character, `\DDD` is an octet by its decimal value. Escaped are
/// all octets outside of `!` to `~`, and `.` `"` `\` `;` `@` `$` `(` `)` within labels. Case is shown as it is.
pub fn name(name: &WireName) -> impl fmt::Display {
    Shown(|f: &mut fmt::Formatter<'_>| {
        if *name == WireName::ROOT {
            return f.write_char('.');
        }
        for label in name.labels() {
            label.iter().try_for_each(|octet| write_in_label(*octet, f))?;
            f.write_char('.')?;
        }
        Ok(())
    })
}

/// One octet of a label.
fn write_in_label(octet: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match octet {
        b'.' | b'"' | b'\\' | b';' | b'@' | b'$' | b'(' | b')' => write!(f, "\\{}", char::from(octet)),
        b'!'..=b'~' => f.write_char(char::from(octet)),
        _ => write!(f, "\\{octet:03}"),
    }
}

/// Why a text is not a name, and where: the caller's to correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a domain name, at character {}: {kind}", at + 1)]
pub struct NameTextError {
    /// Octets before the place in question.
    pub at: usize,
    /// The rule that was broken.
    pub kind: NameTextErrorKind,
}

/// The rules of names as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameTextErrorKind {
    /// There is no name of no characters; the root is a dot.
    #[error("there is nothing here; the root is written as a dot")]
    Empty,
    /// Two dots, or one at the start.
    #[error("an empty label: a dot at the start, or two in a row")]
    EmptyLabel,
    /// RFC 1035 section 2.3.4.
    #[error("a label of more than 63 octets")]
    LabelTooLong,
    /// RFC 1035 section 2.3.4.
    #[error("the name is longer than 255 octets")]
    NameTooLong,
    /// RFC 1035 section 5.1: `\DDD` or `\X`.
    #[error("after a backslash comes one character that is no digit, or three digits up to 255")]
    Escape,
    /// Spaces, control characters and everything outside of ASCII are written as `\DDD`.
    #[error(r"a space, control or non-ASCII character; write the octet as \DDD, or a U-label as its A-label")]
    NotPrintable,
}

/// Reads a name as a person types it; it is absolute with or without its final dot.
///
/// # Errors
/// The first rule that it breaks, and its place.
pub fn name_from_text(text: &str) -> Result<WireName, NameTextError> {
    let fail = |at, kind| Err(NameTextError { at, kind });
    if text == "." {
        return Ok(WireName::ROOT);
    }
    if text.is_empty() {
        return fail(0, NameTextErrorKind::Empty);
    }
    let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
    let mut rest = text.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        let at = text.len() - rest.len();
        rest = tail;
        let Some(label) = labels.last_mut() else { break };
        let octet = match octet {
            b'.' if label.is_empty() => return fail(at, NameTextErrorKind::EmptyLabel),
            b'.' => {
                labels.push(Vec::new());
                continue;
            }
            b'\\' => {
                let Some((octet, tail)) = unescape(rest) else { return fail(at, NameTextErrorKind::Escape) };
                rest = tail;
                octet
            }
            b'!'..=b'~' => octet,
            _ => return fail(at, NameTextErrorKind::NotPrintable),
        };
        if label.len() == MAX_LABEL {
            return fail(at, NameTextErrorKind::LabelTooLong);
        }
        label.push(octet);
    }
    if labels.last().is_some_and(Vec::is_empty) {
        labels.pop();
    }
    let too_long = NameTextError { at: text.len(), kind: NameTextErrorKind::NameTooLong };
    WireName::from_labels(labels.iter().map(Vec::as_slice)).ok_or(too_long)
}

/// The octet that stands behind a backslash, and what follows it.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [hundreds @ b'0'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            let value = [hundreds, tens, ones].iter().fold(0, |value, digit| value * 10 + u16::from(**digit - b'0'));
            Some((u8::try_from(value).ok()?, rest))
        }
        [b'!'..=b'/' | b':'..=b'~', rest @ ..] => text.first().map(|octet| (*octet, rest)),
        _ => None,
    }
}
