//! Do these servers and zone files hold exactly the same records?
//!
//! Every side is pulled, a server by AXFR, while it stands still, all of them are compared as they come, and a difference is said only
//! when a second pull shows the same one. Neither serials nor silence count as proof.
//!
//! What is a difference is decided in [`diff`](crate::diff); what a transfer may look like in [`xfr`](crate::xfr).

mod account;
mod asked;
mod digest;
mod error;
mod fetch;
mod file;
mod identity;
mod meet;
mod render;
mod repeat;
mod room;
mod round;
mod server;
mod side;
mod snapshot;
mod stream;
mod wait;

pub use self::asked::Asking;
pub use self::error::CompareError;
pub use self::fetch::{Fetch, FetchError, Fetched};
pub use self::room::LEAST_MEMORY;
pub use self::side::Side;

use self::room::Room;
use self::round::{Meeting, Round, Standing};
use self::side::Endpoints;
use self::snapshot::Terms;
use crate::converge::{DEFAULT_DEADLINE, DEFAULT_INTERVAL};
use crate::diff::{DiffError, DiffPolicy, RrsetChange, SoaFields, ZoneDiff};
use crate::net::{Clock, Network, Signers, Transfer, unix_now};
use crate::present;
use crate::report::{Comparison, ComparisonVerdict, Event, EventKind, Report};
use crate::wire::WireName;
use crate::xfr::{Limits, TransferTimes};
use crate::zonemd::Wanted;
use hickory_proto::rr::Name;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

/// A side that is behind and does not move for so long is not advancing: its serial may be its own.
pub const DEFAULT_STANDSTILL: Duration = Duration::from_secs(5);

/// How many pairs of pulls may disagree before the zone counts as moving.
const MAX_ROUNDS: u32 = 6;

/// A comparison that can be run: one zone, at least two sides, the first of which is the base.
#[derive(Debug, Clone)]
pub struct Compare {
    /// The zone.
    zone: WireName,
    /// The sides as given.
    sides: Vec<Side>,
    /// What is not a difference.
    policy: DiffPolicy,
    /// How exchanges are made.
    network: Network,
    /// What bounds the size of a transfer.
    limits: Limits,
    /// What bounds its time.
    times: TransferTimes,
    /// How long to wait for a side that is behind.
    deadline: Duration,
    /// How often to look whether it has caught up.
    interval: Duration,
    /// When to stop waiting for a side that does not move.
    standstill: Duration,
    /// How servers are asked, if they are not transferred.
    asking: Option<Asking>,
    /// Whether zones are digested.
    digest: Wanted,
    /// Whether what a server tells of its changes may take part.
    increments: bool,
    /// How much memory it may take.
    room: Room,
}

impl Compare {
    /// Compares the zone on these sides with the [`DiffPolicy::exact`] policy; every address of a server is a side.
    pub fn new<S: Into<Side>>(zone: &Name, sides: impl IntoIterator<Item = S>) -> Self {
        Self {
            zone: WireName::from_name(zone),
            sides: sides.into_iter().map(Into::into).collect(),
            policy: DiffPolicy::exact(),
            network: Network::new(),
            limits: Limits::new(),
            times: TransferTimes::new(),
            deadline: DEFAULT_DEADLINE,
            interval: DEFAULT_INTERVAL,
            standstill: DEFAULT_STANDSTILL,
            asking: None,
            digest: Wanted::WherePresent,
            increments: true,
            room: Room::default(),
        }
    }

    /// What is not a difference; whatever it leaves out is named and counted in the result.
    #[must_use]
    pub fn policy(mut self, policy: DiffPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// What bounds the size of a transfer; default [`Limits::new`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What bounds the time of a transfer; default [`TransferTimes::new`].
    #[must_use]
    pub fn times(mut self, times: TransferTimes) -> Self {
        self.times = times;
        self
    }

    /// How long a side that is behind and advancing is waited for; default [`DEFAULT_DEADLINE`]. Transfers have
    /// limits of their own.
    #[must_use]
    pub fn for_at_most(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How often to look at its serial meanwhile; default [`DEFAULT_INTERVAL`], never less than 10 ms.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// A side that is behind is waited for while its serial moves at least once in this time, then compared as it is;
    /// default [`DEFAULT_STANDSTILL`].
    #[must_use]
    pub fn standstill(mut self, standstill: Duration) -> Self {
        self.standstill = standstill;
        self
    }

    /// Asks servers for each record set that is known, instead of transferring the zone from every one of them. What is
    /// known comes from the sides that are files or, if there are none, from the first server that can be transferred.
    ///
    /// That finds differences and proves no equality: see [`ComparisonVerdict::NoDifferenceFound`]. Default: all sides are
    /// transferred.
    #[must_use]
    pub fn without_axfr(mut self, asking: Asking) -> Self {
        self.asking = Some(asking);
        self
    }

    /// Computes the digest of every side (SIMPLE with SHA-384, RFC 8976), for which each zone is held and sorted.
    /// Default: ZONEMD records are verified where there are any, and nothing else is digested.
    #[must_use]
    pub fn digests(mut self) -> Self {
        self.digest = Wanted::Always;
        self
    }

    /// How much memory the comparison may take, in octets; default [`DEFAULT_MEMORY`](crate::diff::DEFAULT_MEMORY),
    /// at least [`LEAST_MEMORY`]. Past that, records are kept on disk; the result does not depend on it.
    #[must_use]
    pub fn memory(mut self, octets: usize) -> Self {
        self.room.set_memory(octets);
        self
    }

    /// In which directory records are kept that take more memory than allowed; default
    /// [`default_run_directory`](crate::fs::default_run_directory). Nothing is left there, however the run ends.
    #[must_use]
    pub fn spill_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.room.directory = Some(directory.into());
        self
    }

    /// Lets the verdict rest on whole transfers alone. Default: of a server that does not stand still for three transfers,
    /// what it tells of its changes (IXFR, RFC 1995) may lead from the serial that it sent to that of the others; the result
    /// says so ([`Basis`](crate::report::Basis)). Only with [`DiffPolicy::exact`].
    #[must_use]
    pub fn whole_transfers_only(mut self) -> Self {
        self.increments = false;
        self
    }

    /// Runs until there is a verdict, or until `stop` resolves: then the verdict is "not compared".
    ///
    /// # Cancel safety
    /// Safe: dropping the future closes its connections, and what was put on disk goes with it.
    ///
    /// # Errors
    /// [`CompareError`]: the sides make no comparison. A side that cannot be read is told in the result, and so are records
    /// that can be held neither in memory nor on disk.
    pub async fn run_until(
        &self,
        stop: impl Future<Output = ()>,
        mut on_event: impl FnMut(&Event),
    ) -> Result<Compared, CompareError> {
        let clock = Clock::new();
        let started_unix = unix_now();
        let mut report = Report::default();
        let mut tell = |kind: EventKind| {
            let event = Event::new(clock.elapsed(), kind);
            report.apply(&event);
            on_event(&event);
        };
        let (mut known, signers) = (None, Signers::default());
        let mut stop = std::pin::pin!(stop);
        let work = async {
            let endpoints = known.insert(Endpoints::of(&self.sides, &self.network).await?);
            tell(self.started(started_unix, endpoints));
            match self.asking.clone().filter(|_| endpoints.all().any(|endpoint| endpoint.server().is_some())) {
                Some(asking) => asked::run(self, asking, &clock, (endpoints, &signers), &mut tell).await,
                None => self.rounds(&clock, (endpoints, &signers), &mut tell).await,
            }
        };
        let found = tokio::select! {
            biased;
            () = &mut stop => None,
            found = work => match found {
                Err(CompareError::Diff(error)) if error.is_for_want_of_room() => Some(Ok((None, render::no_room(known.as_ref(), &error)))),
                found => Some(found),
            },
        };
        signers.end(&self.network).await;
        let found = found.transpose()?;
        let (diff, comparison) = found.unwrap_or_else(|| (None, render::stopped(known.as_ref())));
        tell(EventKind::Compared(Box::new(comparison.clone())));
        Ok(Compared { diff, comparison, report })
    }

    /// Pulls and compares until the answer is known.
    async fn rounds(
        &self,
        clock: &Clock,
        (endpoints, signers): (&Endpoints, &Signers),
        tell: &mut impl FnMut(EventKind),
    ) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
        let transfer = Transfer { zone: self.zone, limits: self.limits, times: self.times };
        let mut terms = Terms {
            network: self.network.clone(),
            signers: signers.clone(),
            transfer,
            digest: self.digest,
            share: self.room.share(endpoints.all().count()),
            increments: self.may_use_increments(),
            // The first round is confirmed by octets alone, as a rule, and is then held against no other.
            contents: false,
        };
        let mut wait = wait::Wait::new(clock, self.deadline, self.interval, self.standstill);
        let mut before: Option<Round> = None;
        let mut disagreements = 0;
        let mut repeatable = true;
        let mut met: Option<Meeting> = None;
        loop {
            let (policy, room) = (&self.policy, &self.room);
            let round = Round::pull(&terms, endpoints, policy, room, before.as_ref(), tell).await?;
            terms.contents = true;
            if round.has_late_zonemd() {
                // Another pull holds all of it (Z8: a digest that is wrong must not pass for one that is not there).
                terms.digest = Wanted::WhereverPresent;
                before = Some(round);
                continue;
            }
            match round.standing(before.as_ref())? {
                Standing::Settled(verdict) => return self.conclude(round, endpoints, verdict, met.as_ref()),
                Standing::Inconsistent { side, why } => {
                    return Ok((None, round.finish_inconsistent(endpoints, side, why)?));
                }
                // I9: what a server tells of its changes is believed after a second round of whole transfers alone.
                Standing::Met(meeting) if met.is_some() => return Ok((None, round.finish_met(endpoints, &meeting)?)),
                Standing::Met(meeting) => {
                    (met, before) = (Some(meeting), Some(round));
                    continue;
                }
                Standing::Unconfirmed => {}
            }
            let advanced = !self.policy.soa_fields_left_out().contains(SoaFields::SERIAL)
                && wait.for_those_behind(&terms, endpoints, round.behind(), tell).await;
            if !advanced {
                disagreements += 1;
            }
            if disagreements >= MAX_ROUNDS {
                let note = format!("{MAX_ROUNDS} pulls in a row showed different things");
                return Ok((None, round.finish_moving(endpoints, note)?));
            }
            if advanced || !repeatable || !round.is_repeatable() {
                before = Some(round);
            } else if round.is_repeated(&terms, endpoints, tell).await {
                let verdict = round.verdict();
                return self.conclude(round, endpoints, verdict, met.as_ref());
            } else {
                // It has shown something else since, or the same in another way: from now on only whole pulls count.
                (before, repeatable) = (None, false);
            }
        }
    }

    /// The result, with what has become of an earlier meeting.
    fn conclude(
        &self,
        round: Round,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
        met: Option<&Meeting>,
    ) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
        let belied = met.map(|met| (met.serial, round.belied(met)));
        let (diff, mut comparison) = round.finish(endpoints, verdict, self.room.listed())?;
        for (serial, side) in
            belied.into_iter().flat_map(|(serial, sides)| sides.iter().map(move |side| (serial, *side)))
        {
            let label = endpoints.all().nth(side).map(|endpoint| endpoint.name.label()).unwrap_or_default();
            comparison.findings.push(format!(
                "{label}: journal inconsistent: its changes up to serial {serial} lead to another zone than the one that it \
                 sends at that serial; who follows it by IXFR holds something else"
            ));
        }
        Ok((diff, comparison))
    }

    /// Whether increments can be held against what the differ has left over: only where everything counts.
    fn may_use_increments(&self) -> bool {
        self.increments && self.policy == DiffPolicy::exact()
    }

    /// The first event.
    fn started(&self, started_unix: u64, endpoints: &Endpoints) -> EventKind {
        let zone = present::name(&self.zone).to_string();
        EventKind::Comparing { zone, started_unix, sides: endpoints.names() }
    }
}

/// What a comparison found.
#[derive(Debug)]
pub struct Compared {
    /// The difference itself; none when nothing could be compared, or sides were met by increments.
    diff: Option<ZoneDiff>,
    /// The same for reports.
    comparison: Comparison,
    /// The whole run.
    report: Report,
}

impl Compared {
    /// What it says.
    pub fn verdict(&self) -> ComparisonVerdict {
        self.comparison.verdict
    }

    /// The differing `RRsets` in canonical order: what a side has otherwise than the base, the first side.
    ///
    /// # Errors
    /// [`DiffError`]: what was held for a change cannot be read back.
    pub fn changes(&self) -> impl Iterator<Item = Result<RrsetChange, DiffError>> {
        self.diff.iter().flat_map(ZoneDiff::changes)
    }

    /// The difference, with its counts; none when nothing could be compared, or sides were met by increments.
    pub fn diff(&self) -> Option<&ZoneDiff> {
        self.diff.as_ref()
    }

    /// The same for a report.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// The report of this comparison alone.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
