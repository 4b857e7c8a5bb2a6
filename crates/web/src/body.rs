//! Bodies of forms and questions: whole within a time, or not taken.

use crate::error_page::Fault;
use crate::problem::Problem;
use crate::reader::Asking;
use crate::state::Web;
use axum::body::{self, Body, HttpBody};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;

/// How long a body may take. Whoever sends a letter at a time holds a connection so long and no longer.
const IN_TIME: Duration = Duration::from_secs(30);
/// More than any of the routes behind takes; each has its own, smaller limit.
const MOST_BYTES: usize = 2 << 20;

/// Reads the body before the handler is called.
pub(crate) async fn whole_in_time(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    // Nearly all that is asked for has none.
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let (fault, code, detail) = match tokio::time::timeout(IN_TIME, body::to_bytes(body, MOST_BYTES)).await {
        Ok(Ok(bytes)) => return next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => (Fault::TooLarge, "too_large", "the body is larger than is taken"),
        Err(_) => (
            Fault::Slow,
            "slow_body",
            "the body was not whole within 30 seconds",
        ),
    };
    if parts.uri.path().starts_with("/api/") {
        let remedy = "send it again, shorter and at once";
        return Problem::new(fault.status(), code, detail)
            .remedy(remedy)
            .into_response();
    }
    let Ok(asking) = Asking::from_request_parts(&mut parts, &web).await;
    asking.fault(fault)
}
