//! Testimonials: the list, and the form of a new one.

use super::desk::Desk;
use super::instead::Instead;
use super::testimonial_form::Draft;
use crate::form::summary;
use crate::reader::{Asking, Fields};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use people::{NewTestimonial, Testimonial, TestimonialFilter, TestimonialId, TestimonialStatus};
use staff::Right;
use std::sync::Arc;

/// How many a page has.
const PAGE: u32 = 50;

/// `GET /console/testimonials`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let status = TestimonialStatus::parse(asking.value("status"));
    let filter = TestimonialFilter {
        status,
        before: asking.value("before").parse().ok().map(TestimonialId),
        most: PAGE + 1,
    };
    let people = &web.office.people;
    let mut listed = people
        .testimonials(filter)
        .await
        .map_err(|error| desk.instead(error))?;
    let has_more = listed.len() > PAGE as usize;
    listed.truncate(PAGE as usize);
    let older = listed.last().filter(|_| has_more).map(|last| {
        let status = status.map_or(String::new(), |s| format!("status={}&", s.name()));
        format!("/console/testimonials?{status}before={}", last.id.0)
    });
    let main = html! {
        div.page-head {
            h1 { (desk.t("console-testimonials")) }
            a.button.main href="/console/testimonials/new" { (desk.t("console-testimonial-new")) }
        }
        nav.tabs aria-label=(desk.t("console-status")) {
            a href="/console/testimonials" aria-current=[status.is_none().then_some("true")] { (desk.t("console-all")) }
            @for each in TestimonialStatus::ALL {
                a href={ "/console/testimonials?status=" (each.name()) } aria-current=[(status == Some(*each)).then_some("true")] {
                    (desk.label(each))
                }
            }
        }
        section.sheet {
            @if listed.is_empty() { p.nothing { (desk.t("console-testimonials-none")) } } @else { (table(&desk, &listed)) }
        }
        @if let Some(older) = older { p { a.button href=(older) { (desk.t("console-older")) } } }
    };
    Ok(desk.page(&desk.t("console-testimonials"), "/console/testimonials", &main))
}

/// Testimonials as a table without a word of them.
fn table(desk: &Desk<'_>, listed: &[Testimonial]) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(desk.t("console-testimonials")) { table.data {
            thead { tr {
                th scope="col" { (desk.t("console-testimonial")) }
                th scope="col" { (desk.t("console-status")) }
                th scope="col" { (desk.t("console-testimonial-language")) }
                th scope="col" { (desk.t("console-testimonial-written-by")) }
                th scope="col" { (desk.t("console-changed")) }
                th scope="col" { (desk.t("console-testimonial-answer-until")) }
            } }
            tbody { @for one in listed { tr {
                th scope="row" { a href=(path(one.id)) { "№ " (one.id.0) } }
                td { (desk.label(&one.status)) }
                td { (one.language.name()) }
                td { (desk.name(one.written_by)) }
                td { (desk.time(one.changed)) }
                td { @if let Some(until) = one.answer_until() { (desk.time(until)) } }
            } } }
        } }
    }
}

/// The page of a testimonial.
pub(super) fn path(id: TestimonialId) -> String {
    format!("/console/testimonials/{}", id.0)
}

/// `GET /console/testimonials/new`.
pub(crate) async fn new(State(web): State<Arc<Web>>, asking: Asking) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    Ok(form(&desk, &Fields::new(), &[]))
}

/// `POST /console/testimonials/new`.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let draft = Draft { fields: &fields };
    let mut problems = draft.problems(&desk);
    problems.extend(draft.email_problem(&desk));
    let Some(language) = draft.language() else {
        return Err(desk.missing());
    };
    if !problems.is_empty() {
        return Ok(form(&desk, &fields, &problems));
    }
    let new = NewTestimonial {
        language,
        said: draft.said(),
        email: draft.email(),
        written_by: desk.me(),
    };
    match web.office.draft_testimonial(&new, desk.now).await {
        Ok(id) => Ok(see_other(&format!("{}?saved=testimonial", path(id)))),
        Err(office::Error::People(people::Error::Refused(people::Refusal::Email))) => {
            let problems = [("email", desk.t("email-wrong"))];
            Ok(form(&desk, &fields, &problems))
        }
        Err(error) => Err(desk.instead(error)),
    }
}

fn form(desk: &Desk<'_>, fields: &Fields, problems: &[(&'static str, String)]) -> Response {
    let title = desk.t("console-testimonial-new");
    let draft = Draft { fields };
    let listed: Vec<(&str, &str)> = problems.iter().map(|(at, words)| (*at, words.as_str())).collect();
    let main = html! {
        div { p.small { a href="/console/testimonials" { "← " (desk.t("console-testimonials")) } } h1 { (title) } }
        (summary(desk.asking.language, &listed))
        section.sheet {
            p.quiet { (desk.t("console-testimonial-new-about")) }
            form method="post" action="/console/testimonials/new" novalidate {
                (desk.csrf())
                (draft.language_field(desk))
                (draft.said_fields(desk, problems))
                (draft.email_field(desk, problems))
                div.actions { button.button.main type="submit" { (desk.t("console-testimonial-save")) } }
            }
        }
    };
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    desk.page_of(&title, "/console/testimonials/new", &main, status)
}
