//! All routes together.

use crate::{collection, metrics, query, state::Web};
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};
use vocabulary::moment::DAY_MS;

/// What a page may load and do: only what this server sends, no frame around it, forms to itself.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What an answer for programs may load and do, should a browser show it: nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The whole service.
pub fn router(web: Arc<Web>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let pages = crate::pages::routes(&web)
        .layer(CompressionLayer::new())
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ));
    let for_programs = Router::new()
        .merge(query::routes())
        .merge(metrics::routes())
        .route("/api/openapi.json", get(openapi))
        .route("/.well-known/gpc.json", get(global_privacy_control))
        .route("/.well-known/security.txt", get(security))
        .route("/.well-known/receipts.jwks.json", get(receipt_keys))
        .layer(header(header::CONTENT_SECURITY_POLICY, NOTHING));
    let mut all = for_programs
        .merge(pages)
        .layer(axum::middleware::from_fn_with_state(
            web.clone(),
            crate::body::whole_in_time,
        ))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ));
    if web.is_https() {
        // For a year, on this host alone: what stands on its sub-domains is not ours to decide.
        all = all.layer(axum::middleware::from_fn(crate::host_cookie::layer));
        all = all.layer(header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    // The door is not wrapped: it sets its own few headers, thousands of times a second.
    all.merge(collection::routes()).with_state(web)
}

/// The keys that receipts of consents are signed with, as a JWK Set (RFC 7517).
async fn receipt_keys(State(web): State<Arc<Web>>) -> Response {
    axum::Json(web.office.people.receipt_keys()).into_response()
}

async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
        .into_response()
}

/// Global Privacy Control's support resource: the signal is honoured since the first release.
async fn global_privacy_control(State(_): State<Arc<Web>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        r#"{"gpc":true,"lastUpdate":"2026-11-22"}"#,
    )
        .into_response()
}

/// RFC 9116, where the operator has named a contact; it expires half a year from now, each time it is asked for.
async fn security(State(web): State<Arc<Web>>) -> Response {
    let expires = jiff::Timestamp::from_millisecond((web.now)().plus_ms(180 * DAY_MS).0).unwrap_or_default();
    match &web.security_contact {
        Some(contact) => {
            let text = format!("Contact: {contact}\nExpires: {expires:.0}\nPreferred-Languages: en, ru\n");
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
        }
        None => crate::problem::Problem::new(StatusCode::NOT_FOUND, "no_contact", "no contact is configured")
            .remedy("the operator sets `security_contact` in anturazh.toml")
            .into_response(),
    }
}
