//! A transfer from the octets of its messages: read, verified, and taken by the rules.
//!
//! It does not cut a stream into messages and does not look at a clock; both are for the one who reads the socket.

use super::{Axfr, Change, Completed, Fault, Imprint, Ixfr, Limits, Outcome, Progress, Refusal, XfrError};
use crate::serial::Serial;
use crate::tsig::{self, Sequence, Summary};
use crate::wire::{Header, Message, Names, Rcode, RecordView, WireError, WireName};

/// So many messages are looked at that were there when a transfer was complete: a server may fill the line for ever.
const LATE: u32 = 16;

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
    /// What the messages were.
    imprint: Imprint,
    /// The names of the message at hand.
    names: Names,
    /// What the message said that ended it.
    last: Vec<u8>,
    /// Messages that were looked at after that.
    late: u32,
}

/// A transfer that is complete and, if the query was signed, authenticated to its last message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// What the transfer was.
    pub zone: Completed,
    /// How its messages were signed; `None` if the query was not: then nothing says who sent them.
    pub signatures: Option<Summary>,
    /// What its octets were, for another transfer to be held against.
    pub imprint: Imprint,
}

impl Inbound {
    /// For the answer to an unsigned query with this ID for this zone.
    pub fn unsigned(zone: WireName, id: u16, limits: Limits) -> Self {
        Self {
            axfr: Axfr::new(zone, id, limits),
            sequence: None,
            imprint: Imprint::new(),
            names: Names::default(),
            last: Vec::new(),
            late: 0,
        }
    }

    /// For the answer to a signed query with this ID for this zone.
    pub fn signed(zone: WireName, id: u16, limits: Limits, sequence: Sequence) -> Self {
        Self { sequence: Some(sequence), ..Self::unsigned(zone, id, limits) }
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
        each: &mut (impl FnMut(&RecordView<'_>) -> Result<(), WireError> + ?Sized),
    ) -> Result<Progress, XfrError> {
        self.axfr.is_open()?;
        if self.axfr.serial().is_none() {
            return self.first_frame(octets, now, each);
        }
        let Self { axfr, names, .. } = self;
        let mut taken = axfr.begin_message();
        let walked = Message::walk(octets, names, &mut |record| {
            axfr.take_record(&mut taken, record, each);
        });
        let verified = walked.map_err(Fault::from).and_then(|message| {
            verify(&mut self.sequence, &message, now, true)?;
            Ok(message)
        });
        let message = verified.map_err(|fault| self.axfr.reject_message(&taken, fault))?;
        self.imprint.add(octets, end_of(&message));
        let progress = self.axfr.end_message(&message, taken)?;
        self.note_last(progress, &message);
        Ok(progress)
    }

    /// Takes the first message, all of which is looked at before any of its records is handed out.
    fn first_frame(
        &mut self,
        octets: &[u8],
        now: u64,
        each: &mut (impl FnMut(&RecordView<'_>) -> Result<(), WireError> + ?Sized),
    ) -> Result<Progress, XfrError> {
        let message = Message::parse(octets).map_err(|error| self.axfr.reject(error.into()))?;
        verify(&mut self.sequence, &message, now, false).map_err(|fault| self.axfr.reject(fault))?;
        self.imprint.add(octets, end_of(&message));
        let progress = self.axfr.message(&message, &mut |record| each(record))?;
        self.note_last(progress, &message);
        Ok(progress)
    }

    /// Takes note of what the message said that ended the transfer.
    fn note_last(&mut self, progress: Progress, message: &Message<'_>) {
        if progress == Progress::Done {
            self.last = body(message).to_vec();
        }
    }

    /// Looks at the octets of a message that was there already when [`Progress::Done`] was seen; nobody has to wait for
    /// one, and [`Progress::Done`] says that no other matters.
    ///
    /// What goes on with the zone there shows that the transfer was not over; what ended it is a SOA in its middle (RFC 5936
    /// section 2.2). The message that ended it may come once more, and what is no part of this transfer is passed over. It
    /// makes no difference who signed it: a stranger who can write into the connection can end it as well.
    ///
    /// This is as much as can be known: where the rest comes later, the transfer is complete without it.
    ///
    /// # Errors
    /// [`Fault::RecordsAfterEnd`]: the transfer is void.
    pub fn late_frame(&mut self, octets: &[u8]) -> Result<Progress, XfrError> {
        self.late += 1;
        let Ok(message) = Message::parse(octets) else { return Ok(Progress::Done) };
        let is_repeated = self.last == body(&message);
        let progress = if is_repeated { Progress::More } else { self.axfr.late_message(&message)? };
        Ok(if self.late < LATE { progress } else { Progress::Done })
    }

    /// The serial of the first SOA, once it has come; not yet authenticated.
    pub fn serial(&self) -> Option<Serial> {
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
        Ok(Received { zone, signatures, imprint: self.imprint })
    }
}

/// Takes the messages of one incremental transfer as octets, and hands out the changes, or the whole zone.
///
/// As with [`Inbound`], **nothing may be believed before [`InboundIxfr::finish`] has returned `Ok`**.
#[derive(Debug)]
pub struct InboundIxfr {
    /// The rules.
    ixfr: Ixfr,
    /// The signatures, if the query was signed.
    sequence: Option<Sequence>,
}

/// An incremental transfer that is complete and, if the query was signed, authenticated to its last message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedIxfr {
    /// What the answer is.
    pub outcome: Outcome,
    /// How its messages were signed; `None` if the query was not: then nothing says who sent them.
    pub signatures: Option<Summary>,
}

impl InboundIxfr {
    /// For the answer to an unsigned query with this ID for this zone, by one who has version `from`.
    pub fn unsigned(zone: WireName, id: u16, from: Serial, limits: Limits) -> Self {
        Self { ixfr: Ixfr::new(zone, id, from, limits), sequence: None }
    }

    /// For the answer to a signed query with this ID for this zone, by one who has version `from`.
    pub fn signed(zone: WireName, id: u16, from: Serial, limits: Limits, sequence: Sequence) -> Self {
        Self { ixfr: Ixfr::new(zone, id, from, limits), sequence: Some(sequence) }
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
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, XfrError> {
        self.ixfr.is_open()?;
        let message = Message::parse(octets).map_err(|error| self.ixfr.reject(error.into()))?;
        let late = self.ixfr.serial().is_some();
        verify(&mut self.sequence, &message, now, late).map_err(|fault| self.ixfr.reject(fault))?;
        self.ixfr.message(&message, each)
    }

    /// Ends the transfer: the peer has closed, or [`Progress::Done`] was seen. Only now may the changes be believed.
    ///
    /// # Errors
    /// The transfer is not complete, or its last message is not signed (RFC 8945 section 5.3.1).
    pub fn finish(self) -> Result<ReceivedIxfr, XfrError> {
        let unsigned = |error| Fault::Unauthenticated { error, hint: None };
        let signed = self.sequence.map(Sequence::finish).transpose().map_err(|error| self.ixfr.error(unsigned(error)));
        // What the rules say comes first, as it says more: a transfer that was cut off lacks its last signature too.
        let outcome = self.ixfr.closed()?;
        Ok(ReceivedIxfr { outcome, signatures: signed? })
    }
}

/// Where the signature of a message begins, or its end.
fn end_of(message: &Message<'_>) -> usize {
    message.tsig().map_or(message.octets().len(), RecordView::position)
}

/// What a message says behind its header, less its signature.
fn body<'m>(message: &Message<'m>) -> &'m [u8] {
    message.octets().get(Header::LENGTH..end_of(message)).unwrap_or_default()
}

/// Verifies one message; `late` if good ones came before it.
fn verify(sequence: &mut Option<Sequence>, message: &Message<'_>, now: u64, late: bool) -> Result<(), Fault> {
    let verified = match sequence {
        Some(sequence) => sequence.message(message, now),
        None => tsig::refuse_unrequested(message),
    };
    verified.map_err(|error| {
        let refused = message.rcode() != Rcode::NOERROR;
        let hint = refused.then(|| Box::new(Refusal::read(message, late)));
        Fault::Unauthenticated { error, hint }
    })
}
