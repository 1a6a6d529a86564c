//! RC4 with HMAC-MD5 (RFC 4757), for directories that have nothing better. Only used where it was asked for.

use super::{Checksum, Cut, is_equal};
use hmac::{Hmac, KeyInit};
use md5::{Digest, Md5};
use rc4::{Rc4, StreamCipher};
use zeroize::Zeroizing;

/// Octets of a checksum, a key, and a hash.
const MAC: usize = 16;
/// RFC 4757 section 5: octets of a confounder.
const CONFOUNDER: usize = 8;

/// RFC 4757 section 2: the hash of the password in UTF-16, without a salt.
pub(super) fn string_to_key(password: &str) -> Zeroizing<Vec<u8>> {
    let utf16: Zeroizing<Vec<u8>> = Zeroizing::new(password.encode_utf16().flat_map(u16::to_le_bytes).collect());
    Zeroizing::new(md4::Md4::digest(utf16.as_slice()).to_vec())
}

/// HMAC-MD5 as one that can be cut.
fn mac(key: &[u8]) -> Cut<Hmac<Md5>> {
    // HMAC takes keys of any length.
    let mac = Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Md5>>::default()));
    Cut { mac, octets: MAC }
}

/// HMAC-MD5 over the parts.
fn hmac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut mac = Box::new(mac(key));
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finish())
}

/// RFC 4757 section 3: usages as Windows counts them, the lowest octet first.
fn usage_octets(usage: u32) -> [u8; 4] {
    match usage {
        3 | 9 => 8,
        23 => 13,
        other => other,
    }
    .to_le_bytes()
}

/// RC4 over these octets, there and back.
pub(super) fn apply(key: &[u8], octets: &mut [u8]) {
    // All keys here are hashes of 16 octets.
    if let Ok(mut rc4) = Rc4::new_from_slice(key) {
        rc4.apply_keystream(octets);
    }
}

/// RFC 4757 section 5: the checksum of the plain text, then the ciphertext.
pub(super) fn encrypt(key: &[u8], usage: u32, confounder: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    let for_usage = hmac(key, &[&usage_octets(usage)]);
    let confounder = confounder.get(..CONFOUNDER).unwrap_or_default();
    let mut octets = [confounder, plain].concat();
    let checksum = hmac(&for_usage, &[&octets]);
    apply(&hmac(&for_usage, &[&checksum]), &mut octets);
    [checksum.as_slice(), &octets].concat()
}

/// The plain text, if the checksum is right.
pub(super) fn decrypt(key: &[u8], usage: u32, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (checksum, cipher) = cipher.split_at_checked(MAC)?;
    let for_usage = hmac(key, &[&usage_octets(usage)]);
    let mut whole = Zeroizing::new(cipher.to_vec());
    apply(&hmac(&for_usage, &[checksum]), &mut whole);
    let is_right = is_equal(&hmac(&for_usage, &[&whole]), checksum);
    whole.get(CONFOUNDER..).filter(|_| is_right).map(|plain| Zeroizing::new(plain.to_vec()))
}

/// RFC 4757 section 4: HMAC over the MD5 of the usage and the octets.
pub(super) fn begin_checksum(key: &[u8], usage: u32) -> Box<dyn Checksum> {
    let mut hash = Md5::new();
    hash.update(usage_octets(usage));
    let key = hmac(key, &[b"signaturekey\0"]);
    Box::new(Hashed { hash, key })
}

/// The hash under way, and the key for it.
struct Hashed {
    /// Of the usage and the octets so far.
    hash: Md5,
    /// Signs the hash.
    key: Zeroizing<Vec<u8>>,
}

impl Checksum for Hashed {
    fn update(&mut self, octets: &[u8]) {
        self.hash.update(octets);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        hmac(&self.key, &[&self.hash.finalize()]).to_vec()
    }
}

/// RFC 4757 section 7.2: the sequence number of a signature is encrypted under this key.
pub(super) fn sequence_key(key: &[u8], checksum: &[u8]) -> Zeroizing<Vec<u8>> {
    hmac(&hmac(key, &[&[0; 4]]), &[checksum])
}
