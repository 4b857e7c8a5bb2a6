//! A browser without scripts, over a real connection: keeps cookies, follows nothing by itself.

use crate::http::{Answer, Connection};
use credentials::TotpSecret;
use std::fmt::Write as _;
use std::io;
use std::time::{Duration, SystemTime};

/// What comes faster than a person types is asked for once more.
pub(crate) const TYPING: Duration = Duration::from_millis(2_200);
/// The password of accounts made here.
pub(crate) const PASSWORD: &str = "qvoltze pass phrase of an owner";

pub(crate) struct Browser {
    address: String,
    cookies: Vec<(String, String)>,
    /// Where it says that it comes from, to a server that trusts this machine as a proxy.
    pub(crate) forwarded_for: Option<String>,
    /// Every secret that it was given in a cookie.
    pub(crate) secrets: Vec<String>,
}

/// Percent-encodes everything but letters and digits.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The value of a hidden field of the form that leads to `action`.
pub(crate) fn hidden(page: &str, action: &str, name: &str) -> String {
    let form = page.split(&format!("action=\"{action}")).nth(1);
    let form = form.unwrap_or_else(|| panic!("no form leads to {action}"));
    let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1);
    value
        .expect("a hidden field")
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

impl Browser {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            cookies: Vec::new(),
            forwarded_for: None,
            secrets: Vec::new(),
        }
    }

    /// The same browser, when its server listens elsewhere.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self {
            cookies: self.cookies.clone(),
            ..Self::new(address)
        }
    }

    fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> io::Result<Answer> {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{more}", self.address);
        if !cookies.is_empty() {
            let _ = write!(head, "Cookie: {}\r\n", cookies.join("; "));
        }
        if let Some(from) = &self.forwarded_for {
            let _ = write!(head, "X-Forwarded-For: {from}\r\n");
        }
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let answer = Connection::open(&self.address)?.send(request.as_bytes())?;
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(k, _)| k != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
                self.secrets.push(value.to_owned());
            }
        }
        Ok(answer)
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", "").unwrap()
    }

    /// Sends a form; the fields are percent-encoded here.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).unwrap()
    }

    /// Sends a form to a server that may be about to die.
    pub(crate) fn try_post(&mut self, path: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let fields: Vec<String> = fields
            .iter()
            .map(|(k, v)| format!("{k}={}", encoded(v)))
            .collect();
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send("POST", path, kind, &fields.join("&"))
    }

    /// Loads a page of a signed-in account and sends a form with the token of the sign-in.
    pub(crate) fn fill(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).text();
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        let csrf = csrf.split('"').next().unwrap();
        self.post(action, &[&[("csrf", csrf)], fields].concat())
    }

    /// Loads a form of the public site, takes the time that a person takes, and sends it.
    pub(crate) fn fill_slowly(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).text();
        let token = hidden(&page, action, "token");
        std::thread::sleep(TYPING);
        self.post(action, &[&[("token", &*token)], fields].concat())
    }

    /// Sets up the first owner's account by its link, and a second factor for it.
    pub(crate) fn set_up(&mut self, link: &str, login: &str, name: &str) {
        let token = link.split("token=").nth(1).unwrap();
        let fields = [
            ("token", token),
            ("login", login),
            ("name", name),
            ("password", PASSWORD),
        ];
        let answer = self.post("/set-up", &fields);
        assert_eq!(answer.status, 303, "{}", answer.text());
        let card = self.fill(
            "/security",
            "/security/second-factor",
            &[("app_password", PASSWORD)],
        );
        let card = card.text();
        let secret = card.split("id=\"app-secret\">").nth(1).unwrap();
        let secret = base32(secret.split('<').next().unwrap());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let code = secret.code(i64::try_from(now.as_millis()).unwrap());
        let confirm = "/security/second-factor/confirm";
        let csrf = hidden(&card, confirm, "csrf");
        let done = self.post(confirm, &[("csrf", &csrf), ("code", code.reveal())]);
        assert_eq!(done.status, 200, "{}", done.text());
    }
}

/// RFC 4648, without padding, in groups.
fn base32(text: &str) -> TotpSecret {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    TotpSecret::from_bytes(&bytes).unwrap()
}
