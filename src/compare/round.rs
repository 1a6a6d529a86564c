//! All sides pulled once, and held against each other and against the round before.

use super::room::Room;
use super::side::Endpoints;
use super::snapshot::{PULLS, Pulled, SideError, Snapshot, Terms};
use super::stream::{Confluence, Outlet};
use super::wait::{self, Lag};
use super::{CompareError, meet, render, repeat};
use crate::diff::{DiffError, DiffPolicy, Differ, Leftovers, SideVerdict, SoaFields, ZoneDiff};
use crate::net::after;
use crate::report::{Basis, Comparison, ComparisonVerdict, EventKind};
use crate::serial::Serial;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The wait before a second try, doubled for the third.
const BACK_OFF: Duration = Duration::from_millis(250);

/// What every side held, and how that differs.
#[derive(Debug)]
pub(super) struct Round {
    /// The base, then the targets.
    sides: Vec<Pulled>,
    /// The difference.
    diff: ZoneDiff,
    /// What this round and those before it had left over.
    leftovers: Option<Leftovers>,
}

/// Where sides have met of which some had moved.
#[derive(Debug)]
pub(super) struct Meeting {
    /// The serial.
    pub(super) serial: Serial,
    /// Those that had moved.
    moved: Vec<usize>,
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
    /// The sides were sent at different serials, and are equal once a server's account of its changes is applied.
    Met(Meeting),
    /// A difference that nothing has confirmed yet.
    Unconfirmed,
}

impl Round {
    /// Pulls all sides concurrently and compares them as they come; again if one of them is worth another try, since what
    /// the others have sent was forgotten where it agreed.
    ///
    /// A side that failed in the round before is not asked again: its tries were used up then (A20).
    pub(super) async fn pull(
        terms: &Terms,
        endpoints: &Endpoints,
        policy: &DiffPolicy,
        room: &Room,
        before: Option<&Self>,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<Self, CompareError> {
        let leftovers = before.and_then(|before| before.leftovers.as_ref());
        let count = endpoints.all().count();
        let failed = |side: usize| before?.sides.get(side)?.as_ref().err().filter(|error| !error.is_moving());
        let mut sides: Vec<Option<Pulled>> = (0..count).map(|side| Some(Err(Arc::clone(failed(side)?)))).collect();
        for attempt in 1..=PULLS {
            let differ = match leftovers {
                Some(leftovers) => Differ::settling(count, policy.clone(), leftovers),
                None => Differ::streaming(count, policy.clone(), rand::random()),
            };
            let differ = if terms.contents { differ } else { differ.map(Differ::without_contents) };
            // What stands still at the second or third look is compared as it stands, without anybody's account.
            let terms = Terms { increments: terms.increments && attempt == PULLS, ..terms.clone() };
            let pulling = Pulling { terms: &terms, endpoints, policy, may_retry: attempt < PULLS };
            if let Some(differ) = pulling.run(room.keep(differ?, count), &mut sides, tell).await? {
                // What was spilled takes seconds to merge, in which a stop is to be heard.
                let finished = tokio::task::spawn_blocking(move || differ.finish()).await;
                let diff = finished.map_err(|_| DiffError::Lost)??;
                return Ok(Self::new(sides.into_iter().flatten().collect(), diff, leftovers));
            }
            tokio::time::sleep_until(after(Instant::now(), BACK_OFF * attempt)).await;
        }
        Err(DiffError::Lost.into())
    }

    /// The sides and how they differ.
    fn new(sides: Vec<Pulled>, diff: ZoneDiff, before: Option<&Leftovers>) -> Self {
        let mut leftovers = before.cloned();
        match (&mut leftovers, diff.leftovers()) {
            (Some(all), Some(own)) => all.extend(own),
            (all, own) => *all = own.cloned(),
        }
        Self { sides, diff, leftovers }
    }

    /// What can be said, given the round before.
    pub(super) fn standing(&self, before: Option<&Self>) -> Result<Standing, CompareError> {
        let verdict = self.verdict();
        if let Some(before) = before {
            // A difference is confirmed that both rounds found, the later one for certain.
            let one_version = !self.has_moved() || verdict != ComparisonVerdict::Different;
            if one_version && self.diff.is_settled() && self.diff.same_changes(&before.diff)? {
                return Ok(Standing::Settled(verdict));
            }
            if let Some((side, why)) = self.contradiction(before) {
                return Ok(Standing::Inconsistent { side, why });
            }
        }
        if let Some(meeting) = self.meeting()? {
            return Ok(Standing::Met(meeting));
        }
        let agreed = verdict != ComparisonVerdict::Different && self.diff.changes().next().is_none();
        Ok(if agreed { Standing::Settled(verdict) } else { Standing::Unconfirmed })
    }

    /// Whether sides that show the same again would confirm this round: it is settled, every side stood
    /// still, and those that were read are servers.
    pub(super) fn is_repeatable(&self) -> bool {
        let repeatable = |side: &Pulled| match side {
            Ok(snapshot) => snapshot.sent.is_some(),
            Err(error) => !error.is_moving(),
        };
        self.diff.is_settled() && self.sides.iter().all(repeatable)
    }

    /// Whether every side shows the very same again.
    pub(super) async fn is_repeated(
        &self,
        terms: &Terms,
        endpoints: &Endpoints,
        tell: &mut impl FnMut(EventKind),
    ) -> bool {
        repeat::all_show_again(terms, endpoints, &self.sides, tell).await
    }

    /// The first side that shows another content at the serial of the round before (A31), unless serials mean nothing.
    ///
    /// A side that comes back to its owners may have shown the same in other parts: then this is not known.
    fn contradiction(&self, before: &Self) -> Option<(usize, String)> {
        if self.diff.policy().soa_fields_left_out().contains(SoaFields::SERIAL) {
            return None;
        }
        let mut pairs = self.sides.iter().zip(&before.sides).enumerate();
        pairs.find_map(|(side, (now, then))| {
            let (now, then) = (now.as_ref().ok()?, then.as_ref().ok()?);
            let same_content = self.diff.content(side)? == before.diff.content(side)?;
            let why = || format!("it showed two different contents at serial {}", now.serial);
            (now.serial == then.serial && !same_content).then(|| (side, why()))
        })
    }

    /// The worst of all sides: one that could not be compared outweighs one that differs.
    pub(super) fn verdict(&self) -> ComparisonVerdict {
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

    /// Whether a side went on while, or after, it was read.
    fn has_moved(&self) -> bool {
        self.sides.iter().flatten().any(|snapshot| snapshot.since.is_some())
    }

    /// Where all sides are equal, some of them by their own account of what has changed since they sent their zone.
    ///
    /// I9: one of them at least sent all of its zone at that serial, so that no equality rests on accounts alone.
    fn meeting(&self) -> Result<Option<Meeting>, CompareError> {
        let Ok(sides) = self.sides.iter().map(Result::as_ref).collect::<Result<Vec<_>, _>>() else { return Ok(None) };
        if !self.has_moved() || !self.diff.is_settled() {
            return Ok(None);
        }
        let sent: BTreeSet<u32> = sides.iter().map(|side| side.serial.0).collect();
        if sent.len() < 2 {
            return Ok(None);
        }
        for serial in sent.into_iter().map(Serial).filter(|serial| sides.iter().all(|side| side.passes(*serial))) {
            if self.is_met_at(&sides, serial)? {
                let moved = sides.iter().enumerate().filter(|(_, side)| side.serial != serial);
                return Ok(Some(Meeting { serial, moved: moved.map(|(side, _)| side).collect() }));
            }
        }
        Ok(None)
    }

    /// Whether all sides hold the same at this version, which each of them passes.
    fn is_met_at(&self, sides: &[&Snapshot], serial: Serial) -> Result<bool, CompareError> {
        let Some((base, targets)) = sides.split_first() else { return Ok(false) };
        let Some(base) = base.effects_to(serial) else { return Ok(false) };
        for (number, target) in (1..).zip(targets) {
            let Some(target) = target.effects_to(serial) else { return Ok(false) };
            if !meet::is_met(&self.diff, number, &base, &target)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The sides whose account of their changes led to another zone than the one that they send at that serial: all
    /// sides stand there now, and differ.
    pub(super) fn belied<'m>(&self, meeting: &'m Meeting) -> &'m [usize] {
        let stands = |side: &Pulled| side.as_ref().is_ok_and(|now| now.since.is_none() && now.serial == meeting.serial);
        let differs = (1..self.sides.len()).any(|side| self.diff.verdict(side) == SideVerdict::Different);
        if differs && self.sides.iter().all(stands) { &meeting.moved } else { &[] }
    }

    /// Whether the ZONEMD records of a side came too late to be verified.
    pub(super) fn has_late_zonemd(&self) -> bool {
        self.sides.iter().flatten().any(|snapshot| snapshot.digested.late)
    }

    /// The sides whose serial is older than the base's.
    pub(super) fn behind(&self) -> Vec<Lag> {
        wait::behind(&self.sides)
    }

    /// The result, with this verdict; so many octets of changes are listed.
    pub(super) fn finish(
        self,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
        listed: usize,
    ) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
        let comparison = render::comparison(verdict, endpoints, &self.sides, &self.diff, listed)?;
        Ok((Some(self.diff), comparison))
    }

    /// The result when the sides have met, in two rounds: equal, by what was sent and by what a server told.
    pub(super) fn finish_met(self, endpoints: &Endpoints, meeting: &Meeting) -> Result<Comparison, CompareError> {
        let mut comparison = self.finish_unconfirmed(endpoints, ComparisonVerdict::Equal)?;
        comparison.basis = Some(Basis::AxfrAndIxfr);
        let to = meeting.serial;
        for ((row, side), endpoint) in comparison.sides.iter_mut().zip(&self.sides).zip(endpoints.all()) {
            let Ok(Snapshot { serial, .. }) = side else { continue };
            if *serial == to {
                continue;
            }
            (row.basis, row.serial) = (Some(Basis::AxfrAndIxfr), Some(to.0));
            // These were of the version before.
            (row.records, row.zonemd, row.digest) = (None, None, None);
            let label = endpoint.name.label();
            comparison.notes.push(format!(
                "{label}: it sent serial {serial}; by its own account of the changes it is compared at serial {to}"
            ));
        }
        Ok(comparison)
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
    fn finish_unconfirmed(
        &self,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
    ) -> Result<Comparison, CompareError> {
        let comparison = render::comparison(verdict, endpoints, &self.sides, &self.diff, 0)?;
        Ok(Comparison { changes_total: 0, ..comparison })
    }
}

/// One pull of all sides.
struct Pulling<'a> {
    /// What is read, and how.
    terms: &'a Terms,
    /// The sides.
    endpoints: &'a Endpoints,
    /// What is not a difference.
    policy: &'a DiffPolicy,
    /// Whether all is pulled again if one side is worth it.
    may_retry: bool,
}

impl Pulling<'_> {
    /// Pulls the sides that have not failed for good, and notes how they ended; `None` if all is to be pulled again.
    async fn run(
        &self,
        differ: Differ,
        sides: &mut [Option<Pulled>],
        tell: &mut impl FnMut(EventKind),
    ) -> Result<Option<Differ>, CompareError> {
        let (events, mut told) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let mut receivers = Vec::new();
        for (endpoint, side) in self.endpoints.all().zip(&*sides) {
            if side.as_ref().is_some_and(Result::is_err) {
                receivers.push(None);
                continue;
            }
            let (mut outlet, receiver) = Outlet::new(endpoint.name.label(), self.policy.record_form(), events.clone());
            let (terms, endpoint) = (self.terms.clone(), endpoint.clone());
            tasks.spawn(async move {
                let pulled = endpoint.pull(&terms, &mut outlet).await;
                outlet.end(pulled).await;
            });
            receivers.push(Some(receiver));
        }
        drop(events);
        let mut confluence = Confluence::new(differ, receivers);
        loop {
            let ended = tokio::select! {
                biased;
                Some(kind) = told.recv() => {
                    tell(kind);
                    continue;
                }
                ended = confluence.next_end() => ended?,
            };
            let Some((side, pulled)) = ended else { break };
            if self.may_retry && pulled.as_ref().is_err_and(SideError::is_worth_a_retry) {
                return Ok(None);
            }
            if let Some(place) = sides.get_mut(side) {
                *place = Some(pulled.map_err(Arc::new));
            }
        }
        while let Some(kind) = told.recv().await {
            tell(kind);
        }
        tasks.join_all().await;
        Ok(Some(confluence.into_differ()))
    }
}
