//! The access matrix: every route of the router by every kind of caller, over a whole stand, against the register.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "access/matrix.rs"]
mod matrix;
#[path = "stand/member.rs"]
mod member;
#[path = "access/openapi.rs"]
mod openapi;
#[path = "access/register.rs"]
mod register;
#[path = "access/scene.rs"]
mod scene;
#[expect(dead_code, reason = "the stand serves other tests as well")]
mod stand;

use axum::Router;
use http::StatusCode;
use matrix::{Kind, Want, want};
use regex::Regex;
use register::{Proof, REGISTER, Who};
use scene::{ELSEWHERE, HERE, Scene, Whoever};
use sites::Can;
use stand::now;
use std::collections::BTreeSet;

/// The paths of a router. It lists them where it is printed for debugging, and nowhere else.
fn paths(router: &Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    let own = printed.split("fallback_router").next().unwrap();
    let pattern = Regex::new(r#"RouteId\(\d+\): "(/[^"]*)""#).unwrap();
    pattern
        .captures_iter(own)
        .map(|found| found[1].to_owned())
        .collect()
}

#[tokio::test]
async fn the_register_has_every_route_and_no_other() {
    let (scene, callers) = Scene::open().await;
    let paths = paths(&scene.router);
    assert!(
        paths.len() > 80,
        "the router no longer prints its paths: {paths:?}"
    );
    let mut routes = BTreeSet::new();
    for path in &paths {
        let seen = scene
            .ask(&callers[0], "PROPFIND", &scene.address(path), "", &[])
            .await;
        assert_eq!(seen.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        for method in seen.text.split(',').filter(|method| *method != "HEAD") {
            routes.insert((path.clone(), method.to_owned()));
        }
    }
    let register: BTreeSet<_> = REGISTER
        .iter()
        .map(|r| (r.path.to_owned(), r.method.to_owned()))
        .collect();
    assert_eq!(register.len(), REGISTER.len(), "a line occurs twice");
    let missing: Vec<_> = routes.difference(&register).collect();
    assert!(missing.is_empty(), "routes without a line: {missing:?}");
    let gone: Vec<_> = register.difference(&routes).collect();
    assert!(gone.is_empty(), "lines without a route: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_what_the_register_says() {
    let (scene, callers) = Scene::open().await;
    let before = scene.state().await;
    for route in REGISTER.iter().filter(|r| r.proof == Proof::Reading) {
        for whoever in &callers {
            let want = want(route, whoever.kind);
            let address = scene.address(route.path);
            let seen = scene.ask(whoever, route.method, &address, "", &[]).await;
            assert!(
                seen.is(want),
                "{:?} at {address}: {} {}, not {want:?}",
                whoever.kind,
                seen.status,
                seen.location
            );
        }
    }
    assert_eq!(scene.state().await, before, "reading changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_take_nothing_without_their_token_and_nothing_from_those_who_may_not() {
    let (scene, callers) = Scene::open().await;
    let before = scene.state().await;
    for route in REGISTER
        .iter()
        .filter(|r| !matches!(r.proof, Proof::Reading | Proof::NoCookie))
    {
        for whoever in &callers {
            let kind = whoever.kind;
            let want = want(route, kind);
            let address = scene.address(route.path);
            let own = format!(
                "csrf={}&id=2&account=1&word=delete&status=done&answer=yes&language=ru",
                whoever.csrf(route.who)
            );
            for (body, has_token) in [("", false), ("csrf=x&token=x", false), (&own, true)] {
                let has_token = has_token && route.proof == Proof::Session;
                // What it does then is tested where it is done.
                if has_token && want == Want::Admitted {
                    continue;
                }
                let seen = scene.ask(whoever, route.method, &address, body, &[]).await;
                // The cookie of an account that is none: the token is asked for first.
                let is_checked_first = !has_token && whoever.cookies[1].is_some() && route.who == Who::Person;
                let fits = match (want, route.proof) {
                    (Want::Admitted, Proof::Session) => seen.is_forged(),
                    (_, Proof::Session) if is_checked_first => seen.is_forged(),
                    (Want::Admitted, Proof::Form) => {
                        matches!(seen.status.as_u16(), 409 | 422) && seen.text.contains("<form")
                    }
                    (Want::Admitted, Proof::FormCookie) => seen.status == StatusCode::FORBIDDEN,
                    (Want::Admitted, Proof::SameSite) => {
                        let foreign = [("sec-fetch-site", "cross-site")];
                        scene
                            .ask(whoever, route.method, &address, body, &foreign)
                            .await
                            .is_forged()
                    }
                    (want, _) => seen.is(want),
                };
                assert!(
                    fits,
                    "{kind:?} at {address} with {has_token}: {} {}, not {want:?}",
                    seen.status, seen.location
                );
            }
        }
    }
    assert_eq!(scene.state().await, before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused_with_its_token() {
    let (scene, _) = Scene::open().await;
    let before = scene.state().await;
    let nobody = Whoever::new(Kind::Nobody, [None, None]);
    let foreign = [("sec-fetch-site", "cross-site")];
    for route in REGISTER.iter().filter(|r| r.proof == Proof::Form) {
        let page = match route.path {
            "/account/letter" => "/account/sign-in",
            path => path,
        };
        let shown = scene.ask(&nobody, "GET", page, "", &[]).await.text;
        let form = shown
            .split(&format!(r#"action="{}""#, route.path))
            .nth(1)
            .unwrap();
        let token = form
            .split(r#"name="token" value=""#)
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let body = format!("token={token}&message=Hello&email=a%40b.example&login=a%40b.example&password=x");
        let seen = scene
            .ask(&nobody, route.method, route.path, &body, &foreign)
            .await;
        assert!(seen.is_forged(), "{}: {}", route.path, seen.status);
    }
    assert_eq!(scene.state().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_what_their_token_opens_and_nothing_for_a_cookie() {
    let (scene, callers) = Scene::open().await;
    let sites = &scene.stand.web.sites;
    let make = async |domain: &str, can: Can| {
        let site = sites.snapshot().by_domain(domain).unwrap().site.id;
        let made = sites.create_token(site, can, "program", now()).await.unwrap();
        let token = Some(made.text);
        Whoever {
            token,
            ..Whoever::new(Kind::Nobody, [None, None])
        }
    };
    let shop_reads = make("shop.example", Can::Read).await;
    let shop_sends = make("shop.example", Can::Send).await;
    let studio_reads = make("studio.example", Can::Read).await;
    sites.refresh().await.unwrap();
    let question = r#"{"site_id":"shop.example","metrics":["visitors"],"date_range":"all"}"#;
    let programs = [&shop_reads, &shop_sends, &studio_reads].map(Some);
    let wants = [200, 401, 404];
    let others = callers.iter().map(|c| (c, 401));
    for (whoever, want) in programs.into_iter().flatten().zip(wants).chain(others) {
        let seen = scene.ask(whoever, "POST", "/api/v2/query", question, &[]).await;
        assert_eq!(
            seen.status,
            want,
            "{:?} {}: {}",
            whoever.kind,
            whoever.cookies.len(),
            seen.text
        );
    }
    let doors = REGISTER
        .iter()
        .filter(|r| r.proof == Proof::NoCookie && r.who == Who::Everyone);
    for route in doors {
        let body = r#"{"site":"shop.example","name":"page_view","url":"https://shop.example/","domain":"shop.example","n":"x"}"#;
        let of_nobody = scene.ask(&callers[0], route.method, route.path, body, &[]).await;
        for whoever in callers.iter().filter(|c| c.token.is_none()) {
            let seen = scene.ask(whoever, route.method, route.path, body, &[]).await;
            assert_eq!(
                (seen.status, seen.text),
                (of_nobody.status, of_nobody.text.clone()),
                "{:?} at {}",
                whoever.kind,
                route.path
            );
        }
    }
    let operator = Whoever {
        token: Some("metrics-token".into()),
        ..Whoever::new(Kind::Nobody, [None, None])
    };
    let nobody = &callers[0];
    let proxied = [("x-forwarded-for", "203.0.113.9")];
    for (from, whoever, headers, want) in [
        (ELSEWHERE, &operator, &[][..], 200),
        (ELSEWHERE, &shop_reads, &[], 404),
        (HERE, nobody, &[], 200),
        (HERE, nobody, &proxied, 404),
    ] {
        let seen = scene
            .ask_from(from, whoever, "GET", "/metrics", "", headers)
            .await;
        assert_eq!(seen.status, want, "from {from} with {headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_of_a_token_have_a_limit_and_another_goes_on() {
    let (scene, _) = Scene::open().await;
    let sites = &scene.stand.web.sites;
    let shop = sites.snapshot().by_domain("shop.example").unwrap().site.id;
    let make = async || {
        let made = sites
            .create_token(shop, Can::Read, "program", now())
            .await
            .unwrap();
        Whoever {
            token: Some(made.text),
            ..Whoever::new(Kind::Nobody, [None, None])
        }
    };
    let (eager, other) = (make().await, make().await);
    sites.refresh().await.unwrap();
    // What is asked wrongly counts as well.
    for number in 0..300 {
        let seen = scene.ask(&eager, "POST", "/api/v2/query", "{}", &[]).await;
        assert_eq!(seen.status, 400, "{number}: {}", seen.text);
    }
    let question = r#"{"site_id":"shop.example","metrics":["visitors"],"date_range":"all"}"#;
    let seen = scene.ask(&eager, "POST", "/api/v2/query", question, &[]).await;
    assert_eq!(seen.status, 429);
    assert!(seen.text.contains("too_many_questions"), "{}", seen.text);
    assert!(seen.text.contains("Retry-After"), "{}", seen.text);
    let seen = scene.ask(&other, "POST", "/api/v2/query", question, &[]).await;
    assert_eq!(seen.status, 200);
}
