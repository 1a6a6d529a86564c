//! Algorithms by their names, and clocks against each other: what only messages about TSIG need.
//!
//! Names of keys and times are shown as all names and times are, by `present`.

use super::algorithm::Hash;
use crate::present;
use crate::wire::WireName;
use std::fmt;

/// The name of an algorithm, as key files and command lines write it: without a final dot if it is one of the known.
///
/// It is the one name that is not shown as [`present::name`] shows it: who reads it is to write it into a key.
pub(super) struct AlgorithmName<'n>(pub(super) &'n WireName);

impl fmt::Display for AlgorithmName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Hash::named(self.0) {
            Some(hash) => f.write_str(hash.text()),
            None => write!(f, "{}", present::name(self.0)),
        }
    }
}

/// A difference of clocks in words: how many seconds, and in which direction.
pub(super) struct Skew(pub(super) i64);

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s {}", self.0.unsigned_abs(), if self.0 < 0 { "behind" } else { "ahead of" })
    }
}

/// How far `there` is ahead of `here`, in seconds.
pub(super) fn skew(there: u64, here: u64) -> i64 {
    let signed = |time| i64::try_from(time).unwrap_or(i64::MAX);
    signed(there).saturating_sub(signed(here))
}
