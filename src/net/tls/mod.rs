//! DNS over TLS (RFC 7858, RFC 9103): how a server's end is authenticated, and what a connection to it must fulfil.
//!
//! Strict, and nothing else (RFC 8310 section 5): TLS 1.3, the ALPN token `dot`, and a server that proves its name or its
//! pinned key. Nothing is sent to a server that does not, in whatever way. There is no early data, which could be played
//! again. Revocation is not looked up.

mod builder;
mod fault;
mod handshake;
mod pin;
mod verifier;

pub use self::builder::{TlsBuilder, TlsSetupError};
pub use self::fault::TlsFault;
pub use self::pin::{Pin, PinError};

pub(super) use self::handshake::{TlsStream, fault_of, handshake, named};

use super::peer::Secured;
use super::{Host, Peer};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// RFC 7858 section 3.1, RFC 9103 section 7.3: the port of DNS over TLS.
pub const DEFAULT_TLS_PORT: u16 = 853;

/// The name that a server has to prove.
pub(super) type AuthenticationName = ServerName<'static>;

/// How a server is reached by TLS, and how it proves who it is. Made by [`Tls::builder`]; clones are cheap and share
/// what was learnt for shorter handshakes.
#[derive(Clone)]
pub struct Tls {
    /// What all connections share.
    config: Arc<ClientConfig>,
    /// The name to authenticate, if it is not that of the server as given.
    hostname: Option<ServerName<'static>>,
    /// Whether a certificate must be valid for the name.
    by_name: bool,
    /// Whether the key must be one of those that were pinned.
    by_pin: bool,
    /// Whether a client certificate is shown to who asks for one.
    shows_certificate: bool,
    /// Whether a server that chooses no ALPN token is accepted.
    alpn: Alpn,
    /// The port for SOA questions in the clear, if the server may send us there.
    soa_in_clear: Option<u16>,
}

/// Whether the ALPN token `dot` must be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alpn {
    /// RFC 9103 section 7.1: it must.
    Required,
    /// The server may choose none.
    MayLack,
}

impl Tls {
    /// Begins with the strict default: the system's certificate authorities, the name of the server as given.
    pub fn builder() -> TlsBuilder {
        TlsBuilder::default()
    }

    /// Whether both are of one configuration.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }

    /// The port for SOA questions in the clear, where the server answers none over TLS (RFC 9103 section 7.8).
    pub(super) const fn soa_in_clear(&self) -> Option<u16> {
        self.soa_in_clear
    }

    /// A server at one of its addresses, reached so.
    pub(crate) fn peer(&self, host: &Host, address: SocketAddr) -> Peer {
        Peer::secured(address, Secured { tls: self.clone(), name: self.name_for(host) })
    }

    /// The name that the server has to prove.
    fn name_for(&self, host: &Host) -> Option<ServerName<'static>> {
        self.hostname.clone().or_else(|| match host {
            Host::Address(address) => Some(ServerName::from(*address)),
            Host::Name(name) => server_name(name),
        })
    }

    /// What authenticates the two ends of a connection, in words (V5).
    pub(super) fn authenticates(&self, host: &Host) -> String {
        let name = self.name_for(host).map_or_else(|| "none".into(), |name| name.to_str().into_owned());
        let mut text = match (self.by_name, self.by_pin) {
            (true, true) => format!("TLS name {name} and pinned key"),
            (false, _) => "pinned TLS key".to_owned(),
            (true, false) => format!("TLS name {name}"),
        };
        if self.shows_certificate {
            text.push_str(" (with a client certificate)");
        }
        if self.soa_in_clear.is_some() {
            text.push_str(" (SOA may be asked in the clear)");
        }
        text
    }
}

/// A name as TLS has it: without the final dot.
fn server_name(name: &str) -> Option<ServerName<'static>> {
    ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned()).ok()
}

/// Never the configuration: it holds the private key of the client certificate.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("hostname", &self.hostname)
            .field("by_name", &self.by_name)
            .field("by_pin", &self.by_pin)
            .field("shows_certificate", &self.shows_certificate)
            .field("alpn", &self.alpn)
            .field("soa_in_clear", &self.soa_in_clear)
            .finish_non_exhaustive()
    }
}
