//! Takes out of a text what may identify a person before the text is stored: e-mail addresses, telephone and card
//! numbers, and what looks like a token. Errs on the side of taking, but leaves slugs, dates and stock numbers alone.

use std::borrow::Cow;
use std::ops::Range;

mod digits;
mod mail;
mod token;

/// Names of URL parameters whose value is taken out whatever it looks like.
const SECRET_PARAMETERS: &[&str] = &[
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "auth_token",
    "code",
    "email",
    "e-mail",
    "hash",
    "jwt",
    "key",
    "login",
    "mail",
    "msisdn",
    "otp",
    "pass",
    "passwd",
    "password",
    "phone",
    "phpsessid",
    "pwd",
    "refresh_token",
    "secret",
    "session",
    "session_id",
    "sessionid",
    "sid",
    "sig",
    "sign",
    "signature",
    "tel",
    "telephone",
    "ticket",
    "token",
];

/// A text without what may identify a person.
pub fn text(text: &str) -> Cow<'_, str> {
    let signs = Signs::of(text);
    let mut result = Cow::Borrowed(text);
    if signs.mail {
        result = replace(result, "[email]", mail::find);
    }
    if signs.longest_run >= token::SHORTEST {
        result = replace(result, "[token]", token::find);
    }
    if signs.digits >= digits::FEWEST {
        result = replace(result, "[card]", digits::find_card);
        result = replace(result, "[phone]", digits::find_phone);
    }
    result
}

/// A number given by a shop (of an order, of goods): only e-mail addresses are taken out, since long numbers and
/// letters are what such a number is.
pub fn number(text: &str) -> Cow<'_, str> {
    if Signs::of(text).mail {
        replace(Cow::Borrowed(text), "[email]", mail::find)
    } else {
        Cow::Borrowed(text)
    }
}

/// A URL without user name and password, without the values of parameters that are secret by their name, and
/// otherwise as [`text`].
pub fn url(url: &str) -> Cow<'_, str> {
    let without_credentials = without_credentials(url);
    let masked = match without_credentials {
        Cow::Borrowed(url) => without_secrets(url),
        Cow::Owned(url) => Cow::Owned(without_secrets(&url).into_owned()),
    };
    match masked {
        Cow::Borrowed(url) => text(url),
        Cow::Owned(url) => Cow::Owned(text(&url).into_owned()),
    }
}

fn without_credentials(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("//") else {
        return Cow::Borrowed(url);
    };
    let authority = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => Cow::Owned([scheme, "//", &rest[at + 1..]].concat()),
        None => Cow::Borrowed(url),
    }
}

fn without_secrets(url: &str) -> Cow<'_, str> {
    let secret = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, value)| {
            !value.is_empty() && SECRET_PARAMETERS.iter().any(|s| s.eq_ignore_ascii_case(name))
        })
    };
    let ends = ['?', '&', '#', ';'];
    if !url.contains('=') || !url.split(ends).any(secret) {
        return Cow::Borrowed(url);
    }
    let mut result = String::with_capacity(url.len());
    for piece in url.split_inclusive(ends) {
        let pair = piece.strip_suffix(ends).unwrap_or(piece);
        match pair.split_once('=') {
            Some((name, _)) if secret(pair) => {
                result.push_str(name);
                result.push_str("=[token]");
                result.push_str(&piece[pair.len()..]);
            }
            _ => result.push_str(piece),
        }
    }
    Cow::Owned(result)
}

/// What one pass over the bytes can say: whether a search for anything can be worth while.
struct Signs {
    mail: bool,
    digits: usize,
    longest_run: usize,
}

impl Signs {
    fn of(text: &str) -> Self {
        let (mut mail, mut digits, mut run, mut longest_run) = (false, 0, 0, 0);
        for byte in text.bytes() {
            let class = CLASSES[usize::from(byte)];
            mail |= class & MAIL != 0;
            digits += usize::from(class & DIGIT != 0);
            run = if class & RUN == 0 { 0 } else { run + 1 };
            longest_run = longest_run.max(run);
        }
        Self {
            mail,
            digits,
            longest_run,
        }
    }
}

const MAIL: u8 = 1;
const DIGIT: u8 = 2;
const RUN: u8 = 4;
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b == b'@' || b == b'%' {
            classes[byte] |= MAIL;
        }
        if b.is_ascii_digit() {
            classes[byte] |= DIGIT;
        }
        if b.is_ascii_alphanumeric() || b == b'-' || b == b'_' {
            classes[byte] |= RUN;
        }
        byte += 1;
    }
    classes
};

/// Puts `mark` in place of everything that `find` finds from left to right.
fn replace<'a>(
    text: Cow<'a, str>,
    mark: &str,
    find: impl Fn(&str, usize) -> Option<Range<usize>>,
) -> Cow<'a, str> {
    let Some(mut found) = find(&text, 0) else {
        return text;
    };
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    loop {
        result.push_str(&text[done..found.start]);
        result.push_str(mark);
        done = found.end;
        match find(&text, done) {
            Some(next) => found = next,
            None => break,
        }
    }
    result.push_str(&text[done..]);
    Cow::Owned(result)
}

/// Whether a letter or digit ends just before `at`.
fn joined_before(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(char::is_alphanumeric)
}

/// Whether a letter or digit starts at `at`.
fn joined_after(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
