//! The rules of zone transfers (RFC 5936): messages in, record views out.
//!
//! A transfer is decided here from messages alone: where it begins and ends, what may stand in it, and how much of it
//! there may be. Every rule that a server breaks is a [`Fault`] of its own.
//!
//! It opens no connection, keeps no clock (see [`TransferTimes`] for the limits that the one who reads the socket
//! holds), does not retry, keeps no records, and does not decide whether two zones are the same.

mod axfr;
mod fault;
mod inbound;
mod limits;
mod refusal;
mod request;
mod tally;
#[cfg(test)]
mod tests;

pub use self::axfr::{Axfr, Completed, Notes, Progress};
pub use self::fault::{Fault, SoaField, XfrError};
pub use self::inbound::{Inbound, Received};
pub use self::limits::{Limits, TransferTimes};
pub use self::refusal::{ExtendedError, Refusal};
pub use self::request::{AxfrRequest, Edns0};
