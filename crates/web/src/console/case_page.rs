//! The page of a case.

use super::cases::{is_request, path};
use super::consents::Consents;
use super::desk::{Desk, once};
use super::instead::Instead;
use super::labels::{person_link, task_number, task_path};
use super::opened::{self, Opened};
use crate::form::{Field, summary};
use crate::language::Language;
use axum::response::Response;
use credentials::Sealed;
use http::StatusCode;
use maud::{Markup, html};
use people::reply::{MOST_SUBJECT, MOST_TEXT};
use people::{Case, CaseId, CaseStatus, Letter};
use staff::Right;
use tasks::{Approval, Task};
use vault::Kept;

/// What the page is made of.
pub(super) struct CasePage {
    pub(super) case: Case,
    pub(super) letters: Vec<Letter>,
    /// Which values there are; not the values.
    pub(super) kept: Vec<Kept>,
    pub(super) task: Option<Task>,
    /// What was opened in answer to this request.
    pub(super) opened: Option<Opened>,
    /// Why nothing was opened, if it was asked for.
    pub(super) denied: Option<Vec<String>>,
    pub(super) draft: Draft,
    consents: Consents,
}

/// An answer as it was written.
pub(super) struct Draft {
    pub(super) subject: Sealed,
    pub(super) text: Sealed,
    /// The field at fault and what is wrong with it.
    pub(super) problem: Option<(&'static str, String)>,
}

impl Draft {
    /// What is wrong with it, if something is: the first thing, in the order of the form.
    pub(super) fn fault(&self, desk: &Desk<'_>) -> Option<(&'static str, String)> {
        let (subject, text) = (self.subject.reveal(), self.text.reveal());
        let long = |most: usize| {
            let language = desk.asking.language;
            language.text_with("problem-long", &[("max", most.into())])
        };
        Some(if subject.is_empty() {
            ("subject", desk.t("console-reply-no-subject"))
        } else if subject.chars().count() > MOST_SUBJECT {
            ("subject", long(MOST_SUBJECT))
        } else if subject.chars().any(char::is_control) {
            ("subject", desk.t("problem-signs"))
        } else if text.trim().is_empty() {
            ("text", desk.t("console-reply-no-text"))
        } else if text.chars().count() > MOST_TEXT {
            ("text", long(MOST_TEXT))
        } else {
            return None;
        })
    }
}

impl CasePage {
    /// The page of a case, nothing opened.
    pub(super) async fn of(desk: &Desk<'_>, id: CaseId) -> Result<Self, Instead> {
        Self::load(desk, id).await.map_err(|error| desk.instead(error))
    }

    async fn load(desk: &Desk<'_>, id: CaseId) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        let case = office.people.case(id).await?;
        let task = match case.task {
            Some(task) => Some(office.tasks.task(task).await?),
            None => None,
        };
        // In the language of who will read it.
        let language = Language::parse(case.language.name()).unwrap_or(desk.asking.language);
        let subject = language.text_with("console-reply-subject", &[("number", case.id.0.into())]);
        Ok(Self {
            letters: office.people.letters(id).await?,
            kept: office.vault.values(case.person).await?,
            consents: Consents::of(desk, &case).await?,
            case,
            task,
            opened: None,
            denied: None,
            draft: Draft {
                subject: Sealed::new(subject),
                text: Sealed::new(String::new()),
                problem: None,
            },
        })
    }

    /// The whole page, with the status that fits what came of it.
    pub(super) fn answer(&self, desk: &Desk<'_>) -> Response {
        let title_key = if is_request(&self.case) {
            "console-request-number"
        } else {
            "console-case-number"
        };
        let title = desk
            .asking
            .language
            .text_with(title_key, &[("number", self.case.id.0.into())]);
        let status = if self.denied.is_some() {
            StatusCode::FORBIDDEN
        } else if self.draft.problem.is_some() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        let main = html! {
            div {
                p.small { a href="/console/cases" { "← " (desk.t("console-cases")) } }
                h1 { (title) }
            }
            (self.notices(desk))
            div.two {
                div {
                    (self.texts(desk))
                    (self.answer_form(desk))
                }
                div {
                    (self.facts(desk))
                    (self.changes(desk))
                    (self.consents.markup(desk, &self.case))
                }
            }
        };
        desk.page_of(&title, &path(self.case.id), &main, status)
    }

    fn notices(&self, desk: &Desk<'_>) -> Markup {
        html! {
            @if let Some(policies) = &self.denied { (opened::denied(desk, policies, self.advice(desk))) }
            @else if let Some((field, problem)) = &self.draft.problem {
                (summary(desk.asking.language, &[(field, problem)]))
            }
            @else { (desk.outcome()) }
        }
    }

    /// The key of what can be done about a denial.
    fn advice(&self, desk: &Desk<'_>) -> &'static str {
        match &self.task {
            None => "console-advice-no-task",
            Some(_) if self.case.status == CaseStatus::Closed => "console-advice-closed",
            Some(task) => advice(task, desk),
        }
    }

    fn texts(&self, desk: &Desk<'_>) -> Markup {
        html! {
            section.sheet #letters {
                div.panel-head {
                    h2 { (desk.t("console-letters")) }
                    @if self.opened.is_none() && is_mine(self.task.as_ref(), desk) {
                        (desk.button(&format!("{}/open", path(self.case.id)), "main", &desk.t("console-open")))
                    }
                }
                @match &self.opened {
                    Some(opened) => {
                        (opened.recorded(desk))
                        @for (_, values) in &opened.values { (opened::values(desk, values)) }
                    }
                    None => {
                        @if is_mine(self.task.as_ref(), desk) { p.quiet { (desk.t("console-open-about")) } }
                        @else if self.denied.is_none() { p.notice { (desk.t(self.advice(desk))) } }
                        (opened::masked(desk, &self.kept))
                    }
                }
                (opened::thread(desk, &self.letters, self.opened.as_ref()))
            }
        }
    }

    fn answer_form(&self, desk: &Desk<'_>) -> Markup {
        html! {
            @if is_mine(self.task.as_ref(), desk) || !self.draft.text.reveal().is_empty() {
                section.sheet #reply {
                    h2 { (desk.t("console-reply")) }
                    p.quiet { (desk.t("console-reply-about")) }
                    form method="post" action={ (path(self.case.id)) "/reply" } {
                        (desk.csrf())
                        // Random, so that what is sent twice is one letter.
                        input type="hidden" name="once" value=(once());
                        (Field::new("subject", &desk.t("console-subject")).value(self.draft.subject.reveal()).most(MOST_SUBJECT)
                            .wrong(self.wrong("subject")).markup())
                        (Field::new("text", &desk.t("console-text")).value(self.draft.text.reveal()).rows(10).most(MOST_TEXT)
                            .wrong(self.wrong("text")).markup())
                        div.actions { button.button.main type="submit" { (desk.t("console-send")) } }
                    }
                }
            }
        }
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        let (at, problem) = self.draft.problem.as_ref()?;
        (*at == field).then_some(problem)
    }

    fn facts(&self, desk: &Desk<'_>) -> Markup {
        let case = &self.case;
        html! {
            section.sheet {
                h2 { (desk.t("console-facts")) }
                dl.pairs {
                    dt { (desk.t("console-status")) }
                    dd {
                        (desk.label(&case.status))
                        @if case.undelivered.is_some() { " · " b.urgent { (desk.t("console-undelivered-short")) } }
                    }
                    dt { (desk.t("console-assignee")) }
                    dd { @match case.assignee { Some(account) => { (desk.name(account)) }, None => { (desk.t("console-nobody")) } } }
                    dt { (desk.t("console-opened")) } dd { (desk.time(case.opened)) }
                    dt { (desk.t("console-changed")) } dd { (desk.time(case.changed)) }
                    @if let Some(at) = case.closed { dt { (desk.t("console-closed")) } dd { (desk.time(at)) } }
                    dt { (desk.t("console-person")) } dd { (person_link(case.person)) }
                    @if let Some(task) = &self.task {
                        dt { (desk.t("console-task")) }
                        dd { a href=(task_path(task.id)) { (task_number(task.id)) } " · " (desk.label(&task.status)) }
                        dt { (desk.t("console-until")) } dd.urgent[task.end <= desk.now] { (desk.time(task.end)) }
                    }
                }
            }
        }
    }

    fn changes(&self, desk: &Desk<'_>) -> Markup {
        let base = path(self.case.id);
        html! {
            section.sheet {
                h2 { (desk.t("console-move-on")) }
                form.inline method="post" action={ (base) "/status" } {
                    (desk.csrf())
                    (opened::choice(desk, ("status", "console-status"), CaseStatus::ALL, |s| s.name(), Some(&self.case.status)))
                    button.button type="submit" { (desk.t("console-set")) }
                }
                p.hint { (desk.t("console-close-hint")) }
                form.inline method="post" action={ (base) "/assign" } {
                    (desk.csrf())
                    div.field {
                        label for="account" { (desk.t("console-assignee")) }
                        select id="account" name="account" {
                            @for account in desk.who_may(Right::ServeEnquiries) {
                                option value=(account.id.0) selected[self.case.assignee == Some(account.id.0)] { (account.name.reveal()) }
                            }
                        }
                    }
                    button.button type="submit" { (desk.t("console-give")) }
                }
                p.hint { (desk.if_alone("console-give-hint")) }
            }
        }
    }
}

/// Whether the account at the desk may read for a task now, as far as the task alone says.
pub(super) fn is_mine(task: Option<&Task>, desk: &Desk<'_>) -> bool {
    task.is_some_and(|task| advice(task, desk) == "console-advice-other")
}

/// The key of what stands between the account at the desk and the values of a task, and what to do about it.
pub(super) fn advice(task: &Task, desk: &Desk<'_>) -> &'static str {
    let mine = || {
        task.grants
            .iter()
            .filter(|g| g.account == desk.me() && g.ended.is_none())
    };
    if task.status.is_over() || task.end <= desk.now {
        "console-advice-over"
    } else if mine().next().is_none() {
        "console-advice-not-yours"
    } else if mine().all(|grant| grant.approval == Approval::Pending) {
        if desk.is_alone(Right::WorkOnTasks) {
            "console-advice-pending-alone"
        } else {
            "console-advice-pending"
        }
    } else if task.status == tasks::TaskStatus::Waiting {
        "console-advice-waiting"
    } else if mine().all(|grant| grant.until <= desk.now) {
        "console-advice-over"
    } else {
        "console-advice-other"
    }
}
