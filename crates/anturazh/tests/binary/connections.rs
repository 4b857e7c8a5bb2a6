//! Connections that are slow, too large, or open when the server is asked to end.

use crate::http::Connection;
use crate::installation::{Installation, SITE};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// The limit is half a minute; the rest is for a machine that has much to do.
const LONGEST: Duration = Duration::from_secs(50);

/// What comes until the other side closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("it stays open"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[test]
fn whoever_sends_a_letter_at_a_time_loses_the_connection() {
    let installation = Installation::new();
    let server = installation.serve();
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream
                .write_all(b"GET /healthz HTTP/1.1\r\nHost: stats.example\r\nX-Slow: ")
                .unwrap();
            stream
        })
        .collect();
    let mut half = TcpStream::connect(&server.address).unwrap();
    half.write_all(
        b"POST /api/v1/events HTTP/1.1\r\nHost: stats.example\r\nContent-Length: 100\r\n\r\n{\"site\":",
    )
    .unwrap();
    let mut forms: Vec<TcpStream> = ["/privacy", "/api/v2/query"]
        .into_iter()
        .map(|path| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            write!(
                stream,
                "POST {path} HTTP/1.1\r\nHost: stats.example\r\nConnection: close\r\nContent-Type: \
                 application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken="
            )
            .unwrap();
            stream
        })
        .collect();
    // A letter does not buy more time.
    let mut dripping = slow[0].try_clone().unwrap();
    let drip = thread::spawn(move || {
        while begun.elapsed() < LONGEST && dripping.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
    });
    let mut brisk = Connection::open(&server.address).unwrap();
    for _ in 0..3 {
        assert_eq!(
            brisk.get("/healthz").unwrap().status,
            200,
            "one connection, many requests"
        );
    }
    for stream in &mut slow {
        let answer = rest(stream);
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(
        begun.elapsed() > Duration::from_secs(25),
        "people with slow lines have time"
    );
    for stream in &mut forms {
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    drip.join().unwrap();
    server.stop();
}

#[test]
fn headers_have_a_most_size_and_number() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut many = String::new();
    for number in 0..150 {
        let _ = write!(many, "X-{number}: 1\r\n");
    }
    let long = format!("X-Long: {}\r\n", "x".repeat(200_000));
    for headers in [many, long] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: stats.example\r\n{headers}\r\n");
        let mut connection = Connection::open(&server.address).unwrap();
        match connection.send(request.as_bytes()) {
            Ok(answer) => assert_eq!(answer.status, 431),
            // It is closed before all of it was sent.
            Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::InvalidData, "{error}"),
        }
    }
    server.stop();
}

#[test]
fn a_request_under_way_is_answered_when_the_server_is_asked_to_end() {
    let installation = Installation::new();
    let server = installation.serve();
    let event = json!({"site": SITE, "name": "tick", "url": "https://shop.example/"}).to_string();
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: stats.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) \
         Gecko/20100101 Firefox/143.0\r\nContent-Length: {}\r\n\r\n",
        event.len()
    );
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let (first, last) = event.split_at(10);
    stream.write_all(first.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(500));
    let last = last.to_owned();
    let answered = thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        stream.write_all(last.as_bytes()).unwrap();
        rest(&mut stream)
    });
    // Returns when the server has ended in order.
    server.stop();
    let answer = answered.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let found = installation.query(&json!({"site_id": SITE, "metrics": ["events"], "date_range": "all"}));
    assert_eq!(found["results"][0]["metrics"], json!([1]));
}
