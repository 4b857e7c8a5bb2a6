//! What can go wrong, by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a backup was not made, read or restored. Messages fit after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Correct the setting: the text is not an age recipient.
    #[error("read the recipient `{0}`: it is no `age1…` of kind X25519")]
    Recipient(String),
    /// Give at least one recipient: a backup for nobody can never be restored.
    #[error("seal a backup: nobody is named who could open it")]
    NoRecipient,
    /// Correct the setting: the text is not a maker's.
    #[error("read the maker `{0}`: it is not 64 hexadecimal digits")]
    Maker(String),
    /// Give the right file: it has no age identity.
    #[error("read the identity file `{path}`: {why}", path = path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Make the file readable by its owner alone.
    #[error("use `{path}`: others may read it; `chmod 600` it", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Copy this database with the server's own tool.
    #[error(
        "copy `{0}`: it is on a PostgreSQL server, which this program does not copy; use `pg_dump`, and keep dumps of \
         keys apart, for no longer than backups of keys"
    )]
    Server(String),
    /// The list of what to copy is wrong.
    #[error("copy `{name}`: {why}")]
    Part {
        /// The part, or the file in it.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Try again: the program changed this again and again while it was being copied.
    #[error("copy `{0}`: it changes faster than it can be copied")]
    Restless(String),
    /// Wait: somebody else works on this folder.
    #[error("use `{path}`: another backup is at work there", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Choose another: there is no such backup.
    #[error("find {what} in `{folder}`: there is none", folder = folder.display())]
    NotFound {
        /// Which backup.
        what: String,
        /// The store.
        folder: PathBuf,
    },
    /// Choose another: this was not made by this program.
    #[error("read `{path}`: it is no backup of this program", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Use the program that made it, or a newer one.
    #[error("read `{path}`: its format is {format}, made by a newer version of this program", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Use the identity of one of its recipients.
    #[error("open `{path}`: it was sealed for another recipient than this identity", path = path.display())]
    OtherRecipient {
        /// The file.
        path: PathBuf,
    },
    /// Do not trust it: another installation, or somebody who wants to be taken for it, made this backup.
    #[error("trust `{path}`: it was made by `{found}`", path = path.display())]
    OtherMaker {
        /// The file.
        path: PathBuf,
        /// Whose signature it bears.
        found: crate::MakerId,
    },
    /// Restore another backup: this one is damaged.
    #[error("read `{path}`: {damage}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// How.
        damage: Damage,
    },
    /// Choose an empty folder.
    #[error("restore into `{path}`: it is not empty", path = path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Restore these backups into folders of their own.
    #[error("restore `{0}`: two of the backups have it")]
    Twice(String),
    /// The system gave no random bytes.
    #[error("draw random bytes")]
    Random(#[from] getrandom::Error),
    /// A database failed or is busy.
    #[error("copy the database `{name}`")]
    Database {
        /// The part.
        name: String,
        /// What it said.
        source: sqldb::Error,
    },
    /// The disk failed, is full, or refuses.
    #[error("{action} `{path}`", path = path.display())]
    Storage {
        /// What was to be done.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How a file of a backup is damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Damage {
    /// It is gone.
    #[error("it is missing")]
    Missing,
    /// Its end is gone.
    #[error("it is cut off")]
    Truncated,
    /// Its bytes are not those that were written.
    #[error("its bytes were changed")]
    Changed,
    /// It is whole, but what it holds belongs elsewhere.
    #[error("it holds something else than it should")]
    Swapped,
    /// It is whole and says what no backup says.
    #[error("what it says cannot be")]
    Nonsense,
}

impl Error {
    /// For `map_err`.
    pub(crate) fn storage(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Storage { action, path, source }
    }

    pub(crate) fn corrupt(path: &Path, damage: Damage) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            damage,
        }
    }
}
