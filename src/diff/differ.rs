//! Takes records in from all sides.
//!
//! What comes in is held, or given to the [`Merge`] first, which forgets what agreed. What is held goes into a sorted run
//! of a [`RunStore`] when it takes too much memory (`spilling`); [`finish`](Differ::finish) puts all of it together.

use super::budget::{Budget, DEFAULT_MEMORY};
use super::content::{Content, ContentHash};
use super::counting::UsesOfFilters;
use super::holdings::Holdings;
use super::leftovers::{Leftovers, hash_of};
use super::merge::{Fate, Merge, Past, Waited, kind_of};
use super::ordered::{RrsetKey, side_bit};
use super::policy::{DiffPolicy, Filter};
use super::spilling::Spilled;
use super::zone_diff::SideNotes;
use super::{DiffError, RunStore};
use crate::canonical::{CanonicalRecord, Form, compare_names};
use crate::wire::{Rtype, WireName};
use std::cmp::Ordering;
use std::sync::Arc;

/// The base and one target.
pub const MIN_SIDES: usize = 2;
/// One bit of a machine word for each side.
pub const MAX_SIDES: usize = 64;

/// A comparison that is being fed; see the [module](super) for what is equal.
#[derive(Debug)]
pub struct Differ {
    /// What is not a difference.
    pub(super) policy: DiffPolicy,
    /// The key of all hashes.
    pub(super) seed: [u64; 4],
    /// The records that are held.
    pub(super) holdings: Holdings,
    /// Those that were, and are in runs.
    pub(super) spilled: Spilled,
    /// Notes on each side.
    pub(super) sides: Vec<SideNotes>,
    /// What was left out so far.
    pub(super) left_out: UsesOfFilters,
    /// The name of the zone as each side tells it: the lowest owner of an SOA.
    pub(super) apexes: Vec<Option<WireName>>,
    /// The payload of the record that is being added.
    pub(super) scratch: Vec<u8>,
    /// Where records come together before they are held; none if all of them are held.
    pub(super) merge: Option<Merge>,
    /// What is known of what a merge has forgotten that is over.
    pub(super) past: Past,
    /// Whether this is one of several passes: then it says what it leaves over, and what each side held.
    pub(super) is_pass: bool,
    /// What was forgotten, which is the same of every side.
    pub(super) agreed: Agreed,
    /// How much memory it may take.
    pub(super) budget: Budget,
    /// Octets that came in since what is held was last looked at.
    pub(super) since_look: usize,
}

/// What all sides had the same, and what is not held any more.
#[derive(Debug)]
pub(super) struct Agreed {
    /// What reckons contents, if they are wanted.
    pub(super) hash: Option<ContentHash>,
    /// All of it.
    pub(super) content: Content,
    /// How many records.
    pub(super) records: u64,
}

/// # Ways to compare
impl Differ {
    /// For this number of sides, side 0 being the base; holds all records, in any order.
    ///
    /// The seed keys the hash of the tables: draw it at random, since those who choose the records must not know it. It
    /// has no influence on the result.
    ///
    /// # Errors
    /// Fewer than [`MIN_SIDES`] or more than [`MAX_SIDES`].
    pub fn new(sides: usize, policy: DiffPolicy, seed: [u64; 4]) -> Result<Self, DiffError> {
        match sides {
            ..MIN_SIDES => Err(DiffError::TooFewSides),
            MIN_SIDES..=MAX_SIDES => Ok(Self {
                policy,
                seed,
                holdings: Holdings::new(sides, seed),
                spilled: Spilled::default(),
                sides: vec![SideNotes::default(); sides],
                left_out: UsesOfFilters::new(),
                apexes: vec![None; sides],
                scratch: Vec::new(),
                merge: None,
                past: Past::Nothing,
                is_pass: false,
                agreed: Agreed { hash: None, content: Content::default(), records: 0 },
                budget: Budget(DEFAULT_MEMORY),
                since_look: 0,
            }),
            _ => Err(DiffError::TooManySides),
        }
    }

    /// The same, but forgets what all sides have sent, so that sides in step cost no memory.
    ///
    /// Equal sides are found equal. A difference may be unsettled, and a hint at what surrounds it missing: see
    /// [`ZoneDiff::is_settled`](super::ZoneDiff::is_settled). How a record that all sides send twice is counted depends on
    /// when they do.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn streaming(sides: usize, policy: DiffPolicy, seed: [u64; 4]) -> Result<Self, DiffError> {
        Self::settling(sides, policy, &Leftovers::new(seed, 0))
    }

    /// The same once more: what was left over by the comparison before is held from its first record on, so that it
    /// is settled now. If that was too much to be named, everything is.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn settling(sides: usize, policy: DiffPolicy, leftovers: &Leftovers) -> Result<Self, DiffError> {
        let mut differ = Self::new(sides, policy, leftovers.seed)?;
        differ.is_pass = true;
        differ.agreed.hash = Some(ContentHash::new(leftovers.seed));
        if !leftovers.everything {
            let watched = leftovers.units.clone();
            differ.merge = Some(Merge::new(sides, differ.policy.record_form(), hash_of(leftovers.seed), watched));
        }
        Ok(differ)
    }

    /// Leaves out what each side held ([`ZoneDiff::content`](super::ZoneDiff::content)): for a pass that is held against no
    /// other, which costs less so. Default: a pass reckons it.
    #[must_use]
    pub fn without_contents(mut self) -> Self {
        self.agreed.hash = None;
        self
    }

    /// How much memory it may take, in octets; default [`DEFAULT_MEMORY`]. What would take more goes into the store of
    /// [`spilling_into`](Self::spilling_into); without one it is an error.
    #[must_use]
    pub fn within(mut self, octets: usize) -> Self {
        self.budget = Budget(octets);
        self
    }

    /// Where records go that would take more memory than allowed. The result does not depend on whether any did.
    #[must_use]
    pub fn spilling_into(mut self, store: Arc<dyn RunStore>) -> Self {
        self.spilled.store = Some(store);
        self
    }
}

/// # Feeding
impl Differ {
    /// Adds a record that the side sent. Any order, any interleaving of sides. The SOA that ends a transfer is not a
    /// record of its own: add the apex SOA once.
    ///
    /// The record is in the form of [`DiffPolicy::record_form`].
    ///
    /// # Errors
    /// A side that does not exist or was dropped; or the record can neither be held in memory nor elsewhere: then there
    /// is no result.
    pub fn add(&mut self, side: usize, record: CanonicalRecord<'_>) -> Result<(), DiffError> {
        let notes = self.sides.get(side).ok_or(DiffError::NoSuchSide)?;
        let number = u8::try_from(side).map_err(|_| DiffError::NoSuchSide)?;
        if notes.dropped {
            return Err(DiffError::SideDropped);
        }
        let rtype = record.rtype();
        if self.policy.leaves_out_type(rtype) {
            *self.left_out.entry((Filter::Type(rtype), side)).or_default() += 1;
            return Ok(());
        }
        self.since_look += record.owner().len() + record.rdata().len();
        if self.since_look > self.budget.between_looks() {
            self.look()?;
        }
        if self.policy.leaves_out_probe(&record) {
            *self.left_out.entry((Filter::Probe, side)).or_default() += 1;
            return Ok(());
        }
        let kind = kind_of(rtype, type_covered(&record));
        let Some(merge) = &mut self.merge else { return self.hold(number, &record) };
        if merge.goes_on(side, kind, &record) {
            return Ok(());
        }
        self.close(number, kind)?;
        if let Some(merge) = &mut self.merge {
            merge.begin(side, kind, &record);
        }
        Ok(())
    }

    /// Takes a side out: its transfer failed, so nothing is known about it. What it sent so far is no difference to any
    /// other side. Without the base no target is compared. A number that is no side changes nothing.
    pub fn drop_side(&mut self, side: usize) {
        let Some(notes) = self.sides.get_mut(side).filter(|notes| !notes.dropped) else { return };
        *notes = SideNotes { dropped: true, ..SideNotes::default() };
        self.left_out.retain(|(_, of), _| *of != side);
        let agreed = self.merge.as_mut().zip(u8::try_from(side).ok()).map(|(merge, side)| merge.drop_side(side));
        for waited in agreed.iter().flatten() {
            self.agree(waited.owner(), waited.records());
        }
    }

    /// How many octets of memory the records take that are held or wait for other sides, reckoned from what is allocated.
    pub fn memory(&self) -> usize {
        self.holdings.memory() + self.merge.as_ref().map_or(0, Merge::memory) + self.spilled.memory()
    }

    /// How many sorted runs there are because records would have taken too much memory.
    pub fn runs(&self) -> usize {
        self.spilled.runs.len() + self.spilled.joining.as_ref().map_or(0, |joining| joining.runs())
    }

    /// The highest owner that the side has sent so far, less those of NSEC3, if what agrees is forgotten.
    ///
    /// Whoever can choose adds from the side that is behind: the less the sides are apart, the less waits.
    pub fn reached(&self, side: usize) -> Option<&[u8]> {
        self.merge.as_ref()?.reached(side)
    }

    /// Holds a record to the end.
    pub(super) fn hold(&mut self, side: u8, record: &CanonicalRecord<'_>) -> Result<(), DiffError> {
        if self.holdings.is_full(record.owner().len(), record.owner().len() + record.rdata().len()) {
            self.seal()?;
        }
        let payload = write_payload(&self.policy, record, &mut self.scratch);
        let original = self.policy.masks(record.rtype()).then(|| record.rdata());
        self.holdings.note(side, key_of(record, record.owner()), record.ttl(), payload, original)?;
        if let Some(notes) = self.sides.get_mut(usize::from(side)) {
            notes.held += 1;
        }
        if record.rtype() == Rtype::SOA {
            self.note_apex(side, record.owner());
        }
        Ok(())
    }

    /// Notes the owner of an SOA; the lowest is the name of the zone.
    fn note_apex(&mut self, side: u8, owner: &[u8]) {
        let Some(apex) = self.apexes.get_mut(usize::from(side)) else { return };
        let is_lower = |apex: &WireName| compare_names(owner, apex.as_octets()) == Ordering::Less;
        if apex.as_ref().is_none_or(is_lower) {
            *apex = WireName::from_octets(owner).ok().map(WireName::to_lowercase);
        }
    }

    /// Holds what several sides had sent.
    pub(super) fn hold_waited(&mut self, waited: &Waited) -> Result<(), DiffError> {
        for side in (0..64).filter(|side| waited.sides & side_bit(*side) != 0) {
            waited.records().try_for_each(|record| self.hold(side, &record))?;
        }
        Ok(())
    }

    /// Ends the unit that the side is sending, if it is sending one.
    pub(super) fn close(&mut self, side: u8, kind: usize) -> Result<(), DiffError> {
        let Some(merge) = &mut self.merge else { return Ok(()) };
        let Some(mut unit) = merge.take(usize::from(side), kind) else { return Ok(()) };
        match merge.settle(side, kind, &mut unit)? {
            Fate::Waits => {}
            Fate::Agreed => self.agree(unit.owner(), unit.records()),
            Fate::Held(waited) => {
                waited.iter().try_for_each(|waited| self.hold_waited(waited))?;
                unit.records().try_for_each(|record| self.hold(side, &record))?;
            }
        }
        if let Some(merge) = &mut self.merge {
            merge.give_back(usize::from(side), kind, unit);
        }
        Ok(())
    }

    /// Counts what all sides have sent of an owner, and forgets it.
    pub(super) fn agree<'r>(&mut self, owner: &[u8], records: impl Iterator<Item = CanonicalRecord<'r>>) {
        self.agreed.add(&self.policy, &mut self.scratch, owner, records);
    }
}

impl Agreed {
    /// Counts some records of an owner.
    pub(super) fn add<'r>(
        &mut self,
        policy: &DiffPolicy,
        scratch: &mut Vec<u8>,
        owner: &[u8],
        records: impl Iterator<Item = CanonicalRecord<'r>>,
    ) {
        let Some(hash) = &self.hash else {
            self.records += records.count() as u64;
            return;
        };
        let is_folded = policy.record_form() == Form::Canonical;
        let owner = if is_folded { hash.of_owner(owner) } else { hash.of_owner(&owner.to_ascii_lowercase()) };
        for record in records {
            let ttl = if policy.leaves_out_ttl() { 0 } else { record.ttl() };
            let payload = write_payload(policy, &record, scratch);
            self.content.add(hash.of(owner, (record.rtype(), record.class()), ttl, payload));
            self.records += 1;
        }
    }
}

/// The `RRset` of a record, with this form of its owner.
pub(super) fn key_of<'r>(record: &CanonicalRecord<'_>, owner: &'r [u8]) -> RrsetKey<'r> {
    RrsetKey { owner, rtype: record.rtype(), class: record.class(), covered: type_covered(record) }
}

/// What tells a record from the others of its `RRset` under this policy.
fn write_payload<'o>(policy: &DiffPolicy, record: &CanonicalRecord<'o>, scratch: &'o mut Vec<u8>) -> &'o [u8] {
    let (masks, strict) = (policy.masks(record.rtype()), policy.record_form() == Form::Bitwise);
    if !masks && !strict {
        return record.rdata();
    }
    scratch.clear();
    scratch.extend_from_slice(if strict { record.owner() } else { &[] });
    policy.write_masked(if masks { record.rtype() } else { Rtype(0) }, record.rdata(), scratch);
    scratch
}

/// For RRSIG the type covered, else 0 (RFC 4034 section 3.1.1: the first field).
pub(super) fn type_covered(record: &CanonicalRecord<'_>) -> u16 {
    match (record.rtype(), record.rdata()) {
        (Rtype::RRSIG, &[high, low, ..]) => u16::from_be_bytes([high, low]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
