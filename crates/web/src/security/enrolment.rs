//! Taking up an app as second factor: its secret, shown once, and the first code.

use super::account::{Draft, page, refused};
use super::{record, recovery_codes, subject_account};
use crate::cookie_register::SIGN_IN_COOKIE;
use crate::form::{Field, summary};
use crate::page::{Page, Reader, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, Signed, set_cookie, value};
use crate::sign_in::append_cookie;
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use maud::{PreEscaped, html};
use staff::{Error, Origin, Refusal, TotpCard};
use std::sync::Arc;

/// `POST /security/second-factor`: the secret for the app.
pub(super) async fn begin(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let issuer = web.public.agency.name.get(asking.language);
    let password = value(&fields, "app_password");
    let begun = web
        .staff
        .begin_enrolment(&signed.who, password, issuer, origin, (web.now)())
        .await;
    match begun {
        Ok(card) => sheet(&asking, signed, Some(&card), None),
        Err(error) => match refused(&asking, "app_password", error) {
            Ok(problem) => {
                page(
                    &web,
                    &asking,
                    &Draft {
                        problem: Some(problem),
                    },
                )
                .await
            }
            Err(response) => *response,
        },
    }
}

/// `POST /security/second-factor/confirm`: the first code makes it count; the recovery codes follow.
pub(super) async fn confirm(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let confirmed = web
        .staff
        .confirm_enrolment(&signed.who, value(&fields, "code"), origin, (web.now)())
        .await;
    let enrolled = match confirmed {
        Ok(enrolled) => enrolled,
        Err(Error::Refused(Refusal::WrongCode)) => {
            let problem = asking.language.text("second-step-wrong");
            return sheet(&asking, signed, None, Some(&problem));
        }
        Err(error) => match refused(&asking, "app_password", error) {
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
    let reader = Reader {
        csrf: staff::csrf_token(&enrolled.cookie),
        must_enrol: false,
        ..signed.reader.clone()
    };
    let mut response = recovery_codes::sheet(&asking, &reader, &enrolled.recovery_codes);
    let line = set_cookie(
        SIGN_IN_COOKIE,
        &enrolled.cookie.text(),
        None,
        true,
        web.is_https(),
    );
    append_cookie(&mut response, &line);
    response
}

/// The page; the secret is on it only the first time.
fn sheet(asking: &Asking, signed: &Signed, card: Option<&TotpCard>, problem: Option<&str>) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let problems: Vec<(&str, &str)> = problem.iter().map(|text| ("code", *text)).collect();
    let page = Page {
        language,
        title: &t("security-app"),
        address: "/security",
        reader: asking.reader(),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.reading {
                p.small { a href="/security" { "← " (t("security")) } }
                h1 { (t("security-app")) }
                (summary(language, &problems))
                @if let Some(card) = card {
                    h2 { (t("security-app-scan")) }
                    p.quiet { (t("security-app-scan-about")) }
                    div.qr role="img" aria-label=(t("security-app-qr")) { (PreEscaped(card.qr.reveal())) }
                    p { (t("security-app-typed")) }
                    code.secret #app-secret { (card.text.reveal()) }
                    div.actions {
                        button.button type="button" data-copy="app-secret" data-copied=(t("copied")) hidden { (t("copy")) }
                        a.button href=(card.address.reveal()) { (t("security-app-here")) }
                    }
                } @else {
                    p { (t("security-app-again")) }
                }
                form method="post" action="/security/second-factor/confirm" {
                    (csrf_field(&signed.reader.csrf))
                    (Field::new("code", &t("security-app-code")).hint(&t("security-app-code-hint")).autocomplete("one-time-code")
                        .wrong(problem).most(12).markup())
                    div.actions { button.button.main.big type="submit" { (t("security-app-confirm")) } }
                }
            }
        },
    };
    let mut response = answer(page.render());
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
