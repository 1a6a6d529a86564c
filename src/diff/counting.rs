//! What is counted over all records, differing or not: how many each side has, TTLs, what the policy leaves out.

use super::DiffError;
use super::content::{Content, ContentHash};
use super::merge::{Past, kind_of};
use super::ordered::{BASE, HeldRecord, InOrder, RrsetKey, Surroundings, Ttls, side_bit, sides_of};
use super::policy::{DiffPolicy, Filter, Soa};
use crate::wire::Rtype;
use std::collections::BTreeMap;

/// How often each exception was used, by side.
pub(super) type UsesOfFilters = BTreeMap<(Filter, usize), u64>;

/// What was counted of one side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Distinct records.
    pub(super) records: u64,
    /// `RRsets` in which it sent several TTLs.
    pub(super) mixed_ttls: u64,
    /// What it holds.
    pub(super) content: Content,
}

/// Counts; `RRsets` may come in any order, their records too.
pub(super) struct Counting<'d> {
    /// What is not a difference.
    policy: &'d DiffPolicy,
    /// The targets that are compared.
    targets: u64,
    /// Reckons contents, if they are wanted.
    hash: Option<&'d ContentHash>,
    /// What is known of what was forgotten.
    past: &'d Past,
    /// Whether something was forgotten of which another part may have been held or forgotten.
    pub(super) is_open: bool,
    /// What was counted, by side.
    pub(super) sides: Vec<Counts>,
    /// What was left out.
    pub(super) left_out: UsesOfFilters,
    /// The key of the `RRset`.
    key: Vec<u8>,
    /// Its TTLs.
    ttls: Ttls,
    /// Its SOA records of each side, where fields of them are left out.
    soa: BTreeMap<u8, Vec<Vec<u8>>>,
}

impl<'d> Counting<'d> {
    /// Of so many sides.
    pub(super) fn new(
        sides: usize,
        policy: &'d DiffPolicy,
        targets: u64,
        hash: Option<&'d ContentHash>,
        past: &'d Past,
    ) -> Self {
        Self {
            past,
            is_open: past.is_in_parts(),
            policy,
            targets,
            hash,
            sides: vec![Counts::default(); sides],
            left_out: BTreeMap::new(),
            key: Vec::new(),
            ttls: Ttls::default(),
            soa: BTreeMap::new(),
        }
    }

    /// Counts one use of an exception.
    fn leave_out(&mut self, filter: Filter, side: u8) {
        *self.left_out.entry((filter, usize::from(side))).or_default() += 1;
    }
}

/// The targets whose TTL of an `RRset` is not that of the base, whether or not that counts.
pub(super) fn other_ttls(ttls: &Ttls, targets: u64) -> u64 {
    if ttls.others.is_empty() {
        return 0;
    }
    let Some(base) = ttls.of(0) else { return 0 };
    let differs = |side: &u8| ttls.of(*side).is_some_and(|ttl| ttl.lowest != base.lowest);
    sides_of(targets).filter(differs).fold(0, |bits, side| bits | side_bit(side))
}

impl InOrder for Counting<'_> {
    fn owner(&mut self, _: &[u8], _: Surroundings<'_>) -> Result<(), DiffError> {
        Ok(())
    }

    fn rrset(&mut self, key: &RrsetKey<'_>, ttls: &Ttls) -> Result<(), DiffError> {
        self.key.clear();
        key.write(&mut self.key);
        self.ttls.clone_from(ttls);
        self.is_open = self.is_open || self.past.is_suspect(key.owner, kind_of(key.rtype, key.covered));
        for (side, _) in &ttls.others {
            let mixed = ttls.of(*side).is_some_and(|ttl| ttl.mixed);
            if let Some(counts) = self.sides.get_mut(usize::from(*side)) {
                counts.mixed_ttls += u64::from(mixed);
            }
        }
        if self.policy.leaves_out_ttl() {
            sides_of(other_ttls(ttls, self.targets)).for_each(|side| self.leave_out(Filter::Ttl, side));
        }
        Ok(())
    }

    fn record(&mut self, record: &HeldRecord<'_>) -> Result<(), DiffError> {
        let key = RrsetKey::read(&self.key);
        for side in sides_of(record.sides) {
            let Some(counts) = self.sides.get_mut(usize::from(side)) else { continue };
            counts.records += 1;
            if let Some(hash) = self.hash {
                let ttl = self.ttls.of(side).filter(|_| !self.policy.leaves_out_ttl());
                let (owner, ttl) = (hash.of_owner(key.owner), ttl.map_or(0, |ttl| ttl.lowest));
                counts.content.add(hash.of(owner, (key.rtype, key.class), ttl, record.payload));
            }
        }
        if record.originals.is_empty() {
            return Ok(());
        }
        let (is_soa, targets) = (key.rtype == Rtype::SOA, self.targets);
        let of_base = record.originals.iter().find(|(side, _)| *side == 0);
        for (side, own) in record.originals.iter().filter(|(side, _)| (targets | BASE) & side_bit(*side) != 0) {
            if is_soa {
                self.soa.entry(*side).or_default().push(own.to_vec());
            } else if of_base.is_some_and(|(_, base)| base != own) {
                self.leave_out(Filter::Signature, *side);
            }
        }
        Ok(())
    }

    fn end_rrset(&mut self) -> Result<(), DiffError> {
        let mut soa = std::mem::take(&mut self.soa);
        for records in soa.values_mut() {
            records.sort_unstable();
        }
        let Some(of_base) = soa.get(&0) else { return Ok(()) };
        for (side, records) in soa.iter().filter(|(side, _)| **side != 0) {
            for (own, base) in records.iter().zip(of_base) {
                let (Ok(own), Ok(base)) = (Soa::read(own), Soa::read(base)) else { continue };
                let left_out = self.policy.soa_fields_left_out();
                for field in own.differing(&base).iter().filter(|field| left_out.contains(*field)) {
                    self.leave_out(Filter::SoaField(field), *side);
                }
            }
        }
        Ok(())
    }
}
