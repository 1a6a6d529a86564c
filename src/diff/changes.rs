//! Finds the changes in `RRsets` that come in canonical order, and lists them.

use super::DiffError;
use super::classify::{Differing, Hint, Hints};
use super::counting::other_ttls;
use super::leftovers::Leftovers;
use super::listing::{ChangeHead, ListingWriter};
use super::merge::{Past, kind_of};
use super::ordered::{HeldRecord, InOrder, Presence, RrsetKey, RrsetTtl, Surroundings, Ttls, side_bit, sides_of};
use super::policy::DiffPolicy;
use super::zone_diff::Tally;
use crate::canonical::{CanonicalRecord, Form};
use crate::wire::{Rtype, WireName};
use std::ops::Range;

/// What the changes are found with.
pub(super) struct Changes<'d> {
    /// What is not a difference.
    policy: &'d DiffPolicy,
    /// The targets that are compared.
    targets: u64,
    /// The zone's name, by side.
    apexes: &'d [Option<WireName>],
    /// What is known of what was forgotten.
    past: &'d Past,
    /// How many octets the listed records of one `RRset` may take.
    limit: usize,
    /// The list.
    pub(super) listing: ListingWriter,
    /// The counts, by side.
    pub(super) tallies: Vec<Tally>,
    /// What another pass has to look at.
    pub(super) leftovers: Leftovers,
    /// Whether every change is known for certain.
    pub(super) settled: bool,
    /// The owner that is at hand.
    owner: WireName,
    /// What is present there.
    here: Vec<Presence>,
    /// And above it.
    above: Vec<(usize, Presence)>,
    /// The `RRset` that is at hand.
    rrset: Rrset,
    /// The records of one change.
    scratch: Vec<u8>,
}

/// The `RRset` that is at hand, less the records that no change lists.
#[derive(Debug, Default)]
struct Rrset {
    /// Its type, class and type covered.
    tail: [u8; 6],
    /// Its TTLs.
    ttls: Ttls,
    /// The targets with another TTL that counts.
    other_ttl: u64,
    /// The targets with other records.
    other_records: u64,
    /// Payloads and originals.
    octets: Vec<u8>,
    /// The records.
    listed: Vec<Listed>,
    /// Their RDATA as sides sent them, where that is not the payload.
    originals: Vec<(u8, Range<usize>)>,
}

/// A record that some change lists.
#[derive(Debug)]
struct Listed {
    /// The sides that have it.
    sides: u64,
    /// Its payload.
    payload: Range<usize>,
    /// Its originals.
    originals: Range<usize>,
}

impl<'d> Changes<'d> {
    /// Between the base and these targets of so many sides.
    pub(super) fn new(
        policy: &'d DiffPolicy,
        targets: u64,
        apexes: &'d [Option<WireName>],
        past: &'d Past,
        limit: usize,
        listing: ListingWriter,
        leftovers: Leftovers,
    ) -> Self {
        Self {
            policy,
            targets,
            apexes,
            past,
            limit,
            listing,
            tallies: vec![Tally::default(); apexes.len()],
            leftovers,
            settled: true,
            owner: WireName::ROOT,
            here: Vec::new(),
            above: Vec::new(),
            rrset: Rrset::default(),
            scratch: Vec::new(),
        }
    }

    /// Lists the change of one target.
    fn write_change(&mut self, side: u8) -> Result<(), DiffError> {
        let Self { policy, owner, rrset, scratch, .. } = self;
        let key = RrsetKey::of(owner.as_octets(), rrset.tail);
        let (ttl_of_base, ttl_of_target) = (rrset.ttls.of(0), rrset.ttls.of(side));
        let ttl_differs = rrset.other_ttl & side_bit(side) != 0;
        let [removed, common_of_base] = rrset.records_of(&key, policy.record_form(), 0, side);
        let [added, common_of_target] = rrset.records_of(&key, policy.record_form(), side, 0);
        let present = (ttl_of_base.is_some(), ttl_of_target.is_some());
        let mixed = |ttl: Option<RrsetTtl>| ttl.is_some_and(|ttl| ttl.mixed);
        let around = Surroundings { here: &self.here, above: &self.above };
        let apex = self.apexes.get(usize::from(side)).and_then(Option::as_ref);
        let mut known = Hints::default();
        known.add_if(mixed(ttl_of_base) || mixed(ttl_of_target), Hint::MixedTtl);
        if around.is_below_cut(owner, key.class, side, apex) {
            let may_be_glue = matches!(key.rtype, Rtype::A | Rtype::AAAA);
            known.add_if(true, if may_be_glue { Hint::BelowZoneCut } else { Hint::Occluded });
        }
        let flattened = present != (true, true) && around.is_flattened(key.rtype, key.class, side);
        known.add_if(flattened, Hint::FlattenedAlias);
        let (kind, hints) = Differing {
            form: policy.record_form(),
            apex,
            soa_left_out: policy.soa_fields_left_out(),
            owner,
            rtype: key.rtype,
            present,
            ttl_differs,
            known,
            removed: &removed,
            added: &added,
        }
        .classify();
        scratch.clear();
        let mut lists = [(removed, common_of_base), (added, common_of_target)];
        for (own, common) in &mut lists {
            if ttl_differs {
                own.append(common);
            }
            own.sort_unstable_by(|a, b| a.rdata().cmp(b.rdata()).then_with(|| a.owner().cmp(b.owner())));
            for record in own {
                record.write(scratch);
            }
        }
        let [removed, added] = lists.map(|(own, _)| own.len() as u64);
        let head = ChangeHead { side, kind, hints, removed, added };
        if let Some(tally) = self.tallies.get_mut(usize::from(side)) {
            tally.count(&head);
        }
        self.listing.push(&head, scratch)
    }
}

impl Rrset {
    /// The listed records of one side as it sent them: those that the other has not, and those that it has.
    fn records_of<'r>(&'r self, key: &RrsetKey<'r>, form: Form, side: u8, other: u8) -> [Vec<CanonicalRecord<'r>>; 2] {
        let (mut own, mut common) = (Vec::new(), Vec::new());
        let ttl = self.ttls.of(side).map_or(0, |ttl| ttl.lowest);
        let read = |place: &Range<usize>| self.octets.get(place.clone()).unwrap_or_default();
        for record in self.listed.iter().filter(|record| record.sides & side_bit(side) != 0) {
            let payload = read(&record.payload);
            let (owner, rdata) = match form {
                Form::Bitwise => payload.split_at(key.owner.len().min(payload.len())),
                Form::Canonical => (key.owner, payload),
            };
            let originals = self.originals.get(record.originals.clone()).unwrap_or_default();
            let original = originals.iter().find(|(of, _)| *of == side).map(|(_, place)| read(place));
            let list = if record.sides & side_bit(other) == 0 { &mut own } else { &mut common };
            list.push(CanonicalRecord::new(owner, key.rtype, key.class, ttl, original.unwrap_or(rdata)));
        }
        [own, common]
    }

    /// Appends octets, and says where they are.
    fn push(&mut self, octets: &[u8]) -> Range<usize> {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        start..self.octets.len()
    }

    /// How many octets are in use, with what a change takes besides while it is classed.
    fn size(&self) -> usize {
        2 * self.octets.len() + self.listed.len() * (size_of::<Listed>() + 2 * size_of::<CanonicalRecord<'_>>())
    }
}

impl InOrder for Changes<'_> {
    fn owner(&mut self, owner: &[u8], around: Surroundings<'_>) -> Result<(), DiffError> {
        self.owner = WireName::from_octets(owner).map_err(|_| DiffError::Lost)?;
        self.here.clear();
        self.here.extend_from_slice(around.here);
        self.above.clear();
        self.above.extend_from_slice(around.above);
        Ok(())
    }

    fn rrset(&mut self, key: &RrsetKey<'_>, ttls: &Ttls) -> Result<(), DiffError> {
        let rrset = &mut self.rrset;
        rrset.tail = key.tail();
        rrset.ttls.clone_from(ttls);
        rrset.other_ttl = if self.policy.leaves_out_ttl() { 0 } else { other_ttls(ttls, self.targets) };
        rrset.other_records = 0;
        rrset.octets.clear();
        rrset.listed.clear();
        rrset.originals.clear();
        Ok(())
    }

    fn record(&mut self, record: &HeldRecord<'_>) -> Result<(), DiffError> {
        let (rrset, differing) = (&mut self.rrset, record.differing(self.targets));
        rrset.other_records |= differing;
        if differing == 0 && rrset.other_ttl == 0 {
            return Ok(());
        }
        let payload = rrset.push(record.payload);
        let start = rrset.originals.len();
        for (side, octets) in record.originals {
            let place = rrset.push(octets);
            rrset.originals.push((*side, place));
        }
        let originals = start..rrset.originals.len();
        rrset.listed.push(Listed { sides: record.sides, payload, originals });
        if rrset.size() > self.limit {
            let rtype = RrsetKey::of(&[], rrset.tail).rtype;
            return Err(DiffError::RrsetTooLarge { owner: Box::new(self.owner), rtype });
        }
        Ok(())
    }

    fn end_rrset(&mut self) -> Result<(), DiffError> {
        let differing = self.rrset.other_records | self.rrset.other_ttl;
        if differing == 0 {
            return Ok(());
        }
        let key = RrsetKey::of(self.owner.as_octets(), self.rrset.tail);
        let kind = kind_of(key.rtype, key.covered);
        self.settled &= !self.past.is_suspect(key.owner, kind);
        self.leftovers.add(&self.owner, kind, self.apexes);
        sides_of(differing).try_for_each(|side| self.write_change(side))
    }
}

#[cfg(test)]
mod tests;
