//! Keys of clients: wrapped by the operator's key in the key database, unwrapped in memory.

use crate::blind_index::BlindIndex;
use crate::random::Random;
use crate::sealing::{self, Key, KeyPlace};
use crate::{Error, KeyFault, OperatorKey, Vault};
use sqlx::Row;
use std::sync::{Arc, PoisonError};

/// A client's key, wiped when dropped.
pub(crate) struct ClientKey {
    pub(crate) client: u32,
    pub(crate) version: u32,
    pub(crate) key: Key,
    pub(crate) index_secret: Key,
    pub(crate) index: BlindIndex,
}

impl Vault {
    /// The client's newest key, made if there is none.
    pub(crate) async fn newest_client_key(&self, client: u32) -> Result<Arc<ClientKey>, Error> {
        loop {
            let row = sqlx::query("SELECT MAX(version) FROM client_keys WHERE client = $1")
                .bind(i64::from(client))
                .fetch_one(self.keys.pool())
                .await?;
            if let Some(version) = row.try_get::<Option<i64>, _>(0)? {
                return self.client_key(client, version as u32).await;
            }
            let index_secret = Key::new(Random::new().draw()?);
            self.add_client_key(client, 1, &index_secret).await?;
        }
    }

    /// The client's key of that version.
    pub(crate) async fn client_key(&self, client: u32, version: u32) -> Result<Arc<ClientKey>, Error> {
        if let Some(key) = self.cached_client_key(client, version) {
            return Ok(key);
        }
        let row = sqlx::query(
            "SELECT operator, wrapped, index_wrapped FROM client_keys WHERE client = $1 AND version = $2",
        )
        .bind(i64::from(client))
        .bind(i64::from(version))
        .fetch_optional(self.keys.pool())
        .await?
        .ok_or(Error::Corrupt("key"))?;
        let operator = self.operator_of(&row.try_get::<String, _>(0)?)?;
        let key = operator.unwrap(&row.try_get::<Vec<u8>, _>(1)?).await?;
        let place = KeyPlace::Index {
            client,
            client_version: version,
        };
        let index_secret = sealing::unwrap(&key, place, &row.try_get::<Vec<u8>, _>(2)?)?;
        let index = BlindIndex::new(&index_secret);
        let key = Arc::new(ClientKey {
            client,
            version,
            key,
            index_secret,
            index,
        });
        self.client_keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((client, version), Arc::clone(&key));
        Ok(key)
    }

    fn cached_client_key(&self, client: u32, version: u32) -> Option<Arc<ClientKey>> {
        let cached = self.client_keys.read().unwrap_or_else(PoisonError::into_inner);
        cached.get(&(client, version)).map(Arc::clone)
    }

    /// Draws and stores a key of that version, unless another process was first.
    pub(crate) async fn add_client_key(
        &self,
        client: u32,
        version: u32,
        index_secret: &Key,
    ) -> Result<(), Error> {
        let mut random = Random::new();
        let key = Key::new(random.draw()?);
        let operator = self.newest_operator();
        let place = KeyPlace::Index {
            client,
            client_version: version,
        };
        let wrapped = operator.wrap(&key).await?;
        let _turn = self.keys.turn().await;
        sqlx::query(
            "INSERT INTO client_keys (client, version, operator, wrapped, index_wrapped)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (client, version) DO NOTHING",
        )
        .bind(i64::from(client))
        .bind(i64::from(version))
        .bind(operator.id())
        .bind(wrapped)
        .bind(sealing::wrap(&key, place, index_secret, &mut random)?)
        .execute(self.keys.pool())
        .await?;
        Ok(())
    }

    /// The operator's key in use: the newest, while one replaces another.
    pub(crate) fn newest_operator(&self) -> Arc<dyn OperatorKey> {
        let operators = self.operators.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            operators
                .last()
                .expect("a vault is opened with an operator's key"),
        )
    }

    /// The names of the operator's keys that client keys are wrapped by: one, but while one replaces another.
    pub async fn operators(&self) -> Result<Vec<String>, Error> {
        let rows = sqlx::query("SELECT DISTINCT operator FROM client_keys ORDER BY operator")
            .fetch_all(self.keys.pool())
            .await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }

    /// That the operator's key here opens every client's key, by name; else names the one that is missing.
    pub async fn check_operator(&self) -> Result<(), Error> {
        for id in self.operators().await? {
            self.operator_of(&id)?;
        }
        Ok(())
    }

    fn operator_of(&self, id: &str) -> Result<Arc<dyn OperatorKey>, Error> {
        let operators = self.operators.read().unwrap_or_else(PoisonError::into_inner);
        let found = operators.iter().find(|operator| operator.id() == id);
        Ok(found
            .map(Arc::clone)
            .ok_or_else(|| KeyFault::Other(id.to_owned()))?)
    }
}
