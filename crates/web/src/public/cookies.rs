//! Cookie settings: the register of cookies, and the few that a visitor may choose.

use super::Theme;
use super::frame::Frame;
use crate::cookie_register::{Entry, Kind, Place, REGISTER, SETTINGS_S, THEME};
use crate::error_page::Fault;
use crate::language::{COOKIE_NAME, Language};
use crate::reader::{Asking, pairs, set_cookie, value};
use crate::sign_in::{append_cookie, see_other};
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use maud::{Markup, html};
use std::sync::Arc;
use vocabulary::moment::DAY_MS;

/// `GET /cookies`.
pub(crate) async fn show(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let table = |place: Place| register(&web, language, REGISTER.iter().filter(move |e| e.place == place));
    let remembered = crate::language::cookie(&headers, COOKIE_NAME).and_then(Language::parse);
    Frame::new(&web, &asking, &t("cookies-title")).render(&html! {
        div.form-page.broad {
            h1 { (t("cookies-title")) }
            p.lead { (t("cookies-lead")) }
            @if asking.value("saved") == "yes" {
                div.notice.done role="status" { p { (t(saved(&asking, &headers))) } }
            }
            div.sheet.aside {
                h2 { (t("cookies-browser")) }
                p { (t(if asking.gpc { "cookies-gpc" } else { "cookies-no-gpc" })) }
            }
            section aria-labelledby="choose" {
                h2 #choose { (t("cookies-choose")) }
                p.hint { (t("cookies-choose-about")) }
                form method="post" action=(asking.link("/cookies")) {
                    div.pair {
                        div.field {
                            label for="language" { (t("cookies-language")) }
                            select id="language" name="language" {
                                option value="" { (t("cookies-as-browser")) }
                                @for one in Language::ALL {
                                    option value=(one.tag()) lang=(one.tag()) selected[remembered == Some(one)] { (one.name()) }
                                }
                            }
                        }
                        div.field {
                            label for="theme" { (t("cookies-theme")) }
                            select id="theme" name="theme" {
                                option value="" { (t("cookies-as-browser")) }
                                @for one in Theme::ALL {
                                    option value=(one.name()) selected[asking.theme == Some(one)] { (t(&format!("theme-{}", one.name()))) }
                                }
                            }
                        }
                    }
                    div.actions {
                        button.button.main type="submit" { (t("cookies-save")) }
                        button.button type="submit" name="forget" value="yes" { (t("cookies-forget")) }
                    }
                }
            }
            section aria-labelledby="here" {
                h2 #here { (t("cookies-here")) }
                p { (t("cookies-here-about")) }
                (table(Place::Here))
            }
            section aria-labelledby="clients" {
                h2 #clients { (t("cookies-clients")) }
                p { (t("cookies-clients-about")) }
                (table(Place::Clients))
            }
        }
    })
}

fn register<'a>(web: &Web, language: Language, entries: impl Iterator<Item = &'a Entry>) -> Markup {
    let t = |key: &str| language.text(key);
    html! {
        div.table-box { table.plain.words {
            thead { tr {
                @for head in ["cookie-name", "cookie-purpose", "cookie-life", "cookie-kind"] { th scope="col" { (t(head)) } }
            } }
            tbody { @for entry in entries { tr {
                th scope="row" { code { (entry.name_in_browsers(web.is_https())) } }
                td { (t(&format!("cookie-{}", entry.key))) }
                td { (life(language, entry)) }
                td { (t(match entry.kind { Kind::OwnAct => "cookie-own-act", Kind::Convenience => "cookie-convenience" })) }
            } } }
        } }
    }
}

fn life(language: Language, entry: &Entry) -> String {
    match entry.life_s {
        None => language.text("cookie-life-browser"),
        Some(seconds) if seconds < DAY_MS / 1_000 => {
            let minutes = seconds / 60;
            language.text_with("cookie-life-minutes", &[("count", minutes.into())])
        }
        Some(seconds) => {
            let days = seconds * 1_000 / DAY_MS;
            language.text_with("cookie-life-days", &[("count", days.into())])
        }
    }
}

/// What is said of a choice. Whoever chose something has a cookie of it now, unless the browser keeps none.
fn saved(asking: &Asking, headers: &HeaderMap) -> &'static str {
    let is_kept = [COOKIE_NAME, THEME]
        .iter()
        .any(|name| crate::language::cookie(headers, name).is_some());
    match (asking.gpc, asking.value("kept") == "yes" && !is_kept) {
        (true, _) => "cookies-saved-gpc",
        (false, true) => "cookies-saved-refused",
        (false, false) => "saved",
    }
}

/// `POST /cookies`: keeps what was chosen and removes what was not. Where the browser refuses, nothing is set.
pub(crate) async fn choose(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let keeps = value(&fields, "forget").is_empty();
    let language = Language::parse(value(&fields, "language")).filter(|_| keeps);
    let theme = Theme::parse(value(&fields, "theme")).filter(|_| keeps);
    let next = match (asking.gpc, language) {
        (true, Some(language)) => format!("/cookies?saved=yes&lang={}", language.tag()),
        (false, _) if language.is_some() || theme.is_some() => "/cookies?saved=yes&kept=yes".to_owned(),
        _ => "/cookies?saved=yes".to_owned(),
    };
    let mut response = see_other(&next);
    for (name, chosen) in [
        (COOKIE_NAME, language.map(Language::tag)),
        (THEME, theme.map(Theme::name)),
    ] {
        let line = match chosen.filter(|_| !asking.gpc) {
            Some(value) => set_cookie(name, value, Some(SETTINGS_S), true, web.is_https()),
            None => set_cookie(name, "", Some(0), true, web.is_https()),
        };
        append_cookie(&mut response, &line);
    }
    response
}
