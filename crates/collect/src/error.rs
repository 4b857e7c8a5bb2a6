//! What can go wrong beside a bad request.

use std::path::PathBuf;

/// An error of this room, by what the caller can do about it. Messages hold paths and counts, never what was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written: look at the disk and at permissions.
    #[error("read or write `{}`", path.display())]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is there and is not what it should be: replace it.
    #[error("use `{}`: {why}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A journal record cannot be read: it is damaged, or was written by a newer version.
    #[error("read a journal record: {0}")]
    Record(&'static str),
    /// A text of the configuration is not what it should be.
    #[error("read the setting `{setting}`: {why}")]
    Setting {
        /// The setting's name or text.
        setting: String,
        /// What is wrong with it.
        why: &'static str,
    },
}
