//! Signing in by a provider that the operator configured, and linking one's account with it.
//!
//! Without a sign-in, what the provider answers signs in. With one, it links: the answer waits in the form that asks for
//! the password, and is taken to the provider only then.

use super::account::{Draft, page as account_page, password_field, refused};
use super::{ask_for_second_step, browser_kind, record, record_failed_sign_in, subject_account};
use crate::cookie_register::{PROVIDER_COOKIE, PROVIDER_S, SIGN_IN_FORM_COOKIE};
use crate::error_page::Fault;
use crate::language::{Language, cookie};
use crate::page::{Page, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, Signed, pairs, set_cookie, value};
use crate::sign_in::{Entered, append_cookie, enter, problem_page, see_other, wait};
use crate::state::Web;
use audit::Action;
use axum::extract::{Path, State};
use axum::response::Response;
use http::header::REFRESH;
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{Markup, html};
use staff::oidc::{Provider, ProviderAnswer};
use staff::{Error, Origin, Refusal, Secret, Step};
use std::sync::Arc;

/// Where a signed-in reader goes once the second factor or password is given.
const NEXT: &str = "/sites";

/// The host of an issuer: what people know the provider by.
pub(super) fn host(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The ways to the providers, for the sign-in page. Each is a form of that page: another site cannot begin a sign-in,
/// which a provider that asks nothing would complete.
pub(crate) fn buttons(web: &Web, language: Language, csrf: &str) -> Markup {
    html! {
        @if !web.providers.is_empty() {
            ul.providers { @for (number, provider) in web.providers.iter().enumerate() {
                li { form.bare method="post" action={ "/sign-in/provider/" (number) } {
                    (csrf_field(csrf))
                    button.button.big type="submit" {
                        (language.text_with("provider-sign-in", &[("provider", host(provider.issuer()).into())]))
                    }
                } }
            } }
        }
    }
}

/// `POST /sign-in/provider/{number}`: on to the provider, from a form of the sign-in page or of one's own account.
pub(super) async fn start(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let Some(provider) = provider(&web, &number) else {
        return asking.fault(Fault::NotFound);
    };
    let of_form = cookie(&headers, SIGN_IN_FORM_COOKIE).and_then(Secret::parse);
    let of_session = asking.signed_in.as_ref().map(|signed| signed.cookie.clone());
    let csrf = pairs(&body);
    let is_own = [of_form, of_session]
        .iter()
        .flatten()
        .any(|secret| staff::csrf_matches(secret, value(&csrf, "csrf")));
    if !is_own {
        asking.refused(office::Refused::ForgedForm);
        let problem = asking.language.text("sign-in-form-old");
        return problem_page(&web, &headers, &asking, problem, StatusCode::FORBIDDEN);
    }
    let Ok(attempt) = Secret::draw() else {
        return asking.fault(Fault::Broken);
    };
    match provider.address(&*web.fetch, &attempt, (web.now)()).await {
        Ok(address) => {
            let mut response = onward(&asking, provider, &address);
            let (secret, life) = (attempt.text(), Some(PROVIDER_S));
            let line = set_cookie(PROVIDER_COOKIE, &secret, life, true, web.is_https());
            append_cookie(&mut response, &line);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a provider of sign-ins cannot be reached");
            let problem = asking.language.text("provider-unreachable");
            problem_page(&web, &headers, &asking, problem, StatusCode::BAD_GATEWAY)
        }
    }
}

/// The way on. Not a redirect: the policy lets forms lead to this site alone, and some browsers hold redirects that
/// follow a form to it.
fn onward(asking: &Asking, provider: &Provider, address: &str) -> Response {
    let language = asking.language;
    let name = host(provider.issuer());
    let title = language.text_with("provider-onward", &[("provider", name.into())]);
    let page = Page {
        language,
        title: &title,
        address: "/sign-in",
        reader: asking.reader(),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-sign-in",
        main: html! {
            div.narrow {
                h1 { (title) }
                p { a.button.main.big href=(address) rel="noreferrer" { (language.text("provider-go")) } }
            }
        },
    };
    let mut response = answer(page.render());
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={address}")) {
        response.headers_mut().insert(REFRESH, refresh);
    }
    response
}

/// `GET /sign-in/provider/{number}/back`: what the provider answers.
pub(super) async fn back(
    State(web): State<Arc<Web>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    asking: Asking,
) -> Response {
    let Some(provider) = provider(&web, &number) else {
        return asking.fault(Fault::NotFound);
    };
    if let Some(signed) = &asking.signed_in {
        return link_sheet(&asking, signed, provider, &number);
    }
    let mut response = match attempt(&headers) {
        Some(attempt) => signed_in_by(&web, provider, &attempt, &headers, &asking).await,
        None => failed(&web, &headers, &asking),
    };
    append_cookie(
        &mut response,
        &set_cookie(PROVIDER_COOKIE, "", Some(0), true, web.is_https()),
    );
    response
}

async fn signed_in_by(
    web: &Web,
    provider: &Provider,
    attempt: &Secret,
    headers: &HeaderMap,
    asking: &Asking,
) -> Response {
    let browser = browser_kind(headers);
    let origin = Origin {
        address: &asking.peer,
        browser: &browser,
    };
    let answered = answered(&asking.pairs);
    let now = (web.now)();
    let identity = web
        .staff
        .identity(provider, &*web.fetch, attempt, answered, origin, now)
        .await;
    let step = match identity {
        Ok(identity) => web.staff.sign_in_by(&identity, origin, now).await,
        Err(error) => Err(error),
    };
    let problem = |problem, status| problem_page(web, headers, asking, problem, status);
    match step {
        Ok(done) => {
            let subject = subject_account(done.account);
            if done.linked
                && let Err(response) =
                    record(web, asking, done.account, Action::ConfigurationChange, subject).await
            {
                return *response;
            }
            match done.step {
                Step::SignedIn(cookie, who) => {
                    let entered = Entered {
                        cookie: &cookie,
                        who: &who,
                        by: "provider",
                        remember: false,
                    };
                    enter(web, asking, entered, NEXT).await
                }
                Step::SecondFactorNeeded(pending, _) => ask_for_second_step(web, &pending, false, NEXT),
            }
        }
        Err(Error::Refused(Refusal::NotInvited)) => {
            record_failed_sign_in(web, None, "provider").await;
            let text = asking.language.text("provider-not-invited");
            problem(text, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Error::Refused(Refusal::TooManyAttempts { wait_ms })) => {
            asking.refused(office::Refused::TooMany);
            problem(
                wait(asking.language, "sign-in-wait", wait_ms),
                StatusCode::TOO_MANY_REQUESTS,
            )
        }
        Err(error) => {
            tracing::warn!(%error, "a sign-in by a provider failed");
            failed(web, headers, asking)
        }
    }
}

/// `POST /security/links`: the answer, and the password.
pub(super) async fn link(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let Some(provider) = provider(&web, value(&fields, "number")) else {
        return asking.fault(Fault::NotFound);
    };
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let (answered, now) = (answered(&fields), (web.now)());
    let identity = match attempt(&headers) {
        Some(attempt) => {
            web.staff
                .identity(provider, &*web.fetch, &attempt, answered, origin, now)
                .await
        }
        None => Err(Refusal::TooLate.into()),
    };
    let linked = match identity {
        Ok(identity) => {
            let password = value(&fields, "password");
            web.staff
                .link_subject(&signed.who, &identity, password, origin, now)
                .await
        }
        Err(error) => Err(error),
    };
    let mut response = match linked {
        Ok(()) => {
            let (id, subject) = (signed.account.id, subject_account(signed.account.id));
            match record(&web, &asking, id, Action::ConfigurationChange, subject).await {
                Ok(()) => see_other("/security?saved=links#links"),
                Err(response) => *response,
            }
        }
        Err(error @ Error::Provider { .. }) => {
            tracing::warn!(%error, "an account could not be linked");
            let problem = Some(("links", asking.language.text("provider-unreachable")));
            account_page(&web, &asking, &Draft { problem }).await
        }
        Err(error) => match refused(&asking, "links", error) {
            Ok(problem) => {
                let problem = Some(problem);
                account_page(&web, &asking, &Draft { problem }).await
            }
            Err(response) => *response,
        },
    };
    append_cookie(
        &mut response,
        &set_cookie(PROVIDER_COOKIE, "", Some(0), true, web.is_https()),
    );
    response
}

/// `POST /security/links/remove`.
pub(super) async fn unlink(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let id = signed.account.id;
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let (password, now) = (value(&fields, "links_password"), (web.now)());
    let unlinked = match web.staff.prove_presence(&signed.who, password, origin, now).await {
        Ok(()) => web.staff.unlink(id, value(&fields, "issuer")).await,
        Err(error) => Err(error),
    };
    if let Err(error) = unlinked {
        return match refused(&asking, "links_password", error) {
            Ok(problem) => {
                let problem = Some(problem);
                account_page(&web, &asking, &Draft { problem }).await
            }
            Err(response) => *response,
        };
    }
    match record(
        &web,
        &asking,
        id,
        Action::ConfigurationChange,
        subject_account(id),
    )
    .await
    {
        Ok(()) => see_other("/security?saved=links#links"),
        Err(response) => *response,
    }
}

fn provider<'a>(web: &'a Web, number: &str) -> Option<&'a Provider> {
    let number: usize = number.parse().ok()?;
    web.providers.get(number).map(|provider| &**provider)
}

fn attempt(headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, PROVIDER_COOKIE).and_then(Secret::parse)
}

fn answered(pairs: &[(String, String)]) -> ProviderAnswer<'_> {
    let given = |key: &str| Some(value(pairs, key)).filter(|text| !text.is_empty());
    ProviderAnswer {
        state: value(pairs, "state"),
        code: given("code"),
        error: given("error"),
        issuer: given("iss"),
    }
}

fn failed(web: &Web, headers: &HeaderMap, asking: &Asking) -> Response {
    let problem = asking.language.text("provider-failed");
    problem_page(web, headers, asking, problem, StatusCode::UNPROCESSABLE_ENTITY)
}

/// The page that asks for the password before an account is linked.
fn link_sheet(asking: &Asking, signed: &Signed, provider: &Provider, number: &str) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let page = Page {
        language,
        title: &t("security-link"),
        address: "/security",
        reader: asking.reader(),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.narrow {
                h1 { (t("security-link")) }
                p { (language.text_with("security-link-about", &[("provider", host(provider.issuer()).into())])) }
                form method="post" action="/security/links" {
                    (csrf_field(&signed.reader.csrf))
                    input type="hidden" name="number" value=(number);
                    @for name in ["state", "code", "error", "iss"] {
                        @if !asking.value(name).is_empty() { input type="hidden" name=(name) value=(asking.value(name)); }
                    }
                    (password_field(asking, signed, "password", None))
                    div.actions { button.button.main.big type="submit" { (t("security-link")) } }
                }
            }
        },
    };
    answer(page.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_host() {
        for (issuer, want) in [
            ("https://accounts.example", "accounts.example"),
            ("https://id.example/realms/a", "id.example"),
            ("http://127.0.0.1:81/", "127.0.0.1:81"),
        ] {
            assert_eq!(host(issuer), want);
        }
    }
}
