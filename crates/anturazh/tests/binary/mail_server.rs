//! A mail server on this machine that keeps what it is given (RFC 5321).

use base64::Engine as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) struct MailServer {
    pub(crate) port: u16,
    /// Each letter as it came, header and body.
    taken: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = taken.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || talk(stream, &kept));
            }
        });
        Self { port, taken }
    }

    /// How many letters have come.
    pub(crate) fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    /// The letter of that place, once it has come; quoted-printable lines are joined.
    pub(crate) fn letter(&self, place: usize) -> String {
        for _ in 0..300 {
            if let Some(letter) = self.taken.lock().unwrap().get(place) {
                return opened(letter);
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("letter {place} did not come within 30 seconds");
    }
}

/// A letter with its text as people read it: mails in other alphabets are in base64.
fn opened(letter: &str) -> String {
    let plain = letter.replace("=\r\n", "").replace("=3D", "=");
    if !letter.contains("Content-Transfer-Encoding: base64") {
        return plain;
    }
    let body = letter.split_once("\r\n\r\n").unwrap_or_default().1;
    let packed: String = body.split_whitespace().collect();
    let text = base64::engine::general_purpose::STANDARD
        .decode(packed)
        .unwrap_or_default();
    plain + &String::from_utf8_lossy(&text)
}

fn talk(stream: TcpStream, taken: &Mutex<Vec<String>>) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).ok();
    say("220 mx.example")?;
    while let Some(Ok(command)) = lines.next() {
        match command.to_ascii_uppercase().as_str() {
            "DATA" => {
                say("354 go")?;
                let mut letter = String::new();
                while let Some(Ok(line)) = lines.next() {
                    if line == "." {
                        break;
                    }
                    letter.push_str(line.strip_prefix('.').unwrap_or(&line));
                    letter.push_str("\r\n");
                }
                taken.lock().unwrap().push(letter);
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 ok")?,
        }
    }
    Some(())
}
