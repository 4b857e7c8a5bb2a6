//! Who had the credentials of another account in their hands: whoever makes an account, makes a link to it or takes its
//! second factor away could use it. For a while such an account is no second person for them.

use crate::{AccountId, Error, Staff};
use sqlx::Row;
use vocabulary::{Moment, moment::DAY_MS};

/// How long it counts, in milliseconds.
pub const HAND_OVER_MS: i64 = 14 * DAY_MS;

impl Staff {
    /// Notes that `by` made the credentials of `account`, or could.
    pub async fn note_hand_over(&self, account: AccountId, by: AccountId, now: Moment) -> Result<(), Error> {
        let mut write = self.change().await?;
        sqlx::query(
            "INSERT INTO hand_overs (account, by_account, at_ms) VALUES ($1, $2, $3)
             ON CONFLICT (account) DO UPDATE SET by_account = excluded.by_account, at_ms = excluded.at_ms",
        )
        .bind(i64::from(account.0))
        .bind(i64::from(by.0))
        .bind(now.0)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// The other account that had the credentials of this one in its hands last, if that was within [`HAND_OVER_MS`].
    pub async fn handed_over_by(&self, account: AccountId, now: Moment) -> Result<Option<AccountId>, Error> {
        let row = sqlx::query("SELECT by_account FROM hand_overs WHERE account = $1 AND at_ms > $2")
            .bind(i64::from(account.0))
            .bind(now.0 - HAND_OVER_MS)
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| Ok(AccountId(row.try_get::<i64, _>(0)? as u32)))
            .transpose()
    }
}
