//! A server and the keys that belong to it.

use super::ServerAddress;
use crate::tsig::Signer;
use std::sync::Arc;

/// Where to ask, and with which key: what the caller knows of one server.
///
/// A key belongs to one server: it is never used towards another.
#[derive(Debug, Clone)]
pub struct Server {
    /// The name or address.
    address: ServerAddress,
    /// Signs queries and transfers.
    key: Option<Arc<dyn Signer>>,
    /// Signs updates; `key` does when this is not set.
    update_key: Option<Arc<dyn Signer>>,
}

impl Server {
    /// At this address, without a key.
    pub fn at(address: impl Into<ServerAddress>) -> Self {
        Self { address: address.into(), key: None, update_key: None }
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

    /// The name or address as given.
    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// What signs queries and transfers.
    pub fn query_signer(&self) -> Option<&Arc<dyn Signer>> {
        self.key.as_ref()
    }

    /// What signs updates.
    pub fn update_signer(&self) -> Option<&Arc<dyn Signer>> {
        self.update_key.as_ref().or(self.key.as_ref())
    }
}
