//! Zone files from the disk or standard input; what stands in them is read by `zonefile`.

use super::include::{Below, Looks};
use super::look::Look;
use super::spool::Spool;
use crate::canonical::{CanonicalRecord, Form};
use crate::wire::WireName;
use crate::zonefile::{Dialect, Options, Reader, ZoneFileError};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Standard input is not kept beyond this: the most octets that a transfer may have by default, too.
const MAX_SPOOL: u64 = crate::xfr::Limits::OCTETS;

/// A zone file: where it is and how it is to be read. Clones share what standard input gave.
#[derive(Debug, Clone)]
pub struct ZoneFile {
    /// Where it is.
    place: Place,
    /// See [`ZoneFile::dialect`].
    dialect: Dialect,
    /// See [`ZoneFile::include_directory`].
    include_directory: Option<PathBuf>,
}

/// Where a zone file is.
#[derive(Debug, Clone)]
enum Place {
    /// On the disk.
    Path(PathBuf),
    /// On standard input, and once it was read, here.
    StandardInput(Arc<Mutex<Option<Spool>>>),
}

/// Why a zone file gave no zone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneFileProblem {
    /// The system refused to read it.
    #[error("the zone file {file} cannot be read: {source}")]
    Io {
        /// The file, for people.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is a directory.
    #[error("{0} is a directory: name the zone file in it")]
    Directory(String),
    /// It is a pipe, a socket or a device.
    #[error("{0} is not a regular file: write - and hand it in as standard input")]
    NotRegular(String),
    /// There is nothing in it.
    #[error("the zone file {0} is empty")]
    Empty(String),
    /// The directory for `$INCLUDE` is none.
    #[error("the directory {} for $INCLUDE cannot be used: {source}", .directory.display())]
    IncludeDirectory {
        /// The directory.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What stands in it breaks a rule.
    #[error(transparent)]
    Content(#[from] ZoneFileError),
}

/// # What it is
impl ZoneFile {
    /// The file of this name; `$INCLUDE` may open files below its directory.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::of(Place::Path(path.into()))
    }

    /// What standard input gives, kept in a file without a name so that it can be read again; `$INCLUDE` is off.
    pub fn standard_input() -> Self {
        Self::of(Place::StandardInput(Arc::default()))
    }

    /// The same of any place.
    fn of(place: Place) -> Self {
        Self { place, dialect: Dialect::Automatic, include_directory: None }
    }

    /// Which program wrote it; [`Dialect::Automatic`] by default.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The directory below which `$INCLUDE` may open files, and where relative names begin. Default: that of the file.
    #[must_use]
    pub fn include_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.include_directory = Some(directory.into());
        self
    }

    /// As a person calls it.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Path(path) => path.display().to_string(),
            Place::StandardInput(_) => "-".to_owned(),
        }
    }

    /// Whether it is standard input.
    pub fn is_standard_input(&self) -> bool {
        matches!(self.place, Place::StandardInput(_))
    }

    /// Whether both are one file, whatever its names.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match (&self.place, &other.place) {
            (Place::Path(one), Place::Path(other)) => resolved(one) == resolved(other),
            (Place::StandardInput(_), Place::StandardInput(_)) => true,
            _ => false,
        }
    }
}

/// # Reading
impl ZoneFile {
    /// Opens it as the file of that zone. Blocks; standard input is read to its end the first time.
    ///
    /// # Errors
    /// Every [`ZoneFileProblem`] but one of the content, which comes when records are read.
    pub fn open(&self, zone: &WireName, form: Form) -> Result<OpenZoneFile, ZoneFileProblem> {
        let name = self.name();
        let failed = |source| ZoneFileProblem::Io { file: name.clone(), source };
        let looks = Looks::default();
        let (source, base): (Box<dyn Read + Send>, Option<PathBuf>) = match &self.place {
            Place::Path(path) => {
                let file = open_regular(path, &name)?;
                let look = Look::of(&file.metadata().map_err(failed)?);
                looks.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), look));
                let resolved = path.canonicalize().map_err(failed)?;
                (Box::new(file), resolved.parent().map(Path::to_owned))
            }
            Place::StandardInput(spool) => {
                let spool = kept(spool).map_err(failed)?;
                if spool.octets().map_err(failed)? == 0 {
                    return Err(ZoneFileProblem::Empty("on standard input".to_owned()));
                }
                (Box::new(spool.reader()), None)
            }
        };
        let base = match &self.include_directory {
            Some(directory) => {
                let failed = |source| ZoneFileProblem::IncludeDirectory { directory: directory.clone(), source };
                Some(directory.canonicalize().map_err(failed)?)
            }
            None => base,
        };
        let include = Below::new(base, Arc::clone(&looks));
        let options = Options::default().dialect(self.dialect).form(form);
        Ok(OpenZoneFile { reader: Reader::new(zone, name, source, include, options), looks })
    }
}

/// A zone file that is being read.
#[derive(Debug)]
pub struct OpenZoneFile {
    /// What reads it.
    reader: Reader<'static>,
    /// Every file that was opened for it.
    looks: Looks,
}

impl OpenZoneFile {
    /// The next record; `None` at its end. Blocks while the disk does.
    ///
    /// # Errors
    /// The first rule that is broken, with file, line and column; no record that came before may be used then.
    pub fn next_record(&mut self) -> Result<Option<CanonicalRecord<'_>>, ZoneFileError> {
        self.reader.next_record()
    }

    /// Whether it is read as a file of the Windows DNS server; known once the first record came.
    pub fn is_windows(&self) -> bool {
        self.reader.is_windows()
    }

    /// The first of its files that is not as it was when it was opened, included ones too.
    pub fn changed(&self) -> Option<PathBuf> {
        let looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.iter().find(|(path, look)| !look.holds(path)).map(|(path, _)| path.clone())
    }
}

/// Opens a file that is one and holds something. A pipe is not even opened: that would wait for who writes into it.
fn open_regular(path: &Path, name: &str) -> Result<File, ZoneFileProblem> {
    let failed = |source| ZoneFileProblem::Io { file: name.to_owned(), source };
    let check = |metadata: &Metadata| match metadata {
        is if is.is_dir() => Err(ZoneFileProblem::Directory(name.to_owned())),
        is if !is.is_file() => Err(ZoneFileProblem::NotRegular(name.to_owned())),
        is if is.len() == 0 => Err(ZoneFileProblem::Empty(name.to_owned())),
        _ => Ok(()),
    };
    check(&path.metadata().map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    check(&file.metadata().map_err(failed)?)?;
    Ok(file)
}

/// What standard input gave, read now if it was not yet.
fn kept(spool: &Mutex<Option<Spool>>) -> io::Result<Spool> {
    let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = &*spool {
        return Ok(kept.clone());
    }
    let kept = Spool::of(io::stdin().lock(), MAX_SPOOL)?;
    *spool = Some(kept.clone());
    Ok(kept)
}
