//! `--ad`: what a domain asks of its controllers. Every one of them is the source in turn, and the zone of the controllers
//! (`_msdcs`) is checked with that of the domain.

use crate::args::{CheckArguments, SubjectArguments, Target};
use crate::keys::Keys;
use crate::name::ZoneName;
use crate::run::sockets;
use crate::terminal::Terminal;
use dnsconverge::Name;
use dnsconverge::net::{Families, Host, Network, Query, ServerAddress};
use dnsconverge::wire::{Message, Rtype, Section, WireName};
use std::net::IpAddr;

/// The label of the zone in which controllers find each other.
const MSDCS: &str = "_msdcs";

/// One controller as the source, the others as destinations.
pub(crate) struct Round {
    /// The servers.
    pub(crate) subject: SubjectArguments,
    /// The zones.
    pub(crate) zones: Vec<ZoneName>,
}

/// The rounds of a check, in the order in which the servers were named. A controller that is read-only is no source; that is said.
pub(crate) async fn rounds(
    arguments: &CheckArguments,
    keys: &Keys,
    zones: &[ZoneName],
    terminal: &Terminal,
) -> Vec<Round> {
    let network = sockets(&arguments.network);
    let asked = Asked { keys, network: &network, arguments };
    let servers: Vec<&Target> = arguments.subject.all().collect();
    let zones = asked.with_msdcs(zones, &servers, terminal).await;
    let mut rounds = Vec::new();
    for (at, source) in servers.iter().enumerate() {
        if let Some(primary) = asked.primary_elsewhere(source, &zones).await {
            terminal.step(&format!(
                "skipped from {source}: it is read-only, its SOA names {primary} as the primary; what is written there comes \
                 here by replication"
            ));
            continue;
        }
        let mut others =
            servers.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| (*other).clone());
        // A check has a destination, so there are two servers.
        let Some(destination) = others.next() else { continue };
        let subject = SubjectArguments {
            source: (*source).clone(),
            destination,
            zone: None,
            more_destinations: others.collect(),
            zones: None,
        };
        rounds.push(Round { subject, zones: zones.clone() });
    }
    rounds
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

    /// The MNAME of the first zone that the server answers for, if that is another machine: a controller that takes updates
    /// names itself.
    async fn primary_elsewhere(&self, server: &Target, zones: &[ZoneName]) -> Option<String> {
        let (own, mname) = self.soa(server, zones.first()?).await?;
        let host = mname.to_name().to_ascii();
        let named = ServerAddress { host: Host::Name(host.trim_end_matches('.').to_owned()), port: None };
        let addresses = named.resolve(Families::Both, 0).await.ok()?;
        (!addresses.iter().any(|address| address.ip() == own)).then_some(host)
    }

    /// The address at which the server answers for the zone with authority, and the MNAME that it names there.
    async fn soa(&self, server: &Target, zone: &ZoneName) -> Option<(IpAddr, WireName)> {
        let target = self.arguments.network.with_port(server);
        let port = target.address.port.unwrap_or(dnsconverge::net::DEFAULT_PORT);
        let address = target.address.resolve(self.arguments.network.families(), port).await.ok()?.into_iter().next()?;
        let peer = self.keys.destination(target).peer(address);
        let name = WireName::from_name(&zone.0);
        let answer = self.network.query(&peer, &Query::new(name, Rtype::SOA), None).await.ok()?;
        let message = Message::parse(&answer.octets).ok().filter(|message| message.header().is_authoritative())?;
        let mut records = message.section(Section::Answer);
        let record =
            records.find(|record| record.rtype() == Rtype::SOA && record.owner().is_ok_and(|owner| owner == name))?;
        Some((address.ip(), record.rdata().name().ok()?))
    }
}
