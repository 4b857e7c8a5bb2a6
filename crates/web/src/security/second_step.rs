//! The second step of signing in: a code of the app, or a recovery code.

use crate::cookie_register::{SECOND_STEP_COOKIE, SECOND_STEP_S};
use crate::error_page::Fault;
use crate::form::{Field, summary};
use crate::language::cookie;
use crate::page::{Page, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, pairs, set_cookie, value};
use crate::sign_in::{Entered, append_cookie, enter, own_path, see_other, wait};
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use staff::{Error, Origin, Refusal, Secret, Used};
use std::sync::Arc;

/// Where one starts over.
const TOO_LATE: &str = "/sign-in?late=yes";

/// After the first step: on to the second, with its secret in a short cookie.
pub(crate) fn ask(web: &Web, pending: &Secret, remember: bool, next: &str) -> Response {
    let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
    let remember = if remember { "&remember=yes" } else { "" };
    let mut response = see_other(&format!("/sign-in/code?next={next}{remember}"));
    let (secret, life) = (pending.text(), Some(SECOND_STEP_S));
    let line = set_cookie(SECOND_STEP_COOKIE, &secret, life, true, web.is_https());
    append_cookie(&mut response, &line);
    response
}

/// `GET /sign-in/code`.
pub(super) async fn show(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    let Some(pending) = pending(&headers) else {
        return see_other(TOO_LATE);
    };
    match web.staff.pending(&pending, (web.now)()).await {
        Ok(Some(_)) => form(&asking, &pending, &asking.pairs, None),
        Ok(None) => see_other(TOO_LATE),
        Err(error) => broken(&asking, &error),
    }
}

/// `POST /sign-in/code`.
pub(super) async fn submit(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let Some(pending) = pending(&headers) else {
        return see_other(TOO_LATE);
    };
    let fields = pairs(&body);
    if !staff::csrf_matches(&pending, value(&fields, "csrf")) {
        return asking.fault(Fault::Forged);
    }
    let account = match web.staff.pending(&pending, (web.now)()).await {
        Ok(Some(account)) => account,
        Ok(None) => return see_other(TOO_LATE),
        Err(error) => return broken(&asking, &error),
    };
    let browser = super::browser_kind(&headers);
    let origin = Origin {
        address: &asking.peer,
        browser: &browser,
    };
    let step = web
        .staff
        .second_step(&pending, value(&fields, "code"), origin, (web.now)())
        .await;
    let refusal = match step {
        Ok(step) => {
            let next = match step.used {
                Used::Code => own_path(value(&fields, "next")),
                Used::RecoveryCode { .. } => "/security?used=recovery-code#second-factor",
            };
            let by = match step.used {
                Used::Code => "code",
                Used::RecoveryCode { .. } => "recovery_code",
            };
            let entered = Entered {
                cookie: &step.cookie,
                who: &step.signed_in,
                by,
                remember: value(&fields, "remember") == "yes",
            };
            return enter(&web, &asking, entered, next).await;
        }
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => return broken(&asking, &error),
    };
    let language = asking.language;
    let (problem, status, wait_ms) = match refusal {
        Refusal::WrongCode => {
            super::record_failed_sign_in(&web, Some(account), "code").await;
            let problem = language.text("second-step-wrong");
            (problem, StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Refusal::TooManyAttempts { wait_ms } => {
            let problem = wait(language, "sign-in-wait", wait_ms);
            (problem, StatusCode::TOO_MANY_REQUESTS, Some(wait_ms))
        }
        Refusal::TooManyGuesses { wait_ms } => {
            let problem = wait(language, "second-step-guesses", wait_ms);
            (problem, StatusCode::TOO_MANY_REQUESTS, Some(wait_ms))
        }
        _ => return see_other(TOO_LATE),
    };
    let mut response = form(&asking, &pending, &fields, Some(&problem));
    *response.status_mut() = status;
    if let Some(wait_ms) = wait_ms {
        asking.refused(office::Refused::TooMany);
        let seconds = HeaderValue::from((wait_ms + 999) / 1_000);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

fn pending(headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, SECOND_STEP_COOKIE).and_then(Secret::parse)
}

fn broken(asking: &Asking, error: &Error) -> Response {
    tracing::error!(%error, "the second step of a sign-in could not be taken");
    asking.fault(Fault::Broken)
}

fn form(asking: &Asking, pending: &Secret, fields: &[(String, String)], problem: Option<&str>) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let problems: Vec<(&str, &str)> = problem.iter().map(|text| ("code", *text)).collect();
    let page = Page {
        language,
        title: &t("second-step"),
        address: "/sign-in/code",
        reader: None,
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "second-step-cookie",
        main: html! {
            div.narrow {
                h1 { (t("second-step")) }
                (summary(language, &problems))
                form method="post" action="/sign-in/code" {
                    (csrf_field(&staff::csrf_token(pending)))
                    input type="hidden" name="next" value=(value(fields, "next"));
                    input type="hidden" name="remember" value=(value(fields, "remember"));
                    (Field::new("code", &t("second-step-code")).hint(&t("second-step-hint")).autocomplete("one-time-code")
                        .wrong(problem).most(40).markup())
                    div.actions { button.button.main.big type="submit" { (t("sign-in")) } }
                }
                p.hint { (t("second-step-lost")) }
                p.small { a href="/sign-in" { (t("second-step-anew")) } }
            }
        },
    };
    answer(page.render())
}
