//! TSIG (RFC 8945): messages signed and verified, one answer or many.
//!
//! A request is signed by [`sign_request`]; what comes back is verified by a [`Transaction`] (one answer) or a
//! [`Sequence`] (the many messages of a transfer). Both check in the order of RFC 8945 section 5.2: key, MAC, time,
//! truncation. How a MAC is made is behind the seam [`Signer`]: [`TsigKey`] does it with a shared secret; a security
//! context (GSS-TSIG, RFC 3645) is another implementation of the same trait.
//!
//! It does not ask a clock (the time is an argument), does not read files (a [`KeyFile`] is given its text), and never
//! sends anything a second time without a signature: what to do about an error is for the caller, who finds in
//! [`TsigError::is_authenticated`] whether a stranger can have caused it.

mod algorithm;
mod error;
mod incoming;
mod key;
mod keyfile;
mod keyrecord;
mod odd;
mod record;
mod sequence;
mod text;
mod transaction;
mod verify;

#[cfg(test)]
mod tests;

pub use self::algorithm::{Algorithm, WeakKeys};
pub use self::error::{KeyError, KeyFileError, KeyFileErrorKind, MacError, SignError, TsigError};
pub use self::incoming::{sign_answer, verify_request};
pub use self::key::TsigKey;
pub use self::keyfile::KeyFile;
pub use self::odd::OddSignature;
pub use self::record::TsigRecord;
pub use self::sequence::{MAX_UNSIGNED, Sequence, Summary};
pub use self::transaction::{RequestMac, Transaction, refuse_unrequested, sign_request};
pub use self::verify::Verified;

use crate::wire::WireName;
use std::fmt::Debug;

/// RFC 8945 section 10: the fudge "SHOULD be set to 300 seconds". We send it, and allow a server no more by default.
pub const FUDGE: u16 = 300;

/// RFC 3645 section 2: the algorithm of security contexts.
pub(crate) fn gss_algorithm() -> WireName {
    WireName::from_labels([b"gss-tsig".as_slice()]).unwrap_or(WireName::ROOT)
}

/// The seam of signing: who signs, and with what.
///
/// The digest is fed in pieces to the [`MacContext`] that [`begin`](Signer::begin) returns, so that an HMAC holds
/// nothing of a message, while a mechanism that only takes whole buffers may collect them.
pub trait Signer: Debug + Send + Sync {
    /// The name of the key, or of the security context.
    fn key_name(&self) -> &WireName;

    /// The algorithm's name as in the TSIG record.
    fn algorithm_name(&self) -> &WireName;

    /// Starts the MAC over one digest input.
    fn begin(&self) -> Box<dyn MacContext>;

    /// RFC 8945 section 5.2.4: whether a MAC of this length, already found right, is long enough for our policy.
    fn accept_length(&self, octets: usize) -> Result<(), MacError>;

    /// The MAC over the parts, one after the other.
    fn sign(&self, parts: &[&[u8]]) -> Result<Vec<u8>, SignError> {
        let mut context = self.begin();
        for part in parts {
            context.update(part);
        }
        context.sign()
    }

    /// Whether `mac` is the MAC over the parts, and long enough for our policy.
    fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> Result<(), MacError> {
        let mut context = self.begin();
        for part in parts {
            context.update(part);
        }
        context.verify(mac)?;
        self.accept_length(mac.len())
    }
}

/// A MAC that is being computed; see [`Signer::begin`].
pub trait MacContext: Send {
    /// Takes the next octets of the digest input.
    fn update(&mut self, octets: &[u8]);

    /// Ends with the MAC to send, truncated if the signer does that.
    fn sign(self: Box<Self>) -> Result<Vec<u8>, SignError>;

    /// Ends with a comparison in constant time. A MAC cut to a length that RFC 8945 section 5.2.2.1 allows passes here;
    /// whether that is enough is asked later, in [`Signer::accept_length`].
    fn verify(self: Box<Self>, mac: &[u8]) -> Result<(), MacError>;
}
