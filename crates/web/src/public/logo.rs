//! The agency's logo.

use crate::state::Web;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use std::sync::Arc;

/// `GET /logo.svg`.
pub(crate) async fn serve(State(web): State<Arc<Web>>) -> Response {
    let Some(logo) = web.public.agency.logo.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, logo).into_response()
}
