//! A server as it is typed, with what is for it alone behind a question mark: `ns2.example?key=ns2.key&tls`.

use super::tls::TlsArguments;
use dnsconverge::net::ServerAddress;
use std::ffi::OsString;
use std::fmt;

/// A server, and what is for it alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    /// Where it is.
    pub(crate) address: ServerAddress,
    /// Its key file, in place of those for a whole side.
    pub(crate) key: Option<OsString>,
    /// The key file for updates at it, in place of those for a whole side.
    pub(crate) update_key: Option<OsString>,
    /// Whether it is reached by TLS, if that was said of it.
    pub(crate) tls: Option<bool>,
    /// The name that it has to prove, in place of that for all.
    pub(crate) tls_hostname: Option<String>,
    /// The pins of its key, in place of those for all.
    pub(crate) tls_pins: Vec<String>,
}

/// Reads a server; `@` may stand before it, as for dig.
///
/// # Errors
/// It is none, or what stands behind the question mark is not known. No value is repeated: one may be a secret.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let (server, parameters) = text.split_once('?').map_or((text, None), |(server, rest)| (server, Some(rest)));
    let address =
        server.strip_prefix('@').unwrap_or(server).parse::<ServerAddress>().map_err(|error| error.to_string())?;
    let mut target =
        Target { address, key: None, update_key: None, tls: None, tls_hostname: None, tls_pins: Vec::new() };
    for parameter in parameters.into_iter().flat_map(|parameters| parameters.split('&')) {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        match (name, value.filter(|value| !value.is_empty())) {
            ("key", Some(file)) => target.key = Some(file.into()),
            ("update-key", Some(file)) => target.update_key = Some(file.into()),
            ("tls", None | Some("yes")) => target.tls = Some(true),
            ("tls", Some("no")) => target.tls = Some(false),
            ("tls-hostname", Some(name)) => target.tls_hostname = Some(name.to_owned()),
            ("tls-pin", Some(pin)) => target.tls_pins.push(pin.to_owned()),
            _ => {
                return Err("behind the ? of a server may stand, with & between them: key=FILE[:NAME], \
                            update-key=FILE[:NAME], tls, tls=no, tls-hostname=NAME, tls-pin=PIN"
                    .to_owned());
            }
        }
    }
    Ok(target)
}

/// # Meaning
impl Target {
    /// Whether it is reached by TLS: what was said of it counts before what was said of all.
    pub(crate) fn is_secured(&self, all: &TlsArguments) -> bool {
        self.tls.unwrap_or(all.tls || self.tls_hostname.is_some() || !self.tls_pins.is_empty())
    }
}

/// Where it is.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
