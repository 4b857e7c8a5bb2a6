//! Letters of ours that did not arrive: their case is our turn again.

use crate::letter::message_digest;
use crate::{CaseId, CaseStatus, Error, People};
use sqlx::Row;
use vocabulary::Moment;

vocabulary::closed_list! {
    /// Why a letter of ours did not arrive.
    Undelivered {
        /// The mail server refused it for good.
        Refused = "refused",
        /// The mail server did not take it for days.
        GivenUp = "given_up",
        /// It came back: another mail server reported that it could not be delivered.
        CameBack = "came_back",
    }
}

impl People {
    /// Writes down that the letter of ours with that message id did not arrive, and opens its case again. Gives the
    /// case; none if it was no letter of a case. Said twice, it changes nothing.
    pub async fn letter_undelivered(
        &self,
        message_id: &str,
        why: Undelivered,
        now: Moment,
    ) -> Result<Option<CaseId>, Error> {
        let mut write = self.change().await?;
        let Some(row) = sqlx::query(
            "SELECT id, case_id, undelivered FROM letters WHERE direction = 'out' AND message_sha256 = $1",
        )
        .bind(message_digest(message_id))
        .fetch_optional(&mut *write)
        .await?
        else {
            return Ok(None);
        };
        let case: i64 = row.try_get("case_id")?;
        if row.try_get::<Option<String>, _>("undelivered")?.is_none() {
            sqlx::query("UPDATE letters SET undelivered = $1 WHERE id = $2")
                .bind(why.name())
                .bind(row.try_get::<i64, _>("id")?)
                .execute(&mut *write)
                .await?;
            sqlx::query(
                "UPDATE cases SET status = $1, changed_ms = $2, closed_ms = NULL
                 WHERE id = $3 AND status IN ('answered', 'closed')",
            )
            .bind(CaseStatus::Open.name())
            .bind(now.0)
            .bind(case)
            .execute(&mut *write)
            .await?;
            write.commit().await?;
        }
        Ok(Some(CaseId(case as u32)))
    }
}
