//! How servers are reached.

use super::headings::NETWORK;
use crate::defaults;
use crate::span::Span;
use clap::Args;
use dnsconverge::net::{Families, ServerAddress};
use std::net::{IpAddr, SocketAddr};

/// How servers are reached.
#[derive(Debug, Args)]
pub(crate) struct NetworkArguments {
    /// How long one exchange may take, its retries included
    #[arg(long, value_name = "TIME", default_value_t = defaults::TIMEOUT, help_heading = NETWORK)]
    pub(crate) timeout: Span,
    /// The port of servers that are written without one
    #[arg(short = 'p', value_name = "PORT", default_value_t = defaults::PORT, help_heading = NETWORK)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// The own address to send from
    #[arg(short = 'b', value_name = "ADDRESS[#PORT]", value_parser = own_address, help_heading = NETWORK)]
    pub(crate) bind: Option<SocketAddr>,
    /// IPv4 alone
    #[arg(short = '4', conflicts_with = "v6", help_heading = NETWORK)]
    pub(crate) v4: bool,
    /// IPv6 alone
    #[arg(short = '6', help_heading = NETWORK)]
    pub(crate) v6: bool,
}

/// # Meaning
impl NetworkArguments {
    /// Which families of addresses a name may resolve to.
    pub(crate) fn families(&self) -> Families {
        match (self.v4, self.v6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Both,
        }
    }

    /// The server with the port of `-p` if it was written without one.
    pub(crate) fn with_port(&self, server: &ServerAddress) -> ServerAddress {
        ServerAddress { host: server.host.clone(), port: server.port.or(Some(self.port)) }
    }
}

/// The same, with the port of DNS where none is written: who notifies sends to that.
pub(super) fn listening_address(text: &str) -> Result<SocketAddr, String> {
    let mut address = own_address(text)?;
    if address.port() == 0 {
        address.set_port(dnsconverge::net::DEFAULT_PORT);
    }
    Ok(address)
}

/// `192.0.2.1`, `192.0.2.1#5353`, `2001:db8::1#5353` or `[2001:db8::1]:5353`.
pub(super) fn own_address(text: &str) -> Result<SocketAddr, String> {
    let wrong =
        || "it is not an address of this machine: write 192.0.2.1, 2001:db8::1, or either with #PORT".to_owned();
    let (address, port) = match text.split_once('#') {
        Some((address, port)) => (address, port.parse().map_err(|_| wrong())?),
        None => (text, 0),
    };
    match address.parse::<IpAddr>() {
        Ok(address) => Ok(SocketAddr::new(address, port)),
        Err(_) => text.parse().map_err(|_| wrong()),
    }
}
