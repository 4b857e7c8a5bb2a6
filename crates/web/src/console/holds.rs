//! Legal holds: which stand, why, who answers for them, and when each is looked at again.

use super::desk::Desk;
use super::instead::Instead;
use super::keeping;
use super::keeping_forms::day;
use super::labels::person_link;
use crate::form::Field;
use crate::reader::Asking;
use crate::sign_in::see_other;
use crate::state::Web;
use audit::Actor;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use staff::Right;
use std::sync::Arc;
use vault::{Hold, HoldId};
use vocabulary::Moment;

const PATH: &str = "/console/holds";

/// `GET /console/holds`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::PlaceHolds).await?;
    let standing = web.office.vault.holds_to_review(Moment(i64::MAX)).await;
    let standing = standing.map_err(|error| desk.instead(error))?;
    let title = desk.t("console-holds");
    let list = list(&desk, &standing).await?;
    let main = html! {
        div { h1 { (title) } p.quiet { (desk.t("console-holds-about")) } }
        (desk.outcome())
        section.sheet { (list) }
    };
    Ok(desk.page(&title, PATH, &main))
}

/// `POST …/review`: it stands on.
pub(crate) async fn review(
    State(web): State<Arc<Web>>,
    Path(hold): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::PlaceHolds).await?;
    let fields = desk.form(&body)?;
    let hold = numbered(&desk, &hold)?;
    let Some(review) = day(&fields, "review") else {
        return Ok(see_other(&format!("{PATH}?problem=date")));
    };
    let actor = Actor::Staff(desk.me());
    match web.office.review_hold(hold, review, actor, desk.now).await {
        Ok(_) => Ok(see_other(&format!("{PATH}?saved=hold-review"))),
        Err(office::Error::Vault(vault::Error::Refused(_))) => {
            Ok(see_other(&format!("{PATH}?problem=hold-review")))
        }
        Err(error) => Err(desk.instead(error)),
    }
}

/// `POST …/release`.
pub(crate) async fn release(
    State(web): State<Arc<Web>>,
    Path(hold): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::PlaceHolds).await?;
    desk.form(&body)?;
    let hold = numbered(&desk, &hold)?;
    let actor = Actor::Staff(desk.me());
    let released = web.office.release_hold(hold, desk.me(), actor, desk.now).await;
    released.map_err(|error| desk.instead(error))?;
    Ok(see_other(&format!("{PATH}?saved=hold-released")))
}

fn numbered(desk: &Desk<'_>, hold: &str) -> Result<HoldId, Instead> {
    hold.parse().map(HoldId).map_err(|_| desk.missing())
}

/// Holds with their reasons, and what can be done with each.
pub(super) async fn list(desk: &Desk<'_>, holds: &[Hold]) -> Result<Markup, Instead> {
    let mut rows = Vec::with_capacity(holds.len());
    for hold in holds {
        match desk.web.office.vault.hold_reason(hold).await {
            Ok(reason) => rows.push((hold, reason)),
            Err(error) => return Err(desk.instead(error)),
        }
    }
    Ok(html! {
        @if rows.is_empty() { p { (desk.t("console-holds-none")) } }
        ul.lines { @for (hold, reason) in &rows { li {
            div {
                p { b { "№ " (hold.id.0) } " · " (desk.t("console-person")) " " (person_link(hold.person)) }
                p { (reason.reveal()) }
                p.small.quiet { (desk.t("console-hold-owner")) ": " (desk.name(hold.owner)) " · " (desk.t("console-since")) " " (keeping::day(desk, hold.placed)) }
                (review_of(desk, hold))
            }
            form.inline method="post" action=(format!("{PATH}/{}/review", hold.id.0)) {
                (desk.csrf())
                div.field {
                    label for=(format!("review-{}", hold.id.0)) { (desk.t("console-hold-next")) }
                    input type="date" id=(format!("review-{}", hold.id.0)) name="review" required;
                }
                button.button type="submit" { (desk.t("console-hold-stays")) }
            }
            (desk.button(&format!("{PATH}/{}/release", hold.id.0), "danger", &desk.t("console-hold-release")))
        } } }
    })
}

/// When a hold is looked at again.
fn review_of(desk: &Desk<'_>, hold: &Hold) -> Markup {
    let is_overdue = hold.review <= desk.now;
    let key = if is_overdue {
        "console-hold-overdue"
    } else {
        "console-hold-due"
    };
    let day = keeping::day(desk, hold.review);
    let words = desk.asking.language.text_with(key, &[("day", day.into())]);
    html! { p.small.urgent[is_overdue] { (words) } }
}

/// The form that places a hold.
pub(super) fn form(desk: &Desk<'_>, action: &str) -> Markup {
    html! {
        h3 { (desk.t("console-hold-place")) }
        p.quiet { (desk.t("console-hold-about")) }
        form method="post" action=(action) {
            (desk.csrf())
            (Field::new("reason", &desk.t("console-reason")).hint(&desk.t("console-hold-reason-hint")).rows(2).most(500).markup())
            (Field::new("review", &desk.t("console-hold-next")).kind("date").markup())
            div.actions { button.button type="submit" { (desk.t("console-hold-place")) } }
        }
    }
}
