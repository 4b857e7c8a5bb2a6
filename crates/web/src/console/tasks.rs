//! Tasks and emergencies, as lists.

use super::desk::Desk;
use super::emergency;
use super::instead::Instead;
use super::labels::{task_number, task_path};
use super::review;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use staff::Right;
use std::sync::Arc;
use tasks::Task;

/// `GET /console/tasks`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let main = lists(&desk).await.map_err(|error| desk.instead(error))?;
    Ok(desk.page(&desk.t("console-tasks"), "/console/tasks", &main))
}

async fn lists(desk: &Desk<'_>) -> Result<Markup, tasks::Error> {
    let tasks = &desk.web.office.tasks;
    let mine = tasks.tasks_of_account(desk.me()).await?;
    let to_approve = super::today::for_me(desk, tasks.tasks_to_approve(desk.now).await?);
    let may_review = desk.signed.may(Right::ReviewBreakGlass);
    let mut emergencies = tasks.glasses_in_force(desk.now).await?;
    emergencies.extend(tasks.glasses_to_confirm(desk.now).await?);
    if !may_review {
        // Those that wait for another account are everybody's business.
        emergencies.retain(|glass| glass.account == desk.me() || !glass.is_broken());
    }
    let reviews = if may_review {
        tasks.reviews_to_do().await?
    } else {
        Vec::new()
    };
    let in_force = if desk.signed.may(Right::ReadAudit) {
        tasks.grants_in_force(desk.now).await?
    } else {
        Vec::new()
    };
    Ok(html! {
        div.page-head {
            h1 { (desk.t("console-tasks")) }
            div.actions {
                a.button.main href="/console/tasks/new" { (desk.t("console-task-new")) }
                a.button.danger href="/console/emergencies/new" { (desk.t("console-emergency")) }
            }
        }
        (desk.outcome())
        section.sheet {
            h2 { (desk.t("console-my-tasks")) }
            @if mine.is_empty() { p.quiet { (desk.t("console-my-tasks-none")) } } @else { (table(desk, &mine, "console-my-tasks")) }
        }
        @if !to_approve.is_empty() {
            section.sheet { h2 { (desk.t("console-to-approve")) } (table(desk, &to_approve, "console-to-approve")) }
        }
        @if !emergencies.is_empty() {
            section.sheet { h2 { (desk.t("console-emergencies")) } (emergency::list(desk, &emergencies)) }
        }
        @if !reviews.is_empty() {
            section.sheet { h2 { (desk.t("console-overdue-reviews")) } (review::list(desk, &reviews)) }
        }
        @if !in_force.is_empty() {
            section.sheet {
                h2 { (desk.t("console-in-force")) }
                p.quiet { (desk.t("console-in-force-about")) }
                div.scroll tabindex="0" role="region" aria-label=(desk.t("console-in-force")) { table.data.stacked {
                    thead { tr {
                        th scope="col" { (desk.t("console-account")) }
                        th scope="col" { (desk.t("console-task")) }
                        th scope="col" { (desk.t("console-purpose")) }
                        th scope="col" { (desk.t("console-until")) }
                    } }
                    tbody { @for grant in &in_force { tr {
                        td data-label=(desk.t("console-account")) { (desk.name(grant.account)) }
                        td data-label=(desk.t("console-task")) { a href=(task_path(grant.task)) { (task_number(grant.task)) } }
                        td data-label=(desk.t("console-purpose")) { (desk.label(&grant.purpose)) }
                        td data-label=(desk.t("console-until")) { (desk.time(grant.until)) }
                    } } }
                } }
            }
        }
    })
}

/// Tasks as a table that says nothing of their persons, called by the words of a key.
pub(super) fn table(desk: &Desk<'_>, tasks: &[Task], called: &str) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(desk.t(called)) { table.data.stacked {
            thead { tr {
                th scope="col" { (desk.t("console-task")) }
                th scope="col" { (desk.t("console-kind")) }
                th scope="col" { (desk.t("console-status")) }
                th scope="col" { (desk.t("console-until")) }
            } }
            tbody { @for task in tasks { tr {
                th scope="row" { a href=(task_path(task.id)) { (task_number(task.id)) } }
                td data-label=(desk.t("console-kind")) { (desk.label(&task.kind)) }
                td data-label=(desk.t("console-status")) { (desk.label(&task.status)) }
                td.urgent[task.end <= desk.now] data-label=(desk.t("console-until")) { (desk.time(task.end)) }
            } } }
        } }
    }
}
