//! Enquiries and requests: what arrives, what is refused and how, and that nothing is lost.

use super::Visitor;
use crate::stand::Stand;
use crate::stand::doors;
use http::StatusCode;
use policy::{FieldClass, Purpose};
use std::sync::Arc;
use web::public::rights::Want;

#[tokio::test]
async fn an_enquiry_arrives_with_what_was_shown_and_agreed() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let page = visitor.get("/enquiry").await.text;
    assert!(!page.contains("checked"), "no box is ticked beforehand");
    for class in FieldClass::ALL {
        assert!(page.contains(&format!(r#"name="{}""#, class.name())), "{class:?}");
    }
    let sent = visitor
        .fill(
            "/enquiry",
            "/enquiry",
            "message=How+many%3F&name=+Olga+&email=olga%40client.example&phone=&budget_range=100k-500k&agree=newsletter",
        )
        .await;
    assert_eq!(
        (sent.status, sent.location.as_str()),
        (StatusCode::SEE_OTHER, "/enquiry/sent?confirm=yes")
    );
    assert!(sent.cookies.is_empty());
    let taken = stand.taken.enquiries.lock().unwrap();
    let [enquiry] = &taken[..] else {
        unreachable!("one enquiry")
    };
    assert_eq!(enquiry.message.reveal(), "How many?");
    let fields: Vec<(FieldClass, &str)> = enquiry.fields.iter().map(|(c, v)| (*c, v.reveal())).collect();
    assert_eq!(
        fields,
        [
            (FieldClass::Name, "Olga"),
            (FieldClass::Email, "olga@client.example"),
            (FieldClass::BudgetRange, "100k-500k"),
        ]
    );
    let english = web::language::Language::En;
    let shown = ["enquiry", "newsletter"].map(|id| doors::wording(id, english).shown());
    assert_eq!(enquiry.shown, shown);
    assert_eq!(enquiry.agreed, [(Purpose::Newsletter, shown[1].clone())]);
    assert_ne!(enquiry.form_sha256, [0; 32]);
    let debug = format!("{enquiry:?}");
    assert!(
        !debug.contains("Olga") && !debug.contains("client.example") && !debug.contains("How many"),
        "{debug}"
    );
}

#[tokio::test]
async fn an_enquiry_needs_a_message_and_nothing_else() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let sent = visitor.fill("/enquiry", "/enquiry", "message=Hello").await;
    assert_eq!(sent.location, "/enquiry/sent?answer=no", "{}", sent.text);
    assert!(visitor.get(&sent.location).await.text.contains("cannot answer"));
    {
        let taken = stand.taken.enquiries.lock().unwrap();
        assert!(taken[0].fields.is_empty() && taken[0].agreed.is_empty());
    }
    let empty = visitor.fill("/enquiry", "/enquiry", "message=+&name=Olga").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains(r##"<a href="#message">"##) && empty.text.contains(r#"id="message-wrong""#));
    assert_eq!(stand.taken.enquiries.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn mistakes_are_named_and_nothing_is_lost() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let all =
        "message=%3Cb%3EHi&name=Olga&company=Leuchtwerk&position=Head&address=Road+1&budget_range=100k-500k";
    for (wrong, field) in [
        ("email=olga.example", "email"),
        ("phone=call+me", "phone"),
        ("phone=123-45-67+ext.+8", "phone"),
        ("agree=newsletter", "email"),
        ("budget_range=12345", "budget_range"),
    ] {
        let seen = visitor
            .fill("/enquiry", "/enquiry", &format!("{all}&{wrong}"))
            .await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(seen.text.contains(&format!(r#"id="{field}-wrong""#)), "{wrong}");
        assert!(
            seen.text.contains(&format!(r##"<a href="#{field}">"##)),
            "{wrong}"
        );
        for kept in [
            "&lt;b&gt;Hi</textarea>",
            r#"value="Olga""#,
            r#"value="Leuchtwerk""#,
            r#"value="Road 1""#,
        ] {
            assert!(seen.text.contains(kept), "{wrong}: {kept}");
        }
        assert_eq!(
            seen.text.contains("checked"),
            wrong.starts_with("agree"),
            "{wrong}"
        );
    }
    let long = "x".repeat(20_001);
    let seen = visitor
        .fill("/enquiry", "/enquiry", &format!("message={long}"))
        .await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text.contains(&long));
    let huge = visitor.post("/enquiry", &"x".repeat(400_000)).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(stand.taken.enquiries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_gate_stops_programs_and_lets_people_try_again() {
    let mut stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let token = visitor.get("/enquiry").await.field("/enquiry", "token");
    for (body, status) in [
        ("message=Hi".to_owned(), StatusCode::CONFLICT),
        ("message=Hi&token=AAAA".to_owned(), StatusCode::CONFLICT),
        (
            format!("message=Hi&token={token}&homepage=spam"),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let seen = visitor.post("/enquiry", &body).await;
        assert_eq!(seen.status, status, "{body}");
        assert!(
            seen.text.contains("Hi</textarea>") && seen.text.contains(r#"role="alert""#),
            "{body}"
        );
    }
    let rights = visitor.get("/privacy").await.field("/privacy", "token");
    let seen = visitor
        .post("/enquiry", &format!("message=Hi&token={rights}"))
        .await;
    assert_eq!(seen.status, StatusCode::CONFLICT, "a token of another form");
    let mut foreign = Visitor::new(&stand);
    foreign.site = "cross-site";
    let seen = foreign
        .post("/enquiry", &format!("message=Hi&token={token}"))
        .await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(stand.taken.enquiries.lock().unwrap().is_empty());

    let once = visitor
        .post("/enquiry", &format!("message=Hi&token={token}"))
        .await;
    let twice = visitor
        .post("/enquiry", &format!("message=Hi&token={token}"))
        .await;
    assert_eq!(
        (once.status, twice.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(
        stand.taken.enquiries.lock().unwrap().len(),
        1,
        "sent twice, taken once"
    );
    visitor
        .post("/enquiry", &format!("message=Another&token={token}"))
        .await;
    assert_eq!(
        stand.taken.enquiries.lock().unwrap().len(),
        2,
        "what was written anew is not lost"
    );

    drop((visitor, foreign));
    Arc::get_mut(&mut stand.web).unwrap().public.fastest_ms = 2_000;
    let visitor = Visitor::new(&stand);
    let hasty = visitor.fill("/enquiry", "/enquiry", "message=Hi").await;
    assert_eq!(hasty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(hasty.text.contains("faster than people write"));
}

#[tokio::test]
async fn too_many_at_once_from_one_network_wait_for_a_few_seconds() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    for _ in 0..20 {
        let seen = visitor.fill("/enquiry", "/enquiry", "message=Hi").await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
    }
    for _ in 0..2 {
        let seen = visitor.fill("/enquiry", "/enquiry", "message=Once+more").await;
        assert_eq!(seen.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(
            seen.text.contains("Once more</textarea>") && seen.text.contains("in 10\u{a0}s")
                || seen.text.contains("in 10")
        );
    }
    assert_eq!(stand.taken.enquiries.lock().unwrap().len(), 20);
    let own = visitor
        .fill("/privacy", "/privacy", "want=know&contact=a%40b.example")
        .await;
    assert_eq!(
        own.status,
        StatusCode::SEE_OTHER,
        "requests about own data have their own count"
    );
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_and_can_be_sent_again() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let token = visitor.get("/enquiry").await.field("/enquiry", "token");
    let body = format!("message=Hi&token={token}");
    *stand.taken.is_closed.lock().unwrap() = true;
    let seen = visitor.post("/enquiry", &body).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(seen.text.contains("Hi</textarea>"));
    assert_eq!(
        seen.field("/enquiry", "token"),
        token,
        "it is known when it comes again"
    );
    *stand.taken.is_closed.lock().unwrap() = false;
    assert_eq!(
        visitor.post("/enquiry", &body).await.status,
        StatusCode::SEE_OTHER
    );
    let taken = stand.taken.enquiries.lock().unwrap();
    assert!(taken.len() == 1 && taken[0].once != [0; 16]);
}

#[tokio::test]
async fn a_basis_that_is_a_consent_needs_its_own_tick() {
    let mut stand = Stand::open(1, 1, false).await;
    let door = doors::enquiries(&stand.taken, true);
    Arc::get_mut(&mut stand.web).unwrap().public.enquiries = Some(door);
    let visitor = Visitor::new(&stand);
    let seen = visitor
        .fill(
            "/enquiry",
            "/enquiry",
            "message=Hi&agree=newsletter&email=a%40b.example",
        )
        .await;
    assert_eq!(
        seen.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "one consent does not stand for another"
    );
    assert!(seen.text.contains(r#"id="agree-basis-wrong""#));
    let seen = visitor
        .fill("/enquiry", "/enquiry", "message=Hi&agree=enquiry")
        .await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    let taken = stand.taken.enquiries.lock().unwrap();
    let agreed: Vec<Purpose> = taken[0].agreed.iter().map(|(purpose, _)| *purpose).collect();
    assert_eq!(agreed, [Purpose::AnswerEnquiry]);
}

#[tokio::test]
async fn a_form_whose_text_has_changed_is_read_again_before_it_counts() {
    let mut stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    let token = visitor.get("/enquiry").await.field("/enquiry", "token");
    drop(visitor);
    let door = doors::enquiries(&stand.taken, true);
    Arc::get_mut(&mut stand.web).unwrap().public.enquiries = Some(door);
    let visitor = Visitor::new(&stand);
    let seen = visitor
        .post("/enquiry", &format!("message=Hi&agree=enquiry&token={token}"))
        .await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(seen.text.contains("has changed") && seen.text.contains("Hi</textarea>"));
    assert!(stand.taken.enquiries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_gets_its_reference_and_carries_nothing_into_the_address() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    for (fields, field) in [
        ("contact=olga%40client.example", "want"),
        ("want=correct", "message"),
        ("want=know&contact=olga%40client", "contact"),
    ] {
        let seen = visitor.fill("/privacy", "/privacy", fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(seen.text.contains(&format!(r#"id="{field}-wrong""#)), "{fields}");
    }
    let fields = "want=delete&contact=olga%40client.example&message=All+of+it";
    let seen = visitor.fill("/privacy", "/privacy", fields).await;
    assert_eq!(seen.location, "/privacy/sent?reference=R-1");
    assert!(visitor.get(&seen.location).await.text.contains(">R-1</strong>"));
    let seen = visitor.fill("/privacy", "/privacy", "want=know").await;
    assert_eq!(seen.location, "/privacy/sent?reference=R-2&answer=no");
    let planted = visitor
        .get("/privacy/sent?reference=%3Cscript%3E+call+this+number")
        .await;
    assert!(
        !planted.text.contains("call this"),
        "only a reference is shown as one"
    );
    let requests = stand.taken.requests.lock().unwrap();
    assert_eq!((requests[0].want, requests[1].want), (Want::Delete, Want::Know));
    assert!(requests[0].contact.is_some() && requests[1].contact.is_none());
}

#[tokio::test]
async fn the_other_language_keeps_what_was_typed() {
    let stand = Stand::open(1, 1, false).await;
    let visitor = Visitor::new(&stand);
    for (page, typed) in [
        ("/enquiry", "message=quokka&email=no-address&agree=newsletter"),
        ("/privacy", "message=quokka&contact=no%40address%40"),
    ] {
        let fresh = visitor.get(page).await;
        let link = r#"<a class="button plain other-language""#;
        assert!(fresh.text.contains(link), "nothing is typed yet: {page}");
        let wrong = visitor.fill(page, page, typed).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        let button = format!(r#"formaction="{page}?lang=ru""#);
        assert!(
            wrong.text.contains(&button) && !wrong.text.contains(link),
            "{page}"
        );

        let token = wrong.field(page, "token");
        let before = stand.taken.enquiries.lock().unwrap().len();
        let body = format!("token={token}&homepage=&in-language=ru&{typed}");
        let other = visitor.post(&format!("{page}?lang=ru"), &body).await;
        assert_eq!(other.status, StatusCode::OK, "{page}");
        assert!(other.text.contains("<html lang=\"ru\"") && other.text.contains("quokka</textarea>"));
        assert_eq!(
            stand.taken.enquiries.lock().unwrap().len(),
            before,
            "nothing is sent by it"
        );
        assert_ne!(other.field(page, "token"), "", "it can be sent from here");
    }
}

#[tokio::test]
async fn what_is_too_large_is_answered_by_a_page_in_both_languages() {
    let stand = Stand::open(1, 1, false).await;
    let body = format!("message={}", "x".repeat(3_000_000));
    for (language, words) in [
        ("en", "That is more than fits"),
        ("ru", "Это больше, чем помещается"),
    ] {
        let mut visitor = Visitor::new(&stand);
        visitor.language = language;
        for path in ["/enquiry", "/privacy", "/sign-in"] {
            let seen = visitor.post(path, &body).await;
            assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            assert!(seen.text.contains(words) && seen.text.contains("<main"), "{path}");
        }
    }
}
