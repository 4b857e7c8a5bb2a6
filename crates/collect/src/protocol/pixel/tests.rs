use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

#[test]
fn parameters_make_a_hit() {
    let page = headers(&[
        ("referer", "https://a.example/page"),
        ("cookie", "x=1; _anturazh=abc; y=2"),
    ]);
    for (query, name, url, visitor) in [
        ("site=a.example", PAGE_VIEW, "https://a.example/page", ""),
        (
            "site=a.example&name=&v=1",
            PAGE_VIEW,
            "https://a.example/page",
            "",
        ),
        (
            "site=a.example&url=https%3A%2F%2Fa.example%2Fx&name=sign+up",
            "sign up",
            "https://a.example/x",
            "",
        ),
        (
            "site=a.example&consent=granted",
            PAGE_VIEW,
            "https://a.example/page",
            "abc",
        ),
        (
            "site=a.example&consent=granted&visitor=own",
            PAGE_VIEW,
            "https://a.example/page",
            "own",
        ),
        (
            "site=a.example&consent=denied",
            PAGE_VIEW,
            "https://a.example/page",
            "",
        ),
        (
            "event=%7B%22site%22:%22a.example%22,%22name%22:%22x%22%7D",
            "x",
            "",
            "",
        ),
    ] {
        let hit = read(query, &page).unwrap().remove(0);
        assert_eq!(
            (&*hit.name, &*hit.url, &*hit.visitor),
            (name, url, visitor),
            "{query}"
        );
        assert_eq!(hit.kind == EventKind::PageView, name == PAGE_VIEW);
    }
}

#[test]
fn wrong_parameters_are_named_and_still_answered_with_an_image() {
    for (query, field) in [
        ("", "site".to_owned()),
        ("site=%00", "site".into()),
        (&format!("site=a&id={}", "x".repeat(65)), "id".into()),
        ("site=a&consent=maybe", "consent".into()),
        ("event=%7B%22site%22:7%7D", "site".into()),
        (
            "event=%7B%22site%22:%22a%22,%22name%22:%22x%22,%22ip%22:%22192.0.2.7%22%7D",
            "ip".into(),
        ),
    ] {
        let problem = read(query, &HeaderMap::new()).expect_err(query);
        assert_eq!(problem.field, field, "{query}");
        let answer = refuse(&problem);
        assert_eq!((answer.status, answer.content_type), (400, "image/gif"));
        assert!(answer.body.starts_with(b"GIF89a"));
        assert_eq!(IMAGE.len(), 43);
    }
}

proptest::proptest! {
    #[test]
    fn any_query_is_read_or_refused(query in "[ -~]{0,60}", event in "\\PC{0,30}") {
        let _ = read(&query, &HeaderMap::new());
        let _ = read(&format!("event={event}"), &HeaderMap::new());
    }
}
