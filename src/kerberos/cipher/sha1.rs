//! AES with HMAC-SHA1-96 (RFC 3962, on the simplified profile of RFC 3961).

use super::aes::{Aes, BLOCK};
use super::{CHECKSUM, Checksum, Cut, ENCRYPTION, Etype, INTEGRITY, is_equal};
use hmac::{Hmac, KeyInit};
use zeroize::Zeroizing;

/// RFC 3962 section 4: the rounds where the KDC says nothing.
pub(super) const ITERATIONS: u32 = 4096;
/// RFC 3962 section 6: octets of the checksum.
const MAC: usize = 12;

/// RFC 3961 section 5.1, DK: a key for one purpose.
fn derive(key: &[u8], constant: &[u8]) -> Zeroizing<Vec<u8>> {
    let aes = Aes::new(key);
    let mut derived = Zeroizing::new(Vec::with_capacity(key.len()));
    let mut block = n_fold(constant);
    while derived.len() < key.len() {
        block = aes.encrypt_block(block);
        derived.extend_from_slice(&block);
    }
    derived
}

/// RFC 3961 section 5.3: the constant is the usage and one octet.
fn derive_for(key: &[u8], usage: u32, purpose: u8) -> Zeroizing<Vec<u8>> {
    let [a, b, c, d] = usage.to_be_bytes();
    derive(key, &[a, b, c, d, purpose])
}

/// RFC 3961 section 5.1, n-fold to one block: copies of the input, each turned right by 13 bits more than the one before,
/// until they end with a block; the blocks are then added in ones' complement.
pub(super) fn n_fold(input: &[u8]) -> [u8; BLOCK] {
    let bits = input.len() * 8;
    let copies = BLOCK / greatest_common_divisor(input.len(), BLOCK);
    let bit = |at: usize| input.get(at / 8).map_or(0, |octet| octet >> (7 - at % 8) & 1);
    let turned = |copy: usize, octet: usize| {
        (0..8).fold(0, |value, in_octet| {
            let at = octet * 8 + in_octet;
            value << 1 | bit((at + bits * copy.max(1) * 13 - 13 * copy) % bits.max(1))
        })
    };
    let expanded: Vec<u8> = (0..copies)
        .flat_map(|copy| (0..input.len()).map(move |octet| (copy, octet)))
        .map(|(c, o)| turned(c, o))
        .collect();
    let mut sum = [0_u8; BLOCK];
    for block in expanded.chunks_exact(BLOCK) {
        let mut carry = 0;
        // The carry out of the first octet goes back into the last.
        for addend in [block, [0; BLOCK].as_slice()] {
            for (octet, addend) in sum.iter_mut().zip(addend).rev() {
                let total = u16::from(*octet) + u16::from(*addend) + carry;
                [_, *octet] = total.to_be_bytes();
                carry = total >> 8;
            }
        }
    }
    sum
}

/// Euclid's.
const fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// RFC 3962 section 4.
pub(super) fn string_to_key(etype: Etype, password: &str, salt: &[u8], iterations: u32) -> Zeroizing<Vec<u8>> {
    let mut seed = Zeroizing::new(vec![0; etype.key_octets()]);
    pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password.as_bytes(), salt, iterations, &mut seed);
    derive(&seed, b"kerberos")
}

/// HMAC-SHA1 with a derived key.
fn mac(key: &[u8]) -> Cut<Hmac<sha1::Sha1>> {
    // HMAC takes keys of any length.
    let mac =
        Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<sha1::Sha1>>::default()));
    Cut { mac, octets: MAC }
}

/// The integrity of a plain text.
fn integrity(key: &[u8], usage: u32, plain: &[u8]) -> Vec<u8> {
    let mut mac = Box::new(mac(&derive_for(key, usage, INTEGRITY)));
    mac.update(plain);
    mac.finish()
}

/// RFC 3961 section 5.3: ciphertext, then the checksum of the plain text.
pub(super) fn encrypt(key: &[u8], usage: u32, confounder: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    let whole = Zeroizing::new([confounder, plain].concat());
    let mut octets = Aes::new(&derive_for(key, usage, ENCRYPTION)).encrypt(&whole);
    octets.extend(integrity(key, usage, &whole));
    octets
}

/// The plain text, if the checksum is right.
pub(super) fn decrypt(key: &[u8], usage: u32, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (cipher, checksum) = cipher.split_at_checked(cipher.len().checked_sub(MAC)?)?;
    let whole = Zeroizing::new(Aes::new(&derive_for(key, usage, ENCRYPTION)).decrypt(cipher)?);
    let is_right = is_equal(&integrity(key, usage, &whole), checksum);
    whole.get(BLOCK..).filter(|_| is_right).map(|plain| Zeroizing::new(plain.to_vec()))
}

/// RFC 3961 section 5.4.
pub(super) fn begin_checksum(key: &[u8], usage: u32) -> Box<dyn Checksum> {
    Box::new(mac(&derive_for(key, usage, CHECKSUM)))
}
