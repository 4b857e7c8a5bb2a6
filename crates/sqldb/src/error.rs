//! What can go wrong with a database, by what the caller can do about it.

use std::{fmt, io};

/// Why a database did not do as it was told. Messages fit after "failed to …" and never hold a stored value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or server cannot be used: correct the setting or start the server.
    #[error("open the database `{place}`")]
    Open {
        /// The file, or the server without its password.
        place: String,
        /// What the system said.
        source: Fault,
    },
    /// A migration that was applied to this database is another one in this program: restore the old text and
    /// add a new migration instead.
    #[error("migrate `{room}`: migration `{name}` was changed after it had been applied to this database")]
    Changed {
        /// Whose tables.
        room: String,
        /// The migration, as recorded in the database.
        name: String,
    },
    /// The database was migrated by a newer program: use that one.
    #[error(
        "migrate `{room}`: the database has migration `{name}`, which this program does not know; use a newer version"
    )]
    Newer {
        /// Whose tables.
        room: String,
        /// The first migration that is unknown here.
        name: String,
    },
    /// A row like this exists already, or one that it needs does not.
    #[error("store a row: it conflicts with what is stored")]
    Conflict(#[source] Fault),
    /// Others keep the database busy: try again later.
    #[error("use the database: it is busy")]
    Busy(#[source] Fault),
    /// The database failed.
    #[error("use the database")]
    Storage(#[source] Fault),
}

/// What the system said: a message and a code, without the values that were being stored.
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self(match error {
            sqlx::Error::Database(e) => match e.code() {
                Some(code) => format!("{} (code {code})", e.message()),
                None => e.message().to_owned(),
            },
            // Their own messages print the value.
            sqlx::Error::ColumnDecode { index, .. } => {
                format!("column {index} holds another type than expected")
            }
            sqlx::Error::Decode(_) => "a value has another type than expected".to_owned(),
            sqlx::Error::Encode(_) => "a value cannot be passed to the database".to_owned(),
            other => other.to_string(),
        })
    }
}

/// Codes of SQLite's `BUSY` and `LOCKED` families and of PostgreSQL's "try again" conditions.
const BUSY_CODES: &[&str] = &[
    "5", "6", "261", "262", "517", "518", "773", "40001", "40P01", "53300", "55P03", "57P03",
];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) if e.is_unique_violation() || e.is_foreign_key_violation() => {
                Self::Conflict(error.into())
            }
            sqlx::Error::Database(e) if e.code().is_some_and(|code| BUSY_CODES.contains(&code.as_ref())) => {
                Self::Busy(error.into())
            }
            sqlx::Error::PoolTimedOut => Self::Busy(error.into()),
            _ => Self::Storage(error.into()),
        }
    }
}
