//! One record of a received message, as a view: nothing is copied until somebody asks.

use super::{Cursor, Rtype, Section, WireError, WireName, names};

/// A record in a message that was walked and found whole; borrowed from that message.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'m> {
    /// The whole message, since names point into it.
    pub(super) message: &'m [u8],
    /// Where the record stands.
    pub(super) section: Section,
    /// Offset of the record.
    pub(super) at: usize,
    /// Offset of the owner's first label, which may stand in an earlier name.
    pub(super) owner_at: usize,
    /// The type.
    pub(super) rtype: Rtype,
    /// The class; for OPT the sender's UDP payload size.
    pub(super) class: u16,
    /// The TTL as sent.
    pub(super) ttl: u32,
    /// Offset of the RDATA.
    pub(super) rdata_at: usize,
    /// RDLENGTH.
    pub(super) rdata_len: u16,
    /// Its names.
    pub(super) names: ExpandedNames<'m>,
}

/// Names of a record as they were expanded when it was walked; empty where they were not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExpandedNames<'n> {
    /// The owner.
    pub(crate) owner: ExpandedName<'n>,
    /// The name with which the RDATA ends, if it may be compressed and there is no other.
    pub(crate) last: ExpandedName<'n>,
}

/// A name in lower case, and what follows it: copying more than the name costs less than copying just that.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExpandedName<'n> {
    /// The octets.
    octets: &'n [u8],
    /// How many of them are the name; none if there is none.
    length: usize,
}

impl<'n> ExpandedName<'n> {
    /// The first so many of these octets.
    #[inline]
    pub(super) fn new(octets: &'n [u8], length: usize) -> Self {
        Self { octets, length }
    }

    /// How long it is.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// Its octets.
    #[inline]
    pub(crate) fn as_octets(self) -> &'n [u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }

    /// Copies it to the start of `out`; `None` if there is no room.
    #[inline]
    pub(crate) fn copy_to(self, out: &mut [u8]) -> Option<()> {
        names::copy(self.octets, self.length, out)
    }
}

impl<'m> RecordView<'m> {
    /// The owner, decompressed, case as received.
    pub fn owner(&self) -> Result<WireName, WireError> {
        Cursor::between(self.message, self.owner_at, self.message.len()).name()
    }

    /// Appends the owner to `out`, decompressed, case as received; after an error a part of it may be there.
    pub(crate) fn expand_owner(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        Cursor::between(self.message, self.owner_at, self.message.len()).expand_name(out)
    }

    /// The owner, expanded, in lower case; `room` is for the one that has to be read first.
    #[inline]
    pub(crate) fn folded_owner<'a>(&'a self, room: &'a mut WireName) -> Result<&'a [u8], WireError> {
        if self.names.owner.is_empty() {
            *room = self.owner()?.to_lowercase();
            return Ok(room.as_octets());
        }
        Ok(self.names.owner.as_octets())
    }

    /// The same record of the same message, less its names.
    pub(super) fn without_names<'a>(&self, message: &'a [u8]) -> RecordView<'a> {
        RecordView { message, names: ExpandedNames::default(), ..*self }
    }

    /// Its names, if they were expanded when it was walked.
    #[inline]
    pub(crate) fn names(&self) -> ExpandedNames<'m> {
        self.names
    }

    /// Copies so many octets of the RDATA as sent to the start of `out`; `None` if there is no room.
    #[inline]
    pub(crate) fn copy_rdata(&self, octets: usize, out: &mut [u8]) -> Option<()> {
        names::copy(self.message.get(self.rdata_at..)?, octets, out)
    }

    /// Where in its message the owner is: records of one message with the same place have the same owner.
    #[inline]
    pub(crate) fn owner_place(&self) -> usize {
        self.owner_at
    }

    /// The type.
    #[inline]
    pub fn rtype(&self) -> Rtype {
        self.rtype
    }

    /// The class.
    #[inline]
    pub fn class(&self) -> u16 {
        self.class
    }

    /// The TTL in seconds, exactly as sent; see `canonical` for the rule of its top bit.
    #[inline]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The section in which the record stands.
    pub fn section(&self) -> Section {
        self.section
    }

    /// The RDATA as sent: names in it may be compressed and then mean nothing outside the message.
    pub fn rdata_octets(&self) -> &'m [u8] {
        self.rdata().take_rest()
    }

    /// RDLENGTH.
    #[inline]
    pub(crate) fn rdata_len(&self) -> usize {
        usize::from(self.rdata_len)
    }

    /// A cursor over the RDATA that can follow its compressed names.
    pub fn rdata(&self) -> Cursor<'m> {
        Cursor::between(self.message, self.rdata_at, self.rdata_at.saturating_add(usize::from(self.rdata_len)))
    }

    /// Offset of the record's first octet in the message.
    pub fn position(&self) -> usize {
        self.at
    }
}
