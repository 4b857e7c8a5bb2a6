//! New keys, while reading goes on.

use super::*;
use sqldb::Engine;
use sqlx::Row;
use vault::NewHold;

async fn wrapped_keys(place: &Place) -> Vec<Vec<u8>> {
    let keys = place.keys.open().await.unwrap();
    let rows = sqlx::query("SELECT wrapped FROM client_keys UNION ALL SELECT wrapped FROM person_keys")
        .fetch_all(keys.pool())
        .await
        .unwrap();
    keys.close().await;
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_new_operators_key_takes_the_place_of_the_old_one() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let boris = vault.add_person(&new_person(9, ANNA), NOW).await.unwrap();
        let new = AgeFile::create(&place.folder.path().join("new.age")).unwrap();
        assert_eq!(vault.rotate_operator_key(Arc::new(new)).await.unwrap(), 2);
        assert_eq!(texts(&vault, anna).await.len(), 5);
        let carla = vault.add_person(&new_person(10, ANNA), NOW).await.unwrap();
        let reopened = place.open_with("new.age").await.unwrap();
        for person in [anna, boris, carla] {
            assert_eq!(texts(&reopened, person).await.len(), 5);
        }
        let old = place.open().await;
        assert!(matches!(
            old.read(&STAFF, anna, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
                .await,
            Err(Error::Key(vault::KeyFault::Other(_)))
        ));
    }
}

#[tokio::test]
async fn a_rotation_of_the_operators_key_that_was_cut_off_can_be_finished() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let path = place.folder.path().join("new.age");
        vault
            .rotate_operator_key(Arc::new(AgeFile::create(&path).unwrap()))
            .await
            .unwrap();
        // A client that the rotation did not come to.
        let half = place.open().await;
        let boris = half.add_person(&new_person(9, ANNA), NOW).await.unwrap();
        let half = place.open().await;
        assert_eq!(
            half.rotate_operator_key(Arc::new(AgeFile::open(&path).unwrap()))
                .await
                .unwrap(),
            1
        );
        let vault = place.open_with("new.age").await.unwrap();
        for person in [anna, boris] {
            assert_eq!(texts(&vault, person).await.len(), 5);
        }
    }
}

#[tokio::test]
async fn a_new_client_key_wraps_every_key_of_its_people_while_they_are_read() {
    for place in places().await {
        let vault = place.open().await;
        let import = (0..700).map(|_| new_person(3, &[(FieldClass::Name, "Anna")]));
        let people = vault.import(import, NOW).await.unwrap().people;
        let other = vault.add_person(&new_person(4, ANNA), NOW).await.unwrap();
        let before = wrapped_keys(&place).await;
        let reading = {
            let (vault, people) = (vault.clone(), people.clone());
            tokio::spawn(async move {
                for (_, person) in people.iter().step_by(7) {
                    assert_eq!(texts(&vault, *person).await.len(), 1);
                }
            })
        };
        assert_eq!(vault.rotate_client_key(3).await.unwrap(), 700);
        reading.await.unwrap();
        let after = wrapped_keys(&place).await;
        assert_eq!(after.len(), before.len());
        assert_eq!(
            after.iter().filter(|key| before.contains(key)).count(),
            2,
            "the other client's and its person's"
        );
        if place.fields.engine == Engine::Sqlite {
            assert!(before.iter().filter(|key| place.has_bytes(key)).count() == 2);
        }
        let vault = place.open().await;
        for person in [people[0].1, people[699].1] {
            assert_eq!(
                texts(&vault, person).await,
                [(FieldClass::Name, "Anna".to_owned())]
            );
        }
        assert_eq!(
            vault.find(3, FieldClass::Name, "anna").await.unwrap().len(),
            700,
            "indexes stay"
        );
        assert_eq!(texts(&vault, other).await.len(), 5);
        assert_eq!(vault.opened().await.unwrap(), place.guard.values());
    }
}

#[tokio::test]
async fn a_new_person_key_seals_every_value_again() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let from = provenance(&[Purpose::AnswerEnquiry], LegalBasis::Contract);
        let letter = vault.seal_for(anna, b"letter", &from, NOW).await.unwrap();
        let hold = NewHold {
            owner: 4,
            reason: "the case of Annette",
            review: NOW.plus_ms(1),
        };
        vault.place_hold(anna, hold, NOW).await.unwrap();
        // As earlier versions kept it.
        vault.place_hold(anna, hold, NOW.plus_ms(-1)).await.unwrap();
        let fields = place.fields.open().await.unwrap();
        sqlx::query("UPDATE holds SET sealed_reason = NULL, reason = $1 WHERE placed_ms < $2")
            .bind(hold.reason)
            .bind(NOW.0)
            .execute(fields.pool())
            .await
            .unwrap();
        vault.seal_hold_reasons().await.unwrap();
        let row = sqlx::query("SELECT COUNT(*) FROM holds WHERE reason = ''")
            .fetch_one(fields.pool())
            .await
            .unwrap();
        assert_eq!(row.get::<i64, _>(0), 2, "none lies in clear");
        let before = wrapped_keys(&place).await;
        place.guard.denies.store(true, Ordering::Relaxed);
        assert!(matches!(
            vault.rotate_person_key(anna, NOW).await,
            Err(Error::Denied(_))
        ));
        place.guard.denies.store(false, Ordering::Relaxed);
        for _ in 0..2 {
            vault.rotate_person_key(anna, NOW).await.unwrap();
            let asked = place.guard.asked().pop().unwrap();
            assert_eq!(
                (asked.reader, asked.purpose, asked.fields.len()),
                (Reader::Job("key_rotation"), Purpose::LegalDuty, 6)
            );
        }
        let after = wrapped_keys(&place).await;
        assert_eq!(
            after.iter().filter(|key| before.contains(key)).count(),
            1,
            "the client's"
        );
        assert_eq!(after.len(), 2);
        let vault = place.open().await;
        assert_eq!(texts(&vault, anna).await.len(), 5);
        for hold in vault.holds_on(anna).await.unwrap() {
            let reason = vault.hold_reason(&hold).await.unwrap();
            assert_eq!(reason.reveal(), "the case of Annette");
        }
        let opened = vault
            .open_for(&Reader::Person, anna, Purpose::Account, &[letter], NOW)
            .await
            .unwrap();
        assert_eq!(opened[0].1.as_slice(), b"letter");
        vault
            .record(anna, &given(&[(FieldClass::Company, "Acme")]), NOW)
            .await
            .unwrap();
        assert_eq!(texts(&vault, anna).await.len(), 6);
        assert_eq!(
            vault
                .find(0, FieldClass::Email, "anna@example.org")
                .await
                .unwrap(),
            [anna]
        );
        assert_eq!(vault.opened().await.unwrap(), place.guard.values());
    }
}

#[tokio::test]
async fn a_person_is_changed_read_and_rotated_at_once() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let rotating = {
            let vault = vault.clone();
            tokio::spawn(async move {
                for _ in 0..8 {
                    match vault.rotate_person_key(anna, NOW).await {
                        Ok(()) | Err(Error::Busy) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        };
        let writing = {
            let vault = vault.clone();
            tokio::spawn(async move {
                for number in 0..20 {
                    let company = format!("Acme {number}");
                    match vault
                        .record(anna, &given(&[(FieldClass::Company, &company)]), NOW)
                        .await
                    {
                        Ok(_) | Err(Error::Busy) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        };
        for _ in 0..30 {
            match vault
                .read(&STAFF, anna, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
                .await
            {
                Ok(values) => assert!(values.len() >= 5),
                Err(Error::Busy) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        rotating.await.unwrap();
        writing.await.unwrap();
        let texts = texts(&vault, anna).await;
        assert_eq!(texts.len(), 6, "every value opens with the key that is left");
        assert_eq!(vault.opened().await.unwrap(), place.guard.values());
    }
}
