//! Which key signs what: a key given for one side is never used towards the other.
//!
//! A side is where the command line names a server, and stays that where every server is the source in turn.
//!
//! No error shows what may be a secret, not even a secret that was put in the wrong place.

use crate::args::{CheckArguments, KeyArguments, NetworkArguments, SecretText, Target};
use crate::terminal::Terminal;
use anyhow::{Context, bail};
use dnsconverge::fs::read_key_file;
#[cfg(feature = "tls")]
use dnsconverge::net::Tls;
use dnsconverge::net::{KerberosLogin, Server};
use dnsconverge::present::name_from_text;
use dnsconverge::tsig::{TsigKey, WeakKeys};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The environment variable that holds a key for all servers.
pub(crate) const ENVIRONMENT_KEY: &str = "DNSCONVERGE_TSIG";

/// The keys of one run, read.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// What is for the source.
    source: SideKeys,
    /// What is for the destinations.
    destination: SideKeys,
    /// Who signs updates with Kerberos.
    account: Option<KerberosLogin>,
    /// Who signs questions and transfers with Kerberos.
    query_account: Option<KerberosLogin>,
    /// What is for one server alone, before what is for its side.
    own: HashMap<Target, Own>,
}

/// The keys for the servers of one side.
#[derive(Debug, Default)]
struct SideKeys {
    /// Queries and transfers, and updates unless there is another key for them.
    key: Option<TsigKey>,
    /// Updates.
    update: Option<TsigKey>,
}

/// What is for one server alone.
#[derive(Debug, Default)]
struct Own {
    /// Its key.
    key: Option<TsigKey>,
    /// Its key for updates.
    update: Option<TsigKey>,
    /// How it is reached by TLS, if it is.
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

impl Own {
    /// Reads what is for this server alone.
    ///
    /// # Errors
    /// A file cannot be read, or what was said cannot be used.
    fn read(target: &Target, network: &NetworkArguments, weak: WeakKeys, terminal: &Terminal) -> anyhow::Result<Self> {
        let read =
            |option, file: Option<&OsString>| file.map(|file| from_file(option, file, weak, terminal)).transpose();
        let (key, update) = (read("?key", target.key.as_ref())?, read("?update-key", target.update_key.as_ref())?);
        #[cfg(feature = "tls")]
        let tls = target.is_secured(&network.tls).then(|| crate::tls::towards(Some(target), &network.tls, terminal));
        #[cfg(not(feature = "tls"))]
        let _ = network;
        Ok(Self {
            key,
            update,
            #[cfg(feature = "tls")]
            tls: tls.transpose()?,
        })
    }

    /// The server with its own keys or that of its side, reached as was said of it.
    fn server(&self, target: Target, side: Option<&TsigKey>) -> Server {
        let mut server = with_key(Server::at(target.address), self.key.as_ref().or(side));
        if let Some(key) = &self.update {
            server = server.update_key(key.clone());
        }
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return server.tls(tls.clone());
        }
        server
    }
}

/// One server with what is for it alone; this key unless it has its own.
///
/// # Errors
/// A file cannot be read, or what was said cannot be used.
pub(crate) fn one_server(
    target: &Target,
    network: &NetworkArguments,
    (key, weak): (Option<&TsigKey>, WeakKeys),
    terminal: &Terminal,
) -> anyhow::Result<Server> {
    let target = network.with_port(target);
    Ok(Own::read(&target, network, weak, terminal)?.server(target, key))
}

/// # Reading
impl Keys {
    /// Reads the keys that the command line and the environment name; warns of what others can read.
    ///
    /// # Errors
    /// A key cannot be read; the option is named, a secret is not shown.
    pub(crate) fn read(arguments: &KeyArguments, terminal: &Terminal) -> anyhow::Result<Self> {
        let weak = weak(arguments.allow_weak_keys);
        let all = for_all(arguments.key_file.as_deref(), arguments.key_text.as_ref(), weak, terminal)?;
        let side = |option, text: Option<&OsString>| match text {
            Some(text) => from_file(option, text, weak, terminal).map(Some),
            None => Ok(all.clone()),
        };
        let (source, destination) = (arguments.source_key.as_ref(), arguments.destination_key.as_ref());
        Ok(Self {
            source: SideKeys { key: side("--source-key", source)?, update: None },
            destination: SideKeys { key: side("--destination-key", destination)?, update: None },
            account: None,
            query_account: None,
            own: HashMap::new(),
        })
    }

    /// Reads the keys for updates, where they are others than those for queries and transfers.
    ///
    /// # Errors
    /// A key cannot be read; the option is named, a secret is not shown.
    pub(crate) fn with_updates(mut self, arguments: &CheckArguments, terminal: &Terminal) -> anyhow::Result<Self> {
        let weak = weak(arguments.keys.allow_weak_keys);
        let read = |option, file: Option<&OsString>| for_updates(option, file.map(OsString::as_os_str), weak, terminal);
        self.source.update = read("--source-update-key", arguments.source_update_key.as_ref())?;
        self.destination.update = read("--destination-update-key", arguments.destination_update_key.as_ref())?;
        Ok(self)
    }

    /// Reads what is for these servers alone: their keys, and how they are reached by TLS.
    ///
    /// # Errors
    /// A file cannot be read, or what was said cannot be used.
    pub(crate) fn with_own<'t>(
        mut self,
        targets: impl Iterator<Item = &'t Target>,
        (arguments, network): (&KeyArguments, &NetworkArguments),
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        for target in targets.map(|target| network.with_port(target)) {
            let own = Own::read(&target, network, weak(arguments.allow_weak_keys), terminal)?;
            self.own.insert(target, own);
        }
        Ok(self)
    }
}

/// # Giving out
impl Keys {
    /// Signs updates with Kerberos, if there is an account.
    pub(crate) fn with_account(self, account: Option<KerberosLogin>) -> Self {
        Self { account, ..self }
    }

    /// Signs questions and transfers with Kerberos, if there is an account.
    pub(crate) fn with_query_account(self, query_account: Option<KerberosLogin>) -> Self {
        Self { query_account, ..self }
    }

    /// The source with the keys that are for it.
    pub(crate) fn source(&self, target: Target) -> Server {
        self.server(target, &self.source)
    }

    /// A destination with the key that is for it.
    pub(crate) fn destination(&self, target: Target) -> Server {
        self.server(target, &self.destination)
    }

    /// A server of a check with the keys of the side on which it is named, whichever way the check goes.
    pub(crate) fn of_check(&self, target: &Target, arguments: &CheckArguments) -> Server {
        self.server(arguments.network.with_port(target), self.side(target, arguments))
    }

    /// The keys of the side on which the server is named.
    fn side(&self, target: &Target, arguments: &CheckArguments) -> &SideKeys {
        if *target == arguments.subject.source { &self.source } else { &self.destination }
    }

    /// A server of another zone, for which no side's key is.
    pub(crate) fn other(&self, target: Target) -> Server {
        self.reached(target, None)
    }

    /// A server with its own keys, or those of its side, reached as was said of it.
    fn server(&self, target: Target, side: &SideKeys) -> Server {
        let has_own = self.own.get(&target).is_some_and(|own| own.update.is_some());
        let mut server = self.reached(target, side.key.as_ref());
        if let Some(key) = side.update.as_ref().filter(|_| !has_own) {
            server = server.update_key(key.clone());
        }
        let server = self.account.iter().cloned().fold(server, Server::account);
        self.query_account.iter().cloned().fold(server, Server::query_account)
    }

    /// A server with its own key, or this one, reached as was said of it.
    fn reached(&self, target: Target, key: Option<&TsigKey>) -> Server {
        match self.own.get(&target) {
            Some(own) => own.server(target, key),
            None => with_key(Server::at(target.address), key),
        }
    }

    /// Whether an update to this server would be signed.
    pub(crate) fn sign_updates(&self, target: &Target, arguments: &CheckArguments) -> bool {
        let own = self.own.get(&arguments.network.with_port(target));
        let side = self.side(target, arguments);
        own.is_some_and(|own| own.key.is_some() || own.update.is_some())
            || side.key.is_some()
            || side.update.is_some()
            || self.account.is_some()
    }
}

/// The key of `-k`, of `-y`, or of the environment, in this order.
///
/// # Errors
/// It cannot be read; no secret is shown.
pub(crate) fn for_all(
    file: Option<&OsStr>,
    text: Option<&SecretText>,
    weak: WeakKeys,
    terminal: &Terminal,
) -> anyhow::Result<Option<TsigKey>> {
    if let Some(file) = file {
        return from_file("-k", file, weak, terminal).map(Some);
    }
    if let Some(text) = text {
        terminal.warn(&format!(
            "-y: every user of this machine can read the secret in the process list; -k or {ENVIRONMENT_KEY} hide it"
        ));
        return from_text("-y", text, weak).map(Some);
    }
    #[allow(clippy::disallowed_methods, reason = "this is the program, and the one variable of its own that it reads")]
    let environment = std::env::var_os(ENVIRONMENT_KEY).filter(|text| !text.is_empty());
    environment.map(|text| from_text(ENVIRONMENT_KEY, &SecretText::new(text), weak)).transpose()
}

/// The key of an option that names one for updates.
///
/// # Errors
/// It cannot be read; no secret is shown.
pub(crate) fn for_updates(
    option: &str,
    file: Option<&OsStr>,
    weak: WeakKeys,
    terminal: &Terminal,
) -> anyhow::Result<Option<TsigKey>> {
    file.map(|file| from_file(option, file, weak, terminal)).transpose()
}

/// The server with this key, if there is one.
pub(crate) fn with_key(server: Server, key: Option<&TsigKey>) -> Server {
    match key {
        Some(key) => server.key(key.clone()),
        None => server,
    }
}

/// What the flag says.
pub(crate) fn weak(allowed: bool) -> WeakKeys {
    if allowed { WeakKeys::Allow } else { WeakKeys::Refuse }
}

/// A key in clear.
fn from_text(origin: &str, text: &SecretText, weak: WeakKeys) -> anyhow::Result<TsigKey> {
    let Some(text) = text.reveal().to_str() else { bail!("{origin}: the key is not text: write [hmac:]name:secret") };
    TsigKey::parse_allowing(text, weak)
        .with_context(|| format!("{origin}: the key cannot be used (form: [hmac:]name:secret)"))
}

/// A key of a file.
fn from_file(option: &str, text: &OsStr, weak: WeakKeys, terminal: &Terminal) -> anyhow::Result<TsigKey> {
    let (path, name) = split(text);
    if !path.exists() && looks_like_a_key(text) {
        bail!(
            "{option} takes the name of a key file, not the key itself: put the key into a file, or use {ENVIRONMENT_KEY}"
        );
    }
    let wanted = name.map(|name| name_from_text(&name).with_context(|| format!("{option}: the name behind the colon")));
    let wanted = wanted.transpose()?.map(|name| name.to_name());
    let file = read_key_file(&path, wanted.as_ref(), weak).with_context(|| option.to_owned())?;
    if file.key.algorithm().is_weak() {
        terminal.warn(&format!("{}: {} rests on a broken hash: make a new key", path.display(), file.key.algorithm()));
    }
    if file.readable_by_others {
        terminal.warn(&format!("{}: other users can read this key file: chmod 600", path.display()));
    }
    Ok(file.key)
}

/// `FILE[:NAME]`; a colon after one letter is a drive of Windows.
fn split(text: &OsStr) -> (PathBuf, Option<String>) {
    let whole = || (PathBuf::from(text), None);
    if Path::new(text).exists() {
        return whole();
    }
    let Some((path, name)) = text.to_str().and_then(|text| text.rsplit_once(':')) else { return whole() };
    let drive = path.len() == 1 && path.chars().all(|c| c.is_ascii_alphabetic());
    if drive || path.is_empty() || name.contains(['/', '\\']) {
        return whole();
    }
    (PathBuf::from(path), Some(name.to_owned()))
}

/// Whether somebody wrote a key where the name of a file belongs.
pub(crate) fn looks_like_a_key(text: &OsStr) -> bool {
    let Some(text) = text.to_str() else { return false };
    let base64 = |part: &str| {
        (part.len() >= 16 || part.ends_with('='))
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
    };
    text.rsplit_once(':').is_some_and(|(front, last)| front.to_ascii_lowercase().starts_with("hmac-") || base64(last))
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_key, split};
    use std::ffi::OsStr;
    use std::path::PathBuf;

    #[test]
    fn a_key_file_may_name_its_key() {
        let split = |text: &str| split(OsStr::new(text));
        let named = |path: &str, name: &str| (PathBuf::from(path), Some(name.to_owned()));
        let plain = |path: &str| (PathBuf::from(path), None);
        assert_eq!(split("update.key"), plain("update.key"));
        assert_eq!(split("keys/update.key:probe."), named("keys/update.key", "probe."));
        assert_eq!(split(r"C:\keys\update.key"), plain(r"C:\keys\update.key"));
        assert_eq!(split(r"C:\keys\update.key:probe"), named(r"C:\keys\update.key", "probe"));
        assert_eq!(split("C:/keys/update.key"), plain("C:/keys/update.key"));
        assert_eq!(split("C:update.key"), plain("C:update.key"));
        assert_eq!(split("./k:probe"), named("./k", "probe"));
    }

    #[test]
    fn l4_a_key_in_the_place_of_a_file_is_recognised() {
        assert!(looks_like_a_key(OsStr::new("hmac-sha256:k:c2hvcnQ=")));
        assert!(looks_like_a_key(OsStr::new("k:bm90LWEtc2VjcmV0LWF0LWFsbA==")));
        assert!(looks_like_a_key(OsStr::new("k:ab/cd==")));
        assert!(!looks_like_a_key(OsStr::new("update.key:probe")));
    }
}
