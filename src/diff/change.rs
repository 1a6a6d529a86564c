//! The finished difference: what differs in canonical order, what was left out, what was noted.
//!
//! Changes are kept as octets and read back one at a time. It does not print reports: a change prints its own lines.

use super::DiffError;
use super::classify::{ChangeKind, Hint, Hints};
use super::content::Content;
use super::differ::Leftovers;
use super::policy::{DiffPolicy, LeftOut};
use crate::canonical::CanonicalRecord;
use crate::present;
use crate::wire::{Rtype, WireName};
use std::fmt;
use std::ops::Range;

/// One record of a difference, owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnedRecord {
    /// The octets in the layout of `canonical`.
    octets: Box<[u8]>,
}

impl OwnedRecord {
    /// A copy of the record.
    pub fn new(record: &CanonicalRecord<'_>) -> Self {
        let mut octets = Vec::new();
        record.write(&mut octets);
        Self { octets: octets.into() }
    }

    /// The record; its TTL is the lowest that its side sent in the `RRset`.
    pub fn view(&self) -> CanonicalRecord<'_> {
        CanonicalRecord::split_first(&self.octets).map_or(NOTHING, |(record, _)| record)
    }
}

/// What the view of octets would be that are no record; there are none, since the field is only written from records.
const NOTHING: CanonicalRecord<'static> = CanonicalRecord::new(&[0], Rtype(0), 0, 0, &[]);

impl From<CanonicalRecord<'_>> for OwnedRecord {
    fn from(record: CanonicalRecord<'_>) -> Self {
        Self::new(&record)
    }
}

impl fmt::Display for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        present::record(&self.view()).fmt(f)
    }
}

/// One `RRset` in which a target differs from the base.
///
/// Taking `removed` off the base's `RRset` and adding `added` gives the target's. Records of both lists are in canonical
/// order. RRSIG records are taken apart by the type that they cover.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RrsetChange {
    /// The owner, in lower case.
    pub owner: WireName,
    /// The type.
    pub rtype: Rtype,
    /// The number of the target.
    pub side: usize,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The records that are in the base and not in the target.
    pub removed: Vec<OwnedRecord>,
    /// The records that are in the target and not in the base.
    pub added: Vec<OwnedRecord>,
    /// Likely causes.
    pub hints: Vec<Hint>,
}

impl RrsetChange {
    /// Whether the type is one that a signer makes and keeps up.
    pub fn is_dnssec_managed(&self) -> bool {
        self.hints.contains(&Hint::DnssecManaged)
    }
}

/// One record a line, `-` or `+` directly before it; no final end of line.
impl fmt::Display for RrsetChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let removed = self.removed.iter().map(|record| ('-', record));
        let added = self.added.iter().map(|record| ('+', record));
        let mut end = "";
        for (sign, record) in removed.chain(added) {
            write!(f, "{end}{sign}{record}")?;
            end = "\n";
        }
        Ok(())
    }
}

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
    fn count(&mut self, change: &HeldChange) {
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
        self.records_removed += change.counts.0;
        self.records_added += change.counts.1;
    }
}

/// What was noted about one side.
#[derive(Debug, Clone, Default)]
pub(super) struct SideNotes {
    /// Whether it dropped out.
    pub(super) dropped: bool,
    /// Distinct records that took part.
    pub(super) compared: u64,
    /// Records that the side had sent before.
    pub(super) duplicates: u64,
    /// `RRsets` in which it sent several TTLs.
    pub(super) mixed_ttls: u64,
    /// Its differences from the base.
    pub(super) tally: Tally,
}

/// A change as octets.
#[derive(Debug, Clone)]
pub(super) struct HeldChange {
    /// The target.
    pub(super) side: u8,
    /// The kind.
    pub(super) kind: ChangeKind,
    /// The hints.
    pub(super) hints: Hints,
    /// How many records `removed` and `added` have.
    pub(super) counts: (u64, u64),
    /// Where its records are: each removed one, then each added one.
    pub(super) octets: Range<usize>,
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
    /// The records of the changes in the layout of `canonical`, in the order of the changes.
    pub(super) octets: Vec<u8>,
    /// The changes in their order.
    pub(super) changes: Vec<HeldChange>,
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
    pub fn same_changes(&self, other: &Self) -> bool {
        let same_sides = self.sides.len() == other.sides.len()
            && (0..self.sides.len()).all(|side| self.verdict(side) == other.verdict(side));
        let pairs = self.changes.iter().zip(&other.changes);
        same_sides
            && self.changes.len() == other.changes.len()
            && self.octets == other.octets
            && pairs.into_iter().all(|(a, b)| (a.side, a.kind, a.counts) == (b.side, b.kind, b.counts))
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
        self.changes.iter().map(|held| self.read(held))
    }

    /// The changes of one target.
    pub fn between(&self, side: usize) -> impl Iterator<Item = Result<RrsetChange, DiffError>> {
        self.changes.iter().filter(move |held| usize::from(held.side) == side).map(|held| self.read(held))
    }

    /// How many `RRsets` of one target differ, by kind.
    pub fn tally(&self, side: usize) -> Tally {
        self.sides.get(side).map(|notes| notes.tally).unwrap_or_default()
    }

    /// Reads one change back.
    fn read(&self, held: &HeldChange) -> Result<RrsetChange, DiffError> {
        let mut rest = self.octets.get(held.octets.clone()).ok_or(DiffError::Lost)?;
        let mut list = |count: u64| {
            let mut records = Vec::new();
            for _ in 0..count {
                let (record, after) = CanonicalRecord::split_first(rest).map_err(|_| DiffError::Lost)?;
                records.push(OwnedRecord::new(&record));
                rest = after;
            }
            Ok(records)
        };
        let (removed, added) = (list(held.counts.0)?, list(held.counts.1)?);
        let first: &OwnedRecord = removed.first().or(added.first()).ok_or(DiffError::Lost)?;
        let (owner, rtype) = (first.view().owner_name().to_lowercase(), first.view().rtype());
        let (side, hints) = (usize::from(held.side), held.hints.iter().collect());
        Ok(RrsetChange { owner, rtype, side, kind: held.kind, removed, added, hints })
    }

    /// Appends a change and counts it.
    pub(super) fn push(&mut self, change: HeldChange) {
        if let Some(notes) = self.sides.get_mut(usize::from(change.side)) {
            notes.tally.count(&change);
        }
        self.changes.push(change);
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
