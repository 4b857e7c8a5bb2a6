//! Our own protocol: `POST /api/v1/events`.
//!
//! The body is one JSON object, an array of them, or objects one after another (NDJSON), told apart by the first bytes
//! and never by the content type. It is all or nothing while it is read: one event that cannot be read makes the whole
//! request a `400` that names the field, and nothing of it is stored. Events that can be read are then kept or dropped
//! one by one. Fields that are not known are passed over.

mod body;
mod sale;

use super::json_text::{Amount, Named, Pairs, Scalar, Text};
use super::{Answer, Input, Outcome, Protocol, Reading, reasons_json};
use crate::Address;
use crate::hit::{Hit, Properties, When};
use crate::problem::Problem;
use body::{list, sequence, unreadable};
use policy::Consent;
use sale::NativeSale;
use serde::Deserialize;
use std::borrow::Cow;
use vocabulary::event::PAGE_VIEW;
use vocabulary::{EventKind, Moment};

/// The row of this protocol.
pub const PROTOCOL: Protocol = Protocol {
    name: "native",
    method: "POST",
    path: "/api/v1/events",
    decode,
    answer,
    refuse: Answer::problem,
};

/// Events of one request at most.
pub const MOST_EVENTS: usize = 1_000;
/// Properties of one event at most.
pub const MOST_PROPERTIES: usize = 30;
/// Goods of one order at most.
pub const MOST_ITEMS: usize = 200;

/// The longest text of each field, in characters.
pub const LONGEST: &[(&str, usize)] = &[
    ("site", 253),
    ("name", 120),
    ("url", 8_192),
    ("referrer", 8_192),
    ("title", 4_096),
    ("visitor", 128),
    ("language", 128),
    ("screen", 32),
    ("id", 64),
    ("ip", 64),
    ("user_agent", 2_048),
    ("order_id", 100),
    ("sku", 100),
    ("item", 300),
    ("property name", 300),
    ("property", 2_000),
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct NativeEvent<'a> {
    #[serde(borrow)]
    site: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    referrer: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    properties: Pairs<'a>,
    #[serde(borrow)]
    purchase: Option<Box<Named<NativeSale<'a>>>>,
    #[serde(borrow)]
    refund: Option<Box<Named<NativeSale<'a>>>>,
    #[serde(borrow)]
    visitor: Text<'a>,
    #[serde(borrow)]
    consent: Text<'a>,
    #[serde(borrow)]
    screen: Scalar<'a>,
    #[serde(borrow)]
    language: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    age_ms: Option<Amount>,
    interactive: Option<bool>,
    #[serde(borrow)]
    timestamp: Scalar<'a>,
    #[serde(borrow)]
    ip: Text<'a>,
    #[serde(borrow)]
    user_agent: Option<Text<'a>>,
}

fn decode<'a>(input: &Input<'a>) -> Result<Reading<'a>, Answer> {
    let token = input.token().map_err(|p| Answer::problem(&p))?;
    let hits = hits(input.body, token.is_some()).map_err(|p| Answer::problem(&p))?;
    Ok(Reading { hits, token })
}

fn answer(outcome: &Outcome) -> Answer {
    let json = "application/json";
    if outcome.accepted == 1 && outcome.dropped_in_all() == 0 {
        return Answer::new(202, json, &br#"{"accepted":1,"dropped":{}}"#[..]);
    }
    let body = format!(
        "{{\"accepted\":{},\"dropped\":{}}}",
        outcome.accepted,
        reasons_json(&outcome.dropped)
    );
    Answer::new(202, json, body.into_bytes())
}

/// Reads the events of a body. `trusted` senders may set `timestamp`, `ip` and `user_agent`.
pub fn hits(body: &[u8], trusted: bool) -> Result<Vec<Hit<'_>>, Problem> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let body = body.trim_ascii_start();
    if body.first() == Some(&b'[') {
        list(body, trusted)
    } else {
        sequence(body, trusted)
    }
}

/// Reads one event of a trusted sender, such as a line of an NDJSON file.
pub fn hit_of_line(line: &[u8]) -> Result<Hit<'_>, Problem> {
    let Named(event): Named<NativeEvent<'_>> =
        serde_json::from_slice(line).map_err(|e| unreadable(line, &e, false))?;
    event.into_hit(true)
}

fn bounded(field: &str, limit: &str, text: &str) -> Result<(), Problem> {
    let longest = LONGEST
        .iter()
        .find(|(name, _)| *name == limit)
        .map_or(usize::MAX, |(_, n)| *n);
    if text.len() > longest && text.chars().count() > longest {
        return Err(Problem::field(
            field,
            format!("must have at most {longest} characters; cut it before sending"),
        ));
    }
    if text.contains('\0') {
        return Err(Problem::field(field, "must not contain NUL characters"));
    }
    Ok(())
}

impl<'a> NativeEvent<'a> {
    fn into_hit(self, trusted: bool) -> Result<Hit<'a>, Problem> {
        for (field, text) in [
            ("site", &self.site.0),
            ("name", &self.name.0),
            ("url", &self.url.0),
            ("referrer", &self.referrer.0),
            ("title", &self.title.0),
            ("visitor", &self.visitor.0),
            ("language", &self.language.0),
            ("screen", &self.screen.0),
            ("id", &self.id.0),
            ("ip", &self.ip.0),
        ] {
            bounded(field, field, text)?;
        }
        let consent = match &*self.consent.0 {
            "" => Consent::Unset,
            "granted" => Consent::Granted,
            "denied" => Consent::Denied,
            _ => return Err(Problem::field("consent", "must be `granted` or `denied`")),
        };
        let (kind, sale) = match (self.purchase, self.refund) {
            (None, None) => (None, None),
            (Some(sale), None) => (
                Some(EventKind::Purchase),
                Some(sale.0.into_sale(EventKind::Purchase)?),
            ),
            (None, Some(sale)) => (
                Some(EventKind::Refund),
                Some(sale.0.into_sale(EventKind::Refund)?),
            ),
            (Some(_), Some(_)) => {
                return Err(Problem::field(
                    "refund",
                    "must not come with `purchase`; send two events",
                ));
            }
        };
        let (kind, name) = named(kind, self.name.0)?;
        if self.url.0.is_empty() && kind == EventKind::PageView {
            return Err(Problem::field("url", "is required: the page's URL"));
        }
        if !is_address(&self.url.0) {
            return Err(Problem::field(
                "url",
                "must be an address such as https://shop.example/page, or its path",
            ));
        }
        if self.site.0.is_empty() && self.url.0.is_empty() {
            return Err(Problem::field("site", "is required: the site's domain"));
        }
        let only_servers = |field| {
            Problem::field(
                field,
                "needs a send token of the site, as `Authorization: Bearer …`; browsers leave it out",
            )
        };
        if !trusted {
            if !self.timestamp.0.is_empty() {
                return Err(only_servers("timestamp"));
            }
            if !self.ip.0.is_empty() {
                return Err(only_servers("ip"));
            }
            if self.user_agent.is_some() {
                return Err(only_servers("user_agent"));
            }
        }
        let address = match &*self.ip.0 {
            "" => None,
            text => Some(Address::parse(text).ok_or_else(|| Problem::field("ip", "must be an IP address"))?),
        };
        let user_agent = self.user_agent.map(|text| text.0);
        if let Some(text) = &user_agent {
            bounded("user_agent", "user_agent", text)?;
        }
        Ok(Hit {
            site: self.site.0,
            name,
            kind,
            url: self.url.0,
            referrer: self.referrer.0,
            title: self.title.0,
            properties: properties(self.properties)?,
            sale,
            visitor: self.visitor.0,
            consent,
            screen_width: screen_width(&self.screen.0),
            language: self.language.0,
            id: self.id.0,
            when: when(&self.timestamp.0, self.age_ms)?,
            interactive: self.interactive.unwrap_or(true),
            address,
            user_agent,
            ..Hit::default()
        })
    }
}

/// Whether a text is empty, a path, or an address with a host of whatever scheme (apps have their own).
fn is_address(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty()
        || text.starts_with('/')
        || text.split_once("://").is_some_and(|(scheme, rest)| {
            !scheme.is_empty() && !rest.is_empty() && !scheme.contains(['/', '?', '#', ' '])
        })
}

fn named(kind: Option<EventKind>, name: Cow<'_, str>) -> Result<(EventKind, Cow<'_, str>), Problem> {
    let own = |kind| match kind {
        EventKind::Refund => "refund",
        _ => "purchase",
    };
    Ok(match (kind, &*name) {
        (None, PAGE_VIEW) => (EventKind::PageView, name),
        (None, crate::hit::ENGAGEMENT) => (EventKind::Engagement, name),
        (None, text) if text.trim().is_empty() => {
            return Err(Problem::field(
                "name",
                "is required: `page_view` or the name of an action",
            ));
        }
        (None, _) => (EventKind::Action, name),
        (Some(kind), text) if text.trim().is_empty() || text == PAGE_VIEW => (kind, own(kind).into()),
        (Some(kind), _) => (kind, name),
    })
}

fn properties(pairs: Pairs<'_>) -> Result<Properties<'_>, Problem> {
    let Pairs(pairs) = pairs;
    if pairs.len() > MOST_PROPERTIES {
        return Err(Problem::field("properties", "must have at most 30 entries"));
    }
    for (place, (name, value)) in pairs.iter().enumerate() {
        let field = format!("properties[{place}]");
        bounded(&field, "property name", name)?;
        bounded(&field, "property", value)?;
    }
    Ok(pairs)
}

/// The width of `1920x1080` or `1920`; none if it is no such thing, since a screen is never worth a hit.
pub(super) fn screen_width(text: &str) -> Option<u32> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits]
        .parse()
        .ok()
        .filter(|width| (1..=100_000).contains(width))
}

/// Numbers from this on are milliseconds since 1970, below it seconds (the year 5138).
const SMALLEST_MS: f64 = 1e11;

fn when(timestamp: &str, age_ms: Option<Amount>) -> Result<When, Problem> {
    let bad = || {
        Problem::field(
            "timestamp",
            "must be a time such as 2026-11-22T10:30:00Z, or seconds or milliseconds since 1970",
        )
    };
    if timestamp.is_empty() {
        // Rounding toward zero and stopping at the ends of i64 are both right for an age.
        return Ok(When::Ago(age_ms.map_or(0, |age| age.0 as i64)));
    }
    if let Ok(number) = timestamp.parse::<f64>() {
        let ms = if number.abs() < SMALLEST_MS {
            number * 1_000.0
        } else {
            number
        };
        // Within the years that RFC 3339 can write.
        if !ms.is_finite() || !(-6.3e13..=2.6e14).contains(&ms) {
            return Err(bad());
        }
        return Ok(When::At(Moment(ms as i64)));
    }
    let time: jiff::Timestamp = timestamp.parse().map_err(|_| bad())?;
    Ok(When::At(Moment(time.as_millisecond())))
}

#[cfg(test)]
mod tests;
