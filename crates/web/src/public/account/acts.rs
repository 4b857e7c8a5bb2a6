//! What people do in their account. Each form carries a token that only pages of this very session have.

use super::entry::site_for_letters;
use super::home::{Said, page, to_sign_in, to_sign_in_again, whose};
use super::{Act, Left, Outcome};
use crate::cookie_register::ACCOUNT;
use crate::error_page::Fault;
use crate::form::Field;
use crate::page::csrf_field;
use crate::public::field::{self, can_be_email};
use crate::public::frame::Frame;
use crate::public::gate::Obstacle;
use crate::reader::{Asking, Fields, pairs, set_cookie, value};
use crate::sign_in::{append_cookie, clear_cache, see_other};
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::{PasswordFault, Sealed, Secret, check_password, csrf_matches, csrf_token};
use http::HeaderMap;
use maud::html;
use policy::FieldClass;
use std::sync::Arc;

/// The fields that people change themselves. The e-mail address is changed by a letter to the new one.
pub(super) const CHANGED_HERE: [FieldClass; 6] = [
    FieldClass::Name,
    FieldClass::Company,
    FieldClass::Position,
    FieldClass::Phone,
    FieldClass::Address,
    FieldClass::BudgetRange,
];

/// The session and the fields of a form that came from one of its own pages.
fn own(asking: &Asking, headers: &HeaderMap, body: &str) -> Result<(Secret, Fields), Box<Response>> {
    let Some(cookie) = whose(headers) else {
        return Err(Box::new(to_sign_in(asking)));
    };
    let fields = pairs(body);
    if asking.is_foreign || !csrf_matches(&cookie, value(&fields, "csrf")) {
        return Err(Box::new(asking.fault(Fault::Forged)));
    }
    Ok((cookie, fields))
}

/// Carries an act out and goes back to the account, which says so; what was typed stands there again if it was not taken.
/// `field` is the one that is at fault then.
async fn carry_out(
    web: &Web,
    asking: &Asking,
    cookie: Secret,
    act: Act,
    said: &str,
    (field, typed): (&'static str, &Fields),
) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let t = |key: &str| asking.language.text(key);
    let problem = match door.act(cookie.clone(), act, (web.now)()).await {
        Ok(Outcome::Done | Outcome::Left(_)) => {
            return see_other(&asking.link(&format!("/account?done={said}")));
        }
        Ok(Outcome::SignedOut) => return to_sign_in(asking),
        Ok(Outcome::SignInAgain) => return to_sign_in_again(asking),
        Ok(Outcome::Password(fault)) => return wrong_password(web, asking, cookie, fault).await,
        Ok(Outcome::NoSuch) => return asking.fault(Fault::NotFound),
        Ok(Outcome::Address) => t("email-wrong"),
        Ok(Outcome::OnHold) => t("account-on-hold"),
        Ok(Outcome::Wait { wait_ms }) => {
            asking.refused(office::Refused::TooMany);
            Obstacle::TooMany { wait_ms }.text(asking.language)
        }
        Err(_) => return asking.fault(Fault::Broken),
    };
    let said = Said {
        fields: typed,
        problems: &[(field, problem)],
    };
    page(web, asking, cookie, Some(said)).await
}

/// What stays of the person, a sentence for each cause.
fn left(asking: &Asking, left: Left) -> Vec<String> {
    [
        (left.by_hold, "account-left-hold"),
        (left.by_law, "account-left-law"),
        (left.by_contract, "account-left-contract"),
    ]
    .into_iter()
    .filter(|(stays, _)| *stays)
    .map(|(_, key)| asking.language.text(key))
    .collect()
}

/// A sentence with the number of days that copies of keys live in backups.
fn with_days(web: &Web, asking: &Asking, key: &str) -> String {
    let days = web.public.key_days;
    asking.language.text_with(key, &[("days", days.into())])
}

async fn wrong_password(web: &Web, asking: &Asking, cookie: Secret, fault: PasswordFault) -> Response {
    let text = asking.language.text(match fault {
        PasswordFault::TooShort => "password-short",
        PasswordFault::TooLong => "password-long",
        PasswordFault::Common => "password-frequent",
        PasswordFault::ContainsName => "account-password-has-name",
    });
    let said = Said {
        fields: &Fields::new(),
        problems: &[("new-password", text)],
    };
    page(web, asking, cookie, Some(said)).await
}

/// `POST /account/fields`.
pub(crate) async fn correct(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (cookie, fields) = match own(&asking, &headers, &body) {
        Ok(own) => own,
        Err(response) => return *response,
    };
    let given = |class: FieldClass| value(&fields, class.name()).trim();
    let problems: Vec<(&str, String)> = CHANGED_HERE
        .into_iter()
        .filter_map(|class| {
            let wrong = field::problem(&web.public.agency, asking.language, class, given(class))?;
            Some((class.name(), wrong))
        })
        .collect();
    if !problems.is_empty() {
        let said = Said {
            fields: &fields,
            problems: &problems,
        };
        return page(&web, &asking, cookie, Some(said)).await;
    }
    let is_elsewhere = |key: &str| FieldClass::parse(key).is_some_and(|class| !CHANGED_HERE.contains(&class));
    if fields.iter().any(|(key, _)| is_elsewhere(key)) {
        return asking.fault(Fault::NotFound);
    }
    let changes = CHANGED_HERE
        .into_iter()
        .filter(|class| fields.iter().any(|(key, _)| key == class.name()));
    let changes = changes
        .map(|class| {
            let text = given(class);
            (class, (!text.is_empty()).then(|| Sealed::new(text.to_owned())))
        })
        .collect();
    carry_out(
        &web,
        &asking,
        cookie,
        Act::Correct(changes),
        "fields",
        ("name", &fields),
    )
    .await
}

/// `POST /account/consents`: takes one back.
pub(crate) async fn withdraw(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    match own(&asking, &headers, &body) {
        Ok((cookie, fields)) => {
            let act = Act::Withdraw(value(&fields, "id").to_owned());
            carry_out(&web, &asking, cookie, act, "withdrawn", ("", &fields)).await
        }
        Err(response) => *response,
    }
}

/// `POST /account/sessions`: ends one.
pub(crate) async fn end_session(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (cookie, fields) = match own(&asking, &headers, &body) {
        Ok(own) => own,
        Err(response) => return *response,
    };
    match value(&fields, "id").parse() {
        Ok(id) => {
            carry_out(
                &web,
                &asking,
                cookie,
                Act::EndSession(id),
                "session",
                ("", &fields),
            )
            .await
        }
        Err(_) => asking.fault(Fault::NotFound),
    }
}

/// `POST /account/password`.
pub(crate) async fn set_password(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (cookie, fields) = match own(&asking, &headers, &body) {
        Ok(own) => own,
        Err(response) => return *response,
    };
    let password = value(&fields, "new-password");
    let name = &web.public.agency.name;
    if let Err(fault) = check_password(password, &[&name.en, &name.ru]) {
        return wrong_password(&web, &asking, cookie, fault).await;
    }
    let act = Act::SetPassword(Sealed::new(password.to_owned()));
    carry_out(&web, &asking, cookie, act, "password", ("new-password", &fields)).await
}

/// `POST /account/email`: sends a letter to the new address.
pub(crate) async fn change_email(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (cookie, fields) = match own(&asking, &headers, &body) {
        Ok(own) => own,
        Err(response) => return *response,
    };
    let email = value(&fields, "new-email").trim();
    if !can_be_email(email) {
        let said = Said {
            fields: &fields,
            problems: &[("new-email", asking.language.text("email-wrong"))],
        };
        return page(&web, &asking, cookie, Some(said)).await;
    }
    let Some(site) = site_for_letters(&web, &asking) else {
        return asking.fault(Fault::Broken);
    };
    let act = Act::ChangeEmail {
        email: Sealed::new(email.to_owned()),
        language: asking.language,
        site,
    };
    carry_out(&web, &asking, cookie, act, "email", ("new-email", &fields)).await
}

/// `GET /account/delete`: says what will go, and asks.
pub(crate) async fn ask_delete(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    match whose(&headers) {
        Some(cookie) if web.public.accounts.is_some() => delete_page(&web, &asking, cookie, None).await,
        _ => to_sign_in(&asking),
    }
}

/// `POST /account/delete`.
pub(crate) async fn delete(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let (cookie, fields) = match own(&asking, &headers, &body) {
        Ok(own) => own,
        Err(response) => return *response,
    };
    let word = asking.language.text("account-delete-word");
    if value(&fields, "word").trim().to_lowercase() != word {
        let text = asking
            .language
            .text_with("account-delete-word-wrong", &[("word", word.into())]);
        return delete_page(&web, &asking, cookie, Some(&text)).await;
    }
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    match door.act(cookie, Act::Delete, (web.now)()).await {
        Ok(done @ (Outcome::Done | Outcome::Left(_))) => {
            let t = |key: &str| asking.language.text(key);
            let stays = match done {
                Outcome::Left(stays) => left(&asking, stays),
                _ => Vec::new(),
            };
            let mut response = Frame::new(&web, &asking, &t("account-deleted"))
                .unlisted()
                .render(&html! {
                    div.reading {
                        h1 { (t("account-deleted")) }
                        @for sentence in &stays { p.notice { (sentence) } }
                        p { (with_days(&web, &asking, "account-deleted-backups")) }
                        p.lead { (t("account-deleted-about")) }
                    }
                });
            forget(&web, &mut response);
            clear_cache(&mut response);
            response
        }
        Ok(Outcome::SignInAgain) => to_sign_in_again(&asking),
        Ok(_) => to_sign_in(&asking),
        Err(_) => asking.fault(Fault::Broken),
    }
}

/// `POST /account/sign-out`.
pub(crate) async fn sign_out(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let cookie = match own(&asking, &headers, &body) {
        Ok((cookie, _)) => cookie,
        Err(response) => return *response,
    };
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    if door.act(cookie, Act::SignOut, (web.now)()).await.is_err() {
        return asking.fault(Fault::Broken);
    }
    let mut response = see_other(&asking.link("/"));
    forget(&web, &mut response);
    clear_cache(&mut response);
    response
}

fn forget(web: &Web, response: &mut Response) {
    append_cookie(response, &set_cookie(ACCOUNT, "", Some(0), true, web.is_https()));
}

async fn delete_page(web: &Web, asking: &Asking, cookie: Secret, wrong: Option<&str>) -> Response {
    let stays = match &web.public.accounts {
        Some(door) => door.act(cookie.clone(), Act::AskDelete, (web.now)()).await,
        None => Ok(Outcome::Done),
    };
    let stays = match stays {
        Ok(Outcome::Left(stays)) => left(asking, stays),
        Ok(_) => Vec::new(),
        Err(_) => return asking.fault(Fault::Broken),
    };
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let word = t("account-delete-word");
    let hint = language.text_with("account-delete-hint", &[("word", word.into())]);
    let status = if wrong.is_some() {
        http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        http::StatusCode::OK
    };
    Frame::new(web, asking, &t("account-delete"))
        .unlisted()
        .status(status)
        .render(&html! {
            div.form-page {
                h1 { (t("account-delete")) }
                @for sentence in &stays { p.notice { (sentence) } }
                ul.dots.gap {
                    li { (with_days(web, asking, "account-delete-1")) }
                    li { (t("account-delete-2")) }
                    li { (t("account-delete-3")) }
                }
                p { a href=(asking.link("/privacy")) { (t("account-delete-request")) } }
                form method="post" action=(asking.link("/account/delete")) {
                    (csrf_field(&csrf_token(&cookie)))
                    (Field::new("word", &t("account-delete-confirm")).hint(&hint).wrong(wrong).markup())
                    div.actions {
                        button.button.danger.big type="submit" { (t("account-delete")) }
                        a.button.big href=(asking.link("/account")) { (t("account-keep")) }
                    }
                }
            }
        })
}
