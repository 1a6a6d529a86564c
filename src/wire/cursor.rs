//! A position in a message: the only place that reads integers and slices from it.
//!
//! It does not know records; it never reads past its end and never panics.

use super::{WireError, WireErrorKind, WireName, name};

/// Reads forward in a message up to an end, which may lie before the end of the message (RDATA).
///
/// Compression pointers are followed in the whole message, and their number is bounded by a budget that the cursors of
/// one walk share.
#[derive(Debug, Clone)]
pub struct Cursor<'m> {
    /// The whole message, since pointers go anywhere before the name that holds them.
    message: &'m [u8],
    /// The next octet to read.
    at: usize,
    /// One past the last octet that may be read.
    end: usize,
    /// How many pointers may still be followed.
    hops: usize,
}

impl<'m> Cursor<'m> {
    /// At the start of a message, with a budget of four pointers an octet.
    pub fn new(message: &'m [u8]) -> Self {
        Self { message, at: 0, end: message.len(), hops: message.len().saturating_mul(4) }
    }

    /// Between two offsets of a message; reading stops at `end` even where the message goes on.
    pub fn between(message: &'m [u8], at: usize, end: usize) -> Self {
        let end = end.min(message.len());
        Self { message, at, end, hops: message.len().saturating_mul(4) }
    }

    /// Between two offsets, with what is left of a budget.
    pub(super) fn with_hops(message: &'m [u8], at: usize, end: usize, hops: usize) -> Self {
        Self { message, at, end: end.min(message.len()), hops }
    }

    /// Offset of the next octet in the message.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many octets can still be read.
    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// An error of this kind at the present octet.
    pub fn error(&self, kind: WireErrorKind) -> WireError {
        WireError::new(self.at, kind)
    }

    /// The next `length` octets.
    pub fn take(&mut self, length: usize) -> Result<&'m [u8], WireError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.end);
        let slice = end.and_then(|end| self.message.get(self.at..end));
        let slice = slice.ok_or(WireError::new(self.end, WireErrorKind::UnexpectedEnd))?;
        self.at += length;
        Ok(slice)
    }

    /// The budget, for who reads names without this cursor.
    pub(super) fn hops(&mut self) -> &mut usize {
        &mut self.hops
    }

    /// All octets up to the end.
    pub fn take_rest(&mut self) -> &'m [u8] {
        let slice = self.message.get(self.at..self.end).unwrap_or_default();
        self.at = self.end;
        slice
    }

    /// One octet.
    pub fn u8(&mut self) -> Result<u8, WireError> {
        self.array::<1>().map(|[octet]| octet)
    }

    /// Two octets, network order.
    pub fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four octets, network order.
    pub fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Six octets, network order: the time of RFC 8945 section 4.2.
    pub fn u48(&mut self) -> Result<u64, WireError> {
        let (high, low) = (self.u16()?, self.u32()?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// A fixed number of octets.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| WireError::new(at, WireErrorKind::UnexpectedEnd))
    }

    /// A name, compressed or not; see [`WireName`].
    pub fn name(&mut self) -> Result<WireName, WireError> {
        let (name, next) = WireName::read(self.message, self.at, self.end, &mut self.hops)?;
        self.at = next;
        Ok(name)
    }

    /// A name, compressed or not, appended to `out` with its labels expanded; after an error a part of it may be there.
    pub(crate) fn expand_name(&mut self, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.at = name::expand(self.message, self.at, self.end, &mut self.hops, out)?;
        Ok(())
    }

    /// A name in which a compression pointer is an error.
    pub fn uncompressed_name(&mut self) -> Result<WireName, WireError> {
        let mut none = 0;
        let read = WireName::read(self.message, self.at, self.end, &mut none);
        let (name, next) = read.map_err(|error| match error.kind {
            WireErrorKind::TooManyPointers => WireError::new(error.at, WireErrorKind::CompressedRdata),
            _ => error,
        })?;
        self.at = next;
        Ok(name)
    }
}
