//! The page behind the link in a letter to an author: what will stand there, the consent in full, and two buttons. No
//! cookie is needed, since the link itself is the secret; looking at the page answers nothing.

use super::{NOTICE, figure, spoken, wording};
use crate::error_page::Fault;
use crate::public::account::entry::site_for_letters;
use crate::public::frame::Frame;
use crate::public::wording::Wording;
use crate::reader::{Asking, pairs, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::Secret;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use office::AuthorForm;
use people::{AuthorLink, Error, LinkUse, testimonial_answer::CONSENT};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// Where a link leads, and the wordings that stand on the page.
struct Sheet {
    link: AuthorLink,
    consent: Wording,
    notice: Wording,
}

impl Sheet {
    async fn of(web: &Web, asking: &Asking, secret: &Secret) -> Result<Self, Error> {
        Ok(Self {
            link: web.office.people.author_link(secret, (web.now)()).await?,
            consent: wording(web, asking, CONSENT).await?,
            notice: wording(web, asking, NOTICE).await?,
        })
    }

    /// What is agreed to, the same for everybody who would bear this link.
    fn question(&self, asking: &Asking) -> Markup {
        let t = |key: &str| asking.language.text(key);
        html! {
            section {
                h2 { (t("voice-what")) }
                div.sheet.aside { (figure(self.link.testimonial.language, &self.link.said)) }
                @if self.link.said.lines().is_empty() { p { (t("voice-nobody")) } }
                p { (t("voice-no-email")) }
            }
            section {
                h2 { (self.consent.title()) }
                (self.consent.markup(asking))
                details.terms { summary { (self.notice.title()) } (self.notice.markup(asking)) }
            }
        }
    }

    /// SHA-256 of what is agreed to as it is shown: words, lines and wordings.
    fn form_sha256(&self, asking: &Asking) -> [u8; 32] {
        Sha256::digest(self.question(asking).into_string().as_bytes()).into()
    }

    fn page(&self, web: &Web, asking: &Asking, secret: &Secret, has_changed: bool) -> Response {
        let t = |key: &str| asking.language.text(key);
        let (title, about) = match self.link.does {
            LinkUse::Answer => (t("voice-title"), t("voice-about")),
            LinkUse::Withdraw => (t("voice-back-title"), t("voice-back-about")),
        };
        let button = |answer: &str, class: &str, words: &str| {
            html! { button class={ "button big " (class) } type="submit" name="answer" value=(answer) { (t(words)) } }
        };
        let status = if has_changed {
            StatusCode::CONFLICT
        } else {
            StatusCode::OK
        };
        let mut response = Frame::new(web, asking, &title).unlisted().status(status).render(&html! {
            div.form-page {
                h1 { (title) }
                p.lead { (about) }
                @if has_changed { div.notice.error role="alert" { p { (t("voice-changed")) } } }
                @match self.link.does {
                    LinkUse::Answer => { (self.question(asking)) }
                    LinkUse::Withdraw => { div.sheet.aside { (figure(self.link.testimonial.language, &self.link.said)) } }
                }
                form method="post" action=(asking.link("/testimonials/answer")) {
                    input type="hidden" name="token" value=(secret.text());
                    input type="hidden" name="shown" value=(hex(&self.form_sha256(asking)));
                    div.actions { @match self.link.does {
                        LinkUse::Answer => {
                            (button("agree", "main", "voice-agree"))
                            (button("decline", "", "voice-decline"))
                        }
                        LinkUse::Withdraw => { (button("withdraw", "danger", "voice-withdraw")) }
                    } }
                    p.hint { (t(match self.link.does {
                        LinkUse::Answer => "voice-nothing",
                        LinkUse::Withdraw => "voice-back-nothing",
                    })) }
                }
            }
        });
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8; 32]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// `GET /testimonials/answer?token=…`
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let Some(secret) = Secret::parse(asking.value("token")) else {
        return dead(&web, &asking);
    };
    match Sheet::of(&web, &asking, &secret).await {
        Ok(sheet) => sheet.page(&web, &asking, &secret, false),
        Err(error) => instead(&web, &asking, &error.into()),
    }
}

/// `POST /testimonials/answer`
pub(crate) async fn submit(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let Some(secret) = Secret::parse(value(&fields, "token")) else {
        return dead(&web, &asking);
    };
    let answer = value(&fields, "answer");
    let sheet = match Sheet::of(&web, &asking, &secret).await {
        Ok(sheet) => sheet,
        Err(error) => return instead(&web, &asking, &error.into()),
    };
    let (office, now) = (&web.office, (web.now)());
    let form_sha256 = sheet.form_sha256(&asking);
    let form = AuthorForm {
        language: spoken(&asking),
        wordings: &[(CONSENT, sheet.consent.version), (NOTICE, sheet.notice.version)],
        form_sha256,
        said_sha256: sheet.link.testimonial.sha256,
    };
    let (done, outcome) = match (sheet.link.does, answer) {
        (LinkUse::Answer, "agree" | "decline") if value(&fields, "shown") != hex(&form_sha256) => {
            return sheet.page(&web, &asking, &secret, true);
        }
        (LinkUse::Answer, "agree") => {
            let Some(site) = site_for_letters(&web, &asking) else {
                return asking.fault(Fault::Broken);
            };
            let agreed = office.agree_to_testimonial(&secret, &form, &site, now).await;
            ("agreed", agreed)
        }
        // The button was pressed twice.
        (LinkUse::Withdraw, "agree") => ("agreed", Ok(())),
        (LinkUse::Answer, "decline") => ("declined", office.decline_testimonial(&secret, &form, now).await),
        (LinkUse::Withdraw, "withdraw") => (
            "withdrawn",
            office.withdraw_testimonial_by_link(&secret, now).await,
        ),
        _ => return sheet.page(&web, &asking, &secret, false),
    };
    match outcome {
        Ok(()) => see_other(&asking.link(&format!("/testimonials/answered?as={done}"))),
        Err(error) => instead(&web, &asking, &error),
    }
}

/// `GET /testimonials/answered?as=…`: what came of it, without a word of what was said.
pub(crate) async fn answered(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let done = ["agreed", "declined", "withdrawn"]
        .into_iter()
        .find(|done| *done == asking.value("as"));
    let Some(done) = done else {
        return asking.fault(Fault::NotFound);
    };
    let title = asking.language.text(&format!("voice-{done}"));
    Frame::new(&web, &asking, &title).unlisted().render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (asking.language.text(&format!("voice-{done}-about"))) }
            p { a.button href=(asking.link("/testimonials")) { (asking.language.text("main-voices")) } }
        }
    })
}

/// The page of a link that does not work, or of what went wrong.
fn instead(web: &Web, asking: &Asking, error: &office::Error) -> Response {
    match error {
        office::Error::People(Error::Refused(_) | Error::NotFound(_)) => dead(web, asking),
        error => {
            tracing::error!(%error, "an author's answer could not be taken");
            asking.fault(Fault::Broken)
        }
    }
}

fn dead(web: &Web, asking: &Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("voice-dead");
    let frame = Frame::new(web, asking, &title)
        .unlisted()
        .status(StatusCode::NOT_FOUND);
    frame.render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (t("voice-dead-about")) }
            p { a.button href=(asking.link("/privacy")) { (t("rights-title")) } }
        }
    })
}
