//! A file that appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside its place, and puts it there once all of it is on the disk. What stood there stays until then, and
/// stays if anything fails; a symbolic link stays a link.
///
/// # Errors
/// What the system said, or that something other than a regular file stands there.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let place = match path.metadata() {
        Ok(there) if there.is_dir() => return Err(io::Error::other("it is a directory: name a file in it")),
        Ok(there) if !there.is_file() => return Err(io::Error::other("it is not a regular file: write - instead")),
        Ok(_) => path.canonicalize()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let directory = directory_of(&place);
    let mut new = with_usual_mode().prefix(".dnsconverge-").tempfile_in(&directory)?;
    let mut out = BufWriter::new(new.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    if let Ok(there) = place.metadata() {
        new.as_file().set_permissions(there.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(&place).map_err(|error| error.error)?;
    sync(&directory)
}

/// The directory in which a file lies.
fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A temporary file has the mode of any new file, since it becomes one.
fn with_usual_mode() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// The new name is on the disk as well.
#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

/// A directory cannot be opened here.
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
