//! New keys, while reading goes on. Every step can be cut by a crash and done again from the start.

use crate::client_key::ClientKey;
use crate::note::seal_notes_anew;
use crate::person::ATTEMPTS;
use crate::person_key::PersonKeyRow;
use crate::random::Random;
use crate::reading::{Which, id_of};
use crate::rows;
use crate::sealing::{self, KeyPlace, Note, NotePlace, Place};
use crate::{Error, OperatorKey, Reader, Vault};
use policy::Purpose;
use sqlx::Row;
use std::sync::{Arc, PoisonError};
use vocabulary::{Moment, PersonId};

/// How many keys are wrapped anew in one transaction.
const BATCH: i64 = 500;

impl Vault {
    /// Wraps every client's key with a new operator's key, which takes the place of the old one. If it is cut off, open
    /// the vault with the old key and call it again. Gives how many were wrapped.
    pub async fn rotate_operator_key(&self, new: Arc<dyn OperatorKey>) -> Result<usize, Error> {
        let id = new.id();
        {
            let mut operators = self.operators.write().unwrap_or_else(PoisonError::into_inner);
            operators.retain(|operator| operator.id() != id);
            operators.push(Arc::clone(&new));
        }
        let rows = sqlx::query("SELECT client, version FROM client_keys WHERE operator <> $1")
            .bind(id.as_str())
            .fetch_all(self.keys.pool())
            .await?;
        for row in &rows {
            let (client, version): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let key = self.client_key(client as u32, version as u32).await?;
            let wrapped = new.wrap(&key.key).await?;
            let _turn = self.keys.turn().await;
            sqlx::query(
                "UPDATE client_keys SET operator = $1, wrapped = $2 WHERE client = $3 AND version = $4",
            )
            .bind(id.as_str())
            .bind(wrapped)
            .bind(client)
            .bind(version)
            .execute(self.keys.pool())
            .await?;
        }
        self.operators
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|operator| operator.id() == id);
        self.scrubbed().await?;
        Ok(rows.len())
    }

    /// Draws a new key for a client, wraps the keys of its people with it in batches, and forgets the old ones.
    /// Values stay sealed as they are. Gives how many keys were wrapped.
    pub async fn rotate_client_key(&self, client: u32) -> Result<usize, Error> {
        let old = self.newest_client_key(client).await?;
        self.add_client_key(client, old.version + 1, &old.index_secret)
            .await?;
        let new = self.newest_client_key(client).await?;
        let mut wrapped = 0;
        for _ in 0..ATTEMPTS {
            wrapped += self.wrap_anew(&new).await?;
            let turn = self.keys.turn().await;
            let deleted = sqlx::query("DELETE FROM client_keys WHERE client = $1 AND version < $2")
                .bind(i64::from(client))
                .bind(i64::from(new.version))
                .execute(self.keys.pool())
                .await;
            drop(turn);
            match deleted.map_err(sqldb::Error::from) {
                Ok(_) => {
                    self.client_keys
                        .write()
                        .unwrap_or_else(PoisonError::into_inner)
                        .retain(|(of, version), _| *of != client || *version >= new.version);
                    self.scrubbed().await?;
                    return Ok(wrapped);
                }
                // Somebody was added with the old key since.
                Err(sqldb::Error::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Wraps the keys of a client's people that are not wrapped by this one.
    async fn wrap_anew(&self, new: &ClientKey) -> Result<usize, Error> {
        let mut random = Random::new();
        let (mut wrapped, mut last) = (0, Vec::new());
        loop {
            let rows = sqlx::query(
                "SELECT person, version, client_version, wrapped FROM person_keys
                 WHERE person > $1 AND client = $2 AND client_version < $3 ORDER BY person LIMIT $4",
            )
            .bind(last.clone())
            .bind(i64::from(new.client))
            .bind(i64::from(new.version))
            .bind(BATCH)
            .fetch_all(self.keys.pool())
            .await?;
            let Some(end) = rows.last() else {
                return Ok(wrapped);
            };
            last = end.try_get(0)?;
            let mut write = self.keys.write().await?;
            for row in &rows {
                let person = id_of(row.try_get(0)?)?;
                let version = row.try_get::<i64, _>(1)? as u32;
                let client_version = row.try_get::<i64, _>(2)? as u32;
                let old = self.client_key(new.client, client_version).await?;
                let place = KeyPlace::Person {
                    client: new.client,
                    person,
                    version,
                    client_version,
                };
                let key = sealing::unwrap(&old.key, place, &row.try_get::<Vec<u8>, _>(3)?)?;
                let fresh = PersonKeyRow::wrap(person, version, new, &key, &mut random)?;
                sqlx::query(
                    "UPDATE person_keys SET client_version = $1, wrapped = $2 WHERE person = $3 AND version = $4",
                )
                .bind(i64::from(fresh.client_version))
                .bind(fresh.wrapped)
                .bind(person.0.as_slice())
                .bind(i64::from(version))
                .execute(&mut **write)
                .await?;
                wrapped += 1;
            }
            write.commit().await?;
        }
    }

    /// Draws a new key for a person and seals every value with it, so that no earlier copy of the old key opens what is
    /// kept from now on. The values are opened for it: the guard is asked by [`Reader::Job`] `key_rotation` for
    /// [`Purpose::LegalDuty`] (security of processing: GDPR article 32, 152-FZ article 19).
    pub async fn rotate_person_key(&self, person: PersonId, now: Moment) -> Result<(), Error> {
        let vault = self.clone();
        tokio::spawn(async move { vault.rotate_person(person, now).await })
            .await
            .expect("a rotation does not panic")
    }

    async fn rotate_person(&self, person: PersonId, now: Moment) -> Result<(), Error> {
        let job = Reader::Job("key_rotation");
        let mut random = Random::new();
        for _ in 0..ATTEMPTS {
            let (loaded, cipher) = self.load_with_key(person, Which::Everything).await?;
            let client_key = self.newest_client_key(loaded.client).await?;
            let newest = self.newest_version(person).await?;
            let (key_row, fresh) = PersonKeyRow::draw(person, newest + 1, &client_key, &mut random)?;
            let opened = self
                .open_loaded(&job, person, Purpose::LegalDuty, &loaded, &cipher, now)
                .await?;
            let mut keys = self.keys.write().await?;
            rows::insert_keys(self.keys.engine(), &mut keys, &[key_row]).await?;
            keys.commit().await?;

            let mut fields = self.fields.write().await?;
            let changed = sqlx::query(
                "UPDATE persons SET changed = changed + 1, key_version = $1 WHERE number = $2 AND changed = $3",
            )
            .bind(i64::from(newest + 1))
            .bind(loaded.number)
            .bind(loaded.changed)
            .execute(&mut **fields)
            .await?;
            if changed.rows_affected() == 0 {
                // Somebody was faster, or erased the person: the new key sealed nothing.
                drop(fields);
                self.forget_keys(person, newest + 1, newest + 1).await?;
                continue;
            }
            for (kept, content) in &opened {
                let place = Place {
                    key_version: newest + 1,
                    ..loaded.place(person, kept)
                };
                sqlx::query("UPDATE fields SET sealed = $1 WHERE id = $2")
                    .bind(fresh.seal(&place, content, &mut random)?)
                    .bind(kept.id.0)
                    .execute(&mut **fields)
                    .await?;
            }
            let notes = NotePlace {
                note: Note::Hold,
                client: loaded.client,
                person,
                written: now,
                key_version: loaded.key_version,
            };
            let ciphers = (&cipher, &fresh);
            seal_notes_anew(
                &mut fields,
                loaded.number,
                notes,
                ciphers,
                newest + 1,
                &mut random,
            )
            .await?;
            fields.commit().await?;
            self.forget_keys(person, 1, newest).await?;
            self.scrubbed().await?;
            return Ok(());
        }
        Err(Error::Busy)
    }

    async fn forget_keys(&self, person: PersonId, first: u32, last: u32) -> Result<(), Error> {
        let _turn = self.keys.turn().await;
        sqlx::query("DELETE FROM person_keys WHERE person = $1 AND version BETWEEN $2 AND $3")
            .bind(person.0.as_slice())
            .bind(i64::from(first))
            .bind(i64::from(last))
            .execute(self.keys.pool())
            .await?;
        Ok(())
    }

    async fn newest_version(&self, person: PersonId) -> Result<u32, Error> {
        let row = sqlx::query("SELECT MAX(version) FROM person_keys WHERE person = $1")
            .bind(person.0.as_slice())
            .fetch_one(self.keys.pool())
            .await?;
        match row.try_get::<Option<i64>, _>(0)? {
            Some(version) => Ok(version as u32),
            None => Err(self.without_key(person).await),
        }
    }
}
