//! What the differ holds: octets once, and for each record a bit for every side that sent it.
//!
//! An `RRset` is found by a hash of its key, its records by a walk along their chain, or by a hash too once there are many.
//! A hash only finds candidates; octets decide. It does not know what a difference is.
//!
//! Memory in octets: an `RRset` costs its owner, 22 and 10 to 20 for its place in the table, a record its RDATA and 8, and
//! both one for every eight sides. A record of an `RRset` of more than [`FEW`] costs 9 to 20 more for its place in the other
//! table. An `RRset` whose TTL is not the same everywhere costs 20 to 40 for each side that differs, and a record of
//! which a policy compares a part keeps its whole RDATA for each side.

use super::DiffError;
use super::arena::{Arena, At};
use super::ordered::{HeldRecord, InOrder, OtherTtls, Presence, RrsetKey, Surroundings, Ttls, side_bit, sides_of};
use crate::canonical::compare_names;
use crate::wire::{Rtype, WireName};
use ahash::RandomState;
use hashbrown::{HashMap, HashTable, hash_map, hash_table};
use std::hash::{BuildHasher, Hasher};

/// The types whose presence at an owner says that an alias was made flat.
const ADDRESSING: [Rtype; 3] = [Rtype::CNAME, Rtype::A, Rtype::AAAA];
/// How many records of an `RRset` are found without a table: most have no more, and a short walk is cheaper.
const FEW: u32 = 8;

/// How many records are looked up at once: about as many reads as a processor has open.
pub(super) const AT_ONCE: usize = 16;

/// Set in the first number of an entry that is an `RRset`; the rest is the length of its key.
const RRSET: u32 = 1 << 31;
/// Set in the number of records of an `RRset` that has other TTLs than its first.
const UNEVEN: u32 = 1 << 31;
/// Where the parts of an `RRset`'s entry start: length, last record, number of records, TTL, then bits and the key.
const LAST: usize = 4;
/// See [`LAST`].
const COUNT: usize = 8;
/// See [`LAST`].
const TTL: usize = 12;
/// See [`LAST`].
const AT_TTL: usize = 16;
/// Where those of a record's entry start: length, the record before it in its `RRset`, then bits and the payload.
const BEFORE: usize = 4;
/// See [`BEFORE`].
const SIDES: usize = 8;

/// All records of all sides.
pub(super) struct Holdings {
    /// `RRsets` and records in the order of their arrival.
    arena: Arena,
    /// How many octets the bits of all sides take.
    width: usize,
    /// The keyed hash: zone data is chosen by strangers.
    hash: RandomState,
    /// Finds an `RRset` by its key. A part of the hash stands beside the place, so that a table that grows reads no key.
    rrsets: HashTable<(At, u32)>,
    /// Finds a record of a large `RRset`, by the `RRset` and the payload.
    records: HashTable<(At, At)>,
    /// TTLs that are not the first one of their `RRset`, by `RRset` and side.
    other_ttls: HashMap<(At, u8), OtherTtls, RandomState>,
    /// RDATA as they were received, where records are compared on a part of it.
    originals: Originals,
    /// The `RRset` of the last record of each side: the next one is often of the same.
    last: Vec<Option<At>>,
    /// The key that is being looked up.
    scratch: Vec<u8>,
}

impl std::fmt::Debug for Holdings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holdings")
            .field("rrsets", &self.rrsets.len())
            .field("octets", &self.arena.memory())
            .finish_non_exhaustive()
    }
}

/// # Feeding
impl Holdings {
    /// Empty, for so many sides, with a hash of this key.
    pub(super) fn new(sides: usize, [a, b, c, d]: [u64; 4]) -> Self {
        let hash = RandomState::with_seeds(a, b, c, d);
        Self {
            arena: Arena::default(),
            width: sides.div_ceil(8),
            rrsets: HashTable::new(),
            records: HashTable::new(),
            other_ttls: HashMap::with_hasher(hash.clone()),
            originals: Originals { arena: Arena::default(), places: HashMap::with_hasher(hash.clone()) },
            last: vec![None; sides],
            scratch: Vec::new(),
            hash,
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.rrsets.is_empty()
    }

    /// Whether a record of these lengths has no place any more, since places are numbers of four octets.
    pub(super) fn is_full(&self, owner: usize, payload: usize) -> bool {
        // A record takes one entry, and perhaps one for its RRset; the overheads of both are below a hundred octets.
        self.arena.is_full(owner + payload + 100) || self.originals.arena.is_full(payload + 100)
    }

    /// Notes a record of one side; `original` is its RDATA where the payload is a part of it.
    pub(super) fn note(
        &mut self,
        side: u8,
        key: RrsetKey<'_>,
        ttl: u32,
        payload: &[u8],
        original: Option<&[u8]>,
    ) -> Result<(), DiffError> {
        let rrset = self.note_rrset(side, key, ttl)?;
        let record = match self.find_record(rrset, payload) {
            Some(record) => {
                set_bit(&mut self.arena, record.plus(SIDES), self.width, side);
                record
            }
            None => self.add_record(rrset, side, payload)?,
        };
        match original {
            Some(original) => self.originals.note(record, side, original),
            None => Ok(()),
        }
    }

    /// Reads where records of these keys would be found, so that memory has answered for all of them at once when each is
    /// noted: in a zone that is larger than the caches that is most of what a record costs.
    ///
    /// A key is taken for found by its hash alone; what it may find wrongly decides nothing.
    pub(super) fn fetch<'r>(&mut self, keys: impl Iterator<Item = RrsetKey<'r>>) {
        let Self { arena, hash, rrsets, scratch, .. } = self;
        let mut found = [At::NONE; AT_ONCE];
        for (place, key) in found.iter_mut().zip(keys) {
            scratch.clear();
            key.write(scratch);
            let own = hash_key(hash, scratch);
            *place = rrsets.find(spread(own), |(_, hash)| *hash == own).map_or(At::NONE, |(rrset, _)| *rrset);
        }
        // Two loops of their own: no read in them waits for the one before it.
        let last = found.map(|rrset| At::from_number(arena.number(rrset.plus(LAST))));
        std::hint::black_box(last.map(|record| arena.number(record)));
    }

    /// Finds or makes the `RRset`, and notes the TTL that one side sent in it.
    fn note_rrset(&mut self, side: u8, key: RrsetKey<'_>, ttl: u32) -> Result<At, DiffError> {
        self.scratch.clear();
        key.write(&mut self.scratch);
        let last = self.last.get(usize::from(side)).copied().flatten();
        let rrset = match last.filter(|rrset| key_at(&self.arena, *rrset, self.width) == self.scratch) {
            Some(rrset) => rrset,
            None => self.find_or_add_rrset(ttl)?,
        };
        if let Some(last) = self.last.get_mut(usize::from(side)) {
            *last = Some(rrset);
        }
        let Self { arena, width, .. } = self;
        if arena.number(rrset.plus(TTL)) == ttl {
            set_bit(arena, rrset.plus(AT_TTL), *width, side);
        } else {
            let others = self.other_ttls.entry((rrset, side));
            others.or_insert(OtherTtls { lowest: ttl, highest: ttl }).note(ttl);
            let count = arena.number(rrset.plus(COUNT));
            arena.set_number(rrset.plus(COUNT), count | UNEVEN);
        }
        Ok(rrset)
    }

    /// The `RRset` whose key is in `scratch`; a new one has this TTL.
    fn find_or_add_rrset(&mut self, ttl: u32) -> Result<At, DiffError> {
        let Self { arena, hash, rrsets, scratch, width, .. } = self;
        let own = hash_key(hash, scratch);
        let is_it = |&(rrset, hash): &(At, u32)| hash == own && key_at(arena, rrset, *width) == scratch;
        match rrsets.entry(spread(own), is_it, |&(_, hash)| spread(hash)) {
            hash_table::Entry::Occupied(found) => Ok(found.get().0),
            hash_table::Entry::Vacant(vacant) => {
                let length = u32::try_from(scratch.len()).map_err(|_| DiffError::Lost)? | RRSET;
                let numbers = [length, At::NONE.number(), 0, ttl].map(u32::to_le_bytes);
                let bits = [0; 8];
                let bits = bits.get(..*width).unwrap_or_default();
                let rrset = arena.push(&[numbers.as_flattened(), bits, scratch])?;
                vacant.insert((rrset, own));
                Ok(rrset)
            }
        }
    }

    /// The record of an `RRset` with this payload.
    fn find_record(&self, rrset: At, payload: &[u8]) -> Option<At> {
        if self.count(rrset) <= FEW {
            return self.chain(rrset).find(|record| self.payload(*record) == payload);
        }
        let is_it = |&(of, record): &(At, At)| of == rrset && self.payload(record) == payload;
        self.records.find(hash_record(&self.hash, rrset, payload), is_it).map(|(_, record)| *record)
    }

    /// Appends a record that the `RRset` does not have yet.
    fn add_record(&mut self, rrset: At, side: u8, payload: &[u8]) -> Result<At, DiffError> {
        let length = u32::try_from(payload.len()).map_err(|_| DiffError::Lost)?;
        let before = self.arena.number(rrset.plus(LAST));
        let bits = side_bit(side).to_le_bytes();
        let bits = bits.get(..self.width).unwrap_or_default();
        let record = self.arena.push(&[&length.to_le_bytes(), &before.to_le_bytes(), bits, payload])?;
        let count = self.count(rrset) + 1;
        let uneven = self.arena.number(rrset.plus(COUNT)) & UNEVEN;
        self.arena.set_number(rrset.plus(LAST), record.number());
        self.arena.set_number(rrset.plus(COUNT), count | uneven);
        let found_by_table = match count {
            ..=FEW => Vec::new(),
            // From now on the table has all of them.
            count if count == FEW + 1 => self.chain(rrset).collect(),
            _ => vec![record],
        };
        let Self { arena, hash, records, width, .. } = self;
        for record in found_by_table {
            let rehash = |&(rrset, record): &(At, At)| hash_record(hash, rrset, payload_at(arena, record, *width));
            let own = hash_record(hash, rrset, payload_at(arena, record, *width));
            records.insert_unique(own, (rrset, record), rehash);
        }
        Ok(record)
    }

    /// How many octets are allocated.
    pub(super) fn memory(&self) -> usize {
        let tables = self.rrsets.allocation_size() + self.records.allocation_size() + self.other_ttls.allocation_size();
        self.arena.memory() + tables + self.originals.memory()
    }
}

/// # Reading
impl Holdings {
    /// All `RRsets` in the order of their arrival.
    pub(super) fn rrsets(&self) -> impl Iterator<Item = At> {
        let mut next = self.arena.first();
        std::iter::from_fn(move || {
            loop {
                let at = next?;
                let head = self.arena.number(at);
                let length = usize::try_from(head & !RRSET).unwrap_or(usize::MAX);
                let fixed = if head & RRSET == 0 { SIDES } else { AT_TTL };
                next = self.arena.entry_from(at.plus(fixed + self.width + length));
                if head & RRSET != 0 {
                    return Some(at);
                }
            }
        })
    }

    /// The names of an `RRset`.
    pub(super) fn key(&self, rrset: At) -> RrsetKey<'_> {
        RrsetKey::read(key_at(&self.arena, rrset, self.width))
    }

    /// What was said of its TTL.
    pub(super) fn ttls(&self, rrset: At, ttls: &mut Ttls) {
        ttls.first = self.arena.number(rrset.plus(TTL));
        ttls.at_first = bits_at(&self.arena, rrset.plus(AT_TTL), self.width);
        ttls.others.clear();
        if self.arena.number(rrset.plus(COUNT)) & UNEVEN != 0 {
            let sides = (0_u8..).take(self.last.len());
            ttls.others.extend(sides.filter_map(|side| Some((side, *self.other_ttls.get(&(rrset, side))?))));
        }
    }

    /// Its records, the last one first.
    pub(super) fn records(&self, rrset: At) -> impl Iterator<Item = (At, HeldRecord<'_>)> {
        self.chain(rrset).map(|record| {
            let sides = bits_at(&self.arena, record.plus(SIDES), self.width);
            (record, HeldRecord { payload: self.payload(record), sides, originals: &[] })
        })
    }

    /// The RDATA of a record as these sides sent it, if only a part is compared.
    pub(super) fn originals<'h>(&'h self, record: At, sides: u64, found: &mut Vec<(u8, &'h [u8])>) {
        found.clear();
        found.extend(sides_of(sides).filter_map(|side| Some((side, self.originals.read(record, side)?))));
    }

    /// Gives these `RRsets`, which are in canonical order; `around` tells what surrounds those of one owner.
    pub(super) fn give<'h>(
        &'h self,
        rrsets: &[At],
        mut around: impl FnMut(&[At], &mut Around),
        to: &mut impl InOrder,
    ) -> Result<(), DiffError> {
        let (mut surroundings, mut ttls) = (Around::default(), Ttls::default());
        let mut records: Vec<(At, HeldRecord<'h>)> = Vec::new();
        let mut originals = Vec::new();
        for of_owner in rrsets.chunk_by(|a, b| self.key(*a).owner == self.key(*b).owner) {
            let Some(first) = of_owner.first() else { continue };
            around(of_owner, &mut surroundings);
            to.owner(self.key(*first).owner, surroundings.view())?;
            for rrset in of_owner {
                self.ttls(*rrset, &mut ttls);
                to.rrset(&self.key(*rrset), &ttls)?;
                records.clear();
                records.extend(self.records(*rrset));
                records.sort_unstable_by(|(_, a), (_, b)| a.payload.cmp(b.payload));
                for (at, record) in &records {
                    if self.originals.places.is_empty() {
                        to.record(record)?;
                        continue;
                    }
                    self.originals(*at, record.sides, &mut originals);
                    to.record(&HeldRecord { originals: &originals, ..*record })?;
                }
                to.end_rrset()?;
            }
        }
        Ok(())
    }

    /// Sorts `RRsets` into canonical order of owner, type, class and type covered.
    pub(super) fn sort(&self, rrsets: &mut [At]) {
        rrsets.sort_unstable_by(|a, b| {
            let (a, b) = (self.key(*a), self.key(*b));
            compare_names(a.owner, b.owner).then_with(|| a.tail().cmp(&b.tail()))
        });
    }

    /// What these `RRsets`, all of one owner, tell of it.
    pub(super) fn presence_of(&self, rrsets: &[At], around: &mut Around) {
        around.here.clear();
        for rrset in rrsets {
            let key = self.key(*rrset);
            if Presence::TYPES.contains(&key.rtype) {
                Presence::add_to(&mut around.here, key.class, |here| here.note(key.rtype, self.sides(*rrset)));
            }
        }
    }

    /// What is held at the owner of these `RRsets` and above it, as far as hints about them are made of it.
    pub(super) fn look_around(&self, rrsets: &[At], around: &mut Around) {
        around.here.clear();
        for rrset in rrsets {
            let RrsetKey { owner, class, rtype, .. } = self.key(*rrset);
            if ADDRESSING.contains(&rtype) && around.here.iter().all(|here| here.class != class) {
                around.here.push(self.presence(owner, class, &ADDRESSING));
            }
            self.look_above(owner, class, around);
        }
    }

    /// What is held above an owner. What was found above its neighbour holds for it, if they have one parent.
    fn look_above(&self, owner: &[u8], class: u16, around: &mut Around) {
        let Some(parent) = WireName::from_octets(owner).ok().and_then(|owner| owner.parent()) else {
            (around.above_of, around.above) = (None, Vec::new());
            return;
        };
        if around.above_of != Some(parent) {
            around.above.clear();
            around.above_of = Some(parent);
        }
        if around.above.iter().any(|(_, there)| there.class == class) {
            return;
        }
        let mut above = Some(parent);
        while let Some(name) = above {
            let there = self.presence(name.as_octets(), class, &[Rtype::NS, Rtype::DNAME]);
            around.above.push((name.as_octets().len(), there));
            above = name.parent();
        }
    }

    /// Which sides have what at this owner.
    fn presence(&self, owner: &[u8], class: u16, types: &[Rtype]) -> Presence {
        let mut presence = Presence { class, ..Presence::default() };
        for rtype in types.iter().copied() {
            let mut octets = Vec::with_capacity(owner.len() + super::ordered::KEY_TAIL);
            RrsetKey { owner, rtype, class, covered: 0 }.write(&mut octets);
            let own = hash_key(&self.hash, &octets);
            let is_it = |&(rrset, hash): &(At, u32)| hash == own && key_at(&self.arena, rrset, self.width) == octets;
            let found = self.rrsets.find(spread(own), is_it);
            presence.note(rtype, found.map_or(0, |(rrset, _)| self.sides(*rrset)));
        }
        presence
    }

    /// The sides that have an `RRset`.
    fn sides(&self, rrset: At) -> u64 {
        let mut ttls = Ttls::default();
        self.ttls(rrset, &mut ttls);
        ttls.sides()
    }

    /// How many records it has.
    fn count(&self, rrset: At) -> u32 {
        // An arena of 32 bits has no place for so many records that they could reach the flag.
        self.arena.number(rrset.plus(COUNT)) & !UNEVEN
    }

    /// Its records, the last one first.
    fn chain(&self, rrset: At) -> impl Iterator<Item = At> {
        let link = |at: At| Some(At::from_number(self.arena.number(at))).filter(|at| *at != At::NONE);
        std::iter::successors(link(rrset.plus(LAST)), move |record| link(record.plus(BEFORE)))
    }

    /// What tells a record from the others of its `RRset`.
    fn payload(&self, record: At) -> &[u8] {
        payload_at(&self.arena, record, self.width)
    }
}

/// What surrounds an owner, in buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// At the owner.
    here: Vec<Presence>,
    /// Above it.
    above: Vec<(usize, Presence)>,
    /// The name from which on it was looked for above.
    above_of: Option<WireName>,
}

impl Around {
    /// As it is given on.
    fn view(&self) -> Surroundings<'_> {
        Surroundings { here: &self.here, above: &self.above }
    }
}

/// RDATA as they were received, where records are compared on a part of it; the lowest if one side sent several.
#[derive(Debug)]
struct Originals {
    /// Their octets behind their length.
    arena: Arena,
    /// By record and side.
    places: HashMap<(At, u8), At, RandomState>,
}

impl Originals {
    /// Keeps these octets unless the side has sent lower ones.
    fn note(&mut self, record: At, side: u8, octets: &[u8]) -> Result<(), DiffError> {
        let Self { arena, places } = self;
        match places.entry((record, side)) {
            hash_map::Entry::Occupied(mut held) if octets < octets_at(arena, *held.get()) => {
                held.insert(push_octets(arena, octets)?);
            }
            hash_map::Entry::Occupied(_) => {}
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(push_octets(arena, octets)?);
            }
        }
        Ok(())
    }

    /// How many octets are allocated.
    fn memory(&self) -> usize {
        self.arena.memory() + self.places.allocation_size()
    }

    /// What the side sent as this record.
    fn read(&self, record: At, side: u8) -> Option<&[u8]> {
        self.places.get(&(record, side)).map(|at| octets_at(&self.arena, *at))
    }
}

/// Appends octets behind their length.
fn push_octets(arena: &mut Arena, octets: &[u8]) -> Result<At, DiffError> {
    let length = u32::try_from(octets.len()).map_err(|_| DiffError::Lost)?;
    arena.push(&[&length.to_le_bytes(), octets])
}

/// The octets that stand behind their length.
fn octets_at(arena: &Arena, at: At) -> &[u8] {
    arena.read(at.plus(4), usize::try_from(arena.number(at)).unwrap_or(usize::MAX))
}

/// The key of the `RRset` there.
fn key_at(arena: &Arena, rrset: At, width: usize) -> &[u8] {
    let length = usize::try_from(arena.number(rrset) & !RRSET).unwrap_or(usize::MAX);
    arena.read(rrset.plus(AT_TTL + width), length)
}

/// The payload of the record there.
fn payload_at(arena: &Arena, record: At, width: usize) -> &[u8] {
    let length = usize::try_from(arena.number(record)).unwrap_or(usize::MAX);
    arena.read(record.plus(SIDES + width), length)
}

/// The bits of sides that are written there.
fn bits_at(arena: &Arena, at: At, width: usize) -> u64 {
    let octets = arena.read(at, width);
    octets.iter().rev().fold(0, |bits, octet| bits << 8 | u64::from(*octet))
}

/// Sets the bit of a side.
fn set_bit(arena: &mut Arena, at: At, width: usize, side: u8) {
    arena.change(at, width, |octets| {
        if let Some(octet) = octets.get_mut(usize::from(side / 8)) {
            *octet |= 1 << (side % 8);
        }
    });
}

/// Hash of an `RRset`'s key, as much as the table keeps of it.
fn hash_key(state: &RandomState, key: &[u8]) -> u32 {
    let mut hasher = state.build_hasher();
    hasher.write(key);
    let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Such a hash for the table, which takes places from the lower bits and tags from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) | u64::from(hash) << 32
}

/// Hash of a record.
fn hash_record(state: &RandomState, rrset: At, payload: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write_u32(rrset.number());
    hasher.write(payload);
    hasher.finish()
}

#[cfg(test)]
mod tests;
