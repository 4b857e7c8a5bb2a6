//! Files that people take with them.

use super::home::{to_sign_in, whose};
use crate::error_page::Fault;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use std::sync::Arc;

/// `GET /account/receipts/{id}`: the signed receipt of a consent.
pub(crate) async fn receipt(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    asking: Asking,
) -> Response {
    let (Some(door), Some(cookie)) = (&web.public.accounts, whose(&headers)) else {
        return to_sign_in(&asking);
    };
    if !id
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return asking.fault(Fault::NotFound);
    }
    match door.receipt(cookie, id.clone(), (web.now)()).await {
        Ok(Some(text)) => file("application/jose", &format!("receipt-{id}.jws"), text),
        Ok(None) => asking.fault(Fault::NotFound),
        Err(_) => asking.fault(Fault::Broken),
    }
}

/// `GET /account/export.json`: all that is held.
pub(crate) async fn export(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    let (Some(door), Some(cookie)) = (&web.public.accounts, whose(&headers)) else {
        return to_sign_in(&asking);
    };
    match door.export(cookie, (web.now)()).await {
        Ok(Some(text)) => file("application/json", "my-data.json", text),
        Ok(None) => to_sign_in(&asking),
        Err(_) => asking.fault(Fault::Broken),
    }
}

fn file(media_type: &'static str, name: &str, text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
