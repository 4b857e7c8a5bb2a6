//! The pages behind the links in letters about a consent: to confirm what was ticked, and to take it back. No cookie and
//! no sign-in is needed, since the link itself is the secret; looking at a page does nothing.

use super::account::files::{file, receipt_file};
use super::frame::Frame;
use super::wording::Wording;
use crate::error_page::Fault;
use crate::reader::{Asking, pairs, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::Secret;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use office::Standing;
use people::Error;
use std::sync::Arc;

/// `GET /consents/confirm?token=…`: the text in full, and a button.
pub(crate) async fn ask(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let Some(secret) = Secret::parse(asking.value("token")) else {
        return dead(&web, &asking, "consent-dead-confirm");
    };
    let asked = match web.office.people.consent_link(&secret, (web.now)()).await {
        Ok(asked) => asked,
        Err(error) => return instead(&web, &asking, &error.into(), "consent-dead-confirm"),
    };
    let t = |key: &str| asking.language.text(key);
    let wording = Wording::from(asked.wording);
    let main = html! {
        div.form-page {
            h1 { (t("consent-confirm")) }
            p.lead { (t("consent-confirm-about")) }
            section.sheet { h2 { (wording.title()) } (wording.markup(&asking)) }
            form method="post" action=(asking.link("/consents/confirm")) {
                input type="hidden" name="token" value=(secret.text());
                div.actions { button.button.main.big type="submit" { (t("consent-confirm-press")) } }
                p.hint { (t("consent-confirm-nothing")) }
            }
        }
    };
    private(&web, &asking, &t("consent-confirm"), &main)
}

/// `POST /consents/confirm`.
pub(crate) async fn confirm(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let Some(secret) = Secret::parse(value(&pairs(&body), "token")) else {
        return dead(&web, &asking, "consent-dead-confirm");
    };
    match web.office.confirm_consent(&secret, (web.now)()).await {
        Ok(()) => see_other(&asking.link("/consents/confirmed")),
        Err(error) => instead(&web, &asking, &error, "consent-dead-confirm"),
    }
}

/// `GET /consents/confirmed`: what came of it, without a word of whom.
pub(crate) async fn confirmed(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let title = asking.language.text("consent-confirmed");
    Frame::new(&web, &asking, &title).unlisted().render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (asking.language.text("consent-confirmed-about")) }
            p { a.button href=(asking.link("/")) { (asking.language.text("error-home")) } }
        }
    })
}

/// `GET /consents/withdraw?token=…`: what will be taken back, and a button.
pub(crate) async fn look(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    page(&web, &asking, asking.value("token"), false).await
}

/// `POST /consents/withdraw`: one press, or what a mail program sends for it (RFC 8058), which knows the address of the
/// link alone.
pub(crate) async fn withdraw(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let fields = pairs(&body);
    let token = match value(&fields, "token") {
        "" => asking.value("token"),
        token => token,
    };
    let Some(secret) = Secret::parse(token) else {
        return dead(&web, &asking, "consent-dead-withdraw");
    };
    match web.office.withdraw_by_link(&secret, (web.now)()).await {
        Ok(()) => page(&web, &asking, token, true).await,
        Err(error) => instead(&web, &asking, &error, "consent-dead-withdraw"),
    }
}

/// `POST /consents/receipt`: the newest receipt of what the link withdraws, signed or to be read.
pub(crate) async fn receipt(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let fields = pairs(&body);
    let Some(secret) = Secret::parse(value(&fields, "token")) else {
        return dead(&web, &asking, "consent-dead-withdraw");
    };
    let standing = match web.office.standing(&secret).await {
        Ok(standing) => standing,
        Err(error) => return instead(&web, &asking, &error, "consent-dead-withdraw"),
    };
    let is_json = value(&fields, "as") == "json";
    let found = standing
        .receipt
        .and_then(|text| receipt_file("receipt", text, is_json));
    found.map_or_else(
        || asking.fault(Fault::NotFound),
        |(kind, name, text)| file(kind, &name, text),
    )
}

async fn page(web: &Web, asking: &Asking, token: &str, is_done: bool) -> Response {
    let Some(secret) = Secret::parse(token) else {
        return dead(web, asking, "consent-dead-withdraw");
    };
    match web.office.standing(&secret).await {
        Ok(standing) => {
            let title = asking.language.text("consent-withdraw");
            private(web, asking, &title, &sheet(asking, &secret, standing, is_done))
        }
        Err(error) => instead(web, asking, &error, "consent-dead-withdraw"),
    }
}

fn sheet(asking: &Asking, secret: &Secret, standing: Standing, is_done: bool) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let wording = Wording::from(standing.wording);
    let token = html! { input type="hidden" name="token" value=(secret.text()); };
    html! {
        div.form-page {
            h1 { (t("consent-withdraw")) }
            @if is_done && !standing.is_given {
                div.notice.done role="status" { p { (t("consent-withdrawn")) } }
            } @else if standing.is_given {
                p.lead { (t("consent-withdraw-about")) }
            } @else {
                p.lead { (t("consent-withdraw-over")) }
            }
            section.sheet { h2 { (wording.title()) } (wording.markup(asking)) }
            @if standing.is_given {
                form method="post" action=(asking.link("/consents/withdraw")) {
                    (token)
                    div.actions { button.button.danger.big type="submit" { (t("consent-withdraw-press")) } }
                    p.hint { (t("consent-withdraw-nothing")) }
                }
            }
            @if standing.receipt.is_some() {
                form method="post" action=(asking.link("/consents/receipt")) {
                    (token)
                    p.hint { (t("receipt-about")) }
                    div.actions {
                        button.button type="submit" name="as" value="json" { (t("receipt-readable")) }
                        button.button type="submit" name="as" value="jws" { (t("receipt-signed")) }
                    }
                }
            }
        }
    }
}

/// A page that is kept nowhere.
fn private(web: &Web, asking: &Asking, title: &str, main: &Markup) -> Response {
    let mut response = Frame::new(web, asking, title).unlisted().render(main);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page of a link that does not work, or of what went wrong.
fn instead(web: &Web, asking: &Asking, error: &office::Error, why: &str) -> Response {
    match error {
        office::Error::People(
            Error::Refused(_) | Error::NotFound(_) | Error::Vault(vault::Error::NotFound(_)),
        ) => dead(web, asking, why),
        error => {
            tracing::error!(%error, "an answer about a consent could not be taken");
            asking.fault(Fault::Broken)
        }
    }
}

fn dead(web: &Web, asking: &Asking, why: &str) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("account-link-dead");
    let frame = Frame::new(web, asking, &title)
        .unlisted()
        .status(StatusCode::NOT_FOUND);
    frame.render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (t(why)) }
            p {
                a.button.main href=(asking.link("/account/sign-in")) { (t("account-sign-in")) }
                " " a.button href=(asking.link("/privacy")) { (t("rights-title")) }
            }
        }
    })
}
