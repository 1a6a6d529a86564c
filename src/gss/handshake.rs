//! The tokens that go to and fro until both sides share a key: Kerberos (RFC 4121 section 4.1), bare or inside SPNEGO.
//!
//! ```text
//! Waiting --AP-REP--> Shared                       (nothing more to say)
//! Waiting --AP-REP, SPNEGO not complete--> Shared  (with our signature over the mechanisms)
//! ```

use super::NegotiationError;
use super::spnego::{self, KERBEROS, Response};
use crate::kerberos::{
    ApRequest, By, Credential, Established, Random, Reader, Signature, UnixTime, Writer, application,
};

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "what RFC 3645 section 6 names")]
pub enum Mechanism {
    /// Kerberos inside SPNEGO, as Windows and `nsupdate -g` have it.
    #[default]
    Spnego,
    /// Kerberos alone.
    Kerberos,
}

/// RFC 4121 section 4.1.1.1: mutual authentication, replay detection, integrity. RFC 3645 section 3.1.1 wants all three.
const FLAGS: u32 = 2 | 4 | 32;
/// RFC 4121 section 4.1: `TOK_ID` of AP-REQ, AP-REP and KRB-ERROR.
const AP_REQ: [u8; 2] = [1, 0];
/// See [`AP_REQ`].
const AP_REP: [u8; 2] = [2, 0];
/// See [`AP_REQ`].
const KRB_ERROR: [u8; 2] = [3, 0];

/// The side that begins, waiting for the answer.
#[derive(Debug)]
pub(super) struct Handshake {
    /// What is spoken.
    mechanism: Mechanism,
    /// What the answer is held to.
    request: ApRequest,
}

/// Both sides share a key.
#[derive(Debug)]
pub(super) struct Shared {
    /// The key.
    pub(super) established: Established,
    /// What is still to be sent.
    pub(super) token: Option<Vec<u8>>,
}

impl Handshake {
    /// The first token, and what waits for its answer.
    pub(super) fn begin(
        mechanism: Mechanism,
        credential: &Credential,
        now: UnixTime,
        random: &Random,
    ) -> (Vec<u8>, Self) {
        // RFC 4121 section 4.1.1: length of the binding, no binding, flags; the lowest octet first.
        let checksum = [16_u32.to_le_bytes().as_slice(), &[0; 16], &FLAGS.to_le_bytes()].concat();
        let (message, request) = ApRequest::new(credential, &checksum, now, random);
        let frame = |outer: Writer| outer.raw(&KERBEROS).raw(&AP_REQ).raw(&message);
        let token = Writer::new().around(application(0), frame).finish().to_vec();
        let token = if mechanism == Mechanism::Spnego { spnego::first(&token) } else { token };
        (token, Self { mechanism, request })
    }

    /// Takes the server's token.
    pub(super) fn answer(self, token: &[u8]) -> Result<Shared, NegotiationError> {
        // RFC 3645 section 3.1.1: without a token nothing has been proved.
        if token.is_empty() {
            return Err(NegotiationError::NotMutual);
        }
        if self.mechanism == Mechanism::Kerberos {
            return Ok(Shared { established: self.kerberos(token)?, token: None });
        }
        let response = Response::read(token)?;
        let established = self.kerberos(response.token.ok_or(NegotiationError::NotMutual)?)?;
        let signature = |by| {
            let mut signature = Signature::begin(&established.key, by, established.acceptor_subkey);
            signature.update(&spnego::mechanisms());
            signature
        };
        // RFC 4178 section 5: with one mechanism offered and taken the signature may be left out; if it is there it counts.
        if response.signature.is_some_and(|theirs| !signature(By::Acceptor).verify(theirs)) {
            return Err(NegotiationError::Tampered);
        }
        if response.is_complete {
            return Ok(Shared { established, token: None });
        }
        let ours = signature(By::Initiator).sign(established.sequence);
        let sequence = established.sequence + 1;
        Ok(Shared { established: Established { sequence, ..established }, token: Some(spnego::last(&ours)) })
    }

    /// The answer of Kerberos: AP-REP, or an error.
    fn kerberos(self, token: &[u8]) -> Result<Established, NegotiationError> {
        // RFC 4121 section 4.1: all tokens of the negotiation are framed; some servers leave the frame out inside SPNEGO.
        let mut framed = Reader::new(token, "the server's token");
        let inner = match framed.optional(application(0))? {
            Some(inner) => inner.contents().strip_prefix(&KERBEROS).ok_or(NegotiationError::Mechanism)?,
            None => token,
        };
        match inner.split_first_chunk::<2>() {
            Some((&AP_REP, message)) => Ok(self.request.answer(message)?),
            Some((&KRB_ERROR, message)) => Err(self.request.error(message).into()),
            _ => Ok(self.request.answer(inner)?),
        }
    }
}
