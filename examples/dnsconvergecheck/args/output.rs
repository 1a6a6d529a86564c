//! What is shown, how, and which files a run keeps.

use super::headings::OTHER;
use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;

/// What is shown and how.
#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// How the result is written to standard output
    #[arg(long, value_enum, default_value_t, help_heading = OTHER)]
    pub(crate) format: Format,
    /// No step lines and no warnings: the result and errors alone
    #[arg(short = 'q', action = ArgAction::SetTrue, help_heading = OTHER)]
    pub(crate) quiet: bool,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: one object a zone, one zone a line
    Json,
}

/// Where the journal is.
#[derive(Debug, Args)]
pub(crate) struct JournalArguments {
    /// Where planted probes are written down, so that `sweep` finds them
    #[arg(long, value_name = "DIR", help_heading = OTHER)]
    pub(crate) journal_dir: Option<PathBuf>,
}
