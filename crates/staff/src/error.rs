//! What can go wrong, by what the caller can do about it.

use credentials::{HashingFault, PasswordFault};

/// Why something of staff failed. Messages fit after "failed to …" and never say who an account is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of that number.
    #[error("find the {0}: there is none")]
    NotFound(&'static str),
    /// It may not be: tell the person why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A password could neither be hashed nor checked.
    #[error(transparent)]
    Hashing(#[from] HashingFault),
    /// What is stored cannot be read: restore a backup.
    #[error("read an account: what is stored is not valid")]
    Corrupt,
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
    /// Login or password is wrong, or the account may not sign in: which of them is not said.
    #[error("sign in: login or password is wrong")]
    WrongCredentials,
    /// Too many attempts: wait.
    #[error("sign in: too many attempts, wait {wait_ms} ms")]
    TooManyAttempts {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// The password breaks a rule.
    #[error("set the password: {0}")]
    Password(PasswordFault),
    /// The login is empty, too long (more than 254 characters) or has spaces or control characters.
    #[error("set the login: give 3 to 254 characters without spaces")]
    Login,
    /// Another account has that login.
    #[error("set the login: it is taken")]
    LoginTaken,
    /// The display name is empty, too long (more than 100 characters) or has control characters.
    #[error("set the name: give 1 to 100 characters")]
    Name,
    /// The link is unknown, used, replaced by a newer one or older than 24 hours.
    #[error("open the link: it is not valid, or not any more; have a new one made")]
    Link,
    /// There is an owner already, who can invite others.
    #[error("make a link for the first owner: there is an owner, who can invite others")]
    OwnerExists,
    /// The last owner cannot be disabled.
    #[error("disable the account: it is the last owner's")]
    LastOwner,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
