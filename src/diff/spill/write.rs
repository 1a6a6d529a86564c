//! Writing a run: entries behind their kind and length, in blocks.

use super::{BLOCK, Kind, Run, RunStore};
use crate::diff::DiffError;
use crate::diff::ordered::{HeldRecord, InOrder, RrsetKey, Surroundings, Ttls};
use ahash::RandomState;
use std::sync::Arc;

/// Writes octets into a run, block by block.
#[derive(Debug)]
pub(in crate::diff) struct OctetWriter {
    /// Where they go.
    store: Arc<dyn RunStore>,
    /// The number of the run.
    number: u32,
    /// What was not appended yet.
    buffer: Vec<u8>,
    /// How many octets were.
    length: u64,
    /// The hash of the blocks so far.
    digest: u64,
    /// Its key.
    hash: RandomState,
}

impl OctetWriter {
    /// Begins the run of this number.
    pub(in crate::diff) fn new(store: Arc<dyn RunStore>, number: u32, hash: RandomState) -> Self {
        Self { store, number, buffer: Vec::new(), length: 0, digest: 0, hash }
    }

    /// Appends octets.
    pub(in crate::diff) fn write(&mut self, octets: &[u8]) -> Result<(), DiffError> {
        self.buffer.extend_from_slice(octets);
        if self.buffer.len() < BLOCK {
            return Ok(());
        }
        let buffer = std::mem::take(&mut self.buffer);
        let mut blocks = buffer.chunks_exact(BLOCK);
        let appended = blocks.try_for_each(|block| self.append(block));
        let rest = buffer.len() - buffer.len() % BLOCK;
        self.buffer = buffer;
        self.buffer.drain(..rest);
        appended
    }

    /// Appends the rest.
    pub(in crate::diff) fn end(mut self) -> Result<Run, DiffError> {
        let rest = std::mem::take(&mut self.buffer);
        if !rest.is_empty() {
            self.append(&rest)?;
        }
        Ok(Run { store: self.store, number: self.number, length: self.length, digest: self.digest })
    }

    /// Appends one block.
    fn append(&mut self, block: &[u8]) -> Result<(), DiffError> {
        self.store.append(self.number, block)?;
        self.length += block.len() as u64;
        self.digest = self.hash.hash_one((self.digest, block));
        Ok(())
    }
}

/// Writes what comes in canonical order into a sorted run.
#[derive(Debug)]
pub(in crate::diff) struct RunWriter {
    /// The run.
    octets: OctetWriter,
    /// The entry that is being made.
    entry: Vec<u8>,
}

impl RunWriter {
    /// Into this run.
    pub(in crate::diff) fn new(octets: OctetWriter) -> Self {
        Self { octets, entry: Vec::new() }
    }

    /// Appends the rest.
    pub(in crate::diff) fn end(self) -> Result<Run, DiffError> {
        self.octets.end()
    }

    /// Writes an entry that `fill` makes.
    fn write(&mut self, kind: Kind, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), DiffError> {
        self.entry.clear();
        self.entry.extend_from_slice(&[kind as u8, 0, 0, 0, 0]);
        fill(&mut self.entry);
        let length = u32::try_from(self.entry.len().saturating_sub(5)).map_err(|_| DiffError::Lost)?;
        if let Some(place) = self.entry.get_mut(1..5) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        self.octets.write(&self.entry)
    }
}

/// Appends octets behind their length.
fn push_octets(out: &mut Vec<u8>, octets: &[u8]) {
    out.extend_from_slice(&u32::try_from(octets.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(octets);
}

impl InOrder for RunWriter {
    fn owner(&mut self, owner: &[u8], around: Surroundings<'_>) -> Result<(), DiffError> {
        self.write(Kind::Owner, |out| {
            push_octets(out, owner);
            for here in around.here {
                out.extend_from_slice(&here.class.to_le_bytes());
                let bits = [here.cut, here.alias, here.a, here.aaaa].map(u64::to_le_bytes);
                out.extend_from_slice(bits.as_flattened());
            }
        })
    }

    fn rrset(&mut self, key: &RrsetKey<'_>, ttls: &Ttls) -> Result<(), DiffError> {
        self.write(Kind::Rrset, |out| {
            out.extend_from_slice(&key.tail());
            out.extend_from_slice(&ttls.first.to_le_bytes());
            out.extend_from_slice(&ttls.at_first.to_le_bytes());
            for (side, others) in &ttls.others {
                out.push(*side);
                out.extend_from_slice([others.lowest, others.highest].map(u32::to_le_bytes).as_flattened());
            }
        })
    }

    fn record(&mut self, record: &HeldRecord<'_>) -> Result<(), DiffError> {
        self.write(Kind::Record, |out| {
            out.extend_from_slice(&record.sides.to_le_bytes());
            push_octets(out, record.payload);
            for (side, octets) in record.originals {
                out.push(*side);
                push_octets(out, octets);
            }
        })
    }

    fn end_rrset(&mut self) -> Result<(), DiffError> {
        Ok(())
    }
}
