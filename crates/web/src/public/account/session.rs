//! Whose account it is: by the cookie, or, where the browser keeps none, by what the forms of the page carry.
//!
//! Without a cookie the page itself is the session: its secret stands in hidden fields, never in an address, and every
//! form answers with the next page. It ends within the hour, and with the page.

use super::home::to_sign_in;
use crate::cookie_register::ACCOUNT;
use crate::error_page::Fault;
use crate::language::cookie;
use crate::page::csrf_field;
use crate::reader::{Asking, Fields, pairs, value};
use axum::response::Response;
use credentials::{Secret, csrf_matches, csrf_token};
use http::HeaderMap;
use maud::{Markup, html};

/// The hidden field that carries a session without a cookie.
const FIELD: &str = "session";

/// The session of a person.
#[derive(Clone)]
pub(crate) struct Session {
    pub(super) secret: Secret,
    /// Whether it lives in the forms of its pages.
    pub(super) in_forms: bool,
}

impl Session {
    /// By the cookie.
    pub(super) fn by_cookie(headers: &HeaderMap) -> Option<Self> {
        Some(Self {
            secret: Secret::parse(cookie(headers, ACCOUNT)?)?,
            in_forms: false,
        })
    }

    /// One that lives in forms.
    pub(super) const fn in_forms(secret: Secret) -> Self {
        Self {
            secret,
            in_forms: true,
        }
    }

    /// The session and the fields of a form that came from one of its own pages.
    pub(super) fn own(
        asking: &Asking,
        headers: &HeaderMap,
        body: &str,
    ) -> Result<(Self, Fields), Box<Response>> {
        let fields = pairs(body);
        let session = match value(&fields, FIELD) {
            "" => Self::by_cookie(headers),
            text => Secret::parse(text).map(Self::in_forms),
        };
        let Some(session) = session else {
            return Err(Box::new(to_sign_in(asking)));
        };
        if asking.is_foreign || !csrf_matches(&session.secret, value(&fields, "csrf")) {
            return Err(Box::new(asking.fault(Fault::Forged)));
        }
        Ok((session, fields))
    }

    /// The hidden fields of a form.
    pub(super) fn hidden(&self) -> Markup {
        html! {
            (csrf_field(&csrf_token(&self.secret)))
            @if self.in_forms { input type="hidden" name=(FIELD) value=(self.secret.text()); }
        }
    }

    /// The way to another page of the account or to a file: a link, or where no cookie says whose it is, a form of one
    /// button.
    pub(super) fn way(&self, asking: &Asking, path: &str, class: &str, words: &str, is_file: bool) -> Markup {
        html! {
            @if self.in_forms {
                form.bare method="post" action=(asking.link(path)) {
                    (self.hidden())
                    button class=(if class.is_empty() { "button" } else { class }) type="submit" { (words) }
                }
            } @else {
                a class=[(!class.is_empty()).then_some(class)] href=(asking.link(path)) download[is_file] { (words) }
            }
        }
    }
}
