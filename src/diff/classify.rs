//! Why an `RRset` differs: one kind for each change, and hints at the likely cause.
//!
//! A kind or a hint never makes a difference smaller: all records are listed whatever the kind says.

use super::policy::{SIGNER_MADE, Soa};
use crate::canonical::{CanonicalRecord, Form};
use crate::wire::{Cursor, Rtype, WireName};
use std::fmt;

/// What kind of change an `RRset` went through from the base to the target; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The base has no such `RRset`.
    Added,
    /// The target has no such `RRset`.
    Removed,
    /// The same RDATA with another TTL.
    Ttl,
    /// Strict form only: the same data with letters in another case.
    CaseOnly,
    /// One SOA on each side, which differ in these fields.
    Soa(SoaFields),
    /// The same texts, cut into strings at other places.
    TxtChunking,
    /// Other RDATA with the same TTL.
    Rdata,
    /// Other RDATA with another TTL.
    RdataAndTtl,
}

impl ChangeKind {
    /// The class as one word, for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Ttl => "ttl",
            Self::CaseOnly => "case_only",
            Self::Soa(_) => "soa",
            Self::TxtChunking => "txt_chunking",
            Self::Rdata => "rdata",
            Self::RdataAndTtl => "rdata_and_ttl",
        }
    }
}

/// # As octets of a list
impl ChangeKind {
    /// Those without fields, in the order of their codes.
    const PLAIN: [Self; 7] =
        [Self::Added, Self::Removed, Self::Ttl, Self::CaseOnly, Self::TxtChunking, Self::Rdata, Self::RdataAndTtl];
    /// The code of [`Self::Soa`].
    const SOA: u8 = 255;

    /// A code, and the fields of a SOA.
    pub(super) fn code(self) -> [u8; 2] {
        let plain = (0_u8..).zip(Self::PLAIN).find(|(_, kind)| *kind == self);
        match (self, plain) {
            (Self::Soa(SoaFields(fields)), _) => [Self::SOA, fields],
            (_, plain) => [plain.map_or(Self::SOA, |(code, _)| code), 0],
        }
    }

    /// The kind of this code.
    pub(super) fn from_code([code, fields]: [u8; 2]) -> Option<Self> {
        match code {
            Self::SOA => Some(Self::Soa(SoaFields(fields))),
            code => Self::PLAIN.get(usize::from(code)).copied(),
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => f.write_str("added"),
            Self::Removed => f.write_str("removed"),
            Self::Ttl => f.write_str("TTL changed"),
            Self::CaseOnly => f.write_str("only the case of letters changed"),
            Self::Soa(fields) => write!(f, "SOA changed: {fields}"),
            Self::TxtChunking => f.write_str("only the division into strings changed"),
            Self::Rdata => f.write_str("RDATA changed"),
            Self::RdataAndTtl => f.write_str("RDATA and TTL changed"),
        }
    }
}

/// Fields of an SOA record (RFC 1035 section 3.3.13), and its TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SoaFields(u8);

impl SoaFields {
    /// No field.
    pub const NONE: Self = Self(0);
    /// The primary's name.
    pub const MNAME: Self = Self(1);
    /// The mailbox.
    pub const RNAME: Self = Self(1 << 1);
    /// The serial.
    pub const SERIAL: Self = Self(1 << 2);
    /// Seconds between two looks of a secondary.
    pub const REFRESH: Self = Self(1 << 3);
    /// Seconds until the next look after a failure.
    pub const RETRY: Self = Self(1 << 4);
    /// Seconds until a secondary that is cut off stops answering.
    pub const EXPIRE: Self = Self(1 << 5);
    /// TTL of negative answers (RFC 2308 section 4).
    pub const MINIMUM: Self = Self(1 << 6);
    /// The TTL of the record. As something to leave out it has no effect; see `DiffPolicy::ignore_ttl`.
    pub const TTL: Self = Self(1 << 7);

    /// The fields of the RDATA in their order.
    pub(super) const RDATA: [Self; 7] =
        [Self::MNAME, Self::RNAME, Self::SERIAL, Self::REFRESH, Self::RETRY, Self::EXPIRE, Self::MINIMUM];

    /// These fields and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These fields less those.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of those are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The fields one by one, in the order of the RDATA; the TTL last.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        Self::RDATA.into_iter().chain([Self::TTL]).filter(move |field| self.contains(*field))
    }

    /// The name of a single field.
    const fn name(self) -> &'static str {
        match self {
            Self::MNAME => "mname",
            Self::RNAME => "rname",
            Self::SERIAL => "serial",
            Self::REFRESH => "refresh",
            Self::RETRY => "retry",
            Self::EXPIRE => "expire",
            Self::MINIMUM => "minimum",
            _ => "ttl",
        }
    }
}

impl fmt::Display for SoaFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for field in self.iter() {
            write!(f, "{separator}{}", field.name())?;
            separator = ", ";
        }
        Ok(())
    }
}

/// A likely cause of a change, or what to know about it. Its wording is its `Display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Hint {
    /// The type is one that a signer makes.
    DnssecManaged,
    /// Texts that are the same once their strings are joined.
    SameTextJoined,
    /// Records that differ in letter case alone.
    LetterCase,
    /// A name that ends in the zone's name twice.
    DoubledSuffix,
    /// Microsoft's WINS or WINS-R.
    Wins,
    /// The SOA differs as it does between servers that are all primaries.
    OwnSoaPerServer,
    /// One side sent several TTLs.
    MixedTtl,
    /// There is a delegation or DNAME above the owner.
    BelowZoneCut,
    /// An alias on one side, addresses on the other.
    FlattenedAlias,
    /// There is a delegation or DNAME above the owner, and the type is none that glue has.
    Occluded,
}

impl Hint {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 10] = [
        Self::DnssecManaged,
        Self::SameTextJoined,
        Self::LetterCase,
        Self::DoubledSuffix,
        Self::Wins,
        Self::OwnSoaPerServer,
        Self::MixedTtl,
        Self::BelowZoneCut,
        Self::FlattenedAlias,
        Self::Occluded,
    ];

    /// As one word, for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DnssecManaged => "dnssec_managed",
            Self::SameTextJoined => "same_text_joined",
            Self::LetterCase => "letter_case",
            Self::DoubledSuffix => "doubled_suffix",
            Self::Wins => "wins",
            Self::OwnSoaPerServer => "own_soa_per_server",
            Self::MixedTtl => "mixed_ttl",
            Self::BelowZoneCut => "below_zone_cut",
            Self::FlattenedAlias => "flattened_alias",
            Self::Occluded => "occluded",
        }
    }

    /// The bit that stands for it.
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DnssecManaged => "made by a signer: one that signs by itself changes it without anyone's doing",
            Self::SameTextJoined => "the same text once its strings are joined: some providers divide it anew",
            Self::LetterCase => "only the case of letters differs, and here case counts",
            Self::DoubledSuffix => {
                "a name ends in the zone's name twice: perhaps a final dot is missing in a zone file"
            }
            Self::Wins => "a WINS look-up record of Windows: it may be kept from replication on purpose",
            Self::OwnSoaPerServer => "servers that are all primaries have an MNAME and a serial of their own",
            Self::MixedTtl => "the TTLs inside this RRset differ on one side: the lowest of them was taken",
            Self::BelowZoneCut => "below a delegation or DNAME: glue, or occluded, which some servers leave out",
            Self::Occluded => {
                "occluded: below a delegation or DNAME, so that no server answers with it, and some leave it out of transfers"
            }
            Self::FlattenedAlias => "an alias on one side and addresses on the other: perhaps an alias made flat",
        })
    }
}

/// A set of hints in two octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Hints(u16);

impl Hints {
    /// Adds the hint where the condition holds.
    pub(super) fn add_if(&mut self, condition: bool, hint: Hint) {
        if condition {
            self.0 |= hint.bit();
        }
    }

    /// Whether the hint is among them.
    pub(super) const fn contains(self, hint: Hint) -> bool {
        self.0 & hint.bit() != 0
    }

    /// As two octets of a list.
    pub(super) const fn code(self) -> u16 {
        self.0
    }

    /// From those octets.
    pub(super) const fn from_code(code: u16) -> Self {
        Self(code)
    }

    /// One by one.
    pub(super) fn iter(self) -> impl Iterator<Item = Hint> {
        Hint::ALL.into_iter().filter(move |hint| self.contains(*hint))
    }
}

/// One `RRset` as the base and one target have it, where they differ.
#[derive(Debug)]
pub(super) struct Differing<'a> {
    /// How records were written.
    pub(super) form: Form,
    /// The name of the zone, if a SOA told it.
    pub(super) apex: Option<&'a WireName>,
    /// The SOA fields that do not count.
    pub(super) soa_left_out: SoaFields,
    /// The owner.
    pub(super) owner: &'a WireName,
    /// The type.
    pub(super) rtype: Rtype,
    /// Whether the base and the target have the `RRset` at all.
    pub(super) present: (bool, bool),
    /// Whether the TTLs differ and that counts.
    pub(super) ttl_differs: bool,
    /// What is known of its surroundings.
    pub(super) known: Hints,
    /// Records whose RDATA the base alone has.
    pub(super) removed: &'a [CanonicalRecord<'a>],
    /// Records whose RDATA the target alone has.
    pub(super) added: &'a [CanonicalRecord<'a>],
}

impl Differing<'_> {
    /// The kind and the hints.
    pub(super) fn classify(&self) -> (ChangeKind, Hints) {
        let joined = match self.rtype {
            TXT | SPF => self.pair_up(joined_text),
            _ => Pairs::None,
        };
        let folded = match self.form {
            Form::Bitwise => self.pair_up(canonical_octets),
            Form::Canonical => Pairs::None,
        };
        let kind = self.kind(joined, folded);
        let mut hints = self.known;
        hints.add_if(SIGNER_MADE.contains(&self.rtype), Hint::DnssecManaged);
        hints.add_if(joined != Pairs::None, Hint::SameTextJoined);
        hints.add_if(folded != Pairs::None || self.pair_up(letters_folded) != Pairs::None, Hint::LetterCase);
        hints.add_if(self.has_doubled_suffix(), Hint::DoubledSuffix);
        hints.add_if(matches!(self.rtype, Rtype::WINS | Rtype::WINS_R), Hint::Wins);
        let per_server = |fields: SoaFields| {
            fields.contains(SoaFields::MNAME) && SoaFields::MNAME.with(SoaFields::SERIAL).contains(fields)
        };
        hints.add_if(matches!(kind, ChangeKind::Soa(fields) if per_server(fields)), Hint::OwnSoaPerServer);
        (kind, hints)
    }

    /// The first kind that applies.
    fn kind(&self, joined: Pairs, folded: Pairs) -> ChangeKind {
        match (self.present, self.removed, self.added) {
            ((false, _), ..) => ChangeKind::Added,
            ((_, false), ..) => ChangeKind::Removed,
            (_, [], []) => ChangeKind::Ttl,
            _ if folded == Pairs::All && !self.ttl_differs => ChangeKind::CaseOnly,
            (_, [a], [b]) if self.rtype == Rtype::SOA => self.soa_kind(a, b),
            _ if joined == Pairs::All && !self.ttl_differs => ChangeKind::TxtChunking,
            _ if self.ttl_differs => ChangeKind::RdataAndTtl,
            _ => ChangeKind::Rdata,
        }
    }

    /// S4: the fields that differ, by name.
    fn soa_kind(&self, a: &CanonicalRecord<'_>, b: &CanonicalRecord<'_>) -> ChangeKind {
        let fields = match (Soa::read(a.rdata()), Soa::read(b.rdata())) {
            (Ok(a), Ok(b)) => a.differing(&b).without(self.soa_left_out),
            _ => SoaFields::NONE,
        };
        match (fields, self.ttl_differs) {
            (SoaFields::NONE, true) => ChangeKind::RdataAndTtl,
            (SoaFields::NONE, false) => ChangeKind::Rdata,
            (fields, true) => ChangeKind::Soa(fields.with(SoaFields::TTL)),
            (fields, false) => ChangeKind::Soa(fields),
        }
    }

    /// How the removed and the added stand to each other once both are seen through `view`.
    fn pair_up(&self, view: impl Fn(&CanonicalRecord<'_>) -> Option<Vec<u8>>) -> Pairs {
        if self.removed.is_empty() {
            return Pairs::None;
        }
        let sorted = |records: &[CanonicalRecord<'_>]| {
            let mut seen: Vec<Vec<u8>> = records.iter().filter_map(&view).collect();
            seen.sort_unstable();
            seen
        };
        let (removed, added) = (sorted(self.removed), sorted(self.added));
        let whole = removed.len() == self.removed.len() && added.len() == self.added.len();
        if whole && removed == added {
            Pairs::All
        } else if removed.iter().any(|one| added.binary_search(one).is_ok()) {
            Pairs::Some
        } else {
            Pairs::None
        }
    }

    /// Whether the owner of a whole `RRset`, or the name in a record, ends in the zone's name twice.
    fn has_doubled_suffix(&self) -> bool {
        let Some(apex) = self.apex else { return false };
        let whole = self.present != (true, true);
        let named = self.removed.iter().chain(self.added).filter_map(name_in_rdata);
        (whole && ends_twice(self.owner, apex)) || named.into_iter().any(|name| ends_twice(&name, apex))
    }
}

/// How many records of two lists are the same when seen in a certain way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pairs {
    /// None of them.
    None,
    /// At least one.
    Some,
    /// Each has its partner.
    All,
}

/// RFC 1035 section 3.3.14.
const TXT: Rtype = Rtype::TXT;
/// RFC 7208 section 3.1: as TXT.
const SPF: Rtype = Rtype(99);

/// The strings of a TXT one after another. C7: the boundaries count; this view is for the hint.
fn joined_text(record: &CanonicalRecord<'_>) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(record.rdata());
    let mut text = Vec::with_capacity(record.rdata().len());
    while cursor.remaining() > 0 {
        let length = cursor.u8().ok()?;
        text.extend_from_slice(cursor.take(usize::from(length)).ok()?);
    }
    Some(text)
}

/// The record in canonical form, less its TTL.
fn canonical_octets(record: &CanonicalRecord<'_>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let without_ttl = CanonicalRecord::new(record.owner(), record.rtype(), record.class(), 0, record.rdata());
    without_ttl.write_folded(&mut octets).ok()?;
    Some(octets)
}

/// The RDATA with the letters folded that are text or a name in it although the type is compared octet for octet.
///
/// RFC 6840 section 5.1: names in NSEC keep their case; RFC 3597 section 7: so do those of later types such as SVCB.
fn letters_folded(record: &CanonicalRecord<'_>) -> Option<Vec<u8>> {
    const HINFO: u16 = 13;
    const SVCB: u16 = 64;
    const HTTPS: u16 = 65;
    const URI: u16 = 256;
    const CAA: u16 = 257;
    let name_at = match record.rtype() {
        TXT | SPF | Rtype(HINFO) => return Some(record.rdata().to_ascii_lowercase()),
        // A flag or two numbers come first, which no fold may touch.
        Rtype(CAA) => return fold_between(record.rdata(), 2, record.rdata().len()),
        Rtype(URI) => return fold_between(record.rdata(), 4, record.rdata().len()),
        Rtype::NSEC => 0,
        Rtype(SVCB | HTTPS) => 2,
        _ => return None,
    };
    let mut cursor = Cursor::new(record.rdata());
    cursor.take(name_at).ok()?;
    cursor.uncompressed_name().ok()?;
    fold_between(record.rdata(), name_at, cursor.position())
}

/// A copy with the letters between two offsets in lower case.
fn fold_between(rdata: &[u8], start: usize, end: usize) -> Option<Vec<u8>> {
    let mut folded = rdata.to_vec();
    folded.get_mut(start..end)?.make_ascii_lowercase();
    Some(folded)
}

/// The name in RDATA of the types that people point at hosts with.
fn name_in_rdata(record: &CanonicalRecord<'_>) -> Option<WireName> {
    const PTR: u16 = 12;
    const MX: u16 = 15;
    const SRV: u16 = 33;
    let at = match record.rtype() {
        Rtype::NS | Rtype::CNAME | Rtype::DNAME | Rtype::SOA | Rtype(PTR) => 0,
        Rtype(MX) => 2,
        Rtype(SRV) => 6,
        _ => return None,
    };
    let mut cursor = Cursor::new(record.rdata());
    cursor.take(at).ok()?;
    cursor.uncompressed_name().ok()
}

/// Whether the name is `apex` below `apex`, or something below that.
fn ends_twice(name: &WireName, apex: &WireName) -> bool {
    if *apex == WireName::ROOT || !name.is_at_or_below(apex) {
        return false;
    }
    let front = name.as_octets().len().saturating_sub(apex.as_octets().len());
    let mut rest = name.as_octets().get(..front).unwrap_or_default().to_vec();
    rest.push(0);
    WireName::from_octets(&rest).is_ok_and(|rest| rest.is_at_or_below(apex))
}
