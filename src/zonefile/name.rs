//! Names as a zone file writes them: relative to an origin, absolute, or `@`.

use super::error::{Fault, ZoneFileErrorKind};
use super::token::{Escapes, Token, unescape_first};
use crate::wire::{MAX_LABEL, MAX_NAME};

/// How names in a file are read at the present place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming<'o> {
    /// What stands behind relative names, in wire form.
    pub(super) origin: &'o [u8],
    /// What `\DDD` means.
    pub(super) escapes: Escapes,
}

impl Naming<'_> {
    /// Appends the name in wire form.
    ///
    /// RFC 1035 section 5.1: names that end in a dot are absolute, others get the origin behind them, `@` is the origin.
    pub(super) fn push(&self, token: &Token<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        if token.quoted {
            return Err(token.fault(ZoneFileErrorKind::Quoted));
        }
        match token.text {
            b"@" => out.extend_from_slice(self.origin),
            b"." => out.push(0),
            _ => {
                let start = out.len();
                let absolute = if token.escaped { self.push_escaped(token, out)? } else { push_plain(token, out)? };
                if !absolute {
                    out.extend_from_slice(self.origin);
                }
                if out.len().saturating_sub(start) > MAX_NAME {
                    return Err(token.fault(ZoneFileErrorKind::NameTooLong));
                }
            }
        }
        Ok(())
    }

    /// As [`push_plain`] for a name with escapes: an escaped dot does not end a label.
    fn push_escaped(&self, token: &Token<'_>, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let mut label_at = out.len();
        out.push(0);
        let mut rest = token.text;
        while !rest.is_empty() {
            let at = token.text.len().saturating_sub(rest.len());
            let bad = token.fault_at(at, ZoneFileErrorKind::Escape);
            let (octet, escaped, tail) = unescape_first(rest, self.escapes).ok_or(bad)?;
            rest = tail;
            if octet != b'.' || escaped {
                out.push(octet);
                continue;
            }
            set_length(label_at, out).map_err(|kind| token.fault_at(at, kind))?;
            label_at = out.len();
            out.push(0);
        }
        if out.len() == label_at + 1 {
            return Ok(true);
        }
        set_length(label_at, out).map_err(|kind| token.fault(kind))?;
        Ok(false)
    }
}

/// Writes the length of the label that goes from there to the end.
fn set_length(label_at: usize, out: &mut [u8]) -> Result<(), ZoneFileErrorKind> {
    let length = out.len().saturating_sub(label_at + 1);
    let place = out.get_mut(label_at).ok_or(ZoneFileErrorKind::EmptyLabel)?;
    *place = label_length(length)?;
    Ok(())
}

/// A length as its octet.
fn label_length(length: usize) -> Result<u8, ZoneFileErrorKind> {
    match u8::try_from(length) {
        Ok(0) => Err(ZoneFileErrorKind::EmptyLabel),
        Ok(octet) if length <= MAX_LABEL => Ok(octet),
        _ => Err(ZoneFileErrorKind::LabelTooLong),
    }
}

/// Appends the labels of a name without escapes, and the root if it ends in a dot; returns whether it does.
///
/// The text is copied behind one octet of length; every dot then becomes the length of the label that follows it.
fn push_plain(token: &Token<'_>, out: &mut Vec<u8>) -> Result<bool, Fault> {
    let start = out.len();
    out.push(0);
    out.extend_from_slice(token.text);
    let labels = out.get_mut(start..).unwrap_or_default();
    let mut rest = labels;
    let mut at = 0;
    loop {
        let Some((length, tail)) = rest.split_first_mut() else { return Ok(true) };
        if tail.is_empty() {
            *length = 0;
            return Ok(true);
        }
        let dot = tail.iter().position(|octet| *octet == b'.');
        let size = dot.unwrap_or(tail.len());
        *length = label_length(size).map_err(|kind| token.fault_at(at, kind))?;
        at += size + 1;
        match tail.get_mut(size..) {
            Some(next) if dot.is_some() => rest = next,
            _ => return Ok(false),
        }
    }
}
