//! Security contexts with DNS servers, as the network has them: KDCs are found and asked, negotiations are led, and what
//! came of them is kept for the run.
//!
//! What is said and believed is decided in [`gss`](crate::gss) and [`kerberos`](crate::kerberos); here are the sockets for it.

mod contexts;
mod error;
mod kdc;
mod login;
mod negotiate;

pub(crate) use self::contexts::Contexts;
pub use self::error::ContextError;
pub use self::login::KerberosLogin;

use super::clock::since_1970 as now;
use crate::kerberos::Random;

/// Octets that nobody can predict.
fn random() -> Random {
    let mut octets = [0; 64];
    for octet in &mut octets {
        *octet = rand::random();
    }
    octets
}
