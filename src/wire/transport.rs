//! The two ways on which a message travels.

use std::fmt;

/// How a message travels (RFC 1035 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "who asks must be able to go both ways; TLS is a property of the server")]
pub enum Transport {
    /// One datagram each way.
    Udp,
    /// A stream, each message behind its length.
    Tcp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}
