//! What one side holds, in sixteen octets: whether two pulls of it brought the same, without either of them.
//!
//! The sum of a keyed hash of every record, so that order does not matter. It proves no equality of two sides; octets do.

use super::ordered::RrsetKey;
use ahash::RandomState;
use std::hash::{BuildHasher, Hasher};

/// The sum over all records of one side, less what the policy leaves out; to be compared under one key of the hash only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content([u64; 2]);

impl Content {
    /// This and that together.
    pub(super) fn add(&mut self, other: Self) {
        let ([a, b], [c, d]) = (self.0, other.0);
        self.0 = [a.wrapping_add(c), b.wrapping_add(d)];
    }
}

/// Makes the hashes.
#[derive(Debug, Clone)]
pub(super) struct ContentHash([RandomState; 2]);

impl ContentHash {
    /// Two hashes that have nothing to do with each other, from one key.
    pub(super) fn new([a, b, c, d]: [u64; 4]) -> Self {
        Self([RandomState::with_seeds(!a, b, c, d), RandomState::with_seeds(a, !b, c, !d)])
    }

    /// One record: what tells its `RRset` from others, the TTL if it counts, and what tells it from others there.
    pub(super) fn of(&self, key: &RrsetKey<'_>, ttl: u32, payload: &[u8]) -> Content {
        let numbers = u64::from(key.rtype.0) << 48 | u64::from(key.class) << 32 | u64::from(ttl);
        let one = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write_u64(numbers);
            hasher.write(key.owner);
            hasher.write(payload);
            hasher.finish()
        };
        let [first, second] = &self.0;
        Content([one(first), one(second)])
    }
}
