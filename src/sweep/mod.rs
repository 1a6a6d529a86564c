//! Is a probe of an earlier run left behind? Then it is taken back, and its going is proven.
//!
//! Leftovers are found in the journal, or in the zone itself by the exact format of a probe and by age. Nothing else is
//! ever deleted: exactly one record by its RDATA, never an `RRset` or a name.

mod journal;
mod one;

use self::one::Remover;
use crate::converge::DEFAULT_CLEANUP_TIMEOUT;
use crate::fs::{Journal, JournalError};
#[cfg(feature = "gss-tsig")]
use crate::net::KerberosLogin;
use crate::net::{Network, Peer, Server, Signers, Signing, Tls, Transfer, TransferError, unix_now};
use crate::present::{self, one_line};
use crate::probe::{Leftover, Probe};
use crate::tsig::Signer;
use crate::wire::{RecordView, Transport, WireError, WireName};
use crate::xfr::{Limits, TransferTimes};
use hickory_proto::rr::Name;
use serde::Serialize;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A sweep that can be run.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Where leftovers are looked for.
    place: Place,
    /// How exchanges are made.
    network: Network,
    /// Whether deletions may go out without a signature.
    unsigned: bool,
    /// Whether leftovers are only told.
    list_only: bool,
    /// How long the removal of one probe may take.
    patience: Duration,
}

/// Where leftovers are looked for.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one of it in a run")]
enum Place {
    /// In the journal.
    Journal {
        /// Which.
        journal: Journal,
        /// What signs the deletions: for each entry the key that it names.
        signers: Vec<Arc<dyn Signer>>,
        /// Who signs the deletions of what an account has planted.
        #[cfg(feature = "gss-tsig")]
        account: Option<KerberosLogin>,
        /// Who signs questions, if that is an account.
        #[cfg(feature = "gss-tsig")]
        query_account: Option<KerberosLogin>,
        /// How servers are reached to which the update went over TLS.
        tls: Option<Tls>,
    },
    /// In the zone.
    Zone {
        /// Where it is transferred from, and where the deletions go.
        server: Box<Server>,
        /// The zone.
        zone: WireName,
        /// How old a probe must be.
        older_than: Duration,
    },
}

/// Why nothing was swept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The server's name has no address.
    #[error("the address of {server} cannot be found")]
    Resolve {
        /// The server as given.
        server: String,
        /// What the system's resolver said.
        source: std::io::Error,
    },
    /// The zone cannot be searched.
    #[error("the zone cannot be searched for probes")]
    Transfer(#[from] TransferError),
    /// No key for the deletions: the caller's to decide.
    #[error("there is no key to sign deletions: give one, or allow unsigned updates")]
    NoKey,
}

/// What became of one leftover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Swept {
    /// It was there, was deleted, and was seen to be gone.
    Removed,
    /// It was gone already.
    AlreadyGone,
    /// It is there; nothing was to be deleted.
    Listed,
    /// It may still be there.
    Left {
        /// Why.
        why: String,
        /// The exact lines for nsupdate that remove it.
        nsupdate: String,
    },
}

/// One leftover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SweptProbe {
    /// Its zone, as text.
    pub zone: String,
    /// Its owner, as text.
    pub owner: String,
    /// The server.
    pub address: SocketAddr,
    /// Seconds since its run began.
    pub age_seconds: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Swept,
}

impl std::fmt::Display for SweptProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, age_seconds, .. } = self;
        let owner = one_line(&self.owner);
        match &self.outcome {
            Swept::Removed => write!(f, "removed {owner} at {address} ({age_seconds} s old)"),
            Swept::AlreadyGone => write!(f, "gone already {owner} at {address} ({age_seconds} s old)"),
            Swept::Listed => write!(f, "found {owner} at {address} ({age_seconds} s old)"),
            Swept::Left { why, .. } => write!(f, "left {owner} at {address} ({age_seconds} s old): {}", one_line(why)),
        }
    }
}

/// What a sweep found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SweepReport {
    /// Every leftover, oldest first.
    pub probes: Vec<SweptProbe>,
    /// What else is to be known: entries in use or unreadable, probes too young.
    pub notes: Vec<String>,
    /// Whether something of the journal could not be read, so that nothing can be said of it.
    pub incomplete: bool,
}

impl SweepReport {
    /// 0: nothing is left, or what is left was only to be listed; 2: something could not be read; 3: a probe may be left.
    pub fn exit_status(&self) -> u8 {
        let left = |probe: &SweptProbe| matches!(probe.outcome, Swept::Left { .. });
        match (self.probes.iter().any(left), self.incomplete) {
            (true, _) => 3,
            (false, true) => 2,
            (false, false) => 0,
        }
    }
}

impl Sweep {
    /// Takes back what the journal in this directory names. Entries of runs that still live are left alone.
    pub fn journal(directory: impl Into<PathBuf>) -> Self {
        Self::of(Place::Journal {
            journal: Journal::at(directory),
            signers: Vec::new(),
            tls: None,
            #[cfg(feature = "gss-tsig")]
            account: None,
            #[cfg(feature = "gss-tsig")]
            query_account: None,
        })
    }

    /// Searches the zone, transferred from this server, for probes of any run which are older than that.
    pub fn zone(server: Server, zone: &Name, older_than: Duration) -> Self {
        let (server, zone) = (Box::new(server), WireName::from_name(zone));
        Self::of(Place::Zone { server, zone, older_than })
    }

    /// With the defaults.
    fn of(place: Place) -> Self {
        let patience = DEFAULT_CLEANUP_TIMEOUT;
        Self { place, network: Network::new(), unsigned: false, list_only: false, patience }
    }

    /// A key for the servers that the journal names, of which there may be several: an entry says by name which key signed
    /// its probe, and no other is used for it. A zone's server has keys of its own.
    #[must_use]
    pub fn key(mut self, key: impl Signer + 'static) -> Self {
        if let Place::Journal { signers, .. } = &mut self.place {
            signers.push(Arc::new(key));
        }
        self
    }

    /// Who signs for servers that the journal names where a security context has signed (GSS-TSIG). A zone's server has an
    /// account of its own.
    #[cfg(feature = "gss-tsig")]
    #[must_use]
    pub fn account(mut self, given: impl Into<KerberosLogin>) -> Self {
        if let Place::Journal { account, .. } = &mut self.place {
            *account = Some(given.into());
        }
        self
    }

    /// Who signs the questions to those servers, where they answer principals alone. Default: the key that signs the deletion,
    /// if one does. A zone's server has an account of its own.
    #[cfg(feature = "gss-tsig")]
    #[must_use]
    pub fn query_account(mut self, given: impl Into<KerberosLogin>) -> Self {
        if let Place::Journal { query_account, .. } = &mut self.place {
            *query_account = Some(given.into());
        }
        self
    }

    /// How servers are reached that the journal names as reached by TLS; without it their probes stay. A zone's server has
    /// its own.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, given: Tls) -> Self {
        if let Place::Journal { tls, .. } = &mut self.place {
            *tls = Some(given);
        }
        self
    }

    /// How exchanges are made; default [`Network::new`].
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Lets deletions go out without a signature, if there is no key. Default: that is an error.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Tells what is left, and deletes nothing. Default: it is deleted.
    #[must_use]
    pub fn list_only(mut self) -> Self {
        self.list_only = true;
        self
    }

    /// How long the removal of one probe may take; default [`DEFAULT_CLEANUP_TIMEOUT`].
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Runs to the end, or until `stop` resolves: the removal that is under way is finished first.
    ///
    /// # Cancel safety
    /// A dropped future leaves what it has not removed to the next sweep.
    ///
    /// # Errors
    /// [`SweepError`]: nothing was deleted. What happens from the first deletion on is told by the [`SweepReport`].
    pub async fn run_until(
        &self,
        stop: impl Future<Output = ()>,
        mut on_probe: impl FnMut(&SweptProbe),
    ) -> Result<SweepReport, SweepError> {
        let signers = Signers::default();
        let swept = self.sweep(stop, &mut on_probe, &signers).await;
        signers.end(&self.network).await;
        swept
    }

    /// Finds, and deletes one after the other.
    async fn sweep(
        &self,
        stop: impl Future<Output = ()>,
        on_probe: &mut impl FnMut(&SweptProbe),
        signers: &Signers,
    ) -> Result<SweepReport, SweepError> {
        let mut stop = std::pin::pin!(stop);
        let mut report = SweepReport::default();
        let found = tokio::select! {
            found = self.find(signers, &mut report) => found?,
            () = &mut stop => {
                report.notes.push("stopped before anything was deleted".into());
                report.incomplete = true;
                return Ok(report);
            }
        };
        for leftover in found {
            // Looked at between two removals, so that none is abandoned half-way.
            let stopped = tokio::select! {
                biased;
                () = &mut stop => true,
                () = std::future::ready(()) => false,
            };
            if stopped {
                report.notes.push("stopped; what is not told here was not touched".into());
                report.incomplete = true;
                break;
            }
            let swept = self.sweep_one(&leftover, signers).await;
            let done = matches!(swept.outcome, Swept::Removed | Swept::AlreadyGone) && !self.list_only;
            if let (true, Some((journal, entry))) = (done, &leftover.entry)
                && let Err(error) = journal.remove(entry)
            {
                // The probe is gone, which is what counts; the next sweep takes the entry.
                report.notes.push(error.to_string());
                report.incomplete = true;
            }
            on_probe(&swept);
            report.probes.push(swept);
        }
        Ok(report)
    }

    /// Deletes one leftover, unless it is only to be told.
    async fn sweep_one(&self, leftover: &Candidate, signers: &Signers) -> SweptProbe {
        let transport = match leftover.missing {
            Some(Missing::Tls) => Transport::Tls,
            _ => leftover.peer.stream_transport(),
        };
        let remover = Remover {
            network: &self.network,
            peer: &leftover.peer,
            transport,
            query_signing: &leftover.query_signing,
            signing: &leftover.signing,
            signers,
            probe: &leftover.probe,
            patience: self.patience,
            was_seen: leftover.entry.is_none(),
        };
        let outcome = match &leftover.missing {
            // Not even asked for: that would be in the clear.
            Some(Missing::Tls) => remover.left("its update went over TLS, and nobody said how to go there so".into()),
            _ if self.list_only => remover.look().await,
            Some(Missing::Key(name)) => {
                remover.left(format!("its update was signed by the key {name}, which was not given"))
            }
            None => remover.remove().await,
        };
        SweptProbe {
            zone: present::name(leftover.probe.zone()).to_string(),
            owner: leftover.probe.owner_text(),
            address: leftover.peer.address(),
            age_seconds: unix_now().saturating_sub(leftover.probe.started_unix()),
            outcome,
        }
    }

    /// Everything that may have to be removed.
    async fn find(&self, signers: &Signers, report: &mut SweepReport) -> Result<Vec<Candidate>, SweepError> {
        let candidates = match &self.place {
            Place::Journal { .. } => self.in_journal(report)?,
            Place::Zone { server, zone, older_than } => {
                self.in_zone((server, signers), *zone, *older_than, report).await?
            }
        };
        let unsigned = candidates.iter().any(|left| matches!(left.signing, Signing::Nothing) && left.missing.is_none());
        if unsigned && !self.unsigned && !self.list_only { Err(SweepError::NoKey) } else { Ok(candidates) }
    }

    /// The probes in a zone that are old enough.
    async fn in_zone(
        &self,
        (server, signers): (&Server, &Signers),
        zone: WireName,
        older_than: Duration,
        report: &mut SweepReport,
    ) -> Result<Vec<Candidate>, SweepError> {
        let failed = |source| SweepError::Resolve { server: server.address().to_string(), source };
        let addresses = self.network.addresses_of(server).await.map_err(failed)?;
        let no_address = || failed(std::io::ErrorKind::NotFound.into());
        let peer = server.peer(addresses.into_iter().next().ok_or_else(no_address)?);
        let mut leftovers = Vec::new();
        let mut each = |record: &RecordView<'_>| {
            leftovers.extend(recognise(&zone, record)?);
            Ok(())
        };
        let transfer = Transfer { zone, limits: Limits::new(), times: TransferTimes::new() };
        let signer =
            signers.signer(&self.network, &server.query_signing(), &peer).await.map_err(TransferError::from)?;
        self.network.transfer(&peer, &transfer, signer.as_ref(), &mut each).await?;
        let now = unix_now();
        let (old, young): (Vec<_>, Vec<_>) = leftovers.into_iter().partition(|left| left.age(now) >= older_than);
        if !young.is_empty() {
            let count = young.len();
            report.notes.push(format!("{count} younger probes were left alone: their runs may still live"));
        }
        let (query_signing, signing) = (server.source_query_signing(), server.update_signing());
        let candidate = |left: Leftover| Candidate {
            probe: left.probe,
            peer: peer.clone(),
            query_signing: query_signing.clone(),
            signing: signing.clone(),
            missing: None,
            entry: None,
        };
        let mut candidates: Vec<_> = old.into_iter().map(candidate).collect();
        candidates.sort_by_key(|candidate| candidate.probe.started_unix());
        Ok(candidates)
    }
}

/// One probe that may have to be removed.
struct Candidate {
    /// The probe.
    probe: Probe,
    /// Where it was written.
    peer: Peer,
    /// What signs questions.
    query_signing: Signing,
    /// What signs its deletion.
    signing: Signing,
    /// What it takes and was not given.
    missing: Option<Missing>,
    /// Its entry in the journal, locked.
    entry: Option<(Journal, Box<crate::fs::Written>)>,
}

/// What the removal of a probe takes.
enum Missing {
    /// The key or account of this name; others were given.
    Key(String),
    /// How TLS is to be spoken.
    Tls,
}

/// A record of the zone that is a probe of whatever run, octet by octet.
fn recognise(zone: &WireName, record: &RecordView<'_>) -> Result<Option<Leftover>, WireError> {
    Ok(Leftover::recognise(zone, &record.owner()?, record.rtype(), record.class(), record.rdata_octets()))
}
