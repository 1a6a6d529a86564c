//! Sockets, deadlines, the clock and randomness: the only room that talks to the network.
//!
//! A [`Network`] asks one question and comes back with one answer that belongs to it: ID, question and (where a key was
//! used) signature are right, and every octet of it was walked. What the answer *means* is for the floors above and
//! below: this room has no opinion about records.
//!
//! A [`Peer`] says by what a server may be reached; `stream` is the one place where a connection is made. Addresses are
//! resolved by the system's resolver.

mod address;
mod clock;
mod cookies;
mod error;
#[cfg(feature = "gss-tsig")]
mod gss;
mod kept;
mod listen;
mod peer;
mod pipeline;
mod query;
mod server;
mod signing;
mod stream;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "tls/absent.rs"]
mod tls;
mod transfer;
mod udp;

pub use self::address::{Families, Host, ServerAddress, ServerAddressError};
pub(crate) use self::clock::after;
pub use self::clock::{Clock, unix_now};
pub use self::error::{ExchangeError, UdpOutcome, UpdateError};
#[cfg(feature = "gss-tsig")]
pub use self::gss::{ContextError, KerberosLogin};
pub(crate) use self::listen::{Heard, Listener};
pub use self::peer::Peer;
pub use self::pipeline::DEFAULT_MAX_QPS;
pub(crate) use self::pipeline::Pace;
pub use self::query::Query;
pub use self::server::Server;
#[cfg(feature = "gss-tsig")]
pub(crate) use self::signing::account_name;
pub(crate) use self::signing::{Signers, Signing};
#[cfg(not(feature = "tls"))]
pub(crate) use self::tls::Tls;
#[cfg(feature = "tls")]
pub use self::tls::{DEFAULT_TLS_PORT, Pin, PinError, Tls, TlsBuilder, TlsFault, TlsSetupError};
pub(crate) use self::transfer::Intake;
pub use self::transfer::{Transfer, TransferError};
pub use self::udp::can_send_from;

use self::cookies::{Cookie, Cookies, wants_cookie};
use self::kept::Kept;
use crate::converge::DEFAULT_TIMEOUT;
use crate::tsig::{OddSignature, Signer};
use crate::wire::{Message, Rcode, Transport};
use crate::xfr::{ExtendedError, Refusal};
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The port of DNS (RFC 1035 section 4.2).
pub const DEFAULT_PORT: u16 = 53;

/// An answer that belongs to the question: whole, with its ID and question, and signed as the question was.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The message; [`Message::parse`] accepts it.
    pub octets: Vec<u8>,
    /// How it came.
    pub transport: Transport,
    /// Whether its TSIG was verified.
    pub authenticated: bool,
    /// How its TSIG was verified, if not as RFC 8945 has it.
    pub odd: Option<OddSignature>,
    /// Whether it was asked for by UDP first, where nothing came.
    pub udp_was_silent: bool,
}

/// What the signature of an answer is worth.
#[derive(Debug, Clone, Copy)]
enum Trust {
    /// Neither question nor answer was signed.
    Unsigned,
    /// It is right.
    Signed,
    /// It is the server's, though not as RFC 8945 has it.
    SignedOddly(OddSignature),
}

/// How servers are reached: which addresses of a name count, timeout, own address. Clones share what was learnt about the servers.
#[derive(Debug, Clone)]
pub struct Network {
    /// Which addresses of a server's name count.
    families: Families,
    /// The time for one exchange.
    timeout: Duration,
    /// Own addresses to send from.
    bind: Vec<SocketAddr>,
    /// Servers that do not answer questions with an OPT record.
    without_edns: Arc<Mutex<HashSet<SocketAddr>>>,
    /// What servers are sent so that they know us again.
    cookies: Cookies,
    /// Connections that are kept for the next question.
    kept: Kept,
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// With [`DEFAULT_TIMEOUT`], from whatever own address the system picks.
    pub fn new() -> Self {
        Self {
            families: Families::Both,
            timeout: DEFAULT_TIMEOUT,
            bind: Vec::new(),
            without_edns: Arc::default(),
            cookies: Cookies::default(),
            kept: Kept::default(),
        }
    }

    /// Which addresses of a server's name count; default both families.
    #[must_use]
    pub fn families(mut self, families: Families) -> Self {
        self.families = families;
        self
    }

    /// The time for one exchange, its retries included; default [`DEFAULT_TIMEOUT`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends from this address to servers of the same family. Default: any.
    ///
    /// Port 0 lets the system pick a port for every question, as RFC 5452 section 9.2 wants it. Another port is used while
    /// it is free: questions that are under way at once cannot share it, nor can a connection that has just been closed
    /// be made again from it; where it is taken the system picks another.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.bind.push(address);
        self
    }

    /// Keeps connections for the next question, apart from those of other runs; [`close`](Self::close) ends them.
    pub(crate) fn keeping_connections(mut self) -> Self {
        self.kept = Kept::keeping();
        self
    }

    /// Takes no connection that was kept, and keeps none.
    pub(crate) fn apart(mut self) -> Self {
        self.kept = Kept::default();
        self
    }

    /// Closes the connections that were kept.
    pub(crate) async fn close(&self) {
        self.kept.close().await;
    }

    /// All addresses of a server that count, each one once.
    pub(crate) async fn addresses_of(&self, server: &Server) -> std::io::Result<Vec<SocketAddr>> {
        server.resolve(self.families).await
    }

    /// The address to send from: the caller's for this family, or any.
    fn local_address(&self, peer: SocketAddr) -> SocketAddr {
        let any: IpAddr = match peer {
            SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        let own = self.bind.iter().find(|own| own.is_ipv4() == peer.is_ipv4());
        own.copied().unwrap_or(SocketAddr::new(any, 0))
    }

    /// Asks by UDP, by TCP where the answer was truncated or UDP stays silent, without EDNS where that is not understood,
    /// with the server's cookie where it wants one; a peer that is reached by TLS, by that alone.
    ///
    /// The whole takes at most the exchange timeout. A fresh ID and source port are used for every attempt (RFC 5452).
    ///
    /// # Cancel safety
    /// Dropping the future closes its sockets; a question has no effect on a server.
    ///
    /// # Errors
    /// [`ExchangeError`]: no answer that belongs to the question came in time.
    pub async fn query(
        &self,
        peer: &Peer,
        query: &Query,
        signer: Option<&Arc<dyn Signer>>,
    ) -> Result<Answer, ExchangeError> {
        /// Of these equal shares of the time, UDP has the first two and TCP the last.
        const SHARES: u32 = 3;
        if peer.stream_transport() == Transport::Tls {
            return self.query_tcp(peer, query, signer).await;
        }
        let (server, begun) = (peer.address(), Instant::now());
        let deadline = after(begun, self.timeout);
        let local = self.local_address(server);
        let mut edns = self.may_use_edns(server);
        let mut udp = None;
        for share in 1..SHARES {
            let until = deadline - (deadline - begun) * (SHARES - share) / SHARES;
            let question = query.clone().edns(self.cookie(server, edns));
            let error = match udp::exchange(local, server, &question, signer, until).await {
                Ok(answer) if edns && rejects_edns(&answer) => {
                    edns = false;
                    self.forget_edns(server);
                    continue;
                }
                // RFC 7873 section 5.3: once more with the cookie that came with it, then over TCP.
                Ok(answer) if edns && wants_cookie(&answer.octets) => {
                    self.cookies.learn(server, &answer.octets);
                    udp = Some(UdpOutcome::BadCookie);
                    continue;
                }
                Ok(answer) => {
                    // Only an answer proves that it was the OPT record that was minded, and not the whole server down.
                    if !edns {
                        self.forget_edns(server);
                    }
                    self.cookies.learn(server, &answer.octets);
                    if !answer.is_truncated() {
                        return Ok(answer);
                    }
                    udp = Some(UdpOutcome::Truncated);
                    break;
                }
                Err(error) if error.is_final() => return Err(error),
                Err(error) => error,
            };
            edns &= !(matches!(error, ExchangeError::Timeout { .. }) || error.may_mind_edns());
            udp = Some(UdpOutcome::Failed(Box::new(error)));
        }
        match self.query_tcp_until(peer, query, signer, deadline).await {
            Ok(answer) => Ok(Answer { udp_was_silent: udp.is_some_and(|udp| udp.is_silence()), ..answer }),
            Err(error) => Err(match udp {
                Some(udp) => error.after(udp),
                None => error,
            }),
        }
    }

    /// Asks over a connection alone: TCP, or TLS where the peer is reached by that.
    ///
    /// # Cancel safety
    /// As [`Network::query`].
    ///
    /// # Errors
    /// [`ExchangeError`]: no answer that belongs to the question came in time.
    pub async fn query_tcp(
        &self,
        peer: &Peer,
        query: &Query,
        signer: Option<&Arc<dyn Signer>>,
    ) -> Result<Answer, ExchangeError> {
        let deadline = after(Instant::now(), self.timeout);
        let answer = self.query_tcp_until(peer, query, signer, deadline).await?;
        if !(query.is_for_soa() && answer.transport == Transport::Tls && sends_us_elsewhere(&answer)) {
            return Ok(answer);
        }
        // RFC 9103 section 7.8: the one question that may go in the clear, and only if the person has said so.
        let plain = peer.in_the_clear().ok_or(ExchangeError::NotOverTls { server: peer.address() })?;
        self.query_tcp_until(&plain, query, signer, deadline).await
    }

    /// One question over a TCP connection, a second time without EDNS if that was rejected.
    async fn query_tcp_until(
        &self,
        peer: &Peer,
        query: &Query,
        signer: Option<&Arc<dyn Signer>>,
        deadline: Instant,
    ) -> Result<Answer, ExchangeError> {
        let server = peer.address();
        let edns = self.may_use_edns(server);
        let question = query.clone().edns(self.cookie(server, edns));
        let result = self.ask_again_if_closed(peer, &question, signer, deadline).await;
        if let Ok(answer) = &result {
            self.cookies.learn(server, &answer.octets);
        }
        let minded = match &result {
            Ok(answer) => rejects_edns(answer),
            Err(error) => error.may_mind_edns(),
        };
        if !(edns && minded) {
            return result;
        }
        let answer = self.exchange_tcp(peer, &query.clone().edns(None), signer, deadline).await?;
        self.forget_edns(server);
        Ok(answer)
    }

    /// RFC 7766 section 6.2.4: a question whose connection was closed before the answer is asked once more, over a new one.
    /// What the first attempt said stays, unless the second comes to an answer or to another verdict than silence.
    async fn ask_again_if_closed(
        &self,
        peer: &Peer,
        question: &Query,
        signer: Option<&Arc<dyn Signer>>,
        deadline: Instant,
    ) -> Result<Answer, ExchangeError> {
        match self.exchange_tcp(peer, question, signer, deadline).await {
            Err(closed @ ExchangeError::Closed { .. }) => {
                match self.exchange_tcp(peer, question, signer, deadline).await {
                    Err(error) if error.is_mute() => Err(closed),
                    result => result,
                }
            }
            result => result,
        }
    }

    /// Sends an UPDATE over TCP, once, and never again.
    ///
    /// RFC 2136 section 7.8 prefers TCP, because a retry may find its own success in its way.
    ///
    /// # Cancel safety
    /// None: a dropped future leaves it open whether the update was applied.
    ///
    /// # Errors
    /// [`UpdateError::NotSent`]: the server never saw it. [`UpdateError::Unknown`]: it may have been applied.
    pub async fn update(
        &self,
        peer: &Peer,
        update: &[u8],
        signer: Option<&Arc<dyn Signer>>,
    ) -> Result<Answer, UpdateError> {
        self.update_tcp(peer, update, signer, after(Instant::now(), self.timeout)).await
    }

    /// What an OPT record to this server carries; none where none is to be sent.
    fn cookie(&self, server: SocketAddr, edns: bool) -> Option<Cookie> {
        edns.then(|| self.cookies.for_server(server))
    }

    /// Whether this server was not yet seen to mind an OPT record.
    fn may_use_edns(&self, server: SocketAddr) -> bool {
        !self.without_edns.lock().unwrap_or_else(PoisonError::into_inner).contains(&server)
    }

    /// Whether what is sent to this peer is to be padded: nobody on the way can read it, and it was not seen to mind options.
    pub(crate) fn takes_padding(&self, peer: &Peer) -> bool {
        peer.stream_transport() == Transport::Tls && self.may_use_edns(peer.address())
    }

    /// Remembers that this server minds an OPT record.
    fn forget_edns(&self, server: SocketAddr) {
        self.without_edns.lock().unwrap_or_else(PoisonError::into_inner).insert(server);
    }
}

impl Answer {
    /// An answer as it came.
    fn new(octets: Vec<u8>, transport: Transport, trust: Trust) -> Self {
        let odd = if let Trust::SignedOddly(odd) = trust { Some(odd) } else { None };
        Self { octets, transport, authenticated: !matches!(trust, Trust::Unsigned), odd, udp_was_silent: false }
    }

    /// TC: the datagram is a part, and no part of it counts (RFC 2181 section 9).
    fn is_truncated(&self) -> bool {
        Message::parse(&self.octets).is_ok_and(|message| message.header().is_truncated())
    }
}

/// RFC 9103 section 7.8: REFUSED with this extended error to a question over TLS says that it is answered elsewhere.
fn sends_us_elsewhere(answer: &Answer) -> bool {
    Message::parse(&answer.octets).is_ok_and(|message| {
        let refusal = Refusal::read(&message, false);
        refusal.rcode == Rcode::REFUSED
            && refusal.extended.iter().any(|error| error.code == ExtendedError::NOT_SUPPORTED)
    })
}

/// RFC 6891 section 7: an old server answers FORMERR or NOTIMP to an OPT record, another version BADVERS.
fn rejects_edns(answer: &Answer) -> bool {
    Message::parse(&answer.octets).is_ok_and(|message| match message.rcode() {
        Rcode::BADVERS => true,
        Rcode::FORMERR | Rcode::NOTIMP => message.opt().is_none(),
        _ => false,
    })
}
