//! One question by UDP (RFC 1035 section 4.2.1, RFC 5452).

use super::{Answer, ExchangeError, Query, Trust, unix_now};
use crate::tsig::{self, RequestMac, Signer, Transaction, TsigError};
use crate::wire::{Message, Transport};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

/// Sends the question from a fresh port under a fresh ID, and waits until `deadline` for the answer that belongs to it.
///
/// Whatever else arrives is thrown away and counted: junk must neither end the wait nor be believed (CVE-2023-29483). An
/// answer whose signature fails is such junk too, since anybody can send one; what it said becomes the error if nothing
/// better arrives (RFC 8945 section 5.4).
pub(super) async fn exchange(
    local: SocketAddr,
    server: SocketAddr,
    query: &Query,
    signer: Option<&Arc<dyn Signer>>,
    deadline: Instant,
) -> Result<Answer, ExchangeError> {
    let begun = Instant::now();
    let unreachable = |source| ExchangeError::Unreachable { server, transport: Transport::Udp, source };
    let id = rand::random();
    let mut octets = query.to_octets(id).map_err(ExchangeError::Question)?;
    let transaction = sign(signer, &mut octets)?;
    let socket = bind(local).await.map_err(unreachable)?;
    // A connected socket takes datagrams from this server's address and port alone.
    socket.connect(server).await.map_err(unreachable)?;
    socket.send(&octets).await.map_err(unreachable)?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    let mut junk: u32 = 0;
    let mut hint = None;
    loop {
        let length = match timeout_at(deadline, socket.recv(&mut buffer)).await {
            Ok(Ok(length)) => length,
            // The system says that nothing listens there (ICMP).
            Ok(Err(error)) => return Err(hint.unwrap_or_else(|| unreachable(error))),
            Err(_) => {
                let within = begun.elapsed();
                return Err(hint.unwrap_or(ExchangeError::Timeout { server, transport: Transport::Udp, within, junk }));
            }
        };
        let datagram = buffer.get(..length).unwrap_or_default();
        match Message::parse(datagram) {
            Ok(message) if query.is_answered_by(&message, id) => match verify(transaction.as_ref(), &message) {
                Ok(trust) => return Ok(Answer::new(datagram.to_vec(), Transport::Udp, trust)),
                // The server's own word: nothing better can come.
                Err(source) if source.is_authenticated() => return Err(ExchangeError::Tsig { server, source }),
                Err(source) => hint = Some(ExchangeError::Tsig { server, source }),
            },
            _ => {}
        }
        junk = junk.saturating_add(1);
    }
}

/// Makes sure that the system lets something be sent from this own address; else every server would be blamed for what is
/// wrong here.
///
/// # Cancel safety
/// Safe: a socket is opened and closed, and nothing is sent.
///
/// # Errors
/// The system's reason; of an address that this machine does not have [`io::ErrorKind::AddrNotAvailable`].
pub async fn can_send_from(address: IpAddr) -> io::Result<()> {
    UdpSocket::bind(SocketAddr::new(address, 0)).await.map(drop)
}

/// A socket at this address; at another port of it where that one is taken.
async fn bind(local: SocketAddr) -> io::Result<UdpSocket> {
    match UdpSocket::bind(local).await {
        Err(error) if local.port() != 0 && error.kind() == io::ErrorKind::AddrInUse => {
            UdpSocket::bind(SocketAddr::new(local.ip(), 0)).await
        }
        bound => bound,
    }
}

/// Signs the message if there is a key; returns what the answer is verified with.
pub(super) fn sign(
    signer: Option<&Arc<dyn Signer>>,
    message: &mut Vec<u8>,
) -> Result<Option<Transaction>, ExchangeError> {
    let mac = sign_request(signer, message)?;
    Ok(signer.zip(mac).map(|(signer, mac)| Transaction::new(Arc::clone(signer), mac)))
}

/// Appends the signature if there is a key; returns its MAC, on which the answer's signature builds.
pub(super) fn sign_request(
    signer: Option<&Arc<dyn Signer>>,
    message: &mut Vec<u8>,
) -> Result<Option<RequestMac>, ExchangeError> {
    let sign = |signer| tsig::sign_request(signer, message, unix_now());
    signer.map(sign).transpose().map_err(ExchangeError::Sign)
}

/// Verifies the answer; without a key it must not be signed either.
pub(super) fn verify(transaction: Option<&Transaction>, message: &Message<'_>) -> Result<Trust, TsigError> {
    let Some(transaction) = transaction else { return tsig::refuse_unrequested(message).map(|()| Trust::Unsigned) };
    let now = unix_now();
    match transaction.verify(message, now) {
        Ok(_) => Ok(Trust::Signed),
        // G5: some servers sign in a way of their own.
        Err(source) => match transaction.odd_signature(message, now) {
            Some(odd) if odd.is_authenticated() => Ok(Trust::SignedOddly(odd)),
            Some(odd) => Err(TsigError::Odd(odd)),
            None => Err(source),
        },
    }
}
