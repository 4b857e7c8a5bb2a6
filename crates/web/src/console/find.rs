//! Finding somebody by the exact contact they gave. The answer is random numbers, never a value; the contact travels in
//! the body of the request and is kept nowhere.

use super::desk::Desk;
use super::instead::Instead;
use super::labels::{Labelled, person_number, task_path};
use super::opened;
use super::task::{Work, parsed};
use crate::error_page::Fault;
use crate::form::Field;
use crate::reader::{Asking, value};
use crate::state::Web;
use audit::{Action, Actor, Entry, Subject};
use axum::extract::{Path, State};
use axum::response::Response;
use credentials::Allowance;
use http::StatusCode;
use maud::{Markup, html};
use policy::{FieldClass, Purpose};
use staff::Right;
use std::sync::Arc;
use tasks::{Act, Facts};
use vocabulary::{ClientId, PersonId, TaskId, moment::MINUTE_MS};

/// What can be searched for.
const CLASSES: &[FieldClass] = &[FieldClass::Email, FieldClass::Phone, FieldClass::Name];

/// `POST /console/tasks/find`: without a task, for those who answer requests of persons for their data.
pub(crate) async fn anywhere(
    State(web): State<Arc<Web>>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeRequests).await?;
    let fields = desk.form(&body)?;
    may_search(&desk)?;
    let class = class_of(&fields).ok_or_else(|| desk.missing())?;
    if is_empty(&fields) {
        return Ok(nothing_asked(&desk, "/console/tasks/new"));
    }
    record(&desk, Action::Read, class, None, 0, Purpose::RightsRequest).await?;
    let found = search(&desk, 0, class, &fields).await?;
    Ok(answer(
        &desk,
        "/console/tasks/new",
        &found_markup(&desk, &found),
        StatusCode::OK,
    ))
}

/// `POST /console/tasks/{id}/find`: for a task, if the policies let it.
pub(crate) async fn within(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let fields = desk.form(&body)?;
    may_search(&desk)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    let class = class_of(&fields).ok_or_else(|| desk.missing())?;
    let task = &work.task;
    if is_empty(&fields) {
        return Ok(nothing_asked(&desk, &task_path(task.id)));
    }
    let acts = [Act::SearchByContact(class)];
    let facts = Facts {
        task: task.id,
        break_glass: false,
        client: task.client,
        purpose: task.purpose,
        acts: &acts,
    };
    let decision = web
        .office
        .tasks
        .decide(desk.me(), desk.signed.second_factor, &facts, desk.now)
        .await
        .map_err(|error| desk.instead(error))?;
    let action = if decision.allowed {
        Action::Read
    } else {
        Action::ReadDenied
    };
    record(&desk, action, class, Some(task.id), task.client, task.purpose).await?;
    let path = task_path(task.id);
    if !decision.allowed {
        let why = opened::denied(&desk, &decision.policies, "console-advice-find");
        return Ok(answer(&desk, &path, &why, StatusCode::FORBIDDEN));
    }
    let found = search(&desk, task.client, class, &fields).await?;
    Ok(answer(&desk, &path, &found_markup(&desk, &found), StatusCode::OK))
}

/// Searches of one account: whoever works on tasks makes a few an hour; whoever tries contacts out is slowed down.
const SEARCHES: Allowance = Allowance {
    at_once: 30,
    refill_ms: MINUTE_MS,
};

fn may_search(desk: &Desk<'_>) -> Result<(), Instead> {
    let whose = format!("searches of {}", desk.me());
    let spent = desk.web.questions.spend(&whose, SEARCHES, desk.now);
    spent.map_err(|_| desk.asking.fault(Fault::TooMany).into())
}

fn is_empty(fields: &[(String, String)]) -> bool {
    value(fields, "contact").trim().is_empty()
}

fn nothing_asked(desk: &Desk<'_>, back: &str) -> Response {
    let why = html! { p.notice.error role="alert" { (desk.t("console-find-empty")) } };
    answer(desk, back, &why, StatusCode::UNPROCESSABLE_ENTITY)
}

fn class_of(fields: &[(String, String)]) -> Option<FieldClass> {
    FieldClass::parse(value(fields, "by")).filter(|class| CLASSES.contains(class))
}

async fn search(
    desk: &Desk<'_>,
    client: u32,
    class: FieldClass,
    fields: &[(String, String)],
) -> Result<Vec<PersonId>, Instead> {
    let found = desk
        .web
        .office
        .vault
        .find(client, class, value(fields, "contact"))
        .await;
    found.map_err(|error| desk.instead(error))
}

/// A search is a reading that opens no value; it is on record before it is made.
async fn record(
    desk: &Desk<'_>,
    action: Action,
    class: FieldClass,
    task: Option<TaskId>,
    client: u32,
    purpose: Purpose,
) -> Result<(), Instead> {
    let entry = Entry {
        subject: Subject {
            task,
            client: Some(ClientId(client)),
            ..Subject::default()
        },
        classes: vec![class as u8],
        purpose: Some(purpose.name().into()),
        ..Entry::new(desk.now, Actor::Staff(desk.me()), action)
    };
    desk.web
        .office
        .record(entry)
        .await
        .map_err(|error| desk.instead(error))
}

fn answer(desk: &Desk<'_>, back: &str, what: &Markup, status: StatusCode) -> Response {
    let title = desk.t("console-find");
    let main = html! {
        div { p.small { a href=(back) { "← " (desk.t("console-tasks")) } } h1 { (title) } }
        section.sheet { (what) }
    };
    desk.page_of(&title, "/console/tasks", &main, status)
}

fn found_markup(desk: &Desk<'_>, found: &[PersonId]) -> Markup {
    html! {
        @if found.is_empty() { p { (desk.t("console-found-none")) } } @else {
            p { (desk.t("console-found-about")) }
            ul.lines { @for person in found { li {
                span { (desk.t("console-person")) " " (person_number(*person)) }
                a.button href={ "/console/tasks/new?person=" (person) } { (desk.t("console-task-new")) }
            } } }
        }
    }
}

/// The form of a search that is sent to `action`.
pub(super) fn form(desk: &Desk<'_>, action: &str) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (desk.csrf())
            div.field {
                label for="by" { (desk.t("console-find-by")) }
                select id="by" name="by" { @for class in CLASSES { option value=(class.name()) { (desk.t(&class.key())) } } }
            }
            (Field::new("contact", &desk.t("console-find-contact")).most(254).markup())
            button.button type="submit" { (desk.t("console-find")) }
        }
        p.hint { (desk.t("console-find-hint")) }
    }
}
