//! A side that is behind and advancing is waited for.

use super::round::Round;
use super::snapshot::{Endpoint, Endpoints, serial_now};
use crate::net::{Clock, Network, Transfer};
use crate::serial::Serial;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// A side that is behind and does not move for so long is not advancing: its serial may be its own.
const STANDSTILL: Duration = Duration::from_secs(5);

/// How long to wait, and for whom no more.
#[derive(Debug)]
pub(super) struct Wait {
    /// The end of all waiting.
    deadline: Instant,
    /// How often to look.
    interval: Duration,
    /// The sides that did not move when they were last waited for.
    given_up: BTreeSet<usize>,
}

impl Wait {
    /// Until the run has lasted that long.
    pub(super) fn new(clock: &Clock, deadline: Duration, interval: Duration) -> Self {
        Self { deadline: clock.instant(deadline), interval, given_up: BTreeSet::new() }
    }

    /// Waits while a side that was behind stands where it was; whether one has moved.
    pub(super) async fn for_those_behind(
        &mut self,
        network: &Network,
        transfer: &Transfer,
        endpoints: &Endpoints,
        round: &Round,
    ) -> bool {
        let all: Vec<&Endpoint> = endpoints.all().collect();
        let mut behind = round.behind();
        behind.retain(|(side, _)| !self.given_up.contains(side));
        let until = self.deadline.min(Instant::now() + STANDSTILL);
        while !behind.is_empty() && Instant::now() < until {
            tokio::time::sleep_until(until.min(Instant::now() + self.interval)).await;
            for (side, then) in &behind {
                let Some(endpoint) = all.get(*side) else { continue };
                if moved(network, endpoint, transfer, *then).await {
                    return true;
                }
            }
        }
        self.given_up.extend(behind.into_iter().map(|(side, _)| side));
        false
    }
}

/// Whether the side shows another serial than then.
async fn moved(network: &Network, endpoint: &Endpoint, transfer: &Transfer, then: Serial) -> bool {
    serial_now(network, endpoint, transfer).await.is_some_and(|now| now != then)
}
