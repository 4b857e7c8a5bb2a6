//! Keys of persons, in the key database.

use crate::client_key::ClientKey;
use crate::random::Random;
use crate::sealing::{self, Key, KeyPlace, PersonCipher};
use crate::{Error, Vault};
use sqlx::Row;
use vocabulary::PersonId;

/// A row of `person_keys`.
pub(crate) struct PersonKeyRow {
    pub(crate) person: PersonId,
    pub(crate) version: u32,
    pub(crate) client: u32,
    pub(crate) client_version: u32,
    pub(crate) wrapped: Vec<u8>,
}

impl PersonKeyRow {
    /// A fresh key, wrapped, and ready to seal with.
    pub(crate) fn draw(
        person: PersonId,
        version: u32,
        by: &ClientKey,
        random: &mut Random,
    ) -> Result<(Self, PersonCipher), Error> {
        let key = Key::new(random.draw()?);
        let row = Self::wrap(person, version, by, &key, random)?;
        Ok((row, PersonCipher::new(&key)))
    }

    /// A key, wrapped by a client's.
    pub(crate) fn wrap(
        person: PersonId,
        version: u32,
        by: &ClientKey,
        key: &Key,
        random: &mut Random,
    ) -> Result<Self, Error> {
        let place = KeyPlace::Person {
            client: by.client,
            person,
            version,
            client_version: by.version,
        };
        Ok(Self {
            person,
            version,
            client: by.client,
            client_version: by.version,
            wrapped: sealing::wrap(&by.key, place, key, random)?,
        })
    }
}

impl Vault {
    /// The person's key of that version; `None` if the person has no such key, or none any more.
    pub(crate) async fn person_key(&self, person: PersonId, version: u32) -> Result<Option<Key>, Error> {
        let sql =
            "SELECT client, client_version, wrapped FROM person_keys WHERE person = $1 AND version = $2";
        let query = sqlx::query(sql).bind(person.0.to_vec()).bind(i64::from(version));
        let Some(row) = self.keys.rows(query).await?.pop() else {
            return Ok(None);
        };
        let client = row.try_get::<i64, _>(0)? as u32;
        let client_version = row.try_get::<i64, _>(1)? as u32;
        let by = self.client_key(client, client_version).await?;
        let place = KeyPlace::Person {
            client,
            person,
            version,
            client_version,
        };
        sealing::unwrap(&by.key, place, &row.try_get::<Vec<u8>, _>(2)?).map(Some)
    }
}
