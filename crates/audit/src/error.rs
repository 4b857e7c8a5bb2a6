//! What can go wrong, by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::entry::BadEntry;
use crate::fault::Fault;

/// What can go wrong, by what the caller can do about it. Messages fit after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The entry is not made as it must be: a defect of the caller.
    #[error("append to the audit log: {0}")]
    Refused(BadEntry),
    /// The journal takes no entries now, or could not be opened: see its own error. What was to be written down must not
    /// happen.
    #[error("write the audit log")]
    Journal(#[from] journal::Error),
    /// The log is not as it was written.
    #[error("open the audit log: {0}")]
    Faulty(#[source] Fault),
    /// The name of a log is empty or has white space, control characters or a `+`.
    #[error("open the audit log: its name must not be empty and must have no white space and no `+`")]
    Name,
    /// There are not so many entries.
    #[error("prove entries of the audit log: there are {size}")]
    NotYet {
        /// How many there are.
        size: u64,
    },
    /// A file that is made from the entries was changed, or could not be written: open the log anew, which makes it
    /// again. No entry is lost.
    #[error("read the audit log: a file made from it is damaged, open it anew")]
    Derived,
    /// The system gave no random bytes.
    #[error("draw random bytes")]
    Random(#[from] getrandom::Error),
    /// A file could not be read or written.
    #[error("{action} `{}`", path.display())]
    Storage {
        /// What was tried.
        action: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// A closure for `map_err` that says what was tried on which file.
    pub(crate) fn storage(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Storage {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// What the journal said while opening.
    pub(crate) fn of_opening(error: journal::Error) -> Self {
        match Fault::of(error) {
            Ok(fault) => Self::Faulty(fault),
            Err(error) => Self::Journal(error),
        }
    }
}
