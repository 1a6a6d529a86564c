//! What signs towards a server: nothing, a key, or a security context that has to be negotiated first.

use super::{Answer, ExchangeError, Network, Peer, Query};
use crate::present;
use crate::tsig::Signer;
use crate::wire::Transport;
use std::net::SocketAddr;
use std::sync::Arc;

#[cfg(feature = "gss-tsig")]
use super::{Host, KerberosLogin, gss::Contexts};

/// What signs what is sent to one server.
#[derive(Debug, Clone, Default)]
pub(crate) enum Signing {
    /// Nothing does.
    #[default]
    Nothing,
    /// A key that both sides know.
    Key(Arc<dyn Signer>),
    /// A security context with each of its addresses.
    #[cfg(feature = "gss-tsig")]
    Context {
        /// Who we are.
        login: KerberosLogin,
        /// What the server is called.
        host: Host,
    },
}

impl Signing {
    /// With this key, if there is one.
    pub(crate) fn with(key: Option<&Arc<dyn Signer>>) -> Self {
        key.map_or(Self::Nothing, |key| Self::Key(Arc::clone(key)))
    }

    /// The key, if it is one.
    pub(crate) fn key(&self) -> Option<&Arc<dyn Signer>> {
        if let Self::Key(signer) = self { Some(signer) } else { None }
    }

    /// What a report and the journal call it: the name of the key, or the account.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Key(signer) => Some(present::name(signer.key_name()).to_string()),
            #[cfg(feature = "gss-tsig")]
            Self::Context { login, .. } => Some(account_name(login)),
        }
    }

    /// Whether the two are one key, or contexts alike.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Key(one), Self::Key(other)) => Arc::ptr_eq(one, other),
            #[cfg(feature = "gss-tsig")]
            (Self::Context { login: one, .. }, Self::Context { login: other, .. }) => one.is_same(other),
            _ => false,
        }
    }
}

/// What the journal calls an account, so that a later run knows which one took part.
#[cfg(feature = "gss-tsig")]
pub(crate) fn account_name(login: &KerberosLogin) -> String {
    format!("gss-tsig:{}", login.account().principal())
}

/// The signers of one run. Clones share its contexts; [`end`](Self::end) is to be called when the run is over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signers {
    /// The contexts.
    #[cfg(feature = "gss-tsig")]
    contexts: Contexts,
}

impl Signers {
    /// The signer for this peer, its context negotiated if need be, within the time that `network` gives an exchange.
    ///
    /// # Cancel safety
    /// Safe: nothing is signed by it.
    ///
    /// # Errors
    /// There is no context. Nothing may be sent unsigned in its place.
    #[cfg_attr(not(feature = "gss-tsig"), allow(clippy::unused_async, reason = "contexts take their time"))]
    pub(crate) async fn signer(
        &self,
        network: &Network,
        signing: &Signing,
        peer: &Peer,
    ) -> Result<Option<Arc<dyn Signer>>, ExchangeError> {
        #[cfg(not(feature = "gss-tsig"))]
        let _ = (network, peer);
        match signing {
            Signing::Nothing => Ok(None),
            Signing::Key(signer) => Ok(Some(Arc::clone(signer))),
            #[cfg(feature = "gss-tsig")]
            Signing::Context { login, host } => {
                // Boxed: seldom needed, and deep; it would be part of the future of every question.
                let made = Box::pin(self.contexts.signer(network, (login, host), peer)).await;
                made.map(Some).map_err(|error| ExchangeError::NoContext { why: error.to_string() })
            }
        }
    }

    /// Asks a question, signed as was said; once more under a new context where the server has forgotten the first (G6).
    ///
    /// # Cancel safety
    /// As [`Network::query`].
    ///
    /// # Errors
    /// There is no context, or no answer that belongs to the question.
    pub(crate) async fn query(
        &self,
        network: &Network,
        signing: &Signing,
        peer: &Peer,
        query: &Query,
        over: Transport,
    ) -> Result<Answer, ExchangeError> {
        // Ends because an address gets few contexts.
        loop {
            let signer = self.signer(network, signing, peer).await?;
            let answer = match over {
                Transport::Udp => network.query(peer, query, signer.as_ref()).await,
                Transport::Tcp | Transport::Tls => network.query_tcp(peer, query, signer.as_ref()).await,
            };
            match (answer, signer) {
                (Err(error), Some(signer)) if error.is_key_unknown() && signing.key().is_none() => {
                    self.forget(peer.address(), &signer).await;
                }
                (answer, _) => return answer,
            }
        }
    }

    /// The server at this address does not know the context any more that has signed: the next use negotiates anew, once.
    #[cfg_attr(not(feature = "gss-tsig"), allow(clippy::unused_async, reason = "contexts take their time"))]
    pub(crate) async fn forget(&self, address: SocketAddr, signer: &Arc<dyn Signer>) {
        #[cfg(feature = "gss-tsig")]
        self.contexts.forget(address, signer.key_name()).await;
        #[cfg(not(feature = "gss-tsig"))]
        let _ = (address, signer);
    }

    /// Deletes the contexts at their servers (RFC 3645 section 3.2.1).
    #[cfg_attr(not(feature = "gss-tsig"), allow(clippy::unused_async, reason = "contexts take their time"))]
    pub(crate) async fn end(&self, network: &Network) {
        #[cfg(feature = "gss-tsig")]
        self.contexts.end(network).await;
        #[cfg(not(feature = "gss-tsig"))]
        let _ = network;
    }
}
