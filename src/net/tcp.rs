//! One question, or one update, over a connection: a new one, or one that was kept.

use super::kept::{Connection, FOR_QUESTIONS, FOR_UPDATES};
use super::stream::{Stream, connect, send};
use super::udp::{sign, verify};
use super::{Answer, ExchangeError, Network, Peer, Query, UpdateError};
use crate::tsig::Signer;
use crate::wire::{Header, Message, Opcode, Opt, WireError, WireErrorKind};
use std::io;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

impl Network {
    /// One question: over the connection that was kept, and over a new one if there is none, or it comes to nothing.
    pub(super) async fn exchange_tcp(
        &self,
        peer: &Peer,
        query: &Query,
        signer: Option<&Arc<dyn Signer>>,
        deadline: Instant,
    ) -> Result<Answer, ExchangeError> {
        let begun = Instant::now();
        if let Some(connection) = self.kept.take(peer, FOR_QUESTIONS).await {
            // It may have died without a word (a NAT that has forgotten it): half of the time is for finding that out.
            let half = begun + deadline.saturating_duration_since(begun) / 2;
            match self.ask_over(connection, peer, query, signer, (begun, half)).await {
                Err(error) if error.is_of_connection() => {}
                result => return result,
            }
        }
        let stream = connect(self.local_address(peer.address()), peer, deadline).await?;
        self.ask_over(Connection::new(stream), peer, query, signer, (begun, deadline)).await
    }

    /// One question over this connection, which is kept if it may be.
    async fn ask_over(
        &self,
        mut connection: Connection,
        peer: &Peer,
        query: &Query,
        signer: Option<&Arc<dyn Signer>>,
        (begun, deadline): (Instant, Instant),
    ) -> Result<Answer, ExchangeError> {
        let server = peer.address();
        let id = rand::random();
        let is_first = self.kept.keeps() && connection.is_new();
        let query = &query.clone().over(peer.stream_transport()).first_of_many(is_first);
        let mut octets = query.to_octets(id).map_err(ExchangeError::Question)?;
        let transaction = sign(signer, &mut octets)?;
        connection.count();
        let reply = ask(&mut connection.stream, &octets, peer, begun, deadline).await?;
        let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
        if !query.is_answered_by(&message, id) {
            return Err(ExchangeError::NotOurs { server });
        }
        let trust = verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source })?;
        self.keep(peer, connection, &message, (begun, deadline)).await;
        Ok(Answer::new(reply, peer.stream_transport(), trust))
    }

    /// Sends an UPDATE once. Before the first octet left, a failure means that the zone is unchanged; after it, anything
    /// may be, over whichever connection it left.
    pub(super) async fn update_tcp(
        &self,
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
        let kept = self.kept.take(peer, FOR_UPDATES).await;
        let mut connection = if let Some(connection) = kept {
            connection
        } else {
            let stream = connect(self.local_address(server), peer, deadline).await;
            Connection::new(stream.map_err(UpdateError::NotSent)?)
        };
        connection.count();
        let reply = ask(&mut connection.stream, &octets, peer, begun, deadline).await.map_err(UpdateError::Unknown)?;
        let message = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source });
        let message = message.map_err(UpdateError::Unknown)?;
        let header = message.header();
        let ours = Header::read(&octets).is_ok_and(|sent| sent.id == header.id);
        if !ours || !header.is_response() || header.opcode() != Opcode::UPDATE {
            return Err(UpdateError::Unknown(ExchangeError::NotOurs { server }));
        }
        let trust = verify(transaction.as_ref(), &message).map_err(|source| ExchangeError::Tsig { server, source });
        let trust = trust.map_err(UpdateError::Unknown)?;
        self.keep(peer, connection, &message, (begun, deadline)).await;
        Ok(Answer::new(reply, peer.stream_transport(), trust))
    }

    /// Keeps a connection after this answer, unless the server wants no more of it, or takes so long to answer that a question
    /// over one that turned out dead would not leave it the time.
    async fn keep(
        &self,
        peer: &Peer,
        connection: Connection,
        answer: &Message<'_>,
        (begun, deadline): (Instant, Instant),
    ) {
        let is_slow = begun.elapsed() > deadline.saturating_duration_since(begun) / 4;
        if is_slow || answer.opt().is_some_and(Opt::ends_connection) {
            connection.stream.close().await;
        } else {
            self.kept.keep(peer, connection).await;
        }
    }
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
