//! The fast lane for RDATA of the types of which zones are full.
//!
//! It only ever says that RDATA is good. What it does not know, and what breaks a rule, goes through the table of
//! grammars, which says what is wrong; so it can refuse nothing by itself. That it passes nothing that the table refuses
//! is held by a test over every one of its types.

use super::name::walk;
use super::names::{Name, Names};
use super::rdata::{Field, skip_field};
use super::{Cursor, Rtype};

#[cfg(test)]
mod tests;

/// Reads the RDATA between these offsets, if it is surely that of its type: gives the name with which it ends, if it is one
/// that may be compressed.
#[inline]
pub(super) fn read(
    rtype: Rtype,
    at: usize,
    end: usize,
    message: &[u8],
    names: &mut Names,
    hops: &mut usize,
) -> Option<Name> {
    let length = end.saturating_sub(at);
    let mut last_name = |at| names.read(message, at, end, hops).ok().filter(|name| name.next == end);
    let is_good = match rtype.0 {
        // A, AAAA.
        1 => length == 4,
        28 => length == 16,
        // NS, CNAME, PTR; MX; SRV; SOA.
        2 | 5 | 12 => return last_name(at),
        15 => return last_name(at + 2),
        33 => return last_name(at + 6),
        6 => {
            let mname = names.read(message, at, end, hops).ok()?;
            names.read(message, mname.next, end, hops).ok()?.next + 20 == end
        }
        // TXT.
        16 => are_texts(message.get(at..end)?),
        // DS: key tag, algorithm, digest type, a digest.
        43 => length >= 5,
        // DNSKEY: flags, protocol, an algorithm that names no owner of its own, a key.
        48 => length >= 4 && *message.get(at + 3)? < 253,
        // RRSIG: eighteen octets, a name without pointers, a signature.
        46 => plain_name_ends(message, at + 18, end)? < end,
        // NSEC: a name without pointers, the types.
        47 => are_types(message, plain_name_ends(message, at, end)?, end),
        _ => false,
    };
    is_good.then_some(Name::NONE)
}

/// The offset after the name at `at`, if it has no pointer.
fn plain_name_ends(message: &[u8], at: usize, end: usize) -> Option<usize> {
    walk(message, at, end, &mut 0, &mut |_| ()).ok().map(|(_, next)| next)
}

/// Whether a type bit map stands between these offsets.
fn are_types(message: &[u8], at: usize, end: usize) -> bool {
    skip_field(Field::TypeBitmap, &mut Cursor::between(message, at, end)).is_ok()
}

/// Whether these are one or more whole character strings.
fn are_texts(octets: &[u8]) -> bool {
    let mut rest = octets;
    while let Some((length, after)) = rest.split_first() {
        let Some(after) = after.get(usize::from(*length)..) else { return false };
        rest = after;
    }
    !octets.is_empty()
}
