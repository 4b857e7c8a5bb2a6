//! What can go wrong with the archive, by what the caller can do about it.

/// Why the archive did not do as it was told. Messages fit after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The catalog failed: see its own error.
    #[error("use the archive's catalog")]
    Catalog(#[from] sqldb::Error),
    /// A file or folder failed: make room or mend the disk; what was acknowledged is still in the journal.
    #[error("read or write `{path}`")]
    Storage {
        /// The file, relative to the archive's folder or whole.
        path: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A segment is not what the catalog says: restore it from a backup.
    #[error("read the segment `{path}`: {what}")]
    Corrupt {
        /// The segment, relative to the archive's folder.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// Another process does this for the same site: wait for it.
    #[error("begin: `{0}` is held by another process")]
    Busy(String),
    /// Another process changed the same segments first; nothing was changed, try again.
    #[error("commit: the catalog was changed by another process")]
    Outdated,
}

impl Error {
    pub(crate) fn storage(
        path: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Storage {
            path: path.into(),
            source: source.into(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Catalog(error.into())
    }
}
