//! One of the vault's two databases.

use crate::Error;
use sqldb::{Database, Engine, Write};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyPool};
use std::ops::{Deref, DerefMut};
use tokio::sync::{Mutex, MutexGuard};

/// A database whose writers in this process stand in a queue: an SQLite file has one writer at a time, and would let
/// those who wait try their luck again and again.
pub(crate) struct Store {
    database: Database,
    queue: Mutex<()>,
}

/// A transaction and the turn to write. Run a statement with `&mut **writing`.
pub(crate) struct Writing<'a> {
    write: Write,
    _turn: MutexGuard<'a, ()>,
}

impl Store {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            queue: Mutex::default(),
        }
    }

    /// To read with; and to write single statements with, by whoever has the [`Store::turn`].
    pub(crate) fn pool(&self) -> &AnyPool {
        self.database.pool()
    }

    /// As [`Database::rows`].
    pub(crate) async fn rows(&self, query: Query<'_, Any, AnyArguments>) -> Result<Vec<AnyRow>, sqlx::Error> {
        self.database.rows(query).await
    }

    pub(crate) fn engine(&self) -> Engine {
        self.database.engine()
    }

    /// As [`Database::close`].
    pub(crate) async fn close(&self) {
        self.database.close().await;
    }

    /// Waits for the turn to write.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.queue.lock().await
    }

    /// Waits for the turn and begins a transaction.
    pub(crate) async fn write(&self) -> Result<Writing<'_>, Error> {
        let turn = self.turn().await;
        Ok(Writing {
            write: self.database.write().await?,
            _turn: turn,
        })
    }

    /// As [`Database::scrub`].
    pub(crate) async fn scrub(&self) -> Result<(), sqldb::Error> {
        let _turn = self.turn().await;
        self.database.scrub().await
    }
}

impl Writing<'_> {
    pub(crate) async fn commit(self) -> Result<(), Error> {
        Ok(self.write.commit().await?)
    }
}

impl Deref for Writing<'_> {
    type Target = Write;
    fn deref(&self) -> &Write {
        &self.write
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut Write {
        &mut self.write
    }
}
