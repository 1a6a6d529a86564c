//! One input as a window that moves over it: never more in memory than an entry may be long.

use super::entry::Place;
use super::error::ZoneFileErrorKind;
use crate::wire::WireName;
use std::io::{self, Read};

/// How much is read at once; an entry that does not fit makes the window grow.
const WINDOW: usize = 64 * 1024;

/// A file that is being read, and what holds in it alone.
pub(super) struct Input<'i> {
    /// Its name in messages.
    pub(super) name: String,
    /// Where its octets come from.
    source: Box<dyn Read + Send + 'i>,
    /// The window.
    window: Vec<u8>,
    /// The first octet of the window that was not read as an entry yet.
    start: usize,
    /// One past the last octet that came.
    end: usize,
    /// Whether the source has ended.
    ended: bool,
    /// The line of `start`.
    pub(super) line: u64,
    /// What stands behind relative names.
    pub(super) origin: WireName,
    /// The owner of the last record, in wire form; empty before the first.
    pub(super) owner: Vec<u8>,
}

/// Why there is nothing more to read.
pub(super) enum InputFault {
    /// The source failed.
    Source(io::Error),
    /// A rule is broken at the present place.
    Rule(ZoneFileErrorKind),
}

impl<'i> Input<'i> {
    /// An input of that name, before its first octet.
    pub(super) fn new(name: String, source: Box<dyn Read + Send + 'i>, origin: WireName) -> Self {
        Self { name, source, window: Vec::new(), start: 0, end: 0, ended: false, line: 1, origin, owner: Vec::new() }
    }

    /// What is there, and whether nothing follows it.
    pub(super) fn rest(&self) -> (&[u8], bool) {
        (self.window.get(self.start..self.end).unwrap_or_default(), self.ended)
    }

    /// The next entry: what is particular to this file, the octets from there on, and whether nothing follows them.
    pub(super) fn entry(&mut self) -> (Place<'_>, &[u8], bool) {
        let place = Place { origin: &self.origin, owner: &mut self.owner, line: self.line, generated: false };
        (place, self.window.get(self.start..self.end).unwrap_or_default(), self.ended)
    }

    /// Passes octets that were read, with the line feeds in them.
    pub(super) fn pass(&mut self, (octets, lines): (usize, u64)) {
        self.start = self.start.saturating_add(octets).min(self.end);
        self.line = self.line.saturating_add(lines);
    }

    /// Whether all was passed.
    pub(super) fn is_passed(&self) -> bool {
        self.ended && self.start == self.end
    }

    /// Reads on until the window is full or the source has ended; the window grows up to `most` octets.
    pub(super) fn fill(&mut self, most: usize) -> Result<(), InputFault> {
        let first = self.window.is_empty();
        self.window.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        if self.end == self.window.len() {
            let size = self.window.len().saturating_mul(2).max(WINDOW).min(most.max(1));
            if size <= self.end {
                return Err(InputFault::Rule(ZoneFileErrorKind::EntryTooLong));
            }
            self.window.resize(size, 0);
        }
        while let Some(room) = self.window.get_mut(self.end..).filter(|room| !room.is_empty()) {
            match self.source.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(octets) => self.end = self.end.saturating_add(octets).min(self.window.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(InputFault::Source(error)),
            }
        }
        let begins = |mark: &[u8]| first && self.rest().0.starts_with(mark);
        if begins(b"\xEF\xBB\xBF") || begins(b"\xFF\xFE") || begins(b"\xFE\xFF") {
            return Err(InputFault::Rule(ZoneFileErrorKind::ByteOrderMark));
        }
        Ok(())
    }

    /// Whether the comments before the first entry are those of the Windows DNS server.
    pub(super) fn begins_as_windows(&self) -> bool {
        let lines = self.rest().0.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
        let mut comments = lines.take_while(|line| line.is_empty() || line.starts_with(b";"));
        comments.any(|line| {
            line.trim_ascii_start().get(1..).is_some_and(|text| text.trim_ascii_start().starts_with(b"Database file"))
        })
    }
}
