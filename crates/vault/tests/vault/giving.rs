//! Giving, correcting, deleting, finding, importing.

use super::*;
use vault::{Imported, ValueId};

#[tokio::test]
async fn values_are_kept_with_where_they_come_from_and_corrected() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let want: Vec<(FieldClass, String)> = [0, 3, 1, 2, 4]
            .map(|at: usize| (ANNA[at].0, ANNA[at].1.to_owned()))
            .to_vec();
        assert_eq!(texts(&vault, anna).await, want);
        let kept = vault.values(anna).await.unwrap();
        assert_eq!(kept.len(), 5);
        for value in &kept {
            assert_eq!(value.provenance, given(ANNA).provenance);
        }

        let mut correction = given(&[
            (FieldClass::Email, "karenina@example.net"),
            (FieldClass::Company, "Acme"),
        ]);
        correction.provenance.source = "account".to_owned();
        let ids = vault.record(anna, &correction, NOW).await.unwrap();
        assert_eq!(ids.len(), 2);
        let after = texts(&vault, anna).await;
        assert_eq!(after.len(), 6);
        assert!(after.contains(&(FieldClass::Email, "karenina@example.net".to_owned())));
        let kept = vault.values(anna).await.unwrap();
        let email = kept
            .iter()
            .find(|value| value.class == FieldClass::Email)
            .unwrap();
        assert_eq!((email.id, email.provenance.source.as_str()), (ids[0], "account"));
        assert!(
            vault
                .find(0, FieldClass::Email, "anna@example.org")
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            vault
                .find(0, FieldClass::Email, "Karenina@EXAMPLE.net")
                .await
                .unwrap(),
            [anna]
        );

        for id in ids {
            vault.delete_value(anna, id, NOW).await.unwrap();
            assert!(is_unknown(vault.delete_value(anna, id, NOW).await));
        }
        let destroyed = vault.destructions(NOW).await.unwrap();
        let classes: Vec<_> = destroyed
            .iter()
            .flat_map(|record| record.classes.clone())
            .collect();
        assert_eq!(classes, [FieldClass::Email, FieldClass::Company]);
        assert_eq!(texts(&vault, anna).await.len(), 4);
        assert!(
            vault
                .find(0, FieldClass::Email, "karenina@example.net")
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            vault
                .values(anna)
                .await
                .unwrap()
                .iter()
                .all(|v| v.provenance.source == "form:enquiry")
        );
    }
}

#[tokio::test]
async fn everything_is_voluntary_but_what_is_given_must_fit() {
    use FieldClass::{BudgetRange, Email, Message, Name};
    for place in places().await {
        let vault = place.open().await;
        let nobody = vault.add_person(&new_person(0, &[]), NOW).await.unwrap();
        assert!(vault.values(nobody).await.unwrap().is_empty());
        assert!(texts(&vault, nobody).await.is_empty());
        assert!(place.guard.asked().is_empty(), "nothing to open, nothing to ask");

        for (values, want) in [
            (&[(Name, " ")][..], Refusal::Empty(Name)),
            (&[(Email, "anna")], Refusal::Shape(Email)),
            (&[(BudgetRange, "95000")], Refusal::Shape(BudgetRange)),
            (&[(Name, "A"), (Name, "B")], Refusal::Twice(Name)),
            (&[(Message, "hello")], Refusal::Class(Message)),
        ] {
            assert_eq!(refusal(vault.add_person(&new_person(0, values), NOW).await), want);
            assert_eq!(refusal(vault.record(nobody, &given(values), NOW).await), want);
        }
        for (purposes, basis) in [
            (&[][..], LegalBasis::Contract),
            (&[Purpose::Newsletter], LegalBasis::Contract),
            (&[Purpose::LegalDuty], LegalBasis::LegalObligation),
        ] {
            let mut wrong = given(&[(Name, "A")]);
            wrong.provenance = provenance(purposes, basis);
            assert_eq!(
                refusal(vault.record(nobody, &wrong, NOW).await),
                Refusal::Purposes
            );
        }
        let mut unsaid = given(&[(Name, "A")]);
        unsaid.provenance.source.clear();
        assert_eq!(
            refusal(vault.record(nobody, &unsaid, NOW).await),
            Refusal::Provenance
        );
        assert!(vault.values(nobody).await.unwrap().is_empty());
        assert!(is_unknown(
            vault.record(PersonId([1; 16]), &given(ANNA), NOW).await
        ));
    }
}

#[tokio::test]
async fn contacts_are_found_in_every_spelling_and_in_their_client_only() {
    use FieldClass::{Address, Email, Name, Phone};
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let email = new_person(0, &[(FieldClass::Email, "anna@example.org")]);
        let same = vault.add_person(&email, NOW).await.unwrap();
        let other = vault.add_person(&new_person(7, ANNA), NOW).await.unwrap();
        for (client, class, text, want) in [
            (0, Email, "ANNA@example.ORG", &[anna, same][..]),
            (7, Email, "anna@example.org", &[other]),
            (8, Email, "anna@example.org", &[]),
            (0, Phone, "8 495 1234567", &[anna]),
            (0, Name, "каренина анна", &[anna]),
            (0, Name, "каренина", &[]),
            (0, Email, "anna", &[]),
            (0, Address, "ул. Ленина, 1\nМосква", &[]),
        ] {
            assert_eq!(
                vault.find(client, class, text).await.unwrap(),
                want,
                "{client} {text}"
            );
        }
        assert_eq!(vault.opened().await.unwrap(), 0, "searching opens nothing");
    }
}

#[tokio::test]
async fn letters_are_sealed_for_a_person() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let from = provenance(&[Purpose::AnswerEnquiry], LegalBasis::Contract);
        let first = vault.seal_for(anna, b"\xff\x00 first", &from, NOW).await.unwrap();
        let second = vault.seal_for(anna, b"second", &from, NOW).await.unwrap();
        let open = async |ids: &[ValueId]| {
            vault
                .open_for(&STAFF, anna, Purpose::AnswerEnquiry, ids, NOW)
                .await
        };
        let one = open(&[second]).await.unwrap();
        assert_eq!((one[0].0, one[0].1.as_slice()), (second, &b"second"[..]));
        let all = open(&[]).await.unwrap();
        assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [first, second]);
        assert_eq!(all[0].1.as_slice(), b"\xff\x00 first");
        assert!(is_unknown(open(&[first, ValueId(first.0 + 100_000)]).await));
        let other = vault.add_person(&new_person(0, &[]), NOW).await.unwrap();
        let stolen = vault
            .open_for(&STAFF, other, Purpose::AnswerEnquiry, &[first], NOW)
            .await;
        assert!(is_unknown(stolen));
        assert_eq!(texts(&vault, anna).await.len(), 5, "no letters among the values");
        assert_eq!(vault.values(anna).await.unwrap().len(), 7);
        vault.delete_value(anna, first, NOW).await.unwrap();
        assert!(is_unknown(open(&[first]).await));
        let large = vec![0; vault::person::MOST_CONTENT_BYTES + 1];
        assert_eq!(
            refusal(vault.seal_for(anna, &large, &from, NOW).await),
            Refusal::ContentTooLarge
        );
    }
}

#[tokio::test]
async fn many_are_imported_and_the_wrong_ones_named() {
    for place in places().await {
        let vault = place.open().await;
        let people = (0..5_345).map(|number| {
            let email = if number % 1_000 == 3 {
                "wrong".to_owned()
            } else {
                format!("person{number}@example.org")
            };
            new_person(
                number % 3,
                &[(FieldClass::Email, &email), (FieldClass::Company, "Acme")],
            )
        });
        let Imported { people, refused } = vault.import(people, NOW).await.unwrap();
        let wrong = Refusal::Shape(FieldClass::Email);
        assert_eq!(
            refused,
            [3, 1_003, 2_003, 3_003, 4_003, 5_003].map(|at| (at, wrong))
        );
        assert_eq!(people.len(), 5_339);
        for (number, person) in [people[0], people[4_100], people[5_338]] {
            let email = format!("person{number}@example.org");
            assert_eq!(
                vault
                    .find(number as u32 % 3, FieldClass::Email, &email)
                    .await
                    .unwrap(),
                [person]
            );
            assert_eq!(
                texts(&vault, person).await,
                [
                    (FieldClass::Email, email),
                    (FieldClass::Company, "Acme".to_owned())
                ]
            );
        }
    }
}
