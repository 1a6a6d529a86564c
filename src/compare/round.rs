//! All sides pulled once, and held against each other and against the round before.

use super::snapshot::{self, Endpoints, Pulled, Snapshot};
use super::wait::Lag;
use super::{CompareError, render};
use crate::diff::{DiffPolicy, Differ, SideVerdict, SoaFields, ZoneDiff};
use crate::net::{Network, Transfer};
use crate::report::{Comparison, ComparisonVerdict, EventKind};
use crate::serial::SerialOrder;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What every side held, and how that differs.
#[derive(Debug)]
pub(super) struct Round {
    /// The base, then the targets.
    sides: Vec<Pulled>,
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
    ///
    /// A side that failed in the round before is not asked again: its tries were used up then (A20).
    pub(super) async fn pull(
        network: &Network,
        endpoints: &Endpoints,
        transfer: &Transfer,
        policy: &DiffPolicy,
        before: Option<&Self>,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<Self, CompareError> {
        let (events, mut told) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let failed = |side: usize| before?.sides.get(side)?.as_ref().err().filter(|error| !error.is_moving());
        for (side, endpoint) in endpoints.all().cloned().enumerate().filter(|(side, _)| failed(*side).is_none()) {
            let (network, transfer, events) = (network.clone(), transfer.clone(), events.clone());
            let form = policy.record_form();
            tasks.spawn(async move { (side, snapshot::pull(&network, &endpoint, &transfer, form, &events).await) });
        }
        drop(events);
        while let Some(kind) = told.recv().await {
            tell(kind);
        }
        let pulled = tasks.join_all().await.into_iter().map(|(side, pulled)| (side, pulled.map_err(Arc::new)));
        let failed = (0..).zip(endpoints.all()).filter_map(|(side, _)| Some((side, Err(Arc::clone(failed(side)?)))));
        let mut sides: Vec<(usize, Pulled)> = pulled.chain(failed).collect();
        sides.sort_by_key(|(side, _)| *side);
        let sides: Vec<Pulled> = sides.into_iter().map(|(_, pulled)| pulled).collect();
        let diff = compare(&sides, policy.clone())?;
        Ok(Self { sides, diff })
    }

    /// What can be said, given the round before.
    pub(super) fn standing(&self, before: Option<&Self>) -> Result<Standing, CompareError> {
        let verdict = self.verdict();
        if let Some(before) = before {
            if self.diff.same_changes(&before.diff) {
                return Ok(Standing::Settled(verdict));
            }
            if let Some((side, why)) = self.contradiction(before)? {
                return Ok(Standing::Inconsistent { side, why });
            }
        }
        let agreed = verdict != ComparisonVerdict::Different && self.diff.changes().next().is_none();
        Ok(if agreed { Standing::Settled(verdict) } else { Standing::Unconfirmed })
    }

    /// The first side that shows another content at the serial of the round before (A31), unless serials mean nothing.
    fn contradiction(&self, before: &Self) -> Result<Option<(usize, String)>, CompareError> {
        if self.diff.policy().soa_fields_left_out().contains(SoaFields::SERIAL) {
            return Ok(None);
        }
        for (side, (now, then)) in self.sides.iter().zip(&before.sides).enumerate() {
            let (Ok(now), Ok(then)) = (now, then) else { continue };
            if now.serial() == then.serial() && !same_content(now, then, self.diff.policy())? {
                return Ok(Some((side, format!("it showed two different contents at serial {}", now.serial()))));
            }
        }
        Ok(None)
    }

    /// The worst of all sides: one that could not be compared outweighs one that differs.
    fn verdict(&self) -> ComparisonVerdict {
        let is_moving = |side: &Pulled| side.as_ref().is_err_and(|error| error.is_moving());
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

    /// The sides whose serial is older than the base's.
    pub(super) fn behind(&self) -> Vec<Lag> {
        let mut serials = self.sides.iter().map(|side| side.as_ref().ok().map(Snapshot::serial));
        let Some(Some(base)) = serials.next() else { return Vec::new() };
        let lags = (1..).zip(serials).filter_map(|(side, own)| Some(Lag { side, own: own?, base }));
        lags.filter(|lag| lag.own.compare(base) == SerialOrder::Older).collect()
    }

    /// The result, with this verdict.
    pub(super) fn finish(
        self,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
    ) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
        let comparison = render::comparison(verdict, endpoints, &self.sides, &self.diff)?;
        Ok((Some(self.diff), comparison))
    }

    /// The result when every round showed something else: what the last one showed is no difference.
    pub(super) fn finish_moving(self, endpoints: &Endpoints, note: String) -> Result<Comparison, CompareError> {
        let mut comparison = self.finish_unconfirmed(endpoints, ComparisonVerdict::Moving)?;
        comparison.notes.push(note);
        Ok(comparison)
    }

    /// The result when one side contradicts itself: nothing can be said.
    pub(super) fn finish_inconsistent(
        self,
        endpoints: &Endpoints,
        side: usize,
        why: String,
    ) -> Result<Comparison, CompareError> {
        let mut comparison = self.finish_unconfirmed(endpoints, ComparisonVerdict::NotCompared)?;
        if let Some(row) = comparison.sides.get_mut(side) {
            row.error = Some(why);
        }
        Ok(comparison)
    }

    /// The sides without the differences of this round: nothing that one pull alone has shown is told.
    fn finish_unconfirmed(self, endpoints: &Endpoints, verdict: ComparisonVerdict) -> Result<Comparison, CompareError> {
        let (_, comparison) = self.finish(endpoints, verdict)?;
        Ok(Comparison { changes: Vec::new(), changes_total: 0, ..comparison })
    }
}

/// Compares whatever sides there are.
fn compare(sides: &[Pulled], policy: DiffPolicy) -> Result<ZoneDiff, CompareError> {
    let mut differ = Differ::new(sides.len(), policy, rand::random())?;
    for (number, side) in sides.iter().enumerate() {
        match side {
            Ok(snapshot) => snapshot.records().try_for_each(|record| differ.add(number, record))?,
            Err(_) => differ.drop_side(number),
        }
    }
    Ok(differ.finish())
}

/// Whether two pulls of one side brought the same records, less what does not count.
fn same_content(now: &Snapshot, then: &Snapshot, policy: &DiffPolicy) -> Result<bool, CompareError> {
    let mut differ = Differ::new(2, policy.clone(), rand::random())?;
    now.records().try_for_each(|record| differ.add(0, record))?;
    then.records().try_for_each(|record| differ.add(1, record))?;
    Ok(differ.finish().is_equal())
}
