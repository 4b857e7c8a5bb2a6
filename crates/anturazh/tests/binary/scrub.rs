//! `site collection --scrub`: what was collected and is denied now is in no file any more.

use crate::http::Connection;
use crate::installation::{Installation, SITE};
use crate::search::Search;
use serde_json::{Value, json};
use std::process::Output;

const TITLE: &str = "Quuxmarker title";
const PLAN: &str = "quuxmarkerplan";

fn send(address: &str, token: &str, visitor: &str, timestamp: &str) {
    let event = json!([
        {"site": SITE, "name": "page_view", "url": "https://shop.example/a", "title": TITLE, "ip": "203.0.113.9",
         "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
         "timestamp": timestamp, "visitor": visitor, "consent": "granted"},
        {"site": SITE, "name": "signup", "url": "https://shop.example/a", "properties": {"plan": PLAN},
         "timestamp": timestamp, "visitor": visitor, "consent": "granted"},
    ]);
    let answer = Connection::open(address)
        .unwrap()
        .post("/api/v1/events", Some(token), event.to_string().as_bytes())
        .unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json()["accepted"], 2);
}

fn told(rows: &Value, kept_as: &str) -> Value {
    let rows = rows.as_array().unwrap();
    let found = rows.iter().find(|row| row["kept_as"] == kept_as);
    found.map_or(Value::Null, |row| row["number"].clone())
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_denied_now_is_taken_from_what_was_collected_before() {
    let installation = Installation::new();
    let token = installation.token("send");
    let search = Search::of(&[TITLE, PLAN]);
    let anonymous = installation.data().join("anonymous");
    let ask = |metrics: &[&str]| {
        installation.query(&json!({"site_id": SITE, "metrics": metrics, "date_range": "30d"}))["results"][0]
            ["metrics"]
            .clone()
    };
    let now = jiff::Timestamp::now();
    let day = |ago: i64| (now - jiff::SignedDuration::from_hours(24 * ago)).to_string();

    // In segments, in another segment, and only in the journal.
    for visits in [[9, 8], [7, 6]] {
        let server = installation.serve();
        for ago in visits {
            send(&server.address, &token, "a-cookie", &day(ago));
        }
        server.stop();
    }
    let server = installation.serve();
    send(&server.address, &token, "a-cookie", &day(5));
    assert!(!search.found_below(&anonymous).is_empty());
    assert_eq!(
        ask(&["visitors", "pageviews", "events"]),
        json!([1, 4, 8]),
        "the tail is the server's"
    );

    let collection = |more: &[&str]| installation.run(&[&["site", "collection", SITE], more].concat());
    let unasked = collection(&["--deny", "title", "--dry-run"]);
    assert!(complaint(&unasked).contains("--scrub"));

    // A look changes nothing.
    let types = ["--deny", "title,properties,visitor_cookie", "--scrub"];
    let looked = collection(&[&types[..], &["--dry-run"]].concat());
    let looked: Value = serde_json::from_slice(&looked.stdout).unwrap();
    assert_eq!(
        (told(&looked, "title"), told(&looked, "properties")),
        (json!(5), json!(5))
    );
    assert_eq!(told(&looked, "visitor"), 1);
    assert!(!search.found_below(&anonymous).is_empty());
    let shown = installation.ok(&["site", "collection", SITE]);
    assert_eq!(
        (
            &shown["types"]["title"],
            shown["versions"].as_array().unwrap().len()
        ),
        (&json!("allowed"), 1)
    );

    // Beside the server.
    let did = installation.ok(&[&["site", "collection", SITE], &types[..]].concat());
    assert_eq!(
        (
            told(&did, "title"),
            told(&did, "properties"),
            told(&did, "visitor")
        ),
        (json!(5), json!(5), json!(1))
    );
    assert_eq!(
        search.found_below(&anonymous),
        [""; 0],
        "journal, segments, everything"
    );
    assert_eq!(
        ask(&["visitors", "pageviews", "events"]),
        json!([5, 5, 10]),
        "one visitor a day"
    );
    let shown = installation.ok(&["site", "collection", SITE]);
    assert_eq!(
        (&shown["types"]["title"], &shown["versions"][1]["version"]),
        (&json!("denied"), &json!(2))
    );
    // The door goes by it as well.
    send(&server.address, &token, "a-cookie", &day(1));
    assert_eq!(search.found_below(&anonymous), [""; 0]);
    server.stop();

    // Without a server, of what an earlier version denied, and what is an event by itself.
    let did = installation.ok(&["site", "collection", SITE, "--deny", "action", "--scrub"]);
    assert_eq!(
        (told(&did, "event"), told(&did, "title")),
        (json!(6), Value::Null)
    );
    assert_eq!(ask(&["visitors", "pageviews", "events"]), json!([6, 6, 6]));
    assert_eq!(
        installation.ok(&["site", "collection", SITE, "--scrub"]),
        json!([]),
        "nothing is left to take"
    );
}
