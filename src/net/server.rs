//! A server and the keys that belong to it.

#[cfg(feature = "gss-tsig")]
use super::KerberosLogin;
use super::tls::{DEFAULT_TLS_PORT, Tls};
use super::{DEFAULT_PORT, Families, Peer, ServerAddress, Signing};
use crate::tsig::Signer;
use std::net::SocketAddr;
use std::sync::Arc;

/// Where to ask, and with which key: what the caller knows of one server.
///
/// A key belongs to one server: it is never used towards another.
#[derive(Debug, Clone)]
pub struct Server {
    /// The name or address.
    address: ServerAddress,
    /// The address to ask, if the name is not to be resolved.
    pinned: Option<SocketAddr>,
    /// Signs queries and transfers.
    key: Option<Arc<dyn Signer>>,
    /// Signs updates; `key` does when this is not set.
    update_key: Option<Arc<dyn Signer>>,
    /// Signs updates under a security context; no key does then.
    #[cfg(feature = "gss-tsig")]
    account: Option<KerberosLogin>,
    /// Signs queries and transfers under a security context; no key does then.
    #[cfg(feature = "gss-tsig")]
    query_account: Option<KerberosLogin>,
    /// Set if it is reached by TLS, and then by nothing else.
    tls: Option<Tls>,
}

impl Server {
    /// At this address, without a key.
    pub fn at(address: impl Into<ServerAddress>) -> Self {
        Self {
            address: address.into(),
            pinned: None,
            key: None,
            update_key: None,
            tls: None,
            #[cfg(feature = "gss-tsig")]
            account: None,
            #[cfg(feature = "gss-tsig")]
            query_account: None,
        }
    }

    /// Signs everything that is sent to this server. Default: nothing is signed.
    #[must_use]
    pub fn key(mut self, key: impl Signer + 'static) -> Self {
        self.key = Some(Arc::new(key));
        self
    }

    /// Signs updates with another key than queries and transfers.
    #[must_use]
    pub fn update_key(mut self, key: impl Signer + 'static) -> Self {
        self.update_key = Some(Arc::new(key));
        self
    }

    /// Signs updates under a security context of this account ([`KerberosLogin`], or an
    /// [`Account`](crate::gss::Account); GSS-TSIG, RFC 3645), which is negotiated when it is first
    /// needed. The server must be given by its name: its principal is `DNS/name`, the rest of the name being that of the
    /// account's realm where it has no dot. Queries and transfers are signed by a key or not at all, unless
    /// [`query_account`](Self::query_account) says otherwise.
    #[cfg(feature = "gss-tsig")]
    #[must_use]
    pub fn account(mut self, account: impl Into<KerberosLogin>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Signs queries and transfers under a security context of this account, as [`account`](Self::account) does updates: for
    /// servers that give a zone to principals alone.
    #[cfg(feature = "gss-tsig")]
    #[must_use]
    pub fn query_account(mut self, account: impl Into<KerberosLogin>) -> Self {
        self.query_account = Some(account.into());
        self
    }

    /// Reaches it by TLS alone (RFC 9103), at port 853 unless its address names another. Default: by UDP and TCP.
    ///
    /// Queries, updates and transfers go by nothing else then, whatever happens.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Asks at this address, under the name as given: what a name resolves to may change from one look-up to the next.
    /// Default: at every address to which it resolves.
    #[must_use]
    pub fn pinned(mut self, address: SocketAddr) -> Self {
        self.pinned = Some(address);
        self
    }

    /// Every address of it that is to be asked.
    pub(crate) async fn resolve(&self, families: Families) -> std::io::Result<Vec<SocketAddr>> {
        match self.pinned {
            Some(address) => Ok(vec![address]),
            None => self.address.resolve(families, self.default_port()).await,
        }
    }

    /// One of its addresses, to be asked as this server is to be asked.
    pub fn peer(&self, address: SocketAddr) -> Peer {
        match &self.tls {
            Some(tls) => tls.peer(&self.address.host, address),
            None => Peer::plain(address),
        }
    }

    /// Whether it is reached by TLS, and then by nothing else.
    pub const fn is_secured(&self) -> bool {
        self.tls.is_some()
    }

    /// What authenticates its answers to questions that are signed so: the name of the key or account, what TLS proves, both
    /// or nothing (V5).
    pub(crate) fn authenticated_by(&self, signing: &Signing) -> Option<String> {
        let key = signing.name();
        let tls = self.tls.as_ref().map(|tls| tls.authenticates(&self.address.host));
        match (key, tls) {
            (Some(key), Some(tls)) => Some(format!("{key} and {tls}")),
            (key, tls) => key.or(tls),
        }
    }

    /// The port where its address names none.
    fn default_port(&self) -> u16 {
        if self.is_secured() { DEFAULT_TLS_PORT } else { DEFAULT_PORT }
    }

    /// The name or address as given.
    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// What signs queries and transfers, if that is a key.
    pub fn query_signer(&self) -> Option<&Arc<dyn Signer>> {
        self.key.as_ref()
    }

    /// What signs updates, if that is a key.
    pub fn update_signer(&self) -> Option<&Arc<dyn Signer>> {
        self.update_key.as_ref().or(self.key.as_ref())
    }

    /// What signs queries and transfers.
    pub(crate) fn query_signing(&self) -> Signing {
        #[cfg(feature = "gss-tsig")]
        if let Some(login) = &self.query_account {
            return Signing::Context { login: login.clone(), host: self.address.host.clone() };
        }
        Signing::with(self.query_signer())
    }

    /// What signs updates.
    pub(crate) fn update_signing(&self) -> Signing {
        #[cfg(feature = "gss-tsig")]
        if let Some(login) = &self.account {
            return Signing::Context { login: login.clone(), host: self.address.host.clone() };
        }
        Signing::with(self.update_signer())
    }

    /// What signs the questions to a server that is updated: its key, or that of the updates if it has no other, so that
    /// a wrong key or clock shows before anything is written (U17).
    pub(crate) fn source_query_signing(&self) -> Signing {
        match (self.query_signing(), self.update_signing()) {
            (Signing::Nothing, updates @ Signing::Key(_)) => updates,
            (queries, _) => queries,
        }
    }
}

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests {
    use super::Server;
    use crate::net::{Families, Peer, Tls};
    use crate::wire::Transport;

    #[tokio::test]
    async fn x4_by_tls_the_port_is_853_unless_the_address_names_another() {
        let tls = Tls::builder().pin("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").unwrap().build().unwrap();
        for (given, by_tls, plain) in
            [("192.0.2.1", "192.0.2.1:853", "192.0.2.1:53"), ("192.0.2.1:8853", "192.0.2.1:8853", "192.0.2.1:8853")]
        {
            let server = Server::at(given.parse::<crate::net::ServerAddress>().unwrap());
            assert_eq!(server.resolve(Families::Both).await.unwrap(), [plain.parse().unwrap()]);
            let server = server.tls(tls.clone());
            let address = server.resolve(Families::Both).await.unwrap()[0];
            assert_eq!(address, by_tls.parse().unwrap());
            assert_eq!(server.peer(address).stream_transport(), Transport::Tls);
            assert_eq!(Peer::plain(address).stream_transport(), Transport::Tcp);
        }
    }
}
