//! What can go wrong, by what the caller can do about it.

use credentials::{HashingFault, PasswordFault};

/// Why something of people failed. Messages fit after "failed to …" and never say who a person is.
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
    /// The vault refused, denied or failed.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// What is stored cannot be read: restore a backup.
    #[error("read {0}: what is stored is not valid")]
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
    /// Address or password is wrong: which of them, or whether there is an account, is not said.
    #[error("sign in: address or password is wrong")]
    WrongCredentials,
    /// Too many attempts: wait.
    #[error("go on: too many attempts, wait {wait_ms} ms")]
    TooManyAttempts {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// Too many wrong passwords from all over the world: wait, come from a network one signed in from lately, or have a
    /// link sent.
    #[error("check the password: too many wrong ones from elsewhere, wait {wait_ms} ms")]
    TooManyGuesses {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// The new password breaks a rule.
    #[error("set the password: {0}")]
    Password(PasswordFault),
    /// It cannot be an e-mail address, or is written with look-alike characters.
    #[error("use the address: it is not an e-mail address")]
    Email,
    /// Somebody else is known under that address.
    #[error("change the address: somebody else is known under it")]
    EmailTaken,
    /// The address of an account is changed by a letter to the new one.
    #[error("change the address: it is confirmed by a letter")]
    AddressByLetter,
    /// The link is unknown, used or over.
    #[error("open the link: it is not valid, or not any more")]
    Link,
    /// The sign-in is too old for this: sign in again, or give the password.
    #[error("change the account: sign in again first")]
    SignInAgain,
    /// A consent needs a document of its own, and this wording is none.
    #[error("record the consent: the wording is not a consent document")]
    NotAConsent,
    /// The wording was not part of what was shown.
    #[error("record the choice: that wording was not shown")]
    NotShown,
    /// There is no valid consent to take back, or nothing was asked.
    #[error("change the consent: its state does not allow that")]
    State,
    /// The form showed no wording that allows to take an enquiry, or its consent was not given.
    #[error("take the enquiry: no wording that was shown allows it")]
    NoBasis,
    /// The operator has not said yet who they are: see [`crate::Controller::missing`].
    #[error("ask people for data: `[controller]` in anturazh.toml does not say who asks")]
    Unnamed,
    /// A wording's id, text, or combination of purpose and basis is not possible.
    #[error("add the wording: {0}")]
    Wording(&'static str),
    /// The text is empty or too long.
    #[error("take the text: it is empty or too long")]
    Text,
    /// The testimonial is over, or was changed or answered meanwhile.
    #[error("change the testimonial: it is over, or was changed meanwhile")]
    Ended,
    /// The person gave no e-mail address to answer to.
    #[error("answer: the person gave no e-mail address")]
    NoAddress,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
