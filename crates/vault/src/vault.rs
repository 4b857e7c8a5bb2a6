//! The vault. Its doors stand with the things they open: giving in [`crate::person`], reading beside it, many people at
//! once in [`crate::import`], holds in [`crate::hold`], ends in [`crate::retention`] and [`crate::erasure`].

use crate::client_key::ClientKey;
use crate::migrations::{FIELDS, KEYS};
use crate::number::Numbers;
use crate::random::Random;
use crate::store::{Store, Writing};
use crate::tally::Tally;
use crate::{Error, Guard, OperatorKey};
use policy::retention::Rules;
use sqldb::Database;
use sqlx::Row;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, RwLock};
use vocabulary::PersonId;

/// What the operator decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The ids of the ranges of advertising spend that people can choose from.
    pub budget_ranges: Vec<String>,
    /// How long things are kept.
    pub retention: Rules,
}

/// The vault, over two databases; cheap to clone, all clones share keys and counts.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

/// What all clones share.
pub struct Inner {
    pub(crate) fields: Store,
    pub(crate) keys: Store,
    pub(crate) guard: Arc<dyn Guard>,
    pub(crate) settings: Settings,
    /// The newest last; two only while one replaces the other.
    pub(crate) operators: RwLock<Vec<Arc<dyn OperatorKey>>>,
    pub(crate) client_keys: RwLock<HashMap<(u32, u32), Arc<ClientKey>>>,
    pub(crate) numbers: Numbers,
    pub(crate) tally: Tally,
    pub(crate) salt: [u8; 16],
}

impl std::ops::Deref for Vault {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Migrates both databases, and finishes erasures that a crash, or the restoring of one of the two databases alone,
    /// cut in half.
    pub async fn open(
        fields: Database,
        keys: Database,
        operator: Arc<dyn OperatorKey>,
        guard: Arc<dyn Guard>,
        settings: Settings,
    ) -> Result<Self, Error> {
        fields.migrate("vault", FIELDS).await?;
        keys.migrate("vault keys", KEYS).await?;
        let is_new = sqlx::query("SELECT 1 FROM vault_salt")
            .fetch_optional(keys.pool())
            .await?
            .is_none();
        if is_new && has_people(&fields).await? {
            return Err(Error::KeysMissing);
        }
        let salt = stored_salt(&keys).await?;
        let vault = Self(Arc::new(Inner {
            fields: Store::new(fields),
            keys: Store::new(keys),
            tally: Tally::default(),
            guard,
            settings,
            operators: RwLock::new(vec![operator]),
            client_keys: RwLock::default(),
            numbers: Numbers::default(),
            salt,
        }));
        vault.finish_erasures().await?;
        Ok(vault)
    }

    /// How many values were opened since the key database was made: equal to the number of values in the audit entries
    /// that the guard wrote. After a crash the audit log may be ahead by the values of the requests then in flight;
    /// it is never behind.
    pub async fn opened(&self) -> Result<u64, Error> {
        self.tally.opened(&self.keys).await
    }

    /// After restoring: counts no more values as opened than the restored audit log has readings of. Gives how many were
    /// counted beyond that, whose log is not there.
    pub async fn forget_openings_after(&self, values_read: u64) -> Result<u64, Error> {
        self.tally.lower(&self.keys, values_read).await
    }

    /// Closes both databases, waiting for what is under way.
    pub async fn close(&self) {
        self.keys.close().await;
        self.fields.close().await;
    }

    /// Empties the write-ahead logs of both databases, so that what was deleted leaves no bytes behind. Done after each
    /// erasure; call it again where [`crate::Erased::bytes_gone`] was false, and once a day.
    pub async fn scrub(&self) -> Result<(), Error> {
        self.keys.scrub().await?;
        self.fields.scrub().await?;
        Ok(())
    }

    /// For whom we hold the person; 0 is the agency itself.
    pub async fn client_of(&self, person: PersonId) -> Result<u32, Error> {
        Ok(self.person_row(person).await?.client)
    }

    pub(crate) async fn person_row(&self, person: PersonId) -> Result<PersonRow, Error> {
        let row = sqlx::query("SELECT number, client, key_version FROM persons WHERE id = $1")
            .bind(person.0.as_slice())
            .fetch_optional(self.fields.pool())
            .await?
            .ok_or(Error::NotFound("person"))?;
        Ok(PersonRow {
            number: row.try_get(0)?,
            client: row.try_get::<i64, _>(1)? as u32,
            key_version: row.try_get::<i64, _>(2)? as u32,
        })
    }

    /// Begins a change of one person; writers of the same person take turns. Gives the person's number.
    pub(crate) async fn change(&self, person: PersonId) -> Result<(Writing<'_>, i64), Error> {
        let mut write = self.fields.write().await?;
        let row = sqlx::query("UPDATE persons SET changed = changed + 1 WHERE id = $1 RETURNING number")
            .bind(person.0.as_slice())
            .fetch_optional(&mut **write)
            .await?
            .ok_or(Error::NotFound("person"))?;
        let number = row.try_get(0)?;
        Ok((write, number))
    }
}

/// What is needed to change a person.
pub(crate) struct PersonRow {
    pub(crate) number: i64,
    pub(crate) client: u32,
    pub(crate) key_version: u32,
}

/// Whether a database of fields has people in it: then the database of keys is not to be made anew.
pub async fn has_people(fields: &Database) -> Result<bool, Error> {
    fields.migrate("vault", FIELDS).await?;
    let any = sqlx::query("SELECT 1 FROM persons LIMIT 1")
        .fetch_optional(fields.pool())
        .await?;
    Ok(any.is_some())
}

/// The salt of this vault's tombstones, drawn at first.
async fn stored_salt(keys: &Database) -> Result<[u8; 16], Error> {
    let fresh: [u8; 16] = Random::new().draw()?;
    sqlx::query("INSERT INTO vault_salt (one, salt) VALUES (1, $1) ON CONFLICT (one) DO NOTHING")
        .bind(fresh.as_slice())
        .execute(keys.pool())
        .await?;
    let row = sqlx::query("SELECT salt FROM vault_salt")
        .fetch_one(keys.pool())
        .await?;
    let salt: Vec<u8> = row.try_get(0)?;
    salt.try_into().map_err(|_| Error::Corrupt("salt"))
}
