//! GSS-TSIG (RFC 3645): a security context is negotiated with a DNS server by TKEY records (RFC 2930), and then signs
//! messages as a TSIG key would.
//!
//! [`Negotiation`] is a machine without a socket: it says which message goes to the server and takes those that come back.
//! Its end is a [`Context`], which is a [`Signer`](crate::tsig::Signer). An [`Account`] is who we are and how we log in;
//! getting the ticket for the server is the business of [`kerberos`](crate::kerberos).
//!
//! It asks no clock and makes no random numbers. The only mechanism is Kerberos, bare or inside SPNEGO.

mod account;
mod context;
mod error;
mod handshake;
mod negotiation;
mod spnego;
mod tkey;

#[cfg(test)]
mod tests;

pub use self::account::{Account, Login};
pub use self::context::Context;
pub use self::error::NegotiationError;
pub use self::handshake::Mechanism;
pub use self::negotiation::{MAX_ROUNDS, Negotiation, Next};
pub use self::tkey::delete;
