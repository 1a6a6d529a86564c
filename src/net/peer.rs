//! One address of a server, and by what it may be reached.

use super::Transport;
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
}

impl Peer {
    /// Reached by UDP and TCP as they are.
    pub const fn plain(address: SocketAddr) -> Self {
        Self { address }
    }

    /// The address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// By what its streams go.
    #[allow(
        clippy::unused_self,
        reason = "what a stream goes by is for the peer to say, though there is one answer so far"
    )]
    pub(super) const fn stream_transport(&self) -> Transport {
        Transport::Tcp
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
