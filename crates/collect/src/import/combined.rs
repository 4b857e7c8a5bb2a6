//! The *common* and *combined* formats of Apache and nginx, also with the site's host in front (`vhost_combined`).

use super::log_line::{Flaw, LogLine, clf_time};
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Reads a line:
/// `[host:port ]remote identity user [time] "method target protocol" status size[ "referrer" "user agent"[ …]]`.
///
/// Further fields are passed over. A request that is no request (an attacker's bytes, a hyphen) is read with an
/// empty method, since the server answered it.
pub fn read(line: &str) -> Result<LogLine<'_>, Flaw> {
    let (before, rest) = split_at(line, b'[').ok_or(Flaw::BadTime)?;
    let mut fields = before.split_ascii_whitespace();
    let first = fields.next().ok_or(Flaw::NoRemote)?;
    let second = fields.next().ok_or(Flaw::NoRemote)?;
    let (host, remote) = match first.rsplit_once(':') {
        // An IPv6 address has colons too, but is followed by a hyphen or an identity, never by another address.
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && second.contains(['.', ':']) => {
            (host, second)
        }
        _ => ("", first),
    };
    let (time, rest) = split_at(rest, b']').ok_or(Flaw::BadTime)?;
    let time = clf_time(time).ok_or(Flaw::BadTime)?;
    let rest = rest.strip_prefix(" \"").ok_or(Flaw::BadRequest)?;
    let (request, rest) = quoted(rest)?;
    let mut fields = rest.trim_start().splitn(3, ' ');
    let status = fields
        .next()
        .filter(|text| text.len() == 3)
        .and_then(|text| text.parse().ok());
    let status = status.ok_or(Flaw::BadStatus)?;
    let bytes = match fields.next() {
        Some("-") => None,
        Some(text) => Some(text.parse().map_err(|_| Flaw::BadSize)?),
        None => return Err(Flaw::BadSize),
    };
    let (mut referrer, mut user_agent) = (Cow::default(), None);
    if let Some(rest) = fields.next().unwrap_or_default().strip_prefix('"') {
        let (text, rest) = quoted(rest)?;
        referrer = present(text);
        if let Some(rest) = rest.strip_prefix(" \"") {
            user_agent = Some(present(quoted(rest)?.0));
        }
    }
    let (method, target) = request_of(request);
    Ok(LogLine {
        time,
        remote,
        method,
        target,
        status,
        bytes,
        referrer,
        user_agent,
        language: Cow::default(),
        host,
    })
}

fn split_at(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr(byte, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The text up to the next quote that no backslash protects, unescaped, and what follows the quote.
fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), Flaw> {
    let mut from = 0;
    let mut escaped = false;
    loop {
        let at = from + memchr2(b'"', b'\\', &text.as_bytes()[from..]).ok_or(Flaw::OpenQuote)?;
        if text.as_bytes()[at] == b'"' {
            let inside = &text[..at];
            let inside = if escaped {
                unescaped(inside)
            } else {
                Cow::Borrowed(inside)
            };
            return Ok((inside, &text[at + 1..]));
        }
        escaped = true;
        // Past the backslash and the character it protects, which may be longer than a byte.
        let protected = text[at + 1..].chars().next().ok_or(Flaw::OpenQuote)?;
        from = at + 1 + protected.len_utf8();
    }
}

/// Undoes `\"`, `\\`, `\t` and the `\xHH` in which servers write other bytes.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest {
            [b'x', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |b: u8| (b as char).to_digit(16).unwrap_or_default() as u8;
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            [b't', tail @ ..] => {
                bytes.push(b'\t');
                rest = tail;
            }
            [b'n' | b'r', tail @ ..] => {
                bytes.push(b' ');
                rest = tail;
            }
            [other, tail @ ..] => {
                bytes.push(*other);
                rest = tail;
            }
            [] => bytes.push(b'\\'),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Cow::Owned(text),
        Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

fn present(text: Cow<'_, str>) -> Cow<'_, str> {
    if text == "-" { Cow::default() } else { text }
}

/// Method and target. The target of a sloppy client may have spaces, so it ends where ` HTTP/` begins.
fn request_of(request: Cow<'_, str>) -> (Cow<'_, str>, Cow<'_, str>) {
    match request {
        Cow::Borrowed(text) => {
            let (method, target) = parts(text);
            (Cow::Borrowed(method), Cow::Borrowed(target))
        }
        Cow::Owned(text) => {
            let (method, target) = parts(&text);
            (Cow::Owned(method.into()), Cow::Owned(target.into()))
        }
    }
}

fn parts(request: &str) -> (&str, &str) {
    let Some((method, rest)) = split_at(request, b' ') else {
        return ("", "");
    };
    let target = match rest.rfind(" HTTP/") {
        Some(at) => &rest[..at],
        None => rest,
    };
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase()) {
        return ("", "");
    }
    (method, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_many_servers_read() {
        let time = "[17/May/2015:10:05:03 +0200]";
        for (line, remote, host, method, target, status, bytes, referrer, user_agent) in [
            (
                format!(
                    r#"192.0.2.1 - - {time} "GET /a?b=c HTTP/1.1" 200 123 "http://x.example/" "Mozilla/5.0 (X11)""#
                ),
                "192.0.2.1",
                "",
                "GET",
                "/a?b=c",
                200,
                Some(123),
                "http://x.example/",
                Some("Mozilla/5.0 (X11)"),
            ),
            (
                format!(r#"host.example.org - ivan {time} "GET / HTTP/1.0" 304 -"#),
                "host.example.org",
                "",
                "GET",
                "/",
                304,
                None,
                "",
                None,
            ),
            (
                format!(r#"192.0.2.1 - ivan petrov {time} "GET / HTTP/1.0" 304 -"#),
                "192.0.2.1",
                "",
                "GET",
                "/",
                304,
                None,
                "",
                None,
            ),
            (
                format!(r#"2001:db8::1 - - {time} "HEAD / HTTP/2.0" 301 0 "-" "-" "-" 0.003 extra"#),
                "2001:db8::1",
                "",
                "HEAD",
                "/",
                301,
                Some(0),
                "",
                Some(""),
            ),
            (
                format!(r#"shop.example:443 192.0.2.1 - - {time} "POST /x HTTP/1.1" 500 1 "-" "curl/8""#),
                "192.0.2.1",
                "shop.example",
                "POST",
                "/x",
                500,
                Some(1),
                "",
                Some("curl/8"),
            ),
            (
                format!(r#"192.0.2.1 - - {time} "GET /a\"b\x20c HTTP/1.1" 200 1 "-" "a \"quoted\" \\ one""#),
                "192.0.2.1",
                "",
                "GET",
                "/a\"b c",
                200,
                Some(1),
                "",
                Some(r#"a "quoted" \ one"#),
            ),
            (
                format!(r#"192.0.2.1 - - {time} "\x16\x03\x01\x02" 400 226 "-" "-""#),
                "192.0.2.1",
                "",
                "",
                "",
                400,
                Some(226),
                "",
                Some(""),
            ),
            (
                format!(r#"192.0.2.1 - - {time} "-" 408 - "-" "-""#),
                "192.0.2.1",
                "",
                "",
                "",
                408,
                None,
                "",
                Some(""),
            ),
            (
                format!(r#"192.0.2.1 - - {time} "GET /a b c HTTP/1.1" 200 1"#),
                "192.0.2.1",
                "",
                "GET",
                "/a b c",
                200,
                Some(1),
                "",
                None,
            ),
            (
                format!(r#"192.0.2.1 - - {time} "GET /old" 200 1"#),
                "192.0.2.1",
                "",
                "GET",
                "/old",
                200,
                Some(1),
                "",
                None,
            ),
            (
                format!(r#"192.0.2.1 - - {time} "GET /\xD0\xB0 HTTP/1.1" 200 1"#),
                "192.0.2.1",
                "",
                "GET",
                "/а",
                200,
                Some(1),
                "",
                None,
            ),
        ] {
            let read = read(&line).unwrap_or_else(|flaw| panic!("{flaw}: {line}"));
            assert_eq!(
                (
                    read.remote,
                    read.host,
                    &*read.method,
                    &*read.target,
                    read.status,
                    read.bytes,
                    &*read.referrer,
                    read.user_agent.as_deref()
                ),
                (remote, host, method, target, status, bytes, referrer, user_agent),
                "{line}"
            );
            assert_eq!(read.time.0, 1_431_849_903_000);
        }
    }

    #[test]
    fn flaws_are_named() {
        let time = "[17/May/2015:10:05:03 +0000]";
        for (line, flaw) in [
            (String::new(), Flaw::BadTime),
            ("just words".into(), Flaw::BadTime),
            (format!("{time} \"GET / HTTP/1.1\" 200 1"), Flaw::NoRemote),
            (
                "192.0.2.1 - - [yesterday] \"GET / HTTP/1.1\" 200 1".into(),
                Flaw::BadTime,
            ),
            (format!("192.0.2.1 - - {time} GET / 200 1"), Flaw::BadRequest),
            (
                format!("192.0.2.1 - - {time} \"GET / HTTP/1.1\" ok 1"),
                Flaw::BadStatus,
            ),
            (
                format!("192.0.2.1 - - {time} \"GET / HTTP/1.1\" 200"),
                Flaw::BadSize,
            ),
            (
                format!("192.0.2.1 - - {time} \"GET / HTTP/1.1\" 200 much"),
                Flaw::BadSize,
            ),
            (format!("192.0.2.1 - - {time} \"GET / HTTP/1.1"), Flaw::OpenQuote),
            (format!("192.0.2.1 - - {time} \"GET /\\"), Flaw::OpenQuote),
            (
                format!("192.0.2.1 - - {time} \"GET / HTTP/1.1\" 200 1 \"-\" \"Mozilla/5.0 (X11"),
                Flaw::OpenQuote,
            ),
        ] {
            assert_eq!(read(&line).err(), Some(flaw), "{line}");
        }
    }
}
