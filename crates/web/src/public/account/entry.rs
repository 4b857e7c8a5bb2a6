//! Signing in to one's own account: by a letter with a link, or by a password.

use super::home::{Shown, page as account};
use super::session::Session;
use super::{Act, Entered, LinkRequest, LinkUse, Stay};
use crate::cookie_register::{ACCOUNT, ACCOUNT_S};
use crate::error_page::Fault;
use crate::form::Field;
use crate::public::enquiry::NotTaken;
use crate::public::field::can_be_email;
use crate::public::frame::Frame;
use crate::public::gate::{Gate, Obstacle};
use crate::public::wording::Wording;
use crate::reader::{Asking, Fields, pairs, set_cookie, value};
use crate::sign_in::{append_cookie, see_other, wait};
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::{Sealed, Secret};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use std::sync::Arc;

/// What the page shows again: of which form, and what is wrong.
#[derive(Clone, Copy)]
enum Trouble<'a> {
    Letter(&'a str),
    Password(&'a str),
}

/// `GET /account/sign-in`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    page(&web, &asking, &Fields::new(), None, StatusCode::OK)
}

/// `POST /account/letter`: sends a link. The answer is the same for every address.
pub(crate) async fn send_link(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let email = value(&fields, "email").trim();
    if !can_be_email(email) {
        let text = asking.language.text("email-wrong");
        let trouble = Trouble::Letter(&text);
        return page(
            &web,
            &asking,
            &fields,
            Some(trouble),
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let terms = door.terms(asking.language);
    let stopped = |obstacle: Obstacle| {
        let text = obstacle.text(asking.language);
        page(
            &web,
            &asking,
            &fields,
            Some(Trouble::Letter(&text)),
            obstacle.status(),
        )
    };
    let token = match letter_gate(&asking, terms.as_ref()).pass(&web, &asking, &fields) {
        Ok(token) => token,
        Err(obstacle) => return stopped(obstacle),
    };
    let Some(site) = site_for_letters(&web, &asking) else {
        return stopped(Obstacle::Closed);
    };
    if web.public.sent.begin(&body).is_ok() {
        let request = LinkRequest {
            email: Sealed::new(email.to_owned()),
            language: asking.language,
            site,
            shown: terms.as_ref().map(Wording::shown),
            form_sha256: token.form_sha256,
            network: asking.peer.clone(),
            at: (web.now)(),
        };
        let taken = door.send_link(request).await;
        web.public.sent.end(&body, taken.ok().map(|()| ""));
        if taken.is_err() {
            return stopped(Obstacle::Closed);
        }
    }
    see_other(&asking.link("/account/letter/sent"))
}

/// `GET /account/letter/sent`.
pub(crate) async fn letter_sent(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    Frame::new(&web, &asking, &t("account-letter-sent"))
        .unlisted()
        .render(&html! {
            div.reading {
                h1 { (t("account-letter-sent")) }
                p.lead { (t("account-letter-sent-about")) }
                p { (t("account-letter-none")) }
                p { a.button href=(asking.link("/account/sign-in")) { (t("account-back")) } }
            }
        })
}

/// `GET /account/link?token=…`: says what the link does and asks for a press of a button, since programs open links in
/// letters before people do.
pub(crate) async fn link(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let (Some(link), Some(door)) = (Secret::parse(asking.value("token")), &web.public.accounts) else {
        return dead_link(&web, &asking);
    };
    let key = match door.look_at_link(link.clone(), (web.now)()).await {
        Ok(Some(LinkUse::SignIn)) => "account-link",
        Ok(Some(LinkUse::Move)) => "account-move",
        Ok(None) => return dead_link(&web, &asking),
        Err(NotTaken) => return asking.fault(Fault::Broken),
    };
    let title = t(key);
    Frame::new(&web, &asking, &title).unlisted().render(&html! {
        div.form-page {
            h1 { (title) }
            p.lead { (t(&format!("{key}-about"))) }
            @if key == "account-move" { p { (t("account-move-unasked")) } }
            form method="post" action=(asking.link("/account/link")) {
                input type="hidden" name="token" value=(link.text());
                (remember(&asking, "remember"))
                p.hint { (t("account-cookie-about")) }
                div.actions {
                    button.button.main.big type="submit" { (t(&format!("{key}-press"))) }
                    (without_cookie(&asking))
                }
            }
        }
    })
}

/// `POST /account/link`.
pub(crate) async fn open_link(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let Some(link) = Secret::parse(value(&fields, "token")) else {
        return dead_link(&web, &asking);
    };
    let stay = stay(&asking, &fields);
    match door.open_link(link, stay, asking.peer.clone(), (web.now)()).await {
        Ok(Some(cookie)) => signed_in(&web, &asking, &headers, cookie, stay).await,
        Ok(None) => dead_link(&web, &asking),
        Err(NotTaken) => asking.fault(Fault::Broken),
    }
}

/// `POST /account/sign-in`.
pub(crate) async fn with_password(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    if asking.is_foreign {
        return asking.fault(Fault::Forged);
    }
    let fields = pairs(&body);
    let again =
        |text: &str, status: StatusCode| page(&web, &asking, &fields, Some(Trouble::Password(text)), status);
    if let Err(obstacle) = password_gate(&asking).pass(&web, &asking, &fields) {
        return again(&obstacle.text(asking.language), obstacle.status());
    }
    let (email, password) = (value(&fields, "login").trim(), value(&fields, "password"));
    let stay = stay(&asking, &fields);
    let (email, password) = (Sealed::new(email.to_owned()), Sealed::new(password.to_owned()));
    let (network, now) = (asking.peer.clone(), (web.now)());
    match door.sign_in(email, password, stay, network, now).await {
        Ok(Entered::In(cookie)) => {
            password_gate(&asking).forgive(&web, &asking);
            signed_in(&web, &asking, &headers, cookie, stay).await
        }
        Ok(Entered::Wrong) => again(
            &asking.language.text("account-wrong"),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        Ok(Entered::Wait { wait_ms }) => {
            let text = wait(asking.language, "sign-in-wait", wait_ms);
            again(&text, StatusCode::TOO_MANY_REQUESTS)
        }
        Ok(Entered::TakeLink { wait_ms }) => {
            let text = wait(asking.language, "account-guesses", wait_ms);
            again(&text, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(NotTaken) => again(&Obstacle::Closed.text(asking.language), Obstacle::Closed.status()),
    }
}

/// The address that links in letters begin with: the configured one. Without it only a server that is asked on its own
/// machine knows its address; what a request from elsewhere says of it could lead a person's link astray.
pub(crate) fn site_for_letters(web: &Web, asking: &Asking) -> Option<String> {
    let host = asking.server.trim_start_matches("http://");
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let is_own = ["localhost", "127.0.0.1", "[::1]"].contains(&name.map_or(host, |(name, _)| name));
    if web.address.is_none() && !is_own {
        tracing::error!("no letter with a link can be sent: `address` is not set in anturazh.toml");
        return None;
    }
    Some(asking.server.clone())
}

/// How long a sign-in is to last: without a cookie if asked for, remembered if asked for and not refused by the browser.
fn stay(asking: &Asking, fields: &Fields) -> Stay {
    if value(fields, "cookie") == "no" {
        Stay::Page
    } else if value(fields, "remember") == "yes" && !asking.gpc {
        Stay::Remembered
    } else {
        Stay::Browser
    }
}

/// The account at once, where no cookie is to be kept; else the cookie, and the way to the account. A sign-in that this
/// browser had until now ends.
async fn signed_in(web: &Web, asking: &Asking, headers: &HeaderMap, cookie: Secret, stay: Stay) -> Response {
    if stay == Stay::Page {
        return account(web, asking, Session::in_forms(cookie), Shown::plain()).await;
    }
    if let (Some(earlier), Some(door)) = (Session::by_cookie(headers), &web.public.accounts)
        && door.act(earlier.secret, Act::SignOut, (web.now)()).await.is_err()
    {
        return asking.fault(Fault::Broken);
    }
    let mut response = see_other(&asking.link("/account?entered=yes"));
    let lasting = (stay == Stay::Remembered).then_some(ACCOUNT_S);
    append_cookie(
        &mut response,
        &set_cookie(ACCOUNT, &cookie.text(), lasting, true, web.is_https()),
    );
    response
}

/// The other button of a form that signs in.
fn without_cookie(asking: &Asking) -> Markup {
    html! { button.button.big type="submit" name="cookie" value="no" { (asking.language.text("account-without-cookie")) } }
}

fn dead_link(web: &Web, asking: &Asking) -> Response {
    let t = |key: &str| asking.language.text(key);
    let title = t("account-link-dead");
    let frame = Frame::new(web, asking, &title).unlisted();
    frame.status(StatusCode::NOT_FOUND).render(&html! {
        div.reading {
            h1 { (t("account-link-dead")) }
            p.lead { (t("account-link-dead-about")) }
            p { a.button.main href=(asking.link("/account/sign-in")) { (t("account-letter")) } }
        }
    })
}

fn remember(asking: &Asking, id: &str) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        @if asking.gpc { p.hint { (t("account-remember-gpc")) } }
        @else {
            div.field { label.switch for=(id) {
                input type="checkbox" id=(id) name="remember" value="yes";
                span { (t("account-remember")) small { (t("account-remember-about")) } }
            } }
        }
    }
}

fn letter_gate(asking: &Asking, terms: Option<&Wording>) -> Gate {
    Gate::new("account-letter", &letter(asking, terms, "", None, &html! {}))
}

fn password_gate(asking: &Asking) -> Gate {
    Gate::for_guesses("account-password", &password(asking, "", None, &html! {}))
}

fn page(
    web: &Web,
    asking: &Asking,
    fields: &Fields,
    trouble: Option<Trouble<'_>>,
    status: StatusCode,
) -> Response {
    let t = |key: &str| asking.language.text(key);
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let terms = door.terms(asking.language);
    let now = (web.now)();
    let hidden = |gate: Gate| {
        let before = gate.token(web, fields);
        gate.fields(&web.public, asking.language, before, now)
    };
    let (letter_trouble, password_trouble) = match trouble {
        Some(Trouble::Letter(text)) => (Some(text), None),
        Some(Trouble::Password(text)) => (None, Some(text)),
        None => (None, None),
    };
    let (Some(for_letter), Some(for_password)) = (
        hidden(letter_gate(asking, terms.as_ref())),
        hidden(password_gate(asking)),
    ) else {
        return asking.fault(Fault::Broken);
    };
    Frame::new(web, asking, &t("account-sign-in"))
        .unlisted()
        .status(status)
        .render(&html! {
            div.form-page {
                h1 { (t("account-sign-in")) }
                @if asking.value("again") == "yes" {
                    div.notice role="status" { p { (t("account-again")) } }
                } @else if asking.value("cookie") == "no" {
                    div.notice.error role="alert" { p { (t("account-cookie-refused")) } }
                } @else { p.lead { (t("account-lead")) } }
                @if let Some(text) = letter_trouble.or(password_trouble) {
                    div.notice.error role="alert" { p { (text) } }
                }
                section aria-labelledby="by-letter" {
                    h2 #by-letter { (t("account-letter")) }
                    p { (t(if terms.is_some() { "account-letter-about" } else { "account-letter-known" })) }
                    (letter(asking, terms.as_ref(), value(fields, "email"), letter_trouble, &for_letter))
                }
                section aria-labelledby="by-password" {
                    h2 #by-password { (t("account-by-password")) }
                    (password(asking, value(fields, "login"), password_trouble, &for_password))
                }
            }
        })
}

fn letter(
    asking: &Asking,
    terms: Option<&Wording>,
    email: &str,
    wrong: Option<&str>,
    hidden: &Markup,
) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        form method="post" action=(asking.link("/account/letter")) {
            (hidden)
            (Field::new("email", &t("field-email")).kind("email").autocomplete("email").value(email).wrong(wrong).markup())
            @if let Some(terms) = terms { details.terms { summary { (terms.title()) } (terms.markup(asking)) } }
            div.actions { button.button.main.big type="submit" { (t("account-send-letter")) } }
        }
    }
}

fn password(asking: &Asking, login: &str, wrong: Option<&str>, hidden: &Markup) -> Markup {
    let t = |key: &str| asking.language.text(key);
    html! {
        form method="post" action=(asking.link("/account/sign-in")) {
            (hidden)
            (Field::new("login", &t("field-email")).kind("email").autocomplete("username").value(login).wrong(wrong).markup())
            (Field::new("password", &t("sign-in-password")).kind("password").autocomplete("current-password").markup())
            (remember(asking, "remember"))
            div.actions { button.button.big type="submit" { (t("sign-in")) } (without_cookie(asking)) }
        }
    }
}
