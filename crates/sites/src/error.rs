//! What can go wrong, by what the caller can do about it.

use vocabulary::{ClientId, domain::BadDomain, money::BadCurrency};

/// Why the register of sites did not do as it was told. Messages fit after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of that name: correct the name.
    #[error("find the {what} `{name}`{}", near_or_list(what, near))]
    NotFound {
        /// Kind of thing: `client`, `site`, `goal`, `token`.
        what: &'static str,
        /// What was looked for.
        name: String,
        /// Names like it, the likeliest first.
        near: Vec<String>,
    },
    /// A field holds what it must not: correct it.
    #[error("accept the {field}: {problem}")]
    Refused {
        /// The field at fault, as it is called on the command line and in the API.
        field: &'static str,
        /// What is wrong with it and what to do.
        problem: Problem,
    },
    /// What is stored cannot be read: restore a backup.
    #[error("read the {what} of `{of}`: what is stored is not valid")]
    Corrupt {
        /// The thing that cannot be read.
        what: &'static str,
        /// Whose it is.
        of: String,
    },
    /// The system gave no random bytes.
    #[error("draw random bytes")]
    Random(#[from] getrandom::Error),
    /// The database failed or is busy.
    #[error(transparent)]
    Storage(#[from] sqldb::Error),
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing is given.
    #[error("it is empty; give it a value")]
    Empty,
    /// More than fits.
    #[error("it has more than {max} characters; shorten it")]
    TooLong {
        /// How many characters fit.
        max: usize,
    },
    /// A line break, NUL or another character that is no text.
    #[error("it has control characters; remove them")]
    Control,
    /// Another has it already.
    #[error("`{0}` exists already; choose another")]
    Taken(String),
    /// No domain.
    #[error(transparent)]
    Domain(#[from] BadDomain),
    /// No time zone of the tz database.
    #[error(
        "`{given}` is no time zone of the IANA database, such as Europe/Berlin{}",
        did_you_mean(near)
    )]
    TimeZone {
        /// What was given.
        given: String,
        /// Names like it, the likeliest first.
        near: Vec<String>,
    },
    /// No currency code at all.
    #[error(transparent)]
    CurrencyForm(#[from] BadCurrency),
    /// Three letters, but no currency in use.
    #[error("`{given}` is no currency of ISO 4217{}", did_you_mean(near))]
    Currency {
        /// What was given.
        given: String,
        /// Codes like it, the likeliest first.
        near: Vec<String>,
    },
    /// No client of that number.
    #[error("there is no client {}; `client list` shows them", .0.0)]
    Client(ClientId),
    /// The end of a contract lies before its start.
    #[error("it lies before the start of the contract")]
    BeforeStart,
    /// Neither an address nor a network.
    #[error("`{0}` is no network; write an address or address/length, such as 192.0.2.0/24")]
    Network(String),
    /// No day, or one of another age.
    #[error("`{0}` is no day from 1970 to 2199; write it as 2026-01-31")]
    Day(String),
    /// There are as many as fit.
    #[error("there are {max} already; remove some")]
    TooMany {
        /// How many fit.
        max: usize,
    },
    /// A page pattern that does not begin with a slash.
    #[error("a page pattern begins with `/` or `*`")]
    Pattern,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

fn near_or_list(what: &str, near: &[String]) -> String {
    match (what, near) {
        ("client" | "site", []) => format!("; `{what} list` shows what there is"),
        _ => did_you_mean(near),
    }
}

fn did_you_mean(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        several => format!("; did you mean one of `{}`?", several.join("`, `")),
    }
}
