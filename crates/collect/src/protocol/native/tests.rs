use super::*;
use proptest::prelude::*;
use vocabulary::Currency;

fn one(json: &str) -> Result<Hit<'_>, Problem> {
    hits(json.as_bytes(), true).map(|mut hits| hits.remove(0))
}

fn refused(body: &[u8], trusted: bool) -> (String, Problem) {
    let problem = hits(body, trusted).expect_err(&String::from_utf8_lossy(body));
    (problem.field.clone(), problem)
}

#[test]
fn pages_are_addresses_of_any_scheme_or_paths() {
    for url in [
        "",
        "/",
        "/a b",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE",
        "app://home",
        "file:///a.html",
    ] {
        assert!(super::is_address(url), "{url}");
    }
    for url in ["x", "://x", "https://", "about:blank", "#a://b"] {
        assert!(!super::is_address(url), "{url}");
    }
}

#[test]
fn bodies_are_told_apart_by_their_first_bytes() {
    let event = r#"{"site":"s","name":"a"}"#;
    for (body, count) in [
        (event.to_owned(), 1),
        (format!("\u{feff} \n{event}\n"), 1),
        (format!("[{event}]"), 1),
        (format!(" [{event},{event}] "), 2),
        ("[]".to_owned(), 0),
        (format!("{event}\n{event}\r\n\n{event}"), 3),
        (format!("{event}{event}"), 2),
    ] {
        assert_eq!(hits(body.as_bytes(), false).unwrap().len(), count, "{body}");
    }
}

#[test]
fn every_field_arrives() {
    let hit = one(
        r#"{"site":"shop.example","name":"signup","url":"https://shop.example/a?b","referrer":"https://r.example/",
        "title":"T","properties":{"plan":"pro","n":1.5,"big":1e300,"yes":true,"none":null},"visitor":"v","consent":"granted",
        "screen":"1920x1080","language":"ru","id":"i","age_ms":12.9,"interactive":false,"timestamp":null,
        "ip":"192.0.2.7","user_agent":"Mozilla","later":{"deep":[[[1]]]}}"#,
    )
    .unwrap();
    assert_eq!(
        (&*hit.site, &*hit.name, hit.kind),
        ("shop.example", "signup", EventKind::Action)
    );
    assert_eq!(
        (&*hit.url, &*hit.referrer, &*hit.title),
        ("https://shop.example/a?b", "https://r.example/", "T")
    );
    let properties: Vec<_> = hit.properties.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(
        properties,
        [
            ("plan", "pro"),
            ("n", "1.5"),
            ("big", "1e+300"),
            ("yes", "true"),
            ("none", "")
        ]
    );
    assert_eq!(
        (&*hit.visitor, hit.consent, hit.screen_width),
        ("v", Consent::Granted, Some(1920))
    );
    assert_eq!(
        (&*hit.language, &*hit.id, hit.when, hit.interactive),
        ("ru", "i", When::Ago(12), false)
    );
    assert_eq!(hit.address, Address::parse("192.0.2.7"));
    assert_eq!(hit.user_agent.as_deref(), Some("Mozilla"));
    assert!(matches!(hit.site, Cow::Borrowed(_)) && matches!(hit.properties[0].1, Cow::Borrowed(_)));
}

#[test]
fn nothing_but_a_name_and_a_page_is_needed() {
    for (json, kind, name) in [
        (
            r#"{"name":"page_view","url":"https://a.example/"}"#,
            EventKind::PageView,
            "page_view",
        ),
        (
            r#"{"name":"x","site":"s","url":null,"screen":1920,"consent":null,"age_ms":null}"#,
            EventKind::Action,
            "x",
        ),
        (
            r#"{"name":"engagement","site":"s"}"#,
            EventKind::Engagement,
            "engagement",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1}}"#,
            EventKind::Purchase,
            "purchase",
        ),
        (
            r#"{"site":"s","name":"page_view","purchase":{"revenue":1}}"#,
            EventKind::Purchase,
            "purchase",
        ),
        (
            r#"{"site":"s","name":"order","purchase":{"revenue":1}}"#,
            EventKind::Purchase,
            "order",
        ),
        (
            r#"{"site":"s","refund":{"order_id":"A"}}"#,
            EventKind::Refund,
            "refund",
        ),
    ] {
        let hit = one(json).unwrap();
        assert_eq!((hit.kind, &*hit.name), (kind, name), "{json}");
    }
}

#[test]
fn sales_are_read_and_summed() {
    let eur = Currency::parse("EUR").ok();
    for (json, order, currency, revenue, items) in [
        (
            r#"{"order_id":"A-1","revenue":129.5,"currency":"eur","tax":10}"#,
            "A-1",
            eur,
            129.5,
            0,
        ),
        (r#"{"order_id":17,"revenue":"129.50"}"#, "17", None, 129.5, 0),
        (
            r#"{"items":[{"sku":1,"price":10,"quantity":2},{"name":"x","price":"5"}]}"#,
            "",
            None,
            25.0,
            2,
        ),
    ] {
        let json = format!(r#"{{"site":"s","purchase":{json}}}"#);
        let sale = one(&json).unwrap().sale.unwrap();
        assert_eq!(
            (&*sale.order_id, sale.currency, sale.revenue, sale.items.len()),
            (order, currency, revenue, items)
        );
    }
    let refund = one(r#"{"site":"s","refund":{"order_id":"A-1","revenue":-20}}"#)
        .unwrap()
        .sale
        .unwrap();
    assert_eq!(refund.revenue.to_bits(), 20f64.to_bits());
}

#[test]
fn times_are_read_in_every_form() {
    for (timestamp, want) in [
        (r#""2026-11-22T10:30:00Z""#, 1_795_343_400_000),
        (r#""2026-11-22T13:30:00.250+03:00""#, 1_795_343_400_250),
        ("1795343400", 1_795_343_400_000),
        ("1795343400.25", 1_795_343_400_250),
        ("1795343400250", 1_795_343_400_250),
        (r#""1795343400""#, 1_795_343_400_000),
        ("-1", -1_000),
    ] {
        let json = format!(r#"{{"site":"s","name":"a","timestamp":{timestamp}}}"#);
        assert_eq!(one(&json).unwrap().when, When::At(Moment(want)), "{timestamp}");
    }
    for (age, want) in [
        ("0", 0),
        ("259200000", 259_200_000),
        ("-5", -5),
        ("1e300", i64::MAX),
        ("-1e300", i64::MIN),
    ] {
        let json = format!(r#"{{"site":"s","name":"a","age_ms":{age}}}"#);
        assert_eq!(one(&json).unwrap().when, When::Ago(want), "{age}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let long = |field: &str, n: usize| format!(r#"{{"site":"s","name":"a","{field}":"{}"}}"#, "x".repeat(n));
    let cases: Vec<(String, &str)> = vec![
        (String::new(), ""),
        ("   ".into(), ""),
        ("null".into(), ""),
        ("7".into(), ""),
        (r#""text""#.into(), ""),
        ("{".into(), ""),
        (r#"{"site":"s","name":"a""#.into(), "name"),
        (r#"{"site":7,"name":"a"}"#.into(), "site"),
        (r#"{"name":{"a":1},"site":"s"}"#.into(), "name"),
        (r#"{"site":"s"}"#.into(), "name"),
        (r#"{"site":"s","name":" "}"#.into(), "name"),
        (r#"{"name":"signup"}"#.into(), "site"),
        (r#"{"site":"s","name":"page_view"}"#.into(), "url"),
        (r#"{"site":"s","name":"a","url":["x"]}"#.into(), "url"),
        (r#"{"site":"s","name":"a","url":"not an address"}"#.into(), "url"),
        (
            r#"{"site":"s","name":"a","url":"javascript:alert(1)"}"#.into(),
            "url",
        ),
        (r#"{"site":"s","name":"a","url":"a?b=c://d"}"#.into(), "url"),
        (r#"{"site":"s","name":"a","properties":[1]}"#.into(), "properties"),
        (
            r#"{"site":"s","name":"a","properties":{"x":{"y":1}}}"#.into(),
            "properties",
        ),
        (
            r#"{"site":"s","name":"a","properties":{"x":[1]}}"#.into(),
            "properties",
        ),
        (r#"{"site":"s","name":"a","title":"\u0000"}"#.into(), "title"),
        (r#"{"site":"s","name":"a","title":"\ud800"}"#.into(), "title"),
        (r#"{"site":"s","name":"a","purchase":7}"#.into(), "purchase"),
        (r#"{"site":"s","purchase":{}}"#.into(), "purchase.revenue"),
        (
            r#"{"site":"s","purchase":{"revenue":"much"}}"#.into(),
            "purchase.revenue",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":[1]}}"#.into(),
            "purchase.revenue",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1e999}}"#.into(),
            "purchase.revenue",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1e300}}"#.into(),
            "purchase.revenue",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":-1}}"#.into(),
            "purchase.revenue",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1,"currency":"EURO"}}"#.into(),
            "purchase.currency",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1,"items":7}}"#.into(),
            "purchase.items",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1,"items":[{},{"price":{}}]}}"#.into(),
            "purchase.items[1].price",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1,"items":[{"price":-1}]}}"#.into(),
            "purchase.items[0].price",
        ),
        (
            r#"{"site":"s","purchase":{"revenue":1,"items":[{"quantity":1e12}]}}"#.into(),
            "purchase.items[0].quantity",
        ),
        (r#"{"site":"s","refund":{"revenue":1}}"#.into(), "refund.order_id"),
        (
            r#"{"site":"s","refund":{"order_id":"A"},"purchase":{"revenue":1}}"#.into(),
            "refund",
        ),
        (r#"{"site":"s","name":"a","consent":"maybe"}"#.into(), "consent"),
        (
            r#"{"site":"s","name":"a","interactive":"yes"}"#.into(),
            "interactive",
        ),
        (r#"{"site":"s","name":"a","age_ms":"old"}"#.into(), "age_ms"),
        (
            r#"{"site":"s","name":"a","timestamp":"yesterday"}"#.into(),
            "timestamp",
        ),
        (
            r#"{"site":"s","name":"a","timestamp":"+275760-09-13T00:00:00Z"}"#.into(),
            "timestamp",
        ),
        (r#"{"site":"s","name":"a","timestamp":1e300}"#.into(), "timestamp"),
        (
            r#"{"site":"s","name":"a","timestamp":"2026-02-30T00:00:00Z"}"#.into(),
            "timestamp",
        ),
        (r#"{"site":"s","name":"a","ip":"here"}"#.into(), "ip"),
        (long("url", 8_193), "url"),
        (long("referrer", 8_193), "referrer"),
        (long("title", 4_097), "title"),
        (long("id", 65), "id"),
        (long("visitor", 129), "visitor"),
        (long("user_agent", 2_049), "user_agent"),
        (format!(r#"{{"site":"s","name":"{}"}}"#, "x".repeat(121)), "name"),
        (
            format!(
                r#"{{"site":"s","name":"a","properties":{{"x":"{}"}}}}"#,
                "x".repeat(2_001)
            ),
            "properties[0]",
        ),
        (
            r#"[{"site":"s","name":"a"},{"site":"s","purchase":{"revenue":"x"}}]"#.into(),
            "events[1].purchase.revenue",
        ),
        (
            r#"[{"site":"s","name":"a"},{"site":"s"}]"#.into(),
            "events[1].name",
        ),
        (
            "{\"site\":\"s\",\"name\":\"a\"}\n{\"site\":\"s\",\"name\":\"a\",\"url\":7}".into(),
            "events[1].url",
        ),
        (
            "{\"site\":\"s\",\"name\":\"a\"}\n{\"site\":\"s\",\"name\":\"a\",\"ip\":\"x\"}".into(),
            "events[1].ip",
        ),
        ("[7]".into(), "events[0]"),
        // A list is never taken for an object with its fields in order.
        (r#"[["shop.example","a"]]"#.into(), "events[0]"),
        (
            r#"{"site":"s","name":"a","purchase":["RA",99,"EUR"]}"#.into(),
            "purchase",
        ),
        (
            r#"{"site":"s","name":"a","purchase":{"revenue":1,"items":[["a","b"]]}}"#.into(),
            "purchase.items[0]",
        ),
        ("[".repeat(200_000), "events[0]"),
        (
            format!("{}1", r#"{"properties":"#.repeat(50_000)),
            "properties.properties",
        ),
        (r#"[{"site":"s","name":"a"}] x"#.into(), ""),
    ];
    for (body, want) in &cases {
        let shown: String = body.chars().take(100).collect();
        let (field, problem) = refused(body.as_bytes(), true);
        assert_eq!(field, *want, "{shown} {problem:?}");
        assert_eq!(problem.status, 400, "{shown}");
        assert!(!problem.detail.is_empty());
    }
    let (field, _) = refused(b"{\"site\":\"s\",\"name\":\"\xff\"}", true);
    assert_eq!(field, "name");
    let (field, _) = refused(b"{\"site\":\"s\",\"name\":\"a\0b\"}", true);
    assert_eq!(field, "name");
}

#[test]
fn deep_nesting_in_what_is_passed_over_does_no_harm() {
    for open in ["[", "{\"a\":"] {
        let body = format!(r#"{{"site":"s","name":"a","unknown":{}"#, open.repeat(100_000));
        assert!(hits(body.as_bytes(), false).is_err());
    }
    let body = format!(
        r#"{{"site":"s","name":"a","unknown":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(hits(body.as_bytes(), false).map_or(0, |h| h.len()), 1);
}

#[test]
fn a_thousand_events_are_taken_and_one_more_is_not() {
    let event = r#"{"site":"s","name":"a"}"#;
    for (separator, open, close) in [(",", "[", "]"), ("\n", "", "")] {
        let body = |n: usize| format!("{open}{}{close}", vec![event; n].join(separator));
        assert_eq!(hits(body(1_000).as_bytes(), false).unwrap().len(), 1_000);
        assert_eq!(refused(body(1_001).as_bytes(), false).1.code, "too_many_events");
    }
}

#[test]
fn only_trusted_senders_set_time_address_and_browser() {
    for (field, value) in [
        ("timestamp", "1795343400"),
        ("ip", "\"192.0.2.7\""),
        ("user_agent", "\"\""),
    ] {
        let body = format!(r#"{{"site":"s","name":"a","{field}":{value}}}"#);
        assert!(hits(body.as_bytes(), true).is_ok());
        let (named, problem) = refused(body.as_bytes(), false);
        assert_eq!(named, field);
        assert!(problem.detail.contains("send token"));
    }
}

#[test]
fn no_answer_repeats_what_was_sent() {
    for body in [
        r#"{"site":"s","name":"a","age_ms":"SECRET"}"#,
        r#"{"site":"s","name":"a","consent":"SECRET"}"#,
        r#"{"site":"s","name":"a","interactive":"SECRET"}"#,
        r#"{"site":"s","name":"a","properties":{"SECRET":{"SECRET":1}}}"#,
        r#"{"site":"s","name":"a","properties":"SECRET"}"#,
        r#"{"SECRET":{"name":SECRET}}"#,
        r#"{"site":"s","name":"a","ip":"SECRET"}"#,
        r#"{"site":"s","name":"a","timestamp":"SECRET"}"#,
        r#"{"site":"s","purchase":{"revenue":1,"currency":"SECRET"}}"#,
    ] {
        let (_, problem) = refused(body.as_bytes(), true);
        assert!(
            !format!("{problem:?} {}", problem.to_json()).contains("SECRET"),
            "{problem:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, trusted: bool) {
        let _ = hits(&bytes, trusted);
    }

    #[test]
    fn a_broken_event_is_read_or_refused(at in 0..300usize, byte: u8, cut in 0..300usize) {
        let whole = br#"[{"site":"shop.example","name":"signup","url":"https://shop.example/","properties":{"a":"b","c":1},"purchase":{"order_id":"A-1","revenue":129.5,"currency":"EUR","items":[{"sku":"S","price":1.5,"quantity":2}]},"consent":"granted","screen":"1920x1080","age_ms":12,"interactive":true,"timestamp":1795343400}]"#;
        let mut bytes = whole.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = hits(&bytes, true);
        bytes.truncate(cut);
        if let Err(problem) = hits(&bytes, true) {
            prop_assert!(problem.status == 400 && !problem.detail.is_empty());
        }
    }
}
