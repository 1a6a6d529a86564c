//! What Kerberos keeps in files: keytabs, credential caches, passwords and `krb5.conf`. Contents are read by
//! [`kerberos`](crate::kerberos).

use super::keyfile::{MAX_SECRET_FILE, Secret, read_secret};
use crate::kerberos::{CacheError, Config, CredentialCache, Include, Keytab, KeytabError};
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How many files a configuration may include, those of included ones counted.
const MAX_INCLUDES: usize = 64;

/// Why a file of Kerberos gave nothing. No secret is shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KerberosFileProblem {
    /// The system refused to read it.
    #[error("{} cannot be read: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is too long to be one.
    #[error("{} has more than 1 MiB: it is something else", .0.display())]
    TooLong(PathBuf),
    /// It is no keytab.
    #[error("{}: {source}", .path.display())]
    Keytab {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeytabError,
    },
    /// It is no credential cache.
    #[error("{}: {source}", .path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: CacheError,
    },
    /// It holds no password.
    #[error("{} holds no password: its first line is empty or not text", .0.display())]
    NoPassword(PathBuf),
    /// It is no text.
    #[error("{} is not text", .0.display())]
    NotText(PathBuf),
}

/// What a file held, and whether the file keeps the secret.
#[derive(Debug)]
pub struct Kept<T> {
    /// What it held.
    pub value: T,
    /// Whether the file's mode lets others than its owner read it; always false where there are no modes.
    pub readable_by_others: bool,
}

/// All octets of a file, wiped afterwards.
fn read(path: &Path) -> Result<Kept<Zeroizing<Vec<u8>>>, KerberosFileProblem> {
    let failed = |source| KerberosFileProblem::Io { path: path.to_owned(), source };
    let Secret { octets: value, readable_by_others } = read_secret(path).map_err(failed)?;
    if value.len() >= MAX_SECRET_FILE {
        return Err(KerberosFileProblem::TooLong(path.to_owned()));
    }
    Ok(Kept { value, readable_by_others })
}

/// Reads a keytab.
///
/// # Errors
/// [`KerberosFileProblem`], with the path.
pub fn read_keytab(path: &Path) -> Result<Kept<Keytab>, KerberosFileProblem> {
    let Kept { value, readable_by_others } = read(path)?;
    let failed = |source| KerberosFileProblem::Keytab { path: path.to_owned(), source };
    Ok(Kept { value: Keytab::read(&value).map_err(failed)?, readable_by_others })
}

/// Reads a credential cache.
///
/// # Errors
/// [`KerberosFileProblem`], with the path.
pub fn read_credential_cache(path: &Path) -> Result<Kept<CredentialCache>, KerberosFileProblem> {
    let Kept { value, readable_by_others } = read(path)?;
    let failed = |source| KerberosFileProblem::Cache { path: path.to_owned(), source };
    Ok(Kept { value: CredentialCache::read(&value).map_err(failed)?, readable_by_others })
}

/// Reads a password: the first line of a file.
///
/// # Errors
/// [`KerberosFileProblem`], with the path.
pub fn read_password(path: &Path) -> Result<Kept<Zeroizing<String>>, KerberosFileProblem> {
    let Kept { value, readable_by_others } = read(path)?;
    let line = value.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).ok().filter(|line| !line.is_empty());
    let text = text.ok_or_else(|| KerberosFileProblem::NoPassword(path.to_owned()))?;
    Ok(Kept { value: Zeroizing::new(text.to_owned()), readable_by_others })
}

/// Reads `krb5.conf` files with what they include; what the first ones say counts more. Included files that cannot be read
/// are passed over, as Kerberos itself does.
///
/// # Errors
/// [`KerberosFileProblem`]: one of `paths` cannot be read.
pub fn read_krb5_config<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Config, KerberosFileProblem> {
    let mut config = Config::new();
    let mut left = MAX_INCLUDES;
    for path in paths {
        let path = path.as_ref();
        let octets = read(path)?.value;
        let text = std::str::from_utf8(&octets).map_err(|_| KerberosFileProblem::NotText(path.to_owned()))?;
        let mut includes = config.read(text);
        while let Some(include) = includes.pop() {
            for file in files(include) {
                if left == 0 {
                    return Ok(config);
                }
                left -= 1;
                let Ok(Kept { value, .. }) = read(&file) else { continue };
                includes.extend(std::str::from_utf8(&value).map(|text| config.read(text)).unwrap_or_default());
            }
        }
    }
    Ok(config)
}

/// The files behind an include, in their order. Of a directory those count whose names are letters, digits, `-` and `_`,
/// or end with `.conf`.
fn files(include: Include) -> Vec<PathBuf> {
    let directory = match include {
        Include::File(path) => return vec![path.into()],
        Include::Directory(path) => path,
    };
    let counts = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            let is_conf = name.strip_suffix(".conf").is_some_and(|stem| !stem.is_empty());
            plain || (is_conf && !name.starts_with('.'))
        })
    };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(counts).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::{KerberosFileProblem, read_credential_cache, read_keytab, read_krb5_config, read_password};

    #[test]
    fn a_configuration_is_read_with_what_it_includes_and_its_own_word_counts_more() {
        let home = tempfile::tempdir().unwrap();
        let (main, more) = (home.path().join("krb5.conf"), home.path().join("more"));
        std::fs::create_dir(&more).unwrap();
        std::fs::write(more.join("realms.conf"), "[realms]\nCORP.TEST = {\n kdc = dc1.corp.test\n}\n").unwrap();
        std::fs::write(more.join("left~out"), "[libdefaults]\ndefault_realm = WRONG\n").unwrap();
        std::fs::write(more.join("zz"), "[libdefaults]\ndefault_realm = LATER\n").unwrap();
        let text =
            format!("includedir {}\ninclude /nowhere\n[libdefaults]\n default_realm = CORP.TEST\n", more.display());
        std::fs::write(&main, text).unwrap();
        let config = read_krb5_config([&main]).unwrap();
        assert_eq!(config.default_realm.as_deref(), Some("CORP.TEST"));
        assert_eq!(config.kdcs("CORP.TEST"), ["dc1.corp.test"]);
        assert!(matches!(read_krb5_config([home.path().join("none")]), Err(KerberosFileProblem::Io { .. })));
    }

    #[test]
    fn l4_a_password_is_the_first_line_and_an_error_shows_nothing_of_a_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        std::fs::write(&path, "Passw0rd with space \r\nsecond").unwrap();
        assert_eq!(*read_password(&path).unwrap().value, "Passw0rd with space ");
        let errors =
            [read_keytab(&path).unwrap_err().to_string(), read_credential_cache(&path).unwrap_err().to_string()];
        assert!(errors.iter().all(|error| error.contains("file") && !error.contains("Passw0rd")), "{errors:?}");
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(read_password(&path), Err(KerberosFileProblem::NoPassword(_))));
    }

    #[cfg(unix)]
    #[test]
    fn l4_a_file_that_others_can_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("password");
        std::fs::write(&path, "secret").unwrap();
        for (mode, told) in [(0o600, false), (0o644, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_password(&path).unwrap().readable_by_others, told, "{mode:o}");
        }
    }
}
