//! Who serves a zone: the servers that are to be asked, and the names by which more of them are found.

use crate::cutover::{Serves, Unknown};
use crate::net::Server;
use crate::wire::WireName;
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

/// A server at one of its addresses.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// How it is asked.
    pub(super) server: Server,
    /// Where.
    pub(super) address: SocketAddr,
    /// The NS record by which it was found; none if it was given.
    pub(super) host: Option<WireName>,
}

impl Candidate {
    /// Whether both are one socket; IPv4 may be written as IPv6 (RFC 4291 section 2.5.5.2).
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let place = |address: SocketAddr| (address.ip().to_canonical(), address.port());
        place(self.address) == place(other.address)
    }
}

/// The name of a name server, and what is known about where it leads.
#[derive(Debug)]
pub(super) struct NsHost {
    /// The name.
    pub(super) name: WireName,
    /// Who names it, in words.
    pub(super) named_by: Vec<String>,
    /// Where it leads, by everything that was told.
    pub(super) addresses: Vec<IpAddr>,
    /// Whether the servers that were asked do not have all of them.
    pub(super) is_elsewhere: bool,
    /// Whether the system's resolver was asked.
    is_looked_up: bool,
}

/// Everybody who serves one zone, as far as it is known by now; each address is asked once.
#[derive(Debug)]
pub(super) struct Roll {
    /// Which zone.
    serves: Serves,
    /// Those who were given, then those who were found.
    servers: Vec<Candidate>,
    /// How many were given.
    given: usize,
    /// How many were handed out.
    handed_out: usize,
    /// The names, in the order in which they were found.
    hosts: Vec<NsHost>,
    /// Addresses beyond the bound.
    more_addresses: HashSet<IpAddr>,
    /// Names beyond the bound.
    more_names: HashSet<WireName>,
}

/// # Servers
impl Roll {
    /// With the servers that were given.
    pub(super) fn new(of: Serves, servers: Vec<Candidate>) -> Self {
        let given = servers.len();
        let (more_addresses, more_names) = Default::default();
        Self { serves: of, servers, given, handed_out: 0, hosts: Vec::new(), more_addresses, more_names }
    }

    /// The next one that is to be asked; adding another changes the answer from none.
    pub(super) fn next(&mut self) -> Option<Candidate> {
        let next = self.servers.get(self.handed_out)?.clone();
        self.handed_out += 1;
        Some(next)
    }

    /// One that was found. A server is known by its address, whatever its port.
    pub(super) fn add(&mut self, candidate: Candidate) {
        let address = candidate.address.ip().to_canonical();
        if self.has(address) {
            return;
        }
        if self.servers.len() - self.given < super::MOST_SERVERS {
            self.servers.push(candidate);
        } else {
            self.more_addresses.insert(address);
        }
    }

    /// Whether a server at this address is asked.
    fn has(&self, address: IpAddr) -> bool {
        self.servers.iter().any(|known| known.address.ip().to_canonical() == address.to_canonical())
    }

    /// Whether there are servers that nobody gave.
    pub(super) fn has_others(&self) -> bool {
        self.servers.len() > self.given || !self.more_addresses.is_empty() || !self.more_names.is_empty()
    }

    /// Those that are too many.
    pub(super) fn rest(&self) -> Option<Unknown> {
        let more = self.more_addresses.len() + self.more_names.len();
        (more > 0).then_some(Unknown::Rest { serves: self.serves, more })
    }
}

/// # Names
impl Roll {
    /// The place of this name, which may be new; none beyond the bound.
    pub(super) fn place_of(&mut self, name: &WireName) -> Option<usize> {
        if let Some(place) = self.hosts.iter().position(|host| host.name == *name) {
            return Some(place);
        }
        if self.hosts.len() >= super::MOST_HOSTS {
            self.more_names.insert(*name);
            return None;
        }
        let (named_by, addresses) = Default::default();
        self.hosts.push(NsHost { name: *name, named_by, addresses, is_elsewhere: false, is_looked_up: false });
        Some(self.hosts.len() - 1)
    }

    /// How many names there are.
    pub(super) fn names(&self) -> usize {
        self.hosts.len()
    }

    /// The name at this place.
    pub(super) fn host(&mut self, place: usize) -> Option<&mut NsHost> {
        self.hosts.get_mut(place)
    }

    /// The next name that the system's resolver is to be asked for, since nobody else has all of its addresses.
    pub(super) fn next_look_up(&mut self) -> Option<usize> {
        let needs = |host: &NsHost| !host.is_looked_up && (host.is_elsewhere || host.addresses.is_empty());
        let place = self.hosts.iter().position(needs)?;
        self.host(place)?.is_looked_up = true;
        Some(place)
    }

    /// Names that have addresses, none of which is asked: they are of the other family.
    pub(super) fn out_of_reach(&self) -> impl Iterator<Item = &WireName> {
        let is_asked = |address: &IpAddr| self.has(*address) || self.more_addresses.contains(&address.to_canonical());
        let hosts =
            self.hosts.iter().filter(move |host| !host.addresses.is_empty() && !host.addresses.iter().any(is_asked));
        hosts.map(|host| &host.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Roll};
    use crate::cutover::{Serves, Unknown};
    use crate::net::Server;
    use crate::switchoff::{MOST_HOSTS, MOST_SERVERS};
    use crate::wire::tests::reply::name;
    use std::net::SocketAddr;

    /// A server at the address of this number.
    fn server(number: usize) -> Candidate {
        let [.., high, low] = number.to_be_bytes();
        let address = SocketAddr::from(([192, 0, high, low], 53));
        Candidate { server: Server::at(address), address, host: None }
    }

    #[test]
    fn those_beyond_the_bound_are_told_and_each_address_counts_once() {
        let mut roll = Roll::new(Serves::Zone, vec![server(0)]);
        for number in 0..=MOST_SERVERS {
            roll.add(server(number));
        }
        assert_eq!((std::iter::from_fn(|| roll.next()).count(), roll.rest()), (MOST_SERVERS + 1, None));
        for number in [MOST_SERVERS + 1, 0, MOST_SERVERS + 1] {
            roll.add(server(number));
        }
        let places = (0..=MOST_HOSTS).map(|number| roll.place_of(&name(&format!("ns{number}.example"))));
        assert_eq!(places.filter(Option::is_none).count(), 1);
        assert_eq!((roll.next().is_none(), roll.rest()), (true, Some(Unknown::Rest { serves: Serves::Zone, more: 2 })));
    }
}
