//! From servers as given to addresses: what the machine needs to know before it starts.

use super::{Check, CheckError};
use crate::converge::{Plan, Writes};
use crate::net::{Families, Server, unix_now};
use crate::present;
use crate::probe::{Probe, RunId};
use crate::report::ServerName;
use crate::tsig::Signer;
use std::net::SocketAddr;
use std::sync::Arc;

impl Check {
    /// Resolves all names and makes the probe.
    ///
    /// Of a source with several addresses the first is the one that is written to and read back from; the others are
    /// destinations.
    pub(super) async fn plan(&self) -> Result<Plan, CheckError> {
        let server = self.source.address().to_string();
        let update_signer = self.source.update_signer();
        if update_signer.is_none() && !self.unsigned && self.writes == Writes::Probe {
            return Err(CheckError::NoKey { server });
        }
        let probe = Probe::new(&self.zone, &rand::random(), RunId(rand::random()), unix_now())?;
        let mut addresses = resolve(&self.source, self.families).await?.into_iter();
        let no_address = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let pinned = addresses.next().ok_or_else(|| CheckError::Resolve { server, source: no_address() })?;
        let source = name(&self.source, pinned);
        let mut destinations: Vec<ServerName> = addresses.map(|other| name(&self.source, other)).collect();
        for destination in &self.destinations {
            let found = resolve(destination, self.families).await?;
            destinations.extend(found.into_iter().map(|address| name(destination, address)));
        }
        let plan = Plan::new(probe, source, destinations, rand::random())?;
        Ok(plan
            .schedule(self.schedule)
            .on_unfit(self.on_unfit)
            .writes(self.writes)
            .compare(self.compare)
            .update_key(update_signer.map(key_name)))
    }

    /// The server whose key belongs to this address.
    pub(super) fn server_named(&self, name: &ServerName) -> &Server {
        let mut all = std::iter::once(&self.source).chain(&self.destinations);
        all.find(|server| server.address().to_string() == name.server).unwrap_or(&self.source)
    }
}

/// Every address of a server.
async fn resolve(server: &Server, families: Families) -> Result<Vec<SocketAddr>, CheckError> {
    let failed = |source| CheckError::Resolve { server: server.address().to_string(), source };
    server.address().resolve(families).await.map_err(failed)
}

/// A server at one of its addresses.
fn name(server: &Server, address: SocketAddr) -> ServerName {
    let authenticated_by = server.query_signer().map(key_name);
    ServerName { server: server.address().to_string(), address, authenticated_by }
}

/// The name of a key, as text.
fn key_name(signer: &Arc<dyn Signer>) -> String {
    present::name(signer.key_name()).to_string()
}
