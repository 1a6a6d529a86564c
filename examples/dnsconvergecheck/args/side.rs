//! A side as it is typed: a server, a zone file, or standard input.

use super::target::{Target, target};
use dnsconverge::net::Host;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What was typed, before anybody looked whether there is such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SideArgument {
    /// An address, or whatever `@` or a port makes a server.
    Server(Box<Target>),
    /// Whatever `file:` or a separator of directories makes a file.
    File(PathBuf),
    /// `-`.
    StandardInput,
    /// A bare name: a file if there is one of this name here, else a server.
    Name(Box<Target>, PathBuf),
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChosenSide<'a> {
    /// A server.
    Server(&'a Target),
    /// A zone file.
    File(&'a Path),
    /// Standard input.
    StandardInput,
}

/// Reads a side. A name in no ASCII-compatible encoding can only be that of a file.
///
/// # Errors
/// Neither a server nor the name of a file.
pub(super) fn side(text: &OsStr) -> Result<SideArgument, String> {
    let Some(word) = text.to_str() else { return Ok(SideArgument::File(text.into())) };
    if word == "-" {
        return Ok(SideArgument::StandardInput);
    }
    if let Some(path) = word.strip_prefix("file:") {
        return if path.is_empty() {
            Err("file: names no file".to_owned())
        } else {
            Ok(SideArgument::File(path.into()))
        };
    }
    // What stands behind the question mark of a server may be a path: its key file.
    let is_path = word.split('?').next().is_some_and(|front| front.contains(['/', '\\']));
    if is_path && !word.starts_with('@') {
        return Ok(SideArgument::File(word.into()));
    }
    match target(word) {
        Ok(target) if is_bare_name(word, &target) => Ok(SideArgument::Name(Box::new(target), word.into())),
        Ok(target) => Ok(SideArgument::Server(Box::new(target))),
        Err(error) => Err(format!("{error}; a zone file of that name is written ./{word} or file:{word}")),
    }
}

/// Whether nothing but a look at the disk can tell.
fn is_bare_name(word: &str, target: &Target) -> bool {
    let address = &target.address;
    matches!(address.host, Host::Name(_)) && address.port.is_none() && !word.contains(['@', '?'])
}

/// # Meaning
impl SideArgument {
    /// What it is, now that the disk is looked at.
    pub(crate) fn chosen(&self) -> ChosenSide<'_> {
        match self {
            Self::Name(_, path) if path.exists() => ChosenSide::File(path),
            Self::Server(address) | Self::Name(address, _) => ChosenSide::Server(address),
            Self::File(path) => ChosenSide::File(path),
            Self::StandardInput => ChosenSide::StandardInput,
        }
    }

    /// What a person should know who may have meant the other.
    pub(crate) fn ambiguity(&self) -> Option<String> {
        let (Self::Name(..), ChosenSide::File(path)) = (self, self.chosen()) else { return None };
        let name = path.display();
        Some(format!("{name} is a file here, and is read; write @{name} for a server of that name"))
    }
}

/// For errors: as it was typed, or nearly so.
impl std::fmt::Display for SideArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server(address) | Self::Name(address, _) => address.fmt(f),
            Self::File(path) => path.display().fmt(f),
            Self::StandardInput => f.write_str("-"),
        }
    }
}

/// Takes whatever the shell hands over.
pub(super) fn parser() -> clap::builder::ValueParser {
    use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser};
    ValueParser::new(OsStringValueParser::new().try_map(|text: OsString| side(&text)))
}
