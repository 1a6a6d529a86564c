//! Kerberos 5 (RFC 4120) as far as a client needs it to prove to a DNS server who it is.
//!
//! [`InitialExchange`] turns a password or a keytab into a ticket-granting ticket, [`ServiceExchange`] turns that into a
//! ticket for a service, [`ApRequest`] shows the ticket to the service and checks that the service could read it. Each is
//! a machine without a socket: it says which octets go to the KDC and takes those that come back. Credential caches,
//! keytabs and `krb5.conf` are read from octets and text.
//!
//! It asks no clock, makes no random numbers (both are arguments) and reads no file. It does not forward tickets, renew
//! them, or write caches; DES, and RC4 unless it was asked for, do not exist for it.
//!
//! Everything from the network is DER behind one strict reader; secrets are wiped when they are dropped and never shown.

mod application;
mod ccache;
mod cipher;
mod config;
mod der;
mod error;
mod initial;
mod key;
mod keytab;
mod message;
mod principal;
mod service;

#[cfg(test)]
mod tests;

pub use self::application::{ApRequest, Established};
pub use self::ccache::CredentialCache;
pub use self::cipher::Etype;
pub use self::config::{Config, Include};
pub(crate) use self::der::{Reader, SEQUENCE, Writer, application, context};
pub use self::error::{CacheError, KerberosError, KeytabError, PrincipalError};
pub use self::initial::{InitialExchange, Secret};
pub use self::key::{By, Key, Signature};
pub use self::keytab::Keytab;
pub use self::message::{Credential, Ticket};
pub use self::principal::Principal;
pub use self::service::ServiceExchange;

use std::time::Duration;

/// Random octets for one exchange; they must come from a source that nobody can predict, new for every message.
pub type Random = [u8; 64];

/// Time since 1970.
pub type UnixTime = Duration;

/// What a machine wants next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "ask again, or done")]
pub enum Step<D> {
    /// These octets go to a KDC of this realm.
    Ask {
        /// The realm.
        realm: String,
        /// The message.
        message: Vec<u8>,
    },
    /// The exchange is over.
    Done(D),
}
