//! Why sides make no comparison: the caller's to mend, before anything was asked of a server.

use crate::diff::DiffError;

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A server's name has no address: configuration, or the resolver.
    #[error("the address of {server} cannot be found: {source}")]
    Resolve {
        /// The server as given.
        server: String,
        /// What the system's resolver said.
        source: std::io::Error,
    },
    /// V9: a side always agrees with itself.
    #[error("{one} and {other} are the same side ({label}): comparing it with itself proves nothing")]
    Twice {
        /// One side as given.
        one: String,
        /// The other.
        other: String,
        /// What both are.
        label: String,
    },
    /// V9: nothing to compare with.
    #[error("a comparison needs two sides at least")]
    OneSide,
    /// The differ does not take these sides or records.
    #[error(transparent)]
    Diff(#[from] DiffError),
}
