//! An open database.

use crate::address::secured;
use crate::readers::Readers;
use crate::{Engine, Error, Fault};
use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, Row, Transaction};
use std::fmt::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

/// A transaction that may write; what is not committed is undone when it is dropped. Run a statement with `&mut *write`.
pub type Write = Transaction<'static, Any>;

/// A transaction that only reads. Run a query with `&mut *read`.
pub type Read = Transaction<'static, Any>;

/// How long a statement waits for another process's lock on an SQLite file.
const BUSY_TIMEOUT_MS: u32 = 10_000;
/// How long a caller waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);
/// An SQLite file has one writer at a time, and reads are short.
const SQLITE_CONNECTIONS: u32 = 4;
/// Small enough for several nodes at one server of default size.
const POSTGRES_CONNECTIONS: u32 = 8;

/// An SQLite file or a PostgreSQL database; cheap to clone, all clones share the connections.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
    readers: Option<Arc<Readers>>,
}

impl Database {
    /// Opens `place`: a `postgres://` or `postgresql://` address, or else the path of an SQLite file. File and folders
    /// are made where they are missing, readable by their owner alone (modes 0600 and 0700). A server on another machine
    /// is reached by TLS and must show a certificate that fits its name, signed by an authority that this machine trusts
    /// or that `sslrootcert` names; weaker modes are refused, unless the address has `unverified=yes` beside them.
    ///
    /// A commit to SQLite is on disk when it returns (write-ahead log, `synchronous=FULL`), foreign keys are enforced.
    pub async fn open(place: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        if place.starts_with("postgres://") || place.starts_with("postgresql://") {
            Self::open_server(place).await
        } else {
            Self::open_file(Path::new(place)).await
        }
    }

    async fn open_file(path: &Path) -> Result<Self, Error> {
        let failed = |source: Fault| Error::Open {
            place: path.display().to_string(),
            source,
        };
        let address = file_address(&made_file(path).map_err(|e| failed(e.into()))?);
        // Kept in the file, so once is enough for every later connection.
        let options = checked(&address, "PRAGMA journal_mode = WAL")
            .await
            .map_err(failed)?;
        let pool = AnyPoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A file does not hang up.
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(set_up(connection)))
            .connect_lazy_with(options.clone());
        Ok(Self {
            pool,
            engine: Engine::Sqlite,
            readers: Some(Arc::new(Readers::new(options))),
        })
    }

    async fn open_server(address: &str) -> Result<Self, Error> {
        let checked = async { checked(&secured(address)?, "SELECT 1").await };
        let options = checked.await.map_err(|source| Error::Open {
            place: without_credentials(address),
            source,
        })?;
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            engine: Engine::Postgres,
            readers: None,
        })
    }

    /// The connections, to read with and for single statements.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The rows of one statement that only reads: of all ways to read the fastest, for what is read often.
    pub async fn rows(&self, query: Query<'_, Any, AnyArguments>) -> Result<Vec<AnyRow>, sqlx::Error> {
        match &self.readers {
            Some(readers) => readers.rows(query).await,
            None => query.fetch_all(&self.pool).await,
        }
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a transaction that may write. In SQLite it has the write lock from the start, so that it cannot fail
    /// half-way for another writer's sake; in PostgreSQL lock a row first where writers must take turns.
    pub async fn write(&self) -> Result<Write, Error> {
        Ok(match self.engine {
            Engine::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.pool.begin().await?,
        })
    }

    /// Begins a transaction that only reads and sees one state of the database throughout.
    pub async fn read(&self) -> Result<Read, Error> {
        Ok(match self.engine {
            Engine::Sqlite => self.pool.begin().await?,
            Engine::Postgres => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                self.pool.begin_with(begin).await?
            }
        })
    }

    /// Call after deleting what must leave no bytes behind. An SQLite file overwrites deleted rows at once
    /// (`secure_delete`); this empties its write-ahead log too, unless a reader is in the way ([`Error::Busy`]).
    /// A PostgreSQL server decides by itself when it overwrites its files.
    pub async fn scrub(&self) -> Result<(), Error> {
        if self.engine == Engine::Sqlite {
            let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&self.pool)
                .await?;
            if row.try_get::<i64, _>(0)? != 0 {
                return Err(Error::Busy(Fault::from(std::io::Error::other(
                    "a reader holds the write-ahead log",
                ))));
            }
        }
        Ok(())
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
    }
}

/// What every connection to an SQLite file is told.
pub(crate) async fn set_up(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let settings = format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await?;
    Ok(())
}

/// Connects once and runs a statement: what is wrong shows at once, where a pool would try again and again.
async fn checked(address: &str, statement: &'static str) -> Result<AnyConnectOptions, Fault> {
    let options = AnyConnectOptions::from_str(address)?;
    let mut connection = AnyConnection::connect_with(&options).await?;
    connection.fetch_all(statement).await?;
    connection.close().await?;
    Ok(options)
}

/// Makes the file where it is missing; its log files get its mode from SQLite.
fn made_file(path: &Path) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    fs::canonicalize(path)
}

/// The path as an address, everything but plain characters percent-encoded (RFC 3986, section 2.1).
fn file_address(path: &Path) -> String {
    let mut address = String::from("sqlite://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            address.push(byte as char);
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// A server's address without account, password and parameters.
fn without_credentials(address: &str) -> String {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    match (bare.find("://"), bare.rfind('@')) {
        (Some(scheme), Some(at)) => format!("{}://{}", &bare[..scheme], &bare[at + 1..]),
        _ => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_credentials() {
        for (address, shown) in [
            (
                "postgres://anna:secret@db.example/catalog",
                "postgres://db.example/catalog",
            ),
            (
                "postgres://db.example/catalog?password=secret",
                "postgres://db.example/catalog",
            ),
            ("postgresql://a:p@ss@db/x", "postgresql://db/x"),
            ("postgres:///x?host=/run/pg", "postgres:///x"),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
    }

    #[test]
    fn odd_paths_are_encoded() {
        assert_eq!(
            file_address(Path::new("/a b/50%?#é.sqlite")),
            "sqlite:///a%20b/50%25%3F%23%C3%A9.sqlite"
        );
    }
}
