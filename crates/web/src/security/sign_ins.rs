//! Ending one's own sign-ins.

use super::account::broken;
use super::{record, subject_account};
use crate::error_page::Fault;
use crate::reader::{Asking, value};
use crate::sign_in::see_other;
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use staff::Error;
use std::sync::Arc;

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

/// `POST /security/sign-ins/end-others`: all but this one.
pub(super) async fn end_others(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, _) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let id = signed.account.id;
    if let Err(error) = web.staff.end_all_sign_ins(id, Some(signed.sign_in)).await {
        return broken(&asking, &error);
    }
    match record(&web, &asking, id, Action::SignOut, subject_account(id)).await {
        Ok(()) => see_other("/security?saved=sign-ins#sign-ins"),
        Err(response) => *response,
    }
}
