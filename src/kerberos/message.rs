//! The parts that the messages of Kerberos share, and what every KDC's answer is held to (RFC 4120 section 5).

use super::der::{Reader, SEQUENCE, Writer, application, context};
use super::principal::{NT_PRINCIPAL, NT_SRV_INST};
use super::{Etype, KerberosError, Key, Principal};
use zeroize::Zeroizing;

/// What names a KDC's answer in errors.
pub(super) const REPLY: &str = "the KDC's answer";

/// RFC 4120 section 7.5.7: message types, which are their application tags too.
pub(super) const AS_REQ: u8 = 10;
/// See [`AS_REQ`].
pub(super) const AS_REP: u8 = 11;
/// See [`AS_REQ`].
pub(super) const TGS_REQ: u8 = 12;
/// See [`AS_REQ`].
pub(super) const TGS_REP: u8 = 13;
/// See [`AS_REQ`].
const KRB_ERROR: u8 = 30;

/// The version of the protocol.
pub(super) const PVNO: i64 = 5;

/// RFC 4120 section 5.8.1: KDC options; bit 0 is the highest.
pub(super) const CANONICALIZE: u32 = 1 << (31 - 15);

/// A ticket: only its service can read it, to us it is octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(Vec<u8>);

impl Ticket {
    /// From its DER, which must be a whole ticket and nothing else.
    pub(super) fn new(octets: &[u8]) -> Result<Self, KerberosError> {
        let mut reader = Reader::new(octets, "a ticket");
        let mut inner = reader.enter(application(1))?;
        inner.enter(SEQUENCE)?;
        inner.end()?;
        reader.end()?;
        Ok(Self(octets.to_vec()))
    }

    /// Its DER.
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// A ticket with the key that goes with it.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Whose it is.
    pub client: Principal,
    /// For which service.
    pub service: Principal,
    /// The key that we share with that service.
    pub key: Key,
    /// When it ends, in seconds since 1970.
    pub ends: u64,
    /// The ticket.
    pub ticket: Ticket,
}

impl Credential {
    /// Whether it can still be used at this time.
    ///
    /// # Errors
    /// [`KerberosError::Expired`], with who and when.
    pub fn require_valid(&self, now: super::UnixTime) -> Result<(), KerberosError> {
        if now.as_secs() < self.ends {
            return Ok(());
        }
        let (client, service) = (self.client.to_string(), self.service.to_string());
        Err(KerberosError::Expired { client, service, ended: self.ends })
    }
}

/// `EncryptedData` in the field `[n]`.
pub(super) fn write_encrypted(writer: Writer, number: u8, etype: Etype, cipher: &[u8]) -> Writer {
    writer.sequence_field(number, |data| data.integer(0, etype.number().into()).octets(2, cipher))
}

/// The `EncryptedData` in the field `[n]`, as encryption type and octets.
pub(super) fn read_encrypted<'d>(reader: &mut Reader<'d>, number: u8) -> Result<(i64, &'d [u8]), KerberosError> {
    let mut data = reader.enter_both(context(number), SEQUENCE)?;
    let etype = data.integer(0)?;
    data.optional_integer(1)?;
    Ok((etype, data.octets(2)?))
}

/// Decrypts `EncryptedData`; it must be of the key's own type.
pub(super) fn decrypt(
    key: &Key,
    usage: u32,
    (etype, cipher): (i64, &[u8]),
    what: &'static str,
) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
    if etype != i64::from(key.etype().number()) {
        return Err(KerberosError::Etype { number: etype });
    }
    key.decrypt(usage, cipher).ok_or(KerberosError::Integrity { what })
}

/// KDC-REQ-BODY (RFC 4120 section 5.4.1) as one SEQUENCE.
pub(super) fn request_body(
    client: Option<&Principal>,
    service: &Principal,
    options: u32,
    till: u64,
    nonce: u32,
    etypes: &[Etype],
) -> Zeroizing<Vec<u8>> {
    let body = |body: Writer| {
        let body = body.flags(0, options);
        let body = match client {
            Some(client) => client.write(1, NT_PRINCIPAL, body),
            None => body,
        };
        let body = service.write(3, NT_SRV_INST, body.string(2, service.realm())).time(5, till);
        let list = |list: Writer| etypes.iter().fold(list, |list, etype| list.bare_integer(etype.number().into()));
        body.integer(7, nonce.into()).sequence_field(8, list)
    };
    Writer::new().sequence(body).finish()
}

/// KDC-REQ (RFC 4120 section 5.4.1): the body with these pre-authentication data before it.
pub(super) fn request(kind: u8, data: &[(i64, &[u8])], body: &[u8]) -> Vec<u8> {
    let padata = |list: Writer| {
        let one =
            |list: Writer, (kind, value): &(i64, &[u8])| list.sequence(|one| one.integer(1, *kind).octets(2, value));
        data.iter().fold(list, one)
    };
    let message = |message: Writer| {
        let message = message.integer(1, PVNO).integer(2, kind.into());
        let message = if data.is_empty() { message } else { message.sequence_field(3, padata) };
        message.around(context(4), |field| field.raw(body))
    };
    Writer::new().around(application(kind), |outer| outer.sequence(message)).finish().to_vec()
}

/// A nonce: 31 bits, since some read it as a signed number.
pub(super) fn nonce(random: [u8; 4]) -> u32 {
    u32::from_be_bytes(random) & 0x7FFF_FFFF
}

/// An answer of a KDC: what was asked for, or an error.
#[derive(Debug)]
pub(super) enum Reply<'d> {
    /// AS-REP or TGS-REP, not yet decrypted.
    Granted(Granted<'d>),
    /// KRB-ERROR. Nobody vouches for it.
    Refused(Refusal<'d>),
}

/// KDC-REP (RFC 4120 section 5.4.2).
#[derive(Debug)]
pub(super) struct Granted<'d> {
    /// Pre-authentication data; a SEQUENCE of them, unread.
    pub(super) padata: Option<Reader<'d>>,
    /// Whose ticket it is.
    pub(super) client: Principal,
    /// The ticket.
    pub(super) ticket: Ticket,
    /// The part for us: encryption type and octets.
    pub(super) encrypted: (i64, &'d [u8]),
}

/// KRB-ERROR (RFC 4120 section 5.9.1).
#[derive(Debug)]
pub(super) struct Refusal<'d> {
    /// What is wrong.
    pub(super) code: i64,
    /// The KDC's time in seconds since 1970.
    pub(super) server_time: u64,
    /// The client's realm, if the KDC names one.
    pub(super) client_realm: Option<String>,
    /// What the KDC says to people.
    pub(super) text: String,
    /// What goes with the error.
    pub(super) data: Option<&'d [u8]>,
}

impl<'d> Reply<'d> {
    /// Reads an answer of this kind, or an error.
    pub(super) fn read(octets: &'d [u8], kind: u8) -> Result<Self, KerberosError> {
        let mut outer = Reader::new(octets, REPLY);
        if let Some(mut inner) = outer.optional(application(KRB_ERROR))? {
            return Refusal::read(&mut inner.enter(SEQUENCE)?).map(Self::Refused);
        }
        let mut message = outer.enter_both(application(kind), SEQUENCE)?;
        if message.integer(0)? != PVNO || message.integer(1)? != i64::from(kind) {
            return Err(outer.fail());
        }
        let padata = match message.optional(context(2))? {
            Some(mut list) => Some(list.enter(SEQUENCE)?),
            None => None,
        };
        let realm = message.string(3)?;
        let client = Principal::read(&mut message, 4, realm)?;
        let mut ticket = message.enter(context(5))?;
        let ticket = Ticket::new(ticket.raw()?)?;
        let encrypted = read_encrypted(&mut message, 6)?;
        Ok(Self::Granted(Granted { padata, client, ticket, encrypted }))
    }
}

impl<'d> Refusal<'d> {
    /// Whether these octets are an error, which any message may be answered with.
    pub(super) fn recognise(octets: &'d [u8]) -> Option<Self> {
        let mut inner = Reader::new(octets, REPLY).optional(application(KRB_ERROR)).ok()??;
        Self::read(&mut inner.enter(SEQUENCE).ok()?).ok()
    }

    /// Reads the contents.
    fn read(error: &mut Reader<'d>) -> Result<Self, KerberosError> {
        if error.integer(0)? != PVNO || error.integer(1)? != i64::from(KRB_ERROR) {
            return Err(error.fail());
        }
        error.optional_time(2)?;
        error.optional_integer(3)?;
        let server_time = error.time(4)?;
        error.integer(5)?;
        let code = error.integer(6)?;
        let client_realm = error.optional_string(7)?.map(str::to_owned);
        error.optional(context(8))?;
        error.optional(context(9))?;
        error.optional(context(10))?;
        // For people alone: text that is not UTF-8 must not hide the code.
        let text = match error.optional(context(11))? {
            Some(mut text) => String::from_utf8_lossy(text.any()?).into_owned(),
            None => String::new(),
        };
        let data = error.optional_octets(12)?;
        Ok(Self { code, server_time, client_realm, text, data })
    }
}

/// Each PA-DATA of a list: its type and value.
pub(super) fn padata(mut list: Reader<'_>) -> Result<Vec<(i64, &[u8])>, KerberosError> {
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut one = list.enter(SEQUENCE)?;
        found.push((one.integer(1)?, one.octets(2)?));
    }
    Ok(found)
}

/// `EncKDCRepPart` (RFC 4120 section 5.4.2): what a KDC tells us of a ticket.
#[derive(Debug)]
pub(super) struct Part {
    /// The key that goes with the ticket.
    pub(super) key: Key,
    /// The service that the ticket is for.
    pub(super) service: Principal,
    /// When it ends.
    pub(super) ends: u64,
}

impl Part {
    /// Reads it, and holds the nonce to ours.
    pub(super) fn read(octets: &[u8], nonce: u32) -> Result<Self, KerberosError> {
        let mut outer = Reader::new(octets, "the part of the KDC's answer that is for us");
        // RFC 4120 section 5.4.2: some KDCs put the tag of the one into the other.
        let inner = match outer.optional(application(25))? {
            Some(inner) => inner,
            None => outer.enter(application(26))?,
        };
        let mut part = { inner }.enter(SEQUENCE)?;
        let key = Key::read(&mut part, 0)?.ok_or(part.fail())?;
        part.optional(context(1))?;
        if part.integer(2)? & 0xFFFF_FFFF != i64::from(nonce) {
            return Err(KerberosError::NotOurs { what: "nonce" });
        }
        part.optional_time(3)?;
        part.flags(4)?;
        part.time(5)?;
        part.optional_time(6)?;
        let ends = part.time(7)?;
        part.optional_time(8)?;
        let realm = part.string(9)?;
        let service = Principal::read(&mut part, 10, realm)?;
        Ok(Self { key, service, ends })
    }
}
