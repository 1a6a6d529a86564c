//! Several sorted runs as one: the same owner, `RRset` or record of several runs is put together.

use super::{Run, RunReader};
use crate::canonical::compare_names;
use crate::diff::DiffError;
use crate::diff::ordered::{HeldRecord, InOrder, Presence, RrsetKey, Surroundings, Ttls};
use crate::wire::WireName;
use ahash::RandomState;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Gives all that the runs hold; `hash` is the one that they were written with.
pub(in crate::diff) fn give_merged(runs: &[Run], hash: &RandomState, to: &mut impl InOrder) -> Result<(), DiffError> {
    let readers: Vec<RunReader<'_>> = runs.iter().map(|run| RunReader::new(run, hash.clone())).collect();
    let at_owner = (0..readers.len()).collect();
    let mut merging =
        Merging { readers, ahead: BinaryHeap::new(), at_owner, at_rrset: Vec::new(), at_record: Vec::new() };
    merging.readers.iter_mut().try_for_each(RunReader::advance)?;
    let (mut owner, mut here, mut path) = (Vec::new(), Vec::new(), Path::default());
    while merging.next_owner(&mut owner, &mut here)? {
        path.go_to(&owner);
        to.owner(&owner, Surroundings { here: &here, above: &path.above })?;
        path.step_down(&owner, &here);
        merging.give_rrsets(&owner, to)?;
    }
    Ok(())
}

/// The readers, and which of them are at the place that is being given.
struct Merging<'r> {
    /// One for each run.
    readers: Vec<RunReader<'r>>,
    /// Those that are at an owner further on.
    ahead: BinaryHeap<Ahead>,
    /// Those that have the owner.
    at_owner: Vec<usize>,
    /// Those of them that have the `RRset`.
    at_rrset: Vec<usize>,
    /// Those of them that have the record.
    at_record: Vec<usize>,
}

impl Merging<'_> {
    /// Goes to the lowest owner that any run has next; `false` at the end of all.
    fn next_owner(&mut self, owner: &mut Vec<u8>, here: &mut Vec<Presence>) -> Result<bool, DiffError> {
        let Self { readers, ahead, at_owner, .. } = self;
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

    /// Gives the `RRsets` of that owner.
    fn give_rrsets(&mut self, owner: &[u8], to: &mut impl InOrder) -> Result<(), DiffError> {
        let (mut ttls, mut scratch) = (Ttls::default(), Ttls::default());
        loop {
            let Self { readers, at_owner, at_rrset, .. } = &mut *self;
            let tail = |number: &usize| readers.get(*number).and_then(RunReader::key_tail);
            let Some(lowest) = at_owner.iter().filter_map(tail).min() else { return Ok(()) };
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
