//! One full transfer (RFC 5936), from its first SOA to its last.
//!
//! ```text
//!            first message,            second SOA,
//!            begins with the SOA       the same as the first
//!   Waiting ---------------> Running ------------------------> Ended
//!      |                        |
//!      +--- any other thing ----+--> Failed (all that was handed out is void)
//! ```
//! In `Ended` a further message is refused, but what is complete stays so. No state is ever left backwards.

use super::tally::Tally;
use super::{Fault, Limits, Refusal, SoaField, XfrError};
use crate::canonical::{self, Form};
use crate::serial::Serial;
use crate::wire::{CLASS_IN, Message, Opcode, Rcode, RecordView, Rtype, Section, WireError, WireName};

/// Takes the messages that answer one AXFR query, in their order, and hands out the records of the zone.
///
/// The records are handed out as they come, but **none may be believed before [`Axfr::closed`] has returned `Ok`**: a
/// transfer that breaks off, or breaks a rule, is worth nothing as a whole (RFC 5936 section 6). One input, one answer:
/// each call takes one whole message, and only a call changes what the next one says.
#[derive(Debug)]
pub struct Axfr {
    /// The zone that was asked for.
    zone: WireName,
    /// The ID of the query.
    id: u16,
    /// How much is taken.
    limits: Limits,
    /// Where in the diagram.
    state: State,
    /// Messages so far.
    messages: u64,
    /// Their octets.
    octets: u64,
    /// Messages without a record.
    empty: u64,
    /// Records handed out.
    records: u64,
    /// Records by owner and `RRset`.
    tally: Tally,
    /// What is odd and yet no error.
    notes: Notes,
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
    /// The SOA in canonical form, in the layout of [`canonical::write_record`].
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

/// The first SOA: what the last one has to equal.
#[derive(Debug, Clone)]
struct Soa {
    /// As sent.
    ttl: u32,
    /// The primary.
    mname: WireName,
    /// The mailbox.
    rname: WireName,
    /// The serial.
    serial: Serial,
    /// REFRESH, RETRY, EXPIRE, MINIMUM.
    timers: [u32; 4],
    /// In canonical form.
    octets: Vec<u8>,
}

impl Axfr {
    /// For the answer to the query with this ID for this zone.
    pub fn new(zone: WireName, id: u16, limits: Limits) -> Self {
        Self {
            zone,
            id,
            limits,
            state: State::Waiting,
            messages: 0,
            octets: 0,
            empty: 0,
            records: 0,
            tally: Tally::new(),
            notes: Notes { no_apex_ns: true, ..Notes::default() },
        }
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
        let taken =
            self.count(message).and_then(|()| self.check_frame(message)).and_then(|()| self.take(message, each));
        taken.map_err(|fault| self.fail(fault))
    }

    /// Whether another message may come.
    pub(super) fn is_open(&self) -> Result<(), XfrError> {
        match &self.state {
            State::Failed(error) => Err((**error).clone()),
            State::Ended(_) => Err(self.error(Fault::MessageAfterEnd)),
            State::Waiting | State::Running(_) => Ok(()),
        }
    }

    /// Counts a message that never became one of the transfer (unreadable, badly signed), and voids the transfer.
    pub(super) fn reject(&mut self, fault: Fault) -> XfrError {
        self.messages += 1;
        self.fail(fault)
    }

    /// Voids the transfer.
    fn fail(&mut self, fault: Fault) -> XfrError {
        let error = self.error(fault);
        self.state = State::Failed(Box::new(error.clone()));
        error
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
                    messages: self.messages,
                    octets: self.octets,
                    records: self.records,
                    notes: Notes { empty_messages: self.empty, soa_only: self.records == 1, ..self.notes },
                });
            }
            State::Waiting => Fault::ClosedAtOnce,
            State::Running(_) if self.records == 1 => Fault::SingleSoa,
            State::Running(_) => Fault::ClosedEarly,
        };
        Err(self.error(fault))
    }

    /// The fault with the point that was reached.
    fn error(&self, fault: Fault) -> XfrError {
        XfrError { fault, serial: self.serial(), messages: self.messages, records: self.records }
    }

    /// Counts the message against the limits.
    fn count(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        self.messages += 1;
        self.octets = self.octets.saturating_add(message.octets().len() as u64);
        if self.messages > self.limits.messages {
            return Err(Fault::TooManyMessages { limit: self.limits.messages });
        }
        if self.octets > self.limits.octets {
            return Err(Fault::TooManyOctets { limit: self.limits.octets });
        }
        Ok(())
    }

    /// Checks all that is not a record of the answer section.
    fn check_frame(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let header = message.header();
        if !header.is_response() {
            return Err(Fault::NotAResponse);
        }
        if header.id != self.id {
            return Err(Fault::WrongId { wanted: self.id, found: header.id });
        }
        if header.opcode() != Opcode::QUERY {
            return Err(Fault::WrongOpcode(header.opcode()));
        }
        let first = matches!(self.state, State::Waiting);
        // Before the question: RFC 5936 section 2.2.2 wants it in an error as well, but the code says more.
        if message.rcode() != Rcode::NOERROR {
            return Err(Fault::Refused(Box::new(Refusal::read(message, !first))));
        }
        self.check_question(message, first)?;
        let outside = |record: &&RecordView<'_>| record.section() != Section::Answer && !is_sig0(record);
        if let Some(record) = message.records().iter().find(outside) {
            return Err(Fault::OutsideAnswer { owner: Box::new(record.owner()?), rtype: record.rtype() });
        }
        // RFC 5936 section 2.2.1: AA and TC are not to be relied on, RA, Z, AD and CD mean nothing here.
        self.notes.not_authoritative += u64::from(!header.is_authoritative());
        self.notes.truncated += u64::from(header.is_truncated());
        Ok(())
    }

    /// RFC 5936 section 2.2.2: the question of the query once in the first message, and once or not at all in later ones.
    fn check_question(&self, message: &Message<'_>, first: bool) -> Result<(), Fault> {
        let [found, ..] = message.header().counts;
        match message.question() {
            _ if found > 1 => Err(Fault::QuestionCount { found }),
            None if first => Err(Fault::QuestionCount { found }),
            None => Ok(()),
            Some(asked) if asked.name == self.zone && asked.rtype == Rtype::AXFR && asked.class == CLASS_IN => Ok(()),
            Some(asked) => {
                Err(Fault::WrongQuestion { name: Box::new(asked.name), rtype: asked.rtype, class: asked.class })
            }
        }
    }

    /// Takes the records of the answer section.
    fn take(
        &mut self,
        message: &Message<'_>,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let mut answers = message.section(Section::Answer).peekable();
        if answers.peek().is_none() {
            // RFC 9103 section 7.9.1: empty messages are padding; but the first message has the SOA.
            if matches!(self.state, State::Waiting) {
                return Err(Fault::EmptyFirstMessage);
            }
            self.empty += 1;
            if self.empty > self.limits.empty_messages {
                return Err(Fault::TooManyEmpty { limit: self.limits.empty_messages });
            }
        }
        while let Some(record) = answers.next() {
            if self.record(record, each)? == Progress::Done {
                return match answers.count() {
                    0 => Ok(Progress::Done),
                    records => Err(Fault::RecordsAfterEnd { records }),
                };
            }
        }
        Ok(Progress::More)
    }

    /// Takes one record of the answer section.
    fn record(
        &mut self,
        record: &RecordView<'_>,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        let (owner, rtype) = (record.owner()?, record.rtype());
        if rtype.is_meta() {
            return Err(Fault::MetaType(rtype));
        }
        if record.class() != CLASS_IN {
            return Err(Fault::WrongClass { owner: Box::new(owner), rtype, class: record.class() });
        }
        let is_apex = owner == self.zone;
        let first = match &self.state {
            State::Running(first) => first,
            _ if rtype == Rtype::SOA && is_apex => {
                self.state = State::Running(Box::new(Soa::read(record)?));
                return self.hand_out(record, &owner, each);
            }
            _ => return Err(Fault::FirstNotSoa { owner: Box::new(owner), rtype }),
        };
        if rtype == Rtype::SOA {
            if !is_apex {
                return Err(Fault::SoaBelowApex { owner: Box::new(owner) });
            }
            first.check_last(&Soa::read(record)?, self.records)?;
            let first = first.clone();
            self.state = State::Ended(first);
            return Ok(Progress::Done);
        }
        if !owner.is_at_or_below(&self.zone) {
            return Err(Fault::OutOfZone { owner: Box::new(owner), rtype });
        }
        if is_apex {
            self.notes.no_apex_ns &= rtype != Rtype::NS;
            self.notes.apex_cname |= rtype == Rtype::CNAME;
        }
        self.hand_out(record, &owner, each)
    }

    /// Counts a record of the zone and hands it out.
    fn hand_out(
        &mut self,
        record: &RecordView<'_>,
        owner: &WireName,
        each: &mut dyn FnMut(&RecordView<'_>) -> Result<(), WireError>,
    ) -> Result<Progress, Fault> {
        if self.records >= self.limits.records {
            return Err(Fault::TooManyRecords { limit: self.limits.records });
        }
        self.tally.add(owner, record.rtype(), &self.limits)?;
        self.notes.ttl_top_bit += u64::from(record.ttl() > 0x7FFF_FFFF);
        self.records += 1;
        each(record)?;
        Ok(Progress::More)
    }
}

/// RFC 2931 section 4.1: a transaction signature of the older kind, which stands in the additional section; not data.
fn is_sig0(record: &RecordView<'_>) -> bool {
    const SIG: Rtype = Rtype(24);
    record.section() == Section::Additional && record.rtype() == SIG && record.rdata_octets().starts_with(&[0, 0])
}

impl Soa {
    /// RFC 1035 section 3.3.13.
    fn read(record: &RecordView<'_>) -> Result<Self, WireError> {
        let mut rdata = record.rdata();
        let (mname, rname, serial) = (rdata.name()?, rdata.name()?, Serial(rdata.u32()?));
        let timers = [rdata.u32()?, rdata.u32()?, rdata.u32()?, rdata.u32()?];
        let mut octets = Vec::new();
        canonical::write_record(record, Form::Canonical, &mut octets)?;
        Ok(Self { ttl: record.ttl(), mname, rname, serial, timers, octets })
    }

    /// RFC 5936 section 2.2: the transfer ends with "the same SOA RR" with which it began; `records` came before it.
    fn check_last(&self, last: &Self, records: u64) -> Result<(), Fault> {
        use SoaField::{Expire, Minimum, Mname, Refresh, Retry, Rname, Ttl};
        if self.serial != last.serial && records == 1 {
            return Err(Fault::Incremental { second: last.serial });
        }
        if self.serial != last.serial {
            return Err(Fault::SerialMoved { first: self.serial, last: last.serial });
        }
        let timers = self.timers.iter().zip(&last.timers).map(|(own, other)| own == other);
        let equal =
            [self.ttl == last.ttl, self.mname == last.mname, self.rname == last.rname].into_iter().chain(timers);
        let fields = [Ttl, Mname, Rname, Refresh, Retry, Expire, Minimum];
        match equal.zip(fields).find(|(equal, _)| !equal) {
            Some((_, field)) => Err(Fault::SoaDiffers { serial: self.serial, field }),
            None => Ok(()),
        }
    }
}
