//! `/healthz` says what is wrong before somebody asks in vain.

use crate::drill::until;
use crate::http::Connection;
use crate::installation::{Installation, SITE};
use crate::search::files;
use serde_json::json;

#[test]
fn a_missing_segment_is_said_while_collection_goes_on() {
    let installation = Installation::new();
    let event = json!({"site": SITE, "name": "page_view", "url": "https://shop.example/"}).to_string();
    let send = |address: &str| {
        let mut connection = Connection::open(address).unwrap();
        connection
            .post("/api/v1/events", None, event.as_bytes())
            .unwrap()
            .status
    };
    let server = installation.serve();
    assert_eq!(send(&server.address), 202);
    assert_eq!(until(&server, "/healthz", |_| true), r#"{"status":"ok"}"#);
    server.stop();
    let segments = files(&installation.data().join("anonymous/segments"));
    let lost = segments
        .iter()
        .find(|file| file.to_string_lossy().ends_with("events.parquet"));
    std::fs::remove_file(lost.unwrap()).unwrap();

    let server = installation.serve();
    let health = until(&server, "/healthz", |health| {
        health.contains("segments_unreadable")
    });
    assert_eq!(health, r#"{"status":"ok","warnings":["segments_unreadable"]}"#);
    let metrics = until(&server, "/metrics", |_| true);
    assert!(
        metrics.contains("\nanturazh_segments_unreadable 1\n"),
        "{metrics}"
    );
    assert_eq!(send(&server.address), 202);
}
