use crate::server::{Stream, line, serve, with_tls};
use crate::{NOW, options};
use http::{HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};
use sharing::{
    Disclosure, Door, Error, Fault, Options, Outcome, Recipient, Refusal, Request, Sharing, WebOptions,
};
use sqldb::trial::{sqlite, trials};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

/// Requests as they came: head and body.
pub(crate) type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A web server that says `answer` of each request, head and all; nothing if it is empty, and keeps the line.
pub(crate) async fn web_server(
    is_protected: bool,
    answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Sync + 'static,
) -> (u16, Seen) {
    let seen = Seen::default();
    let kept = seen.clone();
    let answer = Arc::new(answer);
    let port = serve(move |stream| {
        let (kept, answer) = (kept.clone(), answer.clone());
        async move {
            let mut stream: Box<dyn Stream> = Box::new(stream);
            if is_protected {
                let Some(protected) = with_tls(stream).await else {
                    return;
                };
                stream = protected;
            }
            let mut head = String::new();
            let mut length = 0;
            loop {
                let Some(line) = line(&mut stream).await else {
                    return;
                };
                if line.is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
                head.push_str(&line);
                head.push('\n');
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            let said = answer(&head, &body);
            kept.lock().unwrap().push((head, body));
            if said.is_empty() {
                std::future::pending::<()>().await;
            }
            let _ = stream.write_all(&said).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    (port, seen)
}

pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nX-Y: z\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn what() -> Disclosure {
    Disclosure {
        recipient: Recipient::Infrastructure("sign-in".to_owned()),
        person: None,
        fields: BTreeSet::new(),
        purpose: None,
        service: "oidc_token".to_owned(),
    }
}

fn inside() -> WebOptions {
    WebOptions {
        inside_hosts: vec!["localhost".to_owned()],
        time_limit: Duration::from_secs(5),
        most_bytes: 1_000,
        ..WebOptions::default()
    }
}

fn at(port: u16) -> Url {
    Url::parse(&format!("https://localhost:{port}/token?a=%20b#part")).unwrap()
}

/// What a server answers.
type Say = fn() -> Vec<u8>;

fn fault<T: std::fmt::Debug>(answer: Result<T, Error>) -> Fault {
    match answer {
        Err(Error::Peer { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_request_goes_out_and_is_in_the_ledger() {
    for trial in trials().await.unwrap() {
        let (port, seen) = web_server(true, |_, _| ok("answer")).await;
        let sharing = Sharing::open(Options {
            web: inside(),
            ..options(&trial).await
        })
        .await
        .unwrap();
        let mut request = Request::get(at(port));
        request.method = Method::POST;
        request.body = b"code=1".to_vec();
        request
            .headers
            .insert("authorization", HeaderValue::from_static("Basic x"));
        request
            .headers
            .insert("host", HeaderValue::from_static("elsewhere.example"));
        let answer = sharing.web.fetch(request, &what(), NOW).await.unwrap();
        assert_eq!(
            (answer.status, &answer.body[..]),
            (StatusCode::OK, &b"answer"[..])
        );
        assert_eq!(answer.headers["x-y"], "z");
        let (head, body) = seen.lock().unwrap().pop().unwrap();
        assert_eq!(body, b"code=1");
        assert!(head.starts_with("POST /token?a=%20b HTTP/1.1\n"), "{head}");
        let head = head.to_ascii_lowercase();
        assert!(head.contains(&format!("\nhost: localhost:{port}\n")), "{head}");
        assert!(
            head.contains("\nuser-agent: anturazh/") && head.contains("\nauthorization: basic x\n"),
            "{head}"
        );
        let row = sharing.ledger.row(1).await.unwrap().unwrap();
        assert_eq!(
            (row.door, row.outcome, row.what),
            (Door::Http, Outcome::Sent, what())
        );
        let content = format!("POST https://localhost:{port}/token?a=%20b\ncode=1");
        assert_eq!(row.sha256, <[u8; 32]>::from(Sha256::digest(content)));
    }
}

#[tokio::test]
async fn places_that_nobody_listed_are_not_called() {
    let trial = sqlite().unwrap();
    let (port, seen) = web_server(false, |_, _| ok("")).await;
    let open = async |web| {
        Sharing::open(Options {
            web,
            ..options(&trial).await
        })
        .await
        .unwrap()
    };
    let sharing = open(WebOptions::default()).await;
    for (url, want) in [
        (format!("https://localhost:{port}/"), Refusal::Inside),
        (format!("https://127.0.0.1:{port}/"), Refusal::Inside),
        (format!("https://2130706433:{port}/"), Refusal::Inside),
        (format!("https://0x7f.1:{port}/"), Refusal::Inside),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), Refusal::Inside),
        (format!("https://[::1]:{port}/"), Refusal::Inside),
        ("https://10.0.0.1/".to_owned(), Refusal::Inside),
        ("https://0/".to_owned(), Refusal::Never),
        ("https://169.254.169.254/latest/".to_owned(), Refusal::Never),
        ("https://[fd00:ec2::254]/".to_owned(), Refusal::Never),
        ("https://224.0.0.1/".to_owned(), Refusal::Never),
        (format!("http://localhost:{port}/"), Refusal::Plain),
        ("http://example.org/".to_owned(), Refusal::Plain),
        ("ftp://example.org/".to_owned(), Refusal::Plain),
        ("file:///etc/passwd".to_owned(), Refusal::Url),
        ("data:,x".to_owned(), Refusal::Url),
        ("https://a:b@example.org/".to_owned(), Refusal::Url),
    ] {
        let request = Request::get(Url::parse(&url).unwrap());
        match sharing.web.fetch(request, &what(), NOW).await {
            Err(Error::Refused(refusal)) => assert_eq!(refusal, want, "{url}"),
            other => panic!("{url} {other:?}"),
        }
    }
    let listed = open(WebOptions {
        inside_hosts: vec![
            "169.254.169.254".to_owned(),
            format!("localhost:{}", port ^ 1),
            format!("127.0.0.1:{port}"),
        ],
        plain_hosts: vec![
            "169.254.169.254".to_owned(),
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
        ],
        ..inside()
    })
    .await;
    for (url, want) in [
        ("http://169.254.169.254/".to_owned(), Refusal::Never),
        (format!("http://localhost:{port}/"), Refusal::Inside),
    ] {
        match listed
            .web
            .fetch(Request::get(Url::parse(&url).unwrap()), &what(), NOW)
            .await
        {
            Err(Error::Refused(refusal)) => assert_eq!(refusal, want, "{url}"),
            other => panic!("{url} {other:?}"),
        }
    }
    assert!(seen.lock().unwrap().is_empty());
    assert!(
        listed.ledger.row(1).await.unwrap().is_none(),
        "nothing could leave"
    );
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    listed.web.fetch(Request::get(url), &what(), NOW).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn answers_are_bounded_and_redirects_are_not_followed() {
    let trial = sqlite().unwrap();
    let mut web = inside();
    web.time_limit = Duration::from_millis(1_500);
    let sharing = Sharing::open(Options {
        web,
        ..options(&trial).await
    })
    .await
    .unwrap();
    let fetch = async |port| sharing.web.fetch(Request::get(at(port)), &what(), NOW).await;

    let (target, untouched) = web_server(true, |_, _| ok("")).await;
    let (port, _) = web_server(true, move |_, _| {
        format!("HTTP/1.1 302 Found\r\nLocation: https://localhost:{target}/\r\nContent-Length: 0\r\n\r\n")
            .into()
    })
    .await;
    let answer = fetch(port).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(untouched.lock().unwrap().is_empty());

    let cases: [(Say, Fault); 7] = [
        (|| ok(&"x".repeat(1_001)), Fault::TooLarge),
        (
            || [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 5_000]].concat(),
            Fault::TooLarge,
        ),
        (
            || format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(200_000)).into(),
            Fault::Protocol,
        ),
        (|| b"220 mx.example ESMTP\r\n".to_vec(), Fault::Protocol),
        (
            || b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx".to_vec(),
            Fault::Connection,
        ),
        (|| b"\r\n".to_vec(), Fault::Connection),
        (Vec::new, Fault::Timeout),
    ];
    for (place, (say, want)) in cases.into_iter().enumerate() {
        let (port, _) = web_server(true, move |_, _| say()).await;
        assert_eq!(fault(fetch(port).await), want, "{place}");
    }
    let rows = sharing.ledger.totals().await.unwrap();
    let door = rows.iter().find(|t| t.door == Door::Http).unwrap();
    assert_eq!((door.passed, door.rows, door.sent, door.failed), (8, 8, 8, 0));

    // Nothing was said to these.
    let plain = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    assert_eq!(fault(fetch(plain).await), Fault::Tls);
    assert_eq!(fault(fetch(1).await), Fault::Connection);
    let rows = sharing.ledger.totals().await.unwrap();
    assert_eq!(rows.iter().find(|t| t.door == Door::Http).unwrap().failed, 2);
    let url = Url::parse("https://nowhere.invalid/").unwrap();
    let answer = sharing.web.fetch(Request::get(url), &what(), NOW).await;
    assert_eq!(fault(answer), Fault::Unresolved);
}

#[tokio::test]
async fn certificates_are_checked() {
    let trial = sqlite().unwrap();
    let (port, seen) = web_server(true, |_, _| ok("")).await;
    let mut web = inside();
    web.inside_hosts.push("127.0.0.1".to_owned());
    let trusting = Sharing::open(Options {
        web: web.clone(),
        ..options(&trial).await
    })
    .await
    .unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let answer = trusting.web.fetch(Request::get(url), &what(), NOW).await;
    assert_eq!(fault(answer), Fault::Tls, "another name");
    let strict = Sharing::open(Options {
        web,
        certificates: None,
        ..options(&trial).await
    })
    .await
    .unwrap();
    let answer = strict.web.fetch(Request::get(at(port)), &what(), NOW).await;
    assert!(
        matches!(fault(answer), Fault::Tls | Fault::NoCertificates),
        "an unknown authority"
    );
    assert!(seen.lock().unwrap().is_empty());
    let mut missing = options(&trial).await;
    missing.certificates = Some("/nowhere/ca.pem".into());
    assert!(matches!(Sharing::open(missing).await, Err(Error::File { .. })));
}
