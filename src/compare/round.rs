//! All sides pulled once, and held against each other and against the round before.

use super::snapshot::{self, Endpoints, SideError, Snapshot};
use super::{CompareError, render};
use crate::diff::{DiffPolicy, Differ, SideVerdict, ZoneDiff};
use crate::net::{Network, Transfer};
use crate::report::{Comparison, ComparisonVerdict, EventKind};
use crate::serial::{Serial, SerialOrder};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What every side held, and how that differs.
#[derive(Debug)]
pub(super) struct Round {
    /// The base, then the targets.
    pub(super) sides: Vec<Result<Snapshot, SideError>>,
    /// The difference.
    diff: ZoneDiff,
}

/// What can be said after a round.
#[derive(Debug)]
pub(super) enum Standing {
    /// This is the answer.
    Settled(ComparisonVerdict),
    /// A side shows two contents at one serial (A31).
    Inconsistent {
        /// Its number.
        side: usize,
        /// What it did.
        why: String,
    },
    /// A difference that nothing has confirmed yet.
    Unconfirmed,
}

impl Round {
    /// Pulls all sides concurrently, then compares them.
    pub(super) async fn pull(
        network: &Network,
        endpoints: &Endpoints,
        transfer: &Transfer,
        policy: &DiffPolicy,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<Self, CompareError> {
        let (events, mut told) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for (side, endpoint) in endpoints.all().cloned().enumerate() {
            let (network, transfer, events) = (network.clone(), transfer.clone(), events.clone());
            let form = policy.record_form();
            tasks.spawn(async move { (side, snapshot::pull(&network, &endpoint, &transfer, form, &events).await) });
        }
        drop(events);
        while let Some(kind) = told.recv().await {
            tell(kind);
        }
        let mut sides = tasks.join_all().await;
        sides.sort_by_key(|(side, _)| *side);
        let sides: Vec<_> = sides.into_iter().map(|(_, pulled)| pulled).collect();
        let diff = compare(&sides, policy.clone())?;
        Ok(Self { sides, diff })
    }

    /// What can be said, given the round before.
    pub(super) fn standing(&self, before: Option<&Self>) -> Result<Standing, CompareError> {
        let verdict = self.verdict();
        if verdict != ComparisonVerdict::Different && self.diff.changes().next().is_none() {
            return Ok(Standing::Settled(verdict));
        }
        let Some(before) = before else { return Ok(Standing::Unconfirmed) };
        if self.diff.same_changes(&before.diff) && self.serials().eq(before.serials()) {
            return Ok(Standing::Settled(verdict));
        }
        for (side, (now, then)) in self.sides.iter().zip(&before.sides).enumerate() {
            let (Ok(now), Ok(then)) = (now, then) else { continue };
            if now.serial() == then.serial() && !same_content(now, then)? {
                let why = format!("it showed two different contents at serial {}", now.serial());
                return Ok(Standing::Inconsistent { side, why });
            }
        }
        Ok(Standing::Unconfirmed)
    }

    /// The worst of all sides: one that could not be compared outweighs one that differs.
    fn verdict(&self) -> ComparisonVerdict {
        let is_moving = |side: &Result<Snapshot, SideError>| matches!(side, Err(SideError::Moving { .. }));
        let failed = self.sides.iter().any(|side| side.is_err() && !is_moving(side));
        let targets = 1..self.sides.len();
        if failed {
            ComparisonVerdict::NotCompared
        } else if self.sides.iter().any(is_moving) {
            ComparisonVerdict::Moving
        } else if targets.into_iter().any(|side| self.diff.verdict(side) != SideVerdict::Equal) {
            ComparisonVerdict::Different
        } else {
            ComparisonVerdict::Equal
        }
    }

    /// The serial of each side, where there is one.
    pub(super) fn serials(&self) -> impl Iterator<Item = Option<Serial>> {
        self.sides.iter().map(|side| side.as_ref().ok().map(Snapshot::serial))
    }

    /// The numbers of the sides whose serial is older than the base's.
    pub(super) fn behind(&self) -> Vec<(usize, Serial)> {
        let mut serials = self.serials();
        let Some(Some(base)) = serials.next() else { return Vec::new() };
        let older = |serial: Serial| serial.compare(base) == SerialOrder::Older;
        let targets = (1..).zip(serials);
        targets
            .filter_map(|(side, serial)| serial.filter(|serial| older(*serial)).map(|serial| (side, serial)))
            .collect()
    }

    /// The result, with this verdict.
    pub(super) fn finish(
        self,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
        notes: Vec<String>,
    ) -> (Option<ZoneDiff>, Comparison) {
        let comparison = render::comparison(verdict, endpoints, &self.sides, &self.diff, notes);
        (Some(self.diff), comparison)
    }

    /// The result when one side contradicts itself: nothing can be said.
    pub(super) fn finish_inconsistent(
        self,
        endpoints: &Endpoints,
        side: usize,
        why: String,
    ) -> (Option<ZoneDiff>, Comparison) {
        let mut comparison =
            render::comparison(ComparisonVerdict::NotCompared, endpoints, &self.sides, &self.diff, Vec::new());
        if let Some(row) = comparison.sides.get_mut(side) {
            row.error = Some(why);
        }
        (Some(self.diff), comparison)
    }
}

/// Compares whatever sides there are.
fn compare(sides: &[Result<Snapshot, SideError>], policy: DiffPolicy) -> Result<ZoneDiff, CompareError> {
    let mut differ = Differ::new(sides.len(), policy, rand::random())?;
    for (number, side) in sides.iter().enumerate() {
        match side {
            Ok(snapshot) => snapshot.records().try_for_each(|record| differ.add(number, record))?,
            Err(_) => differ.drop_side(number),
        }
    }
    Ok(differ.finish())
}

/// Whether two pulls of one side brought the same records.
fn same_content(now: &Snapshot, then: &Snapshot) -> Result<bool, CompareError> {
    let mut differ = Differ::new(2, DiffPolicy::exact(), rand::random())?;
    now.records().try_for_each(|record| differ.add(0, record))?;
    then.records().try_for_each(|record| differ.add(1, record))?;
    Ok(differ.finish().is_equal())
}
