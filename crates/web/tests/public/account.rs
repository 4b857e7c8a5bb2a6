//! Accounts of people.

use super::Visitor;
use crate::stand::Stand;
use crate::stand::doors::MEMBER;
use http::StatusCode;
use policy::FieldClass;
use std::sync::Arc;
use web::public::account::Act;

#[tokio::test]
async fn an_account_opens_by_a_link_once_and_by_a_press() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let mut answers = Vec::new();
    for email in [MEMBER, "nobody@client.example"] {
        let seen = visitor
            .fill("/account/sign-in", "/account/letter", &format!("email={email}"))
            .await;
        answers.push((seen.status, seen.location));
    }
    assert_eq!(answers[0], answers[1], "nobody learns who has an account");
    assert_eq!(answers[0].1, "/account/letter/sent");
    let link = stand.taken.secrets.lock().unwrap().0.clone().unwrap().text();
    for _ in 0..2 {
        let page = visitor.get(&format!("/account/link?token={link}")).await;
        assert!(
            page.status == StatusCode::OK && page.cookies.is_empty(),
            "looking does not use it up"
        );
        assert!(page.text.contains(">Sign in</button>") && !page.text.contains("Move the account"));
    }
    *stand.taken.is_move.lock().unwrap() = true;
    let moving = visitor.get(&format!("/account/link?token={link}")).await.text;
    assert!(
        moving.contains(">Move the account to my address</button>") && !moving.contains(">Sign in</button>")
    );
    assert!(moving.contains("If you did not ask for it, do nothing"));
    let seen = visitor
        .post("/account/link", &format!("token={link}&remember=yes"))
        .await;
    assert!(
        seen.location == "/account" && seen.cookies[0].contains("Max-Age=2592000"),
        "{:?}",
        seen.cookies
    );
    assert_eq!(
        visitor
            .post("/account/link", &format!("token={link}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let used = visitor.get(&format!("/account/link?token={link}")).await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    let wrong = visitor
        .fill(
            "/account/sign-in",
            "/account/sign-in",
            &format!("login={MEMBER}&password=x"),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains(MEMBER) && !wrong.text.contains(r#"value="x""#));
}

#[tokio::test]
async fn pages_of_an_account_are_kept_nowhere() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    let pattern = regex::Regex::new(r#"\.route\(\s*"(/account[^"]*)",\s*get"#).unwrap();
    for signed_in in [false, true] {
        if signed_in {
            visitor.enter().await;
        }
        let mut shown = 0;
        for route in pattern.captures_iter(include_str!("../../src/public.rs")) {
            let seen = visitor.get(&route[1]).await;
            if seen.status == StatusCode::OK {
                shown += 1;
                assert!(seen.cached.contains("no-store"), "{}: {}", &route[1], seen.cached);
            }
        }
        assert!(shown >= 2, "{shown}");
    }
    assert!(!visitor.get("/policy").await.cached.contains("no-store"));
}

#[tokio::test]
async fn a_person_sees_and_does_everything_in_the_account() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    for path in [
        "/account",
        "/account/delete",
        "/account/export.json",
        "/account/receipts/receipt-7",
    ] {
        assert_eq!(visitor.get(path).await.location, "/account/sign-in", "{path}");
    }
    visitor.enter().await;
    let page = visitor.get("/account").await;
    let consent = page.text.split("News by e-mail</td>").nth(1).unwrap();
    assert!(consent.starts_with("<td>Your consent</td><td><a href=\"/wordings/newsletter?version=1\">"));
    for shown in [
        "Olga &lt;b&gt;Petrova",
        "News by e-mail",
        "100,000 to 500,000",
        "thank you for your question",
    ] {
        assert!(page.text.contains(shown), "{shown}");
    }
    assert_eq!(
        page.text.matches("action=\"/account/consents\"").count(),
        1,
        "only what holds can be taken back"
    );
    let csrf = page.field("/account/fields", "csrf");
    for path in [
        "fields", "consents", "sessions", "password", "email", "delete", "sign-out",
    ] {
        let seen = visitor
            .post(&format!("/account/{path}"), "csrf=forged&id=2&word=delete")
            .await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(stand.taken.acts.lock().unwrap().is_empty());
    for (path, body, done) in [
        ("fields", "name=Olga+P.&phone=", "fields"),
        ("consents", "id=consent-7", "withdrawn"),
        ("sessions", "id=2", "session"),
        ("password", "new-password=a+longer+pass+phrase", "password"),
        ("email", "new-email=new%40client.example", "email"),
    ] {
        let seen = visitor
            .post(&format!("/account/{path}"), &format!("csrf={csrf}&{body}"))
            .await;
        assert_eq!(seen.location, format!("/account?done={done}"));
        assert!(
            visitor
                .get(&seen.location)
                .await
                .text
                .contains(r#"role="status""#)
        );
    }
    for (path, body, field) in [
        ("fields", "phone=call+me&name=Kept", "phone"),
        ("password", "new-password=short", "new-password"),
        ("email", "new-email=new", "new-email"),
        ("delete", "word=", "word"),
    ] {
        let seen = visitor
            .post(&format!("/account/{path}"), &format!("csrf={csrf}&{body}"))
            .await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(seen.text.contains(&format!(r#"id="{field}-wrong""#)), "{path}");
        assert!(
            path != "fields" || seen.text.contains(r#"value="Kept""#),
            "nothing is lost"
        );
    }
    assert_eq!(visitor.get("/account/receipts/receipt-7").await.text, "aa.bb.cc");
    assert_eq!(
        visitor.get("/account/receipts/receipt-8").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        visitor.get("/account/export.json").await.text,
        r#"{"name":"Olga"}"#
    );
    assert!(page.text.contains("402-FZ, article 29") && page.text.contains("your contract with us"));
    *stand.taken.is_held.lock().unwrap() = true;
    let held = visitor
        .post("/account/fields", &format!("csrf={csrf}&name=Other"))
        .await;
    assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(held.text.contains(r#"value="Other""#), "nothing is lost");
    assert!(
        held.main().contains("A legal hold stands on your data"),
        "{}",
        held.text
    );
    *stand.taken.is_held.lock().unwrap() = false;
    let asked = visitor.get("/account/delete").await;
    assert!(asked.main().contains("from 30 days on"), "{}", asked.text);
    let gone = visitor
        .post("/account/delete", &format!("csrf={csrf}&word=Delete"))
        .await;
    assert!(gone.main().contains("from 30 days on"), "{}", gone.text);
    assert!(gone.status == StatusCode::OK && gone.cookies[0].contains("Max-Age=0"));
    assert_eq!(visitor.get("/account").await.location, "/account/sign-in");
    let acts = stand.taken.acts.lock().unwrap();
    let Act::Correct(changes) = &acts[0] else {
        unreachable!("the first act changes fields")
    };
    let changes: Vec<(FieldClass, Option<&str>)> = changes
        .iter()
        .map(|(c, v)| (*c, v.as_ref().map(credentials::Sealed::reveal)))
        .collect();
    assert_eq!(
        changes,
        [(FieldClass::Name, Some("Olga P.")), (FieldClass::Phone, None)]
    );
    assert!(matches!(&acts[1], Act::Withdraw(id) if id == "consent-7"));
    assert!(matches!(acts[2], Act::EndSession(2)) && matches!(acts.last(), Some(Act::Delete)));
    let debug = format!("{acts:?}");
    assert!(
        !debug.contains("Olga") && !debug.contains("phrase") && !debug.contains("new@"),
        "{debug}"
    );
}

#[tokio::test]
async fn whoever_must_sign_in_again_is_told_why() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    visitor.enter().await;
    let csrf = visitor.get("/account").await.field("/account/fields", "csrf");
    *stand.taken.is_stale.lock().unwrap() = true;
    for (path, body) in [
        ("password", "new-password=a+longer+pass+phrase"),
        ("email", "new-email=new%40client.example"),
        ("delete", "word=delete"),
    ] {
        let seen = visitor
            .post(&format!("/account/{path}"), &format!("csrf={csrf}&{body}"))
            .await;
        assert_eq!(seen.location, "/account/sign-in?again=yes", "{path}");
    }
    let page = visitor.get("/account/sign-in?again=yes").await;
    assert!(page.main().contains("sign in once more by a letter with a link"));
    assert!(
        !visitor
            .get("/account/sign-in")
            .await
            .main()
            .contains("once more by a letter")
    );
}

#[tokio::test]
async fn while_nobody_is_named_only_accounts_that_are_there_get_letters() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    assert!(
        visitor
            .get("/account/sign-in")
            .await
            .text
            .contains("the link opens one")
    );
    *stand.taken.is_unnamed.lock().unwrap() = true;
    let page = visitor.get("/account/sign-in").await;
    assert!(page.main().contains("New accounts are not opened now") && !page.main().contains("<summary"));
    let seen = visitor
        .fill("/account/sign-in", "/account/letter", &format!("email={MEMBER}"))
        .await;
    assert_eq!(seen.location, "/account/letter/sent");
    let letters = stand.taken.letters.lock().unwrap();
    assert!(letters[0].shown.is_none());
}

#[tokio::test]
async fn links_in_letters_do_not_follow_a_host_that_anyone_can_write() {
    let mut stand = Stand::open(1, 1, false).await;
    for (configured, host, site) in [
        (None, "localhost:8080", Some("http://localhost:8080")),
        (None, "evil.example", None),
        (None, "localhost:8080.evil.example", None),
        (
            Some("https://agency.example"),
            "evil.example",
            Some("https://agency.example"),
        ),
    ] {
        Arc::get_mut(&mut stand.web).unwrap().address = configured.map(str::to_owned);
        let mut visitor = Visitor::new(&stand);
        visitor.host = host;
        let seen = visitor
            .fill("/account/sign-in", "/account/letter", "email=a%40b.example")
            .await;
        assert_eq!(
            seen.status == StatusCode::SEE_OTHER,
            site.is_some(),
            "{configured:?} {host}"
        );
        let letter = stand.taken.letters.lock().unwrap().pop();
        assert_eq!(letter.map(|l| l.site).as_deref(), site, "{configured:?} {host}");
        *stand.web.public.attempts.lock().unwrap() = credentials::Attempts::default();
    }
}
