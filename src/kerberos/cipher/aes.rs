//! AES in the mode of Kerberos: CBC with ciphertext stealing, the last two blocks swapped (RFC 3962 section 5).

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};

/// Octets of a block.
pub(super) const BLOCK: usize = 16;

/// AES with a key taken in; wiped when it is dropped.
pub(super) enum Aes {
    /// With 128 bits.
    Short(Aes128),
    /// With 256 bits.
    Long(Aes256),
}

impl Aes {
    /// With a key of 32 octets, or one of 16; a `Key` has no other.
    pub(super) fn new(key: &[u8]) -> Self {
        match <[u8; 32]>::try_from(key) {
            Ok(long) => Self::Long(Aes256::new(&Array::from(long))),
            Err(_) => Self::Short(Aes128::new(&Array::from(first_block(key)))),
        }
    }

    /// One block.
    pub(super) fn encrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array::from(block);
        match self {
            Self::Short(aes) => aes.encrypt_block(&mut block),
            Self::Long(aes) => aes.encrypt_block(&mut block),
        }
        block.into()
    }

    /// One block back.
    fn decrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array::from(block);
        match self {
            Self::Short(aes) => aes.decrypt_block(&mut block),
            Self::Long(aes) => aes.decrypt_block(&mut block),
        }
        block.into()
    }

    /// Encrypts one block or more, from an initial vector of zero; what comes out is as long.
    pub(super) fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let mut before = [0; BLOCK];
        let mut blocks = Vec::new();
        for chunk in plain.chunks(BLOCK) {
            // A last block that is not full is filled with zeros.
            before = self.encrypt_block(xor(first_block(chunk), before));
            blocks.push(before);
        }
        swap_last_two(&mut blocks);
        let mut octets = blocks.concat();
        octets.truncate(plain.len());
        octets
    }

    /// Decrypts what [`encrypt`](Self::encrypt) made; `None` for less than a block.
    pub(super) fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let mut blocks: Vec<[u8; BLOCK]> = cipher.chunks(BLOCK).map(first_block).collect();
        let full = cipher.chunks_exact(BLOCK);
        let missing = if full.remainder().is_empty() { 0 } else { BLOCK - full.remainder().len() };
        match blocks.as_mut_slice() {
            [] => return None,
            [_] if missing > 0 => return None,
            // What was stolen from the block before the last stands at the end of what the last one decrypts to.
            [.., last_full, last] if missing > 0 => {
                let stolen = self.decrypt_block(*last_full);
                let pairs = last.iter_mut().zip(stolen).skip(BLOCK - missing);
                pairs.for_each(|(octet, stolen)| *octet = stolen);
            }
            _ => {}
        }
        swap_last_two(&mut blocks);
        let mut before = [0; BLOCK];
        let mut plain = Vec::with_capacity(cipher.len() + BLOCK);
        for block in blocks {
            plain.extend_from_slice(&xor(self.decrypt_block(block), before));
            before = block;
        }
        plain.truncate(cipher.len());
        Some(plain)
    }
}

/// The first block of these octets, filled up with zeros.
pub(super) fn first_block(octets: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    block
}

/// One added to the other, bit by bit.
fn xor(mut one: [u8; BLOCK], other: [u8; BLOCK]) -> [u8; BLOCK] {
    one.iter_mut().zip(other).for_each(|(octet, other)| *octet ^= other);
    one
}

/// Where there are two.
fn swap_last_two(blocks: &mut [[u8; BLOCK]]) {
    if let [.., one, other] = blocks {
        std::mem::swap(one, other);
    }
}
