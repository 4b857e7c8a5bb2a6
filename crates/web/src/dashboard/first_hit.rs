//! A new site: its snippet, and the wait for the first hit.

use super::address::Address;
use super::bar;
use crate::language::Language;
use crate::page::{Page, Reader};
use maud::{Markup, html};

/// The lines to put on a site. `server` is this installation's own address, such as `https://stats.example`.
pub fn snippet(server: &str, domain: &str) -> String {
    format!(
        "<script defer src=\"{server}/a.js?site={domain}\"></script>\n<noscript><img src=\"{server}/p.gif?site={domain}\" alt=\"\" width=\"1\" height=\"1\" referrerpolicy=\"no-referrer-when-downgrade\"></noscript>"
    )
}

/// The snippet with a button that copies it.
pub fn snippet_box(language: Language, server: &str, domain: &str) -> Markup {
    html! {
        div.snippet {
            pre { code #snippet { (snippet(server, domain)) } }
            button.button type="button" data-copy="snippet" data-copied=(language.text("copied")) hidden { (language.text("copy")) }
        }
    }
}

/// The page of a site without events.
pub fn page(
    language: Language,
    address: &Address,
    sites: &[String],
    server: &str,
    refused: &[(vocabulary::Reason, u64)],
    reader: Option<&Reader>,
) -> Markup {
    let t = |key: &str| language.text(key);
    Page {
        language,
        title: &address.domain,
        address: &address.href(),
        reader,
        top: bar::top(language, address, sites, None, reader.is_some()),
        bar: html! {},
        reload_s: Some(5),
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.wide data-dashboard {
                div.sheet.first data-waiting {
                    div {
                        h1 { (language.text_with("first-title", &[("site", address.domain.clone().into())])) }
                        p.lead { (t("first-lead")) }
                    }
                    ol {
                        li { div { h2 { (t("first-put")) } p.quiet { (t("first-put-about")) } (snippet_box(language, server, &address.domain)) } }
                        li { div { h2 { (t("first-open")) } p.quiet { (t("first-open-about")) }
                            p { a href={ "https://" (address.domain) "/" } rel="noopener" target="_blank" { "https://" (address.domain) "/" } } } }
                        li { div { h2 { (t("first-wait")) }
                            p.live data-live=(address.path("live")) data-none role="status" { i.pulse {} span { (t("first-waiting")) } }
                            @if !refused.is_empty() {
                                p.notice { (t("first-refused")) " "
                                    @for (reason, count) in refused {
                                        (t(&format!("reason-{}", reason.name().replace('_', "-")))) " (" (count) ") "
                                    }
                                }
                            }
                        } }
                    }
                }
            }
        },
    }
    .render()
}
