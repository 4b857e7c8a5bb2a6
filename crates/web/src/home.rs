//! The overview of all sites.

use crate::dashboard::address::site_path;
use crate::dashboard::ask::Archive;
use crate::dashboard::measure::Measure;
use crate::dashboard::spark::spark;
use crate::figure;
use crate::page::Page;
use crate::pages::html as answer;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

/// `GET /sites`: every site the reader may read, with its last seven days.
pub(crate) async fn sites(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    if !web.public_dashboards
        && let Err(response) = asking.reading()
    {
        return *response;
    }
    let snapshot = web.sites.snapshot();
    let clients = match web.sites.clients().await {
        Ok(clients) => clients,
        Err(error) => {
            tracing::error!(%error, "cannot list clients");
            Vec::new()
        }
    };
    let mut cards = Vec::new();
    let mut readable: Vec<_> = snapshot.sites().filter(|s| asking.may_read(&web, s)).collect();
    readable.sort_by_key(|s| &s.site.domain);
    for site in readable {
        let client = clients
            .iter()
            .find(|c| c.id == site.site.client)
            .map_or("", |c| c.name.as_str());
        let recent = Archive::open(&web, site).recent(7).await.ok();
        cards.push(card(&asking, site.site.domain.as_str(), client, recent));
    }
    let t = |key: &str| asking.language.text(key);
    answer(
        Page {
            language: asking.language,
            title: &t("sites-title"),
            address: "/sites",
            reader: asking.reader(),
            top: html! {},
            bar: html! {},
            reload_s: None,
            cookie_note: "colophon-no-cookies",
            main: html! {
                div.wide {
                    div.page-head { div { h1 { (t("sites-title")) } p.quiet { (t("sites-lead")) } } }
                    @if cards.is_empty() { p.nothing { (t(if asking.may_add_sites() { "sites-none" } else { "sites-none-given" })) } }
                    ul.site-cards { @for card in cards { li { (card) } } }
                }
            },
        }
        .render(),
    )
}

fn card(
    asking: &Asking,
    domain: &str,
    client: &str,
    recent: Option<(Vec<f64>, Option<f64>, Option<f64>)>,
) -> Markup {
    let language = asking.language;
    let (series, value, before) = recent.unwrap_or_default();
    let visitors = value.unwrap_or(0.0);
    html! {
        div.sheet.site-card {
            div { h2 { a href=(site_path(domain, "")) { (domain) } } p.client { (client) } }
            (spark(&series))
            div.row {
                @if visitors > 0.0 {
                    p.big { (language.text_with("count-visitors", &[
                        ("count", visitors.into()), ("figure", figure::whole(language, visitors).into()),
                    ])) }
                    @if let Some((better, words)) = Measure::Visitors.change(language, value, before) {
                        p class={ "change " (match better { Some(true) => "better", Some(false) => "worse", None => "" }) } {
                            @if let Some(better) = better { span aria-hidden="true" { (if better { "↑ " } else { "↓ " }) } }
                            (words)
                        }
                    }
                } @else {
                    p.quiet { (language.text("sites-no-visits")) }
                }
            }
        }
    }
}
