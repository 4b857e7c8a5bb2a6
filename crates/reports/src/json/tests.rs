use super::*;
use crate::Operator;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

fn calendar(zone: &TimeZone) -> Calendar<'_> {
    let now: Timestamp = "2026-03-30T12:30:00Z".parse().unwrap();
    Calendar {
        time_zone: zone,
        now: Moment(now.as_millisecond()),
        first_event: None,
    }
}

fn question(body: &Value) -> Result<Question, BadQuestion> {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let goals = [Goal {
        name: "Order".into(),
        rule: vocabulary::GoalRule::Page("/thanks".into()),
    }];
    Request::read(body.to_string().as_bytes())?.question(&calendar(&zone), &goals)
}

/// A good request with one key replaced.
fn with(key: &str, value: Value) -> Value {
    let mut body = json!({"site_id": "shop.example", "metrics": ["visitors"], "date_range": "7d"});
    body[key] = value;
    body
}

#[test]
fn bad_requests_name_the_field_and_the_remedy() {
    let mut deep = json!(["is", "visit:country", ["DE"]]);
    for _ in 0..20 {
        deep = json!(["not", deep]);
    }
    #[rustfmt::skip]
    let cases = [
        (json!([]), "body", "no object"),
        (json!({"metrics": ["visitors"], "date_range": "7d"}), "site_id", "required"),
        (json!({"site_id": "a.b", "date_range": "7d"}), "metrics", "required"),
        (with("metric", json!(["visitors"])), "body", "did you mean `metrics`?"),
        (with("metrics", json!(["visitor"])), "metrics[0]", "did you mean `visitors`?"),
        (with("metrics", json!(["visits", "visits"])), "metrics[1]", "twice"),
        (with("metrics", json!([])), "metrics", "at least one"),
        (with("metrics", json!("visitors")), "metrics", "brackets"),
        (with("metrics", json!([7])), "metrics[0]", "quotation"),
        (with("dimensions", json!(["visit:contry"])), "dimensions[0]", "did you mean `visit:country`?"),
        (with("dimensions", json!(["time:day", "time:day"])), "dimensions[1]", "twice"),
        (with("dimensions", json!(["event:props:a", "event:props:b", "event:props:c", "event:props:d", "event:props:e", "event:props:f", "event:props:g"])), "dimensions", "several questions"),
        (with("date_range", json!("7days")), "date_range", "7d"),
        (with("date_range", json!(["2026-01-02", "2026-01-01"])), "date_range", "swap"),
        (with("date_range", json!(["2026-13-02", "2026-01-01"])), "date_range[0]", "two dates"),
        (with("date_range", json!(["2026-01-01"])), "date_range", "two dates"),
        (with("date_range", json!(["2026-01-01T10:00:00", "2026-01-01T12:00:00"])), "date_range[0]", "offset"),
        (with("date_range", json!(["2026-01-01T12:00:00Z", "2026-01-01T10:00:00Z"])), "date_range", "swap"),
        (with("filters", json!(["is", "visit:country", ["DE"]])), "filters[0]", "brackets"),
        (with("filters", json!([["is", "visit:country"]])), "filters[0]", "write it as"),
        (with("filters", json!([["equals", "visit:country", ["DE"]]])), "filters[0][0]", "matches"),
        (with("filters", json!([["is", "country", ["DE"]]])), "filters[0][1]", "known"),
        (with("filters", json!([["is", "time:day", ["2026-01-01"]]])), "filters[0][1]", "date_range"),
        (with("filters", json!([["is", "visit:country", []]])), "filters[0][2]", "1 to"),
        (with("filters", json!([["is", "visit:country", [1]]])), "filters[0][2][0]", "quotation"),
        (with("filters", json!([["matches", "event:page", ["("]]])), "filters[0][2]", "RE2"),
        (with("filters", json!([["is", "visit:country", ["DE"], {"case": true}]])), "filters[0][3]", "case_sensitive"),
        (with("filters", json!([["is", "visit:country", ["DE"], {"case_sensitive": 1}]])), "filters[0][3].case_sensitive", "true or false"),
        (with("filters", json!([["or", []]])), "filters[0][1]", "at least one"),
        (with("filters", json!([["and", [["is", "visit:city", ["a"]], ["is"]]]])), "filters[0][1][1]", "write it as"),
        (with("filters", json!([deep])), "filters[0][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]", "levels"),
        (with("filters", json!([["is", "event:goal", ["Ordr"]]])), "filters", "did you mean `Order`?"),
        (with("order_by", json!([["visits", "desc"]])), "order_by[0][0]", "metrics or dimensions"),
        (with("order_by", json!([["visitors", "down"]])), "order_by[0][1]", "asc"),
        (with("order_by", json!([["visitors"]])), "order_by[0]", "pair"),
        (with("pagination", json!({"limit": 0})), "pagination.limit", "from 1"),
        (with("pagination", json!({"offset": -1})), "pagination.offset", "from 0"),
        (with("pagination", json!({"page": 1})), "pagination", "known"),
        (with("include", json!({"time_labels": true})), "include.time_labels", "time:day"),
        (with("include", json!({"total_rows": "yes"})), "include.total_rows", "true or false"),
        (with("include", json!({"comparisons": {"mode": "before"}})), "include.comparisons.mode", "previous_period"),
        (with("include", json!({"comparisons": {"mode": "custom"}})), "include.comparisons.date_range", "two dates"),
    ];
    for (body, field, words) in cases {
        let bad = question(&body).expect_err(&body.to_string());
        assert_eq!(bad.field, field, "{body}: {bad}");
        assert!(bad.to_string().contains(words), "{body}: {bad}");
    }
    for body in [&b"{"[..], b"", b"\xff", b"{\"a\":1e999}"] {
        assert_eq!(Request::read(body).unwrap_err().field, "body");
    }
    let minutes =
        json!({"site_id": "a.b", "metrics": ["visits"], "date_range": "12mo", "dimensions": ["time:minute"]});
    assert_eq!(question(&minutes).unwrap_err().field, "dimensions[0]");
    let all = json!({"site_id": "a.b", "metrics": ["visits"], "date_range": "all", "include": {"comparisons": {"mode": "previous_period"}}});
    assert_eq!(question(&all).unwrap_err().field, "include.comparisons");
}

#[test]
fn good_requests_become_questions() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let ms = |text: &str| Moment(text.parse::<Timestamp>().unwrap().as_millisecond());
    let whole = question(&json!({
        "site_id": "shop.example",
        "metrics": ["visitors", "total_revenue"],
        "date_range": ["2026-03-28", "2026-03-29"],
        "dimensions": ["time", "visit:source"],
        "filters": [["is", "visit:source", ["(none)"]], ["not", ["contains", "event:page", ["/A"], {"case_sensitive": false}]]],
        "order_by": [["time", "desc"], ["visitors", "asc"]],
        "include": {"total_rows": true, "comparisons": {"mode": "year_over_year", "match_day_of_week": true}},
        "pagination": {"limit": 5, "offset": 10},
    }))
    .unwrap();
    assert_eq!(whole.range.from, ms("2026-03-27T23:00:00Z"));
    assert_eq!(
        whole.range.to,
        ms("2026-03-29T22:00:00Z"),
        "the last day has 23 hours"
    );
    assert_eq!(
        whole.dimensions[0],
        Dimension::Time(Interval::Hour),
        "two days are shown by the hour"
    );
    assert_eq!(
        whole.order[0],
        (
            OrderKey::Dimension(whole.dimensions[0].clone()),
            Direction::Descending
        )
    );
    assert_eq!((whole.limit, whole.offset), (5, 10));
    let source = Filter::leaf(whole.dimensions[1].clone(), Operator::Is, ["", "(none)"]);
    let Filter::And(parts) = &whole.filter else {
        panic!("two conditions")
    };
    assert_eq!(parts[0], source);
    let year = whole.comparison.unwrap();
    assert_eq!(
        calendar(&zone).day(year.from),
        "2025-03-29".parse().unwrap(),
        "a Saturday too"
    );

    let moments = question(&with(
        "date_range",
        json!(["2026-03-01T12:00:00+02:00", "2026-03-01T15:59:59+02:00"]),
    ))
    .unwrap();
    assert_eq!(
        (moments.range.from, moments.range.to),
        (ms("2026-03-01T10:00:00Z"), ms("2026-03-01T14:00:00Z"))
    );
}

#[test]
fn filters_are_written_as_they_are_read() {
    let filters = json!([
        ["is", "visit:source", ["(none)", "Google"]],
        ["not", ["matches", "event:page", ["^/a"]]],
        [
            "or",
            [
                ["contains_not", "event:props:plan", ["x"], {"case_sensitive": false}],
                ["is_not", "visit:entry_page", ["/"]]
            ]
        ],
    ]);
    assert_eq!(filter::write(&filter::read(&filters).unwrap()), filters);
}
