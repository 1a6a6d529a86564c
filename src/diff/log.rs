//! Octets that come and go, in blocks: what waits costs its length, and what has agreed costs nothing.

use super::DiffError;

/// Where a unit is in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The block.
    block: u32,
    /// Where in it.
    at: u32,
    /// How long.
    length: u32,
}

/// How long a block is, unless one unit is longer.
const BLOCK: usize = 1 << 16;
/// How many empty blocks are kept for later.
const SPARE: usize = 4;

/// Octets that come and go, in blocks; a block is used again when all that was in it has gone.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The blocks and how many units live in them.
    blocks: Vec<(Vec<u8>, u32)>,
    /// Blocks without a unit.
    empty: Vec<u32>,
    /// The block that is being filled.
    current: Option<u32>,
}

impl Log {
    /// Appends these octets.
    pub(super) fn push(&mut self, octets: &[u8]) -> Result<Place, DiffError> {
        let length = u32::try_from(octets.len()).map_err(|_| DiffError::TooMany)?;
        let fits = |block: &Vec<u8>| block.capacity().saturating_sub(block.len()) >= octets.len();
        let number = match self.current.filter(|number| self.block(*number).is_some_and(fits)) {
            Some(number) => number,
            None => self.open(octets.len())?,
        };
        let index = usize::try_from(number).map_err(|_| DiffError::TooMany)?;
        let (block, live) = self.blocks.get_mut(index).ok_or(DiffError::Lost)?;
        let at = u32::try_from(block.len()).map_err(|_| DiffError::TooMany)?;
        block.extend_from_slice(octets);
        *live += 1;
        Ok(Place { block: number, at, length })
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|(block, _)| block.capacity()).sum();
        blocks + self.blocks.capacity() * size_of::<(Vec<u8>, u32)>() + self.empty.capacity() * size_of::<u32>()
    }

    /// A block.
    fn block(&self, number: u32) -> Option<&Vec<u8>> {
        self.blocks.get(usize::try_from(number).ok()?).map(|(block, _)| block)
    }

    /// Makes an empty block with room for so many octets the current one.
    fn open(&mut self, length: usize) -> Result<u32, DiffError> {
        let number = if let Some(number) = self.empty.pop() {
            number
        } else {
            self.blocks.push((Vec::new(), 0));
            u32::try_from(self.blocks.len() - 1).map_err(|_| DiffError::TooMany)?
        };
        let index = usize::try_from(number).map_err(|_| DiffError::TooMany)?;
        let (block, _) = self.blocks.get_mut(index).ok_or(DiffError::Lost)?;
        block.clear();
        block.reserve_exact(length.max(BLOCK));
        self.current = Some(number);
        Ok(number)
    }

    /// The octets at a place.
    pub(super) fn read(&self, place: Place) -> &[u8] {
        let span = || {
            let (at, length) = (usize::try_from(place.at).ok()?, usize::try_from(place.length).ok()?);
            self.block(place.block)?.get(at..at.checked_add(length)?)
        };
        span().unwrap_or_default()
    }

    /// Gives the space back.
    pub(super) fn forget(&mut self, place: Place) {
        let block = usize::try_from(place.block).ok().and_then(|index| self.blocks.get_mut(index));
        let Some((block, live)) = block else { return };
        *live = live.saturating_sub(1);
        if *live > 0 {
            return;
        }
        block.clear();
        if self.current == Some(place.block) && block.capacity() <= BLOCK {
            return;
        }
        if self.current == Some(place.block) {
            self.current = None;
        }
        if block.capacity() > BLOCK || self.empty.len() >= SPARE {
            *block = Vec::new();
        }
        self.empty.push(place.block);
    }
}

#[cfg(test)]
mod tests;
