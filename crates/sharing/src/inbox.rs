//! Letters that come, each taken once.

use crate::Error;
use crate::letter::Letter;
use crate::tls::Tls;
use credentials::Seal;
use sqldb::{Database, Write};
use sqlx::Row;
use vocabulary::Moment;

/// Where letters come in: from a mailbox ([`Inbox::connect`]) or from a file ([`Inbox::receive`]); cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
    pub(crate) tls: Tls,
}

/// A letter that waits to be taken: store what it brings together with [`Arrival::id`], then call [`Inbox::taken`].
/// If the process ends in between it comes again, with the same id.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The letter.
    pub letter: Letter,
    /// A keyed digest of its bytes: the same bytes always have the same id.
    pub id: [u8; 32],
    pub(crate) place: Option<Place>,
}

/// Where in a mailbox a letter is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) mailbox: Vec<u8>,
    pub(crate) validity: u32,
    pub(crate) uid: u32,
}

impl Inbox {
    /// Reads one letter from its bytes, as a mail server hands it to a command. `None` if it was taken before.
    pub async fn receive(&self, raw: &[u8]) -> Result<Option<Arrival>, Error> {
        let arrival = self.arrival(raw, None);
        Ok(if self.was_taken(&arrival).await? {
            None
        } else {
            Some(arrival)
        })
    }

    pub(crate) fn arrival(&self, raw: &[u8], place: Option<Place>) -> Arrival {
        Arrival {
            letter: Letter::read(raw),
            id: self.seal.digest(raw),
            place,
        }
    }

    pub(crate) async fn was_taken(&self, arrival: &Arrival) -> Result<bool, Error> {
        let row = sqlx::query("SELECT 1 FROM arrivals WHERE digest = $1")
            .bind(arrival.id.to_vec())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(row.is_some())
    }

    /// Says that what the letter brings is stored: it does not come again.
    pub async fn taken(&self, arrival: &Arrival, now: Moment) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        sqlx::query("INSERT INTO arrivals (digest, at_ms) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING")
            .bind(arrival.id.to_vec())
            .bind(now.0)
            .execute(&mut *write)
            .await?;
        if let Some(place) = &arrival.place {
            read_up_to(&mut write, place).await?;
        }
        Ok(write.commit().await?)
    }

    /// Passes over a place that holds no letter any more, or one that was taken from elsewhere.
    pub(crate) async fn pass_over(&self, place: &Place) -> Result<(), Error> {
        let mut write = self.database.write().await?;
        read_up_to(&mut write, place).await?;
        Ok(write.commit().await?)
    }

    /// The last uid that was read of a mailbox, 0 if none was: when the server numbers anew (another UIDVALIDITY,
    /// RFC 9051, section 2.3.1.1) everything is read again, and known letters are passed over.
    pub(crate) async fn last_uid(&self, mailbox: &[u8], validity: u32) -> Result<u32, Error> {
        let row = sqlx::query("SELECT uid FROM mailboxes WHERE name = $1 AND validity = $2")
            .bind(mailbox.to_vec())
            .bind(i64::from(validity))
            .fetch_optional(self.database.pool())
            .await?;
        match row {
            None => Ok(0),
            Some(row) => Ok(row.try_get::<i64, _>(0)? as u32),
        }
    }
}

async fn read_up_to(write: &mut Write, place: &Place) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO mailboxes (name, validity, uid) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET
         uid = CASE WHEN mailboxes.validity = excluded.validity AND mailboxes.uid > excluded.uid
               THEN mailboxes.uid ELSE excluded.uid END,
         validity = excluded.validity",
    )
    .bind(place.mailbox.clone())
    .bind(i64::from(place.validity))
    .bind(i64::from(place.uid))
    .execute(&mut **write)
    .await?;
    Ok(())
}
