//! What can go wrong, by what the caller can do about it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::frame::MAX_RECORD_BYTES;
use crate::header::VERSION;
use crate::position::Position;

/// What can go wrong, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too much waits for the disk already; nothing was kept, try again shortly.
    #[error("append: {waiting_bytes} bytes already wait for the disk")]
    Busy {
        /// What waits, in bytes.
        waiting_bytes: usize,
    },
    /// The disk is full; nothing of this append was kept. The journal goes on by itself once there is space.
    #[error("append: the disk is full")]
    Full,
    /// The record can never be appended.
    #[error("append: a record of {bytes} bytes is over the limit of {MAX_RECORD_BYTES}")]
    TooLarge {
        /// The size of the record.
        bytes: usize,
    },
    /// A write or `fdatasync` failed. Whether this record is on disk is only known after opening anew;
    /// nothing more is taken until then. The text says what failed.
    #[error("append: the journal has stopped, {0}")]
    Poisoned(Arc<str>),
    /// [`crate::Journal::close`] was called before.
    #[error("append: the journal is closed")]
    Closed,
    /// Another process has the folder open.
    #[error("open `{}`: another process is using it", folder.display())]
    Locked {
        /// The folder of the journal.
        folder: PathBuf,
    },
    /// Bytes that had been acknowledged are damaged. Nothing was changed; restore the file from a copy.
    #[error("open `{file}`: acknowledged records are damaged at byte {offset}")]
    Corrupt {
        /// The name of the file in the journal's folder.
        file: String,
        /// Where the first damaged byte range begins.
        offset: u64,
    },
    /// Files that must be there are not: the records `from..=to` were neither released nor found.
    #[error("open: the files with records {from} to {to} are missing")]
    Missing {
        /// The first record missed.
        from: Position,
        /// The last record missed.
        to: Position,
    },
    /// The file is of another format version; open it with the release that wrote it.
    #[error("open `{file}`: its format version is {version}, this program reads {VERSION}")]
    Version {
        /// The name of the file in the journal's folder.
        file: String,
        /// The version it states.
        version: u32,
    },
    /// The caller's own closure refused a record during replay.
    #[error("replay record {position}")]
    Replay {
        /// The record refused.
        position: Position,
        /// What the closure said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The storage refused an operation while opening.
    #[error("{action} `{name}`")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// The file or folder it was tried on.
        name: String,
        /// What the storage said.
        source: io::Error,
    },
}

impl Error {
    /// A closure for `map_err` that says what was tried on which file.
    pub(crate) fn storage(action: &'static str, name: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Storage {
            action,
            name: name.to_owned(),
            source,
        }
    }
}

/// Why the log could not take a group, and whether it may go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No space; nothing of the group will ever be seen, later groups may succeed.
    Full,
    /// What is on disk is no longer known; the log must not be used again.
    Broken(Arc<str>),
}

impl Failure {
    /// A closure for `map_err` that tells a full disk from everything else.
    pub(crate) fn of(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            if is_full(&error) {
                Self::Full
            } else {
                Self::broken(action, &error)
            }
        }
    }

    /// `action` failed with `error`, and there is no way on.
    pub(crate) fn broken(action: &str, error: &io::Error) -> Self {
        Self::Broken(format!("{action} failed: {error}").into())
    }
}

/// Whether the storage says that space (of the disk or of a quota) has run out.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
