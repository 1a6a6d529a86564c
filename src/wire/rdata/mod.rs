//! The grammar of RDATA: which fields each registered type has, and which names in it may be compressed or fold case.
//!
//! One table ([`table`]) serves the strict walk, the canonical form and the presentation form. RDATA of a type that is
//! not in it is opaque octets (RFC 3597 section 5); RDATA of a type that is in it and breaks its grammar is an error,
//! never "opaque", since a lenient fallback would hide differences.
//!
//! Grammars are those of class IN, the only class a zone here may have. What only a validator or a resolver must refuse
//! (a digest of the wrong length for its algorithm, a CAA tag that nobody knows) is left alone: servers do serve it.

mod fields;
mod structures;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use self::fields::skip_field;
pub(crate) use self::structures::{A6, AplItem, AtmaForm, Gateway, Hip, Location, SvcParam, set_bits, types};
use super::{Cursor, Rtype, WireError, WireErrorKind};

/// How a name inside RDATA is read and folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// On the list of RFC 3597 section 4: a receiver follows pointers; lower case in canonical form.
    Compressible,
    /// A pointer is an error; lower case in canonical form.
    Folded,
    /// A pointer is an error; canonical form keeps the case.
    Kept,
}

/// One field of a grammar, named after what it means; its presentation form follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// An integer of one octet.
    U8,
    /// An integer of two octets.
    U16,
    /// An integer of four octets.
    U32,
    /// An integer of six octets.
    U48,
    /// An integer of eight octets.
    U64,
    /// Four octets of seconds since 1970, shown as a date (RFC 4034 section 3.2).
    Time,
    /// Two octets that are a record type.
    Type,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// Eight octets shown as four groups of hexadecimal digits (RFC 6742).
    Ilnp64,
    /// Six octets shown with hyphens (RFC 7043).
    Eui48,
    /// Eight octets shown with hyphens (RFC 7043).
    Eui64,
    /// A domain name.
    Name(NameRule),
    /// A character string (RFC 1035 section 3.3).
    Text,
    /// A character string that may be absent, last in the RDATA.
    OptionalText,
    /// One or more character strings to the end.
    Texts,
    /// Text to the end without a length octet, shown in quotes (RFC 7553 section 4.5, RFC 8659 section 4.1).
    TextRest,
    /// A character string of at least one octet, shown without quotes (RFC 8659 section 4.1).
    Tag,
    /// One or more octets to the end, shown in hexadecimal.
    Hex,
    /// As [`Field::Hex`], of 12 octets or more (RFC 8976 section 2.2.4).
    ZoneDigest,
    /// One or more octets to the end, shown in base64.
    Base64,
    /// Octets to the end, shown in base64.
    OptionalBase64,
    /// Octets to the end, shown in base64 or as a hyphen when there are none.
    Base64OrHyphen,
    /// Two octets of length and as many octets, shown as the number and base64 (RFC 2930, RFC 8945).
    SizedBase64,
    /// One octet of length and as many octets, shown in hexadecimal or as a hyphen (RFC 5155 section 3.3).
    Salt,
    /// One octet of length and as many octets, at least one, shown in base32hex (RFC 5155 section 3.3).
    HashedOwner,
    /// The type bit maps of RFC 4034 section 4.1.2, at least one window.
    TypeBitmap,
    /// The type bit maps of RFC 4034 section 4.1.2, which may be empty.
    OptionalTypeBitmap,
    /// The one bit map of RFC 2535 section 5.2.
    NxtBitmap,
    /// The port bit map of RFC 1035 section 3.4.2.
    Ports,
    /// An NSAP address (RFC 1706).
    Nsap,
    /// An ATM address with its format octet.
    Atma,
    /// The algorithm octet and the key that follows it (RFC 4034 sections 2.1 and A.1.1).
    PublicKey,
    /// The parameters of RFC 9460 section 2.2.
    SvcParams,
    /// The address prefixes of RFC 3123 section 4.
    AplItems,
    /// The whole of a LOC (RFC 1876 section 2).
    Location,
    /// Gateway type, algorithm and gateway (RFC 4025 section 2.1).
    IpseckeyGateway,
    /// Discovery bit, relay type and relay (RFC 8777 section 4.2).
    AmtRelay,
    /// The whole of a HIP (RFC 8005 section 5).
    Hip,
    /// The whole of an A6 (RFC 2874 section 3.1); its name folds case.
    A6,
    /// The whole of a WINS (MS-DNSP 2.2.2.2.4.18).
    Wins,
    /// The whole of a WINS-R (MS-DNSP 2.2.2.2.4.19).
    WinsReverse,
    /// Anything, shown in the form of RFC 3597 section 5.
    Opaque,
}

/// What a registered type looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grammar {
    /// The type.
    pub(crate) rtype: Rtype,
    /// Its mnemonic in the registry.
    pub(crate) mnemonic: &'static str,
    /// Its fields in their order.
    pub(crate) fields: &'static [Field],
    /// What canonical form changes.
    pub(crate) folding: Folding,
}

/// What canonical form changes in RDATA: names that may be compressed, or that fold case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folding {
    /// Nothing.
    Nothing,
    /// A name that may be compressed, with which it ends.
    LastName {
        /// How many octets come before it.
        behind: u8,
    },
    /// One name that nobody may compress.
    PlainName {
        /// How many octets come before it.
        behind: u8,
    },
    /// More than that: the fields say what.
    Fields,
}

/// What canonical form changes in RDATA of this type.
pub(crate) fn folding(rtype: Rtype) -> Folding {
    grammar(rtype).map_or(Folding::Nothing, |grammar| grammar.folding)
}

/// The grammar of a type; `None` if the registry has no definition of its RDATA.
pub(crate) fn grammar(rtype: Rtype) -> Option<&'static Grammar> {
    match table::DENSE.get(usize::from(rtype.0)) {
        Some(row) => *row,
        None => table::GRAMMARS.iter().rev().take_while(|row| row.rtype >= rtype).find(|row| row.rtype == rtype),
    }
}

/// Every row of the table, ascending by code.
#[cfg(test)]
pub(crate) const fn grammars() -> &'static [Grammar] {
    table::GRAMMARS
}

/// The type that has this mnemonic in the registry, in any case; meta types are not here.
pub(crate) fn rtype_of_mnemonic(mnemonic: &str) -> Option<Rtype> {
    table::row_of_mnemonic(mnemonic).map(|row| row.rtype)
}

/// Walks the RDATA in the window to its end.
///
/// RFC 1035 section 3.2.1: RDLENGTH is the length of the RDATA; a field that would pass it and octets that no field
/// accounts for are the same error.
pub(crate) fn check(rtype: Rtype, window: &mut Cursor<'_>) -> Result<(), WireError> {
    let Some(grammar) = grammar(rtype) else {
        window.take_rest();
        return Ok(());
    };
    for field in grammar.fields {
        skip_field(*field, window).map_err(|error| match error.kind {
            WireErrorKind::UnexpectedEnd => WireError::new(error.at, WireErrorKind::RdataLength),
            _ => error,
        })?;
    }
    if window.remaining() > 0 { Err(window.error(WireErrorKind::RdataLength)) } else { Ok(()) }
}

/// [`check`] for what a server sent: RDATA of a type for private use may be anything.
///
/// Two of those types are known to be Microsoft's, and shown as such where they fit; who serves something else there
/// serves it rightly.
pub(super) fn check_received(rtype: Rtype, window: &mut Cursor<'_>) -> Result<(), WireError> {
    if rtype.is_private_use() {
        window.take_rest();
        return Ok(());
    }
    check(rtype, window).map_err(|error| error.in_record(rtype))
}
