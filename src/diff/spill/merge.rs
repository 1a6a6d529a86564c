//! Several sorted runs as one: the same owner, `RRset` or record of several runs is put together.

use super::{BLOCK, Run, RunReader, RunWriter};
use crate::canonical::compare_names;
use crate::diff::DiffError;
use crate::diff::ordered::{HeldRecord, InOrder, Presence, RrsetKey, Surroundings, Ttls};
use crate::wire::WireName;
use ahash::RandomState;
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Gives all that the runs hold; `hash` is the one that they were written with.
pub(in crate::diff) fn give_merged(runs: &[Run], hash: &RandomState, to: &mut impl InOrder) -> Result<(), DiffError> {
    let mut merging = Merging::new(runs, hash)?;
    while merging.give_owner(to)?.is_some() {}
    Ok(())
}

/// Runs that become one, a little at a time.
pub(in crate::diff) struct Joining {
    /// What is left of them.
    merging: Merging<Run>,
    /// The run that they become.
    writer: RunWriter,
}

impl std::fmt::Debug for Joining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joining").field("runs", &self.merging.readers.len()).finish_non_exhaustive()
    }
}

impl Joining {
    /// Of these runs, which `hash` was used to write, into that one.
    pub(in crate::diff) fn new(runs: Vec<Run>, hash: &RandomState, writer: RunWriter) -> Result<Self, DiffError> {
        Ok(Self { merging: Merging::new(runs, hash)?, writer })
    }

    /// Takes owners until they had so many `RRsets`; `false` if none is left.
    pub(in crate::diff) fn step(&mut self, rrsets: usize) -> Result<bool, DiffError> {
        let mut given = 0;
        while given < rrsets {
            let Some(more) = self.merging.give_owner(&mut self.writer)? else { return Ok(false) };
            given += more;
        }
        Ok(true)
    }

    /// The run that they became.
    pub(in crate::diff) fn end(self) -> Result<Run, DiffError> {
        self.writer.end()
    }

    /// The runs as they were, if it does not pay to go on.
    pub(in crate::diff) fn give_up(self) -> Result<impl Iterator<Item = Run>, DiffError> {
        // What was written of the one is removed with it.
        drop(self.writer.end()?);
        Ok(self.merging.readers.into_iter().map(RunReader::into_run))
    }

    /// How many they are.
    pub(in crate::diff) fn runs(&self) -> usize {
        self.merging.readers.len()
    }

    /// How many octets the buffers of the readers may take.
    pub(in crate::diff) fn memory(&self) -> usize {
        self.runs() * BLOCK
    }
}

/// The readers, and which of them are at the place that is being given.
struct Merging<R> {
    /// One for each run.
    readers: Vec<RunReader<R>>,
    /// Those that are at an owner further on.
    ahead: BinaryHeap<Ahead>,
    /// Those that have the owner.
    at_owner: Vec<usize>,
    /// Those of them that have the `RRset`.
    at_rrset: Vec<usize>,
    /// Those of them that have the record.
    at_record: Vec<usize>,
    /// The owner.
    owner: Vec<u8>,
    /// What is present there.
    here: Vec<Presence>,
    /// The owners above it.
    path: Path,
}

impl<R: Borrow<Run>> Merging<R> {
    /// At the first entry of each of the runs.
    fn new(runs: impl IntoIterator<Item = R>, hash: &RandomState) -> Result<Self, DiffError> {
        let mut readers: Vec<_> = runs.into_iter().map(|run| RunReader::new(run, hash.clone())).collect();
        readers.iter_mut().try_for_each(RunReader::advance)?;
        Ok(Self {
            at_owner: (0..readers.len()).collect(),
            readers,
            ahead: BinaryHeap::new(),
            at_rrset: Vec::new(),
            at_record: Vec::new(),
            owner: Vec::new(),
            here: Vec::new(),
            path: Path::default(),
        })
    }

    /// Gives all of the lowest owner that is left, and returns how many `RRsets` it has; `None` at the end of all.
    fn give_owner(&mut self, to: &mut impl InOrder) -> Result<Option<usize>, DiffError> {
        if !self.next_owner()? {
            return Ok(None);
        }
        self.path.go_to(&self.owner);
        to.owner(&self.owner, Surroundings { here: &self.here, above: &self.path.above })?;
        self.path.step_down(&self.owner, &self.here);
        self.give_rrsets(to).map(Some)
    }

    /// Goes to the lowest owner that any run has next; `false` at the end of all.
    fn next_owner(&mut self) -> Result<bool, DiffError> {
        let Self { readers, ahead, at_owner, owner, here, .. } = self;
        for reader in at_owner.drain(..) {
            if let Some(owner) = readers.get(reader).and_then(RunReader::owner) {
                ahead.push(Ahead { owner: owner.to_vec(), reader });
            }
        }
        while let Some(next) = ahead.peek_mut() {
            if at_owner.is_empty() {
                owner.clone_from(&next.owner);
            } else if next.owner != *owner {
                break;
            }
            at_owner.push(PeekMut::pop(next).reader);
        }
        here.clear();
        for number in &*at_owner {
            let reader = readers.get_mut(*number).ok_or(DiffError::Lost)?;
            reader.add_presence(here).ok_or(DiffError::Lost)?;
            reader.advance()?;
        }
        Ok(!at_owner.is_empty())
    }

    /// Gives the `RRsets` of that owner, and returns how many they are.
    fn give_rrsets(&mut self, to: &mut impl InOrder) -> Result<usize, DiffError> {
        let (mut ttls, mut scratch) = (Ttls::default(), Ttls::default());
        let mut given = 0;
        loop {
            let Self { readers, at_owner, at_rrset, owner, .. } = &mut *self;
            let tail = |number: &usize| readers.get(*number).and_then(RunReader::key_tail);
            let Some(lowest) = at_owner.iter().filter_map(tail).min() else { return Ok(given) };
            at_rrset.clear();
            at_rrset.extend(at_owner.iter().filter(|number| tail(number) == Some(lowest)));
            ttls.others.clear();
            (ttls.first, ttls.at_first) = (0, 0);
            for number in &*at_rrset {
                let reader = readers.get_mut(*number).ok_or(DiffError::Lost)?;
                reader.add_ttls(&mut ttls, &mut scratch).ok_or(DiffError::Lost)?;
                reader.advance()?;
            }
            to.rrset(&RrsetKey::of(owner, lowest), &ttls)?;
            self.give_records(to)?;
            to.end_rrset()?;
            given += 1;
        }
    }

    /// Gives the records of that `RRset`.
    fn give_records(&mut self, to: &mut impl InOrder) -> Result<(), DiffError> {
        let Self { readers, at_rrset, at_record, .. } = self;
        loop {
            let payload = |number: &usize| readers.get(*number).and_then(RunReader::payload);
            let Some(lowest) = at_rrset.iter().filter_map(payload).min() else { return Ok(()) };
            at_record.clear();
            at_record.extend(at_rrset.iter().filter(|number| payload(number) == Some(lowest)));
            let (mut sides, mut originals) = (0, Vec::new());
            for reader in at_record.iter().filter_map(|number| readers.get(*number)) {
                sides |= reader.sides().ok_or(DiffError::Lost)?;
                reader.add_originals(&mut originals).ok_or(DiffError::Lost)?;
            }
            originals.sort_unstable_by_key(|(side, _)| *side);
            to.record(&HeldRecord { payload: lowest, sides, originals: &originals })?;
            for number in &*at_record {
                readers.get_mut(*number).ok_or(DiffError::Lost)?.advance()?;
            }
        }
    }
}

/// A reader that is at an owner further on.
struct Ahead {
    /// The owner, in lower case.
    owner: Vec<u8>,
    /// The number of the reader.
    reader: usize,
}

/// The lowest owner comes first.
impl Ord for Ahead {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_names(&other.owner, &self.owner).then_with(|| other.reader.cmp(&self.reader))
    }
}

impl PartialOrd for Ahead {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ahead {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ahead {}

/// The owners above the one that is being given, which canonical order puts before it, as far as a cut is there.
#[derive(Debug, Default)]
struct Path {
    /// Their names, highest first.
    names: Vec<Vec<u8>>,
    /// The length of each name, and what is present there; several if there are several classes.
    above: Vec<(usize, Presence)>,
}

impl Path {
    /// Leaves the owners that this one is not below.
    fn go_to(&mut self, owner: &[u8]) {
        let Ok(owner) = WireName::from_octets(owner) else { return };
        let is_above = |name: &Vec<u8>| WireName::from_octets(name).is_ok_and(|name| owner.is_at_or_below(&name));
        while self.names.last().is_some_and(|name| !is_above(name)) {
            self.names.pop();
        }
        let deepest = self.names.last().map_or(0, Vec::len);
        self.above.retain(|(length, _)| *length <= deepest);
    }

    /// What follows may be below this owner.
    fn step_down(&mut self, owner: &[u8], here: &[Presence]) {
        let cuts = here.iter().filter(|here| here.cut != 0).map(|here| (owner.len(), *here));
        let before = self.above.len();
        self.above.extend(cuts);
        if self.above.len() > before {
            self.names.push(owner.to_vec());
        }
    }
}

#[cfg(test)]
mod tests;
