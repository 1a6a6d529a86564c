//! The shape in which records are judged: `RRset` by `RRset` in canonical order, each as all sides together have it.
//!
//! What is held in memory gives it, and so do sorted runs that are merged; a run is written from it, and a difference is
//! found in it. So it makes no difference to the result where records were kept.

use super::DiffError;
use crate::wire::{Rtype, WireName};

/// The bit of the base.
pub(super) const BASE: u64 = 1;

/// The bit that stands for a side.
pub(super) fn side_bit(side: u8) -> u64 {
    1_u64.checked_shl(u32::from(side)).unwrap_or(0)
}

/// The sides whose bits are set, lowest first.
pub(super) fn sides_of(mut bits: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let side = u8::try_from(bits.trailing_zeros()).ok().filter(|side| *side < 64)?;
        bits &= bits - 1;
        Some(side)
    })
}

/// The names of an `RRset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RrsetKey<'a> {
    /// The owner in lower case.
    pub(super) owner: &'a [u8],
    /// The type.
    pub(super) rtype: Rtype,
    /// The class.
    pub(super) class: u16,
    /// For RRSIG the type covered, else 0.
    pub(super) covered: u16,
}

/// The octets of a key that follow the owner.
pub(super) const KEY_TAIL: usize = 6;

impl<'a> RrsetKey<'a> {
    /// Appends the key's octets.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.owner);
        // Length octets are below `A`: folding all octets folds the letters only (RFC 4343 section 3).
        out.make_ascii_lowercase();
        out.extend_from_slice(&self.tail());
    }

    /// The octets that follow the owner; they sort as [`numbers`](Self::numbers) do.
    pub(super) fn tail(&self) -> [u8; KEY_TAIL] {
        let [t1, t2] = self.rtype.0.to_be_bytes();
        let ([c1, c2], [s1, s2]) = (self.class.to_be_bytes(), self.covered.to_be_bytes());
        [t1, t2, c1, c2, s1, s2]
    }

    /// Reads what [`write`](Self::write) wrote.
    pub(super) fn read(octets: &'a [u8]) -> Self {
        let (owner, tail) = octets.split_at(octets.len().saturating_sub(KEY_TAIL));
        Self::of(owner, tail.first_chunk().copied().unwrap_or_default())
    }

    /// Of this owner, with what [`tail`](Self::tail) gave.
    pub(super) fn of(owner: &'a [u8], [t1, t2, c1, c2, s1, s2]: [u8; KEY_TAIL]) -> Self {
        Self {
            owner,
            rtype: Rtype(u16::from_be_bytes([t1, t2])),
            class: u16::from_be_bytes([c1, c2]),
            covered: u16::from_be_bytes([s1, s2]),
        }
    }
}

/// Other TTLs than the first one that one side sent in an `RRset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherTtls {
    /// The lowest.
    pub(super) lowest: u32,
    /// The highest.
    pub(super) highest: u32,
}

impl OtherTtls {
    /// This and one more.
    pub(super) fn note(&mut self, ttl: u32) {
        (self.lowest, self.highest) = (self.lowest.min(ttl), self.highest.max(ttl));
    }
}

/// The TTL of one side's `RRset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RrsetTtl {
    /// The lowest that was sent.
    pub(super) lowest: u32,
    /// Whether more than one was sent.
    pub(super) mixed: bool,
}

/// What all sides said of an `RRset`'s TTL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ttls {
    /// One that was seen.
    pub(super) first: u32,
    /// The sides that sent a record with that TTL.
    pub(super) at_first: u64,
    /// The others, by side.
    pub(super) others: Vec<(u8, OtherTtls)>,
}

impl Ttls {
    /// Notes one that a side sent.
    pub(super) fn note(&mut self, side: u8, ttl: u32) {
        if self.at_first == 0 && self.others.is_empty() {
            self.first = ttl;
        }
        if self.first == ttl {
            self.at_first |= side_bit(side);
        } else if let Some((_, others)) = self.others.iter_mut().find(|(of, _)| *of == side) {
            others.note(ttl);
        } else {
            self.others.push((side, OtherTtls { lowest: ttl, highest: ttl }));
        }
    }

    /// Notes all of that as well.
    pub(super) fn merge(&mut self, other: &Self) {
        if self.at_first == 0 && self.others.is_empty() {
            self.clone_from(other);
            return;
        }
        if self.first == other.first {
            self.at_first |= other.at_first;
        } else {
            sides_of(other.at_first).for_each(|side| self.note(side, other.first));
        }
        for (side, others) in &other.others {
            self.note(*side, others.lowest);
            self.note(*side, others.highest);
        }
    }

    /// The TTL of one side, if it has the `RRset`.
    pub(super) fn of(&self, side: u8) -> Option<RrsetTtl> {
        let first = (self.at_first & side_bit(side) != 0).then_some(self.first);
        let others = self.others.iter().find(|(of, _)| *of == side).map(|(_, others)| others);
        match (first, others) {
            (None, None) => None,
            (Some(ttl), None) => Some(RrsetTtl { lowest: ttl, mixed: false }),
            (None, Some(others)) => Some(RrsetTtl { lowest: others.lowest, mixed: others.lowest != others.highest }),
            (Some(ttl), Some(others)) => Some(RrsetTtl { lowest: ttl.min(others.lowest), mixed: true }),
        }
    }

    /// The sides that have the `RRset`.
    pub(super) fn sides(&self) -> u64 {
        self.others.iter().fold(self.at_first, |bits, (side, _)| bits | side_bit(*side))
    }
}

/// A record as all sides have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldRecord<'a> {
    /// What tells it from the other records of its `RRset`.
    pub(super) payload: &'a [u8],
    /// The sides that sent it.
    pub(super) sides: u64,
    /// Its RDATA as these sides sent it, where only a part is compared.
    pub(super) originals: &'a [(u8, &'a [u8])],
}

impl HeldRecord<'_> {
    /// Those of these targets that have the record while the base has not, or the other way round.
    pub(super) fn differing(&self, targets: u64) -> u64 {
        if self.sides & BASE == 0 { self.sides & targets } else { !self.sides & targets }
    }
}

/// Which sides have what at one owner, in one class; it is what hints at other owners and types are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Presence {
    /// The class.
    pub(super) class: u16,
    /// NS or DNAME.
    pub(super) cut: u64,
    /// CNAME.
    pub(super) alias: u64,
    /// A.
    pub(super) a: u64,
    /// AAAA.
    pub(super) aaaa: u64,
}

impl Presence {
    /// Notes that these sides have an `RRset` of this type there.
    pub(super) fn note(&mut self, rtype: Rtype, sides: u64) {
        match rtype {
            Rtype::NS | Rtype::DNAME => self.cut |= sides,
            Rtype::CNAME => self.alias |= sides,
            Rtype::A => self.a |= sides,
            Rtype::AAAA => self.aaaa |= sides,
            _ => {}
        }
    }

    /// Both together.
    pub(super) fn merge(&mut self, other: &Self) {
        self.cut |= other.cut;
        self.alias |= other.alias;
        self.a |= other.a;
        self.aaaa |= other.aaaa;
    }

    /// The types that it tells of.
    pub(super) const TYPES: [Rtype; 5] = [Rtype::NS, Rtype::DNAME, Rtype::CNAME, Rtype::A, Rtype::AAAA];

    /// Adds what is present in one class to what is in all.
    pub(super) fn add_to(all: &mut Vec<Self>, class: u16, note: impl FnOnce(&mut Self)) {
        let index = all.iter().position(|one| one.class == class).unwrap_or(all.len());
        if index == all.len() {
            all.push(Self { class, ..Self::default() });
        }
        if let Some(one) = all.get_mut(index) {
            note(one);
        }
    }
}

/// What the sides have at an owner and above it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings<'a> {
    /// At the owner.
    pub(super) here: &'a [Presence],
    /// At the owners above it that have anything: the length of their name, and what.
    pub(super) above: &'a [(usize, Presence)],
}

impl Surroundings<'_> {
    /// The base or the target has a delegation or DNAME above this owner and below the apex.
    ///
    /// RFC 2136 section 7.18 calls what is hidden so "obscured"; servers do not agree on whether it is transferred.
    pub(super) fn is_below_cut(&self, owner: &WireName, class: u16, side: u8, apex: Option<&WireName>) -> bool {
        let Some(apex) = apex.filter(|apex| owner.is_at_or_below(apex)) else { return false };
        let both = BASE | side_bit(side);
        let below = apex.as_octets().len();
        self.above.iter().any(|(length, there)| there.class == class && *length > below && there.cut & both != 0)
    }

    /// One side has an alias where the other has addresses.
    pub(super) fn is_flattened(&self, rtype: Rtype, class: u16, side: u8) -> bool {
        let Some(here) = self.here.iter().find(|here| here.class == class) else { return false };
        let crossed = |addresses: u64| {
            let (base, target) = (BASE, side_bit(side));
            let has = |bits: u64, side: u64| bits & side != 0;
            (has(here.alias, base) && has(addresses, target)) || (has(here.alias, target) && has(addresses, base))
        };
        matches!(rtype, Rtype::CNAME | Rtype::A | Rtype::AAAA) && (crossed(here.a) || crossed(here.aaaa))
    }
}

/// Takes `RRsets` in canonical order of owner, type, class and type covered, and the records of each by their payload.
pub(super) trait InOrder {
    /// The `RRsets` that follow are of this owner.
    fn owner(&mut self, owner: &[u8], around: Surroundings<'_>) -> Result<(), DiffError>;
    /// The records that follow are of this `RRset`.
    fn rrset(&mut self, key: &RrsetKey<'_>, ttls: &Ttls) -> Result<(), DiffError>;
    /// A record.
    fn record(&mut self, record: &HeldRecord<'_>) -> Result<(), DiffError>;
    /// That was the last record of the `RRset`.
    fn end_rrset(&mut self) -> Result<(), DiffError>;
}

#[cfg(test)]
mod tests;
