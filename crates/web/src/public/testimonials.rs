//! What people said of the agency: published after each agreed to exactly these words (promise P12).

pub(crate) mod answer;

use super::frame::Frame;
use super::wording::Wording;
use crate::error_page::Fault;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use office::Published;
use people::testimonial_answer::CONSENT;
use people::{Language, Said};
use std::sync::Arc;

/// Says how words are kept until their author agreed.
const NOTICE: &str = "testimonial-draft";
/// The texts under which testimonials are kept and published.
pub(super) const WORDINGS: &[&str] = &[CONSENT, NOTICE];

/// How many stand on the main page.
pub(super) const LATEST: usize = 3;
/// How many stand on the page of testimonials, the newest.
const MOST: usize = 200;

/// `GET /testimonials`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let published = match web.office.published_testimonials(MOST, (web.now)()).await {
        Ok(published) => published,
        Err(error) => {
            tracing::error!(%error, "the testimonials cannot be shown");
            return asking.fault(Fault::Broken);
        }
    };
    Frame::new(&web, &asking, &t("main-voices"))
        .about(&t("main-voices-about"))
        .render(&html! {
            div.form-page.broad {
                h1 { (t("main-voices")) }
                p.lead { (t("main-voices-about")) }
                @if published.is_empty() { p.quiet.gap { (t("voices-none")) } } @else { (cards(&published)) }
                p { a href={ (asking.link("/policy")) "#p12" } { (t("voices-promise")) } }
            }
        })
}

/// Published testimonials, side by side.
pub(super) fn cards(published: &[Published]) -> Markup {
    html! {
        ul.cards { @for one in published { li.sheet { (figure(one.language, &one.said)) } } }
    }
}

/// What stands there, letter by letter, marked with the language of the words.
pub(crate) fn figure(language: Language, said: &Said) -> Markup {
    let lines = said.lines();
    html! {
        figure.voice lang=(language.name()) {
            blockquote { p { (said.text.reveal()) } }
            @if !lines.is_empty() { figcaption { "— " (lines.join(", ")) } }
        }
    }
}

/// The language of a page, as the people's side names it.
fn spoken(asking: &Asking) -> Language {
    Language::parse(asking.language.tag()).unwrap_or(Language::En)
}

/// A wording in force, in the language of the page.
pub(super) async fn wording(web: &Web, asking: &Asking, id: &str) -> Result<Wording, people::Error> {
    Ok(web.office.people.wording(id, spoken(asking)).await?.into())
}
