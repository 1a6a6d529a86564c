//! Building a server, and the handle by which a test drives and watches it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hickory_proto::rr::Name;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::edns::Cookies;
use super::fault::{Fault, FaultId, Faults};
use super::log::Request;
use super::replica::Replica;
use super::serve::{Shared, Sockets};
use super::transfer::Grouping;
use super::tsig::Key;
use super::zone::{Zone, Zones};

/// Who may do something.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// Everybody, signed or not; the default.
    #[default]
    Anyone,
    /// Nobody: REFUSED.
    Nobody,
    /// Everybody whose request is signed with a key of the server.
    AnyKey,
    /// The holders of the keys of these names.
    Keys(Vec<Name>),
}

/// # Keys
impl Access {
    /// The holder of this key alone.
    pub fn key(key: &Key) -> Self {
        Self::Keys(vec![key.name().clone()])
    }
}

/// How a server is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The keys that it knows.
    pub keys: Vec<Key>,
    /// Who may ask.
    pub query: Access,
    /// Who may update.
    pub update: Access,
    /// Who may transfer.
    pub transfer: Access,
    /// Its identifier (RFC 5001).
    pub nsid: Option<Vec<u8>>,
    /// What it does with cookies (RFC 7873).
    pub cookies: Cookies,
    /// What it says to `id.server` and `hostname.bind` in class CH.
    pub identity: Option<String>,
    /// The longest lease of an update that it grants, in seconds (RFC 9664); none if it knows no leases.
    pub leases: Option<u32>,
    /// How a transfer is cut into messages.
    pub grouping: Grouping,
    /// Every how many-th message of a reply is signed; first and last always.
    pub sign_every: usize,
    /// By how many seconds its clock is ahead.
    pub clock_offset: i64,
    /// Older versions of its zone, oldest first, from which it answers IXFR.
    pub journal: Vec<Zone>,
}

impl Default for Settings {
    fn default() -> Self {
        let anyone = || Access::Anyone;
        Self {
            keys: Vec::new(),
            query: anyone(),
            update: anyone(),
            transfer: anyone(),
            nsid: None,
            cookies: Cookies::default(),
            identity: None,
            leases: None,
            grouping: Grouping::default(),
            sign_every: 1,
            clock_offset: 0,
            journal: Vec::new(),
        }
    }
}

/// A server to be started.
#[must_use = "a server begins to exist with `start`"]
pub struct ServerBuilder {
    /// Where it listens.
    address: IpAddr,
    /// Whether it accepts TCP connections.
    tcp: bool,
    /// How it behaves.
    settings: Settings,
    /// What it holds.
    zones: Zones,
    /// How it misbehaves from the start.
    faults: Faults,
    /// Whom it follows.
    replica: Option<Replica>,
}

/// # Configuring
impl ServerBuilder {
    /// A server with a zone of its own.
    pub(super) fn new(zone: Zone) -> Self {
        let mut zones = Zones::default();
        zones.put(zone);
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tcp: true,
            settings: Settings::default(),
            zones,
            faults: Faults::default(),
            replica: None,
        }
    }

    /// A server that follows another.
    pub(super) fn copy_of(primary: &Server) -> Self {
        let mut receiver = primary.shared.zones.subscribe();
        let zones = receiver.borrow_and_update().clone();
        let replica = Some(Replica::of(receiver));
        Self {
            address: primary.address.ip(),
            tcp: true,
            settings: Settings { update: Access::Nobody, ..Settings::default() },
            zones,
            faults: Faults::default(),
            replica,
        }
    }

    /// Grants leases of so many seconds at most (RFC 9664), and removes what was added when they are over.
    pub fn leases(mut self, longest: u32) -> Self {
        self.settings.leases = Some(longest);
        self
    }

    /// Serves one more zone.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zones.put(zone);
        self
    }

    /// Listens on this address; default 127.0.0.1. The port is the kernel's choice.
    pub fn on(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Refuses TCP connections.
    pub fn without_tcp(mut self) -> Self {
        self.tcp = false;
        self
    }

    /// Knows this key.
    pub fn key(mut self, key: &Key) -> Self {
        self.settings.keys.push(key.clone());
        self
    }

    /// Who may ask; others get REFUSED. Default: anyone.
    pub fn query_by(mut self, access: Access) -> Self {
        self.settings.query = access;
        self
    }

    /// Who may update; others get REFUSED. Default: anyone at a primary, nobody at a secondary.
    pub fn update_by(mut self, access: Access) -> Self {
        self.settings.update = access;
        self
    }

    /// Who may transfer; others get REFUSED. Default: anyone.
    pub fn transfer_by(mut self, access: Access) -> Self {
        self.settings.transfer = access;
        self
    }

    /// Answers NSID (RFC 5001) with these octets.
    pub fn nsid(mut self, identifier: impl Into<Vec<u8>>) -> Self {
        self.settings.nsid = Some(identifier.into());
        self
    }

    /// Treats cookies (RFC 7873) like this.
    pub fn cookies(mut self, cookies: Cookies) -> Self {
        self.settings.cookies = cookies;
        self
    }

    /// Answers `id.server` and `hostname.bind` in class CH with this text; default REFUSED.
    pub fn identity(mut self, text: &str) -> Self {
        self.settings.identity = Some(text.to_owned());
        self
    }

    /// Records in one message of a transfer at most; default 100.
    pub fn records_per_message(mut self, records: usize) -> Self {
        self.settings.grouping.records_per_message = records;
        self
    }

    /// Sends the SOA alone in the first and in the last message of a transfer.
    pub fn soa_alone(mut self) -> Self {
        self.settings.grouping.soa_alone = true;
        self
    }

    /// Signs every `every`-th message of a transfer, first and last always; default 1, every one.
    pub fn sign_every(mut self, every: usize) -> Self {
        self.settings.sign_every = every;
        self
    }

    /// Sets the server's clock ahead by so many seconds; negative is behind.
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.settings.clock_offset = seconds;
        self
    }

    /// Answers IXFR by the steps from these older versions of its zone, oldest first, to the one that it serves;
    /// default: no journal, so that IXFR is answered by the whole zone.
    pub fn journal(mut self, versions: impl IntoIterator<Item = Zone>) -> Self {
        self.settings.journal = versions.into_iter().collect();
        self
    }

    /// Misbehaves from the start.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.inject(fault);
        self
    }

    /// Shows a change of the primary so much later; default at once. Without meaning for a primary.
    pub fn delay(mut self, delay: Duration) -> Self {
        if let Some(replica) = &mut self.replica {
            replica.delay = delay;
        }
        self
    }

    /// Starts paused: holds what the primary held at the start until [`Server::resume`].
    pub fn paused(self) -> Self {
        if let Some(replica) = &self.replica {
            replica.paused.send_replace(true);
        }
        self
    }

    /// Changes every copy before it is shown: a seeded difference.
    pub fn differing(mut self, difference: impl Fn(&mut Zone) + Send + Sync + 'static) -> Self {
        if let Some(replica) = &mut self.replica {
            replica.differences.push(Arc::new(difference));
        }
        self
    }

    /// Binds the ports and begins to serve.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(self) -> io::Result<Server> {
        let sockets = Sockets::bind(self.address, self.tcp).await?;
        Ok(self.serve(sockets))
    }

    /// Starts servers at addresses of their own on one port, as name servers have it.
    ///
    /// # Errors
    /// When one of the addresses cannot be bound.
    pub async fn start_together<const N: usize>(servers: [Self; N]) -> io::Result<[Server; N]> {
        let places = servers.each_ref().map(|server| (server.address, server.tcp));
        let mut sockets = Sockets::bind_together(&places).await?.into_iter();
        Ok(servers.map(|server| match sockets.next() {
            Some(sockets) => server.serve(sockets),
            None => unreachable!("as many as there are servers"),
        }))
    }

    /// Begins to serve.
    fn serve(self, sockets: Sockets) -> Server {
        let zones = match &self.replica {
            Some(replica) => replica.copy(self.zones),
            None => self.zones,
        };
        let shared = Arc::new(Shared::new(self.settings, zones, self.faults));
        let (address, mut tasks) = (sockets.address, JoinSet::new());
        tasks.spawn(sockets.serve(Arc::clone(&shared)));
        let paused = self.replica.as_ref().map(|replica| replica.paused.clone());
        if let Some(replica) = self.replica {
            tasks.spawn(replica.follow(shared.zones.clone()));
        }
        Server { address, shared, paused, _tasks: tasks }
    }
}

/// A running server; it ends when this handle is dropped.
pub struct Server {
    /// Where it listens, UDP and TCP.
    address: SocketAddr,
    /// What its tasks share.
    shared: Arc<Shared>,
    /// The brake of a secondary.
    paused: Option<watch::Sender<bool>>,
    /// The tasks, aborted on drop.
    _tasks: JoinSet<()>,
}

/// # Where it is and what it holds
impl Server {
    /// The address, the same for UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A snapshot of the zone; with several zones, of the first.
    pub fn zone(&self) -> Arc<Zone> {
        first(&self.shared.zones.borrow())
    }

    /// A snapshot of the zone with this apex.
    pub fn zone_at(&self, apex: &str) -> Option<Arc<Zone>> {
        let apex = Name::from_ascii(apex).ok()?;
        self.shared.zones.borrow().exactly(&apex).cloned()
    }

    /// Waits until the first zone is as `wanted`, and gives it.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn wait_until(&self, mut wanted: impl FnMut(&Zone) -> bool) -> Arc<Zone> {
        let mut zones = self.shared.zones.subscribe();
        match zones.wait_for(|zones| wanted(&first(zones))).await {
            Ok(zones) => first(&zones),
            Err(_) => unreachable!("the sender lives in self"),
        }
    }
}

/// # Changing it by hand
impl Server {
    /// Changes the first zone and leaves the serial to `change`.
    pub fn apply<T>(&self, change: impl FnOnce(&mut Zone) -> T) -> Option<T> {
        let mut outcome = None;
        self.shared.zones.send_modify(|zones| outcome = zones.first_mut().map(change));
        outcome
    }

    /// Changes the first zone and then increments its serial, as a careful operator does.
    pub fn publish<T>(&self, change: impl FnOnce(&mut Zone) -> T) -> Option<T> {
        self.apply(|zone| {
            let outcome = change(zone);
            zone.bump_serial();
            outcome
        })
    }

    /// Holds this zone from now on, in place of the one with the same apex: a rollback.
    pub fn replace(&self, zone: Zone) {
        self.shared.zones.send_modify(|zones| zones.put(zone));
    }

    /// Stops following the primary; what is held stays.
    pub fn pause(&self) {
        if let Some(paused) = &self.paused {
            paused.send_replace(true);
        }
    }

    /// Follows the primary again and catches up.
    pub fn resume(&self) {
        if let Some(paused) = &self.paused {
            paused.send_replace(false);
        }
    }
}

/// # Making it misbehave
impl Server {
    /// Adds a fault from now on.
    pub fn inject(&self, fault: Fault) -> FaultId {
        self.shared.faults().inject(fault)
    }

    /// Ends a fault.
    pub fn withdraw(&self, id: FaultId) {
        self.shared.faults().withdraw(id);
    }

    /// Ends all faults.
    pub fn withdraw_all(&self) {
        self.shared.faults().withdraw_all();
    }

    /// How many requests a fault has hit.
    pub fn hits(&self, id: FaultId) -> usize {
        self.shared.faults().hits(id)
    }
}

/// # Watching it
impl Server {
    /// Every request so far that could be read, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.borrow().clone()
    }

    /// How many requests so far `wanted` picks.
    pub fn count(&self, wanted: impl Fn(&Request) -> bool) -> usize {
        self.shared.requests.borrow().iter().filter(|request| wanted(request)).count()
    }

    /// How many TCP connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many TCP connections were open at once at most.
    pub fn most_connections(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }

    /// Waits until a request that `wanted` picks has arrived, and gives the first such.
    ///
    /// The request was dealt with by then: an UPDATE is in the zone. Its reply may not have been sent yet.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn wait_for(&self, wanted: impl Fn(&Request) -> bool) -> Request {
        let mut requests = self.shared.requests.subscribe();
        let seen = requests.wait_for(|requests| requests.iter().any(&wanted)).await;
        match seen.ok().and_then(|requests| requests.iter().find(|request| wanted(request)).cloned()) {
            Some(request) => request,
            None => unreachable!("the sender lives in self"),
        }
    }
}

/// The first zone; a server has one from its construction on and never loses it.
fn first(zones: &Zones) -> Arc<Zone> {
    match zones.first() {
        Some(zone) => Arc::clone(zone),
        None => unreachable!("a server is built with a zone"),
    }
}
