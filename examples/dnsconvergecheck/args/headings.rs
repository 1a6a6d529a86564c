//! The headings under which help groups the options.

/// Help: what is checked.
pub(super) const SUBJECT: &str = "Servers and zones";
/// Help: what is done.
pub(super) const TASK: &str = "What is done";
/// Help: signatures.
pub(super) const KEYS: &str = "Keys (TSIG)";
/// Help: signatures of directories.
pub(super) const KERBEROS: &str = "Kerberos (GSS-TSIG)";
/// Help: connections that nobody can read or alter.
pub(super) const TLS: &str = "TLS";
/// Help: patience.
pub(super) const TIME: &str = "Time";
/// Help: what counts as a difference.
pub(super) const COMPARISON: &str = "Comparison";
/// Help: sockets.
pub(super) const NETWORK: &str = "Network";
/// Help: the rest.
pub(super) const OTHER: &str = "Output and files";
