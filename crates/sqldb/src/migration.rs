//! Migrations: forward only, each recorded with the checksum of its text.

use crate::{Database, Engine, Error};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write as _;

/// One step from an older to a newer set of tables. Once published it is never changed: add another.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// What it does, in a few words.
    pub name: &'static str,
    /// Statements separated by `;`, with the placeholders of [`Engine::sql`].
    pub sql: &'static str,
}

/// What has been applied. `checksum` is the SHA-256, in lower-case hexadecimal, of the migration's text before
/// placeholders are filled in, so it is the same on both engines.
const RECORD: &str = "CREATE TABLE IF NOT EXISTS migrations (
    room TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (room, number)
)";

/// Any number will do, as long as every version of this program uses the same one.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(4706513297)";

impl Database {
    /// Brings the tables of `room` up to date: applies those of `migrations` that this database has not seen, all or
    /// none. Refuses with [`Error::Changed`] or [`Error::Newer`] where the database has seen something else.
    pub async fn migrate(&self, room: &str, migrations: &[Migration]) -> Result<(), Error> {
        let mut write = self.write().await?;
        if self.engine() == Engine::Postgres {
            sqlx::query(POSTGRES_LOCK).execute(&mut *write).await?;
        }
        sqlx::query(RECORD).execute(&mut *write).await?;
        let applied = sqlx::query("SELECT name, checksum FROM migrations WHERE room = $1 ORDER BY number")
            .bind(room)
            .fetch_all(&mut *write)
            .await?;
        for (place, row) in applied.iter().enumerate() {
            let name: String = row.try_get(0)?;
            let checksum: String = row.try_get(1)?;
            let room = room.to_owned();
            match migrations.get(place) {
                None => return Err(Error::Newer { room, name }),
                Some(known) if known.name != name || checksum_of(known.sql) != checksum => {
                    return Err(Error::Changed { room, name });
                }
                Some(_) => {}
            }
        }
        for (place, migration) in migrations.iter().enumerate().skip(applied.len()) {
            let sql = self.engine().sql(migration.sql);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *write).await?;
            sqlx::query("INSERT INTO migrations (room, number, name, checksum) VALUES ($1, $2, $3, $4)")
                .bind(room)
                .bind(place as i64 + 1)
                .bind(migration.name)
                .bind(checksum_of(migration.sql))
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(())
    }
}

fn checksum_of(sql: &str) -> String {
    Sha256::digest(sql.as_bytes())
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
