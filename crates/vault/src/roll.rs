//! Who is in the vault, by number: nothing of what they gave.

use crate::reading::id_of;
use crate::{Error, Vault};
use sqlx::Row;
use vocabulary::{Moment, PersonId};

/// Somebody in the vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Enrolled {
    /// In the order in which people came, for the next page.
    pub number: i64,
    /// Who.
    pub id: PersonId,
    /// For whom we hold the person; 0 is the agency itself.
    pub client: u32,
    /// Since when.
    pub created: Moment,
    /// How many values are kept, letters included.
    pub values: u64,
}

impl Vault {
    /// At most `most` people, of one client or of all, oldest first, from the one that came after number `after` (0 for
    /// the first). Opens nothing.
    pub async fn roll(&self, client: Option<u32>, after: i64, most: u32) -> Result<Vec<Enrolled>, Error> {
        let rows = sqlx::query(
            "SELECT number, id, client, created_ms,
                (SELECT COUNT(*) FROM fields WHERE fields.person = persons.number) AS kept
             FROM persons WHERE number > $1 AND (client = $2 OR $2 = -1) ORDER BY number LIMIT $3",
        )
        .bind(after)
        .bind(client.map_or(-1, i64::from))
        .bind(i64::from(most))
        .fetch_all(self.fields.pool())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Enrolled {
                    number: row.try_get("number")?,
                    id: id_of(row.try_get("id")?)?,
                    client: row.try_get::<i64, _>("client")? as u32,
                    created: Moment(row.try_get("created_ms")?),
                    values: row.try_get::<i64, _>("kept")? as u64,
                })
            })
            .collect()
    }

    /// How many people came after number `after`, of one client or of all.
    pub async fn people_after(&self, client: Option<u32>, after: i64) -> Result<u64, Error> {
        let row = sqlx::query("SELECT COUNT(*) FROM persons WHERE number > $1 AND (client = $2 OR $2 = -1)")
            .bind(after)
            .bind(client.map_or(-1, i64::from))
            .fetch_one(self.fields.pool())
            .await?;
        Ok(row.try_get::<i64, _>(0)? as u64)
    }

    /// The clients that have keys, in order.
    pub async fn clients_with_keys(&self) -> Result<Vec<u32>, Error> {
        let rows = sqlx::query("SELECT DISTINCT client FROM client_keys ORDER BY client")
            .fetch_all(self.keys.pool())
            .await?;
        rows.iter()
            .map(|row| Ok(row.try_get::<i64, _>(0)? as u32))
            .collect()
    }
}
