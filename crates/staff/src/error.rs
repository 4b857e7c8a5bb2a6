//! What can go wrong, by what the caller can do about it.

use crate::oidc::FetchFault;
use credentials::{HashingFault, PasswordFault, Wait};

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
    /// A second factor was sealed with another key: give the key that belongs to this database.
    #[error("open a second factor: it was sealed with another key")]
    Key,
    /// The settings of the sign-in provider cannot work: correct them.
    #[error("take up the sign-in provider: {0}")]
    Settings(&'static str),
    /// The sign-in provider gave no usable answer: try later, or correct its settings.
    #[error("get {what} from the sign-in provider")]
    Provider {
        /// What was asked for.
        what: &'static str,
        /// Why there is none.
        source: FetchFault,
    },
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
    /// Too many wrong passwords, or codes, from all over the world: wait, come from a network one signed in from lately,
    /// or use what cannot be guessed: a recovery code, a new link.
    #[error("check it: too many wrong ones from elsewhere, wait {wait_ms} ms")]
    TooManyGuesses {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// The code or recovery code is wrong or was used already.
    #[error("check the code: it is wrong or was used already")]
    WrongCode,
    /// The first step of signing in, or the beginning of an enrolment, is too long ago or unknown: begin anew.
    #[error("go on: it was begun too long ago")]
    TooLate,
    /// That takes a sign-in with a second factor.
    #[error("do that: it takes a sign-in with a second factor")]
    SecondFactorNeeded,
    /// That takes a password, or, without one, a sign-in of the last minutes: sign in again.
    #[error("do that: sign in again first")]
    StaleSignIn,
    /// The provider's answer does not hold: sign in anew. The reason is for logs and names no one.
    #[error("sign in by the provider: {0}")]
    Provider(&'static str),
    /// The provider vouches for somebody who was not invited, or whose account belongs to another subject of it.
    #[error("sign in by the provider: no account was made for whom it vouches")]
    NotInvited,
    /// The subject, or the account, has such a link already.
    #[error("link the account: it or the subject is linked already")]
    Linked,
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
    /// The last owner can neither be disabled nor become something else.
    #[error("disable the account or change its role: it is the last owner's")]
    LastOwner,
}

impl From<Wait> for Refusal {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::Here(wait_ms) => Self::TooManyAttempts { wait_ms },
            Wait::Guesses(wait_ms) => Self::TooManyGuesses { wait_ms },
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
