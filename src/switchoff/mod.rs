//! When can the old server be switched off? The parent and the zone's own servers are asked, and the clock is reckoned.
//!
//! It asks and writes nothing. The sums are those of [`cutover`](crate::cutover); whether the servers hold the same is another
//! question, for [`Check`](crate::check::Check) and [`Compare`](crate::compare::Compare).

mod ask;

use self::ask::Asking;
use crate::cutover::{CutOver, Facts, Lag, Unknown, reckon};
use crate::net::{Network, Server, Signers, unix_now};
use crate::present;
use crate::wire::WireName;
use hickory_proto::rr::Name;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A question about one zone that moves from an old server to new ones.
#[derive(Debug, Clone)]
pub struct SwitchOff {
    /// The zone.
    zone: WireName,
    /// The server that is to go.
    old: Server,
    /// Those that stay.
    new: Vec<Server>,
    /// Servers of the parent zone.
    parents: Vec<Server>,
    /// How exchanges are made.
    network: Network,
    /// Since when nothing names the old server.
    changed_ago: Option<Duration>,
    /// How long a change took to arrive everywhere.
    lag: Option<Duration>,
    /// The TTL that the records had before.
    ttl_before: Option<u32>,
}

/// Why nothing could be reckoned: configuration, or the resolver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchOffError {
    /// A server's name has no address.
    #[error("the address of {server} cannot be found: {source}")]
    Resolve {
        /// The server as given.
        server: String,
        /// What the system's resolver said.
        source: std::io::Error,
    },
}

impl SwitchOff {
    /// The zone goes from `old` to `new`.
    pub fn new(zone: &Name, old: Server, new: impl IntoIterator<Item = Server>) -> Self {
        Self {
            zone: WireName::from_name(zone),
            old,
            new: new.into_iter().collect(),
            parents: Vec::new(),
            network: Network::new(),
            changed_ago: None,
            lag: None,
            ttl_before: None,
        }
    }

    /// A server of the parent zone, which has the delegation. Default: none is asked, and the answer says so.
    #[must_use]
    pub fn parent(mut self, server: Server) -> Self {
        self.parents.push(server);
        self
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// How long ago the last record that named the old server was changed, everywhere. Default: it counts from now.
    #[must_use]
    pub const fn changed(mut self, ago: Duration) -> Self {
        self.changed_ago = Some(ago);
        self
    }

    /// How long a change took to arrive everywhere, as a check measured it. Default: REFRESH and RETRY bound it.
    #[must_use]
    pub const fn lag(mut self, measured: Duration) -> Self {
        self.lag = Some(measured);
        self
    }

    /// The TTL in seconds that the NS records and the addresses of the servers had before it was lowered for the change: caches
    /// may hold them with it. Default: they are taken to have had no longer one than now, which the answer says.
    #[must_use]
    pub const fn ttl_before(mut self, seconds: u32) -> Self {
        self.ttl_before = Some(seconds);
        self
    }

    /// Asks one server after the other, and reckons.
    ///
    /// # Cancel safety
    /// Safe: questions have no effect.
    ///
    /// # Errors
    /// [`SwitchOffError`]: a server has no address. A server that gives no answer is part of the result.
    pub async fn ask(&self) -> Result<CutOver, SwitchOffError> {
        let old = self.resolve(&self.old).await?;
        let gone: Vec<IpAddr> = old.iter().map(|(_, address)| address.ip()).collect();
        let mut zone_servers = old;
        for server in &self.new {
            zone_servers.extend(self.resolve(server).await?);
        }
        let mut parents = Vec::new();
        for server in &self.parents {
            parents.extend(self.resolve(server).await?);
        }
        let signers = Signers::default();
        let asking = Asking { zone: self.zone, network: &self.network, signers: &signers, gone, old: &self.old };
        let mut found = asking.everybody(&zone_servers, &parents).await;
        signers.end(&self.network).await;
        if parents.is_empty() {
            found.unknown.insert(0, Unknown::Parent);
        }
        if self.changed_ago.is_none() {
            found.unknown.push(Unknown::Change);
        }
        let lag = match (self.lag, found.timers) {
            (Some(measured), _) => {
                Lag::Measured { milliseconds: u64::try_from(measured.as_millis()).unwrap_or(u64::MAX) }
            }
            (None, Some((refresh, retry))) => Lag::Timers { refresh, retry },
            (None, None) => Lag::Unknown,
        };
        if lag == Lag::Unknown {
            found.unknown.push(Unknown::Lag);
        }
        let facts = Facts {
            zone: present::name(&self.zone).to_string(),
            old: self.old.address().to_string(),
            terms: found.terms,
            lag,
            expire: found.expire,
            named_by: found.named_by,
            changed_ago: self.changed_ago.map(|ago| ago.as_secs()),
            ttl_before: self.ttl_before,
            unknown: found.unknown,
        };
        Ok(reckon(facts, unix_now()))
    }

    /// Every address of a server.
    async fn resolve<'s>(&self, server: &'s Server) -> Result<Vec<(&'s Server, SocketAddr)>, SwitchOffError> {
        let failed = |source| SwitchOffError::Resolve { server: server.address().to_string(), source };
        let found = self.network.addresses_of(server).await.map_err(failed)?;
        Ok(found.into_iter().map(|address| (server, address)).collect())
    }
}
