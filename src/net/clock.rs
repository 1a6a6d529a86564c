//! The only clock: a monotonic one for every deadline, the wall's for TSIG and the time in a probe.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What counts as for ever: no instant of any system is out of reach so far ahead.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The instant so long after `start`. A time without end, as `Duration::MAX`, is [`FOR_EVER`] and no overflow.
pub(crate) fn after(start: Instant, time: Duration) -> Instant {
    start + time.min(FOR_EVER)
}

/// Time since a run began. Stepping the wall clock does not move it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// When the run began.
    start: Instant,
}

impl Clock {
    /// Starts now.
    #[expect(clippy::new_without_default, reason = "a clock that starts by default would hide when")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }

    /// How long the run has lasted.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The instant at which the run will have lasted that long.
    pub fn instant(&self, since_start: Duration) -> Instant {
        after(self.start, since_start)
    }
}

/// Seconds since 1970 by the wall clock, for TSIG (RFC 8945 section 4.2) and for probes; zero before 1970.
pub fn unix_now() -> u64 {
    since_1970().as_secs()
}

/// Time since 1970 by the wall clock, to the microsecond, as Kerberos has it in its messages; zero before 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub(super) fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
