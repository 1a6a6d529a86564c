//! The questions, and what one answer says.

use super::roll::Candidate;
use crate::converge::Soa;
use crate::converge::soa::{self, SoaObservation};
use crate::cutover::{Delegation, Told, addresses, delegation};
use crate::net::{Families, Network, Query, ServerAddress, Signers};
use crate::present;
use crate::wire::{Message, Rtype, Transport, WireName};
use std::net::IpAddr;
use tokio::time::{Instant, timeout_at};

/// What is asked about, and how. Each question is bounded by the exchange timeout.
pub(super) struct Asking<'a> {
    /// The zone.
    pub(super) zone: WireName,
    /// How exchanges are made.
    pub(super) network: &'a Network,
    /// The contexts of this run.
    pub(super) signers: &'a Signers,
    /// The port of name servers that are found.
    pub(super) port: u16,
}

/// What one server tells about the addresses of a host.
#[derive(Debug)]
pub(super) struct Heard {
    /// Address and TTL.
    pub(super) addresses: Vec<(IpAddr, u32)>,
    /// Whether somebody else has them with authority.
    pub(super) is_elsewhere: bool,
    /// Whether both families were told about.
    pub(super) is_whole: bool,
    /// Whether no answer came at all: nothing more is asked there.
    pub(super) is_silent: bool,
}

/// # Name servers
impl Asking<'_> {
    /// The NS records of the zone at a server of its parent: a referral, or its own answer where it serves both.
    pub(super) async fn delegation(&self, server: &Candidate) -> Result<Delegation, String> {
        read_ns(&self.ask(server, self.zone, Rtype::NS).await?, &self.zone)
    }

    /// The NS records of a zone at one of its own servers, with authority.
    pub(super) async fn own_ns(&self, server: &Candidate, zone: &WireName) -> Result<Delegation, String> {
        let octets = self.ask(server, *zone, Rtype::NS).await?;
        let message = Message::parse(&octets).map_err(|error| error.to_string())?;
        if !message.header().is_authoritative() {
            return Err("an answer without authority to the question for the NS records".to_owned());
        }
        read_ns(&octets, zone)
    }
}

/// Reads NS records; none are an error.
fn read_ns(octets: &[u8], zone: &WireName) -> Result<Delegation, String> {
    let message = Message::parse(octets).map_err(|error| error.to_string())?;
    let none = || format!("no NS records of {}, {}", present::name(zone), message.rcode());
    delegation(&message, zone).map_err(|error| error.to_string())?.ok_or_else(none)
}

/// # Zones
impl Asking<'_> {
    /// The SOA of the zone at this server.
    pub(super) async fn soa(&self, server: &Candidate) -> Result<Soa, String> {
        match self.observe(server, &self.zone).await? {
            SoaObservation::Found(soa) => Ok(soa),
            other => Err(other.to_string()),
        }
    }

    /// The zone that the delegation is in. It need not end one label above: a denial names it by its SOA (RFC 2308 section 3).
    pub(super) async fn parent_zone(&self, server: &Candidate) -> Result<WireName, String> {
        let above = self.zone.parent().ok_or("the root has no parent")?;
        match self.observe(server, &above).await? {
            SoaObservation::Found(_) => Ok(above),
            SoaObservation::NoZone { within: Some(zone) } => {
                present::name_from_text(&zone).map_err(|error| error.to_string())
            }
            other => Err(format!("not known to serve the parent zone, {other}")),
        }
    }

    /// What the question for the SOA of this name shows.
    async fn observe(&self, server: &Candidate, name: &WireName) -> Result<SoaObservation, String> {
        let octets = self.ask(server, *name, Rtype::SOA).await?;
        let message = Message::parse(&octets).map_err(|error| error.to_string())?;
        // The network has held the ID against the question's already.
        Ok(soa::observe(&message, message.header().id, name))
    }
}

/// # Addresses
impl Asking<'_> {
    /// What a server of `zone` tells about the addresses of these families.
    ///
    /// Silence or an error is no absence: the address that was not told may be the old server's.
    pub(super) async fn addresses(
        &self,
        server: &Candidate,
        host: &WireName,
        zone: &WireName,
        families: &[Rtype],
    ) -> Heard {
        let mut heard = Heard { addresses: Vec::new(), is_elsewhere: false, is_whole: true, is_silent: false };
        for rtype in families {
            let Ok(octets) = self.ask(server, *host, *rtype).await else {
                return Heard { is_whole: false, is_silent: true, ..heard };
            };
            let told = Message::parse(&octets).and_then(|message| addresses(&message, host, zone));
            match told {
                Ok(Told::All(more)) => heard.addresses.extend(more),
                Ok(Told::Elsewhere(more)) => {
                    heard.addresses.extend(more);
                    heard.is_elsewhere = true;
                }
                Ok(Told::Nothing) | Err(_) => heard.is_whole = false,
            }
        }
        heard
    }

    /// Where a name leads by the system's resolver, as for any server that is given by name: in both families, for the old
    /// server may be behind the one that is not asked.
    pub(super) async fn look_up(&self, name: &WireName) -> Option<Vec<IpAddr>> {
        let server: ServerAddress = present::name(name).to_string().parse().ok()?;
        let until = Instant::now() + crate::converge::DEFAULT_TIMEOUT;
        let found = timeout_at(until, server.resolve(Families::Both, self.port)).await.ok()?.ok()?;
        Some(found.into_iter().map(|address| address.ip()).collect())
    }

    /// One question, signed as the server's are.
    async fn ask(&self, server: &Candidate, name: WireName, rtype: Rtype) -> Result<Vec<u8>, String> {
        let query = Query::new(name, rtype);
        let (signing, peer) = (server.server.query_signing(), server.server.peer(server.address));
        let answer = self.signers.query(self.network, &signing, &peer, &query, Transport::Udp).await;
        answer.map(|answer| answer.octets).map_err(|error| error.to_string())
    }
}
