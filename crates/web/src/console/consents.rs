//! Consents of the person of a case: how they stand, and taken back by staff when the person wishes so in a letter or on
//! the telephone.

use super::cases::path;
use super::desk::Desk;
use super::instead::Instead;
use crate::reader::{Asking, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use office::OnBehalf;
use people::{CaseId, Consent};
use policy::Purpose;
use staff::Right;
use std::sync::Arc;
use tasks::Task;

/// The part of a case's page; nothing where nobody was ever asked. Taking back needs a task that is open to whoever sits
/// at the desk.
pub(super) fn section(desk: &Desk<'_>, case: CaseId, consents: &[Consent], is_mine: bool) -> Markup {
    html! {
        @if !consents.is_empty() {
            section.sheet #consents {
                h2 { (desk.t("console-consents")) }
                dl.pairs { @for consent in consents {
                    dt { (purpose(desk, consent.purpose)) }
                    dd {
                        (desk.t(if consent.state.allows_use() { "console-consent-given" } else { "console-consent-not" }))
                        @if let Some(last) = consent.events.last() { " · " (desk.time(last.at)) }
                    }
                } }
                @if is_mine {
                    form.inline method="post" action={ (path(case)) "/withdraw" } {
                        (desk.csrf())
                        div.field {
                            label for="purpose" { (desk.t("console-consent-which")) }
                            select id="purpose" name="purpose" {
                                @for consent in consents { option value=(consent.purpose.name()) { (purpose(desk, consent.purpose)) } }
                            }
                        }
                        button.button.danger type="submit" { (desk.t("console-consent-withdraw")) }
                    }
                    p.hint { (desk.t("console-consent-about")) }
                }
            }
        }
    }
}

fn purpose(desk: &Desk<'_>, purpose: Purpose) -> String {
    desk.t(&format!("purpose-{}", purpose.name().replace('_', "-")))
}

/// `POST …/withdraw`: takes a consent back as the person wishes, with the case's task, which must be open to the account.
pub(crate) async fn withdraw(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let office = &web.office;
    let id = number.parse().map(CaseId).map_err(|_| desk.missing())?;
    let case = office
        .people
        .case(id)
        .await
        .map_err(|error| desk.instead(error))?;
    let purpose = Purpose::parse(value(&fields, "purpose")).ok_or_else(|| desk.missing())?;
    let Some(task) = case.task else {
        return Ok(see_other(&format!("{}?problem=no-task", path(case.id))));
    };
    let open: Task = office
        .tasks
        .task(task)
        .await
        .map_err(|error| desk.instead(error))?;
    if !super::case_page::is_mine(Some(&open), &desk) {
        return Ok(see_other(&format!("{}?problem=consent-task", path(case.id))));
    }
    let by = OnBehalf {
        account: desk.me(),
        task,
    };
    let ended = office
        .withdraw_at_wish(case.person, purpose, by, desk.now)
        .await
        .map_err(|error| desk.instead(error))?;
    let outcome = if ended == 0 {
        "problem=consent-none"
    } else {
        "saved=consent"
    };
    Ok(see_other(&format!("{}?{outcome}", path(case.id))))
}
