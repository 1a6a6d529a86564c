//! How often to ask, how long to wait: the times of one check, each with its default as a constant.

use crate::update::Lease;
use std::time::Duration;

/// How long a probe has to arrive everywhere, from the start of the run.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
/// The first interval between two questions to one address.
///
/// With it an address counts as converged within a second of its first showing the probe: one interval until that is seen, and
/// another for the two confirmations that follow in halves of it. That leaves a fifth of a second for the exchanges, and is no
/// more than a few questions a second (P7).
pub const DEFAULT_INTERVAL: Duration = Duration::from_millis(400);
/// Intervals grow up to this while nothing new is seen.
pub const MAX_INTERVAL: Duration = Duration::from_secs(5);
/// An interval is no longer than this part of the wait so far, or the first: in a run of [`DEFAULT_DEADLINE`] none is longer
/// than the first, and in a long one what is seen late is late by little in comparison.
const PART_OF_WAIT: u32 = 75;
/// How often in a row an address must show the exact record (V1, P2).
pub const DEFAULT_CONFIRMATIONS: u32 = 3;
/// How long one exchange may take, its retries by another transport included.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);
/// What clean-up may take, after and apart from the deadline (U13).
pub const DEFAULT_CLEANUP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the source may take to show what it accepted (U6).
pub const VISIBLE_WITHIN: Duration = Duration::from_secs(10);
/// How long at least to watch the removal arrive at the destinations: longer if more of the deadline is left, or if the
/// probe took longer to arrive.
pub const GONE_GRACE: Duration = Duration::from_secs(10);

/// The lease that is asked for on a probe, where the run is not longer: RFC 9664 section 5 recommends no less, and it is more
/// than people need to run `sweep`.
pub const SHORTEST_LEASE: Duration = Duration::from_secs(3600);

/// The times of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// See [`Schedule::every`].
    pub(super) interval: Duration,
    /// See [`Schedule::for_at_most`].
    pub(super) deadline: Duration,
    /// See [`Schedule::confirmations`].
    pub(super) confirmations: u32,
    /// See [`Schedule::timeout`].
    pub(super) timeout: Duration,
    /// See [`Schedule::cleanup_timeout`].
    pub(super) cleanup_timeout: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            interval: DEFAULT_INTERVAL,
            deadline: DEFAULT_DEADLINE,
            confirmations: DEFAULT_CONFIRMATIONS,
            timeout: DEFAULT_TIMEOUT,
            cleanup_timeout: DEFAULT_CLEANUP_TIMEOUT,
        }
    }
}

impl Schedule {
    /// Asks an address at this interval, which in long runs grows to [`MAX_INTERVAL`] while nothing new is seen, and at half
    /// of it once the probe is seen, until that is confirmed; default [`DEFAULT_INTERVAL`]. Never less than 10 ms: polls are
    /// bounded (L7).
    #[must_use]
    pub fn every(interval: Duration) -> Self {
        Self { interval: interval.max(Duration::from_millis(10)), ..Self::default() }
    }

    /// Convergence must be reached this long after the start; default [`DEFAULT_DEADLINE`].
    #[must_use]
    pub const fn for_at_most(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How often in a row an address must show the probe; at least 1, default [`DEFAULT_CONFIRMATIONS`].
    #[must_use]
    pub const fn confirmations(mut self, times: u32) -> Self {
        self.confirmations = if times == 0 { 1 } else { times };
        self
    }

    /// How long one exchange may take; default [`DEFAULT_TIMEOUT`].
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What clean-up may take, whatever the deadline; default [`DEFAULT_CLEANUP_TIMEOUT`].
    #[must_use]
    pub const fn cleanup_timeout(mut self, timeout: Duration) -> Self {
        self.cleanup_timeout = timeout;
        self
    }

    /// The lease on a probe that outlives the run: whatever the server does, it is not to go by itself before it is taken back.
    pub(super) fn lease(&self) -> Lease {
        let run = self.deadline.saturating_add(self.cleanup_timeout).saturating_add(self.timeout.saturating_mul(2));
        Lease::lasting(run.max(SHORTEST_LEASE))
    }

    /// How long after the start convergence must be reached.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How long one exchange may take.
    pub const fn exchange_timeout(&self) -> Duration {
        self.timeout
    }
}

/// Intervals that grow from a first to [`MAX_INTERVAL`], each shortened by up to a fifth.
///
/// The jitter keeps many runs from asking in step; it is not a secret, so a seed from outside is enough.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Backoff {
    /// The first interval.
    first: Duration,
    /// The next interval, before jitter.
    next: Duration,
    /// The sum of the intervals since the last restart.
    waited: Duration,
    /// The state of the jitter.
    state: u64,
}

impl Backoff {
    /// Starts at this interval.
    pub(super) fn new(first: Duration, seed: u64) -> Self {
        Self { first, next: first, waited: Duration::ZERO, state: seed }
    }

    /// The next wait where something is not as it should be: longer by half than the one before.
    pub(super) fn grow(&mut self) -> Duration {
        let wait = self.jittered(self.next);
        self.next = self
            .next
            .saturating_mul(3)
            .checked_div(2)
            .unwrap_or(self.first)
            .clamp(self.first, MAX_INTERVAL.max(self.first));
        wait
    }

    /// The next wait for something that is on its way: it grows with the time waited so far ([`PART_OF_WAIT`]).
    pub(super) fn keep_pace(&mut self) -> Duration {
        let part = self.waited.checked_div(PART_OF_WAIT).unwrap_or(self.first);
        let wait = self.jittered(part.clamp(self.first, MAX_INTERVAL.max(self.first)));
        self.waited = self.waited.saturating_add(wait);
        self.next = self.first;
        wait
    }

    /// The first interval again, and the growth from there.
    pub(super) fn restart(&mut self) -> Duration {
        (self.next, self.waited) = (self.first, Duration::ZERO);
        self.jittered(self.first)
    }

    /// The wait for another answer like the one that came: half of the first interval, from which intervals grow again.
    pub(super) fn confirm(&mut self) -> Duration {
        self.restart().checked_div(2).unwrap_or(self.first)
    }

    /// This wait, shortened by up to a fifth.
    fn jittered(&mut self, wait: Duration) -> Duration {
        // SplitMix64 (Steele, Lea, Flood 2014): enough to spread questions in time.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let percent = u32::try_from((mixed ^ (mixed >> 31)) % 21).unwrap_or(20).saturating_add(80);
        wait.saturating_mul(percent).checked_div(100).unwrap_or(wait)
    }
}
