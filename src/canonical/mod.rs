//! Canonical form and order of names and records: the one place that knows RFC 4034 section 6 and RFC 6840 section 5.1.
//!
//! A record in canonical form is one run of octets, `owner | type | class | TTL | RDLENGTH | RDATA`, with every name
//! expanded. Two records are the same data exactly when those octets are the same; no text form takes part in equality.
//! It does not decide what counts as a difference: that is `diff`.

#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "net"), allow(dead_code, reason = "comparisons alone write whole transfers"))]
mod writer;

#[cfg(feature = "net")]
pub(crate) use self::writer::RecordWriter;

use crate::wire::{
    A6, Cursor, Field, Folding, Grammar, MAX_LABEL, MAX_NAME, NameRule, RecordView, Rtype, WireError, WireErrorKind,
    WireName, case, grammar, skip_field,
};
use hickory_proto::rr::{DNSClass, RData, Record, RecordType, rdata::NULL};
use hickory_proto::serialize::binary::{BinDecoder, BinEncodable, BinEncoder, NameEncoding, Restrict};
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

/// Appends the record to `out` in that form, with its effective TTL; after an error `out` is as it was.
///
/// RFC 4034 section 6.2: the owner and the names of certain types fully expanded and in lower case. Wildcards stay as
/// they are (point 4), and the TTL is the one received, since no signature is computed here (point 5).
///
/// # Errors
/// [`WireErrorKind::RdataTooLong`] if expansion takes the RDATA over 65,535 octets; others cannot come from a record of
/// a message that was walked.
pub fn write_record(record: &RecordView<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    let start = out.len();
    let written = write_all(record, form, out);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Octets of a record between owner and RDATA: type, class, TTL, RDLENGTH.
const HEAD: usize = 10;

/// Appends the record; after an error a part of it may be there.
fn write_all(record: &RecordView<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    write_owner(record, form, out)?;
    write_rest(record, form, out)
}

/// Appends the owner of the record in that form.
fn write_owner(record: &RecordView<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    let start = out.len();
    record.expand_owner(out)?;
    fold(form, start, out);
    Ok(())
}

/// Appends the record less its owner; after an error a part of it may be there.
fn write_rest(record: &RecordView<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    let ([t1, t2], [c1, c2]) = (record.rtype().0.to_be_bytes(), record.class().to_be_bytes());
    let [l1, l2, l3, l4] = effective_ttl(record.ttl()).to_be_bytes();
    out.extend_from_slice(&[t1, t2, c1, c2, l1, l2, l3, l4, 0, 0]);
    let length_at = out.len().saturating_sub(2);
    write_rdata(record.rtype(), record.rdata(), form, out)?;
    let length = out.len().saturating_sub(length_at + 2);
    let too_long = WireError::new(record.position(), WireErrorKind::RdataTooLong);
    let length = u16::try_from(length).map_err(|_| too_long)?;
    if let Some(place) = out.get_mut(length_at..length_at + 2) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Appends the RDATA, its names expanded and, in canonical form, folded where the table says so.
///
/// RFC 4034 section 6.2 point 3, less HINFO (it has no names) and NSEC (RFC 6840 section 5.1). RFC 3597 section 7: no
/// younger type is ever added to that list.
fn write_rdata(rtype: Rtype, mut rdata: Cursor<'_>, form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    // An UPDATE deletes RRsets by records without RDATA (RFC 2136 section 2.5.2), whatever their type.
    let folds = |grammar: &&Grammar| grammar.folding != Folding::Nothing && rdata.remaining() > 0;
    let folding = grammar(rtype).filter(folds);
    let Some(grammar) = folding else {
        out.extend_from_slice(rdata.take_rest());
        return Ok(());
    };
    for field in grammar.fields {
        match field {
            // No pointer stands in a name of the second rule: the walk has seen to that.
            Field::Name(NameRule::Compressible | NameRule::Folded) => {
                let start = out.len();
                rdata.expand_name(out)?;
                fold(form, start, out);
            }
            Field::A6 => {
                let address = A6::read(&mut rdata)?;
                out.push(address.prefix);
                out.extend_from_slice(address.suffix);
                if let Some(name) = address.name {
                    let start = out.len();
                    out.extend_from_slice(name);
                    fold(form, start, out);
                }
            }
            other => {
                let mut start = rdata.clone();
                skip_field(*other, &mut rdata)?;
                out.extend_from_slice(start.take(rdata.position().saturating_sub(start.position()))?);
            }
        }
    }
    Ok(())
}

/// Turns the name that begins there and ends the octets into that form. Length octets are below `A`.
fn fold(form: Form, start: usize, out: &mut [u8]) {
    if let Some(name) = out.get_mut(start..).filter(|_| form == Form::Canonical) {
        case::fold(name);
    }
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
        self.write_head(out);
        out.extend_from_slice(self.rdata);
    }

    /// Appends it to `out` without its owner; [`split_first_of`](Self::split_first_of) reads it back.
    pub(crate) fn write_without_owner(&self, out: &mut Vec<u8>) {
        self.write_numbers(out);
        out.extend_from_slice(self.rdata);
    }

    /// Takes the first record off `octets`, which [`write_without_owner`](Self::write_without_owner) wrote; returns it
    /// and what follows.
    pub(crate) fn split_first_of(owner: &'r [u8], octets: &'r [u8]) -> Option<(Self, &'r [u8])> {
        let ([t1, t2, c1, c2, l1, l2, l3, l4, r1, r2], rest) = octets.split_first_chunk()?;
        let (rdata, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*r1, *r2])))?;
        let (rtype, class) = (Rtype(u16::from_be_bytes([*t1, *t2])), u16::from_be_bytes([*c1, *c2]));
        Some((Self { owner, rtype, class, ttl: u32::from_be_bytes([*l1, *l2, *l3, *l4]), rdata }, rest))
    }

    /// Appends it to `out` in canonical form, whichever form it is in; after an error a part of it may be there.
    ///
    /// Its names are expanded already, so that its length stays the same.
    pub(crate) fn write_folded(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        let owner = self.owner.to_ascii_lowercase();
        CanonicalRecord { owner: &owner, ..*self }.write_head(out);
        write_rdata(self.rtype, Cursor::new(self.rdata), Form::Canonical, out)
    }

    /// Appends all that comes before the RDATA.
    fn write_head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.owner);
        self.write_numbers(out);
    }

    /// Appends type, class, TTL and RDLENGTH.
    fn write_numbers(&self, out: &mut Vec<u8>) {
        let ([t1, t2], [c1, c2]) = (self.rtype.0.to_be_bytes(), self.class.to_be_bytes());
        let [l1, l2, l3, l4] = self.ttl.to_be_bytes();
        let [r1, r2] = u16::try_from(self.rdata.len()).unwrap_or(u16::MAX).to_be_bytes();
        out.extend_from_slice(&[t1, t2, c1, c2, l1, l2, l3, l4, r1, r2]);
    }

    /// Takes the first record off `octets`; returns it and what follows.
    pub fn split_first(octets: &'r [u8]) -> Result<(Self, &'r [u8]), WireError> {
        let mut cursor = Cursor::new(octets);
        let owner = match owner_length(octets) {
            Some(length) => cursor.take(length)?,
            // The slow way finds out what is wrong.
            None => cursor.uncompressed_name().and(Err(cursor.error(WireErrorKind::UnexpectedEnd)))?,
        };
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
    #[inline]
    pub fn rtype(&self) -> Rtype {
        self.rtype
    }

    /// The class.
    #[inline]
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

    /// As hickory's record; RDATA that hickory does not know, refuses or would write in another way is kept as octets.
    pub fn to_record(&self) -> Record {
        let (name, rtype) = (self.owner_name().to_name(), RecordType::from(self.rtype.0));
        // hickory asserts that what is given is not empty; RFC 3597 section 3 allows RDATA of zero length.
        let octets = if self.rdata.is_empty() { NULL::new() } else { NULL::with(self.rdata.to_vec()) };
        let unknown = || RData::Unknown { code: rtype, rdata: octets };
        let rdata = typed(rtype, self.rdata).unwrap_or_else(unknown);
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

/// hickory's reading of RDATA, if writing it again gives the same octets.
fn typed(rtype: RecordType, octets: &[u8]) -> Option<RData> {
    let length = Restrict::new(u16::try_from(octets.len()).ok()?);
    let rdata = RData::read(&mut BinDecoder::new(octets), rtype, length).ok()?;
    let mut written = Vec::with_capacity(octets.len());
    let mut encoder = BinEncoder::new(&mut written);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    rdata.emit(&mut encoder).ok()?;
    (written == octets).then_some(rdata)
}

/// How long the uncompressed name at the start is, its final zero included.
fn owner_length(octets: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        match usize::from(*octets.get(at)?) {
            0 => return (at < MAX_NAME).then_some(at + 1),
            length if length <= MAX_LABEL => at += length + 1,
            _ => return None,
        }
    }
}

/// RFC 4034 section 6.1: labels from the right, as unsigned octets in lower case, the absence of one sorts first.
///
/// Both are whole uncompressed names. What is not, comes after every name, by its octets.
pub fn compare_names(a: &[u8], b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if let Some(decided) = compare_siblings(a, b) {
        return decided;
    }
    let (left, right) = match (LabelStarts::of(a), LabelStarts::of(b)) {
        (Some(a), Some(b)) => (a, b),
        (Some(_), None) => return Ordering::Less,
        (None, Some(_)) => return Ordering::Greater,
        (None, None) => return a.cmp(b),
    };
    let mut others = right.rightmost_first(b);
    for label in left.rightmost_first(a) {
        let Some(other) = others.next() else { return Ordering::Greater };
        match label.iter().map(u8::to_ascii_lowercase).cmp(other.iter().map(u8::to_ascii_lowercase)) {
            Ordering::Equal => {}
            decided => return decided,
        }
    }
    if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// [`compare_names`] of two whole names, less what it takes to see that they are whole.
pub(crate) fn compare_owners(a: &[u8], b: &[u8]) -> Ordering {
    if let (Some((one, parent)), Some((other, same))) = (split_first_label(a), split_first_label(b))
        && parent == same
        && case::is_folded(one)
        && case::is_folded(other)
    {
        return one.get(1..).cmp(&other.get(1..));
    }
    compare_names(a, b)
}

/// The first label, with its length octet, and the name above it.
fn split_first_label(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = name.first().map(|length| usize::from(*length)).filter(|length| (1..=MAX_LABEL).contains(length))?;
    name.split_at_checked(length + 1)
}

/// The order of two names below the same parent, which in a zone most neighbours are; `None` if they are not, or do not
/// differ in their first label.
fn compare_siblings(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let ((one, parent), (other, same)) = (split_first_label(a)?, split_first_label(b)?);
    if parent != same || a.len().max(b.len()) > MAX_NAME || owner_length(parent)? != parent.len() {
        return None;
    }
    if case::is_folded(one) && case::is_folded(other) {
        let decided = one.get(1..).cmp(&other.get(1..));
        return Some(decided).filter(|order| *order != Ordering::Equal);
    }
    let folded = |label: &[u8], at: usize| label.get(at).map(u8::to_ascii_lowercase);
    let differs = (1..one.len().max(other.len())).find(|at| folded(one, *at) != folded(other, *at))?;
    Some(folded(one, differs).cmp(&folded(other, differs)))
}

/// Where the labels of a name start, so that it can be read from the right without allocation.
struct LabelStarts {
    /// Offsets of the length octets.
    at: [u8; MAX_LABELS],
    /// How many are in use.
    count: usize,
}

impl LabelStarts {
    /// Finds them; `None` if the octets are not one whole name.
    fn of(name: &[u8]) -> Option<Self> {
        let mut starts = Self { at: [0; MAX_LABELS], count: 0 };
        let mut at = 0_u8;
        loop {
            match *name.get(usize::from(at))? {
                0 => return (usize::from(at) + 1 == name.len()).then_some(starts),
                length if usize::from(length) <= MAX_LABEL => {
                    *starts.at.get_mut(starts.count)? = at;
                    starts.count += 1;
                    at = at.checked_add(length)?.checked_add(1)?;
                }
                _ => return None,
            }
        }
    }

    /// The labels of that name from the right, without the root.
    fn rightmost_first<'n>(&self, name: &'n [u8]) -> impl Iterator<Item = &'n [u8]> {
        self.at.iter().take(self.count).rev().map(|at| {
            let (length, rest) = name.get(usize::from(*at)..).and_then(<[u8]>::split_first).unwrap_or((&0, &[]));
            rest.get(..usize::from(*length)).unwrap_or_default()
        })
    }
}

/// RFC 1035 section 2.3.4: 255 octets hold at most 127 labels and the root.
const MAX_LABELS: usize = MAX_NAME / 2;
