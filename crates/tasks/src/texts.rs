//! What staff writes about persons, sealed: why a task is done, why a glass was broken, what a review found.
//!
//! Each task and emergency opening has a key of its own for its texts, drawn at the first of them. It lies in the
//! database of keys, sealed under the key of this room; the texts lie with the task, sealed under it (both as
//! [`Seal`] does). Where a person is erased, the keys of the tasks that name the person go: then no copy of those texts
//! can be read, wherever it lies, but with a copy of the database of keys from before, and those are kept for a short
//! time.

use crate::named::bytes_of;
use crate::{Error, Reason};
use credentials::Seal;
use sqldb::{Database, Migration};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use std::fmt;
use vocabulary::TaskId;
use zeroize::Zeroizing;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "keys of the texts of tasks",
    sql: "
CREATE TABLE text_keys (
    task {blob} PRIMARY KEY,
    sealed {blob} NOT NULL
);
",
}];

/// A kind of text: its table, its column from when it was kept in clear, and the column that says which task it is of.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) table: &'static str,
    clear: &'static str,
    pub(crate) task: &'static str,
}

pub(crate) const TASK: Kind = Kind {
    table: "tasks",
    clear: "reason",
    task: "id",
};
pub(crate) const GLASS: Kind = Kind {
    table: "break_glass",
    clear: "reason",
    task: "id",
};
pub(crate) const REVIEW: Kind = Kind {
    table: "reviews",
    clear: "finding",
    task: "task",
};

/// Every kind.
pub(crate) const KINDS: [Kind; 3] = [TASK, GLASS, REVIEW];

/// The keys of texts.
#[derive(Clone)]
pub(crate) struct Texts {
    keys: Database,
    seal: Seal,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    pub(crate) async fn open(keys: Database, key: Zeroizing<[u8; 32]>) -> Result<Self, Error> {
        keys.migrate("task keys", MIGRATIONS).await?;
        Ok(Self {
            keys,
            seal: Seal::new(key),
        })
    }

    /// Seals a text of a task or an emergency opening.
    pub(crate) async fn seal(&self, kind: Kind, task: TaskId, text: &Reason) -> Result<Vec<u8>, Error> {
        let key = match self.key(task).await? {
            Some(key) => key,
            None => self.draw(task).await?,
        };
        Ok(key.seal(&place(kind, task), text.reveal().as_bytes())?)
    }

    /// Opens the text in a row of such a table; nothing where there is none, or none any more.
    pub(crate) async fn text_in(&self, kind: Kind, row: &AnyRow) -> Result<Reason, Error> {
        let Some(sealed) = row.try_get::<Option<Vec<u8>>, _>("sealed_text")? else {
            return Ok(Reason::default());
        };
        let task = TaskId(bytes_of(row, kind.task)?);
        let Some(key) = self.key(task).await? else {
            return Ok(Reason::default());
        };
        let bytes = key.open(&place(kind, task), &sealed);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        Ok(Reason::stored(text.ok_or(Error::Corrupt("text"))?))
    }

    /// From now on no text of these can be read.
    pub(crate) async fn forget(&self, tasks: &[TaskId]) -> Result<(), Error> {
        if tasks.is_empty() {
            return Ok(());
        }
        let mut write = self.keys.write().await?;
        for task in tasks {
            sqlx::query("DELETE FROM text_keys WHERE task = $1")
                .bind(task.0.to_vec())
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        scrubbed(&self.keys).await
    }

    /// Seals the texts that earlier versions kept in clear.
    pub(crate) async fn seal_clear(&self, database: &Database) -> Result<(), Error> {
        let mut was_any = false;
        for kind in KINDS {
            let Kind { table, clear, task } = kind;
            let sql = format!("SELECT id, {task} AS task, {clear} AS clear FROM {table} WHERE {clear} <> ''");
            let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(database.pool()).await?;
            let sql = format!("UPDATE {table} SET {clear} = '', sealed_text = $1 WHERE id = $2");
            for row in &rows {
                was_any = true;
                let text = Reason::stored(row.try_get("clear")?);
                let sealed = self.seal(kind, TaskId(bytes_of(row, "task")?), &text).await?;
                let update = sqlx::query(AssertSqlSafe(sql.clone())).bind(sealed);
                let update = match kind.task {
                    "id" => update.bind(row.try_get::<Vec<u8>, _>("id")?),
                    _ => update.bind(row.try_get::<i64, _>("id")?),
                };
                update.execute(database.pool()).await?;
            }
        }
        if was_any { scrubbed(database).await } else { Ok(()) }
    }

    async fn key(&self, task: TaskId) -> Result<Option<Seal>, Error> {
        let query = sqlx::query("SELECT sealed FROM text_keys WHERE task = $1").bind(task.0.to_vec());
        let Some(row) = self.keys.rows(query).await?.pop() else {
            return Ok(None);
        };
        let sealed: Vec<u8> = row.try_get(0)?;
        let bytes = self.seal.open(&key_place(task), &sealed);
        let bytes = bytes.ok_or(Error::Corrupt("key of a text"))?;
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(Error::Corrupt("key of a text"));
        }
        key.copy_from_slice(&bytes);
        Ok(Some(Seal::new(key)))
    }

    /// Another may draw at the same time: whoever was first counts.
    async fn draw(&self, task: TaskId) -> Result<Seal, Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key)?;
        sqlx::query("INSERT INTO text_keys (task, sealed) VALUES ($1, $2) ON CONFLICT (task) DO NOTHING")
            .bind(task.0.to_vec())
            .bind(self.seal.seal(&key_place(task), &*key)?)
            .execute(self.keys.pool())
            .await?;
        self.key(task).await?.ok_or(Error::Corrupt("key of a text"))
    }
}

/// Empties the write-ahead log, but leaves it to a later call where a reader is in the way.
pub(crate) async fn scrubbed(database: &Database) -> Result<(), Error> {
    match database.scrub().await {
        Err(sqldb::Error::Busy(_)) => Ok(()),
        other => Ok(other?),
    }
}

fn place(kind: Kind, task: TaskId) -> String {
    format!("{} {}", kind.table, task)
}

fn key_place(task: TaskId) -> String {
    format!("text key {task}")
}
