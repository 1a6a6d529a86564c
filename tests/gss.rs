//! Kerberos and GSS-TSIG without a directory: an acceptor and a KDC with fixed keys, made over picky-krb, that do right or one
//! thing wrong. The rules are those of section G of `tests/rules.toml`; `tests/active_directory.rs` has real servers.

#![cfg(feature = "gss-tsig")]

/// The test realm.
#[path = "gss"]
#[allow(unreachable_pub, reason = "its items are public to the scenarios")]
mod gss {
    pub(crate) mod acceptor;
    pub(crate) mod der;
    pub(crate) mod front;
    pub(crate) mod kdc;
    pub(crate) mod realm;
}
#[cfg(target_os = "linux")]
#[path = "cli/mod.rs"]
#[allow(clippy::disallowed_methods, reason = "it builds and starts the program")]
mod cli;
#[path = "gss/ended.rs"]
mod ended;
#[path = "gss/kdcs.rs"]
mod kdcs;
#[path = "lab/mod.rs"]
mod lab;
#[path = "gss/login.rs"]
mod login;
#[path = "gss/negotiation.rs"]
mod negotiation;
#[cfg(target_os = "linux")]
#[path = "gss/program.rs"]
mod program;
#[path = "gss/queries.rs"]
mod queries;
#[path = "gss/updates.rs"]
mod updates;
