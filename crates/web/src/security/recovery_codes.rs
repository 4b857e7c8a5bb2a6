//! The page of recovery codes, shown once, to be printed or copied.

use super::account::{Draft, page, refused};
use super::{record, subject_account};
use crate::page::{Page, Reader};
use crate::pages::html as answer;
use crate::reader::{Asking, value};
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use maud::html;
use staff::{Origin, RecoveryCode};
use std::sync::Arc;

/// `POST /security/recovery-codes`: codes in place of those there were.
pub(super) async fn renew(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let password = value(&fields, "codes_password");
    let renewed = web
        .staff
        .renew_recovery_codes(&signed.who, password, origin, (web.now)())
        .await;
    let codes = match renewed {
        Ok(codes) => codes,
        Err(error) => match refused(&asking, "codes_password", error) {
            Ok(problem) => {
                return page(
                    &web,
                    &asking,
                    &Draft {
                        problem: Some(problem),
                    },
                )
                .await;
            }
            Err(response) => return *response,
        },
    };
    let id = signed.account.id;
    if let Err(response) = record(&web, &asking, id, Action::SecondFactorChange, subject_account(id)).await {
        return *response;
    }
    sheet(&asking, &signed.reader, &codes)
}

/// The page; `reader` is who reads it from now on.
pub(super) fn sheet(asking: &Asking, reader: &Reader, codes: &[RecoveryCode]) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let texts: Vec<_> = codes.iter().map(RecoveryCode::text).collect();
    let page = Page {
        language,
        title: &t("security-codes"),
        address: "/security",
        reader: Some(reader),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.reading.paper {
                h1 { (t("security-codes")) }
                p { (t("security-codes-once")) }
                p.quiet.small { (asking.server) }
                ol.codes #recovery-codes { @for text in &texts { li { code { (text.reveal()) } "\n" } } }
                p.hint { (t("security-codes-about")) }
                div.actions {
                    a.button.main.big href="/security" { (t("security-codes-kept")) }
                    button.button type="button" data-copy="recovery-codes" data-copied=(t("copied")) hidden { (t("copy")) }
                }
            }
        },
    };
    answer(page.render())
}
