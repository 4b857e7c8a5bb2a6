//! Ending one's own sign-ins.

use super::account::{Draft, broken, page, refused};
use super::{record, subject_account};
use crate::error_page::Fault;
use crate::reader::{Asking, Fields, Signed, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use staff::{Error, Origin};
use std::sync::Arc;

/// The field for the password.
pub(super) const PASSWORD: &str = "sign_ins_password";

/// `POST /security/sign-ins/end`: one of them.
pub(super) async fn end(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let Ok(sign_in) = value(&fields, "sign_in").parse() else {
        return asking.fault(Fault::NotFound);
    };
    let id = signed.account.id;
    if let Err(response) = prove(&web, &asking, signed, &fields).await {
        return *response;
    }
    match web.staff.end_sign_in(id, sign_in).await {
        Ok(()) => {}
        Err(Error::NotFound(_)) => return asking.fault(Fault::NotFound),
        Err(error) => return broken(&asking, &error),
    }
    match record(&web, &asking, id, Action::SignOut, subject_account(id)).await {
        Ok(()) => see_other("/security?saved=sign-ins#sign-ins"),
        Err(response) => *response,
    }
}

/// Whoever found a browser that is signed in must not shut its owner out elsewhere: it takes the password.
async fn prove(web: &Web, asking: &Asking, signed: &Signed, fields: &Fields) -> Result<(), Box<Response>> {
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let password = value(fields, PASSWORD);
    let proof = web
        .staff
        .prove_presence(&signed.who, password, origin, (web.now)())
        .await;
    let Err(error) = proof else { return Ok(()) };
    let problem = Some(refused(asking, PASSWORD, error)?);
    Err(Box::new(page(web, asking, &Draft { problem }).await))
}

/// `POST /security/sign-ins/end-others`: all but this one.
pub(super) async fn end_others(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let id = signed.account.id;
    if let Err(response) = prove(&web, &asking, signed, &fields).await {
        return *response;
    }
    if let Err(error) = web.staff.end_all_sign_ins(id, Some(signed.sign_in)).await {
        return broken(&asking, &error);
    }
    match record(&web, &asking, id, Action::SignOut, subject_account(id)).await {
        Ok(()) => see_other("/security?saved=sign-ins#sign-ins"),
        Err(response) => *response,
    }
}
