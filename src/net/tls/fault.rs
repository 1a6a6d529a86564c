//! What can be wrong with a server's end of a TLS connection, each with its own words.

use super::Pin;
use crate::present::{escape_text, utc};
use std::time::Duration;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, OtherError, PeerIncompatible};

/// Why a TLS connection is not used. Nothing was asked over it, or nothing that came over it counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFault {
    /// Something else than TLS came back.
    #[error("what answers there does not speak TLS; DNS over TLS is usually on port 853")]
    NotTls,
    /// A record of TLS out of its turn (RFC 8446 section 2) or under other keys (section 5.2), as when the server writes on one
    /// connection what belongs on another.
    #[error("it sent a TLS record that has no place in this connection")]
    Misplaced,
    /// What came was no record of TLS any more, on a connection that was one.
    #[error("the TLS stream was broken: what came is no TLS record")]
    Garbled,
    /// RFC 9103 section 7.2.
    #[error("it does not offer TLS 1.3, and nothing older is accepted (RFC 9103 section 7.2)")]
    Version,
    /// RFC 9103 section 7.1.
    #[error(
        "it did not choose the protocol \"dot\" (ALPN), so what answers there may not be DNS (RFC 9103 section 7.1); \
         a server too old to choose can be allowed to"
    )]
    Alpn,
    /// The server as given has no name that a certificate can hold.
    #[error("no certificate can be valid for this name of the server: give the name to authenticate")]
    NoName,
    /// RFC 8310 section 8.1.
    #[error("its certificate is not for {expected}, but for {presented}")]
    Name {
        /// The name that was to be proven.
        expected: String,
        /// The names of the certificate, escaped.
        presented: String,
    },
    /// Its time is over.
    #[error("its certificate expired at {}; the clock here says {}", utc(*not_after), utc(*now))]
    Expired {
        /// Seconds since 1970.
        not_after: u64,
        /// Seconds since 1970.
        now: u64,
    },
    /// Its time has not come.
    #[error("its certificate is not valid before {}; the clock here says {}", utc(*not_before), utc(*now))]
    NotYetValid {
        /// Seconds since 1970.
        not_before: u64,
        /// Seconds since 1970.
        now: u64,
    },
    /// The chain leads to nobody who is trusted.
    #[error("its certificate was issued by a certificate authority that is not trusted here")]
    UnknownIssuer,
    /// Its own issuer.
    #[error(
        "its certificate is self-signed, so nobody vouches for it; if its operator confirms that this is the key's pin, \
         pin it: {pin}"
    )]
    SelfSigned {
        /// The pin of the key that it showed.
        pin: Pin,
    },
    /// The key is none of those that were pinned.
    #[error("its key is not the one that was pinned: its pin is {presented}")]
    Pin {
        /// The pin of the key that it showed.
        presented: Pin,
    },
    /// Something else about the certificate.
    #[error("its certificate cannot be accepted: {0}")]
    Certificate(String),
    /// It wants to know who we are.
    #[error("it accepts only clients with a certificate, or did not accept the one that was shown ({0})")]
    ClientCertificate(String),
    /// It ended the handshake or the connection by an alert.
    #[error("it ended the connection with the TLS alert {0}")]
    Alert(String),
    /// It did not finish the handshake.
    #[error("it did not finish the TLS handshake within {:.1} s", .0.as_secs_f64())]
    Slow(Duration),
    /// RFC 8446 section 6.1: who closes without `close_notify` may be cut off by anybody on the way.
    #[error("the TLS stream was cut: it ended without close_notify")]
    Cut,
    /// The TCP connection under it broke.
    #[error("the connection broke during the TLS handshake: {0}")]
    Broken(String),
    /// Another breach of the protocol.
    #[error("TLS failed: {0}")]
    Protocol(String),
}

/// How many names of a certificate are shown.
const NAMES: usize = 5;

impl TlsFault {
    /// Whether another connection may do, since on this one came what belongs on some other.
    pub(in crate::net) fn is_misplaced(&self) -> bool {
        *self == Self::Misplaced
    }
}

impl From<&Error> for TlsFault {
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidMessage(_) => Self::NotTls,
            Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } | Error::DecryptError => {
                Self::Misplaced
            }
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            )
            | Error::AlertReceived(AlertDescription::ProtocolVersion) => Self::Version,
            Error::NoApplicationProtocol | Error::AlertReceived(AlertDescription::NoApplicationProtocol) => Self::Alpn,
            Error::AlertReceived(
                alert @ (AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRevoked
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::AccessDenied),
            ) => Self::ClientCertificate(format!("{alert:?}")),
            Error::AlertReceived(alert) => Self::Alert(format!("{alert:?}")),
            Error::InvalidCertificate(certificate) => Self::from(certificate),
            other => Self::Protocol(escaped(&other.to_string())),
        }
    }
}

impl From<&CertificateError> for TlsFault {
    fn from(error: &CertificateError) -> Self {
        match error {
            CertificateError::ExpiredContext { time, not_after } => {
                Self::Expired { not_after: not_after.as_secs(), now: time.as_secs() }
            }
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::NotYetValid { not_before: not_before.as_secs(), now: time.as_secs() }
            }
            CertificateError::NotValidForNameContext { expected, presented } => {
                let mut names: Vec<String> = presented.iter().take(NAMES).map(|name| escaped(name)).collect();
                if presented.len() > NAMES {
                    names.push(format!("{} more", presented.len() - NAMES));
                }
                let presented = if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") };
                Self::Name { expected: expected.to_str().into_owned(), presented }
            }
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::Other(OtherError(other)) => match other.downcast_ref::<Self>() {
                Some(fault) => fault.clone(),
                None => Self::Certificate(escaped(&other.to_string())),
            },
            other => Self::Certificate(escaped(&other.to_string())),
        }
    }
}

/// What a certificate says is text from the network.
fn escaped(text: &str) -> String {
    escape_text(text.as_bytes()).to_string()
}
