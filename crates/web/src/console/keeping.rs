//! The page of a person: which values are kept, how long and why, and what is noted about that. No value is shown here.
//!
//! The forms of the page are taken in `keeping_forms.rs`; holds have a page of their own in `holds.rs`.

use super::case_page::is_mine;
use super::desk::Desk;
use super::holds;
use super::instead::Instead;
use super::labels::person_path;
use super::opened;
use crate::date;
use crate::form::Field;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use policy::retention::Keep;
use staff::Right;
use std::sync::Arc;
use vault::{Agreed, Duty, End, Hold};
use vocabulary::{Moment, PersonId};

/// What the page is made of.
struct Keeping {
    person: PersonId,
    ends: Vec<End>,
    contract: Option<Agreed>,
    duties: Vec<Duty>,
    holds: Vec<Hold>,
    /// Whether the account at the desk has an open task about the person.
    has_task: bool,
}

/// `GET /console/persons/{person}`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(person): Path<String>,
    asking: Asking,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::WorkOnTasks).await?;
    let keeping = Keeping::of(&desk, parsed(&desk, &person)?).await?;
    keeping.answer(&desk).await
}

/// The number in an address.
pub(super) fn parsed(desk: &Desk<'_>, person: &str) -> Result<PersonId, Instead> {
    PersonId::parse(person).ok_or_else(|| desk.missing())
}

/// Whether the account at the desk has an open task about a person.
pub(super) async fn has_task(desk: &Desk<'_>, person: PersonId) -> Result<bool, Instead> {
    let tasks = desk.web.office.tasks.tasks_of_person(person).await;
    let tasks = tasks.map_err(|error| desk.instead(error))?;
    Ok(tasks.iter().any(|task| is_mine(Some(task), desk)))
}

/// A day, as contracts and laws have them.
pub(super) fn day(desk: &Desk<'_>, at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |at| date::day_and_year(desk.asking.language, at.to_zoned(jiff::tz::TimeZone::UTC).date()),
    )
}

/// A day as a field of dates has it.
fn written(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string())
}

impl Keeping {
    async fn of(desk: &Desk<'_>, person: PersonId) -> Result<Self, Instead> {
        let has_task = has_task(desk, person).await?;
        let vault = &desk.web.office.vault;
        let load = async {
            Ok::<_, vault::Error>(Self {
                person,
                ends: vault.ends(person).await?,
                contract: vault.contract(person).await?,
                duties: vault.duties(person).await?,
                holds: vault.holds_on(person).await?,
                has_task,
            })
        };
        load.await.map_err(|error| desk.instead(error))
    }

    async fn answer(&self, desk: &Desk<'_>) -> Result<Response, Instead> {
        let path = person_path(self.person);
        let title = desk.t("console-person-page");
        let may_hold = desk.signed.may(Right::PlaceHolds);
        let standing: Vec<Hold> = self
            .holds
            .iter()
            .filter(|h| h.released.is_none())
            .cloned()
            .collect();
        let held = if may_hold {
            holds::list(desk, &standing).await?
        } else {
            html! { p { (desk.t(if standing.is_empty() { "console-holds-none" } else { "console-hold-stands" })) } }
        };
        let main = html! {
            div { h1 { (title) } p.small { code { (self.person) } } }
            (desk.outcome())
            (self.values(desk))
            @if !self.has_task { p.notice { (desk.t("console-keeping-needs-task")) } }
            (self.contract(desk))
            (self.duties(desk))
            section.sheet #holds {
                h2 { (desk.t("console-holds")) }
                (held)
                @if may_hold { (holds::form(desk, &format!("{path}/hold"))) }
            }
        };
        Ok(desk.page(&title, &path, &main))
    }

    fn values(&self, desk: &Desk<'_>) -> Markup {
        let until = |end: &End| match end.keep {
            Keep::Until(at) => day(desk, at),
            Keep::WhileContractRuns | Keep::WhileHeld => desk.t("console-kept-open"),
        };
        html! {
            section.sheet {
                h2 { (desk.t("console-keeping")) }
                p.quiet { (desk.t("console-keeping-about")) }
                @if self.ends.is_empty() { p { (desk.t("console-no-values")) } }
                @else {
                    div.scroll tabindex="0" role="region" aria-label=(desk.t("console-keeping")) { table.data.stacked {
                        thead { tr {
                            th scope="col" { (desk.t("console-classes")) }
                            th scope="col" { (desk.t("console-kept-until")) }
                            th scope="col" { (desk.t("console-because")) }
                        } }
                        tbody { @for end in &self.ends { tr {
                            th scope="row" { (desk.label(&end.class)) }
                            td data-label=(desk.t("console-kept-until")) { (until(end)) }
                            td data-label=(desk.t("console-because")) { (desk.label(&end.why)) }
                        } } }
                    } }
                }
            }
        }
    }

    fn contract(&self, desk: &Desk<'_>) -> Markup {
        let base = person_path(self.person);
        let words = match self.contract {
            None => desk.t("console-contract-none"),
            Some(Agreed { from, until: None }) => desk
                .asking
                .language
                .text_with("console-contract-runs", &[("from", day(desk, from).into())]),
            Some(Agreed {
                from,
                until: Some(until),
            }) => desk.asking.language.text_with(
                "console-contract-ends",
                &[
                    ("from", day(desk, from).into()),
                    ("until", day(desk, until.plus_ms(-1)).into()),
                ],
            ),
        };
        let from = self
            .contract
            .map_or_else(String::new, |contract| written(contract.from));
        let until = self.contract.and_then(|contract| contract.until);
        let until = until.map_or_else(String::new, |until| written(until.plus_ms(-1)));
        html! {
            section.sheet #contract {
                h2 { (desk.t("console-contract")) }
                p { (words) }
                @if self.has_task {
                    form method="post" action={ (base) "/contract" } {
                        (desk.csrf())
                        (Field::new("from", &desk.t("console-first-day")).kind("date").value(&from).markup())
                        (Field::new("until", &desk.t("console-last-day")).kind("date").value(&until)
                            .hint(&desk.t("console-contract-hint")).voluntary(&desk.t("voluntary")).markup())
                        div.actions { button.button.main type="submit" { (desk.t("console-contract-set")) } }
                    }
                    @if self.contract.is_some() {
                        (desk.button(&format!("{base}/contract/none"), "danger", &desk.t("console-contract-none-set")))
                    }
                }
            }
        }
    }

    fn duties(&self, desk: &Desk<'_>) -> Markup {
        let base = person_path(self.person);
        let may_see = self.has_task || desk.signed.may(Right::PlaceHolds);
        html! {
            section.sheet #duties {
                h2 { (desk.t("console-duties")) }
                @if self.duties.is_empty() { p { (desk.t("console-duties-none")) } }
                ul.lines { @for duty in &self.duties { li {
                    span {
                        @if may_see { (duty.law.reveal()) " · " }
                        (desk.classes(&duty.classes)) " · " (desk.t("console-until")) " " (day(desk, duty.until.plus_ms(-1)))
                    }
                    @if self.has_task {
                        form.bare method="post" action={ (base) "/duties/end" } {
                            (desk.csrf())
                            input type="hidden" name="duty" value=(duty.id.0);
                            button.button type="submit" { (desk.t("console-duty-end")) }
                        }
                    }
                } } }
                @if self.has_task {
                    form method="post" action={ (base) "/duties" } {
                        (desk.csrf())
                        (opened::class_boxes(desk, &[]))
                        (Field::new("law", &desk.t("console-law")).hint(&desk.t("console-law-hint")).most(200).markup())
                        (Field::new("last", &desk.t("console-last-day")).kind("date").markup())
                        div.actions { button.button.main type="submit" { (desk.t("console-duty-add")) } }
                    }
                }
            }
        }
    }
}
