//! Pieces of work.

use crate::named::{
    bytes_of, checked_persons, classes_of, draw_id, name_persons, number_of, persons_of, purpose_of,
    text_of_classes,
};
use crate::texts;
use crate::{Approval, By, Change, Error, Grant, Reason, Refusal, Tasks, What};
use policy::{FieldClass, Purpose};
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use std::collections::BTreeSet;
use vocabulary::{Moment, PersonId, TaskId};

vocabulary::closed_list! {
    /// What kind of work it is.
    TaskKind {
        /// To answer an enquiry.
        Enquiry = "enquiry",
        /// To carry out a person's request about their own data.
        RightsRequest = "rights_request",
        /// To help a customer.
        Support = "support",
        /// To keep a client's or a person's account in order.
        AccountCare = "account_care",
        /// To look over what others did.
        Review = "review",
    }
}

vocabulary::closed_list! {
    /// How a task stands. Only an open one gives access.
    TaskStatus {
        /// It is being worked on.
        Open = "open",
        /// It waits for somebody outside.
        Waiting = "waiting",
        /// It is done.
        Done = "done",
        /// It was given up.
        Cancelled = "cancelled",
    }
}

impl TaskKind {
    /// The purposes that such work can have. Those that need no permission of the person (a request of theirs, a legal
    /// duty) belong to the kinds of those who carry them out.
    pub const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Enquiry => &[Purpose::AnswerEnquiry, Purpose::ProvideService],
            Self::RightsRequest => &[Purpose::RightsRequest, Purpose::LegalDuty],
            Self::Support => &[
                Purpose::CustomerSupport,
                Purpose::ProvideService,
                Purpose::AnswerEnquiry,
                Purpose::AskAuthor,
                Purpose::Testimonial,
            ],
            Self::AccountCare => &[
                Purpose::Account,
                Purpose::CustomerSupport,
                Purpose::ProvideService,
            ],
            Self::Review => &[Purpose::LegalDuty],
        }
    }
}

impl TaskStatus {
    /// Whether the task is over; then it stays so.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

/// A piece of work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// The client it is for; 0 is the agency itself.
    pub client: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// What kind of work it is.
    pub kind: TaskKind,
    /// The persons it is about, by number.
    pub persons: Vec<PersonId>,
    /// The classes it needs; none if it reads nothing.
    pub classes: BTreeSet<FieldClass>,
    /// How it stands.
    pub status: TaskStatus,
    /// Why it is done.
    pub reason: Reason,
    /// Who made it.
    pub made_by: u32,
    /// When it was opened.
    pub opened: Moment,
    /// When its access ends by itself.
    pub end: Moment,
    /// When it was done or given up.
    pub closed: Option<Moment>,
    /// Every grant it gave, oldest first.
    pub grants: Vec<Grant>,
}

/// A task to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewTask<'a> {
    /// The client it is for; 0 is the agency itself.
    pub client: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// What kind of work it is.
    pub kind: TaskKind,
    /// The persons it is about: 1 to 1,000, all of that client.
    pub persons: &'a [PersonId],
    /// The classes it needs; none if it reads nothing.
    pub classes: &'a [FieldClass],
    /// The accounts that are to do it, at least one.
    pub assignees: &'a [u32],
    /// When its access ends; as late as the rules let it if nothing is said.
    pub end: Option<Moment>,
    /// Why it is done: 3 to 2,000 characters.
    pub reason: &'a str,
}

/// The fewest characters a task's reason has.
const LEAST_REASON: usize = 3;

impl Tasks {
    /// Opens a task and gives each assignee a grant of exactly what it names. The grant of whoever assigns a task that
    /// reads to themself waits for another account's approval ([`Tasks::approve`]), if there is one.
    pub async fn open_task(&self, new: NewTask<'_>, by: impl Into<By>, now: Moment) -> Result<Change, Error> {
        let by = by.into();
        let reason = Reason::checked(new.reason, LEAST_REASON)?;
        let persons = checked_persons(new.persons)?;
        if !new.kind.purposes().contains(&new.purpose) {
            return Err(Refusal::Purpose.into());
        }
        let end = self.checked_end(new.end.unwrap_or(now.plus_ms(self.rules.longest_ms)), now)?;
        let assignees: BTreeSet<u32> = new.assignees.iter().copied().collect();
        if assignees.is_empty() {
            return Err(Refusal::Nobody.into());
        }
        let id = draw_id()?;
        let task = Task {
            id,
            client: new.client,
            purpose: new.purpose,
            kind: new.kind,
            persons,
            classes: new.classes.iter().copied().collect(),
            status: TaskStatus::Open,
            reason,
            made_by: by.account,
            opened: now,
            end,
            closed: None,
            grants: Vec::new(),
        };
        let sealed = self.texts.seal(texts::TASK, id, &task.reason).await?;
        let mut write = self.change().await?;
        sqlx::query(
            "INSERT INTO tasks
             (id, client, purpose, kind, classes, status, reason, sealed_text, made_by, opened_ms, end_ms)
             VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, $10)",
        )
        .bind(id.0.to_vec())
        .bind(i64::from(task.client))
        .bind(task.purpose.name())
        .bind(task.kind.name())
        .bind(text_of_classes(&task.classes))
        .bind(task.status.name())
        .bind(sealed)
        .bind(i64::from(by.account))
        .bind(now.0)
        .bind(end.0)
        .execute(&mut *write)
        .await?;
        name_persons(&mut write, id, &task.persons).await?;
        let mut change = task.change(What::TaskOpened, by.account);
        for account in assignees {
            let approval = self.give(&mut write, &task, account, end, by, now).await?;
            change.add(account, approval);
        }
        write.commit().await?;
        Ok(change)
    }

    /// Sets how a task stands. Done and cancelled are final and end its grants at once; waiting gives no access until
    /// the task is open again.
    pub async fn set_status(
        &self,
        id: TaskId,
        status: TaskStatus,
        by: u32,
        now: Moment,
    ) -> Result<Change, Error> {
        let mut write = self.change().await?;
        let task = self.task_to_change(&mut write, id).await?;
        sqlx::query("UPDATE tasks SET status = $1, closed_ms = $2 WHERE id = $3")
            .bind(status.name())
            .bind(status.is_over().then_some(now.0))
            .bind(id.0.to_vec())
            .execute(&mut *write)
            .await?;
        if status.is_over() {
            sqlx::query("UPDATE grants SET ended_ms = $1 WHERE task = $2 AND ended_ms IS NULL")
                .bind(now.0)
                .bind(id.0.to_vec())
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        let mut change = task.change(
            match status {
                TaskStatus::Open => What::TaskResumed,
                TaskStatus::Waiting => What::TaskWaiting,
                TaskStatus::Done => What::TaskDone,
                TaskStatus::Cancelled => What::TaskCancelled,
            },
            by,
        );
        change.accounts = task.accounts_with(|grant| grant.approval != Approval::Pending);
        Ok(change)
    }

    /// A task.
    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        let row = sqlx::query("SELECT * FROM tasks WHERE id = $1")
            .bind(id.0.to_vec())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or(Error::NotFound("task"))?;
        self.task_of(&row).await
    }

    /// The tasks, open or waiting, that an account has a grant of or waits for one, the soonest to end first.
    pub async fn tasks_of_account(&self, account: u32) -> Result<Vec<Task>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM tasks WHERE status IN ('open', 'waiting')
             AND id IN (SELECT task FROM grants WHERE account = $1 AND ended_ms IS NULL)
             ORDER BY end_ms, opened_ms, id",
        )
        .bind(i64::from(account))
        .fetch_all(self.database.pool())
        .await?;
        self.tasks_of_rows(&rows).await
    }

    /// Every task that names a person, over or not, oldest first.
    pub async fn tasks_of_person(&self, person: PersonId) -> Result<Vec<Task>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM tasks WHERE id IN (SELECT task FROM named_persons WHERE person = $1)
             ORDER BY opened_ms, id",
        )
        .bind(person.0.to_vec())
        .fetch_all(self.database.pool())
        .await?;
        self.tasks_of_rows(&rows).await
    }

    /// The tasks with grants that wait for another account's approval, oldest first.
    pub async fn tasks_to_approve(&self, now: Moment) -> Result<Vec<Task>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM tasks WHERE id IN
             (SELECT task FROM grants WHERE approval = 'pending' AND ended_ms IS NULL AND until_ms > $1)
             ORDER BY opened_ms, id",
        )
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?;
        self.tasks_of_rows(&rows).await
    }

    /// A task that is not over, read once writers take turns; without its reason.
    pub(crate) async fn task_to_change(&self, write: &mut Write, id: TaskId) -> Result<Task, Error> {
        let row = sqlx::query("SELECT * FROM tasks WHERE id = $1")
            .bind(id.0.to_vec())
            .fetch_optional(&mut **write)
            .await?
            .ok_or(Error::NotFound("task"))?;
        let grants = sqlx::query("SELECT * FROM grants WHERE task = $1 ORDER BY id")
            .bind(id.0.to_vec())
            .fetch_all(&mut **write)
            .await?;
        let persons = persons_of(&mut **write, id).await?;
        let task = task_of(&row, Reason::default(), persons, &grants)?;
        if task.status.is_over() {
            return Err(Refusal::Over.into());
        }
        Ok(task)
    }

    /// The end, if it comes and not too late.
    pub(crate) fn checked_end(&self, end: Moment, now: Moment) -> Result<Moment, Error> {
        if end > now && end <= now.plus_ms(self.rules.longest_ms) {
            Ok(end)
        } else {
            Err(Refusal::End.into())
        }
    }

    async fn tasks_of_rows(&self, rows: &[AnyRow]) -> Result<Vec<Task>, Error> {
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            tasks.push(self.task_of(row).await?);
        }
        Ok(tasks)
    }

    async fn task_of(&self, row: &AnyRow) -> Result<Task, Error> {
        let id = TaskId(bytes_of(row, "id")?);
        let grants = sqlx::query("SELECT * FROM grants WHERE task = $1 ORDER BY id")
            .bind(id.0.to_vec())
            .fetch_all(self.database.pool())
            .await?;
        let persons = persons_of(self.database.pool(), id).await?;
        let reason = self.texts.text_in(texts::TASK, row).await?;
        task_of(row, reason, persons, &grants)
    }
}

impl Task {
    /// A change of this task, without accounts.
    pub(crate) fn change(&self, what: What, by: u32) -> Change {
        Change {
            what,
            task: self.id,
            by,
            client: self.client,
            purpose: self.purpose,
            persons: self.persons.clone(),
            classes: self.classes.clone(),
            accounts: Vec::new(),
            pending: Vec::new(),
            alone: Vec::new(),
            until: self.end,
        }
    }

    /// The accounts, each once, that have a grant which was not ended and of which `wanted` is true.
    pub(crate) fn accounts_with(&self, wanted: impl Fn(&Grant) -> bool) -> Vec<u32> {
        let accounts: BTreeSet<u32> = self
            .grants
            .iter()
            .filter(|grant| grant.ended.is_none() && wanted(grant))
            .map(|grant| grant.account)
            .collect();
        accounts.into_iter().collect()
    }
}

fn task_of(row: &AnyRow, reason: Reason, persons: Vec<PersonId>, grants: &[AnyRow]) -> Result<Task, Error> {
    let text = |column| row.try_get::<String, _>(column);
    Ok(Task {
        id: TaskId(bytes_of(row, "id")?),
        client: number_of(row, "client")?,
        purpose: purpose_of(row)?,
        kind: TaskKind::parse(&text("kind")?).ok_or(Error::Corrupt("kind"))?,
        persons,
        classes: classes_of(row)?,
        status: TaskStatus::parse(&text("status")?).ok_or(Error::Corrupt("status"))?,
        reason,
        made_by: number_of(row, "made_by")?,
        opened: Moment(row.try_get("opened_ms")?),
        end: Moment(row.try_get("end_ms")?),
        closed: row.try_get::<Option<i64>, _>("closed_ms")?.map(Moment),
        grants: grants.iter().map(Grant::of_row).collect::<Result<_, _>>()?,
    })
}
