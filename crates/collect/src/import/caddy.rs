//! The JSON access log of Caddy.

use super::log_line::{Flaw, LogLine};
use serde::Deserialize;
use std::borrow::Cow;
use vocabulary::Moment;

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    ts: Time<'a>,
    #[serde(borrow)]
    request: Request<'a>,
    #[serde(default)]
    status: u16,
    size: Option<u64>,
}

/// Seconds, or milliseconds where so configured, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time<'a> {
    Number(f64),
    Text(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Deserialize)]
struct Request<'a> {
    /// Behind trusted proxies; added in Caddy 2.7.
    #[serde(default)]
    client_ip: &'a str,
    #[serde(default)]
    remote_ip: &'a str,
    /// `address:port`, before Caddy 2.5.
    #[serde(default)]
    remote_addr: &'a str,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    host: &'a str,
    #[serde(borrow)]
    uri: Cow<'a, str>,
    #[serde(borrow, default)]
    headers: Headers<'a>,
}

#[derive(Deserialize, Default)]
struct Headers<'a> {
    #[serde(borrow, default, rename = "User-Agent")]
    user_agent: Vec<Cow<'a, str>>,
    #[serde(borrow, default, rename = "Referer")]
    referrer: Vec<Cow<'a, str>>,
    #[serde(borrow, default, rename = "Accept-Language")]
    language: Vec<Cow<'a, str>>,
}

/// Reads a line.
pub fn read(line: &str) -> Result<LogLine<'_>, Flaw> {
    let entry: Entry<'_> = serde_json::from_str(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Flaw::NoRequest,
        _ => Flaw::BadJson,
    })?;
    let time = moment(&entry.ts).ok_or(Flaw::BadTime)?;
    let request = entry.request;
    let remote = [request.client_ip, request.remote_ip, request.remote_addr];
    let remote = remote
        .into_iter()
        .find(|text| !text.is_empty())
        .ok_or(Flaw::NoRemote)?;
    Ok(LogLine {
        time,
        remote,
        method: request.method,
        target: request.uri,
        status: entry.status,
        bytes: entry.size,
        referrer: first(request.headers.referrer),
        user_agent: Some(first(request.headers.user_agent)),
        language: first(request.headers.language),
        host: request.host,
    })
}

fn first(values: Vec<Cow<'_, str>>) -> Cow<'_, str> {
    values.into_iter().next().unwrap_or_default()
}

fn moment(time: &Time<'_>) -> Option<Moment> {
    match time {
        // The year 5138 in seconds is 1973 in milliseconds.
        Time::Number(number) if number.abs() > 1e11 => Some(Moment(number.round() as i64)),
        Time::Number(number) => Some(Moment((number * 1_000.0).round() as i64)),
        Time::Text(text) => {
            let time: jiff::Timestamp = text.parse().ok()?;
            Some(Moment(time.as_millisecond()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"192.0.2.9","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/a?b=\u0041","headers":{"User-Agent":["Mozilla/5.0 \"x\""],"Accept":["*/*"],"Referer":["https://x.example/"],"Accept-Language":["ru,en"]},"tls":{"resumed":false}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}"#;

    #[test]
    fn a_line_reads() {
        let line = read(LINE).unwrap();
        assert_eq!(line.time, Moment(1_646_861_401_524));
        assert_eq!(
            (line.remote, line.host, &*line.target),
            ("192.0.2.9", "shop.example", "/a?b=A")
        );
        assert_eq!(
            (line.user_agent.as_deref(), &*line.language),
            (Some("Mozilla/5.0 \"x\""), "ru,en")
        );
        assert_eq!((line.status, line.bytes), (200, Some(10_900)));
        let older = LINE
            .replace(r#""client_ip":"192.0.2.9","#, "")
            .replace("1646861401.5241024", "1646861401524");
        let older = read(&older).unwrap();
        assert_eq!((older.remote, older.time), ("127.0.0.1", line.time));
        let text = LINE.replace("1646861401.5241024", r#""2022-03-09T21:30:01.524Z""#);
        assert_eq!(read(&text).unwrap().time, line.time);
    }

    #[test]
    fn flaws_are_named() {
        for (line, flaw) in [
            (&LINE[..200], Flaw::BadJson),
            (
                r#"{"level":"info","ts":1,"msg":"serving initial configuration"}"#,
                Flaw::NoRequest,
            ),
            ("[]", Flaw::NoRequest),
            (&LINE.replace("1646861401.5241024", r#""noon""#), Flaw::BadTime),
        ] {
            assert_eq!(read(line).err(), Some(flaw), "{line}");
        }
    }
}
