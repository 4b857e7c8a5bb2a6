//! Looking over what was opened without another account's leave.

use crate::named::{bytes_of, classes_of, number_of, persons_of, purpose_of};
use crate::texts;
use crate::{By, Change, Error, Reason, Refusal, Tasks, What};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, TaskId};

vocabulary::closed_list! {
    /// What is reviewed.
    Reviewed {
        /// An emergency opening.
        BreakGlass = "break_glass",
        /// A task, or its extension, that somebody gave to themself for want of another.
        SelfAssigned = "self_assigned",
    }
}

/// A review, to be done or done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// Its number, from 1.
    pub id: u32,
    /// What is reviewed.
    pub of: Reviewed,
    /// The task or emergency opening.
    pub task: TaskId,
    /// Whose doing is reviewed.
    pub account: u32,
    /// When that was.
    pub made: Moment,
    /// When the review is due: the end of the second working day after.
    pub due: Moment,
    /// Who reviewed it, and when.
    pub reviewed: Option<(u32, Moment)>,
    /// What was found; empty before.
    pub finding: Reason,
}

/// The fewest characters of a finding.
const LEAST_FINDING: usize = 3;

impl Tasks {
    /// Records what a review found, in 3 to 2,000 characters. Nobody reviews their own doing, unless no other
    /// account could.
    pub async fn review(
        &self,
        id: u32,
        finding: &str,
        by: impl Into<By>,
        now: Moment,
    ) -> Result<Change, Error> {
        let by = by.into();
        let finding = Reason::checked(finding, LEAST_FINDING)?;
        let task = sqlx::query("SELECT task FROM reviews WHERE id = $1")
            .bind(i64::from(id))
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("review"))?;
        let task = TaskId(bytes_of(&task, "task")?);
        let sealed = self.texts.seal(texts::REVIEW, task, &finding).await?;
        let mut write = self.change().await?;
        let row = sqlx::query("SELECT * FROM reviews WHERE id = $1")
            .bind(i64::from(id))
            .fetch_optional(&mut *write)
            .await?
            .ok_or(Error::NotFound("review"))?;
        let review = review_of(&row, Reason::default())?;
        if !by.may_decide_over(review.account) {
            return Err(Refusal::NeedsAnother.into());
        }
        if review.reviewed.is_some() {
            return Err(Refusal::Over.into());
        }
        sqlx::query("UPDATE reviews SET reviewed_by = $1, reviewed_ms = $2, sealed_text = $3 WHERE id = $4")
            .bind(i64::from(by.account))
            .bind(now.0)
            .bind(sealed)
            .bind(i64::from(id))
            .execute(&mut *write)
            .await?;
        let sql = match review.of {
            Reviewed::BreakGlass => {
                "SELECT client, purpose, classes, until_ms FROM break_glass WHERE id = $1"
            }
            Reviewed::SelfAssigned => {
                "SELECT client, purpose, classes, end_ms AS until_ms FROM tasks WHERE id = $1"
            }
        };
        let of = sqlx::query(sql)
            .bind(review.task.0.to_vec())
            .fetch_one(&mut *write)
            .await?;
        write.commit().await?;
        Ok(Change {
            what: What::Reviewed,
            task: review.task,
            by: by.account,
            client: number_of(&of, "client")?,
            purpose: purpose_of(&of)?,
            persons: persons_of(self.database.pool(), review.task).await?,
            classes: classes_of(&of)?,
            accounts: vec![review.account],
            pending: Vec::new(),
            alone: Vec::new(),
            until: Moment(of.try_get("until_ms")?),
        })
    }

    /// Every review that is to be done, the soonest due first.
    pub async fn reviews_to_do(&self) -> Result<Vec<Review>, Error> {
        let rows = sqlx::query("SELECT * FROM reviews WHERE reviewed_ms IS NULL ORDER BY due_ms, id")
            .fetch_all(self.database.pool())
            .await?;
        self.reviews_of_rows(&rows).await
    }

    /// Every review to be done of what somebody gave to themself that no mail told of yet, oldest first.
    pub async fn reviews_to_mail(&self) -> Result<Vec<Review>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM reviews WHERE of = 'self_assigned' AND reviewed_ms IS NULL AND mailed_ms IS NULL
             ORDER BY id",
        )
        .fetch_all(self.database.pool())
        .await?;
        self.reviews_of_rows(&rows).await
    }

    /// Notes that a mail told of a review.
    pub async fn note_review_mailed(&self, id: u32, now: Moment) -> Result<(), Error> {
        let noted = sqlx::query("UPDATE reviews SET mailed_ms = $1 WHERE id = $2")
            .bind(now.0)
            .bind(i64::from(id))
            .execute(self.database.pool())
            .await?;
        if noted.rows_affected() == 0 {
            return Err(Error::NotFound("review"));
        }
        Ok(())
    }

    /// Every review that is overdue, the longest first.
    pub async fn overdue_reviews(&self, now: Moment) -> Result<Vec<Review>, Error> {
        let mut reviews = self.reviews_to_do().await?;
        reviews.retain(|review| review.due <= now);
        Ok(reviews)
    }

    /// Every review of a task or an emergency opening, oldest first.
    pub async fn reviews_of(&self, task: TaskId) -> Result<Vec<Review>, Error> {
        let rows = sqlx::query("SELECT * FROM reviews WHERE task = $1 ORDER BY id")
            .bind(task.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
        self.reviews_of_rows(&rows).await
    }

    async fn reviews_of_rows(&self, rows: &[AnyRow]) -> Result<Vec<Review>, Error> {
        let mut reviews = Vec::with_capacity(rows.len());
        for row in rows {
            reviews.push(review_of(row, self.texts.text_in(texts::REVIEW, row).await?)?);
        }
        Ok(reviews)
    }
}

pub(crate) async fn ask_for_review(
    write: &mut Write,
    of: Reviewed,
    task: TaskId,
    account: u32,
    now: Moment,
    due: Moment,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO reviews (of, task, account, made_ms, due_ms, finding) VALUES ($1, $2, $3, $4, $5, '')",
    )
    .bind(of.name())
    .bind(task.0.to_vec())
    .bind(i64::from(account))
    .bind(now.0)
    .bind(due.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn review_of(row: &AnyRow, finding: Reason) -> Result<Review, Error> {
    let number = |column| -> Result<Option<i64>, Error> { Ok(row.try_get(column)?) };
    Ok(Review {
        id: number_of(row, "id")?,
        of: Reviewed::parse(&row.try_get::<String, _>("of")?).ok_or(Error::Corrupt("review"))?,
        task: TaskId(bytes_of(row, "task")?),
        account: number_of(row, "account")?,
        made: Moment(row.try_get("made_ms")?),
        due: Moment(row.try_get("due_ms")?),
        reviewed: number("reviewed_by")?
            .zip(number("reviewed_ms")?)
            .map(|(account, ms)| (account as u32, Moment(ms))),
        finding,
    })
}
