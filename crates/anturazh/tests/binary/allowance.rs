//! How much one address may send.

use crate::http::{Answer, Connection};
use crate::installation::{Installation, SITE};
use serde_json::json;

#[test]
fn one_address_sends_so_much_and_others_and_tokens_go_on() {
    let installation = Installation::new();
    installation.trust_this_machine();
    installation.replace("hits_per_second = 100", "hits_per_second = 1");
    let token = installation.token("send");
    let server = installation.serve();
    let mut connection = Connection::open(&server.address).unwrap();
    let mut send = |from: &str, token: Option<&str>| -> Answer {
        let event = json!({"site": SITE, "name": "tick", "url": "https://shop.example/"}).to_string();
        let token = token.map_or_else(String::new, |t| format!("Authorization: Bearer {t}\r\n"));
        let request = format!(
            "POST /api/v1/events HTTP/1.1\r\nHost: stats.example\r\nX-Forwarded-For: {from}\r\n{token}User-Agent: Mozilla/5.0 \
             (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0\r\nContent-Length: {}\r\n\r\n{event}",
            event.len()
        );
        connection.send(request.as_bytes()).unwrap()
    };
    let (mut accepted, mut refused) = (0, None);
    // Some seconds pass on a machine that has much to do.
    for _ in 0..200 {
        let answer = send("84.128.1.9", None);
        match answer.status {
            202 => accepted += 1,
            429 => {
                refused = Some(answer);
                break;
            }
            status => panic!("answered {status}: {}", answer.text()),
        }
    }
    let refused = refused.expect("above the limit");
    assert!(accepted >= 10, "{accepted}");
    assert_eq!(refused.json()["code"], "too_many");
    let wait_s: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait_s), "{wait_s}");
    assert!(
        refused
            .header("access-control-expose-headers")
            .contains("retry-after")
    );
    assert_eq!(send("84.128.1.10", None).status, 202, "another address");
    for _ in 0..30 {
        assert_eq!(
            send("84.128.1.9", Some(&token)).status,
            202,
            "a sender with a token"
        );
        assert_eq!(send("127.0.0.1", None).status, 202, "this machine");
    }
    std::thread::sleep(std::time::Duration::from_secs(u64::from(wait_s)));
    assert_eq!(send("84.128.1.9", None).status, 202, "as long as was said");
    server.stop();
}
