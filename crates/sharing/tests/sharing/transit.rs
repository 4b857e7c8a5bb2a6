use crate::web::{ok, web_server};
use crate::{NOW, options};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sharing::transit::{unwrap, wrap};
use sharing::{Error, Fault, Options, Peer, Recipient, Refusal, Sharing, Transit, WebOptions};
use sqldb::trial::sqlite;
use std::os::unix::fs::PermissionsExt;
use url::Url;

/// What the transit engine of Vault answers, as its documentation shows it; its "encryption" turns the bits over.
fn transit_engine(head: &str, body: &[u8]) -> Vec<u8> {
    let head = head.to_ascii_lowercase();
    if !head.contains("\nx-vault-token: s.token\n") || !head.contains("\nx-vault-request: true\n") {
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 34\r\n\r\n{\"errors\":[\"permission denied\\n\"]}\n".to_vec();
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let turn = |bytes: Vec<u8>| bytes.into_iter().map(|byte| !byte).collect::<Vec<u8>>();
    if head.starts_with("post /v1/transit/encrypt/anturazh http/1.1\n") {
        let plain = STANDARD.decode(body["plaintext"].as_str().unwrap()).unwrap();
        let sealed = format!("vault:v1:{}", STANDARD.encode(turn(plain)));
        return ok(
            &json!({ "request_id": "x", "data": { "ciphertext": sealed, "key_version": 1 } }).to_string(),
        );
    }
    if head.starts_with("post /v1/transit/decrypt/anturazh http/1.1\n") {
        let sealed = body["ciphertext"]
            .as_str()
            .unwrap()
            .strip_prefix("vault:v1:")
            .unwrap();
        let plain = STANDARD.encode(turn(STANDARD.decode(sealed).unwrap()));
        return ok(&json!({ "data": { "plaintext": plain } }).to_string());
    }
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\n{\"errors\":[]}".to_vec()
}

#[tokio::test]
async fn keys_are_wrapped_and_unwrapped_by_the_service() {
    let trial = sqlite().unwrap();
    let (port, seen) = web_server(true, transit_engine).await;
    let web = WebOptions {
        inside_hosts: vec!["localhost".to_owned()],
        ..WebOptions::default()
    };
    let sharing = Sharing::open(Options {
        web,
        ..options(&trial).await
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "s.token\n").unwrap();
    let mode = |mode| std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let transit = Transit {
        url: Url::parse(&format!("https://localhost:{port}")).unwrap(),
        mount: "transit".to_owned(),
        key: "anturazh".to_owned(),
        token_file: token_file.clone(),
    };
    let key: [u8; 32] = std::array::from_fn(|n| n as u8);
    let wrapped = wrap(&sharing.web, &transit, &key, NOW).await.unwrap();
    assert!(wrapped.starts_with("vault:v1:"));
    assert_eq!(*unwrap(&sharing.web, &transit, &wrapped, NOW).await.unwrap(), key);
    let row = sharing.ledger.row(2).await.unwrap().unwrap();
    assert_eq!(row.what.service, "transit_decrypt");
    assert_eq!(
        row.what.recipient,
        Recipient::Infrastructure("key service".to_owned())
    );

    let fails = async |transit: &Transit, wrapped: &str| {
        unwrap(&sharing.web, transit, wrapped, NOW)
            .await
            .map(|_| ())
            .unwrap_err()
    };
    let peer = |error: Error| match error {
        Error::Peer {
            peer: Peer::KeyService,
            fault,
        } => fault,
        other => panic!("{other:?}"),
    };
    let short = format!("vault:v1:{}", STANDARD.encode([1; 31]));
    assert_eq!(peer(fails(&transit, &short).await), Fault::Protocol, "31 bytes");
    let elsewhere = Transit {
        key: "other/../anturazh".to_owned(),
        ..transit.clone()
    };
    assert_eq!(peer(fails(&elsewhere, &wrapped).await), Fault::Status(404));
    std::fs::write(&token_file, "s.expired").unwrap();
    assert_eq!(peer(fails(&transit, &wrapped).await), Fault::SignIn);
    std::fs::write(&token_file, "s.to\nken").unwrap();
    let asked = seen.lock().unwrap().len();
    assert_eq!(peer(fails(&transit, &wrapped).await), Fault::SignIn);
    mode(0o644);
    assert!(matches!(
        fails(&transit, &wrapped).await,
        Error::Refused(Refusal::OpenFile)
    ));
    std::fs::remove_file(&token_file).unwrap();
    assert!(matches!(fails(&transit, &wrapped).await, Error::File { .. }));
    assert_eq!(
        seen.lock().unwrap().len(),
        asked,
        "nothing was asked without a token"
    );
}
