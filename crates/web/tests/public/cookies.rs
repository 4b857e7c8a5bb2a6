//! Which cookies are set, when, and what the page about them says.

use super::{Seen, Visitor};
use crate::stand::doors::MEMBER;
use crate::stand::{OWNER, PASSWORD, Stand};
use http::StatusCode;
use web::cookie_register::{Kind, Place, REGISTER};

/// A cookie that was set: its name, its life, what was set it by.
fn check_against_register(seen: &Seen, gpc: bool, by: &str) -> usize {
    for line in &seen.cookies {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        let life: Option<i64> = line
            .split("Max-Age=")
            .nth(1)
            .map(|s| s.split(';').next().unwrap().parse().unwrap());
        if value.is_empty() && life == Some(0) {
            continue;
        }
        let entry = REGISTER
            .iter()
            .find(|e| e.name == name && e.life_s == life && e.place == Place::Here)
            .unwrap_or_else(|| unreachable!("`{name}` for {life:?} by {by} is not in the register"));
        assert!(
            !gpc || entry.kind == Kind::OwnAct,
            "`{name}` is set by {by} against the browser's refusal"
        );
    }
    seen.cookies
        .iter()
        .filter(|line| !line.contains("Max-Age=0"))
        .count()
}

#[tokio::test]
async fn every_cookie_is_in_the_register_and_none_comes_unasked() {
    let routes = include_str!("../../src/pages.rs").to_owned()
        + include_str!("../../src/public.rs")
        + include_str!("../../src/security.rs");
    let pattern = regex::Regex::new(r#"\.route\(\s*"([^"]+)""#).unwrap();
    let routes: Vec<String> = pattern
        .captures_iter(&routes)
        .map(|c| {
            c[1].replace("{domain}", "shop.example")
                .replace("{id}", "newsletter")
                .replace("{name}", "x")
        })
        .collect();
    assert!(
        routes.len() > 30,
        "the pattern finds the routes: {}",
        routes.len()
    );
    for gpc in [false, true] {
        let stand = Stand::open(1, 1, true).await;
        let mut visitor = Visitor::new(&stand);
        visitor.gpc = gpc;
        for path in &routes {
            let seen = visitor.get(path).await;
            check_against_register(&seen, gpc, path);
            let is_own_act = path == "/sign-in";
            assert!(
                seen.cookies.is_empty() || is_own_act,
                "GET {path} sets {:?}",
                seen.cookies
            );
            let chosen = visitor.get(&format!("{path}?lang=ru")).await;
            let set = check_against_register(&chosen, gpc, path);
            assert!(
                set == 0 || is_own_act || path.starts_with("/sites"),
                "{path}?lang=ru"
            );
            let posted = visitor.post(path, "language=ru&theme=dark&remember=yes").await;
            let set = check_against_register(&posted, gpc, path);
            assert!(
                set == 0 || ["/sign-in", "/cookies"].contains(&path.as_str()),
                "POST {path}"
            );
            if path == "/cookies" {
                assert_eq!(set, if gpc { 0 } else { 2 });
            }
        }
        let login = format!(
            "login={MEMBER}&password={}&remember=yes",
            PASSWORD.replace(' ', "+")
        );
        let entered = visitor.fill("/account/sign-in", "/account/sign-in", &login).await;
        assert_eq!(check_against_register(&entered, gpc, "an account"), 1);
        assert_eq!(
            entered.cookies[0].contains("Max-Age"),
            !gpc,
            "{:?}",
            entered.cookies
        );
        let page = visitor.get("/sign-in").await;
        visitor.cookies = page.cookies[0].split(';').next().unwrap().to_owned();
        let csrf = page.field("/sign-in", "csrf");
        let login = format!(
            "csrf={csrf}&login={OWNER}&password={}&remember=yes",
            PASSWORD.replace(' ', "+")
        );
        let entered = visitor.post("/sign-in", &login).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        assert_eq!(check_against_register(&entered, gpc, "a sign-in of staff"), 1);
    }
}

#[tokio::test]
async fn every_cookie_of_the_register_is_explained_on_its_page() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    let page = visitor.get("/cookies").await.text;
    for entry in REGISTER {
        assert!(
            page.contains(&format!("<code>{}</code>", entry.name)),
            "{}",
            entry.name
        );
    }
    assert!(page.contains("It sends no Global Privacy Control"));
    visitor.gpc = true;
    assert!(
        visitor
            .get("/cookies")
            .await
            .text
            .contains("We take that as a refusal")
    );
    visitor.gpc = false;
    let saved = visitor.post("/cookies", "language=ru&theme=dark").await;
    visitor.cookies = saved
        .cookies
        .iter()
        .map(|c| c.split(';').next().unwrap())
        .collect::<Vec<_>>()
        .join("; ");
    let page = visitor.get("/").await.text;
    assert!(page.contains(r#"<html lang="ru""#) && page.contains(r#"data-theme="dark""#));
    let gone = visitor
        .post("/cookies", "language=ru&theme=dark&forget=yes")
        .await;
    assert!(gone.cookies.len() == 2 && gone.cookies.iter().all(|c| c.contains("Max-Age=0")));
}

#[tokio::test]
async fn cookies_are_of_this_host_alone_where_it_is_reached_by_https() {
    let mut stand = Stand::open(1, 1, false).await;
    std::sync::Arc::get_mut(&mut stand.web).unwrap().address = Some("https://stats.example".into());
    let mut visitor = Visitor::new(&stand);
    let register = visitor.get("/cookies").await.text;
    assert!(register.contains("<code>__Host-anturazh_sign_in</code>"));
    assert!(register.contains("<code>__Host-lang</code>") && !register.contains("<code>anturazh_"));
    assert!(
        register.contains("<code>_anturazh</code>"),
        "the one of clients' sites"
    );

    let page = visitor.get("/sign-in").await;
    let csrf = page.field("/sign-in", "csrf");
    visitor.cookies = page.cookies[0].split(';').next().unwrap().to_owned();
    let login = format!(
        "csrf={csrf}&login={OWNER}&password={}",
        PASSWORD.replace(' ', "+")
    );
    let staff = visitor.post("/sign-in", &login).await;
    let login = format!("login={MEMBER}&password={}", PASSWORD.replace(' ', "+"));
    let member = visitor.fill("/account/sign-in", "/account/sign-in", &login).await;
    for line in page.cookies.iter().chain(&staff.cookies).chain(&member.cookies) {
        let is_ours = line.starts_with("__Host-anturazh_");
        assert!(
            is_ours && line.contains("; Secure") && line.contains("; Path=/;"),
            "{line}"
        );
        assert!(!line.contains("Domain") && line.contains("; HttpOnly"), "{line}");
    }
    for (line, path) in [(&staff.cookies[0], "/sites"), (&member.cookies[0], "/account")] {
        let pair = line.split(';').next().unwrap();
        visitor.cookies = pair.to_owned();
        assert_eq!(visitor.get(path).await.status, StatusCode::OK, "{path}");
        // What a neighbour could have set.
        visitor.cookies = pair.replace("__Host-", "");
        assert_eq!(visitor.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let chosen = visitor.post("/cookies", "language=ru&theme=dark").await;
    assert!(
        chosen
            .cookies
            .iter()
            .all(|line| line.starts_with("__Host-") && line.contains("; Secure"))
    );
}

#[tokio::test]
async fn a_language_is_carried_through_the_public_site_without_a_cookie() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let page = visitor.get("/enquiry?lang=ru").await;
    assert!(page.text.contains(r#"<html lang="ru""#) && page.cookies.is_empty());
    assert!(page.text.contains(r#"href="/policy?lang=ru""#));
    let token = page.field("/enquiry?lang=ru", "token");
    let sent = visitor
        .post("/enquiry?lang=ru", &format!("message=Hi&token={token}"))
        .await;
    assert_eq!(sent.location, "/enquiry/sent?answer=no&lang=ru");
}
