//! The many messages that answer one signed request: a zone transfer.
//!
//! RFC 8945 section 5.3.1 lets a server sign only some of them; each signature then covers all messages since the one
//! before. So a message is not authenticated when [`Sequence::message`] has taken it, only when a later signature has:
//! **hold everything until [`Sequence::finish`] has returned `Ok`**, and show or apply nothing before. (A receiver that
//! did not is the subject of CVE-2026-19033.)

use super::odd::begin_without_length;
use super::verify::{Clock, Cover, begin_after, check};
use super::{FUDGE, MacContext, RequestMac, Signer, TsigError};
use crate::wire::Message;
use std::fmt;
use std::sync::Arc;

/// RFC 8945 section 5.3.1: a client "MUST be able to accept up to 99 intermediary messages" without TSIG in a row.
pub const MAX_UNSIGNED: u32 = 99;

/// Verifies the messages of a transfer in their order.
///
/// Nothing is copied: each message goes straight into the digest that the next signature covers. After an error the
/// sequence refuses everything.
pub struct Sequence {
    /// The key of the request, which is the key of every message.
    signer: Arc<dyn Signer>,
    /// The digest for the next signature: the MAC before, and the unsigned messages since. None after an error.
    context: Option<Box<dyn MacContext>>,
    /// The digest for the first signature as Samba makes it, until that has come.
    oddly: Option<Box<dyn MacContext>>,
    /// When the last signed message was signed.
    previous: Option<u64>,
    /// Unsigned messages since the last signed one.
    run: u32,
    /// What has been seen.
    summary: Summary,
    /// The fudge that we allow at most.
    max_fudge: u16,
    /// Whether an unsigned message is an error.
    every_message: bool,
}

/// How the messages of a transfer were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Messages with a signature of their own.
    pub signed: u64,
    /// Messages that were covered by a later signature.
    pub unsigned: u64,
}

impl Sequence {
    /// For the answers to the request with this MAC.
    pub fn new(signer: Arc<dyn Signer>, request_mac: &RequestMac) -> Self {
        let context = Some(begin_after(&*signer, request_mac.as_octets()));
        let (oddly, summary) = (begin_without_length(&*signer, request_mac), Summary::default());
        Self { signer, context, oddly, previous: None, run: 0, summary, max_fudge: FUDGE, every_message: false }
    }

    /// The seconds by which the clocks may differ, whatever the server's fudge says; [`FUDGE`] unless set.
    #[must_use]
    pub const fn max_fudge(mut self, seconds: u16) -> Self {
        self.max_fudge = seconds;
        self
    }

    /// Makes every message without a signature of its own an error, which RFC 8945 does not ask for.
    #[must_use]
    pub const fn every_message(mut self) -> Self {
        self.every_message = true;
        self
    }

    /// Takes the next message; `now` is in seconds since 1970.
    pub fn message(&mut self, message: &Message<'_>, now: u64) -> Result<(), TsigError> {
        // Taken out, so that an error leaves nothing behind to go on with.
        let mut context = self.context.take().ok_or(TsigError::AfterFailure)?;
        let Some(view) = message.tsig() else {
            self.count_unsigned(message)?;
            context.update(message.octets());
            self.context = Some(context);
            return Ok(());
        };
        let cover = if self.summary.signed == 0 { Cover::Variables } else { Cover::Timers };
        let clock = Clock { now, previous: self.previous, max_fudge: self.max_fudge };
        let record = match (check(&*self.signer, context, message, view, cover, clock), self.oddly.take()) {
            (Err(TsigError::Mac(_)), Some(context)) => check(&*self.signer, context, message, view, cover, clock)?,
            (checked, _) => checked?,
        };
        self.previous = Some(record.time_signed);
        self.context = Some(begin_after(&*self.signer, record.mac));
        self.summary.signed += 1;
        self.summary.unsigned += u64::from(self.run);
        self.run = 0;
        Ok(())
    }

    /// Whether an unsigned message may stand here.
    fn count_unsigned(&mut self, message: &Message<'_>) -> Result<(), TsigError> {
        // RFC 8945 section 5.3.1: "The first and last [...] message MUST have TSIG".
        if self.summary.signed == 0 {
            return Err(TsigError::Missing { rcode: message.rcode() });
        }
        if self.every_message {
            return Err(TsigError::NotEveryMessage);
        }
        if self.run >= MAX_UNSIGNED {
            return Err(TsigError::TooManyUnsigned);
        }
        self.run += 1;
        Ok(())
    }

    /// Ends the sequence: only now is all of it authenticated.
    ///
    /// # Errors
    /// No message at all, a last message without a signature, or an error before.
    pub fn finish(self) -> Result<Summary, TsigError> {
        match self.context {
            None => Err(TsigError::AfterFailure),
            Some(_) if self.run > 0 => Err(TsigError::LastUnsigned { messages: self.run }),
            Some(_) if self.summary.signed == 0 => Err(TsigError::NoMessage),
            Some(_) => Ok(self.summary),
        }
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Sequence");
        debug.field("signer", &self.signer).field("summary", &self.summary).field("run", &self.run);
        debug.finish_non_exhaustive()
    }
}
