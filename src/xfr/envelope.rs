//! What holds for every message and record of a transfer, full or incremental: header, question, sections, limits.
//!
//! Which record may follow which is not decided here: that is `axfr` and `ixfr`.

use super::soa::Soa;
use super::tally::Tally;
use super::{Fault, Limits, Notes, Progress, Refusal, XfrError};
use crate::serial::Serial;
use crate::wire::{CLASS_IN, Message, Opcode, Rcode, RecordView, Rtype, Section, WireError, WireName, is_at_or_below};

/// Where records go: to the one who asked for the transfer.
pub(super) trait Sink: FnMut(&RecordView<'_>) -> Result<(), WireError> {}

impl<S: FnMut(&RecordView<'_>) -> Result<(), WireError> + ?Sized> Sink for S {}

/// One transfer, seen from outside: its query, its limits, and what has been counted.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The zone that was asked for, in lower case.
    zone: WireName,
    /// The ID of the query.
    id: u16,
    /// The type of the query.
    rtype: Rtype,
    /// How much is taken.
    limits: Limits,
    /// Messages so far.
    pub(super) messages: u64,
    /// Their octets.
    pub(super) octets: u64,
    /// Messages without a record.
    empty: u64,
    /// Records handed out.
    pub(super) records: u64,
    /// Records by owner and `RRset`.
    tally: Tally,
    /// The owner of the last record, and what it is in the zone.
    owner: Owner,
    /// What is odd and yet no error.
    notes: Notes,
}

/// An owner, and what it is in the zone.
#[derive(Debug)]
struct Owner {
    /// Its name, in lower case; empty before the first.
    name: Vec<u8>,
    /// Where it is in the message at hand: what has the same place has the same owner, so that it is not read again.
    place: Option<usize>,
    /// Whether it is in the zone.
    in_zone: bool,
    /// Whether it is the apex.
    is_apex: bool,
}

/// What a record is that may stand in a transfer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    /// Whether its owner is the apex.
    is_apex: bool,
    /// Whether it is a SOA at the apex.
    pub(super) is_soa: bool,
}

impl Envelope {
    /// For the answer to the query with this ID and type for this zone.
    pub(super) fn new(zone: WireName, id: u16, rtype: Rtype, limits: Limits) -> Self {
        Self {
            zone: zone.to_lowercase(),
            id,
            rtype,
            limits,
            messages: 0,
            octets: 0,
            empty: 0,
            records: 0,
            tally: Tally::new(),
            owner: Owner { name: Vec::new(), place: None, in_zone: false, is_apex: false },
            notes: Notes { no_apex_ns: true, ..Notes::default() },
        }
    }

    /// The fault with the point that was reached.
    pub(super) fn error(&self, fault: Fault, serial: Option<Serial>) -> XfrError {
        XfrError { fault, serial, messages: self.messages, records: self.records }
    }

    /// What is odd about a transfer of a whole zone.
    pub(super) fn zone_notes(&self) -> Notes {
        Notes { empty_messages: self.empty, soa_only: self.records == 1, ..self.notes }
    }

    /// What is odd about messages that hold no whole zone.
    pub(super) fn message_notes(&self) -> Notes {
        Notes { empty_messages: self.empty, no_apex_ns: false, ..self.notes }
    }
}

/// # Messages
impl Envelope {
    /// Where an owner was in the message before says nothing of this one.
    pub(super) fn begin_message(&mut self) {
        self.owner.place = None;
    }

    /// Counts a message and checks all of it but the records of the answer section; `first` if it begins the answer.
    pub(super) fn check_message(&mut self, message: &Message<'_>, first: bool) -> Result<(), Fault> {
        self.count(message)?;
        self.check_frame(message, first)?;
        let header = message.header();
        // RFC 5936 section 2.2.1: AA and TC are not to be relied on, RA, Z, AD and CD mean nothing here.
        self.notes.not_authoritative += u64::from(!header.is_authoritative());
        self.notes.truncated += u64::from(header.is_truncated());
        // What is no data is an error there, so that the header counts what there is.
        let [_, answers, ..] = header.counts;
        if answers > 0 {
            return Ok(());
        }
        // RFC 9103 section 7.9.1: empty messages are padding; but the first message has the SOA.
        if first {
            return Err(Fault::EmptyFirstMessage);
        }
        self.empty += 1;
        if self.empty > self.limits.empty_messages {
            return Err(Fault::TooManyEmpty { limit: self.limits.empty_messages });
        }
        Ok(())
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
    pub(super) fn check_frame(&self, message: &Message<'_>, first: bool) -> Result<(), Fault> {
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
        // Before the question: RFC 5936 section 2.2.2 wants it in an error as well, but the code says more.
        if message.rcode() != Rcode::NOERROR {
            return Err(Fault::Refused(Box::new(Refusal::read(message, !first))));
        }
        self.check_question(message, first)?;
        if first && is_not_offered(message, &self.zone) {
            return Err(Fault::NotOffered);
        }
        let outside = |record: &&RecordView<'_>| record.section() != Section::Answer && !is_sig0(record);
        if let Some(record) = message.records().iter().find(outside) {
            return Err(Fault::OutsideAnswer { owner: Box::new(record.owner()?), rtype: record.rtype() });
        }
        Ok(())
    }

    /// RFC 5936 section 2.2.2: the question of the query once in the first message, and once or not at all in later ones.
    fn check_question(&self, message: &Message<'_>, first: bool) -> Result<(), Fault> {
        let [found, ..] = message.header().counts;
        match message.question() {
            _ if found > 1 => Err(Fault::QuestionCount { found }),
            None if first => Err(Fault::QuestionCount { found }),
            None => Ok(()),
            Some(asked) if asked.name == self.zone && asked.rtype == self.rtype && asked.class == CLASS_IN => Ok(()),
            Some(asked) => {
                Err(Fault::WrongQuestion { name: Box::new(asked.name), rtype: asked.rtype, class: asked.class })
            }
        }
    }
}

/// # Records
impl Envelope {
    /// What the record is in the zone; an error if it can be in none, or is a SOA below the apex.
    pub(super) fn place(&mut self, record: &RecordView<'_>) -> Result<Placed, Fault> {
        self.look_at_owner(record)?;
        let rtype = record.rtype();
        if record.class() != CLASS_IN {
            return Err(Fault::WrongClass { owner: Box::new(record.owner()?), rtype, class: record.class() });
        }
        let is_apex = self.owner.is_apex;
        Ok(Placed { is_apex, is_soa: is_apex && rtype == Rtype::SOA })
    }

    /// Looks at the owner of a record, if it is another one than before.
    #[inline]
    fn look_at_owner(&mut self, record: &RecordView<'_>) -> Result<(), Fault> {
        if self.owner.place == Some(record.owner_place()) { Ok(()) } else { self.read_owner(record) }
    }

    /// Whether a record whose owner was looked at is one of which nothing has to be said: nearly all are.
    #[inline]
    fn is_plain(&self, record: &RecordView<'_>) -> bool {
        let (rtype, owner) = (record.rtype(), &self.owner);
        owner.in_zone && !owner.is_apex && record.class() == CLASS_IN && rtype != Rtype::SOA
    }

    /// Looks at the owner of a record.
    fn read_owner(&mut self, record: &RecordView<'_>) -> Result<(), Fault> {
        let mut room = WireName::ROOT;
        let (owner, zone) = (record.folded_owner(&mut room)?, self.zone.as_octets());
        self.owner.place = Some(record.owner_place());
        if owner != self.owner.name {
            self.owner.name.clear();
            self.owner.name.extend_from_slice(owner);
            self.tally.owner(owner);
            (self.owner.in_zone, self.owner.is_apex) = (is_at_or_below(owner, zone), owner == zone);
        }
        Ok(())
    }

    /// The record as the first one of an answer: only the SOA of the zone can be that.
    pub(super) fn first_soa(&mut self, record: &RecordView<'_>) -> Result<Soa, Fault> {
        let placed = self.place(record)?;
        if !placed.is_soa {
            return Err(Fault::FirstNotSoa { owner: Box::new(record.owner()?), rtype: record.rtype() });
        }
        Ok(Soa::read(record)?)
    }

    /// RFC 5936 section 3, CVE-2021-25214: a record after the first SOA is in the zone, and no SOA is below its apex.
    pub(super) fn check_in_zone(&self, record: &RecordView<'_>, placed: Placed) -> Result<(), Fault> {
        if record.rtype() == Rtype::SOA && !placed.is_apex {
            return Err(Fault::SoaBelowApex { owner: Box::new(record.owner()?) });
        }
        if !self.owner.in_zone {
            return Err(Fault::OutOfZone { owner: Box::new(record.owner()?), rtype: record.rtype() });
        }
        Ok(())
    }

    /// Whether it is a record of the zone, and no SOA.
    pub(super) fn is_more_of_zone(&self, record: &RecordView<'_>) -> bool {
        let in_zone = record.owner().is_ok_and(|owner| owner.is_at_or_below(&self.zone));
        in_zone && record.class() == CLASS_IN && record.rtype() != Rtype::SOA
    }

    /// Takes one record of a whole zone that began with the SOA `first`.
    #[inline]
    pub(super) fn zone_record(
        &mut self,
        first: &Soa,
        record: &RecordView<'_>,
        each: &mut (impl Sink + ?Sized),
    ) -> Result<Progress, Fault> {
        self.look_at_owner(record)?;
        if !self.is_plain(record) && self.look_closer(first, record)? == Progress::Done {
            return Ok(Progress::Done);
        }
        self.tally.add(record.rtype(), &self.limits)?;
        self.hand_out(record, each)?;
        Ok(Progress::More)
    }

    /// Says whether the record is the SOA that ends the zone.
    fn look_closer(&mut self, first: &Soa, record: &RecordView<'_>) -> Result<Progress, Fault> {
        let placed = self.place(record)?;
        self.check_in_zone(record, placed)?;
        if placed.is_soa {
            first.check_last(&Soa::read(record)?, self.records)?;
            return Ok(Progress::Done);
        }
        if placed.is_apex {
            self.notes.no_apex_ns &= record.rtype() != Rtype::NS;
            self.notes.apex_cname |= record.rtype() == Rtype::CNAME;
        }
        Ok(Progress::More)
    }

    /// Hands out the SOA with which a whole zone begins.
    pub(super) fn hand_out_first(
        &mut self,
        record: &RecordView<'_>,
        each: &mut (impl Sink + ?Sized),
    ) -> Result<(), Fault> {
        self.read_owner(record)?;
        self.owner.place = None;
        self.tally.add(Rtype::SOA, &self.limits)?;
        self.hand_out(record, each)
    }

    /// Counts a record and hands it out.
    ///
    /// Records of a difference are not counted by owner: one may come there as often as the zone has changed.
    #[inline]
    pub(super) fn hand_out(&mut self, record: &RecordView<'_>, each: &mut (impl Sink + ?Sized)) -> Result<(), Fault> {
        if self.records >= self.limits.records {
            return Err(Fault::TooManyRecords { limit: self.limits.records });
        }
        self.notes.ttl_top_bit += u64::from(record.ttl() > 0x7FFF_FFFF);
        self.records += 1;
        each(record)?;
        Ok(())
    }
}

/// NOERROR without an answer and with the zone's SOA as its authority: so a server answers that knows AXFR as a type like any
/// other, of which there is none at the apex. Samba's internal DNS server does.
fn is_not_offered(message: &Message<'_>, zone: &WireName) -> bool {
    let is_soa =
        |record: &RecordView<'_>| record.rtype() == Rtype::SOA && record.owner().is_ok_and(|owner| owner == *zone);
    message.section(Section::Answer).next().is_none() && message.section(Section::Authority).any(is_soa)
}

/// RFC 2931 section 4.1: a transaction signature of the older kind, which stands in the additional section; not data.
fn is_sig0(record: &RecordView<'_>) -> bool {
    const SIG: Rtype = Rtype(24);
    record.section() == Section::Additional && record.rtype() == SIG && record.rdata_octets().starts_with(&[0, 0])
}
