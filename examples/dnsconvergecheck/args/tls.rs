//! How TLS is spoken, under the names that dig and kdig have for it.

use super::headings::TLS;
use clap::Args;
use std::path::PathBuf;

/// How TLS is spoken, and to whom.
#[derive(Debug, Args)]
pub(crate) struct TlsArguments {
    /// Reach all servers by TLS alone (RFC 9103), at port 853; for one server: SERVER?tls
    #[arg(long, help_heading = TLS)]
    pub(crate) tls: bool,
    /// The certificate authorities to trust [default: the system's]; with a pin: demand a certificate as well
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, help_heading = TLS)]
    #[allow(clippy::option_option, reason = "not said, said without a file, said with one")]
    pub(crate) tls_ca: Option<Option<PathBuf>>,
    /// The name that a server must prove [default: the name or address given]; for one server: SERVER?tls-hostname=NAME
    #[arg(long, value_name = "NAME", help_heading = TLS)]
    pub(crate) tls_hostname: Option<String>,
    /// The SHA-256 of a server's public key in base64, in place of a certificate; may be repeated; SERVER?tls-pin=PIN
    #[arg(long, value_name = "PIN", help_heading = TLS)]
    pub(crate) tls_pin: Vec<String>,
    /// The client certificate to show, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_keyfile", help_heading = TLS)]
    pub(crate) tls_certfile: Option<PathBuf>,
    /// The private key of the client certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certfile", help_heading = TLS)]
    pub(crate) tls_keyfile: Option<PathBuf>,
    /// Accept servers that do not choose the protocol "dot" (ALPN), as old ones do not
    #[arg(long, help_heading = TLS)]
    pub(crate) tls_without_alpn: bool,
    /// Where a server answers no SOA over TLS and says so, ask it for that in the clear, at this port
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "53")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..), help_heading = TLS)]
    pub(crate) tls_soa_in_clear: Option<u16>,
}

/// # Meaning
impl TlsArguments {
    /// Whether something was said that only matters to a server that is reached by TLS.
    pub(super) fn says_how(&self) -> bool {
        self.tls_ca.is_some()
            || self.tls_hostname.is_some()
            || !self.tls_pin.is_empty()
            || self.tls_certfile.is_some()
            || self.tls_without_alpn
            || self.tls_soa_in_clear.is_some()
    }
}
