//! The other way round: a request that somebody signed to us (a NOTIFY), and our signed answer to it.

use super::verify::{Clock, Cover, begin_after, check};
use super::{FUDGE, RequestMac, SignError, Signer, TsigError, TsigRecord};
use crate::wire::{Header, Message};

/// Verifies a signed request (RFC 8945 section 5.2) with the key that its sender has; `now` is in seconds since 1970.
///
/// # Errors
/// Not signed, or not by this key at this time. The message is not to be used.
pub fn verify_request(signer: &dyn Signer, message: &Message<'_>, now: u64) -> Result<RequestMac, TsigError> {
    let view = message.tsig().ok_or_else(|| TsigError::Missing { rcode: message.rcode() })?;
    let clock = Clock { now, previous: None, max_fudge: FUDGE };
    // RFC 8945 section 4.3: a request is digested without a MAC before it.
    let record = check(signer, signer.begin(), message, view, Cover::Variables, clock)?;
    Ok(RequestMac::new(record.mac.to_vec()))
}

/// Signs the one answer to a request with this MAC (RFC 8945 section 5.3).
///
/// # Errors
/// The message is left as it was.
pub fn sign_answer(
    signer: &dyn Signer,
    request: &RequestMac,
    message: &mut Vec<u8>,
    now: u64,
) -> Result<(), SignError> {
    let header = Header::read(message).map_err(|_| SignError::NotAMessage)?;
    if now >> 48 != 0 {
        return Err(SignError::Time);
    }
    let mut record = TsigRecord {
        key_name: *signer.key_name(),
        algorithm: *signer.algorithm_name(),
        time_signed: now,
        fudge: FUDGE,
        mac: &[],
        original_id: header.id,
        error: 0,
        other: &[],
    };
    let mut context = begin_after(signer, request.as_octets());
    context.update(message);
    context.update(&record.variables());
    let mac = context.sign()?;
    record.mac = &mac;
    record.append_to(message)
}
