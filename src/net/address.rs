//! Server addresses as people write them, and the addresses behind a name.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// A name or an address of a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a host is one or the other")]
pub enum Host {
    /// An address.
    Address(IpAddr),
    /// A name that the system's resolver has to look up.
    Name(String),
}

/// A server as written: `host`, `host:port`, `host#port`, `[v6]:port`, or a bare IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    /// The name or address.
    pub host: Host,
    /// The port, if one was written.
    pub port: Option<u16>,
}

/// Why a text is not a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerAddressError {
    /// Nothing was written.
    #[error("a server is missing: write a name or an address, as in 192.0.2.1, ns1.example.com or [2001:db8::1]:5353")]
    Empty,
    /// The port is not a number from 1 to 65535.
    #[error("\"{}\" is not a port in \"{}\": write a number from 1 to 65535", .port.escape_debug(), .text.escape_debug())]
    Port {
        /// The text of the port.
        port: String,
        /// The whole text.
        text: String,
    },
    /// What stands in brackets is not an IPv6 address.
    #[error("\"{}\" is not an IPv6 address in brackets, as in [2001:db8::1]:53", .0.escape_debug())]
    Brackets(String),
    /// Neither an address nor a host name.
    #[error("\"{}\" is neither an address nor a host name", .0.escape_debug())]
    Host(String),
}

impl FromStr for ServerAddress {
    type Err = ServerAddressError;

    fn from_str(text: &str) -> Result<Self, ServerAddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ServerAddressError::Empty);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let brackets = || ServerAddressError::Brackets(text.to_owned());
            let (inside, after) = rest.split_once(']').ok_or_else(brackets)?;
            let address: Ipv6Addr = inside.parse().map_err(|_| brackets())?;
            let port = match after.strip_prefix([':', '#']) {
                Some(port) => Some(parse_port(port, text)?),
                None if after.is_empty() => None,
                None => return Err(brackets()),
            };
            return Ok(Self { host: Host::Address(address.into()), port });
        }
        if let Some((host, port)) = text.split_once('#') {
            return Ok(Self { host: parse_host(host, text)?, port: Some(parse_port(port, text)?) });
        }
        match text.rsplit_once(':') {
            // More than one colon without brackets: an IPv6 address and no port.
            Some((host, port)) if !host.contains(':') => {
                Ok(Self { host: parse_host(host, text)?, port: Some(parse_port(port, text)?) })
            }
            _ => Ok(Self { host: parse_host(text, text)?, port: None }),
        }
    }
}

/// A port that a server can have.
fn parse_port(port: &str, text: &str) -> Result<u16, ServerAddressError> {
    let number = port.parse().ok().filter(|number| *number != 0);
    number.ok_or_else(|| ServerAddressError::Port { port: port.to_owned(), text: text.to_owned() })
}

/// An address, or something that can be looked up.
fn parse_host(host: &str, text: &str) -> Result<Host, ServerAddressError> {
    if let Ok(address) = host.parse() {
        return Ok(Host::Address(address));
    }
    let plausible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    // All digits and dots, yet no address: a slip of the pen such as 192.0.2.300.
    let numeric = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    if host.is_empty() || host.len() > 254 || numeric || !host.chars().all(plausible) {
        return Err(ServerAddressError::Host(text.to_owned()));
    }
    Ok(Host::Name(host.to_owned()))
}

impl From<SocketAddr> for ServerAddress {
    fn from(address: SocketAddr) -> Self {
        Self { host: Host::Address(address.ip()), port: Some(address.port()) }
    }
}

impl From<IpAddr> for ServerAddress {
    fn from(address: IpAddr) -> Self {
        Self { host: Host::Address(address), port: None }
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.port) {
            (Host::Address(IpAddr::V6(address)), Some(port)) => write!(f, "[{address}]:{port}"),
            (Host::Address(address), Some(port)) => write!(f, "{address}:{port}"),
            (Host::Address(address), None) => write!(f, "{address}"),
            (Host::Name(name), Some(port)) => write!(f, "{name}:{port}"),
            (Host::Name(name), None) => f.write_str(name),
        }
    }
}

/// Which families of addresses a name may resolve to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "there are two families")]
pub enum Families {
    /// All addresses of a name.
    #[default]
    Both,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl ServerAddress {
    /// Every address behind this server, in the resolver's order, each once; with this port unless it names one.
    ///
    /// # Cancel safety
    /// Safe: a look-up has no effect.
    ///
    /// # Errors
    /// The system's resolver failed, or knows no address of these families.
    pub async fn resolve(&self, families: Families, default_port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let port = self.port.unwrap_or(default_port);
        let wanted = |address: &SocketAddr| match families {
            Families::Both => true,
            Families::V4 => address.is_ipv4(),
            Families::V6 => address.is_ipv6(),
        };
        let mut found: Vec<SocketAddr> = match &self.host {
            Host::Address(address) => vec![SocketAddr::new(*address, port)],
            Host::Name(name) => tokio::net::lookup_host((name.as_str(), port)).await?.collect(),
        };
        found.retain(wanted);
        let mut unique = Vec::new();
        for address in found {
            if !unique.contains(&address) {
                unique.push(address);
            }
        }
        if unique.is_empty() {
            let family = if families == Families::V4 { "IPv4" } else { "IPv6" };
            return Err(std::io::Error::new(std::io::ErrorKind::NotFound, format!("it has no {family} address")));
        }
        Ok(unique)
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, ServerAddress, ServerAddressError};

    /// A text that must be read, as (host, port).
    fn read(text: &str) -> (String, Option<u16>) {
        let address: ServerAddress = text.parse().unwrap();
        let host = match address.host {
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name,
        };
        (host, address.port)
    }

    #[test]
    fn every_spelling_of_a_server() {
        for (text, host, port) in [
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.1:5353", "192.0.2.1", Some(5353)),
            ("192.0.2.1#5353", "192.0.2.1", Some(5353)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("[2001:db8::1]:53", "2001:db8::1", Some(53)),
            ("2001:db8::1#53", "2001:db8::1", Some(53)),
            ("dns-hq.example.", "dns-hq.example.", None),
            ("ns1.example.com:53", "ns1.example.com", Some(53)),
        ] {
            assert_eq!(read(text), (host.to_owned(), port), "{text}");
        }
    }

    #[test]
    fn what_is_no_server_says_why() {
        let error = |text: &str| text.parse::<ServerAddress>().unwrap_err();
        assert_eq!(error(" "), ServerAddressError::Empty);
        assert!(matches!(error("ns1:0"), ServerAddressError::Port { .. }));
        assert!(matches!(error("ns1:99999"), ServerAddressError::Port { .. }));
        assert!(matches!(error("[192.0.2.1]"), ServerAddressError::Brackets(_)));
        assert!(matches!(error("[::1]x"), ServerAddressError::Brackets(_)));
        assert!(matches!(error("192.0.2.300"), ServerAddressError::Host(_)));
        assert!(matches!(error("a b"), ServerAddressError::Host(_)));
        assert!(!error("a\u{1b}[31m").to_string().contains('\u{1b}'), "escapes are shown, not sent to the terminal");
    }
}
