//! From servers as given to addresses: what the machine needs to know before it starts.

use super::{Check, CheckError};
use crate::converge::{Plan, Task, Writes};
use crate::net::{Network, Server, Signing, unix_now};
use crate::probe::{Probe, RunId};
use crate::report::ServerName;
use std::net::SocketAddr;

impl Check {
    /// Resolves all names and makes the probe; with the server as given that each destination of the plan belongs to.
    pub(super) async fn plan(&self) -> Result<(Plan, Vec<&Server>), CheckError> {
        let task = self.task()?;
        let writes = task.probe().is_some() && self.writes == Writes::Probe;
        if matches!(self.source.update_signing(), Signing::Nothing) && !self.unsigned && writes {
            return Err(CheckError::NoKey { server: self.source.address().to_string() });
        }
        let source = resolve(&self.source, &self.network).await?;
        let mut destinations = Vec::new();
        for destination in &self.destinations {
            destinations.push((destination, resolve(destination, &self.network).await?));
        }
        self.plan_at(task, source, destinations)
    }

    /// The plan with the addresses that were found, which are those of the whole run: every one of a destination is a row.
    fn plan_at<'c>(
        &'c self,
        task: Task,
        source: Vec<SocketAddr>,
        found: Vec<(&'c Server, Vec<SocketAddr>)>,
    ) -> Result<(Plan, Vec<&'c Server>), CheckError> {
        let no_address = || CheckError::Resolve {
            server: self.source.address().to_string(),
            source: std::io::ErrorKind::NotFound.into(),
        };
        let (source, mut destinations) = self.pin(source).ok_or_else(no_address)?;
        for (destination, addresses) in found {
            destinations.extend(addresses.into_iter().map(|address| (destination, address)));
        }
        let names = destinations.iter().map(|(server, address)| name(server, *address));
        let plan = Plan::new(task, source, names, rand::random())?;
        let servers = plan.places().iter().filter_map(|place| Some(destinations.get(*place)?.0)).collect();
        let plan = if self.asks_for_lease { plan.with_lease() } else { plan };
        let plan = plan
            .schedule(self.schedule)
            .on_unfit(self.on_unfit)
            .writes(self.writes)
            .compare(self.compare)
            .update_key(self.source.update_signing().name());
        Ok((plan, servers))
    }

    /// What is done: a new probe, or the record set that is to be watched.
    fn task(&self) -> Result<Task, CheckError> {
        let Some(watched) = &self.watched else {
            let probe =
                Probe::of_type(self.probe_type, &self.zone, &rand::random(), RunId(rand::random()), unix_now())?;
            return Ok(Task::Probe(probe));
        };
        watched.require_in(&self.zone)?;
        Ok(Task::Observe { zone: self.zone, watched: watched.clone(), started_unix: unix_now() })
    }

    /// M4: of a source with several addresses the first is written to and read back from; the others are destinations.
    fn pin(&self, addresses: Vec<SocketAddr>) -> Option<(ServerName, Vec<(&Server, SocketAddr)>)> {
        let mut addresses = addresses.into_iter();
        let mut source = name(&self.source, addresses.next()?);
        source.authenticated_by = self.source.authenticated_by(&self.source.source_query_signing());
        Some((source, addresses.map(|other| (&self.source, other)).collect()))
    }
}

/// Every address of a server.
async fn resolve(server: &Server, network: &Network) -> Result<Vec<SocketAddr>, CheckError> {
    let failed = |source| CheckError::Resolve { server: server.address().to_string(), source };
    network.addresses_of(server).await.map_err(failed)
}

/// A server at one of its addresses.
fn name(server: &Server, address: SocketAddr) -> ServerName {
    let authenticated_by = server.authenticated_by(&server.query_signing());
    ServerName { server: server.address().to_string(), address, authenticated_by, secured: server.is_secured() }
}

#[cfg(test)]
mod tests {
    use crate::check::Check;
    use crate::net::{Server, ServerAddress};
    use crate::tsig::TsigKey;
    use hickory_proto::rr::Name;
    use std::net::SocketAddr;

    #[test]
    fn m4_one_address_of_the_source_is_written_to_and_the_others_are_destinations() {
        let address = |text: &str| text.parse::<ServerAddress>().unwrap();
        let [query, update] =
            ["query", "update"].map(|name| TsigKey::parse(&format!("{name}:c2VjcmV0c2VjcmV0")).unwrap());
        let source = Server::at(address("dc.example")).key(query).update_key(update);
        let check = Check::new(&Name::from_ascii("example.").unwrap(), source, Server::at(address("ns.example")));
        let addresses = ["192.0.2.1:53", "192.0.2.2:53", "[2001:db8::1]:53"].map(|text| text.parse().unwrap());
        let (pinned, others) = check.pin(addresses.to_vec()).unwrap();
        assert_eq!(pinned.address, addresses[0]);
        assert_eq!(others.iter().map(|other| other.1).collect::<Vec<_>>(), addresses[1..]);
        let keys: Vec<_> = others.iter().map(|other| other.0.query_signer().is_some()).collect();
        assert_eq!(keys, [true, true], "they are the source's own addresses, so its key is theirs");
        assert!(check.pin(Vec::new()).is_none());
    }

    #[test]
    fn h058_each_address_of_a_destination_is_a_row_under_the_name_that_was_given() {
        let server = |text: &str| Server::at(text.parse::<ServerAddress>().unwrap());
        let check = Check::new(&Name::from_ascii("example.").unwrap(), server("192.0.2.1"), server("ns.example"));
        let check = check.destination(server("192.0.2.9"));
        let at = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let pool = at(&["192.0.2.7:53", "[2001:db8::7]:53", "192.0.2.8:53"]);
        // One of the name's addresses is that of the other destination, too: it is asked as the first of them.
        let found = vec![(&check.destinations[0], pool.clone()), (&check.destinations[1], at(&["192.0.2.8:53"]))];
        let (plan, servers) = check.plan_at(check.task().unwrap(), at(&["192.0.2.1:53"]), found).unwrap();
        let rows: Vec<_> = plan.destinations().iter().map(|row| (row.server.as_str(), row.address)).collect();
        assert_eq!(rows, pool.iter().map(|address| ("ns.example", *address)).collect::<Vec<_>>());
        assert!(servers.iter().all(|server| server.address() == check.destinations[0].address()));
        assert!(check.plan_at(check.task().unwrap(), Vec::new(), Vec::new()).is_err(), "a source has an address");
    }

    #[tokio::test]
    async fn t14_an_address_that_is_given_twice_moves_no_key_to_another_server() {
        let server = |last: u8, key: &str| {
            let key = TsigKey::parse(&format!("{key}:c2VjcmV0c2VjcmV0")).unwrap();
            Server::at(format!("192.0.2.{last}").parse::<ServerAddress>().unwrap()).key(key)
        };
        let check = Check::new(&Name::from_ascii("example.").unwrap(), server(1, "one"), server(2, "two"));
        let check = check.destination(server(2, "again")).destination(server(3, "three"));
        let (plan, servers) = check.plan().await.unwrap();
        let keys: Vec<_> = servers.iter().map(|server| server.authenticated_by(&server.query_signing())).collect();
        let named: Vec<_> = plan.destinations().iter().map(|name| name.authenticated_by.clone()).collect();
        assert_eq!((plan.places(), keys), ([0, 2].as_slice(), named));
    }

    #[cfg(feature = "tls")]
    #[tokio::test]
    async fn t14_a_destination_by_tls_is_reached_by_tls_though_the_source_has_the_same_name() {
        use crate::net::Tls;
        use crate::wire::Transport;
        let tls = Tls::builder().pin("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").unwrap().build().unwrap();
        let address: ServerAddress = "192.0.2.1".parse().unwrap();
        let destination = Server::at(address.clone()).tls(tls);
        let check = Check::new(&Name::from_ascii("example.").unwrap(), Server::at(address), destination).unsigned();
        let (plan, servers) = check.plan().await.unwrap();
        let peer = servers[0].peer(plan.destinations()[0].address);
        assert_eq!((servers.len(), peer.stream_transport()), (1, Transport::Tls));
    }
}
