//! What the journal names, and what it takes to remove each of it.

use super::{Candidate, Missing, Place, Sweep, SweepError, SweepReport};
use crate::fs::Found;
#[cfg(feature = "gss-tsig")]
use crate::net::account_name;
use crate::net::{Peer, ServerAddress, Signing, Tls};
use crate::present;
use crate::probe::JournalEntry;
use crate::tsig::Signer;
use std::sync::Arc;

/// # Looking
impl Sweep {
    /// What the journal names.
    pub(super) fn in_journal(&self, report: &mut SweepReport) -> Result<Vec<Candidate>, SweepError> {
        let Place::Journal { journal, tls, .. } = &self.place else { return Ok(Vec::new()) };
        let mut candidates = Vec::new();
        for found in journal.entries()? {
            match found {
                Found::InUse(path) => report.notes.push(format!("{}: its run still lives", path.display())),
                Found::Unreadable(error) => {
                    report.incomplete = true;
                    report.notes.push(error.to_string());
                }
                Found::Leftover(written) => match written.entry().probe() {
                    Ok(probe) => {
                        let (signing, missing_key) = self.signing_for(written.entry());
                        let query_signing = self.query_signing_for(written.entry(), &signing);
                        let secured = written.entry().secured;
                        let peer = tls.as_ref().filter(|_| secured).map(|tls| peer_by_tls(written.entry(), tls));
                        let missing = match (&peer, missing_key) {
                            (None, _) if secured => Some(Missing::Tls),
                            (_, missing_key) => missing_key.map(Missing::Key),
                        };
                        let peer = peer.unwrap_or(Peer::plain(written.entry().server));
                        let entry = Some((journal.clone(), written));
                        candidates.push(Candidate { probe, peer, query_signing, signing, missing, entry });
                    }
                    Err(error) => {
                        report.incomplete = true;
                        report.notes.push(format!("{}: {error}", written.path().display()));
                    }
                },
            }
        }
        Ok(candidates)
    }

    /// What signs for an entry: the key or the account that it names, or else the name of what is missing among those
    /// given (T14: no key is tried on another's server).
    ///
    /// An entry of an unsigned run names none, and takes the first key.
    fn signing_for(&self, entry: &JournalEntry) -> (Signing, Option<String>) {
        let Place::Journal { signers, .. } = &self.place else { return (Signing::Nothing, None) };
        let Some(wanted) = entry.key_name.as_deref() else { return (Signing::with(signers.first()), None) };
        let of_account = self.context_for(entry, wanted);
        if !matches!(of_account, Signing::Nothing) {
            return (of_account, None);
        }
        let named =
            |signer: &&Arc<dyn Signer>| present::name(signer.key_name()).to_string().eq_ignore_ascii_case(wanted);
        let found = Signing::with(signers.iter().find(named));
        let is_missing = matches!(found, Signing::Nothing) && !self.has_nothing_to_sign_with();
        (found, is_missing.then(|| wanted.to_owned()))
    }

    /// A context of our account, if it is that which the entry names.
    #[cfg(feature = "gss-tsig")]
    fn context_for(&self, entry: &JournalEntry, wanted: &str) -> Signing {
        let Place::Journal { account: Some(account), .. } = &self.place else { return Signing::Nothing };
        let given = entry.server_as_given.parse::<ServerAddress>();
        match given {
            Ok(given) if account_name(account) == wanted => {
                Signing::Context { login: account.clone(), host: given.host }
            }
            _ => Signing::Nothing,
        }
    }

    /// What signs the questions about an entry whose deletion is signed so.
    #[cfg(feature = "gss-tsig")]
    fn query_signing_for(&self, entry: &JournalEntry, signing: &Signing) -> Signing {
        let given = entry.server_as_given.parse::<ServerAddress>();
        match (&self.place, given) {
            (Place::Journal { query_account: Some(account), .. }, Ok(given)) => {
                Signing::Context { login: account.clone(), host: given.host }
            }
            _ => Signing::with(signing.key()),
        }
    }

    /// There are no contexts.
    #[cfg(not(feature = "gss-tsig"))]
    #[allow(clippy::unused_self, reason = "it has an account where there are contexts")]
    fn context_for(&self, _: &JournalEntry, _: &str) -> Signing {
        Signing::Nothing
    }

    /// The key, if one signs.
    #[cfg(not(feature = "gss-tsig"))]
    #[allow(clippy::unused_self, reason = "it has an account where there are contexts")]
    fn query_signing_for(&self, _: &JournalEntry, signing: &Signing) -> Signing {
        Signing::with(signing.key())
    }

    /// Whether neither a key nor an account was given.
    fn has_nothing_to_sign_with(&self) -> bool {
        match &self.place {
            #[cfg(feature = "gss-tsig")]
            Place::Journal { signers, account, .. } => signers.is_empty() && account.is_none(),
            #[cfg(not(feature = "gss-tsig"))]
            Place::Journal { signers, .. } => signers.is_empty(),
            Place::Zone { .. } => true,
        }
    }
}

/// The server of an entry, under the name that was given for it.
fn peer_by_tls(entry: &JournalEntry, tls: &Tls) -> Peer {
    let given = entry.server_as_given.parse().unwrap_or_else(|_| ServerAddress::from(entry.server));
    tls.peer(&given.host, entry.server)
}
