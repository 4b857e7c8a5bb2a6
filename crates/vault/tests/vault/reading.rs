//! Reading: the guard, the count, and what may be used for what.

use super::*;

use vault::NewHold;
use vocabulary::moment::DAY_MS;

#[tokio::test]
async fn nothing_is_opened_without_the_guard_and_everything_opened_is_counted() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(7, ANNA), NOW).await.unwrap();
        place.guard.denies.store(true, Ordering::Relaxed);
        let classes = [FieldClass::Email, FieldClass::Name, FieldClass::Company];
        let denied = vault
            .read(&STAFF, anna, Purpose::AnswerEnquiry, &classes, NOW)
            .await;
        assert!(matches!(denied, Err(Error::Denied(Denied { reason, .. })) if reason == "no open task"));
        assert_eq!(vault.opened().await.unwrap(), 0);

        place.guard.denies.store(false, Ordering::Relaxed);
        for reader in [STAFF, Reader::Person, Reader::Job("mail")] {
            let read = vault
                .read(&reader, anna, Purpose::Account, &classes, NOW)
                .await
                .unwrap();
            assert_eq!(
                read.iter().map(|v| v.class).collect::<Vec<_>>(),
                [FieldClass::Name, FieldClass::Email]
            );
            assert!(!format!("{read:?}").contains("Anna"));
            let uses = vec![
                Purpose::AnswerEnquiry,
                Purpose::CustomerSupport,
                Purpose::RightsRequest,
                Purpose::LegalDuty,
            ];
            assert_eq!(
                place.guard.asked().pop().unwrap(),
                Asked {
                    reader,
                    person: anna,
                    client: 7,
                    purpose: Purpose::Account,
                    fields: [FieldClass::Name, FieldClass::Email]
                        .map(|class| FieldUse {
                            class,
                            uses: uses.clone()
                        })
                        .to_vec(),
                    on_hold: false,
                }
            );
        }
        assert_eq!(vault.opened().await.unwrap(), 6);
        assert_eq!(place.open().await.opened().await.unwrap(), 6, "kept on disk");
    }
}

#[tokio::test]
async fn the_count_equals_the_audit_whoever_reads_at_once_and_goes_away() {
    for place in places().await {
        let vault = place.open().await;
        let mut people = Vec::new();
        for _ in 0..4 {
            people.push(vault.add_person(&new_person(0, ANNA), NOW).await.unwrap());
        }
        let mut readers = Vec::new();
        for number in 0..200_u32 {
            let (vault, person) = (vault.clone(), people[number as usize % 4]);
            let reader = tokio::spawn(async move {
                let read = vault.read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW);
                if number % 2 == 0 {
                    // Goes away in the middle.
                    let mut read = Box::pin(read);
                    for _ in 0..number {
                        if futures::poll!(&mut read).is_ready() {
                            break;
                        }
                        tokio::task::yield_now().await;
                    }
                } else {
                    assert_eq!(read.await.unwrap().len(), 5);
                }
            });
            readers.push(reader);
        }
        for reader in readers {
            reader.await.unwrap();
        }
        // What was left behind finishes by itself.
        let mut opened = vault.opened().await.unwrap();
        for _ in 0..5_000 {
            let audited = place.guard.values();
            opened = vault.opened().await.unwrap();
            if opened == audited && audited == place.guard.values() {
                break;
            }
        }
        assert_eq!(opened, place.guard.values());
        assert!(opened >= 500);
    }
}

#[tokio::test]
async fn choices_and_holds_decide_what_may_be_used() {
    use Purpose::{AnswerEnquiry, CustomerSupport, LegalDuty, Newsletter, RightsRequest};
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let uses = async |class: FieldClass| {
            let kept = vault.values(anna).await.unwrap();
            kept.into_iter().find(|value| value.class == class).unwrap().uses
        };
        let email = [FieldClass::Email];
        vault.allow_use(anna, Newsletter, &email, NOW).await.unwrap();
        vault.withdraw_use(anna, CustomerSupport, NOW).await.unwrap();
        assert_eq!(
            uses(FieldClass::Email).await,
            [AnswerEnquiry, Newsletter, RightsRequest, LegalDuty]
        );
        assert_eq!(
            uses(FieldClass::Phone).await,
            [AnswerEnquiry, RightsRequest, LegalDuty]
        );
        // What is given later is shut too, until the use is allowed again.
        vault
            .record(anna, &given(&[(FieldClass::Phone, "12345")]), NOW)
            .await
            .unwrap();
        assert_eq!(
            uses(FieldClass::Phone).await,
            [AnswerEnquiry, RightsRequest, LegalDuty]
        );
        vault.withdraw_use(anna, Newsletter, NOW).await.unwrap();
        vault.allow_use(anna, CustomerSupport, &[], NOW).await.unwrap();
        assert_eq!(
            uses(FieldClass::Email).await,
            [AnswerEnquiry, CustomerSupport, RightsRequest, LegalDuty]
        );
        for purpose in [RightsRequest, LegalDuty] {
            assert_eq!(
                refusal(vault.withdraw_use(anna, purpose, NOW).await),
                Refusal::ByLaw
            );
        }

        let review = NOW.plus_ms(DAY_MS);
        let new = NewHold {
            owner: 4,
            reason: "court case 12",
            review,
        };
        let hold = vault.place_hold(anna, new, NOW).await.unwrap();
        assert_eq!(uses(FieldClass::Email).await, [LegalDuty]);
        texts(&vault, anna).await;
        let asked = place.guard.asked().pop().unwrap();
        assert!(asked.on_hold && asked.fields.iter().all(|field| field.uses == [LegalDuty]));
        vault.release_hold(hold, 5, NOW).await.unwrap();
        assert!(is_unknown(vault.release_hold(hold, 5, NOW).await));
        assert!(uses(FieldClass::Email).await.contains(&AnswerEnquiry));
    }
}

#[tokio::test]
async fn values_moved_to_another_place_do_not_open() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault
            .add_person(&new_person(1, &[(FieldClass::Name, "Anna")]), NOW)
            .await
            .unwrap();
        let boris = vault
            .add_person(&new_person(2, &[(FieldClass::Name, "Boris")]), NOW)
            .await
            .unwrap();
        let read = async |person| {
            vault
                .read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
                .await
        };
        assert_eq!(
            read(anna).await.unwrap().len() + read(boris).await.unwrap().len(),
            2
        );
        // The one's ciphertext in the other's row.
        let swap =
            "UPDATE fields SET sealed = (SELECT sealed FROM fields WHERE id = (SELECT MIN(id) FROM fields))
                    WHERE id = (SELECT MAX(id) FROM fields)";
        place.tamper(&place.fields, swap).await;
        assert!(matches!(read(boris).await, Err(Error::Corrupt("value"))));
        // The same value said to be of another class.
        place
            .tamper(
                &place.fields,
                "UPDATE fields SET class = 6 WHERE id = (SELECT MIN(id) FROM fields)",
            )
            .await;
        assert!(matches!(read(anna).await, Err(Error::Corrupt("value"))));
        // One client's key row for the other's person.
        place
            .tamper(&place.keys, "UPDATE person_keys SET client = 1")
            .await;
        assert!(matches!(read(boris).await, Err(Error::Corrupt("key"))));
        assert_eq!(
            vault.opened().await.unwrap(),
            place.guard.values(),
            "failures count as openings"
        );
    }
}
