use crate::house::{NOW, STAFF, houses, once, receipt_key, sealed};
use people::{NewEnquiry, verify};
use policy::{FieldClass, LegalBasis, Purpose};
use vault::Reader;

#[tokio::test]
async fn an_export_holds_each_marker_exactly_once_and_nobody_elses() {
    for house in houses().await {
        let served = house.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
        let marked = |mark: &str| {
            FieldClass::ALL
                .iter()
                .filter(|class| **class != FieldClass::Message)
                .map(|class| {
                    let text = match class {
                        FieldClass::Email => format!("{mark}@mail.example"),
                        FieldClass::Phone => "+7 495 765-43-21".to_owned(),
                        FieldClass::BudgetRange => "large".to_owned(),
                        class => format!("{mark}-{}", class.name()),
                    };
                    (*class, sealed(&text))
                })
                .collect::<Vec<_>>()
        };
        let mut persons = Vec::new();
        for mark in ["quokka", "wombat"] {
            let new = NewEnquiry {
                client: 0,
                once: once(),
                served,
                shown: NOW,
                fields: marked(mark),
                message: sealed(&format!("{mark}-message")),
                ticked: &["newsletter"],
                has_gpc: false,
            };
            let taken = house.people.take_enquiry(&new, NOW).await.unwrap();
            let email = format!("{mark}@mail.example");
            house.confirm(taken.person, served, &email).await;
            let text = sealed(&format!("{mark}-reply"));
            house
                .people
                .reply(&STAFF, taken.case, &sealed("Re"), &text, NOW)
                .await
                .unwrap();
            persons.push(taken.person);
        }
        house.guard.0.lock().unwrap().clear();
        let overview = house
            .people
            .overview(&Reader::Person, persons[0], NOW)
            .await
            .unwrap();
        let shown = format!("{overview:?}");
        assert!(!shown.contains("quokka") && shown.contains("[sealed]"));
        let export = serde_json::to_string(&overview).unwrap();
        for class in ["name", "address", "position", "company"] {
            assert_eq!(export.matches(&format!("quokka-{class}")).count(), 1, "{class}");
        }
        for once in [
            "quokka-message",
            "quokka-reply",
            "+7 495 765-43-21",
            "\"value\":\"large\"",
        ] {
            assert_eq!(export.matches(once).count(), 1, "{once}");
        }
        assert_eq!(export.matches("\"value\":\"quokka@mail.example\"").count(), 1);
        assert!(!export.contains("wombat"));
        assert_eq!(overview.fields.len(), 7);
        for field in &overview.fields {
            assert_eq!(
                (field.wording.as_str(), field.source.as_str()),
                ("enquiry", "enquiry")
            );
        }
        for (class, news) in [(FieldClass::Name, true), (FieldClass::Phone, false)] {
            let field = overview.fields.iter().find(|field| field.class == class).unwrap();
            let shown: Vec<(Purpose, LegalBasis, Option<&str>)> = field
                .uses
                .iter()
                .map(|one| {
                    let wording = one.wording.as_ref().map(|wording| wording.id.as_str());
                    (one.purpose, one.basis, wording)
                })
                .collect();
            let mut want = vec![(Purpose::AnswerEnquiry, LegalBasis::Contract, Some("enquiry"))];
            want.extend(news.then_some((Purpose::Newsletter, LegalBasis::Consent, Some("newsletter"))));
            want.push((Purpose::RightsRequest, LegalBasis::LegalObligation, None));
            want.push((Purpose::LegalDuty, LegalBasis::LegalObligation, None));
            assert_eq!(shown, want, "{class:?}");
        }
        assert_eq!((overview.consents.len(), overview.receipts.len()), (1, 1));
        verify(&receipt_key().jwks(), &overview.receipts[0].receipt).unwrap();
        let values: usize = house.guard.0.lock().unwrap().iter().map(|(_, _, n)| n).sum();
        assert_eq!(values, 7 + 2, "every value that was opened was asked for");

        // Forgotten with the vault's erasure, and the other stays whole.
        house.vault.erase(persons[0], "asked for", NOW).await.unwrap();
        let gone = house.people.forget(persons[0]).await.unwrap();
        assert_eq!((gone.consent_events, gone.letters, gone.cases), (3, 2, 1));
        assert_eq!(
            house.people.forget(persons[0]).await.unwrap(),
            people::Forgotten::default()
        );
        assert!(
            house
                .people
                .overview(&Reader::Person, persons[0], NOW)
                .await
                .is_err()
        );
        assert!(house.people.forget_gone().await.unwrap().is_empty());
        let other = house
            .people
            .overview(&Reader::Person, persons[1], NOW)
            .await
            .unwrap();
        assert_eq!((other.letters.len(), other.fields.len()), (2, 7));
    }
}

#[tokio::test]
async fn whoever_left_the_vault_is_forgotten_here_too() {
    for house in houses().await {
        let (gone, case) = house.enquiry(Some("anna@example.org"), &["newsletter"]).await;
        let (stays, other) = house.enquiry(Some("anna@example.org"), &["newsletter"]).await;
        house.vault.erase(gone, "asked for", NOW).await.unwrap();
        assert!(house.people.case(case).await.is_ok(), "until it is called");
        let forgotten = house.people.forget_gone().await.unwrap();
        assert_eq!(forgotten.len(), 1);
        let (person, rows) = forgotten[0];
        assert_eq!(
            (person, rows.cases, rows.letters, rows.consent_events),
            (gone, 1, 1, 3)
        );
        assert!(house.people.case(case).await.is_err());
        assert!(house.people.consents(gone).await.unwrap().is_empty());
        assert_eq!(house.people.letters(other).await.unwrap().len(), 1);
        assert_eq!(house.people.consents(stays).await.unwrap().len(), 1);
    }
}
