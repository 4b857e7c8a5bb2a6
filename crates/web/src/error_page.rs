//! Pages for what went wrong, which say what to do next.

use crate::console;
use crate::page::Page;
use crate::pages::html as answer;
use crate::public::Frame;
use crate::questions::AGAIN_S;
use crate::reader::Asking;
use axum::response::Response;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use maud::html;
use office::Refused;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// There is no such page, or the reader may not know of it.
    NotFound,
    /// The reader may not do that.
    Forbidden,
    /// A form did not come from a page of this sign-in.
    Forged,
    /// What was sent is larger than is taken.
    TooLarge,
    /// Too many requests.
    TooMany,
    /// A form took too long to arrive.
    Slow,
    /// Something broke here.
    Broken,
    /// The archive cannot be read now.
    Unavailable,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::NotFound,
        Self::Forbidden,
        Self::Forged,
        Self::TooLarge,
        Self::TooMany,
        Self::Slow,
        Self::Broken,
        Self::Unavailable,
    ];

    /// The status that answers it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::Forged => "forged",
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many",
            Self::Slow => "slow",
            Self::Broken => "broken",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Where an address belongs, and with it the frame of its errors and the way on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Public,
    Figures,
    Console,
    Security,
}

impl Place {
    /// What is nowhere is looked for by people rather than by staff.
    fn of(address: &str) -> Self {
        let path = address.split('?').next().unwrap_or("/");
        let first = path.split('/').nth(1).unwrap_or_default();
        match first {
            "console" => Self::Console,
            "security" => Self::Security,
            "sites" | "sign-in" | "sign-out" | "set-up" => Self::Figures,
            _ => Self::Public,
        }
    }

    /// Where one goes on, and the key of what that is called.
    const fn way_on(self, is_signed_in: bool) -> (&'static str, &'static str) {
        match (self, is_signed_in) {
            (Self::Public, _) | (_, false) => ("/", "error-home"),
            (Self::Figures, true) => ("/sites", "all-sites"),
            (Self::Console, true) => ("/console", "console"),
            (Self::Security, true) => ("/security", "security"),
        }
    }
}

/// What the audit log gets to know of a fault.
fn refused(fault: Fault, place: Place, is_staff: bool) -> Option<Refused> {
    match fault {
        Fault::Forged => Some(Refused::ForgedForm),
        Fault::TooMany => Some(Refused::TooMany),
        Fault::Forbidden => Some(Refused::Page),
        // What staff may not know of is not there for them.
        Fault::NotFound if is_staff && place != Place::Public => Some(Refused::Page),
        Fault::NotFound | Fault::TooLarge | Fault::Slow | Fault::Broken | Fault::Unavailable => None,
    }
}

/// The answer, in the frame of the pages around its address.
pub(crate) fn response(asking: &Asking, fault: Fault) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let (place, reader) = (Place::of(&asking.address), asking.reader());
    if let Some(what) = refused(fault, place, reader.is_some()) {
        asking.refused(what);
    }
    let title = t(&format!("error-{}", fault.name()));
    let about = match (fault, place) {
        (Fault::NotFound, Place::Public) => t("error-not-found-public-about"),
        _ => t(&format!("error-{}-about", fault.name())),
    };
    let (href, words) = place.way_on(reader.is_some());
    let main = html! {
        div.reading {
            p.quiet { (fault.status().as_u16()) }
            h1 { (title) }
            p.lead { (about) }
            p { a.button href=(asking.link(href)) { (t(words)) } }
        }
    };
    let mut response = if place == Place::Public {
        Frame::new(&asking.web, asking, &title).unlisted().render(&main)
    } else {
        let page = Page {
            language,
            title: &title,
            address: &asking.address,
            reader,
            top: html! {},
            bar: html! {
                @if place == Place::Console && let Some(signed) = &asking.signed_in {
                    (console::nav(asking, signed, &asking.address))
                }
            },
            reload_s: None,
            cookie_note: "colophon-no-cookies",
            main,
        };
        answer(page.render())
    };
    *response.status_mut() = fault.status();
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, never);
    if matches!(fault, Fault::TooMany | Fault::Unavailable) {
        let again = HeaderValue::from(AGAIN_S);
        response.headers_mut().insert(RETRY_AFTER, again);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn every_fault_has_its_texts_in_both_languages() {
        for (fault, language) in Fault::ALL.into_iter().flat_map(|f| Language::ALL.map(|l| (f, l))) {
            for key in [
                format!("error-{}", fault.name()),
                format!("error-{}-about", fault.name()),
            ] {
                assert!(language.known(&key).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn an_address_belongs_to_the_pages_around_it() {
        for (address, place) in [
            ("/", Place::Public),
            ("/account/receipts/x?lang=ru", Place::Public),
            ("/nowhere", Place::Public),
            ("/consoles", Place::Public),
            ("/console?x=/sites", Place::Console),
            ("/console/cases/9", Place::Console),
            ("/security/password", Place::Security),
            ("/sites/shop.example", Place::Figures),
            ("/sign-in/code", Place::Figures),
        ] {
            assert_eq!(Place::of(address), place, "{address}");
        }
    }
}
