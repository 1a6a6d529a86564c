//! When can the old server be switched off? The parent and the zone's own servers are asked, and the clock is reckoned.
//!
//! From the servers that are given it goes on to those that they name: each name server of the zone and of its parent is asked for
//! itself, or told as not known. It asks and writes nothing. The sums are those of [`cutover`](crate::cutover); whether the servers hold the same is another
//! question, for [`Check`](crate::check::Check) and [`Compare`](crate::compare::Compare).

mod ask;
mod found;
mod roll;
mod survey;

use self::ask::Asking;
use self::roll::Candidate;
use self::survey::Survey;
use crate::cutover::{CutOver, Facts, Lag, Unknown, reckon};
use crate::net::{DEFAULT_PORT, Families, Network, Server, Signers, unix_now};
use crate::present;
use crate::wire::WireName;
use hickory_proto::rr::Name;
use std::net::SocketAddr;
use std::time::Duration;

/// So many addresses of name servers that were found are asked for a zone, and as many for its parent: twice those of `com`.
pub const MOST_SERVERS: usize = 64;

/// So many names of name servers are followed for each of both: more than twice as many as the root has.
pub const MOST_HOSTS: usize = 32;

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
    /// The port of name servers that are found.
    port: u16,
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
    /// V9: what goes cannot stay.
    #[error(
        "{server} ({address}) is the old server itself, which cannot stay when it is switched off: name another server"
    )]
    NewIsOld {
        /// The new server as given.
        server: String,
        /// The address of both.
        address: SocketAddr,
    },
    /// V9: nobody to serve the zone.
    #[error("no server was given that stays")]
    NothingStays,
}

impl SwitchOff {
    /// The zone goes from `old` to `new`.
    pub fn new(zone: &Name, old: Server, new: impl IntoIterator<Item = Server>) -> Self {
        Self {
            zone: WireName::from_name(zone),
            old,
            new: new.into_iter().collect(),
            parents: Vec::new(),
            port: DEFAULT_PORT,
            network: Network::new(),
            changed_ago: None,
            lag: None,
            ttl_before: None,
        }
    }

    /// A server of the parent zone, which has the delegation, and whose fellows are found. Default: none is asked, and the answer
    /// says so.
    #[must_use]
    pub fn parent(mut self, server: Server) -> Self {
        self.parents.push(server);
        self
    }

    /// The port of the name servers that are found by their NS records. They are asked without a key, by UDP and TCP, as a
    /// resolver asks them. Default [`DEFAULT_PORT`].
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How exchanges are made; default [`Network::new`]. With one family of addresses a name server that has both is asked by
    /// that one alone, as the caller wants it, and one that has only the other is not known.
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

    /// How long a change took to arrive at the servers that are given, as a check measured it. Default: REFRESH and RETRY bound
    /// it, as they do for servers that are found besides.
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

    /// Asks one server after the other, then those that they name, and reckons.
    ///
    /// # Cancel safety
    /// Safe: questions have no effect.
    ///
    /// # Errors
    /// [`SwitchOffError`]: a server has no address, or nothing is asked that can be meant. A server that gives no answer is part
    /// of the result.
    pub async fn ask(&self) -> Result<CutOver, SwitchOffError> {
        let (servers, parents) = (self.servers().await?, self.resolve_all(&self.parents).await?);
        let is_without_parent = parents.is_empty();
        let gone = self.old.resolve(Families::Both).await.map_err(|source| unresolved(&self.old, source))?;
        let gone = gone.into_iter().map(|address| address.ip()).collect();
        let signers = Signers::default();
        let asking = Asking { zone: self.zone, network: &self.network, signers: &signers, port: self.port };
        let mut found = Survey::new(asking, (&self.old, gone), parents, servers).walk().await;
        signers.end(&self.network).await;
        if is_without_parent {
            found.unknown.insert(0, Unknown::Parent);
        }
        if self.changed_ago.is_none() {
            found.unknown.push(Unknown::Change);
        }
        let measured = self.lag.map(|measured| u64::try_from(measured.as_millis()).unwrap_or(u64::MAX));
        let lag = match (measured, found.timers) {
            (Some(milliseconds), Some((refresh, retry))) if found.has_others => {
                Lag::MeasuredInPart { milliseconds, refresh, retry }
            }
            (Some(milliseconds), _) if !found.has_others => Lag::Measured { milliseconds },
            (None, Some((refresh, retry))) => Lag::Timers { refresh, retry },
            _ => Lag::Unknown,
        };
        if lag == Lag::Unknown {
            found.unknown.push(Unknown::Lag);
        }
        let facts = Facts {
            zone: present::name(&self.zone).to_string(),
            old: self.old.address().to_string(),
            asked: found.asked,
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

    /// The servers of the zone that were given, the old one first.
    async fn servers(&self) -> Result<Vec<Candidate>, SwitchOffError> {
        let old = self.resolve_all([&self.old]).await?;
        let new = self.resolve_all(&self.new).await?;
        if new.is_empty() {
            return Err(SwitchOffError::NothingStays);
        }
        let is_old = |new: &&Candidate| old.iter().any(|old| old.is_same(new));
        if let Some(new) = new.iter().find(is_old) {
            let (server, address) = (new.server.address().to_string(), new.address);
            return Err(SwitchOffError::NewIsOld { server, address });
        }
        Ok(old.into_iter().chain(new).collect())
    }

    /// Every address of these servers.
    async fn resolve_all(&self, servers: impl IntoIterator<Item = &Server>) -> Result<Vec<Candidate>, SwitchOffError> {
        let mut found = Vec::new();
        for server in servers {
            let addresses = self.network.addresses_of(server).await.map_err(|source| unresolved(server, source))?;
            found.extend(addresses.into_iter().map(|address| Candidate {
                server: server.clone(),
                address,
                host: None,
            }));
        }
        Ok(found)
    }
}

/// A server has no address.
fn unresolved(server: &Server, source: std::io::Error) -> SwitchOffError {
    SwitchOffError::Resolve { server: server.address().to_string(), source }
}
