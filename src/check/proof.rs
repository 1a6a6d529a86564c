//! U17: what will sign the updates is proved before anything is written, so that a wrong key, password or clock shows while
//! the zone is unchanged.

use super::outside::trouble;
use crate::converge::Trouble;
use crate::net::{ExchangeError, Network, Peer, Query, Signers, Signing};

/// What is to be proved.
pub(super) struct Proof {
    /// What signs updates; nothing, where there is nothing to prove.
    pub(super) signing: Signing,
    /// The contexts of this run.
    pub(super) signers: Signers,
}

impl Proof {
    /// Why it does not hold, if it does not.
    ///
    /// A key signs a question: whether it may ask is another matter, only the signature of the answer counts. A context is
    /// negotiated: the server's last word in that is signed.
    pub(super) async fn attempt(&self, network: &Network, peer: &Peer, query: &Query) -> Option<Trouble> {
        let signer = match self.signers.signer(network, &self.signing, peer).await {
            Ok(signer) => signer?,
            Err(error) => return Some(trouble(error)),
        };
        if !matches!(self.signing, Signing::Key(_)) {
            return None;
        }
        match network.query(peer, query, Some(&signer)).await {
            Err(error @ ExchangeError::Tsig { .. }) => Some(trouble(error)),
            _ => None,
        }
    }
}
