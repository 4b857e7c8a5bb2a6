//! What the person of a case agreed to, and taking it back at their wish.

use super::case::numbered;
use super::case_page::is_mine;
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
use people::{Case, Consent};
use policy::Purpose;
use staff::Right;
use std::sync::Arc;

/// What is shown beside a case.
pub(super) struct Consents(Vec<Consent>);

impl Consents {
    pub(super) async fn of(desk: &Desk<'_>, case: &Case) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        Ok(Self(office.people.consents(case.person).await?))
    }

    pub(super) fn markup(&self, desk: &Desk<'_>, case: &Case) -> Markup {
        let base = path(case.id);
        let given: Vec<&Consent> = self
            .0
            .iter()
            .filter(|consent| consent.state.allows_use())
            .collect();
        html! {
            section.sheet #consents {
                h2 { (desk.t("console-consents")) }
                @if given.is_empty() { p.quiet { (desk.t("console-consents-none")) } }
                @for consent in given {
                    form.inline method="post" action={ (base) "/withdraw" } {
                        (desk.csrf())
                        input type="hidden" name="purpose" value=(consent.purpose.name());
                        span { (desk.t("console-consent-given")) " " (desk.label(&consent.purpose)) }
                        button.button type="submit" { (desk.t("console-consent-withdraw")) }
                    }
                    p.hint { (desk.t("console-consent-withdraw-about")) }
                }
            }
        }
    }
}

/// `POST …/withdraw`: takes a consent back at the wish of the person, who wrote or called.
pub(crate) async fn withdraw(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let act = Act::begin(&web, &asking, &number, &body, Right::ServeEnquiries).await?;
    let purpose = Purpose::parse(value(&act.fields, "purpose")).ok_or_else(|| act.desk.missing())?;
    let Some(id) = act.case.task else {
        return Ok(act.back("problem", "no-task"));
    };
    let task = web.office.tasks.task(id).await;
    let task = task.map_err(|error| act.desk.instead(error))?;
    if !is_mine(Some(&task), &act.desk) {
        return Ok(act.back("problem", "consent-task"));
    }
    let by = OnBehalf {
        account: act.desk.me(),
        task: id,
    };
    let ended = web
        .office
        .withdraw_at_wish(act.case.person, purpose, by, act.desk.now)
        .await
        .map_err(|error| act.desk.instead(error))?;
    if ended == 0 {
        return Err(act.desk.missing());
    }
    Ok(act.back("saved", "consent-withdrawn"))
}

/// Something done about the person of a case: the case is found, the right and the form's origin are checked.
struct Act<'a> {
    desk: Desk<'a>,
    case: Case,
    fields: crate::reader::Fields,
}

impl<'a> Act<'a> {
    async fn begin(
        web: &'a Web,
        asking: &'a Asking,
        number: &str,
        body: &str,
        right: Right,
    ) -> Result<Self, Instead> {
        let desk = Desk::open(web, asking, right).await?;
        let fields = desk.form(body)?;
        let case = web.office.people.case(numbered(&desk, number)?).await;
        let case = case.map_err(|error| desk.instead(error))?;
        Ok(Self { desk, case, fields })
    }

    /// Back to the case, which says what came of it.
    fn back(&self, kind: &str, what: &str) -> Response {
        see_other(&format!("{}?{kind}={what}", path(self.case.id)))
    }
}
