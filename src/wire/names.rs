//! The names of one message that were read so far, expanded: so a pointer to one of them is followed once and not again.

use super::name::{MAX_NAME, walk};
use super::{WireError, WireErrorKind};

/// How far a pointer reaches (RFC 1035 section 4.1.4: 14 bits).
const REACH: usize = 1 << 14;

/// What is not longer is copied in one step: a copy of fixed length costs less than one of the right length.
const STEP: usize = 32;

/// What a name takes at most, and a copy that goes over its end.
const ROOM: usize = MAX_NAME + STEP;

/// Where in a message labels of known names begin, and the names from there on.
///
/// Only what stood in a name when it was read is known, never what a pointer led to: so each known part lies wholly
/// before the name that is read next, which is what [`walk`] demands of a pointer's target.
///
/// It may be used for one message after the other.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By offset: the octets of the expanded name that begins there, at most 255, or zero.
    lengths: Vec<u8>,
    /// By offset, where that is not zero: where the name is in the text.
    places: Vec<u32>,
    /// The names, case as received, with room behind them.
    text: Vec<u8>,
    /// How many octets of the text are in use.
    used: usize,
}

/// A name that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// Where its first label is: behind the pointer, if it is nothing else. What begins at one place is one name.
    pub(super) start: usize,
    /// The offset after it.
    pub(super) next: usize,
    /// Where it is in the text.
    place: u32,
    /// How long it is there.
    length: u8,
}

impl Name {
    /// In place of a name where there is none, or none that matters.
    pub(super) const NONE: Self = Self { start: 0, next: 0, place: 0, length: 0 };
}

impl Names {
    /// None of this message yet.
    pub(super) fn begin(&mut self, message: &[u8]) {
        let reach = message.len().min(REACH);
        self.lengths.clear();
        self.lengths.resize(reach, 0);
        // What is not known has no place, so that old ones may stay.
        self.places.resize(self.places.len().max(reach), 0);
        self.used = 0;
    }

    /// A name, expanded.
    pub(super) fn text(&self, name: Name) -> &[u8] {
        self.text.get(name.place as usize..).and_then(|text| text.get(..usize::from(name.length))).unwrap_or_default()
    }

    /// Reads the name at `at` by the rules of [`walk`]; a pointer to a known name counts once.
    pub(super) fn read(&mut self, message: &[u8], at: usize, end: usize, hops: &mut usize) -> Result<Name, WireError> {
        if self.text.len() < self.used + 2 * ROOM {
            self.text.resize(2 * self.text.len() + 2 * ROOM, 0);
        }
        match self.read_known(message, at, end.min(message.len()), hops) {
            Some(name) => Ok(name),
            None => self.read_unknown(message, at, end, hops),
        }
    }

    /// Reads a name that ends without a pointer or with one to a known name; `None` for all that needs a closer look.
    #[inline]
    fn read_known(&mut self, message: &[u8], at: usize, end: usize, hops: &mut usize) -> Option<Name> {
        let (octets, mut here) = (message.get(..end)?, at);
        let (suffix, next, own) = loop {
            let length = *octets.get(here)?;
            match length {
                0 => break (None, here + 1, here + 1 - at),
                1..=63 => here += usize::from(length) + 1,
                0xC0.. => {
                    let low = *octets.get(here + 1)?;
                    let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                    let known = *self.lengths.get(target).filter(|known| **known > 0)?;
                    let place = *self.places.get(target)?;
                    *hops = hops.checked_sub(1)?;
                    if here == at {
                        return Some(Name { start: target, next: here + 2, place, length: known });
                    }
                    break (Some((place as usize, usize::from(known))), here + 2, here - at);
                }
                _ => return None,
            }
        };
        let length = u8::try_from(own + suffix.map_or(0, |(_, known)| known)).ok()?;
        copy(message.get(at..)?, own, self.text.get_mut(self.used..)?)?;
        if let Some((place, known)) = suffix {
            let behind = self.used + own;
            match self.text.get(place..)?.first_chunk::<STEP>().copied() {
                Some(octets) if known <= STEP => *self.text.get_mut(behind..)?.first_chunk_mut()? = octets,
                _ => self.text.copy_within(place..place + known, behind),
            }
        }
        Some(self.know(message, at, here, next, length))
    }

    /// Reads any name.
    #[cold]
    fn read_unknown(&mut self, message: &[u8], at: usize, end: usize, hops: &mut usize) -> Result<Name, WireError> {
        let (mut labels_end, mut first, mut written) = (at, true, self.used);
        let text = &mut self.text;
        let (length, next) = walk(message, at, end, hops, &mut |labels| {
            if std::mem::take(&mut first) {
                labels_end += labels.len();
            }
            if let Some(room) = text.get_mut(written..written + labels.len()) {
                room.copy_from_slice(labels);
            }
            written += labels.len();
        })?;
        if let Some(root) = text.get_mut(written) {
            *root = 0;
        }
        if written + 1 != self.used + usize::from(length) {
            return Err(WireError::new(at, WireErrorKind::NameTooLong));
        }
        Ok(self.know(message, at, labels_end, next, length))
    }

    /// From now on the name that was put behind the text is known from each of the labels that begin between these offsets.
    fn know(&mut self, message: &[u8], start: usize, labels_end: usize, next: usize, length: u8) -> Name {
        let place = u32::try_from(self.used).unwrap_or(u32::MAX);
        let (mut at, mut behind) = (start, 0_u8);
        while at < labels_end {
            let (Some(known), Some(place_of)) = (self.lengths.get_mut(at), self.places.get_mut(at)) else { break };
            (*known, *place_of) = (length.saturating_sub(behind), place.saturating_add(u32::from(behind)));
            let label = message.get(at).map_or(u8::MAX, |label| label.saturating_add(1));
            (at, behind) = (at + usize::from(label), behind.saturating_add(label));
        }
        self.used += usize::from(length);
        Name { start, next, place, length }
    }
}

/// Copies so many octets, and perhaps some that follow them; `None` if there are not so many, or is no room for them.
#[inline]
pub(crate) fn copy(from: &[u8], length: usize, to: &mut [u8]) -> Option<()> {
    match (from.first_chunk::<STEP>(), to.first_chunk_mut::<STEP>()) {
        (Some(from), Some(to)) if length <= STEP => *to = *from,
        _ => to.get_mut(..length)?.copy_from_slice(from.get(..length)?),
    }
    Some(())
}
