//! The enquiry form: a message, and what people want to tell about themselves.

mod sheet;

use super::form_token::FormToken;
use super::frame::{Frame, wants_language};
use super::gate::{Gate, Obstacle};
use super::wording::{Shown, Wording};
use super::{contact, field};
use crate::error_page::Fault;
use crate::language::Language;
use crate::reader::{Asking, Fields, pairs, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::Sealed;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::html;
use policy::{FieldClass, Purpose};
use sheet::Sheet;
use std::sync::Arc;
use vocabulary::Moment;

/// An enquiry as it was sent: checked in form, not in truth.
#[derive(Debug)]
pub struct NewEnquiry {
    /// What was written. Never empty.
    pub message: Sealed,
    /// What people told about themselves: only what was filled in, each class once at most, never a message. A budget
    /// range is the id of one of the configured ranges.
    pub fields: Vec<(FieldClass, Sealed)>,
    /// The language of the form.
    pub language: Language,
    /// The wordings that the form showed in full.
    pub shown: Vec<Shown>,
    /// Those of them that were agreed to, each by its own tick, with what it allows.
    pub agreed: Vec<(Purpose, Shown)>,
    /// SHA-256 of the form as it was shown, without what was filled in.
    pub form_sha256: [u8; 32],
    /// Random bytes that the form carried. With the same contents they are the same enquiry, sent once more.
    pub once: [u8; 16],
    /// Whether the browser sent Global Privacy Control.
    pub gpc: bool,
    /// When it was sent.
    pub at: Moment,
}

/// Something sent could not be taken; its sender is asked to try again. The cause is logged where it happened.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("it cannot be taken now")]
pub struct NotTaken;

/// What an enquiry is sent under.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What the answer to the enquiry rests on.
    pub basis: Wording,
    /// Whether that is a consent, which needs a tick before the form can be sent.
    pub basis_is_consent: bool,
    /// What people may agree to besides, each a document of its own with one purpose.
    pub consents: Vec<(Purpose, Wording)>,
}

/// The way in for enquiries.
pub struct EnquiryDoor {
    /// What an enquiry is sent under, in a language.
    pub terms: Box<dyn Fn(Language) -> Terms + Send + Sync>,
    /// Takes one. Answers when it is durable.
    pub take: Box<dyn Fn(NewEnquiry) -> BoxFuture<'static, Result<(), NotTaken>> + Send + Sync>,
}

/// The voluntary fields, in the order of the form.
const VOLUNTARY: [FieldClass; 7] = [
    FieldClass::Name,
    FieldClass::Company,
    FieldClass::Position,
    FieldClass::Email,
    FieldClass::Phone,
    FieldClass::Address,
    FieldClass::BudgetRange,
];

/// `GET /enquiry`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    form(&web, &asking, &Fields::new(), &[], None)
}

/// `POST /enquiry`.
pub(crate) async fn submit(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let Some(door) = &web.public.enquiries else {
        return asking.fault(Fault::NotFound);
    };
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    if wants_language(&fields) {
        return form(&web, &asking, &fields, &[], None);
    }
    let terms = (door.terms)(asking.language);
    let problems = problems(&web, &asking, &terms, &fields);
    if !problems.is_empty() {
        return form(&web, &asking, &fields, &problems, None);
    }
    let gate = sheet::gate(&web, &asking, &terms);
    let token = match gate.pass(&web, &asking, &fields) {
        Ok(token) => token,
        Err(obstacle) => return form(&web, &asking, &fields, &[], Some(obstacle)),
    };
    let enquiry = read(&terms, &asking, &fields, token, (web.now)());
    let can_answer = enquiry.fields.iter().any(|(class, _)| is_contact(*class));
    let must_confirm = enquiry.agreed.iter().any(|(purpose, _)| purpose.needs_consent());
    if web.public.sent.begin(&body).is_ok() {
        let taken = (door.take)(enquiry).await;
        web.public.sent.end(&body, taken.ok().map(|()| ""));
        if taken.is_err() {
            return form(&web, &asking, &fields, &[], Some(Obstacle::Closed));
        }
    }
    see_other(&asking.link(match (can_answer, must_confirm) {
        (true, true) => "/enquiry/sent?confirm=yes",
        (true, false) => "/enquiry/sent",
        (false, _) => "/enquiry/sent?answer=no",
    }))
}

/// `GET /enquiry/sent`: thanks, without a word of what was sent.
pub(crate) async fn sent(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let can_answer = asking.value("answer") != "no";
    Frame::new(&web, &asking, &t("enquiry-sent")).unlisted().render(&html! {
        div.reading {
            h1 { (t("enquiry-sent")) }
            p.lead { (t(if can_answer { "enquiry-sent-answer" } else { "enquiry-sent-no-contact" })) }
            @if asking.value("confirm") == "yes" { p { (t("enquiry-sent-confirm")) } }
            p { (t("enquiry-sent-about")) " " a href=(asking.link("/privacy")) { (t("rights-title")) } "." }
            p { a.button href=(asking.link("/")) { (t("error-home")) } }
        }
    })
}

fn is_contact(class: FieldClass) -> bool {
    matches!(class, FieldClass::Email | FieldClass::Phone | FieldClass::Address)
}

/// What is wrong, in the order of the form: the field, and what people read.
fn problems(web: &Web, asking: &Asking, terms: &Terms, fields: &Fields) -> Vec<(&'static str, String)> {
    let t = |key: &str| asking.language.text(key);
    let given = |class: FieldClass| value(fields, class.name()).trim();
    let mut problems = Vec::new();
    if given(FieldClass::Message).is_empty() {
        problems.push((FieldClass::Message.name(), t("enquiry-message-empty")));
    }
    for class in std::iter::once(FieldClass::Message).chain(VOLUNTARY) {
        let wrong = field::problem(&web.public.agency, asking.language, class, given(class));
        problems.extend(wrong.map(|wrong| (class.name(), wrong)));
    }
    let wants_letters = terms
        .consents
        .iter()
        .any(|(purpose, wording)| *purpose == Purpose::Newsletter && ticked(fields, wording));
    if wants_letters && given(FieldClass::Email).is_empty() {
        problems.push((FieldClass::Email.name(), t("enquiry-news-email")));
    }
    if terms.basis_is_consent && !ticked(fields, &terms.basis) {
        problems.push((sheet::BASIS_TICK, t("enquiry-basis-tick")));
    }
    problems
}

/// Whether the box of a wording was ticked.
fn ticked(fields: &Fields, wording: &Wording) -> bool {
    fields.iter().any(|(key, id)| key == "agree" && *id == wording.id)
}

fn read(terms: &Terms, asking: &Asking, fields: &Fields, token: FormToken, at: Moment) -> NewEnquiry {
    let given = |class: FieldClass| value(fields, class.name()).trim();
    let consents = terms
        .consents
        .iter()
        .map(|(purpose, wording)| (*purpose, wording));
    let ticks = terms
        .basis_is_consent
        .then_some((Purpose::AnswerEnquiry, &terms.basis));
    NewEnquiry {
        message: Sealed::new(given(FieldClass::Message).to_owned()),
        fields: VOLUNTARY
            .into_iter()
            .filter(|class| !given(*class).is_empty())
            .map(|class| (class, Sealed::new(given(class).to_owned())))
            .collect(),
        language: asking.language,
        shown: std::iter::once(&terms.basis)
            .chain(consents.clone().map(|(_, wording)| wording))
            .map(Wording::shown)
            .collect(),
        agreed: ticks
            .into_iter()
            .chain(consents)
            .filter(|(_, wording)| ticked(fields, wording))
            .map(|(purpose, wording)| (purpose, wording.shown()))
            .collect(),
        form_sha256: token.form_sha256,
        once: token.once,
        gpc: asking.gpc,
        at,
    }
}

/// The page with the form, as it was filled in.
fn form(
    web: &Web,
    asking: &Asking,
    fields: &Fields,
    problems: &[(&'static str, String)],
    obstacle: Option<Obstacle>,
) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("enquiry-title");
    let mut frame = Frame::new(web, asking, &title);
    let Some(door) = &web.public.enquiries else {
        return frame.render(&html! {
            div.reading {
                h1 { (title) }
                p.lead { (t("enquiry-closed")) }
                p { (t("enquiry-closed-about")) }
                @if web.public.agency.email.is_some() || web.public.agency.phone.is_some() {
                    p { (t("enquiry-closed-ways")) }
                    (contact::lines(&web.public.agency))
                }
            }
        });
    };
    if !fields.is_empty() {
        frame = frame.keeps(sheet::FORM);
    }
    let status = match obstacle {
        Some(obstacle) => obstacle.status(),
        None if problems.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let terms = (door.terms)(asking.language);
    let gate: Gate = sheet::gate(web, asking, &terms);
    let sheet = Sheet {
        asking,
        agency: &web.public.agency,
        terms: &terms,
        fields,
        problems,
    };
    match gate.fields(&web.public, asking.language, gate.token(web, fields), (web.now)()) {
        Some(hidden) => frame.status(status).render(&sheet.page(&hidden, obstacle)),
        None => asking.fault(Fault::Broken),
    }
}
