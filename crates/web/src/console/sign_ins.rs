//! Ending the sign-ins of a person whose mailbox or device is in the wrong hands. It opens nothing, so the guard is not
//! asked; it takes a task about the person that gives the account access now.

use super::desk::Desk;
use super::instead::Instead;
use super::labels::task_path;
use super::task::{Work, parsed};
use crate::reader::Asking;
use crate::sign_in::see_other;
use crate::state::Web;
use audit::{Action, Actor, Entry, Subject};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use staff::Right;
use std::collections::BTreeSet;
use std::sync::Arc;
use tasks::Task;
use vocabulary::{Moment, PersonId};

/// Those of a task who have an account, or whose data one claimed: how many sign-ins are open.
pub(super) async fn open_ones(
    people: &people::People,
    task: &Task,
    now: Moment,
) -> Result<usize, people::Error> {
    let mut open = 0;
    for person in holders(people, task).await? {
        open += people.sign_ins(person, now).await?.len();
    }
    Ok(open)
}

async fn holders(people: &people::People, task: &Task) -> Result<BTreeSet<PersonId>, people::Error> {
    let mut holders = BTreeSet::new();
    for person in &task.persons {
        holders.insert(*person);
        holders.extend(people.account_that_claimed(*person).await?);
    }
    Ok(holders)
}

/// The part of a task's page that ends them.
pub(super) fn section(desk: &Desk<'_>, work: &Work, open: usize) -> Markup {
    html! {
        @if open > 0 && work.gives_access(desk) {
            section.sheet {
                h2 { (desk.t("console-sign-ins")) }
                p { (desk.asking.language.text_with("console-sign-ins-open", &[("count", open.into())])) }
                (desk.button(&format!("{}/sign-ins", task_path(work.task.id)), "danger", &desk.t("console-sign-ins-end")))
                p.hint { (desk.t("console-sign-ins-hint")) }
            }
        }
    }
}

/// `POST /console/tasks/{id}/sign-ins`: ends every sign-in of the persons of a task.
pub(crate) async fn end(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    desk.form(&body)?;
    let work = Work::of(&desk, parsed(&desk, &id)?).await?;
    if !work.gives_access(&desk) {
        return Err(desk.missing());
    }
    let office = &web.office;
    let task = &work.task;
    let persons = holders(&office.people, task).await;
    for person in persons.map_err(|error| desk.instead(error))? {
        let ended = office.people.end_all_sign_ins(person, None).await;
        let ended = ended.map_err(|error| desk.instead(error))?;
        if ended == 0 {
            continue;
        }
        let entry = Entry {
            subject: Subject {
                person: Some(person),
                task: Some(task.id),
                ..Subject::default()
            },
            count: u32::try_from(ended).unwrap_or(u32::MAX),
            ..Entry::new(desk.now, Actor::Staff(desk.me()), Action::SignOut)
        };
        office.record(entry).await.map_err(|error| desk.instead(error))?;
    }
    Ok(see_other(&format!("{}?saved=sign-ins", task_path(task.id))))
}
