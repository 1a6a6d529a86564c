//! One incremental transfer (RFC 1995), from its first SOA to its last.
//!
//! ```text
//!           SOA         SOA that we have            SOA, newer           the first SOA again, once that was reached
//!   Waiting ---> First ------------------> Deleting -----------> Adding -----------------------> Ended (delta)
//!                 |  |                        ^                    |
//!                 |  |                        +--------------------+
//!                 |  |                         SOA that was reached
//!                 |  +-- no SOA, or the same --> Whole --> Ended (whole zone, by the rules of `axfr`)
//!                 +-- alone in its message, and not newer than what we have --> Ended (up to date, or behind)
//! ```
//! Whatever else comes leads to `Failed`, and all that was handed out is void. No state but `Adding` is left backwards.
//!
//! It does not ask again (see [`XfrError::is_axfr_due`]), does not apply what it hands out (see [`super::Delta`]), and
//! proves nothing about the zone: a server's journal can say other things than its zone does. Whoever concludes
//! anything from a delta has to see the zone itself as well.

use super::envelope::Envelope;
use super::soa::Soa;
use super::{Completed, Fault, Limits, Notes, Progress, XfrError};
use crate::canonical::{Form, write_record};
use crate::serial::{Serial, SerialOrder};
use crate::wire::{Header, Message, RecordView, Rtype, Section, WireError, WireName};

/// Takes the messages that answer one IXFR query, in their order, and hands out the changes, or the whole zone.
///
/// What is handed out **may not be believed before [`Ixfr::closed`] has returned `Ok`**: an incremental transfer counts
/// as a whole or not at all (RFC 1995 section 4). One input, one answer: each call takes one whole message, and only a
/// call changes what the next one says.
///
/// [`Limits::records_per_rrset`] and [`Limits::records_per_owner`] bound whole zones, not differences, in which a
/// record may come as often as it was changed; all others bound both.
#[derive(Debug)]
pub struct Ixfr {
    /// What holds for every message and record.
    envelope: Envelope,
    /// The version that we have.
    from: Serial,
    /// Where in the diagram.
    state: State,
}

/// What the answer says about one record.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "RFC 1995 section 4 knows these two forms of an answer, and no third")]
pub enum Change<'r, 'm> {
    /// The zone held it until this step.
    Deleted(&'r RecordView<'m>),
    /// The zone holds it from this step on.
    Added(&'r RecordView<'m>),
    /// The answer is no difference but the whole zone, and this is one of its records; the SOA comes first, and once.
    /// No other kind of change stands beside it.
    Whole(&'r RecordView<'m>),
}

/// What a complete answer to an IXFR query is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has the serial that we have. It says nothing about the records.
    UpToDate {
        /// The SOA in canonical form, in the layout of [`crate::canonical::write_record`].
        soa: Vec<u8>,
    },
    /// The server has an older version than we have.
    Behind {
        /// Its serial.
        serial: Serial,
        /// The SOA in the same form.
        soa: Vec<u8>,
    },
    /// The changes from our version to the server's were handed out.
    Delta(Changed),
    /// The whole zone was handed out; its serial may be any, ours and older ones too.
    Whole(Completed),
}

/// A difference that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changed {
    /// The version that it starts from: ours.
    pub from: Serial,
    /// The version that it leads to.
    pub to: Serial,
    /// The SOA of that version in canonical form, in the layout of [`crate::canonical::write_record`].
    pub soa: Vec<u8>,
    /// In how many steps.
    pub sequences: u64,
    /// How many deletions were handed out, that of a SOA in each step included.
    pub deleted: u64,
    /// How many additions were handed out, that of a SOA in each step included.
    pub added: u64,
    /// Messages of the transfer.
    pub messages: u64,
    /// Their octets, without length prefixes.
    pub octets: u64,
    /// What is odd and yet no error; those that speak of a zone are not set.
    pub notes: Notes,
}

/// The diagram's states; `Deleting` and `Adding` are one.
#[derive(Debug)]
enum State {
    /// Nothing has come.
    Waiting,
    /// The first SOA has come, and nothing says yet what it begins.
    First(Box<First>),
    /// The answer is the whole zone that begins with this SOA.
    Whole(Box<Soa>),
    /// The answer is a difference.
    Steps(Box<Steps>),
    /// The end has come.
    Ended(End),
    /// A rule was broken.
    Failed(Box<XfrError>),
}

/// The ways to end well.
#[derive(Debug)]
enum End {
    /// This SOA, alone; it is not newer than what we have.
    Alone(Box<Soa>),
    /// The whole zone with this SOA.
    Whole(Box<Soa>),
    /// The difference.
    Steps(Box<Steps>),
}

/// The first SOA, kept until it is known what it begins.
#[derive(Debug, Clone)]
struct First {
    /// What the last SOA has to equal.
    soa: Soa,
    /// It, as a message of its own: the one in which it came may be gone when it is handed out.
    message: Vec<u8>,
}

/// How far a difference has come.
#[derive(Debug)]
struct Steps {
    /// The first SOA: the end.
    first: Soa,
    /// The version that all steps before lead to, this one included once its additions have begun.
    reached: Serial,
    /// Whether additions are coming.
    adding: bool,
    /// Steps begun.
    sequences: u64,
    /// Deletions handed out.
    deleted: u64,
    /// Additions handed out.
    added: u64,
}

impl Ixfr {
    /// For the answer to the query with this ID for this zone, by one who has version `from`.
    pub fn new(zone: WireName, id: u16, from: Serial, limits: Limits) -> Self {
        Self { envelope: Envelope::new(zone, id, Rtype::IXFR, limits), from, state: State::Waiting }
    }

    /// Takes one whole message and hands what it says to `each`.
    ///
    /// # Errors
    /// The first rule that the message breaks, or the error of `each`; the same error again for every later message.
    /// Only [`Fault::MessageAfterEnd`] leaves a complete transfer complete.
    pub fn message(
        &mut self,
        message: &Message<'_>,
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, XfrError> {
        self.is_open()?;
        self.take(message, each).map_err(|fault| self.fail(fault))
    }

    /// Whether another message may come.
    pub(super) fn is_open(&self) -> Result<(), XfrError> {
        match &self.state {
            State::Failed(error) => Err((**error).clone()),
            State::Ended(_) => Err(self.error(Fault::MessageAfterEnd)),
            State::Waiting | State::First(_) | State::Whole(_) | State::Steps(_) => Ok(()),
        }
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

    /// The serial of the first SOA, once it has come: the server's version.
    pub fn serial(&self) -> Option<Serial> {
        match &self.state {
            State::Waiting => None,
            State::First(first) => Some(first.soa.serial),
            State::Whole(soa) | State::Ended(End::Alone(soa) | End::Whole(soa)) => Some(soa.serial),
            State::Steps(steps) | State::Ended(End::Steps(steps)) => Some(steps.first.serial),
            State::Failed(error) => error.serial,
        }
    }

    /// Ends the transfer: the peer has closed, or [`Progress::Done`] was seen. Only now may the changes be believed.
    ///
    /// # Errors
    /// RFC 1995 section 4: without the last SOA all of it is void. Section 2: a newer SOA alone says only that there is
    /// something newer, so the zone has to be asked for.
    pub fn closed(self) -> Result<Outcome, XfrError> {
        let fault = match self.state {
            State::Failed(error) => return Err(*error),
            State::Ended(end) => return Ok(end.outcome(&self.envelope, self.from)),
            State::Waiting => Fault::ClosedAtOnce,
            State::First(ref first) => Fault::NewerSoaAlone { serial: first.soa.serial },
            State::Whole(_) | State::Steps(_) => Fault::ClosedEarly,
        };
        Err(self.error(fault))
    }

    /// The fault with the point that was reached.
    pub(super) fn error(&self, fault: Fault) -> XfrError {
        self.envelope.error(fault, self.serial())
    }

    /// Takes a message.
    fn take(
        &mut self,
        message: &Message<'_>,
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let first = matches!(self.state, State::Waiting);
        self.envelope.begin_message();
        self.envelope.check_message(message, first)?;
        let mut answers = message.section(Section::Answer);
        while let Some(record) = answers.next() {
            if self.record(record, each)? == Progress::Done {
                return match answers.count() {
                    0 => Ok(Progress::Done),
                    records => Err(Fault::RecordsAfterEnd { records }),
                };
            }
        }
        Ok(if first { self.after_first() } else { Progress::More })
    }

    /// RFC 1995 section 2: one who has the server's version, or a newer one, is answered by the SOA alone.
    ///
    /// A newer SOA alone is no answer: over TCP the rest may be in the next message.
    fn after_first(&mut self) -> Progress {
        let State::First(first) = &self.state else { return Progress::More };
        if !matches!(first.soa.serial.compare(self.from), SerialOrder::Equal | SerialOrder::Older) {
            return Progress::More;
        }
        self.end();
        Progress::Done
    }

    /// Takes one record of the answer section.
    fn record(
        &mut self,
        record: &RecordView<'_>,
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let progress = match &mut self.state {
            State::Waiting | State::Ended(_) | State::Failed(_) => {
                let soa = self.envelope.first_soa(record)?;
                self.state = State::First(Box::new(First { soa, message: as_message(record)? }));
                Progress::More
            }
            State::First(first) => {
                let first = first.clone();
                self.second(*first, record, each)?
            }
            State::Whole(first) => {
                self.envelope.zone_record(first, record, &mut |record| each(Change::Whole(record)))?
            }
            State::Steps(steps) => steps.record(&mut self.envelope, record, each)?,
        };
        if progress == Progress::Done {
            self.end();
        }
        Ok(progress)
    }

    /// RFC 1995 section 4: "If the first two RRs are not SOA RRs with different serials", it is the whole zone.
    fn second(
        &mut self,
        first: First,
        record: &RecordView<'_>,
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let placed = self.envelope.place(record)?;
        if placed.is_soa && Soa::read(record)?.serial != first.soa.serial {
            let mut steps = Steps::new(first.soa, self.from);
            let progress = steps.record(&mut self.envelope, record, each)?;
            self.state = State::Steps(Box::new(steps));
            return Ok(progress);
        }
        let each = &mut |record: &RecordView<'_>| each(Change::Whole(record));
        for soa in Message::parse(&first.message)?.records() {
            self.envelope.hand_out_first(soa, each)?;
        }
        let progress = self.envelope.zone_record(&first.soa, record, each)?;
        self.state = State::Whole(Box::new(first.soa));
        Ok(progress)
    }

    /// The end has come, in the form that the state shows.
    fn end(&mut self) {
        let end = match std::mem::replace(&mut self.state, State::Waiting) {
            State::First(first) => End::Alone(Box::new(first.soa)),
            State::Whole(first) => End::Whole(first),
            State::Steps(steps) => End::Steps(steps),
            other @ (State::Waiting | State::Ended(_) | State::Failed(_)) => {
                self.state = other;
                return;
            }
        };
        self.state = State::Ended(end);
    }
}

impl Steps {
    /// Before the first step.
    fn new(first: Soa, from: Serial) -> Self {
        // As if the additions up to our own version had just ended: what has to come next is its SOA, to be deleted.
        Self { first, reached: from, adding: true, sequences: 0, deleted: 0, added: 0 }
    }

    /// Takes one record of the difference.
    fn record(
        &mut self,
        envelope: &mut Envelope,
        record: &RecordView<'_>,
        each: &mut dyn FnMut(Change<'_, '_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let placed = envelope.place(record)?;
        envelope.check_in_zone(record, placed)?;
        if placed.is_soa {
            let soa = Soa::read(record)?;
            if self.is_at_end() {
                // RFC 1995 section 4: the last record is the SOA of the server's version, as the first one is.
                return self.check_goes_on(&soa).and_then(|()| self.first.check_same(&soa)).map(|()| Progress::Done);
            }
            if self.adding {
                self.check_goes_on(&soa)?;
            } else {
                self.reach(&soa)?;
            }
            self.adding = !self.adding;
        }
        if self.adding {
            envelope.hand_out(record, &mut |record| each(Change::Added(record)))?;
            self.added += 1;
        } else {
            envelope.hand_out(record, &mut |record| each(Change::Deleted(record)))?;
            self.deleted += 1;
        }
        Ok(Progress::More)
    }

    /// Whether only the last SOA may come, beside more additions.
    fn is_at_end(&self) -> bool {
        self.adding && self.reached == self.first.serial
    }

    /// RFC 1995 section 4: a step begins with the SOA of the version that it changes, which is the one just reached.
    fn check_goes_on(&self, soa: &Soa) -> Result<(), Fault> {
        if soa.serial == self.reached {
            return Ok(());
        }
        Err(Fault::SequenceGap { wanted: self.reached, found: soa.serial })
    }

    /// RFC 1995 section 4: the additions begin with the SOA of a newer version, at most that of the first SOA.
    fn reach(&mut self, soa: &Soa) -> Result<(), Fault> {
        if soa.serial.compare(self.reached) != SerialOrder::Newer {
            return Err(Fault::SequenceBackwards { from: self.reached, to: soa.serial });
        }
        match soa.serial.compare(self.first.serial) {
            SerialOrder::Older => {}
            SerialOrder::Equal => self.first.check_same(soa)?,
            SerialOrder::Newer | SerialOrder::Undefined => {
                return Err(Fault::SequenceBeyond { to: soa.serial, last: self.first.serial });
            }
        }
        self.reached = soa.serial;
        self.sequences += 1;
        Ok(())
    }
}

impl End {
    /// The outcome, for one who has version `from`.
    fn outcome(self, envelope: &Envelope, from: Serial) -> Outcome {
        let (messages, octets) = (envelope.messages, envelope.octets);
        match self {
            Self::Alone(soa) if soa.serial == from => Outcome::UpToDate { soa: soa.octets },
            Self::Alone(soa) => Outcome::Behind { serial: soa.serial, soa: soa.octets },
            Self::Whole(soa) => {
                let (records, notes) = (envelope.records, envelope.zone_notes());
                Outcome::Whole(Completed { serial: soa.serial, soa: soa.octets, messages, octets, records, notes })
            }
            Self::Steps(steps) => {
                let Steps { first, sequences, deleted, added, .. } = *steps;
                let notes = envelope.message_notes();
                let (to, soa) = (first.serial, first.octets);
                Outcome::Delta(Changed { from, to, soa, sequences, deleted, added, messages, octets, notes })
            }
        }
    }
}

/// The record as the one answer of a message without a question, its TTL as it was sent.
fn as_message(record: &RecordView<'_>) -> Result<Vec<u8>, WireError> {
    let mut message = vec![0; Header::LENGTH];
    if let Some(count) = message.get_mut(7) {
        *count = 1;
    }
    write_record(record, Form::Bitwise, &mut message)?;
    let ttl = Header::LENGTH + record.owner()?.as_octets().len() + 4;
    if let Some(place) = message.get_mut(ttl..ttl + 4) {
        place.copy_from_slice(&record.ttl().to_be_bytes());
    }
    Ok(message)
}
