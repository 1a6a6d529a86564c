//! Runs on disk: files without a name, so that nothing of them is left however the process ends.
//!
//! A file is made in a directory and loses its name before anything is written into it; the system gives its space back
//! when it is closed, by us or because the process was killed. Where a system cannot do that (Windows), it removes the
//! file when it is closed; only a loss of power can leave one there, with a name that begins with `.tmp`, and what it holds
//! may be deleted by anybody who may. Files are for their owner alone.

use crate::diff::{RunError, RunStore};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A directory in which runs are kept while this value lives.
#[derive(Debug)]
pub struct TemporaryRuns {
    /// The directory, which must exist.
    directory: PathBuf,
    /// The file of each run.
    files: Mutex<BTreeMap<u32, File>>,
}

/// Where runs are kept unless the caller says otherwise: what the system names for temporary files (`TMPDIR`; `TEMP` on
/// Windows), but `/var/tmp` in place of `/tmp`, which on many systems is kept in memory.
pub fn default_run_directory() -> PathBuf {
    let named = std::env::temp_dir();
    let on_disk = Path::new("/var/tmp");
    if named == Path::new("/tmp") && on_disk.is_dir() { on_disk.to_owned() } else { named }
}

impl TemporaryRuns {
    /// In this directory. Nothing is looked at or made before the first run is written.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), files: Mutex::default() }
    }

    /// Does something with the file of a run, which is made if it is new and `make` says so.
    fn with_file<T>(&self, run: u32, make: bool, act: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        // A panic elsewhere leaves the map as it is: whole.
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if make && !files.contains_key(&run) {
            files.insert(run, tempfile::tempfile_in(&self.directory)?);
        }
        act(files.get_mut(&run).ok_or(io::ErrorKind::NotFound)?)
    }

    /// The error of this attempt.
    fn failed(&self, doing: &'static str, source: io::Error) -> RunError {
        let place =
            format!("{} (--memory allows more memory, TMPDIR names another directory)", self.directory.display());
        RunError { doing, place, source }
    }
}

impl RunStore for TemporaryRuns {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        let appended = self.with_file(run, true, |file| {
            file.seek(SeekFrom::End(0))?;
            file.write_all(octets)
        });
        appended.map_err(|source| self.failed("written to", source))
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        let read = self.with_file(run, false, |file| {
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(into)
        });
        read.map_err(|source| self.failed("read from", source))
    }

    fn remove(&self, run: u32) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
    }
}

#[cfg(test)]
mod tests {
    use super::{TemporaryRuns, default_run_directory};
    use crate::diff::RunStore;

    #[test]
    fn l1_runs_are_read_back_and_leave_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let names = || std::fs::read_dir(directory.path()).unwrap().count();
        let runs = TemporaryRuns::in_directory(directory.path());
        runs.append(1, b"one ").unwrap();
        runs.append(2, b"two").unwrap();
        runs.append(1, b"and more").unwrap();
        let mut octets = [0; 8];
        runs.read(1, 4, &mut octets).unwrap();
        assert_eq!(&octets, b"and more");
        runs.read(1, 0, &mut octets[..3]).unwrap();
        runs.append(1, b"!").unwrap();
        runs.read(1, 5, &mut octets).unwrap();
        assert_eq!(&octets, b"nd more!");
        if cfg!(unix) {
            assert_eq!(names(), 0, "no file has a name, whatever ends the process");
        }
        runs.remove(1);
        assert!(runs.read(1, 0, &mut octets).is_err());
        drop(runs);
        assert_eq!(names(), 0);
    }

    #[test]
    fn l1_an_error_names_the_directory_and_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let runs = TemporaryRuns::in_directory(directory.path().join("missing"));
        let error = runs.append(1, b"x").unwrap_err().to_string();
        for part in ["missing", "--memory", "TMPDIR", "written to"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_default_is_a_directory() {
        assert!(default_run_directory().is_dir());
    }
}
