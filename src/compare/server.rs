//! A server as a side: one transfer between two looks at its SOA, all of which must be the same.

use super::account::{Account, Telling};
use super::digest::{self, Digesting};
use super::identity;
use super::snapshot::{Shown, SideError, Snapshot, Terms};
use super::stream::Outlet;
use crate::canonical::{self, CanonicalRecord, Form};
use crate::converge::{Aside, SoaObservation, soa};
use crate::net::{ExchangeError, Network, Peer, Query, Server, Signers, Signing};
use crate::report::Basis;
use crate::serial::{Serial, SerialOrder};
use crate::tsig::Signer;
use crate::wire::{Message, Rtype, Section, Transport};
use crate::xfr::{Change, HeldVersion, Outcome, Sign};
use std::net::SocketAddr;
use std::sync::Arc;

/// A server at one of its addresses.
#[derive(Debug, Clone)]
pub(super) struct ServerSource {
    /// The keys.
    server: Box<Server>,
    /// The address.
    address: SocketAddr,
}

/// # Who it is
impl ServerSource {
    /// A server at one of its addresses.
    pub(super) fn new(server: &Server, address: SocketAddr) -> Self {
        Self { server: Box::new(server.clone()), address }
    }

    /// The address.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What authenticates its answers: the name of a key, what TLS proves, or nothing.
    pub(super) fn authenticated_by(&self) -> Option<String> {
        self.server.authenticated_by(&self.signing())
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
    pub(super) fn signing(&self) -> Signing {
        self.server.query_signing()
    }

    /// What signs the questions now; a context is negotiated if need be.
    pub(super) async fn signer(
        &self,
        network: &Network,
        signers: &Signers,
    ) -> Result<Option<Arc<dyn Signer>>, ExchangeError> {
        signers.signer(network, &self.signing(), &self.peer()).await
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
        let mut intake = Digesting { outlet, collector: terms.share.collector(&transfer.zone, terms.digest) };
        let signer = self.signer(network, &terms.signers).await?;
        let received = match network.transfer_into(&self.peer(), transfer, signer.as_ref(), &mut intake).await {
            Err(error) if error.is_key_unknown() && self.signing().key().is_none() => {
                if let Some(signer) = signer {
                    terms.signers.forget(self.address, &signer).await;
                }
                return Err(SideError::Forgotten(error));
            }
            received => received?,
        };
        let Digesting { outlet, collector } = intake;
        outlet.tell_done(received.zone.serial).await;
        let after = self.ask_soa(terms).await?;
        let (serial, transferred) = (received.zone.serial, rdata_of(&received.zone.soa));
        let since = if before.rdata == transferred && after.rdata == transferred {
            None
        } else {
            let moving = SideError::Moving { before: before.serial, transferred: serial, after: after.serial };
            let forward = is_forward(before.serial, serial) && after.serial.compare(serial) == SerialOrder::Newer;
            let since = if terms.increments && forward { self.since(terms, &received.zone.soa).await } else { None };
            Some(Box::new(since.ok_or(moving)?))
        };
        let digested = digest::finish(collector).await?;
        let sent = since.is_none().then_some(Shown { soa: transferred, imprint: received.imprint });
        let notes = received.zone.notes;
        let (transport, remarks, basis) = (self.transport(), Vec::new(), Some(Basis::Axfr));
        let identities = identity::of([before, after]);
        Ok(Snapshot { serial, notes, identities, transport, remarks, basis, digested, sent, since })
    }

    /// What it has changed since it sent a zone with this SOA; `None` if it does not say so in a way that makes sense,
    /// whereupon the whole zone is due (I2, I5, I8).
    async fn since(&self, terms: &Terms, soa: &[u8]) -> Option<Account> {
        let (soa, _) = CanonicalRecord::split_first(soa).ok()?;
        let held = HeldVersion::of_soa(&soa)?;
        let (mut telling, mut is_whole) = (Telling::new(), false);
        let mut each = |change: Change<'_, '_>| match change {
            Change::Deleted(record) => telling.note(Sign::Removed, record),
            Change::Added(record) => telling.note(Sign::Added, record),
            Change::Whole(_) => {
                is_whole = true;
                Ok(())
            }
        };
        let (peer, network) = (self.peer(), &terms.network);
        let signer = self.signer(network, &terms.signers).await.ok()?;
        let asked = network.incremental(&peer, &terms.transfer, &held, signer.as_ref(), &mut each);
        let received = asked.await.ok()?;
        match received.outcome {
            Outcome::Delta(changed) if !is_whole => telling.finish(changed.to),
            _ => None,
        }
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
        let (peer, network) = (self.peer(), &terms.network);
        let signer = self.signer(network, &terms.signers).await?;
        Ok(network.transfer_again(&peer, &terms.transfer, signer.as_ref(), &shown.imprint, each).await?)
    }

    /// Its serial now; `None` if it does not say.
    pub(super) async fn serial_now(&self, terms: &Terms) -> Option<Serial> {
        self.ask_soa(terms).await.ok().map(|seen| seen.serial)
    }

    /// Asks for the SOA, with authority, of exactly this zone (S3).
    pub(super) async fn ask_soa(&self, terms: &Terms) -> Result<SoaSeen, SideError> {
        let query = Query::new(terms.transfer.zone, Rtype::SOA);
        let (server, peer) = (self.address, self.peer());
        let answer = terms.signers.query(&terms.network, &self.signing(), &peer, &query, Transport::Udp).await?;
        let message = Message::parse(&answer.octets).map_err(|source| ExchangeError::Malformed { server, source })?;
        let observation = soa::observe(&message, message.header().id, &terms.transfer.zone);
        let SoaObservation::Found(found) = observation else { return Err(SideError::Soa(observation)) };
        let mut octets = Vec::new();
        if let Some(record) = message.section(Section::Answer).find(|record| record.rtype() == Rtype::SOA) {
            let written = canonical::write_record(record, Form::Canonical, &mut octets);
            written.map_err(|source| ExchangeError::Malformed { server, source })?;
        }
        let identity = Aside::read(&message, &terms.transfer.zone, answer.transport).node;
        Ok(SoaSeen { serial: Serial(found.serial), rdata: rdata_of(&octets), identity })
    }
}

/// Whether a serial went on, or stayed.
fn is_forward(from: Serial, to: Serial) -> bool {
    matches!(to.compare(from), SerialOrder::Equal | SerialOrder::Newer)
}

/// The SOA of a zone at one moment.
pub(super) struct SoaSeen {
    /// Its serial.
    pub(super) serial: Serial,
    /// Its RDATA in canonical form.
    pub(super) rdata: Vec<u8>,
    /// What the server calls itself, if it says so.
    pub(super) identity: Option<String>,
}

/// The RDATA of one record in the layout of `canonical`, in lower case, since a SOA holds names and numbers only.
fn rdata_of(record: &[u8]) -> Vec<u8> {
    CanonicalRecord::split_first(record).map(|(record, _)| record.rdata().to_vec()).unwrap_or_default()
}
