//! Mails of ours that did not arrive, until whoever wrote them was told.

use crate::{Error, Outbox};
use sqlx::Row;

/// Why a mail did not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotDelivered {
    /// Our mail server refused it for good.
    Refused,
    /// Our mail server did not take it for too long.
    GivenUp,
    /// It left, and a report of another mail server says that it did not arrive.
    CameBack,
}

impl NotDelivered {
    /// The name in the table `mails`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::CameBack => "came_back",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Refused, Self::GivenUp, Self::CameBack]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

impl Outbox {
    /// Mails that did not arrive and of which nobody was told: their message ids, and why. Oldest first, at most `most`.
    pub async fn not_delivered(&self, most: u32) -> Result<Vec<(String, NotDelivered)>, Error> {
        sqlx::query("SELECT message_id, undelivered FROM mails WHERE undelivered <> '' ORDER BY id LIMIT $1")
            .bind(i64::from(most))
            .fetch_all(self.ledger.database.pool())
            .await?
            .iter()
            .map(|row| {
                let why = NotDelivered::parse(&row.try_get::<String, _>("undelivered")?)
                    .ok_or(Error::Corrupt("mail"))?;
                Ok((row.try_get("message_id")?, why))
            })
            .collect()
    }

    /// Whoever wrote that mail was told that it did not arrive.
    pub async fn told_not_delivered(&self, message_id: &str) -> Result<(), Error> {
        sqlx::query("UPDATE mails SET undelivered = NULL WHERE message_id = $1")
            .bind(message_id)
            .execute(self.ledger.database.pool())
            .await?;
        Ok(())
    }
}
