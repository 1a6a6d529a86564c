//! The HMAC algorithms of RFC 8945 section 6 and their truncated forms.
//!
//! It knows names and lengths; the MAC itself is made in `key`. A truncated form is written as in BIND's key files,
//! `hmac-sha256-128`, and means what it means there: the record names `hmac-sha256` and carries the first 128 bits.

use super::KeyError;
use crate::wire::WireName;
use std::fmt;

/// Whether keys may be read whose hash is broken: HMAC-MD5 (RFC 8945 section 6: "MUST NOT be used") and HMAC-SHA-1 ("NOT
/// RECOMMENDED").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum WeakKeys {
    /// It is an error, which is the default.
    #[default]
    Refuse,
    /// The person asked for it.
    Allow,
}

/// The hash function inside the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// MD5, only if it was asked for.
    Md5,
    /// SHA-1, only if it was asked for.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// All of them, for looking one up by its name.
    const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// How key files and command lines call the HMAC.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Md5 => "hmac-md5",
            Self::Sha1 => "hmac-sha1",
            Self::Sha224 => "hmac-sha224",
            Self::Sha256 => "hmac-sha256",
            Self::Sha384 => "hmac-sha384",
            Self::Sha512 => "hmac-sha512",
        }
    }

    /// The labels of its name on the wire (RFC 8945 section 6).
    fn labels(self) -> &'static [&'static [u8]] {
        match self {
            Self::Md5 => &[b"hmac-md5", b"sig-alg", b"reg", b"int"],
            Self::Sha1 => &[b"hmac-sha1"],
            Self::Sha224 => &[b"hmac-sha224"],
            Self::Sha256 => &[b"hmac-sha256"],
            Self::Sha384 => &[b"hmac-sha384"],
            Self::Sha512 => &[b"hmac-sha512"],
        }
    }

    /// The name in the TSIG record.
    fn name(self) -> WireName {
        WireName::from_labels(self.labels().iter().copied()).unwrap_or(WireName::ROOT)
    }

    /// The one of that name on the wire.
    pub(super) fn named(name: &WireName) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.name() == *name)
    }

    /// The length of the whole output in octets.
    const fn octets(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// RFC 8945 section 5.2.2.1: no MAC is shorter than "the larger of 10 (octets) and half the length of the hash
    /// function in use".
    const fn minimum(self) -> usize {
        let half = self.octets() / 2;
        if half > 10 { half } else { 10 }
    }
}

/// An HMAC algorithm and the length of the MACs that it sends, which is also the least that it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm {
    /// The hash function.
    pub(super) hash: Hash,
    /// The length of a MAC in octets, between [`Hash::minimum`] and [`Hash::octets`].
    octets: usize,
}

impl Algorithm {
    /// HMAC with SHA-1, whole: for who asks for it by this name.
    pub const HMAC_SHA1: Self = Self::whole(Hash::Sha1);
    /// HMAC with SHA-224, whole.
    pub const HMAC_SHA224: Self = Self::whole(Hash::Sha224);
    /// HMAC with SHA-256, whole: the default, recommended by RFC 8945 section 6.
    pub const HMAC_SHA256: Self = Self::whole(Hash::Sha256);
    /// HMAC with SHA-384, whole.
    pub const HMAC_SHA384: Self = Self::whole(Hash::Sha384);
    /// HMAC with SHA-512, whole.
    pub const HMAC_SHA512: Self = Self::whole(Hash::Sha512);
    /// HMAC with SHA-256, truncated to 128 bits.
    pub const HMAC_SHA256_128: Self = Self { hash: Hash::Sha256, octets: 16 };
    /// HMAC with SHA-384, truncated to 192 bits.
    pub const HMAC_SHA384_192: Self = Self { hash: Hash::Sha384, octets: 24 };
    /// HMAC with SHA-512, truncated to 256 bits.
    pub const HMAC_SHA512_256: Self = Self { hash: Hash::Sha512, octets: 32 };

    /// The algorithm without truncation.
    const fn whole(hash: Hash) -> Self {
        Self { hash, octets: hash.octets() }
    }

    /// Reads `hmac-sha256`, `hmac-sha256-128` and their like; case and a final dot do not matter.
    pub fn parse(text: &str, weak: WeakKeys) -> Result<Self, KeyError> {
        let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let lower = if lower == "hmac-md5.sig-alg.reg.int" { Hash::Md5.text().to_owned() } else { lower };
        let found = Hash::ALL.into_iter().find_map(|hash| Some((hash, lower.strip_prefix(hash.text())?)));
        let (hash, rest) = found.ok_or(KeyError::UnknownAlgorithm)?;
        let algorithm = match rest.strip_prefix('-') {
            None if rest.is_empty() => Self::whole(hash),
            None => return Err(KeyError::UnknownAlgorithm),
            Some(bits) => Self::truncated(hash, bits.parse().map_err(|_| KeyError::UnknownAlgorithm)?)?,
        };
        algorithm.permitted(weak)
    }

    /// By its number in the `K*.private` files of old `dnssec-keygen`; `bits` is 0 for whole MACs.
    pub(super) fn from_number(number: u8, bits: usize, weak: WeakKeys) -> Result<Self, KeyError> {
        let hash = match number {
            157 => Hash::Md5,
            161 => Hash::Sha1,
            162 => Hash::Sha224,
            163 => Hash::Sha256,
            164 => Hash::Sha384,
            165 => Hash::Sha512,
            _ => return Err(KeyError::UnknownAlgorithm),
        };
        let algorithm = if bits == 0 { Self::whole(hash) } else { Self::truncated(hash, bits)? };
        algorithm.permitted(weak)
    }

    /// Cut to this many bits, within the bounds of RFC 8945 section 5.2.2.1.
    fn truncated(hash: Hash, bits: usize) -> Result<Self, KeyError> {
        let octets = bits / 8;
        if bits.is_multiple_of(8) && (hash.minimum()..=hash.octets()).contains(&octets) {
            return Ok(Self { hash, octets });
        }
        Err(KeyError::Truncation { least: hash.minimum() * 8, most: hash.octets() * 8 })
    }

    /// Whether its hash is broken, so that it is refused unless asked for.
    pub fn is_weak(self) -> bool {
        matches!(self.hash, Hash::Md5 | Hash::Sha1)
    }

    /// Itself, unless its hash is broken and nobody asked for that.
    fn permitted(self, weak: WeakKeys) -> Result<Self, KeyError> {
        match (self.hash, weak) {
            (Hash::Md5, WeakKeys::Refuse) => Err(KeyError::Md5),
            (Hash::Sha1, WeakKeys::Refuse) => Err(KeyError::Sha1),
            _ => Ok(self),
        }
    }

    /// The name in the TSIG record; a truncated form has the name of the whole one.
    pub fn name(self) -> WireName {
        self.hash.name()
    }

    /// The length in octets of the MACs that it sends and of the shortest that it accepts.
    pub const fn mac_octets(self) -> usize {
        self.octets
    }

    /// The length in octets of a whole MAC.
    pub const fn full_octets(self) -> usize {
        self.hash.octets()
    }

    /// The length in octets below which a MAC is malformed, whatever the policy.
    pub const fn minimum_octets(self) -> usize {
        self.hash.minimum()
    }
}

impl Default for Algorithm {
    fn default() -> Self {
        Self::HMAC_SHA256
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hash.text())?;
        if self.octets == self.hash.octets() { Ok(()) } else { write!(f, "-{}", self.octets * 8) }
    }
}
