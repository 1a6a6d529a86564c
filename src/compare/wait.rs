//! A side that is behind and advancing is waited for.

use super::side::{Endpoint, Endpoints};
use super::snapshot::{Pulled, Terms};
use crate::net::{Clock, after};
use crate::report::EventKind;
use crate::serial::{Serial, SerialOrder};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long to wait, and for whom no more.
#[derive(Debug)]
pub(super) struct Wait {
    /// How long and how often.
    patience: Patience,
    /// The sides that did not move when they were last waited for.
    given_up: BTreeSet<usize>,
}

/// How long to wait, and how often to look.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// The end of all waiting.
    deadline: Instant,
    /// How often to look.
    interval: Duration,
    /// A side that does not move for so long is not advancing.
    standstill: Duration,
}

impl Wait {
    /// Until the run has lasted for `deadline`.
    pub(super) fn new(clock: &Clock, deadline: Duration, interval: Duration, standstill: Duration) -> Self {
        let patience = Patience { deadline: clock.instant(deadline), interval, standstill };
        Self { patience, given_up: BTreeSet::new() }
    }

    /// Waits until every side that was behind has caught up or stands still, and tells its serials; whether one has moved.
    ///
    /// Each is watched by itself, so that a silent one does not keep the others from being seen (L6).
    pub(super) async fn for_those_behind(
        &mut self,
        terms: &Terms,
        endpoints: &Endpoints,
        lags: Vec<Lag>,
        tell: &mut impl FnMut(EventKind),
    ) -> bool {
        let (events, mut told) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for lag in lags.into_iter().filter(|lag| !self.given_up.contains(&lag.side)) {
            let Some(endpoint) = endpoints.all().nth(lag.side).cloned() else { continue };
            // What is no server does not move by itself.
            let Some(address) = endpoint.name.address else { continue };
            let (terms, patience, events) = (terms.clone(), self.patience, events.clone());
            tell(EventKind::SerialSeen { address, serial: lag.own.0 });
            tasks.spawn(async move {
                let watch = Watch { endpoint: &endpoint, terms: &terms };
                let seen = |serial: Serial| {
                    // The receiver lives as long as the wait; if it is gone nobody wants to know.
                    let _ = events.send(EventKind::SerialSeen { address, serial: serial.0 });
                };
                (lag.side, watch.run(&lag, patience, seen).await)
            });
        }
        drop(events);
        while let Some(kind) = told.recv().await {
            tell(kind);
        }
        let watched = tasks.join_all().await;
        self.given_up.extend(watched.iter().filter(|(_, moved)| !moved).map(|(side, _)| side));
        watched.iter().any(|(_, moved)| *moved)
    }
}

/// The sides whose serial is older than that of the base, the first one.
pub(super) fn behind(sides: &[Pulled]) -> Vec<Lag> {
    let mut serials = sides.iter().map(|side| side.as_ref().ok().map(|snapshot| snapshot.serial));
    let Some(Some(base)) = serials.next() else { return Vec::new() };
    let lags = (1..).zip(serials).filter_map(|(side, own)| Some(Lag { side, own: own?, base }));
    lags.filter(|lag| lag.own.compare(base) == SerialOrder::Older).collect()
}

/// A side whose serial is older than the base's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lag {
    /// The number of the side.
    pub(super) side: usize,
    /// Its serial.
    pub(super) own: Serial,
    /// The base's.
    pub(super) base: Serial,
}

/// One side that is watched.
struct Watch<'a> {
    /// The side.
    endpoint: &'a Endpoint,
    /// How it is asked.
    terms: &'a Terms,
}

impl Watch<'_> {
    /// Watches until the side has caught up, stands still, or the deadline, telling each new serial; whether it moved at all.
    async fn run(&self, lag: &Lag, patience: Patience, seen: impl Fn(Serial)) -> bool {
        let (mut last, mut moved) = (lag.own, false);
        let until = || patience.deadline.min(after(Instant::now(), patience.standstill));
        let mut end = until();
        while Instant::now() < end {
            tokio::time::sleep_until(end.min(after(Instant::now(), patience.interval))).await;
            let Some(now) = self.endpoint.serial_now(self.terms).await else { continue };
            if now != last {
                (last, moved, end) = (now, true, until());
                seen(now);
            }
            if moved && last.compare(lag.base) != SerialOrder::Older {
                return true;
            }
        }
        moved
    }
}
