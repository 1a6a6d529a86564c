//! Octets that are only ever appended, in chunks: none is ever copied to grow, and four octets say where one starts.

use super::DiffError;

/// How long a chunk is; the longest entry, RDATA and an owner, fits into it.
const CHUNK: usize = 1 << 17;

/// Where an entry starts in an [`Arena`]: four octets, since there is one for every record that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At(u32);

impl At {
    /// No entry: the arena is full before an entry could start there.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// As a number of four octets.
    pub(super) const fn number(self) -> u32 {
        self.0
    }

    /// From that number.
    pub(super) const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// So many octets further on, in the same entry.
    pub(super) fn plus(self, octets: usize) -> Self {
        Self(u32::try_from(octets).ok().and_then(|octets| self.0.checked_add(octets)).unwrap_or(u32::MAX))
    }

    /// The chunk and the place in it.
    fn place(self) -> Option<(usize, usize)> {
        let at = usize::try_from(self.0).ok()?;
        Some((at / CHUNK, at % CHUNK))
    }
}

/// Octets in chunks.
#[derive(Debug, Default)]
pub(super) struct Arena {
    /// All of them; an entry lies in one chunk.
    chunks: Vec<Vec<u8>>,
}

impl Arena {
    /// Whether an entry of this length could not be appended any more: its place would need more than four octets.
    pub(super) fn is_full(&self, length: usize) -> bool {
        let chunks = self.chunks.len() + usize::from(!self.fits(length));
        length > CHUNK || u32::try_from(chunks.saturating_mul(CHUNK)).is_err()
    }

    /// Whether the last chunk has room.
    fn fits(&self, length: usize) -> bool {
        self.chunks.last().is_some_and(|chunk| chunk.len() + length <= CHUNK)
    }

    /// Appends an entry that is made of these parts.
    pub(super) fn push(&mut self, parts: &[&[u8]]) -> Result<At, DiffError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.is_full(length) {
            return Err(DiffError::Lost);
        }
        if !self.fits(length) {
            // The first chunk grows as any vector does: most comparisons never need a second one.
            self.chunks.push(Vec::with_capacity(if self.chunks.is_empty() { 0 } else { CHUNK }));
        }
        let number = self.chunks.len().saturating_sub(1);
        let chunk = self.chunks.last_mut().ok_or(DiffError::Lost)?;
        let at = u32::try_from(number * CHUNK + chunk.len()).map_err(|_| DiffError::Lost)?;
        for part in parts {
            chunk.extend_from_slice(part);
        }
        Ok(At(at))
    }

    /// So many octets from there on; fewer where the chunk ends.
    pub(super) fn read(&self, at: At, length: usize) -> &[u8] {
        let rest = self.rest(at);
        rest.get(..length).unwrap_or(rest)
    }

    /// All octets from there to the end of the chunk.
    pub(super) fn rest(&self, at: At) -> &[u8] {
        let found = at.place().and_then(|(chunk, place)| self.chunks.get(chunk)?.get(place..));
        found.unwrap_or_default()
    }

    /// The number that is written there.
    pub(super) fn number(&self, at: At) -> u32 {
        self.rest(at).first_chunk().map_or(u32::MAX, |octets| u32::from_le_bytes(*octets))
    }

    /// Writes a number over the one there.
    pub(super) fn set_number(&mut self, at: At, number: u32) {
        self.change(at, 4, |octets| octets.copy_from_slice(&number.to_le_bytes()));
    }

    /// Changes octets in their place.
    pub(super) fn change(&mut self, at: At, length: usize, change: impl FnOnce(&mut [u8])) {
        let found = at.place().and_then(|(chunk, place)| self.chunks.get_mut(chunk)?.get_mut(place..place + length));
        if let Some(octets) = found {
            change(octets);
        }
    }

    /// The start of the first entry at or behind this place, given that an entry ends there; none at the end.
    pub(super) fn entry_from(&self, at: At) -> Option<At> {
        let (chunk, place) = at.place()?;
        if place < self.chunks.get(chunk)?.len() {
            return Some(at);
        }
        let next = chunk + 1;
        self.chunks.get(next).filter(|chunk| !chunk.is_empty())?;
        u32::try_from(next * CHUNK).ok().map(At)
    }

    /// The start of the first entry.
    pub(super) fn first(&self) -> Option<At> {
        self.entry_from(At(0))
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        full + self.chunks.last().map_or(0, Vec::capacity) + self.chunks.capacity() * size_of::<Vec<u8>>()
    }
}

#[cfg(test)]
pub(super) mod tests;
