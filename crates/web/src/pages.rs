//! Routes of what people see.

use crate::cookie_register::SETTINGS_S;
use crate::error_page::Fault;
use crate::language::{COOKIE_NAME, Language, cookie};
use crate::reader::{Asking, pairs, sends_gpc, set_cookie, value};
use crate::state::Web;
use crate::{asset, console, dashboard, home, public, rows, security, set_up, settings, sign_in};
use axum::Router;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use maud::Markup;
use std::sync::Arc;

/// Every page, and what pages load. Needs the headers that `server` adds.
pub(crate) fn routes(web: &Arc<Web>) -> Router<Arc<Web>> {
    Router::new()
        .route("/sites", get(home::sites))
        .route("/sites/{domain}", get(dashboard::serve::show))
        .route("/sites/{domain}/live", get(dashboard::serve::live))
        .route("/sites/{domain}/rows", get(rows::show))
        .route("/sites/{domain}/rows.csv", get(rows::csv))
        .route("/sites/{domain}/settings", get(settings::show))
        .route("/sites/{domain}/settings/collection", post(settings::collection))
        .route("/sites/{domain}/settings/scrub", post(settings::scrub))
        .route("/sites/{domain}/settings/goals", post(settings::add_goal))
        .route(
            "/sites/{domain}/settings/goals/remove",
            post(settings::remove_goal),
        )
        .route("/sites/{domain}/settings/annotations", post(settings::annotate))
        .route(
            "/sites/{domain}/settings/annotations/remove",
            post(settings::remove_annotation),
        )
        .route("/sites/{domain}/settings/own", post(settings::own))
        .route("/sites/{domain}/settings/tokens", post(settings::create_token))
        .route(
            "/sites/{domain}/settings/tokens/revoke",
            post(settings::revoke_token),
        )
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/set-up", get(set_up::show).post(set_up::submit))
        .merge(security::routes())
        .merge(console::routes())
        .fallback(not_found)
        .layer(middleware::from_fn(remember_language))
        .merge(public::routes())
        .layer(middleware::from_fn_with_state(Arc::clone(web), too_large))
        .route("/assets/{name}", get(asset::serve))
}

/// A page as an answer: of one reader, and kept nowhere, so that nobody who uses the browser later reads it from there.
pub(crate) fn html(markup: Markup) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (VARY, "cookie, accept-language")];
    (headers, Html(markup.into_string())).into_response()
}

async fn not_found(asking: Asking, State(_): State<Arc<Web>>) -> Response {
    asking.fault(Fault::NotFound)
}

/// A form that is larger than is taken is answered by a page, as everything else is.
async fn too_large(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    if request.method() != http::Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let before = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() != http::StatusCode::PAYLOAD_TOO_LARGE {
        return response;
    }
    parts = before;
    match Asking::from_request_parts(&mut parts, &web).await {
        Ok(asking) => asking.fault(Fault::TooLarge),
        Err(_) => response,
    }
}

/// Remembers a language that was chosen by a link on a page of figures, unless the browser refuses for its user. The
/// public site sets this cookie on its page of cookie settings only.
async fn remember_language(request: Request, next: Next) -> Response {
    let asked = Language::parse(value(&pairs(request.uri().query().unwrap_or_default()), "lang"));
    let new = asked
        .filter(|l| cookie(request.headers(), COOKIE_NAME) != Some(l.tag()))
        .filter(|_| !sends_gpc(request.headers()));
    let mut response = next.run(request).await;
    if let Some(language) = new.filter(|_| response.status().is_success()) {
        let line = set_cookie(COOKIE_NAME, language.tag(), Some(SETTINGS_S), true, false);
        response
            .headers_mut()
            .append(SET_COOKIE, HeaderValue::from_str(&line).expect("a tag is ASCII"));
    }
    response
}
