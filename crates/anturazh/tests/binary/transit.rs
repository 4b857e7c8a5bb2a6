//! The operator's key moves to a key service and back beside a running server.

use crate::{drill::enquire, installation::Installation};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A key service whose "encryption" turns the bits over; it answers so many calls, then no more until it may again.
struct Service {
    address: String,
    left: Arc<AtomicI64>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let left = Arc::new(AtomicI64::new(i64::MAX));
        let counts = Arc::clone(&left);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let answers = counts.fetch_sub(1, Ordering::Relaxed) > 0;
                let _ = answer(stream.unwrap(), answers);
            }
        });
        Self { address, left }
    }
}

fn answer(stream: TcpStream, answers: bool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut line) = (String::new(), 0, String::new());
    reader.read_line(&mut first)?;
    while line.trim() != "" || length == 0 {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let turned = |text: &str| {
        let bytes = STANDARD.decode(text).unwrap();
        STANDARD.encode(bytes.iter().map(|byte| !byte).collect::<Vec<u8>>())
    };
    let data = if first.contains("/encrypt/") {
        json!({ "ciphertext": format!("vault:v1:{}", turned(body["plaintext"].as_str().unwrap())) })
    } else {
        let text = body["ciphertext"].as_str().unwrap();
        json!({ "plaintext": turned(text.strip_prefix("vault:v1:").unwrap()) })
    };
    let text = json!({ "data": data }).to_string();
    let status = if answers { "200 OK" } else { "503 Sealed" };
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

#[test]
fn the_operators_key_moves_to_a_service_and_back() {
    let installation = Installation::new();
    let keys = installation.data().join("keys");
    let file = keys.join("operator.age");
    installation.configure("[outbound]\ninside_hosts = [\"127.0.0.1\"]\nplain_hosts = [\"127.0.0.1\"]");
    let server = installation.serve();
    enquire(&server, "anna@example.org");
    let complaint = |arguments: &[&str]| {
        let refused = installation.run(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(refused.stderr).unwrap()
    };
    // Every value is opened and sealed again: the keys fit.
    let all_open = || {
        let rotated = installation.ok(&["keys", "rotate", "people"]);
        assert_eq!(rotated["people"], 1);
    };
    let (to_service, to_file) = (
        ["keys", "rotate", "operator", "--to", "transit"],
        ["keys", "rotate", "operator", "--to", "file"],
    );
    let told = complaint(&to_service);
    assert!(told.contains("[people.transit]"), "{told}");

    // Named beside a running server, which reads it now.
    let service = Service::start();
    let token = installation.folder.path().join("token");
    std::fs::write(&token, "s.token\n").unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    installation.configure(&format!(
        "[people.transit]\nurl = \"{}\"\nkey = \"anturazh\"\ntoken_file = \"{}\"",
        service.address,
        token.display()
    ));
    // The service fails when the first key is to be wrapped: trying it took two calls.
    service.left.store(2, Ordering::Relaxed);
    complaint(&to_service);
    assert!(file.exists(), "nothing is given up before all is wrapped");
    all_open();
    service.left.store(i64::MAX, Ordering::Relaxed);
    let moved = installation.ok(&to_service);
    assert_eq!(
        (&moved["wrapped"], &moved["key"]),
        (&json!(1), &json!("transit transit/anturazh"))
    );
    assert!(!file.exists());
    let kept = moved["old_key"].as_str().unwrap();
    assert!(std::fs::read_to_string(kept).unwrap().contains("AGE-SECRET-KEY-"));
    all_open();
    server.stop();

    let server = installation.serve();
    all_open();
    let told = complaint(&["keys", "rotate", "operator"]);
    assert!(told.contains("--to file"), "{told}");
    let moved = installation.ok(&to_file);
    assert_eq!(moved["wrapped"], 1);
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains(moved["key"].as_str().unwrap())
    );
    server.stop();
    service.left.store(0, Ordering::Relaxed);
    let server = installation.serve();
    all_open();
    server.stop();

    // As a process leaves it that was killed while it moved: one key is wrapped by the file, another by the service.
    service.left.store(i64::MAX, Ordering::Relaxed);
    let database = statement(&installation);
    database(
        "INSERT INTO client_keys (client, version, operator, wrapped, index_wrapped)
         VALUES (99, 1, 'transit transit/anturazh', x'00', x'00')",
    );
    let server = installation.serve();
    assert!(!file.exists(), "the move is ended at the start");
    database("DELETE FROM client_keys WHERE client = 99");
    all_open();
    server.stop();
    assert_eq!(installation.ok(&["audit", "verify"])["fault"], Value::Null);
}

/// Runs a statement on the database of keys.
fn statement(installation: &Installation) -> impl Fn(&str) {
    let place = installation.data().join("people").join("keys.sqlite");
    move |sql| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let database = sqldb::Database::open(&place.display().to_string()).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
                .execute(database.pool())
                .await
                .unwrap();
            database.close().await;
        });
    }
}
