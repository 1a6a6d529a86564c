//! What is to be checked, decided before the machine starts.

use super::{Schedule, Task};
use crate::report::ServerName;
use std::net::SocketAddr;

/// One check: what is done, where it begins, where it must arrive, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is done.
    pub(super) task: Task,
    /// Where it is written.
    pub(super) source: ServerName,
    /// Where it must appear, each address once.
    pub(super) destinations: Vec<ServerName>,
    /// Where each of them stood in what was given.
    places: Vec<usize>,
    /// The name of the key that signs the update.
    pub(super) update_key: Option<String>,
    /// The times.
    pub(super) schedule: Schedule,
    /// The seed of the jitter.
    pub(super) jitter: u64,
    /// What happens when a destination fails the pre-flight.
    pub(super) on_unfit: OnUnfit,
    /// Whether anything is sent.
    pub(super) writes: Writes,
    /// Whether a lease on the probe is asked for.
    pub(super) asks_for_lease: bool,
    /// Whether the zones will be compared afterwards; only told.
    pub(super) compare: bool,
}

/// What a destination that fails the pre-flight does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "with and without --keep-going")]
pub enum OnUnfit {
    /// It ends, before anything is written.
    #[default]
    Abort,
    /// It goes on with the others; the destination is a row that says `inconclusive`.
    KeepGoing,
}

/// Whether the plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "with and without --dry-run")]
pub enum Writes {
    /// A probe is planted and taken back.
    #[default]
    Probe,
    /// The pre-flight is all; the update is told, not sent.
    DryRun,
}

/// A plan that cannot be meant (V9).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Nowhere for the probe to appear.
    #[error("no destination was given")]
    NoDestination,
    /// A server always agrees with itself.
    #[error("the destination {server} ({address}) is the source itself: comparing a server with itself proves nothing")]
    DestinationIsSource {
        /// The destination as given.
        server: String,
        /// The address of both.
        address: SocketAddr,
    },
}

impl Plan {
    /// A plan with the default times; a destination address that is given twice is asked once.
    ///
    /// `jitter` is any number that differs between runs: it spreads the questions in time and is no secret.
    pub fn new(
        task: Task,
        source: ServerName,
        destinations: impl IntoIterator<Item = ServerName>,
        jitter: u64,
    ) -> Result<Self, PlanError> {
        let (mut rows, mut places): (Vec<ServerName>, Vec<usize>) = Default::default();
        for (place, row) in destinations.into_iter().enumerate() {
            if same_server(row.address, source.address) {
                return Err(PlanError::DestinationIsSource { server: row.server, address: row.address });
            }
            if rows.iter().all(|other| !same_server(other.address, row.address)) {
                rows.push(row);
                places.push(place);
            }
        }
        if rows.is_empty() {
            return Err(PlanError::NoDestination);
        }
        Ok(Self {
            task,
            update_key: source.authenticated_by.clone(),
            source,
            destinations: rows,
            places,
            schedule: Schedule::default(),
            jitter,
            on_unfit: OnUnfit::default(),
            writes: Writes::default(),
            asks_for_lease: false,
            compare: false,
        })
    }

    /// Other times.
    #[must_use]
    pub const fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// What happens when a destination fails the pre-flight; default [`OnUnfit::Abort`].
    #[must_use]
    pub const fn on_unfit(mut self, on_unfit: OnUnfit) -> Self {
        self.on_unfit = on_unfit;
        self
    }

    /// Whether anything is sent; default [`Writes::Probe`].
    #[must_use]
    pub const fn writes(mut self, writes: Writes) -> Self {
        self.writes = writes;
        self
    }

    /// The name of the key that signs the update, for the journal; default the source's own.
    #[must_use]
    pub fn update_key(mut self, name: Option<String>) -> Self {
        self.update_key = name;
        self
    }

    /// Asks the source for a lease on the probe (RFC 9664) that is longer than the run; default no.
    #[must_use]
    pub const fn with_lease(mut self) -> Self {
        self.asks_for_lease = true;
        self
    }

    /// Tells the report that a comparison will follow; default no.
    #[must_use]
    pub const fn compare(mut self, wanted: bool) -> Self {
        self.compare = wanted;
        self
    }

    /// What is done.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The source.
    pub fn source(&self) -> &ServerName {
        &self.source
    }

    /// The destinations, in the order of [`Side::Destination`](super::Side::Destination).
    pub fn destinations(&self) -> &[ServerName] {
        &self.destinations
    }

    /// For each destination, its place among those that [`Plan::new`] was given: an address given twice leaves a gap.
    pub fn places(&self) -> &[usize] {
        &self.places
    }
}

/// Whether these are one socket: `::ffff:192.0.2.1` is 192.0.2.1 (RFC 4291 section 2.5.5.2).
fn same_server(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
}
