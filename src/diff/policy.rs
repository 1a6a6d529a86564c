//! What is not a difference: each exception has a name, and every use of it is counted.
//!
//! A policy leaves out types, the TTL, fields of the SOA or the changing fields of RRSIG. It never leaves out a single
//! owner or record, and none of the presets touches SOA as a whole, NS or DS.

use super::classify::SoaFields;
use crate::canonical::{CanonicalRecord, Form};
use crate::present;
use crate::probe::Leftover;
use crate::wire::{Cursor, Rtype, WireError};
use std::fmt;

/// The types that a signer makes and keeps up by itself (RFC 4034, RFC 5155, RFC 7344, RFC 8976).
///
/// DS is not among them: it is the parent's own data, and so are NS and SOA.
pub const SIGNER_MADE: [Rtype; 8] = [
    Rtype::RRSIG,
    Rtype::NSEC,
    Rtype::DNSKEY,
    Rtype::NSEC3,
    Rtype::NSEC3PARAM,
    Rtype::CDS,
    Rtype::CDNSKEY,
    Rtype::ZONEMD,
];

/// What the comparison leaves out, and in which form records are compared.
///
/// The default is [`exact`](Self::exact).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an exception that can be made by itself")]
pub struct DiffPolicy {
    /// How owners and names in RDATA are compared.
    form: Form,
    /// Whether the types of [`SIGNER_MADE`] are left out.
    signer_made_left_out: bool,
    /// Further types that are left out.
    types_left_out: Vec<Rtype>,
    /// Whether TTLs are left out.
    ttl_left_out: bool,
    /// Fields of the SOA that are left out.
    soa_left_out: SoaFields,
    /// Whether signature, inception and expiration of RRSIG are left out.
    signatures_left_out: bool,
    /// Whether the probes of runs of this program count.
    probes_count: bool,
}

/// # Presets
impl DiffPolicy {
    /// Everything counts, but for the probes of runs of this program, which are counted apart: see
    /// [`count_probes`](Self::count_probes).
    pub const fn exact() -> Self {
        Self {
            form: Form::Canonical,
            signer_made_left_out: false,
            types_left_out: Vec::new(),
            ttl_left_out: false,
            soa_left_out: SoaFields::NONE,
            signatures_left_out: false,
            probes_count: false,
        }
    }

    /// For a zone that is signed on one side only: leaves out the types of [`SIGNER_MADE`], by name.
    pub const fn unsigned() -> Self {
        Self::exact().leave_out_signer_made()
    }

    /// For servers that are all primaries, such as Active Directory's: leaves out the serial and the MNAME of the SOA.
    pub const fn multi_primary() -> Self {
        Self::exact().leave_out_soa(SoaFields::SERIAL.with(SoaFields::MNAME))
    }

    /// For a zone that is signed again between two transfers: what is signed by which key counts, the signatures do not.
    pub const fn resigned() -> Self {
        Self::exact().leave_out_signatures()
    }
}

/// # Options
impl DiffPolicy {
    /// How records are compared. Default: [`Form::Canonical`]. With [`Form::Bitwise`] case counts in every name.
    ///
    /// Whoever hands records to the differ writes them in this form; see [`record_form`](Self::record_form).
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// Leaves out TTLs. `RRsets` whose TTL differs are counted.
    #[must_use]
    pub const fn ignore_ttl(mut self) -> Self {
        self.ttl_left_out = true;
        self
    }

    /// Leaves out the types of [`SIGNER_MADE`]. Their records are counted, each type by its name.
    #[must_use]
    pub const fn leave_out_signer_made(mut self) -> Self {
        self.signer_made_left_out = true;
        self
    }

    /// Leaves out these fields of every SOA. Fields that differ are counted, each by its name.
    #[must_use]
    pub const fn leave_out_soa(mut self, fields: SoaFields) -> Self {
        self.soa_left_out = self.soa_left_out.with(fields);
        self
    }

    /// Leaves out the serial of the SOA: short for [`leave_out_soa`](Self::leave_out_soa).
    #[must_use]
    pub const fn ignore_serial(self) -> Self {
        self.leave_out_soa(SoaFields::SERIAL)
    }

    /// Leaves out signature, inception and expiration of RRSIG. Signatures that differ are counted.
    #[must_use]
    pub const fn leave_out_signatures(mut self) -> Self {
        self.signatures_left_out = true;
        self
    }

    /// Probes of this program's own runs count as any record. Default: they are left out, recognised by their exact format
    /// in owner and data, and counted. Another run may be under way; what it plants comes and goes, and is its own to remove.
    ///
    /// What a signer makes for such a probe (RRSIG, and NSEC records whose next names change) counts in any case.
    #[must_use]
    pub const fn count_probes(mut self) -> Self {
        self.probes_count = true;
        self
    }

    /// Leaves out all records of these types. They are counted, each type by its name.
    #[must_use]
    pub fn leave_out_types(mut self, types: impl IntoIterator<Item = Rtype>) -> Self {
        self.types_left_out.extend(types);
        self.types_left_out.sort_unstable();
        self.types_left_out.dedup();
        self
    }
}

/// # Answers
impl DiffPolicy {
    /// The form in which records are to be written before they are compared.
    pub const fn record_form(&self) -> Form {
        self.form
    }

    /// All exceptions of this policy by name, used or not.
    pub fn filters(&self) -> Vec<Filter> {
        let signer_made = SIGNER_MADE.into_iter().filter(|_| self.signer_made_left_out);
        let mut filters: Vec<Filter> =
            signer_made.chain(self.types_left_out.iter().copied()).map(Filter::Type).collect();
        filters.extend(self.soa_left_out.iter().map(Filter::SoaField));
        filters.extend(self.ttl_left_out.then_some(Filter::Ttl));
        filters.extend(self.signatures_left_out.then_some(Filter::Signature));
        filters.extend((!self.probes_count).then_some(Filter::Probe));
        filters.sort_unstable();
        filters.dedup();
        filters
    }

    /// Whether all records of the type are left out.
    pub fn leaves_out_type(&self, rtype: Rtype) -> bool {
        (self.signer_made_left_out && SIGNER_MADE.contains(&rtype)) || self.types_left_out.contains(&rtype)
    }

    /// Whether the record is a probe, of whatever run, and left out for that.
    pub(super) fn leaves_out_probe(&self, record: &CanonicalRecord<'_>) -> bool {
        !self.probes_count && Leftover::may_own(record.owner()) && is_probe(record)
    }

    /// Whether TTLs are left out.
    pub const fn leaves_out_ttl(&self) -> bool {
        self.ttl_left_out
    }

    /// The fields of the SOA that are left out.
    pub const fn soa_fields_left_out(&self) -> SoaFields {
        self.soa_left_out
    }

    /// Whether signature, inception and expiration of RRSIG are left out.
    pub const fn leaves_out_signatures(&self) -> bool {
        self.signatures_left_out
    }

    /// Whether records of the type are compared on a part of their RDATA.
    pub(super) fn masks(&self, rtype: Rtype) -> bool {
        match rtype {
            Rtype::SOA => self.soa_left_out != SoaFields::NONE,
            Rtype::RRSIG => self.signatures_left_out,
            _ => false,
        }
    }

    /// Appends the RDATA with what is left out blanked; RDATA that is not of its type's grammar is kept whole.
    ///
    /// What is blanked keeps its grammar, so it can be the same as no malformed RDATA.
    pub(super) fn write_masked(&self, rtype: Rtype, rdata: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        let masked = match rtype {
            Rtype::SOA => self.write_masked_soa(rdata, out),
            Rtype::RRSIG => write_masked_rrsig(rdata, out),
            _ => None,
        };
        if masked.is_none() {
            out.truncate(start);
            out.extend_from_slice(rdata);
        }
    }

    /// The SOA with the fields that are left out as root or zero.
    fn write_masked_soa(&self, rdata: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let soa = Soa::read(rdata).ok()?;
        for (field, octets) in soa.fields() {
            if !self.soa_left_out.contains(field) {
                out.extend_from_slice(octets);
            } else if field == SoaFields::MNAME || field == SoaFields::RNAME {
                out.push(0);
            } else {
                out.extend_from_slice(&[0; 4]);
            }
        }
        Some(())
    }
}

/// RFC 4034 section 3.1: type covered, algorithm, labels, original TTL; then the times; then key tag, signer, signature.
fn write_masked_rrsig(rdata: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut cursor = Cursor::new(rdata);
    out.extend_from_slice(cursor.take(8).ok()?);
    cursor.take(8).ok()?;
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(cursor.take(2).ok()?);
    out.extend_from_slice(cursor.uncompressed_name().ok()?.as_octets());
    Some(())
}

/// The RDATA of an SOA, field by field (RFC 1035 section 3.3.13).
#[derive(Debug, Clone, Copy)]
pub(super) struct Soa<'r> {
    /// MNAME, RNAME, SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM as octets.
    fields: [&'r [u8]; 7],
}

impl<'r> Soa<'r> {
    /// Takes the RDATA apart; it must end with MINIMUM.
    pub(super) fn read(rdata: &'r [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::new(rdata);
        let mname_len = cursor.uncompressed_name()?.as_octets().len();
        let rname_len = cursor.uncompressed_name()?.as_octets().len();
        let mut cursor = Cursor::new(rdata);
        let (mname, rname) = (cursor.take(mname_len)?, cursor.take(rname_len)?);
        let mut number = || cursor.take(4);
        let fields = [mname, rname, number()?, number()?, number()?, number()?, number()?];
        match cursor.remaining() {
            0 => Ok(Self { fields }),
            _ => Err(cursor.error(crate::wire::WireErrorKind::RdataLength)),
        }
    }

    /// The fields by name, in their order.
    pub(super) fn fields(&self) -> impl Iterator<Item = (SoaFields, &'r [u8])> + use<'r> {
        SoaFields::RDATA.into_iter().zip(self.fields)
    }

    /// The fields in which the two differ; a name of a Bitwise form differs by its case too.
    pub(super) fn differing(&self, other: &Self) -> SoaFields {
        let pairs = self.fields().zip(other.fields);
        pairs.filter(|((_, a), b)| a != b).fold(SoaFields::NONE, |fields, ((field, _), _)| fields.with(field))
    }
}

/// The name of one exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Filter {
    /// All records of this type; counted are the records that the side sent, as often as it sent them.
    Type(Rtype),
    /// One field of the SOA; counted are the SOA records of the side in which it differs from the base.
    SoaField(SoaFields),
    /// The TTL; counted are the `RRsets` of the side whose TTL differs from the base.
    Ttl,
    /// Signature, inception and expiration of RRSIG; counted are the RRSIG records of the side that differ in them.
    Signature,
    /// Probes of runs of this program; counted are the records that the side sent, as often as it sent them.
    Probe,
}

/// Whether the record is a probe in every octet. Its zone is what its owner says: a probe has two labels before that.
fn is_probe(record: &CanonicalRecord<'_>) -> bool {
    let owner = record.owner_name();
    let Some(zone) = owner.parent().and_then(|parent| parent.parent()) else { return false };
    Leftover::recognise(&zone, &owner, record.rtype(), record.class(), record.rdata()).is_some()
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(rtype) => present::rtype(*rtype).fmt(f),
            Self::SoaField(field) => write!(f, "SOA {field}"),
            Self::Ttl => f.write_str("TTL"),
            Self::Signature => f.write_str("RRSIG signature and times"),
            Self::Probe => f.write_str("probes of runs of this program; `sweep` takes back those that were left"),
        }
    }
}

/// How often one exception was used on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The exception.
    pub what: Filter,
    /// The number of the side.
    pub side: usize,
    /// How often; [`Filter`] says what is counted.
    pub count: u64,
}
