//! A shared secret with its name and algorithm: the [`Signer`] of RFC 8945.
//!
//! The secret itself is not kept: what is kept is the HMAC after it has taken the key in, and that is wiped when it is
//! dropped (by the feature `zeroize` of the hash crates). Nothing here prints either of them. It does not wipe what the
//! caller, the hash crates or the compiler left of the secret on the stack.

use super::algorithm::Hash;
use super::{Algorithm, KeyError, KeyFile, KeyFileError, MacContext, MacError, SignError, Signer, WeakKeys};
use crate::present;
use crate::wire::WireName;
use data_encoding::BASE64;
use hickory_proto::rr::Name;
use hmac::{Hmac, KeyInit, Mac};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A TSIG key.
///
/// A clone shares the key; its state is wiped from memory when the last one is dropped.
#[derive(Clone)]
pub struct TsigKey {
    /// The name, in lower case (RFC 8945 section 4.3.3 digests it so).
    name: WireName,
    /// What is computed, and how much of it is sent.
    algorithm: Algorithm,
    /// The algorithm's name on the wire.
    algorithm_name: WireName,
    /// The HMAC with the secret taken in.
    keyed: Arc<dyn Keyed>,
}

impl TsigKey {
    /// A key from its parts. The secret is wiped after use.
    pub fn new(name: &Name, algorithm: Algorithm, secret: Vec<u8>) -> Result<Self, KeyError> {
        Self::with_wire_name(WireName::from_name(name), algorithm, &Zeroizing::new(secret))
    }

    /// The `-y` form of dig, nsupdate and kdig: `[hmac:]name:secret`, the secret in base64; without an algorithm it is
    /// `hmac-sha256`. HMAC-MD5 and HMAC-SHA-1 are refused; see [`TsigKey::parse_allowing`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::parse_allowing(text, WeakKeys::Refuse)
    }

    /// As [`TsigKey::parse`], with a say about weak keys.
    pub fn parse_allowing(text: &str, weak: WeakKeys) -> Result<Self, KeyError> {
        let (front, secret) = text.rsplit_once(':').ok_or(KeyError::Form)?;
        let (algorithm, name) = match front.split_once(':') {
            Some((algorithm, name)) => (Algorithm::parse(algorithm, weak)?, name),
            None => (Algorithm::default(), front),
        };
        Self::from_text(name, algorithm, secret)
    }

    /// The key in the text of a key file, of that name if one is wanted; see [`KeyFile`] for what it reads and for the
    /// old `K*.private` files, which need their file's name.
    pub fn key_file(text: &str, wanted: Option<&Name>) -> Result<Self, KeyFileError> {
        KeyFile::new(text).key(wanted)
    }

    /// A key whose name and secret are text.
    pub(super) fn from_text(name: &str, algorithm: Algorithm, secret: &str) -> Result<Self, KeyError> {
        let name = present::name_from_text(name).map_err(|_| KeyError::Name)?;
        // Buffers of their final size: one that grows leaves copies behind that nobody wipes.
        let mut solid = Zeroizing::new(Vec::with_capacity(secret.len()));
        solid.extend(secret.bytes().filter(|octet| !octet.is_ascii_whitespace()));
        let room = BASE64.decode_len(solid.len()).map_err(|_| KeyError::Base64)?;
        let mut octets = Zeroizing::new(vec![0; room]);
        let length = BASE64.decode_mut(&solid, &mut octets).map_err(|_| KeyError::Base64)?;
        let secret = octets.get(..length).unwrap_or_default();
        Self::with_wire_name(name, algorithm, secret)
    }

    /// Lets the HMAC take the secret in.
    fn with_wire_name(name: WireName, algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::EmptySecret);
        }
        let keyed: Arc<dyn Keyed> = match algorithm.hash {
            Hash::Md5 => Arc::new(HmacContext::<Hmac<md5::Md5>>::keyed(algorithm, secret)?),
            Hash::Sha1 => Arc::new(HmacContext::<Hmac<sha1::Sha1>>::keyed(algorithm, secret)?),
            Hash::Sha224 => Arc::new(HmacContext::<Hmac<sha2::Sha224>>::keyed(algorithm, secret)?),
            Hash::Sha256 => Arc::new(HmacContext::<Hmac<sha2::Sha256>>::keyed(algorithm, secret)?),
            Hash::Sha384 => Arc::new(HmacContext::<Hmac<sha2::Sha384>>::keyed(algorithm, secret)?),
            Hash::Sha512 => Arc::new(HmacContext::<Hmac<sha2::Sha512>>::keyed(algorithm, secret)?),
        };
        Ok(Self { name: name.to_lowercase(), algorithm, algorithm_name: algorithm.name(), keyed })
    }

    /// The algorithm and its truncation.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Signer for TsigKey {
    fn key_name(&self) -> &WireName {
        &self.name
    }

    fn algorithm_name(&self) -> &WireName {
        &self.algorithm_name
    }

    fn begin(&self) -> Box<dyn MacContext> {
        self.keyed.begin()
    }

    fn accept_length(&self, octets: usize) -> Result<(), MacError> {
        let wanted = self.algorithm.mac_octets();
        if octets < wanted { Err(MacError::Truncated { octets, wanted }) } else { Ok(()) }
    }
}

impl fmt::Debug for TsigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TsigKey({}, {}, secret not shown)", present::name(&self.name), self.algorithm)
    }
}

/// `name (algorithm)`; never the secret.
impl fmt::Display for TsigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", present::name(&self.name), self.algorithm)
    }
}

/// Something that a MAC can be started from, any number of times.
trait Keyed: Send + Sync {
    /// A fresh MAC.
    fn begin(&self) -> Box<dyn MacContext>;
}

/// An HMAC under way, and the lengths that it may have.
#[derive(Clone)]
struct HmacContext<M> {
    /// The HMAC.
    mac: M,
    /// The lengths.
    algorithm: Algorithm,
}

impl<M: KeyInit> HmacContext<M> {
    /// With the secret taken in and nothing else.
    fn keyed(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        // HMAC takes keys of any length; the error exists for other MACs of the same trait.
        let mac = M::new_from_slice(secret).map_err(|_| KeyError::EmptySecret)?;
        Ok(Self { mac, algorithm })
    }
}

impl<M: Mac + Clone + Send + Sync + 'static> Keyed for HmacContext<M> {
    fn begin(&self) -> Box<dyn MacContext> {
        Box::new(self.clone())
    }
}

impl<M: Mac + Send> MacContext for HmacContext<M> {
    fn update(&mut self, octets: &[u8]) {
        self.mac.update(octets);
    }

    fn sign(self: Box<Self>) -> Result<Vec<u8>, SignError> {
        let mut mac = self.mac.finalize().into_bytes().to_vec();
        // RFC 8945 section 4.2: truncation keeps the leftmost octets.
        mac.truncate(self.algorithm.mac_octets());
        Ok(mac)
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<(), MacError> {
        let (octets, full, least) = (mac.len(), self.algorithm.full_octets(), self.algorithm.minimum_octets());
        if octets > full {
            return Err(MacError::TooLong { octets, full });
        }
        if octets < least {
            return Err(MacError::TooShort { octets, least });
        }
        self.mac.verify_truncated_left(mac).map_err(|_| MacError::Mismatch)
    }
}
