//! Pages for what went wrong, which say what to do next.

use crate::language::Language;
use crate::page::{Page, Reader};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use maud::html;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// There is no such page, or the reader may not know of it.
    NotFound,
    /// The reader may not do that.
    Forbidden,
    /// A form did not come from a page of this sign-in.
    Forged,
    /// Too many requests.
    TooMany,
    /// Something broke here.
    Broken,
    /// The archive cannot be read now.
    Unavailable,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::NotFound,
        Self::Forbidden,
        Self::Forged,
        Self::TooMany,
        Self::Broken,
        Self::Unavailable,
    ];

    /// The status that answers it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::Forged => "forged",
            Self::TooMany => "too-many",
            Self::Broken => "broken",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The answer.
pub fn response(language: Language, address: &str, reader: Option<&Reader>, fault: Fault) -> Response {
    let title = language.text(&format!("error-{}", fault.name()));
    let page = Page {
        language,
        title: &title,
        address,
        reader,
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.reading {
                p.quiet { (fault.status().as_u16()) }
                h1 { (title) }
                p.lead { (language.text(&format!("error-{}-about", fault.name()))) }
                p { a.button href=(if reader.is_some() { "/sites" } else { "/" }) {
                    (language.text(if reader.is_some() { "all-sites" } else { "error-home" }))
                } }
            }
        },
    };
    (
        fault.status(),
        [(CACHE_CONTROL, "no-store")],
        Html(page.render().into_string()),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_texts_in_both_languages() {
        for fault in Fault::ALL {
            for language in Language::ALL {
                let answer = response(language, "/x", None, fault);
                assert_eq!(answer.status(), fault.status());
            }
        }
    }
}
