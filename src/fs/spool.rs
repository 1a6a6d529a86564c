//! What can be read once, kept so that it can be read again: a file without a name, gone when the program is.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// How much is copied at once.
const CHUNK: usize = 64 * 1024;

/// All that a stream gave.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    /// The file; it has no name, so that nothing is left of it however the program ends.
    file: Arc<File>,
}

impl Spool {
    /// Reads the stream to its end, up to `most` octets.
    pub(super) fn of(mut stream: impl Read, most: u64) -> io::Result<Self> {
        let mut file = tempfile::tempfile_in(super::default_run_directory())?;
        let mut chunk = vec![0; CHUNK];
        let mut octets = 0_u64;
        loop {
            let read = match stream.read(&mut chunk) {
                Ok(0) => return Ok(Self { file: Arc::new(file) }),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            octets = octets.saturating_add(read as u64);
            if octets > most {
                let why = format!("it is longer than {most} octets, the limit of one zone");
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
            }
            file.write_all(chunk.get(..read).unwrap_or_default())?;
        }
    }

    /// How many octets there are.
    pub(super) fn octets(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// All of it from the start; several can read at once.
    pub(super) fn reader(&self) -> SpoolReader {
        SpoolReader { file: Arc::clone(&self.file), at: 0 }
    }
}

/// One who reads it, with a place of its own.
pub(super) struct SpoolReader {
    /// The file.
    file: Arc<File>,
    /// How far it has come.
    at: u64,
}

impl Read for SpoolReader {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, room, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Reads at a place that is no property of the file.
#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, at)
}

/// Reads at a place; the file's own is moved, and nobody reads there.
#[cfg(windows)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, room, at)
}
