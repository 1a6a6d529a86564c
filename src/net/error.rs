//! What can go wrong between us and one server, each with the address and what to look at.

use crate::tsig::{SignError, TsigError};
use crate::wire::{Rcode, WireError};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
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
    /// There is no security context to sign with. Nothing was sent unsigned in its place.
    #[error("nothing can be signed: {why}")]
    NoContext {
        /// Why there is none.
        why: String,
    },
    /// The message is longer than the two octets of its length can say: the caller's fault. Nothing was sent.
    #[error("the message has {octets} octets, more than the 65535 that TCP can carry")]
    TooLong {
        /// Its length.
        octets: usize,
    },
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
    /// There is a server, and no TLS connection to it that may be used. Nothing was asked.
    #[error("{server} cannot be asked over TLS: {source}")]
    Tls {
        /// The server.
        server: SocketAddr,
        /// What is wrong with its end.
        source: super::tls::TlsFault,
    },
    /// RFC 9103 section 7.8: it answers transfers over TLS alone.
    #[error(
        "{server} answers no SOA question over TLS (REFUSED with the extended error 21, RFC 9103 section 7.8), and asking it \
         in the clear is not allowed"
    )]
    NotOverTls {
        /// The server asked.
        server: SocketAddr,
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
    #[error("{server} closed the {transport} connection before a whole answer: {}", describe_io(.source))]
    Closed {
        /// The server asked.
        server: SocketAddr,
        /// By what.
        transport: Transport,
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
    #[error("{server} gave an answer that cannot be believed: {}", with_causes(.source))]
    Tsig {
        /// The server asked.
        server: SocketAddr,
        /// The rule of RFC 8945 that was broken, or what the server said of our signature.
        source: TsigError,
    },
    /// A question of many was asked again and again.
    #[error("{source} (asked several times)")]
    Repeated {
        /// The server asked.
        server: SocketAddr,
        /// What happened the last time.
        source: Arc<ExchangeError>,
    },
    /// UDP gave no whole answer, and then TCP gave none.
    #[error("{}", neither(.udp, .tcp))]
    Neither {
        /// Why UDP was not enough.
        udp: UdpOutcome,
        /// Why TCP did not help.
        tcp: Box<ExchangeError>,
    },
}

/// Why a question had to be asked again by TCP.
#[derive(Debug)]
#[non_exhaustive]
pub enum UdpOutcome {
    /// TC=1.
    Truncated,
    /// BADCOOKIE (RFC 7873), also to the cookie that the server had given.
    BadCookie,
    /// No answer.
    Failed(Box<ExchangeError>),
}

impl UdpOutcome {
    /// Whether nothing came.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Failed(error) if matches!(**error, ExchangeError::Timeout { .. }))
    }
}

impl fmt::Display for UdpOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the answer by UDP was truncated (TC=1)"),
            Self::BadCookie => f.write_str("by UDP the server accepted none of its own cookies (BADCOOKIE)"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl ExchangeError {
    /// Whether another attempt, by whatever transport, must end in the same way: our own fault, or the server's own word.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Question(_) | Self::Sign(_) | Self::NoContext { .. } | Self::TooLong { .. } => true,
            Self::Tsig { source, .. } => source.is_authenticated(),
            _ => false,
        }
    }

    /// Whether the server says that it does not know our key or context; nobody need vouch for that.
    pub(crate) fn is_key_unknown(&self) -> bool {
        match self {
            Self::Tsig { source, .. } => matches!(source, TsigError::BadKey { .. }),
            Self::Repeated { source, .. } => source.is_key_unknown(),
            Self::Neither { tcp, .. } => tcp.is_key_unknown(),
            _ => false,
        }
    }

    /// Whether nothing was heard of the server but silence or the end of a connection.
    pub(super) fn is_mute(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Unreachable { .. } | Self::Closed { .. })
    }

    /// Whether it may be the fault of the connection, so that a new one may bring an answer.
    pub(super) fn is_of_connection(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Closed { .. } | Self::NotOurs { .. } | Self::Malformed { .. })
    }

    /// Whether the server may mind our OPT record so much that it does not even sign its FORMERR (RFC 6891 section 7).
    ///
    /// Nobody vouches for such an answer; it leads to one more question, signed as before, and to nothing else.
    pub(super) fn may_mind_edns(&self) -> bool {
        let Self::Tsig { source: TsigError::Missing { rcode }, .. } = self else { return false };
        matches!(*rcode, Rcode::FORMERR | Rcode::NOTIMP | Rcode::BADVERS)
    }

    /// What to say when TCP was asked because of `udp` and failed like this.
    pub(super) fn after(self, udp: UdpOutcome) -> Self {
        match udp {
            _ if !self.is_mute() => self,
            // A datagram that said why is worth more than a closed port.
            UdpOutcome::Failed(error) if !error.is_mute() => *error,
            udp => Self::Neither { udp, tcp: Box::new(self) },
        }
    }
}

/// An error with its causes, each unless the text before it holds it already.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
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
pub(super) fn describe_io(error: &io::Error) -> String {
    if let Some(fault) = super::tls::fault_of(error) {
        return fault.to_string();
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused (nothing listens there, or a firewall says no)".into(),
        io::ErrorKind::ConnectionReset => "the connection was reset".into(),
        io::ErrorKind::TimedOut => "no connection in time (a firewall may drop it)".into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no route to it".into(),
        io::ErrorKind::UnexpectedEof => "the stream ended before a whole message".into(),
        io::ErrorKind::AddrNotAvailable => "the own address given is not one of this machine's".into(),
        _ => error.to_string(),
    }
}

/// What both transports came to; the server, with which both begin, is named once.
fn neither(udp: &UdpOutcome, tcp: &ExchangeError) -> String {
    let (udp, tcp) = (udp.to_string(), tcp.to_string());
    match (udp.split_once(' '), tcp.split_once(' ')) {
        (Some((one, _)), Some((other, what))) if one == other => format!("{udp}; it {what}"),
        _ => format!("{udp}; {tcp}"),
    }
}

/// Says that something arrived, though nothing that counts.
fn describe_junk(junk: u32) -> String {
    match junk {
        0 => String::new(),
        count => format!(" ({count} datagrams that do not belong to the question were thrown away)"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ExchangeError, Transport, UdpOutcome};
    use std::io;

    /// What is said of this failure to connect.
    fn unreachable(kind: io::ErrorKind, transport: Transport) -> ExchangeError {
        ExchangeError::Unreachable { server: "192.0.2.1:5353".parse().unwrap(), transport, source: kind.into() }
    }

    #[test]
    fn r6_every_reason_has_its_own_words_with_address_and_port() {
        use io::ErrorKind::{AddrNotAvailable, ConnectionRefused, ConnectionReset, HostUnreachable};
        use io::ErrorKind::{NetworkUnreachable, TimedOut, UnexpectedEof};
        let kinds = [ConnectionRefused, ConnectionReset, TimedOut, HostUnreachable, UnexpectedEof, AddrNotAvailable];
        let mut texts: Vec<String> = kinds.map(|kind| unreachable(kind, Transport::Tcp).to_string()).into();
        assert!(texts.iter().all(|text| text.starts_with("192.0.2.1:5353 cannot be reached by TCP: ")), "{texts:?}");
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), kinds.len());
        let network = unreachable(NetworkUnreachable, Transport::Udp).to_string();
        assert_eq!(network, "192.0.2.1:5353 cannot be reached by UDP: no route to it");
    }

    #[test]
    fn p8_what_tcp_said_outweighs_udp_unless_it_said_nothing() {
        let refused = |transport| unreachable(io::ErrorKind::ConnectionRefused, transport);
        let not_ours = || ExchangeError::NotOurs { server: "192.0.2.1:53".parse().unwrap() };
        let failed = |error| UdpOutcome::Failed(Box::new(error));
        assert!(matches!(not_ours().after(failed(refused(Transport::Udp))), ExchangeError::NotOurs { .. }));
        assert!(matches!(refused(Transport::Tcp).after(failed(not_ours())), ExchangeError::NotOurs { .. }));
        assert!(matches!(refused(Transport::Tcp).after(UdpOutcome::Truncated), ExchangeError::Neither { .. }));
    }

    #[test]
    fn a_server_that_neither_transport_reaches_is_named_once() {
        let no_route = |transport| unreachable(io::ErrorKind::HostUnreachable, transport);
        let neither = no_route(Transport::Tcp).after(UdpOutcome::Failed(Box::new(no_route(Transport::Udp))));
        let told =
            "192.0.2.1:5353 cannot be reached by UDP: no route to it; it cannot be reached by TCP: no route to it";
        assert_eq!(neither.to_string(), told);
        let truncated = no_route(Transport::Tcp).after(UdpOutcome::Truncated).to_string();
        assert!(truncated.ends_with("(TC=1); 192.0.2.1:5353 cannot be reached by TCP: no route to it"), "{truncated}");
    }
}
