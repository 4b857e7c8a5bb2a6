//! Files that people take with them.

use super::home::to_sign_in;
use super::session::Session;
use crate::error_page::Fault;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use std::sync::Arc;

/// `GET /account/receipts/{id}`: the receipt of a consent, `….jws` signed or `….json` to be read.
pub(crate) async fn receipt(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    asking: Asking,
) -> Response {
    match Session::by_cookie(&headers) {
        Some(session) => take_receipt(&web, &asking, session, &id).await,
        None => to_sign_in(&asking),
    }
}

/// `POST /account/receipts/{id}`: the same, where no cookie says whose it is.
pub(crate) async fn post_receipt(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    match Session::own(&asking, &headers, &body) {
        Ok((session, _)) => take_receipt(&web, &asking, session, &id).await,
        Err(response) => *response,
    }
}

async fn take_receipt(web: &Web, asking: &Asking, session: Session, name: &str) -> Response {
    let Some(door) = &web.public.accounts else {
        return to_sign_in(asking);
    };
    let (id, is_json) = match name.strip_suffix(".json") {
        Some(id) => (id, true),
        None => (name.strip_suffix(".jws").unwrap_or(name), false),
    };
    if !id
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return asking.fault(Fault::NotFound);
    }
    let (secret, now) = (session.secret, (web.now)());
    match door.receipt(secret.clone(), id.to_owned(), now).await {
        Ok(Some(text)) => match receipt_file(&format!("receipt-{id}"), text, is_json) {
            Some((kind, name, text)) => file(kind, &name, text),
            None => asking.fault(Fault::NotFound),
        },
        // Nobody's session, or none of theirs.
        Ok(None) => match door.overview(secret, now).await {
            Ok(None) => to_sign_in(asking),
            Ok(Some(_)) => asking.fault(Fault::NotFound),
            Err(_) => asking.fault(Fault::Broken),
        },
        Err(_) => asking.fault(Fault::Broken),
    }
}

/// `GET /account/export.json`: all that is held.
pub(crate) async fn export(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    match Session::by_cookie(&headers) {
        Some(session) => take_export(&web, &asking, session).await,
        None => to_sign_in(&asking),
    }
}

/// `POST /account/export.json`: the same, where no cookie says whose it is.
pub(crate) async fn post_export(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    match Session::own(&asking, &headers, &body) {
        Ok((session, _)) => take_export(&web, &asking, session).await,
        Err(response) => *response,
    }
}

async fn take_export(web: &Web, asking: &Asking, session: Session) -> Response {
    let Some(door) = &web.public.accounts else {
        return to_sign_in(asking);
    };
    match door.export(session.secret, (web.now)()).await {
        Ok(Some(text)) => file("application/json", "my-data.json", text),
        Ok(None) => to_sign_in(asking),
        Err(_) => asking.fault(Fault::Broken),
    }
}

/// A receipt as a file: signed as it is kept, or what it says, for people to read. Its kind, name and text; none if it is
/// no receipt.
pub(crate) fn receipt_file(name: &str, jws: String, is_json: bool) -> Option<(&'static str, String, String)> {
    if !is_json {
        return Some(("application/jose", format!("{name}.jws"), jws));
    }
    let payload = URL_SAFE_NO_PAD.decode(jws.split('.').nth(1)?).ok()?;
    let read: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let text = serde_json::to_string_pretty(&read).ok()?;
    Some(("application/json", format!("{name}.json"), text))
}

pub(crate) fn file(media_type: &'static str, name: &str, text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
