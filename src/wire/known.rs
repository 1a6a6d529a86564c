//! The names of one message that were read over so far, so that a pointer to one of them is followed once and not again.

use super::WireError;
use super::name::walk;

/// How far a pointer reaches (RFC 1035 section 4.1.4: 14 bits).
const REACH: usize = 1 << 14;

/// Where in a message labels of known names begin, and how long the name from there on is.
///
/// Only what stood in a name when it was read over is known, never what a pointer led to: so each known part lies wholly
/// before the name that is read next, which is what [`walk`] demands of a pointer's target.
#[derive(Debug)]
pub(super) struct KnownNames<'m> {
    /// The message.
    message: &'m [u8],
    /// By offset: the octets of the expanded name that begins there, at most 255, or zero.
    lengths: Vec<u8>,
}

/// A name that was read over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skipped {
    /// Where its first label is: behind the pointer, if it is nothing else. What begins at one place is one name.
    pub(super) start: usize,
    /// The offset after it.
    pub(super) next: usize,
}

impl<'m> KnownNames<'m> {
    /// None yet.
    pub(super) fn new(message: &'m [u8]) -> Self {
        Self { message, lengths: vec![0; message.len().min(REACH)] }
    }

    /// Reads over the name at `at`, by the rules of [`walk`]; a pointer to a known name counts once.
    pub(super) fn skip(&mut self, at: usize, end: usize, hops: &mut usize) -> Result<Skipped, WireError> {
        let end = end.min(self.message.len());
        if let Some((start, labels_end, next, length)) = self.skip_known(at, end, hops) {
            self.know(at, labels_end, length);
            return Ok(Skipped { start, next });
        }
        let (mut labels_end, mut first) = (at, true);
        let (length, next) = walk(self.message, at, end, hops, &mut |labels| {
            if std::mem::take(&mut first) {
                labels_end += labels.len();
            }
        })?;
        self.know(at, labels_end, length);
        Ok(Skipped { start: at, next })
    }

    /// Reads over a name that ends without a pointer or with one to a known name; `None` for all that needs a closer look.
    #[inline]
    fn skip_known(&self, at: usize, end: usize, hops: &mut usize) -> Option<(usize, usize, usize, u8)> {
        let mut here = at;
        loop {
            let length = *self.message.get(here).filter(|_| here < end)?;
            match length {
                0 => {
                    let length = u8::try_from(here - at + 1).ok()?;
                    return Some((at, here, here + 1, length));
                }
                1..=63 => here += usize::from(length) + 1,
                0xC0.. => {
                    let low = *self.message.get(here + 1).filter(|_| here + 1 < end)?;
                    let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                    let known = *self.lengths.get(target).filter(|known| **known > 0)?;
                    let length = u8::try_from(here - at + usize::from(known)).ok()?;
                    *hops = hops.checked_sub(1)?;
                    return Some((if here == at { target } else { at }, here, here + 2, length));
                }
                _ => return None,
            }
        }
    }

    /// From now on the name of this length is known from each of the labels that begin between these offsets.
    fn know(&mut self, start: usize, labels_end: usize, length: u8) {
        let (mut at, mut left) = (start, length);
        while at < labels_end {
            let Some(place) = self.lengths.get_mut(at) else { return };
            *place = left;
            let label = self.message.get(at).map_or(u8::MAX, |label| label.saturating_add(1));
            (at, left) = (at + usize::from(label), left.saturating_sub(label));
        }
    }
}
