//! The names of one message that were read so far, expanded: so a pointer to one of them is followed once and not again.

use super::name::{MAX_NAME, walk};
use super::record::ExpandedName;
use super::{WireError, WireErrorKind, case};

/// How far a pointer reaches (RFC 1035 section 4.1.4: 14 bits).
const REACH: usize = 1 << 14;

/// What is not longer is copied in one step: a copy of fixed length costs less than one of the right length.
const STEP: usize = 32;

/// What a name takes at most, and a copy that goes over its end.
const ROOM: usize = MAX_NAME + STEP;

/// Where in a message labels of known names begin, and the names from there on, in lower case.
///
/// Only what stood in a name when it was read is known, never what a pointer led to: so each known part lies wholly
/// before the name that is read next, which is what [`walk`] demands of a pointer's target.
///
/// It may be used for one message after the other: what an earlier one has left lies before the first name of this one.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By offset: the name that begins there.
    known: Vec<Known>,
    /// The names, with room behind them; the first is the root.
    text: Vec<u8>,
    /// How many octets of the text are in use.
    used: usize,
    /// The first place of a name of this message.
    first: Known,
}

/// So much text is kept of earlier messages; clearing the table once for all of them costs less than once for each.
const KEPT: usize = 1 << 16;

/// Where a name is in the text (24 bits) and how long it is there (8 bits); zero if there is none.
///
/// No message has names of that many octets: each takes two octets of it at least, of which there are 2^16.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Known(u32);

impl Known {
    /// No name.
    const NONE: Self = Self(0);
    /// The root, with which the text begins.
    const ROOT: Self = Self(1);

    /// There, and so long.
    #[inline]
    fn new(place: usize, length: u8) -> Self {
        u32::try_from(place << 8).map_or(Self::NONE, |place| Self(place | u32::from(length)))
    }

    /// The same name less its first octets.
    #[inline]
    fn behind(self, octets: u32) -> Self {
        Self(self.0.saturating_add(octets * 0xFF))
    }

    /// Where it is.
    fn place(self) -> usize {
        (self.0 >> 8) as usize
    }

    /// How long it is.
    fn length(self) -> usize {
        (self.0 & 0xFF) as usize
    }
}

/// A name that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// Where its first label is: behind the pointer, if it is nothing else. What begins at one place is one name.
    pub(super) start: usize,
    /// The offset after it.
    pub(super) next: usize,
    /// Where it is in the text.
    known: Known,
}

impl Name {
    /// In place of a name where there is none, or none that matters.
    pub(super) const NONE: Self = Self { start: 0, next: 0, known: Known::NONE };
}

impl Names {
    /// None of this message yet.
    pub(super) fn begin(&mut self, message: &[u8]) {
        if self.used == 0 || self.used > KEPT {
            self.known.fill(Known::NONE);
            self.text.resize(self.text.len().max(2 * ROOM), 0);
            self.used = 1;
        }
        self.known.resize(self.known.len().max(message.len().min(REACH)), Known::NONE);
        self.first = Known::new(self.used, 0);
    }

    /// A name, expanded.
    #[inline]
    pub(super) fn text(&self, name: Name) -> ExpandedName<'_> {
        let octets = self.text.get(name.known.place()..).unwrap_or_default();
        ExpandedName::new(octets, name.known.length())
    }

    /// Reads the name at `at` by the rules of [`walk`].
    #[inline]
    pub(super) fn read(&mut self, message: &[u8], at: usize, end: usize, hops: &mut usize) -> Result<Name, WireError> {
        match self.read_pointer(message, at, end).or_else(|| self.read_labels(message, at, end)) {
            Some(name) => Ok(name),
            None => self.read_unknown(message, at, end, hops),
        }
    }

    /// Reads a name that is a pointer to a known one, and nothing else. It costs nothing, so that it is not counted.
    #[inline]
    fn read_pointer(&self, message: &[u8], at: usize, end: usize) -> Option<Name> {
        let pointer = u16::from_be_bytes(*message.get(at..end)?.first_chunk()?);
        let start = usize::from(pointer.checked_sub(0xC000)?);
        let known = *self.known.get(start).filter(|known| **known >= self.first)?;
        Some(Name { start, next: at + 2, known })
    }

    /// Reads labels that end with the root or a pointer to a known name; `None` for all that needs a closer look.
    fn read_labels(&mut self, message: &[u8], at: usize, end: usize) -> Option<Name> {
        let octets = message.get(..end)?;
        let (mut rest, from) = (octets.get(at..)?, message.get(at..)?);
        let (suffix, over) = loop {
            let (length, labels) = rest.split_first()?;
            match *length {
                length @ 1..=63 => rest = labels.get(usize::from(length)..)?,
                0 => break (Known::ROOT, labels.len()),
                _ => break (self.read_pointer(octets, end - rest.len(), end)?.known, labels.len() - 1),
            }
        };
        let own = end - rest.len() - at;
        let length = u8::try_from(own + suffix.length()).ok()?;
        self.make_room();
        copy_folded(from, own, self.text.get_mut(self.used..)?)?;
        let (place, behind) = (suffix.place(), self.used + own);
        match self.text.get(place..)?.first_chunk::<STEP>().copied() {
            Some(octets) if suffix.length() <= STEP => *self.text.get_mut(behind..)?.first_chunk_mut()? = octets,
            _ => self.text.copy_within(place..place + suffix.length(), behind),
        }
        Some(self.know(message, at, at + own, end - over, length))
    }

    /// Reads any name.
    #[cold]
    fn read_unknown(&mut self, message: &[u8], at: usize, end: usize, hops: &mut usize) -> Result<Name, WireError> {
        self.make_room();
        let (mut labels_end, mut first, mut written) = (at, true, self.used);
        let text = &mut self.text;
        let (length, next) = walk(message, at, end, hops, &mut |labels| {
            if std::mem::take(&mut first) {
                labels_end += labels.len();
            }
            if let Some(room) = text.get_mut(written..written + labels.len()) {
                room.copy_from_slice(labels);
                case::fold(room);
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

    /// Makes room for a name.
    #[inline]
    fn make_room(&mut self) {
        if self.text.len() < self.used + 2 * ROOM {
            self.text.resize(2 * self.text.len() + 2 * ROOM, 0);
        }
    }

    /// From now on the name that was put behind the text is known from each of the labels that begin between these offsets.
    #[inline]
    fn know(&mut self, message: &[u8], start: usize, labels_end: usize, next: usize, length: u8) -> Name {
        let name = Known::new(self.used, length);
        let (mut at, mut rest) = (start, name);
        while at < labels_end {
            let (Some(known), Some(label)) = (self.known.get_mut(at), message.get(at)) else { break };
            *known = rest;
            let label = u32::from(*label) + 1;
            (at, rest) = (at + label as usize, rest.behind(label));
        }
        self.used += usize::from(length);
        Name { start, next, known: name }
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

/// The same, in lower case.
#[inline]
fn copy_folded(from: &[u8], length: usize, to: &mut [u8]) -> Option<()> {
    match (from.first_chunk::<STEP>(), to.first_chunk_mut::<STEP>()) {
        (Some(from), Some(to)) if length <= STEP => *to = case::folded(*from),
        _ => {
            let to = to.get_mut(..length)?;
            to.copy_from_slice(from.get(..length)?);
            case::fold(to);
        }
    }
    Some(())
}
