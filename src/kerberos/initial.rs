//! The first exchange (RFC 4120 section 3.1): who has the password gets a ticket-granting ticket.
//!
//! ```text
//! Asking --AS-REP--> Done
//! Asking --KDC_ERR_PREAUTH_REQUIRED, with salts--> Proving --AS-REP--> Done
//! ```
//! Nothing that a KDC says unsigned is believed further than to which of our own ciphers we use: no weaker cipher, no
//! fewer rounds than the standard's.

use super::cipher::Etype;
use super::der::{Reader, SEQUENCE, Writer};
use super::message::{
    AS_REP, AS_REQ, CANONICALIZE, Granted, Part, REPLY, Refusal, Reply, decrypt, nonce, padata, request, request_body,
};
use super::{Credential, KerberosError, Key, Keytab, Principal, Random, Step, UnixTime};
use zeroize::Zeroizing;

/// RFC 4120 section 7.5.1: PA-ENC-TIMESTAMP with the client's key.
const USAGE_TIMESTAMP: u32 = 1;
/// RFC 4120 section 7.5.1: the encrypted part of AS-REP with the client's key.
const USAGE_AS_REP: u32 = 3;

/// RFC 4120 section 7.5.2.
const PA_ENC_TIMESTAMP: i64 = 2;
/// RFC 4120 section 7.5.2.
const PA_ETYPE_INFO2: i64 = 19;
/// RFC 6113 section 5.2: comes back as it was sent.
const PA_FX_COOKIE: i64 = 133;

/// How long a ticket is wanted: a run is over long before.
const LIFETIME: u64 = 10 * 3600;

/// What proves who the client is.
#[derive(Clone)]
#[expect(clippy::exhaustive_enums, reason = "these are what a client can have without a card")]
pub enum Secret {
    /// Its password.
    Password(Zeroizing<String>),
    /// Its keys.
    Keytab(Keytab),
}

impl Secret {
    /// What a person calls it.
    const fn noun(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Keytab(_) => "key",
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.noun())
    }
}

/// The exchange under way.
#[derive(Debug)]
pub struct InitialExchange {
    /// Who logs in.
    client: Principal,
    /// With what.
    secret: Secret,
    /// Which ciphers may be used, the best first.
    etypes: Vec<Etype>,
    /// The key that was proven, once the KDC has said how it is made.
    proven: Option<Key>,
    /// What must come back.
    nonce: u32,
}

impl InitialExchange {
    /// For this client. `etypes` are what may be used; with a keytab only those of its keys count.
    ///
    /// # Errors
    /// The keytab has no key for it.
    pub fn new(client: Principal, secret: Secret, etypes: &[Etype]) -> Result<Self, KerberosError> {
        let mut etypes = etypes.to_vec();
        if let Secret::Keytab(keytab) = &secret {
            etypes.retain(|etype| keytab.key(&client, *etype).is_some());
            if etypes.is_empty() {
                let present = keytab.describe();
                return Err(KerberosError::NotInKeytab { client: client.to_string(), present });
            }
        }
        Ok(Self { client, secret, etypes, proven: None, nonce: 0 })
    }

    /// The first question.
    pub fn begin(&mut self, now: UnixTime, random: &Random) -> Step<Credential> {
        self.ask(now, random, &[])
    }

    /// A question with these pre-authentication data.
    fn ask(&mut self, now: UnixTime, random: &Random, data: &[(i64, &[u8])]) -> Step<Credential> {
        let realm = self.client.realm().to_owned();
        self.nonce = nonce([random[0], random[1], random[2], random[3]]);
        let service = Principal::krbtgt(&realm, &realm);
        let till = now.as_secs().saturating_add(LIFETIME);
        let body = request_body(Some(&self.client), &service, CANONICALIZE, till, self.nonce, &self.etypes);
        Step::Ask { realm, message: request(AS_REQ, data, &body) }
    }

    /// Takes the KDC's answer.
    ///
    /// # Errors
    /// There will be no ticket.
    pub fn answer(&mut self, octets: &[u8], now: UnixTime, random: &Random) -> Result<Step<Credential>, KerberosError> {
        match Reply::read(octets, AS_REP)? {
            Reply::Granted(granted) => self.granted(&granted, now).map(Step::Done),
            Reply::Refused(refusal) => self.refused(&refusal, now, random),
        }
    }

    /// A ticket; whether it is really ours shows when its key is decrypted.
    fn granted(&self, granted: &Granted<'_>, now: UnixTime) -> Result<Credential, KerberosError> {
        let key = match &self.proven {
            Some(key) => key.clone(),
            // A KDC that wants no proof says in the answer how the key is made.
            None => self.key_for(granted)?,
        };
        let plain = match decrypt(&key, USAGE_AS_REP, granted.encrypted, REPLY) {
            Err(KerberosError::Integrity { .. }) => return Err(self.wrong_secret(String::new())),
            plain => plain?,
        };
        let part = Part::read(&plain, self.nonce)?;
        // RFC 6806 section 5: a directory may write names its own way; another realm would be another account.
        let realm = self.client.realm();
        if !part.service.granting_realm().is_some_and(|granting| granting.eq_ignore_ascii_case(realm)) {
            return Err(KerberosError::NotOurs { what: "service" });
        }
        if !granted.client.realm().eq_ignore_ascii_case(realm) || !granted.client.is_alike(&self.client) {
            return Err(KerberosError::NotOurs { what: "client" });
        }
        let credential = Credential {
            client: granted.client.clone(),
            service: part.service,
            key: part.key,
            ends: part.ends,
            ticket: granted.ticket.clone(),
        };
        credential.require_valid(now)?;
        Ok(credential)
    }

    /// The key for an answer to a question without proof.
    fn key_for(&self, granted: &Granted<'_>) -> Result<Key, KerberosError> {
        let data = granted.padata.map(padata).transpose()?.unwrap_or_default();
        let infos = data.iter().find(|(kind, _)| *kind == PA_ETYPE_INFO2);
        let infos = infos.map(|(_, value)| EtypeInfo::read_all(value)).transpose()?.unwrap_or_default();
        let (etype, _) = granted.encrypted;
        let info = infos.into_iter().find(|info| info.number == etype);
        self.key(&info.unwrap_or(EtypeInfo { number: etype, salt: None, parameters: None }))
    }

    /// The client's key of this type.
    fn key(&self, info: &EtypeInfo<'_>) -> Result<Key, KerberosError> {
        let allowed = Etype::of_number(info.number).filter(|etype| self.etypes.contains(etype));
        let etype = allowed.ok_or(KerberosError::Etype { number: info.number })?;
        match &self.secret {
            Secret::Password(password) => {
                let salt = info.salt.map_or_else(|| self.client.salt(), str::to_owned);
                Key::from_password(etype, password, salt.as_bytes(), info.parameters)
            }
            Secret::Keytab(keytab) => {
                keytab.key(&self.client, etype).cloned().ok_or(KerberosError::Etype { number: info.number })
            }
        }
    }

    /// An error, which may only mean that a proof is wanted.
    fn refused(
        &mut self,
        refusal: &Refusal<'_>,
        now: UnixTime,
        random: &Random,
    ) -> Result<Step<Credential>, KerberosError> {
        let (client, said) = (self.client.to_string(), refusal.text.clone());
        Err(match refusal.code {
            // KDC_ERR_PREAUTH_REQUIRED
            25 if self.proven.is_none() => return self.prove(refusal, now, random),
            // KDC_ERR_PREAUTH_FAILED
            24 => self.wrong_secret(said),
            // KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, or wanting proof again
            91 | 25 => KerberosError::Preauthentication { client },
            // KDC_ERR_C_PRINCIPAL_UNKNOWN
            6 => KerberosError::UnknownClient { client, said },
            // KDC_ERR_CLIENT_REVOKED, KDC_ERR_CLIENT_NOTYET, KDC_ERR_POLICY
            18 | 21 | 12 => KerberosError::Revoked { client, said },
            // KDC_ERR_KEY_EXPIRED
            23 => KerberosError::PasswordExpired { client, said },
            // KDC_ERR_ETYPE_NOSUPP
            14 => KerberosError::NoCommonEtype { client, offered: "other ciphers than asked for".to_owned() },
            // KDC_ERR_WRONG_REALM
            68 => match &refusal.client_realm {
                Some(realm) => KerberosError::WrongRealm { client, realm: realm.clone() },
                None => KerberosError::Refused { code: 68, said },
            },
            _ => common_refusal(refusal, now),
        })
    }

    /// RFC 4120 section 5.2.7.2: the present time, encrypted with our key.
    fn prove(
        &mut self,
        refusal: &Refusal<'_>,
        now: UnixTime,
        random: &Random,
    ) -> Result<Step<Credential>, KerberosError> {
        let mut list = Reader::new(refusal.data.unwrap_or_default(), "the KDC's list of proofs");
        let methods = padata(list.enter(SEQUENCE)?)?;
        let infos = methods.iter().find(|(kind, _)| *kind == PA_ETYPE_INFO2);
        let infos = infos.map(|(_, value)| EtypeInfo::read_all(value)).transpose()?.unwrap_or_default();
        if !methods.iter().any(|(kind, _)| *kind == PA_ENC_TIMESTAMP) {
            return Err(KerberosError::Preauthentication { client: self.client.to_string() });
        }
        // Ours to choose: the list is not signed, and its order could be a stranger's.
        let best =
            self.etypes.iter().find_map(|etype| infos.iter().find(|info| info.number == i64::from(etype.number())));
        let Some(best) = best else {
            let offered = infos.iter().map(EtypeInfo::describe).collect::<Vec<_>>().join(", ");
            return Err(KerberosError::NoCommonEtype { client: self.client.to_string(), offered });
        };
        let key = self.key(best)?;
        let time = Writer::new().sequence(|time| time.time(0, now.as_secs()).integer(1, now.subsec_micros().into()));
        let cipher = key.encrypt(USAGE_TIMESTAMP, &confounder(random), &time.finish());
        let proof = Writer::new().sequence(|data| data.integer(0, key.etype().number().into()).octets(2, &cipher));
        let proof = proof.finish();
        let mut data: Vec<(i64, &[u8])> = vec![(PA_ENC_TIMESTAMP, &proof)];
        data.extend(methods.iter().filter(|(kind, _)| *kind == PA_FX_COOKIE).copied());
        self.proven = Some(key);
        Ok(self.ask(now, random, &data))
    }

    /// The password or the key is not the client's.
    fn wrong_secret(&self, said: String) -> KerberosError {
        KerberosError::WrongSecret { client: self.client.to_string(), secret: self.secret.noun(), said }
    }
}

/// The sixteen octets behind the nonce.
pub(super) fn confounder(random: &Random) -> [u8; 16] {
    let mut octets = [0; 16];
    octets.iter_mut().zip(random.iter().skip(4)).for_each(|(to, from)| *to = *from);
    octets
}

/// What any request may be refused with.
pub(super) fn common_refusal(refusal: &Refusal<'_>, now: UnixTime) -> KerberosError {
    match refusal.code {
        // KRB_AP_ERR_SKEW
        37 => KerberosError::ClockSkew { theirs: refusal.server_time, ours: now.as_secs() },
        // KRB_ERR_RESPONSE_TOO_BIG
        52 => KerberosError::TooBig,
        code => KerberosError::Refused { code, said: refusal.text.clone() },
    }
}

/// One ETYPE-INFO2-ENTRY (RFC 4120 section 5.2.7.5).
struct EtypeInfo<'d> {
    /// The encryption type.
    number: i64,
    /// What is mixed with the password.
    salt: Option<&'d str>,
    /// What else the cipher wants to know.
    parameters: Option<&'d [u8]>,
}

impl<'d> EtypeInfo<'d> {
    /// All of a list.
    fn read_all(octets: &'d [u8]) -> Result<Vec<Self>, KerberosError> {
        let mut list = Reader::new(octets, "the KDC's list of encryption types").enter(SEQUENCE)?;
        let mut infos = Vec::new();
        while !list.is_empty() {
            let mut one = list.enter(SEQUENCE)?;
            infos.push(Self {
                number: one.integer(0)?,
                salt: one.optional_string(1)?,
                parameters: one.optional_octets(2)?,
            });
        }
        Ok(infos)
    }

    /// Its name, or its number.
    fn describe(&self) -> String {
        Etype::of_number(self.number).map_or_else(|| self.number.to_string(), |etype| etype.to_string())
    }
}
