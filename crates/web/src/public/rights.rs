//! The rights desk: three plain questions, no account.

use super::contact;
use super::enquiry::NotTaken;
use super::field::can_be_email;
use super::frame::{Frame, wants_language};
use super::gate::{Gate, Obstacle};
use super::wording::{Shown, Wording};
use crate::error_page::Fault;
use crate::form::{Field, summary};
use crate::language::Language;
use crate::reader::{Asking, Fields, pairs, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::Sealed;
use futures::future::BoxFuture;
use http::StatusCode;
use maud::{Markup, html};
use policy::FieldClass;
use std::sync::Arc;
use vocabulary::Moment;

/// What somebody wants done with their data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Want {
    /// To know what is held.
    Know,
    /// To have it corrected.
    Correct,
    /// To have it deleted.
    Delete,
    /// That some use of it stops.
    Stop,
}

impl Want {
    /// Every one, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Know, Self::Correct, Self::Delete, Self::Stop];

    /// The name in forms and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Know => "know",
            Self::Correct => "correct",
            Self::Delete => "delete",
            Self::Stop => "stop",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|want| want.name() == name)
    }
}

/// A request about somebody's own data, as it was sent.
#[derive(Debug)]
pub struct NewRequest {
    /// What is wanted.
    pub want: Want,
    /// How to reach the sender: an address of mail, a telephone number, a postal address, as it was written; `None` if
    /// nothing was.
    pub contact: Option<Sealed>,
    /// What was written besides; `None` if nothing was.
    pub message: Option<Sealed>,
    /// The language of the form.
    pub language: Language,
    /// The wording that the form showed in full.
    pub shown: Shown,
    /// SHA-256 of the form as it was shown, without what was filled in.
    pub form_sha256: [u8; 32],
    /// Random bytes that the form carried. With the same contents they are the same request, sent once more.
    pub once: [u8; 16],
    /// When it was sent: the clock of the answer starts here.
    pub at: Moment,
}

/// The way in for requests.
pub struct RightsDoor {
    /// How the data of a request are used, in a language.
    pub terms: Box<dyn Fn(Language) -> Wording + Send + Sync>,
    /// Takes one, and gives its reference: 1 to 24 Latin letters, digits and dashes, nothing personal. Answers when it
    /// is durable.
    pub take: Box<dyn Fn(NewRequest) -> BoxFuture<'static, Result<String, NotTaken>> + Send + Sync>,
}

/// The id of the form.
const FORM: &str = "rights-form";
const CONTACT: &str = "contact";
const WANT: &str = "want";
const MESSAGE: &str = "message";

/// `GET /privacy`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    page(&web, &asking, &Fields::new(), &[], None)
}

/// `POST /privacy`.
pub(crate) async fn submit(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let Some(door) = &web.public.rights else {
        return asking.fault(Fault::NotFound);
    };
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    if wants_language(&fields) {
        return page(&web, &asking, &fields, &[], None);
    }
    let (want, problems) = problems(&asking, &fields);
    let Some(want) = want.filter(|_| problems.is_empty()) else {
        return page(&web, &asking, &fields, &problems, None);
    };
    let terms = (door.terms)(asking.language);
    let token = match gate(&asking, &terms).pass(&web, &asking, &fields) {
        Ok(token) => token,
        Err(obstacle) => return page(&web, &asking, &fields, &[], Some(obstacle)),
    };
    let sealed = |name: &str| {
        let text = value(&fields, name).trim();
        (!text.is_empty()).then(|| Sealed::new(text.to_owned()))
    };
    let request = NewRequest {
        want,
        contact: sealed(CONTACT),
        message: sealed(MESSAGE),
        language: asking.language,
        shown: terms.shown(),
        form_sha256: token.form_sha256,
        once: token.once,
        at: (web.now)(),
    };
    let is_reachable = request.contact.is_some();
    let reference = if let Err(before) = web.public.sent.begin(&body) {
        before
    } else {
        let taken = (door.take)(request).await;
        web.public.sent.end(&body, taken.as_deref().ok());
        match taken {
            Ok(reference) => reference,
            Err(NotTaken) => return page(&web, &asking, &fields, &[], Some(Obstacle::Closed)),
        }
    };
    let answer = if is_reachable { "" } else { "&answer=no" };
    see_other(&asking.link(&format!("/privacy/sent?reference={reference}{answer}")))
}

/// `GET /privacy/sent`: the reference, and what happens now.
pub(crate) async fn sent(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let reference = asking.value("reference");
    let is_one = (1..=24).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let can_answer = asking.value("answer") != "no";
    Frame::new(&web, &asking, &t("rights-sent"))
        .unlisted()
        .render(&html! {
            div.reading {
                h1 { (t("rights-sent")) }
                @if is_one { p.lead { (t("rights-reference")) " " strong.reference { (reference) } } }
                p { (t(if can_answer { "rights-sent-answer" } else { "rights-sent-no-contact" })) }
                p { (t("rights-sent-check")) }
                p { a.button href=(asking.link("/")) { (t("error-home")) } }
            }
        })
}

/// What is wanted, and what is wrong: the field, and what people read.
fn problems(asking: &Asking, fields: &Fields) -> (Option<Want>, Vec<(&'static str, String)>) {
    let t = |key: &str| asking.language.text(key);
    let want = Want::parse(value(fields, WANT));
    let (contact, message) = (value(fields, CONTACT).trim(), value(fields, MESSAGE).trim());
    let mut problems = Vec::new();
    if want.is_none() {
        problems.push((Want::ALL[0].name(), t("rights-want-empty")));
    }
    if contact.contains('@') && !can_be_email(contact) {
        problems.push((CONTACT, t("email-wrong")));
    }
    if want == Some(Want::Correct) && message.is_empty() {
        problems.push((MESSAGE, t("rights-message-correct")));
    }
    for (name, text, class) in [
        (CONTACT, contact, FieldClass::Address),
        (MESSAGE, message, FieldClass::Message),
    ] {
        let most = class.most_characters();
        if text.chars().count() > most {
            problems.push((
                name,
                asking.language.text_with("problem-long", &[("max", most.into())]),
            ));
        }
    }
    (want, problems)
}

fn gate(asking: &Asking, terms: &Wording) -> Gate {
    Gate::new("rights", &form(asking, terms, &Fields::new(), &[], &html! {}))
}

fn page(
    web: &Web,
    asking: &Asking,
    fields: &Fields,
    problems: &[(&'static str, String)],
    obstacle: Option<Obstacle>,
) -> Response {
    let t = |key: &str| asking.language.text(key);
    let status = match obstacle {
        Some(obstacle) => obstacle.status(),
        None if problems.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let form = match &web.public.rights {
        None => html! { p.lead { (t("rights-closed")) } (contact::lines(&web.public.agency)) },
        Some(door) => {
            let terms = (door.terms)(asking.language);
            let gate = gate(asking, &terms);
            let before = gate.token(web, fields);
            let Some(hidden) = gate.fields(&web.public, asking.language, before, (web.now)()) else {
                return asking.fault(Fault::Broken);
            };
            form(asking, &terms, fields, problems, &hidden)
        }
    };
    let listed: Vec<(&str, &str)> = problems.iter().map(|(f, text)| (*f, text.as_str())).collect();
    let title = t("rights-title");
    let mut frame = Frame::new(web, asking, &title).status(status);
    if !fields.is_empty() {
        frame = frame.keeps(FORM);
    }
    frame.render(&html! {
        div.form-page {
            h1 { (t("rights-title")) }
            p.lead { (t("rights-lead")) }
            @if let Some(obstacle) = obstacle {
                div.notice.error role="alert" { p { (obstacle.text(asking.language)) } }
            }
            (summary(asking.language, &listed))
            div.sheet.aside {
                h2 { (t("rights-clock")) }
                ol.numbers { @for step in 1..=3 { li { (t(&format!("rights-clock-{step}"))) } } }
            }
            (form)
            p.hint { (asking.language.text_with("rights-backups", &[("days", web.public.key_days.into())])) }
            @if let Some(email) = &web.public.agency.email {
                p.hint { (t("rights-by-mail")) " " a href={ "mailto:" (email) } { (email) } }
            }
        }
    })
}

/// The form itself; its digest, with nothing filled in, is kept with the request.
fn form(
    asking: &Asking,
    terms: &Wording,
    fields: &Fields,
    problems: &[(&'static str, String)],
    hidden: &Markup,
) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let wrong = |field: &str| {
        problems
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, text)| text.as_str())
    };
    let want_wrong = wrong(Want::ALL[0].name());
    html! {
        form id=(FORM) method="post" action=(asking.link("/privacy")) novalidate {
            (hidden)
            fieldset.choices aria-describedby=[want_wrong.map(|_| "want-wrong")] {
                legend { (t("rights-want")) }
                @if let Some(wrong) = want_wrong { p.wrong #want-wrong { (wrong) } }
                @for want in Want::ALL {
                    label.switch for=(want.name()) {
                        input type="radio" id=(want.name()) name=(WANT) value=(want.name()) required
                            checked[value(fields, WANT) == want.name()];
                        span { (t(&format!("rights-want-{}", want.name()))) small { (t(&format!("rights-want-{}-about", want.name()))) } }
                    }
                }
            }
            (Field::new(CONTACT, &t("rights-contact")).voluntary(&t("voluntary")).hint(&t("rights-contact-hint"))
                .autocomplete("email").most(FieldClass::Address.most_characters())
                .value(value(fields, CONTACT)).wrong(wrong(CONTACT)).markup())
            (Field::new(MESSAGE, &t("rights-message")).voluntary(&t("voluntary")).hint(&t("rights-message-hint"))
                .rows(6).most(FieldClass::Message.most_characters())
                .value(value(fields, MESSAGE)).wrong(wrong(MESSAGE)).markup())
            section.terms aria-labelledby="basis" {
                h2 #basis { (terms.title()) }
                (terms.markup(asking))
            }
            div.actions { button.button.main.big type="submit" { (t("rights-send")) } }
        }
    }
}
