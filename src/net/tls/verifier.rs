//! Whether the server is who it should be: by a certificate for its name, by a pinned key, or by both.

use super::{Pin, TlsFault};
use std::sync::Arc;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// RFC 8310 section 6.4: with a name and pins, "the overall authentication result SHOULD only be considered successful if
/// both authentication mechanisms are successful".
#[derive(Debug)]
pub(super) struct Strict {
    /// Checks the certificate and the name; none where a pin is all that counts (RFC 7858 section 4.2).
    pub(super) by_name: Option<Arc<WebPkiServerVerifier>>,
    /// The server's key must be one of these, if there are any.
    pub(super) pins: Vec<Pin>,
    /// The cryptography.
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Strict {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(by_name) = &self.by_name {
            let verified = by_name.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            verified.map_err(|error| self.explained(error, end_entity, server_name, now))?;
        }
        let presented = pin_of(end_entity)?;
        if self.pins.is_empty() && self.by_name.is_some() || self.pins.contains(&presented) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(fault(TlsFault::Pin { presented }))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl Strict {
    /// Tells a certificate that is its own issuer from one of an unknown authority: the ways out of the two differ.
    fn explained(&self, error: Error, end_entity: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Error {
        let (Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)), Ok(pin)) =
            (&error, pin_of(end_entity))
        else {
            return error;
        };
        match self.with_itself_as_root(end_entity, name, now) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => error,
            _ => fault(TlsFault::SelfSigned { pin }),
        }
    }

    /// What would be wrong with it if it vouched for itself.
    fn with_itself_as_root(
        &self,
        end_entity: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(end_entity.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build();
        let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(end_entity, &[], name, &[], now).map(|_| ())
    }
}

/// The pin of its key.
fn pin_of(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    Ok(Pin::of(&ParsedCertificate::try_from(certificate)?.subject_public_key_info()))
}

/// Our own word in rustls' clothes.
fn fault(fault: TlsFault) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}
