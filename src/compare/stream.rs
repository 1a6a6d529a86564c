//! The records of all sides on their way into one differ, while the transfers run.
//!
//! Each side fills blocks of records and sends them through a short channel; one reader takes them, the side that is
//! behind first, so that the differ holds little more than what the sides are apart. A side that was not read for [`HOLD`]
//! has its turn all the same, however steadily the one behind it sends, and what it sent is held, and then spilled: a
//! server cuts off who does not read.
//!
//! What comes out is worth nothing before every side has ended well, or was dropped.

#[cfg(test)]
mod tests;

use super::snapshot::{SideError, Snapshot};
use crate::canonical::{Form, RecordWriter, compare_names};
use crate::diff::{DiffError, Differ, Front};
use crate::net::{Intake, after};
use crate::report::EventKind;
use crate::serial::Serial;
use crate::wire::{RecordView, WireError};
use std::cmp::Ordering;
use std::time::Duration;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedSender};
use tokio::time::{Instant, timeout_at};

/// How many octets a side gathers before it sends them.
const BLOCK: usize = 1 << 16;
/// How many blocks may be on their way.
const ON_THE_WAY: usize = 4;
/// How many octets a side has on its way at most: blocks in the channel, one being filled, one at its front and one being
/// taken, each allocated with room for the record that goes over its end.
pub(super) const PER_SIDE: usize = (ON_THE_WAY + 3) * (BLOCK + BLOCK / 2);
/// How long a side is left unread at most; Knot waits 500 ms for a message to be taken.
const HOLD: Duration = Duration::from_millis(200);
/// A transfer tells of its progress after so many records.
pub(super) const PROGRESS_EVERY: u64 = 100_000;

/// What a side sends.
pub(super) enum Sent {
    /// Some records in the layout of `canonical`.
    Records(Vec<u8>),
    /// It has ended, well or not.
    Ended(Result<Snapshot, SideError>),
}

/// The end of the channel at which a side puts its records in.
pub(super) struct Outlet {
    /// Writes records, and has those that were not sent yet.
    writer: RecordWriter,
    /// Whose they are, as events call it.
    side: String,
    /// Records so far.
    records: u64,
    /// Their octets that were sent.
    octets: u64,
    /// The channel.
    sender: Sender<Sent>,
    /// Where progress is told.
    events: UnboundedSender<EventKind>,
}

impl Outlet {
    /// Of the side that events call so, and where its records come out.
    pub(super) fn new(side: String, form: Form, events: UnboundedSender<EventKind>) -> (Self, Receiver<Sent>) {
        let (sender, receiver) = mpsc::channel(ON_THE_WAY);
        let writer = RecordWriter::new(form, BLOCK + BLOCK / 2);
        (Self { writer, side, records: 0, octets: 0, sender, events }, receiver)
    }

    /// How records are to be written.
    pub(super) fn form(&self) -> Form {
        self.writer.form()
    }

    /// Sends so many records that are written already.
    pub(super) async fn send_block(&mut self, block: Vec<u8>, records: u64) {
        let before = self.records;
        self.records += records;
        self.octets += block.len() as u64;
        if before / PROGRESS_EVERY < self.records / PROGRESS_EVERY {
            self.tell(EventKind::ReadProgress { side: self.side.clone(), records: self.records, octets: self.octets });
        }
        // The reader may be gone, and then nobody wants it.
        let _ = self.sender.send(Sent::Records(block)).await;
    }

    /// Tells that the side begins to be read.
    pub(super) fn tell_started(&self) {
        self.tell(EventKind::ReadStarted { side: self.side.clone() });
    }

    /// Sends what there is, and tells that the side was read to its end.
    pub(super) async fn tell_done(&mut self, serial: Serial) {
        self.flush().await;
        self.tell(EventKind::ReadDone { side: self.side.clone(), serial: serial.0, records: self.records });
    }

    /// Tells something of this side.
    fn tell(&self, kind: EventKind) {
        // The receiver lives as long as the round; if it is gone nobody wants to know.
        let _ = self.events.send(kind);
    }

    /// Sends what there is; the reader may be gone, and then nobody wants it.
    async fn flush(&mut self) {
        self.octets += self.writer.len() as u64;
        let _ = self.sender.send(Sent::Records(self.writer.take())).await;
    }

    /// Sends how the side has ended.
    pub(super) async fn end(self, result: Result<Snapshot, SideError>) {
        let _ = self.sender.send(Sent::Ended(result)).await;
    }
}

impl Intake for Outlet {
    fn record(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.writer.write(record)?;
        self.records += 1;
        if self.records.is_multiple_of(PROGRESS_EVERY) {
            let octets = self.octets + self.writer.len() as u64;
            self.tell(EventKind::ReadProgress { side: self.side.clone(), records: self.records, octets });
        }
        Ok(())
    }

    async fn rest(&mut self) {
        if self.writer.len() >= BLOCK {
            self.flush().await;
        }
    }
}

/// One side as the reader sees it.
struct Inlet {
    /// Where its records come out; none once it has ended.
    receiver: Option<Receiver<Sent>>,
    /// Octets that were taken.
    taken: u64,
    /// When it was last read, or had nothing to be read.
    read: Instant,
}

/// Where the records of all sides flow together.
pub(super) struct Confluence {
    /// What takes them.
    differ: Differ,
    /// The sides by their number.
    inlets: Vec<Inlet>,
    /// What each has sent and the differ has not taken yet.
    fronts: Vec<Front>,
}

/// A side that has ended.
pub(super) type Ended = (usize, Result<Snapshot, SideError>);

impl Confluence {
    /// Of these sides; one that is not there is dropped at once.
    pub(super) fn new(mut differ: Differ, receivers: Vec<Option<Receiver<Sent>>>) -> Self {
        for (side, _) in receivers.iter().enumerate().filter(|(_, receiver)| receiver.is_none()) {
            differ.drop_side(side);
        }
        let read = Instant::now();
        let inlets: Vec<Inlet> = receivers.into_iter().map(|receiver| Inlet { receiver, taken: 0, read }).collect();
        let fronts = inlets.iter().map(|_| Front::default()).collect();
        Self { differ, inlets, fronts }
    }

    /// Takes records until a side has ended; `None` when all have.
    ///
    /// # Cancel safety
    /// Nothing is lost when this is dropped and called again.
    pub(super) async fn next_end(&mut self) -> Result<Option<Ended>, DiffError> {
        while let (Some(behind), Some((longest, since))) = (self.behind(), self.longest_unread()) {
            let due = after(since, HOLD);
            if due <= Instant::now() {
                if let Some(ended) = self.take_ready(longest)? {
                    return Ok(Some(ended));
                }
                continue;
            }
            let Some(inlet) = self.inlets.get_mut(behind) else { continue };
            let Some(receiver) = &mut inlet.receiver else { continue };
            let waited = timeout_at(due, receiver.recv()).await;
            inlet.read = Instant::now();
            let Ok(sent) = waited else { continue };
            if let Some(ended) = self.take(behind, sent)? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    /// What was taken in.
    pub(super) fn into_differ(self) -> Differ {
        self.differ
    }

    /// Takes what waits in the channel of a side.
    fn take_ready(&mut self, side: usize) -> Result<Option<Ended>, DiffError> {
        for _ in 0..ON_THE_WAY {
            let Some(inlet) = self.inlets.get_mut(side) else { break };
            inlet.read = Instant::now();
            let sent = match inlet.receiver.as_mut().map(Receiver::try_recv) {
                Some(Ok(sent)) => Some(sent),
                Some(Err(TryRecvError::Disconnected)) => None,
                Some(Err(TryRecvError::Empty)) | None => break,
            };
            if let Some(ended) = self.take(side, sent)? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    /// Takes one thing that a side sent.
    fn take(&mut self, side: usize, sent: Option<Sent>) -> Result<Option<Ended>, DiffError> {
        let Some(inlet) = self.inlets.get_mut(side) else { return Ok(None) };
        match sent {
            Some(Sent::Records(octets)) => {
                inlet.taken += octets.len() as u64;
                self.differ.refill(&mut self.fronts, side, octets)?;
                Ok(None)
            }
            Some(Sent::Ended(Ok(snapshot))) => {
                inlet.receiver = None;
                self.differ.end_front(&mut self.fronts, side)?;
                Ok(Some((side, Ok(snapshot))))
            }
            Some(Sent::Ended(Err(error))) => {
                inlet.receiver = None;
                self.drop_side(side)?;
                Ok(Some((side, Err(error))))
            }
            // Its task is gone without a word: whoever joins the tasks learns why.
            None => {
                inlet.receiver = None;
                self.drop_side(side)?;
                Ok(None)
            }
        }
    }

    /// Nothing that the side has sent counts.
    fn drop_side(&mut self, side: usize) -> Result<(), DiffError> {
        self.differ.drop_side(side);
        self.differ.drop_front(&mut self.fronts, side)
    }

    /// The side that was not read for the longest time, and since when.
    fn longest_unread(&self) -> Option<(usize, Instant)> {
        let open = self.inlets.iter().enumerate().filter(|(_, inlet)| inlet.receiver.is_some());
        open.map(|(side, inlet)| (side, inlet.read)).min_by_key(|(_, read)| *read)
    }

    /// The side that is behind: one of which nothing waits to be paired off, by its owners in canonical order, else by its
    /// octets.
    fn behind(&self) -> Option<usize> {
        let open = self.inlets.iter().enumerate().filter(|(_, inlet)| inlet.receiver.is_some());
        let reached = |side| self.differ.reached(side).unwrap_or_default();
        let order = |one: &[u8], other: &[u8]| match (one, other) {
            ([], []) => Ordering::Equal,
            ([], _) => Ordering::Less,
            (_, []) => Ordering::Greater,
            _ => compare_names(one, other),
        };
        let has_some = |side: usize| self.fronts.get(side).is_some_and(|front| !front.is_empty());
        let behind = open.min_by(|(a, one), (b, other)| {
            let by_front = has_some(*a).cmp(&has_some(*b));
            by_front.then_with(|| order(reached(*a), reached(*b))).then_with(|| one.taken.cmp(&other.taken))
        });
        behind.map(|(side, _)| side)
    }
}
