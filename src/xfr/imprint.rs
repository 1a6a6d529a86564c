//! What a transfer was, octet for octet, in a few words: so that another one is known to have brought the same.
//!
//! It proves no equality of two servers, whose octets may differ where their records do not; only that one server has
//! sent the same thing twice. What is the same octets is the same records, so that every rule that the first transfer
//! was held to holds for the second one as well, and nothing of it has to be walked again.

use super::Progress;
use crate::tsig::Sequence;
use crate::wire::{Header, Message};
use ahash::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

/// The messages of a transfer as a keyed hash of their octets, less what no two transfers have in common: the ID and the
/// signature of each message.
///
/// 64 bits are enough against chance; and nobody has a reason to aim at them: a server that wants to be taken for
/// unchanged may as well send the same octets.
#[derive(Clone)]
pub struct Imprint {
    /// The keyed hash.
    hash: RandomState,
    /// How many messages.
    messages: u64,
    /// How many octets of them were taken in.
    octets: u64,
    /// Their hash.
    digest: u64,
}

impl Imprint {
    /// Of nothing yet, under a key of its own.
    pub(super) fn new() -> Self {
        Self::under(RandomState::new())
    }

    /// Of nothing yet, under this key.
    fn under(hash: RandomState) -> Self {
        Self { hash, messages: 0, octets: 0, digest: 0 }
    }

    /// Takes in a message; `end` is where its signature begins, or its end.
    pub(super) fn add(&mut self, octets: &[u8], end: usize) {
        let covered = octets.get(2..end).unwrap_or_default();
        let mut hasher = self.hash.build_hasher();
        hasher.write_u64(self.digest);
        hasher.write(covered);
        self.digest = hasher.finish();
        self.messages += 1;
        self.octets = self.octets.saturating_add(covered.len() as u64);
    }
}

/// Never equal under two keys, but by a chance of one in 2^64.
impl PartialEq for Imprint {
    fn eq(&self, other: &Self) -> bool {
        (self.messages, self.octets, self.digest) == (other.messages, other.octets, other.digest)
    }
}

impl Eq for Imprint {}

impl fmt::Debug for Imprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imprint")
            .field("messages", &self.messages)
            .field("octets", &self.octets)
            .finish_non_exhaustive()
    }
}

/// Takes the messages of a transfer that may be the same as an earlier one, and says whether it was.
///
/// It says no more than that: a transfer that is another one has to be taken again, by the rules.
#[derive(Debug)]
pub struct Repetition {
    /// The ID of the query.
    id: u16,
    /// The earlier transfer.
    known: Imprint,
    /// This one.
    seen: Imprint,
    /// The signatures, if the query was signed.
    sequence: Option<Sequence>,
    /// Whether it is another one already.
    differs: bool,
}

impl Repetition {
    /// For the answer to the query with this ID; a signed one is verified by `sequence`.
    pub fn new(id: u16, known: Imprint, sequence: Option<Sequence>) -> Self {
        let seen = Imprint::under(known.hash.clone());
        Self { id, known, seen, sequence, differs: false }
    }

    /// Takes the octets of one message, without length prefix; `now` is in seconds since 1970.
    ///
    /// [`Progress::Done`] as soon as nothing more has to be read, whatever the outcome.
    pub fn frame(&mut self, octets: &[u8], now: u64) -> Progress {
        self.differs |= !self.take(octets, now);
        self.differs |= self.seen.messages > self.known.messages || self.seen.octets > self.known.octets;
        if self.differs || self.seen.messages == self.known.messages { Progress::Done } else { Progress::More }
    }

    /// Takes a message in; `false` if it cannot be one of the same transfer.
    fn take(&mut self, octets: &[u8], now: u64) -> bool {
        if !Header::read(octets).is_ok_and(|header| header.id == self.id) {
            return false;
        }
        let mut end = octets.len();
        if let Some(sequence) = &mut self.sequence {
            let Ok(message) = Message::parse(octets) else { return false };
            if sequence.message(&message, now).is_err() {
                return false;
            }
            end = message.tsig().map_or(end, crate::wire::RecordView::position);
        }
        self.seen.add(octets, end);
        true
    }

    /// Whether it was the same transfer to its last octet, signed to its last message if the query was.
    pub fn finish(self) -> bool {
        !self.differs && self.seen == self.known && self.sequence.is_none_or(|sequence| sequence.finish().is_ok())
    }
}
