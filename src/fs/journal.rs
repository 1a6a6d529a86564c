//! The journal: one small file for every probe that may be in a zone, on disk before the record is added.
//!
//! A run that is killed between add and delete leaves its entry; `Sweep` takes back what the entries name. An entry holds
//! everything that the removal needs except secrets: of a key it keeps the name. The run that wrote an entry holds a lock
//! on its file while it lives, so that a sweep beside it does not take its probe for one that was left behind.
//!
//! An entry is the file `probe-<the random label of the owner>.json`, readable by its owner alone: one JSON object, whose
//! fields are those of [`JournalEntry`] and of `schema/journal.schema.json`. Of the names and the RDATA the hexadecimal octets count; the texts beside them are
//! for people. What does not describe a probe to the octet is left where it is, and nothing is deleted on its word.

use crate::probe::JournalEntry;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// No entry of ours is longer, so a larger file is not read.
const MAX_ENTRY: u64 = 64 * 1024;
/// Every entry's file begins and ends with these.
const PREFIX: &str = "probe-";
/// See [`PREFIX`].
const SUFFIX: &str = ".json";

/// Why the journal cannot be used, with the path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The environment does not say where state belongs.
    #[error("there is no home directory to keep the journal in: name a directory for it")]
    NoDirectory,
    /// The system refused.
    #[error("the journal cannot {verb} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in the journal is no entry.
    #[error("{} is not a journal entry that this version reads ({source}): look at it, then move it away", .path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// One entry that is on disk, and locked for as long as this value lives.
#[derive(Debug)]
pub struct Written {
    /// The file.
    path: PathBuf,
    /// What it says.
    entry: JournalEntry,
    /// Holds the lock; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl Written {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says.
    pub fn entry(&self) -> &JournalEntry {
        &self.entry
    }
}

/// What one file of the journal is.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an entry is left, in use, or cannot be read")]
pub enum Found {
    /// The run that wrote it is over: the probe may still be in its zone.
    Leftover(Box<Written>),
    /// The run that wrote it still lives.
    InUse(PathBuf),
    /// It is no entry that this version reads.
    Unreadable(JournalError),
}

/// A directory of entries. Several runs may share it: each has files of its own.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The directory; made when the first entry is written.
    directory: PathBuf,
}

/// Where the journal is unless the caller says otherwise: `dnsconverge/journal` in the user's state directory.
///
/// That is `$XDG_STATE_HOME` or `~/.local/state`; on Windows `%LOCALAPPDATA%`.
///
/// # Errors
/// [`JournalError::NoDirectory`]: the user has no home directory.
pub fn default_journal_directory() -> Result<PathBuf, JournalError> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().map_err(|_| JournalError::NoDirectory)?;
    let state = base.state_dir().unwrap_or_else(|| base.cache_dir());
    Ok(state.join("dnsconverge").join("journal"))
}

impl Journal {
    /// In this directory, which need not exist yet.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Puts an entry on disk, and returns when it would survive a loss of power: file and directory are synchronised.
    ///
    /// # Errors
    /// [`JournalError::Io`]: nothing may be planted then.
    pub fn write(&self, entry: &JournalEntry) -> Result<Written, JournalError> {
        self.write_by(entry, File::write_all)
    }

    /// The same, the text going into the file in this way.
    fn write_by(
        &self,
        entry: &JournalEntry,
        put: impl FnOnce(&mut File, &[u8]) -> io::Result<()>,
    ) -> Result<Written, JournalError> {
        let directory = &self.directory;
        make_directory(directory).map_err(|source| failed("create", directory, source))?;
        let path = directory.join(file_name(&entry.owner));
        let mut text =
            serde_json::to_vec_pretty(entry).map_err(|source| JournalError::Entry { path: path.clone(), source })?;
        text.push(b'\n');
        // A name of 130 random bits is new; should it be there all the same, it is somebody's entry and must stay.
        let mut file = private_file().open(&path).map_err(|source| failed("create", &path, source))?;
        let synced = file.lock().and_then(|()| put(&mut file, &text)).and_then(|()| file.sync_all());
        match synced.and_then(|()| sync_directory(directory)) {
            Ok(()) => Ok(Written { path, entry: entry.clone(), _lock: file }),
            Err(source) => {
                // Half an entry is worth nothing: no probe was planted for it.
                let _ = fs::remove_file(&path);
                Err(failed("write", &path, source))
            }
        }
    }

    /// Takes an entry off the disk, after the probe was seen to be gone. An entry that is gone already is fine.
    ///
    /// # Errors
    /// [`JournalError::Io`]: the entry may still be there; a later sweep finds nothing to remove and removes it.
    pub fn remove(&self, written: &Written) -> Result<(), JournalError> {
        match fs::remove_file(&written.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed("remove", &written.path, source)),
            _ => sync_directory(&self.directory).map_err(|source| failed("synchronise", &self.directory, source)),
        }
    }

    /// What the journal holds, oldest first. No directory: nothing.
    ///
    /// # Errors
    /// [`JournalError::Io`]: the directory cannot be listed. A file that cannot be read is [`Found::Unreadable`].
    pub fn entries(&self) -> Result<Vec<Found>, JournalError> {
        let listing = match fs::read_dir(&self.directory) {
            Ok(listing) => listing,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed("list", &self.directory, source)),
        };
        let mut entries = Vec::new();
        for item in listing {
            let path = item.map_err(|source| failed("list", &self.directory, source))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
                entries.extend(read(path));
            }
        }
        entries.sort_by_key(|found| match found {
            Found::Leftover(written) => written.entry.started_unix,
            Found::InUse(_) | Found::Unreadable(_) => 0,
        });
        Ok(entries)
    }
}

/// What one file is; `None` if it vanished since the directory was listed, because its run ended well.
fn read(path: PathBuf) -> Option<Found> {
    use std::io::Read;
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return None,
        Err(source) => return Some(Found::Unreadable(failed("read", &path, source))),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Some(Found::InUse(path)),
        Err(TryLockError::Error(source)) => return Some(Found::Unreadable(failed("lock", &path, source))),
    }
    let mut text = Vec::new();
    if let Err(source) = (&file).take(MAX_ENTRY).read_to_end(&mut text) {
        return Some(Found::Unreadable(failed("read", &path, source)));
    }
    Some(match serde_json::from_slice::<JournalEntry>(&text) {
        Ok(entry) => Found::Leftover(Box::new(Written { path, entry, _lock: file })),
        Err(source) => Found::Unreadable(JournalError::Entry { path, source }),
    })
}

/// The first label of the owner, of which only letters and digits are taken: no path is built from a name.
fn file_name(owner: &str) -> String {
    let label = owner.split('.').next().unwrap_or_default();
    let safe: String = label.chars().filter(char::is_ascii_alphanumeric).take(63).collect();
    format!("{PREFIX}{safe}{SUFFIX}")
}

/// A new file for its owner alone.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the directory and those above it that are missing, each synchronised into the one above it: an entry in a
/// directory that a loss of power takes away is none.
fn make_directory(directory: &Path) -> io::Result<()> {
    let named = directory.ancestors().filter(|path| !path.as_os_str().is_empty());
    let missing: Vec<&Path> = named.take_while(|path| !path.exists()).collect();
    fs::create_dir_all(directory)?;
    missing.iter().rev().filter_map(|path| path.parent()).try_for_each(|above| {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        sync_directory(above)
    })
}

/// Makes the directory's own entries survive a loss of power; systems other than Unix do that with the file.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// The error of this attempt.
fn failed(verb: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::Io { verb, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::{Found, Journal, JournalError};
    use crate::probe::{JournalEntry, Probe, RANDOM_OCTETS, RunId};
    use crate::wire::WireName;
    use std::fs::File;
    use std::io::{self, Write};

    /// An entry of a run that began then.
    fn entry(seed: u8, started: u64) -> JournalEntry {
        let zone = WireName::from_labels([b"example".as_slice(), b"com"]).unwrap();
        let probe = Probe::new(&zone, &[seed; RANDOM_OCTETS], RunId([seed; 8]), started).unwrap();
        JournalEntry::new(&probe, "192.0.2.1:53".parse().unwrap(), "ns1", Some("update."))
    }

    /// The times of the leftovers, and how many entries are in use and how many unreadable.
    fn found(journal: &Journal) -> (Vec<u64>, usize, usize) {
        journal.entries().unwrap().into_iter().fold((Vec::new(), 0, 0), |(mut left, used, bad), found| match found {
            Found::Leftover(written) => {
                left.push(written.entry().started_unix);
                (left, used, bad)
            }
            Found::InUse(_) => (left, used + 1, bad),
            Found::Unreadable(_) => (left, used, bad + 1),
        })
    }

    #[test]
    fn u14_an_entry_is_a_leftover_once_its_run_is_over_and_until_it_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::at(directory.path().join("not/yet/there"));
        assert_eq!(found(&journal), (vec![], 0, 0));
        let second = journal.write(&entry(2, 2)).unwrap();
        let first = journal.write(&entry(1, 1)).unwrap();
        assert_eq!(found(&journal), (vec![], 2, 0), "the runs live");
        drop((first, second));
        assert_eq!(found(&journal), (vec![1, 2], 0, 0), "the runs were killed");
        for left in journal.entries().unwrap() {
            let Found::Leftover(written) = left else { panic!("{left:?}") };
            journal.remove(&written).unwrap();
        }
        assert_eq!(found(&journal), (vec![], 0, 0));
    }

    #[test]
    fn u14_an_entry_of_another_run_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::at(directory.path());
        drop(journal.write(&entry(1, 1)).unwrap());
        assert!(matches!(journal.write(&entry(1, 2)), Err(JournalError::Io { verb: "create", .. })));
        assert_eq!(found(&journal), (vec![1], 0, 0));
    }

    #[test]
    fn h127_half_an_entry_on_a_full_disk_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::at(directory.path());
        let full = |file: &mut File, text: &[u8]| {
            file.write_all(&text[..text.len() / 2])?;
            assert_eq!(file.metadata()?.len(), u64::try_from(text.len() / 2).unwrap(), "half of it is there");
            Err(io::ErrorKind::StorageFull.into())
        };
        let failed = journal.write_by(&entry(1, 1), full).unwrap_err();
        let JournalError::Io { verb: "write", source, .. } = &failed else { panic!("{failed}") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        assert_eq!((found(&journal), directory.path().read_dir().unwrap().count()), ((vec![], 0, 0), 0));
        drop(journal.write(&entry(1, 1)).unwrap());
        assert_eq!(found(&journal), (vec![1], 0, 0), "its place is free once there is room again");
    }

    #[test]
    fn a_damaged_entry_is_an_error_in_its_place_and_hides_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::at(directory.path());
        drop(journal.write(&entry(1, 1)).unwrap());
        std::fs::write(directory.path().join("probe-b.json"), "{\"zone\": ").unwrap();
        std::fs::write(directory.path().join("unrelated.txt"), "x").unwrap();
        assert_eq!(found(&journal), (vec![1], 0, 1));
        let bad = journal.entries().unwrap().into_iter().find_map(|found| match found {
            Found::Unreadable(error) => Some(error.to_string()),
            _ => None,
        });
        assert!(bad.unwrap().contains("probe-b.json"));
    }

    #[test]
    fn k5_no_path_is_built_from_a_name() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::at(directory.path());
        let mut entry = entry(1, 1);
        entry.owner = "../../escape.".into();
        let written = journal.write(&entry).unwrap();
        assert_eq!(written.path().parent(), Some(directory.path()));
    }

    #[cfg(unix)]
    #[test]
    fn an_entry_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let written = Journal::at(directory.path()).write(&entry(1, 1)).unwrap();
        assert_eq!(std::fs::metadata(written.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
