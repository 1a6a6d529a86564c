//! The one place where a connection is made, and the messages on it: two octets of length, then the message (RFC 1035
//! section 4.2.2, RFC 7766).

use super::{ExchangeError, Peer};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

/// A connection to a server.
pub(super) type Stream = TcpStream;

/// Connects to `peer` from `local` until `deadline`, by what the peer is reached by and by nothing else.
pub(super) async fn connect(local: SocketAddr, peer: &Peer, deadline: Instant) -> Result<Stream, ExchangeError> {
    let server = peer.address();
    let unreachable = |source| ExchangeError::Unreachable { server, transport: peer.stream_transport(), source };
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
    stream.write_all(&framed).await
}
