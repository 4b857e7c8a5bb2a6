//! One testimonial: where it stands, its words to whoever may read them, and what can be done.

use super::case_page::advice;
use super::desk::Desk;
use super::instead::Instead;
use super::labels::{person_number, task_number, task_path};
use super::opened::denied;
use super::testimonial_form::Draft;
use super::testimonials::path;
use crate::form::summary;
use crate::public::{figure, site_for_letters};
use crate::reader::{Asking, Fields};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use people::{Refusal, Said, Testimonial, TestimonialId, TestimonialStatus};
use policy::Purpose;
use staff::Right;
use std::fmt::Write as _;
use std::sync::Arc;
use tasks::Task;

/// What the page is made of.
struct Sheet {
    testimonial: Testimonial,
    task: Option<Task>,
    /// What was opened in answer to this request, or is published.
    said: Option<Arc<Said>>,
    /// Whether that reading was made, and recorded, for this answer.
    is_reading: bool,
    /// Why nothing was opened, if it was asked for.
    denied: Option<Vec<String>>,
    /// A change as it was filled in, and what is wrong with it.
    filled: Fields,
    problems: Vec<(&'static str, String)>,
}

impl Sheet {
    async fn of(desk: &Desk<'_>, number: &str) -> Result<Self, Instead> {
        let id = TestimonialId(number.parse().map_err(|_| desk.missing())?);
        Self::load(desk, id).await.map_err(|error| desk.instead(error))
    }

    async fn load(desk: &Desk<'_>, id: TestimonialId) -> Result<Self, office::Error> {
        let office = &desk.web.office;
        let testimonial = office.people.testimonial(id).await?;
        let task = match testimonial.task {
            Some(task) => Some(office.tasks.task(task).await?),
            None => None,
        };
        // What everybody can read needs no task.
        let published = office.published_testimonials(usize::MAX, desk.now).await?;
        let said = published.into_iter().find(|one| one.id == id).map(|one| one.said);
        Ok(Self {
            testimonial,
            task,
            said,
            is_reading: false,
            denied: None,
            filled: Fields::new(),
            problems: Vec::new(),
        })
    }

    /// Whether it waits for its author, or for us.
    fn is_draft(&self) -> bool {
        matches!(
            self.testimonial.status,
            TestimonialStatus::Draft | TestimonialStatus::Asked
        )
    }

    fn answer(&self, desk: &Desk<'_>) -> Response {
        let title = desk.asking.language.text_with(
            "console-testimonial-number",
            &[("number", self.testimonial.id.0.into())],
        );
        let status = if self.denied.is_some() {
            StatusCode::FORBIDDEN
        } else if self.problems.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let problems: Vec<(&str, &str)> = self.problems.iter().map(|(at, w)| (*at, w.as_str())).collect();
        let advice = self
            .task
            .as_ref()
            .map_or("console-advice-no-task", |task| advice(task, desk));
        let main = html! {
            div {
                p.small { a href="/console/testimonials" { "← " (desk.t("console-testimonials")) } }
                h1 { (title) }
            }
            @if let Some(policies) = &self.denied { (denied(desk, policies, advice)) }
            @else if !problems.is_empty() { (summary(desk.asking.language, &problems)) }
            @else { (desk.outcome()) }
            div.two {
                div { (self.words(desk)) (self.change(desk)) }
                div { (self.facts(desk)) (self.steps(desk)) }
            }
        };
        desk.page_of(&title, &path(self.testimonial.id), &main, status)
    }

    fn words(&self, desk: &Desk<'_>) -> Markup {
        let of = &self.testimonial;
        html! {
            section.sheet #words {
                div.panel-head {
                    h2 { (desk.t("console-testimonial-words")) }
                    @if self.is_draft() && self.said.is_none() {
                        (desk.button(&format!("{}/open", path(of.id)), "main", &desk.t("console-open")))
                    }
                }
                @if self.is_reading {
                    p.notice.done role="status" { (desk.asking.language.text_with(
                        "console-recorded",
                        &[("count", 1.into()), ("time", desk.time(desk.now).into())],
                    )) }
                }
                @if let Some(said) = &self.said { (figure(of.language, said)) }
                @else if of.status.is_over() { p.quiet { (desk.t("console-testimonial-destroyed")) } }
                @else { p.quiet { (desk.t("console-open-about")) } }
            }
        }
    }

    fn change(&self, desk: &Desk<'_>) -> Markup {
        let filled = match (&self.said, self.problems.is_empty()) {
            (Some(said), true) => fields_of(said),
            _ => self.filled.clone(),
        };
        let draft = Draft { fields: &filled };
        html! {
            @if !self.testimonial.status.is_over() && (self.said.is_some() || !self.problems.is_empty()) {
                section.sheet {
                    h2 { (desk.t("console-testimonial-change")) }
                    p.quiet { (desk.t("console-testimonial-change-about")) }
                    form method="post" action={ (path(self.testimonial.id)) "/change" } novalidate {
                        (desk.csrf())
                        (draft.said_fields(desk, &self.problems))
                        div.actions { button.button type="submit" { (desk.t("console-testimonial-save")) } }
                    }
                }
            }
        }
    }

    fn facts(&self, desk: &Desk<'_>) -> Markup {
        let of = &self.testimonial;
        let time = |key: &str, at| html! { dt { (desk.t(key)) } dd { (desk.time(at)) } };
        let mut digest = String::new();
        for byte in of.sha256 {
            let _ = write!(digest, "{byte:02x}");
        }
        html! {
            section.sheet {
                h2 { (desk.t("console-testimonial")) }
                dl.pairs {
                    dt { (desk.t("console-status")) } dd { (desk.label(&of.status)) }
                    dt { (desk.t("console-testimonial-language")) } dd { (of.language.name()) }
                    dt { (desk.t("console-person")) } dd { (person_number(of.person)) }
                    dt { (desk.t("console-testimonial-written-by")) } dd { (desk.name(of.written_by)) }
                    dt { (desk.t("console-testimonial-version")) } dd { (of.version) }
                    dt { (desk.t("console-testimonial-digest")) } dd { code title=(digest) { (&digest[..16]) "…" } }
                    (time("console-changed", of.changed))
                    @if let Some(at) = of.asked { (time("console-testimonial-asked", at)) }
                    @if let Some(at) = of.agreed { (time("console-testimonial-agreed", at)) }
                    @if let Some(at) = of.ended { (time("console-testimonial-ended", at)) }
                    @if let Some(at) = of.answer_until() { (time("console-testimonial-answer-until", at)) }
                    @if let Some(task) = &self.task {
                        dt { (desk.t("console-task")) }
                        dd { a href=(task_path(task.id)) { (task_number(task.id)) } " · " (desk.label(&task.status)) }
                    }
                }
            }
        }
    }

    fn steps(&self, desk: &Desk<'_>) -> Markup {
        let of = &self.testimonial;
        let controller = desk.web.office.people.controller();
        let (ask, withdraw) = match of.status {
            TestimonialStatus::Draft => (Some("console-testimonial-ask"), "console-testimonial-discard"),
            TestimonialStatus::Asked => (
                Some("console-testimonial-ask-again"),
                "console-testimonial-discard",
            ),
            _ => (None, "console-testimonial-withdraw"),
        };
        html! {
            @if !of.status.is_over() {
                section.sheet {
                    h2 { (desk.t("console-move-on")) }
                    @if ask.is_some() && !controller.may_ask_consent() {
                        p.notice.error {
                            (desk.t("console-problem-unnamed")) " "
                            @for line in controller.missing() { code { (line) } " " }
                        }
                    } @else if let Some(ask) = ask {
                        div.actions { (desk.button(&format!("{}/ask", path(of.id)), "main", &desk.t(ask))) }
                        p.hint { (desk.t("console-testimonial-ask-about")) }
                    }
                    div.actions { (desk.button(&format!("{}/withdraw", path(of.id)), "danger", &desk.t(withdraw))) }
                    p.hint { (desk.t("console-testimonial-withdraw-about")) }
                }
            }
        }
    }
}

/// Words and lines as the form has them.
fn fields_of(said: &Said) -> Fields {
    let mut fields = vec![("text".to_owned(), said.text.reveal().to_owned())];
    for (name, line) in [
        ("name", &said.name),
        ("position", &said.position),
        ("company", &said.company),
    ] {
        fields.extend(
            line.as_ref()
                .map(|line| (name.to_owned(), line.reveal().to_owned())),
        );
    }
    fields
}

/// `GET /console/testimonials/{number}`.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    Ok(Sheet::of(&desk, &number).await?.answer(&desk))
}

/// `POST …/open`: the page with the words, if the guard admits it.
pub(crate) async fn open(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    desk.form(&body)?;
    let mut sheet = Sheet::of(&desk, &number).await?;
    let Some(task) = sheet.testimonial.task.filter(|_| sheet.is_draft()) else {
        return Ok(sheet.answer(&desk));
    };
    let read = web
        .office
        .people
        .open_testimonial(
            &desk.reader(task, false),
            &sheet.testimonial,
            Purpose::AskAuthor,
            desk.now,
        )
        .await;
    match read {
        Ok(said) => (sheet.said, sheet.is_reading) = (Some(Arc::new(said)), true),
        Err(people::Error::Vault(vault::Error::Denied(denied))) => sheet.denied = Some(denied.policies),
        Err(error) => return Err(desk.instead(error)),
    }
    Ok(sheet.answer(&desk))
}

/// `POST …/change`: other words void what was agreed to.
pub(crate) async fn change(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    let fields = desk.form(&body)?;
    let mut sheet = Sheet::of(&desk, &number).await?;
    let draft = Draft { fields: &fields };
    let problems = draft.problems(&desk);
    if !problems.is_empty() {
        (sheet.filled, sheet.problems) = (fields, problems);
        return Ok(sheet.answer(&desk));
    }
    let id = sheet.testimonial.id;
    let changed = web
        .office
        .change_testimonial(id, &draft.said(), desk.me(), desk.now)
        .await;
    after(&desk, id, "testimonial-changed", changed)
}

/// `POST …/ask`: a letter to the author leaves, with exactly these words and a link.
pub(crate) async fn ask(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    desk.form(&body)?;
    let mut sheet = Sheet::of(&desk, &number).await?;
    let id = sheet.testimonial.id;
    let Some(task) = sheet.testimonial.task else {
        return Ok(see_other(&format!("{}?problem=no-task", path(id))));
    };
    let Some(site) = site_for_letters(&web, &asking) else {
        return Ok(see_other(&format!("{}?problem=no-address", path(id))));
    };
    let reader = desk.reader(task, false);
    let asked = web
        .office
        .ask_author(&reader, id, desk.me(), &site, desk.now)
        .await;
    if let Err(office::Error::People(people::Error::Vault(vault::Error::Denied(denied)))) = asked {
        sheet.denied = Some(denied.policies);
        return Ok(sheet.answer(&desk));
    }
    after(&desk, id, "testimonial-asked", asked)
}

/// `POST …/withdraw`: it is published no more, and its words are destroyed.
pub(crate) async fn withdraw(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    asking: Asking,
    body: String,
) -> Result<Response, Instead> {
    let desk = Desk::open(&web, &asking, Right::ServeEnquiries).await?;
    desk.form(&body)?;
    let id = Sheet::of(&desk, &number).await?.testimonial.id;
    let withdrawn = web.office.withdraw_testimonial(id, desk.me(), desk.now).await;
    after(&desk, id, "testimonial-withdrawn", withdrawn)
}

fn after(
    desk: &Desk<'_>,
    id: TestimonialId,
    saved: &str,
    outcome: Result<(), office::Error>,
) -> Result<Response, Instead> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?saved={saved}", path(id)))),
        Err(office::Error::People(people::Error::Refused(Refusal::Ended))) => {
            Ok(see_other(&format!("{}?problem=testimonial-ended", path(id))))
        }
        Err(office::Error::People(people::Error::Refused(Refusal::Unnamed))) => {
            Ok(see_other(&format!("{}?problem=unnamed", path(id))))
        }
        Err(error) => Err(desk.instead(error)),
    }
}
