//! Plausible's Events API: `POST /api/event`, by its documentation and its published source's answers.
//!
//! One JSON object, whatever the content type. `d` may name several sites, separated by commas. Events that Plausible
//! sends by itself get our names, so that the manifest's switches and the dashboard's panels apply to them.

use super::{Answer, Input, Outcome, Protocol, Reading};
use crate::hit::{ENGAGEMENT, Hit, Properties, SaleHit, When};
use crate::page::Page;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use vocabulary::event::PAGE_VIEW;
use vocabulary::{Currency, EventKind};

/// The row of this protocol.
pub const PROTOCOL: Protocol = Protocol {
    name: "plausible",
    method: "POST",
    path: "/api/event",
    decode,
    answer,
    refuse: |problem| errors_json("body", &problem.detail),
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 120;
/// The longest URL, in bytes.
const LONGEST_URL: usize = 2_000;
/// Properties kept.
const MOST_PROPERTIES: usize = 30;
/// The longest property, in bytes: its name and its value.
const LONGEST_PROPERTY: (usize, usize) = (300, 2_000);
/// Sites of one request at most; more are no honest use.
const MOST_SITES: usize = 20;
/// The longest time engaged with a page, in milliseconds: 30 days.
const LONGEST_ENGAGED_MS: i64 = 30 * vocabulary::moment::DAY_MS;

/// Names of events that its script sends by itself, with ours.
const OWN_EVENTS: &[(&str, &str)] = &[
    ("Outbound Link: Click", "outbound_link"),
    ("File Download", "file_download"),
    ("404", "not_found"),
];

fn errors_json(field: &str, error: &str) -> Answer {
    let body = json!({ "errors": { field: [error] } });
    Answer::new(400, "application/json", body.to_string().into_bytes())
}

fn answer(outcome: &Outcome) -> Answer {
    let answer = Answer::new(202, "text/plain; charset=utf-8", &b"ok"[..]);
    match outcome.dropped_in_all() {
        0 => answer,
        n => answer
            .with("x-plausible-dropped", n.to_string())
            .with("x-anturazh-dropped", outcome.reasons()),
    }
}

/// Looks a field up by its short and long names.
fn field<'m>(body: &'m Map<String, Value>, names: &[&str]) -> Option<&'m Value> {
    names
        .iter()
        .find_map(|name| body.get(*name))
        .filter(|value| !value.is_null())
}

fn clean(text: &str) -> String {
    text.replace('\0', "")
}

fn decode<'a>(input: &Input<'a>) -> Result<Reading<'a>, Answer> {
    let debug = input
        .headers
        .get("x-debug-request")
        .is_some_and(|v| v.as_bytes() == b"true");
    if debug {
        // The sender asks which address of its own is used; the event is not counted.
        let address = input.client.full();
        return Err(Answer::new(
            200,
            "text/plain; charset=utf-8",
            address.as_bytes().to_vec(),
        ));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(input.body) else {
        let body = json!({ "error": "Unable to parse request body as json" });
        return Err(Answer::new(
            400,
            "application/json",
            body.to_string().into_bytes(),
        ));
    };
    let name = match field(&body, &["n", "name"]) {
        Some(Value::String(name)) if !name.trim().is_empty() => clean(name),
        Some(Value::Number(name)) => name.to_string(),
        _ => return Err(errors_json("event_name", "can't be blank")),
    };
    if name.chars().count() > LONGEST_NAME {
        return Err(errors_json("event_name", "should be at most 120 character(s)"));
    }
    let url = match field(&body, &["u", "url"]) {
        Some(Value::String(url)) if url.len() > LONGEST_URL => {
            return Err(errors_json("url", "should be at most 2000 byte(s)"));
        }
        Some(Value::String(url)) if !url.trim().is_empty() => clean(url),
        Some(Value::String(_)) | None => return Err(errors_json("url", "is required")),
        Some(_) => return Err(errors_json("url", "must be a string")),
    };
    let page = Page::parse(&url);
    if page.scheme.eq_ignore_ascii_case("data") {
        return Err(errors_json("url", "scheme is not allowed"));
    }
    let domains = match field(&body, &["d", "domain"]) {
        Some(Value::String(domains)) => domains.clone(),
        Some(_) => return Err(errors_json("domain", "can't be blank")),
        None => page.host.to_string(),
    };
    let domains: Vec<&str> = domains
        .split(',')
        .map(str::trim)
        .filter(|d| !d.is_empty())
        .collect();
    if domains.is_empty() {
        return Err(errors_json("domain", "can't be blank"));
    }
    if domains.len() > MOST_SITES {
        return Err(errors_json("domain", "should be at most 20"));
    }
    let properties = properties(&body)?;
    let (kind, name) = match &*name {
        "pageview" => (EventKind::PageView, PAGE_VIEW.to_owned()),
        ENGAGEMENT | "pageleave" => {
            if name == ENGAGEMENT && !engaged(&body) {
                return Err(errors_json(
                    "engagement_time",
                    "engagement needs scroll depth or engagement time",
                ));
            }
            (EventKind::Engagement, ENGAGEMENT.to_owned())
        }
        _ => {
            let ours = OWN_EVENTS.iter().find(|(theirs, _)| *theirs == name);
            (
                EventKind::Action,
                ours.map_or(name, |(_, ours)| (*ours).to_owned()),
            )
        }
    };
    let sale = revenue(&body).filter(|_| kind == EventKind::Action);
    let hit = Hit {
        kind,
        name: name.into(),
        referrer: match field(&body, &["r", "referrer"]) {
            Some(Value::String(referrer)) => clean(cut(referrer, LONGEST_URL)).into(),
            _ => Cow::Borrowed(""),
        },
        properties,
        sale,
        when: When::Ago(0),
        interactive: kind == EventKind::PageView
            || field(&body, &["i", "interactive"]) != Some(&Value::Bool(false)),
        fragment_is_page: match field(&body, &["h", "hashMode"]) {
            Some(Value::Number(on)) => on.as_i64() == Some(1),
            Some(Value::Bool(on)) => *on,
            _ => false,
        },
        url: url.into(),
        ..Hit::default()
    };
    let hits = domains
        .iter()
        .map(|domain| Hit {
            site: clean(domain).into(),
            ..hit.clone()
        })
        .collect();
    Ok(Reading { hits, token: None })
}

/// Cut to at most that many bytes, between characters.
fn cut(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

/// An object, or a text that holds one.
fn object(value: &Value) -> Option<Cow<'_, Map<String, Value>>> {
    match value {
        Value::Object(map) => Some(Cow::Borrowed(map)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Some(Cow::Owned(map)),
            _ => None,
        },
        _ => None,
    }
}

fn properties(body: &Map<String, Value>) -> Result<Properties<'static>, Answer> {
    let Some(value) = field(body, &["p", "props", "m", "meta"]) else {
        return Ok(Vec::new());
    };
    let Some(map) = object(value) else {
        return match value {
            Value::String(text) if text.trim().is_empty() => Ok(Vec::new()),
            _ => Err(errors_json("props", "must be a map")),
        };
    };
    let mut properties = Vec::new();
    for (name, value) in map.iter() {
        let value = match value {
            Value::String(text) if !text.trim().is_empty() => clean(text),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            _ => continue,
        };
        if name.len() > LONGEST_PROPERTY.0 || value.len() > LONGEST_PROPERTY.1 {
            return Err(errors_json(
                "props",
                "keys should have at most 300 bytes and values at most 2000",
            ));
        }
        if properties.len() < MOST_PROPERTIES {
            properties.push((clean(name).into(), value.into()));
        }
    }
    Ok(properties)
}

/// Whether `sd` or `e` says something.
fn engaged(body: &Map<String, Value>) -> bool {
    let whole = |names: &[&str]| field(body, names).and_then(Value::as_i64);
    whole(&["sd"]).is_some_and(|depth| depth >= 0)
        || whole(&["e"]).is_some_and(|ms| (0..LONGEST_ENGAGED_MS).contains(&ms))
}

/// The revenue; a bad one is no reason to refuse the event.
fn revenue(body: &Map<String, Value>) -> Option<SaleHit<'static>> {
    let revenue = object(field(body, &["$", "revenue"])?)?;
    let currency = Currency::parse(revenue.get("currency")?.as_str()?).ok()?;
    let amount = match revenue.get("amount")? {
        Value::Number(amount) => amount.as_f64()?,
        Value::String(amount) => amount.trim().parse().ok()?,
        _ => return None,
    };
    (amount >= 0.0 && currency.to_minor(amount).is_some()).then(|| SaleHit {
        currency: Some(currency),
        revenue: amount,
        ..SaleHit::default()
    })
}

#[cfg(test)]
mod tests;
