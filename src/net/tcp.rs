//! Messages over TCP: two octets of length, then the message (RFC 1035 section 4.2.2, RFC 7766).

use super::udp::{sign, verify};
use super::{Answer, ExchangeError, Query, Transport, UpdateError};
use crate::tsig::Signer;
use crate::wire::{Header, Message, Opcode, WireError, WireErrorKind};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

/// One question over a connection of its own.
pub(super) async fn exchange(
    local: SocketAddr,
    server: SocketAddr,
    query: &Query,
    signer: Option<&Arc<dyn Signer>>,
    deadline: Instant,
) -> Result<Answer, ExchangeError> {
    let begun = Instant::now();
    let id = rand::random();
    let mut octets = query.to_octets(id).map_err(ExchangeError::Question)?;
    let transaction = sign(signer, &mut octets)?;
    let mut stream = connect(local, server, deadline).await?;
    let reply = ask(&mut stream, &octets, server, begun, deadline).await?;
    let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
    if !query.is_answered_by(&message, id) {
        return Err(ExchangeError::NotOurs { server });
    }
    let authenticated =
        verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source })?;
    Ok(Answer { octets: reply, transport: Transport::Tcp, authenticated })
}

/// Sends an UPDATE once. Before the first octet left, a failure means that the zone is unchanged; after it, anything may be.
pub(super) async fn update(
    local: SocketAddr,
    server: SocketAddr,
    update: &[u8],
    signer: Option<&Arc<dyn Signer>>,
    deadline: Instant,
) -> Result<Answer, UpdateError> {
    let begun = Instant::now();
    let mut octets = update.to_vec();
    let transaction = sign(signer, &mut octets).map_err(UpdateError::NotSent)?;
    if octets.len() > usize::from(u16::MAX) {
        return Err(UpdateError::NotSent(ExchangeError::TooLong { octets: octets.len() }));
    }
    let mut stream = connect(local, server, deadline).await.map_err(UpdateError::NotSent)?;
    let reply = ask(&mut stream, &octets, server, begun, deadline).await.map_err(UpdateError::Unknown)?;
    let believe = || {
        let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
        let header = message.header();
        let ours = Header::read(&octets).is_ok_and(|sent| sent.id == header.id);
        if !ours || !header.is_response() || header.opcode() != Opcode::UPDATE {
            return Err(ExchangeError::NotOurs { server });
        }
        verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source })
    };
    let authenticated = believe().map_err(UpdateError::Unknown)?;
    Ok(Answer { octets: reply, transport: Transport::Tcp, authenticated })
}

/// Connects from `local` until `deadline`.
pub(super) async fn connect(
    local: SocketAddr,
    server: SocketAddr,
    deadline: Instant,
) -> Result<TcpStream, ExchangeError> {
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
pub(super) async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut framed = Vec::with_capacity(message.len() + 2);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    stream.write_all(&framed).await
}

/// Writes one message and reads one, both before the deadline.
async fn ask(
    stream: &mut TcpStream,
    message: &[u8],
    server: SocketAddr,
    begun: Instant,
    deadline: Instant,
) -> Result<Vec<u8>, ExchangeError> {
    let both = async {
        send(stream, message).await?;
        let length = stream.read_u16().await?;
        let mut reply = vec![0; usize::from(length)];
        stream.read_exact(&mut reply).await?;
        Ok::<_, io::Error>(reply)
    };
    let timed_out = |_| ExchangeError::Timeout { server, transport: Transport::Tcp, within: begun.elapsed(), junk: 0 };
    let reply = timeout_at(deadline, both).await.map_err(timed_out)?;
    let reply = reply.map_err(|source| ExchangeError::Closed { server, source })?;
    if reply.is_empty() {
        let source = WireError { at: 0, kind: WireErrorKind::ShortHeader, record: None };
        return Err(ExchangeError::Malformed { server, source });
    }
    Ok(reply)
}
