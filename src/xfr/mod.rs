//! The rules of zone transfers (RFC 5936, RFC 1995): messages in, record views out.
//!
//! A transfer is decided here from messages alone: where it begins and ends, what may stand in it, and how much of it
//! there may be. Every rule that a server breaks is a [`Fault`] of its own.
//!
//! It opens no connection, keeps no clock (see [`TransferTimes`] for the limits that the one who reads the socket
//! holds), does not retry, keeps no records (but for [`Delta`]), and does not decide whether two zones are the same.

mod axfr;
mod delta;
mod envelope;
mod fault;
mod imprint;
mod inbound;
mod ixfr;
mod limits;
mod refusal;
mod request;
mod soa;
mod tally;
#[cfg(test)]
mod tests;

pub use self::axfr::{Axfr, Completed, Notes, Progress};
pub use self::delta::{Delta, Effect, Effects, Inconsistency, Sign};
pub use self::fault::{Fault, SoaField, XfrError};
pub use self::imprint::{Imprint, Repetition};
pub use self::inbound::{Inbound, InboundIxfr, Received, ReceivedIxfr};
pub use self::ixfr::{Change, Changed, Ixfr, Outcome};
pub use self::limits::{Limits, TransferTimes};
pub use self::refusal::{ExtendedError, Refusal};
pub use self::request::{AxfrRequest, Edns0, HeldVersion, IxfrRequest};
