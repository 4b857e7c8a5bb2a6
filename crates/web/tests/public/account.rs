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
        seen.location == "/account?entered=yes" && seen.cookies[0].contains("Max-Age=2592000"),
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
        "fields", "consents", "choices", "language", "sessions", "password", "email", "delete", "sign-out",
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
        ("choices", "id=newsletter&version=1&answer=yes", "given"),
        ("choices", "id=newsletter&version=1&answer=no", "refused"),
        ("language", "language=ru", "language"),
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
    for (path, text) in [
        ("receipt-7", "aa.eyJjb25zZW50IjoibmV3cyJ9.cc"),
        ("receipt-7.jws", "aa.eyJjb25zZW50IjoibmV3cyJ9.cc"),
        ("receipt-7.json", "{\n  \"consent\": \"news\"\n}"),
    ] {
        assert_eq!(visitor.get(&format!("/account/receipts/{path}")).await.text, text);
    }
    for path in ["receipt-8", "receipt-8.json", "receipt-7.pdf"] {
        let seen = visitor.get(&format!("/account/receipts/{path}")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(
        visitor.get("/account/export.json").await.text,
        r#"{"name":"Olga"}"#
    );
    assert!(page.text.contains("402-FZ, article 29") && page.text.contains("your contract with us"));
    *stand.taken.outcome.lock().unwrap() = Some(web::public::account::Outcome::OnHold);
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
    let asked = visitor.get("/account/delete").await;
    assert!(asked.main().contains("from 30 days on"), "{}", asked.text);
    let gone = visitor
        .post("/account/delete", &format!("csrf={csrf}&word=Delete"))
        .await;
    assert!(gone.main().contains("from 30 days on"), "{}", gone.text);
    assert!(gone.status == StatusCode::OK && gone.cookies[0].contains("Max-Age=0"));
    assert_eq!(visitor.get("/account").await.location, "/account/sign-in");
    let acts = stand.taken.acts.lock().unwrap();
    let Act::Correct { changes, .. } = &acts[0] else {
        unreachable!("the first act changes fields")
    };
    let changes: Vec<(FieldClass, Option<&str>)> = changes
        .iter()
        .map(|change| {
            (
                change.class,
                change.text.as_ref().map(credentials::Sealed::reveal),
            )
        })
        .collect();
    assert_eq!(
        changes,
        [(FieldClass::Name, Some("Olga P.")), (FieldClass::Phone, None)]
    );
    assert!(matches!(&acts[1], Act::Withdraw(id) if id == "consent-7"));
    assert!(matches!(acts[5], Act::EndSession(2)) && matches!(acts.last(), Some(Act::Delete(_))));
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
    }
}

#[tokio::test]
async fn everything_works_without_a_cookie_but_being_remembered() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    visitor
        .fill("/account/sign-in", "/account/letter", &format!("email={MEMBER}"))
        .await;
    let link = stand.taken.secrets.lock().unwrap().0.clone().unwrap().text();
    let asked = visitor.get(&format!("/account/link?token={link}")).await;
    assert!(asked.main().contains("If your browser refuses cookies") && asked.cookies.is_empty());
    let page = visitor
        .post("/account/link", &format!("token={link}&remember=yes&cookie=no"))
        .await;
    assert!(page.status == StatusCode::OK && page.cookies.is_empty() && page.location.is_empty());
    assert!(page.cached.contains("no-store") && page.main().contains("You are here without a cookie"));
    let (csrf, session) = (
        page.field("/account/fields", "csrf"),
        page.field("/account/fields", "session"),
    );
    let addresses: Vec<&str> = page
        .text
        .split('"')
        .filter(|text| text.starts_with('/'))
        .collect();
    assert!(
        !addresses.iter().any(|address| address.contains(&session)),
        "never in an address"
    );
    let own = format!("csrf={csrf}&session={session}");
    for (path, body, shows) in [
        ("", "", "Your account</h1>"),
        ("/fields", "was-name=Old&name=Olga+P.", "Saved."),
        ("/consents", "id=consent-7", "You took the consent back"),
        (
            "/choices",
            "id=newsletter&version=1&answer=yes",
            "Your consent counts from now on",
        ),
        ("/language", "language=ru", "Letters come in that language"),
        ("/sessions", "id=2", "That sign-in is ended"),
        (
            "/password",
            "new-password=a+longer+pass+phrase",
            "The password is set",
        ),
        (
            "/email",
            "new-email=new%40client.example",
            "A letter is on its way",
        ),
        ("/receipts/receipt-7.json", "", "\"news\""),
        ("/export.json", "", "Olga"),
        ("/delete", "", "Write the word"),
    ] {
        let seen = visitor
            .post(&format!("/account{path}"), &format!("{own}&{body}"))
            .await;
        assert!(
            seen.status == StatusCode::OK && seen.cookies.is_empty(),
            "{path}: {}",
            seen.status
        );
        assert!(seen.text.contains(shows), "{path}");
        let is_page = seen.text.contains("<main");
        assert!(
            !is_page || seen.text.contains(&format!("value=\"{session}\"")),
            "{path}"
        );
    }
    for forged in [format!("session={session}&csrf=x"), format!("csrf={csrf}")] {
        let seen = visitor.post("/account/export.json", &forged).await;
        assert_ne!(seen.status, StatusCode::OK);
    }
    let wrong = visitor
        .post("/account/email", &format!("{own}&new-email=new"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains(&session),
        "the session is not lost by a mistake"
    );
    let gone = visitor
        .post("/account/delete", &format!("{own}&word=delete"))
        .await;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(visitor.post("/account", &own).await.location, "/account/sign-in");

    // By password too; and who lost a cookie on the way is told what to do.
    let fields = format!(
        "login={MEMBER}&password={}&cookie=no",
        crate::stand::PASSWORD.replace(' ', "+")
    );
    let seen = visitor
        .fill("/account/sign-in", "/account/sign-in", &fields)
        .await;
    assert!(seen.status == StatusCode::OK && seen.main().contains("You are here without a cookie"));
    let lost = visitor.get("/account?entered=yes").await;
    assert_eq!(lost.location, "/account/sign-in?cookie=no");
    assert!(
        visitor
            .get(&lost.location)
            .await
            .main()
            .contains("your browser has not kept the cookie")
    );
}

#[tokio::test]
async fn what_came_in_between_is_said_and_nothing_typed_is_lost() {
    use web::public::account::{Outcome, ProofNeeded};
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    visitor.enter().await;
    let page = visitor.get("/account").await;
    let csrf = page.field("/account/fields", "csrf");
    assert_eq!(page.field("/account/fields", "was-company"), "Leuchtwerk");
    assert!(page.text.contains("Letter from us") && page.text.contains("(account manager)"));
    assert!(page.text.contains("task 0011aabb"));
    let post = async |path: &str, body: &str| {
        visitor
            .post(&format!("/account/{path}"), &format!("csrf={csrf}&{body}"))
            .await
    };
    let set = |outcome: Outcome| *stand.taken.outcome.lock().unwrap() = Some(outcome);

    // What was left as it was shown is no change.
    post(
        "fields",
        "was-company=Leuchtwerk&company=Leuchtwerk&was-name=Old&name=New",
    )
    .await;
    match stand.taken.acts.lock().unwrap().last() {
        Some(Act::Correct { changes, .. }) => assert_eq!(changes.len(), 1),
        other => unreachable!("{other:?}"),
    }
    set(Outcome::Meanwhile(vec![FieldClass::Name]));
    let seen = post("fields", "was-name=Old&name=Typed").await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(seen.text.contains(r#"value="Typed""#) && seen.text.contains("changed elsewhere"));
    let seen = post("fields", "email=evil%40x.example").await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text.contains("cannot be changed with this form"));
    set(Outcome::Wait { wait_ms: 2_000 });
    let seen = post("email", "new-email=new%40client.example").await;
    assert_eq!(seen.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(seen.text.contains(r#"value="new@client.example""#) && seen.text.contains("Too often"));
    let odd = post("email", "new-email=a%EF%BC%A0b%40x.example").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    set(Outcome::NoSuch);
    assert_eq!(post("consents", "id=none").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        post("choices", "id=none&answer=yes").await.status,
        StatusCode::NOT_FOUND
    );
    let changed = post("choices", "id=newsletter&version=9&answer=yes").await;
    assert_eq!(changed.status, StatusCode::CONFLICT);

    // The password shows who it is, before anything else is asked for.
    *stand.taken.proof.lock().unwrap() = ProofNeeded::Password;
    let asked = visitor.get("/account").await.text;
    assert!(
        asked.contains(r#"name="password-for-email""#) && asked.contains(r#"name="password-for-password""#)
    );
    assert!(
        visitor
            .get("/account/delete")
            .await
            .text
            .contains(r#"name="password-for-delete""#)
    );
    set(Outcome::WrongPassword);
    let seen = post("delete", "word=delete&password-for-delete=x").await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text.contains(r#"id="password-for-delete-wrong""#) && !seen.text.contains(r#"value="x""#));
    *stand.taken.proof.lock().unwrap() = ProofNeeded::Link;
    assert_eq!(
        visitor.get("/account/delete").await.location,
        "/account/sign-in?again=yes"
    );
    assert!(
        !visitor
            .get("/account")
            .await
            .text
            .contains(r#"name="new-password""#)
    );
}
