//! The way in: tracker, pixel and every protocol of `collect`, open to pages of other origins.

use crate::{caller::Caller, state::Web};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, get, on, options},
};
use collect::{Answer, PROTOCOLS, Protocol, door::MOST_BODY_BYTES};
use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;
use std::io::Write as _;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use vocabulary::DataType;

/// Routes of all protocols, with `OPTIONS` for each path, and of the tracker.
pub(crate) fn routes() -> Router<Arc<Web>> {
    let mut router = Router::new().route("/a.js", get(tracker));
    let mut paths: Vec<&'static str> = Vec::new();
    for protocol in PROTOCOLS {
        let method = Method::from_bytes(protocol.method.as_bytes()).expect("the register names HTTP methods");
        let filter = MethodFilter::try_from(method).expect("the register names common methods");
        router = router.route(
            protocol.path,
            on(filter, move |state, peer, request| {
                receive(protocol, state, peer, request)
            }),
        );
        if !paths.contains(&protocol.path) {
            paths.push(protocol.path);
            router = router.route(protocol.path, options(preflight));
        }
    }
    router
}

async fn receive(
    protocol: &'static Protocol,
    State(web): State<Arc<Web>>,
    ConnectInfo(Caller(peer)): ConnectInfo<Caller>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return not_whole(status),
    };
    let request = collect::Request {
        headers: &parts.headers,
        peer,
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
    };
    write(web.door.receive(protocol, request, (web.now)()).await)
}

/// How long a body may take.
const BODY: Duration = Duration::from_secs(30);

async fn read(body: Body) -> Result<Bytes, StatusCode> {
    // A body that is there already, as nearly every one is, is taken before a timer is set.
    let whole = tokio::time::timeout(BODY, axum::body::to_bytes(body, MOST_BODY_BYTES)).await;
    whole.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|error| {
        let is_too_large = std::error::Error::source(&error).is_some_and(|e| e.to_string().contains("limit"));
        if is_too_large {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::BAD_REQUEST
        }
    })
}

fn not_whole(status: StatusCode) -> Response {
    let problem = if status == StatusCode::REQUEST_TIMEOUT {
        crate::problem::Problem::new(status, "slow_body", "the body was not whole within 30 seconds")
            .remedy("send fewer events in one request")
    } else if status == StatusCode::PAYLOAD_TOO_LARGE {
        crate::problem::Problem::new(
            status,
            "too_large",
            "the body is larger than 1 MB (1,048,576 bytes)",
        )
        .remedy("send fewer events in one request")
    } else {
        crate::problem::Problem::new(status, "broken_body", "the body ended before it was whole")
            .remedy("send it again")
    };
    let mut response = problem.into_response();
    open_to_all(response.headers_mut());
    response
}

fn write(answer: Answer) -> Response {
    let body = match answer.body {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // Room for all at once: this is written for every hit.
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.content_type),
    );
    if !answer.headers.is_empty() {
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "x-plausible-dropped, x-anturazh-dropped, x-anturazh-refused, retry-after",
            ),
        );
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    open_to_all(&mut headers);
    *response.headers_mut() = headers;
    response
}

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Pages of every origin may send and read the answer. No cookie is read here, so there is nothing to steal.
fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    open_to_all(answer);
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allowed = asked.unwrap_or(HeaderValue::from_static(
        "content-type, content-encoding, authorization",
    ));
    answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// The script as it is served, plain and gzip, without and with the cookie.
static TRACKER: LazyLock<[(Bytes, Bytes); 2]> = LazyLock::new(|| {
    ["0", "1"].map(|cookie| {
        let script = include_str!("../../../tracker/a.min.js").replace("__COOKIE__", cookie);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(script.as_bytes())
            .expect("writing to memory does not fail");
        (
            script.into(),
            gzip.finish().expect("writing to memory does not fail").into(),
        )
    })
});

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    site: String,
}

/// `GET /a.js?site=DOMAIN`: the cookie part is switched on only if that site's manifest allows the cookie.
async fn tracker(State(web): State<Arc<Web>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let snapshot = web.sites.snapshot();
    let cookie = snapshot
        .by_domain(&asked.site)
        .is_some_and(|s| s.manifest.allows(DataType::VisitorCookie));
    let (plain, gzip) = &TRACKER[usize::from(cookie)];
    let accepts = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let is_gzip = accepts.contains("gzip");
    let mut response = Response::new(Body::from(if is_gzip { gzip.clone() } else { plain.clone() }));
    let answer = response.headers_mut();
    open_to_all(answer);
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/javascript; charset=utf-8"),
    );
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=900"),
    );
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_gzip {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
