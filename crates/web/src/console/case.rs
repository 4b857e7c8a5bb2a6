//! One case: its thread, its answer, where it stands and whose it is.
//!
//! This file holds the forms; the page is in `case_page.rs`.

use super::case_page::{CasePage, Draft};
use super::cases::path;
use super::desk::{Desk, problem_of, saved};
use super::instead::Instead;
use super::opened::Opened;
use crate::reader::{Asking, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::{Action, Actor, Entry, Subject};
use axum::extract::{Path, State};
use axum::response::Response;
use credentials::Sealed;
use people::{Case, CaseId, CaseStatus, Refusal};
use policy::{FieldClass, Purpose};
use staff::Right;
use std::sync::Arc;
use tasks::{NewTask, Task, TaskKind, TaskStatus, What};
use vault::Kept;
use vocabulary::{ClientId, TaskId};

/// The number in an address.
pub(super) fn numbered(desk: &Desk<'_>, number: &str) -> Result<CaseId, Instead> {
    number.parse().map(CaseId).map_err(|_| desk.missing())
}

/// `GET /console/cases/{number}`: everything but texts and values.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let page = CasePage::of(&desk, numbered(&desk, &number)?).await?;
    Ok(page.answer(&desk))
}

/// `POST …/open`: the page with texts and values, if the guard admits it. They are in this answer and nowhere else.
pub(crate) async fn open(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    desk.form(&body)?;
    let mut page = CasePage::of(&desk, numbered(&desk, &number)?).await?;
    let Some(task) = page.case.task else {
        return Ok(see_other(&format!("{}?problem=no-task", path(page.case.id))));
    };
    match read(&desk, &page.case, task, &page.kept).await {
        Ok(opened) => page.opened = Some(opened),
        Err(people::Error::Vault(vault::Error::Denied(denied))) => page.denied = Some(denied.policies),
        Err(error) => return Err(desk.instead(error)),
    }
    Ok(page.answer(&desk))
}

/// Reads the thread, and the values that were given to be answered.
async fn read(desk: &Desk<'_>, case: &Case, task: TaskId, kept: &[Kept]) -> Result<Opened, people::Error> {
    let reader = desk.reader(task, false);
    let office = &desk.web.office;
    let purpose = Purpose::AnswerEnquiry;
    let letters = office
        .people
        .open_letters(&reader, case.id, None, purpose, desk.now)
        .await?;
    let classes: Vec<FieldClass> = kept
        .iter()
        .filter(|kept| kept.class != FieldClass::Message && kept.uses.contains(&purpose))
        .map(|kept| kept.class)
        .collect();
    let values = office
        .vault
        .read(&reader, case.person, purpose, &classes, desk.now)
        .await?;
    Ok(Opened {
        letters,
        values: vec![(case.person, values)],
    })
}

/// `POST …/reply`: writes an answer and hands it to the outbox.
pub(crate) async fn reply(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let mut page = CasePage::of(&desk, numbered(&desk, &number)?).await?;
    let case = page.case.clone();
    let Some(task) = case.task else {
        return Ok(see_other(&format!("{}?problem=no-task", path(case.id))));
    };
    let draft = Draft {
        subject: Sealed::new(value(&fields, "subject").trim().to_owned()),
        // Browsers end lines with CR LF.
        text: Sealed::new(value(&fields, "text").replace("\r\n", "\n")),
        problem: None,
    };
    if let Some(problem) = draft.fault(&desk) {
        page.draft = Draft {
            problem: Some(problem),
            ..draft
        };
        return Ok(page.answer(&desk));
    }
    let sent = format!("{}?saved=reply", path(case.id));
    if web.public.sent.begin(&body).is_err() {
        return Ok(see_other(&sent));
    }
    let reader = desk.reader(task, false);
    let office = &web.office;
    let written = office
        .people
        .reply(&reader, case.id, &draft.subject, &draft.text, desk.now)
        .await;
    web.public.sent.end(&body, written.is_ok().then_some(""));
    let outgoing = match written {
        Ok(outgoing) => outgoing,
        Err(people::Error::Vault(vault::Error::Denied(denied))) => {
            page.denied = Some(denied.policies);
            page.draft = draft;
            return Ok(page.answer(&desk));
        }
        Err(people::Error::Refused(Refusal::NoAddress)) => {
            page.draft = Draft {
                problem: Some(("text", desk.t("console-reply-no-address"))),
                ..draft
            };
            return Ok(page.answer(&desk));
        }
        Err(error) => return Err(desk.instead(error)),
    };
    note(&desk, &case, Action::MessageSent, 1).await?;
    if let Err(error) = office.hand_over(&outgoing, desk.now).await {
        // It is written, and the job for letters left behind hands it over.
        tracing::error!(%error, "a letter could not be handed over yet");
    }
    Ok(see_other(&sent))
}

/// `POST …/status`. Closing a case ends its task, and with it what anybody may read for it.
pub(crate) async fn set_status(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let office = &web.office;
    let case = office
        .people
        .case(numbered(&desk, &number)?)
        .await
        .map_err(|error| desk.instead(error))?;
    let status = CaseStatus::parse(value(&fields, "status")).ok_or_else(|| desk.missing())?;
    office
        .people
        .set_case_status(case.id, status, desk.now)
        .await
        .map_err(|error| desk.instead(error))?;
    note(&desk, &case, Action::TaskChanged, 0).await?;
    if status == CaseStatus::Closed
        && let Some(task) = running(&desk, &case).await?
    {
        let done = office
            .tasks
            .set_status(task.id, TaskStatus::Done, desk.me(), desk.now)
            .await;
        return desk.after(&path(case.id), "status", done).await;
    }
    Ok(see_other(&format!("{}?saved=status", path(case.id))))
}

/// `POST …/assign`: gives the case to an account and takes it from all others. Without a task under way a new one
/// begins, and a closed case is open again. Whoever takes a case for themself waits for another account's approval, if there is one.
pub(crate) async fn assign(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let office = &web.office;
    let case = office
        .people
        .case(numbered(&desk, &number)?)
        .await
        .map_err(|error| desk.instead(error))?;
    let to = desk
        .who_may(Right::ServeEnquiries)
        .into_iter()
        .map(|account| account.id.0)
        .find(|account| value(&fields, "account").parse() == Ok(*account))
        .ok_or_else(|| desk.missing())?;
    let given = match running(&desk, &case).await? {
        Some(task) => hand_over(&desk, &task, to).await,
        None => begin(&desk, &case, to).await,
    };
    let mut outcome = "assign".to_owned();
    let mut task = case.task;
    match given {
        Ok(changes) => {
            for change in &changes {
                if change.what != What::Unassigned {
                    outcome = saved("assign", change);
                }
                desk.record(change).await?;
                task = Some(change.task);
            }
        }
        Err(tasks::Error::Refused(refusal)) => {
            let problem = problem_of(refusal);
            return Ok(see_other(&format!("{}?problem={problem}", path(case.id))));
        }
        Err(error) => return Err(desk.instead(error)),
    }
    let task = task.ok_or_else(|| desk.missing())?;
    office
        .people
        .give_case(case.id, task, to, desk.now)
        .await
        .map_err(|error| desk.instead(error))?;
    if case.status == CaseStatus::Closed {
        office
            .people
            .set_case_status(case.id, CaseStatus::Open, desk.now)
            .await
            .map_err(|error| desk.instead(error))?;
    }
    Ok(see_other(&format!("{}?saved={outcome}", path(case.id))))
}

/// The task of a case, if it still gives access.
async fn running(desk: &Desk<'_>, case: &Case) -> Result<Option<Task>, Instead> {
    let Some(id) = case.task else { return Ok(None) };
    let task = desk
        .web
        .office
        .tasks
        .task(id)
        .await
        .map_err(|error| desk.instead(error))?;
    Ok((!task.status.is_over() && task.end > desk.now).then_some(task))
}

/// Gives a task to one account and takes it from all others.
async fn hand_over(desk: &Desk<'_>, task: &Task, to: u32) -> Result<Vec<tasks::Change>, tasks::Error> {
    let tasks = &desk.web.office.tasks;
    let mut holders: Vec<u32> = task
        .grants
        .iter()
        .filter(|grant| grant.ended.is_none())
        .map(|grant| grant.account)
        .collect();
    holders.sort_unstable();
    holders.dedup();
    let mut changes = Vec::new();
    if !holders.contains(&to) {
        changes.push(
            tasks
                .assign(task.id, to, desk.by(Right::WorkOnTasks), desk.now)
                .await?,
        );
    }
    for other in holders.into_iter().filter(|holder| *holder != to) {
        changes.push(tasks.unassign(task.id, other, desk.me(), desk.now).await?);
    }
    Ok(changes)
}

/// Opens a new task for a case that has none under way.
async fn begin(desk: &Desk<'_>, case: &Case, to: u32) -> Result<Vec<tasks::Change>, tasks::Error> {
    let office = &desk.web.office;
    let new = NewTask {
        client: case.client,
        purpose: Purpose::AnswerEnquiry,
        kind: TaskKind::Enquiry,
        persons: &[case.person],
        classes: FieldClass::ALL,
        assignees: &[to],
        end: None,
        reason: &format!("case {}", case.id.0),
    };
    let by = desk.by(Right::WorkOnTasks);
    Ok(vec![office.tasks.open_task(new, by, desk.now).await?])
}

/// Writes into the audit log what was done with a case.
async fn note(desk: &Desk<'_>, case: &Case, action: Action, count: u32) -> Result<(), Instead> {
    let entry = Entry {
        subject: Subject {
            person: Some(case.person),
            task: case.task,
            account: case.assignee,
            client: Some(ClientId(case.client)),
            site: None,
        },
        purpose: Some(Purpose::AnswerEnquiry.name().into()),
        count,
        ..Entry::new(desk.now, Actor::Staff(desk.me()), action)
    };
    desk.web
        .office
        .record(entry)
        .await
        .map_err(|error| desk.instead(error))
}
