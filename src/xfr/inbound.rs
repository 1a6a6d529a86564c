//! A transfer from the octets of its messages: read, verified, and taken by the rules.
//!
//! It does not cut a stream into messages and does not look at a clock; both are for the one who reads the socket.

use super::{Axfr, Completed, Fault, Limits, Progress, Refusal, XfrError};
use crate::tsig::{self, Sequence, Summary};
use crate::wire::{Message, Rcode, RecordView, WireError, WireName};

/// Takes the messages of one transfer as octets, and hands out the records of the zone.
///
/// The records are handed out as they come, but **none may be believed before [`Inbound::finish`] has returned `Ok`**:
/// until then the last SOA or the signature that vouches for them may be missing (RFC 5936 section 6, RFC 8945 section
/// 5.3.1). Keep what is handed out apart, and drop it when `finish` says no.
#[derive(Debug)]
pub struct Inbound {
    /// The rules.
    axfr: Axfr,
    /// The signatures, if the query was signed.
    sequence: Option<Sequence>,
}

/// A transfer that is complete and, if the query was signed, authenticated to its last message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// What the transfer was.
    pub zone: Completed,
    /// How its messages were signed; `None` if the query was not: then nothing says who sent them.
    pub signatures: Option<Summary>,
}

impl Inbound {
    /// For the answer to an unsigned query with this ID for this zone.
    pub fn unsigned(zone: WireName, id: u16, limits: Limits) -> Self {
        Self { axfr: Axfr::new(zone, id, limits), sequence: None }
    }

    /// For the answer to a signed query with this ID for this zone.
    pub fn signed(zone: WireName, id: u16, limits: Limits, sequence: Sequence) -> Self {
        Self { axfr: Axfr::new(zone, id, limits), sequence: Some(sequence) }
    }

    /// Takes the octets of one message, without length prefix; `now` is in seconds since 1970.
    ///
    /// # Errors
    /// The first rule that is broken; the same error again for every later message.
    /// Only [`Fault::MessageAfterEnd`] leaves a complete transfer complete.
    pub fn frame(
        &mut self,
        octets: &[u8],
        now: u64,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, XfrError> {
        self.axfr.is_open()?;
        let message = Message::parse(octets).map_err(|error| self.axfr.reject(error.into()))?;
        let verified = match &mut self.sequence {
            Some(sequence) => sequence.message(&message, now),
            None => tsig::refuse_unrequested(&message),
        };
        if let Err(error) = verified {
            let refused = message.rcode() != Rcode::NOERROR;
            let hint = refused.then(|| Box::new(Refusal::read(&message, self.axfr.serial().is_some())));
            return Err(self.axfr.reject(Fault::Unauthenticated { error, hint }));
        }
        self.axfr.message(&message, each)
    }

    /// The serial of the first SOA, once it has come; not yet authenticated.
    pub fn serial(&self) -> Option<crate::serial::Serial> {
        self.axfr.serial()
    }

    /// Ends the transfer: the peer has closed, or [`Progress::Done`] was seen. Only now may the records be believed.
    ///
    /// # Errors
    /// The transfer is not complete, or its last message is not signed (RFC 8945 section 5.3.1).
    pub fn finish(self) -> Result<Received, XfrError> {
        let zone = self.axfr.closed()?;
        let signatures = self.sequence.map(Sequence::finish).transpose().map_err(|error| XfrError {
            fault: Fault::Unauthenticated { error, hint: None },
            serial: Some(zone.serial),
            messages: zone.messages,
            records: zone.records,
        })?;
        Ok(Received { zone, signatures })
    }
}
