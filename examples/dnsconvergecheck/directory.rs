//! `--ad`: what a domain asks of its controllers. One that is read-only is no source, and the zone of the controllers
//! (`_msdcs`) is checked with that of the domain.

use crate::args::{CheckArguments, Target};
use crate::direction::{Direction, Skipped};
use crate::keys::Keys;
use crate::name::ZoneName;
use crate::run::sockets;
use crate::terminal::Terminal;
use dnsconverge::Name;
use dnsconverge::net::{Families, Host, Network, Query, ServerAddress};
use dnsconverge::wire::{Message, Rtype, Section, WireName};
use std::net::SocketAddr;

/// The label of the zone in which controllers find each other.
const MSDCS: &str = "_msdcs";

/// The zones of a check of controllers. A direction from one that is read-only is marked as skipped.
pub(crate) async fn look(
    arguments: &CheckArguments,
    keys: &Keys,
    zones: &[ZoneName],
    directions: &mut [Direction],
    terminal: &Terminal,
) -> Vec<ZoneName> {
    let network = sockets(&arguments.network);
    let asked = Asked { keys, network: &network, arguments };
    let servers: Vec<&Target> = arguments.subject.all().collect();
    let zones = asked.with_msdcs(zones, &servers, terminal).await;
    for direction in directions {
        direction.skipped = asked.read_only(&direction.subject.source, &zones).await;
    }
    zones
}

/// What servers are asked before the rounds begin.
struct Asked<'a> {
    /// How each is reached.
    keys: &'a Keys,
    /// How exchanges are made.
    network: &'a Network,
    /// The options.
    arguments: &'a CheckArguments,
}

impl Asked<'_> {
    /// The zones, each with its `_msdcs` behind it where one of the servers holds that: only the root of a forest has one.
    async fn with_msdcs(&self, zones: &[ZoneName], servers: &[&Target], terminal: &Terminal) -> Vec<ZoneName> {
        let mut all: Vec<ZoneName> = Vec::new();
        for zone in zones {
            all.push(zone.clone());
            let Ok(msdcs) = Name::from_ascii(MSDCS).and_then(|label| label.append_domain(&zone.0)) else { continue };
            let msdcs = ZoneName(msdcs);
            if zones.contains(&msdcs) {
                continue;
            }
            let mut is_held = false;
            for server in servers {
                is_held = is_held || self.soa(server, &msdcs).await.is_some();
            }
            if is_held {
                all.push(msdcs);
            } else {
                terminal.step(&format!(
                    "no server answers for {msdcs}: it is left out (only the root of a forest has one)"
                ));
            }
        }
        all
    }

    /// Why the server takes no updates, if its SOA of the first zone names another machine as the primary: a controller that
    /// takes them names itself.
    async fn read_only(&self, server: &Target, zones: &[ZoneName]) -> Option<Skipped> {
        let (own, mname) = self.soa(server, zones.first()?).await?;
        let host = mname.to_name().to_ascii();
        let named = ServerAddress { host: Host::Name(host.trim_end_matches('.').to_owned()), port: None };
        let addresses = named.resolve(Families::Both, 0).await.ok()?;
        let why = format!(
            "it is read-only, its SOA names {host} as the primary; what is written there comes here by replication"
        );
        (!addresses.iter().any(|address| address.ip() == own.ip())).then_some(Skipped { address: own, why })
    }

    /// The address at which the server answers for the zone with authority, and the MNAME that it names there.
    async fn soa(&self, server: &Target, zone: &ZoneName) -> Option<(SocketAddr, WireName)> {
        let target = self.arguments.network.with_port(server);
        let port = target.address.port.unwrap_or(dnsconverge::net::DEFAULT_PORT);
        let address = target.address.resolve(self.arguments.network.families(), port).await.ok()?.into_iter().next()?;
        let peer = self.keys.of_check(server, self.arguments).peer(address);
        let name = WireName::from_name(&zone.0);
        let answer = self.network.query(&peer, &Query::new(name, Rtype::SOA), None).await.ok()?;
        let message = Message::parse(&answer.octets).ok().filter(|message| message.header().is_authoritative())?;
        let mut records = message.section(Section::Answer);
        let record =
            records.find(|record| record.rtype() == Rtype::SOA && record.owner().is_ok_and(|owner| owner == name))?;
        Some((address, record.rdata().name().ok()?))
    }
}
