//! Erasing a person for good, and again after a backup was restored.
//!
//! First the person's key goes, together with a tombstone; then everything else. From the first commit on no copy of the
//! values can be read, wherever it lies, but by a copy of the key database from before. Therefore tombstones are to be
//! kept outside both databases too ([`Vault::tombstones`]) and given back after restoring ([`Vault::replay_tombstones`]).

use crate::person::refuse_if_held;
use crate::reading::id_of;
use crate::{Error, Refusal, Vault};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqldb::Write;
use sqlx::{AnyPool, AssertSqlSafe, Row};
use std::collections::HashSet;
use vocabulary::{Moment, PersonId};

/// Who was erased, in a form that says so only to whoever has the person's number already.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tombstone {
    /// SHA-256 of salt ‖ person's number (16 bytes).
    pub hash: [u8; 32],
    /// The vault's salt.
    pub salt: [u8; 16],
    /// Why, in 1 to 200 characters; nothing personal.
    pub reason: String,
    /// When.
    pub erased: Moment,
}

/// A person that was erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erased {
    /// What is left.
    pub tombstone: Tombstone,
    /// Whether the bytes are gone from the files as well. If not, a reader was in the way: call [`Vault::scrub`] later.
    /// PostgreSQL overwrites its files when it likes (`VACUUM`); there it is always true.
    pub bytes_gone: bool,
}

/// How many rows of people are looked through at a time.
const PAGE: i64 = 5_000;

impl Vault {
    /// Destroys the person's key, values, indexes and everything else but a tombstone. Refused while a hold stands.
    pub async fn erase(&self, person: PersonId, reason: &str, now: Moment) -> Result<Erased, Error> {
        let tombstone = self.destroy(person, reason, now).await?;
        Ok(Erased {
            tombstone,
            bytes_gone: self.scrubbed().await?,
        })
    }

    /// Erases without emptying the write-ahead logs.
    pub(crate) async fn destroy(
        &self,
        person: PersonId,
        reason: &str,
        now: Moment,
    ) -> Result<Tombstone, Error> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > 200 {
            return Err(Refusal::Reason.into());
        }
        let tombstone = Tombstone {
            hash: hash(&self.salt, person),
            salt: self.salt,
            reason: reason.to_owned(),
            erased: now,
        };
        let (mut fields, number) = self.change(person).await?;
        refuse_if_held(&mut fields, number).await?;
        let mut keys = self.keys.write().await?;
        delete_keys(&mut keys, person).await?;
        bury(&mut keys, &tombstone).await?;
        keys.commit().await?;
        delete_person(&mut fields, number).await?;
        bury(&mut fields, &tombstone).await?;
        fields.commit().await?;
        Ok(tombstone)
    }

    /// Whether [`Vault::scrub`] could empty both logs.
    pub(crate) async fn scrubbed(&self) -> Result<bool, Error> {
        match self.scrub().await {
            Ok(()) => Ok(true),
            Err(Error::Storage(sqldb::Error::Busy(_))) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Everyone who was erased, to be kept where restoring these databases does not reach.
    pub async fn tombstones(&self) -> Result<Vec<Tombstone>, Error> {
        tombstones_in(self.keys.pool()).await
    }

    /// Whether a person was erased.
    pub async fn was_erased(&self, person: PersonId) -> Result<bool, Error> {
        let found = sqlx::query("SELECT 1 FROM tombstones WHERE hash = $1")
            .bind(hash(&self.salt, person).to_vec())
            .fetch_optional(self.keys.pool())
            .await?;
        Ok(found.is_some())
    }

    /// How many were erased, and when the last.
    pub async fn erasures(&self) -> Result<(u64, Option<Moment>), Error> {
        let row = sqlx::query("SELECT COUNT(*), MAX(erased_ms) FROM tombstones")
            .fetch_one(self.keys.pool())
            .await?;
        let last: Option<i64> = row.try_get(1)?;
        Ok((row.try_get::<i64, _>(0)? as u64, last.map(Moment)))
    }

    /// After restoring a backup: erases again everyone whom these tombstones name, whatever holds the backup knows.
    /// Gives how many were there.
    pub async fn replay_tombstones(&self, tombstones: &[Tombstone]) -> Result<usize, Error> {
        let mut known = self.tombstones().await?;
        known.extend_from_slice(tombstones);
        let found = self.erase_again(&known).await?;
        self.scrubbed().await?;
        Ok(found)
    }

    /// Carries over tombstones that only one of the two databases has.
    pub(crate) async fn finish_erasures(&self) -> Result<(), Error> {
        let of_keys = tombstones_in(self.keys.pool()).await?;
        let of_fields = tombstones_in(self.fields.pool()).await?;
        let hashes = |stones: &[Tombstone]| stones.iter().map(|stone| stone.hash).collect::<HashSet<_>>();
        let both = &hashes(&of_keys) & &hashes(&of_fields);
        let halves: Vec<Tombstone> = of_keys
            .into_iter()
            .chain(of_fields)
            .filter(|stone| !both.contains(&stone.hash))
            .collect();
        if !halves.is_empty() {
            self.erase_again(&halves).await?;
            self.scrubbed().await?;
        }
        Ok(())
    }

    /// How many people have values that the keys here cannot open, though nobody erased them: their keys are of another
    /// time, as after restoring backups that do not belong together.
    pub async fn without_keys(&self) -> Result<u64, Error> {
        let mut missing = 0;
        let mut last = Vec::new();
        loop {
            let rows = sqlx::query(
                "SELECT id, key_version FROM persons
                 WHERE id > $1 AND EXISTS (SELECT 1 FROM fields WHERE fields.person = persons.number)
                 ORDER BY id LIMIT $2",
            )
            .bind(last.clone())
            .bind(PAGE)
            .fetch_all(self.fields.pool())
            .await?;
            let Some(end) = rows.last() else {
                return Ok(missing);
            };
            let end: Vec<u8> = end.try_get(0)?;
            let keys =
                sqlx::query("SELECT person, version FROM person_keys WHERE person > $1 AND person <= $2")
                    .bind(last)
                    .bind(end.clone())
                    .fetch_all(self.keys.pool())
                    .await?;
            let keys: HashSet<(Vec<u8>, i64)> = keys
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
                .collect::<Result<_, sqlx::Error>>()?;
            for row in &rows {
                missing += u64::from(!keys.contains(&(row.try_get(0)?, row.try_get(1)?)));
            }
            last = end;
        }
    }

    async fn erase_again(&self, tombstones: &[Tombstone]) -> Result<usize, Error> {
        let hashes: HashSet<[u8; 32]> = tombstones.iter().map(|stone| stone.hash).collect();
        let salts: HashSet<[u8; 16]> = tombstones.iter().map(|stone| stone.salt).collect();
        let is_named = |person: &PersonId| salts.iter().any(|salt| hashes.contains(&hash(salt, *person)));
        let mut found: HashSet<PersonId> = HashSet::new();
        for (database, table, column) in [
            (&self.keys, "person_keys", "person"),
            (&self.fields, "persons", "id"),
        ] {
            let sql = format!(
                "SELECT DISTINCT {column} FROM {table} WHERE {column} > $1 ORDER BY {column} LIMIT $2"
            );
            let mut last = Vec::new();
            loop {
                let rows = sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(last.clone())
                    .bind(PAGE)
                    .fetch_all(database.pool())
                    .await?;
                let Some(end) = rows.last() else {
                    break;
                };
                last = end.try_get(0)?;
                for row in &rows {
                    found.extend(Some(id_of(row.try_get(0)?)?).filter(&is_named));
                }
            }
        }
        let mut keys = self.keys.write().await?;
        for person in &found {
            delete_keys(&mut keys, *person).await?;
        }
        for stone in tombstones {
            bury(&mut keys, stone).await?;
        }
        keys.commit().await?;
        let mut fields = self.fields.write().await?;
        for person in &found {
            let row = sqlx::query("SELECT number FROM persons WHERE id = $1")
                .bind(person.0.as_slice())
                .fetch_optional(&mut **fields)
                .await?;
            if let Some(row) = row {
                delete_person(&mut fields, row.try_get(0)?).await?;
            }
        }
        for stone in tombstones {
            bury(&mut fields, stone).await?;
        }
        fields.commit().await?;
        Ok(found.len())
    }

    /// Why a person's key is missing: rotated again and again meanwhile, erased, or lost.
    pub(crate) async fn without_key(&self, person: PersonId) -> Error {
        let found = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM person_keys WHERE person = $1) AS keys,
                (SELECT COUNT(*) FROM tombstones WHERE hash = $2) AS stones",
        )
        .bind(person.0.as_slice())
        .bind(hash(&self.salt, person).to_vec())
        .fetch_one(self.keys.pool())
        .await
        .and_then(|row| Ok((row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?)));
        match found {
            Ok((0, 0)) => Error::Corrupt("key"),
            Ok((0, _)) => Error::NotFound("person"),
            Ok(_) => Error::Busy,
            Err(error) => error.into(),
        }
    }
}

fn hash(salt: &[u8; 16], person: PersonId) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(person.0);
    hasher.finalize().into()
}

async fn tombstones_in(pool: &AnyPool) -> Result<Vec<Tombstone>, Error> {
    let rows = sqlx::query("SELECT hash, salt, reason, erased_ms FROM tombstones ORDER BY erased_ms, hash")
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            const WRONG: Error = Error::Corrupt("tombstone");
            Ok(Tombstone {
                hash: row.try_get::<Vec<u8>, _>(0)?.try_into().map_err(|_| WRONG)?,
                salt: row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| WRONG)?,
                reason: row.try_get(2)?,
                erased: Moment(row.try_get(3)?),
            })
        })
        .collect()
}

async fn bury(write: &mut Write, stone: &Tombstone) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO tombstones (hash, salt, reason, erased_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash) DO NOTHING",
    )
    .bind(stone.hash.as_slice())
    .bind(stone.salt.as_slice())
    .bind(stone.reason.as_str())
    .bind(stone.erased.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

pub(crate) async fn delete_keys(write: &mut Write, person: PersonId) -> Result<(), Error> {
    sqlx::query("DELETE FROM person_keys WHERE person = $1")
        .bind(person.0.as_slice())
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn delete_person(write: &mut Write, number: i64) -> Result<(), Error> {
    for sql in [
        "DELETE FROM fields WHERE person = $1",
        "DELETE FROM givings WHERE person = $1",
        "DELETE FROM choices WHERE person = $1",
        "DELETE FROM holds WHERE person = $1",
        "DELETE FROM contracts WHERE person = $1",
        "DELETE FROM legal_duties WHERE person = $1",
        "DELETE FROM import_rows WHERE person = $1",
        "DELETE FROM persons WHERE number = $1",
    ] {
        sqlx::query(sql).bind(number).execute(&mut **write).await?;
    }
    Ok(())
}
