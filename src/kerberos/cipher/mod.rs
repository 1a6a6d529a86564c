//! The ciphers of Kerberos (RFC 3961): which there are, and what each derives, encrypts and signs.
//!
//! The primitives are RustCrypto's; what is written here is what Kerberos makes of them. Random octets are arguments.

mod aes;
pub(super) mod list;
mod rc4;
mod sha1;
mod sha2;

use super::KerberosError;
use std::fmt;
use zeroize::Zeroizing;

/// RFC 3961 section 5.3: the last octet of a usage constant, for checksums.
const CHECKSUM: u8 = 0x99;
/// RFC 3961 section 5.3: for encryption.
const ENCRYPTION: u8 = 0xAA;
/// RFC 3961 section 5.3: for the integrity of what is encrypted.
const INTEGRITY: u8 = 0x55;

/// No server asks for more rounds of PBKDF2 than that: it would only keep us busy.
const MAX_ITERATIONS: u32 = 1_000_000;

/// A cipher of Kerberos. DES in any number is not among them (RFC 6649, RFC 8429).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a further cipher has to be written first")]
pub enum Etype {
    /// `aes256-cts-hmac-sha384-192` (RFC 8009).
    Aes256Sha2,
    /// `aes128-cts-hmac-sha256-128` (RFC 8009).
    Aes128Sha2,
    /// `aes256-cts-hmac-sha1-96` (RFC 3962).
    Aes256Sha1,
    /// `aes128-cts-hmac-sha1-96` (RFC 3962).
    Aes128Sha1,
    /// `rc4-hmac` (RFC 4757): broken, and refused unless asked for (RFC 8429).
    Rc4,
}

impl Etype {
    /// Those that need no permission, the strongest first.
    pub const SOUND: [Self; 4] = [Self::Aes256Sha2, Self::Aes256Sha1, Self::Aes128Sha2, Self::Aes128Sha1];

    /// The number in the registry.
    pub const fn number(self) -> i32 {
        match self {
            Self::Aes128Sha1 => 17,
            Self::Aes256Sha1 => 18,
            Self::Aes128Sha2 => 19,
            Self::Aes256Sha2 => 20,
            Self::Rc4 => 23,
        }
    }

    /// The one of that number.
    pub fn of_number(number: i64) -> Option<Self> {
        let all = [Self::Aes256Sha2, Self::Aes128Sha2, Self::Aes256Sha1, Self::Aes128Sha1, Self::Rc4];
        all.into_iter().find(|etype| i64::from(etype.number()) == number)
    }

    /// The number of its keyed checksum.
    pub const fn checksum_number(self) -> i32 {
        match self {
            Self::Aes128Sha1 => 15,
            Self::Aes256Sha1 => 16,
            Self::Aes128Sha2 => 19,
            Self::Aes256Sha2 => 20,
            Self::Rc4 => -138,
        }
    }

    /// Octets of a key.
    pub const fn key_octets(self) -> usize {
        match self {
            Self::Aes256Sha1 | Self::Aes256Sha2 => 32,
            Self::Aes128Sha1 | Self::Aes128Sha2 | Self::Rc4 => 16,
        }
    }

    /// The key that a password and a salt make; `parameters` are the KDC's.
    pub(super) fn string_to_key(
        self,
        password: &str,
        salt: &[u8],
        parameters: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        match self {
            Self::Aes128Sha1 | Self::Aes256Sha1 => {
                Ok(sha1::string_to_key(self, password, salt, iterations(parameters, sha1::ITERATIONS)?))
            }
            Self::Aes128Sha2 | Self::Aes256Sha2 => {
                Ok(sha2::string_to_key(self, password, salt, iterations(parameters, sha2::ITERATIONS)?))
            }
            Self::Rc4 => Ok(rc4::string_to_key(password)),
        }
    }

    /// RFC 3961 section 3, encrypt.
    pub(super) fn encrypt(self, key: &[u8], usage: u32, confounder: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Aes128Sha1 | Self::Aes256Sha1 => sha1::encrypt(key, usage, confounder, plain),
            Self::Aes128Sha2 | Self::Aes256Sha2 => sha2::encrypt(key, usage, confounder, plain),
            Self::Rc4 => rc4::encrypt(key, usage, confounder, plain),
        }
    }

    /// RFC 3961 section 3, decrypt: nothing comes out unless the integrity is right.
    pub(super) fn decrypt(self, key: &[u8], usage: u32, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Aes128Sha1 | Self::Aes256Sha1 => sha1::decrypt(key, usage, cipher),
            Self::Aes128Sha2 | Self::Aes256Sha2 => sha2::decrypt(key, usage, cipher),
            Self::Rc4 => rc4::decrypt(key, usage, cipher),
        }
    }

    /// RFC 3961 section 3, `get_mic`, octet by octet.
    pub(super) fn begin_checksum(self, key: &[u8], usage: u32) -> Box<dyn Checksum> {
        match self {
            Self::Aes128Sha1 | Self::Aes256Sha1 => sha1::begin_checksum(key, usage),
            Self::Aes128Sha2 | Self::Aes256Sha2 => sha2::begin_checksum(key, usage),
            Self::Rc4 => rc4::begin_checksum(key, usage),
        }
    }
}

/// RFC 3962 section 4 and RFC 8009 section 4: four octets, the number of rounds. Fewer than the standard's own are what
/// somebody would say who wants to guess the password.
fn iterations(parameters: Option<&[u8]>, standard: u32) -> Result<u32, KerberosError> {
    let Some(parameters) = parameters else { return Ok(standard) };
    let rounds = <[u8; 4]>::try_from(parameters).map(u32::from_be_bytes).ok();
    rounds.filter(|rounds| (standard..=MAX_ITERATIONS).contains(rounds)).ok_or(KerberosError::Iterations)
}

/// A keyed checksum under way.
pub(super) trait Checksum: Send {
    /// Takes the next octets.
    fn update(&mut self, octets: &[u8]);

    /// Ends with the checksum.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// A keyed hash as a checksum, cut to a length.
struct Cut<M> {
    /// The keyed hash.
    mac: M,
    /// How many octets are kept.
    octets: usize,
}

impl<M: hmac::Mac + Send> Checksum for Cut<M> {
    fn update(&mut self, octets: &[u8]) {
        self.mac.update(octets);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        let mut octets = self.mac.finalize().into_bytes().to_vec();
        octets.truncate(self.octets);
        octets
    }
}

/// RFC 3962 section 4 with any number of rounds, for its vectors.
#[cfg(test)]
pub(super) fn sha1_string_to_key(etype: Etype, password: &str, salt: &[u8], rounds: u32) -> Zeroizing<Vec<u8>> {
    sha1::string_to_key(etype, password, salt, rounds)
}

/// RFC 4757 section 7.2: encrypts the sequence number of a signature, or decrypts it.
pub(super) fn apply_to_rc4_sequence(key: &[u8], checksum: &[u8], sequence: &mut [u8; 8]) {
    rc4::apply(&rc4::sequence_key(key, checksum), sequence);
}

/// Whether both are the same, in a time that does not tell where they differ.
pub(super) fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}

impl fmt::Display for Etype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128Sha1 => "aes128-cts-hmac-sha1-96",
            Self::Aes256Sha1 => "aes256-cts-hmac-sha1-96",
            Self::Aes128Sha2 => sha2::AES128,
            Self::Aes256Sha2 => sha2::AES256,
            Self::Rc4 => "rc4-hmac",
        })
    }
}
