//! The protocols that trackers speak: one row here and one file each.

mod json_path;
mod json_text;
pub mod native;
pub mod pixel;
pub mod plausible;

use crate::counters::Tally;
use crate::hit::Hit;
use crate::problem::Problem;
use crate::{Address, SiteTable};
use http::{HeaderMap, header};
use std::borrow::Cow;
use vocabulary::{Reason, SiteId};

/// A protocol: where it is spoken, how it is read and how it is answered.
pub struct Protocol {
    /// Its name in metrics and logs.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// Reads a request. All hits of it are read, or none.
    pub(crate) decode: for<'a> fn(&Input<'a>) -> Result<Reading<'a>, Answer>,
    /// Says what became of them, once that is on disk.
    pub(crate) answer: fn(&Outcome) -> Answer,
    /// Says that a request as a whole cannot be read.
    pub(crate) refuse: fn(&Problem) -> Answer,
}

/// Every protocol.
pub const PROTOCOLS: &[Protocol] = &[native::PROTOCOL, plausible::PROTOCOL, pixel::PROTOCOL];

impl Protocol {
    /// The protocol spoken at a path with a method.
    pub fn at(method: &str, path: &str) -> Option<&'static Self> {
        PROTOCOLS.iter().find(|p| p.path == path && p.method == method)
    }
}

/// What a decoder gets to see.
pub(crate) struct Input<'a> {
    /// The request's headers.
    pub(crate) headers: &'a HeaderMap,
    /// The query string, without `?`.
    pub(crate) query: &'a str,
    /// The body, unpacked.
    pub(crate) body: &'a [u8],
    /// The sites and tokens.
    pub(crate) sites: &'a SiteTable,
    /// The client's address.
    pub(crate) client: Address,
}

/// What a decoder gives.
pub(crate) struct Reading<'a> {
    /// The hits, in order.
    pub(crate) hits: Vec<Hit<'a>>,
    /// The site for which the sender's token speaks, if it brought one.
    pub(crate) token: Option<SiteId>,
}

impl Input<'_> {
    /// The token of an `Authorization: Bearer` header, and the site for which it may send.
    pub(crate) fn token(&self) -> Result<Option<SiteId>, Problem> {
        let Some(value) = self.headers.get(header::AUTHORIZATION) else {
            return Ok(None);
        };
        let known = std::str::from_utf8(value.as_bytes())
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| self.sites.sender(token.trim()));
        known.map(Some).ok_or_else(|| {
            Problem::request(
                "bad_token",
                "the token is not known or may not send; make one with `anturazh token create --site DOMAIN --can send`",
            )
            .with_status(401)
        })
    }
}

/// What became of a request's hits.
pub(crate) struct Outcome {
    /// Events that are on disk now.
    pub(crate) accepted: u64,
    /// Hits dropped, by reason.
    pub(crate) dropped: Tally,
}

impl Outcome {
    /// How many were dropped.
    pub(crate) fn dropped_in_all(&self) -> u64 {
        self.dropped.dropped.iter().sum()
    }

    /// The reasons, `bot=1, duplicate=2`.
    pub(crate) fn reasons(&self) -> String {
        let pairs: Vec<String> = self.dropped.reasons().map(|(r, n)| format!("{r}={n}")).collect();
        pairs.join(", ")
    }
}

/// An answer, ready to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Cow<'static, [u8]>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A problem as problem+json.
    pub fn problem(problem: &Problem) -> Self {
        Self::new(
            problem.status,
            "application/problem+json",
            problem.to_json().into_bytes(),
        )
    }

    /// 503: the journal cannot take events now. Nothing of the request was promised.
    pub fn unavailable(code: &'static str, detail: &'static str, retry_after_s: u32) -> Self {
        let body = serde_json::json!({
            "type": "about:blank",
            "title": "Events cannot be stored at the moment.",
            "status": 503,
            "code": code,
            "detail": detail,
        });
        Self::new(503, "application/problem+json", body.to_string().into_bytes())
            .with("retry-after", retry_after_s.to_string())
    }
}

/// A tally of refusals as the JSON object `{"bot":1}`.
pub(crate) fn reasons_json(dropped: &Tally) -> String {
    let pairs: Vec<String> = dropped
        .reasons()
        .map(|(reason, n): (Reason, u64)| format!("\"{}\":{n}", reason.name()))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_a_door_of_its_own() {
        for (place, protocol) in PROTOCOLS.iter().enumerate() {
            let found = Protocol::at(protocol.method, protocol.path).unwrap();
            assert_eq!(found.name, protocol.name);
            assert!(PROTOCOLS[..place].iter().all(|p| p.name != protocol.name));
        }
        assert!(Protocol::at("GET", "/api/v1/events").is_none());
    }
}
