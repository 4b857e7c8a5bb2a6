use crate::house::{MAIL, NOW, controller, houses, receipt_key, refusal};
use people::{Controller, Language, NewServed, NewWording, People, Refusal};
use policy::{FieldClass, LegalBasis, Purpose};

const OWN: NewWording<'_> = NewWording {
    id: "newsletter",
    purpose: Purpose::Newsletter,
    basis: LegalBasis::Consent,
    classes: &[FieldClass::Email],
    valid_ms: None,
    english: "# News\n\nI agree.\n",
    russian: "# Новости\n\nЯ согласен.\n",
};

#[tokio::test]
async fn shipped_wordings_are_versioned_by_what_they_say() {
    for house in houses().await {
        let first = house.people.wording("newsletter", Language::Ru).await.unwrap();
        assert_eq!((first.version, first.is_consent()), (1, true));
        assert!(first.text.contains("Anturazh LLC") && !first.text.contains("{operator}"));

        let open = async |controller: Controller| {
            let database = house.trial.open().await.unwrap();
            let vault = house.vault.clone();
            People::open(database, vault, controller, receipt_key(), MAIL, NOW.plus_ms(1))
                .await
                .unwrap()
        };
        let same = open(controller()).await;
        assert_eq!(same.wording("newsletter", Language::Ru).await.unwrap(), first);
        let moved = Controller {
            address: "2 Other Street, Moscow".into(),
            ..controller()
        };
        let people = open(moved.clone()).await;
        let second = people.wording("newsletter", Language::En).await.unwrap();
        assert_eq!((second.version, second.created), (2, NOW.plus_ms(1)));
        assert!(second.text.contains("2 Other Street"));
        let old = people
            .wording_version("newsletter", 1, Language::Ru)
            .await
            .unwrap();
        assert_eq!(old, first, "what was shown once stays");

        // The operator's own wording is not replaced by the program's.
        assert_eq!(people.add_wording(&OWN, NOW).await.unwrap(), 3);
        assert_eq!(people.add_wording(&OWN, NOW).await.unwrap(), 3);
        let people = open(controller()).await;
        let own = people.wording("newsletter", Language::En).await.unwrap();
        assert_eq!(
            (own.version, own.text.as_str(), own.valid_ms),
            (3, OWN.english, None)
        );
        assert_eq!(own.classes, [FieldClass::Email]);
        assert_eq!(people.wording("account", Language::En).await.unwrap().version, 3);
        let all = people.wordings().await.unwrap();
        assert_eq!(all.len(), 2 * 7 * 3);
    }
}

#[tokio::test]
async fn wordings_that_cannot_be_are_refused() {
    for house in houses().await {
        for wrong in [
            NewWording { id: "", ..OWN },
            NewWording { id: "News", ..OWN },
            NewWording {
                basis: LegalBasis::LegitimateInterest,
                ..OWN
            },
            NewWording {
                russian: " \n",
                ..OWN
            },
        ] {
            let answer = house.people.add_wording(&wrong, NOW).await;
            assert!(matches!(refusal(answer), Refusal::Wording(_)), "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn a_text_changed_in_the_database_is_noticed() {
    for house in houses().await {
        sqlx::query("UPDATE wordings SET text = 'You agree to everything.' WHERE id = 'newsletter'")
            .execute(house.trial.open().await.unwrap().pool())
            .await
            .unwrap();
        let answer = house.people.wording("newsletter", Language::En).await;
        assert!(matches!(answer, Err(people::Error::Corrupt(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_served_alike_is_one_notice() {
    for house in houses().await {
        let served = NewServed {
            form: "enquiry",
            language: Language::Ru,
            wordings: &[("enquiry", 1), ("newsletter", 1)],
            form_sha256: [1; 32],
        };
        let serve = async |new, after_ms| house.people.serve(&new, NOW.plus_ms(after_ms)).await.unwrap();
        let one = serve(served, 0).await;
        assert_eq!(serve(served, 60_000).await, one);
        let stored = house.people.served(one).await.unwrap();
        assert_eq!(
            (stored.first, stored.last),
            (NOW, NOW),
            "not written at every view"
        );
        assert_eq!(serve(served, 3_600_000).await, one);
        let stored = house.people.served(one).await.unwrap();
        assert_eq!((stored.first, stored.last), (NOW, NOW.plus_ms(3_600_000)));
        assert_eq!(
            stored.wordings,
            [("enquiry".to_owned(), 1), ("newsletter".to_owned(), 1)]
        );
        for other in [
            NewServed { form: "x", ..served },
            NewServed {
                language: Language::En,
                ..served
            },
            NewServed {
                wordings: &[("enquiry", 1)],
                ..served
            },
            NewServed {
                form_sha256: [2; 32],
                ..served
            },
        ] {
            assert_ne!(serve(other, 0).await, one, "{other:?}");
        }
        let unknown = NewServed {
            wordings: &[("enquiry", 99)],
            ..served
        };
        assert!(house.people.serve(&unknown, NOW).await.is_err());
    }
}
