//! Security contexts with DNS servers, as the network has them: KDCs are found and asked, negotiations are led, and what
//! came of them is kept for the run.
//!
//! What is said and believed is decided in [`gss`](crate::gss) and [`kerberos`](crate::kerberos); here are the sockets for it.

mod contexts;
mod error;
mod kdc;
mod negotiate;

pub(crate) use self::contexts::Contexts;
pub use self::error::ContextError;

use crate::kerberos::{Random, UnixTime};
use std::time::SystemTime;

/// Time since 1970, to the microsecond: Kerberos has them in its messages.
#[expect(clippy::disallowed_methods, reason = "Kerberos takes a finer time than `unix_now` tells")]
fn now() -> UnixTime {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Octets that nobody can predict.
fn random() -> Random {
    let mut octets = [0; 64];
    for octet in &mut octets {
        *octet = rand::random();
    }
    octets
}
