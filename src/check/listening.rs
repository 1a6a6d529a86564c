//! NOTIFY while a check runs: who is heard, and what the machine hears of it.

use super::{Check, CheckError};
use crate::converge::{Input, Plan};
use crate::net::{Heard, Listener, Server};
use crate::notify::{Hint, Sender};
use crate::report::EventKind;

/// What comes of something that was heard.
pub(super) enum News {
    /// The machine takes it.
    Hint(Input),
    /// People are told.
    Note(EventKind),
}

impl Check {
    /// Listens if that is wanted, for the servers of this plan; before anything is asked, so that nothing is missed.
    pub(super) async fn listener(&self, plan: &Plan, servers: &[&Server]) -> Result<Option<Listener>, CheckError> {
        let Some(address) = self.listen else { return Ok(None) };
        let source =
            Sender { address: plan.source().address.ip(), key: self.source.source_query_signing().key().cloned() };
        let destinations = plan
            .destinations()
            .iter()
            .zip(servers)
            .map(|(name, server)| Sender { address: name.address.ip(), key: server.query_signer().cloned() });
        let senders = std::iter::once(source).chain(destinations).collect();
        let listener = Listener::bind(address, self.zone, senders).await;
        listener.map(Some).map_err(|source| CheckError::Listen { address, source })
    }
}

/// The next thing that is heard; never, if nobody listens.
///
/// # Cancel safety
/// Safe: see [`Listener::next`].
pub(super) async fn next(listener: &mut Option<Listener>) -> News {
    let heard = match listener {
        Some(listener) => listener.next().await,
        None => std::future::pending().await,
    };
    match heard {
        Heard::Hint(Hint { from, serial, .. }) => News::Hint(Input::Notified { from, serial }),
        Heard::Stranger(from) => News::Note(EventKind::Note {
            address: None,
            text: format!(
                "something came from {from}, which is no server of this run, where NOTIFY is listened for; it was ignored"
            ),
        }),
    }
}
