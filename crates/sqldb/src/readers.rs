//! Connections to an SQLite file that are kept to read with.
//!
//! Every connection to an SQLite file is a thread. A pool asks it twice for each statement whether it still lives, and
//! takes another one each time: three errands of that thread instead of one, and a cold cache. A file does not hang up,
//! so here the connection that was used last is used next, without being asked.

use crate::database::set_up;
use sqlx::any::{AnyArguments, AnyConnectOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Connection};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

/// How many read at once; more would only share the same processors.
const READERS: usize = 4;

/// Connections that only read, opened when they are needed.
#[derive(Debug)]
pub(crate) struct Readers {
    options: AnyConnectOptions,
    idle: Mutex<Vec<AnyConnection>>,
    permits: Semaphore,
}

impl Readers {
    pub(crate) fn new(options: AnyConnectOptions) -> Self {
        Self {
            options,
            idle: Mutex::default(),
            permits: Semaphore::new(READERS),
        }
    }

    /// The rows of one statement. A connection on which it fails, or is given up, is not used again.
    pub(crate) async fn rows(&self, query: Query<'_, Any, AnyArguments>) -> Result<Vec<AnyRow>, sqlx::Error> {
        let permit = self.permits.acquire().await;
        let _permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        let kept = self.idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let rows = query.fetch_all(&mut connection).await?;
        self.idle().push(connection);
        Ok(rows)
    }

    async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        let mut connection = AnyConnection::connect_with(&self.options).await?;
        set_up(&mut connection).await?;
        sqlx::raw_sql("PRAGMA query_only = ON")
            .execute(&mut connection)
            .await?;
        Ok(connection)
    }

    /// Closes every connection, waiting for those in use.
    pub(crate) async fn close(&self) {
        let all = self.permits.acquire_many(READERS as u32).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            // Nothing waits to be written.
            let _ = connection.close().await;
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<AnyConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
