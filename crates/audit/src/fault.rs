//! What is wrong with a log.

use crate::entry::BadEntry;
use crate::note::NoteFault;

/// What is wrong with a log: somebody or something changed what had been written. Restore the folder from a backup, or
/// keep it as evidence and begin a new log.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The files of entries are damaged: bytes were changed, or a file is missing.
    #[error("the files of entries are damaged")]
    Files(#[source] journal::Error),
    /// What was stored as an entry is none.
    #[error("entry {number} cannot be read: {why}")]
    Entry {
        /// The number of the entry, from 0.
        number: u64,
        /// Why.
        why: BadEntry,
    },
    /// A stored checkpoint is not one of this log with a signature that holds.
    #[error("the checkpoint `{name}` is not genuine: {why}")]
    Checkpoint {
        /// The name of its file, or `outside` for the one that was given.
        name: String,
        /// Why.
        why: NoteFault,
    },
    /// There are fewer entries than a checkpoint says: the end of the log was cut off.
    #[error("the checkpoint `{name}` was made over {signed} entries, and there are {found}")]
    Cut {
        /// The checkpoint's file, or `outside`.
        name: String,
        /// How many entries were signed.
        signed: u64,
        /// How many there are.
        found: u64,
    },
    /// The root over the entries is not the one that was signed: an entry was changed, removed, added or moved.
    #[error("entries {after} to {size} are not the ones that the checkpoint `{name}` was made over")]
    Root {
        /// The checkpoint's file, or `outside`.
        name: String,
        /// Up to this many entries an earlier checkpoint agrees.
        after: u64,
        /// The size of the checkpoint.
        size: u64,
    },
}

impl Fault {
    /// The fault that the journal found in what is stored, or its error back if it is of another kind.
    pub(crate) fn of(error: journal::Error) -> Result<Self, journal::Error> {
        match error {
            journal::Error::Replay { position, source } => match source.downcast::<BadEntry>() {
                Ok(why) => Ok(Self::Entry {
                    number: position.0 - 1,
                    why: *why,
                }),
                Err(source) => Err(journal::Error::Replay { position, source }),
            },
            error @ (journal::Error::Corrupt { .. }
            | journal::Error::Missing { .. }
            | journal::Error::Version { .. }) => Ok(Self::Files(error)),
            error => Err(error),
        }
    }
}
