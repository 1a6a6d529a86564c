//! Has a change made on this DNS server arrived on those? Do these servers hold exactly the same records?

pub mod canonical;
#[cfg(feature = "net")]
pub mod check;
#[cfg(feature = "net")]
pub mod compare;
pub mod converge;
pub mod diff;
#[cfg(feature = "net")]
pub mod fs;
#[cfg(feature = "net")]
pub mod net;
pub mod present;
pub mod probe;
pub mod report;
pub mod serial;
#[cfg(feature = "net")]
pub mod sweep;
pub mod tsig;
pub mod update;
pub mod wire;
pub mod xfr;
