//! The form of a new task.

use super::desk::{Desk, problem_of, saved};
use super::find;
use super::instead::Instead;
use super::labels::task_path;
use super::opened;
use super::persons;
use crate::form::{Field, summary};
use crate::reader::{Asking, Fields, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use policy::{FieldClass, Purpose};
use staff::Right;
use std::sync::Arc;
use tasks::{NewTask, Refusal, TaskKind};
use vocabulary::moment::DAY_MS;

/// How long a task may give access, in days, as far as the rules let it.
const DAYS: [i64; 5] = [1, 3, 7, 14, 30];

/// The right that a kind of work takes.
const fn right_of(kind: TaskKind) -> Right {
    match kind {
        TaskKind::Enquiry => Right::ServeEnquiries,
        TaskKind::RightsRequest => Right::ServeRequests,
        TaskKind::Support | TaskKind::AccountCare => Right::WorkOnTasks,
        TaskKind::Review => Right::ReviewBreakGlass,
    }
}

/// The kinds of work that the account at the desk may begin.
fn kinds(desk: &Desk<'_>) -> Vec<TaskKind> {
    let may = |kind: &TaskKind| desk.signed.may(right_of(*kind));
    TaskKind::ALL.iter().copied().filter(may).collect()
}

/// `GET /console/tasks/new`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let fields: Fields = asking
        .pairs
        .iter()
        .filter(|(key, _)| key == "person")
        .cloned()
        .collect();
    Ok(form(&desk, &fields, None))
}

/// The purposes that work of these kinds can have.
fn purposes(desk: &Desk<'_>) -> Vec<Purpose> {
    let kinds = kinds(desk);
    let can_be = |purpose: &Purpose| kinds.iter().any(|kind| kind.purposes().contains(purpose));
    Purpose::ALL.iter().copied().filter(can_be).collect()
}

/// `POST /console/tasks/new`.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let fields = desk.form(&body)?;
    let kind = TaskKind::parse(value(&fields, "kind")).filter(|kind| kinds(&desk).contains(kind));
    let purpose = Purpose::parse(value(&fields, "purpose"));
    let (Some(kind), Some(purpose)) = (kind, purpose) else {
        return Err(desk.missing());
    };
    let Some((person, client)) = persons::named(&desk, &fields).await? else {
        return Ok(form(&desk, &fields, Some(("case", "persons"))));
    };
    let assignee = desk
        .who_may(right_of(kind))
        .into_iter()
        .map(|account| account.id.0)
        .find(|account| value(&fields, "account").parse() == Ok(*account));
    let Some(assignee) = assignee else {
        return Ok(form(&desk, &fields, Some(("account", "nobody"))));
    };
    let classes = persons::ticked(&fields);
    let days: i64 = value(&fields, "days").parse().map_err(|_| desk.missing())?;
    let new = NewTask {
        client,
        purpose,
        kind,
        persons: &[person],
        classes: &classes,
        assignees: &[assignee],
        end: Some(desk.now.plus_ms(days.clamp(0, 3_650) * DAY_MS)),
        reason: value(&fields, "reason"),
    };
    let by = desk.by(Right::WorkOnTasks);
    match web.office.tasks.open_task(new, by, desk.now).await {
        Ok(change) => {
            desk.record(&change).await?;
            let saved = saved("task", &change);
            Ok(see_other(&format!("{}?saved={saved}", task_path(change.task))))
        }
        Err(tasks::Error::Refused(refusal)) => {
            let field = match refusal {
                Refusal::Reason { .. } => "reason",
                Refusal::Purpose => "purpose",
                Refusal::End => "days",
                Refusal::Classes => "classes",
                _ => "case",
            };
            Ok(form(&desk, &fields, Some((field, problem_of(refusal)))))
        }
        Err(error) => Err(desk.instead(error)),
    }
}

/// The form, with what was filled in and what is wrong with it.
fn form(desk: &Desk<'_>, filled: &[(String, String)], problem: Option<(&str, &str)>) -> Response {
    let problem = problem.map(|(field, name)| (field, desk.t(&format!("console-problem-{name}"))));
    let wrong = |field: &str| {
        let found = problem.as_ref().filter(|(at, _)| *at == field);
        found.map(|(_, words)| words.as_str())
    };
    let problems: Vec<(&str, &str)> = problem.iter().map(|(at, words)| (*at, words.as_str())).collect();
    let is_anew = filled.iter().all(|(key, _)| key == "person");
    let ticked = if is_anew {
        vec![FieldClass::Name, FieldClass::Email]
    } else {
        persons::ticked(filled)
    };
    let kind = TaskKind::parse(value(filled, "kind"));
    let purpose = Purpose::parse(value(filled, "purpose"));
    let longest = desk.web.office.tasks.rules().longest_ms;
    let title = desk.t("console-task-new");
    let main = html! {
        div { p.small { a href="/console/tasks" { "← " (desk.t("console-tasks")) } } h1 { (title) } }
        (summary(desk.asking.language, &problems))
        section.sheet {
            p.quiet { (desk.t("console-task-new-about")) }
            form method="post" action="/console/tasks/new" {
                (desk.csrf())
                (opened::choice(desk, ("kind", "console-kind"), &kinds(desk), |k| k.name(), kind.as_ref()))
                (opened::choice(desk, ("purpose", "console-purpose"), &purposes(desk), |p| p.name(), purpose.as_ref()))
                (persons::fields(desk, filled, wrong("case")))
                (opened::class_boxes(desk, &ticked))
                (account_choice(desk, filled, wrong("account")))
                div.field {
                    label for="days" { (desk.t("console-days")) }
                    @if let Some(wrong) = wrong("days") { p.wrong { (wrong) } }
                    select id="days" name="days" {
                        @for days in DAYS.iter().filter(|days| *days * DAY_MS <= longest) {
                            option value=(days) selected[value(filled, "days").parse().map_or(*days == 7, |d: i64| d == *days)] { (days) }
                        }
                    }
                }
                (Field::new("reason", &desk.t("console-reason")).hint(&desk.t("console-reason-hint")).rows(3).most(2_000)
                    .value(value(filled, "reason")).wrong(wrong("reason")).markup())
                div.actions { button.button.main type="submit" { (title) } }
            }
        }
        @if desk.signed.may(Right::ServeRequests) {
            section.sheet { h2 { (desk.t("console-find")) } (find::form(desk, "/console/tasks/find")) }
        }
    };
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    desk.page_of(&title, "/console/tasks/new", &main, status)
}

fn account_choice(desk: &Desk<'_>, filled: &[(String, String)], wrong: Option<&str>) -> Markup {
    html! {
        div.field {
            label for="account" { (desk.t("console-assignee")) }
            p.hint { (desk.if_alone("console-give-hint")) }
            @if let Some(wrong) = wrong { p.wrong { (wrong) } }
            select id="account" name="account" {
                @for account in desk.who_may(Right::WorkOnTasks) {
                    option value=(account.id.0) selected[value(filled, "account").parse().map_or(account.id.0 == desk.me(), |a: u32| a == account.id.0)] {
                        (account.name.reveal())
                    }
                }
            }
        }
    }
}
