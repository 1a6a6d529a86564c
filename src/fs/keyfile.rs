//! Key files from the disk; what stands in them is read by `tsig`.

use crate::tsig::{KeyFileError, TsigKey};
use hickory_proto::rr::Name;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No key file is longer; something else was named by mistake.
const MAX_KEY_FILE: u64 = 1024 * 1024;

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

/// Reads the only key of a file, or the one of that name.
///
/// # Errors
/// [`KeyFileProblem`], with the path, and with line and column where the content is at fault.
pub fn read_key_file(path: &Path, wanted: Option<&Name>) -> Result<KeyFile, KeyFileProblem> {
    let failed = |source| KeyFileProblem::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let readable_by_others = others_can_read(&file.metadata().map_err(failed)?);
    let mut octets = Zeroizing::new(Vec::new());
    file.take(MAX_KEY_FILE).read_to_end(&mut octets).map_err(failed)?;
    let text = std::str::from_utf8(&octets).ok().filter(|text| (text.len() as u64) < MAX_KEY_FILE);
    let text = text.ok_or_else(|| KeyFileProblem::NotText(path.to_owned()))?;
    let key =
        TsigKey::key_file(text, wanted).map_err(|source| KeyFileProblem::Content { path: path.to_owned(), source })?;
    Ok(KeyFile { key, readable_by_others })
}

/// Whether the mode lets the group or everybody read.
#[cfg(unix)]
pub(super) fn others_can_read(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o044 != 0
}

/// There are no modes here.
#[cfg(not(unix))]
pub(super) fn others_can_read(_: &std::fs::Metadata) -> bool {
    false
}
