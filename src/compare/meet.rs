//! Sides that were transferred at different serials, met at one: what a server says has changed since is applied to what
//! is left over of the comparison.
//!
//! Δ is what the differ has left over: records of the base alone, and of the target alone. All else both hold, or neither
//! does. A server's own account of its changes (IXFR) from the serial that it sent on is applied to Δ as deletions and
//! additions; the sides meet if nothing is left of Δ then.
//!
//! The records that agreed are forgotten, so that of them nothing can be checked. Therefore every record that an account
//! touches has to be in Δ, and Δ has to hold it as the account says it was: a deletion of what is not there, an addition of
//! what is, and whatever else cannot be verified (RFC 1995 section 4) is no meeting, and whole transfers go on.

use super::CompareError;
use crate::canonical::CanonicalRecord;
use crate::diff::{Hint, RrsetChange, ZoneDiff};
use crate::wire::Rtype;
use crate::xfr::Effects;
use std::collections::HashMap;

/// One record with its TTL, in the layout of `canonical`.
type Key = Vec<u8>;

/// Whether the base and the target hold a record.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The base.
    base: bool,
    /// The target.
    target: bool,
}

/// Whether base and target are equal once what has changed on each of them since is applied.
pub(super) fn is_met(
    diff: &ZoneDiff,
    target: usize,
    base_since: &Effects,
    target_since: &Effects,
) -> Result<bool, CompareError> {
    // Every record of Δ has to be touched, each account having two TTLs of it at most: anything larger is no meeting.
    let touched: usize = [base_since, target_since].map(|since| since.iter().count()).iter().sum();
    let tally = diff.tally(target);
    if tally.records_removed.saturating_add(tally.records_added) > (touched as u64).saturating_mul(2) {
        return Ok(false);
    }
    let mut held = HashMap::new();
    for change in diff.between(target) {
        let change = change?;
        // The differ took the lowest TTL; the account speaks of each.
        if change.hints.contains(&Hint::MixedTtl) {
            return Ok(false);
        }
        note(&change, &mut held);
    }
    let applied =
        apply(base_since, &mut held, |held| &mut held.base) && apply(target_since, &mut held, |held| &mut held.target);
    Ok(applied && held.values().all(|held| held.base == held.target))
}

/// Notes who holds the records of one change.
fn note(change: &RrsetChange, held: &mut HashMap<Key, Held>) {
    let removed = change.removed.iter().map(|record| (record, Held { base: true, target: false }));
    let added = change.added.iter().map(|record| (record, Held { base: false, target: true }));
    for (record, who) in removed.chain(added) {
        held.insert(key(&record.view(), record.view().ttl()), who);
    }
}

/// Applies one account to its side; `false` if it cannot be verified.
fn apply(since: &Effects, held: &mut HashMap<Key, Held>, side: impl Fn(&mut Held) -> &mut bool) -> bool {
    since.iter().all(|effect| {
        let (before, after) = (effect.before, effect.after);
        let mut holds = |ttl: u32, was: bool, is: bool| {
            held.get_mut(&key(&effect.record, ttl)).is_some_and(|held| {
                let own = side(held);
                let as_told = *own == was;
                *own = is;
                as_told
            })
        };
        match (before, after) {
            (Some(before), Some(after)) if before == after => holds(before, true, true),
            (Some(before), Some(after)) => holds(before, true, false) && holds(after, false, true),
            (Some(before), None) => holds(before, true, false),
            (None, Some(after)) => holds(after, false, true),
            // It came and went: whether it had been there before is not known. But for the SOA between two steps: a version has
            // one alone, and what was sent and what is held now have others.
            (None, None) => effect.record.rtype() == Rtype::SOA,
        }
    })
}

/// The record with that TTL.
fn key(record: &CanonicalRecord<'_>, ttl: u32) -> Key {
    let mut octets = Vec::new();
    CanonicalRecord::new(record.owner(), record.rtype(), record.class(), ttl, record.rdata()).write(&mut octets);
    octets
}
