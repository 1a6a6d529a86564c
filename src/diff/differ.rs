//! Takes records in from all sides and, at the end, finds where they do not agree.
//!
//! What comes in is held, or given to the [`Merge`] first, which forgets what agreed. Both have the same three doors,
//! `add`, `drop_side` and `finish`.

use super::DiffError;
use super::arena::{Holdings, Originals, RecordEntry, RecordNumber, RrsetKey, RrsetNumber, RrsetTtl, side_bit};
use super::change::{HeldChange, SideNotes, ZoneDiff};
use super::classify::{Differing, Hint, Hints};
use super::content::{Content, ContentHash};
use super::merge::{Fate, Merge, Units, Waited, hash_unit, kind_of};
use super::policy::{DiffPolicy, Filter, LeftOut, Soa};
use crate::canonical::{CanonicalRecord, Form, compare_names};
use crate::wire::{Rtype, WireName};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The base and one target.
pub const MIN_SIDES: usize = 2;
/// One bit of a machine word for each side.
pub const MAX_SIDES: usize = 64;

/// The bit of the base.
const BASE: u64 = 1;

/// A comparison that is being fed; see the [module](super) for what is equal.
#[derive(Debug)]
pub struct Differ {
    /// What is not a difference.
    policy: DiffPolicy,
    /// The key of all hashes.
    seed: [u64; 4],
    /// All records.
    holdings: Holdings,
    /// Their RDATA as received, where only a part is compared.
    originals: Originals,
    /// Notes on each side.
    sides: Vec<SideNotes>,
    /// What was left out so far.
    left_out: BTreeMap<(Filter, usize), u64>,
    /// The payload of the record that is being added.
    scratch: Vec<u8>,
    /// Where records come together before they are held; none if all of them are held.
    merge: Option<Merge>,
    /// What was forgotten, which is the same of every side.
    agreed: Agreed,
}

/// What all sides had the same, and what is not held any more.
#[derive(Debug)]
struct Agreed {
    /// The hash of it.
    hash: ContentHash,
    /// All of it.
    content: Content,
    /// How many records.
    records: u64,
}

/// What a comparison has left over that forgets what agreed; another one, by [`Differ::settling`], is the judge of it.
#[derive(Debug, Clone)]
pub struct Leftovers {
    /// The key of the hash.
    seed: [u64; 4],
    /// The units in which a target differs, and those above them, where a hint may come from.
    units: Units,
}

impl Leftovers {
    /// These and those of another pass: what is settled once is to stay so.
    ///
    /// Both come from comparisons with one key of the hash, else this changes nothing.
    pub fn extend(&mut self, other: &Self) {
        if self.seed == other.seed {
            self.units.extend(&other.units);
        }
    }
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
                holdings: Holdings::new(seed),
                originals: Originals::new(seed),
                sides: vec![SideNotes::default(); sides],
                left_out: BTreeMap::new(),
                scratch: Vec::new(),
                merge: None,
                agreed: Agreed { hash: ContentHash::new(seed), content: Content::default(), records: 0 },
            }),
            _ => Err(DiffError::TooManySides),
        }
    }

    /// The same, but forgets what all sides have sent, so that sides in step cost no memory.
    ///
    /// Equal sides are found equal. A difference may be unsettled, and a hint at what surrounds it missing: see
    /// [`ZoneDiff::is_settled`]. How a record that all sides send twice is counted depends on when they do.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn streaming(sides: usize, policy: DiffPolicy, seed: [u64; 4]) -> Result<Self, DiffError> {
        let leftovers = Leftovers { seed, units: Units::with_hasher(hash_of(seed)) };
        Self::settling(sides, policy, &leftovers)
    }

    /// The same once more: what was left over by the comparison before is held from its first record on, so that it
    /// is settled now.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn settling(sides: usize, policy: DiffPolicy, leftovers: &Leftovers) -> Result<Self, DiffError> {
        let mut differ = Self::new(sides, policy, leftovers.seed)?;
        let watched = leftovers.units.clone();
        differ.merge = Some(Merge::new(sides, differ.policy.record_form(), hash_of(leftovers.seed), watched));
        Ok(differ)
    }
}

/// # Feeding
impl Differ {
    /// Adds a record that the side sent. Any order, any interleaving of sides. The SOA that ends a transfer is not a
    /// record of its own: add the apex SOA once.
    ///
    /// The record is in the form of [`DiffPolicy::record_form`].
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
            self.agree(waited.records());
        }
    }

    /// How many octets of memory the records take that are held or wait for other sides, reckoned from what is allocated.
    pub fn memory(&self) -> usize {
        self.holdings.memory() + self.originals.memory() + self.merge.as_ref().map_or(0, Merge::memory)
    }

    /// The highest owner that the side has sent so far, less those of NSEC3, if what agrees is forgotten.
    ///
    /// Whoever can choose adds from the side that is behind: the less the sides are apart, the less waits.
    pub fn reached(&self, side: usize) -> Option<&[u8]> {
        self.merge.as_ref()?.reached(side)
    }

    /// Holds a record to the end.
    fn hold(&mut self, side: u8, record: &CanonicalRecord<'_>) -> Result<(), DiffError> {
        let payload = write_payload(&self.policy, record, &mut self.scratch);
        let (found, repeated) = self.holdings.note(side, key_of(record, record.owner()), record.ttl(), payload)?;
        if self.policy.masks(record.rtype()) {
            self.originals.note(found, side, record.rdata())?;
        }
        if let Some(notes) = self.sides.get_mut(usize::from(side)).filter(|notes| !notes.dropped) {
            notes.duplicates += u64::from(repeated);
            notes.compared += u64::from(!repeated);
        }
        Ok(())
    }

    /// Holds what several sides had sent.
    fn hold_waited(&mut self, waited: &Waited) -> Result<(), DiffError> {
        for side in (0..64).filter(|side| waited.sides & side_bit(*side) != 0) {
            waited.records().try_for_each(|record| self.hold(side, &record))?;
        }
        Ok(())
    }

    /// Ends the unit that the side is sending, if it is sending one.
    fn close(&mut self, side: u8, kind: usize) -> Result<(), DiffError> {
        let Some(merge) = &mut self.merge else { return Ok(()) };
        let Some(mut unit) = merge.take(usize::from(side), kind) else { return Ok(()) };
        match merge.settle(side, kind, &mut unit)? {
            Fate::Waits => {}
            Fate::Agreed => self.agree(unit.records()),
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

    /// Counts what all sides have sent, and forgets it.
    fn agree<'r>(&mut self, records: impl Iterator<Item = CanonicalRecord<'r>>) {
        let Self { policy, agreed, scratch, .. } = self;
        let strict = policy.record_form() == Form::Bitwise;
        for record in records {
            let ttl = if policy.leaves_out_ttl() { 0 } else { record.ttl() };
            let folded = strict.then(|| record.owner().to_ascii_lowercase());
            let key = key_of(&record, folded.as_deref().unwrap_or(record.owner()));
            let payload = write_payload(policy, &record, scratch);
            agreed.content.add(agreed.hash.of(&key, ttl, payload));
            agreed.records += 1;
        }
    }
}

/// The `RRset` of a record, with this form of its owner.
fn key_of<'r>(record: &CanonicalRecord<'_>, owner: &'r [u8]) -> RrsetKey<'r> {
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
fn type_covered(record: &CanonicalRecord<'_>) -> u16 {
    match (record.rtype(), record.rdata()) {
        (Rtype::RRSIG, &[high, low, ..]) => u16::from_be_bytes([high, low]),
        _ => 0,
    }
}

/// The targets in which an `RRset` differs.
#[derive(Debug, Clone, Copy, Default)]
struct Where {
    /// Those with other records.
    records: u64,
    /// Those with another TTL that counts.
    ttl: u64,
}

/// # Finishing
impl Differ {
    /// Ends the comparison. Every side must have been added completely and verified by now, or dropped.
    pub fn finish(mut self) -> ZoneDiff {
        if self.hold_rest().is_err() {
            // A record that cannot be held: then nothing is known of any side.
            self.sides.iter_mut().for_each(|notes| *notes = SideNotes { dropped: true, ..SideNotes::default() });
        }
        let targets = self.targets();
        let mut differing: HashMap<RrsetNumber, Where, ahash::RandomState> = HashMap::with_hasher(hash_of(self.seed));
        for (_, record) in self.holdings.records() {
            let differs = differing_targets(record, targets);
            if differs != 0 {
                differing.entry(record.rrset).or_default().records |= differs;
            }
        }
        self.find_other_ttls(targets, &mut differing);
        self.count_masked(targets);
        let changes = self.in_order(&differing);
        let apexes = self.apexes();
        let contents = self.contents();
        let leftovers = self.leftovers(&changes, &apexes);
        let settled = !changes.iter().any(|rrset| self.is_suspect(*rrset));
        let left_out = std::mem::take(&mut self.left_out);
        let left_out = left_out.into_iter().map(|((what, side), count)| LeftOut { what, side, count }).collect();
        let mut sides = std::mem::take(&mut self.sides);
        for side in sides.iter_mut().filter(|side| !side.dropped) {
            side.compared += self.agreed.records;
        }
        let mut diff = ZoneDiff {
            policy: self.policy.clone(),
            sides,
            left_out,
            octets: Vec::new(),
            changes: Vec::new(),
            settled,
            leftovers,
            contents,
        };
        let listed = self.listed(targets, &differing, &changes);
        let mut rest = listed.as_slice();
        for (rank, rrset) in (0_u32..).zip(changes) {
            let (records, after) = rest.split_at(rest.partition_point(|(of, _)| *of == rank));
            rest = after;
            let place = differing.get(&rrset).copied().unwrap_or_default();
            let rrset = RrsetInQuestion { differ: &self, rrset, records, place, apexes: &apexes };
            for side in (1..64).filter(|side| (place.records | place.ttl) & side_bit(*side) != 0) {
                rrset.write_change(side, &mut diff);
            }
        }
        diff
    }

    /// Holds what was not forgotten by now.
    fn hold_rest(&mut self) -> Result<(), DiffError> {
        for side in (0_u8..).take(self.sides.len()) {
            Merge::kinds().try_for_each(|kind| self.close(side, kind))?;
        }
        let rest = self.merge.as_mut().map(Merge::take_rest).unwrap_or_default();
        rest.iter().try_for_each(|waited| self.hold_waited(waited))
    }

    /// Whether a part of the `RRset` may have been forgotten before the rest was held.
    fn is_suspect(&self, rrset: RrsetNumber) -> bool {
        let key = self.holdings.key(rrset);
        self.merge.as_ref().is_some_and(|merge| merge.is_suspect(key.owner, kind_of(key.rtype, key.covered)))
    }

    /// The units of these `RRsets`, and those above them up to the apex.
    fn leftovers(&self, rrsets: &[RrsetNumber], apexes: &[Option<WireName>]) -> Option<Leftovers> {
        self.merge.as_ref()?;
        let state = hash_of(self.seed);
        let mut units = Units::with_hasher(state.clone());
        for rrset in rrsets {
            let key = self.holdings.key(*rrset);
            units.insert(hash_unit(&state, key.owner, kind_of(key.rtype, key.covered)));
            let mut above = WireName::from_octets(key.owner).ok().and_then(|owner| owner.parent());
            while let Some(name) = above.filter(|name| !apexes.contains(&Some(*name))) {
                if !units.insert(hash_unit(&state, name.as_octets(), 0)) {
                    break;
                }
                above = name.parent();
            }
        }
        Some(Leftovers { seed: self.seed, units })
    }

    /// What each side held, unless it was forgotten in parts.
    fn contents(&self) -> Vec<Option<Content>> {
        if self.merge.as_ref().is_none_or(Merge::is_open) {
            return Vec::new();
        }
        let mut contents: Vec<Option<Content>> =
            self.sides.iter().map(|notes| (!notes.dropped).then_some(self.agreed.content)).collect();
        for (_, record) in self.holdings.records() {
            let (key, payload) = (self.holdings.key(record.rrset), self.holdings.payload(record));
            for (side, content) in (0_u8..).zip(&mut contents).filter(|(side, _)| record.sides & side_bit(*side) != 0) {
                let ttl = self.holdings.ttl(record.rrset, side).filter(|_| !self.policy.leaves_out_ttl());
                if let Some(content) = content {
                    content.add(self.agreed.hash.of(&key, ttl.map_or(0, |ttl| ttl.lowest), payload));
                }
            }
        }
        contents
    }

    /// The targets that are compared, as bits: none without the base.
    fn targets(&self) -> u64 {
        let live = (0_u8..).zip(&self.sides).filter(|(_, notes)| !notes.dropped);
        let live = live.fold(0, |bits, (side, _)| bits | side_bit(side));
        if live & BASE == 0 { 0 } else { live & !BASE }
    }

    /// Finds the `RRsets` with several TTLs, and those whose TTL differs from the base's.
    fn find_other_ttls(&mut self, targets: u64, differing: &mut HashMap<RrsetNumber, Where, ahash::RandomState>) {
        for (rrset, side) in self.holdings.uneven() {
            let mixed = self.holdings.ttl(rrset, side).is_some_and(|ttl| ttl.mixed);
            if let Some(notes) = self.sides.get_mut(usize::from(side)).filter(|notes| !notes.dropped) {
                notes.mixed_ttls += u64::from(mixed);
            }
        }
        let rrsets: BTreeSet<RrsetNumber> = self.holdings.uneven().map(|(rrset, _)| rrset).collect();
        for rrset in rrsets {
            let Some(base) = self.holdings.ttl(rrset, 0) else { continue };
            for side in (1..64).filter(|side| targets & side_bit(*side) != 0) {
                let differs = self.holdings.ttl(rrset, side).is_some_and(|ttl| ttl.lowest != base.lowest);
                if differs && self.policy.leaves_out_ttl() {
                    *self.left_out.entry((Filter::Ttl, usize::from(side))).or_default() += 1;
                } else if differs {
                    differing.entry(rrset).or_default().ttl |= side_bit(side);
                }
            }
        }
    }

    /// Counts where what the policy blanks in SOA and RRSIG differs from the base.
    fn count_masked(&mut self, targets: u64) {
        let mut soa: BTreeMap<(RrsetNumber, u8), Vec<&[u8]>> = BTreeMap::new();
        for (number, record) in self.holdings.records() {
            let rtype = self.holdings.key(record.rrset).rtype;
            if !self.policy.masks(rtype) {
                continue;
            }
            let base = self.originals.read(number, 0);
            for side in (0..64).filter(|side| (targets | BASE) & record.sides & side_bit(*side) != 0) {
                let Some(own) = self.originals.read(number, side) else { continue };
                if rtype == Rtype::SOA {
                    soa.entry((record.rrset, side)).or_default().push(own);
                } else if base.is_some_and(|base| base != own) {
                    *self.left_out.entry((Filter::Signature, usize::from(side))).or_default() += 1;
                }
            }
        }
        for records in soa.values_mut() {
            records.sort_unstable();
        }
        for ((rrset, side), records) in &soa {
            let Some(base) = soa.get(&(*rrset, 0)) else { continue };
            for (own, base) in records.iter().zip(base) {
                let (Ok(own), Ok(base)) = (Soa::read(own), Soa::read(base)) else { continue };
                let hidden = own.differing(&base).iter().filter(|f| self.policy.soa_fields_left_out().contains(*f));
                for field in hidden {
                    *self.left_out.entry((Filter::SoaField(field), usize::from(*side))).or_default() += 1;
                }
            }
        }
    }

    /// The differing `RRsets` in canonical order of owner, type, class and type covered.
    fn in_order(&self, differing: &HashMap<RrsetNumber, Where, ahash::RandomState>) -> Vec<RrsetNumber> {
        let mut rrsets: Vec<RrsetNumber> = differing.keys().copied().collect();
        rrsets.sort_unstable_by(|a, b| {
            let (a, b) = (self.holdings.key(*a), self.holdings.key(*b));
            let numbers = |key: RrsetKey<'_>| (key.rtype, key.class, key.covered);
            compare_names(a.owner, b.owner).then_with(|| numbers(a).cmp(&numbers(b)))
        });
        rrsets
    }

    /// The records that some change lists, with the rank of their `RRset`, by that rank.
    fn listed(
        &self,
        targets: u64,
        differing: &HashMap<RrsetNumber, Where, ahash::RandomState>,
        order: &[RrsetNumber],
    ) -> Vec<(u32, RecordNumber)> {
        let mut ranks = HashMap::with_capacity_and_hasher(order.len(), hash_of(self.seed));
        ranks.extend(order.iter().copied().zip(0_u32..));
        let mut listed = Vec::new();
        let any_ttl = differing.values().any(|place| place.ttl != 0);
        for (number, record) in self.holdings.records() {
            let alone = differing_targets(record, targets) != 0;
            if !alone && !any_ttl {
                continue;
            }
            let whole = || differing.get(&record.rrset).is_some_and(|place| place.ttl != 0);
            if let Some(rank) = ranks.get(&record.rrset).filter(|_| alone || whole()) {
                listed.push((*rank, number));
            }
        }
        listed.sort_unstable();
        listed
    }

    /// The name of the zone for each side, as it or the base tells it: the lowest owner of an SOA.
    fn apexes(&self) -> Vec<Option<WireName>> {
        let soa: Vec<_> = self.holdings.keys().filter(|(_, key)| key.rtype == Rtype::SOA).collect();
        let told = |side| {
            let tells = |rrset| [0, side].into_iter().any(|of| self.holdings.ttl(rrset, of).is_some());
            let apex = soa.iter().filter(|(rrset, _)| tells(*rrset)).min_by(|a, b| compare_names(a.1.owner, b.1.owner));
            apex.and_then(|(_, key)| WireName::from_octets(key.owner).ok())
        };
        (0_u8..).take(self.sides.len()).map(told).collect()
    }
}

/// Targets that have the record while the base has not, or the other way round.
fn differing_targets(record: &RecordEntry, targets: u64) -> u64 {
    if record.sides & BASE == 0 { record.sides & targets } else { !record.sides & targets }
}

/// A keyed hash.
fn hash_of([a, b, c, d]: [u64; 4]) -> ahash::RandomState {
    ahash::RandomState::with_seeds(a, b, c, d)
}

/// An `RRset` in which some target differs.
struct RrsetInQuestion<'d> {
    /// Where everything is held.
    differ: &'d Differ,
    /// The `RRset`.
    rrset: RrsetNumber,
    /// Its records that some change lists.
    records: &'d [(u32, RecordNumber)],
    /// The targets in which it differs.
    place: Where,
    /// The zone's name, by side.
    apexes: &'d [Option<WireName>],
}

impl<'d> RrsetInQuestion<'d> {
    /// Writes the change of one target.
    fn write_change(&self, side: u8, diff: &mut ZoneDiff) {
        let (ttl_of_base, ttl_of_target) = (self.ttl(0), self.ttl(side));
        let ttl_differs = self.place.ttl & side_bit(side) != 0;
        let [removed, common_of_base] = self.records_of(0, side, ttl_of_base);
        let [added, common_of_target] = self.records_of(side, 0, ttl_of_target);
        let key = self.differ.holdings.key(self.rrset);
        let owner = WireName::from_octets(key.owner).unwrap_or(WireName::ROOT);
        let present = (ttl_of_base.is_some(), ttl_of_target.is_some());
        let mixed = |ttl: Option<RrsetTtl>| ttl.is_some_and(|ttl| ttl.mixed);
        let mut known = Hints::default();
        known.add_if(mixed(ttl_of_base) || mixed(ttl_of_target), Hint::MixedTtl);
        known.add_if(self.is_below_cut(&owner, key.class, side), Hint::BelowZoneCut);
        known.add_if(present != (true, true) && self.is_flattened(key, side), Hint::FlattenedAlias);
        let (kind, hints) = Differing {
            form: self.differ.policy.record_form(),
            apex: self.apex(side),
            soa_left_out: self.differ.policy.soa_fields_left_out(),
            owner: &owner,
            rtype: key.rtype,
            present,
            ttl_differs,
            known,
            removed: &removed,
            added: &added,
        }
        .classify();
        let start = diff.octets.len();
        let mut write = |mut own: Vec<CanonicalRecord<'d>>, common: Vec<CanonicalRecord<'d>>| {
            if ttl_differs {
                own.extend(common);
            }
            own.sort_unstable_by(|a, b| a.rdata().cmp(b.rdata()).then_with(|| a.owner().cmp(b.owner())));
            for record in &own {
                record.write(&mut diff.octets);
            }
            u64::try_from(own.len()).unwrap_or(u64::MAX)
        };
        let counts = (write(removed, common_of_base), write(added, common_of_target));
        let octets = start..diff.octets.len();
        diff.push(HeldChange { side, kind, hints, counts, octets });
    }

    /// The listed records of one side as it sent them: those that the other has not, and those that it has.
    fn records_of(&self, side: u8, other: u8, ttl: Option<RrsetTtl>) -> [Vec<CanonicalRecord<'d>>; 2] {
        let (mut own, mut common) = (Vec::new(), Vec::new());
        let Differ { holdings, originals, policy, .. } = self.differ;
        let key = holdings.key(self.rrset);
        for (_, number) in self.records {
            let Some(record) = holdings.record(*number).filter(|r| r.sides & side_bit(side) != 0) else { continue };
            let payload = holdings.payload(record);
            let (owner, rdata) = match policy.record_form() {
                Form::Bitwise => payload.split_at(key.owner.len().min(payload.len())),
                Form::Canonical => (key.owner, payload),
            };
            let rdata = originals.read(*number, side).unwrap_or(rdata);
            let ttl = ttl.map_or(0, |ttl| ttl.lowest);
            let list = if record.sides & side_bit(other) == 0 { &mut own } else { &mut common };
            list.push(CanonicalRecord::new(owner, key.rtype, key.class, ttl, rdata));
        }
        [own, common]
    }

    /// The zone's name as the base or this target tells it.
    fn apex(&self, side: u8) -> Option<&'d WireName> {
        self.apexes.get(usize::from(side))?.as_ref()
    }

    /// The TTL of one side's `RRset`.
    fn ttl(&self, side: u8) -> Option<RrsetTtl> {
        self.differ.holdings.ttl(self.rrset, side)
    }

    /// The sides that have this `RRset`, the base and one target being asked for.
    fn holders(&self, owner: &[u8], rtype: Rtype, class: u16, side: u8) -> [bool; 2] {
        let rrset = self.differ.holdings.find(RrsetKey { owner, rtype, class, covered: 0 });
        [0, side].map(|of| rrset.is_some_and(|rrset| self.differ.holdings.ttl(rrset, of).is_some()))
    }

    /// Whether the base or the target has a delegation or DNAME above this owner and below the apex.
    ///
    /// RFC 2136 section 7.18 calls what is hidden so "obscured"; servers do not agree on whether it is transferred.
    fn is_below_cut(&self, owner: &WireName, class: u16, side: u8) -> bool {
        let Some(apex) = self.apex(side) else { return false };
        let mut above = owner.parent();
        while let Some(name) = above.filter(|name| name != apex && name.is_at_or_below(apex)) {
            let holders = |rtype| self.holders(name.as_octets(), rtype, class, side);
            if [Rtype::NS, Rtype::DNAME].into_iter().any(|rtype| holders(rtype) != [false, false]) {
                return true;
            }
            above = name.parent();
        }
        false
    }

    /// Whether one side has an alias where the other has addresses.
    fn is_flattened(&self, key: RrsetKey<'_>, side: u8) -> bool {
        if !matches!(key.rtype, Rtype::CNAME | Rtype::A | Rtype::AAAA) {
            return false;
        }
        let holders = |rtype| self.holders(key.owner, rtype, key.class, side);
        let [alias_in_base, alias_in_target] = holders(Rtype::CNAME);
        [Rtype::A, Rtype::AAAA]
            .into_iter()
            .map(holders)
            .any(|[in_base, in_target]| (alias_in_base && in_target) || (alias_in_target && in_base))
    }
}
