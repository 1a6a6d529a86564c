//! Zone files in, records or a place and a rule out.

mod directives;
mod hostile;
mod rdata;
mod syntax;
mod windows;
mod zone;

use super::*;
use crate::canonical::CanonicalRecord;
use crate::present;
use crate::wire::WireName;
use std::collections::BTreeMap;
use std::io::Cursor;

/// The name in text.
fn named(text: &str) -> WireName {
    present::name_from_text(text).unwrap()
}

/// Files by their names, as `$INCLUDE` finds them.
#[derive(Default)]
struct Files(BTreeMap<String, String>);

impl Files {
    /// Files of these names and texts.
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }
}

impl Include for Files {
    fn open(&mut self, path: &[u8], _from: &str) -> Result<Included, String> {
        let name = String::from_utf8(path.to_vec()).map_err(|_| "not UTF-8".to_owned())?;
        let text = self.0.get(&name).ok_or(format!("{name}: no such file"))?.clone();
        Ok(Included { name, source: Box::new(Cursor::new(text.into_bytes())) })
    }
}

/// All records of a reader as lines, and what ended it.
fn drain(mut reader: Reader<'_>) -> (Vec<String>, Option<ZoneFileError>) {
    let mut lines = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => lines.push(line(&record)),
            Ok(None) => return (lines, None),
            Err(error) => {
                assert_eq!(reader.next_record().unwrap_err(), error, "an error stays");
                return (lines, Some(error));
            }
        }
    }
}

/// A record with spaces between its columns.
fn line(record: &CanonicalRecord<'_>) -> String {
    present::record(record).to_string().replace('\t', " ")
}

/// A reader of that text as the zone `example.`, names as they are written.
fn reader(text: &[u8], files: Files, options: Options) -> Reader<'_> {
    Reader::new(&named("example"), "db", text, files, options.form(Form::Bitwise))
}

/// The SOA that begins a zone: two lines, the second of them `$TTL`.
const START: &str = "@ 60 SOA ns admin 1 2 3 4 5\n$TTL 1h\n";

/// The records behind the SOA of a zone that begins with [`START`].
fn records(text: &str) -> Vec<String> {
    records_with(text, Files::default(), Options::default())
}

/// The same with files and options.
fn records_with(text: &str, files: Files, options: Options) -> Vec<String> {
    let text = format!("{START}{text}");
    let (mut lines, error) = drain(reader(text.as_bytes(), files, options));
    assert_eq!(error, None, "{text}");
    lines.remove(0);
    lines
}

/// Line, column and rule of the error behind [`START`], whose line is 1.
fn refused(text: &str) -> (u64, u64, ZoneFileErrorKind) {
    refused_with(text, Files::default(), Options::default())
}

/// The same with files and options.
fn refused_with(text: &str, files: Files, options: Options) -> (u64, u64, ZoneFileErrorKind) {
    let whole = format!("{START}{text}");
    let (lines, error) = drain(reader(whole.as_bytes(), files, options));
    let error = error.unwrap_or_else(|| panic!("{text:?} was read as {lines:#?}"));
    // Other files have no such start.
    let start = if error.file == "db" { 2 } else { 0 };
    (error.line - start, error.column, error.kind)
}
