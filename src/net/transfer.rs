//! A zone transfer over TCP: octets are read as they come and handed to the rules of `xfr` frame by frame.
//!
//! This room bounds the time; sizes and rules are bounded in `xfr`.

use super::clock::after;
use super::error::{describe_io, with_causes};
use super::stream::{Stream, connect, send};
use super::udp::sign_request;
use super::{ExchangeError, Network, Peer, unix_now};
use crate::tsig::{Sequence, Signer};
use crate::wire::{Header, RecordView, Transport, WireError, WireName};
use crate::xfr::{
    AxfrRequest, Change, Edns0, HeldVersion, Imprint, Inbound, InboundIxfr, IxfrRequest, Limits, Progress, Received,
    ReceivedIxfr, Repetition, TransferTimes, XfrError,
};
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

/// Room for four of the longest messages: one read takes in many of the usual 16 KiB.
const BUFFER: usize = 4 * (1 << 16);

/// Why a zone was not transferred. Nothing that arrived before may be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// No connection, or no message that could be sent.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// What arrived breaks a rule, a limit or a signature, or the server said no.
    #[error("the transfer from {server} failed: {}", with_causes(.source))]
    Rules {
        /// The server.
        server: SocketAddr,
        /// The rule.
        source: XfrError,
    },
    /// The connection broke.
    #[error("the transfer from {server} broke off: {}", describe_io(.source))]
    Broken {
        /// The server.
        server: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing arrived for too long.
    #[error("the transfer from {server} stood still for {:.1} s after {octets} octets", .idle.as_secs_f64())]
    Idle {
        /// The server.
        server: SocketAddr,
        /// The limit.
        idle: Duration,
        /// What had arrived.
        octets: u64,
    },
    /// It took too long in all.
    #[error("the transfer from {server} was not complete after {:.1} s and {octets} octets", .total.as_secs_f64())]
    Total {
        /// The server.
        server: SocketAddr,
        /// The limit.
        total: Duration,
        /// What had arrived.
        octets: u64,
    },
    /// It drips.
    #[error("the transfer from {server} drips: {octets} octets in {:.1} s, where {minimum} are the least", .window.as_secs_f64())]
    Slow {
        /// The server.
        server: SocketAddr,
        /// What arrived in the window.
        octets: u64,
        /// What must arrive.
        minimum: u64,
        /// The time over which that is measured.
        window: Duration,
    },
}

impl TransferError {
    /// Whether the same transfer may end better a little later (A20).
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Rules { source, .. } => source.is_worth_a_retry(),
            Self::Broken { .. } => true,
            Self::Exchange(_) | Self::Idle { .. } | Self::Total { .. } | Self::Slow { .. } => false,
        }
    }

    /// Whether the server says that it does not know our key or context; nobody need vouch for that.
    pub fn is_key_unknown(&self) -> bool {
        matches!(self, Self::Rules { source, .. } if source.is_key_unknown())
    }

    /// Whether one transfer of the whole zone is due after an incremental one has ended in this (I2, I6, I8).
    ///
    /// Also after silence: servers are known that end with the SOA alone, or never answer IXFR.
    pub fn is_axfr_due(&self) -> bool {
        match self {
            Self::Rules { source, .. } => source.is_axfr_due(),
            Self::Broken { .. } | Self::Idle { .. } => true,
            Self::Exchange(_) | Self::Total { .. } | Self::Slow { .. } => false,
        }
    }
}

/// What to transfer, within which limits.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The zone.
    pub zone: WireName,
    /// What bounds its size.
    pub limits: Limits,
    /// What bounds its time.
    pub times: TransferTimes,
}

/// What takes in the records of a transfer.
pub(crate) trait Intake: Send {
    /// Takes one record.
    fn record(&mut self, record: &RecordView<'_>) -> Result<(), WireError>;

    /// Called after each message: the next one is not read before this is done. A server may cut off who does not read.
    fn rest(&mut self) -> impl Future<Output = ()> + Send;
}

/// Takes records without ever resting.
struct Each<'e>(&'e mut (dyn FnMut(&RecordView<'_>) -> Result<(), WireError> + Send));

impl Intake for Each<'_> {
    fn record(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        (self.0)(record)
    }

    async fn rest(&mut self) {}
}

impl Network {
    /// Transfers a zone (AXFR, RFC 5936), and hands each record to `each` as it arrives, the SOA once.
    ///
    /// Nothing that `each` was given may be believed before this returns `Ok`: only then was the end seen and the last
    /// signature verified. A server that does not know EDNS is asked a second time without, and `each` begins anew
    /// then: no record is handed out before the server accepted the question.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; a transfer has no effect on a server.
    ///
    /// # Errors
    /// [`TransferError`]; what `each` has seen is to be thrown away.
    pub async fn transfer(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        signer: Option<&Arc<dyn Signer>>,
        each: &mut (dyn FnMut(&RecordView<'_>) -> Result<(), WireError> + Send),
    ) -> Result<Received, TransferError> {
        self.transfer_into(peer, transfer, signer, &mut Each(each)).await
    }

    /// [`transfer`](Self::transfer) into something that may rest between two messages.
    pub(crate) async fn transfer_into(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        signer: Option<&Arc<dyn Signer>>,
        intake: &mut impl Intake,
    ) -> Result<Received, TransferError> {
        let edns = self.edns_towards(peer);
        match self.transfer_once(peer, transfer, signer, edns, intake).await {
            // RFC 5936 section 2.1.5: a client that used EDNS tries again without.
            Err(TransferError::Rules { source, .. }) if edns != Edns0::Absent && source.is_edns_rejected() => {
                self.forget_edns(peer.address());
                self.transfer_once(peer, transfer, signer, Edns0::Absent, intake).await
            }
            result => result,
        }
    }

    /// One attempt over a connection of its own.
    async fn transfer_once(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        signer: Option<&Arc<dyn Signer>>,
        edns: Edns0,
        intake: &mut impl Intake,
    ) -> Result<Received, TransferError> {
        let (server, begun) = (peer.address(), Instant::now());
        let id = rand::random();
        let question = AxfrRequest::query(&transfer.zone, id, edns).map_err(ExchangeError::Question)?;
        let (mut stream, sequence) = self.ask_for_transfer(peer, question, signer, begun).await?;
        let mut inbound = match sequence {
            Some(sequence) => Inbound::signed(transfer.zone, id, transfer.limits, sequence),
            None => Inbound::unsigned(transfer.zone, id, transfer.limits),
        };
        let rules = |source| TransferError::Rules { server, source };
        let mut frames = Frames::new(server, transfer.times, begun);
        // The peer's close is no end of a zone: `finish` knows whether the last SOA was seen.
        while let Some(frame) = frames.next(&mut stream).await? {
            let mut each = |record: &RecordView<'_>| intake.record(record);
            let progress = inbound.frame(frames.octets(frame), unix_now(), &mut each).map_err(rules)?;
            if progress == Progress::Done {
                // A SOA in the middle that ends a message is told from the last one by what follows it. Of that, what is here
                // counts; what comes later is never seen, since an honest server need not close and nobody waits for it.
                frames.each_at_hand(&mut stream, &mut |octets| inbound.late_frame(octets)).await.map_err(rules)?;
                break;
            }
            intake.rest().await;
        }
        stream.close().await;
        inbound.finish().map_err(rules)
    }

    /// Transfers a zone once more, and says whether every octet came that came before; `each` is given the number of records
    /// that each message announces, and its octets.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; a transfer has no effect on a server.
    ///
    /// # Errors
    /// [`TransferError`], but for what breaks a rule: then it is not the same.
    pub(crate) async fn transfer_again(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        signer: Option<&Arc<dyn Signer>>,
        known: &Imprint,
        each: &mut (dyn FnMut(u16, usize) + Send),
    ) -> Result<bool, TransferError> {
        let (server, begun) = (peer.address(), Instant::now());
        let edns = self.edns_towards(peer);
        let id = rand::random();
        let question = AxfrRequest::query(&transfer.zone, id, edns).map_err(ExchangeError::Question)?;
        let (mut stream, sequence) = self.ask_for_transfer(peer, question, signer, begun).await?;
        let mut repetition = Repetition::new(id, known.clone(), sequence);
        let mut take = |octets: &[u8]| {
            let progress = repetition.frame(octets, unix_now());
            let [_, announced, ..] = Header::read(octets).map_or([0; 4], |header| header.counts);
            each(announced, octets.len());
            Ok(progress)
        };
        Frames::new(server, transfer.times, begun).hand_to(&mut stream, &mut take).await?;
        stream.close().await;
        Ok(repetition.finish())
    }

    /// Asks for the changes since the version that is held (IXFR, RFC 1995), and hands each to `each` as it arrives; or
    /// the whole zone, if the server answers so.
    ///
    /// As with [`Network::transfer`], nothing may be believed before this returns `Ok`. What the server's journal says
    /// need not be what its zone holds: no two zones are equal because their differences fit.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; a transfer has no effect on a server.
    ///
    /// # Errors
    /// [`TransferError`]; what `each` has seen is to be thrown away, and [`TransferError::is_axfr_due`] says whether the
    /// whole zone should be asked for instead, once.
    pub async fn incremental(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        held: &HeldVersion,
        signer: Option<&Arc<dyn Signer>>,
        each: &mut (dyn FnMut(Change<'_, '_>) -> Result<(), WireError> + Send),
    ) -> Result<ReceivedIxfr, TransferError> {
        let edns = self.edns_towards(peer);
        match self.incremental_once(peer, transfer, held, signer, edns, each).await {
            Err(TransferError::Rules { source, .. }) if edns != Edns0::Absent && source.is_edns_rejected() => {
                // Not remembered: FORMERR and NOTIMP may have meant IXFR, and what follows by AXFR finds out.
                self.incremental_once(peer, transfer, held, signer, Edns0::Absent, each).await
            }
            result => result,
        }
    }

    /// One attempt over a connection of its own.
    async fn incremental_once(
        &self,
        peer: &Peer,
        transfer: &Transfer,
        held: &HeldVersion,
        signer: Option<&Arc<dyn Signer>>,
        edns: Edns0,
        each: &mut (dyn FnMut(Change<'_, '_>) -> Result<(), WireError> + Send),
    ) -> Result<ReceivedIxfr, TransferError> {
        let (server, begun) = (peer.address(), Instant::now());
        let id = rand::random();
        let question = IxfrRequest::query(&transfer.zone, id, held, edns).map_err(ExchangeError::Question)?;
        let (mut stream, sequence) = self.ask_for_transfer(peer, question, signer, begun).await?;
        let mut inbound = match sequence {
            Some(sequence) => InboundIxfr::signed(transfer.zone, id, held.serial(), transfer.limits, sequence),
            None => InboundIxfr::unsigned(transfer.zone, id, held.serial(), transfer.limits),
        };
        let mut frames = Frames::new(server, transfer.times, begun);
        frames.hand_to(&mut stream, &mut |octets| inbound.frame(octets, unix_now(), each)).await?;
        stream.close().await;
        inbound.finish().map_err(|source| TransferError::Rules { server, source })
    }

    /// Whether a query for a transfer carries OPT, and padding.
    fn edns_towards(&self, peer: &Peer) -> Edns0 {
        match peer.stream_transport() {
            _ if !self.may_use_edns(peer.address()) => Edns0::Absent,
            Transport::Tls => Edns0::Padded,
            Transport::Tcp | Transport::Udp => Edns0::Offered,
        }
    }

    /// Sends the query over a connection of its own; also what will verify the answer, if it is signed.
    async fn ask_for_transfer(
        &self,
        peer: &Peer,
        mut question: Vec<u8>,
        signer: Option<&Arc<dyn Signer>>,
        begun: Instant,
    ) -> Result<(Stream, Option<Sequence>), TransferError> {
        let server = peer.address();
        let mac = sign_request(signer, &mut question)?;
        let deadline = after(begun, self.timeout);
        let mut stream = connect(self.local_address(server), peer, deadline).await?;
        let sent = timeout_at(deadline, send(&mut stream, &question)).await;
        sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| TransferError::Broken { server, source })?;
        Ok((stream, signer.zip(mac).map(|(signer, mac)| Sequence::new(Arc::clone(signer), &mac))))
    }
}

/// Cuts the stream into messages, without copying them.
struct Frames {
    /// The server, for errors.
    server: SocketAddr,
    /// The limits.
    times: TransferTimes,
    /// When the transfer began.
    begun: Instant,
    /// What was read.
    buffer: Vec<u8>,
    /// The part of the buffer that holds octets not yet handed out.
    filled: Range<usize>,
    /// How many octets arrived in all.
    received: u64,
    /// When the present window of the rate began.
    window_begun: Instant,
    /// How many octets arrived in it.
    in_window: u64,
}

impl Frames {
    /// Before the first octet.
    fn new(server: SocketAddr, times: TransferTimes, begun: Instant) -> Self {
        Self {
            server,
            times,
            begun,
            buffer: vec![0; BUFFER],
            filled: 0..0,
            received: 0,
            window_begun: begun,
            in_window: 0,
        }
    }

    /// The octets of a frame.
    fn octets(&self, frame: Range<usize>) -> &[u8] {
        self.buffer.get(frame).unwrap_or_default()
    }

    /// Hands the messages of the stream to `take` until it has the last one, or the peer closes.
    ///
    /// The peer's close is no end of a transfer: the rules know whether the last SOA was seen.
    async fn hand_to(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin + Send),
        take: &mut (dyn FnMut(&[u8]) -> Result<Progress, XfrError> + Send),
    ) -> Result<(), TransferError> {
        let server = self.server;
        while let Some(frame) = self.next(stream).await? {
            let progress = take(self.octets(frame)).map_err(|source| TransferError::Rules { server, source })?;
            if progress == Progress::Done {
                break;
            }
        }
        Ok(())
    }

    /// The next whole message, or `None` when the peer ended the stream between two of them.
    async fn next(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Range<usize>>, TransferError> {
        loop {
            if let Some(frame) = self.take_frame() {
                return Ok(Some(frame));
            }
            if self.read(stream).await? == 0 {
                if self.filled.is_empty() {
                    return Ok(None);
                }
                let source =
                    io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended in the middle of a message");
                return Err(TransferError::Broken { server: self.server, source });
            }
        }
    }

    /// Hands the whole messages to `look` that have come already, until it wants no more. Nothing is waited for: a server may
    /// keep its connection open, and owes us nothing any more. So whatever goes wrong here is none of the transfer's.
    async fn each_at_hand(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin + Send),
        look: &mut (dyn FnMut(&[u8]) -> Result<Progress, XfrError> + Send),
    ) -> Result<(), XfrError> {
        // What lies ready at the system is known to the runtime after one turn.
        tokio::task::yield_now().await;
        loop {
            while let Some(frame) = self.take_frame() {
                if look(self.octets(frame))? == Progress::Done {
                    return Ok(());
                }
            }
            self.make_room();
            let free = self.buffer.get_mut(self.filled.end..).unwrap_or_default();
            let mut read = std::pin::pin!(stream.read(free));
            match poll_fn(|context| Poll::Ready(read.as_mut().poll(context))).await {
                Poll::Ready(Ok(octets @ 1..)) => self.filled.end += octets,
                Poll::Ready(_) | Poll::Pending => return Ok(()),
            }
        }
    }

    /// A whole message that is in the buffer already.
    fn take_frame(&mut self) -> Option<Range<usize>> {
        let held = self.buffer.get(self.filled.clone())?;
        let (length, rest) = held.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        rest.get(..length)?;
        let start = self.filled.start + 2;
        self.filled.start = start + length;
        Some(start..start + length)
    }

    /// Moves what is not yet handed out to the front: then there is room for the rest of its message.
    fn make_room(&mut self) {
        if self.filled.start > 0 {
            self.buffer.copy_within(self.filled.clone(), 0);
            self.filled = 0..self.filled.len();
        }
    }

    /// Reads what there is into the free part of the buffer, within the limits of time. Zero is the end of the stream.
    async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<usize, TransferError> {
        self.make_room();
        let (server, octets) = (self.server, self.received);
        let total = after(self.begun, self.times.total);
        let idle = after(Instant::now(), self.times.idle);
        let free = self.buffer.get_mut(self.filled.end..).unwrap_or_default();
        let Ok(read) = timeout_at(idle.min(total), stream.read(free)).await else {
            return Err(if total <= idle {
                TransferError::Total { server, total: self.times.total, octets }
            } else {
                TransferError::Idle { server, idle: self.times.idle, octets }
            });
        };
        let read = read.map_err(|source| TransferError::Broken { server, source })?;
        self.filled.end += read;
        self.received += read as u64;
        self.check_rate(read)?;
        Ok(read)
    }

    /// A server that drips one octet now and then never stands still, and never ends either.
    fn check_rate(&mut self, read: usize) -> Result<(), TransferError> {
        self.in_window += read as u64;
        if self.window_begun.elapsed() < self.times.rate_window {
            return Ok(());
        }
        let (octets, minimum) = (self.in_window, self.times.octets_per_window);
        (self.window_begun, self.in_window) = (Instant::now(), 0);
        if octets < minimum {
            let window = self.times.rate_window;
            return Err(TransferError::Slow { server: self.server, octets, minimum, window });
        }
        Ok(())
    }
}
