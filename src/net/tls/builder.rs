//! What a person may say about TLS, checked when it is said.

use super::verifier::Strict;
use super::{Alpn, Pin, PinError, Tls, server_name};
use std::fmt;
use std::sync::Arc;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, version};

/// The ALPN token of DNS over TLS (RFC 7858 section 8.1 with the registry of RFC 7301).
pub(super) const DOT: &[u8] = b"dot";

/// Why TLS cannot be set up: the caller's fault, or this system's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSetupError {
    /// Not a name or an address.
    #[error("{0:?} is neither a host name nor an address that a certificate could be for")]
    Hostname(String),
    /// Not a pin.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// No certificate in a PEM text.
    #[error("there is no certificate in it: wanted PEM, -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// No private key in a PEM text.
    #[error("there is no private key in it: wanted PEM, -----BEGIN PRIVATE KEY-----")]
    NoPrivateKey,
    /// A certificate that cannot be a root.
    #[error("a certificate of the authorities cannot be used: {0}")]
    Root(String),
    /// The system has none.
    #[error(
        "this system names no certificate authorities that it trusts{0}: give a file of them, or pin the server's key"
    )]
    NoRoots(String),
    /// Certificate and key do not belong together, or the key is of a kind that is not known.
    #[error("the client certificate cannot be used with this private key: {0}")]
    Client(String),
    /// The library refused the settings.
    #[error("TLS cannot be set up: {0}")]
    Library(String),
}

/// TLS, as far as it was described. Debug output shows no key.
#[derive(Default)]
pub struct TlsBuilder {
    /// The authorities to trust, if not the system's.
    roots: Option<RootCertStore>,
    /// The keys that a server may have.
    pins: Vec<Pin>,
    /// The name to authenticate, if not that of the server as given.
    hostname: Option<ServerName<'static>>,
    /// Whether a certificate must be valid for the name though a pin was given.
    by_name: bool,
    /// What we show to a server that asks who we are.
    client: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    /// Whether a server that chooses no ALPN token is accepted.
    may_lack_alpn: bool,
    /// See [`TlsBuilder::soa_in_clear`].
    soa_in_clear: Option<u16>,
}

/// # What the server must prove
impl TlsBuilder {
    /// The name, or address, that its certificate must be valid for (RFC 8310 section 7). Default: the server as given.
    pub fn hostname(mut self, name: &str) -> Result<Self, TlsSetupError> {
        let parsed = server_name(name).ok_or_else(|| TlsSetupError::Hostname(name.to_owned()))?;
        (self.hostname, self.by_name) = (Some(parsed), true);
        Ok(self)
    }

    /// Trusts the certificate authorities of this PEM text alone. Default: those that the system trusts.
    pub fn authorities(mut self, pem: &[u8]) -> Result<Self, TlsSetupError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(|error| TlsSetupError::Root(error.to_string()))?;
        }
        (self.roots, self.by_name) = (Some(roots), true);
        Ok(self)
    }

    /// Trusts the certificate authorities that this system trusts, also where a pin is given. Alone it is the default.
    #[must_use]
    pub fn system_authorities(mut self) -> Self {
        (self.roots, self.by_name) = (None, true);
        self
    }

    /// Its key must have this pin, or another that was given. Without [`TlsBuilder::hostname`] and authorities the pin is
    /// all that counts: neither issuer nor name nor dates of the certificate are looked at (RFC 7858 section 4.2).
    pub fn pin(mut self, pin: &str) -> Result<Self, TlsSetupError> {
        self.pins.push(pin.parse()?);
        Ok(self)
    }

    /// Accepts a server that chooses no ALPN token, as old ones do. Another token than `dot` is never accepted.
    #[must_use]
    pub fn may_lack_alpn(mut self) -> Self {
        self.may_lack_alpn = true;
        self
    }
}

/// # What else
impl TlsBuilder {
    /// Shows this certificate to a server that asks who we are, with the chain behind it; both are PEM texts.
    pub fn client_certificate(mut self, certificate: &[u8], key: &[u8]) -> Result<Self, TlsSetupError> {
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsSetupError::NoPrivateKey)?;
        self.client = Some((certificates(certificate)?, key));
        Ok(self)
    }

    /// Asks for the SOA in the clear, at this port of the same address, where the server says that it answers no such
    /// question over TLS (REFUSED with the extended error "Not Supported", RFC 9103 section 7.8).
    ///
    /// Nothing else ever goes in the clear, and without this neither does that.
    #[must_use]
    pub fn soa_in_clear(mut self, port: u16) -> Self {
        self.soa_in_clear = Some(port);
        self
    }

    /// Done. Where no other authorities were given and they count, those of the system are read now.
    pub fn build(self) -> Result<Tls, TlsSetupError> {
        let provider = Arc::new(ring::default_provider());
        let by_pin = !self.pins.is_empty();
        let by_name = self.by_name || !by_pin;
        let roots = by_name.then(|| self.roots.map_or_else(system_roots, Ok)).transpose()?;
        let verifier = Strict {
            by_name: roots.map(|roots| name_verifier(roots, &provider)).transpose()?,
            pins: self.pins,
            provider: Arc::clone(&provider),
        };
        // RFC 9103 section 7.2: "All implementations of this specification MUST use only TLS 1.3 or later."
        let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS13]);
        let config = config.map_err(|error| TlsSetupError::Library(error.to_string()))?;
        let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let shows_certificate = self.client.is_some();
        let mut config = match self.client {
            Some((chain, key)) => {
                config.with_client_auth_cert(chain, key).map_err(|error| TlsSetupError::Client(error.to_string()))?
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![DOT.to_vec()];
        // What is sent early can be played again (RFC 8446 section 8): an UPDATE twice.
        config.enable_early_data = false;
        let alpn = if self.may_lack_alpn { Alpn::MayLack } else { Alpn::Required };
        Ok(Tls {
            config: Arc::new(config),
            hostname: self.hostname,
            by_name,
            by_pin,
            shows_certificate,
            alpn,
            soa_in_clear: self.soa_in_clear,
        })
    }
}

impl fmt::Debug for TlsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsBuilder").field("pins", &self.pins).field("hostname", &self.hostname).finish_non_exhaustive()
    }
}

/// The certificates of a PEM text; at least one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or(TlsSetupError::NoCertificate)
}

/// The authorities that this system trusts.
fn system_roots() -> Result<RootCertStore, TlsSetupError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // A system's store may hold certificates that are no roots for TLS: they are passed over, as everywhere.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(TlsSetupError::NoRoots(why));
    }
    Ok(roots)
}

/// Checks certificates by these authorities.
fn name_verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, TlsSetupError> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| TlsSetupError::Library(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{DOT, Tls, TlsSetupError};

    /// A pin like any other.
    const PIN: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn x1_x6_dot_is_offered_and_nothing_is_sent_early() {
        let tls = Tls::builder().pin(PIN).unwrap().build().unwrap();
        assert_eq!(tls.config.alpn_protocols, [DOT]);
        assert!(!tls.config.enable_early_data);
    }

    #[test]
    fn x3_what_cannot_authenticate_anybody_is_an_error() {
        let builder = Tls::builder;
        assert!(matches!(builder().pin("c2hvcnQ="), Err(TlsSetupError::Pin(_))));
        assert!(matches!(builder().hostname("not a name"), Err(TlsSetupError::Hostname(_))));
        assert!(matches!(builder().authorities(b"nothing"), Err(TlsSetupError::NoCertificate)));
        assert!(matches!(builder().client_certificate(b"nothing", b"nothing"), Err(TlsSetupError::NoPrivateKey)));
    }

    #[test]
    fn x3_what_authenticates_is_said_in_words() {
        let host = "ns1.example.".parse::<crate::net::ServerAddress>().unwrap().host;
        let pinned = Tls::builder().pin(PIN).unwrap();
        assert_eq!(pinned.build().unwrap().authenticates(&host), "pinned TLS key");
    }
}
