//! One full transfer (RFC 5936), from its first SOA to its last.
//!
//! ```text
//!            first message,            second SOA,
//!            begins with the SOA       the same as the first
//!   Waiting ---------------> Running ------------------------> Ended
//!      |                        |
//!      +--- any other thing ----+--> Failed (all that was handed out is void)
//! ```
//! In `Ended` a further message is refused, but what is complete stays so, unless it was there already and has more of the
//! zone ([`Inbound::late_frame`](super::Inbound::late_frame)). No state is ever left backwards.

use super::envelope::{Envelope, Sink};
use super::soa::Soa;
use super::{Fault, Limits, XfrError};
use crate::serial::Serial;
use crate::wire::{Message, RecordView, Rtype, Section, WireError, WireName};

/// Takes the messages that answer one AXFR query, in their order, and hands out the records of the zone.
///
/// The records are handed out as they come, but **none may be believed before [`Axfr::closed`] has returned `Ok`**: a
/// transfer that breaks off, or breaks a rule, is worth nothing as a whole (RFC 5936 section 6). One input, one answer:
/// each call takes one whole message, and only a call changes what the next one says.
#[derive(Debug)]
pub struct Axfr {
    /// What holds for every message and record.
    envelope: Envelope,
    /// Where in the diagram.
    state: State,
}

/// The diagram's states.
#[derive(Debug)]
enum State {
    /// Nothing has come.
    Waiting,
    /// The first SOA has come.
    Running(Box<Soa>),
    /// The last SOA has come.
    Ended(Box<Soa>),
    /// A rule was broken.
    Failed(Box<XfrError>),
}

/// Whether a transfer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "there is no third state between going on and being complete")]
pub enum Progress {
    /// More messages have to come.
    More,
    /// The last SOA has come: read no more, and ask for the outcome.
    Done,
}

/// A transfer that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completed {
    /// The serial of the SOA.
    pub serial: Serial,
    /// The SOA in canonical form, in the layout of [`write_record`](crate::canonical::write_record).
    pub soa: Vec<u8>,
    /// Messages of the transfer.
    pub messages: u64,
    /// Their octets, without length prefixes.
    pub octets: u64,
    /// Records handed out: duplicates as often as they came, the SOA once.
    pub records: u64,
    /// What is odd and yet no error.
    pub notes: Notes,
}

/// What a complete transfer has that a person should know of, although the rules allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Notes {
    /// Messages with AA=0; RFC 5936 section 2.2.1 b tells clients not to rely on it.
    pub not_authoritative: u64,
    /// Messages with TC=1, which means nothing over TCP; some clients refuse them.
    pub truncated: u64,
    /// Messages without a record (RFC 9103 section 7.9.1: padding).
    pub empty_messages: u64,
    /// Records whose TTL has its top bit set, which RFC 2181 section 8 reads as zero.
    pub ttl_top_bit: u64,
    /// The SOA is the only record: complete, but an empty zone is more often a fault than a wish.
    pub soa_only: bool,
    /// No NS record at the apex.
    pub no_apex_ns: bool,
    /// A CNAME at the apex, beside the SOA.
    pub apex_cname: bool,
}

/// What the records of one message have come to so far.
#[derive(Debug)]
pub(super) struct Taken {
    /// Whether the transfer goes on after the last of them, or its fault.
    outcome: Result<Progress, Fault>,
    /// How many came after the last SOA.
    after_end: usize,
    /// How many records were handed out before the message.
    records: u64,
}

impl Taken {
    /// What all of them have come to.
    fn outcome(self) -> Result<Progress, Fault> {
        match self.after_end {
            0 => self.outcome,
            records => Err(Fault::RecordsAfterEnd { records }),
        }
    }
}

impl Axfr {
    /// For the answer to the query with this ID for this zone.
    pub fn new(zone: WireName, id: u16, limits: Limits) -> Self {
        Self { envelope: Envelope::new(zone, id, Rtype::AXFR, limits), state: State::Waiting }
    }

    /// Takes one whole message and hands its records to `each`, the SOA once, at the start.
    ///
    /// # Errors
    /// The first rule that the message breaks, or the error of `each`; the same error again for every later message.
    /// Only [`Fault::MessageAfterEnd`] leaves a complete transfer complete.
    pub fn message(
        &mut self,
        message: &Message<'_>,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, XfrError> {
        self.is_open()?;
        self.take(message, each).map_err(|fault| self.fail(fault))
    }

    /// Whether another message may come.
    pub(super) fn is_open(&self) -> Result<(), XfrError> {
        match &self.state {
            State::Failed(error) => Err((**error).clone()),
            State::Ended(_) => Err(self.error(Fault::MessageAfterEnd)),
            State::Waiting | State::Running(_) => Ok(()),
        }
    }

    /// Begins a message whose records are taken while it is walked. The first one must not be: nothing is handed out
    /// before the server is known to have accepted the question.
    pub(super) fn begin_message(&mut self) -> Taken {
        self.envelope.begin_message();
        Taken { outcome: Ok(Progress::More), after_end: 0, records: self.envelope.records }
    }

    /// Takes a record of that message.
    #[inline]
    pub(super) fn take_record(&mut self, taken: &mut Taken, record: &RecordView<'_>, each: &mut (impl Sink + ?Sized)) {
        match taken.outcome {
            Ok(Progress::More) => match self.record(record, each) {
                Ok(Progress::More) => {}
                outcome => taken.outcome = outcome,
            },
            Ok(Progress::Done) => taken.after_end += 1,
            Err(_) => {}
        }
    }

    /// Ends that message, which was walked and verified as a whole: only now counts what its records have come to.
    pub(super) fn end_message(&mut self, message: &Message<'_>, taken: Taken) -> Result<Progress, XfrError> {
        if let Err(fault) = self.envelope.check_message(message, false) {
            self.envelope.records = taken.records;
            return Err(self.fail(fault));
        }
        taken.outcome().map_err(|fault| self.fail(fault))
    }

    /// Counts that message, which was none of the transfer (unreadable, badly signed), and voids the transfer.
    pub(super) fn reject_message(&mut self, taken: &Taken, fault: Fault) -> XfrError {
        self.envelope.records = taken.records;
        self.reject(fault)
    }

    /// Counts a message that never became one of the transfer (unreadable, badly signed), and voids the transfer.
    pub(super) fn reject(&mut self, fault: Fault) -> XfrError {
        self.envelope.messages += 1;
        self.fail(fault)
    }

    /// Voids the transfer.
    fn fail(&mut self, fault: Fault) -> XfrError {
        let error = self.error(fault);
        self.state = State::Failed(Box::new(error.clone()));
        error
    }

    /// Looks at a message that was there already when the transfer was complete: it must not go on with the zone.
    ///
    /// RFC 5936 section 2.2: the SOA stands first and last. One that stands in the middle as well, and ends a message, cannot
    /// be told from the last one but by what follows it.
    pub(super) fn late_message(&mut self, message: &Message<'_>) -> Result<Progress, XfrError> {
        if !matches!(self.state, State::Ended(_)) || self.envelope.check_frame(message, false).is_err() {
            return Ok(Progress::Done);
        }
        let more = message.section(Section::Answer).filter(|record| self.envelope.is_more_of_zone(record));
        match more.count() {
            0 => Ok(Progress::More),
            records => Err(self.reject(Fault::RecordsAfterEnd { records })),
        }
    }

    /// The serial of the first SOA, once it has come.
    pub fn serial(&self) -> Option<Serial> {
        match &self.state {
            State::Running(soa) | State::Ended(soa) => Some(soa.serial),
            State::Failed(error) => error.serial,
            State::Waiting => None,
        }
    }

    /// Ends the transfer: the peer has closed, or [`Progress::Done`] was seen. Only now may the records be believed.
    ///
    /// # Errors
    /// RFC 5936 section 2.3: without its last SOA a transfer is void, however it came to its end.
    pub fn closed(self) -> Result<Completed, XfrError> {
        let fault = match self.state {
            State::Failed(error) => return Err(*error),
            State::Ended(soa) => {
                return Ok(Completed {
                    serial: soa.serial,
                    soa: soa.octets,
                    messages: self.envelope.messages,
                    octets: self.envelope.octets,
                    records: self.envelope.records,
                    notes: self.envelope.zone_notes(),
                });
            }
            State::Waiting => Fault::ClosedAtOnce,
            State::Running(_) if self.envelope.records == 1 => Fault::SingleSoa,
            State::Running(_) => Fault::ClosedEarly,
        };
        Err(self.error(fault))
    }

    /// The fault with the point that was reached.
    fn error(&self, fault: Fault) -> XfrError {
        self.envelope.error(fault, self.serial())
    }

    /// Takes a message.
    fn take(
        &mut self,
        message: &Message<'_>,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let mut taken = self.begin_message();
        self.envelope.check_message(message, matches!(self.state, State::Waiting))?;
        for record in message.section(Section::Answer) {
            self.take_record(&mut taken, record, each);
        }
        taken.outcome()
    }

    /// Takes one record of the answer section.
    #[inline]
    fn record(&mut self, record: &RecordView<'_>, each: &mut (impl Sink + ?Sized)) -> Result<Progress, Fault> {
        let State::Running(first) = &self.state else {
            self.state = State::Running(Box::new(self.envelope.first_soa(record)?));
            self.envelope.hand_out_first(record, each)?;
            return Ok(Progress::More);
        };
        let progress = self.envelope.zone_record(first, record, each)?;
        if progress == Progress::Done {
            self.state = State::Ended(first.clone());
        }
        Ok(progress)
    }
}
