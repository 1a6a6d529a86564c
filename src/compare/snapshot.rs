//! What a side held while it stood still, or why that is not known.

use super::account::Account;
use super::room::Share;
use crate::converge::SoaObservation;
use crate::fs::ZoneFileProblem;
use crate::net::{ExchangeError, Network, Signers, Transfer, TransferError};
use crate::report::Basis;
use crate::serial::{Serial, SerialOrder};
use crate::xfr::{Effects, Imprint, Notes};
use crate::zonemd::{Digested, Wanted};
use std::sync::Arc;
use std::time::Duration;

/// How often sides are pulled until they stand still, or a broken transfer tried (A20: at most two retries).
pub(super) const PULLS: u32 = 3;

/// What is read from every side, how, and within which limits.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    /// How exchanges are made.
    pub(super) network: Network,
    /// The contexts of this run.
    pub(super) signers: Signers,
    /// What is transferred.
    pub(super) transfer: Transfer,
    /// Whether zones are digested.
    pub(super) digest: Wanted,
    /// What each side may take for that.
    pub(super) share: Share,
    /// Whether a server that does not stand still is asked what it has changed since.
    pub(super) increments: bool,
    /// Whether it is reckoned what each side held, so that one round can be held against another.
    pub(super) contents: bool,
}

/// A zone that a side holds at one serial; its records went into the differ.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Its serial.
    pub(super) serial: Serial,
    /// What is odd and yet no error.
    pub(super) notes: Notes,
    /// What its server calls itself (NSID); the nodes behind one address may have names of their own.
    pub(super) identities: Vec<String>,
    /// How it came.
    pub(super) transport: &'static str,
    /// What else is to be known of how it was read.
    pub(super) remarks: Vec<&'static str>,
    /// What it rests on; none for what is no server.
    pub(super) basis: Option<Basis>,
    /// What became of its digest.
    pub(super) digested: Box<Digested>,
    /// What it sent, if it is a server that stood still.
    pub(super) sent: Option<Shown>,
    /// What it says that it has changed since, if it did not.
    pub(super) since: Option<Box<Account>>,
}

/// What a server has shown of a zone: enough to know it again.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// The RDATA of its SOA, in canonical form.
    pub(super) soa: Vec<u8>,
    /// What it sent as the zone.
    pub(super) imprint: Imprint,
}

impl Snapshot {
    /// Whether it was sent at this version, or by its own account led through it since.
    pub(super) fn passes(&self, version: Serial) -> bool {
        self.serial == version || self.since.as_ref().is_some_and(|since| since.passes(version))
    }

    /// What has changed from what was sent up to this version; `None` if it does not pass that.
    pub(super) fn effects_to(&self, version: Serial) -> Option<Effects> {
        if self.serial == version {
            return Some(Effects::default());
        }
        self.since.as_ref()?.effects_to(version)
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
    /// The server has forgotten our security context; another transfer is asked for under a new one.
    #[error("{0}")]
    Forgotten(TransferError),
    /// It changed while it was asked.
    #[error("it changed while it was asked: its serial was {before} before and {after} after it")]
    MovedWhileAsked {
        /// The serial before.
        before: Serial,
        /// The serial after.
        after: Serial,
    },
    /// Asking took too long in all.
    #[error("it had not answered for everything after {:.0} s", .total.as_secs_f64())]
    AskedTooLong {
        /// The limit.
        total: Duration,
    },
    /// No side gave the names to ask for.
    #[error("nothing is known to ask it for")]
    Unlisted,
    /// There are more record sets than can be held while they are asked for.
    #[error(
        "there are more than {most} record sets to ask for, which is what --memory has room for without a \
         transfer: allow more"
    )]
    TooManyToAsk {
        /// The limit.
        most: usize,
    },
    /// It gave more records than can be held while others are asked.
    #[error(
        "it has more than {most} octets of records, which is what --memory has room for without a transfer: \
         allow more"
    )]
    TooMuchToAsk {
        /// The limit.
        most: usize,
    },
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
    /// The zone file cannot be read, or is wrong.
    #[error("{0}")]
    File(ZoneFileProblem),
    /// The zone file changed under every reading.
    #[error("{file} changed each of the {PULLS} times that it was read: compare it when nobody writes it")]
    FileChanged {
        /// The file, or one that it includes.
        file: String,
    },
    /// The task or thread that read it is gone: a fault of this program.
    #[error("reading it ended by a fault of this program")]
    Fault,
}

impl SideError {
    /// Whether it only did not stand still.
    pub(super) fn is_moving(&self) -> bool {
        matches!(self, Self::Moving { .. } | Self::MovedWhileAsked { .. } | Self::FileChanged { .. })
    }

    /// Whether the server said no to the transfer, or gave something that is none: it may still answer questions.
    pub(super) fn is_for_asking(&self) -> bool {
        matches!(self, Self::Transfer(TransferError::Rules { .. }))
    }

    /// Whether another pull may end better (A20).
    pub(super) fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Moving { .. } | Self::FileChanged { .. } | Self::Forgotten(_) => true,
            Self::Transfer(error) => error.is_worth_a_retry(),
            Self::MovedWhileAsked { .. }
            | Self::AskedTooLong { .. }
            | Self::Unlisted
            | Self::TooManyToAsk { .. }
            | Self::TooMuchToAsk { .. }
            | Self::Unanswered(_)
            | Self::Soa(_)
            | Self::File(_)
            | Self::Fault => false,
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
