//! Keys as the command line names them. What a secret may be is decided in `crate::keys`: an error of a parser repeats
//! the value that it rejects.

use super::headings::KEYS;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser};
use std::ffi::{OsStr, OsString};
use std::fmt;
use zeroize::Zeroize;

/// Which key belongs to which server.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The key for all servers: a key file as BIND or kdig have it, and which of its keys
    #[arg(short = 'k', value_name = "FILE[:NAME]", conflicts_with = "key_text", help_heading = KEYS)]
    pub(crate) key_file: Option<OsString>,
    /// The key for all servers in clear; other users see it in the process list
    #[arg(short = 'y', value_name = "[HMAC:]NAME:SECRET", value_parser = secret(), help_heading = KEYS)]
    pub(crate) key_text: Option<SecretText>,
    /// The key for the source alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) source_key: Option<OsString>,
    /// The key for the destinations alone
    #[arg(long, value_name = "FILE[:NAME]", help_heading = KEYS)]
    pub(crate) destination_key: Option<OsString>,
    /// Use keys whose hash is broken: hmac-md5, hmac-sha1
    #[arg(long, help_heading = KEYS)]
    pub(crate) allow_weak_keys: bool,
}

/// A key in clear, as typed. It can be used and not be shown.
#[derive(Clone)]
pub(crate) struct SecretText(OsString);

impl SecretText {
    /// Takes what the command line or the environment holds.
    pub(crate) fn new(text: OsString) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub(crate) fn reveal(&self) -> &OsStr {
        &self.0
    }
}

/// It is wiped, though the system may keep the command line for as long as the program runs.
impl Drop for SecretText {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_encoded_bytes().zeroize();
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Accepts every secret: a parser that rejects one would show it.
pub(super) fn secret() -> ValueParser {
    ValueParser::new(OsStringValueParser::new().map(SecretText::new))
}
