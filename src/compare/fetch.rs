//! One side by itself: its zone in canonical order, to be kept and compared later.

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
use crate::zonemd::{Collector, Trouble, Wanted};
use hickory_proto::rr::Name;
use std::future::Future;
use std::io::{self, Write};
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
    /// Own limit, [`Collector::OCTETS`], or records that are no zone.
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
    /// The records in the layout of `canonical`, sorted, each once.
    octets: Vec<u8>,
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
        Self { zone, side: side.into(), network: Network::new() }
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Reads it while it stands still, or until `stop` resolves. The whole zone is held, up to [`Collector::OCTETS`].
    ///
    /// # Cancel safety
    /// Safe: nothing is written anywhere, and dropping the future closes its connections.
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
        let terms = Terms { network, signers, transfer, digest: Wanted::Always, increments: false };
        let mut failed = None;
        for endpoint in Endpoint::of(&self.side, &self.network).await? {
            match self.patiently(&endpoint, &terms, tell).await {
                Ok((octets, snapshot)) => return self.finish(endpoint.name, &octets, &snapshot),
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
    ) -> Result<(Vec<u8>, Snapshot), SideError> {
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
    ) -> Result<(Vec<u8>, Snapshot), SideError> {
        let (events, mut told) = mpsc::unbounded_channel();
        let (mut outlet, mut records) = Outlet::new(endpoint.name.label(), Form::Canonical, events);
        let mut pulling = pin!(async {
            let pulled = endpoint.pull(terms, &mut outlet).await;
            outlet.end(pulled).await;
        });
        let (mut octets, mut is_over) = (Vec::new(), false);
        loop {
            tokio::select! {
                biased;
                Some(kind) = told.recv() => tell(kind),
                sent = records.recv() => match sent {
                    Some(Sent::Records(block)) if octets.len() <= Collector::OCTETS => octets.extend_from_slice(&block),
                    // The collector has said no by then, and that is the answer.
                    Some(Sent::Records(_)) => {}
                    Some(Sent::Ended(pulled)) => return pulled.map(|snapshot| (octets, snapshot)),
                    None => return Err(SideError::Fault),
                },
                () = &mut pulling, if !is_over => is_over = true,
            }
        }
    }

    /// Sorts what was read, and says what it is.
    fn finish(&self, name: SideName, octets: &[u8], snapshot: &Snapshot) -> Result<Fetched, FetchError> {
        let failed = |trouble| FetchError::Trouble { side: name.label(), trouble };
        if let Some(trouble) = snapshot.digested.trouble {
            return Err(failed(trouble));
        }
        let digest = snapshot.digested.digest.clone().ok_or_else(|| failed(Trouble::TooLarge))?;
        let ordered = crate::zonemd::Ordered::new(octets).map_err(|error| failed(error.into()))?;
        let (mut sorted, mut records) = (Vec::with_capacity(octets.len()), 0);
        let mut before: Option<CanonicalRecord<'_>> = None;
        for record in ordered.records() {
            let key = |record: &CanonicalRecord<'_>| (record.rtype(), record.class());
            let repeated = before.is_some_and(|before| {
                key(&before) == key(&record) && (before.owner(), before.rdata()) == (record.owner(), record.rdata())
            });
            if !repeated {
                record.write(&mut sorted);
                records += 1;
            }
            before = Some(record);
        }
        let header = zonefile::Snapshot::new(&self.zone, snapshot.serial, records, digest);
        let zonemd = render::zonemd(&snapshot.digested);
        let finding = snapshot.digested.failure().map(ToString::to_string);
        Ok(Fetched { octets: sorted, header, name, zonemd, finding })
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
    /// Those of `out`.
    pub fn write(&self, now: u64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.header)?;
        let from = present::one_line(&self.name.side).to_string();
        let key = self.name.authenticated_by.as_deref().unwrap_or("nobody");
        writeln!(out, "; from {from} at {}, authenticated by {}", present::utc(now), present::one_line(key))?;
        let records = || {
            let mut rest = self.octets.as_slice();
            std::iter::from_fn(move || {
                let (record, after) = CanonicalRecord::split_first(rest).ok()?;
                rest = after;
                Some(record)
            })
        };
        for record in records().filter(|record| record.rtype() == Rtype::SOA) {
            writeln!(out, "{}", present::record(&record))?;
        }
        for record in records().filter(|record| record.rtype() != Rtype::SOA) {
            writeln!(out, "{}", present::record(&record))?;
        }
        Ok(())
    }
}
