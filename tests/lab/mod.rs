//! The embedded lab: authoritative name servers inside the test process, on ports that the kernel chooses.
//!
//! A test (or the `demo` of the example) builds a [`Zone`], starts a primary with [`Lab::primary`], secondaries with
//! [`Lab::secondary_of`], points the code under test at [`Server::address`], and watches what arrived through
//! [`Server::requests`]. How a server misbehaves is a list of [`Fault`]s, injected at construction, at run time, or by
//! a query (`named`). Everything ends when the [`Server`] handle is dropped.
//!
//! ```text
//! octets in -> wire (TSIG apart) -> tsig (verify) -> fault (which acts?) -> answer | update | transfer
//!           -> messages -> reply (sign, frame, misbehave) -> octets out
//! ```
//!
//! It is a second opinion: nothing here uses the crate under test. TSIG, the transfer writer and the rules of UPDATE
//! are written a second time, from the RFCs.
//!
//! What it deliberately does not do: recursion, DNSSEC signing, a journal of its own (IXFR is answered from the versions
//! that a test gives, or by the full zone), NOTIFY, TLS, persistence, and speed. Zone data given by a test may panic when it is wrong; octets from the network
//! never do: a packet that cannot be read is dropped.

#![allow(dead_code, unreachable_pub, reason = "each test binary includes the whole lab and uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "the lab has a clock of its own")]
#![allow(unused_imports, reason = "the names below are the lab's front door; no binary needs all of them")]

mod answer;
mod edit;
pub mod edns;
mod fault;
pub mod lease;
mod log;
mod named;
mod replica;
mod reply;
mod serve;
mod server;
mod transfer;
mod tsig;
mod update;
mod wire;
mod zone;

pub use edns::Cookies;
pub use fault::{Act, Fault, FaultId, Gate, Messages, On, Step, Steps, TransferFault, TsigFault};
pub use log::{Request, Signature, Transport};
pub use server::{Access, Server, ServerBuilder};
pub use transfer::Grouping;
pub use tsig::{Algorithm, Key};
pub use zone::Zone;

/// The front door: where servers come from.
pub enum Lab {}

/// # Servers
impl Lab {
    /// A server that holds `zone` as its own; configure it, then [`ServerBuilder::start`].
    pub fn primary(zone: Zone) -> ServerBuilder {
        ServerBuilder::new(zone)
    }

    /// A server that copies every zone of `primary` whenever one changes, in process, not by DNS.
    ///
    /// The copy made at the start is immediate; later ones come after [`ServerBuilder::delay`].
    pub fn secondary_of(primary: &Server) -> ServerBuilder {
        ServerBuilder::copy_of(primary)
    }
}
