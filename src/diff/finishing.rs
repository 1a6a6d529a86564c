//! Ends a comparison: all that is held or was spilled is judged, `RRset` by `RRset`.

use super::DiffError;
use super::arena::At;
use super::changes::Changes;
use super::content::Content;
use super::counting::{Counting, other_ttls};
use super::differ::Differ;
use super::leftovers::{Leftovers, hash_of};
use super::listing::ListingWriter;
use super::merge::Merge;
use super::ordered::{BASE, HeldRecord, InOrder, RrsetKey, Surroundings, Ttls, side_bit};
use super::policy::LeftOut;
use super::spill::give_merged;
use super::zone_diff::ZoneDiff;
use crate::canonical::compare_names;
use crate::wire::WireName;

impl Differ {
    /// Ends the comparison. Every side must have been added completely and verified by now, or dropped.
    ///
    /// # Errors
    /// Records can be held neither in memory nor elsewhere, or those that were spilled cannot be read back.
    pub fn finish(mut self) -> Result<ZoneDiff, DiffError> {
        self.hold_rest()?;
        let in_runs = self.finish_spilling()?;
        let (targets, apexes) = (self.targets(), self.apexes());
        let listing = ListingWriter::new(self.budget.listed(), self.spilled.place(), hash_of(self.seed));
        let leftovers = Leftovers::new(self.seed, if self.is_pass { self.budget.leftovers() } else { 0 });
        let limit = self.budget.rrset();
        let mut changes = Changes::new(&self.policy, targets, &apexes, &self.past, limit, listing, leftovers);
        let hash = self.agreed.hash.as_ref();
        let mut counting = Counting::new(self.sides.len(), &self.policy, targets, hash, &self.past);
        if in_runs {
            let runs = &self.spilled.runs;
            give_merged(runs, &hash_of(self.seed), &mut Together(&mut counting, &mut changes))?;
        } else {
            let differing = self.count_held(&mut counting, targets)?;
            self.holdings.give(&differing, |rrsets, around| self.holdings.look_around(rrsets, around), &mut changes)?;
        }
        let contents = counting.sides.iter().zip(&self.sides).map(|(counts, notes)| {
            let mut content = self.agreed.content;
            content.add(counts.content);
            (!notes.dropped).then_some(content)
        });
        let contents: Vec<Option<Content>> =
            if counting.is_open || hash.is_none() { Vec::new() } else { contents.collect() };
        let mut sides = self.sides.clone();
        for ((notes, counts), tally) in sides.iter_mut().zip(&counting.sides).zip(&changes.tallies) {
            notes.tally = *tally;
            if !notes.dropped {
                notes.compared = counts.records + self.agreed.records;
                notes.duplicates = notes.held.saturating_sub(counts.records);
                notes.mixed_ttls = counts.mixed_ttls;
            }
        }
        let mut left_out = self.left_out.clone();
        for (what, count) in counting.left_out {
            *left_out.entry(what).or_default() += count;
        }
        Ok(ZoneDiff {
            sides,
            left_out: left_out.into_iter().map(|((what, side), count)| LeftOut { what, side, count }).collect(),
            settled: changes.settled,
            leftovers: self.is_pass.then_some(changes.leftovers),
            listing: changes.listing.end()?,
            contents,
            policy: self.policy.clone(),
        })
    }

    /// Holds what was not forgotten by now.
    fn hold_rest(&mut self) -> Result<(), DiffError> {
        for side in (0_u8..).take(self.sides.len()) {
            Merge::kinds().try_for_each(|kind| self.close(side, kind))?;
        }
        while let Some(waited) = self.merge.as_mut().and_then(Merge::take_one) {
            self.hold_waited(&waited)?;
        }
        if let Some(merge) = self.merge.take() {
            self.past = merge.end();
        }
        Ok(())
    }

    /// Counts over all that is held, and finds the `RRsets` in which a target differs, in canonical order.
    fn count_held(&self, counting: &mut Counting<'_>, targets: u64) -> Result<Vec<At>, DiffError> {
        let (mut differing, mut ttls, mut originals) = (Vec::new(), Ttls::default(), Vec::new());
        for rrset in self.holdings.rrsets() {
            let key = self.holdings.key(rrset);
            self.holdings.ttls(rrset, &mut ttls);
            counting.rrset(&key, &ttls)?;
            let mut differs = if self.policy.leaves_out_ttl() { 0 } else { other_ttls(&ttls, targets) };
            for (at, record) in self.holdings.records(rrset) {
                differs |= record.differing(targets);
                if self.policy.masks(key.rtype) {
                    self.holdings.originals(at, record.sides, &mut originals);
                    counting.record(&HeldRecord { originals: &originals, ..record })?;
                } else {
                    counting.record(&record)?;
                }
            }
            counting.end_rrset()?;
            if differs != 0 {
                differing.push(rrset);
            }
        }
        self.holdings.sort(&mut differing);
        Ok(differing)
    }

    /// The targets that are compared, as bits: none without the base.
    fn targets(&self) -> u64 {
        let live = (0_u8..).zip(&self.sides).filter(|(_, notes)| !notes.dropped);
        let live = live.fold(0, |bits, (side, _)| bits | side_bit(side));
        if live & BASE == 0 { 0 } else { live & !BASE }
    }

    /// The name of the zone for each side, as it or the base tells it.
    fn apexes(&self) -> Vec<Option<WireName>> {
        let base = self.apexes.first().copied().flatten();
        let lower = |own: Option<WireName>| {
            let told = [base, own].into_iter().flatten();
            told.min_by(|a, b| compare_names(a.as_octets(), b.as_octets()))
        };
        self.apexes.iter().map(|own| lower(*own)).collect()
    }
}

/// All that looks at records in canonical order.
struct Together<'t, 'd>(&'t mut Counting<'d>, &'t mut Changes<'d>);

impl InOrder for Together<'_, '_> {
    fn owner(&mut self, owner: &[u8], around: Surroundings<'_>) -> Result<(), DiffError> {
        self.1.owner(owner, around)
    }

    fn rrset(&mut self, key: &RrsetKey<'_>, ttls: &Ttls) -> Result<(), DiffError> {
        self.0.rrset(key, ttls)?;
        self.1.rrset(key, ttls)
    }

    fn record(&mut self, record: &HeldRecord<'_>) -> Result<(), DiffError> {
        self.0.record(record)?;
        self.1.record(record)
    }

    fn end_rrset(&mut self) -> Result<(), DiffError> {
        self.0.end_rrset()?;
        self.1.end_rrset()
    }
}
