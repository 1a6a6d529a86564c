//! Showing a ticket to its service, and seeing that the service could read it (RFC 4120 section 3.2).

use super::der::{Reader, SEQUENCE, Writer, application, context};
use super::message::{PVNO, Refusal, decrypt, read_encrypted, write_encrypted};
use super::principal::NT_PRINCIPAL;
use super::{Credential, KerberosError, Key, Random, UnixTime};
use zeroize::Zeroizing;

/// RFC 4120 section 7.5.1: the checksum in PA-TGS-REQ.
const USAGE_TGS_CHECKSUM: u32 = 6;
/// RFC 4120 section 7.5.1: the authenticator in PA-TGS-REQ.
const USAGE_TGS_AUTHENTICATOR: u32 = 7;
/// RFC 4120 section 7.5.1: the authenticator in AP-REQ.
const USAGE_AUTHENTICATOR: u32 = 11;
/// RFC 4120 section 7.5.1: the encrypted part of AP-REP.
const USAGE_AP_REP: u32 = 12;
/// AP-REQ and AP-REP: message types and application tags.
const AP_REQ: u8 = 14;
/// See [`AP_REQ`].
const AP_REP: u8 = 15;
/// RFC 4120 section 5.5.1: "mutual-required", counted from the highest bit.
const MUTUAL_REQUIRED: u32 = 1 << (31 - 2);

/// What is named in errors.
const ANSWER: &str = "the server's proof (AP-REP)";

/// A request that was made, to which one answer belongs.
#[derive(Debug)]
pub struct ApRequest {
    /// The key of the ticket.
    session: Key,
    /// Our own key for what follows.
    subkey: Key,
    /// The time that must come back.
    now: UnixTime,
    /// Our first sequence number.
    sequence: u32,
}

/// Both sides know each other.
#[derive(Debug)]
pub struct Established {
    /// The key for what follows.
    pub key: Key,
    /// Whether it is the acceptor's choice.
    pub acceptor_subkey: bool,
    /// Our next sequence number.
    pub sequence: u64,
}

/// What an authenticator says besides who and when.
struct Extras<'e> {
    /// Checksum: its type and octets.
    checksum: (i64, &'e [u8]),
    /// Our own key, and our first sequence number.
    own: Option<(&'e Key, u32)>,
}

impl ApRequest {
    /// The message for a service, and what its answer is held to. `checksum` is of the type that RFC 4121 section 4.1.1
    /// has for security contexts, 0x8003. An answer is demanded (mutual authentication).
    pub fn new(credential: &Credential, checksum: &[u8], now: UnixTime, random: &Random) -> (Vec<u8>, Self) {
        let mut fresh = random.iter().copied();
        let mut next = |octets: &mut [u8]| octets.iter_mut().zip(fresh.by_ref()).for_each(|(to, from)| *to = from);
        let (mut confounder, mut subkey, mut sequence) = ([0; 16], Zeroizing::new([0; 32]), [0; 4]);
        next(&mut confounder);
        next(subkey.as_mut_slice());
        next(&mut sequence);
        // Some read the number as a signed one.
        let sequence = u32::from_be_bytes(sequence) & 0x3FFF_FFFF;
        // Whole microseconds, as the wire has them: the answer must repeat exactly that.
        let now = UnixTime::new(now.as_secs(), now.subsec_micros() * 1000);
        let own = Self { session: credential.key.clone(), subkey: credential.key.another(&subkey), now, sequence };
        let extras = Extras { checksum: (0x8003, checksum), own: Some((&own.subkey, sequence)) };
        let authenticator = authenticator(credential, &extras, now);
        let cipher = credential.key.encrypt(USAGE_AUTHENTICATOR, &confounder, &authenticator);
        (message(credential, MUTUAL_REQUIRED, &cipher), own)
    }

    /// The message inside a TGS-REQ, over its body (RFC 4120 section 5.4.1).
    pub(super) fn to_kdc(credential: &Credential, body: &[u8], now: UnixTime, confounder: &[u8; 16]) -> Vec<u8> {
        let checksum = credential.key.checksum(USAGE_TGS_CHECKSUM, body);
        let kind = credential.key.etype().checksum_number();
        let authenticator = authenticator(credential, &Extras { checksum: (kind.into(), &checksum), own: None }, now);
        let cipher = credential.key.encrypt(USAGE_TGS_AUTHENTICATOR, confounder, &authenticator);
        message(credential, 0, &cipher)
    }

    /// The server's answer, AP-REP: only who could read the ticket can have made it.
    ///
    /// # Errors
    /// It is not that, or it is a Kerberos error.
    pub fn answer(self, octets: &[u8]) -> Result<Established, KerberosError> {
        let mut message = Reader::new(octets, ANSWER).enter_both(application(AP_REP), SEQUENCE)?;
        if message.integer(0)? != PVNO || message.integer(1)? != i64::from(AP_REP) {
            return Err(message.fail());
        }
        let plain = decrypt(&self.session, USAGE_AP_REP, read_encrypted(&mut message, 2)?, ANSWER)?;
        let mut part = Reader::new(&plain, ANSWER).enter_both(application(27), SEQUENCE)?;
        let (seconds, micros) = (part.time(0)?, part.integer(1)?);
        if (seconds, micros) != (self.now.as_secs(), i64::from(self.now.subsec_micros())) {
            return Err(KerberosError::NotMutual);
        }
        let acceptors = Key::read(&mut part, 2)?;
        let acceptor_subkey = acceptors.is_some();
        Ok(Established { key: acceptors.unwrap_or(self.subkey), acceptor_subkey, sequence: self.sequence.into() })
    }

    /// The server's Kerberos error in place of an answer; nobody vouches for it.
    pub fn error(&self, octets: &[u8]) -> KerberosError {
        match Refusal::recognise(octets) {
            Some(refusal) => super::initial::common_refusal(&refusal, self.now),
            None => KerberosError::Malformed { what: ANSWER },
        }
    }
}

/// Authenticator (RFC 4120 section 5.5.1), not yet encrypted.
fn authenticator(credential: &Credential, extras: &Extras<'_>, now: UnixTime) -> Zeroizing<Vec<u8>> {
    let contents = |contents: Writer| {
        let contents = contents.integer(0, PVNO).string(1, credential.client.realm());
        let contents = credential.client.write(2, NT_PRINCIPAL, contents);
        let (kind, checksum) = extras.checksum;
        let contents = contents.sequence_field(3, |field| field.integer(0, kind).octets(1, checksum));
        let contents = contents.integer(4, now.subsec_micros().into()).time(5, now.as_secs());
        match extras.own {
            Some((subkey, sequence)) => subkey.write(6, contents).integer(7, sequence.into()),
            None => contents,
        }
    };
    Writer::new().around(application(2), |outer| outer.sequence(contents)).finish()
}

/// AP-REQ (RFC 4120 section 5.5.1).
fn message(credential: &Credential, options: u32, cipher: &[u8]) -> Vec<u8> {
    let contents = |contents: Writer| {
        let contents = contents.integer(0, PVNO).integer(1, AP_REQ.into()).flags(2, options);
        let contents = contents.around(context(3), |field| field.raw(credential.ticket.octets()));
        write_encrypted(contents, 4, credential.key.etype(), cipher)
    };
    Writer::new().around(application(AP_REQ), |outer| outer.sequence(contents)).finish().to_vec()
}
