//! A server as a side: one transfer between two looks at its SOA, all of which must be the same.

use super::digest::{self, Digesting};
use super::snapshot::{Shown, SideError, Snapshot, Terms};
use super::stream::Outlet;
use crate::canonical::{self, CanonicalRecord, Form};
use crate::converge::SoaObservation;
use crate::converge::soa;
use crate::net::{ExchangeError, Peer, Query, Server};
use crate::report::Basis;
use crate::serial::Serial;
use crate::tsig::Signer;
use crate::wire::{Message, Rtype, Section};
use crate::zonemd::Collector;
use std::net::SocketAddr;
use std::sync::Arc;

/// A server at one of its addresses.
#[derive(Debug, Clone)]
pub(super) struct ServerSource {
    /// The keys.
    server: Server,
    /// The address.
    address: SocketAddr,
}

/// # Who it is
impl ServerSource {
    /// A server at one of its addresses.
    pub(super) fn new(server: &Server, address: SocketAddr) -> Self {
        Self { server: server.clone(), address }
    }

    /// The address.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What authenticates its answers: the name of a key, what TLS proves, or nothing.
    pub(super) fn authenticated_by(&self) -> Option<String> {
        self.server.authenticated_by(self.server.query_signer())
    }

    /// As what it is asked.
    pub(super) fn peer(&self) -> Peer {
        self.server.peer(self.address)
    }

    /// By what its streams go, in the words of the report.
    pub(super) fn transport(&self) -> &'static str {
        if self.server.is_secured() { "tls" } else { "tcp" }
    }

    /// What signs the questions.
    pub(super) fn signer(&self) -> Option<&Arc<dyn Signer>> {
        self.server.query_signer()
    }

    /// Whether both are one address; IPv4 may be written as IPv6 (RFC 4291 section 2.5.5.2).
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let place = |address: SocketAddr| (address.ip().to_canonical(), address.port());
        place(self.address) == place(other.address)
    }
}

/// # Reading
impl ServerSource {
    /// One transfer while it stood still: SOA before = first = last = SOA after.
    pub(super) async fn pull(&self, terms: &Terms, outlet: &mut Outlet) -> Result<Snapshot, SideError> {
        let (network, transfer) = (&terms.network, &terms.transfer);
        let before = self.ask_soa(terms).await?;
        outlet.tell_started();
        let mut intake = Digesting { outlet, collector: Collector::new(&transfer.zone, terms.digest) };
        let signer = self.server.query_signer();
        let received = network.transfer_into(&self.peer(), transfer, signer, &mut intake).await?;
        let Digesting { outlet, collector } = intake;
        outlet.tell_done(received.zone.serial).await;
        let after = self.ask_soa(terms).await?;
        let (serial, transferred) = (received.zone.serial, rdata_of(&received.zone.soa));
        if before.rdata != transferred || after.rdata != transferred {
            return Err(SideError::Moving { before: before.serial, transferred: serial, after: after.serial });
        }
        let sent = Some(Shown { soa: transferred, imprint: received.imprint });
        let digested = digest::finish(collector).await?;
        Ok(Snapshot {
            serial,
            notes: received.zone.notes,
            transport: self.transport(),
            remarks: Vec::new(),
            sent,
            basis: Some(Basis::Axfr),
            digested,
        })
    }

    /// Whether its SOA is still the one that it has shown.
    pub(super) async fn stands(&self, terms: &Terms, shown: &Shown) -> Result<bool, SideError> {
        Ok(self.ask_soa(terms).await?.rdata == shown.soa)
    }

    /// Whether it sends the very same zone again, octet for octet; `each` is given the records that each message
    /// announces, and its octets.
    pub(super) async fn sends_again(
        &self,
        terms: &Terms,
        shown: &Shown,
        each: &mut (dyn FnMut(u16, usize) + Send),
    ) -> Result<bool, SideError> {
        let (peer, signer) = (self.peer(), self.server.query_signer());
        Ok(terms.network.transfer_again(&peer, &terms.transfer, signer, &shown.imprint, each).await?)
    }

    /// Its serial now; `None` if it does not say.
    pub(super) async fn serial_now(&self, terms: &Terms) -> Option<Serial> {
        self.ask_soa(terms).await.ok().map(|seen| seen.serial)
    }

    /// Asks for the SOA, with authority, of exactly this zone (S3).
    pub(super) async fn ask_soa(&self, terms: &Terms) -> Result<SoaSeen, SideError> {
        let query = Query::new(terms.transfer.zone, Rtype::SOA);
        let server = self.address;
        let answer = terms.network.query(&self.peer(), &query, self.server.query_signer()).await?;
        let message = Message::parse(&answer.octets).map_err(|source| ExchangeError::Malformed { server, source })?;
        let observation = soa::observe(&message, message.header().id, &terms.transfer.zone);
        let SoaObservation::Found(found) = observation else { return Err(SideError::Soa(observation)) };
        let mut octets = Vec::new();
        if let Some(record) = message.section(Section::Answer).find(|record| record.rtype() == Rtype::SOA) {
            let written = canonical::write_record(record, Form::Canonical, &mut octets);
            written.map_err(|source| ExchangeError::Malformed { server, source })?;
        }
        Ok(SoaSeen { serial: Serial(found.serial), rdata: rdata_of(&octets) })
    }
}

/// The SOA of a zone at one moment.
pub(super) struct SoaSeen {
    /// Its serial.
    pub(super) serial: Serial,
    /// Its RDATA in canonical form.
    pub(super) rdata: Vec<u8>,
}

/// The RDATA of one record in the layout of `canonical`, in lower case, since a SOA holds names and numbers only.
fn rdata_of(record: &[u8]) -> Vec<u8> {
    CanonicalRecord::split_first(record).map(|(record, _)| record.rdata().to_vec()).unwrap_or_default()
}
