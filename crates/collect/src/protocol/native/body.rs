//! The body of a request: one event, a list of them or one after another; and what is said where it cannot be read.

use super::{MOST_EVENTS, NativeEvent};
use crate::hit::Hit;
use crate::problem::Problem;
use crate::protocol::json_path;
use crate::protocol::json_text::Named;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// What each field must be, said to whoever sent something else.
const FIELDS: &[(&str, &str)] = &[
    ("site", "must be a text: the site's domain"),
    ("name", "must be a text: `page_view` or the name of an action"),
    ("url", "must be a text: the page's URL"),
    ("referrer", "must be a text"),
    ("title", "must be a text"),
    (
        "properties",
        "must be an object of at most 30 texts, numbers and truth values, without lists or objects inside",
    ),
    (
        "purchase",
        "must be an object such as {\"order_id\":\"A-1\",\"revenue\":129.5,\"currency\":\"EUR\"}",
    ),
    (
        "refund",
        "must be an object such as {\"order_id\":\"A-1\",\"revenue\":129.5,\"currency\":\"EUR\"}",
    ),
    ("order_id", "must be a text or a number"),
    (
        "revenue",
        "must be a number in whole units of the currency, such as 129.5",
    ),
    ("tax", "must be a number in whole units of the currency"),
    ("shipping", "must be a number in whole units of the currency"),
    ("discount", "must be a number in whole units of the currency"),
    ("currency", "must be a text of three letters, such as EUR"),
    (
        "items",
        "must be a list of at most 200 objects with `sku`, `name`, `category`, `price`, `quantity`",
    ),
    ("sku", "must be a text or a number"),
    ("category", "must be a text"),
    ("price", "must be a number in whole units of the currency"),
    ("quantity", "must be a number"),
    ("visitor", "must be a text"),
    ("consent", "must be `granted` or `denied`"),
    (
        "screen",
        "must be a text such as 1920x1080, or the width as a number",
    ),
    ("language", "must be a text such as en-GB"),
    ("id", "must be a text"),
    ("age_ms", "must be a number of milliseconds"),
    ("interactive", "must be true or false"),
    (
        "timestamp",
        "must be a time as in RFC 3339, or seconds or milliseconds since 1970 as a number",
    ),
    ("ip", "must be a text"),
    ("user_agent", "must be a text"),
];

fn too_many() -> Problem {
    Problem::request("too_many_events", "send at most 1,000 events in a request")
}

/// The hits of a body as far as it has been read, and the first event that made none.
struct Reading<'a> {
    hits: Vec<Hit<'a>>,
    read: usize,
    trusted: bool,
    fault: Option<(usize, Problem)>,
}

impl<'a> Reading<'a> {
    fn new(trusted: bool) -> Self {
        Self {
            hits: Vec::with_capacity(1),
            read: 0,
            trusted,
            fault: None,
        }
    }

    fn take(&mut self, event: NativeEvent<'a>) {
        if self.fault.is_none() {
            match event.into_hit(self.trusted) {
                Ok(hit) => self.hits.push(hit),
                Err(problem) => self.fault = Some((self.read, problem)),
            }
        }
        self.read += 1;
    }
}

pub(super) fn sequence(body: &[u8], trusted: bool) -> Result<Vec<Hit<'_>>, Problem> {
    let mut reading = Reading::new(trusted);
    for event in serde_json::Deserializer::from_slice(body).into_iter::<Named<NativeEvent<'_>>>() {
        if reading.read == MOST_EVENTS {
            return Err(too_many());
        }
        reading.take(event.map_err(|e| unreadable(body, &e, reading.read > 0))?.0);
    }
    match reading.fault {
        Some((_, problem)) if reading.read == 1 => Err(problem),
        Some((place, problem)) => Err(problem.in_event(place)),
        None if reading.read == 0 => Err(Problem::request(
            "empty",
            "the body is empty; send one JSON object or a list of them",
        )),
        None => Ok(reading.hits),
    }
}

/// Reads a list without ever holding more than [`MOST_EVENTS`].
struct List<'v, 'a> {
    reading: &'v mut Reading<'a>,
    overflow: &'v mut bool,
}

impl<'a> DeserializeSeed<'a> for List<'_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for List<'_, 'a> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }
    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while self.reading.read < MOST_EVENTS {
            match seq.next_element::<Named<_>>()? {
                Some(Named(event)) => self.reading.take(event),
                None => return Ok(()),
            }
        }
        if seq.next_element::<IgnoredAny>()?.is_some() {
            *self.overflow = true;
            return Err(A::Error::custom("too many events"));
        }
        Ok(())
    }
}

pub(super) fn list(body: &[u8], trusted: bool) -> Result<Vec<Hit<'_>>, Problem> {
    let mut reading = Reading::new(trusted);
    let mut overflow = false;
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let seed = List {
        reading: &mut reading,
        overflow: &mut overflow,
    };
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (read, reading.fault) {
        (Err(_), _) if overflow => Err(too_many()),
        (Err(error), _) => Err(unreadable(body, &error, false)),
        (Ok(()), Some((place, problem))) => Err(problem.in_event(place)),
        (Ok(()), None) => Ok(reading.hits),
    }
}

/// Says which field cannot be read, without repeating its content.
pub(super) fn unreadable(body: &[u8], error: &serde_json::Error, many: bool) -> Problem {
    let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let (values, path) = json_path::path_at(body, json_path::offset(body, error), &known);
    let field = match path.strip_prefix('[').and_then(|p| p.split_once(']')) {
        Some((place, rest)) => format!("events[{place}]{rest}"),
        None if many && path.is_empty() => format!("events[{values}]"),
        None if many => format!("events[{values}].{path}"),
        None => path,
    };
    let leaf = field.rsplit('.').next().unwrap_or_default();
    let leaf = leaf.split('[').next().unwrap_or_default();
    let must = FIELDS
        .iter()
        .find(|(name, _)| *name == leaf)
        .map(|(_, must)| *must);
    let place = format!("line {}, column {}", error.line(), error.column());
    match (error.classify(), must) {
        (serde_json::error::Category::Data, Some(must)) => Problem::field(field, must),
        (serde_json::error::Category::Data, None) => {
            Problem::field(field, "must be an object with the fields of an event")
        }
        (serde_json::error::Category::Eof, _) => Problem {
            field,
            ..Problem::request("bad_json", format!("the JSON ends too early, at {place}"))
        },
        (_, Some(must)) => Problem {
            field,
            ..Problem::request("bad_json", format!("not valid JSON at {place}: the field {must}"))
        },
        (_, None) => Problem {
            field,
            ..Problem::request("bad_json", format!("not valid JSON at {place}"))
        },
    }
}
