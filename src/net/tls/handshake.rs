//! From a TCP connection to a TLS connection that may be used.

use super::{Alpn, Tls, TlsFault};
use std::io;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::Error;
use tokio_rustls::rustls::pki_types::ServerName;

/// A TLS connection of ours.
pub(in crate::net) type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// Shakes hands until `deadline`. What comes back has proven itself; before that nothing of ours was sent.
pub(in crate::net) async fn handshake(
    stream: TcpStream,
    tls: &Tls,
    name: Option<&ServerName<'static>>,
    begun: Instant,
    deadline: Instant,
) -> Result<TlsStream, TlsFault> {
    // A name is asked for even where the pin alone counts: the server may need it to choose its certificate.
    let name = name.ok_or(TlsFault::NoName)?.clone();
    let connecting = TlsConnector::from(tls.config.clone()).connect(name, stream);
    let stream = match timeout_at(deadline, connecting).await {
        Err(_) => return Err(TlsFault::Slow(begun.elapsed())),
        Ok(Err(error)) => return Err(fault_of(&error).unwrap_or_else(|| broken(&error))),
        Ok(Ok(stream)) => stream,
    };
    match (stream.get_ref().1.alpn_protocol(), tls.alpn) {
        (Some(super::builder::DOT), _) | (None, Alpn::MayLack) => Ok(stream),
        _ => Err(TlsFault::Alpn),
    }
}

/// The error of a stream that was TLS, with its cause in our words. An end without `close_notify` is an error, and stays one.
pub(in crate::net) fn named(error: io::Error) -> io::Error {
    match fault_of(&error) {
        Some(TlsFault::NotTls) => io::Error::new(error.kind(), TlsFault::Garbled),
        Some(fault) => io::Error::new(error.kind(), fault),
        None if error.kind() == io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), TlsFault::Cut),
        None => error,
    }
}

/// What TLS has to do with an error of a stream, if anything.
pub(in crate::net) fn fault_of(error: &io::Error) -> Option<TlsFault> {
    let inner = error.get_ref()?;
    let known = inner.downcast_ref::<TlsFault>().cloned();
    known.or_else(|| inner.downcast_ref::<Error>().map(TlsFault::from))
}

/// The TCP connection ended during the handshake.
fn broken(error: &io::Error) -> TlsFault {
    TlsFault::Broken(crate::net::error::describe_io(error))
}
