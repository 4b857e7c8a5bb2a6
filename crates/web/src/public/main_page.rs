//! The main page: what the agency does, what others say of it, how to reach it.

use super::agency::Agency;
use super::board::{Board, Notice};
use super::frame::Frame;
use super::testimonials::{LATEST, cards};
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use office::Published;
use std::sync::Arc;

/// The promises shown on the main page, by the number of their clause.
const SHOWN_PROMISES: [u8; 3] = [1, 6, 8];

/// `GET /`: staff who are signed in go on to the sites.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    if asking.signed_in.is_some() && asking.value("lang").is_empty() {
        return Redirect::to("/sites").into_response();
    }
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let agency = &web.public.agency;
    let Board { notice } = (web.public.board)();
    let published = web.office.published_testimonials(LATEST, (web.now)()).await;
    let published = published.unwrap_or_else(|error| {
        tracing::error!(%error, "the main page shows no testimonials");
        Vec::new()
    });
    let lead = agency.lead.get(language);
    Frame::new(&web, &asking, agency.name.get(language)).about(lead).render(&html! {
        @if let Some(notice) = &notice { (banner(&asking, notice)) }
        div.wide {
            section.hero { div {
                h1 { (agency.headline.get(language)) }
                p.lead { (lead) }
                div.actions {
                    a.button.main.big href=(asking.link("/enquiry")) { (t("main-enquiry")) }
                    @if web.public_dashboards { a.button.big href=(asking.link("/sites")) { (t("main-dashboards")) } }
                    @else { a.button.big href="#services" { (t("main-services")) } }
                }
            }
            (known(&asking)) }
            @if !agency.services.is_empty() { (services(&asking, agency)) }
            @if !published.is_empty() { (voices(&asking, &published)) }
            section.promises aria-labelledby="promises" {
                h2 #promises { (t("main-promises")) }
                p.quiet { (t("main-promises-about")) }
                ul.cards {
                    @for number in SHOWN_PROMISES { li.sheet {
                        p.clause-number { "P" (number) }
                        h3 { (t(&format!("clause-p{number}-title"))) }
                        p { (t(&format!("clause-p{number}-short"))) }
                        p { a href={ (asking.link("/policy")) "#p" (number) } { (t("main-promise-whole")) span.only-heard { " P" (number) } } }
                    } }
                }
                p { a href=(asking.link("/policy")) { (t("main-all-promises")) } }
            }
            section.sheet.invitation aria-labelledby="write" {
                div { h2 #write { (t("main-write")) } p.quiet { (t("main-write-about")) } }
                a.button.main.big href=(asking.link("/enquiry")) { (t("main-enquiry")) }
            }
        }
    })
}

/// What this very page knows of its reader: what the request said, and that this is all.
fn known(asking: &Asking) -> Markup {
    let t = |key: &str| asking.language.text(key);
    let rows = [
        ("known-name", t("known-name-value")),
        ("known-address", t("known-address-value")),
        ("known-cookies", t("known-cookies-value")),
        ("known-language", asking.language.name().to_owned()),
        (
            "known-gpc",
            t(if asking.gpc {
                "known-gpc-sent"
            } else {
                "known-gpc-not-sent"
            }),
        ),
    ];
    html! {
        div.sheet.known {
            h2 { (t("known-title")) }
            dl { @for (name, value) in rows { div { dt { (t(name)) } dd { (value) } } } }
        }
    }
}

fn banner(asking: &Asking, notice: &Notice) -> Markup {
    html! {
        aside.banner aria-label=(asking.language.text("main-notice")) {
            div.wide { p {
                (notice.text.get(asking.language)) " "
                @if let Some(path) = &notice.path { a href=(asking.link(path)) { (asking.language.text("main-notice-more")) } }
            } }
        }
    }
}

fn services(asking: &Asking, agency: &Agency) -> Markup {
    let language = asking.language;
    html! {
        section aria-labelledby="services" {
            h2 #services { (language.text("main-services")) }
            ul.cards.services {
                @for service in &agency.services { li.sheet {
                    h3 { (service.title.get(language)) }
                    p { (service.about.get(language)) }
                } }
            }
        }
    }
}

fn voices(asking: &Asking, published: &[Published]) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        section aria-labelledby="voices" {
            h2 #voices { (t("main-voices")) }
            p.quiet { (t("main-voices-about")) }
            (cards(published))
            p { a href=(asking.link("/testimonials")) { (t("main-voices-all")) } }
        }
    }
}
