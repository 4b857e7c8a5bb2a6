//! What the person of a case agreed to, and how long their data are kept: what staff does about both at the person's wish
//! or when a contract begins or ends.

use super::case::numbered;
use super::case_page::is_mine;
use super::cases::path;
use super::desk::Desk;
use super::instead::Instead;
use crate::reader::{Asking, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::{Action, Actor, Entry, Subject};
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use office::OnBehalf;
use people::{Case, Consent};
use policy::Purpose;
use policy::retention::Contract;
use staff::Right;
use std::sync::Arc;
use vault::Standing;
use vocabulary::{ClientId, Moment};

/// The contracts that can be said of a person, as the form sends them.
const CONTRACTS: [&str; 4] = ["unknown", "none", "runs", "ends"];

/// What is shown beside a case.
pub(super) struct Keeping {
    consents: Vec<Consent>,
    standing: Standing,
}

impl Keeping {
    pub(super) async fn of(desk: &Desk<'_>, case: &Case) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        Ok(Self {
            consents: office.people.consents(case.person).await?,
            standing: office.vault.standing(case.person).await?,
        })
    }

    pub(super) fn markup(&self, desk: &Desk<'_>, case: &Case) -> Markup {
        let base = path(case.id);
        let given: Vec<&Consent> = self
            .consents
            .iter()
            .filter(|consent| consent.state.allows_use())
            .collect();
        html! {
            section.sheet #keeping {
                h2 { (desk.t("console-keeping")) }
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
                (self.contract(desk, &base))
                @if desk.signed.may(Right::PlaceHolds) { (self.duty(desk, &base)) }
            }
        }
    }

    fn contract(&self, desk: &Desk<'_>, base: &str) -> Markup {
        let (current, end) = match self.standing.contract {
            Contract::Unknown => ("unknown", None),
            Contract::None => ("none", None),
            Contract::Runs => ("runs", None),
            Contract::Ends(at) => ("ends", Some(at)),
        };
        html! {
            form.inline method="post" action={ (base) "/contract" } {
                (desk.csrf())
                div.field {
                    label for="contract" { (desk.t("console-contract")) }
                    select id="contract" name="contract" { @for one in CONTRACTS {
                        option value=(one) selected[one == current] { (desk.t(&format!("console-contract-{one}"))) }
                    } }
                }
                (day(desk, ("contract-end", "console-contract-end"), end))
                button.button type="submit" { (desk.t("console-set")) }
            }
            p.hint { (desk.t("console-contract-about")) }
        }
    }

    fn duty(&self, desk: &Desk<'_>, base: &str) -> Markup {
        html! {
            form.inline method="post" action={ (base) "/duty" } {
                (desk.csrf())
                (day(desk, ("duty-until", "console-duty-until"), self.standing.legal_until))
                button.button type="submit" { (desk.t("console-set")) }
            }
            p.hint { (desk.t("console-duty-about")) }
        }
    }
}

/// A field for a day, and its name and key.
fn day(desk: &Desk<'_>, (name, key): (&str, &str), at: Option<Moment>) -> Markup {
    let zone = &desk.web.office.tasks.rules().time_zone;
    let shown = at
        .and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok())
        .map(|at| zone.to_datetime(at).date().to_string());
    html! {
        div.field {
            label for=(name) { (desk.t(key)) }
            input type="date" id=(name) name=(name) value=[shown];
        }
    }
}

/// The beginning of a day where the agency is.
fn moment(text: &str, zone: &TimeZone) -> Option<Moment> {
    let day: Date = text.trim().parse().ok()?;
    let at = day.to_zoned(zone.clone()).ok()?;
    Some(Moment(at.timestamp().as_millisecond()))
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

/// `POST …/contract`: says whether the person has a contract with us, which carries what they gave.
pub(crate) async fn contract(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let act = Act::begin(&web, &asking, &number, &body, Right::ServeEnquiries).await?;
    let zone = &web.office.tasks.rules().time_zone;
    let end = moment(value(&act.fields, "contract-end"), zone);
    let contract = match (value(&act.fields, "contract"), end) {
        ("unknown", _) => Contract::Unknown,
        ("none", _) => Contract::None,
        ("runs", _) => Contract::Runs,
        ("ends", Some(at)) => Contract::Ends(at),
        _ => return Ok(act.back("problem", "day")),
    };
    let set = web
        .office
        .vault
        .set_contract(act.case.person, contract, act.desk.now);
    set.await.map_err(|error| act.desk.instead(error))?;
    act.end(Action::Change, Purpose::ProvideService, "contract").await
}

/// `POST …/duty`: says until when a law wants everything of the person kept.
pub(crate) async fn duty(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let act = Act::begin(&web, &asking, &number, &body, Right::PlaceHolds).await?;
    let text = value(&act.fields, "duty-until");
    let until = moment(text, &web.office.tasks.rules().time_zone);
    if until.is_none() && !text.trim().is_empty() {
        return Ok(act.back("problem", "day"));
    }
    let set = web.office.vault.set_legal_duty(act.case.person, until);
    set.await.map_err(|error| act.desk.instead(error))?;
    act.end(Action::Change, Purpose::LegalDuty, "duty").await
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

    /// Records it, and goes back.
    async fn end(&self, action: Action, purpose: Purpose, saved: &str) -> Result<Response, Instead> {
        let entry = Entry {
            subject: Subject {
                person: Some(self.case.person),
                task: self.case.task,
                client: Some(ClientId(self.case.client)),
                ..Subject::default()
            },
            purpose: Some(purpose.name().into()),
            ..Entry::new(self.desk.now, Actor::Staff(self.desk.me()), action)
        };
        let recorded = self.desk.web.office.record(entry).await;
        recorded.map_err(|error| self.desk.instead(error))?;
        Ok(self.back("saved", saved))
    }
}
