//! Replies of GSS-TSIG servers that are known to sign otherwise than RFC 8945 says.
//!
//! They come in answer to updates that were carried out, and Samba's to everything else too. None is ever a reason to send an
//! update again.

use super::gss_algorithm;
use super::verify::{Clock, Cover, check};
use super::{MacContext, RequestMac, Signer, Transaction, TsigError, TsigRecord};
use crate::wire::Message;
use std::fmt;

/// How such a reply was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OddSignature {
    /// Samba 4.17: right, but for the two octets of length that belong before the MAC of the request. Only the server can
    /// have made it, and only for this request.
    WithoutLength,
    /// Windows, for some types, wildcard names and zones that take unsigned updates too: our own MAC comes back. It proves
    /// nothing.
    Echo,
    /// Windows, for such zones: a MAC that nobody can verify. It proves nothing.
    Unverifiable,
}

impl OddSignature {
    /// Whether the reply is the server's all the same.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::WithoutLength)
    }
}

impl fmt::Display for OddSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WithoutLength => {
                "the reply is signed as Samba does it, without the length of the request's MAC (RFC 8945 section 4.3 \
                 wants it); otherwise the signature is right"
            }
            Self::Echo => "the reply carries our own signature, as Windows answers some updates: it proves nothing",
            Self::Unverifiable => {
                "the signature of the reply is not that of the security context, as Windows answers some updates: it proves \
                 nothing"
            }
        })
    }
}

impl Transaction {
    /// How a reply that [`verify`](Transaction::verify) has refused was signed, if a security context is used and the MAC
    /// is all that is wrong.
    pub fn odd_signature(&self, message: &Message<'_>, now: u64) -> Option<OddSignature> {
        let request_mac = self.request_mac.as_ref()?;
        let context = begin_without_length(&*self.signer, request_mac)?;
        let view = message.tsig()?;
        let mac = TsigRecord::read(view).ok()?.mac;
        if mac == request_mac.as_octets() {
            return Some(OddSignature::Echo);
        }
        let clock = Clock { now, previous: None, max_fudge: self.max_fudge };
        match check(&*self.signer, context, message, view, Cover::Variables, clock) {
            Ok(_) => Some(OddSignature::WithoutLength),
            Err(TsigError::Mac(_)) => Some(OddSignature::Unverifiable),
            Err(_) => None,
        }
    }
}

/// Starts the digest that Samba makes of the first answer; none where the signer is no security context.
pub(super) fn begin_without_length(signer: &dyn Signer, request_mac: &RequestMac) -> Option<Box<dyn MacContext>> {
    if *signer.algorithm_name() != gss_algorithm() {
        return None;
    }
    let mut context = signer.begin();
    context.update(request_mac.as_octets());
    Some(context)
}
