//! The one place where a connection is made, and the messages on it: two octets of length, then the message (RFC 1035
//! section 4.2.2, RFC 7766).

use super::peer::Secured;
use super::tls::{TlsStream, handshake, named};
use super::{ExchangeError, Peer, Transport};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

/// How long a peer may take to make room for the few octets of a goodbye.
const GOODBYE: Duration = Duration::from_millis(100);

/// A connection to a server, as its [`Peer`] wants it.
#[derive(Debug)]
pub(super) enum Stream {
    /// TCP as it is.
    Plain(TcpStream),
    /// TLS over TCP; the server has proven who it is.
    Secured(Box<TlsStream>),
}

/// Connects to `peer` from `local` until `deadline`, by what the peer is reached by and by nothing else.
pub(super) async fn connect(local: SocketAddr, peer: &Peer, deadline: Instant) -> Result<Stream, ExchangeError> {
    let (server, begun) = (peer.address(), Instant::now());
    let stream = dial(local, server, deadline).await?;
    let Some(Secured { tls, name }) = peer.security() else { return Ok(Stream::Plain(stream)) };
    let secured = match handshake(stream, tls, name.as_ref(), begun, deadline).await {
        // Knot 3.4.6 may say the goodbye of a connection that brought an update on whichever is made next. Nothing of ours
        // has been sent, so another one is made, once.
        Err(fault) if fault.is_misplaced() => {
            let stream = dial(local, server, deadline).await?;
            handshake(stream, tls, name.as_ref(), begun, deadline).await
        }
        shaken => shaken,
    };
    let secured = secured.map_err(|source| ExchangeError::Tls { server, source })?;
    Ok(Stream::Secured(Box::new(secured)))
}

/// A TCP connection to `server` from `local`, until `deadline`.
async fn dial(local: SocketAddr, server: SocketAddr, deadline: Instant) -> Result<TcpStream, ExchangeError> {
    let unreachable = |source| ExchangeError::Unreachable { server, transport: Transport::Tcp, source };
    let attempt = async {
        match connect_from(local, server).await {
            // The port is taken, or a connection from it to this server has only just ended (TIME_WAIT).
            Err(error) if local.port() != 0 && is_port_taken(&error) => {
                connect_from(SocketAddr::new(local.ip(), 0), server).await
            }
            result => result,
        }
    };
    let timed_out = |_| unreachable(io::ErrorKind::TimedOut.into());
    let stream = timeout_at(deadline, attempt).await.map_err(timed_out)?.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}

/// One connection from exactly this address.
async fn connect_from(local: SocketAddr, server: SocketAddr) -> io::Result<TcpStream> {
    let socket = if server.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if !local.ip().is_unspecified() || local.port() != 0 {
        socket.bind(local)?;
    }
    socket.connect(server).await
}

/// Whether another port of the same address may do.
fn is_port_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable)
}

/// Length and message in one write: RFC 7766 section 8, "in a single 'write' call".
pub(super) async fn send(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut framed = Vec::with_capacity(message.len() + 2);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    stream.write_all(&framed).await?;
    // TLS may hold the last of it back.
    stream.flush().await
}

impl Stream {
    /// Says goodbye where the stream has a word for it (RFC 8446 section 6.1: each party sends `close_notify`
    /// before it closes). No answer is waited for, and a peer that takes nothing in any more is left alone.
    pub(super) async fn close(mut self) {
        if let Self::Secured(stream) = &mut self {
            let _ = timeout(GOODBYE, stream.shutdown()).await;
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Secured(stream) => Pin::new(stream).poll_read(cx, buffer).map_err(named),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Secured(stream) => Pin::new(stream).poll_write(cx, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secured(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
