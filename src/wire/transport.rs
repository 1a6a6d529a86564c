//! The ways on which a message travels.

use std::fmt;

/// How a message travels (RFC 1035 section 4.2, RFC 7858).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "who asks must be able to go each way")]
pub enum Transport {
    /// One datagram each way.
    Udp,
    /// A stream, each message behind its length.
    Tcp,
    /// The same stream inside TLS. Nobody chooses it by the question: a server is reached by it or not.
    Tls,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}
