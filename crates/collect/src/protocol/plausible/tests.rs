use super::*;
use crate::{Address, SiteTable};
use http::HeaderMap;

fn read(body: &str) -> Result<Vec<Hit<'static>>, Answer> {
    let headers = HeaderMap::new();
    let sites = SiteTable::default();
    let input = Input {
        headers: &headers,
        query: "",
        body: body.as_bytes(),
        sites: &sites,
        client: Address::parse("192.0.2.7").unwrap(),
    };
    // What is read owns its texts; only the signature ties it to the input.
    decode(&input).map(|reading| {
        reading
            .hits
            .into_iter()
            .map(|hit| Hit {
                site: hit.site.into_owned().into(),
                name: hit.name.into_owned().into(),
                kind: hit.kind,
                url: hit.url.into_owned().into(),
                referrer: hit.referrer.into_owned().into(),
                properties: hit
                    .properties
                    .into_iter()
                    .map(|(n, v)| (n.into_owned().into(), v.into_owned().into()))
                    .collect(),
                interactive: hit.interactive,
                fragment_is_page: hit.fragment_is_page,
                sale: hit.sale.map(|sale| SaleHit {
                    currency: sale.currency,
                    revenue: sale.revenue,
                    ..SaleHit::default()
                }),
                ..Hit::default()
            })
            .collect()
    })
}

fn one(body: &str) -> Hit<'static> {
    read(body)
        .unwrap_or_else(|answer| panic!("{body}: {answer:?}"))
        .remove(0)
}

#[test]
fn bad_requests_are_answered_as_plausible_does() {
    let long = "x".repeat(121);
    for (body, want) in [
        ("", r#"{"error":"Unable to parse request body as json"}"#),
        ("{", r#"{"error":"Unable to parse request body as json"}"#),
        ("[]", r#"{"error":"Unable to parse request body as json"}"#),
        (
            r#"{"n":"pageview","d":"a.example"}"#,
            r#"{"errors":{"url":["is required"]}}"#,
        ),
        (
            r#"{"n":"pageview","d":"a.example","u":7}"#,
            r#"{"errors":{"url":["must be a string"]}}"#,
        ),
        (
            r#"{"n":"pageview","d":"a.example","u":"data:text/html,x"}"#,
            r#"{"errors":{"url":["scheme is not allowed"]}}"#,
        ),
        (
            r#"{"n":"pageview","d":"","u":"https://a.example"}"#,
            r#"{"errors":{"domain":["can't be blank"]}}"#,
        ),
        (
            r#"{"n":"pageview","u":"/path"}"#,
            r#"{"errors":{"domain":["can't be blank"]}}"#,
        ),
        (
            r#"{"u":"https://a.example","d":"a.example"}"#,
            r#"{"errors":{"event_name":["can't be blank"]}}"#,
        ),
        (
            &format!(r#"{{"n":"{long}","u":"https://a.example"}}"#),
            r#"{"errors":{"event_name":["should be at most 120 character(s)"]}}"#,
        ),
        (
            r#"{"n":"x","u":"https://a.example","p":7}"#,
            r#"{"errors":{"props":["must be a map"]}}"#,
        ),
        (
            r#"{"n":"engagement","u":"https://a.example","sd":null}"#,
            r#"{"errors":{"engagement_time":["engagement needs scroll depth or engagement time"]}}"#,
        ),
    ] {
        let answer = read(body).expect_err(body);
        assert_eq!(
            (answer.status, &*String::from_utf8_lossy(&answer.body)),
            (400, want),
            "{body}"
        );
    }
    let url = format!(r#"{{"n":"x","u":"https://a.example/{}"}}"#, "x".repeat(2_000));
    assert_eq!(read(&url).expect_err("too long").status, 400);
    let value = format!(
        r#"{{"n":"x","u":"https://a.example","p":{{"a":"{}"}}}}"#,
        "x".repeat(2_001)
    );
    assert_eq!(read(&value).expect_err("too long").status, 400);
}

#[test]
fn short_and_long_names_are_read() {
    for (body, site, name, kind) in [
        (
            r#"{"n":"pageview","u":"https://a.example/x","d":"a.example"}"#,
            "a.example",
            "page_view",
            EventKind::PageView,
        ),
        (
            r#"{"name":"pageview","url":"https://www.a.example/x"}"#,
            "a.example",
            "page_view",
            EventKind::PageView,
        ),
        (
            r#"{"n":404,"u":"https://a.example/"}"#,
            "a.example",
            "not_found",
            EventKind::Action,
        ),
        (
            r#"{"n":"Signup","u":"https://a.example/"}"#,
            "a.example",
            "Signup",
            EventKind::Action,
        ),
        (
            r#"{"n":"Outbound Link: Click","u":"https://a.example/"}"#,
            "a.example",
            "outbound_link",
            EventKind::Action,
        ),
        (
            r#"{"n":"File Download","u":"https://a.example/"}"#,
            "a.example",
            "file_download",
            EventKind::Action,
        ),
        (
            r#"{"n":"engagement","u":"https://a.example/","sd":null,"e":625,"v":36}"#,
            "a.example",
            "engagement",
            EventKind::Engagement,
        ),
        (
            r#"{"n":"engagement","u":"https://a.example/","sd":120}"#,
            "a.example",
            "engagement",
            EventKind::Engagement,
        ),
        (
            r#"{"n":"pageleave","u":"https://a.example/"}"#,
            "a.example",
            "engagement",
            EventKind::Engagement,
        ),
    ] {
        let hit = one(body);
        assert_eq!((&*hit.site, &*hit.name, hit.kind), (site, name, kind), "{body}");
    }
    let sites: Vec<String> = read(r#"{"n":"x","u":"https://a.example/","d":"a.example, b.example,"}"#)
        .unwrap()
        .iter()
        .map(|hit| hit.site.to_string())
        .collect();
    assert_eq!(sites, ["a.example", "b.example"]);
}

#[test]
fn properties_revenue_and_flags_follow_the_documented_rules() {
    let hit = one(
        r#"{"n":"x","u":"https://a.example/","p":"{\"plan\":\"pro\",\"n\":5,\"no\":null,\"list\":[1],\"blank\":\" \"}","i":false,"h":1}"#,
    );
    let properties: Vec<_> = hit.properties.iter().map(|(n, v)| (&**n, &**v)).collect();
    assert_eq!(properties, [("plan", "pro"), ("n", "5")]);
    assert!(!hit.interactive && hit.fragment_is_page);
    let many: Vec<String> = (0..40).map(|n| format!(r#""k{n}":"v""#)).collect();
    assert_eq!(
        one(&format!(
            r#"{{"n":"x","u":"https://a.example/","m":{{{}}}}}"#,
            many.join(",")
        ))
        .properties
        .len(),
        30
    );
    for (revenue, want) in [
        (r#"{"amount":129.5,"currency":"EUR"}"#, Some(129.5)),
        (r#""{\"amount\":\"129.5\",\"currency\":\"EUR\"}""#, Some(129.5)),
        (r#"{"amount":"much","currency":"EUR"}"#, None),
        (r#"{"amount":1e300,"currency":"EUR"}"#, None),
        (r#"{"amount":1,"currency":"EURO"}"#, None),
        ("7", None),
    ] {
        let hit = one(&format!(
            r#"{{"n":"Purchase","u":"https://a.example/","$":{revenue}}}"#
        ));
        assert_eq!(hit.sale.map(|sale| sale.revenue), want, "{revenue}");
    }
    let hit = one(&format!(
        r#"{{"n":"x","u":"https://a.example/","r":"https://r.example/{}"}}"#,
        "я".repeat(2_000)
    ));
    assert!(hit.referrer.len() <= 2_000);
    assert!(one(r#"{"n":"pageview","u":"https://a.example/","i":false}"#).interactive);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in "\\PC{0,80}", name in "\\PC{0,10}", value in "\\PC{0,20}") {
        let _ = read(&body);
        let json = json!({ "n": name, "u": value, "p": { value.clone(): value.clone() }, "d": value, "$": value });
        let _ = read(&json.to_string());
    }
}
