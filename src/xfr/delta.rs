//! What the steps of a difference come to: each record that they touch, before the first step and after the last.
//!
//! A record is told by owner, type, class and RDATA; its TTL is a property of it, since a deletion means the record
//! whatever its TTL is (RFC 2136 section 3.4.2.4, which journals are made from).
//!
//! It holds no zone. Whoever has the records of version n asks [`Effects::check`] whether the difference can be of them.

use crate::canonical::{CanonicalRecord, Form, write_record};
use crate::present;
use crate::wire::{RecordView, Rtype, WireError, WireName};
use ahash::RandomState;
use std::collections::HashMap;

/// Collects the deletions and additions of a difference in their order.
///
/// One input, one answer: only [`Delta::finish`] says whether they make sense. The first thing that does not stays the
/// answer, and what comes after it is not looked at.
#[derive(Debug)]
pub struct Delta {
    /// The octets that may be kept.
    limit: usize,
    /// The octets that are kept.
    octets: usize,
    /// Each record that was touched, its TTL field zero.
    records: HashMap<Box<[u8]>, Lifetime, RandomState>,
    /// Deletions of what an earlier step had added with another TTL.
    ttl_differs: u64,
    /// The first thing that makes no sense.
    inconsistency: Option<Inconsistency>,
    /// Room for the record at hand.
    scratch: Vec<u8>,
}

/// The TTL of a record before the first step and after the last; `None` where the zone does not hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lifetime {
    /// Before the first step.
    before: Option<u32>,
    /// After the last step so far.
    after: Option<u32>,
}

/// Why a difference leads nowhere: the whole zone has to be asked for (RFC 1995 section 4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Inconsistency {
    /// The server's fault: a step deletes a record that an earlier step had deleted.
    #[error("the server's changes delete {} {} twice", present::name(owner), present::rtype(*rtype))]
    DeletedTwice {
        /// The owner.
        owner: Box<WireName>,
        /// The type.
        rtype: Rtype,
    },
    /// The server's fault: a step adds a record that an earlier step had added.
    #[error("the server's changes add {} {} twice", present::name(owner), present::rtype(*rtype))]
    AddedTwice {
        /// The owner.
        owner: Box<WireName>,
        /// The type.
        rtype: Rtype,
    },
    /// The difference and the zone are not of one history: it deletes a record that the zone does not hold.
    #[error("the server's changes delete {} {}, which its zone did not hold", present::name(owner), present::rtype(*rtype))]
    NotHeld {
        /// The owner.
        owner: Box<WireName>,
        /// The type.
        rtype: Rtype,
    },
    /// The difference and the zone are not of one history: it adds a record that the zone holds.
    #[error("the server's changes add {} {}, which its zone held already", present::name(owner), present::rtype(*rtype))]
    HeldAlready {
        /// The owner.
        owner: Box<WireName>,
        /// The type.
        rtype: Rtype,
    },
    /// Own limit, [`Delta::OCTETS`]: so long a history costs more than the zone.
    #[error("the server's changes take more than {limit} octets, the limit set here")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// Whether a record goes or comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a difference of two sets has two sides")]
pub enum Sign {
    /// The zone holds it before, and not after.
    Removed,
    /// The zone holds it after, and not before.
    Added,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effect<'d> {
    /// The record; its TTL is zero, those that it had follow.
    pub record: CanonicalRecord<'d>,
    /// The TTL with which the zone before the first step holds it; `None` if it must not hold it.
    ///
    /// A deletion gave it, so it may be wrong: servers differ in whether they look at it.
    pub before: Option<u32>,
    /// The TTL with which the zone after the last step holds it; `None` if it does not.
    pub after: Option<u32>,
}

/// A difference that makes sense in itself; by default nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// Each record that was touched, its TTL field zero; in canonical order.
    records: Vec<(Box<[u8]>, Lifetime)>,
    /// See [`Effects::ttl_differs`].
    ttl_differs: u64,
}

impl Delta {
    /// The octets that are kept of the records of a difference, if no other limit is set: some 600,000 records.
    pub const OCTETS: usize = 64 << 20;

    /// What a record costs beside its octets: its place in the table.
    const OVERHEAD: usize = size_of::<(Box<[u8]>, Lifetime)>() + 16;

    /// Nothing has changed yet; at most `limit` octets are kept, [`Delta::OCTETS`] if nothing speaks for another number.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            octets: 0,
            records: HashMap::with_hasher(RandomState::new()),
            ttl_differs: 0,
            inconsistency: None,
            scratch: Vec::new(),
        }
    }

    /// Takes a deletion.
    ///
    /// # Errors
    /// The record cannot be written in canonical form.
    pub fn delete(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.touch(record, Sign::Removed)
    }

    /// Takes an addition.
    ///
    /// # Errors
    /// The record cannot be written in canonical form.
    pub fn add(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.touch(record, Sign::Added)
    }

    /// Takes a deletion or an addition of a record in canonical form, as [`delete`](Self::delete) and [`add`](Self::add) take
    /// those of a message.
    pub fn take(&mut self, sign: Sign, record: &CanonicalRecord<'_>) {
        if self.inconsistency.is_some() {
            return;
        }
        let mut octets = std::mem::take(&mut self.scratch);
        octets.clear();
        record.write(&mut octets);
        self.touch_octets(&mut octets, sign);
        self.scratch = octets;
    }

    /// The net effect of all.
    ///
    /// # Errors
    /// A record was deleted or added twice, or all together was too much: ask for the whole zone.
    pub fn finish(self) -> Result<Effects, Inconsistency> {
        if let Some(inconsistency) = self.inconsistency {
            return Err(inconsistency);
        }
        let mut records: Vec<_> = self.records.into_iter().collect();
        // Each record is there once, so no two of them are equal.
        records.sort_unstable_by(|(a, _), (b, _)| match (split(a), split(b)) {
            (Some(left), Some(right)) => left.order(&right),
            _ => a.cmp(b),
        });
        Ok(Effects { records, ttl_differs: self.ttl_differs })
    }

    /// Takes one change.
    fn touch(&mut self, record: &RecordView<'_>, sign: Sign) -> Result<(), WireError> {
        if self.inconsistency.is_some() {
            return Ok(());
        }
        let mut octets = std::mem::take(&mut self.scratch);
        octets.clear();
        write_record(record, Form::Canonical, &mut octets)?;
        self.touch_octets(&mut octets, sign);
        self.scratch = octets;
        Ok(())
    }

    /// Takes one change of a record in canonical form.
    fn touch_octets(&mut self, octets: &mut [u8], sign: Sign) {
        let ttl = take_ttl(octets);
        if let Err(inconsistency) = self.live_on(octets, ttl, sign) {
            self.inconsistency = Some(inconsistency);
        }
    }

    /// Goes on with the life of this record.
    fn live_on(&mut self, octets: &[u8], ttl: u32, sign: Sign) -> Result<(), Inconsistency> {
        let held = (sign == Sign::Added).then_some(ttl);
        let Some(lifetime) = self.records.get_mut(octets) else {
            self.octets = self.octets.saturating_add(octets.len()).saturating_add(Self::OVERHEAD);
            if self.octets > self.limit {
                return Err(Inconsistency::TooLarge { limit: self.limit });
            }
            // The first change shows what was there before: what is deleted was, what is added was not.
            let before = (sign == Sign::Removed).then_some(ttl);
            self.records.insert(octets.into(), Lifetime { before, after: held });
            return Ok(());
        };
        let owner = || Box::new(split(octets).map_or(WireName::ROOT, |record| record.owner_name()));
        let rtype = || split(octets).map_or(Rtype(0), |record| record.rtype());
        match (lifetime.after, sign) {
            (Some(_), Sign::Added) => return Err(Inconsistency::AddedTwice { owner: owner(), rtype: rtype() }),
            (None, Sign::Removed) => return Err(Inconsistency::DeletedTwice { owner: owner(), rtype: rtype() }),
            (Some(before), Sign::Removed) => self.ttl_differs += u64::from(before != ttl),
            (None, Sign::Added) => {}
        }
        lifetime.after = held;
        Ok(())
    }
}

impl Effects {
    /// Every record that was touched, in canonical order; those too that are as they were.
    pub fn iter(&self) -> impl Iterator<Item = Effect<'_>> {
        self.records.iter().filter_map(|(octets, Lifetime { before, after })| {
            split(octets).map(|record| Effect { record, before: *before, after: *after })
        })
    }

    /// What the zone after the last step does not have of the zone before the first, and the other way round.
    ///
    /// In canonical order; a TTL that has changed is a record that goes and one that comes.
    pub fn net_changes(&self) -> impl Iterator<Item = (Sign, CanonicalRecord<'_>)> {
        self.iter().filter(|effect| effect.before != effect.after).flat_map(|Effect { record, before, after }| {
            let with =
                move |ttl| CanonicalRecord::new(record.owner(), record.rtype(), record.class(), ttl, record.rdata());
            let removed = before.map(|ttl| (Sign::Removed, with(ttl)));
            removed.into_iter().chain(after.map(|ttl| (Sign::Added, with(ttl))))
        })
    }

    /// How many deletions within the difference gave another TTL than the addition before them; worth a warning.
    pub fn ttl_differs(&self) -> u64 {
        self.ttl_differs
    }

    /// Whether the difference is one of the zone that `held` knows, which tells the TTL of the records that are in it.
    ///
    /// The answer is in how many deletions the TTL is another than in the zone; worth a warning, since servers differ.
    ///
    /// # Errors
    /// It deletes what the zone does not hold, or adds what it holds: ask for the whole zone.
    pub fn check(&self, mut held: impl FnMut(&CanonicalRecord<'_>) -> Option<u32>) -> Result<u64, Inconsistency> {
        let mut ttl_differs = 0;
        for Effect { record, before, .. } in self.iter() {
            let (owner, rtype) = (|| Box::new(record.owner_name()), record.rtype());
            match (before, held(&record)) {
                (Some(_), None) => return Err(Inconsistency::NotHeld { owner: owner(), rtype }),
                (None, Some(_)) => return Err(Inconsistency::HeldAlready { owner: owner(), rtype }),
                (Some(deleted), Some(held)) => ttl_differs += u64::from(deleted != held),
                (None, None) => {}
            }
        }
        Ok(ttl_differs)
    }
}

/// The record; there always is one, since the octets are only written from records.
fn split(octets: &[u8]) -> Option<CanonicalRecord<'_>> {
    CanonicalRecord::split_first(octets).ok().map(|(record, _)| record)
}

/// The TTL of a record in canonical form, and zero in its place.
fn take_ttl(octets: &mut [u8]) -> u32 {
    let Some(at) = split(octets).map(|record| record.owner().len() + 4) else { return 0 };
    let Some(field) = octets.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) else { return 0 };
    u32::from_be_bytes(std::mem::take(field))
}
