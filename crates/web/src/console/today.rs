//! What is to be done today.

use super::cases::{self, UNDER_WAY};
use super::desk::Desk;
use super::emergency;
use super::instead::Instead;
use super::labels::emergency_path;
use super::review;
use super::tasks as task_list;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use people::{Case, CaseFilter};
use sharing::outbox::WaitingMail;
use staff::Right;
use std::collections::BTreeMap;
use std::sync::Arc;
use tasks::{Approval, BreakGlass, Grant, Review, Task};
use vault::Hold;
use vocabulary::{Moment, TaskId};

/// How many cases, and how many mails that wait, are looked at.
const MOST: u32 = 500;

/// Everything that waits for somebody.
#[derive(Default)]
struct Agenda {
    mine: Vec<Case>,
    nobodys: Vec<Case>,
    tasks: Vec<Task>,
    to_approve: Vec<Task>,
    to_confirm: Vec<BreakGlass>,
    alarms: Vec<BreakGlass>,
    reviews: Vec<Review>,
    holds: Vec<Hold>,
    mail: Vec<WaitingMail>,
}

/// `GET /console`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let agenda = Agenda::of(&desk).await.map_err(|error| desk.instead(error))?;
    Ok(desk.page(&desk.t("console-today"), "/console", &agenda.markup(&desk)))
}

impl Agenda {
    async fn of(desk: &Desk<'_>) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        let mut agenda = Self {
            tasks: office.tasks.tasks_of_account(desk.me()).await?,
            to_approve: for_me(desk, office.tasks.tasks_to_approve(desk.now).await?),
            mail: office.sharing.outbox.waiting(MOST).await?,
            ..Self::default()
        };
        if desk.signed.may(Right::ServeEnquiries) {
            let filter = CaseFilter {
                statuses: UNDER_WAY,
                assignee: None,
                before: None,
                most: MOST,
            };
            let cases = office.people.cases(filter).await?;
            let ends: BTreeMap<TaskId, Moment> = agenda.tasks.iter().map(|t| (t.id, t.end)).collect();
            agenda.nobodys = cases.iter().filter(|c| c.assignee.is_none()).cloned().collect();
            agenda.mine = cases;
            agenda.mine.retain(|case| case.assignee == Some(desk.me()));
            // Whose access has ended stands first: it must be given anew.
            agenda
                .mine
                .sort_by_key(|case| case.task.and_then(|task| ends.get(&task).copied()));
        }
        if desk.signed.may(Right::BreakGlass) {
            agenda.to_confirm = office.tasks.glasses_to_confirm(desk.now).await?;
        }
        if desk.signed.may(Right::ReviewBreakGlass) {
            agenda.alarms = office.tasks.unseen_alarms().await?;
            agenda.reviews = office.tasks.reviews_to_do().await?;
        }
        if desk.signed.may(Right::PlaceHolds) {
            agenda.holds = office.vault.holds_to_review(desk.now).await?;
        }
        Ok(agenda)
    }

    fn markup(&self, desk: &Desk<'_>) -> Markup {
        let overdue = self.reviews.iter().filter(|r| r.due <= desk.now).count();
        let can_review = desk.signed.may(Right::ReviewBreakGlass);
        let can_serve = desk.signed.may(Right::ServeEnquiries);
        html! {
            h1 { (desk.t("console-today")) }
            (unnamed(desk))
            dl.sheet.counters {
                @if can_serve {
                    (counter(desk, "console-my-cases", self.mine.len(), false))
                    (counter(desk, "console-nobodys", self.nobodys.len(), !self.nobodys.is_empty()))
                }
                (counter(desk, "console-to-approve", self.to_approve.len(), false))
                @if can_review {
                    (counter(desk, "console-alarms", self.alarms.len(), !self.alarms.is_empty()))
                    (counter(desk, "console-overdue", overdue, overdue > 0))
                }
                @if !self.holds.is_empty() { (counter(desk, "console-holds-overdue", self.holds.len(), true)) }
                (counter(desk, "console-mail", self.mail.len(), self.is_mail_stuck(desk)))
            }
            @for alarm in &self.alarms {
                div.notice.error role="alert" {
                    p { (desk.asking.language.text_with("console-alarm-by", &[("who", desk.name(alarm.account).into()), ("time", desk.time(alarm.asked).into())])) }
                    p { a href=(emergency_path(alarm.id)) { (desk.t("console-alarm-see")) } }
                }
            }
            (section(desk, "console-overdue-reviews", self.reviews.len(), || review::list(desk, &self.reviews)))
            (section(desk, "console-holds-overdue", self.holds.len(), || html! {
                ul.lines { @for hold in &self.holds { li { a href="/console/holds" { "№ " (hold.id.0) } " · " (desk.name(hold.owner)) } } }
            }))
            (section(desk, "console-to-confirm", self.to_confirm.len(), || emergency::list(desk, &self.to_confirm)))
            (section(desk, "console-to-approve", self.to_approve.len(), || task_list::table(desk, &self.to_approve, "console-to-approve")))
            @if can_serve {
                (section(desk, "console-nobodys", self.nobodys.len(), || cases::table(desk, &self.nobodys, "console-nobodys")))
                section.sheet {
                    h2 { (desk.t("console-my-cases")) }
                    @if self.mine.is_empty() { p.quiet { (desk.t("console-my-cases-none")) } }
                    @else { (cases::table(desk, &self.mine, "console-my-cases")) }
                }
            }
            (section(desk, "console-my-tasks", self.tasks.len(), || task_list::table(desk, &self.tasks, "console-my-tasks")))
            (self.mail(desk))
        }
    }

    /// Whether mail waits for more than its turn.
    fn is_mail_stuck(&self, desk: &Desk<'_>) -> bool {
        !self.mail.is_empty()
            && (!desk.web.office.sharing.outbox.is_connected() || self.mail.iter().any(|m| m.fault.is_some()))
    }

    fn mail(&self, desk: &Desk<'_>) -> Markup {
        let is_connected = desk.web.office.sharing.outbox.is_connected();
        html! {
            @if !is_connected || !self.mail.is_empty() {
                section.sheet {
                    h2 { (desk.t("console-mail")) }
                    @if !is_connected { p.notice { (desk.t("console-mail-nowhere")) } }
                    @if !self.mail.is_empty() {
                        div.scroll tabindex="0" role="region" aria-label=(desk.t("console-mail")) { table.data {
                            thead { tr {
                                th scope="col" { (desk.t("console-since")) }
                                th.n scope="col" { (desk.t("console-attempts")) }
                                th scope="col" { (desk.t("console-next")) }
                                th scope="col" { (desk.t("console-why")) }
                            } }
                            tbody { @for mail in &self.mail { tr {
                                td { (desk.time(mail.queued)) }
                                td.n { (mail.attempts) }
                                td { (desk.time(mail.due)) }
                                td lang="en" { (mail.fault.as_deref().unwrap_or_default()) }
                            } } }
                        } }
                    }
                }
            }
        }
    }
}

/// What the operator has to say of themself, and what stands still until then.
fn unnamed(desk: &Desk<'_>) -> Markup {
    let controller = desk.web.office.people.controller();
    let missing = controller.missing();
    let about = if controller.may_collect() {
        "console-unnamed-consents"
    } else {
        "console-unnamed-forms"
    };
    html! {
        @if !missing.is_empty() {
            div.notice.error {
                p { (desk.t("console-unnamed")) " " @for line in &missing { code { (line) } " " } }
                p { (desk.t(about)) }
            }
        }
    }
}

fn counter(desk: &Desk<'_>, key: &str, count: usize, is_urgent: bool) -> Markup {
    html! { div { dt { (desk.t(key)) } dd.urgent[is_urgent] { (count) } } }
}

fn section(desk: &Desk<'_>, key: &str, count: usize, content: impl FnOnce() -> Markup) -> Markup {
    html! {
        @if count > 0 {
            section.sheet { h2 { (desk.t(key)) } (content()) }
        }
    }
}

/// The tasks with grants that the account at the desk may approve: those of others.
pub(super) fn for_me(desk: &Desk<'_>, mut tasks: Vec<Task>) -> Vec<Task> {
    let waits = |grant: &Grant| grant.approval == Approval::Pending && grant.ended.is_none();
    tasks.retain(|task| {
        task.grants
            .iter()
            .any(|grant| waits(grant) && grant.account != desk.me())
    });
    tasks
}
