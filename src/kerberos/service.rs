//! The second exchange (RFC 4120 section 3.3): a ticket-granting ticket becomes a ticket for a service, if need be by way
//! of other realms (RFC 6806 section 8).

use super::application::ApRequest;
use super::cipher::Etype;
use super::initial::{common_refusal, confounder};
use super::message::{
    CANONICALIZE, Part, REPLY, Refusal, Reply, TGS_REP, TGS_REQ, decrypt, nonce, request, request_body,
};
use super::{Credential, KerberosError, Principal, Random, Step, UnixTime};

/// RFC 4120 section 7.5.1: the encrypted part of TGS-REP with the session key.
const USAGE_TGS_REP: u32 = 8;
/// RFC 4120 section 7.5.2: PA-TGS-REQ.
const PA_TGS_REQ: i64 = 1;

/// How many realms may lie between ours and the service's.
pub(super) const MAX_REFERRALS: usize = 8;

/// The exchange under way.
#[derive(Debug)]
pub struct ServiceExchange {
    /// The ticket for the realm that is asked now.
    granting: Credential,
    /// What is wanted.
    service: Principal,
    /// Which ciphers may be used.
    etypes: Vec<Etype>,
    /// How often we were sent on.
    referrals: usize,
    /// What must come back.
    nonce: u32,
}

impl ServiceExchange {
    /// For a ticket to this service with this ticket-granting ticket.
    pub fn new(granting: Credential, service: Principal, etypes: &[Etype]) -> Self {
        Self { granting, service, etypes: etypes.to_vec(), referrals: 0, nonce: 0 }
    }

    /// The first question, to the realm of the ticket.
    ///
    /// # Errors
    /// The ticket is over, or not one for granting tickets.
    pub fn begin(&mut self, now: UnixTime, random: &Random) -> Result<Step<Credential>, KerberosError> {
        self.granting.require_valid(now)?;
        let realm =
            self.granting.service.granting_realm().ok_or(KerberosError::NotOurs { what: "service" })?.to_owned();
        self.nonce = nonce([random[0], random[1], random[2], random[3]]);
        let service = self.service.clone().in_realm(&realm);
        let body = request_body(None, &service, CANONICALIZE, self.granting.ends, self.nonce, &self.etypes);
        let proof = ApRequest::to_kdc(&self.granting, &body, now, &confounder(random));
        Ok(Step::Ask { realm, message: request(TGS_REQ, &[(PA_TGS_REQ, &proof)], &body) })
    }

    /// Takes the KDC's answer.
    ///
    /// # Errors
    /// There will be no ticket.
    pub fn answer(&mut self, octets: &[u8], now: UnixTime, random: &Random) -> Result<Step<Credential>, KerberosError> {
        let granted = match Reply::read(octets, TGS_REP)? {
            Reply::Granted(granted) => granted,
            Reply::Refused(refusal) => return Err(self.refused(&refusal, now)),
        };
        let part = Part::read(&decrypt(&self.granting.key, USAGE_TGS_REP, granted.encrypted, REPLY)?, self.nonce)?;
        if granted.client != self.granting.client {
            return Err(KerberosError::NotOurs { what: "client" });
        }
        let credential = Credential {
            client: granted.client,
            service: part.service,
            key: part.key,
            ends: part.ends,
            ticket: granted.ticket,
        };
        credential.require_valid(now)?;
        if credential.service.is_alike(&self.service) {
            return Ok(Step::Done(credential));
        }
        let Some(next) = credential.service.granting_realm() else {
            return Err(KerberosError::NotOurs { what: "service" });
        };
        self.referrals += 1;
        if self.referrals > MAX_REFERRALS || self.granting.service.granting_realm() == Some(next) {
            return Err(KerberosError::Referrals { realm: next.to_owned() });
        }
        self.granting = credential;
        self.begin(now, random)
    }

    /// An error.
    fn refused(&self, refusal: &Refusal<'_>, now: UnixTime) -> KerberosError {
        let (service, client) = (self.service.to_string(), self.granting.client.to_string());
        let said = refusal.text.clone();
        match refusal.code {
            // KDC_ERR_S_PRINCIPAL_UNKNOWN
            7 => KerberosError::UnknownService { service, said },
            // KDC_ERR_ETYPE_NOSUPP
            14 => KerberosError::NoCommonEtype { client: service, offered: "other ciphers than asked for".to_owned() },
            // KRB_AP_ERR_TKT_EXPIRED
            32 => KerberosError::Expired { client, service, ended: self.granting.ends },
            _ => common_refusal(refusal, now),
        }
    }
}
