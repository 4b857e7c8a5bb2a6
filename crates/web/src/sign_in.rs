//! Signing in and out.

use crate::cookie_register::{SECOND_STEP_COOKIE, SIGN_IN_COOKIE, SIGN_IN_FORM_COOKIE};
use crate::form::{Field, summary};
use crate::language::{Language, cookie};
use crate::page::{Page, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, pairs, set_cookie, value};
use crate::security;
use crate::state::Web;
use audit::{Action, Actor, Entry};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use maud::html;
use office::Refused;
use staff::{Error, Origin, Refusal, Secret, SignedIn, Step};
use std::sync::Arc;

/// How long a sign-in is remembered where that was asked for, in seconds: as long as it may last.
const REMEMBERED_S: i64 = staff::sign_in::LIFETIMES.absolute_ms / 1000;

/// What the form shows again.
#[derive(Default)]
struct Tried<'a> {
    login: &'a str,
    remember: bool,
    next: &'a str,
    problem: Option<String>,
}

/// `GET /sign-in`.
pub(crate) async fn show(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    if asking.signed_in.is_some() {
        return Redirect::to(own_path(asking.value("next"))).into_response();
    }
    form(
        &web,
        &headers,
        &asking,
        &Tried {
            next: asking.value("next"),
            problem: (asking.value("late") == "yes").then(|| asking.language.text("second-step-late")),
            ..Tried::default()
        },
        StatusCode::OK,
    )
}

/// `POST /sign-in`.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let fields = pairs(&body);
    let (login, password) = (value(&fields, "login"), value(&fields, "password"));
    let mut tried = Tried {
        login,
        remember: value(&fields, "remember") == "yes",
        next: value(&fields, "next"),
        problem: None,
    };
    let t = |key: &str| asking.language.text(key);
    let is_own_form = cookie(&headers, SIGN_IN_FORM_COOKIE)
        .and_then(Secret::parse)
        .is_some_and(|secret| staff::csrf_matches(&secret, value(&fields, "csrf")));
    if !is_own_form {
        asking.refused(Refused::ForgedForm);
        tried.problem = Some(t("sign-in-form-old"));
        return form(&web, &headers, &asking, &tried, StatusCode::FORBIDDEN);
    }
    let browser = security::browser_kind(&headers);
    let origin = Origin {
        address: &asking.peer,
        browser: &browser,
    };
    let refusal = match web.staff.sign_in(login, password, origin, (web.now)()).await {
        Ok(Step::SecondFactorNeeded(pending, _)) => {
            return security::ask_for_second_step(&web, &pending, tried.remember, tried.next);
        }
        Ok(Step::SignedIn(cookie, who)) => {
            let entered = Entered {
                cookie: &cookie,
                who: &who,
                by: "password",
                remember: tried.remember,
            };
            return enter(&web, &asking, entered, own_path(tried.next)).await;
        }
        Err(Error::Refused(refusal)) => refusal,
        Err(Error::Hashing(credentials::HashingFault::Busy)) => Refusal::TooManyAttempts { wait_ms: 2_000 },
        Err(error) => {
            tracing::error!(%error, "a sign-in could not be checked");
            return asking.fault(crate::error_page::Fault::Broken);
        }
    };
    let waits = match refusal {
        Refusal::TooManyAttempts { wait_ms } => Some(("sign-in-wait", wait_ms)),
        Refusal::TooManyGuesses { wait_ms } => Some(("sign-in-guesses", wait_ms)),
        _ => None,
    };
    if let Some((key, wait_ms)) = waits {
        asking.refused(Refused::TooMany);
        let seconds = (wait_ms + 999) / 1000;
        tried.problem = Some(wait(asking.language, key, wait_ms));
        let mut response = form(&web, &headers, &asking, &tried, StatusCode::TOO_MANY_REQUESTS);
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    let account = web.staff.account_by_login(login).await.ok();
    security::record_failed_sign_in(&web, account.map(|account| account.id), "password").await;
    tried.problem = Some(t("sign-in-wrong"));
    form(&web, &headers, &asking, &tried, StatusCode::UNPROCESSABLE_ENTITY)
}

/// A sign-in that was just made.
pub(crate) struct Entered<'a> {
    /// For the browser.
    pub(crate) cookie: &'a Secret,
    /// Whose.
    pub(crate) who: &'a SignedIn,
    /// By which factor, the last of two, in a word for the audit log.
    pub(crate) by: &'static str,
    /// Whether the browser is to remember it.
    pub(crate) remember: bool,
}

/// Somebody is signed in: it is recorded, and only then the browser gets the cookie. A sign-in that this browser had
/// until now ends.
pub(crate) async fn enter(web: &Web, asking: &Asking, entered: Entered<'_>, next: &str) -> Response {
    let id = entered.who.account.id;
    let entry = Entry {
        subject: security::subject_account(id),
        purpose: Some(entered.by.into()),
        ..Entry::new((web.now)(), Actor::Staff(id.0), Action::SignIn)
    };
    if let Err(response) = security::record_entry(web, asking, entry).await {
        return *response;
    }
    if let Some(earlier) = &asking.signed_in
        && let Err(response) = end_earlier(web, asking, earlier).await
    {
        return *response;
    }
    // A browser that refuses for its user gets what the act needs and nothing for later.
    let lasting = (entered.remember && !asking.gpc).then_some(REMEMBERED_S);
    let line = set_cookie(
        SIGN_IN_COOKIE,
        &entered.cookie.text(),
        lasting,
        true,
        web.is_https(),
    );
    let mut response = see_other(next);
    append_cookie(&mut response, &line);
    for over in [SIGN_IN_FORM_COOKIE, SECOND_STEP_COOKIE] {
        append_cookie(
            &mut response,
            &set_cookie(over, "", Some(0), true, web.is_https()),
        );
    }
    response
}

async fn end_earlier(web: &Web, asking: &Asking, earlier: &SignedIn) -> Result<(), Box<Response>> {
    let id = earlier.account.id;
    match web.staff.end_sign_in(id, earlier.sign_in).await {
        // It ended by itself in the meantime.
        Err(Error::NotFound(_)) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "an earlier sign-in could not be ended");
            Err(Box::new(asking.fault(crate::error_page::Fault::Broken)))
        }
        Ok(()) => {
            let subject = security::subject_account(id);
            security::record(web, asking, id, Action::SignOut, subject).await
        }
    }
}

/// How long to wait, in the words of a key with `$time`.
pub(crate) fn wait(language: Language, key: &str, wait_ms: i64) -> String {
    let seconds = (wait_ms + 999) / 1000;
    let words = crate::figure::duration(language, seconds as f64);
    language.text_with(key, &[("time", words.into())])
}

/// The sign-in page, with what went wrong elsewhere.
pub(crate) fn problem_page(
    web: &Web,
    headers: &HeaderMap,
    asking: &Asking,
    problem: String,
    status: StatusCode,
) -> Response {
    let tried = Tried {
        problem: Some(problem),
        ..Tried::default()
    };
    form(web, headers, asking, &tried, status)
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, _) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    if let Err(error) = web.staff.end_sign_in(signed.account.id, signed.sign_in).await {
        tracing::error!(%error, "a sign-in could not be ended");
        return asking.fault(crate::error_page::Fault::Broken);
    }
    let id = signed.account.id;
    let subject = security::subject_account(id);
    if let Err(response) = security::record(&web, &asking, id, Action::SignOut, subject).await {
        return *response;
    }
    let mut response = see_other("/");
    append_cookie(
        &mut response,
        &set_cookie(SIGN_IN_COOKIE, "", Some(0), true, web.is_https()),
    );
    clear_cache(&mut response);
    response
}

/// Has the browser forget pages of this site that it kept, also to go back to. Not `"cookies"`, which takes those of
/// neighbours on the same domain, nor `"storage"`, where somebody's refusal to be counted may be.
pub(crate) fn clear_cache(response: &mut Response) {
    let name = HeaderName::from_static("clear-site-data");
    let cache = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert(name, cache);
}

/// A path of this server to go on to; anything else becomes the list of sites.
pub(crate) fn own_path(next: &str) -> &str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.starts_with("/sign-")
        && next.bytes().all(|b| b.is_ascii_graphic());
    if is_own { next } else { "/sites" }
}

/// An answer that goes on with GET.
pub(crate) fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Adds a cookie to an answer.
pub(crate) fn append_cookie(response: &mut Response, line: &str) {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

fn form(web: &Web, headers: &HeaderMap, asking: &Asking, tried: &Tried<'_>, status: StatusCode) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let known = cookie(headers, SIGN_IN_FORM_COOKIE).and_then(Secret::parse);
    let is_new = known.is_none();
    let Ok(secret) = known.map_or_else(Secret::draw, Ok) else {
        return asking.fault(crate::error_page::Fault::Broken);
    };
    let problem = tried.problem.as_deref();
    let page = Page {
        language,
        title: &t("sign-in"),
        address: "/sign-in",
        reader: None,
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-sign-in",
        main: html! {
            div.narrow {
                h1 { (t("sign-in")) }
                @if let Some(problem) = problem { (summary(language, &[("login", problem)])) }
                form method="post" action="/sign-in" {
                    (csrf_field(&staff::csrf_token(&secret)))
                    input type="hidden" name="next" value=(tried.next);
                    (Field::new("login", &t("sign-in-login")).value(tried.login).autocomplete("username").wrong(problem).markup())
                    (Field::new("password", &t("sign-in-password")).kind("password").autocomplete("current-password").markup())
                    div.field { label.switch {
                        input type="checkbox" name="remember" value="yes" checked[tried.remember];
                        span { (t("sign-in-remember")) small { (t("sign-in-remember-about")) } }
                    } }
                    div.actions { button.button.main.big type="submit" { (t("sign-in")) } }
                }
                (security::provider_buttons(web, language, &staff::csrf_token(&secret)))
                p.hint { (t("sign-in-forgotten")) }
            }
        },
    };
    let mut response = answer(page.render());
    *response.status_mut() = status;
    if is_new {
        append_cookie(
            &mut response,
            &set_cookie(SIGN_IN_FORM_COOKIE, &secret.text(), None, true, web.is_https()),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_only_to_this_server() {
        for (next, want) in [
            (
                "/sites/a.example?f=is,visit:country,DE",
                "/sites/a.example?f=is,visit:country,DE",
            ),
            ("", "/sites"),
            ("//evil.example", "/sites"),
            ("/\\evil.example", "/sites"),
            ("https://evil.example", "/sites"),
            ("/a\r\nSet-Cookie: x=y", "/sites"),
            ("/sign-out", "/sites"),
        ] {
            assert_eq!(own_path(next), want, "{next:?}");
        }
    }
}
