//! Key files from the disk; what stands in them is read by `tsig`.

use crate::tsig::{self, KeyFileError, TsigKey, WeakKeys};
use hickory_proto::rr::Name;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No file of a key is longer; something else was named by mistake.
pub(super) const MAX_SECRET_FILE: usize = 1024 * 1024;

/// Why a key file gave no key. Nothing of its content is shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileProblem {
    /// The system refused to read it.
    #[error("the key file {} cannot be read: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is too long to be one, or not text.
    #[error("{} is not a key file: it is not text of less than 1 MiB", .0.display())]
    NotText(PathBuf),
    /// What stands in it is not a key, or not the one wanted.
    #[error("the key file {}: {source}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        source: KeyFileError,
    },
}

/// A key, and whether its file keeps the secret.
#[derive(Debug)]
pub struct KeyFile {
    /// The key.
    pub key: TsigKey,
    /// Whether the file's mode lets others than its owner read it; always false where there are no modes.
    pub readable_by_others: bool,
}

/// Reads the only key of a file, or the one of that name; keys with a broken hash only if they are allowed.
///
/// # Errors
/// [`KeyFileProblem`], with the path, and with line and column where the content is at fault.
pub fn read_key_file(path: &Path, wanted: Option<&Name>, weak: WeakKeys) -> Result<KeyFile, KeyFileProblem> {
    let failed = |source| KeyFileProblem::Io { path: path.to_owned(), source };
    let Secret { octets, readable_by_others } = read_secret(path).map_err(failed)?;
    let text = std::str::from_utf8(&octets).ok().filter(|text| text.len() < MAX_SECRET_FILE);
    let text = text.ok_or_else(|| KeyFileProblem::NotText(path.to_owned()))?;
    let mut file = tsig::KeyFile::new(text).weak(weak);
    // The name of a key is a part of the name of its K*.private file.
    if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
        file = file.named(name);
    }
    let key = file.key(wanted).map_err(|source| KeyFileProblem::Content { path: path.to_owned(), source })?;
    Ok(KeyFile { key, readable_by_others })
}

/// The octets of a file that should be read by its owner alone: a TSIG key, the private key of a certificate.
pub struct Secret {
    /// What stands in it, at most 1 MiB; wiped when it is dropped.
    pub octets: Zeroizing<Vec<u8>>,
    /// Whether the file's mode lets others than its owner read it; always false where there are no modes.
    pub readable_by_others: bool,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("readable_by_others", &self.readable_by_others).finish_non_exhaustive()
    }
}

/// Reads a file that holds a secret.
///
/// # Errors
/// The system's.
pub fn read_secret(path: &Path) -> io::Result<Secret> {
    let file = File::open(path)?;
    let readable_by_others = others_can_read(&file.metadata()?);
    // All the room at once: a buffer that grows leaves copies behind that nobody wipes.
    let mut octets = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE));
    file.take(MAX_SECRET_FILE as u64).read_to_end(&mut octets)?;
    Ok(Secret { octets, readable_by_others })
}

/// Whether the mode lets the group or everybody read.
#[cfg(unix)]
fn others_can_read(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o044 != 0
}

/// There are no modes here.
#[cfg(not(unix))]
fn others_can_read(_: &std::fs::Metadata) -> bool {
    false
}
