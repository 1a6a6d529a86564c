//! Listening for NOTIFY (RFC 1996), over UDP and TCP, apart from everything else that goes on.
//!
//! What is heard comes out as hints, few and bounded: a flood is answered or ignored here and delays nobody (N4).

use super::stream::send;
use super::unix_now;
use crate::notify::{Hint, Reaction, Sender, react};
use crate::wire::WireName;
use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// What is kept of hints that nobody has taken yet; more of them say no more.
const PENDING: usize = 16;
/// Connections that are served at once; the others wait in the system's queue.
const CONNECTIONS: usize = 16;
/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(5);
/// Strangers that are told, each once.
const STRANGERS: usize = 3;
/// After so many datagrams in a row everybody else gets a turn.
const BURST: u32 = 32;

/// What the listener has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A server of the run sent a NOTIFY for the zone.
    Hint(Hint),
    /// Somebody else sent something, and got no answer.
    Stranger(IpAddr),
}

/// A socket for each transport, and what comes of them; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Where it listens.
    address: SocketAddr,
    /// What was heard.
    heard: mpsc::Receiver<Heard>,
    /// The loops over both sockets, aborted on drop.
    _tasks: JoinSet<()>,
}

/// What both loops need.
#[derive(Debug)]
struct Ears {
    /// The zone whose NOTIFY counts.
    zone: WireName,
    /// Whose NOTIFY counts.
    senders: Vec<Sender>,
    /// Where hints go; a full queue loses them, for one that waits says the same.
    heard: mpsc::Sender<Heard>,
    /// Who was told to be a stranger.
    strangers: std::sync::Mutex<HashSet<IpAddr>>,
}

impl Listener {
    /// Listens at this address, for NOTIFY about this zone from these servers.
    ///
    /// # Errors
    /// The address cannot be had.
    pub(crate) async fn bind(address: SocketAddr, zone: WireName, senders: Vec<Sender>) -> io::Result<Self> {
        let stream = TcpListener::bind(address).await?;
        // With port 0 the system's choice for one transport is taken for the other too.
        let address = stream.local_addr()?;
        let datagrams = UdpSocket::bind(address).await?;
        let (sender, heard) = mpsc::channel(PENDING);
        let ears = Arc::new(Ears { zone, senders, heard: sender, strangers: std::sync::Mutex::default() });
        let mut tasks = JoinSet::new();
        tasks.spawn(hear_datagrams(datagrams, Arc::clone(&ears)));
        tasks.spawn(hear_connections(stream, ears));
        Ok(Self { address, heard, _tasks: tasks })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next thing that was heard.
    ///
    /// # Cancel safety
    /// Safe: nothing is taken out before it is returned.
    pub(crate) async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            // Both loops have ended, which they do only by a panic: then nothing will be heard any more.
            None => std::future::pending().await,
        }
    }
}

impl Ears {
    /// Whether this is an address of a server of the run.
    fn knows(&self, from: IpAddr) -> bool {
        self.senders.iter().any(|sender| sender.address.to_canonical() == from.to_canonical())
    }

    /// Tells of a stranger, once.
    fn meet(&self, from: IpAddr) {
        let mut told = self.strangers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.len() < STRANGERS && told.insert(from) {
            let _ = self.heard.try_send(Heard::Stranger(from));
        }
    }

    /// What is answered to these octets; the hint in them goes its own way.
    fn hear(&self, octets: &[u8], from: IpAddr) -> Option<Vec<u8>> {
        match react(octets, from, &self.zone, &self.senders, unix_now()) {
            Reaction::Ignored => None,
            Reaction::Stranger(from) => {
                self.meet(from);
                None
            }
            Reaction::Answered(reply) => Some(reply),
            Reaction::Heard { reply, hint } => {
                let _ = self.heard.try_send(Heard::Hint(hint));
                Some(reply)
            }
        }
    }
}

/// One datagram after the other.
async fn hear_datagrams(socket: UdpSocket, ears: Arc<Ears>) {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    let mut burst: u32 = 0;
    loop {
        // An ICMP error of an earlier answer shows up here; it concerns nobody any more.
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            tokio::task::yield_now().await;
            continue;
        };
        if let Some(reply) = ears.hear(buffer.get(..length).unwrap_or_default(), from.ip()) {
            // Who does not wait for the answer sends again (RFC 1996 section 3.6).
            let _ = socket.try_send_to(&reply, from);
        }
        burst = burst.wrapping_add(1);
        if burst.is_multiple_of(BURST) {
            tokio::task::yield_now().await;
        }
    }
}

/// One connection after the other, each in a task of its own, not too many at once.
async fn hear_connections(listener: TcpListener, ears: Arc<Ears>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        // Nobody closes the semaphore.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, from)) = listener.accept().await else {
            // No more files, say: that passes, and must not spin.
            tokio::time::sleep_until(tokio::time::Instant::now() + PATIENCE / 10).await;
            continue;
        };
        // Strangers do not take the room of those who are heard.
        if !ears.knows(from.ip()) {
            ears.meet(from.ip());
            continue;
        }
        let ears = Arc::clone(&ears);
        tasks.spawn(async move {
            // Late or broken: there is nobody left to answer.
            let _ = tokio::time::timeout(PATIENCE, hear_stream(stream, from.ip(), &ears)).await;
            drop(permit);
        });
    }
}

/// The messages of one connection, until one of them gets no answer.
async fn hear_stream(mut stream: TcpStream, from: IpAddr, ears: &Ears) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut octets = vec![0; usize::from(length)];
        stream.read_exact(&mut octets).await?;
        let Some(reply) = ears.hear(&octets, from) else { return Ok(()) };
        send(&mut stream, &reply).await?;
    }
}
