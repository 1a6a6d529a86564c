//! The negotiation with one server (RFC 3645 section 3.1).
//!
//! ```text
//! Asked --token--> Shared --signed answer--> Context
//!   |                 |
//!   |                 '-- our last token --> Asked again, for the signed answer alone
//!   '-- error, no token, too many rounds --> abandoned
//! ```

use super::handshake::{Handshake, Shared};
use super::{Account, Context, NegotiationError, tkey};
use crate::kerberos::{Credential, Random, UnixTime};
use crate::tsig::{Signer, Transaction};
use crate::wire::{Header, Message, Opcode, WireName};
use data_encoding::HEXLOWER;
use std::sync::Arc;

/// G2: RFC 3645 section 3.1.3.2 leaves the limit to us; Kerberos needs one round, or two inside SPNEGO.
pub const MAX_ROUNDS: u32 = 10;

/// A negotiation under way.
#[derive(Debug)]
pub struct Negotiation {
    /// The context's name, new for every negotiation.
    name: WireName,
    /// What the server has not answered yet.
    handshake: Option<Handshake>,
    /// The context, once both sides share a key; it is not to be used before the server has signed with it.
    context: Option<Arc<Context>>,
    /// When the ticket ends.
    ends: u64,
    /// How many answers were taken.
    rounds: u32,
    /// The ID of the message that is not yet answered.
    id: u16,
}

/// What comes next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "send, wait, or done")]
pub enum Next {
    /// Send this message.
    Send(Vec<u8>),
    /// G3: that was not to be believed; wait for a better answer, and at the time-out say this.
    Wait(NegotiationError),
    /// The context can be used.
    Done(Arc<Context>),
}

impl Negotiation {
    /// The first message, under this ID. `credential` is the ticket for the server; `random` must be new.
    ///
    /// # Errors
    /// The token does not fit into a message.
    pub fn begin(
        account: &Account,
        credential: &Credential,
        id: u16,
        now: UnixTime,
        (random, unique): (&Random, &[u8; 16]),
    ) -> Result<(Vec<u8>, Self), NegotiationError> {
        let label = HEXLOWER.encode(unique);
        // RFC 3645 section 3.1.2: the name is unique on the server; 128 random bits are.
        let name = WireName::from_labels([label.as_bytes(), b"dnsconverge"]).ok_or(NegotiationError::Unbuildable)?;
        let (token, handshake) = Handshake::begin(account.spoken(), credential, now, random);
        let message = tkey::negotiate(id, &name, now, credential.ends, &token)?;
        let (ends, handshake) = (credential.ends, Some(handshake));
        Ok((message, Self { name, handshake, context: None, ends, rounds: 0, id }))
    }

    /// Takes a message of the server. `id` is for the next one, if there is one.
    ///
    /// # Errors
    /// The negotiation is to be abandoned.
    pub fn answer(&mut self, message: &Message<'_>, id: u16, now: UnixTime) -> Result<Next, NegotiationError> {
        let Header { id: theirs, .. } = message.header();
        if theirs != self.id || !message.header().is_response() || message.header().opcode() != Opcode::QUERY {
            return Ok(Next::Wait(NegotiationError::Other("ID")));
        }
        self.rounds += 1;
        if self.rounds > MAX_ROUNDS {
            return Err(NegotiationError::Rounds);
        }
        let token = tkey::answer(message, &self.name)?;
        if let Some(handshake) = self.handshake.take() {
            let Shared { established, token } = handshake.answer(token)?;
            let context = Arc::new(Context::new(self.name, established, self.ends));
            self.context = Some(context);
            if let Some(token) = token {
                self.id = id;
                return tkey::negotiate(id, &self.name, now, self.ends, &token).map(Next::Send);
            }
        }
        let context = self.context.as_ref().ok_or(NegotiationError::NotMutual)?;
        // RFC 3645 section 3.1.3.1: a final answer that is not signed, or wrongly, is discarded.
        let signer: Arc<dyn Signer> = Arc::clone(context) as _;
        match Transaction::to_unsigned(signer).verify(message, now.as_secs()) {
            Ok(_) => Ok(Next::Done(Arc::clone(context))),
            Err(error) => Ok(Next::Wait(NegotiationError::LastUnsigned(error))),
        }
    }
}
