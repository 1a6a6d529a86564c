//! AES with HMAC-SHA2 (RFC 8009).

use super::aes::{Aes, BLOCK};
use super::{CHECKSUM, Checksum, Cut, ENCRYPTION, Etype, INTEGRITY, is_equal};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

/// RFC 8009 section 4: the rounds where the KDC says nothing.
pub(super) const ITERATIONS: u32 = 32_768;
/// The name that goes into the salt.
pub(super) const AES128: &str = "aes128-cts-hmac-sha256-128";
/// The name that goes into the salt.
pub(super) const AES256: &str = "aes256-cts-hmac-sha384-192";

/// HMAC with the hash that belongs to a key of this length, as one that can be cut.
fn mac(is_long: bool, key: &[u8], octets: usize) -> Box<dyn Checksum> {
    /// HMAC takes keys of any length.
    fn keyed<M: KeyInit + Mac + Send + 'static>(key: &[u8], octets: usize) -> Box<dyn Checksum> {
        let mac = <M as KeyInit>::new_from_slice(key)
            .unwrap_or_else(|_| <M as KeyInit>::new(&hmac::digest::Key::<M>::default()));
        Box::new(Cut { mac, octets })
    }
    if is_long { keyed::<Hmac<Sha384>>(key, octets) } else { keyed::<Hmac<Sha256>>(key, octets) }
}

/// Whether a key belongs to the cipher of 256 bits.
const fn is_long(key: &[u8]) -> bool {
    key.len() > BLOCK
}

/// RFC 8009 section 5: octets of a checksum, and of the keys that make one.
const fn mac_octets(is_long: bool) -> usize {
    if is_long { 24 } else { 16 }
}

/// RFC 8009 section 3: KDF-HMAC-SHA2, one block of counter mode.
fn derive(key: &[u8], label: &[u8], octets: usize) -> Zeroizing<Vec<u8>> {
    let mut mac = mac(is_long(key), key, octets);
    mac.update(&1_u32.to_be_bytes());
    mac.update(label);
    mac.update(&[0]);
    // No key has more than 256 bits.
    mac.update(&u32::try_from(octets * 8).unwrap_or(0).to_be_bytes());
    Zeroizing::new(mac.finish())
}

/// RFC 8009 section 5: the label is the usage and one octet; only the key that encrypts is as long as the base key.
fn derive_for(key: &[u8], usage: u32, purpose: u8) -> Zeroizing<Vec<u8>> {
    let [a, b, c, d] = usage.to_be_bytes();
    let octets = if purpose == ENCRYPTION { key.len() } else { mac_octets(is_long(key)) };
    derive(key, &[a, b, c, d, purpose], octets)
}

/// RFC 8009 section 4.
pub(super) fn string_to_key(etype: Etype, password: &str, salt: &[u8], iterations: u32) -> Zeroizing<Vec<u8>> {
    let name = if etype == Etype::Aes256Sha2 { AES256 } else { AES128 };
    let salt = [name.as_bytes(), &[0], salt].concat();
    let mut seed = Zeroizing::new(vec![0; etype.key_octets()]);
    if etype == Etype::Aes256Sha2 {
        pbkdf2::pbkdf2_hmac::<Sha384>(password.as_bytes(), &salt, iterations, &mut seed);
    } else {
        pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, iterations, &mut seed);
    }
    derive(&seed, b"kerberos", etype.key_octets())
}

/// RFC 8009 section 5: the checksum is over the initial vector, zero here, and the ciphertext.
fn integrity(key: &[u8], usage: u32, cipher: &[u8]) -> Vec<u8> {
    let long = is_long(key);
    let mut mac = mac(long, &derive_for(key, usage, INTEGRITY), mac_octets(long));
    mac.update(&[0; BLOCK]);
    mac.update(cipher);
    mac.finish()
}

/// Ciphertext, then its checksum.
pub(super) fn encrypt(key: &[u8], usage: u32, confounder: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    let whole = Zeroizing::new([confounder, plain].concat());
    let mut octets = Aes::new(&derive_for(key, usage, ENCRYPTION)).encrypt(&whole);
    let checksum = integrity(key, usage, &octets);
    octets.extend(checksum);
    octets
}

/// The plain text, if the checksum is right.
pub(super) fn decrypt(key: &[u8], usage: u32, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (cipher, checksum) = cipher.split_at_checked(cipher.len().checked_sub(mac_octets(is_long(key)))?)?;
    if !is_equal(&integrity(key, usage, cipher), checksum) {
        return None;
    }
    let whole = Zeroizing::new(Aes::new(&derive_for(key, usage, ENCRYPTION)).decrypt(cipher)?);
    whole.get(BLOCK..).map(|plain| Zeroizing::new(plain.to_vec()))
}

/// RFC 8009 section 6.
pub(super) fn begin_checksum(key: &[u8], usage: u32) -> Box<dyn Checksum> {
    let long = is_long(key);
    mac(long, &derive_for(key, usage, CHECKSUM), mac_octets(long))
}
