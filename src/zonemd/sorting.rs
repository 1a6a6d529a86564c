//! Records that come in any order and go out in canonical order, within a bound on memory.
//!
//! What comes is sorted in chunks, so small that a server that sends it does not wait for long. Chunks for which there is no
//! memory go into a run of a [`RunStore`], one behind the other; at the end all are merged, those of the run in several
//! passes if they are many. What was sorted can be read any number of times.

use super::Ordered;
use crate::canonical::CanonicalRecord;
use crate::diff::{RunError, RunStore};
use std::cmp::Ordering;
use std::sync::Arc;

/// Why records could not be sorted.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SortError {
    /// Octets that are no record of `canonical`. The caller's fault.
    #[error("octets that are not records in canonical form")]
    Octets,
    /// Own limit: there is no place but memory, and not enough of that.
    #[error("the records take more memory than they may")]
    TooLarge,
    /// What does not fit into memory cannot be kept.
    #[error(transparent)]
    Unkept(#[from] Arc<RunError>),
}

impl From<RunError> for SortError {
    fn from(error: RunError) -> Self {
        Self::Unkept(Arc::new(error))
    }
}

impl From<SortError> for std::io::Error {
    fn from(error: SortError) -> Self {
        Self::other(error)
    }
}

/// Takes records in any order.
#[derive(Debug)]
pub struct Sorter {
    /// Those that came last, in the layout of `canonical`.
    chunk: Vec<u8>,
    /// What was sorted, and how much of it there is.
    sorted: Sorted,
    /// How many octets of it are in memory.
    held: usize,
    /// How many octets of records there may be in memory, sorted or not.
    limit: usize,
    /// How many octets the run has.
    written: u64,
}

impl Sorter {
    /// Holds records of so many octets in memory at most; to sort a chunk takes an eighth of that beside them, or 8 MiB.
    pub fn new(limit: usize) -> Self {
        let sorted = Sorted { chunks: Vec::new(), segments: Vec::new(), run: 0, store: None };
        Self { chunk: Vec::new(), sorted, held: 0, limit, written: 0 }
    }

    /// What does not fit goes there; the store serves this alone. Without one it is an error.
    #[must_use]
    pub fn spilling_into(mut self, store: Arc<dyn RunStore>) -> Self {
        self.sorted.store = Some(store);
        self
    }

    /// Where whole records are appended; call [`look`](Self::look) after a few.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.chunk
    }

    /// Sorts what has come if it is enough.
    ///
    /// # Errors
    /// [`SortError`]: nothing can be sorted any more.
    pub fn look(&mut self) -> Result<(), SortError> {
        let enough = (self.limit / 8).min(LARGEST_CHUNK);
        if self.chunk.len() < enough { Ok(()) } else { self.sort_chunk() }
    }

    /// Sorts what has come, and keeps it where there is room.
    fn sort_chunk(&mut self) -> Result<(), SortError> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let ordered = Ordered::new(&self.chunk).map_err(|_| SortError::Octets)?;
        let mut octets = Vec::with_capacity(self.chunk.len());
        ordered.records().for_each(|record| record.write(&mut octets));
        self.chunk.clear();
        if self.held + octets.len() <= self.limit / 2 {
            self.held += octets.len();
            self.sorted.chunks.push(octets);
            return Ok(());
        }
        let store = self.sorted.store.as_ref().ok_or(SortError::TooLarge)?;
        store.append(self.sorted.run, &octets)?;
        let start = self.written;
        self.written += octets.len() as u64;
        self.sorted.segments.push(Segment { start, end: self.written });
        Ok(())
    }

    /// All of it in canonical order.
    ///
    /// # Errors
    /// [`SortError`]: it cannot be sorted.
    pub fn finish(mut self) -> Result<Sorted, SortError> {
        self.sort_chunk()?;
        self.chunk = Vec::new();
        let at_once = (self.limit / 4 / BLOCK).clamp(LEAST_AT_ONCE, MOST_AT_ONCE);
        while self.sorted.segments.len() > at_once {
            self.sorted.join(at_once)?;
        }
        Ok(self.sorted)
    }
}

/// Records in canonical order, as often as they are wanted.
#[derive(Debug)]
pub struct Sorted {
    /// Those in memory: chunks, each of them sorted.
    chunks: Vec<Vec<u8>>,
    /// Those in the run: segments, each of them sorted.
    segments: Vec<Segment>,
    /// The number of the run.
    run: u32,
    /// Where it is.
    store: Option<Arc<dyn RunStore>>,
}

impl Sorted {
    /// Gives each record, equal ones too, until the first error.
    ///
    /// # Errors
    /// That of `take`, or a [`SortError`].
    pub fn each<E: From<SortError>>(
        &self,
        mut take: impl FnMut(&CanonicalRecord<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Those that have a record, the one with the least last.
        let mut sources = self.sources()?;
        sources.sort_by(|a, b| b.order(a));
        while let Some(mut least) = sources.pop() {
            while let Some(record) = least.record() {
                take(&record)?;
                least.advance()?;
                if sources.last().is_some_and(|next| next.order(&least) == Ordering::Less) {
                    let place = sources.partition_point(|other| other.order(&least) == Ordering::Greater);
                    sources.insert(place, least);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The same, but of records that are equal in all but their TTL the one with the lowest alone.
    ///
    /// # Errors
    /// That of `take`, or a [`SortError`].
    pub fn each_distinct<E: From<SortError>>(
        &self,
        mut take: impl FnMut(&CanonicalRecord<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut before = Vec::new();
        self.each(|record| {
            let is_repeated = CanonicalRecord::split_first(&before).is_ok_and(|(before, _)| {
                let of_set = (before.rtype(), before.class()) == (record.rtype(), record.class());
                of_set && (before.owner(), before.rdata()) == (record.owner(), record.rdata())
            });
            if is_repeated {
                return Ok(());
            }
            before.clear();
            record.write(&mut before);
            take(record)
        })
    }

    /// All chunks and segments, at their first records.
    fn sources(&self) -> Result<Vec<Source<'_>>, SortError> {
        let chunks = self.chunks.iter().map(|chunk| Ok(Source::Memory(chunk)));
        let segments = self.segments.iter().map(|segment| {
            let store = self.store.as_deref().ok_or(SortError::TooLarge)?;
            let mut reading = Reading { store, run: self.run, rest: *segment, buffer: Vec::new(), start: 0 };
            reading.fill()?;
            Ok(Source::Run(reading))
        });
        chunks.chain(segments).collect()
    }

    /// Merges the segments into as few as it takes if so many are merged at once, in a run of their own.
    fn join(&mut self, at_once: usize) -> Result<(), SortError> {
        let store = Arc::clone(self.store.as_ref().ok_or(SortError::TooLarge)?);
        let (run, mut joined, mut written) = (self.run + 1, Vec::new(), 0);
        for group in self.segments.chunks(at_once) {
            let (start, mut out) = (written, Vec::with_capacity(2 * BLOCK));
            let sorted =
                Self { chunks: Vec::new(), segments: group.to_vec(), run: self.run, store: Some(Arc::clone(&store)) };
            let mut append = |out: &mut Vec<u8>| {
                store.append(run, out)?;
                written += out.len() as u64;
                out.clear();
                Ok::<_, SortError>(())
            };
            sorted.each(|record| {
                record.write(&mut out);
                if out.len() < BLOCK { Ok(()) } else { append(&mut out) }
            })?;
            append(&mut out)?;
            joined.push(Segment { start, end: written });
        }
        store.remove(self.run);
        (self.run, self.segments) = (run, joined);
        Ok(())
    }
}

/// A part of the run.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Its first octet.
    start: u64,
    /// The one behind its last.
    end: u64,
}

/// Sorted records on their way into the merge.
enum Source<'s> {
    /// Those that are left of a chunk.
    Memory(&'s [u8]),
    /// Those that are left of a segment.
    Run(Reading<'s>),
}

impl Source<'_> {
    /// What is at hand.
    fn rest(&self) -> &[u8] {
        match self {
            Self::Memory(rest) => rest,
            Self::Run(reading) => reading.rest(),
        }
    }

    /// The next record; none at the end.
    fn record(&self) -> Option<CanonicalRecord<'_>> {
        CanonicalRecord::split_first(self.rest()).ok().map(|(record, _)| record)
    }

    /// By the next record; who has none comes last.
    fn order(&self, other: &Self) -> Ordering {
        match (self.record(), other.record()) {
            (Some(own), Some(other)) => own.order(&other),
            (own, other) => own.is_none().cmp(&other.is_none()),
        }
    }

    /// Goes on to the one behind it.
    fn advance(&mut self) -> Result<(), SortError> {
        let (_, after) = CanonicalRecord::split_first(self.rest()).map_err(|_| SortError::Octets)?;
        let left = after.len();
        match self {
            Self::Memory(rest) => *rest = rest.get(rest.len() - left..).unwrap_or_default(),
            Self::Run(reading) => {
                reading.start = reading.buffer.len() - left;
                reading.fill()?;
            }
        }
        Ok(())
    }
}

/// A segment that is being read.
struct Reading<'s> {
    /// Where it is.
    store: &'s dyn RunStore,
    /// In which run.
    run: u32,
    /// What was not read yet.
    rest: Segment,
    /// What was.
    buffer: Vec<u8>,
    /// How much of that is used up.
    start: usize,
}

impl Reading<'_> {
    /// What was read and is not used up.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Reads on until there is a whole record, or no octet left.
    fn fill(&mut self) -> Result<(), SortError> {
        while CanonicalRecord::split_first(self.rest()).is_err() {
            let left = self.rest.end - self.rest.start;
            if left == 0 {
                return if self.rest().is_empty() { Ok(()) } else { Err(SortError::Octets) };
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            let (old, more) = (self.buffer.len(), usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK)));
            self.buffer.resize(old + more, 0);
            self.store.read(self.run, self.rest.start, self.buffer.get_mut(old..).unwrap_or_default())?;
            self.rest.start += more as u64;
        }
        Ok(())
    }
}

/// To sort so many octets and to write them takes a tenth of a second; Knot waits half a second for its reader.
const LARGEST_CHUNK: usize = 4 << 20;
/// How many octets are read or written at once.
const BLOCK: usize = 1 << 15;
/// So many segments are merged at once, however small the memory.
const LEAST_AT_ONCE: usize = 8;
/// So many at most: more of them cost more comparisons than another pass.
const MOST_AT_ONCE: usize = 128;
