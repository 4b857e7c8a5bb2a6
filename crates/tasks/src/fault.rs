//! Access that should not be: what the doors of this room never leave behind, looked for all the same.

use crate::break_glass::OPEN_MS;
use crate::named::{bytes_of, classes_of, number_of, purpose_of};
use crate::{Approval, Error, Grant, Tasks};
use sqlx::Row;
use std::collections::BTreeSet;
use vocabulary::{Moment, TaskId};

vocabulary::closed_list! {
    /// What is wrong.
    Breach {
        /// A grant in force of a task that is over or does not exist.
        WithoutTask = "without_task",
        /// A grant in force of other classes, another purpose or a later end than its task's.
        BeyondTask = "beyond_task",
        /// A grant in force, or an emergency opening, that lasts longer than it may.
        TooLong = "too_long",
        /// A grant or an emergency opening in force of an account that left.
        Departed = "departed",
        /// A grant in force, or an emergency opening, that somebody gave, approved or confirmed for themself without
        /// its being marked so.
        Unapproved = "unapproved",
        /// An emergency opening, or a task given to oneself, that nobody was asked to review.
        NoReview = "no_review",
        /// A review that is overdue.
        ReviewOverdue = "review_overdue",
    }
}

/// One breach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    /// What is wrong.
    pub breach: Breach,
    /// The task or emergency opening.
    pub task: TaskId,
    /// Whose access it is.
    pub account: u32,
    /// The grant, if it is one.
    pub grant: Option<u32>,
}

impl Tasks {
    /// Every breach of "no standing access" and "emergencies are reviewed", sorted. `staff`: the accounts that can sign
    /// in.
    pub async fn standing_faults(&self, staff: &BTreeSet<u32>, now: Moment) -> Result<Vec<Fault>, Error> {
        let mut faults = Vec::new();
        for grant in self.grants_in_force(now).await? {
            self.faults_of_grant(&grant, staff, &mut faults).await?;
        }
        for glass in sqlx::query("SELECT * FROM break_glass")
            .fetch_all(self.database.pool())
            .await?
        {
            let account = number_of(&glass, "account")?;
            let task = TaskId(bytes_of(&glass, "id")?);
            let (from, until): (i64, i64) = (glass.try_get("from_ms")?, glass.try_get("until_ms")?);
            let confirmed_by = glass.try_get::<Option<i64>, _>("confirmed_by")?;
            let is_broken = confirmed_by.is_some() || glass.try_get::<Option<i64>, _>("alarm_ms")?.is_some();
            let is_ended = glass.try_get::<Option<i64>, _>("ended_ms")?.is_some();
            let in_force = is_broken && !is_ended && from <= now.0 && now.0 < until;
            for (is_breach, breach) in [
                (is_broken && until - from > OPEN_MS, Breach::TooLong),
                (in_force && !staff.contains(&account), Breach::Departed),
                (confirmed_by == Some(i64::from(account)), Breach::Unapproved),
                (
                    is_broken && self.reviews_of(task).await?.is_empty(),
                    Breach::NoReview,
                ),
            ] {
                if is_breach {
                    faults.push(Fault {
                        breach,
                        task,
                        account,
                        grant: None,
                    });
                }
            }
        }
        for review in self.overdue_reviews(now).await? {
            faults.push(Fault {
                breach: Breach::ReviewOverdue,
                task: review.task,
                account: review.account,
                grant: None,
            });
        }
        faults.sort();
        Ok(faults)
    }

    async fn faults_of_grant(
        &self,
        grant: &Grant,
        staff: &BTreeSet<u32>,
        faults: &mut Vec<Fault>,
    ) -> Result<(), Error> {
        let task = sqlx::query(
            "SELECT purpose, classes, end_ms FROM tasks WHERE id = $1 AND status IN ('open', 'waiting')",
        )
        .bind(grant.task.0.to_vec())
        .fetch_optional(self.database.pool())
        .await?;
        let is_beyond = match &task {
            None => false,
            Some(task) => {
                grant.purpose != purpose_of(task)?
                    || !grant.classes.is_subset(&classes_of(task)?)
                    || grant.until.0 > task.try_get::<i64, _>("end_ms")?
            }
        };
        let is_unapproved = !grant.classes.is_empty()
            && match grant.approval {
                Approval::NotNeeded => grant.given_by == grant.account,
                Approval::By(account) => account == grant.account || account == grant.given_by,
                // Whether others were there is not known here; that it was asked to be reviewed is.
                Approval::SelfAssigned | Approval::Pending => false,
            };
        let is_unreviewed =
            grant.approval == Approval::SelfAssigned && self.reviews_of(grant.task).await?.is_empty();
        for (is_breach, breach) in [
            (task.is_none(), Breach::WithoutTask),
            (is_beyond, Breach::BeyondTask),
            (
                grant.until.0 - grant.from.0 > self.rules.longest_ms,
                Breach::TooLong,
            ),
            (!staff.contains(&grant.account), Breach::Departed),
            (is_unapproved, Breach::Unapproved),
            (is_unreviewed, Breach::NoReview),
        ] {
            if is_breach {
                faults.push(Fault {
                    breach,
                    task: grant.task,
                    account: grant.account,
                    grant: Some(grant.id),
                });
            }
        }
        Ok(())
    }
}
