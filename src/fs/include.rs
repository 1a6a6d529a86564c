//! Which files `$INCLUDE` may open: those below one directory, once all symbolic links have been followed.
//!
//! Who writes a zone file names files with the rights of who compares it, and an error shows a part of a line. So nothing
//! outside of that directory is opened, and nothing that is no regular file. Depth, number and loops are bounded by the
//! reader, which knows a file again by its resolved path.

use super::look::Look;
use crate::zonefile::{Include, Included};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What was looked at when it was opened, to be looked at again.
pub(super) type Looks = Arc<Mutex<Vec<(PathBuf, Look)>>>;

/// Opens what lies below one directory.
pub(super) struct Below {
    /// The directory, resolved; relative names begin there. `None` allows nothing.
    directory: Option<PathBuf>,
    /// Every file that was opened.
    looks: Looks,
}

impl Below {
    /// Below this directory, which is resolved already; everything that is opened is noted in `looks`.
    pub(super) fn new(directory: Option<PathBuf>, looks: Looks) -> Self {
        Self { directory, looks }
    }
}

impl Include for Below {
    fn open(&mut self, path: &[u8], _from: &str) -> Result<Included, String> {
        let written = std::str::from_utf8(path).map_err(|_| "the name of the file is not UTF-8".to_owned())?;
        let Some(directory) = &self.directory else {
            return Err(format!("{written}: $INCLUDE is off here; --include-dir names the directory that it may read"));
        };
        let failed = |error: std::io::Error| format!("{written}: {error}");
        // An absolute path replaces the directory, and is held to it all the same.
        let resolved = directory.join(written).canonicalize().map_err(failed)?;
        if !resolved.starts_with(directory) {
            return Err(format!(
                "{written}: it is not below {}, the directory that $INCLUDE may read; --include-dir names another",
                directory.display()
            ));
        }
        if !resolved.metadata().map_err(failed)?.is_file() {
            return Err(format!("{written}: it is not a regular file"));
        }
        let file = File::open(&resolved).map_err(failed)?;
        let look = Look::of(&file.metadata().map_err(failed)?);
        let name = shown(&resolved, directory);
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).push((resolved, look));
        Ok(Included { name, source: Box::new(file) })
    }
}

/// As messages call it: below the directory, the way there does not matter.
fn shown(resolved: &Path, directory: &Path) -> String {
    resolved.strip_prefix(directory).unwrap_or(resolved).display().to_string()
}
