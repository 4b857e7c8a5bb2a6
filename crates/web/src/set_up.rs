//! The page behind a one-time link: the first owner's account, or an invited one's password.

use crate::error_page::Fault;
use crate::form::{Field, summary};
use crate::language::Language;
use crate::page::Page;
use crate::pages::html as answer;
use crate::reader::{Asking, pairs, value};
use crate::security;
use crate::sign_in::{Entered, enter, see_other};
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use maud::html;
use staff::{Error, Origin, PasswordFault, Refusal, Secret, SetUp, SetUpForm, Step};
use std::sync::Arc;

/// `GET /set-up?token=…`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let Some(link) = Secret::parse(asking.value("token")) else {
        return dead_link(&asking);
    };
    match web.staff.set_up(&link, (web.now)()).await {
        Ok(SetUp::FirstOwner) => form(&asking, &link, true, "", "", &[]),
        Ok(SetUp::Account(account)) => form(&asking, &link, false, "", account.name.reveal(), &[]),
        Err(error) => failed(&asking, &error),
    }
}

/// `POST /set-up`.
pub(crate) async fn submit(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let fields = pairs(&body);
    let Some(link) = Secret::parse(value(&fields, "token")) else {
        return dead_link(&asking);
    };
    let set_up = match web.staff.set_up(&link, (web.now)()).await {
        Ok(set_up) => set_up,
        Err(error) => return failed(&asking, &error),
    };
    let is_first = matches!(set_up, SetUp::FirstOwner);
    let (login, name, password) = (
        value(&fields, "login"),
        value(&fields, "name"),
        value(&fields, "password"),
    );
    let language = match asking.language {
        Language::En => staff::Language::En,
        Language::Ru => staff::Language::Ru,
    };
    let sent = SetUpForm {
        login,
        name,
        language,
        password,
    };
    let problem = |refusal| {
        let (field, key) = fault(refusal);
        (field, asking.language.text(key))
    };
    let faults = web.staff.set_up_faults(&set_up, &sent);
    if !faults.is_empty() {
        let problems: Vec<_> = faults.into_iter().map(problem).collect();
        return form(&asking, &link, is_first, login, name, &problems);
    }
    let account = match web.staff.finish_set_up(&link, sent, (web.now)()).await {
        Ok(account) => account,
        Err(Error::Refused(refusal)) if refusal != Refusal::Link => {
            return form(&asking, &link, is_first, login, name, &[problem(refusal)]);
        }
        Err(error) => return failed(&asking, &error),
    };
    let subject = security::subject_account(account.id);
    if let Err(response) = security::record(&web, &asking, account.id, Action::PasswordChange, subject).await
    {
        return *response;
    }
    let browser = security::browser_kind(&headers);
    let origin = Origin {
        address: &asking.peer,
        browser: &browser,
    };
    web.staff.trust_network(&account, origin, (web.now)());
    match web
        .staff
        .sign_in(account.login.reveal(), password, origin, (web.now)())
        .await
    {
        Ok(Step::SignedIn(cookie, who)) => {
            let next = if who.must_enrol() {
                "/security?welcome=yes"
            } else {
                "/sites"
            };
            let entered = Entered {
                cookie: &cookie,
                who: &who,
                by: "set_up_link",
                remember: false,
            };
            enter(&web, &asking, entered, next).await
        }
        Ok(Step::SecondFactorNeeded(pending, _)) => {
            security::ask_for_second_step(&web, &pending, false, "/sites")
        }
        Err(_) => see_other("/sign-in"),
    }
}

/// The field at fault and the key of what is wrong with it.
pub(crate) fn fault(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Password(PasswordFault::TooShort) => ("password", "password-short"),
        Refusal::Password(PasswordFault::TooLong) => ("password", "password-long"),
        Refusal::Password(PasswordFault::Common) => ("password", "password-frequent"),
        Refusal::Password(PasswordFault::ContainsName) => ("password", "password-has-name"),
        Refusal::Login => ("login", "login-wrong"),
        Refusal::LoginTaken => ("login", "login-taken"),
        Refusal::Name => ("name", "name-wrong"),
        _ => ("password", "error-broken-about"),
    }
}

fn failed(asking: &Asking, error: &Error) -> Response {
    if let Error::Refused(_) = error {
        return dead_link(asking);
    }
    tracing::error!(%error, "an account could not be set up");
    asking.fault(Fault::Broken)
}

fn dead_link(asking: &Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let page = Page {
        language: asking.language,
        title: &t("set-up-dead"),
        address: "/set-up",
        reader: asking.reader(),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! { div.reading { h1 { (t("set-up-dead")) } p.lead { (t("set-up-dead-about")) } } },
    };
    let mut response = answer(page.render());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn form(
    asking: &Asking,
    link: &Secret,
    is_first: bool,
    login: &str,
    name: &str,
    problems: &[(&'static str, String)],
) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let wrong = |field: &str| {
        problems
            .iter()
            .find(|(at, _)| *at == field)
            .map(|(_, text)| text.as_str())
    };
    let all: Vec<(&str, &str)> = problems
        .iter()
        .map(|(field, text)| (*field, text.as_str()))
        .collect();
    let page = Page {
        language,
        title: &t("set-up"),
        address: &format!("/set-up?token={}", link.text()),
        reader: None,
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.narrow {
                h1 { (t("set-up")) }
                p.quiet { (t(if is_first { "set-up-first" } else { "set-up-invited" })) }
                (summary(language, &all))
                form method="post" action="/set-up" {
                    input type="hidden" name="token" value=(link.text());
                    @if is_first {
                        (Field::new("login", &t("sign-in-login")).value(login).hint(&t("login-hint")).autocomplete("username")
                            .wrong(wrong("login")).markup())
                    }
                    (Field::new("name", &t("name")).value(name).hint(&t("name-hint")).autocomplete("name").wrong(wrong("name")).markup())
                    (Field::new("password", &t("sign-in-password")).kind("password").hint(&t("password-hint"))
                        .autocomplete("new-password").wrong(wrong("password")).markup())
                    div.actions { button.button.main.big type="submit" { (t("set-up-done")) } }
                }
            }
        },
    };
    let mut response = answer(page.render());
    if !problems.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
