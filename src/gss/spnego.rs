//! SPNEGO (RFC 4178), with one mechanism to offer: Kerberos.

use super::NegotiationError;
use crate::kerberos::{Reader, SEQUENCE, Writer, application, context};

/// 1.3.6.1.5.5.2, tag and length included.
const SPNEGO: [u8; 8] = [0x06, 0x06, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];
/// 1.2.840.113554.1.2.2, tag and length included.
pub(super) const KERBEROS: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
/// 1.2.840.48018.1.2.2: what Windows called Kerberos by mistake; some still answer with it.
const KERBEROS_OF_WINDOWS: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02];
/// ENUMERATED.
const ENUMERATED: u8 = 0x0A;
/// OCTET STRING.
const OCTET_STRING: u8 = 0x04;
/// What is read, in errors.
const ANSWER: &str = "the server's SPNEGO token";

/// `MechTypeList`, as it is sent and as it is signed.
pub(super) fn mechanisms() -> Vec<u8> {
    Writer::new().sequence(|list| list.raw(&KERBEROS)).finish().to_vec()
}

/// `NegTokenInit` around the first token of Kerberos.
pub(super) fn first(token: &[u8]) -> Vec<u8> {
    let contents = |init: Writer| init.around(context(0), |list| list.raw(&mechanisms())).octets(2, token);
    let init = |outer: Writer| outer.raw(&SPNEGO).around(context(0), |field| field.sequence(contents));
    Writer::new().around(application(0), init).finish().to_vec()
}

/// `NegTokenResp` with our signature over the list of mechanisms.
pub(super) fn last(signature: &[u8]) -> Vec<u8> {
    let contents = |response: Writer| response.octets(3, signature);
    Writer::new().around(context(1), |outer| outer.sequence(contents)).finish().to_vec()
}

/// What the server's `NegTokenResp` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Response<'d> {
    /// Whether the server has everything it wants.
    pub(super) is_complete: bool,
    /// The token of Kerberos.
    pub(super) token: Option<&'d [u8]>,
    /// The signature over the list of mechanisms.
    pub(super) signature: Option<&'d [u8]>,
}

impl<'d> Response<'d> {
    /// Reads it.
    pub(super) fn read(octets: &'d [u8]) -> Result<Self, NegotiationError> {
        let mut response = Reader::new(octets, ANSWER).enter_both(context(1), SEQUENCE)?;
        let state = match response.optional(context(0))? {
            Some(mut state) => state.enter(ENUMERATED)?.contents().first().copied(),
            None => None,
        };
        if let Some(mut chosen) = response.optional(context(1))? {
            let chosen = chosen.raw()?;
            if chosen != KERBEROS && chosen != KERBEROS_OF_WINDOWS {
                return Err(NegotiationError::Mechanism);
            }
        }
        let mut octets = |number| match response.optional(context(number))? {
            Some(mut field) => Ok::<_, NegotiationError>(Some(field.enter(OCTET_STRING)?.contents())),
            None => Ok(None),
        };
        let (token, signature) = (octets(2)?, octets(3)?);
        match state {
            // accept-completed; left out, it means that nothing has changed.
            Some(0) | None => Ok(Self { is_complete: true, token, signature }),
            // accept-incomplete, request-mic
            Some(1 | 3) => Ok(Self { is_complete: false, token, signature }),
            _ => Err(NegotiationError::Mechanism),
        }
    }
}
