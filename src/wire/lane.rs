//! The fast lane for RDATA of the types of which zones are full.
//!
//! It only ever says that RDATA is good. What it does not know, and what breaks a rule, goes through the table of
//! grammars, which says what is wrong; so it can refuse nothing by itself. That it passes nothing that the table refuses
//! is held by a test over every one of its types.

use super::Rtype;
use super::known::KnownNames;
use super::name::walk;

#[cfg(test)]
mod tests;

/// Whether the RDATA between these offsets is surely that of its type.
#[inline]
pub(super) fn is_good(
    rtype: Rtype,
    at: usize,
    end: usize,
    message: &[u8],
    known: &mut KnownNames<'_>,
    hops: &mut usize,
) -> bool {
    let length = end.saturating_sub(at);
    match rtype.0 {
        // A, AAAA.
        1 => length == 4,
        28 => length == 16,
        // NS, CNAME, PTR; MX; SRV; SOA.
        2 | 5 | 12 => name_ends(at, end, known, hops) == Some(end),
        15 => name_ends(at + 2, end, known, hops) == Some(end),
        33 => name_ends(at + 6, end, known, hops) == Some(end),
        6 => {
            let names = name_ends(at, end, known, hops).and_then(|rname| name_ends(rname, end, known, hops));
            names.is_some_and(|numbers| numbers + 20 == end)
        }
        // TXT.
        16 => are_texts(message.get(at..end).unwrap_or_default()),
        // DS: key tag, algorithm, digest type, a digest.
        43 => length >= 5,
        // DNSKEY: flags, protocol, an algorithm that names no owner of its own, a key.
        48 => length >= 4 && message.get(at + 3).is_some_and(|algorithm| *algorithm < 253),
        // RRSIG: eighteen octets, a name without pointers, a signature.
        46 => plain_name_ends(message, at + 18, end).is_some_and(|signature| signature < end),
        _ => false,
    }
}

/// The offset after the name at `at`, compressed or not.
fn name_ends(at: usize, end: usize, known: &mut KnownNames<'_>, hops: &mut usize) -> Option<usize> {
    known.skip(at, end, hops).ok().map(|name| name.next)
}

/// The offset after the name at `at`, if it has no pointer.
fn plain_name_ends(message: &[u8], at: usize, end: usize) -> Option<usize> {
    walk(message, at, end, &mut 0, &mut |_| ()).ok().map(|(_, next)| next)
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
