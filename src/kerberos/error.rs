//! What can go wrong with Kerberos, in the words that a person will read. No password and no key is in any of them.

use crate::present::{one_line, utc};

/// Why there is no ticket, or no security context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KerberosError {
    /// Octets that are not what they must be.
    #[error("{what} cannot be read")]
    Malformed {
        /// What was being read.
        what: &'static str,
    },
    /// What was encrypted for us was not encrypted with our key.
    #[error("{what} is not encrypted with the key that we share: it is forged, or belongs to another key")]
    Integrity {
        /// What was to be decrypted.
        what: &'static str,
    },
    /// An answer that speaks of something else than was asked.
    #[error("the KDC's answer does not belong to the question: its {what} differs")]
    NotOurs {
        /// What differs.
        what: &'static str,
    },
    /// A key of a wrong length.
    #[error("a key has not the length that its cipher wants")]
    KeyLength,
    /// A cipher that is not used here.
    #[error("encryption type {number} is not used here: it is unknown, broken, or (23, RC4) must be allowed first")]
    Etype {
        /// Its number in the registry.
        number: i64,
    },
    /// What the configuration names and what we may use have nothing in common.
    #[error(
        "krb5.conf leaves no cipher that may be used ({list}, permitted_enctypes): it takes one of AES, or RC4 where that is allowed"
    )]
    NothingPermitted {
        /// The list that was to be gone by.
        list: &'static str,
    },
    /// None of what the KDC offers can be used.
    #[error(
        "the KDC offers {client} no encryption type that may be used and for which there is a key; it offers: {offered}{}",
        rc4_hint(.offered)
    )]
    NoCommonEtype {
        /// The principal.
        client: String,
        /// What it offers.
        offered: String,
    },
    /// The rounds that turn a password into a key.
    #[error(
        "the KDC asks for fewer rounds than the standard or for more than a million to turn the password into a key: refused"
    )]
    Iterations,
    /// The password or the key is wrong.
    #[error("the KDC does not accept the {secret} of {client}: it is wrong{}", text(.said))]
    WrongSecret {
        /// The principal.
        client: String,
        /// What it was.
        secret: &'static str,
        /// What the KDC adds.
        said: String,
    },
    /// The client is not known.
    #[error("the KDC does not know {client}: check name and realm{}", text(.said))]
    UnknownClient {
        /// The principal.
        client: String,
        /// What the KDC adds.
        said: String,
    },
    /// The service is not known.
    #[error(
        "the KDC knows no service {service}: the server must be named as its account has it (its whole name, not an address \
         or an alias){}", text(.said)
    )]
    UnknownService {
        /// The principal.
        service: String,
        /// What the KDC adds.
        said: String,
    },
    /// The clocks differ.
    #[error("the clocks differ too much for Kerberos: {}: set both clocks", skew(*.theirs, *.ours))]
    ClockSkew {
        /// Their time in seconds since 1970.
        theirs: u64,
        /// Ours.
        ours: u64,
    },
    /// The account cannot be used.
    #[error("the KDC refuses {client}: the account is disabled, locked, or may not log in now{}", text(.said))]
    Revoked {
        /// The principal.
        client: String,
        /// What the KDC adds.
        said: String,
    },
    /// The password has expired.
    #[error("the password of {client} has expired: change it first{}", text(.said))]
    PasswordExpired {
        /// The principal.
        client: String,
        /// What the KDC adds.
        said: String,
    },
    /// The KDC wants something that is not done here.
    #[error("the KDC wants another proof of {client} than a password or a key (a smart card, a second factor)")]
    Preauthentication {
        /// The principal.
        client: String,
    },
    /// The client belongs to another realm.
    #[error("{client} belongs to realm {}: name it with that realm", one_line(.realm))]
    WrongRealm {
        /// The principal.
        client: String,
        /// The realm that the KDC names.
        realm: String,
    },
    /// The answer does not fit into a datagram.
    #[error("the KDC's answer does not fit into a datagram, and the KDC is not reached by TCP")]
    TooBig,
    /// Anything else that the KDC says.
    #[error("the KDC refuses: Kerberos error {code}{}", text(.said))]
    Refused {
        /// RFC 4120 section 7.5.9.
        code: i64,
        /// What the KDC adds.
        said: String,
    },
    /// Each KDC sends us to the next.
    #[error("the way to realm {} leads through more than {} realms", one_line(.realm), super::service::MAX_REFERRALS)]
    Referrals {
        /// The last one.
        realm: String,
    },
    /// A ticket that is over.
    #[error("the ticket of {client} for {service} has expired at {}: log in again (kinit)", utc(*.ended))]
    Expired {
        /// The principal.
        client: String,
        /// The service.
        service: String,
        /// When, in seconds since 1970.
        ended: u64,
    },
    /// Nothing to log in with.
    #[error("there is no key for {client} in the keytab; it has keys for: {present}")]
    NotInKeytab {
        /// The principal.
        client: String,
        /// The principals that are there.
        present: String,
    },
    /// No ticket.
    #[error("the credential cache of {client} holds no ticket that can be used: log in again (kinit)")]
    EmptyCache {
        /// The principal.
        client: String,
    },
    /// The cache is somebody else's.
    #[error("the credential cache belongs to {owner}, not to {client}")]
    OtherCache {
        /// Whose it is.
        owner: String,
        /// Who was asked for.
        client: String,
    },
    /// The service did not prove that it could read the ticket.
    #[error("the server did not prove who it is: its answer does not hold the time that we sent")]
    NotMutual,
}

/// What a KDC adds, behind a colon.
fn text(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {}", one_line(said)) }
}

/// Where only RC4 is offered.
fn rc4_hint(offered: &str) -> &'static str {
    if offered.contains("rc4") { " (RC4 must be allowed first)" } else { "" }
}

/// Both clocks.
fn skew(theirs: u64, ours: u64) -> String {
    let (apart, side) = (theirs.abs_diff(ours), if theirs > ours { "ahead of" } else { "behind" });
    format!("the other's says {}, {apart} s {side} ours", utc(theirs))
}

/// Why a text is no principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrincipalError {
    /// The name.
    #[error("a principal is written name@REALM or service/host@REALM, without empty parts")]
    Name,
    /// The realm.
    #[error("a realm is missing behind @")]
    Realm,
    /// No realm at all.
    #[error("the principal has no realm, and there is no default one: write name@REALM")]
    NoRealm,
}

/// Why a keytab cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabError {
    /// It does not begin as one.
    #[error("this is no keytab of version 2, as kadmin, ktutil and ktpass write it")]
    NotAKeytab,
    /// It breaks off.
    #[error("the keytab is damaged: entry {0} cannot be read")]
    Damaged(usize),
    /// Nothing in it.
    #[error("the keytab holds no key of a cipher that is known here")]
    Empty,
}

/// Why a credential cache cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// It does not begin as one.
    #[error("this is no credential cache of version 3 or 4, as kinit writes it")]
    NotACache,
    /// It breaks off.
    #[error("the credential cache is damaged: {0} cannot be read")]
    Damaged(&'static str),
}
