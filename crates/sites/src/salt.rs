//! The secrets of days, under which visitors without a cookie are recognised for a day and no longer.

use crate::{Error, Sites};
use sqlx::Row;
use std::fmt;

/// 32 random bytes of one UTC day, the same for all sites (each has its own key besides).
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// The salt, to compute an HMAC with.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// The salts of a day and of the one before it: hits may arrive after midnight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Salts {
    /// Number of the day, UTC days since 1970-01-01.
    pub day: i64,
    /// The day's salt.
    pub today: Salt,
    /// The salt of the day before.
    pub yesterday: Salt,
}

impl Sites {
    /// The salts of a UTC day (see [`vocabulary::Moment::utc_day`]) and the day before; drawn and stored on first use,
    /// so that a restart and every other node get the same.
    pub async fn salts_for(&self, day: i64) -> Result<Salts, Error> {
        Ok(Salts {
            day,
            today: self.salt(day).await?,
            yesterday: self.salt(day - 1).await?,
        })
    }

    async fn salt(&self, day: i64) -> Result<Salt, Error> {
        if let Some(salt) = self.stored_salt(day).await? {
            return Ok(salt);
        }
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)?;
        sqlx::query("INSERT INTO day_salts (day, bytes) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING")
            .bind(day)
            .bind(&fresh[..])
            .execute(self.database.pool())
            .await?;
        // Another node may have been first.
        self.stored_salt(day).await?.ok_or_else(|| corrupt(day))
    }

    async fn stored_salt(&self, day: i64) -> Result<Option<Salt>, Error> {
        let row = sqlx::query("SELECT bytes FROM day_salts WHERE day = $1")
            .bind(day)
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| {
            let bytes: Vec<u8> = row.try_get(0)?;
            bytes.try_into().map(Salt).map_err(|_| corrupt(day))
        })
        .transpose()
    }

    /// Destroys the salts of all days before `day`: their cookieless visitors can never be recognised again.
    /// To be called daily with yesterday's number. Returns how many were destroyed.
    pub async fn destroy_salts_before(&self, day: i64) -> Result<u64, Error> {
        let gone = sqlx::query("DELETE FROM day_salts WHERE day < $1")
            .bind(day)
            .execute(self.database.pool())
            .await?
            .rows_affected();
        // Also where nothing was deleted: a reader may have been in the way the last time.
        self.database.scrub().await?;
        Ok(gone)
    }
}

fn corrupt(day: i64) -> Error {
    Error::Corrupt {
        what: "salt",
        of: format!("day {day}"),
    }
}
