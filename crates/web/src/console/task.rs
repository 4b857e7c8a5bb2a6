//! One task: who, what, until when and why; reading, approving, prolonging, ending.

use super::desk::{Desk, saved};
use super::instead::Instead;
use super::labels::task_path;
use super::opened::Opened;
use super::task_page::TaskPage;
use crate::reader::{Asking, value};
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use policy::FieldClass;
use staff::Right;
use std::sync::Arc;
use tasks::{Approval, Grant, Task, TaskStatus};
use vault::Reader;
use vocabulary::moment::DAY_MS;
use vocabulary::{PersonId, TaskId};

/// How many persons of a task are opened at once.
const MOST_OPENED: usize = 50;

/// A task that the account at the desk may know of.
pub(super) struct Work {
    pub(super) task: Task,
    /// Whether the account made it or was given it.
    pub(super) is_mine: bool,
}

impl Work {
    /// The task, if the account made it, was given it, can approve something of it, or keeps an eye on all.
    pub(super) async fn of(desk: &Desk<'_>, id: TaskId) -> Result<Self, Instead> {
        let task = desk
            .web
            .office
            .tasks
            .task(id)
            .await
            .map_err(|error| desk.instead(error))?;
        let is_mine = task.made_by == desk.me() || task.grants.iter().any(|g| g.account == desk.me());
        let is_known = is_mine || has_pending(&task, desk) || desk.signed.may(Right::ReadAudit);
        if is_known {
            Ok(Self { task, is_mine })
        } else {
            Err(desk.missing())
        }
    }

    /// Whether the account may end the task.
    pub(super) fn may_end(&self, desk: &Desk<'_>) -> bool {
        !self.task.status.is_over() && (self.is_mine || desk.signed.may(Right::ReviewBreakGlass))
    }

    /// Whether the account may ask for more time.
    pub(super) fn may_extend(&self) -> bool {
        !self.task.status.is_over() && self.is_mine
    }

    /// Whether the account has access by the task at this moment.
    pub(super) fn gives_access(&self, desk: &Desk<'_>) -> bool {
        let is_in_force = |g: &Grant| {
            g.account == desk.me()
                && g.ended.is_none()
                && g.approval != Approval::Pending
                && g.from <= desk.now
                && desk.now < g.until
        };
        !self.task.status.is_over() && self.task.grants.iter().any(is_in_force)
    }

    /// Whether the account has a grant, of whatever state: what it opens is for the guard to say.
    pub(super) fn has_grant(&self, desk: &Desk<'_>) -> bool {
        let mut grants = self.task.grants.iter();
        !self.task.classes.is_empty() && grants.any(|g| g.account == desk.me() && g.ended.is_none())
    }
}

/// Whether something of a task waits for approval.
pub(super) fn has_pending(task: &Task, desk: &Desk<'_>) -> bool {
    task.grants
        .iter()
        .any(|g| g.approval == Approval::Pending && g.ended.is_none() && g.until > desk.now)
}

/// The number in an address.
pub(super) fn parsed(desk: &Desk<'_>, id: &str) -> Result<TaskId, Instead> {
    TaskId::parse(id).ok_or_else(|| desk.missing())
}

/// Reads the values of classes of persons, and their letters if these are among the classes.
pub(super) async fn read(
    desk: &Desk<'_>,
    reader: &Reader,
    persons: &[PersonId],
    purpose: policy::Purpose,
    classes: &[FieldClass],
) -> Result<Opened, people::Error> {
    let office = &desk.web.office;
    let mut opened = Opened::default();
    for person in persons.iter().take(MOST_OPENED) {
        let values = office
            .vault
            .read(reader, *person, purpose, classes, desk.now)
            .await;
        match values {
            Ok(values) => opened.values.push((*person, values)),
            // Erased since.
            Err(vault::Error::NotFound(_)) => continue,
            Err(error) => return Err(error.into()),
        }
        if classes.contains(&FieldClass::Message) {
            for case in office.people.cases_of(*person).await? {
                let letters = office
                    .people
                    .open_letters(reader, case.id, None, purpose, desk.now)
                    .await?;
                opened.letters.extend(letters);
            }
        }
    }
    Ok(opened)
}

/// `GET /console/tasks/{id}`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let page = TaskPage::of(&desk, work).await?;
    Ok(page.answer(&desk))
}

/// `POST …/open`: the page with the values, if the guard admits it.
pub(crate) async fn open(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let mut page = TaskPage::of(&desk, work).await?;
    let task = &page.work.task;
    let classes: Vec<FieldClass> = task.classes.iter().copied().collect();
    let reader = desk.reader(task.id, false);
    match read(&desk, &reader, &task.persons, task.purpose, &classes).await {
        Ok(opened) => page.opened = Some(opened),
        Err(people::Error::Vault(vault::Error::Denied(denied))) => page.denied = Some(denied.policies),
        Err(error) => return Err(desk.instead(error)),
    }
    Ok(page.answer(&desk))
}

/// `POST …/approve`: what others asked for themselves takes effect.
pub(crate) async fn approve(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let id = work.task.id;
    let by = desk.by(Right::WorkOnTasks);
    let done = web.office.tasks.approve(id, by, desk.now).await;
    desk.after(&task_path(id), "approve", done).await
}

/// `POST …/refuse`.
pub(crate) async fn refuse(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let id = work.task.id;
    let by = desk.by(Right::WorkOnTasks);
    let done = web.office.tasks.refuse(id, by, desk.now).await;
    // What was refused is not necessarily to be seen any more.
    desk.after("/console/tasks", "refuse", done).await
}

/// `POST …/extend`: so many days from now.
pub(crate) async fn extend(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let fields = desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    if !work.may_extend() {
        return Err(desk.missing());
    }
    let days: i64 = value(&fields, "days").parse().map_err(|_| desk.missing())?;
    let until = desk.now.plus_ms(days.clamp(0, 3_650) * DAY_MS);
    let id = work.task.id;
    let by = desk.by(Right::WorkOnTasks);
    let done = web.office.tasks.extend(id, until, by, desk.now).await;
    let outcome = done
        .as_ref()
        .map_or_else(|_| String::new(), |change| saved("extend", change));
    desk.after(&task_path(id), &outcome, done).await
}

/// `POST …/close`: done or given up; every grant ends.
pub(crate) async fn close(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let fields = desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let status = TaskStatus::parse(value(&fields, "status")).filter(|status| status.is_over());
    let (Some(status), true) = (status, work.may_end(&desk)) else {
        return Err(desk.missing());
    };
    let id = work.task.id;
    let done = web.office.tasks.set_status(id, status, desk.me(), desk.now).await;
    desk.after(&task_path(id), "close", done).await
}
