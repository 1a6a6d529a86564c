//! A look at a file, to be compared with a later one: did it stand still in between?

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

/// Which file it was, how long, and when it was last changed.
///
/// A change within one tick of the file system's clock that keeps the length is not seen. What was read is compared all the
/// same: a mixture of two versions is equal to another side only if it holds what that side holds, and a difference is
/// said only when a second reading shows the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// Its length.
    octets: u64,
    /// When its content was last changed.
    modified: Option<SystemTime>,
    /// Which file it is, and when anything about it was last changed; zeros where the system does not tell.
    identity: [i64; 4],
}

impl Look {
    /// What the system says.
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { octets: metadata.len(), modified: metadata.modified().ok(), identity: identity(metadata) }
    }

    /// Whether the file of that name is the same still.
    pub(super) fn holds(&self, path: &Path) -> bool {
        path.metadata().is_ok_and(|now| Self::of(&now) == *self)
    }
}

/// Device, inode, and the time of the last change of either content or name.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    let number = |value: u64| value.cast_signed();
    [number(metadata.dev()), number(metadata.ino()), metadata.ctime(), metadata.ctime_nsec()]
}

/// Not told in a stable way here.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> [i64; 4] {
    [0; 4]
}
