//! Record types as numbers: the registry's values that the logic has to name.
//!
//! Grammars of RDATA and their mnemonics live in `wire::rdata`; what is printed lives in `present`.

/// A record type (RFC 6895 section 3.1), any of the 65,536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rtype(pub u16);

impl Rtype {
    /// IPv4 address.
    pub const A: Self = Self(1);
    /// Name server.
    pub const NS: Self = Self(2);
    /// Canonical name of an alias.
    pub const CNAME: Self = Self(5);
    /// Start of a zone of authority.
    pub const SOA: Self = Self(6);
    /// Text strings.
    pub const TXT: Self = Self(16);
    /// IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Location of a service.
    pub const SRV: Self = Self(33);
    /// Redirection of a subtree.
    pub const DNAME: Self = Self(39);
    /// EDNS pseudo record.
    pub const OPT: Self = Self(41);
    /// Delegation signer.
    pub const DS: Self = Self(43);
    /// Signature.
    pub const RRSIG: Self = Self(46);
    /// Denial by next name.
    pub const NSEC: Self = Self(47);
    /// Public key.
    pub const DNSKEY: Self = Self(48);
    /// Denial by next hashed name.
    pub const NSEC3: Self = Self(50);
    /// Parameters of that hash.
    pub const NSEC3PARAM: Self = Self(51);
    /// Child's copy of DS.
    pub const CDS: Self = Self(59);
    /// Child's copy of DNSKEY.
    pub const CDNSKEY: Self = Self(60);
    /// Digest of the zone.
    pub const ZONEMD: Self = Self(63);
    /// Key exchange, a meta type.
    pub const TKEY: Self = Self(249);
    /// Transaction signature, a meta type.
    pub const TSIG: Self = Self(250);
    /// Incremental transfer, a query type.
    pub const IXFR: Self = Self(251);
    /// Full transfer, a query type.
    pub const AXFR: Self = Self(252);
    /// All types, a query type.
    pub const ANY: Self = Self(255);
    /// Microsoft's WINS forward look-up.
    pub const WINS: Self = Self(65281);
    /// Microsoft's WINS reverse look-up.
    pub const WINS_R: Self = Self(65282);

    /// Whether everybody may put what they like into records of the type (RFC 6895 section 3.1: 0xFF00 to 0xFFFE).
    pub const fn is_private_use(self) -> bool {
        matches!(self.0, 0xFF00..=0xFFFE)
    }

    /// Whether the type cannot be data in a zone: 0, OPT, and 128 to 255 (RFC 6895 section 3.1).
    pub const fn is_meta(self) -> bool {
        matches!(self.0, 0 | 41 | 128..=255)
    }
}
