//! Merges sides that send the same owners in nearly the same order, and forgets what agreed.
//!
//! The unit of agreement is all that a side sends of one owner in a row; order inside it is free. NSEC3 records and their
//! signatures are a unit of their own, since some servers send the hashed owners behind all others and some among them.
//! A unit waits in the [`Log`] until every side has sent the same, and is then forgotten. What is not the same, or holds
//! a duplicate, several TTLs or the SOA, is held to the end. So sides in step cost memory for their skew, and no order at
//! all costs as much as everything held.
//!
//! # Why that is exact
//! A unit may be forgotten several times, if it is sent in parts. Each time all sides had sent the same set, with the same
//! TTLs; so the union of what was forgotten is the same on all sides, its lowest TTLs too. Hence sides of which nothing
//! is left over are equal, whatever their order.
//!
//! What is left over differs, unless a part of the unit was forgotten before: then it may repeat a record of that part,
//! or its `RRset` may have had a lower TTL there. By then every side had sent a part of the unit. So if one side sent
//! it with an owner above all that this side had sent before (in the order of RFC 4034 section 6.1), nothing of it was
//! forgotten, and the difference is settled. Otherwise it is *unsettled*: another pass holds exactly the units left over,
//! from their first record on, and so judges them without any of this.
//!
//! A merge that takes too much memory gives up, and so does one that hardly finds anything to forget because owners
//! come in parts all over the zone, when to look for what waits costs more than to hold it: what waits and whatever
//! comes is held from then on, by the differ. Nothing is forgotten any more, so the same holds: what is left over is
//! settled if some side had not reached its owner by then, or if it was held from its first record on.
//!
//! It knows no policy: only what is octet for octet the same is forgotten.

use super::DiffError;
use super::log::{Log, Place};
use super::ordered::side_bit;
use super::unit::{Unit, records_of};
use crate::canonical::{CanonicalRecord, Form, compare_names};
use crate::wire::{Rtype, case};
use ahash::RandomState;
use hashbrown::{HashSet, HashTable};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};

/// The hash of a unit's owner and kind. Two units of one hash are held a little too often, and compared no worse.
pub(super) type UnitHash = u64;

/// A set of such hashes.
pub(super) type Units = HashSet<UnitHash, RandomState>;

/// The kinds of units: NSEC3 with its signatures, and all else.
pub(super) const KINDS: usize = 2;

/// How many places for what waits are kept when nothing does.
const KEPT: usize = 1024;

/// So many units that came out of order and had to be held say that there is no order, if they are more than those that
/// agreed.
const MANY_PARTS: u64 = 1 << 12;

/// Which of them a type belongs to.
pub(super) fn kind_of(rtype: Rtype, covered: u16) -> usize {
    usize::from(rtype == Rtype::NSEC3 || (rtype == Rtype::RRSIG && covered == Rtype::NSEC3.0))
}

/// The hash of a unit; the owner in any case.
pub(super) fn hash_unit(state: &RandomState, owner: &[u8], kind: usize) -> UnitHash {
    let mut hasher = state.build_hasher();
    hasher.write_usize(kind);
    if case::is_folded(owner) {
        hasher.write(owner);
    } else {
        hasher.write(&owner.to_ascii_lowercase());
    }
    hasher.finish()
}

/// A unit that some sides have sent, all of them the same.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Its hash.
    hash: UnitHash,
    /// The sides.
    sides: u64,
    /// What they sent.
    place: Place,
    /// The length of the owner.
    owner: u16,
    /// Whether the owner was above all that one of these sides had sent before.
    fresh: bool,
}

/// One side.
#[derive(Debug, Default)]
struct Side {
    /// What it is sending, by kind.
    open: [Unit; KINDS],
    /// The highest owner that it has sent, by kind.
    highest: [Vec<u8>; KINDS],
}

/// What becomes of a unit that is complete.
pub(super) enum Fate {
    /// It waits for other sides.
    Waits,
    /// All sides have sent it, and it is forgotten.
    Agreed,
    /// It is to be held, together with what had waited.
    Held(Option<Waited>),
}

/// What had waited.
pub(super) struct Waited {
    /// The sides.
    pub(super) sides: u64,
    /// Whether the owner was above all that one of these sides had sent before.
    fresh: bool,
    /// The owner and its records.
    octets: Vec<u8>,
    /// The length of the owner.
    owner: usize,
}

impl Waited {
    /// Their owner.
    pub(super) fn owner(&self) -> &[u8] {
        self.octets.get(..self.owner).unwrap_or_default()
    }

    /// The records.
    pub(super) fn records(&self) -> impl Iterator<Item = CanonicalRecord<'_>> {
        records_of(&self.octets, self.owner)
    }
}

/// What is known, once a merge has ended, of what it forgot.
#[derive(Debug)]
pub(super) enum Past {
    /// Nothing was.
    Nothing,
    /// It went on to the end.
    Complete {
        /// The keyed hash.
        hash: RandomState,
        /// The units that are held of which a part may have been forgotten before.
        suspect: Units,
        /// Whether something was forgotten of which a part may have been forgotten before.
        in_parts: bool,
    },
    /// It gave up, and all was held from then on.
    GaveUp {
        /// The highest owner that every side had reached, by kind: nothing above it was forgotten, since a unit is
        /// forgotten when all have sent it. Empty if a side had sent nothing.
        reached: [Vec<u8>; KINDS],
        /// The keyed hash.
        hash: RandomState,
        /// The units that were held from their first record on.
        watched: Units,
        /// Whether something was forgotten of which a part may have been forgotten before.
        in_parts: bool,
    },
}

impl Past {
    /// Whether a part of the unit may have been forgotten before the rest was held.
    pub(super) fn is_suspect(&self, owner: &[u8], kind: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Complete { hash, suspect, .. } => suspect.contains(&hash_unit(hash, owner, kind)),
            Self::GaveUp { reached, hash, watched, .. } => {
                let reached = reached.get(kind).map(Vec::as_slice).unwrap_or_default();
                !reached.is_empty()
                    && compare_names(owner, reached) != Ordering::Greater
                    && !watched.contains(&hash_unit(hash, owner, kind))
            }
        }
    }

    /// Whether something was forgotten of which another part may have been forgotten before.
    pub(super) fn is_in_parts(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Complete { in_parts, .. } | Self::GaveUp { in_parts, .. } => *in_parts,
        }
    }
}

/// The merge.
pub(super) struct Merge {
    /// The keyed hash.
    hash: RandomState,
    /// How owners are written.
    form: Form,
    /// The sides.
    sides: Vec<Side>,
    /// The sides that have not been dropped.
    live: u64,
    /// What waits; [`Waiting::sides`] is zero where nothing does.
    waiting: Vec<Waiting>,
    /// The places in it where nothing does, to be used in their order: what waits in a row stands in a row.
    unused: VecDeque<u32>,
    /// Finds what waits.
    table: HashTable<u32>,
    /// The octets of what waits.
    log: Log,
    /// What was found last: a side that is in step sends next what waits behind it.
    found: u32,
    /// The units that are held.
    held: Units,
    /// Those of them of which a part may have been forgotten before.
    suspect: Units,
    /// Those that are held whatever comes.
    watched: Units,
    /// Whether something was forgotten of which a part may have been forgotten before.
    in_parts: bool,
    /// How many units have agreed.
    agreed: u64,
    /// How many units, or parts of them, came behind higher owners of the same side, and were held.
    parts: u64,
    /// How many of those are many ([`MANY_PARTS`]).
    pub(super) many_parts: u64,
    /// Whether all that still waits is to be held.
    gave_up: bool,
    /// Whether a side was dropped that had sent something.
    lost_some: bool,
}

impl std::fmt::Debug for Merge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merge")
            .field("waiting", &self.table.len())
            .field("held", &self.held.len())
            .field("suspect", &self.suspect.len())
            .finish_non_exhaustive()
    }
}

/// # Feeding
impl Merge {
    /// For so many sides; units of `watched` are held whatever comes.
    pub(super) fn new(sides: usize, form: Form, hash: RandomState, watched: Units) -> Self {
        let units = || Units::with_hasher(hash.clone());
        Self {
            form,
            sides: (0..sides).map(|_| Side::default()).collect(),
            live: (0_u8..).take(sides).fold(0, |bits, side| bits | side_bit(side)),
            waiting: Vec::new(),
            unused: VecDeque::new(),
            table: HashTable::new(),
            log: Log::default(),
            found: 0,
            held: units(),
            suspect: units(),
            watched,
            in_parts: false,
            agreed: 0,
            parts: 0,
            many_parts: MANY_PARTS,
            gave_up: false,
            lost_some: false,
            hash,
        }
    }

    /// Appends a record to the unit that the side is sending; `false` if it begins another one, and was not taken.
    pub(super) fn goes_on(&mut self, side: usize, kind: usize, record: &CanonicalRecord<'_>) -> bool {
        let form = self.form;
        let unit = self.sides.get_mut(side).and_then(|side| side.open.get_mut(kind));
        let Some(unit) = unit.filter(|unit| unit.goes_on(record.owner(), form)) else { return false };
        unit.push(record);
        true
    }

    /// Begins another unit with this record; the one before must have been taken.
    pub(super) fn begin(&mut self, side: usize, kind: usize, record: &CanonicalRecord<'_>) {
        let form = self.form;
        let Some(side) = self.sides.get_mut(side) else { return };
        let (Some(unit), Some(highest)) = (side.open.get_mut(kind), side.highest.get_mut(kind)) else { return };
        let fresh = highest.is_empty() || compare_names(record.owner(), highest) == Ordering::Greater;
        if fresh {
            highest.clear();
            highest.extend_from_slice(record.owner());
        }
        unit.begin(record.owner(), form, fresh);
        unit.push(record);
    }

    /// Takes the unit that the side is sending, if it is sending one; [`give_back`](Self::give_back) its buffers.
    pub(super) fn take(&mut self, side: usize, kind: usize) -> Option<Unit> {
        let unit = self.sides.get_mut(side)?.open.get_mut(kind)?;
        (unit.count() > 0).then(|| std::mem::take(unit))
    }

    /// Takes the buffers of a unit back.
    pub(super) fn give_back(&mut self, side: usize, kind: usize, mut unit: Unit) {
        unit.clear();
        if let Some(open) = self.sides.get_mut(side).and_then(|side| side.open.get_mut(kind)) {
            *open = unit;
        }
    }

    /// The number of kinds of units.
    pub(super) fn kinds() -> std::ops::Range<usize> {
        0..KINDS
    }

    /// Decides on a unit that the side has sent completely, or in part.
    pub(super) fn settle(&mut self, side: u8, kind: usize, unit: &mut Unit) -> Result<Fate, DiffError> {
        let regular = unit.normalise();
        if let Some((number, found)) = self.find_in_step(side, unit) {
            return Ok(self.join(side_bit(side), unit.fresh, number, found));
        }
        let hash = hash_unit(&self.hash, unit.owner(), kind);
        if self.held.contains(&hash) {
            if unit.fresh {
                self.suspect.remove(&hash);
            }
            self.parts += u64::from(!unit.fresh);
            return Ok(Fate::Held(None));
        }
        let waiting = self.find(hash, unit.owner());
        let bit = side_bit(side);
        if !regular || unit.has_soa || self.watched.contains(&hash) {
            return Ok(self.hold(hash, unit.fresh, waiting));
        }
        let Some((number, found)) = waiting else {
            if self.live == bit {
                return Ok(self.agree(unit.fresh));
            }
            self.wait(hash, bit, unit)?;
            return Ok(Fate::Waits);
        };
        if found.sides & bit != 0 || self.log.read(found.place) != unit.octets() {
            self.parts += u64::from(!unit.fresh);
            return Ok(self.hold(hash, unit.fresh, waiting));
        }
        Ok(self.join(bit, unit.fresh, number, found))
    }

    /// One more side has sent what waits there.
    fn join(&mut self, bit: u64, fresh: bool, number: u32, mut found: Waiting) -> Fate {
        found.sides |= bit;
        found.fresh |= fresh;
        self.found = number;
        if self.live & !found.sides == 0 {
            self.remove(number, &found);
            return self.agree(found.fresh);
        }
        if let Some(place) = self.entry_mut(number) {
            *place = found;
        }
        Fate::Waits
    }

    /// Takes a side out; what waited for nobody else has agreed.
    pub(super) fn drop_side(&mut self, side: u8) -> Vec<Waited> {
        self.live &= !side_bit(side);
        if let Some(side) = self.sides.get_mut(usize::from(side)) {
            self.lost_some |= side.highest.iter().any(|highest| !highest.is_empty());
            *side = Side::default();
        }
        let live = self.live;
        if live == 0 {
            return Vec::new();
        }
        let agreed = self.take_waiting(|waiting| live & !waiting.sides == 0);
        self.in_parts |= agreed.iter().any(|waited| !waited.fresh);
        agreed
    }

    /// Takes one of the units that still wait, to be held; after the first nothing may wait anew.
    pub(super) fn take_one(&mut self) -> Option<Waited> {
        self.unused.clear();
        loop {
            let found = self.waiting.pop()?;
            if found.sides == 0 {
                continue;
            }
            let waited = self.waited(&found);
            self.log.forget(found.place);
            if !found.fresh && !self.gave_up {
                self.suspect.insert(found.hash);
            }
            return Some(waited);
        }
    }

    /// Whether it is better given up: owners come in parts, and nearly nothing is forgotten.
    pub(super) fn is_hopeless(&self) -> bool {
        self.parts > self.many_parts && self.parts > self.agreed
    }

    /// Ends the merge, less what waits, which is to be taken: nothing is forgotten from now on.
    pub(super) fn give_up(&mut self) -> Past {
        let lowest = |kind: usize| {
            let live = (0_u8..).zip(&self.sides).filter(|(side, _)| self.live & side_bit(*side) != 0);
            let highest = live.filter_map(|(_, side)| side.highest.get(kind));
            let by_order = |a: &&Vec<u8>, b: &&Vec<u8>| match (a.is_empty(), b.is_empty()) {
                (false, false) => compare_names(a, b),
                (a, b) => b.cmp(&a),
            };
            highest.min_by(by_order).cloned().unwrap_or_default()
        };
        let reached = [lowest(0), lowest(1)];
        self.gave_up = true;
        let none = || Units::with_hasher(self.hash.clone());
        (self.held, self.suspect) = (none(), none());
        let watched = std::mem::replace(&mut self.watched, none());
        Past::GaveUp { reached, hash: self.hash.clone(), watched, in_parts: self.in_parts }
    }

    /// Ends the merge when all that waited was taken and nothing comes any more.
    pub(super) fn end(self) -> Past {
        Past::Complete { hash: self.hash, suspect: self.suspect, in_parts: self.in_parts }
    }
}

/// # Passing by
impl Merge {
    /// Whether no side has sent anything of this unit, by its owner alone, and it is not watched.
    pub(super) fn is_new(&self, owner: &[u8], kind: usize) -> bool {
        if self.lost_some {
            return false;
        }
        let mut below: &[u8] = &[];
        for highest in self.sides.iter().filter_map(|side| side.highest.get(kind)) {
            // In step they are all the same.
            if !highest.is_empty() && highest != below && compare_names(owner, highest) != Ordering::Greater {
                return false;
            }
            below = highest;
        }
        !self.watches(owner, kind)
    }

    /// Whether the unit is held whatever comes.
    pub(super) fn watches(&self, owner: &[u8], kind: usize) -> bool {
        !self.watched.is_empty() && self.watched.contains(&hash_unit(&self.hash, owner, kind))
    }

    /// All sides have sent this unit, which [is new](Self::is_new), the same and regular, and it was forgotten; and so
    /// were others between it and the highest before.
    pub(super) fn pass(&mut self, owner: &[u8], kind: usize) {
        self.agreed += 1;
        for (_, side) in (0_u8..).zip(&mut self.sides).filter(|(side, _)| self.live & side_bit(*side) != 0) {
            if let Some(highest) = side.highest.get_mut(kind) {
                highest.clear();
                highest.extend_from_slice(owner);
            }
        }
    }
}

/// # What is known at the end
impl Merge {
    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        let units: usize = self.sides.iter().flat_map(|side| &side.open).map(Unit::memory).sum();
        self.log.memory()
            + units
            + self.waiting.capacity() * size_of::<Waiting>()
            + self.table.allocation_size()
            + self.held.allocation_size()
            + self.suspect.allocation_size()
            + self.watched.allocation_size()
    }

    /// The highest owner of a side, less those of NSEC3.
    pub(super) fn reached(&self, side: usize) -> Option<&[u8]> {
        let [highest, _] = &self.sides.get(side)?.highest;
        (!highest.is_empty()).then_some(highest)
    }
}

/// # What waits
impl Merge {
    /// The unit that waits where it must if this side is in step, with the very same octets: then nothing has to be hashed,
    /// since what waits is regular, not held and not watched.
    fn find_in_step(&self, side: u8, unit: &Unit) -> Option<(u32, Waiting)> {
        let number = self.found.checked_add(1)?;
        let found = self.entry(number)?;
        let waits = found.sides != 0 && found.sides & side_bit(side) == 0;
        (waits && self.log.read(found.place) == unit.octets()).then_some((number, *found))
    }

    /// The unit that waits with this owner.
    fn find(&self, hash: UnitHash, owner: &[u8]) -> Option<(u32, Waiting)> {
        let is_it = |&number: &u32| {
            self.entry(number).is_some_and(|found| {
                let own = self.log.read(found.place).get(..usize::from(found.owner));
                found.hash == hash && own.is_some_and(|own| own.eq_ignore_ascii_case(owner))
            })
        };
        let number = *self.table.find(hash, is_it)?;
        self.entry(number).map(|found| (number, *found))
    }

    /// Lets a unit wait.
    fn wait(&mut self, hash: UnitHash, sides: u64, unit: &Unit) -> Result<(), DiffError> {
        let place = self.log.push(unit.octets())?;
        let owner = u16::try_from(unit.owner().len()).map_err(|_| DiffError::TooMany)?;
        let waiting = Waiting { hash, sides, place, owner, fresh: unit.fresh };
        let number = if let Some(number) = self.unused.pop_front() {
            number
        } else {
            self.waiting.push(waiting);
            u32::try_from(self.waiting.len() - 1).map_err(|_| DiffError::TooMany)?
        };
        if let Some(place) = self.entry_mut(number) {
            *place = waiting;
        }
        let Self { table, waiting, .. } = self;
        let rehash = |&number: &u32| {
            usize::try_from(number).ok().and_then(|index| waiting.get(index)).map_or(0, |found| found.hash)
        };
        table.insert_unique(hash, number, rehash);
        Ok(())
    }

    /// Nothing waits there any more.
    fn remove(&mut self, number: u32, found: &Waiting) {
        self.log.forget(found.place);
        if let Ok(found) = self.table.find_entry(found.hash, |&other| other == number) {
            found.remove();
        }
        if let Some(place) = self.entry_mut(number) {
            place.sides = 0;
        }
        self.unused.push_back(number);
        if self.table.is_empty() && self.waiting.len() > KEPT {
            (self.waiting, self.unused, self.table) = (Vec::new(), VecDeque::new(), HashTable::new());
        }
    }

    /// Takes out all of this sort; copies of them, since the log is there until each was copied.
    fn take_waiting(&mut self, which: impl Fn(&Waiting) -> bool) -> Vec<Waited> {
        let chosen = (0_u32..).zip(&self.waiting).filter(|(_, waiting)| waiting.sides != 0 && which(waiting));
        let chosen: Vec<(u32, Waiting)> = chosen.map(|(number, waiting)| (number, *waiting)).collect();
        let mut taken = Vec::with_capacity(chosen.len());
        for (number, found) in chosen {
            taken.push(self.waited(&found));
            self.remove(number, &found);
        }
        taken
    }

    /// A copy of what waits.
    fn waited(&self, found: &Waiting) -> Waited {
        let octets = self.log.read(found.place).to_vec();
        Waited { sides: found.sides, fresh: found.fresh, octets, owner: usize::from(found.owner) }
    }

    /// All sides have sent it.
    fn agree(&mut self, fresh: bool) -> Fate {
        self.agreed += 1;
        self.in_parts |= !fresh;
        Fate::Agreed
    }

    /// From now on this unit is held.
    fn hold(&mut self, hash: UnitHash, fresh: bool, waiting: Option<(u32, Waiting)>) -> Fate {
        let fresh = fresh || waiting.is_some_and(|(_, found)| found.fresh);
        self.held.insert(hash);
        if !fresh && !self.watched.contains(&hash) {
            self.suspect.insert(hash);
        }
        let waited = waiting.map(|(number, found)| {
            let waited = self.waited(&found);
            self.found = number;
            self.remove(number, &found);
            waited
        });
        Fate::Held(waited)
    }

    /// What waits there.
    fn entry(&self, number: u32) -> Option<&Waiting> {
        self.waiting.get(usize::try_from(number).ok()?)
    }

    /// The same, to be changed.
    fn entry_mut(&mut self, number: u32) -> Option<&mut Waiting> {
        self.waiting.get_mut(usize::try_from(number).ok()?)
    }
}

#[cfg(test)]
mod tests;
