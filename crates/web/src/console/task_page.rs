//! The page of a task.

use super::case_page::advice;
use super::cases;
use super::desk::Desk;
use super::find;
use super::instead::Instead;
use super::labels::{task_number, task_path};
use super::opened::{self, Opened};
use super::review;
use super::sign_ins;
use super::task::{Work, has_pending};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use people::CaseId;
use staff::Right;
use tasks::{Approval, Grant, Review, Task, TaskStatus};
use vocabulary::moment::DAY_MS;

/// By how many days access can be prolonged, as far as the rules let it.
const DAYS: [i64; 4] = [3, 7, 14, 30];

/// What the page is made of.
pub(super) struct TaskPage {
    pub(super) work: Work,
    cases: Vec<CaseId>,
    reviews: Vec<Review>,
    /// How many sign-ins of its persons are open.
    sign_ins: usize,
    /// What was opened in answer to this request.
    pub(super) opened: Option<Opened>,
    /// Why nothing was opened, if it was asked for.
    pub(super) denied: Option<Vec<String>>,
}

impl TaskPage {
    /// The page of a task, nothing opened.
    pub(super) async fn of(desk: &Desk<'_>, work: Work) -> Result<Self, Instead> {
        Self::load(desk, work).await.map_err(|error| desk.instead(error))
    }

    async fn load(desk: &Desk<'_>, work: Work) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        let mut cases = Vec::new();
        if let [person] = *work.task.persons {
            let all = office.people.cases_of(person).await?;
            let of_task = all.iter().filter(|case| case.task == Some(work.task.id));
            cases.extend(of_task.map(|case| case.id));
        }
        Ok(Self {
            reviews: office.tasks.reviews_of(work.task.id).await?,
            sign_ins: sign_ins::open_ones(&office.people, &work.task, desk.now).await?,
            work,
            cases,
            opened: None,
            denied: None,
        })
    }

    /// The whole page, with the status that fits what came of it.
    pub(super) fn answer(&self, desk: &Desk<'_>) -> Response {
        let task = &self.work.task;
        let title = desk.label(&task.kind);
        let status = if self.denied.is_some() {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::OK
        };
        let main = html! {
            div {
                p.small { a href="/console/tasks" { "← " (desk.t("console-tasks")) } }
                h1 { (title) " " (task_number(task.id)) }
            }
            @match &self.denied {
                Some(policies) => { (opened::denied(desk, policies, advice(task, desk))) }
                None => { (desk.outcome()) }
            }
            (self.facts(desk))
            (self.persons(desk))
            (sign_ins::section(desk, &self.work, self.sign_ins))
            (self.grants(desk))
            (review::section(desk, &self.reviews))
            (self.changes(desk))
            @if self.work.has_grant(desk) {
                section.sheet { h2 { (desk.t("console-find")) } (find::form(desk, &format!("{}/find", task_path(task.id)))) }
            }
        };
        desk.page_of(&title, &task_path(task.id), &main, status)
    }

    fn facts(&self, desk: &Desk<'_>) -> Markup {
        let task = &self.work.task;
        html! {
            section.sheet {
                dl.pairs {
                    dt { (desk.t("console-status")) } dd { (desk.label(&task.status)) }
                    dt { (desk.t("console-purpose")) } dd { (desk.label(&task.purpose)) }
                    dt { (desk.t("console-classes")) } dd { (desk.classes(&task.classes)) }
                    dt { (desk.t("console-until")) } dd.urgent[task.end <= desk.now] { (desk.time(task.end)) }
                    dt { (desk.t("console-made-by")) } dd { (desk.name(task.made_by)) ", " (desk.time(task.opened)) }
                    @if let Some(closed) = task.closed { dt { (desk.t("console-closed")) } dd { (desk.time(closed)) } }
                    dt { (desk.t("console-reason")) }
                    dd { @if task.reason.reveal().is_empty() { span.quiet { (desk.t("console-erased")) } } @else { (desk.reason(&task.reason)) } }
                    @for case in &self.cases {
                        dt { (desk.t("console-case")) } dd { a href=(cases::path(*case)) { "№ " (case.0) } }
                    }
                }
            }
        }
    }

    fn persons(&self, desk: &Desk<'_>) -> Markup {
        let task = &self.work.task;
        html! {
            section.sheet {
                div.panel-head {
                    h2 { (desk.t("console-persons")) }
                    @if self.opened.is_none() && self.work.has_grant(desk) {
                        (desk.button(&format!("{}/open", task_path(task.id)), "main", &desk.t("console-open-values")))
                    }
                }
                @if let Some(opened) = &self.opened { (opened.recorded(desk)) }
                @else if self.work.has_grant(desk) { p.quiet { (desk.t("console-open-about")) } }
                (opened::persons(desk, &task.persons, self.opened.as_ref()))
            }
        }
    }

    fn grants(&self, desk: &Desk<'_>) -> Markup {
        let task = &self.work.task;
        let is_alone = desk.is_alone(Right::WorkOnTasks);
        let may_decide = |g: &Grant| {
            g.approval == Approval::Pending
                && g.ended.is_none()
                && (is_alone || g.account != desk.me() && g.given_by != desk.me())
        };
        html! {
            section.sheet {
                h2 { (desk.t("console-grants")) }
                div.scroll.tall tabindex="0" role="region" aria-label=(desk.t("console-grants")) { table.data.stacked {
                    thead { tr {
                        th scope="col" { (desk.t("console-account")) }
                        th scope="col" { (desk.t("console-given-by")) }
                        th scope="col" { (desk.t("console-from")) }
                        th scope="col" { (desk.t("console-until")) }
                        th scope="col" { (desk.t("console-state")) }
                    } }
                    tbody { @for grant in &task.grants { tr {
                        th scope="row" { (desk.name(grant.account)) }
                        td data-label=(desk.t("console-given-by")) { (desk.name(grant.given_by)) }
                        td data-label=(desk.t("console-from")) { (desk.time(grant.from)) }
                        td data-label=(desk.t("console-until")) { (desk.time(grant.until)) }
                        td data-label=(desk.t("console-state")) { (state(desk, task, grant)) }
                    } } }
                } }
                @if has_pending(task, desk) && !task.status.is_over() {
                    @if task.grants.iter().any(may_decide) {
                        p { (desk.if_alone("console-approve-about")) }
                        div.actions {
                            (desk.button(&format!("{}/approve", task_path(task.id)), "main", &desk.t("console-approve")))
                            (desk.button(&format!("{}/refuse", task_path(task.id)), "danger", &desk.t("console-refuse")))
                        }
                    } @else {
                        p.notice { (desk.t("console-approve-other")) }
                    }
                }
            }
        }
    }

    fn changes(&self, desk: &Desk<'_>) -> Markup {
        let base = task_path(self.work.task.id);
        let longest = desk.web.office.tasks.rules().longest_ms;
        html! {
            @if self.work.may_end(desk) {
                section.sheet {
                    h2 { (desk.t("console-move-on")) }
                    @if self.work.may_extend() {
                        form.inline method="post" action={ (base) "/extend" } {
                            (desk.csrf())
                            div.field {
                                label for="days" { (desk.t("console-extend-days")) }
                                select id="days" name="days" {
                                    @for days in DAYS.iter().filter(|days| *days * DAY_MS <= longest) { option value=(days) selected[*days == 7] { (days) } }
                                }
                            }
                            button.button type="submit" { (desk.t("console-extend")) }
                        }
                        p.hint { (desk.if_alone("console-extend-hint")) }
                    }
                    form.inline method="post" action={ (base) "/close" } {
                        (desk.csrf())
                        div.field {
                            label for="status" { (desk.t("console-close-as")) }
                            select id="status" name="status" {
                                @for status in [TaskStatus::Done, TaskStatus::Cancelled] { option value=(status.name()) { (desk.label(&status)) } }
                            }
                        }
                        button.button.danger type="submit" { (desk.t("console-close")) }
                    }
                    p.hint { (desk.t("console-close-task-hint")) }
                }
            }
        }
    }
}

fn state(desk: &Desk<'_>, task: &Task, grant: &Grant) -> Markup {
    html! {
        @if let Some(at) = grant.ended { (desk.t("grant-ended")) " " (desk.time(at)) }
        @else if grant.until <= desk.now || task.status.is_over() { (desk.t("grant-over")) }
        @else {
            @match grant.approval {
                Approval::NotNeeded => { (desk.t("grant-given")) }
                Approval::Pending => { span.urgent { (desk.t("grant-pending")) } }
                Approval::By(account) => { (desk.t("grant-approved")) " " (desk.name(account)) }
                Approval::SelfAssigned => { (desk.t("grant-self")) }
            }
        }
    }
}
