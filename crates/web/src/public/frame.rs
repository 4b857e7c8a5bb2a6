//! The frame around the pages of the public site.

use crate::asset::Asset;
use crate::page::{in_language, mark};
use crate::pages::html as answer;
use crate::reader::{Asking, Fields, value};
use crate::state::Web;
use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, html};

/// The name of the button that asks for a form in the other language.
const LANGUAGE: &str = "in-language";

/// Whether a form was sent to be shown in another language, filled in as it is.
pub(crate) fn wants_language(fields: &Fields) -> bool {
    !value(fields, LANGUAGE).is_empty()
}

/// A page of the public site, to be framed.
pub(crate) struct Frame<'a> {
    web: &'a Web,
    asking: &'a Asking,
    title: &'a str,
    about: Option<&'a str>,
    status: StatusCode,
    is_listed: bool,
    keeps: Option<&'a str>,
}

impl<'a> Frame<'a> {
    /// A page that search engines may list.
    pub(crate) fn new(web: &'a Web, asking: &'a Asking, title: &'a str) -> Self {
        Self {
            web,
            asking,
            title,
            about: None,
            status: StatusCode::OK,
            is_listed: true,
            keeps: None,
        }
    }

    /// What the page is about, in a sentence, for those who list pages.
    pub(crate) fn about(self, about: &'a str) -> Self {
        Self {
            about: Some(about),
            ..self
        }
    }

    /// A page that is part of somebody's own doing: in no list.
    pub(crate) fn unlisted(self) -> Self {
        Self {
            is_listed: false,
            ..self
        }
    }

    /// A page with the form of this id, filled in: the other language is asked for together with what was typed, and the
    /// form's door shows it again ([`wants_language`]).
    pub(crate) fn keeps(self, form: &'a str) -> Self {
        Self {
            keeps: Some(form),
            ..self
        }
    }

    /// Another status.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The whole answer.
    pub(crate) fn render(self, main: &Markup) -> Response {
        let asking = self.asking;
        let language = asking.language;
        let agency = &self.web.public.agency;
        let name = agency.name.get(language);
        let t = |key: &str| language.text(key);
        let path = asking.address.split('?').next().unwrap_or("/");
        let here = |to: &str| (path == to).then_some("page");
        let other = language.other();
        let nav = |to: &str, key: &str| {
            html! { a.button.plain href=(asking.link(to)) aria-current=[here(to)] { (t(key)) } }
        };
        let page = html! {
            (DOCTYPE)
            html lang=(language.tag()) data-accent=(agency.accent.name()) data-theme=[asking.theme.map(super::Theme::name)] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="same-origin";
                    @if !self.is_listed { meta name="robots" content="noindex"; }
                    @if let Some(about) = self.about { meta name="description" content=(about); }
                    title { @if self.title == name { (name) } @else { (self.title) " · " (name) } }
                    link rel="stylesheet" href=(Asset::Style.path());
                    link rel="stylesheet" href=(Asset::Public.path());
                    link rel="icon" href=(Asset::Mark.path()) type="image/svg+xml";
                    link rel="alternate" hreflang=(other.tag()) href=(in_language(&asking.address, other));
                    script type="module" src=(Asset::Script.path()) {}
                }
                body.public {
                    a.skip href="#main" { (t("skip")) }
                    header.top #top {
                        div.wide {
                            a.brand href=(asking.link("/")) {
                                @if agency.logo.is_some() { img src="/logo.svg" alt="" width="28" height="28"; }
                                @else { (mark()) }
                                span { (name) } span.only-heard { (t("brand-home")) }
                            }
                            nav.site-nav aria-label=(t("nav-site")) {
                                (nav("/policy", "nav-policy"))
                                (nav("/privacy", "nav-privacy"))
                                @if self.web.public.accounts.is_some() { (nav("/account", "nav-account")) }
                            }
                            a.button.main.to-enquiry href=(asking.link("/enquiry")) aria-current=[here("/enquiry")] { (t("nav-enquiry")) }
                            @let words = html! {
                                span aria-hidden="true" { (other.tag().to_uppercase()) }
                                span.only-heard { (other.name()) }
                            };
                            @if let Some(form) = self.keeps {
                                button.button.plain.other-language type="submit" form=(form) name=(LANGUAGE) value=(other.tag())
                                    formaction=(in_language(path, other)) lang=(other.tag()) { (words) }
                            } @else {
                                a.button.plain.other-language href=(in_language(&asking.address, other)) lang=(other.tag())
                                    hreflang=(other.tag()) { (words) }
                            }
                        }
                    }
                    main #main tabindex="-1" { (main) }
                    footer.site-foot {
                        div.wide {
                            div {
                                p { strong { (name) } }
                                @let address = agency.address.get(language);
                                @if !address.is_empty() { p { (address) } }
                                (super::contact::lines(agency))
                            }
                            nav aria-label=(t("nav-foot")) {
                                ul {
                                    li { a href=(asking.link("/policy")) { (t("policy-title")) } }
                                    li { a href=(asking.link("/policy/history")) { (t("history-title")) } }
                                    li { a href=(asking.link("/privacy")) { (t("rights-title")) } }
                                    li { a href=(asking.link("/cookies")) { (t("cookies-title")) } }
                                    li { a href=(asking.link("/testimonials")) { (t("main-voices")) } }
                                    li { a href=(asking.link("/sign-in")) { (t("foot-staff")) } }
                                }
                            }
                            div.small {
                                p { (t(if asking.gpc { "foot-gpc" } else { "colophon-no-cookies" })) }
                                p { (t("colophon-own")) }
                            }
                        }
                    }
                }
            }
        };
        let mut response = answer(page);
        *response.status_mut() = self.status;
        if self.is_listed {
            // What everybody may find, a browser may keep and ask whether it is still so.
            let kept = HeaderValue::from_static("private, no-cache");
            response.headers_mut().insert(CACHE_CONTROL, kept);
        }
        response
    }
}
