//! The form for breaking the glass.

use super::desk::{Desk, problem_of};
use super::instead::Instead;
use super::labels::emergency_path;
use super::opened;
use super::persons;
use crate::form::{Field, summary};
use crate::reader::{Asking, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::html;
use policy::Purpose;
use staff::Right;
use std::sync::Arc;
use tasks::{NewBreakGlass, Refusal, Witness};

/// `GET /console/emergencies/new`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    Ok(form(&desk, &[], None))
}

/// What can be an emergency of the account at the desk: what needs no permission of the person is for those who carry out
/// requests and duties.
fn purposes(desk: &Desk<'_>) -> Vec<Purpose> {
    let may_all = desk.signed.may(Right::ServeRequests);
    let is_theirs = |purpose: &Purpose| may_all || !purpose.is_by_law();
    Purpose::ALL.iter().copied().filter(is_theirs).collect()
}

/// `POST /console/emergencies/new`.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::BreakGlass).await?;
    let fields = desk.form(&body)?;
    let purpose = Purpose::parse(value(&fields, "purpose"))
        .filter(|purpose| purposes(&desk).contains(purpose))
        .ok_or_else(|| desk.missing())?;
    let witness = match value(&fields, "witness") {
        "alarm" => Witness::Alarm,
        "second" => Witness::SecondPerson,
        _ => return Err(desk.missing()),
    };
    let Some((person, client)) = persons::named(&desk, &fields).await? else {
        return Ok(form(&desk, &fields, Some(("case", "persons"))));
    };
    let classes = persons::ticked(&fields);
    let new = NewBreakGlass {
        client,
        purpose,
        persons: &[person],
        classes: &classes,
        reason: value(&fields, "reason"),
        witness,
    };
    match web.office.tasks.break_glass(new, desk.me(), desk.now).await {
        Ok(change) => {
            desk.record(&change).await?;
            let saved = if witness == Witness::Alarm {
                "broken"
            } else {
                "asked"
            };
            Ok(see_other(&format!(
                "{}?saved={saved}",
                emergency_path(change.task)
            )))
        }
        Err(tasks::Error::Refused(refusal)) => {
            let problem = match refusal {
                Refusal::Reason { .. } => ("reason", "long-reason"),
                Refusal::Classes => ("classes", "classes"),
                other => ("case", problem_of(other)),
            };
            Ok(form(&desk, &fields, Some(problem)))
        }
        Err(error) => Err(desk.instead(error)),
    }
}

/// The form, with what was filled in and what is wrong with it.
fn form(desk: &Desk<'_>, filled: &[(String, String)], problem: Option<(&str, &str)>) -> Response {
    let problem = problem.map(|(field, name)| (field, desk.t(&format!("console-problem-{name}"))));
    let wrong = |field: &str| {
        let found = problem.as_ref().filter(|(at, _)| *at == field);
        found.map(|(_, words)| words.as_str())
    };
    let problems: Vec<(&str, &str)> = problem.iter().map(|(at, words)| (*at, words.as_str())).collect();
    let purpose = Purpose::parse(value(filled, "purpose"));
    let title = desk.t("console-emergency");
    let main = html! {
        div { p.small { a href="/console/tasks" { "← " (desk.t("console-tasks")) } } h1 { (title) } }
        (summary(desk.asking.language, &problems))
        div.notice { p { (desk.t("console-emergency-about")) } }
        section.sheet {
            form method="post" action="/console/emergencies/new" {
                (desk.csrf())
                (persons::fields(desk, filled, wrong("case")))
                (opened::choice(desk, ("purpose", "console-purpose"), &purposes(desk), |p| p.name(), purpose.as_ref()))
                (opened::class_boxes(desk, &persons::ticked(filled)))
                @if let Some(wrong) = wrong("classes") { p.wrong { (wrong) } }
                (Field::new("reason", &desk.t("console-reason")).hint(&desk.t("console-emergency-reason")).rows(4).most(2_000)
                    .value(value(filled, "reason")).wrong(wrong("reason")).markup())
                fieldset.switches {
                    legend { (desk.t("console-witness")) }
                    @for (name, words, about) in [
                        ("second", "console-witness-second", "console-witness-second-about"),
                        ("alarm", "console-witness-alarm", "console-witness-alarm-about"),
                    ] {
                        @let is_offered = name == "alarm" || !desk.is_alone(Right::BreakGlass);
                        @let about = match name {
                            _ if !is_offered => desk.t("console-witness-nobody"),
                            "alarm" => {
                                let is_alone = desk.is_alone(Right::ReviewBreakGlass);
                                let about = if is_alone { "console-witness-alarm-about-alone" } else { about };
                                format!("{} {}", desk.t(about), desk.told(Some(desk.me())))
                            }
                            _ => desk.t(about),
                        };
                        label.switch {
                            input type="radio" name="witness" value=(name) required disabled[!is_offered] checked[value(filled, "witness") == name];
                            span { (desk.t(words)) small { (about) } }
                        }
                    }
                }
                div.actions { button.button.danger type="submit" { (desk.t("console-emergency-do")) } }
            }
        }
    };
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    desk.page_of(&title, "/console/tasks", &main, status)
}
