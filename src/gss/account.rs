//! Who we are towards servers that want Kerberos, and how we log in.

use super::Mechanism;
use crate::kerberos::{Config, CredentialCache, Etype, KerberosError, Keytab, Principal, Secret};
use zeroize::Zeroizing;

/// How a ticket-granting ticket is come by.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "a secret, or what somebody else got with it")]
pub enum Login {
    /// By a password or a keytab.
    Secret(Secret),
    /// `kinit` has done it.
    Cache(CredentialCache),
}

/// An account in a Kerberos realm. It shows its name, and never what proves it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who.
    principal: Principal,
    /// How to log in.
    login: Login,
    /// What is known about realms.
    config: Config,
    /// Which ciphers may be used where the configuration does not say less, the best first.
    etypes: Vec<Etype>,
    /// What is spoken.
    mechanism: Mechanism,
}

impl Account {
    /// Logs in with this password, which is wiped when the account is dropped.
    pub fn with_password(principal: Principal, password: Zeroizing<String>) -> Self {
        Self::new(principal, Login::Secret(Secret::Password(password)))
    }

    /// Logs in with this principal's keys.
    pub fn with_keytab(principal: Principal, keytab: Keytab) -> Self {
        Self::new(principal, Login::Secret(Secret::Keytab(keytab)))
    }

    /// Uses the tickets of a credential cache.
    pub fn with_cache(cache: CredentialCache) -> Self {
        Self::new(cache.client().clone(), Login::Cache(cache))
    }

    /// With the defaults.
    fn new(principal: Principal, login: Login) -> Self {
        let (config, etypes) = (Config::new(), Etype::SOUND.to_vec());
        Self { principal, login, config, etypes, mechanism: Mechanism::default() }
    }

    /// What is known about realms. Default: nothing; KDCs are looked up in the DNS.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Lets RC4 be used where there is nothing better (RFC 8429: it is broken). Default: it is refused.
    #[must_use]
    pub fn allow_rc4(mut self) -> Self {
        if !self.etypes.contains(&Etype::Rc4) {
            self.etypes.push(Etype::Rc4);
        }
        self
    }

    /// What is spoken with servers. Default: [`Mechanism::Spnego`].
    #[must_use]
    pub fn mechanism(mut self, mechanism: Mechanism) -> Self {
        self.mechanism = mechanism;
        self
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// How to log in.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// What is known about realms.
    pub fn realms(&self) -> &Config {
        &self.config
    }

    /// Which ciphers may be used to log in.
    ///
    /// # Errors
    /// The configuration leaves none.
    pub fn login_etypes(&self) -> Result<Vec<Etype>, KerberosError> {
        self.etypes_among(self.config.login_etypes.as_deref(), "default_tkt_enctypes")
    }

    /// Which ciphers a service's ticket may have.
    ///
    /// # Errors
    /// The configuration leaves none.
    pub fn service_etypes(&self) -> Result<Vec<Etype>, KerberosError> {
        self.etypes_among(self.config.service_etypes.as_deref(), "default_tgs_enctypes")
    }

    /// What `krb5.conf` leaves of what we may use, in the order of its list. RC4 needs our permission all the same.
    fn etypes_among(&self, list: Option<&[Etype]>, name: &'static str) -> Result<Vec<Etype>, KerberosError> {
        let permitted = self.config.permitted_etypes.as_deref();
        let mut left = list.or(permitted).unwrap_or(&self.etypes).to_vec();
        left.retain(|etype| self.etypes.contains(etype) && permitted.is_none_or(|among| among.contains(etype)));
        if left.is_empty() { Err(KerberosError::NothingPermitted { list: name }) } else { Ok(left) }
    }

    /// What is spoken.
    pub fn spoken(&self) -> Mechanism {
        self.mechanism
    }

    /// A host's whole name: one without a dot is in the domain that is named as our realm, as Active Directory has it.
    pub fn whole_name(&self, host: &str) -> String {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.contains('.') { host } else { format!("{host}.{}", self.principal.realm().to_ascii_lowercase()) }
    }

    /// G1: the principal of the DNS server of that name, in the realm that the configuration has for it, or in our own.
    ///
    /// # Errors
    /// The host's name makes no principal.
    pub fn dns_service(&self, host: &str) -> Result<Principal, KerberosError> {
        let host = self.whole_name(host);
        let realm = self.config.realm_of(&host).unwrap_or(self.principal.realm());
        Principal::service("DNS", &host, realm).map_err(|_| KerberosError::Malformed { what: "the server's name" })
    }
}
