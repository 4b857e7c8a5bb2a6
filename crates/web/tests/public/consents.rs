//! Consents by letters: confirmed and taken back without a cookie, and nothing by looking.

use super::Visitor;
use crate::stand::{self, now};
use credentials::Sealed;
use http::StatusCode;
use office::{EnquiryForm, Office};
use people::{ConsentState, Language};
use policy::{FieldClass, Purpose};
use std::path::Path;
use vocabulary::PersonId;

/// Somebody who ticked the newsletter.
async fn ticked(office: &Office, language: Language) -> PersonId {
    let form = EnquiryForm {
        form: "enquiry",
        once: [7; 16],
        language,
        wordings: &[("enquiry", 1), ("newsletter", 1)],
        form_sha256: [3; 32],
        fields: vec![(FieldClass::Email, Sealed::new("olga@client.example".into()))],
        message: Sealed::new("Good day.".into()),
        ticked: &["newsletter"],
        has_gpc: true,
    };
    office.take_enquiry(form, &[1], now()).await.unwrap().person
}

/// The path of the link in the only letter that waits.
async fn link(office: &Office, folder: &Path) -> String {
    assert_eq!(office.sharing.outbox.send_due(now()).await.unwrap().sent, 1);
    let file = std::fs::read_dir(folder.join("outbox"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let letter = sharing::Letter::read(&std::fs::read(&file).unwrap());
    std::fs::remove_file(&file).unwrap();
    let text = letter.text.reveal();
    let (_, rest) = text.split_once("https://agency.example").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_confirms_and_a_press_takes_back_and_a_mail_program_may_press() {
    for (language, agree, back, gone) in [
        (
            Language::En,
            "I agree",
            "Take it back",
            "The consent is taken back",
        ),
        (Language::Ru, "Согласен", "Отозвать", "Согласие отозвано"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut stand = stand::Stand::open(1, 1, false).await;
        let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
        web.office = office::trial::office(folder.path(), now).await;
        let office = stand.web.office.clone();
        let visitor = Visitor::new(&stand);
        let person = ticked(&office, language).await;
        let state = async || {
            office
                .people
                .consent_state(person, Purpose::Newsletter)
                .await
                .unwrap()
        };

        let question = link(&office, folder.path()).await;
        let token = question
            .split_once("token=")
            .unwrap()
            .1
            .split('&')
            .next()
            .unwrap();
        for _ in 0..2 {
            let page = visitor.get(&question).await;
            assert!(page.status == StatusCode::OK && page.cookies.is_empty());
            assert!(page.cached.contains("no-store") && page.main().contains(agree));
            assert!(!page.text.contains("olga@"), "the page says nothing of whom");
        }
        assert_eq!(state().await, ConsentState::Requested, "looking is not pressing");
        let dead = visitor.post("/consents/confirm", "token=x").await;
        assert_eq!(dead.status, StatusCode::NOT_FOUND);
        let seen = visitor.post("/consents/confirm", &format!("token={token}")).await;
        assert_eq!(
            (seen.status, seen.location.as_str()),
            (StatusCode::SEE_OTHER, "/consents/confirmed")
        );
        assert_eq!(state().await, ConsentState::Given);
        assert_eq!(
            visitor.get(&question).await.status,
            StatusCode::NOT_FOUND,
            "it gives once"
        );

        let way_back = link(&office, folder.path()).await;
        let token = way_back
            .split_once("token=")
            .unwrap()
            .1
            .split('&')
            .next()
            .unwrap();
        let page = visitor.get(&way_back).await;
        assert!(page.status == StatusCode::OK && page.main().contains(back) && page.cookies.is_empty());
        assert_eq!(state().await, ConsentState::Given, "looking is not pressing");
        let receipt = visitor
            .post("/consents/receipt", &format!("token={token}&as=jws"))
            .await
            .text;
        assert_eq!(receipt.matches('.').count(), 2);
        let readable = visitor
            .post("/consents/receipt", &format!("token={token}&as=json"))
            .await
            .text;
        let readable: serde_json::Value = serde_json::from_str(&readable).unwrap();
        let how = readable["pii_processing"][0]["withdrawal_method"]
            .as_str()
            .unwrap();
        assert!(how.contains("the link in our letters"), "{how}");
        // What a mail program sends (RFC 8058): the address of the link, no cookie, no field of ours.
        for _ in 0..2 {
            let seen = visitor.post(&way_back, "List-Unsubscribe=One-Click").await;
            assert!(seen.status == StatusCode::OK && seen.main().contains(gone));
            assert_eq!(state().await, ConsentState::Withdrawn);
        }
        let again = visitor
            .post("/consents/receipt", &format!("token={token}&as=jws"))
            .await
            .text;
        assert_ne!(again, receipt, "a receipt of the end");
    }
}
