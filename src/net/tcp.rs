//! One question, or one update, over a connection of its own.

use super::stream::{Stream, connect, send};
use super::udp::{sign, verify};
use super::{Answer, ExchangeError, Peer, Query, UpdateError};
use crate::tsig::Signer;
use crate::wire::{Header, Message, Opcode, WireError, WireErrorKind};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

/// One question over a connection of its own.
pub(super) async fn exchange(
    local: SocketAddr,
    peer: &Peer,
    query: &Query,
    signer: Option<&Arc<dyn Signer>>,
    deadline: Instant,
) -> Result<Answer, ExchangeError> {
    let (server, begun) = (peer.address(), Instant::now());
    let id = rand::random();
    let query = &query.clone().over(peer.stream_transport());
    let mut octets = query.to_octets(id).map_err(ExchangeError::Question)?;
    let transaction = sign(signer, &mut octets)?;
    let mut stream = connect(local, peer, deadline).await?;
    let reply = ask(&mut stream, &octets, peer, begun, deadline).await?;
    stream.close().await;
    let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
    if !query.is_answered_by(&message, id) {
        return Err(ExchangeError::NotOurs { server });
    }
    let trust = verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source })?;
    Ok(Answer::new(reply, peer.stream_transport(), trust))
}

/// Sends an UPDATE once. Before the first octet left, a failure means that the zone is unchanged; after it, anything may be.
pub(super) async fn update(
    local: SocketAddr,
    peer: &Peer,
    update: &[u8],
    signer: Option<&Arc<dyn Signer>>,
    deadline: Instant,
) -> Result<Answer, UpdateError> {
    let (server, begun) = (peer.address(), Instant::now());
    let mut octets = update.to_vec();
    let transaction = sign(signer, &mut octets).map_err(UpdateError::NotSent)?;
    if octets.len() > usize::from(u16::MAX) {
        return Err(UpdateError::NotSent(ExchangeError::TooLong { octets: octets.len() }));
    }
    let mut stream = connect(local, peer, deadline).await.map_err(UpdateError::NotSent)?;
    let reply = ask(&mut stream, &octets, peer, begun, deadline).await.map_err(UpdateError::Unknown)?;
    stream.close().await;
    let believe = || {
        let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
        let header = message.header();
        let ours = Header::read(&octets).is_ok_and(|sent| sent.id == header.id);
        if !ours || !header.is_response() || header.opcode() != Opcode::UPDATE {
            return Err(ExchangeError::NotOurs { server });
        }
        verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source })
    };
    let trust = believe().map_err(UpdateError::Unknown)?;
    Ok(Answer::new(reply, peer.stream_transport(), trust))
}

/// Writes one message and reads one, both before the deadline.
async fn ask(
    stream: &mut Stream,
    message: &[u8],
    peer: &Peer,
    begun: Instant,
    deadline: Instant,
) -> Result<Vec<u8>, ExchangeError> {
    let (server, transport) = (peer.address(), peer.stream_transport());
    let both = async {
        send(stream, message).await?;
        let length = stream.read_u16().await?;
        let mut reply = vec![0; usize::from(length)];
        stream.read_exact(&mut reply).await?;
        Ok::<_, io::Error>(reply)
    };
    let timed_out = |_| ExchangeError::Timeout { server, transport, within: begun.elapsed(), junk: 0 };
    let reply = timeout_at(deadline, both).await.map_err(timed_out)?;
    let reply = reply.map_err(|source| ExchangeError::Closed { server, transport, source })?;
    if reply.is_empty() {
        let source = WireError { at: 0, kind: WireErrorKind::ShortHeader, record: None };
        return Err(ExchangeError::Malformed { server, source });
    }
    Ok(reply)
}
