//! Zone names as people type them: final dot or not, umlauts or not. Shown as A-labels, always absolute.

use dnsconverge::present::{self, NameTextError, name_from_text};
use dnsconverge::wire::WireName;
use hickory_proto::rr::Name;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The name of a zone, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ZoneName(pub(crate) Name);

/// Why a text is not the name of a zone; texts are shown escaped.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZoneNameError {
    /// Nothing was written.
    #[error("the name of the zone is empty; the root zone is written \".\"")]
    Empty,
    /// An address where a zone belongs: the order of the arguments is wrong, or a reverse zone was meant.
    #[error(
        "it is an address, not a zone: the order is SOURCE DESTINATION ZONE (a reverse zone ends in in-addr.arpa or ip6.arpa)"
    )]
    Address,
    /// A server's spelling where a zone belongs.
    #[error("it has a port or a path in it: a zone is a domain name, as in example.com")]
    NotAName,
    /// IDNA (UTS 46) has no A-label for it.
    #[error("it has characters that no domain name can have (IDNA)")]
    Idna,
    /// Not a name at all.
    #[error(transparent)]
    Text(#[from] NameTextError),
}

impl FromStr for ZoneName {
    type Err = ZoneNameError;

    fn from_str(text: &str) -> Result<Self, ZoneNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ZoneNameError::Empty);
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err(ZoneNameError::Address);
        }
        if text.contains([':', '#', '@']) {
            return Err(ZoneNameError::NotAName);
        }
        // A name in ASCII may hold \DDD and what IDNA does not know (RFC 2317, _msdcs); it is taken as it stands.
        let ascii = if text.is_ascii() {
            text.to_owned()
        } else {
            idna::domain_to_ascii(text).map_err(|_| ZoneNameError::Idna)?
        };
        Ok(Self(name_from_text(&ascii)?.to_name()))
    }
}

/// As a master file writes it; nothing in it can speak to a terminal.
impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        present::name(&WireName::from_name(&self.0)).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{ZoneName, ZoneNameError};

    /// How a text is shown once it was read.
    fn shown(text: &str) -> String {
        text.parse::<ZoneName>().unwrap().to_string()
    }

    #[test]
    fn a_zone_is_absolute_and_shown_as_a_labels() {
        assert_eq!(shown("example.com"), "example.com.");
        assert_eq!(shown("example.com."), "example.com.");
        assert_eq!(shown("münchen.example"), "xn--mnchen-3ya.example.");
        assert_eq!(shown("MÜNCHEN。example"), "xn--mnchen-3ya.example.");
        assert_eq!(shown("_msdcs.corp.test"), "_msdcs.corp.test.");
        assert_eq!(shown("0/25.2.0.192.in-addr.arpa"), "0/25.2.0.192.in-addr.arpa.");
        assert_eq!(shown(r"a\.b.example"), r"a\.b.example.");
        assert_eq!(shown("."), ".");
    }

    #[test]
    fn what_is_no_zone_says_why() {
        let error = |text: &str| text.parse::<ZoneName>().unwrap_err();
        assert_eq!(error(""), ZoneNameError::Empty);
        assert_eq!(error("192.0.2.1"), ZoneNameError::Address);
        assert_eq!(error("2001:db8::1"), ZoneNameError::Address);
        assert_eq!(error("ns1:53"), ZoneNameError::NotAName);
        for text in ["a..b", ".a", r"a\256.b", "a b.example", "a\u{1b}[31m.example"] {
            assert!(matches!(error(text), ZoneNameError::Text(_)), "{text}");
            assert!(!error(text).to_string().contains('\u{1b}'));
        }
        assert!(matches!(error(&"a".repeat(64)), ZoneNameError::Text(_)));
        assert!(matches!(error(&"a.".repeat(128)), ZoneNameError::Text(_)));
        assert_eq!(error("\u{FFFD}.example"), ZoneNameError::Idna);
    }
}
