//! Looking over what was opened without another account's leave.

use super::desk::Desk;
use super::instead::Instead;
use super::labels::{emergency_path, task_path};
use crate::reader::{Asking, value};
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use staff::Right;
use std::sync::Arc;
use tasks::{Review, Reviewed};

/// `POST /console/reviews/{id}`: what was found.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ReviewBreakGlass).await?;
    let fields = desk.form(&body)?;
    let id: u32 = id.parse().map_err(|_| desk.missing())?;
    let reviews = web
        .office
        .tasks
        .reviews_to_do()
        .await
        .map_err(|error| desk.instead(error))?;
    let review = reviews
        .iter()
        .find(|r| r.id == id)
        .ok_or_else(|| desk.missing())?;
    let finding = value(&fields, "finding");
    let by = desk.by(Right::ReviewBreakGlass);
    let done = web.office.tasks.review(id, finding, by, desk.now).await;
    desk.after(&page_of(review), "review", done).await
}

/// Reviews to be done.
pub(super) fn list(desk: &Desk<'_>, reviews: &[Review]) -> Markup {
    html! {
        ul.lines { @for review in reviews { li {
            span {
                a href=(page_of(review)) { (desk.label(&review.of)) }
                " · " (desk.name(review.account)) " · " (desk.time(review.made))
            }
            span.urgent[review.due <= desk.now] { (due(desk, review)) }
        } } }
    }
}

/// The reviews of a task or an emergency opening, each with its finding or the form for it.
pub(super) fn section(desk: &Desk<'_>, reviews: &[Review]) -> Markup {
    let is_alone = desk.is_alone(Right::ReviewBreakGlass);
    let may = |review: &Review| {
        desk.signed.may(Right::ReviewBreakGlass) && (review.account != desk.me() || is_alone)
    };
    html! {
        @if !reviews.is_empty() {
            section.sheet #reviews {
                h2 { (desk.t("console-reviews")) }
                @for review in reviews {
                    @match review.reviewed {
                        Some((by, at)) => {
                            p { (desk.name(by)) ", " (desk.time(at)) }
                            blockquote { (review.finding.reveal()) }
                        }
                        None => {
                            p.urgent[review.due <= desk.now] { (due(desk, review)) }
                            @if may(review) {
                                @if review.account == desk.me() { p.quiet { (desk.t("console-review-own")) } }
                                form method="post" action={ "/console/reviews/" (review.id) } {
                                    (desk.csrf())
                                    div.field {
                                        label for={ "finding-" (review.id) } { (desk.t("console-finding")) }
                                        p.hint { (desk.t("console-finding-hint")) }
                                        textarea id={ "finding-" (review.id) } name="finding" rows="4" required minlength="3" maxlength="2000" {}
                                    }
                                    div.actions { button.button.main type="submit" { (desk.t("console-review-done")) } }
                                }
                            } @else {
                                p.quiet { (desk.t("console-review-other")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn due(desk: &Desk<'_>, review: &Review) -> String {
    let key = if review.due <= desk.now {
        "console-review-overdue"
    } else {
        "console-review-due"
    };
    desk.asking
        .language
        .text_with(key, &[("time", desk.time(review.due).into())])
}

fn page_of(review: &Review) -> String {
    match review.of {
        Reviewed::BreakGlass => emergency_path(review.task),
        Reviewed::SelfAssigned => task_path(review.task),
    }
}
