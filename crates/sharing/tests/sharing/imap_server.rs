//! A mailbox on a server (RFC 9051), read-only.

use crate::server::{Stream, line, serve, with_tls};
use sharing::Security;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;

/// What is in the mailbox.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) validity: u32,
    pub(crate) letters: BTreeMap<u32, Vec<u8>>,
    /// Sent before the answer to each fetch.
    pub(crate) noise: Vec<u8>,
    /// How often a letter was fetched.
    pub(crate) fetched: u32,
}

pub(crate) type Shared = Arc<Mutex<Content>>;

/// Starts one with account `office`, password `a "b\c`, folder `INBOX`.
pub(crate) async fn imap_server(security: Security, content: &Shared) -> u16 {
    let content = content.clone();
    serve(move |stream| {
        let content = content.clone();
        async move {
            let _ = talk(Box::new(stream), security, content).await;
        }
    })
    .await
}

async fn talk(mut stream: Box<dyn Stream>, security: Security, content: Shared) -> Option<()> {
    if security == Security::Tls {
        stream = with_tls(stream).await?;
    }
    say(&mut stream, b"* OK ready\r\n").await?;
    loop {
        let request = line(&mut stream).await?;
        let (tag, command) = request.split_once(' ')?;
        let mut answer = Vec::new();
        let mut outcome = "OK done";
        if let Some(rest) = command.strip_prefix("LOGIN ") {
            if rest != r#""office" "a \"b\\c""# {
                outcome = "NO wrong password of office@agency.example";
            }
        } else if let Some(folder) = command.strip_prefix("EXAMINE ") {
            let content = content.lock().unwrap();
            if folder == "\"INBOX\"" {
                answer = format!(
                    "* FLAGS (\\Seen)\r\n* {} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {}] x\r\n",
                    content.letters.len(),
                    content.validity
                )
                .into_bytes();
            } else {
                outcome = "NO no such folder";
            }
        } else if let Some(range) = command.strip_prefix("UID SEARCH UID ") {
            let from: u32 = range.strip_suffix(":*")?.parse().ok()?;
            let content = content.lock().unwrap();
            let last = content.letters.keys().next_back().copied();
            // RFC 9051: a range up to `*` has the last one, whatever its number.
            let uids: Vec<String> = content
                .letters
                .keys()
                .filter(|uid| **uid >= from || Some(**uid) == last)
                .map(ToString::to_string)
                .collect();
            answer = format!("* SEARCH {}\r\n", uids.join(" ")).into_bytes();
        } else if let Some(rest) = command.strip_prefix("UID FETCH ") {
            let (uid, wanted) = rest.split_once(' ')?;
            let uid: u32 = uid.parse().ok()?;
            let most: usize = wanted
                .strip_prefix("(UID BODY.PEEK[]<0.")?
                .strip_suffix(">)")?
                .parse()
                .ok()?;
            let mut content = content.lock().unwrap();
            content.fetched += 1;
            answer.clone_from(&content.noise);
            if let Some(letter) = content.letters.get(&uid) {
                let letter = &letter[..letter.len().min(most)];
                answer.extend(format!("* 1 FETCH (UID {uid} BODY[]<0> {{{}}}\r\n", letter.len()).bytes());
                answer.extend(letter);
                answer.extend(b")\r\n");
            }
        } else if command == "LOGOUT" {
            answer = b"* BYE\r\n".to_vec();
        } else {
            outcome = "BAD what";
        }
        answer.extend(format!("{tag} {outcome}\r\n").bytes());
        say(&mut stream, &answer).await?;
    }
}

async fn say(stream: &mut Box<dyn Stream>, answer: &[u8]) -> Option<()> {
    stream.write_all(answer).await.ok()?;
    stream.flush().await.ok()
}
