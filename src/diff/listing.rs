//! The changes in their order, as octets: in memory while they are few, then in a run.

use super::classify::{ChangeKind, Hints};
use super::spill::{OctetWriter, Run, RunReader};
use super::{DiffError, RunStore};
use ahash::RandomState;
use std::sync::Arc;

/// Octets before a change: its length.
const LENGTH: usize = 8;
/// Octets before its records: hints, then all of the head that makes it another change.
const HEAD: usize = 2 + 1 + 2 + 16;

/// What is known of a change besides its records.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChangeHead {
    /// The target.
    pub(super) side: u8,
    /// The kind.
    pub(super) kind: ChangeKind,
    /// The hints.
    pub(super) hints: Hints,
    /// How many records are removed.
    pub(super) removed: u64,
    /// How many are added.
    pub(super) added: u64,
}

/// A list that is being written.
#[derive(Debug)]
pub(super) struct ListingWriter {
    /// The changes, unless they are in a run.
    octets: Vec<u8>,
    /// How many octets may be in memory.
    limit: usize,
    /// Where more go, and the number of the run there.
    store: Option<(Arc<dyn RunStore>, u32)>,
    /// The run.
    run: Option<OctetWriter>,
    /// The key of the run's hash.
    hash: RandomState,
}

impl ListingWriter {
    /// Empty; with more than `limit` octets it goes into a run of this number in the store.
    pub(super) fn new(limit: usize, store: Option<(Arc<dyn RunStore>, u32)>, hash: RandomState) -> Self {
        Self { octets: Vec::new(), limit, store, run: None, hash }
    }

    /// Appends a change; its records in the layout of `canonical`, the removed ones first.
    pub(super) fn push(&mut self, head: &ChangeHead, records: &[u8]) -> Result<(), DiffError> {
        let mut octets = [0; LENGTH + HEAD];
        let [code, fields] = head.kind.code();
        let parts: [&[u8]; 6] = [
            &((HEAD + records.len()) as u64).to_le_bytes(),
            &head.hints.code().to_le_bytes(),
            &[head.side],
            &[code, fields],
            &head.removed.to_le_bytes(),
            &head.added.to_le_bytes(),
        ];
        for (place, octet) in octets.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *octet;
        }
        self.write(&octets)?;
        self.write(records)
    }

    /// Appends octets.
    fn write(&mut self, octets: &[u8]) -> Result<(), DiffError> {
        if let Some(run) = &mut self.run {
            return run.write(octets);
        }
        if self.octets.len() + octets.len() <= self.limit {
            self.octets.extend_from_slice(octets);
            return Ok(());
        }
        let (store, number) = self.store.take().ok_or(DiffError::OverBudget)?;
        let mut run = OctetWriter::new(store, number, self.hash.clone());
        run.write(&std::mem::take(&mut self.octets))?;
        run.write(octets)?;
        self.run = Some(run);
        Ok(())
    }

    /// The list.
    pub(super) fn end(self) -> Result<Listing, DiffError> {
        let run = self.run.map(OctetWriter::end).transpose()?;
        Ok(Listing { octets: self.octets, run, hash: self.hash })
    }
}

/// The changes in their order.
#[derive(Debug)]
pub(super) struct Listing {
    /// All of them, unless there is a run.
    octets: Vec<u8>,
    /// All of them.
    run: Option<Run>,
    /// The key of the run's hash.
    hash: RandomState,
}

impl Listing {
    /// Reads it from its first change on.
    pub(super) fn read(&self) -> Reading<'_> {
        match &self.run {
            None => Reading::Octets(&self.octets),
            Some(run) => Reading::Run(RunReader::new(run, self.hash.clone())),
        }
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        self.octets.capacity()
    }

    /// Whether both list the same changes, whatever their hints.
    pub(super) fn is_same(&self, other: &Self) -> Result<bool, DiffError> {
        let (mut own, mut others) = (self.read(), other.read());
        loop {
            match (own.next()?, others.next()?) {
                (None, None) => return Ok(true),
                (Some(one), Some(another)) if one.get(2..) == another.get(2..) => {}
                _ => return Ok(false),
            }
        }
    }
}

/// A list that is being read.
#[derive(Debug)]
pub(super) enum Reading<'l> {
    /// What is left of it.
    Octets(&'l [u8]),
    /// The run that it is in.
    Run(RunReader<&'l Run>),
}

impl Reading<'_> {
    /// The octets of the next change; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, DiffError> {
        let length = match self.take(LENGTH)? {
            None => return Ok(None),
            Some(octets) => u64::from_le_bytes(*octets.first_chunk().ok_or(DiffError::Lost)?),
        };
        self.take(usize::try_from(length).map_err(|_| DiffError::Lost)?)
    }

    /// The next octets.
    fn take(&mut self, length: usize) -> Result<Option<&[u8]>, DiffError> {
        match self {
            Self::Run(run) => run.take(length),
            Self::Octets([]) => Ok(None),
            Self::Octets(octets) => {
                let (taken, rest) = octets.split_at_checked(length).ok_or(DiffError::Lost)?;
                *octets = rest;
                Ok(Some(taken))
            }
        }
    }
}

/// The head of a change, and the octets of its records.
pub(super) fn read_change(octets: &[u8]) -> Result<(ChangeHead, &[u8]), DiffError> {
    let parts = || {
        let ([h1, h2, side, code, fields], rest) = octets.split_first_chunk()?;
        let (removed, rest) = rest.split_first_chunk()?;
        let (added, records) = rest.split_first_chunk()?;
        let (kind, hints) =
            (ChangeKind::from_code([*code, *fields])?, Hints::from_code(u16::from_le_bytes([*h1, *h2])));
        let (removed, added) = (u64::from_le_bytes(*removed), u64::from_le_bytes(*added));
        Some((ChangeHead { side: *side, kind, hints, removed, added }, records))
    };
    parts().ok_or(DiffError::Lost)
}
