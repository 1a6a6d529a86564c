//! Why there is no security context with a server.

use super::super::ExchangeError;
use crate::gss::NegotiationError;
use crate::kerberos::KerberosError;
use crate::present::one_line;
use std::net::SocketAddr;

/// Why nothing can be signed for a server. Nothing was sent unsigned in its place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// G1: the target is DNS@host. The caller's to give.
    #[error("GSS-TSIG needs the server's name where {0} was given: Kerberos knows servers by their names alone")]
    NeedsName(String),
    /// Nobody to ask.
    #[error("no KDC of realm {} is known: name one (in a directory every domain controller is one), or see that the system's resolver finds _kerberos._tcp.{} SRV{}", one_line(.realm), one_line(.realm), because(.why))]
    NoKdc {
        /// The realm.
        realm: String,
        /// Why the DNS did not tell.
        why: String,
    },
    /// Nobody answers.
    #[error("no KDC of realm {} answers: {}", one_line(.realm), one_line(.why))]
    KdcSilent {
        /// The realm.
        realm: String,
        /// What came of the last one.
        why: String,
    },
    /// What the KDC says, or what it sends.
    #[error(transparent)]
    Kerberos(#[from] KerberosError),
    /// What the DNS server says, or what it sends.
    #[error("{server}: {source}")]
    Negotiation {
        /// The server.
        server: SocketAddr,
        /// The rule.
        source: NegotiationError,
    },
    /// The DNS server does not answer.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// G6: a context is negotiated again once.
    #[error("{0} has forgotten the security context again after it was renewed")]
    Forgotten(SocketAddr),
}

/// A reason, if there is one.
fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" ({})", one_line(why)) }
}

impl ContextError {
    /// Whether it stays so: it is not to be tried again, since a directory locks accounts that log in wrongly too often.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::NeedsName(_) | Self::Kerberos(_) | Self::Forgotten(_) => true,
            Self::NoKdc { .. } | Self::KdcSilent { .. } | Self::Negotiation { .. } | Self::Exchange(_) => false,
        }
    }
}
