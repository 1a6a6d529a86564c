//! From the servers that were given to all that they lead to: each is asked once, for whom it names and where that leads.
//!
//! It ends: every question is asked once, and names and servers are bounded; those beyond the bound are told as not known.

use super::ask::{Asking, Heard};
use super::found::Found;
use super::roll::{Candidate, Roll};
use crate::cutover::{Host, Serves, What};
use crate::net::{Host as ServerHost, Server};
use crate::present;
use crate::wire::{Rtype, WireName};
use std::net::{IpAddr, SocketAddr};

/// Both families of addresses.
const FAMILIES: [Rtype; 2] = [Rtype::A, Rtype::AAAA];

/// A server of the zone that has it, and may be asked for addresses.
#[derive(Debug)]
struct Teller {
    /// The server.
    server: Candidate,
    /// How many of the names it was asked for.
    asked: usize,
    /// Whether it did not answer one of these questions.
    is_silent: bool,
}

/// One walk over a delegation.
pub(super) struct Survey<'a> {
    /// The questions.
    asking: Asking<'a>,
    /// The addresses of the old server, of both families.
    gone: Vec<IpAddr>,
    /// The old server, whose name may be an NS record's too.
    old: &'a Server,
    /// Who serves the parent zone.
    parents: Roll,
    /// Who serves the zone.
    zone: Roll,
    /// Those of them that have the zone.
    tellers: Vec<Teller>,
    /// What was learnt.
    found: Found,
}

/// # Walking
impl<'a> Survey<'a> {
    /// From these servers.
    pub(super) fn new(
        asking: Asking<'a>,
        old: (&'a Server, Vec<IpAddr>),
        parents: Vec<Candidate>,
        zone: Vec<Candidate>,
    ) -> Self {
        let (old, gone) = old;
        let (parents, zone) = (Roll::new(Serves::Parent, parents), Roll::new(Serves::Zone, zone));
        Self { asking, gone, old, parents, zone, tellers: Vec::new(), found: Found::default() }
    }

    /// Asks until nobody is left who was not.
    pub(super) async fn walk(mut self) -> Found {
        loop {
            if let Some(server) = self.parents.next() {
                self.parent(&server).await;
            } else if let Some(server) = self.zone.next() {
                self.server(server).await;
            } else if let Some((teller, place)) = self.next_question() {
                self.addresses(teller, place).await;
            } else if let Some(place) = self.parents.next_look_up() {
                self.look_up_parent(place).await;
            } else if let Some(place) = self.zone.next_look_up() {
                self.look_up(place).await;
            } else {
                break;
            }
        }
        for roll in [&self.parents, &self.zone] {
            for host in roll.out_of_reach() {
                self.found.no_answer(&present::name(host), "none of its addresses is of the family that is asked");
            }
            if let Some(rest) = roll.rest() {
                self.found.not_known(rest);
            }
        }
        self.found.has_others = self.zone.has_others();
        self.found
    }

    /// The next server of the zone that was not asked for the addresses of all names in it.
    fn next_question(&mut self) -> Option<(usize, usize)> {
        let names = self.zone.names();
        let at = self.tellers.iter().position(|teller| teller.asked < names)?;
        let teller = self.tellers.get_mut(at)?;
        teller.asked += 1;
        Some((at, teller.asked - 1))
    }

    /// A name leads there too: another server, unless it is of a family that is not asked.
    async fn leads_to(&mut self, of: Serves, place: usize, address: IpAddr) {
        let address = SocketAddr::new(address.to_canonical(), self.asking.port);
        let server = Server::at(address);
        let is_asked = self.asking.network.addresses_of(&server).await.is_ok();
        let roll = match of {
            Serves::Parent => &mut self.parents,
            Serves::Zone => &mut self.zone,
        };
        let Some(host) = roll.host(place) else { return };
        if host.addresses.contains(&address.ip()) {
            return;
        }
        host.addresses.push(address.ip());
        let host = Some(host.name);
        if is_asked {
            roll.add(Candidate { server, address, host });
        }
    }
}

/// # The parent
impl Survey<'_> {
    /// The delegation at a server of the parent, and who else has it.
    async fn parent(&mut self, server: &Candidate) {
        let at = server.address;
        self.found.asked(Serves::Parent, server);
        let mut delegation = match self.asking.delegation(server).await {
            Ok(delegation) => delegation,
            Err(why) => return self.found.no_answer(&at, why),
        };
        self.found.term(What::ParentNs, at, delegation.ttl);
        let above = self.asking.parent_zone(server).await;
        if let Ok(above) = &above {
            self.missing_glue(server, &mut delegation.hosts, above).await;
        }
        for host in &delegation.hosts {
            let what = What::ParentAddress { host: present::name(&host.name).to_string() };
            self.found.term_of_addresses(what, at, &host.addresses);
            self.names(format!("the parent {at}"), host).await;
        }
        match above {
            Ok(above) => self.other_parents(server, &above).await,
            Err(why) => self.found.no_answer(&at, why),
        }
    }

    /// Glue of one family may have been left out for want of room, and the old server may be behind it.
    async fn missing_glue(&mut self, server: &Candidate, hosts: &mut [Host], above: &WireName) {
        let mut is_silent = false;
        for host in hosts.iter_mut().filter(|host| host.name.is_at_or_below(above)) {
            let has = |v4: bool| host.addresses.iter().any(|(address, _)| address.is_ipv4() == v4);
            let missing: Vec<Rtype> = FAMILIES.into_iter().filter(|rtype| !has(*rtype == Rtype::A)).collect();
            if is_silent {
                self.found.host_not_known(&host.name);
                continue;
            }
            let heard = self.asking.addresses(server, &host.name, above, &missing).await;
            host.addresses.extend(heard.addresses);
            is_silent = heard.is_silent;
            if !heard.is_whole {
                self.found.host_not_known(&host.name);
            }
        }
    }

    /// The name servers of the parent zone, which have the delegation as well.
    async fn other_parents(&mut self, server: &Candidate, above: &WireName) {
        let own = match self.asking.own_ns(server, above).await {
            Ok(own) => own,
            Err(why) => return self.found.no_answer(&server.address, why),
        };
        for host in own.hosts {
            let known = self.parents.names();
            let Some(place) = self.parents.place_of(&host.name) else { continue };
            let mut addresses = host.addresses;
            if place == known {
                let mut is_elsewhere = true;
                if host.name.is_at_or_below(above) {
                    let heard = self.asking.addresses(server, &host.name, above, &FAMILIES).await;
                    is_elsewhere = heard.is_elsewhere || !heard.is_whole;
                    addresses.extend(heard.addresses);
                }
                if let Some(host) = self.parents.host(place) {
                    host.is_elsewhere = is_elsewhere;
                }
            }
            for (address, _) in addresses {
                self.leads_to(Serves::Parent, place, address).await;
            }
        }
    }

    /// Where the name of a server of the parent leads, by the system's resolver.
    async fn look_up_parent(&mut self, place: usize) {
        let Some(name) = self.parents.host(place).map(|host| host.name) else { return };
        let Some(addresses) = self.asking.look_up(&name).await else {
            let why = "the parent zone is said to be there, and not all of its addresses were found";
            return self.found.no_answer(&present::name(&name), why);
        };
        for address in addresses {
            self.leads_to(Serves::Parent, place, address).await;
        }
    }
}

/// # The zone
impl Survey<'_> {
    /// SOA and NS records at a server of the zone.
    async fn server(&mut self, server: Candidate) {
        let at = server.address;
        self.found.asked(Serves::Zone, &server);
        match self.asking.soa(&server).await {
            Ok(soa) => self.found.soa(&soa, at),
            Err(why) => return self.found.no_answer(&at, why),
        }
        let zone = self.asking.zone;
        let own = match self.asking.own_ns(&server, &zone).await {
            Ok(own) => own,
            Err(why) => return self.found.no_answer(&at, why),
        };
        self.found.term(What::ZoneNs, at, own.ttl);
        for host in &own.hosts {
            if host.name.is_at_or_below(&zone) {
                let what = What::ZoneAddress { host: present::name(&host.name).to_string() };
                self.found.term_of_addresses(what, at, &host.addresses);
            }
            self.names(own_records(at), host).await;
        }
        self.tellers.push(Teller { server, asked: 0, is_silent: false });
    }

    /// The addresses of a name in the zone, at a server that has it.
    async fn addresses(&mut self, teller: usize, place: usize) {
        let zone = self.asking.zone;
        let (Some(teller), Some(host)) = (self.tellers.get_mut(teller), self.zone.host(place)) else { return };
        let name = host.name;
        if !name.is_at_or_below(&zone) {
            return;
        }
        if teller.is_silent {
            return self.found.host_not_known(&name);
        }
        let Heard { addresses, is_elsewhere, is_whole, is_silent } =
            self.asking.addresses(&teller.server, &name, &zone, &FAMILIES).await;
        teller.is_silent = is_silent;
        host.is_elsewhere |= is_elsewhere;
        if !is_whole {
            self.found.host_not_known(&name);
        }
        let at = teller.server.address;
        let what = What::ZoneAddress { host: present::name(&name).to_string() };
        self.found.term_of_addresses(what, at, &addresses);
        let names_it = host.named_by.contains(&own_records(at));
        let who = if names_it { own_records(at) } else { format!("the zone's address records at {at}") };
        for (address, _) in addresses {
            self.is_there(&who, &name, address);
            self.leads_to(Serves::Zone, place, address).await;
        }
    }

    /// Where a name leads by the system's resolver: nobody who was asked has all of its addresses.
    async fn look_up(&mut self, place: usize) {
        let Some((name, named_by)) = self.zone.host(place).map(|host| (host.name, host.named_by.clone())) else {
            return;
        };
        let Some(addresses) = self.asking.look_up(&name).await else { return self.found.host_not_known(&name) };
        for address in addresses {
            for who in &named_by {
                self.is_there(who, &name, address);
            }
            self.leads_to(Serves::Zone, place, address).await;
        }
    }

    /// This one names that name server of the zone, and may have its addresses.
    async fn names(&mut self, who: String, host: &Host) {
        if self.is_old_name(&host.name) {
            self.found.named(format!("{who}: NS {}", present::name(&host.name)));
        }
        for (address, _) in &host.addresses {
            self.is_there(&who, &host.name, *address);
        }
        let Some(place) = self.zone.place_of(&host.name) else { return };
        let is_outside = !host.name.is_at_or_below(&self.asking.zone);
        if let Some(known) = self.zone.host(place) {
            known.is_elsewhere |= is_outside;
            known.named_by.push(who);
        }
        for (address, _) in &host.addresses {
            self.leads_to(Serves::Zone, place, *address).await;
        }
    }
}

/// # The old server
impl Survey<'_> {
    /// The name leads to this address: if that is the old server's, it is still named.
    fn is_there(&mut self, who: &str, name: &WireName, address: IpAddr) {
        let is_gone = self.gone.iter().any(|gone| gone.to_canonical() == address.to_canonical());
        if is_gone && !self.is_old_name(name) {
            self.found.named(format!("{who}: NS {}, which has its address", present::name(name)));
        }
    }

    /// Whether the old server was given by this name.
    fn is_old_name(&self, name: &WireName) -> bool {
        match &self.old.address().host {
            ServerHost::Name(given) => present::name_from_text(given).is_ok_and(|given| given == *name),
            ServerHost::Address(_) => false,
        }
    }
}

/// What a server of the zone names its servers by.
fn own_records(at: SocketAddr) -> String {
    format!("the zone's own NS records at {at}")
}
