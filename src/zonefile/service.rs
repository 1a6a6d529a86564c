//! The parameters of SVCB and HTTPS (RFC 9460 section 2.1).

use super::error::{Fault, Stop, ZoneFileErrorKind as Kind};
use super::rdata::{RdataReader, decimal, decode_into, ipv4, ipv6};
use super::token::{Token, unescape};
use crate::present::service_key_from_text;
use data_encoding::BASE64;

/// Appends all parameters to the end of the entry, ascending by key.
///
/// RFC 9460 section 2.1: they may appear in any order, but no key twice; section 2.2: on the wire they ascend.
pub(super) fn parameters(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let start = reader.out.len();
    let (mut previous, mut ascending) = (None, true);
    while let Some(token) = reader.tokens.next_pair()? {
        let at = reader.out.len();
        let key = parameter(&token, reader)?;
        let length = reader.out.len().saturating_sub(at + 4);
        let length = u16::try_from(length).map_err(|_| token.fault(Kind::RdataTooLong))?;
        let fields = [key.to_be_bytes(), length.to_be_bytes()].concat();
        reader.out.get_mut(at..at + 4).into_iter().for_each(|place| place.copy_from_slice(&fields));
        ascending &= previous.is_none_or(|previous| previous < key);
        previous = Some(key);
    }
    // A key that is there twice is found by the walk over the result.
    if !ascending {
        sort(start, reader);
    }
    Ok(())
}

/// Sorts the parameters from there to the end by their keys.
fn sort(start: usize, reader: &mut RdataReader<'_, '_>) {
    let octets = reader.out.split_off(start);
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = octets.as_slice();
    while let Some([_, _, high, low]) = rest.first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((part, tail)) = rest.split_at_checked(length.saturating_add(4)) else { break };
        parts.push(part);
        rest = tail;
    }
    parts.sort_by_key(|part| part.first_chunk::<2>().copied());
    for part in parts {
        reader.out.extend_from_slice(part);
    }
}

/// Appends room for key and length, and the value; returns the key.
fn parameter(token: &Token<'_>, reader: &mut RdataReader<'_, '_>) -> Result<u16, Fault> {
    let bad = token.fault(Kind::ServiceParameter);
    let (key_text, value) = match token.text.iter().position(|octet| *octet == b'=') {
        Some(at) => (token.text.get(..at), token.text.get(at + 1..)),
        None => (Some(token.text), None),
    };
    let key = key_text.filter(|_| !token.quoted).and_then(|key| std::str::from_utf8(key).ok());
    let (key, known) = key.and_then(service_key_from_text).ok_or(bad)?;
    reader.out.extend_from_slice(&[0; 4]);
    let Some(value) = value else { return Ok(key) };
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    reader.scratch.clear();
    unescape(
        &Token { text: value, at: token.at, quoted: false, escaped: true },
        reader.naming.escapes,
        reader.scratch,
    )?;
    let value = reader.scratch.as_slice();
    let mut items = value.split(|octet| *octet == b',');
    let out = &mut *reader.out;
    // RFC 9460 section 2.1: behind `keyN` stand the octets themselves, whatever the key.
    let read = match key {
        _ if !known => {
            out.extend_from_slice(value);
            Some(())
        }
        0 => mandatory(items, out),
        1 => identifiers(value, out),
        3 => decimal(value).and_then(|port| u16::try_from(port).ok()).map(|p| out.extend_from_slice(&p.to_be_bytes())),
        4 => items.try_for_each(|item| ipv4(item).map(|address| out.extend_from_slice(&address))),
        5 => decode_into(value, &BASE64, out),
        6 => items.try_for_each(|item| ipv6(item).map(|address| out.extend_from_slice(&address))),
        _ => {
            out.extend_from_slice(value);
            Some(())
        }
    };
    read.map(|()| key).ok_or(bad)
}

/// RFC 9460 section 8: a list of keys, ascending on the wire.
fn mandatory<'v>(items: impl Iterator<Item = &'v [u8]>, out: &mut Vec<u8>) -> Option<()> {
    let keys = items.map(|item| std::str::from_utf8(item).ok().and_then(service_key_from_text).map(|(key, _)| key));
    let mut keys = keys.collect::<Option<Vec<u16>>>()?;
    keys.sort_unstable();
    out.extend(keys.into_iter().flat_map(u16::to_be_bytes));
    Some(())
}

/// RFC 9460 appendix A.1: a list with commas, in which a backslash takes the meaning from a comma or a backslash.
fn identifiers(value: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut start = out.len();
    out.push(0);
    let mut octets = value.iter();
    loop {
        match octets.next() {
            Some(b'\\') => out.push(*octets.next().filter(|octet| matches!(octet, b'\\' | b','))?),
            Some(octet) if *octet != b',' => out.push(*octet),
            end_of_item => {
                *out.get_mut(start)? = u8::try_from(out.len().checked_sub(start + 1)?).ok()?;
                end_of_item?;
                start = out.len();
                out.push(0);
            }
        }
        if octets.len() == 0 {
            *out.get_mut(start)? = u8::try_from(out.len().checked_sub(start + 1)?).ok()?;
            return Some(());
        }
    }
}
