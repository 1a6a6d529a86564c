//! How servers are reached.

use super::headings::NETWORK;
use super::target::Target;
use super::tls::TlsArguments;
use super::usage;
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
    /// The port of servers that are written without one [default: 53, or 853 by TLS]
    #[arg(short = 'p', value_name = "PORT", help_heading = NETWORK)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// The own address to send from
    #[arg(short = 'b', value_name = "ADDRESS[#PORT]", value_parser = own_address, help_heading = NETWORK)]
    pub(crate) bind: Option<SocketAddr>,
    /// IPv4 alone
    #[arg(short = '4', conflicts_with = "v6", help_heading = NETWORK)]
    pub(crate) v4: bool,
    /// IPv6 alone
    #[arg(short = '6', help_heading = NETWORK)]
    pub(crate) v6: bool,
    /// TLS.
    #[command(flatten)]
    pub(crate) tls: TlsArguments,
}

/// # Meaning
/// A server that was named more than once.
pub(super) enum Repeated<'t> {
    /// It is the one that all others stand against.
    First(&'t Target),
    /// It is one of the others, twice.
    Twice(&'t Target),
}

impl NetworkArguments {
    /// Which families of addresses a name may resolve to.
    pub(crate) fn families(&self) -> Families {
        match (self.v4, self.v6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Both,
        }
    }

    /// The server with the port of `-p`, or that of how it is reached, if it was written without one.
    pub(crate) fn with_port(&self, server: &Target) -> Target {
        let usual = if server.is_secured(&self.tls) { defaults::TLS_PORT } else { defaults::PORT };
        let port = server.address.port.or(self.port).or(Some(usual));
        Target { address: ServerAddress { host: server.address.host.clone(), port }, ..server.clone() }
    }

    /// V9: the first of `others` that is `first`, or is among them twice, by name and port.
    pub(super) fn repeated<'t>(
        &self,
        first: &Target,
        others: impl Iterator<Item = &'t Target>,
    ) -> Option<Repeated<'t>> {
        let full = |server: &Target| self.with_port(server).to_string().to_lowercase();
        let (first, mut seen) = (full(first), Vec::new());
        for other in others {
            let name = full(other);
            if name == first {
                return Some(Repeated::First(other));
            }
            if seen.contains(&name) {
                return Some(Repeated::Twice(other));
            }
            seen.push(name);
        }
        None
    }

    /// The port of name servers that are found by their NS records, which nobody said to reach by TLS.
    pub(crate) fn plain_port(&self) -> u16 {
        self.port.filter(|_| !self.tls.tls).unwrap_or(defaults::PORT)
    }

    /// What was said about TLS must be about somebody, and this program must know how.
    pub(super) fn require_tls_of_somebody<'t>(
        &self,
        mut targets: impl Iterator<Item = &'t Target>,
    ) -> Result<(), clap::Error> {
        let is_used = self.tls.tls || targets.any(|target| target.is_secured(&self.tls));
        match (is_used, cfg!(feature = "tls")) {
            (true, false) => Err(usage(
                "this program was built without TLS: build it with `--features tls`, which needs a C compiler".into(),
            )),
            (false, _) if self.tls.says_how() => Err(usage(
                "an option says how TLS is spoken, and no server is reached by TLS: say --tls, or SERVER?tls of one"
                    .into(),
            )),
            _ => Ok(()),
        }
    }
}

/// An own address to listen at, with the port of DNS where none is written: who notifies sends to that.
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
