//! Every page as anyone sees it.

use super::{Seen, Visitor};
use crate::stand::Stand;
use http::StatusCode;
use std::collections::HashSet;
use std::sync::Arc;
use web::public::agency::Words;
use web::public::board::{Board, Notice};

const PAGES: &[&str] = &[
    "/",
    "/enquiry",
    "/enquiry/sent",
    "/enquiry/sent?answer=no",
    "/policy",
    "/policy/history",
    "/wordings/newsletter",
    "/wordings/testimonial",
    "/wordings/testimonial-draft",
    "/testimonials",
    "/testimonials/answered?as=agreed",
    "/testimonials/answered?as=declined",
    "/testimonials/answered?as=withdrawn",
    "/cookies",
    "/privacy",
    "/privacy/sent?reference=R-1",
    "/account/sign-in",
    "/account/letter/sent",
];

#[tokio::test]
async fn pages_are_whole_strict_and_the_same_without_cookies() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    for language in ["en", "ru"] {
        visitor.language = language;
        for path in PAGES {
            visitor.cookies = String::new();
            let bare = visitor.get(path).await;
            assert_eq!(bare.status, StatusCode::OK, "{path}");
            assert!(bare.cookies.is_empty(), "{path} sets a cookie by being looked at");
            let text = &bare.text;
            assert!(
                text.starts_with(&format!("<!DOCTYPE html><html lang=\"{language}\"")),
                "{path}"
            );
            for forbidden in [" style=", " onclick=", "<style", "http://", "https://"] {
                assert!(!text.contains(forbidden), "{path}: {forbidden}");
            }
            assert_eq!(text.matches("<script").count(), 1, "{path}");
            assert_eq!(
                (text.matches("<h1").count(), text.matches("<main").count()),
                (1, 1),
                "{path}"
            );
            let ids: Vec<&str> = text
                .split(" id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let distinct: HashSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), distinct.len(), "{path}: an id occurs twice");
            for label in text
                .split("<label")
                .skip(1)
                .filter_map(|l| l.split(" for=\"").nth(1))
            {
                let id = label.split('"').next().unwrap();
                assert!(
                    distinct.contains(id),
                    "{path}: nothing has the id `{id}` of a label"
                );
            }
            visitor.cookies = format!("theme=dark; lang={language}");
            let known = visitor.get(path).await;
            let without_token = |seen: &Seen| {
                let mut parts = seen.main().split(r#"name="token" value=""#);
                let first = parts.next().unwrap().to_owned();
                parts.fold(first, |text, part| text + part.split_once('"').unwrap().1)
            };
            if *path != "/cookies" {
                assert_eq!(
                    without_token(&bare),
                    without_token(&known),
                    "{path}: cookies change its content"
                );
            }
            assert!(known.text.contains(r#"data-theme="dark""#));
        }
    }
}

#[tokio::test]
async fn the_policy_has_thirteen_clauses_with_addresses() {
    let stand = Stand::open(1, 1, false).await;
    let mut visitor = Visitor::new(&stand);
    for language in ["en", "ru"] {
        visitor.language = language;
        let page = visitor.get("/policy").await.text;
        for number in 1..=13 {
            let anchor = format!(r#"<section class="clause" id="p{number}""#);
            assert!(
                page.contains(&anchor) && page.contains(&format!(r##"href="#p{number}""##)),
                "{number}"
            );
        }
        assert!(!page.contains("id=\"p14\""));
    }
}

#[tokio::test]
async fn the_main_page_shows_the_agency_and_its_notice() {
    let mut stand = Stand::open(1, 1, false).await;
    let quiet = Visitor::new(&stand).get("/").await.text;
    assert!(!quiet.contains("class=\"banner\"") && !quiet.contains("id=\"voices\""));
    let public = &mut Arc::get_mut(&mut stand.web).unwrap().public;
    public.agency.name = Words::new("Nord & Co", "Норд и Ко");
    public.agency.logo =
        Some("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".into());
    public.board = Box::new(|| Board {
        notice: Some(Notice {
            text: Words::new("A new policy is coming", "Скоро новая политика"),
            path: Some("/policy/history".into()),
        }),
    });
    let visitor = Visitor::new(&stand);
    let page = visitor.get("/").await.text;
    for shown in [
        "Nord &amp; Co",
        "A new policy is coming",
        "Web statistics",
        r#"src="/logo.svg""#,
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(
        !page.contains("alert(1)"),
        "the logo is an image, not part of the page"
    );
    assert!(visitor.get("/logo.svg").await.text.starts_with("<svg"));
}

#[tokio::test]
async fn without_doors_the_contact_is_shown_and_accounts_do_not_exist() {
    let mut stand = Stand::open(1, 1, false).await;
    let public = &mut Arc::get_mut(&mut stand.web).unwrap().public;
    (public.enquiries, public.rights, public.accounts) = (None, None, None);
    public.agency.email = Some("hello@agency.example".into());
    let visitor = Visitor::new(&stand);
    let page = visitor.get("/enquiry").await;
    assert!(page.main().contains("has not said yet who they are"));
    for path in ["/enquiry", "/privacy"] {
        let page = visitor.get(path).await;
        assert!(
            page.main().contains("mailto:hello@agency.example") && !page.main().contains("<form"),
            "{path}"
        );
        assert_eq!(
            visitor.post(path, "message=Hi&want=know").await.status,
            StatusCode::NOT_FOUND
        );
    }
    for path in ["/account", "/account/sign-in"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!visitor.get("/").await.text.contains("/account"));
}

#[tokio::test]
async fn what_went_wrong_is_said_in_the_frame_of_the_site() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    for path in ["/nowhere", "/wordings/none", "/wordings/newsletter?version=99"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains(r#"<body class="public">"#), "{path}");
        assert!(page.main().contains(r#"href="/""#), "{path}");
    }
    let page = visitor.get("/nowhere?lang=ru").await;
    assert!(page.main().contains(r#"href="/?lang=ru""#), "the language stays");
    let staff = visitor.get("/sign-in/nowhere").await;
    assert!(staff.status == StatusCode::NOT_FOUND && !staff.text.contains(r#"class="public""#));
}

#[tokio::test]
async fn every_version_of_a_text_stays_readable() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    for (path, title) in [
        (
            "/wordings/newsletter?version=1",
            "Consent to receive our newsletter",
        ),
        ("/wordings/enquiry-consent?version=1&lang=ru", "Согласие"),
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.main().contains(title) && page.main().contains("1 Example Street"),
            "{path}: {}",
            page.main()
        );
    }
}
