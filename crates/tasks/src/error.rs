//! What can go wrong, by what the caller can do about it.

/// Why something of tasks failed. Messages fit after "failed to …" and hold no text of a task.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of that number.
    #[error("find the {0}: there is none")]
    NotFound(&'static str),
    /// It may not be: tell the person why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What is stored cannot be read: restore a backup.
    #[error("read the {0}: what is stored is not valid")]
    Corrupt(&'static str),
    /// The system gave no random bytes.
    #[error("draw random bytes")]
    Random(#[from] getrandom::Error),
    /// The database failed or is busy.
    #[error(transparent)]
    Storage(#[from] sqldb::Error),
}

/// Why it may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A reason is too short or too long.
    #[error("accept the reason: give {least} to {most} characters")]
    Reason {
        /// The fewest characters.
        least: usize,
        /// The most.
        most: usize,
    },
    /// Work of that kind has no such purpose.
    #[error("accept the purpose: work of this kind has another")]
    Purpose,
    /// No person is named, or more than 1,000.
    #[error("accept the persons: name 1 to 1000")]
    Persons,
    /// No class is named.
    #[error("accept the classes: name at least one")]
    Classes,
    /// Nobody is to do it.
    #[error("assign the task: name somebody")]
    Nobody,
    /// The end is not after now, or further away than the rules let it be.
    #[error("accept the end: it must come, and not later than the longest time allowed")]
    End,
    /// The account has a grant of this task already, or waits for one.
    #[error("assign the task: the account has it already")]
    AlreadyAssigned,
    /// It is over: done, cancelled, ended, lapsed or reviewed already.
    #[error("change it: it is over")]
    Over,
    /// Another account has to do this.
    #[error("do this oneself: another account has to")]
    NeedsAnother,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
