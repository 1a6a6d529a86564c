//! Has a change made on this server arrived on those?
//!
//! The shell around [`converge::Machine`](crate::converge::Machine): it resolves names, does what the machine puts out, concurrently,
//! and feeds back what came of it. It decides nothing about a probe.
//!
//! Whether the zones are the same is another question: [`Compare`](crate::compare::Compare).

mod error;
mod listening;
mod outside;
mod plan;
mod proof;

pub use self::error::CheckError;

use self::listening::News;
use self::outside::Outside;
use crate::converge::{Ending, Input, Machine, OnUnfit, Output, Schedule, Unchanged, Writes};
use crate::fs::Journal;
use crate::net::{Clock, Network, Server};
use crate::observe::Watched;
use crate::probe::ProbeType;
use crate::report::{Event, EventKind, Report};
use crate::wire::WireName;
use hickory_proto::rr::Name;
use std::collections::BTreeSet;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A check that can be run: one zone, one source, at least one destination.
///
/// It plants a probe record at the source, watches every address of every destination until the probe is there, takes it
/// back, and watches it go. The exact steps stand at the head of [`converge`](crate::converge). Where no update can be
/// made, [`Check::observe`] watches a record set that somebody changes by hand.
#[derive(Debug, Clone)]
pub struct Check {
    /// The zone.
    zone: WireName,
    /// Where the probe is written.
    source: Server,
    /// Where it must appear.
    destinations: Vec<Server>,
    /// The times.
    schedule: Schedule,
    /// How exchanges are made.
    network: Network,
    /// Where the journal is; the user's state directory when not set.
    journal: Option<PathBuf>,
    /// What a destination that fails the pre-flight does to the run.
    on_unfit: OnUnfit,
    /// Whether the probe is sent.
    writes: Writes,
    /// Whether an update may go out without a signature.
    unsigned: bool,
    /// What record the probe is.
    probe_type: ProbeType,
    /// Whether the report is to expect a comparison.
    compare: bool,
    /// Whether a lease on the probe is asked for.
    asks_for_lease: bool,
    /// Where NOTIFY is listened for.
    listen: Option<SocketAddr>,
    /// What is watched instead of a probe.
    watched: Option<Watched>,
}

impl Check {
    /// Writes to `source`, expects it at `destination`.
    pub fn new(zone: &Name, source: Server, destination: Server) -> Self {
        Self {
            zone: WireName::from_name(zone),
            source,
            destinations: vec![destination],
            schedule: Schedule::default(),
            network: Network::new(),
            journal: None,
            on_unfit: OnUnfit::Abort,
            writes: Writes::Probe,
            unsigned: false,
            probe_type: ProbeType::Txt,
            compare: false,
            asks_for_lease: true,
            listen: None,
            watched: None,
        }
    }

    /// One more server where the probe must appear.
    #[must_use]
    pub fn destination(mut self, server: Server) -> Self {
        self.destinations.push(server);
        self
    }

    /// How often and how long to look; default [`Schedule::default`].
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Where the journal is; default [`default_journal_directory`](crate::fs::default_journal_directory).
    #[must_use]
    pub fn journal(mut self, directory: impl Into<PathBuf>) -> Self {
        self.journal = Some(directory.into());
        self
    }

    /// Goes on without a destination that fails the pre-flight, which then is `inconclusive`. Default: the run ends.
    #[must_use]
    pub fn keep_going(mut self) -> Self {
        self.on_unfit = OnUnfit::KeepGoing;
        self
    }

    /// Lets the update go out without a signature, if the source has no key. Default: that is an error.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Asks for no lease on the probe. Default: a source whose answers carry EDNS is asked for a lease (RFC 9664) that is longer than the
    /// run, so that one which grants leases removes the probe by itself if nobody lives to do it.
    #[must_use]
    pub fn without_lease(mut self) -> Self {
        self.asks_for_lease = false;
        self
    }

    /// What record the probe is; default [`ProbeType::Txt`]. Directories want [`ProbeType::Address`].
    #[must_use]
    pub fn probe_type(mut self, probe_type: ProbeType) -> Self {
        self.probe_type = probe_type;
        self
    }

    /// Does the pre-flight and tells the update instead of sending it.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.writes = Writes::DryRun;
        self
    }

    /// Plants no probe, and writes nothing: watches what the source holds of this record set until every destination holds
    /// exactly that too, as strictly as a probe is watched. Default: a probe is planted.
    ///
    /// The change may be made before the run or while it lasts; where it is not said what it is, and source and
    /// destinations show the same all the time, nothing was seen to arrive and the report says so.
    #[must_use]
    pub fn observe(mut self, watched: Watched) -> Self {
        self.watched = Some(watched);
        self
    }

    /// Listens for NOTIFY (RFC 1996) at this address, over UDP and TCP: one from a server of the run makes its next question
    /// come at once. It proves nothing, and that none came is told where a destination is late. Default: nobody listens.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = Some(address);
        self
    }

    /// Tells the report that a comparison will follow, without which the whole is not proven. Default: none.
    #[must_use]
    pub fn before_comparison(mut self) -> Self {
        self.compare = true;
        self
    }

    /// Runs until there is a report, or until `stop` resolves: then the probe is taken back first.
    ///
    /// `on_event` is called with everything observable, in order.
    ///
    /// # Cancel safety
    /// None: a dropped future leaves the probe to the journal, from which [`Sweep`](crate::sweep::Sweep) takes it back. Resolve
    /// `stop` instead.
    ///
    /// # Errors
    /// [`CheckError`]: the zone is unchanged. Whatever happens once a probe may exist is told by the [`Report`].
    pub async fn run_until(
        &self,
        stop: impl Future<Output = ()>,
        mut on_event: impl FnMut(&Event),
    ) -> Result<Report, CheckError> {
        let clock = Clock::new();
        let journal = self.watched.is_none().then(|| self.open_journal()).transpose()?;
        let mut stop = std::pin::pin!(stop);
        // V8: a resolver that hangs is bounded by the deadline too, and does not keep anybody from stopping.
        let (plan, servers) = tokio::select! {
            biased;
            () = &mut stop => return Err(CheckError::Unchanged(Unchanged::Stopped)),
            plan = self.plan() => plan?,
            () = tokio::time::sleep_until(clock.instant(self.schedule.deadline())) => {
                return Err(CheckError::Unchanged(Unchanged::Deadline));
            }
        };
        let mut report = Report::default();
        let mut tell = |event: &Event| {
            report.apply(event);
            on_event(event);
        };
        let mut listener = self.listener(&plan, &servers).await?;
        if let Some(listener) = &listener {
            tell(&Event::new(clock.elapsed(), EventKind::Listening { address: listener.address() }));
        }
        let mut outside = Outside::new(self, &plan, &servers, journal.clone());
        let mut machine = Machine::new(plan);
        let mut stopped = false;
        let mut input = Input::Start;
        let mut told = BTreeSet::new();
        loop {
            for (address, text) in outside.take_remarks().into_iter().filter(|remark| told.insert(remark.clone())) {
                tell(&Event::new(clock.elapsed(), EventKind::Note { address: Some(address), text }));
            }
            machine.handle(input, clock.elapsed());
            while let Some(output) = machine.poll_output() {
                match output {
                    Output::Ask(ask) => outside.ask(ask),
                    Output::Send(send) => outside.send(send),
                    Output::WriteJournal(entry) => outside.write_journal(*entry),
                    Output::RemoveJournal => outside.remove_journal(),
                    Output::Event(event) => tell(&event),
                    Output::Done(ending) => {
                        if let Some(journal) = &journal {
                            tell_leftovers(journal, &clock, &mut tell);
                        }
                        outside.end().await;
                        return match ending {
                            Ending::Unchanged(why) => Err(CheckError::Unchanged(why)),
                            Ending::Reported => Ok(report),
                        };
                    }
                }
            }
            let wakeup = machine.next_wakeup().map(|at| clock.instant(at));
            input = tokio::select! {
                () = &mut stop, if !stopped => {
                    stopped = true;
                    Input::Stop
                }
                input = outside.next() => input,
                news = listening::next(&mut listener) => match news {
                    News::Hint(input) => input,
                    News::Note(kind) => {
                        tell(&Event::new(clock.elapsed(), kind));
                        Input::Timer
                    }
                },
                () = at(wakeup) => Input::Timer,
            };
        }
    }

    /// The journal of this check.
    fn open_journal(&self) -> Result<Journal, CheckError> {
        let directory = match &self.journal {
            Some(directory) => directory.clone(),
            None => crate::fs::default_journal_directory()?,
        };
        Ok(Journal::at(directory))
    }
}

/// Resolves at that instant; never, if there is none.
async fn at(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Says when the journal holds probes of runs that were killed.
fn tell_leftovers(journal: &Journal, clock: &Clock, tell: &mut impl FnMut(&Event)) {
    use crate::fs::Found;
    let text = match journal.entries() {
        Ok(found) => {
            let left = found.iter().filter(|found| !matches!(found, Found::InUse(_))).count();
            let place = journal.directory().display();
            (left > 0)
                .then(|| format!("the journal in {place} holds {left} entries of runs that were killed: run `sweep`"))
        }
        Err(error) => Some(error.to_string()),
    };
    if let Some(text) = text {
        tell(&Event::new(clock.elapsed(), EventKind::Note { address: None, text }));
    }
}
