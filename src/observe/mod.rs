//! A record set that somebody changes by hand, and what a server holds of it: the way to see a change arrive where no
//! probe can be written.
//!
//! A [`Watched`] says which record set; a [`Held`] is what a server holds under that name and type, to the octet, as
//! another server must show it. Nothing is read from messages here and nothing is decided: `converge` does both.

mod held;
#[cfg(test)]
mod tests;
mod watched;

pub use self::held::{Held, Rrset};
pub use self::watched::{Watched, WatchedError};
