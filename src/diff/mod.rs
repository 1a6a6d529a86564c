//! The exact difference of record sets: any number of sides, each compared with the first.
//!
//! Records are pushed into a [`Differ`] one at a time, each with the number of its side, in any order; nothing is shown
//! before [`Differ::finish`], which gives a [`ZoneDiff`]. Side 0 is the base, the others are targets.
//!
//! # What is equal
//! A record is (owner, class, type, RDATA) as octets in the form that the [`DiffPolicy`] names; no text takes part. Sent
//! twice by one side, it counts once and is noted as a duplicate.
//!
//! The TTL belongs to the `RRset`, that is, to all records of one owner, class and type (RFC 2181 section 5.2: "the TTLs
//! of all RRs in an `RRset` must be the same"). RRSIG records form one set for each type that they cover, since each
//! takes the TTL of what it covers (RFC 4034 section 3). So:
//! 1. The TTL of a side's `RRset` is the lowest that the side sent in it, duplicates included. More than one is noted
//!    for that side, and is no difference by itself: 300 and 3600 here equals 300 and 300 there.
//! 2. If both sides have the `RRset` and their TTLs differ, every record of it differs: all of the base's are `removed`
//!    with the base's TTL, all of the target's are `added` with the target's. The kind is [`ChangeKind::Ttl`] if the
//!    RDATA are the same, else [`ChangeKind::RdataAndTtl`].
//! 3. Otherwise, or if the policy leaves out TTLs, only records whose RDATA one side alone has are listed.
//!
//! Hence `removed` taken off the base and `added` put to it always gives the target, each with its `RRsets` at one TTL.
//!
//! # What it does not do
//! It reads no transfer, knows no server, and prints no report. It does not look whether a side is a whole zone: a side
//! that failed must be dropped ([`Differ::drop_side`]), and no record of it is then a difference.
//!
//! # What it holds
//! [`Differ::new`] holds every distinct record until the end; `holdings` says what that costs. [`Differ::streaming`] forgets
//! what agreed, so that sides in step cost no memory; what it finds may be unsettled ([`ZoneDiff::is_settled`]), and is
//! then judged by feeding the sides once more to [`Differ::settling`]. `merge` says why that is exact.
//!
//! Past the memory of [`Differ::within`], records go as sorted runs into a [`RunStore`], and so does the list of changes.
//! The result is the same; `ordered` says why. Without a store, or if it fails, there is an error and no result.

mod arena;
mod budget;
mod change;
mod changes;
mod classify;
mod content;
mod counting;
mod differ;
mod finishing;
mod holdings;
mod leftovers;
mod listing;
mod log;
mod merge;
mod ordered;
mod pairing;
mod policy;
mod spill;
mod spilling;
#[cfg(test)]
mod tests;
mod unit;
mod zone_diff;

pub use self::budget::DEFAULT_MEMORY;
pub use self::change::{OwnedRecord, RrsetChange};
pub use self::classify::{ChangeKind, Hint, SoaFields};
pub use self::content::Content;
pub use self::differ::{Differ, MAX_SIDES, MIN_SIDES};
pub use self::leftovers::Leftovers;
pub use self::pairing::Front;
pub use self::policy::{DiffPolicy, Filter, LeftOut, SIGNER_MADE};
pub use self::spill::{RunError, RunStore};
pub use self::zone_diff::{SideVerdict, Tally, ZoneDiff};

use crate::present;
use crate::wire::{Rtype, WireName};

/// Why a comparison could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// The caller's fault: a comparison needs a base and a target.
    #[error("a comparison needs at least two sides: a base and something to compare with it")]
    TooFewSides,
    /// The caller's fault: there is one bit for each side.
    #[error("at most {MAX_SIDES} sides can be compared at once: compare the others in another run with the same base")]
    TooManySides,
    /// The caller's fault: a side has a number below the number of sides.
    #[error("there is no side of this number in the comparison")]
    NoSuchSide,
    /// The caller's fault: this side was dropped and is not compared.
    #[error("this side was dropped from the comparison: nothing can be added to it")]
    SideDropped,
    /// A limit of this program: records are numbered with 32 bits.
    #[error("more than 4,294,967,295 distinct records: too many for one comparison")]
    TooMany,
    /// The caller allowed so much memory, and nowhere else to put the rest.
    #[error("more memory is needed than allowed, and there is nowhere else to put records")]
    OverBudget,
    /// One `RRset` must be held as a whole while it is looked at.
    #[error("the differing records of {} {} alone take more memory than allowed: allow more (--memory)", present::name(.owner), present::rtype(*.rtype))]
    RrsetTooLarge {
        /// Its owner.
        owner: Box<WireName>,
        /// Its type.
        rtype: Rtype,
    },
    /// What does not fit into memory cannot be put elsewhere, or read back from there.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A record that was held cannot be read back: a fault of this program or of the machine.
    #[error("a record that was held cannot be read back: the result is not to be used")]
    Lost,
}

impl DiffError {
    /// Whether the caller did nothing wrong, and records could be held neither in memory nor elsewhere.
    pub fn is_for_want_of_room(&self) -> bool {
        match self {
            Self::TooFewSides | Self::TooManySides | Self::NoSuchSide | Self::SideDropped => false,
            Self::TooMany | Self::OverBudget | Self::RrsetTooLarge { .. } | Self::Run(_) | Self::Lost => true,
        }
    }
}
