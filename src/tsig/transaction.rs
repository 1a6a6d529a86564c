//! A request that is signed and the one answer to it.

use super::verify::{Clock, Cover, begin_after, check};
use super::{FUDGE, SignError, Signer, TsigError, TsigRecord, Verified};
use crate::wire::{Header, Message};
use std::sync::Arc;

/// The MAC of a request as it was sent: what the answer to it is bound to (RFC 8945 section 4.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMac(Vec<u8>);

impl RequestMac {
    /// From the octets of a MAC, truncated if that is how it was sent.
    pub fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

/// Signs a request: appends the TSIG record and counts it. The message must be complete and not yet signed.
///
/// The fudge is [`FUDGE`]; the message's ID becomes the original ID.
///
/// # Errors
/// The message is left as it was.
pub fn sign_request(
    signer: &Arc<dyn Signer>,
    message: &mut Vec<u8>,
    now_unix_seconds: u64,
) -> Result<RequestMac, SignError> {
    let header = Header::read(message).map_err(|_| SignError::NotAMessage)?;
    if now_unix_seconds >> 48 != 0 {
        return Err(SignError::Time);
    }
    let mut record = TsigRecord {
        key_name: *signer.key_name(),
        algorithm: *signer.algorithm_name(),
        time_signed: now_unix_seconds,
        fudge: FUDGE,
        mac: &[],
        original_id: header.id,
        error: 0,
        other: &[],
    };
    let mac = signer.sign(&[message.as_slice(), &record.variables()])?;
    record.mac = &mac;
    record.append_to(message)?;
    Ok(RequestMac(mac))
}

/// RFC 8945 section 5.4: whether the reply to a request that was *not* signed has no TSIG record either.
///
/// # Errors
/// [`TsigError::Unrequested`]: nobody can verify it, so the message is not to be used.
pub fn refuse_unrequested(message: &Message<'_>) -> Result<(), TsigError> {
    message.tsig().map_or(Ok(()), |_| Err(TsigError::Unrequested))
}

/// Verifies the one answer to a signed request (RFC 8945 section 5.4).
///
/// A message that fails leaves no trace, so over UDP the same transaction can go on to look at the next datagram.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// The key of the request, which is the key of the answer.
    pub(super) signer: Arc<dyn Signer>,
    /// What the answer is bound to; nothing, if the request was not signed.
    pub(super) request_mac: Option<RequestMac>,
    /// The fudge that we allow at most.
    pub(super) max_fudge: u16,
}

impl Transaction {
    /// For the answer to the request with this MAC.
    pub fn new(signer: Arc<dyn Signer>, request_mac: RequestMac) -> Self {
        Self { signer, request_mac: Some(request_mac), max_fudge: FUDGE }
    }

    /// For the answer that ends the negotiation of a key: the request could not be signed with it yet (RFC 3645 section
    /// 3.1.3.1).
    pub fn to_unsigned(signer: Arc<dyn Signer>) -> Self {
        Self { signer, request_mac: None, max_fudge: FUDGE }
    }

    /// The seconds by which the clocks may differ, whatever the server's fudge says; [`FUDGE`] unless set.
    #[must_use]
    pub const fn max_fudge(mut self, seconds: u16) -> Self {
        self.max_fudge = seconds;
        self
    }

    /// Verifies a message that claims to be the answer; `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Where [`TsigError::is_authenticated`] is false, anybody may have sent it: over UDP keep waiting.
    pub fn verify(&self, message: &Message<'_>, now: u64) -> Result<Verified, TsigError> {
        let view = message.tsig().ok_or_else(|| TsigError::Missing { rcode: message.rcode() })?;
        let context = match &self.request_mac {
            Some(mac) => begin_after(&*self.signer, mac.as_octets()),
            None => self.signer.begin(),
        };
        let clock = Clock { now, previous: None, max_fudge: self.max_fudge };
        let record = check(&*self.signer, context, message, view, Cover::Variables, clock)?;
        Ok(Verified { time_signed: record.time_signed })
    }
}
