//! Connections that stay open for the next question of a run to the same server (RFC 7766 section 6.2.1): one for each
//! server, a bounded number of all, none for long, and none beyond the run.
//!
//! A connection ends at one node of a pool or of an anycast address. So it carries few questions, that polls come round; what
//! must be asked anew each time takes none that is kept (`Network::apart`).
//!
//! A server may close a connection whenever it likes. A question is asked again then, over a new one; an update is not
//! (RFC 7766 section 6.2.4), so that it takes only a connection over which the server has answered just before.

use super::Peer;
use super::stream::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;

/// So many are kept at once: the others are closed after their answer.
const MOST: usize = 64;
/// So many exchanges one connection carries.
const EXCHANGES: u32 = 8;
/// A connection is kept for so long; polls are never further apart than half of that, and servers wait about as long.
pub(super) const FOR_QUESTIONS: Duration = Duration::from_secs(10);
/// An update takes a connection that was used so recently.
pub(super) const FOR_UPDATES: Duration = Duration::from_secs(1);

/// The connections of a run; none are kept unless it says so. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept(Option<Arc<Mutex<Vec<Idle>>>>);

/// A connection, and what it has carried.
#[derive(Debug)]
pub(super) struct Connection {
    /// Its stream.
    pub(super) stream: Stream,
    /// How many exchanges have begun on it.
    carried: u32,
}

/// A connection that waits.
#[derive(Debug)]
struct Idle {
    /// Where it leads, and as whom the server has proven itself there.
    peer: Peer,
    /// The connection.
    connection: Connection,
    /// Since when it waits.
    since: Instant,
}

impl Connection {
    /// A connection that has just been made.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, carried: 0 }
    }

    /// Whether nothing has been sent over it yet.
    pub(super) fn is_new(&self) -> bool {
        self.carried == 0
    }

    /// Counts an exchange.
    pub(super) fn count(&mut self) {
        self.carried = self.carried.saturating_add(1);
    }

    /// Whether the server has neither closed it nor said anything that nobody has asked for, as far as is known here.
    async fn is_quiet(&mut self) -> bool {
        // What has come in the meantime is noticed first.
        yield_now().await;
        let mut octet = [0];
        poll_fn(|cx| {
            let read = Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut octet));
            Poll::Ready(read.is_pending())
        })
        .await
    }
}

impl Kept {
    /// Keeps what is given to it.
    pub(super) fn keeping() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether connections are kept.
    pub(super) fn keeps(&self) -> bool {
        self.0.is_some()
    }

    /// A connection to this peer that has waited for no longer than that and is still good.
    ///
    /// # Cancel safety
    /// A connection that was looked at is lost; the next question makes a new one.
    pub(super) async fn take(&self, peer: &Peer, no_longer: Duration) -> Option<Connection> {
        let Idle { mut connection, since, .. } = {
            let mut idle = self.idle()?;
            let place = idle.iter().position(|idle| idle.peer.is_same(peer))?;
            idle.swap_remove(place)
        };
        if since.elapsed() <= no_longer && connection.is_quiet().await {
            return Some(connection);
        }
        connection.stream.close().await;
        None
    }

    /// Keeps a connection over which everything was answered; closes it if there is no room for it, or it has carried enough.
    ///
    /// # Cancel safety
    /// The connection is kept or closed.
    pub(super) async fn keep(&self, peer: &Peer, connection: Connection) {
        let mut over = Vec::new();
        match self.idle() {
            Some(mut idle) => {
                let (old, young) = idle.drain(..).partition(|idle| idle.since.elapsed() > FOR_QUESTIONS);
                (over, *idle) = (old, young);
                let is_known = idle.iter().any(|idle| idle.peer.is_same(peer));
                let waiting = Idle { peer: peer.clone(), connection, since: Instant::now() };
                let has_room = !is_known && idle.len() < MOST && waiting.connection.carried < EXCHANGES;
                if has_room { &mut *idle } else { &mut over }.push(waiting);
            }
            None => over.push(Idle { peer: peer.clone(), connection, since: Instant::now() }),
        }
        for idle in over {
            idle.connection.stream.close().await;
        }
    }

    /// Closes all of them.
    ///
    /// # Cancel safety
    /// All are closed.
    pub(super) async fn close(&self) {
        let all = self.idle().map(|mut idle| std::mem::take(&mut *idle)).unwrap_or_default();
        let mut goodbyes: JoinSet<()> = all.into_iter().map(|idle| idle.connection.stream.close()).collect();
        while goodbyes.join_next().await.is_some() {}
    }

    /// What waits, if connections are kept.
    fn idle(&self) -> Option<MutexGuard<'_, Vec<Idle>>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
