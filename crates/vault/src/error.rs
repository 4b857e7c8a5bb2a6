//! What can go wrong, by what the caller can do about it.

use crate::{Denied, KeyFault};
use policy::FieldClass;

/// Why something of the vault failed. Messages fit after "failed to …" and never hold a value or say who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of that number, or it was erased.
    #[error("find the {0}: there is none")]
    NotFound(&'static str),
    /// It may not be: tell the person why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The guard did not admit the reading; nothing was opened.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The operator's key cannot be used: bring the right one, or its server back.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The database of keys is empty, though people are kept: bring back the one that goes with them.
    #[error(
        "use the database of keys: it is empty, although people are kept, whom nobody could read without their keys"
    )]
    KeysMissing,
    /// What is stored does not fit its key, its place or its format: restore a backup.
    #[error("read the {0}: what is stored is not valid")]
    Corrupt(&'static str),
    /// Others changed the same person at the same time, again and again: try later.
    #[error("use what is kept of the person: others are changing it")]
    Busy,
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
    /// The value is empty.
    #[error("take the {}: it is empty", .0.name())]
    Empty(FieldClass),
    /// The value has more characters than the class allows.
    #[error("take the {}: it has more than {} characters", .0.name(), .0.most_characters())]
    TooLong(FieldClass),
    /// The value does not look like one of its class.
    #[error("take the {}: it does not look like one", .0.name())]
    Shape(FieldClass),
    /// Two values of one class were given at once.
    #[error("take the {}: it was given twice", .0.name())]
    Twice(FieldClass),
    /// The class has no place in this call: messages are sealed by `seal_for`, and only contacts can be searched.
    #[error("take the {}: not here", .0.name())]
    Class(FieldClass),
    /// A letter or other content is larger than `MOST_CONTENT_BYTES`.
    #[error("seal the content: it is too large")]
    ContentTooLarge,
    /// No purpose, one that only the law gives, or one that needs consent on another basis.
    #[error("take the values: their purposes do not fit their basis")]
    Purposes,
    /// Wording, source or language is empty or too long, or the time is in the future.
    #[error("take the values: where they come from is not said")]
    Provenance,
    /// The law gives this purpose; nobody allows or withdraws it.
    #[error("choose the purpose: the law gives it")]
    ByLaw,
    /// A hold is on the person: nothing may be destroyed.
    #[error("destroy what is kept of the person: it is on hold")]
    OnHold,
    /// A hold needs a reason of 1 to 500 characters and a review in the future.
    #[error("place the hold: give a reason and a day of review to come")]
    Hold,
    /// A contract ends after it begins.
    #[error("note the contract: its end is not after its beginning")]
    Contract,
    /// A legal duty needs classes, a law in 1 to 200 characters and a day to come.
    #[error("note the legal duty: name what is kept, the law that demands it and a day to come")]
    Duty,
    /// A reason of 1 to 200 characters is needed.
    #[error("erase the person: give a reason")]
    Reason,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
