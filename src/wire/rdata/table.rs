//! The table of grammars: every type of the IANA registry whose RDATA is defined, in the order of its code.
//!
//! Types that the registry only reserves (UINFO, UID, GID, UNSPEC) and the query types have no row.

use super::Field::{
    A6, AmtRelay, AplItems, Atma, Base64, Base64OrHyphen, Eui48, Eui64, HashedOwner, Hex, Hip, Ilnp64, IpseckeyGateway,
    Ipv4, Ipv6, Location, Name, Nsap, NxtBitmap, Opaque, OptionalBase64, OptionalText, OptionalTypeBitmap, Ports,
    PublicKey, Salt, SizedBase64, SvcParams, Tag, Text, TextRest, Texts, Time, Type, TypeBitmap, U8, U16, U32, U48,
    U64, Wins, WinsReverse, ZoneDigest,
};
use super::{Field, Folding, Grammar, NameRule, Rtype};

/// A name of the list in RFC 3597 section 4 and of that in RFC 4034 section 6.2.
const COMPRESSIBLE: Field = Name(NameRule::Compressible);
/// A name that RFC 4034 section 6.2 folds, and that nobody may compress.
const FOLDED: Field = Name(NameRule::Folded);
/// A name that stays as it is: RFC 6840 section 5.1 for NSEC, RFC 3597 section 7 for every type younger than the list.
const KEPT: Field = Name(NameRule::Kept);

/// One row.
const fn row(code: u16, mnemonic: &'static str, fields: &'static [Field]) -> Grammar {
    Grammar { rtype: Rtype(code), mnemonic, fields, folding: folding_of(fields) }
}

/// What canonical form changes in these fields.
const fn folding_of(fields: &[Field]) -> Folding {
    let (mut folding, mut behind, mut rest) = (Folding::Nothing, Some(0_u8), fields);
    while let [field, others @ ..] = rest {
        folding = match (folding, field, behind, others) {
            (Folding::Nothing, &COMPRESSIBLE, Some(behind), []) => Folding::LastName { behind },
            (Folding::Nothing, &FOLDED, Some(behind), _) => Folding::PlainName { behind },
            (_, &COMPRESSIBLE | &FOLDED | &A6, ..) => Folding::Fields,
            _ => folding,
        };
        behind = match (behind, field) {
            (Some(behind), U8) => Some(behind + 1),
            (Some(behind), U16 | Type) => Some(behind + 2),
            (Some(behind), U32 | Time) => Some(behind + 4),
            _ => None,
        };
        rest = others;
    }
    folding
}

/// All rows, ascending by code.
pub(super) const GRAMMARS: &[Grammar] = &[
    row(1, "A", &[Ipv4]),
    row(2, "NS", &[COMPRESSIBLE]),
    row(3, "MD", &[COMPRESSIBLE]),
    row(4, "MF", &[COMPRESSIBLE]),
    row(5, "CNAME", &[COMPRESSIBLE]),
    row(6, "SOA", &[COMPRESSIBLE, COMPRESSIBLE, U32, U32, U32, U32, U32]),
    row(7, "MB", &[COMPRESSIBLE]),
    row(8, "MG", &[COMPRESSIBLE]),
    row(9, "MR", &[COMPRESSIBLE]),
    row(10, "NULL", &[Opaque]),
    row(11, "WKS", &[Ipv4, U8, Ports]),
    row(12, "PTR", &[COMPRESSIBLE]),
    row(13, "HINFO", &[Text, Text]),
    row(14, "MINFO", &[COMPRESSIBLE, COMPRESSIBLE]),
    row(15, "MX", &[U16, COMPRESSIBLE]),
    row(16, "TXT", &[Texts]),
    row(17, "RP", &[COMPRESSIBLE, COMPRESSIBLE]),
    row(18, "AFSDB", &[U16, COMPRESSIBLE]),
    row(19, "X25", &[Text]),
    row(20, "ISDN", &[Text, OptionalText]),
    row(21, "RT", &[U16, COMPRESSIBLE]),
    row(22, "NSAP", &[Nsap]),
    row(23, "NSAP-PTR", &[KEPT]),
    row(24, "SIG", &[Type, U8, U8, U32, Time, Time, U16, COMPRESSIBLE, Base64]),
    row(25, "KEY", &[U16, U8, PublicKey]),
    row(26, "PX", &[U16, COMPRESSIBLE, COMPRESSIBLE]),
    row(27, "GPOS", &[Text, Text, Text]),
    row(28, "AAAA", &[Ipv6]),
    row(29, "LOC", &[Location]),
    row(30, "NXT", &[COMPRESSIBLE, NxtBitmap]),
    row(31, "EID", &[Hex]),
    row(32, "NIMLOC", &[Hex]),
    row(33, "SRV", &[U16, U16, U16, COMPRESSIBLE]),
    row(34, "ATMA", &[Atma]),
    row(35, "NAPTR", &[U16, U16, Text, Text, Text, COMPRESSIBLE]),
    row(36, "KX", &[U16, FOLDED]),
    row(37, "CERT", &[U16, U16, U8, Base64]),
    row(38, "A6", &[A6]),
    row(39, "DNAME", &[FOLDED]),
    row(40, "SINK", &[U8, U8, U8, OptionalBase64]),
    row(42, "APL", &[AplItems]),
    row(43, "DS", &[U16, U8, U8, Hex]),
    row(44, "SSHFP", &[U8, U8, Hex]),
    row(45, "IPSECKEY", &[U8, IpseckeyGateway, OptionalBase64]),
    row(46, "RRSIG", &[Type, U8, U8, U32, Time, Time, U16, FOLDED, Base64]),
    row(47, "NSEC", &[KEPT, TypeBitmap]),
    row(48, "DNSKEY", &[U16, U8, PublicKey]),
    row(49, "DHCID", &[Base64]),
    row(50, "NSEC3", &[U8, U8, U16, Salt, HashedOwner, OptionalTypeBitmap]),
    row(51, "NSEC3PARAM", &[U8, U8, U16, Salt]),
    row(52, "TLSA", &[U8, U8, U8, Hex]),
    row(53, "SMIMEA", &[U8, U8, U8, Hex]),
    row(55, "HIP", &[Hip]),
    row(56, "NINFO", &[Texts]),
    row(57, "RKEY", &[U16, U8, PublicKey]),
    row(58, "TALINK", &[KEPT, KEPT]),
    row(59, "CDS", &[U16, U8, U8, Hex]),
    row(60, "CDNSKEY", &[U16, U8, PublicKey]),
    row(61, "OPENPGPKEY", &[Base64]),
    row(62, "CSYNC", &[U32, U16, OptionalTypeBitmap]),
    row(63, "ZONEMD", &[U32, U8, U8, ZoneDigest]),
    row(64, "SVCB", &[U16, KEPT, SvcParams]),
    row(65, "HTTPS", &[U16, KEPT, SvcParams]),
    row(66, "DSYNC", &[Type, U8, U16, KEPT]),
    row(67, "HHIT", &[Base64]),
    row(68, "BRID", &[Base64]),
    row(99, "SPF", &[Texts]),
    row(104, "NID", &[U16, Ilnp64]),
    row(105, "L32", &[U16, Ipv4]),
    row(106, "L64", &[U16, Ilnp64]),
    row(107, "LP", &[U16, KEPT]),
    row(108, "EUI48", &[Eui48]),
    row(109, "EUI64", &[Eui64]),
    row(128, "NXNAME", &[]),
    row(249, "TKEY", &[KEPT, U32, U32, U16, U16, SizedBase64, SizedBase64]),
    row(250, "TSIG", &[KEPT, U48, U16, SizedBase64, U16, U16, SizedBase64]),
    row(256, "URI", &[U16, U16, TextRest]),
    row(257, "CAA", &[U8, Tag, TextRest]),
    row(258, "AVC", &[Texts]),
    row(259, "DOA", &[U32, U32, U8, Text, Base64OrHyphen]),
    row(260, "AMTRELAY", &[U8, AmtRelay]),
    row(261, "RESINFO", &[Texts]),
    row(262, "WALLET", &[Texts]),
    row(263, "CLA", &[Texts]),
    row(264, "IPN", &[U64]),
    row(32768, "TA", &[U16, U8, U8, Hex]),
    row(32769, "DLV", &[U16, U8, U8, Hex]),
    row(65281, "WINS", &[Wins]),
    row(65282, "WINS-R", &[WinsReverse]),
];

/// How far the codes are dense enough for an array: one past IPN.
const DENSE_CODES: usize = 265;

/// The rows of the low codes by their code: one load for each record of a transfer.
#[allow(clippy::indexing_slicing, reason = "the compiler computes it, and would stop at an index out of bounds")]
pub(super) static DENSE: [Option<&Grammar>; DENSE_CODES] = {
    let (mut dense, mut rest) = ([None; DENSE_CODES], GRAMMARS);
    while let [grammar, others @ ..] = rest {
        let code = grammar.rtype.0 as usize;
        if code < DENSE_CODES {
            dense[code] = Some(grammar);
        }
        rest = others;
    }
    dense
};

/// Slots for the mnemonics: a power of two, more than twice as many as there are rows.
const SLOTS: usize = 256;

/// The rows by the hash of their mnemonic: one past the index in [`GRAMMARS`], 0 for none; what collides stands behind.
#[allow(clippy::indexing_slicing, reason = "computed at compile time, where a wrong index is an error of the build")]
static BY_MNEMONIC: [u8; SLOTS] = {
    let mut slots = [0; SLOTS];
    let mut at = 0;
    while at < GRAMMARS.len() {
        let mut slot = slot_of(GRAMMARS[at].mnemonic.as_bytes());
        while slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        at += 1;
        assert!(at < SLOTS / 2, "the index fits its octet, and a search ends");
        #[expect(clippy::cast_possible_truncation, reason = "it was held to be less than 128")]
        let number = at as u8;
        slots[slot] = number;
    }
    slots
};

/// Where a mnemonic belongs, in any case (FNV-1a over the letters in upper case).
const fn slot_of(mnemonic: &[u8]) -> usize {
    let (mut hash, mut rest) = (0x811C_9DC5_u32, mnemonic);
    while let [letter, others @ ..] = rest {
        hash = (hash ^ letter.to_ascii_uppercase() as u32).wrapping_mul(0x0100_0193);
        rest = others;
    }
    (hash ^ hash >> 16) as usize % SLOTS
}

/// The row of that mnemonic in any case: one look for each record of a zone file.
pub(super) fn row_of_mnemonic(mnemonic: &str) -> Option<&'static Grammar> {
    let start = slot_of(mnemonic.as_bytes());
    let slots = BY_MNEMONIC.iter().cycle().skip(start).take(SLOTS).take_while(|number| **number != 0);
    let rows = slots.filter_map(|number| GRAMMARS.get(usize::from(*number).checked_sub(1)?));
    rows.into_iter().find(|row| row.mnemonic.eq_ignore_ascii_case(mnemonic))
}
