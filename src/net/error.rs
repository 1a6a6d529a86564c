//! What can go wrong between us and one server, each with the address and what to look at.

use crate::tsig::{SignError, TsigError};
use crate::wire::WireError;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Transport;

/// Why a question got no answer that belongs to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The question could not be built: the caller's fault.
    #[error("the question cannot be put into a message: {0}")]
    Question(#[source] hickory_proto::ProtoError),
    /// The question could not be signed: the caller's fault, or the key's.
    #[error("the message cannot be signed: {0}")]
    Sign(#[source] SignError),
    /// No connection, or the system would not send.
    #[error("{server} cannot be reached by {transport}: {}", describe_io(.source))]
    Unreachable {
        /// The server asked.
        server: SocketAddr,
        /// By what.
        transport: Transport,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing that belongs to the question arrived in time.
    #[error("{server} did not answer by {transport} within {:.1} s{}", .within.as_secs_f64(), describe_junk(*.junk))]
    Timeout {
        /// The server asked.
        server: SocketAddr,
        /// By what.
        transport: Transport,
        /// How long was waited.
        within: Duration,
        /// How many datagrams were thrown away because they did not belong to the question.
        junk: u32,
    },
    /// The stream ended or broke before a whole answer.
    #[error("{server} closed the TCP connection before a whole answer: {}", describe_io(.source))]
    Closed {
        /// The server asked.
        server: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A stream carried octets that are no message.
    #[error("{server} sent a {source}")]
    Malformed {
        /// The server asked.
        server: SocketAddr,
        /// The rule that was broken.
        source: WireError,
    },
    /// A stream carried an answer to something else.
    #[error("{server} answered another question than the one asked: ID or question section differ")]
    NotOurs {
        /// The server asked.
        server: SocketAddr,
    },
    /// The signature is missing or wrong, or the server rejected ours.
    #[error("{server} gave an answer that cannot be believed: {source}")]
    Tsig {
        /// The server asked.
        server: SocketAddr,
        /// The rule of RFC 8945 that was broken, or what the server said of our signature.
        source: TsigError,
    },
}

impl ExchangeError {
    /// Whether nothing at all is known of the server's reasons.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }
}

/// Why an UPDATE has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// It never left: the zone is unchanged.
    #[error("the update was not sent: {0}")]
    NotSent(#[source] ExchangeError),
    /// It was sent, wholly or in part, and no answer can be believed: it may have been applied.
    #[error("the update may or may not have been applied: {0}")]
    Unknown(#[source] ExchangeError),
}

/// The system's reason in the words of somebody who runs a server.
fn describe_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused (nothing listens there, or a firewall says no)".into(),
        io::ErrorKind::ConnectionReset => "the connection was reset".into(),
        io::ErrorKind::TimedOut => "no connection in time (a firewall may drop it)".into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no route to it".into(),
        io::ErrorKind::UnexpectedEof => "the stream ended early".into(),
        io::ErrorKind::AddrNotAvailable => "the own address given is not one of this machine's".into(),
        _ => error.to_string(),
    }
}

/// Says that something arrived, though nothing that counts.
fn describe_junk(junk: u32) -> String {
    match junk {
        0 => String::new(),
        count => format!(" ({count} datagrams that do not belong to the question were thrown away)"),
    }
}
