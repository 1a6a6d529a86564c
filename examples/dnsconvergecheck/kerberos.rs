//! From the command line and the environment to an account: who logs in, with what, and where.
//!
//! The environment is the program's to read: `KRB5CCNAME` and `KRB5_CONFIG`, as every program with Kerberos has them.

use crate::args::KerberosArguments;
use crate::terminal::Terminal;
use anyhow::{Context, bail};
use dnsconverge::fs::{Kept, read_credential_cache, read_keytab, read_krb5_config, read_password, system_resolvers};
use dnsconverge::gss::Account;
use dnsconverge::kerberos::{Config, Principal};
use dnsconverge::net::KerberosLogin;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where `krb5.conf` is unless the environment says otherwise.
const DEFAULT_CONFIG: &str = "/etc/krb5.conf";

/// The account for `-g`; none without it.
///
/// # Errors
/// A file cannot be read, or it is not clear who logs in; the option is named, a secret is not shown.
pub(crate) fn account(arguments: &KerberosArguments, terminal: &Terminal) -> anyhow::Result<Option<KerberosLogin>> {
    if !arguments.gss {
        return Ok(None);
    }
    let mut config = configuration()?;
    config.resolvers = system_resolvers();
    if let Some(realm) = &arguments.realm {
        config.default_realm = Some(realm.clone());
    }
    let account = log_in(arguments, &config, terminal)?;
    for kdc in &arguments.kdc {
        config.add_kdc(account.principal().realm(), kdc);
    }
    let account = account.config(config);
    Ok(Some(if arguments.allow_rc4 { account.allow_rc4() } else { account }.into()))
}

/// Who, and with what.
fn log_in(arguments: &KerberosArguments, config: &Config, terminal: &Terminal) -> anyhow::Result<Account> {
    let named = arguments.principal.as_deref();
    let named = named.map(|text| Principal::parse(text, config.default_realm.as_deref()).context("--principal"));
    let named = named.transpose()?;
    if let Some(path) = &arguments.keytab {
        let keytab = kept(read_keytab(path).context("--keytab")?, path, terminal);
        let Some(principal) = named.or_else(|| keytab.first().cloned()) else { bail!("--keytab: it names nobody") };
        return Ok(Account::with_keytab(principal, keytab));
    }
    if let (Some(path), Some(principal)) = (&arguments.password_file, &named) {
        let password = kept(read_password(path).context("--password-file")?, path, terminal);
        return Ok(Account::with_password(principal.clone(), password));
    }
    match (named, &arguments.ccache) {
        (Some(principal), None) => {
            let password = rpassword::prompt_password(format!("Password for {principal}: "));
            let password = password.context("there is no terminal to ask for the password on: use --password-file")?;
            Ok(Account::with_password(principal, Zeroizing::new(password)))
        }
        (named, path) => {
            let path = path.as_ref().map_or_else(|| default_cache(config), |path| file_of(&path.to_string_lossy()))?;
            let cache = read_credential_cache(&path).context("no tickets: log in with kinit, or name --principal")?;
            let account = Account::with_cache(kept(cache, &path, terminal));
            match named.filter(|named| named != account.principal()) {
                Some(named) => bail!("{} holds tickets of {}, not of {named}", path.display(), account.principal()),
                None => Ok(account),
            }
        }
    }
}

/// What a file held; warns if others can read it.
fn kept<T>(kept: Kept<T>, path: &Path, terminal: &Terminal) -> T {
    if kept.readable_by_others {
        terminal.warn(&format!("{}: other users can read what proves who you are: chmod 600", path.display()));
    }
    kept.value
}

/// The files that `KRB5_CONFIG` names, or the usual one if there is one.
fn configuration() -> anyhow::Result<Config> {
    match variable("KRB5_CONFIG") {
        Some(list) => {
            let files = std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty());
            read_krb5_config(files).context("KRB5_CONFIG")
        }
        None if Path::new(DEFAULT_CONFIG).exists() => Ok(read_krb5_config([DEFAULT_CONFIG])?),
        None => Ok(Config::new()),
    }
}

/// The cache that `KRB5CCNAME`, the configuration or custom names, in this order.
fn default_cache(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(name) = variable("KRB5CCNAME") {
        return file_of(&name.to_string_lossy()).context("KRB5CCNAME");
    }
    let template = config.default_ccache_name.as_deref().unwrap_or("FILE:/tmp/krb5cc_%{uid}");
    let Some(user) = user_id() else { bail!("where the tickets are is not known here: name --ccache FILE") };
    file_of(&template.replace("%{uid}", &user).replace("%{TEMP}", "/tmp"))
}

/// The file of a cache's name; other kinds of caches are not files.
fn file_of(name: &str) -> anyhow::Result<PathBuf> {
    match name.split_once(':') {
        Some(("FILE", path)) => Ok(path.into()),
        Some((kind, _)) if kind.len() > 1 && kind.chars().all(|c| c.is_ascii_uppercase()) => {
            bail!(
                "the tickets are in a cache of kind {kind}, and only files are read: kinit -c FILE:/tmp/tickets, then --ccache"
            )
        }
        _ => Ok(name.into()),
    }
}

/// A variable of the environment, if it says anything.
#[allow(clippy::disallowed_methods, reason = "this is the program, and these two are Kerberos' own")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The number of the user, where the system shows it.
#[cfg(unix)]
fn user_id() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|process| process.uid().to_string())
}

/// There are no numbers here.
#[cfg(not(unix))]
fn user_id() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::file_of;
    use std::path::PathBuf;

    #[test]
    fn a_cache_is_a_file_or_refused_by_its_kind() {
        assert_eq!(file_of("FILE:/tmp/krb5cc_0").unwrap(), PathBuf::from("/tmp/krb5cc_0"));
        assert_eq!(file_of("/tmp/krb5cc_0").unwrap(), PathBuf::from("/tmp/krb5cc_0"));
        assert_eq!(file_of(r"C:\tickets").unwrap(), PathBuf::from(r"C:\tickets"));
        assert!(file_of("KEYRING:persistent:0").unwrap_err().to_string().contains("KEYRING"));
    }
}
