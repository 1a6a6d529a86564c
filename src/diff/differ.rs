//! Takes records in from all sides and, at the end, finds where they do not agree.
//!
//! In this version every distinct record is held until the end. Callers see nothing of that: a differ that forgets what
//! agreed has the same three doors, `add`, `drop_side` and `finish`.

use super::DiffError;
use super::arena::{Holdings, Originals, RecordEntry, RecordNumber, RrsetKey, RrsetNumber, RrsetTtl, side_bit};
use super::change::{HeldChange, SideNotes, ZoneDiff};
use super::classify::{Differing, Hint, Hints};
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
}

/// # Feeding
impl Differ {
    /// For this number of sides, side 0 being the base.
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
            }),
            _ => Err(DiffError::TooManySides),
        }
    }

    /// Adds a record that the side sent. Any order, any interleaving of sides. The SOA that ends a transfer is not a
    /// record of its own: add the apex SOA once.
    ///
    /// The record is in the form of [`DiffPolicy::record_form`].
    pub fn add(&mut self, side: usize, record: CanonicalRecord<'_>) -> Result<(), DiffError> {
        let notes = self.sides.get_mut(side).ok_or(DiffError::NoSuchSide)?;
        let number = u8::try_from(side).map_err(|_| DiffError::NoSuchSide)?;
        if notes.dropped {
            return Err(DiffError::SideDropped);
        }
        let rtype = record.rtype();
        if self.policy.leaves_out_type(rtype) {
            *self.left_out.entry((Filter::Type(rtype), side)).or_default() += 1;
            return Ok(());
        }
        let key = RrsetKey { owner: record.owner(), rtype, class: record.class(), covered: type_covered(&record) };
        let (masks, strict) = (self.policy.masks(rtype), self.policy.record_form() == Form::Bitwise);
        let payload = if masks || strict {
            self.scratch.clear();
            self.scratch.extend_from_slice(if strict { record.owner() } else { &[] });
            self.policy.write_masked(if masks { rtype } else { Rtype(0) }, record.rdata(), &mut self.scratch);
            &self.scratch
        } else {
            record.rdata()
        };
        let (found, repeated) = self.holdings.note(number, key, record.ttl(), payload)?;
        if masks {
            self.originals.note(found, number, record.rdata())?;
        }
        if repeated {
            notes.duplicates += 1;
        } else {
            notes.compared += 1;
        }
        Ok(())
    }

    /// Takes a side out: its transfer failed, so nothing is known about it. What it sent so far is no difference to any
    /// other side. Without the base no target is compared. A number that is no side changes nothing.
    pub fn drop_side(&mut self, side: usize) {
        if let Some(notes) = self.sides.get_mut(side) {
            *notes = SideNotes { dropped: true, ..SideNotes::default() };
        }
        self.left_out.retain(|(_, of), _| *of != side);
    }
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
        let left_out = std::mem::take(&mut self.left_out);
        let left_out = left_out.into_iter().map(|((what, side), count)| LeftOut { what, side, count }).collect();
        let sides = std::mem::take(&mut self.sides);
        let mut diff =
            ZoneDiff { policy: self.policy.clone(), sides, left_out, octets: Vec::new(), changes: Vec::new() };
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
