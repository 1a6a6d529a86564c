//! Canonical form and order of names and records: the one place that knows RFC 4034 section 6 and RFC 6840 section 5.1.
//!
//! A record in canonical form is one run of octets, `owner | type | class | TTL | RDLENGTH | RDATA`, with every name
//! expanded. Two records are the same data exactly when those octets are the same; no text form takes part in equality.
//! It does not decide what counts as a difference: that is `diff`.

use crate::wire::{Cursor, RecordView, Rtype, WireError, WireName};
use hickory_proto::rr::Record;
use std::cmp::Ordering;

/// How names are written when a record is expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "what DNS calls equal, and what the octets are: there is no third form")]
pub enum Form {
    /// Owner, and names in the RDATA of the types of RFC 4034 section 6.2 as corrected by RFC 6840 section 5.1, in lower case.
    #[default]
    Canonical,
    /// Expanded, but every letter in the case in which it was received.
    Bitwise,
}

/// RFC 2181 section 8: a TTL with its top bit set is treated as zero.
pub const fn effective_ttl(sent: u32) -> u32 {
    if sent > 0x7FFF_FFFF { 0 } else { sent }
}

/// Appends the record to `out` in that form, with its effective TTL.
pub fn write_record(record: &RecordView<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    let owner = record.owner()?;
    let owner = if form == Form::Canonical { owner.to_lowercase() } else { owner };
    out.extend_from_slice(owner.as_octets());
    out.extend_from_slice(&record.rtype().0.to_be_bytes());
    out.extend_from_slice(&record.class().to_be_bytes());
    out.extend_from_slice(&effective_ttl(record.ttl()).to_be_bytes());
    let rdata = record.rdata_octets();
    out.extend_from_slice(&u16::try_from(rdata.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(rdata);
    Ok(())
}

/// One record in the layout of [`write_record`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CanonicalRecord<'r> {
    /// The owner, with its final zero.
    owner: &'r [u8],
    /// The type.
    rtype: Rtype,
    /// The class.
    class: u16,
    /// The effective TTL in seconds.
    ttl: u32,
    /// The RDATA.
    rdata: &'r [u8],
}

impl<'r> CanonicalRecord<'r> {
    /// From its parts, which must be in that form already: a whole owner, RDATA of at most 65,535 octets.
    pub(crate) const fn new(owner: &'r [u8], rtype: Rtype, class: u16, ttl: u32, rdata: &'r [u8]) -> Self {
        Self { owner, rtype, class, ttl, rdata }
    }

    /// Appends it to `out` in the layout of [`write_record`].
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.owner);
        out.extend_from_slice(&self.rtype.0.to_be_bytes());
        out.extend_from_slice(&self.class.to_be_bytes());
        out.extend_from_slice(&self.ttl.to_be_bytes());
        out.extend_from_slice(&u16::try_from(self.rdata.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(self.rdata);
    }

    /// Takes the first record off `octets`; returns it and what follows.
    pub fn split_first(octets: &'r [u8]) -> Result<(Self, &'r [u8]), WireError> {
        let mut cursor = Cursor::new(octets);
        let owner_len = cursor.uncompressed_name()?.as_octets().len();
        let owner = octets.get(..owner_len).unwrap_or_default();
        let (rtype, class, ttl) = (Rtype(cursor.u16()?), cursor.u16()?, cursor.u32()?);
        let length = cursor.u16()?;
        let rdata = cursor.take(usize::from(length))?;
        Ok((Self { owner, rtype, class, ttl, rdata }, cursor.take_rest()))
    }

    /// The owner's octets, with the final zero.
    pub fn owner(&self) -> &'r [u8] {
        self.owner
    }

    /// The owner as a name.
    pub fn owner_name(&self) -> WireName {
        WireName::from_octets(self.owner).unwrap_or(WireName::ROOT)
    }

    /// The type.
    pub fn rtype(&self) -> Rtype {
        self.rtype
    }

    /// The class.
    pub fn class(&self) -> u16 {
        self.class
    }

    /// The effective TTL in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The RDATA, names expanded.
    pub fn rdata(&self) -> &'r [u8] {
        self.rdata
    }

    /// As hickory's record; RDATA that hickory does not know, or reads otherwise, is kept as unknown octets.
    pub fn to_record(&self) -> Record {
        use hickory_proto::rr::{DNSClass, RData, RecordType, rdata::NULL};
        let (name, rtype) = (self.owner_name().to_name(), RecordType::from(self.rtype.0));
        let rdata = RData::Unknown { code: rtype, rdata: NULL::with(self.rdata.to_vec()) };
        let mut record = Record::from_rdata(name, self.ttl, rdata);
        record.dns_class = DNSClass::from(self.class);
        record
    }

    /// RFC 4034 section 6: by owner, then type, then RDATA as octets; the TTL last, so that the order is total.
    pub fn order(&self, other: &Self) -> Ordering {
        compare_names(self.owner, other.owner)
            .then_with(|| self.rtype.cmp(&other.rtype))
            .then_with(|| self.class.cmp(&other.class))
            .then_with(|| self.rdata.cmp(other.rdata))
            .then_with(|| self.ttl.cmp(&other.ttl))
    }
}

/// RFC 4034 section 6.1: labels from the right, as unsigned octets in lower case, the absence of one sorts first.
pub fn compare_names(a: &[u8], b: &[u8]) -> Ordering {
    let (Ok(a), Ok(b)) = (WireName::from_octets(a), WireName::from_octets(b)) else { return a.cmp(b) };
    let reversed = |name: &WireName| {
        let lower = name.to_lowercase();
        let mut labels: Vec<Vec<u8>> = lower.labels().map(<[u8]>::to_vec).collect();
        labels.reverse();
        labels
    };
    reversed(&a).cmp(&reversed(&b))
}
