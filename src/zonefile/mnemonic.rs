//! Words that stand for a number in some field of some type.

use crate::wire::Rtype;

/// DNSSEC algorithms (RFC 4034 appendix A.1 and its registry), with the names that BIND uses besides.
const ALGORITHMS: &[(&str, u64)] = &[
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("RSASHA1", 5),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3DSA", 6),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("NSEC3RSASHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECC-GOST", 12),
    ("ECCGOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

/// Kinds of certificates (RFC 4398 section 2.1).
const CERTIFICATES: &[(&str, u64)] = &[
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// Protocols of WKS (RFC 1035 section 3.4.2).
const PROTOCOLS: &[(&str, u64)] = &[("TCP", 6), ("UDP", 17)];

/// Schemes of DSYNC (RFC 9859 section 2.1).
const SCHEMES: &[(&str, u64)] = &[("NOTIFY", 1)];

/// The words of one field, counted from 0, of one type.
pub(super) const fn mnemonics(rtype: Rtype, index: usize) -> &'static [(&'static str, u64)] {
    match (rtype.0, index) {
        // CERT
        (37, 0) => CERTIFICATES,
        // SIG, CERT, DS, RRSIG, CDS, TA, DLV
        (37, 2) | (24 | 43 | 46 | 59 | 32768 | 32769, 1) => ALGORITHMS,
        // WKS
        (11, 1) => PROTOCOLS,
        // DSYNC
        (66, 1) => SCHEMES,
        _ => &[],
    }
}

/// The words for the algorithm of a public key.
pub(super) const fn public_key_algorithms() -> &'static [(&'static str, u64)] {
    ALGORITHMS
}
