//! A security context as the key of TSIG records (RFC 3645 section 5): MACs are MIC tokens.

use crate::kerberos::{By, Key, Signature, UnixTime};
use crate::tsig::{MacContext, MacError, SignError, Signer};
use crate::wire::WireName;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A context that was negotiated with one server.
pub struct Context {
    /// Its name, under which the server knows it.
    name: WireName,
    /// `gss-tsig.`
    algorithm: WireName,
    /// What both sides share.
    key: Key,
    /// Whether that is the acceptor's choice.
    acceptor_subkey: bool,
    /// The number of the next signature.
    sequence: Arc<AtomicU64>,
    /// When it ends, in seconds since 1970.
    ends: u64,
}

impl Context {
    /// From what the negotiation came to.
    pub(super) fn new(name: WireName, established: crate::kerberos::Established, ends: u64) -> Self {
        Self {
            name,
            algorithm: crate::tsig::gss_algorithm(),
            key: established.key,
            acceptor_subkey: established.acceptor_subkey,
            sequence: Arc::new(AtomicU64::new(established.sequence)),
            ends,
        }
    }

    /// Whether it is over at this time.
    pub fn is_over(&self, now: UnixTime) -> bool {
        self.ends <= now.as_secs()
    }

    /// When it ends, in seconds since 1970.
    pub(super) fn ends(&self) -> u64 {
        self.ends
    }
}

impl Signer for Context {
    fn key_name(&self) -> &WireName {
        &self.name
    }

    fn algorithm_name(&self) -> &WireName {
        &self.algorithm
    }

    fn begin(&self) -> Box<dyn MacContext> {
        let signature = |by| Signature::begin(&self.key, by, self.acceptor_subkey);
        let (ours, theirs) = (signature(By::Initiator), signature(By::Acceptor));
        Box::new(Mic { ours, theirs, sequence: Arc::clone(&self.sequence) })
    }

    /// RFC 3645 section 5 knows no truncation: what was verified is whole.
    fn accept_length(&self, _: usize) -> Result<(), MacError> {
        Ok(())
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({}, {}, key not shown)", crate::present::name(&self.name), self.key.etype())
    }
}

/// A MAC under way. Each side signs with a key of its own, and which one it is shows only at the end.
struct Mic {
    /// If we sign.
    ours: Signature,
    /// If the server has signed.
    theirs: Signature,
    /// The number of the next signature.
    sequence: Arc<AtomicU64>,
}

impl MacContext for Mic {
    fn update(&mut self, octets: &[u8]) {
        self.ours.update(octets);
        self.theirs.update(octets);
    }

    fn sign(self: Box<Self>) -> Result<Vec<u8>, SignError> {
        Ok(self.ours.sign(self.sequence.fetch_add(1, Ordering::Relaxed)))
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<(), MacError> {
        if self.theirs.verify(mac) { Ok(()) } else { Err(MacError::Mismatch) }
    }
}
