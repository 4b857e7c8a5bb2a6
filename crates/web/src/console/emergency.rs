//! One emergency opening: confirming it, reading by it, ending it, seeing its alarm.

use super::desk::Desk;
use super::instead::Instead;
use super::labels::{emergency_path, task_number};
use super::opened::{self, Opened};
use super::review;
use super::task::{parsed, read};
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use policy::FieldClass;
use staff::Right;
use std::sync::Arc;
use tasks::{BreakGlass, Review};
use vocabulary::TaskId;

/// What the page is made of.
struct EmergencyPage {
    glass: BreakGlass,
    reviews: Vec<Review>,
    opened: Option<Opened>,
    denied: Option<Vec<String>>,
}

/// `GET /console/emergencies/{id}`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    let page = EmergencyPage::of(&desk, &id).await?;
    Ok(page.answer(&desk))
}

/// `POST …/open`: the page with the values, if the guard admits it.
pub(crate) async fn open(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    desk.form(&body)?;
    let mut page = EmergencyPage::of(&desk, &id).await?;
    let glass = &page.glass;
    let classes: Vec<FieldClass> = glass.classes.iter().copied().collect();
    let reader = desk.reader(glass.id, true);
    match read(&desk, &reader, &glass.persons, glass.purpose, &classes).await {
        Ok(opened) => page.opened = Some(opened),
        Err(people::Error::Vault(vault::Error::Denied(denied))) => page.denied = Some(denied.policies),
        Err(error) => return Err(desk.instead(error)),
    }
    Ok(page.answer(&desk))
}

/// `POST …/confirm`: another account confirms, and the hour begins.
pub(crate) async fn confirm(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    desk.form(&body)?;
    let id = known(&desk, &id).await?;
    let done = web
        .office
        .tasks
        .confirm_break_glass(id, desk.by(Right::BreakGlass), desk.now)
        .await;
    // Once confirmed it is the business of whoever opens and of those who review.
    desk.after("/console/tasks", "confirm", done).await
}

/// `POST …/end`.
pub(crate) async fn end(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    desk.form(&body)?;
    let page = EmergencyPage::of(&desk, &id).await?;
    if !page.may_end(&desk) {
        return Err(desk.missing());
    }
    let done = web
        .office
        .tasks
        .end_break_glass(page.glass.id, desk.me(), desk.now)
        .await;
    desk.after(&emergency_path(page.glass.id), "end", done).await
}

/// `POST …/seen`: another account saw the alarm, or its own, if there is no other.
pub(crate) async fn seen(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ReviewBreakGlass).await?;
    desk.form(&body)?;
    let id = known(&desk, &id).await?;
    let by = desk.by(Right::ReviewBreakGlass);
    let done = web.office.tasks.see_alarm(id, by, desk.now).await;
    desk.after(&emergency_path(id), "seen", done).await
}

async fn known(desk: &Desk<'_>, id: &str) -> Result<TaskId, Instead> {
    Ok(EmergencyPage::of(desk, id).await?.glass.id)
}

impl EmergencyPage {
    /// The page, nothing opened: for whoever opens, those who review, and, while it waits, whoever may confirm it.
    async fn of(desk: &Desk<'_>, id: &str) -> Result<Self, Instead> {
        let id = parsed(desk, id)?;
        let tasks = &desk.web.office.tasks;
        let glass = tasks.glass(id).await.map_err(|error| desk.instead(error))?;
        let is_known =
            glass.account == desk.me() || !glass.is_broken() || desk.signed.may(Right::ReviewBreakGlass);
        if !is_known {
            return Err(desk.missing());
        }
        let reviews = tasks.reviews_of(id).await.map_err(|error| desk.instead(error))?;
        Ok(Self {
            glass,
            reviews,
            opened: None,
            denied: None,
        })
    }

    fn may_end(&self, desk: &Desk<'_>) -> bool {
        let is_running = self.glass.ended.is_none() && self.glass.until > desk.now;
        is_running && (self.glass.account == desk.me() || desk.signed.may(Right::ReviewBreakGlass))
    }

    fn may_open(&self, desk: &Desk<'_>) -> bool {
        let glass = &self.glass;
        glass.account == desk.me() && glass.is_broken() && glass.ended.is_none() && glass.until > desk.now
    }

    fn answer(&self, desk: &Desk<'_>) -> Response {
        let glass = &self.glass;
        let title = desk.t("console-emergency");
        let base = emergency_path(glass.id);
        let status = if self.denied.is_some() {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::OK
        };
        let main = html! {
            div {
                p.small { a href="/console/tasks" { "← " (desk.t("console-tasks")) } }
                h1 { (title) " " (task_number(glass.id)) }
            }
            @match &self.denied {
                Some(policies) => { (opened::denied(desk, policies, "console-advice-emergency")) }
                None => { (desk.outcome()) }
            }
            section.sheet {
                dl.pairs {
                    dt { (desk.t("console-account")) } dd { (desk.name(glass.account)) }
                    dt { (desk.t("console-state")) } dd { (state(desk, glass)) }
                    dt { (desk.t("console-asked")) } dd { (desk.time(glass.asked)) }
                    dt { (desk.t("console-until")) } dd { (desk.time(glass.until)) }
                    dt { (desk.t("console-purpose")) } dd { (desk.label(&glass.purpose)) }
                    dt { (desk.t("console-classes")) } dd { (desk.classes(&glass.classes)) }
                    dt { (desk.t("console-reason")) }
                    dd { @if glass.reason.reveal().is_empty() { span.quiet { (desk.t("console-erased")) } } @else { (glass.reason.reveal()) } }
                    @if let Some(by) = glass.confirmed_by { dt { (desk.t("console-confirmed-by")) } dd { (desk.name(by)) } }
                    @if let Some((by, at)) = glass.alarm.and_then(|alarm| alarm.seen) {
                        dt { (desk.t("console-seen-by")) } dd { (desk.name(by)) ", " (desk.time(at)) }
                    }
                }
                div.actions {
                    @if !glass.is_broken() && glass.ended.is_none() && glass.account != desk.me() {
                        (desk.button(&format!("{base}/confirm"), "main", &desk.t("console-confirm")))
                    }
                    @if glass.alarm.is_some_and(|alarm| alarm.seen.is_none()) && self.may_see(desk) {
                        (desk.button(&format!("{base}/seen"), "main", &desk.t("console-seen")))
                    }
                    @if self.may_end(desk) { (desk.button(&format!("{base}/end"), "danger", &desk.t("console-end"))) }
                }
            }
            section.sheet {
                div.panel-head {
                    h2 { (desk.t("console-persons")) }
                    @if self.opened.is_none() && self.may_open(desk) {
                        (desk.button(&format!("{base}/open"), "main", &desk.t("console-open-values")))
                    }
                }
                @if let Some(opened) = &self.opened { (opened.recorded(desk)) }
                (opened::persons(desk, &glass.persons, self.opened.as_ref()))
            }
            (review::section(desk, &self.reviews))
        };
        desk.page_of(&title, "/console/tasks", &main, status)
    }

    fn may_see(&self, desk: &Desk<'_>) -> bool {
        desk.signed.may(Right::ReviewBreakGlass)
            && (self.glass.account != desk.me() || desk.is_alone(Right::ReviewBreakGlass))
    }
}

fn state(desk: &Desk<'_>, glass: &BreakGlass) -> String {
    let key = if glass.ended.is_some() {
        "glass-ended"
    } else if !glass.is_broken() {
        "glass-waits"
    } else if glass.until <= desk.now {
        "glass-over"
    } else {
        "glass-open"
    };
    desk.t(key)
}

/// Emergency openings, each with a link to its page.
pub(super) fn list(desk: &Desk<'_>, glasses: &[BreakGlass]) -> Markup {
    html! {
        ul.lines { @for glass in glasses { li {
            span { a href=(emergency_path(glass.id)) { (task_number(glass.id)) } " · " (desk.name(glass.account)) " · " (desk.time(glass.asked)) }
            span { (state(desk, glass)) }
        } } }
    }
}
