//! One address of a server, and by what it may be reached.

use super::Transport;
use super::tls::{AuthenticationName, Tls};
use std::fmt;
use std::net::SocketAddr;

/// One address of a server, and by what it may be reached.
///
/// Every exchange takes one instead of a bare address, so that nobody asks in the clear by leaving something out: it is
/// made by [`Server::peer`](super::Server::peer), or by [`Peer::plain`], whose name says what it does.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The address.
    address: SocketAddr,
    /// Set if it is reached by TLS, and then by nothing else.
    secured: Option<Secured>,
}

/// By TLS, towards a server of this name.
#[derive(Debug, Clone)]
pub(super) struct Secured {
    /// How it proves who it is.
    pub(super) tls: Tls,
    /// The name that it has to prove; none if it has none that a certificate could hold.
    pub(super) name: Option<AuthenticationName>,
}

impl Peer {
    /// Reached by UDP and TCP as they are.
    pub const fn plain(address: SocketAddr) -> Self {
        Self { address, secured: None }
    }

    /// Reached by TLS alone.
    #[cfg(feature = "tls")]
    pub(super) const fn secured(address: SocketAddr, secured: Secured) -> Self {
        Self { address, secured: Some(secured) }
    }

    /// Whether both lead to the same place by the same way, and the server proves the same there.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_as_secure = match (&self.secured, &other.secured) {
            (None, None) => true,
            (Some(own), Some(other)) => own.tls.is_same(&other.tls) && own.name == other.name,
            _ => false,
        };
        self.address == other.address && is_as_secure
    }

    /// The address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How TLS is spoken to it, if it is.
    pub(super) const fn security(&self) -> Option<&Secured> {
        self.secured.as_ref()
    }

    /// By what its streams go.
    pub(crate) const fn stream_transport(&self) -> Transport {
        if self.secured.is_some() { Transport::Tls } else { Transport::Tcp }
    }

    /// Where its SOA may be asked for in the clear, if the person has allowed that (RFC 9103 section 7.8).
    pub(super) fn in_the_clear(&self) -> Option<Self> {
        let port = self.secured.as_ref()?.tls.soa_in_clear()?;
        Some(Self::plain(SocketAddr::new(self.address.ip(), port)))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
