//! One signed message against one digest: the checks that [`Transaction`](super::Transaction) and
//! [`Sequence`](super::Sequence) share, in the order of RFC 8945 section 5.2.

use super::record::{BADKEY, BADSIG, BADTIME, BADTRUNC};
use super::text::skew;
use super::{MacContext, Signer, TsigError, TsigRecord};
use crate::wire::{Header, Message, RecordView};

/// What a message has been found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// When the server signed it, in seconds since 1970.
    pub time_signed: u64,
}

/// What of the TSIG record goes into the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// RFC 8945 section 4.3.3: the variables of the only, or first, answer.
    Variables,
    /// RFC 8945 section 5.3.1: only the timers, in later messages.
    Timers,
}

/// The times that a message is held against, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// Now.
    pub(super) now: u64,
    /// The time of the signed message before, if there was one.
    pub(super) previous: Option<u64>,
    /// The fudge that we allow at most.
    pub(super) max_fudge: u16,
}

/// Starts a digest with the MAC that the next message answers or follows (RFC 8945 section 4.3.1: with its length).
pub(super) fn begin_after(signer: &dyn Signer, mac: &[u8]) -> Box<dyn MacContext> {
    let mut context = signer.begin();
    context.update(&u16::try_from(mac.len()).unwrap_or(u16::MAX).to_be_bytes());
    context.update(mac);
    context
}

/// Key, MAC, time, truncation, in this order (RFC 8945 section 5.2); returns the record that holds the MAC.
pub(super) fn check<'m>(
    signer: &dyn Signer,
    mut context: Box<dyn MacContext>,
    message: &Message<'m>,
    view: &RecordView<'m>,
    cover: Cover,
    clock: Clock,
) -> Result<TsigRecord<'m>, TsigError> {
    let record = TsigRecord::read(view)?;
    check_key(signer, &record)?;
    // RFC 8945 section 5.3.2: replies about an unknown key or a wrong MAC "MUST be unsigned", with a MAC Size of 0.
    if record.mac.is_empty() && record.error != 0 {
        return Err(server_error(signer, &record, clock.now, false));
    }
    context.update(header_when_signed(message, &record).as_flattened());
    context.update(message.octets().get(Header::LENGTH..view.position()).unwrap_or_default());
    match cover {
        Cover::Variables => context.update(&record.variables()),
        Cover::Timers => context.update(&record.timers()),
    }
    context.verify(record.mac)?;
    // RFC 8945 section 5.2.3: a reply about BADTIME carries our own time signed; the server's is in the other data.
    if record.error != 0 {
        return Err(server_error(signer, &record, clock.now, cover == Cover::Variables));
    }
    check_time(&record, clock)?;
    signer.accept_length(record.mac.len())?;
    Ok(record)
}

/// RFC 8945 section 5.4.1: the key and the algorithm are those of the request.
fn check_key(signer: &dyn Signer, record: &TsigRecord<'_>) -> Result<(), TsigError> {
    let (wanted, found) = (*signer.key_name(), record.key_name);
    if found != wanted {
        return Err(TsigError::OtherKey { wanted: Box::new(wanted), found: Box::new(found) });
    }
    let (wanted, found) = (*signer.algorithm_name(), record.algorithm);
    if found != wanted {
        return Err(TsigError::OtherAlgorithm { wanted: Box::new(wanted), found: Box::new(found) });
    }
    Ok(())
}

/// RFC 8945 section 4.3.2: the header as it was before TSIG was added: one record less, and the original ID, which a
/// forwarder may have replaced.
fn header_when_signed(message: &Message<'_>, record: &TsigRecord<'_>) -> [[u8; 2]; 6] {
    let Header { flags, counts: [questions, answers, authorities, additional], .. } = message.header();
    let fields = [record.original_id, flags, questions, answers, authorities, additional.saturating_sub(1)];
    fields.map(u16::to_be_bytes)
}

/// RFC 8945 section 5.2.3: signed within the fudge of now, and "not earlier than the last one" in a sequence. The
/// message's fudge counts only as far as ours: a server must not open the window for replays.
fn check_time(record: &TsigRecord<'_>, clock: Clock) -> Result<(), TsigError> {
    let allowed = record.fudge.min(clock.max_fudge);
    if record.time_signed.abs_diff(clock.now) > u64::from(allowed) {
        return Err(TsigError::Time { signed: record.time_signed, skew: skew(record.time_signed, clock.now), allowed });
    }
    match clock.previous {
        Some(previous) if record.time_signed < previous => {
            Err(TsigError::TimeWentBack { seconds: previous - record.time_signed })
        }
        _ => Ok(()),
    }
}

/// What the error field of the record says, for a person.
fn server_error(signer: &dyn Signer, record: &TsigRecord<'_>, now: u64, authenticated: bool) -> TsigError {
    let (key, algorithm) = (Box::new(*signer.key_name()), Box::new(*signer.algorithm_name()));
    match record.error {
        BADSIG => TsigError::BadSig { key, authenticated },
        BADKEY => TsigError::BadKey { key, algorithm, authenticated },
        BADTIME => {
            let server_time = record.server_time();
            TsigError::BadTime { server_time, skew: server_time.map(|time| skew(time, now)), authenticated }
        }
        BADTRUNC => TsigError::BadTrunc { algorithm, authenticated },
        code => TsigError::OtherError { code, authenticated },
    }
}
