//! Every page over a whole stand: who may see it, what it must and must not hold, what forms do.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod public;
mod stand;

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use stand::{ANALYST, OWNER, PASSWORD, Stand};
use tower::ServiceExt;

/// A browser without scripts: keeps cookies, follows nothing by itself.
struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    language: &'static str,
}

struct Seen {
    status: StatusCode,
    location: String,
    text: String,
}

impl Browser {
    fn new(stand: &Stand) -> Self {
        Self {
            router: web::router(stand.web.clone()),
            cookies: Vec::new(),
            language: "en",
        }
    }

    async fn send(&mut self, request: http::request::Builder, body: String) -> Seen {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request
            .header(COOKIE, cookies.join("; "))
            .header("accept-language", self.language)
            .body(Body::from(body))
            .unwrap();
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let (name, value) = line
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            self.cookies.retain(|(k, _)| k != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .map_or("", |v| v.to_str().unwrap())
            .to_owned();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Seen {
            status,
            location,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path), String::new()).await
    }

    async fn post(&mut self, path: &str, body: &str) -> Seen {
        self.send(
            Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            body.into(),
        )
        .await
    }

    /// The hidden token of the first form of a page.
    async fn csrf(&mut self, path: &str) -> String {
        let seen = self.get(path).await;
        let rest = seen
            .text
            .split(r#"name="csrf" value=""#)
            .nth(1)
            .expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Signs in with a second factor that is set up just before.
    async fn enter(&mut self, stand: &Stand, login: &str) {
        let cookie = stand::signed_in(&stand.web.staff, login, true).await;
        self.cookies.push(("anturazh_sign_in".into(), cookie.text()));
    }

    async fn sign_in(&mut self, login: &str, password: &str) -> Seen {
        let csrf = self.csrf("/sign-in").await;
        self.post(
            "/sign-in",
            &format!(
                "csrf={csrf}&login={login}&password={}",
                password.replace(' ', "+")
            ),
        )
        .await
    }
}

/// A request as of a program at that address.
fn from(address: &str, method: &str, path: &str) -> http::request::Builder {
    let peer: std::net::SocketAddr = format!("{address}:1").parse().unwrap();
    let caller = web::caller::Caller(collect::Peer::from(peer));
    Request::builder()
        .method(method)
        .uri(path)
        .extension(axum::extract::ConnectInfo(caller))
}

#[tokio::test]
async fn why_it_is_not_well_is_told_to_insiders() {
    let mut stand = Stand::open(1, 1, true).await;
    let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
    web.metrics_token = Some("figures".to_owned());
    web.standing = Box::new(|| web::Standing {
        journal_stopped: Some("cannot write /var/lib/journal-17".to_owned()),
        ..web::Standing::default()
    });
    let router = web::router(stand.web.clone());
    let here = || from("127.0.0.1", "GET", "/healthz");
    let elsewhere = || from("203.0.113.9", "GET", "/healthz");
    for (request, is_insider) in [
        (here(), true),
        (here().header("x-forwarded-for", "203.0.113.9"), false),
        (elsewhere(), false),
        (elsewhere().header("authorization", "Bearer x"), false),
        (elsewhere().header("authorization", "Bearer figures"), true),
    ] {
        let response = router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("journal_stopped"), "{text}");
        assert_eq!(text.contains("journal-17"), is_insider, "{text}");
    }
}

#[tokio::test]
async fn every_answer_says_what_it_may_load_and_that_it_is_what_it_says() {
    let mut stand = Stand::open(1, 1, true).await;
    let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
    web.address = Some("https://stats.example".to_owned());
    let router = web::router(stand.web.clone());
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/sites/shop.example"),
        ("GET", "/sign-in"),
        ("POST", "/sign-out"),
        ("PROPFIND", "/cookies"),
        ("GET", "/assets/nothing.css"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("POST", "/api/v2/query"),
        ("GET", "/api/openapi.json"),
        ("GET", "/.well-known/gpc.json"),
        ("GET", "/.well-known/security.txt"),
        ("GET", "/.well-known/receipts.jwks.json"),
    ] {
        let request = from("203.0.113.9", method, path);
        let response = router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let headers = response.headers();
        let of = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(of("x-content-type-options"), "nosniff", "{path}");
        let policy = of("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(of("x-frame-options"), "DENY", "{path}");
        assert_eq!(of("referrer-policy"), "same-origin", "{path}");
        assert_eq!(of("strict-transport-security"), "max-age=31536000", "{path}");
    }
}

#[tokio::test]
async fn who_may_see_what() {
    let stand = Stand::open(30, 20, false).await;
    let mut anyone = Browser::new(&stand);
    let mut owner = Browser::new(&stand);
    let mut analyst = Browser::new(&stand);
    owner.enter(&stand, OWNER).await;
    assert_eq!(
        analyst.sign_in(ANALYST, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    for (path, by_anyone, by_analyst, by_owner) in [
        ("/", 200, 303, 303),
        ("/sign-in", 200, 303, 303),
        ("/sites", 303, 200, 200),
        ("/sites/shop.example", 303, 200, 200),
        ("/sites/shop.example/rows?panel=pages", 303, 200, 200),
        ("/sites/shop.example/rows.csv?panel=pages", 303, 200, 200),
        ("/sites/shop.example/live", 303, 200, 200),
        ("/sites/shop.example/settings", 303, 403, 200),
        ("/sites/studio.example", 303, 404, 200),
        ("/sites/studio.example/rows", 303, 404, 200),
        ("/sites/studio.example/rows.csv", 303, 404, 200),
        ("/sites/studio.example/live", 303, 404, 200),
        ("/sites/studio.example/settings", 303, 404, 200),
        ("/sites/unknown.example", 303, 404, 404),
        ("/nothing", 404, 404, 404),
        ("/set-up?token=x", 404, 404, 404),
    ] {
        assert_eq!(anyone.get(path).await.status, by_anyone, "anyone at {path}");
        assert_eq!(
            analyst.get(path).await.status,
            by_analyst,
            "the analyst at {path}"
        );
        assert_eq!(owner.get(path).await.status, by_owner, "the owner at {path}");
    }
    let list = analyst.get("/sites").await.text;
    assert!(list.contains("shop.example") && !list.contains("studio.example"));
    let page = analyst.get("/sites/shop.example").await.text;
    assert!(!page.contains("studio.example") && !page.contains("/settings"));
}

#[tokio::test]
async fn pages_keep_the_strict_policy_and_the_budget() {
    let stand = Stand::open(60, 200, true).await;
    let mut browser = Browser::new(&stand);
    for language in ["en", "ru"] {
        browser.language = language;
        for path in [
            "/sites/shop.example",
            "/sites/shop.example?period=day&compare=year&metric=bounce_rate",
            "/sites/shop.example?period=year&f=is,visit:country,DE&f=contains,event:page,/cat",
            "/sites/shop.example?f=is,event:goal,Order&done=actions&sold=by-channel",
            "/sites/shop.example?period=custom&from=2026-11-01&to=2026-11-01&origin=sources",
            "/sites/shop.example/rows?panel=sources&sort=bounce_rate&q=o",
            "/sites/new.example",
            "/sites",
            "/",
            "/sign-in",
        ] {
            let seen = browser.get(path).await;
            assert_eq!(seen.status, StatusCode::OK, "{path}");
            let text = &seen.text;
            assert!(
                text.starts_with(&format!("<!DOCTYPE html><html lang=\"{language}\"")),
                "{path}"
            );
            assert!(
                !text.contains(" style=") && !text.contains(" onclick=") && !text.contains("<style"),
                "{path}"
            );
            assert!(
                text.matches("<script").count() == 1 || path.contains("new."),
                "{path}: only the module"
            );
            assert!(
                !text.contains("<script>alert(1)"),
                "{path}: stored texts are escaped"
            );
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            assert_eq!(text.matches("<main").count(), 1, "{path}");
            let ids: Vec<&str> = text
                .split(" id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let distinct: std::collections::HashSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), distinct.len(), "{path}: an id occurs twice");
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
            let size = gzip.finish().unwrap().len();
            assert!(
                size < 28 * 1024,
                "{path}: {size} bytes; with its assets a page stays below 60 KB"
            );
        }
    }
}

#[tokio::test]
async fn the_dashboard_shows_what_the_rows_say() {
    let stand = Stand::open(28, 60, true).await;
    let mut browser = Browser::new(&stand);
    let page = browser.get("/sites/shop.example?compare=no").await.text;
    let csv = browser
        .get("/sites/shop.example/rows.csv?panel=countries")
        .await
        .text;
    let germany = csv
        .lines()
        .find(|l| l.starts_with("DE,"))
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .to_owned();
    assert!(page.contains(&format!("Germany: {germany}<")), "{germany}");
    let filtered = browser
        .get("/sites/shop.example?f=is,visit:country,DE")
        .await
        .text;
    let shown = filtered
        .split(r#"id="figure-visitors""#)
        .nth(1)
        .unwrap()
        .split(r#"class="value">"#)
        .nth(1)
        .unwrap();
    assert_eq!(shown.split('<').next().unwrap().replace(',', ""), germany);
    let live = browser.get("/sites/shop.example/live").await.text;
    let live: serde_json::Value = serde_json::from_str(&live).unwrap();
    assert!(
        live["visitors"].as_u64().unwrap() >= 14 && live["first"] == true,
        "{live}"
    );
    let waiting = browser.get("/sites/new.example/live").await.text;
    assert!(waiting.contains(r#""first":false"#), "{waiting}");
    let events = stand.shop.parts[0].0.events();
    assert!(events > 1_000, "{events}");
}

#[tokio::test]
async fn a_shop_sees_its_goods_and_refunds() {
    let stand = Stand::open(28, 200, true).await;
    let mut browser = Browser::new(&stand);
    let page = browser.get("/sites/shop.example?sold=products").await.text;
    for shown in ["Oak table", "Oil, 1 l", "Refunds", "Products"] {
        assert!(page.contains(shown), "{shown}");
    }
    // Loaded again, it is the same, though it was not counted again.
    let figures = |page: &str| page.split("<section class=\"foot\"").next().map(str::to_owned);
    let again = browser.get("/sites/shop.example?sold=products").await.text;
    assert_eq!(figures(&again), figures(&page));
    let csv = browser
        .get("/sites/shop.example/rows.csv?panel=products")
        .await
        .text;
    assert!(csv.starts_with("event:product,orders,visitors\r\n"), "{csv}");
    assert!(csv.contains("\r\n\"Oil, 1 l\","), "{csv}");
    let other = browser
        .get("/sites/shop.example?f=is,event:product,Nothing&sold=products")
        .await
        .text;
    assert!(!other.contains("Oak table"));
}

#[tokio::test]
async fn what_is_not_understood_is_said_not_guessed() {
    let stand = Stand::open(28, 20, true).await;
    let mut browser = Browser::new(&stand);
    for (query, name) in [
        ("period=fortnight", "period"),
        ("from=tomorrow", "from"),
        ("f=is,visit:shoe,42", "f"),
        ("metric=profit", "metric"),
    ] {
        let note = format!("left out: {name}.");
        for path in ["", "/rows"] {
            let seen = browser.get(&format!("/sites/shop.example{path}?{query}")).await;
            assert_eq!(seen.status, StatusCode::OK);
            assert!(seen.text.contains(&note), "{path}?{query}");
        }
        let file = browser
            .get(&format!("/sites/shop.example/rows.csv?{query}"))
            .await;
        assert_eq!(file.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(file.text.contains(&note), "{query}");
    }
    let file = browser.get("/sites/shop.example/rows.csv?panel=shoes").await;
    assert_eq!(file.status, StatusCode::BAD_REQUEST);
    let page = browser
        .get("/sites/shop.example?period=7d&metric=visits")
        .await
        .text;
    assert!(!page.contains("left out"));
}

#[tokio::test]
async fn a_filter_added_by_the_form_becomes_part_of_the_address() {
    let stand = Stand::open(3, 10, true).await;
    let mut browser = Browser::new(&stand);
    let seen = browser
        .get("/sites/shop.example?period=7d&filter_dimension=visit:country&filter_operator=is_not&filter_value=DE;+AT")
        .await;
    assert_eq!(
        seen.location,
        "/sites/shop.example?period=7d&f=is_not,visit:country,DE,AT"
    );
    let page = browser.get(&seen.location).await.text;
    assert!(page.contains("Germany or Austria"));
    // People write names.
    let seen = browser
        .get("/sites/shop.example?period=7d&filter_dimension=visit:country&filter_operator=is&filter_value=germany;+%D0%90%D0%B2%D1%81%D1%82%D1%80%D0%B8%D1%8F")
        .await;
    assert_eq!(
        seen.location,
        "/sites/shop.example?period=7d&f=is,visit:country,DE,AT"
    );
}

#[tokio::test]
async fn lists_are_searched_in_what_readers_see() {
    let stand = Stand::open(28, 60, true).await;
    let mut browser = Browser::new(&stand);
    for (query, found, others) in [
        ("panel=countries&q=GERM", "DE", 1),
        ("panel=countries&q=%D0%B3%D0%B5%D1%80%D0%BC&lang=ru", "DE", 1),
        ("panel=countries&q=de", "DE", 1),
        ("panel=channels&q=search", "Organic Search", 1),
    ] {
        let csv = browser
            .get(&format!("/sites/shop.example/rows.csv?{query}"))
            .await
            .text;
        let rows: Vec<&str> = csv.lines().skip(1).collect();
        assert!(
            rows.iter().any(|row| row.starts_with(found)) && rows.len() >= others,
            "{query}: {csv}"
        );
        assert!(!rows.iter().any(|row| row.starts_with("FR,")), "{query}: {csv}");
        let page = browser
            .get(&format!("/sites/shop.example/rows?{query}"))
            .await
            .text;
        assert!(page.contains(&format!("1–{}", rows.len())), "{query}");
    }
    let none = browser
        .get("/sites/shop.example/rows?panel=pages&q=nowhere")
        .await;
    assert_eq!(none.status, StatusCode::OK);
}

#[tokio::test]
async fn the_past_is_shown_before_it_is_taken_and_taken_by_the_name_alone() {
    let stand = Stand::open(1, 1, false).await;
    let mut owner = Browser::new(&stand);
    owner.enter(&stand, OWNER).await;
    let path = "/sites/shop.example/settings";
    let csrf = owner.csrf(path).await;
    let form = format!("{path}/scrub");
    for (word, status, shown) in [
        ("", 200, "This would be removed"),
        ("shop", 422, "Nothing was removed"),
        ("", 200, "This would be removed"),
        ("Shop.example", 200, "This was removed"),
        ("", 200, "Nothing is kept that the manifest denies"),
    ] {
        let seen = owner.post(&form, &format!("csrf={csrf}&word={word}")).await;
        assert_eq!(seen.status.as_u16(), status, "{word}");
        assert!(seen.text.contains(shown), "{word}: {shown}");
        let is_listed = seen.text.contains("Network address: from 3 events");
        assert_eq!(is_listed, !shown.starts_with("Nothing is kept"), "{word}");
    }
}

#[tokio::test]
async fn what_is_noted_on_a_day_stands_on_the_chart() {
    let stand = Stand::open(28, 20, true).await;
    let mut owner = Browser::new(&stand);
    owner.enter(&stand, OWNER).await;
    let path = "/sites/shop.example/settings";
    let csrf = owner.csrf(path).await;
    let today = {
        let site = stand.web.sites.site("shop.example").unwrap();
        site.today((stand.web.now)())
    };
    let refused = owner
        .post(
            &format!("{path}/annotations"),
            &format!("csrf={csrf}&day=yesterday&annotation=Launch"),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("This is no day") && refused.text.contains(r#"value="Launch""#));
    let form = format!("csrf={csrf}&day={today}&annotation=Launch+%26+letters");
    let seen = owner.post(&format!("{path}/annotations"), &form).await;
    assert_eq!(seen.location, format!("{path}?saved=annotations#annotations"));
    let page = owner.get("/sites/shop.example").await.text;
    assert!(page.contains("<title>Launch &amp; letters</title>"), "a flag");
    assert!(page.contains(" · Launch &amp; letters"), "in the table");
    let last_year = owner
        .get("/sites/shop.example?period=custom&from=2020-01-01&to=2020-01-09")
        .await;
    assert!(!last_year.text.contains("Launch"));
    let id = stand.web.sites.annotations(vocabulary::SiteId(1)).await.unwrap()[0].id;
    owner
        .post(
            &format!("{path}/annotations/remove"),
            &format!("csrf={csrf}&id={id}"),
        )
        .await;
    assert!(!owner.get("/sites/shop.example").await.text.contains("Launch"));
}

#[tokio::test]
async fn signing_in_says_little_and_forgives_much() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    let bare = browser
        .post("/sign-in", &format!("login={OWNER}&password=x"))
        .await;
    assert_eq!(
        bare.status,
        StatusCode::FORBIDDEN,
        "a form without its token is refused"
    );
    let wrong = browser.sign_in(OWNER, "not the password").await;
    let unknown = browser.sign_in("nobody", "not the password").await;
    assert_eq!(
        (wrong.status, unknown.status),
        (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY)
    );
    assert!(
        wrong.text.contains(&format!(r#"value="{OWNER}""#)),
        "what was filled in stays"
    );
    assert!(
        wrong.text.contains("Login or password is wrong.")
            && unknown.text.contains("Login or password is wrong.")
    );
    assert!(!wrong.text.contains("not the password"));
    let seen = browser.get("/sites/shop.example?period=7d").await;
    assert_eq!(
        seen.location,
        "/sign-in?next=%2Fsites%2Fshop%2Eexample%3Fperiod%3D7d"
    );
}

#[tokio::test]
async fn signing_out_needs_the_form_and_ends_it() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    browser.sign_in(OWNER, PASSWORD).await;
    assert_eq!(
        browser.post("/sign-out", "csrf=forged").await.status,
        StatusCode::FORBIDDEN
    );
    let csrf = browser.csrf("/sites").await;
    let kept = browser.cookies.clone();
    assert_eq!(
        browser.post("/sign-out", &format!("csrf={csrf}")).await.location,
        "/"
    );
    assert!(!browser.cookies.iter().any(|(name, _)| name == "anturazh_sign_in"));
    browser.cookies = kept;
    assert_eq!(
        browser.get("/sites").await.status,
        StatusCode::SEE_OTHER,
        "the old cookie opens nothing"
    );
}

#[tokio::test]
async fn settings_change_and_refuse() {
    let stand = Stand::open(1, 1, false).await;
    let mut owner = Browser::new(&stand);
    owner.enter(&stand, OWNER).await;
    let path = "/sites/shop.example/settings";
    let csrf = owner.csrf(path).await;
    for form in [
        "collection",
        "goals",
        "goals/remove",
        "scrub",
        "annotations",
        "annotations/remove",
        "own",
        "tokens",
        "tokens/revoke",
    ] {
        let seen = owner
            .post(&format!("{path}/{form}"), "csrf=forged&goal=Order&id=1")
            .await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{form}");
    }
    let seen = owner
        .post(
            &format!("{path}/collection"),
            &format!("csrf={csrf}&type=page_view&ip=none&note=less"),
        )
        .await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    let site = stand
        .web
        .sites
        .snapshot()
        .by_domain("shop.example")
        .unwrap()
        .clone();
    assert_eq!(
        (site.manifest.allowed().iter().count(), site.manifest_version),
        (1, 3)
    );
    let seen = owner
        .post(
            &format!("{path}/goals"),
            &format!("csrf={csrf}&goal=Cart&kind=page&what=cart"),
        )
        .await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        seen.text.contains("begins with / or *") && seen.text.contains(r#"value="Cart""#),
        "nothing is lost"
    );
    owner
        .post(
            &format!("{path}/goals"),
            &format!("csrf={csrf}&goal=Cart&kind=page&what=/cart"),
        )
        .await;
    owner
        .post(
            &format!("{path}/goals/remove"),
            &format!("csrf={csrf}&goal=Order"),
        )
        .await;
    let goals: Vec<String> = stand
        .web
        .sites
        .goals(site.site.id)
        .await
        .unwrap()
        .iter()
        .map(|g| g.name.to_string())
        .collect();
    assert_eq!(goals, ["Cart", "Delivery read", "Letter"]);
    let seen = owner
        .post(
            &format!("{path}/own"),
            &format!("csrf={csrf}&networks=192.0.2.7%0A2001:db8::/48"),
        )
        .await;
    assert_eq!(seen.location, format!("{path}?saved=own#own"));
    let seen = owner
        .post(&format!("{path}/own"), &format!("csrf={csrf}&networks=everyone"))
        .await;
    assert!(seen.text.contains("“everyone” is no address"));
    let seen = owner
        .post(
            &format!("{path}/tokens"),
            &format!("csrf={csrf}&token=Reports&can=read"),
        )
        .await;
    let token = seen
        .text
        .split(r#"id="new-token">"#)
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert!(stand.web.sites.snapshot().token(&token).is_some());
    assert!(!owner.get(path).await.text.contains(&token), "it is shown once");
    let id = stand.web.sites.tokens(site.site.id).await.unwrap()[0].id;
    owner
        .post(&format!("{path}/tokens/revoke"), &format!("csrf={csrf}&id={id}"))
        .await;
    assert!(stand.web.sites.snapshot().token(&token).is_none());
}

#[tokio::test]
async fn a_language_is_remembered_only_on_choice_and_carried_without_cookies() {
    let stand = Stand::open(3, 10, true).await;
    let mut browser = Browser::new(&stand);
    browser.language = "ru";
    browser.get("/sites/shop.example").await;
    assert!(browser.cookies.is_empty(), "looking sets no cookie");
    let seen = browser.get("/sites/shop.example?lang=en").await;
    assert!(seen.text.contains(r#"<html lang="en""#));
    assert!(
        seen.text.contains("metric=visits&amp;lang=en"),
        "links carry it while no cookie is known"
    );
    assert_eq!(browser.cookies, [("lang".to_owned(), "en".to_owned())]);
    let seen = browser.get("/sites/shop.example").await;
    assert!(seen.text.contains(r#"<html lang="en""#) && !seen.text.contains("metric=visits&amp;lang=en"));
}

#[tokio::test]
async fn a_link_sets_up_the_first_owner_once() {
    let stand = Stand::open(1, 1, false).await;
    let account = stand.web.staff.account_by_login(ANALYST).await.unwrap().id;
    let link = stand
        .web
        .staff
        .link_for(account, stand::now())
        .await
        .unwrap()
        .text();
    let mut browser = Browser::new(&stand);
    let seen = browser.get(&format!("/set-up?token={link}")).await;
    assert_eq!(seen.status, StatusCode::OK);
    let both = browser
        .post("/set-up", &format!("token={link}&name=+&password=short"))
        .await;
    assert_eq!(both.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(both.text.contains("fewer than 12") && both.text.contains("id=\"name-wrong\""));
    let short = browser
        .post("/set-up", &format!("token={link}&name=Boris+B.&password=short"))
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text.contains("fewer than 12") && short.text.contains(r#"value="Boris B.""#));
    let done = browser
        .post(
            "/set-up",
            &format!("token={link}&name=Boris+B.&password=a+longer+pass+phrase"),
        )
        .await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (StatusCode::SEE_OTHER, "/sites")
    );
    assert_eq!(browser.get("/sites").await.status, StatusCode::OK);
    assert_eq!(
        browser.get(&format!("/set-up?token={link}")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn assets_are_cached_for_ever_and_only_under_their_own_name() {
    let stand = Stand::open(1, 1, true).await;
    let mut browser = Browser::new(&stand);
    let page = browser.get("/").await.text;
    let style = page
        .split(r#"rel="stylesheet" href=""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let seen = browser.get(&style).await;
    assert!(seen.status == StatusCode::OK && seen.text.starts_with(":root"));
    assert_eq!(
        browser.get("/assets/style.css").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_period_is_not_compared_with_days_that_were_not_counted() {
    let stand = Stand::open(40, 40, true).await;
    let mut browser = Browser::new(&stand);
    for (path, told) in [
        ("/sites/shop.example?period=7d", false),
        ("/sites/shop.example", true),
    ] {
        let text = browser.get(path).await.text;
        assert_eq!(text.contains("nothing to compare with"), told, "{path}");
    }
}
