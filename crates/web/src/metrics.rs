//! Figures for machines: `/metrics` in Prometheus' text format 0.0.4, and `/healthz`.

use crate::{caller::Caller, problem::Problem, state::Web};
use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use collect::Peer;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
}

const TEXT: [(HeaderName, HeaderValue); 1] = [(
    header::CONTENT_TYPE,
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
)];

/// For programs on this machine that come without a proxy, and for whoever bears the configured token: the figures name
/// every client's site.
async fn metrics(
    State(web): State<Arc<Web>>,
    ConnectInfo(Caller(peer)): ConnectInfo<Caller>,
    headers: HeaderMap,
) -> Response {
    if is_insider(&web, peer, &headers) {
        return (TEXT, exposition(&web)).into_response();
    }
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "figures are for programs on this machine, or with the token",
    )
    .remedy("the operator sets `metrics_token` in anturazh.toml; send it as `Authorization: Bearer …`")
    .into_response()
}

/// Whether a program on this machine asks without a proxy, or one that bears the token.
fn is_insider(web: &Web, peer: Peer, headers: &HeaderMap) -> bool {
    let is_direct = !["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let borne = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let bears_token = match (&web.metrics_token, borne) {
        // Digests take as long to compare whatever they are of.
        (Some(token), Some(borne)) => Sha256::digest(token.as_bytes()) == Sha256::digest(borne.as_bytes()),
        _ => false,
    };
    bears_token || is_direct && peer.address().is_loopback()
}

/// Every figure. Sites go by their domain; nothing of a visitor is here.
fn exposition(web: &Web) -> String {
    let snapshot = web.sites.snapshot();
    let tallies = web.door.counters().totals();
    let site_label = |site: Option<vocabulary::SiteId>| match site.and_then(|id| snapshot.by_id(id)) {
        Some(site) => site.site.domain.to_string(),
        None => String::new(),
    };
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, rows: Vec<(String, u64)>| {
        let _ = writeln!(
            text,
            "# HELP anturazh_{name} {help}\n# TYPE anturazh_{name} {kind}"
        );
        for (labels, value) in rows {
            let _ = writeln!(text, "anturazh_{name}{labels} {value}");
        }
    };
    let by_site = |count: fn(&collect::Tally) -> u64| {
        tallies
            .iter()
            .map(|t| (format!("{{site=\"{}\"}}", site_label(t.site)), count(t)))
            .collect::<Vec<_>>()
    };
    family(
        "events_accepted_total",
        "counter",
        "Events stored since the start.",
        by_site(|t| t.accepted),
    );
    family(
        "events_stripped_total",
        "counter",
        "Stored events from which the manifest took something.",
        by_site(|t| t.stripped),
    );
    let dropped = tallies.iter().flat_map(|tally| {
        let site = site_label(tally.site);
        tally
            .reasons()
            .map(move |(reason, n)| (format!("{{site=\"{site}\",reason=\"{reason}\"}}"), n))
    });
    family(
        "events_dropped_total",
        "counter",
        "Hits refused since the start, by reason.",
        dropped.collect(),
    );
    let s = (web.standing)();
    let one = |value: u64| vec![(String::new(), value)];
    family(
        "journal_records_total",
        "counter",
        "Records made durable since the start.",
        one(s.journal_records),
    );
    family(
        "journal_groups_total",
        "counter",
        "Flushes to disk that made them so.",
        one(s.journal_groups),
    );
    family(
        "journal_bytes",
        "gauge",
        "Size of the journal on disk.",
        one(s.journal_bytes),
    );
    family(
        "journal_stopped",
        "gauge",
        "1 while the journal takes nothing.",
        one(u64::from(s.journal_stopped.is_some())),
    );
    family(
        "tail_events",
        "gauge",
        "Durable events not yet in a segment.",
        one(s.tail_events),
    );
    family("segments", "gauge", "Segments of the archive.", one(s.segments));
    family(
        "segment_bytes",
        "gauge",
        "Their size on disk.",
        one(s.segment_bytes),
    );
    family(
        "segment_events",
        "gauge",
        "Events in them.",
        one(s.segment_events),
    );
    family(
        "segments_unreadable",
        "gauge",
        "Segments whose files are missing or damaged.",
        one(s.unreadable_segments),
    );
    let seconds = s.last_backup.map(|made| (String::new(), made.0 as u64 / 1_000));
    family(
        "backup_last_timestamp_seconds",
        "gauge",
        "When the last backup was made, since 1970.",
        seconds.into_iter().collect(),
    );
    family(
        "backup_overdue",
        "gauge",
        "1 while a backup that the server should have made is missing.",
        one(u64::from(s.backup_overdue)),
    );
    family(
        "holds_overdue",
        "gauge",
        "Legal holds whose day of review is over.",
        one(s.holds_overdue),
    );
    text
}

/// `200` while events can be stored and questions answered, with what somebody should look at, such as an archive of
/// which a part cannot be read; else `503`, to insiders
/// with the reason.
async fn health(
    State(web): State<Arc<Web>>,
    ConnectInfo(Caller(peer)): ConnectInfo<Caller>,
    headers: HeaderMap,
) -> Response {
    let standing = (web.standing)();
    let warnings: Vec<&str> = [
        ("backup_overdue", standing.backup_overdue),
        ("holds_overdue", standing.holds_overdue > 0),
        ("segments_unreadable", standing.unreadable_segments > 0),
    ]
    .into_iter()
    .filter_map(|(warning, is_due)| is_due.then_some(warning))
    .collect();
    let body = if warnings.is_empty() {
        serde_json::json!({"status": "ok"})
    } else {
        serde_json::json!({"status": "ok", "warnings": warnings})
    };
    match standing.journal_stopped {
        None => axum::Json(body).into_response(),
        Some(why) => {
            let why = if is_insider(&web, peer, &headers) {
                why
            } else {
                "no events are taken now".to_owned()
            };
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "journal_stopped", why)
                .remedy("look at the disk; see docs/operating.md, \"When something is wrong\"")
                .into_response()
        }
    }
}
