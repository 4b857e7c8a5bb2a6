//! One's own account: second factor, password, sign-ins, links to providers.

use super::provider::host;
use super::{sign_ins, time};
use crate::error_page::Fault;
use crate::form::{Field, summary};
use crate::page::{Page, csrf_field};
use crate::pages::html as answer;
use crate::reader::{Asking, Signed};
use crate::sign_in::wait;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::HashingFault;
use http::StatusCode;
use maud::{Markup, html};
use staff::{Error, Refusal, Right, SignIn};
use std::sync::Arc;
use vocabulary::Moment;

/// What goes into the page besides what is stored.
#[derive(Default)]
pub(super) struct Draft {
    /// The field at fault and what is wrong with it.
    pub(super) problem: Option<(&'static str, String)>,
}

/// What is stored.
struct Held {
    codes_left: u32,
    sign_ins: Vec<SignIn>,
    links: Vec<(String, Moment)>,
}

/// `GET /security`.
pub(super) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    page(&web, &asking, &Draft::default()).await
}

/// The page.
pub(super) async fn page(web: &Web, asking: &Asking, draft: &Draft) -> Response {
    let signed = match asking.enrolling() {
        Ok(signed) => signed,
        Err(response) => return *response,
    };
    let held = match held(web, signed).await {
        Ok(held) => held,
        Err(error) => return broken(asking, &error),
    };
    let mut response = answer(sheet(web, asking, signed, &held, draft));
    if draft.problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn held(web: &Web, signed: &Signed) -> Result<Held, Error> {
    let id = signed.account.id;
    Ok(Held {
        codes_left: web.staff.recovery_codes_left(id).await?,
        sign_ins: web.staff.sign_ins(id, (web.now)()).await?,
        links: web.staff.links(id).await?,
    })
}

/// What is wrong, beside the field of the password or at the top, or the page that says that something broke.
pub(super) fn refused(
    asking: &Asking,
    field: &'static str,
    error: Error,
) -> Result<(&'static str, String), Box<Response>> {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let refusal = match error {
        Error::Refused(refusal) => refusal,
        Error::Hashing(HashingFault::Busy) => Refusal::TooManyAttempts { wait_ms: 2_000 },
        Error::NotFound(_) => return Err(Box::new(asking.fault(Fault::NotFound))),
        error => return Err(Box::new(broken(asking, &error))),
    };
    if matches!(
        refusal,
        Refusal::TooManyAttempts { .. } | Refusal::TooManyGuesses { .. }
    ) {
        asking.refused(office::Refused::TooMany);
    }
    Ok(match refusal {
        Refusal::WrongCredentials => (field, t("security-password-wrong")),
        Refusal::TooManyAttempts { wait_ms } => (field, wait(language, "sign-in-wait", wait_ms)),
        Refusal::TooManyGuesses { wait_ms } => (field, wait(language, "sign-in-guesses", wait_ms)),
        Refusal::SecondFactorNeeded => ("second-factor", t("security-needs-factor")),
        Refusal::StaleSignIn => ("second-factor", t("security-stale")),
        Refusal::TooLate => ("second-factor", t("security-app-late")),
        Refusal::Linked => ("links", t("security-linked-already")),
        Refusal::Provider(_) | Refusal::NotInvited => ("links", t("provider-failed")),
        refusal => return Err(Box::new(broken(asking, &Error::Refused(refusal)))),
    })
}

/// Logs what broke and says that something did.
pub(super) fn broken(asking: &Asking, error: &Error) -> Response {
    tracing::error!(%error, "an account of staff could not be read or changed");
    asking.fault(Fault::Broken)
}

fn sheet(web: &Web, asking: &Asking, signed: &Signed, held: &Held, draft: &Draft) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let account = &signed.account;
    let problems: Vec<(&str, &str)> = draft
        .problem
        .iter()
        .map(|(field, text)| (*field, text.as_str()))
        .collect();
    let saved = match asking.value("saved") {
        "password" => Some("security-saved-password"),
        "" => None,
        _ => Some("saved"),
    };
    Page {
        language,
        title: &t("security"),
        address: "/security",
        reader: asking.reader(),
        top: html! {},
        bar: html! {},
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.wide {
                div.settings {
                    div {
                        h1 { (t("security")) }
                        p.quiet { (account.name.reveal()) " · " (account.login.reveal()) " · " (t(&role_key(account.role))) }
                        @if signed.may(Right::ManageStaff) { p { a href="/console/staff" { (t("team")) } } }
                    }
                    (summary(language, &problems))
                    @if problems.is_empty() {
                        @if let Some(key) = saved { p.notice.done role="status" { (t(key)) } }
                        @if asking.value("used") == "recovery-code" { p.notice role="status" { (t("security-code-used")) } }
                        @if signed.must_enrol() {
                            @if asking.value("welcome") == "yes" { p.notice.done role="status" { (t("security-welcome")) } }
                            @else { p.notice role="status" { (t("security-factor-first")) } }
                        }
                    }
                    (second_factor(asking, signed, held, draft))
                    @if account.is_set_up { (password(asking, signed, draft)) }
                    (sign_ins(asking, signed, held, draft))
                    @if !web.providers.is_empty() || !held.links.is_empty() { (links(web, asking, signed, held, draft)) }
                }
            }
        },
    }
    .render()
}

/// The key of a role's name.
pub(super) fn role_key(role: staff::Role) -> String {
    format!("security-role-{}", role.name().replace('_', "-"))
}

/// A field for the password, of those who have one.
pub(super) fn password_field(asking: &Asking, signed: &Signed, name: &str, wrong: Option<&str>) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        @if signed.account.is_set_up {
            (Field::new(name, &t("security-password-now")).kind("password").autocomplete("current-password").wrong(wrong).markup())
        }
    }
}

fn wrong<'a>(draft: &'a Draft, field: &str) -> Option<&'a str> {
    let (at, text) = draft.problem.as_ref()?;
    (*at == field).then_some(text.as_str())
}

fn second_factor(asking: &Asking, signed: &Signed, held: &Held, draft: &Draft) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let csrf = csrf_field(&signed.reader.csrf);
    let enrol = |label: &str| {
        html! {
            form method="post" action="/security/second-factor" {
                (csrf)
                (password_field(asking, signed, "app_password", wrong(draft, "app_password")))
                div.actions { button.button.main type="submit" { (label) } }
            }
        }
    };
    let few = held.codes_left <= 3;
    html! {
        section.sheet #second-factor aria-labelledby="h-second-factor" {
            h2 id="h-second-factor" { (t("security-factor")) }
            @if signed.account.second_factor {
                p { (t("security-factor-on")) }
                p class={ "notice" @if !few { " done" } } {
                    (language.text_with("security-codes-left", &[("count", held.codes_left.into())]))
                }
                details open[few || wrong(draft, "codes_password").is_some()] {
                    summary { (t("security-codes-renew")) }
                    p.hint { (t("security-codes-renew-about")) }
                    form method="post" action="/security/recovery-codes" {
                        (csrf)
                        (password_field(asking, signed, "codes_password", wrong(draft, "codes_password")))
                        div.actions { button.button type="submit" { (t("security-codes-renew")) } }
                    }
                }
                details open[wrong(draft, "app_password").is_some()] {
                    summary { (t("security-app-replace")) }
                    p.hint { (t("security-app-replace-about")) }
                    (enrol(&t("security-app-replace")))
                }
            } @else {
                p { (t("security-factor-off")) }
                @if signed.account.role.needs_second_factor() { p.hint { (t("security-factor-role")) } }
                (enrol(&t("security-factor-begin")))
                @if signed.must_enrol() && signed.may_put_off {
                    p.later { a href="/sites" { (t("security-factor-later")) } " " span.hint { (t("security-factor-later-about")) } }
                }
            }
        }
    }
}

fn password(asking: &Asking, signed: &Signed, draft: &Draft) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        section.sheet #password aria-labelledby="h-password" {
            h2 id="h-password" { (t("sign-in-password")) }
            p { (t("security-password-about")) }
            form method="post" action="/security/password" {
                (csrf_field(&signed.reader.csrf))
                (Field::new("old", &t("security-password-now")).kind("password").autocomplete("current-password")
                    .wrong(wrong(draft, "old")).markup())
                (Field::new("new", &t("security-password-new")).kind("password").hint(&t("password-hint"))
                    .autocomplete("new-password").wrong(wrong(draft, "new")).markup())
                div.actions { button.button.main type="submit" { (t("security-password-change")) } }
            }
        }
    }
}

fn sign_ins(asking: &Asking, signed: &Signed, held: &Held, draft: &Draft) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    html! {
        section.sheet #sign-ins aria-labelledby="h-sign-ins" {
            h2 id="h-sign-ins" { (t("security-sign-ins")) }
            p { (t("security-sign-ins-about")) }
            form method="post" action="/security/sign-ins/end" {
            (csrf_field(&signed.reader.csrf))
            @if held.sign_ins.len() > 1 {
                (password_field(asking, signed, sign_ins::PASSWORD, wrong(draft, sign_ins::PASSWORD)))
            }
            ul.lines { @for sign_in in held.sign_ins.iter().rev() {
                @let browser = if sign_in.browser.is_empty() { t("security-browser-unknown") } else { sign_in.browser.clone() };
                li {
                    span {
                        b { (browser) }
                        @if sign_in.second_factor { " · " (t("security-with-factor")) }
                        br;
                        span.quiet.small {
                            (language.text_with("security-since", &[("time", time(language, sign_in.created).into())])) " · "
                            (language.text_with("security-seen", &[("time", time(language, sign_in.seen).into())]))
                        }
                    }
                    @if sign_in.id == signed.sign_in {
                        span.quiet { (t("security-this-one")) }
                    } @else {
                        button.button.danger type="submit" name="sign_in" value=(sign_in.id) {
                            (t("security-end")) span.only-heard { " " (browser) }
                        }
                    }
                }
            } }
            @if held.sign_ins.len() > 1 {
                div.actions {
                    button.button.danger type="submit" formaction="/security/sign-ins/end-others" { (t("security-end-others")) }
                }
            }
            }
        }
    }
}

fn links(web: &Web, asking: &Asking, signed: &Signed, held: &Held, draft: &Draft) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let is_linked = |issuer: &str| held.links.iter().any(|(linked, _)| linked == issuer);
    html! {
        section.sheet #links aria-labelledby="h-links" {
            h2 id="h-links" { (t("security-links")) }
            p { (t("security-links-about")) }
            @if !held.links.is_empty() {
                form id="unlink" method="post" action="/security/links/remove" {
                    (csrf_field(&signed.reader.csrf))
                    (password_field(asking, signed, "links_password", wrong(draft, "links_password")))
                }
            }
            ul.lines {
                @for (issuer, since) in &held.links {
                    li {
                        span {
                            b { (host(issuer)) } " "
                            span.quiet.small { (language.text_with("security-since", &[("time", time(language, *since).into())])) }
                        }
                        button.button.danger type="submit" form="unlink" name="issuer" value=(issuer) {
                            (t("remove")) span.only-heard { " " (host(issuer)) }
                        }
                    }
                }
                @for (number, provider) in web.providers.iter().enumerate().filter(|(_, p)| !is_linked(p.issuer())) {
                    li {
                        b { (host(provider.issuer())) }
                        form.bare method="post" action={ "/sign-in/provider/" (number) } {
                            (csrf_field(&signed.reader.csrf))
                            button.button type="submit" { (t("security-link")) span.only-heard { " " (host(provider.issuer())) } }
                        }
                    }
                }
            }
        }
    }
}
