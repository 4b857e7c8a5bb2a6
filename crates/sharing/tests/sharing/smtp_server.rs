//! A mail server that keeps what it is given (RFC 5321, 3207, 4954).

use crate::server::{Stream, line, serve, with_tls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sharing::Security;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;

/// What the server took: recipient and mail, dots unstuffed.
pub(crate) type Taken = Arc<Mutex<Vec<(String, String)>>>;

/// Account and password it wants, if protected.
pub(crate) const ACCOUNT: (&str, &str) = ("office", "пароль 1");

/// Starts one. Refuses recipients `gone@…` for good and `later@…` for now, and drops the connection after the mail
/// for `lost@…`. Where protected it wants [`ACCOUNT`].
pub(crate) async fn smtp_server(security: Security) -> (u16, Taken) {
    let taken = Taken::default();
    let kept = taken.clone();
    let port = serve(move |stream| {
        let kept = kept.clone();
        async move {
            let _ = talk(Box::new(stream), security, kept).await;
        }
    })
    .await;
    (port, taken)
}

async fn talk(mut stream: Box<dyn Stream>, security: Security, taken: Taken) -> Option<()> {
    let mut is_protected = false;
    if security == Security::Tls {
        stream = with_tls(stream).await?;
        is_protected = true;
    }
    let mut is_signed_in = security == Security::Plain;
    let mut to = String::new();
    say(&mut stream, "220 mx.example").await?;
    loop {
        let command = line(&mut stream).await?;
        let upper = command.to_ascii_uppercase();
        if upper.starts_with("EHLO ") {
            assert_eq!(command, "EHLO agency.example", "not the machine's name");
            let offer = match (security, is_protected) {
                (Security::StartTls, false) => "250-mx.example\r\n250 STARTTLS",
                (Security::Plain, _) => "250-mx.example\r\n250 8BITMIME",
                _ => "250-mx.example\r\n250 AUTH PLAIN LOGIN",
            };
            say(&mut stream, offer).await?;
        } else if upper == "STARTTLS" {
            say(&mut stream, "220 go").await?;
            stream = with_tls(stream).await?;
            is_protected = true;
        } else if let Some(secret) = command.strip_prefix("AUTH PLAIN ") {
            assert!(is_protected, "credentials only when protected");
            let wanted = STANDARD.encode(format!("\0{}\0{}", ACCOUNT.0, ACCOUNT.1));
            is_signed_in = secret == wanted;
            let answer = if is_signed_in {
                "235 ok"
            } else {
                "535 no, office@agency.example"
            };
            say(&mut stream, answer).await?;
        } else if upper.starts_with("MAIL FROM:") {
            assert!(
                upper.starts_with("MAIL FROM:<OFFICE@AGENCY.EXAMPLE>"),
                "{command}"
            );
            say(&mut stream, if is_signed_in { "250 ok" } else { "530 sign in" }).await?;
        } else if let Some(rest) = command.strip_prefix("RCPT TO:<") {
            rest.split('>').next().unwrap().clone_into(&mut to);
            let answer = match to.split('@').next() {
                Some("gone") => format!("550 5.1.1 <{to}>: no such account"),
                Some("later") => format!("451 4.7.1 <{to}>: greylisted"),
                _ => "250 ok".to_owned(),
            };
            say(&mut stream, &answer).await?;
        } else if upper == "DATA" {
            say(&mut stream, "354 go").await?;
            let mut mail = String::new();
            loop {
                let line = line(&mut stream).await?;
                if line == "." {
                    break;
                }
                mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.push_str("\r\n");
            }
            let is_lost = to.starts_with("lost@");
            taken.lock().unwrap().push((to.clone(), mail));
            if is_lost {
                return None;
            }
            say(&mut stream, "250 taken").await?;
        } else if upper == "QUIT" {
            say(&mut stream, "221 bye").await?;
            return Some(());
        } else {
            say(&mut stream, "250 ok").await?;
        }
    }
}

async fn say(stream: &mut Box<dyn Stream>, answer: &str) -> Option<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
