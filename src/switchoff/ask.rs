//! The questions, and what the answers say about who still leads to the old server.

use crate::converge::Soa;
use crate::converge::soa::{self, SoaObservation};
use crate::cutover::{Delegation, Host, Term, Unknown, What, addresses, delegation};
use crate::net::{Host as ServerHost, Network, Query, Server, ServerAddress, Signers};
use crate::present;
use crate::wire::{Message, Rtype, Transport, WireName};
use std::net::{IpAddr, SocketAddr};
use tokio::time::{Instant, timeout_at};

/// What is asked about, and how.
pub(super) struct Asking<'a> {
    /// The zone.
    pub(super) zone: WireName,
    /// How exchanges are made.
    pub(super) network: &'a Network,
    /// The contexts of this run.
    pub(super) signers: &'a Signers,
    /// The addresses of the old server.
    pub(super) gone: Vec<IpAddr>,
    /// The old server, whose name may be an NS record's too.
    pub(super) old: &'a Server,
}

/// What all answers amount to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What is kept, and how long.
    pub(super) terms: Vec<Term>,
    /// Who still names the old server.
    pub(super) named_by: Vec<String>,
    /// What is not known.
    pub(super) unknown: Vec<Unknown>,
    /// The longest REFRESH and RETRY.
    pub(super) timers: Option<(u32, u32)>,
    /// The longest EXPIRE.
    pub(super) expire: Option<u32>,
}

impl Found {
    /// It is not known where this host leads; said once.
    fn not_known(&mut self, host: &WireName) {
        let unknown = Unknown::Host { host: present::name(host).to_string() };
        if !self.unknown.contains(&unknown) {
            self.unknown.push(unknown);
        }
    }
}

impl Asking<'_> {
    /// Asks one server after the other; each is bounded by the exchange timeout.
    pub(super) async fn everybody(
        &self,
        servers: &[(&Server, SocketAddr)],
        parents: &[(&Server, SocketAddr)],
    ) -> Found {
        let mut found = Found::default();
        for (server, address) in parents {
            self.parent(server, *address, &mut found).await;
        }
        for (server, address) in servers {
            self.of_zone(server, *address, &mut found).await;
        }
        found
    }

    /// The delegation at a server of the parent.
    async fn parent(&self, server: &Server, address: SocketAddr, found: &mut Found) {
        let Some(Delegation { ttl, hosts, .. }) = self.ns_records(server, address, found).await else { return };
        found.terms.push(Term { what: What::ParentNs, at: address.to_string(), seconds: ttl });
        for host in &hosts {
            let what = What::ParentAddress { host: present::name(&host.name).to_string() };
            self.term_of_addresses(what, host, address, found);
        }
        self.look_for_old(&format!("the parent {address}"), &hosts, found).await;
    }

    /// SOA, NS records and addresses at a server of the zone.
    async fn of_zone(&self, server: &Server, address: SocketAddr, found: &mut Found) {
        match self.soa(server, address).await {
            Ok(Soa { refresh, retry, expire, minimum, ttl, .. }) => {
                let (longest, again) = found.timers.unwrap_or((0, 0));
                found.timers = Some((longest.max(refresh), again.max(retry)));
                found.expire = Some(found.expire.unwrap_or(0).max(expire));
                let what = What::Absence { ttl, minimum };
                found.terms.push(Term { what, at: address.to_string(), seconds: ttl.min(minimum) });
            }
            Err(why) => return found.unknown.push(Unknown::Server { server: address.to_string(), why }),
        }
        let Some(Delegation { ttl, mut hosts, .. }) = self.ns_records(server, address, found).await else { return };
        found.terms.push(Term { what: What::ZoneNs, at: address.to_string(), seconds: ttl });
        for host in hosts.iter_mut().filter(|host| host.name.is_at_or_below(&self.zone)) {
            for rtype in [Rtype::A, Rtype::AAAA] {
                // A host without one family, or below another cut, has no addresses here; who has none at all is looked up.
                // Silence or an error is no absence: the address that was not told may be the old server's.
                let asked = self.ask(server, address, host.name, rtype).await;
                let more = asked.and_then(|octets| {
                    let message = Message::parse(&octets).map_err(|error| error.to_string())?;
                    addresses(&message, &host.name, &self.zone).map_err(|error| error.to_string())
                });
                match more {
                    Ok(Some(more)) => host.addresses.extend(more),
                    Ok(None) | Err(_) => found.not_known(&host.name),
                }
            }
            let what = What::ZoneAddress { host: present::name(&host.name).to_string() };
            self.term_of_addresses(what, host, address, found);
        }
        self.look_for_old(&format!("the zone's own NS records at {address}"), &hosts, found).await;
    }

    /// For how long the addresses of a host are kept, if there are any.
    #[allow(clippy::unused_self, reason = "it reads as one of the questions")]
    fn term_of_addresses(&self, what: What, host: &Host, at: SocketAddr, found: &mut Found) {
        if let Some(seconds) = host.addresses.iter().map(|(_, ttl)| *ttl).max() {
            found.terms.push(Term { what, at: at.to_string(), seconds });
        }
    }

    /// Whether one of these name servers is the old one: by its name, or by where the name leads.
    async fn look_for_old(&self, who: &str, hosts: &[Host], found: &mut Found) {
        for host in hosts {
            let name = present::name(&host.name).to_string();
            let known = match host.addresses.as_slice() {
                [] => self.look_up(&name).await,
                known => Some(known.iter().map(|(address, _)| *address).collect()),
            };
            let is_old = |addresses: &Vec<IpAddr>| addresses.iter().any(|address| self.is_gone(*address));
            match known {
                _ if self.is_old_name(&host.name) => found.named_by.push(format!("{who}: NS {name}")),
                Some(addresses) if is_old(&addresses) => {
                    found.named_by.push(format!("{who}: NS {name}, which has its address"));
                }
                Some(_) => {}
                None => found.not_known(&host.name),
            }
        }
    }

    /// Whether this address is one of the old server's.
    fn is_gone(&self, address: IpAddr) -> bool {
        self.gone.iter().any(|gone| gone.to_canonical() == address.to_canonical())
    }

    /// Whether the old server was given by this name.
    fn is_old_name(&self, name: &WireName) -> bool {
        match &self.old.address().host {
            ServerHost::Name(given) => present::name_from_text(given).is_ok_and(|given| given == *name),
            ServerHost::Address(_) => false,
        }
    }

    /// Where a name outside of the zone leads, by the system's resolver, as for any server that is given by name.
    async fn look_up(&self, name: &str) -> Option<Vec<IpAddr>> {
        let server = Server::at(name.parse::<ServerAddress>().ok()?);
        let until = Instant::now() + crate::converge::DEFAULT_TIMEOUT;
        let found = timeout_at(until, self.network.addresses_of(&server)).await.ok()?.ok()?;
        Some(found.into_iter().map(|address| address.ip()).collect())
    }

    /// The NS records of the zone at this server; what else came is not known.
    async fn ns_records(&self, server: &Server, address: SocketAddr, found: &mut Found) -> Option<Delegation> {
        let read = |octets: Vec<u8>| {
            let message = Message::parse(&octets).map_err(|error| error.to_string())?;
            let none = || format!("no NS records of the zone, {}", message.rcode());
            delegation(&message, &self.zone).map_err(|error| error.to_string())?.ok_or_else(none)
        };
        match self.ask(server, address, self.zone, Rtype::NS).await.and_then(read) {
            Ok(delegation) => Some(delegation),
            Err(why) => {
                found.unknown.push(Unknown::Server { server: address.to_string(), why });
                None
            }
        }
    }

    /// The SOA of the zone at this server.
    async fn soa(&self, server: &Server, address: SocketAddr) -> Result<Soa, String> {
        let octets = self.ask(server, address, self.zone, Rtype::SOA).await?;
        let message = Message::parse(&octets).map_err(|error| error.to_string())?;
        // The network has held the ID against the question's already.
        match soa::observe(&message, message.header().id, &self.zone) {
            SoaObservation::Found(soa) => Ok(soa),
            other => Err(other.to_string()),
        }
    }

    /// One question, signed as the server's are.
    async fn ask(&self, server: &Server, address: SocketAddr, name: WireName, rtype: Rtype) -> Result<Vec<u8>, String> {
        let query = Query::new(name, rtype);
        let (signing, peer) = (server.query_signing(), server.peer(address));
        let answer = self.signers.query(self.network, &signing, &peer, &query, Transport::Udp).await;
        answer.map(|answer| answer.octets).map_err(|error| error.to_string())
    }
}
