//! The finished difference: what differs in canonical order, what was left out, what was noted.

use super::DiffError;
use super::change::RrsetChange;
use super::classify::{ChangeKind, Hint};
use super::content::Content;
use super::leftovers::Leftovers;
use super::listing::{ChangeHead, Listing, read_change};
use super::policy::{DiffPolicy, LeftOut};

/// What became of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a side that was compared is equal or not")]
pub enum SideVerdict {
    /// It holds the same records as the base, but for what the policy leaves out.
    Equal,
    /// It differs.
    Different,
    /// It dropped out, or the base did: nothing is known.
    NotCompared,
}

/// How many `RRsets` of one target differ, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tally {
    /// All of them.
    pub rrsets: u64,
    /// [`ChangeKind::Added`].
    pub added: u64,
    /// [`ChangeKind::Removed`].
    pub removed: u64,
    /// [`ChangeKind::Ttl`].
    pub ttl: u64,
    /// [`ChangeKind::CaseOnly`].
    pub case_only: u64,
    /// [`ChangeKind::Soa`].
    pub soa: u64,
    /// [`ChangeKind::TxtChunking`].
    pub txt_chunking: u64,
    /// [`ChangeKind::Rdata`].
    pub rdata: u64,
    /// [`ChangeKind::RdataAndTtl`].
    pub rdata_and_ttl: u64,
    /// Those of any kind whose type a signer makes.
    pub dnssec_managed: u64,
    /// Records on `-` lines.
    pub records_removed: u64,
    /// Records on `+` lines.
    pub records_added: u64,
}

impl Tally {
    /// Counts one change.
    pub(super) fn count(&mut self, change: &ChangeHead) {
        let by_kind = match change.kind {
            ChangeKind::Added => &mut self.added,
            ChangeKind::Removed => &mut self.removed,
            ChangeKind::Ttl => &mut self.ttl,
            ChangeKind::CaseOnly => &mut self.case_only,
            ChangeKind::Soa(_) => &mut self.soa,
            ChangeKind::TxtChunking => &mut self.txt_chunking,
            ChangeKind::Rdata => &mut self.rdata,
            ChangeKind::RdataAndTtl => &mut self.rdata_and_ttl,
        };
        *by_kind += 1;
        self.rrsets += 1;
        self.dnssec_managed += u64::from(change.hints.contains(Hint::DnssecManaged));
        self.records_removed += change.removed;
        self.records_added += change.added;
    }
}

/// What was noted about one side.
#[derive(Debug, Clone, Default)]
pub(super) struct SideNotes {
    /// Whether it dropped out.
    pub(super) dropped: bool,
    /// Records that were held, duplicates among them.
    pub(super) held: u64,
    /// Distinct records that took part.
    pub(super) compared: u64,
    /// Records that the side had sent before.
    pub(super) duplicates: u64,
    /// `RRsets` in which it sent several TTLs.
    pub(super) mixed_ttls: u64,
    /// Its differences from the base.
    pub(super) tally: Tally,
}

/// How the targets differ from the base (side 0).
///
/// `removed` means: in the base and not in the target. Changes come in canonical order of owner, type and class, then by
/// side; the same records give the same changes whatever the order of their arrival.
#[derive(Debug)]
pub struct ZoneDiff {
    /// What was left out, as asked.
    pub(super) policy: DiffPolicy,
    /// What was noted about each side.
    pub(super) sides: Vec<SideNotes>,
    /// What was left out, as counted.
    pub(super) left_out: Vec<LeftOut>,
    /// The changes in their order.
    pub(super) listing: Listing,
    /// Whether every change is known for certain.
    pub(super) settled: bool,
    /// What another pass has to look at, if this one forgot what agreed.
    pub(super) leftovers: Option<Leftovers>,
    /// What each side held; empty if that is not known.
    pub(super) contents: Vec<Option<Content>>,
}

/// # Verdict
impl ZoneDiff {
    /// Whether every side took part to its end and none differs from the base, but for what the policy leaves out.
    ///
    /// Sides without any record are equal too: whoever expects a zone looks at [`compared`](Self::compared).
    pub fn is_equal(&self) -> bool {
        self.targets().all(|side| self.verdict(side) == SideVerdict::Equal)
    }

    /// What became of a target; of the base, whether any target was compared and differs.
    pub fn verdict(&self, side: usize) -> SideVerdict {
        let took_part = |side: usize| self.sides.get(side).is_some_and(|notes| !notes.dropped);
        if side == 0 {
            let verdicts = || self.targets().map(|target| self.verdict(target));
            if verdicts().any(|verdict| verdict == SideVerdict::Different) {
                return SideVerdict::Different;
            }
            return verdicts().find(|verdict| *verdict == SideVerdict::Equal).unwrap_or(SideVerdict::NotCompared);
        }
        match took_part(0) && took_part(side) {
            false => SideVerdict::NotCompared,
            true if self.tally(side).rrsets == 0 => SideVerdict::Equal,
            true => SideVerdict::Different,
        }
    }

    /// Whether this finds the same sides compared and the same records different as `other`, change by change.
    ///
    /// What was left out and what was noted besides do not matter, nor do counts of equal records.
    ///
    /// # Errors
    /// The changes were spilled and cannot be read back.
    pub fn same_changes(&self, other: &Self) -> Result<bool, DiffError> {
        let same_sides = self.sides.len() == other.sides.len()
            && (0..self.sides.len()).all(|side| self.verdict(side) == other.verdict(side));
        Ok(same_sides && self.listing.is_same(&other.listing)?)
    }
}

/// # What a comparison that forgets what agreed leaves open
impl ZoneDiff {
    /// Whether every change is known for certain; without a change it always is.
    ///
    /// It may not be where [`Differ::streaming`](super::Differ::streaming) met a side that came back to an owner: a
    /// record may then have been sent before, and forgotten. Neither a change nor the verdict is to be believed then:
    /// feed the sides once more to [`Differ::settling`](super::Differ::settling).
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// What another pass has to look at; `None` if all records were held.
    pub fn leftovers(&self) -> Option<&Leftovers> {
        self.leftovers.as_ref()
    }

    /// What a side held, less what the policy leaves out. `None` if that was not reckoned, or if the side came back to
    /// owners that had been forgotten.
    pub fn content(&self, side: usize) -> Option<Content> {
        self.contents.get(side).copied().flatten()
    }
}

/// # Changes
impl ZoneDiff {
    /// All changes, those of one `RRset` together, side by side. Stop when enough were seen; [`tally`](Self::tally) has the counts.
    pub fn changes(&self) -> impl Iterator<Item = Result<RrsetChange, DiffError>> {
        self.chosen(|_| true)
    }

    /// The changes of one target.
    pub fn between(&self, side: usize) -> impl Iterator<Item = Result<RrsetChange, DiffError>> {
        self.chosen(move |head| usize::from(head.side) == side)
    }

    /// Those changes; after an error none.
    fn chosen(&self, is_wanted: impl Fn(&ChangeHead) -> bool) -> impl Iterator<Item = Result<RrsetChange, DiffError>> {
        let mut reading = Some(self.listing.read());
        std::iter::from_fn(move || {
            loop {
                let next = reading.as_mut()?.next().and_then(|octets| {
                    let Some(octets) = octets else { return Ok(None) };
                    let (head, _) = read_change(octets)?;
                    Ok(Some(if is_wanted(&head) { Some(RrsetChange::read(octets)?) } else { None }))
                });
                match next {
                    Ok(None) => return None,
                    Ok(Some(None)) => {}
                    Ok(Some(Some(change))) => return Some(Ok(change)),
                    Err(error) => {
                        reading = None;
                        return Some(Err(error));
                    }
                }
            }
        })
    }

    /// How many octets of memory the result takes; what was spilled not among them.
    pub fn memory(&self) -> usize {
        self.listing.memory() + self.leftovers.as_ref().map_or(0, |left| left.units.allocation_size())
    }

    /// How many `RRsets` of one target differ, by kind.
    pub fn tally(&self, side: usize) -> Tally {
        self.sides.get(side).map(|notes| notes.tally).unwrap_or_default()
    }
}

/// # Coverage
impl ZoneDiff {
    /// How many sides there were, the base and those that dropped out included.
    pub fn sides(&self) -> usize {
        self.sides.len()
    }

    /// The policy of this comparison: [`DiffPolicy::filters`] names every exception, used or not.
    pub fn policy(&self) -> &DiffPolicy {
        &self.policy
    }

    /// How many distinct records of a side took part; those that are left out and duplicates not among them.
    pub fn compared(&self, side: usize) -> u64 {
        self.sides.get(side).map_or(0, |notes| notes.compared)
    }

    /// What was left out, by name and side, with its count; nothing that counts zero.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// How many records a side sent although it had sent them before (RFC 2181 section 5: the same owner, class, type and data).
    pub fn duplicates(&self, side: usize) -> u64 {
        self.sides.get(side).map_or(0, |notes| notes.duplicates)
    }

    /// How many `RRsets` of a side have several TTLs, which RFC 2181 section 5.2 forbids.
    pub fn mixed_ttls(&self, side: usize) -> u64 {
        self.sides.get(side).map_or(0, |notes| notes.mixed_ttls)
    }

    /// The numbers of the targets.
    fn targets(&self) -> std::ops::Range<usize> {
        1..self.sides.len()
    }
}
