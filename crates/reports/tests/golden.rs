//! A few lines of traffic, questions in JSON, and their answers, in `tests/golden/`.

use events::Part;
use jiff::{Timestamp, tz::TimeZone};
use reports::{Site, View, json, period::Calendar};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use vocabulary::{
    Column, Currency, Event, EventKind, Goal, Moment, Sale, SiteId, VisitorKey,
    event::{PAGE_VIEW, Texts},
};

#[derive(Deserialize)]
struct Golden {
    zone: String,
    currency: String,
    now: String,
    goals: Vec<Goal>,
    events: Vec<Line>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Line {
    visitor: u64,
    time: String,
    kind: EventKind,
    revenue: Option<i64>,
    #[serde(flatten)]
    texts: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Case {
    about: String,
    query: Value,
    results: Value,
    #[serde(default)]
    warnings: Vec<String>,
    total_rows: Option<u64>,
}

fn moment(text: &str) -> Moment {
    let timestamp: Timestamp = text.parse().expect("a timestamp");
    Moment(timestamp.as_millisecond())
}

fn event(line: &Line) -> Event {
    let mut texts = Texts::default();
    for (name, text) in &line.texts {
        let column = Column::parse(name).expect("a column of the register");
        texts.set(column, text.as_str().expect("a text"));
    }
    if line.kind == EventKind::PageView {
        texts.set(Column::Name, PAGE_VIEW);
    }
    Event {
        site: SiteId(1),
        visitor: VisitorKey(line.visitor),
        time: moment(&line.time),
        kind: line.kind,
        interactive: true,
        sale: line.revenue.map(|revenue| Sale {
            revenue,
            ..Sale::default()
        }),
        texts,
    }
}

#[test]
fn answers_are_as_written() {
    let golden: Golden = serde_json::from_str(include_str!("golden/shop.json")).unwrap();
    let mut events: Vec<Event> = golden.events.iter().map(event).collect();
    events.sort_by(Event::order);
    let view = View {
        parts: vec![(Arc::new(Part::from_events(&events)), None)],
        ..View::default()
    };
    let zone = TimeZone::get(&golden.zone).unwrap();
    let site = Site {
        time_zone: &zone,
        currency: Currency::parse(&golden.currency).unwrap(),
        goals: &golden.goals,
    };
    let calendar = Calendar {
        time_zone: &zone,
        now: moment(&golden.now),
        first_event: reports::first_event(&view),
    };
    assert_eq!(calendar.first_event, events.iter().map(|e| e.time).min());
    for case in golden.cases {
        let mut body = case.query;
        body["site_id"] = "shop.example".into();
        let request = json::Request::read(body.to_string().as_bytes()).unwrap();
        let question = request.question(&calendar, &golden.goals).unwrap();
        let answer = reports::answer(&question, &view, &site);
        let written = json::write(&request, &question, &answer, &site);
        assert_eq!(written["results"], case.results, "{}", case.about);
        let meta = &written["meta"];
        let none = Vec::new();
        let warnings = meta["warnings"].as_array().unwrap_or(&none);
        let codes: Vec<&str> = warnings.iter().filter_map(|w| w["code"].as_str()).collect();
        assert_eq!(codes, case.warnings, "{}", case.about);
        assert_eq!(meta["total_rows"].as_u64(), case.total_rows, "{}", case.about);

        // The query as it was understood asks the same again.
        let mut again = written["query"].clone();
        again["include"]["comparisons"] = Value::Null;
        let again = json::Request::read(again.to_string().as_bytes()).unwrap();
        let again = again.question(&calendar, &golden.goals).unwrap();
        assert_eq!(
            (again.range.from, again.range.to),
            (question.range.from, question.range.to)
        );
        assert_eq!(
            (again.filter, again.dimensions),
            (question.filter, question.dimensions)
        );
    }
}
