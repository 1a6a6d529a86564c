//! Lists that a person has written, one thing a line; `#` begins a comment.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A list is no longer than this; something else was named by mistake.
const LONGEST_LIST: u64 = 64 * 1024 * 1024;

/// The text of a list and what to call it; `-` is standard input. `of` says what is listed, for errors.
///
/// # Errors
/// It cannot be read, or is not text.
pub(crate) fn read(path: &Path, of: &str) -> anyhow::Result<(String, String)> {
    let standard_input = path.as_os_str() == "-";
    let source = if standard_input { "standard input".to_owned() } else { path.display().to_string() };
    let mut octets = Vec::new();
    let read = if standard_input {
        io::stdin().lock().take(LONGEST_LIST).read_to_end(&mut octets)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST_LIST).read_to_end(&mut octets))
    };
    read.map_err(|error| anyhow::anyhow!("the list of {of} {source} cannot be read: {error}"))?;
    let text = String::from_utf8(octets);
    let text = text.map_err(|_| anyhow::anyhow!("the list of {of} {source} is not text in UTF-8"))?;
    // Notepad begins its files with a byte order mark.
    Ok((text.trim_start_matches('\u{feff}').to_owned(), source))
}

/// The lines that say something, with their numbers.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let written = (1_usize..).zip(text.lines()).map(|(number, line)| {
        let written = line.split('#').next().unwrap_or_default().trim();
        (number, written)
    });
    written.filter(|(_, written)| !written.is_empty())
}
