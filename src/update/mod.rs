//! Dynamic updates (RFC 2136): the requests that add and delete one probe, and what each reply to them means.
//!
//! Only two updates exist here: add exactly our record where nothing is, and delete exactly our record. Deleting an
//! `RRset` or a name cannot be expressed. It does not send, sign or retry, and it never guesses that a reply which did
//! not arrive, or cannot be trusted, means that nothing was done.

mod lease;
mod outcome;
mod request;
#[cfg(test)]
mod tests;

pub use self::lease::Lease;
pub use self::outcome::{Outcome, Uncertainty, explain};
pub use self::request::{describe, grant, nsupdate_script, padded, plant, remove};
