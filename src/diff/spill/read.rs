//! Reading a run: in blocks, and in a sorted run entry by entry.

use super::{BLOCK, Kind, Run};
use crate::diff::DiffError;
use crate::diff::ordered::{OtherTtls, Presence, Ttls};
use ahash::RandomState;
use std::borrow::Borrow;

/// Reads a run from its first octet to its last.
#[derive(Debug)]
pub(in crate::diff) struct RunReader<R> {
    /// The run, borrowed or owned.
    run: R,
    /// What was read of it.
    at: u64,
    /// The octets that were read and not used up.
    buffer: Vec<u8>,
    /// Where they start in it.
    start: usize,
    /// The hash of the blocks so far, with its key.
    digest: (u64, RandomState),
    /// The entry that is to be used next.
    entry: Option<Kind>,
    /// The length of its body.
    length: usize,
}

/// # Octets
impl<R: Borrow<Run>> RunReader<R> {
    /// At the first octet.
    pub(in crate::diff) fn new(run: R, hash: RandomState) -> Self {
        Self { run, at: 0, buffer: Vec::new(), start: 0, digest: (0, hash), entry: None, length: 0 }
    }

    /// The run, to be read anew or not at all.
    pub(super) fn into_run(self) -> R {
        self.run
    }

    /// How many octets follow.
    fn left(&self) -> u64 {
        (self.run.borrow().length - self.at) + (self.buffer.len() - self.start) as u64
    }

    /// The next octets, which are not used up; none at the end.
    fn peek(&mut self, length: usize) -> Result<&[u8], DiffError> {
        if self.left() < length as u64 {
            return Err(DiffError::Lost);
        }
        let run = self.run.borrow();
        while self.buffer.len() - self.start < length {
            self.buffer.drain(..self.start);
            self.start = 0;
            let more = usize::try_from(run.length - self.at).unwrap_or(BLOCK).min(BLOCK);
            let old = self.buffer.len();
            self.buffer.resize(old + more, 0);
            let block = self.buffer.get_mut(old..).unwrap_or_default();
            run.store.read(run.number, self.at, block)?;
            self.at += more as u64;
            let (digest, hash) = &mut self.digest;
            *digest = hash.hash_one((*digest, &*block));
            if self.at == run.length && *digest != run.digest {
                return Err(DiffError::Lost);
            }
        }
        self.buffer.get(self.start..self.start + length).ok_or(DiffError::Lost)
    }

    /// The next octets; `None` at the end.
    pub(in crate::diff) fn take(&mut self, length: usize) -> Result<Option<&[u8]>, DiffError> {
        if self.left() == 0 && length > 0 {
            return Ok(None);
        }
        self.peek(length)?;
        let start = self.start;
        self.start += length;
        Ok(self.buffer.get(start..start + length))
    }
}

/// # Entries of a sorted run
impl<R: Borrow<Run>> RunReader<R> {
    /// Goes to the next entry; `None` at the end.
    pub(super) fn advance(&mut self) -> Result<(), DiffError> {
        self.start += self.length;
        (self.entry, self.length) = (None, 0);
        if self.left() == 0 {
            return Ok(());
        }
        let &[kind, ref length @ ..] = self.peek(5)? else { return Err(DiffError::Lost) };
        let length = length.first_chunk().ok_or(DiffError::Lost)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| DiffError::Lost)?;
        let kind = [Kind::Owner, Kind::Rrset, Kind::Record].into_iter().find(|known| *known as u8 == kind);
        self.start += 5;
        self.peek(length)?;
        (self.entry, self.length) = (Some(kind.ok_or(DiffError::Lost)?), length);
        Ok(())
    }

    /// The body of the entry, if it is of this kind.
    fn body(&self, kind: Kind) -> Option<Octets<'_>> {
        let body = || self.buffer.get(self.start..self.start + self.length).map(Octets);
        self.entry.filter(|own| *own == kind).and_then(|_| body())
    }

    /// The owner that the entry begins.
    pub(super) fn owner(&self) -> Option<&[u8]> {
        self.body(Kind::Owner)?.octets()
    }

    /// Adds what is present there.
    pub(super) fn add_presence(&self, all: &mut Vec<Presence>) -> Option<()> {
        let mut body = self.body(Kind::Owner)?;
        body.octets()?;
        while !body.0.is_empty() {
            let class = u16::from_le_bytes(body.array()?);
            let mut bits = || body.array().map(u64::from_le_bytes);
            let there = Presence { class, cut: bits()?, alias: bits()?, a: bits()?, aaaa: bits()? };
            Presence::add_to(all, class, |one| one.merge(&there));
        }
        Some(())
    }

    /// The key, less its owner, of the `RRset` that the entry begins.
    pub(super) fn key_tail(&self) -> Option<[u8; 6]> {
        self.body(Kind::Rrset)?.array()
    }

    /// Adds its TTLs; `scratch` is room for them.
    pub(super) fn add_ttls(&self, all: &mut Ttls, scratch: &mut Ttls) -> Option<()> {
        let mut body = self.body(Kind::Rrset)?;
        let _: [u8; 6] = body.array()?;
        scratch.first = u32::from_le_bytes(body.array()?);
        scratch.at_first = u64::from_le_bytes(body.array()?);
        scratch.others.clear();
        while !body.0.is_empty() {
            let [side] = body.array()?;
            let (lowest, highest) = (u32::from_le_bytes(body.array()?), u32::from_le_bytes(body.array()?));
            scratch.others.push((side, OtherTtls { lowest, highest }));
        }
        all.merge(scratch);
        Some(())
    }

    /// The payload of the record.
    pub(super) fn payload(&self) -> Option<&[u8]> {
        let mut body = self.body(Kind::Record)?;
        let _: [u8; 8] = body.array()?;
        body.octets()
    }

    /// The sides that sent the record.
    pub(super) fn sides(&self) -> Option<u64> {
        self.body(Kind::Record)?.array().map(u64::from_le_bytes)
    }

    /// Adds its RDATA as the sides sent it, the lowest of each side.
    pub(super) fn add_originals<'e>(&'e self, all: &mut Vec<(u8, &'e [u8])>) -> Option<()> {
        let mut body = self.body(Kind::Record)?;
        let _: [u8; 8] = body.array()?;
        body.octets()?;
        while !body.0.is_empty() {
            let [side] = body.array()?;
            let octets = body.octets()?;
            match all.iter_mut().find(|(of, _)| *of == side) {
                Some((_, own)) => *own = octets.min(own),
                None => all.push((side, octets)),
            }
        }
        Some(())
    }
}

/// What is left of an entry's body.
#[derive(Debug, Clone, Copy)]
struct Octets<'e>(&'e [u8]);

impl<'e> Octets<'e> {
    /// The next octets.
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// Octets that stand behind their length.
    fn octets(&mut self) -> Option<&'e [u8]> {
        let length = usize::try_from(u32::from_le_bytes(self.array()?)).ok()?;
        let (octets, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(octets)
    }
}
