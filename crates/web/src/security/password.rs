//! Changing one's password.

use super::account::{Draft, page, refused};
use super::{record, subject_account};
use crate::cookie_register::SIGN_IN_COOKIE;
use crate::reader::{Asking, set_cookie, value};
use crate::set_up;
use crate::sign_in::{append_cookie, see_other};
use crate::state::Web;
use audit::Action;
use axum::extract::State;
use axum::response::Response;
use staff::{Error, Origin, Refusal};
use std::sync::Arc;

/// `POST /security/password`.
pub(super) async fn change(State(web): State<Arc<Web>>, asking: Asking, body: String) -> Response {
    let (signed, fields) = match asking.enrolling_form(&body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let origin = Origin {
        address: &asking.peer,
        browser: "",
    };
    let (old, new) = (value(&fields, "old"), value(&fields, "new"));
    let changed = web
        .staff
        .change_password(&signed.who, old, new, origin, (web.now)())
        .await;
    let cookie = match changed {
        Ok(cookie) => cookie,
        Err(Error::Refused(refusal @ Refusal::Password(_))) => {
            let problem = ("new", asking.language.text(set_up::fault(refusal).1));
            return page(
                &web,
                &asking,
                &Draft {
                    problem: Some(problem),
                },
            )
            .await;
        }
        Err(error) => match refused(&asking, "old", error) {
            Ok(problem) => {
                return page(
                    &web,
                    &asking,
                    &Draft {
                        problem: Some(problem),
                    },
                )
                .await;
            }
            Err(response) => return *response,
        },
    };
    let id = signed.account.id;
    if let Err(response) = record(&web, &asking, id, Action::PasswordChange, subject_account(id)).await {
        return *response;
    }
    let mut response = see_other("/security?saved=password");
    let line = set_cookie(SIGN_IN_COOKIE, &cookie.text(), None, true, web.is_https());
    append_cookie(&mut response, &line);
    response
}
