//! What one side holds, in eight octets: whether two pulls of it brought the same, without either of them.
//!
//! The sum of a keyed hash of every record, so that order does not matter. It proves no equality of two sides; octets do.

use crate::wire::Rtype;
use ahash::RandomState;
use std::hash::{BuildHasher, Hasher};

/// The sum over all records of one side, less what the policy leaves out; to be compared under one key of the hash only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content(u64);

impl Content {
    /// This and that together.
    pub(super) fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Makes the hashes.
#[derive(Debug, Clone)]
pub(super) struct ContentHash(RandomState);

/// The hash of an owner, from which those of its records go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnerHash(u64);

impl ContentHash {
    /// From a key.
    pub(super) fn new([a, b, c, d]: [u64; 4]) -> Self {
        Self(RandomState::with_seeds(!a, b, c, d))
    }

    /// An owner, in lower case.
    pub(super) fn of_owner(&self, owner: &[u8]) -> OwnerHash {
        let mut hasher = self.0.build_hasher();
        hasher.write(owner);
        OwnerHash(hasher.finish())
    }

    /// One record: what tells its `RRset` from others of its owner, the TTL if it counts, and what tells it from others there.
    pub(super) fn of(&self, owner: OwnerHash, (rtype, class): (Rtype, u16), ttl: u32, payload: &[u8]) -> Content {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(owner.0);
        hasher.write_u64(u64::from(rtype.0) << 48 | u64::from(class) << 32 | u64::from(ttl));
        hasher.write(payload);
        Content(hasher.finish())
    }
}

#[cfg(test)]
mod tests;
