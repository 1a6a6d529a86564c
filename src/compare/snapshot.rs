//! One side, pulled while it stood still: SOA before = first = last = SOA after.

use super::stream::Outlet;
use crate::canonical::{self, CanonicalRecord, Form};
use crate::converge::SoaObservation;
use crate::converge::soa;
use crate::net::{ExchangeError, Network, Peer, Query, Server, Transfer, TransferError};
use crate::present;
use crate::report::{EventKind, ServerName};
use crate::serial::{Serial, SerialOrder};
use crate::wire::{Message, Rtype, Section};
use crate::xfr::Received;
use std::net::SocketAddr;
use std::sync::Arc;

/// How often sides are pulled until they stand still, or a broken transfer tried (A20: at most two retries).
pub(super) const PULLS: u32 = 3;

/// One address of one side.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// The keys.
    server: Server,
    /// Who it is.
    pub(super) name: ServerName,
}

impl Endpoint {
    /// A server at one of its addresses.
    pub(super) fn new(server: &Server, address: SocketAddr) -> Self {
        let authenticated_by = server.authenticated_by(server.query_signer());
        let name = ServerName { server: server.address().to_string(), address, authenticated_by };
        Self { server: server.clone(), name }
    }

    /// As what it is asked.
    fn peer(&self) -> Peer {
        self.server.peer(self.name.address)
    }
}

/// All sides: the base, and at least one target.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    /// What the others are compared with.
    pub(super) base: Endpoint,
    /// The others.
    pub(super) targets: Vec<Endpoint>,
}

impl Endpoints {
    /// The base, then the targets.
    pub(super) fn all(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.base).chain(&self.targets)
    }
}

/// A zone that a side holds at one serial; its records went into the differ.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// What the transfer found out.
    pub(super) received: Received,
}

impl Snapshot {
    /// Its serial.
    pub(super) fn serial(&self) -> Serial {
        self.received.zone.serial
    }
}

/// Why there is no snapshot of a side.
#[derive(Debug, thiserror::Error)]
pub(super) enum SideError {
    /// No answer to the question for its SOA.
    #[error("{0}")]
    Unanswered(#[from] ExchangeError),
    /// An answer that is no SOA of this zone with authority.
    #[error("it does not answer for the zone: {0}")]
    Soa(SoaObservation),
    /// The transfer failed.
    #[error("{0}")]
    Transfer(#[from] TransferError),
    /// It changed under every pull.
    #[error(
        "it changed during each of {PULLS} transfers: in the last its serial was {before} before, {transferred} in the \
         transfer and {after} after it{}", describe_steps(*before, *transferred, *after)
    )]
    Moving {
        /// The serial before.
        before: Serial,
        /// The serial of what was transferred.
        transferred: Serial,
        /// The serial after.
        after: Serial,
    },
}

impl SideError {
    /// Whether it only did not stand still.
    pub(super) fn is_moving(&self) -> bool {
        matches!(self, Self::Moving { .. })
    }

    /// Whether another pull may end better (A20).
    pub(super) fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Moving { .. } => true,
            Self::Transfer(error) => error.is_worth_a_retry(),
            Self::Unanswered(_) | Self::Soa(_) => false,
        }
    }
}

/// What three serials in a row say beyond "it changes" (S5).
fn describe_steps(before: Serial, transferred: Serial, after: Serial) -> &'static str {
    let backward = |from: Serial, to: Serial| to.compare(from) == SerialOrder::Older;
    if backward(before, transferred) || backward(transferred, after) {
        "; a serial that goes backward means two servers behind one address, or a rollback"
    } else if before == transferred && transferred == after {
        "; the SOA differs in other fields: two servers behind one address, or a change without a new serial"
    } else {
        ""
    }
}

/// A side's zone, or why there is none.
pub(super) type Pulled = Result<Snapshot, Arc<SideError>>;

/// One transfer between two looks at the SOA; the records go out as they come, and are worth nothing if this fails.
pub(super) async fn pull(
    network: &Network,
    endpoint: &Endpoint,
    transfer: &Transfer,
    outlet: &mut Outlet,
) -> Result<Snapshot, SideError> {
    let address = endpoint.name.address;
    let before = ask_soa(network, endpoint, transfer).await?;
    outlet.tell(EventKind::TransferStarted { address });
    let signer = endpoint.server.query_signer();
    let received = network.transfer_into(&endpoint.peer(), transfer, signer, outlet).await?;
    outlet.flush().await;
    let records = outlet.records;
    outlet.tell(EventKind::TransferDone { address, serial: received.zone.serial.0, records });
    let after = ask_soa(network, endpoint, transfer).await?;
    let transferred = rdata_of(&received.zone.soa);
    if before.rdata != transferred || after.rdata != transferred {
        let transferred = received.zone.serial;
        return Err(SideError::Moving { before: before.serial, transferred, after: after.serial });
    }
    Ok(Snapshot { received })
}

/// The SOA of a zone at one moment.
struct SoaSeen {
    /// Its serial.
    serial: Serial,
    /// Its RDATA in canonical form.
    rdata: Vec<u8>,
}

/// The serial of a side now; `None` if it does not say.
pub(super) async fn serial_now(network: &Network, endpoint: &Endpoint, transfer: &Transfer) -> Option<Serial> {
    ask_soa(network, endpoint, transfer).await.ok().map(|seen| seen.serial)
}

/// Asks for the SOA, with authority, of exactly this zone (S3).
async fn ask_soa(network: &Network, endpoint: &Endpoint, transfer: &Transfer) -> Result<SoaSeen, SideError> {
    let query = Query::new(transfer.zone, Rtype::SOA);
    let answer = network.query(&endpoint.peer(), &query, endpoint.server.query_signer()).await?;
    let server = endpoint.name.address;
    let message = Message::parse(&answer.octets).map_err(|source| ExchangeError::Malformed { server, source })?;
    let observation = soa::observe(&message, message.header().id, &transfer.zone);
    let SoaObservation::Found(found) = observation else { return Err(SideError::Soa(observation)) };
    let mut octets = Vec::new();
    if let Some(record) = message.section(Section::Answer).find(|record| record.rtype() == Rtype::SOA) {
        let written = canonical::write_record(record, Form::Canonical, &mut octets);
        written.map_err(|source| ExchangeError::Malformed { server, source })?;
    }
    Ok(SoaSeen { serial: Serial(found.serial), rdata: rdata_of(&octets) })
}

/// The RDATA of one record in the layout of `canonical`, in lower case, since a SOA holds names and numbers only.
fn rdata_of(record: &[u8]) -> Vec<u8> {
    CanonicalRecord::split_first(record).map(|(record, _)| record.rdata().to_vec()).unwrap_or_default()
}
