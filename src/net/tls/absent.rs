//! TLS where it is not built in (feature `tls`): the types that the rest of the room names, of which there are no values.
//! So nothing else has to ask whether it is there, and the compiler knows that it is not.

use super::{Host, Peer};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// See `DEFAULT_TLS_PORT` of the feature `tls`; no server has it here.
pub(in crate::net) const DEFAULT_TLS_PORT: u16 = 853;

/// How a server is reached by TLS: there is none.
#[derive(Debug, Clone)]
#[allow(unreachable_pub, reason = "with the feature it is public")]
pub enum Tls {}

/// Why a TLS connection is not used: there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "with the feature it is public")]
pub enum TlsFault {}

/// The name that a server has to prove.
pub(in crate::net) type AuthenticationName = std::convert::Infallible;

/// A TLS connection.
#[derive(Debug)]
pub(in crate::net) enum TlsStream {}

impl TlsFault {
    /// Whether another connection may do.
    pub(in crate::net) fn is_misplaced(&self) -> bool {
        match *self {}
    }
}

impl Tls {
    /// Whether both are of one configuration.
    pub(in crate::net) fn is_same(&self, _: &Self) -> bool {
        match *self {}
    }

    /// The port for SOA questions in the clear.
    pub(in crate::net) fn soa_in_clear(&self) -> Option<u16> {
        match *self {}
    }

    /// A server at one of its addresses, reached so.
    pub(crate) fn peer(&self, _: &Host, _: SocketAddr) -> Peer {
        match *self {}
    }

    /// What authenticates the two ends of a connection, in words.
    pub(in crate::net) fn authenticates(&self, _: &Host) -> String {
        match *self {}
    }
}

/// Shakes hands.
pub(in crate::net) async fn handshake(
    _: TcpStream,
    tls: &Tls,
    _: Option<&AuthenticationName>,
    _: Instant,
    _: Instant,
) -> Result<TlsStream, TlsFault> {
    match *tls {}
}

/// The error of a stream with its cause in our words.
pub(in crate::net) fn named(error: io::Error) -> io::Error {
    error
}

/// What TLS has to do with an error of a stream.
pub(in crate::net) fn fault_of(_: &io::Error) -> Option<TlsFault> {
    None
}

impl fmt::Display for TlsFault {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for TlsFault {}

impl AsyncRead for TlsStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}
