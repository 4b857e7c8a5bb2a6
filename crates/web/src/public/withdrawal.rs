//! The page behind the link in a letter: one press takes a consent back, without an account and without a cookie.

use super::frame::Frame;
use crate::error_page::Fault;
use crate::reader::{Asking, pairs, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::{Action, Actor};
use axum::extract::State;
use axum::response::Response;
use credentials::Secret;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use maud::html;
use policy::Purpose;
use std::sync::Arc;

/// `GET /consents/withdraw?token=…`. Looking changes nothing: programs look at links before people do.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let Some(secret) = Secret::parse(asking.value("token")) else {
        return dead(&web, &asking);
    };
    let purpose = match web.office.people.withdraw_link(&secret).await {
        Ok(purpose) => purpose,
        Err(error) => return instead(&web, &asking, &error),
    };
    let t = |key: &str| asking.language.text(key);
    let title = t("withdrawal-title");
    let mut response = Frame::new(&web, &asking, &title).unlisted().render(&html! {
        div.form-page {
            h1 { (title) }
            p.lead { (t("withdrawal-about")) " " strong { (t(&purpose_key(purpose))) } "." }
            form method="post" action=(asking.link("/consents/withdraw")) {
                input type="hidden" name="token" value=(secret.text());
                div.actions { button.button.main.big type="submit" { (t("account-withdraw")) } }
                p.hint { (t("withdrawal-hint")) }
            }
        }
    });
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `POST /consents/withdraw`: the button, or a mail program's one-click request, which names the token in the address.
pub(crate) async fn submit(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let token = [value(&fields, "token"), asking.value("token")]
        .into_iter()
        .find_map(Secret::parse);
    let Some(secret) = token else {
        return dead(&web, &asking);
    };
    let (office, now) = (&web.office, (web.now)());
    let (person, recorded) = match office.people.withdraw_by_link(&secret, now).await {
        Ok(withdrawn) => withdrawn,
        Err(error) => return instead(&web, &asking, &error),
    };
    // Without a receipt nothing changed: it was pressed before.
    if recorded.receipt.is_some() {
        let noted = office
            .record_of(Actor::Person(person), Action::ConsentWithdrawn, person, 1, now)
            .await;
        if let Err(error) = noted {
            tracing::error!(%error, "a consent was taken back and could not be recorded");
            return asking.fault(Fault::Broken);
        }
    }
    see_other(&asking.link("/consents/withdrawn"))
}

/// `GET /consents/withdrawn`.
pub(crate) async fn done(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("withdrawal-done");
    Frame::new(&web, &asking, &title).unlisted().render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (t("account-done-withdrawn")) }
            p { a.button href=(asking.link("/")) { (t("error-home")) } }
        }
    })
}

fn purpose_key(purpose: Purpose) -> String {
    format!("work-{}", purpose.name().replace('_', "-"))
}

fn instead(web: &Web, asking: &Asking, error: &people::Error) -> Response {
    match error {
        people::Error::Refused(_) | people::Error::NotFound(_) => dead(web, asking),
        error => {
            tracing::error!(%error, "a consent could not be taken back");
            asking.fault(Fault::Broken)
        }
    }
}

fn dead(web: &Web, asking: &Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("withdrawal-dead");
    let frame = Frame::new(web, asking, &title)
        .unlisted()
        .status(StatusCode::NOT_FOUND);
    frame.render(&html! {
        div.reading {
            h1 { (title) }
            p.lead { (t("withdrawal-dead-about")) }
            p { a.button href=(asking.link("/privacy")) { (t("rights-title")) } }
        }
    })
}
