//! One side by itself: its zone in canonical order, to be kept and compared later.

use super::digest::blocking;
use super::room::Room;
use super::side::{Endpoint, Side};
use super::snapshot::{PULLS, SideError, Snapshot, Terms};
use super::stream::{Outlet, Sent};
use super::{CompareError, render};
use crate::canonical::{CanonicalRecord, Form};
use crate::net::{Clock, Network, Signers, Transfer, after};
use crate::present;
use crate::report::{Event, EventKind, SideName, ZonemdStatus};
use crate::wire::{Rtype, WireName};
use crate::xfr::{Limits, TransferTimes};
use crate::zonefile;
use crate::zonemd::{Digested, SortError, Sorted, Sorter, Trouble, Wanted};
use hickory_proto::rr::Name;
use std::future::Future;
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The wait before a second try, doubled for the third.
const BACK_OFF: Duration = Duration::from_millis(250);

/// A side that is to be read by itself.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// The zone.
    zone: WireName,
    /// The side.
    side: Side,
    /// How exchanges are made.
    network: Network,
    /// How much memory it may take.
    room: Room,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The side makes no sense.
    #[error(transparent)]
    Side(#[from] CompareError),
    /// It cannot be read.
    #[error("{side}: {why}")]
    Unread {
        /// The side.
        side: String,
        /// Why not.
        why: String,
    },
    /// Records that can be held neither in memory nor on disk, or are no zone.
    #[error("{side}: {trouble}")]
    Trouble {
        /// The side.
        side: String,
        /// What it is.
        trouble: Trouble,
    },
    /// The person stopped it.
    #[error("stopped before the zone was fetched")]
    Stopped,
}

/// A zone that was fetched, in canonical order.
#[derive(Debug)]
pub struct Fetched {
    /// The records, sorted.
    records: Sorted,
    /// Those of them that are SOAs.
    soa: Vec<u8>,
    /// What is said of them.
    header: zonefile::Snapshot,
    /// Who held them.
    name: SideName,
    /// What became of its ZONEMD records.
    zonemd: Option<ZonemdStatus>,
    /// What is wrong with them.
    finding: Option<String>,
}

impl Fetch {
    /// Reads the zone from that side; of a server with several addresses the first that answers is asked.
    pub fn new(zone: &Name, side: impl Into<Side>) -> Self {
        let zone = WireName::from_name(zone);
        Self { zone, side: side.into(), network: Network::new(), room: Room::default() }
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// How much memory it may take, in octets; default [`DEFAULT_MEMORY`](crate::diff::DEFAULT_MEMORY), at least
    /// [`LEAST_MEMORY`](super::LEAST_MEMORY). Past that, records are kept on disk; what is fetched does not depend on it.
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

    /// Reads it while it stands still, or until `stop` resolves.
    ///
    /// # Cancel safety
    /// Safe: dropping the future closes its connections, and what was put on disk goes with it.
    ///
    /// # Errors
    /// [`FetchError`]: there is no zone.
    pub async fn run_until(
        &self,
        stop: impl Future<Output = ()>,
        mut on_event: impl FnMut(&Event),
    ) -> Result<Fetched, FetchError> {
        let clock = Clock::new();
        let mut tell = |kind| on_event(&Event::new(clock.elapsed(), kind));
        let signers = Signers::default();
        let fetched = tokio::select! {
            biased;
            () = stop => Err(FetchError::Stopped),
            fetched = self.fetch(&signers, &mut tell) => fetched,
        };
        signers.end(&self.network).await;
        fetched
    }

    /// Asks one address after the other.
    async fn fetch(&self, signers: &Signers, tell: &mut impl FnMut(EventKind)) -> Result<Fetched, FetchError> {
        let transfer = Transfer { zone: self.zone, limits: Limits::new(), times: TransferTimes::new() };
        let (network, signers) = (self.network.clone(), signers.clone());
        // The records are sorted here, for the digest as well.
        let (digest, share) = (Wanted::Never, self.room.share(1));
        let terms = Terms { network, signers, transfer, digest, share, increments: false, contents: false };
        let mut failed = None;
        for endpoint in Endpoint::of(&self.side, &self.network).await? {
            match self.patiently(&endpoint, &terms, tell).await {
                Ok((sorter, snapshot)) => return self.finish(endpoint.name, sorter, &snapshot).await,
                Err(error) => {
                    let side = endpoint.name.label();
                    failed = failed.or(Some(FetchError::Unread { side, why: error.to_string() }));
                }
            }
        }
        Err(failed.unwrap_or(FetchError::Side(CompareError::OneSide)))
    }

    /// Reads one endpoint, again if it did not stand still (A20).
    async fn patiently(
        &self,
        endpoint: &Endpoint,
        terms: &Terms,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<(Intaken, Snapshot), SideError> {
        for attempt in 1..PULLS {
            match self.pull(endpoint, terms, tell).await {
                Err(error) if error.is_worth_a_retry() => {
                    tokio::time::sleep_until(after(Instant::now(), BACK_OFF * attempt)).await;
                }
                pulled => return pulled,
            }
        }
        self.pull(endpoint, terms, tell).await
    }

    /// Reads one endpoint once.
    async fn pull(
        &self,
        endpoint: &Endpoint,
        terms: &Terms,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<(Intaken, Snapshot), SideError> {
        let (events, mut told) = mpsc::unbounded_channel();
        let (mut outlet, mut records) = Outlet::new(endpoint.name.label(), Form::Canonical, events);
        let mut pulling = pin!(async {
            let pulled = endpoint.pull(terms, &mut outlet).await;
            outlet.end(pulled).await;
        });
        let (mut taken, mut is_over): (Intaken, _) = (Ok(self.room.sorter()), false);
        loop {
            tokio::select! {
                biased;
                Some(kind) = told.recv() => tell(kind),
                sent = records.recv() => match sent {
                    // Once it has failed that is the answer, if the transfer ends well.
                    Some(Sent::Records(block)) => taken = taken.and_then(|mut sorter| {
                        sorter.buffer().extend_from_slice(&block);
                        sorter.look().map(|()| sorter)
                    }),
                    Some(Sent::Ended(pulled)) => return pulled.map(|snapshot| (taken, snapshot)),
                    None => return Err(SideError::Fault),
                },
                () = &mut pulling, if !is_over => is_over = true,
            }
        }
    }

    /// Sorts what was read, which takes its time, and says what it is.
    async fn finish(&self, name: SideName, taken: Intaken, snapshot: &Snapshot) -> Result<Fetched, FetchError> {
        let zone = self.zone;
        let sorting = blocking(move || Found::new(taken?.finish()?, &zone));
        let unread = |error: SideError| FetchError::Unread { side: name.label(), why: error.to_string() };
        let failed = |trouble| FetchError::Trouble { side: name.label(), trouble };
        let found = sorting.await.map_err(unread)?.map_err(failed)?;
        let digest = found.digested.digest.clone().ok_or_else(|| failed(Trouble::TooLarge))?;
        let header = zonefile::Snapshot::new(&self.zone, snapshot.serial, found.count, digest);
        let zonemd = render::zonemd(&found.digested);
        let finding = found.digested.failure().map(ToString::to_string);
        Ok(Fetched { records: found.records, soa: found.soa, header, name, zonemd, finding })
    }
}

/// What has come so far.
type Intaken = Result<Sorter, SortError>;

/// A zone that was sorted.
struct Found {
    /// Its records.
    records: Sorted,
    /// How many there are, each once.
    count: u64,
    /// Those that are SOAs.
    soa: Vec<u8>,
    /// What became of its digest.
    digested: Digested,
}

impl Found {
    /// What there is to be known of it.
    fn new(records: Sorted, zone: &WireName) -> Result<Self, Trouble> {
        let digested = Digested::of(&records, zone, Wanted::Always)?;
        let (mut count, mut soa) = (0, Vec::new());
        records.each_distinct(|record| {
            count += 1;
            if record.rtype() == Rtype::SOA {
                record.write(&mut soa);
            }
            Ok::<_, Trouble>(())
        })?;
        Ok(Self { records, count, soa, digested })
    }
}

impl Fetched {
    /// What it holds.
    pub fn header(&self) -> &zonefile::Snapshot {
        &self.header
    }

    /// Who held it.
    pub fn name(&self) -> &SideName {
        &self.name
    }

    /// What became of its ZONEMD records.
    pub fn zonemd(&self) -> Option<ZonemdStatus> {
        self.zonemd
    }

    /// What is wrong with the zone in itself (Z8).
    pub fn finding(&self) -> Option<&str> {
        self.finding.as_deref()
    }

    /// Writes it as a zone file: what it is and whence, then one absolute record a line, tabs between its fields, the SOA
    /// first and the others in canonical order. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Those of `out`, or records that were put on disk cannot be read back.
    pub fn write(&self, now: u64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.header)?;
        let from = present::one_line(&self.name.side).to_string();
        let key = self.name.authenticated_by.as_deref().unwrap_or("nobody");
        writeln!(out, "; from {from} at {}, authenticated by {}", present::utc(now), present::one_line(key))?;
        let mut rest = self.soa.as_slice();
        while let Ok((record, after)) = CanonicalRecord::split_first(rest) {
            writeln!(out, "{}", present::record(&record))?;
            rest = after;
        }
        self.records.each_distinct(|record| match record.rtype() {
            Rtype::SOA => Ok(()),
            _ => writeln!(out, "{}", present::record(record)),
        })
    }
}
