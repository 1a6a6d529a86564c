//! Pairs off what all sides send the same at the same place, before the merge sees it.
//!
//! Sides in step send the same octets, or the same records of an owner in another order. So the fronts of all sides are
//! held against each other as they came, and what is the same is counted and forgotten; nothing of it is sorted, hashed
//! by its owner, or copied. Whatever is not paired off goes to the [`Merge`](super::merge::Merge).
//!
//! # Why that is exact
//! It is a short way to what the merge does with the same records, which `merge` says is exact. A run is all that a side
//! sends of one owner in a row. It is paired off only if
//! 1. it is whole on every side (a record of another owner follows), of the same records in whatever order, octet for octet,
//!    and of one kind of unit;
//! 2. its owner is above all that any side has sent in units of that kind. So nothing of the unit was sent before: it
//!    neither waits nor is held, and no part of it was forgotten;
//! 3. it is not watched, and the policy leaves out none of its records before the merge would see them;
//! 4. it is regular: no record twice, one TTL in each `RRset`, and no SOA.
//!
//! Fed to the merge instead, the run of the first side would have waited, those of the others joined it, and that of the
//! last would have been [agreed](super::merge::Fate::Agreed) and fresh: the very same counts, and nothing else noted. From
//! then on its owner is the highest of every side, so that a later part of the unit is known to be one. A dropped side that
//! had sent something may have had the unit; after that nothing is paired off.

use super::differ::{key_of, type_covered};
use super::holdings::AT_ONCE;
use super::merge::{KINDS, kind_of};
use super::ordered::RrsetKey;
use super::policy::DiffPolicy;
use super::unit::are_regular;
use super::zone_diff::SideNotes;
use super::{DiffError, Differ};
use crate::canonical::{CanonicalRecord, Form, compare_names, compare_owners};
use crate::wire::{Rtype, case};
use std::cmp::Ordering;

/// How many records a run has at most that is paired off: each is held against each.
const MOST: usize = 8;

/// Records of one side that were not taken yet.
#[derive(Debug, Default)]
pub struct Front {
    /// Records in the layout of `canonical`.
    octets: Vec<u8>,
    /// How many of the octets were taken.
    taken: usize,
    /// Whether nothing more comes.
    is_over: bool,
}

impl Front {
    /// Whether all of it was taken.
    pub fn is_empty(&self) -> bool {
        self.taken >= self.octets.len()
    }

    /// What was not taken.
    fn rest(&self) -> &[u8] {
        self.octets.get(self.taken..).unwrap_or_default()
    }
}

/// All records at the front of a side that are of one owner.
struct Run<'r> {
    /// The octets of all of them.
    octets: &'r [u8],
    /// Their owner.
    owner: &'r [u8],
    /// The first ones.
    records: [CanonicalRecord<'r>; MOST],
    /// How many there are.
    count: usize,
}

impl<'r> Run<'r> {
    /// The run at the start of these octets.
    fn first_of(octets: &'r [u8]) -> Result<Self, DiffError> {
        Self::read(octets).ok_or(DiffError::Lost)
    }

    /// The run at the start of these octets, if a record of another owner follows it there, as far as these octets tell.
    fn whole_first_of(octets: &'r [u8]) -> Option<Self> {
        let run = Self::read(octets)?;
        // Two names, of which neither begins with the other, differ within the length of either.
        (octets.len() - run.octets.len() >= run.owner.len()).then_some(run)
    }

    /// The run at the start of these octets; `None` if one of its records is not whole.
    fn read(octets: &'r [u8]) -> Option<Self> {
        let (first, mut rest) = CanonicalRecord::split_first(octets).ok()?;
        let (owner, mut records, mut count) = (first.owner(), [first; MOST], 1);
        // A name ends with its root label, so that no name begins with another one.
        while let Some(own) = rest.strip_prefix(owner) {
            let (record, after) = CanonicalRecord::split_first_of(owner, own)?;
            if let Some(place) = records.get_mut(count) {
                *place = record;
            }
            (rest, count) = (after, count + 1);
        }
        Some(Self { octets: octets.get(..octets.len() - rest.len())?, owner, records, count })
    }

    /// Its records, unless there are too many of them.
    fn records(&self) -> Option<&[CanonicalRecord<'r>]> {
        self.records.get(..self.count)
    }

    /// The kind of unit it is, if it can be paired off.
    fn kind(&self, policy: &DiffPolicy) -> Option<usize> {
        let records = self.records()?;
        let kind_of = |record: &CanonicalRecord<'_>| kind_of(record.rtype(), type_covered(record));
        let kind = kind_of(records.first()?);
        let may_be_paired = |record: &CanonicalRecord<'_>| {
            record.rtype() != Rtype::SOA
                && kind_of(record) == kind
                && !policy.leaves_out_type(record.rtype())
                && !policy.leaves_out_probe(record)
        };
        let is_folded = policy.record_form() == Form::Bitwise || case::is_folded(self.owner);
        (is_folded && records.iter().all(may_be_paired) && are_all_regular(records)).then_some(kind)
    }

    /// Whether these octets begin with the same run, in whatever order, and it is whole there; given that it is regular.
    fn is_whole_in(&self, octets: &[u8]) -> bool {
        let Some((own, rest)) = octets.split_at_checked(self.octets.len()) else { return false };
        if rest.is_empty() || rest.starts_with(self.owner) {
            return false;
        }
        own == self.octets
            || (own.starts_with(self.owner) && Run::first_of(own).is_ok_and(|other| self.is_same_set(&other)))
    }

    /// Whether both have the same records: as many, and each of these, which are all different, is among those.
    fn is_same_set(&self, other: &Run<'_>) -> bool {
        let (Some(own), Some(others)) = (self.records(), other.records()) else { return false };
        own.len() == others.len() && own.iter().all(|record| others.contains(record))
    }
}

/// Whether no record is there twice, and each `RRset` has one TTL.
fn are_all_regular(records: &[CanonicalRecord<'_>]) -> bool {
    let mut rest = records;
    while let [first, others @ ..] = rest {
        if !others.iter().all(|other| are_regular(first, other)) {
            return false;
        }
        rest = others;
    }
    true
}

impl Differ {
    /// Puts records, in the layout of [`write_record`](crate::canonical::write_record), to the front of the side, and adds
    /// what need not wait for other sides to come along. There is a front for each side; what was at this one is added first.
    ///
    /// # Errors
    /// As [`add`](Self::add); octets that are no records are [`DiffError::Lost`].
    pub fn refill(&mut self, fronts: &mut [Front], side: usize, octets: Vec<u8>) -> Result<(), DiffError> {
        let front = fronts.get_mut(side).ok_or(DiffError::NoSuchSide)?;
        self.add_all(side, front)?;
        (front.octets, front.taken) = (octets, 0);
        self.take_fronts(fronts)
    }

    /// Adds what is at the front of the side, which sends nothing more; what waited for it to come along is added too.
    ///
    /// # Errors
    /// As [`add`](Self::add); octets that are no records are [`DiffError::Lost`].
    pub fn end_front(&mut self, fronts: &mut [Front], side: usize) -> Result<(), DiffError> {
        let front = fronts.get_mut(side).ok_or(DiffError::NoSuchSide)?;
        front.is_over = true;
        self.add_all(side, front)?;
        self.take_fronts(fronts)
    }

    /// Forgets what is at the front of the side, which was dropped.
    ///
    /// # Errors
    /// As [`add`](Self::add); octets that are no records are [`DiffError::Lost`].
    pub fn drop_front(&mut self, fronts: &mut [Front], side: usize) -> Result<(), DiffError> {
        if let Some(front) = fronts.get_mut(side) {
            *front = Front { is_over: true, ..Front::default() };
        }
        self.take_fronts(fronts)
    }

    /// Pairs off what is at the fronts of all sides, and adds what cannot be; leaves what may pair with what is to come.
    fn take_fronts(&mut self, fronts: &mut [Front]) -> Result<(), DiffError> {
        loop {
            self.pair_off_alike(fronts);
            while self.pair_off(fronts)? {
                self.pair_off_alike(fronts);
            }
            let is_live = |side: usize| self.sides.get(side).is_some_and(|notes| !notes.dropped);
            let live = || fronts.iter().enumerate().filter(|(side, _)| is_live(*side)).map(|(_, front)| front);
            if live().all(Front::is_empty) {
                return Ok(());
            }
            let is_over = self.merge.is_none() || live().any(|front| front.is_over && front.is_empty());
            if is_over {
                return (0..).zip(fronts).try_for_each(|(side, front)| self.add_all(side, front));
            }
            if !live().any(Front::is_empty) {
                self.add_lowest(fronts)?;
            } else if !self.add_hopeless(fronts)? {
                return Ok(());
            }
        }
    }

    /// Pairs off the runs with which all sides go on octet for octet alike.
    ///
    /// Most of a zone is such a stretch, so that its runs are read on one side alone. A stretch ascends if each run is
    /// above the one before it, and the first above all that was sent.
    fn pair_off_alike(&mut self, fronts: &mut [Front]) {
        let Self { merge: Some(merge), sides, policy, agreed, scratch, .. } = self else { return };
        let mut live = fronts.iter().zip(&*sides).filter(|(_, notes)| !notes.dropped).map(|(front, _)| front.rest());
        let Some(lead) = live.next() else { return };
        let alike = live.fold(lead.len(), |alike, rest| alike_from_start(lead.get(..alike).unwrap_or_default(), rest));
        let (mut rest, mut last) = (lead.get(..alike).unwrap_or_default(), [&[][..]; KINDS]);
        while let Some(run) = Run::whole_first_of(rest) {
            let Some(kind) = run.kind(policy) else { break };
            let Some(last) = last.get_mut(kind) else { break };
            let is_new = match *last {
                [] => merge.is_new(run.owner, kind),
                last => compare_owners(run.owner, last) == Ordering::Greater && !merge.watches(run.owner, kind),
            };
            let Some(records) = run.records().filter(|_| is_new) else { break };
            *last = run.owner;
            agreed.add(policy, scratch, run.owner, records.iter().copied());
            rest = rest.get(run.octets.len()..).unwrap_or_default();
        }
        for (kind, owner) in last.into_iter().enumerate().filter(|(_, owner)| !owner.is_empty()) {
            merge.pass(owner, kind);
        }
        take_of_each(fronts, sides, alike - rest.len());
    }

    /// Pairs off the first run of all sides, in whatever order each has its records; `false` if it cannot be.
    fn pair_off(&mut self, fronts: &mut [Front]) -> Result<bool, DiffError> {
        let Self { merge: Some(merge), sides, policy, .. } = self else { return Ok(false) };
        let mut live = fronts.iter().zip(&*sides).filter(|(_, notes)| !notes.dropped).map(|(front, _)| front.rest());
        let Some(lead) = live.next().filter(|rest| !rest.is_empty()) else { return Ok(false) };
        let run = Run::first_of(lead)?;
        if !run.is_whole_in(lead) || !live.all(|rest| run.is_whole_in(rest)) {
            return Ok(false);
        }
        let Some(kind) = run.kind(policy).filter(|kind| merge.is_new(run.owner, *kind)) else { return Ok(false) };
        merge.pass(run.owner, kind);
        self.agree(run.owner, run.records().into_iter().flatten().copied());
        let length = run.octets.len();
        take_of_each(fronts, &self.sides, length);
        Ok(true)
    }

    /// Adds the runs that nothing that is to come can pair with; `false` if there are none.
    fn add_hopeless(&mut self, fronts: &mut [Front]) -> Result<bool, DiffError> {
        let mut added = false;
        for (side, front) in (0..).zip(fronts) {
            while !front.is_empty() {
                let run = Run::first_of(front.rest())?;
                let kind = run.kind(&self.policy).filter(|_| run.is_whole_in(front.rest()));
                let is_new = |kind: usize| self.merge.as_ref().is_some_and(|merge| merge.is_new(run.owner, kind));
                if kind.is_some_and(is_new) {
                    break;
                }
                let length = run.octets.len();
                self.add_some(side, front, length)?;
                added = true;
            }
        }
        Ok(added)
    }

    /// Adds the runs of the lowest owner.
    fn add_lowest(&mut self, fronts: &mut [Front]) -> Result<(), DiffError> {
        let mut lowest: Option<Run<'_>> = None;
        for front in fronts.iter().filter(|front| !front.is_empty()) {
            let rest = front.rest();
            if lowest.as_ref().is_some_and(|lowest| rest.starts_with(lowest.owner)) {
                continue;
            }
            let run = Run::first_of(rest)?;
            if lowest.as_ref().is_none_or(|lowest| compare_names(run.owner, lowest.owner) == Ordering::Less) {
                lowest = Some(run);
            }
        }
        let Some(owner) = lowest.map(|run| run.owner.to_vec()) else { return Ok(()) };
        for (side, front) in (0..).zip(fronts) {
            if front.rest().starts_with(&owner) {
                let length = Run::first_of(front.rest())?.octets.len();
                self.add_some(side, front, length)?;
            }
        }
        Ok(())
    }

    /// Adds all that is at the front of the side.
    fn add_all(&mut self, side: usize, front: &mut Front) -> Result<(), DiffError> {
        let length = front.rest().len();
        self.add_some(side, front, length)
    }

    /// Adds so many octets of whole records from the front of the side.
    fn add_some(&mut self, side: usize, front: &mut Front, octets: usize) -> Result<(), DiffError> {
        let mut rest = front.rest().get(..octets).unwrap_or_default();
        let mut fetched = 0_usize;
        while !rest.is_empty() {
            // While there is a merge most records never get to what is held.
            if self.merge.is_none() && fetched == 0 {
                fetched = AT_ONCE;
                self.holdings.fetch(keys_of(rest));
            }
            fetched = fetched.saturating_sub(1);
            let (record, after) = CanonicalRecord::split_first(rest).map_err(|_| DiffError::Lost)?;
            self.add(side, record)?;
            rest = after;
        }
        front.taken += octets;
        Ok(())
    }
}

/// The keys of these records, as far as they can be read.
fn keys_of(mut octets: &[u8]) -> impl Iterator<Item = RrsetKey<'_>> {
    std::iter::from_fn(move || {
        let (record, after) = CanonicalRecord::split_first(octets).ok()?;
        octets = after;
        Some(key_of(&record, record.owner()))
    })
}

/// Takes so many octets off the front of each side that was not dropped.
fn take_of_each(fronts: &mut [Front], sides: &[SideNotes], octets: usize) {
    for (front, _) in fronts.iter_mut().zip(sides).filter(|(_, notes)| !notes.dropped) {
        front.taken += octets;
    }
}

/// How many octets both begin with.
fn alike_from_start(one: &[u8], other: &[u8]) -> usize {
    /// What is held against each other in one step.
    const STEP: usize = 32;
    let steps = one.as_chunks::<STEP>().0.iter().zip(other.as_chunks::<STEP>().0);
    let alike = steps.take_while(|(one, other)| one == other).count() * STEP;
    let rest = |octets| <[u8]>::get(octets, alike..).unwrap_or_default().iter();
    alike + rest(one).zip(rest(other)).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests;
