//! Grants: an account may use what a task names, until an end. Grants are only ever added and ended, so the table is
//! the record of who could read what and when.

use crate::named::{bytes_of, classes_of, number_of, purpose_of, text_of_classes};
use crate::review::ask_for_review;
use crate::{By, Change, Error, Refusal, Reviewed, Task, Tasks, What};
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use std::collections::BTreeSet;
use vocabulary::{Moment, TaskId};

/// A grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Its number, from 1.
    pub id: u32,
    /// The task that gives it.
    pub task: TaskId,
    /// To whom.
    pub account: u32,
    /// What for.
    pub purpose: Purpose,
    /// Which classes.
    pub classes: BTreeSet<FieldClass>,
    /// From when.
    pub from: Moment,
    /// Until when, exclusive.
    pub until: Moment,
    /// Who gave it.
    pub given_by: u32,
    /// Whether another account had to approve it, and did.
    pub approval: Approval,
    /// When it was ended before its time.
    pub ended: Option<Moment>,
}

/// Whether another account had to approve a grant, and did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Approval {
    /// It was given by another account, or reads nothing.
    NotNeeded,
    /// It gives nothing until another account approves it.
    Pending,
    /// That account approved it.
    By(u32),
    /// There was nobody to approve it ([`By::is_alone`]): it took effect at once, is told by mail and reviewed.
    SelfAssigned,
}

impl Approval {
    const fn name(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::Pending => "pending",
            Self::By(_) => "approved",
            Self::SelfAssigned => "self_assigned",
        }
    }
}

impl Grant {
    pub(crate) fn of_row(row: &AnyRow) -> Result<Self, Error> {
        let approval = match row.try_get::<String, _>("approval")?.as_str() {
            "not_needed" => Approval::NotNeeded,
            "pending" => Approval::Pending,
            "approved" => Approval::By(number_of(row, "approved_by")?),
            "self_assigned" => Approval::SelfAssigned,
            _ => return Err(Error::Corrupt("approval")),
        };
        Ok(Self {
            id: number_of(row, "id")?,
            task: TaskId(bytes_of(row, "task")?),
            account: number_of(row, "account")?,
            purpose: purpose_of(row)?,
            classes: classes_of(row)?,
            from: Moment(row.try_get("from_ms")?),
            until: Moment(row.try_get("until_ms")?),
            given_by: number_of(row, "given_by")?,
            approval,
            ended: row.try_get::<Option<i64>, _>("ended_ms")?.map(Moment),
        })
    }
}

impl Tasks {
    /// Extends a task: a new grant, from now until `until`, for everyone who has it. Whoever extends their own access
    /// waits for another account's approval, if there is one.
    pub async fn extend(
        &self,
        id: TaskId,
        until: Moment,
        by: impl Into<By>,
        now: Moment,
    ) -> Result<Change, Error> {
        let by = by.into();
        let mut write = self.change().await?;
        let task = self.task_to_change(&mut write, id).await?;
        if self.checked_end(until, now)? <= task.end {
            return Err(Refusal::End.into());
        }
        let accounts = task.accounts_with(|grant| grant.approval != Approval::Pending);
        if accounts.is_empty() {
            return Err(Refusal::Nobody.into());
        }
        let mut change = task.change(What::TaskExtended, by.account);
        for account in accounts {
            let approval = self.give(&mut write, &task, account, until, by, now).await?;
            change.add(account, approval);
        }
        if !change.accounts.is_empty() {
            prolong(&mut write, id, until).await?;
        }
        write.commit().await?;
        change.until = until;
        Ok(change)
    }

    /// Gives a task to one more account, until the task's end.
    pub async fn assign(
        &self,
        id: TaskId,
        account: u32,
        by: impl Into<By>,
        now: Moment,
    ) -> Result<Change, Error> {
        let by = by.into();
        let mut write = self.change().await?;
        let task = self.task_to_change(&mut write, id).await?;
        self.checked_end(task.end, now)?;
        if task.accounts_with(|_| true).contains(&account) {
            return Err(Refusal::AlreadyAssigned.into());
        }
        let mut change = task.change(What::Assigned, by.account);
        let approval = self.give(&mut write, &task, account, task.end, by, now).await?;
        change.add(account, approval);
        write.commit().await?;
        Ok(change)
    }

    /// Takes a task from an account, at once.
    pub async fn unassign(&self, id: TaskId, account: u32, by: u32, now: Moment) -> Result<Change, Error> {
        let mut write = self.change().await?;
        let task = self.task_to_change(&mut write, id).await?;
        if !task.accounts_with(|_| true).contains(&account) {
            return Err(Error::NotFound("grant"));
        }
        end_grants(&mut write, &task, account, now).await?;
        write.commit().await?;
        let mut change = task.change(What::Unassigned, by);
        change.accounts.push(account);
        Ok(change)
    }

    /// Takes every task from an account, and ends its emergency openings: call it when an account is disabled.
    pub async fn depart(&self, account: u32, by: u32, now: Moment) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        let tasks = sqlx::query("SELECT DISTINCT task FROM grants WHERE account = $1 AND ended_ms IS NULL")
            .bind(i64::from(account))
            .fetch_all(self.database.pool())
            .await?;
        for row in &tasks {
            let task = TaskId(bytes_of(row, "task")?);
            changes.push(self.unassign(task, account, by, now).await?);
        }
        let glasses = sqlx::query(
            "SELECT id FROM break_glass WHERE account = $1 AND ended_ms IS NULL AND until_ms > $2",
        )
        .bind(i64::from(account))
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?;
        for row in &glasses {
            let glass = TaskId(bytes_of(row, "id")?);
            changes.push(self.end_break_glass(glass, by, now).await?);
        }
        Ok(changes)
    }

    /// Approves what others asked for themselves of a task; it takes effect now. Nobody approves their own, but who is
    /// left alone since it was asked for.
    pub async fn approve(&self, id: TaskId, by: impl Into<By>, now: Moment) -> Result<Change, Error> {
        let by = by.into();
        let (mut write, task, grants) = self.pending(id, by, now).await?;
        let mut change = task.change(What::Approved, by.account);
        for grant in &grants {
            let approval = if by.is_another(grant.account) && by.is_another(grant.given_by) {
                Approval::By(by.account)
            } else {
                Approval::SelfAssigned
            };
            sqlx::query("UPDATE grants SET approval = $1, approved_by = $2, from_ms = $3 WHERE id = $4")
                .bind(approval.name())
                .bind(i64::from(by.account))
                .bind(now.0)
                .bind(i64::from(grant.id))
                .execute(&mut *write)
                .await?;
            self.review_if_alone(&mut write, &task, grant.account, approval, now)
                .await?;
            prolong(&mut write, id, grant.until).await?;
            change.add(grant.account, approval);
        }
        write.commit().await?;
        change.until = grants.iter().map(|grant| grant.until).max().unwrap_or(task.end);
        Ok(change)
    }

    /// Refuses what others asked for themselves of a task.
    pub async fn refuse(&self, id: TaskId, by: impl Into<By>, now: Moment) -> Result<Change, Error> {
        let by = by.into();
        let (mut write, task, grants) = self.pending(id, by, now).await?;
        for grant in &grants {
            sqlx::query("UPDATE grants SET ended_ms = $1 WHERE id = $2")
                .bind(now.0)
                .bind(i64::from(grant.id))
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        let mut change = task.change(What::Refused, by.account);
        change.accounts = grants.iter().map(|grant| grant.account).collect();
        Ok(change)
    }

    /// Every grant that gives access now, or would if its task did not wait.
    pub async fn grants_in_force(&self, now: Moment) -> Result<Vec<Grant>, Error> {
        sqlx::query(
            "SELECT * FROM grants WHERE ended_ms IS NULL AND approval <> 'pending'
             AND from_ms <= $1 AND until_ms > $1 ORDER BY id",
        )
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?
        .iter()
        .map(Grant::of_row)
        .collect()
    }

    /// Writes a grant of exactly what the task names.
    pub(crate) async fn give(
        &self,
        write: &mut Write,
        task: &Task,
        account: u32,
        until: Moment,
        by: By,
        now: Moment,
    ) -> Result<Approval, Error> {
        let approval = if account != by.account || task.classes.is_empty() {
            Approval::NotNeeded
        } else if by.is_alone {
            Approval::SelfAssigned
        } else {
            Approval::Pending
        };
        sqlx::query(
            "INSERT INTO grants (task, account, purpose, classes, from_ms, until_ms, given_by, approval)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(task.id.0.to_vec())
        .bind(i64::from(account))
        .bind(task.purpose.name())
        .bind(text_of_classes(&task.classes))
        .bind(now.0)
        .bind(until.0)
        .bind(i64::from(by.account))
        .bind(approval.name())
        .execute(&mut **write)
        .await?;
        self.review_if_alone(write, task, account, approval, now).await?;
        Ok(approval)
    }

    /// Asks for the review of what somebody gave to themself.
    async fn review_if_alone(
        &self,
        write: &mut Write,
        task: &Task,
        account: u32,
        approval: Approval,
        now: Moment,
    ) -> Result<(), Error> {
        if approval != Approval::SelfAssigned {
            return Ok(());
        }
        let due = self.rules.review_due(now);
        ask_for_review(write, Reviewed::SelfAssigned, task.id, account, now, due).await
    }

    /// The grants of a task that wait for approval and that `by` may approve or refuse.
    async fn pending(&self, id: TaskId, by: By, now: Moment) -> Result<(Write, Task, Vec<Grant>), Error> {
        let mut write = self.change().await?;
        let task = self.task_to_change(&mut write, id).await?;
        let mut grants: Vec<Grant> = task
            .grants
            .iter()
            .filter(|g| g.approval == Approval::Pending && g.ended.is_none() && g.until > now)
            .cloned()
            .collect();
        if grants.is_empty() {
            return Err(Error::NotFound("grant to approve"));
        }
        // Whose credentials were made by whoever asks may approve, but not as another: that is reviewed.
        let may_approve = |account| by.is_alone || by.account != account;
        grants.retain(|grant| may_approve(grant.account) && may_approve(grant.given_by));
        if grants.is_empty() {
            return Err(Refusal::NeedsAnother.into());
        }
        Ok((write, task, grants))
    }
}

/// Ends an account's grants of a task.
async fn end_grants(write: &mut Write, task: &Task, account: u32, now: Moment) -> Result<(), Error> {
    sqlx::query("UPDATE grants SET ended_ms = $1 WHERE task = $2 AND account = $3 AND ended_ms IS NULL")
        .bind(now.0)
        .bind(task.id.0.to_vec())
        .bind(i64::from(account))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Moves a task's end to `until` if that is later.
async fn prolong(write: &mut Write, id: TaskId, until: Moment) -> Result<(), Error> {
    sqlx::query("UPDATE tasks SET end_ms = $1 WHERE id = $2 AND end_ms < $1")
        .bind(until.0)
        .bind(id.0.to_vec())
        .execute(&mut **write)
        .await?;
    Ok(())
}
