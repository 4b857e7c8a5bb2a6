//! `kill -9` under load: every acknowledged event is found again, exactly once.

use crate::{
    http::Connection,
    installation::{Installation, SITE},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use std::thread;
use std::time::Duration;

const CONNECTIONS: usize = 32;

/// How often the server is killed, and how long it is under load before; `CRASH_KILLS` and `CRASH_SECONDS` ask for
/// more.
fn rounds() -> (u32, f64) {
    let asked = |name: &str| std::env::var(name).ok().and_then(|v| v.parse().ok());
    (
        asked("CRASH_KILLS").map_or(4, |n: f64| n as u32),
        asked("CRASH_SECONDS").unwrap_or(1.5),
    )
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled() {
    let installation = Installation::new();
    let read = installation.token("read");
    let (kills, seconds) = rounds();
    let numbers = Arc::new(AtomicU64::new(0));
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    for _ in 0..kills {
        let server = installation.serve();
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (address, numbers, acknowledged) =
                    (server.address.clone(), numbers.clone(), acknowledged.clone());
                thread::spawn(move || send_until_it_dies(&address, &numbers, &acknowledged))
            })
            .collect();
        thread::sleep(Duration::from_secs_f64(seconds));
        server.kill();
        for sender in senders {
            sender.join().unwrap();
        }
    }
    let server = installation.serve();
    let question = json!({
        "site_id": SITE, "metrics": ["events"], "date_range": "all", "dimensions": ["event:props:n"],
        "pagination": {"limit": 1_000_000}
    });
    let mut connection = Connection::open(&server.address).unwrap();
    let answer = connection
        .post("/api/v2/query", Some(&read), question.to_string().as_bytes())
        .unwrap()
        .json();
    let found: HashMap<u64, u64> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["dimensions"][0].as_str().unwrap().parse().unwrap(),
                row["metrics"][0].as_u64().unwrap(),
            )
        })
        .collect();
    let acknowledged = acknowledged.lock().unwrap();
    let sent = numbers.load(Ordering::Relaxed);
    let lost = acknowledged.iter().filter(|n| !found.contains_key(n)).count();
    let doubled = found.values().filter(|count| **count != 1).count();
    println!(
        "{kills} kills: {sent} sent, {} acknowledged, {lost} lost, {doubled} doubled, {} found",
        acknowledged.len(),
        found.len()
    );
    assert!(acknowledged.len() > 100 * kills as usize, "the load was a load");
    assert_eq!((lost, doubled), (0, 0));
    assert!(
        found.keys().all(|n| *n < sent),
        "nothing appears that was never sent"
    );
    server.stop();
}

fn send_until_it_dies(address: &str, numbers: &AtomicU64, acknowledged: &Mutex<HashSet<u64>>) {
    let Ok(mut connection) = Connection::open(address) else {
        return;
    };
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let event = json!({
            "site": SITE, "name": "tick", "url": "https://shop.example/", "properties": {"n": number.to_string()},
            "id": format!("{number}"),
        });
        match connection.post("/api/v1/events", None, event.to_string().as_bytes()) {
            Ok(answer) if answer.status == 202 && answer.json()["accepted"] == 1 => {
                acknowledged.lock().unwrap().insert(number);
            }
            Ok(answer) => panic!("answered {}: {}", answer.status, answer.json()),
            Err(_) => return,
        }
    }
}
