//! The security contexts of one run: negotiated when they are first needed, one for each address, and deleted at the end.

use super::super::stream::{connect, send};
use super::super::{Host, Network, Peer, after};
use super::kdc::Kdcs;
use super::negotiate::{negotiate, ticket};
use super::{ContextError, KerberosLogin, now};
use crate::gss::{self, Context};
use crate::tsig::{Signer, sign_request};
use crate::wire::WireName;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

/// G6: how many contexts one address gets in a run: one, and one more if it is over or forgotten.
const MAX_CONTEXTS: u32 = 2;
/// How long the server may take to forget a context. Whether it does is its own affair.
const FORGETTING: Duration = Duration::from_secs(1);

/// The contexts. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contexts {
    /// For each address; whoever comes while one is negotiated waits for it.
    slots: Arc<Lock<HashMap<SocketAddr, Arc<Mutex<Slot>>>>>,
}

/// What one address has come to.
#[derive(Debug, Default)]
struct Slot {
    /// The context.
    context: Option<Arc<Context>>,
    /// How many there were.
    made: u32,
    /// Why there will be none.
    failed: Option<Arc<ContextError>>,
    /// How the server is reached.
    peer: Option<Peer>,
}

impl Contexts {
    /// The context with this address, negotiated if there is none that counts.
    ///
    /// One whose ticket has ended serves on where there is no other ticket: a probe may have to be taken back. What it signs
    /// is no less ours; whether it still counts is for the server to say.
    ///
    /// # Cancel safety
    /// Safe: nothing is signed by it.
    ///
    /// # Errors
    /// There is none. Nothing may be sent unsigned in its place.
    pub(crate) async fn signer(
        &self,
        network: &Network,
        (login, host): (&KerberosLogin, &Host),
        peer: &Peer,
    ) -> Result<Arc<dyn Signer>, Arc<ContextError>> {
        let slot = self.slot(peer.address());
        let mut slot = slot.lock().await;
        if let Some(failed) = &slot.failed {
            return Err(Arc::clone(failed));
        }
        if let Some(context) = slot.context.as_ref().filter(|context| !context.is_over(now())) {
            return Ok(Arc::clone(context) as _);
        }
        let made = match slot.made {
            MAX_CONTEXTS.. => Err(ContextError::Forgotten(peer.address())),
            _ => make(network, login, host, peer).await,
        };
        match made {
            Ok(context) => {
                slot.made += 1;
                slot.context = Some(Arc::clone(&context));
                slot.peer = Some(peer.clone());
                Ok(context)
            }
            Err(error) => {
                if let Some(over) = &slot.context {
                    return Ok(Arc::clone(over) as _);
                }
                let error = Arc::new(error);
                slot.failed = error.is_final().then(|| Arc::clone(&error));
                Err(error)
            }
        }
    }

    /// The place of an address.
    fn slot(&self, address: SocketAddr) -> Arc<Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(address).or_default())
    }

    /// The server says that it does not know the context of this name (it was started again): the next use negotiates anew,
    /// unless somebody else has done so meanwhile.
    pub(crate) async fn forget(&self, address: SocketAddr, name: &WireName) {
        let slot = self.slot(address);
        slot.lock().await.context.take_if(|context| context.key_name() == name);
    }

    /// G6: deletes all contexts at their servers.
    pub(crate) async fn end(&self, network: &Network) {
        let slots: Vec<_> = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.drain().map(|(_, slot)| slot).collect()
        };
        for slot in slots {
            let Slot { context, peer, .. } = std::mem::take(&mut *slot.lock().await);
            if let (Some(context), Some(peer)) = (context, peer) {
                let deadline = after(Instant::now(), FORGETTING);
                // Whatever comes of it: a context that is not deleted dies with its ticket.
                let _ = timeout_at(deadline, delete(network, context, &peer, deadline)).await;
            }
        }
    }
}

/// Logs in and negotiates.
async fn make(
    network: &Network,
    login: &KerberosLogin,
    host: &Host,
    peer: &Peer,
) -> Result<Arc<Context>, ContextError> {
    let Host::Name(host) = host else { return Err(ContextError::NeedsName(peer.address().ip().to_string())) };
    let account = login.account();
    let service = account.dns_service(host)?;
    let deadline = after(Instant::now(), network.timeout);
    let kdcs = Kdcs { network, config: account.realms(), peer: Some(peer), deadline };
    let credential = ticket(login, &service, &kdcs).await?;
    negotiate(network, account, peer, &credential, deadline).await
}

/// Tells the server to forget a context, and waits until it has heard.
async fn delete(network: &Network, context: Arc<Context>, peer: &Peer, deadline: Instant) -> Option<()> {
    let mut message = gss::delete(rand::random(), &context, now())?;
    let signer: Arc<dyn Signer> = context;
    sign_request(&signer, &mut message, now().as_secs()).ok()?;
    let mut stream = connect(network.local_address(peer.address()), peer, deadline).await.ok()?;
    send(&mut stream, &message).await.ok()?;
    stream.read_u16().await.ok()?;
    stream.close().await;
    Some(())
}
