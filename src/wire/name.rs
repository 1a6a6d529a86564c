//! Domain names as octets: labels with their length octets, ended by the root.
//!
//! Case is kept as received. What is equal is decided here without case ([RFC 4343]); what comes first is decided in
//! `canonical`. It does not parse or print text: that is `present`.
//!
//! [RFC 4343]: https://www.rfc-editor.org/rfc/rfc4343

use super::{WireError, WireErrorKind};
use hickory_proto::rr::Name;
use std::fmt;
use std::hash::{Hash, Hasher};

/// RFC 1035 section 2.3.4: names have 255 octets or less, length octets included.
pub const MAX_NAME: usize = 255;
/// RFC 1035 section 2.3.4: labels have 63 octets or less.
pub const MAX_LABEL: usize = 63;
/// RFC 1035 section 4.1.1: no name can start inside the header, so no pointer can point there.
const HEADER: usize = 12;

/// An absolute, uncompressed name of at most 255 octets, held in place (no allocation), case as received.
///
/// Equality and hash do not see the case of ASCII letters (RFC 4343 section 3).
#[derive(Clone, Copy)]
pub struct WireName {
    /// The labels and the final zero octet; what follows `len` is zero.
    octets: [u8; MAX_NAME],
    /// How many octets are in use, at least 1.
    len: u8,
}

impl WireName {
    /// The root: one zero octet.
    pub const ROOT: Self = Self { octets: [0; MAX_NAME], len: 1 };

    /// Reads the name at `at`; the part of it that stands there ends before `end`. Returns the offset after it.
    ///
    /// `hops` is reduced by every pointer that is followed.
    pub fn read(message: &[u8], at: usize, end: usize, hops: &mut usize) -> Result<(Self, usize), WireError> {
        let mut name = Self { octets: [0; MAX_NAME], len: 0 };
        let mut len = 0;
        let (length, next) = walk(message, at, end, hops, &mut |labels| {
            if let Some(place) = name.octets.get_mut(len..len + labels.len()) {
                place.copy_from_slice(labels);
            }
            len += labels.len();
        })?;
        name.len = length;
        Ok((name, next))
    }

    /// From octets that are one whole uncompressed name and nothing else.
    pub fn from_octets(octets: &[u8]) -> Result<Self, WireError> {
        let (name, next) = Self::read(octets, 0, octets.len(), &mut 0)?;
        if next == octets.len() { Ok(name) } else { Err(WireError::new(next, WireErrorKind::TrailingOctets)) }
    }

    /// From labels, leftmost first; `None` if one is empty or too long, or the whole is.
    pub fn from_labels<'l>(labels: impl IntoIterator<Item = &'l [u8]>) -> Option<Self> {
        let mut name = Self { octets: [0; MAX_NAME], len: 0 };
        let mut len = 0_usize;
        for label in labels {
            let length = u8::try_from(label.len()).ok().filter(|l| (1..=63).contains(l))?;
            let (first, rest) = name.octets.get_mut(len..len + label.len() + 1)?.split_first_mut()?;
            *first = length;
            rest.copy_from_slice(label);
            len += label.len() + 1;
        }
        name.len = u8::try_from(len + 1).ok()?;
        Some(name)
    }

    /// From hickory's name, taken as absolute. Such a name is never longer than 255 octets.
    pub fn from_name(name: &Name) -> Self {
        Self::from_labels(name.iter()).unwrap_or(Self::ROOT)
    }

    /// As hickory's name, absolute, case kept.
    pub fn to_name(&self) -> Name {
        let mut name = Name::from_labels(self.labels()).unwrap_or_default();
        name.set_fqdn(true);
        name
    }

    /// The octets, final zero included.
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The labels, leftmost first, without the root.
    pub fn labels(&self) -> Labels<'_> {
        Labels { rest: self.as_octets() }
    }

    /// Turns A-Z into a-z (RFC 4034 section 6.1). Length octets are below `A`, so one pass over all octets does it.
    #[must_use]
    pub fn to_lowercase(mut self) -> Self {
        if let Some(octets) = self.octets.get_mut(..usize::from(self.len)) {
            octets.make_ascii_lowercase();
        }
        self
    }

    /// Whether this is the name itself or one below it, label by label (`badexample.com` is not in `example.com`).
    pub fn is_at_or_below(&self, ancestor: &Self) -> bool {
        is_at_or_below(self.as_octets(), ancestor.as_octets())
    }

    /// The name without its leftmost label; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let mut labels = self.labels();
        labels.next()?;
        Self::from_octets(labels.rest).ok()
    }

    /// Whether the leftmost label is the asterisk of RFC 4592.
    pub fn is_wildcard(&self) -> bool {
        self.labels().next() == Some(b"*")
    }
}

impl PartialEq for WireName {
    fn eq(&self, other: &Self) -> bool {
        self.as_octets().eq_ignore_ascii_case(other.as_octets())
    }
}

impl Eq for WireName {}

impl Hash for WireName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let octets = self.as_octets();
        if octets.iter().any(u8::is_ascii_uppercase) {
            self.to_lowercase().as_octets().hash(state);
        } else {
            octets.hash(state);
        }
    }
}

impl fmt::Debug for WireName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireName({})", self.as_octets().escape_ascii())
    }
}

/// [`WireName::is_at_or_below`] for the octets of whole names.
pub(crate) fn is_at_or_below(name: &[u8], ancestor: &[u8]) -> bool {
    let Some((below, tail)) = name.len().checked_sub(ancestor.len()).and_then(|start| name.split_at_checked(start))
    else {
        return false;
    };
    if tail != ancestor && !tail.eq_ignore_ascii_case(ancestor) {
        return false;
    }
    let mut labels = below;
    while let Some((length, rest)) = labels.split_first() {
        let Some(rest) = rest.get(usize::from(*length)..) else { return false };
        labels = rest;
    }
    true
}

/// Appends the name at `at`, expanded; returns the offset after it. After an error a part of it may be there.
pub(super) fn expand(
    message: &[u8],
    at: usize,
    end: usize,
    hops: &mut usize,
    out: &mut Vec<u8>,
) -> Result<usize, WireError> {
    let (_, next) = walk(message, at, end, hops, &mut |labels| out.extend_from_slice(labels))?;
    out.push(0);
    Ok(next)
}

/// Walks over the name at `at`, and gives its labels part by part, less the final zero; returns how long it is expanded,
/// and the offset after it.
///
/// RFC 1035 section 4.1.4: "a pointer to a prior occurrence of the same name"; so each target lies before the part of the
/// name that pointed to it, ends there at the latest, and begins behind the header.
#[inline]
pub(super) fn walk(
    message: &[u8],
    at: usize,
    end: usize,
    hops: &mut usize,
    give: &mut impl FnMut(&[u8]),
) -> Result<(u8, usize), WireError> {
    let fail = |at, kind| Err(WireError::new(at, kind));
    let (mut part, mut limit, mut next, mut before) = (at, end.min(message.len()), None, 0_usize);
    loop {
        let mut here = part;
        let length = loop {
            if here >= limit {
                return fail(limit, WireErrorKind::UnexpectedEnd);
            }
            let Some(&length) = message.get(here) else { return fail(here, WireErrorKind::UnexpectedEnd) };
            if !(1..=63).contains(&length) {
                break length;
            }
            let after = here + usize::from(length) + 1;
            if after > limit {
                return fail(limit, WireErrorKind::UnexpectedEnd);
            }
            if before + (after - part) >= MAX_NAME {
                return fail(here, WireErrorKind::NameTooLong);
            }
            here = after;
        };
        give(message.get(part..here).unwrap_or_default());
        before += here - part;
        match length {
            0 => {
                let length = u8::try_from(before + 1).map_err(|_| WireError::new(here, WireErrorKind::NameTooLong))?;
                return Ok((length, next.unwrap_or(here + 1)));
            }
            0xC0.. => {
                let low = message.get(here + 1).filter(|_| here + 1 < limit);
                let Some(&low) = low else { return fail(limit, WireErrorKind::UnexpectedEnd) };
                *hops = match hops.checked_sub(1) {
                    Some(left) => left,
                    None => return fail(here, WireErrorKind::TooManyPointers),
                };
                let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                if target >= part || target < HEADER {
                    return fail(here, WireErrorKind::Pointer);
                }
                next = next.or(Some(here + 2));
                // A prior name has ended before the part that points to it, so it is not read into that part.
                (limit, part) = (part, target);
            }
            _ => return fail(here, WireErrorKind::LabelType),
        }
    }
}

/// The labels of a name, leftmost first; see [`WireName::labels`].
#[derive(Debug, Clone)]
pub struct Labels<'n> {
    /// The labels that are still to come, with the final zero.
    rest: &'n [u8],
}

impl<'n> Iterator for Labels<'n> {
    type Item = &'n [u8];

    fn next(&mut self) -> Option<&'n [u8]> {
        let (&length, tail) = self.rest.split_first()?;
        let (label, rest) = tail.split_at_checked(usize::from(length)).filter(|(label, _)| !label.is_empty())?;
        self.rest = rest;
        Some(label)
    }
}
