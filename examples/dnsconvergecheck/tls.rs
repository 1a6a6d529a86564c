//! From what was said about TLS to what the library takes. Without the feature `tls` the parser lets nothing through to here.

use crate::args::{Target, TlsArguments};
use crate::terminal::Terminal;
use anyhow::Context;
use dnsconverge::fs::read_secret;
use dnsconverge::net::Tls;
use std::path::Path;

/// How this server is reached by TLS, or, without one, all that are.
///
/// # Errors
/// A file cannot be read, or what was said cannot be used; the option is named.
pub(crate) fn towards(target: Option<&Target>, all: &TlsArguments, terminal: &Terminal) -> anyhow::Result<Tls> {
    let mut tls = Tls::builder();
    match &all.tls_ca {
        Some(Some(file)) => {
            tls = tls.authorities(&read(file)?).with_context(|| format!("--tls-ca: {}", file.display()))?;
        }
        Some(None) => tls = tls.system_authorities(),
        None => {}
    }
    let own_name = target.and_then(|target| target.tls_hostname.as_ref());
    if let Some(name) = own_name.or(all.tls_hostname.as_ref()) {
        tls = tls.hostname(name).context("--tls-hostname")?;
    }
    let own_pins = target.map(|target| &target.tls_pins).filter(|pins| !pins.is_empty());
    for pin in own_pins.unwrap_or(&all.tls_pin) {
        tls = tls.pin(pin).context("--tls-pin")?;
    }
    if let (Some(certificate), Some(key)) = (&all.tls_certfile, &all.tls_keyfile) {
        let secret = read_secret(key).with_context(|| format!("--tls-keyfile: {} cannot be read", key.display()))?;
        if secret.readable_by_others {
            terminal.warn(&format!("{}: other users can read this private key: chmod 600", key.display()));
        }
        let both = || format!("--tls-certfile {}, --tls-keyfile {}", certificate.display(), key.display());
        tls = tls.client_certificate(&read(certificate)?, &secret.octets).with_context(both)?;
    }
    if all.tls_without_alpn {
        tls = tls.may_lack_alpn();
    }
    if let Some(port) = all.tls_soa_in_clear {
        tls = tls.soa_in_clear(port);
    }
    tls.build().context("--tls")
}

/// A file of certificates.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
