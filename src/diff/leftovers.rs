//! What one comparison leaves to the next, which judges it: the units that differ, or word that they are too many to name.

use super::merge::{Units, hash_unit};
use crate::wire::WireName;
use ahash::RandomState;

/// What a comparison has left over that forgets what agreed; another one, by
/// [`Differ::settling`](super::Differ::settling), is the judge of it.
#[derive(Debug, Clone)]
pub struct Leftovers {
    /// The key of the hash.
    pub(super) seed: [u64; 4],
    /// The units in which a target differs, and those above them, where a hint may come from.
    pub(super) units: Units,
    /// How many of them are named.
    most: usize,
    /// Whether they are too many to be named: then the next comparison holds everything.
    pub(super) everything: bool,
}

impl Leftovers {
    /// None, of which at most so many will be named.
    pub(super) fn new(seed: [u64; 4], most: usize) -> Self {
        Self { seed, units: Units::with_hasher(hash_of(seed)), most, everything: false }
    }

    /// These and those of another pass: what is settled once is to stay so.
    ///
    /// Both come from comparisons with one key of the hash, else this changes nothing.
    pub fn extend(&mut self, other: &Self) {
        if self.seed == other.seed {
            self.everything |= other.everything;
            self.units.extend(&other.units);
            self.keep_within();
        }
    }

    /// Adds a unit in which a target differs, and those above it up to the apex.
    pub(super) fn add(&mut self, owner: &WireName, kind: usize, apexes: &[Option<WireName>]) {
        if self.everything {
            return;
        }
        let hash = hash_of(self.seed);
        self.units.insert(hash_unit(&hash, owner.as_octets(), kind));
        let mut above = owner.parent();
        while let Some(name) = above.filter(|name| !apexes.contains(&Some(*name))) {
            if !self.units.insert(hash_unit(&hash, name.as_octets(), 0)) {
                break;
            }
            above = name.parent();
        }
        self.keep_within();
    }

    /// Names none if they are too many.
    fn keep_within(&mut self) {
        if self.everything || self.units.len() > self.most {
            self.everything = true;
            self.units = Units::with_hasher(hash_of(self.seed));
        }
    }
}

/// A keyed hash.
pub(super) fn hash_of([a, b, c, d]: [u64; 4]) -> RandomState {
    RandomState::with_seeds(a, b, c, d)
}

#[cfg(test)]
mod tests;
