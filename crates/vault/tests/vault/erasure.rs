//! Erasing, and what copies of the files reveal.

use super::*;
use sqldb::Engine;
use sqlx::Row;
use vault::{NewHold, Tombstone};

const MARKER: &str = "Zyxwv-Marker-81736";

fn marked() -> Vec<(FieldClass, String)> {
    FieldClass::ALL
        .iter()
        .filter(|class| **class != FieldClass::Message)
        .map(|class| {
            let text = match class {
                FieldClass::Email => format!("{MARKER}@example.org"),
                FieldClass::Phone => "+7 999 81736 55".to_owned(),
                FieldClass::BudgetRange => "under-100k".to_owned(),
                _ => MARKER.to_owned(),
            };
            (*class, text)
        })
        .collect()
}

async fn marked_person(vault: &Vault) -> PersonId {
    let values = marked();
    let values: Vec<(FieldClass, &str)> = values.iter().map(|(c, t)| (*c, t.as_str())).collect();
    let person = vault.add_person(&new_person(0, &values), NOW).await.unwrap();
    let from = provenance(&[Purpose::AnswerEnquiry], LegalBasis::Contract);
    vault
        .seal_for(person, format!("letter of {MARKER}").as_bytes(), &from, NOW)
        .await
        .unwrap();
    person
}

/// Every column of bytes of a person, from both databases.
async fn sealed_bytes(place: &Place, person: PersonId) -> Vec<Vec<u8>> {
    let mut bytes = vec![person.0.to_vec()];
    let fields = place.fields.open().await.unwrap();
    let sql = "SELECT sealed, blind FROM fields JOIN persons ON persons.number = fields.person WHERE persons.id = $1";
    for row in sqlx::query(sql)
        .bind(person.0.to_vec())
        .fetch_all(fields.pool())
        .await
        .unwrap()
    {
        bytes.push(row.get(0));
        bytes.extend(row.get::<Option<Vec<u8>>, _>(1));
    }
    fields.close().await;
    let keys = place.keys.open().await.unwrap();
    let sql = "SELECT wrapped FROM person_keys WHERE person = $1";
    for row in sqlx::query(sql)
        .bind(person.0.to_vec())
        .fetch_all(keys.pool())
        .await
        .unwrap()
    {
        bytes.push(row.get(0));
    }
    keys.close().await;
    bytes
}

#[tokio::test]
async fn an_erased_person_leaves_no_bytes() {
    for place in places().await {
        let vault = place.open().await;
        let mut others = Vec::new();
        let mut person = None;
        let mut bytes = Vec::new();
        for number in 0..60 {
            if number == 30 {
                let marked = marked_person(&vault).await;
                bytes = sealed_bytes(&place, marked).await;
                person = Some(marked);
            }
            others.push(vault.add_person(&new_person(0, ANNA), NOW).await.unwrap());
        }
        let person = person.unwrap();
        assert_eq!(bytes.len(), 1 + 8 + 3 + 1);
        if place.fields.engine == Engine::Sqlite {
            for piece in &bytes {
                assert!(place.has_bytes(piece), "the search finds what is there");
            }
        }
        // Others go before and after, so that pages are split and joined.
        for other in others.iter().step_by(2) {
            vault.erase(*other, "request 11", NOW).await.unwrap();
        }
        let erased = vault.erase(person, "request 12", NOW).await.unwrap();
        assert!(erased.bytes_gone);
        for other in others.iter().skip(1).step_by(4) {
            vault.erase(*other, "request 13", NOW).await.unwrap();
        }
        assert_eq!(erased.tombstone.reason, "request 12");
        if place.fields.engine == Engine::Sqlite {
            for piece in &bytes {
                assert!(!place.has_bytes(piece));
            }
        }
        let read = vault
            .read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
            .await;
        assert!(is_unknown(read) && is_unknown(vault.values(person).await));
        assert!(is_unknown(vault.erase(person, "again", NOW).await));
        let email = format!("{MARKER}@example.org");
        assert!(vault.find(0, FieldClass::Email, &email).await.unwrap().is_empty());
        assert_eq!(texts(&vault, others[3]).await.len(), 5, "others are untouched");
        assert_eq!(vault.tombstones().await.unwrap().len(), 30 + 1 + 15);
    }
}

#[tokio::test]
async fn a_corrected_or_deleted_value_leaves_no_bytes() {
    for place in places().await {
        let vault = place.open().await;
        let person = marked_person(&vault).await;
        let bytes = sealed_bytes(&place, person).await;
        for value in vault.values(person).await.unwrap() {
            if value.class == FieldClass::Email {
                vault
                    .record(person, &given(&[(FieldClass::Email, "new@example.org")]), NOW)
                    .await
                    .unwrap();
            } else {
                vault.delete_value(person, value.id, NOW).await.unwrap();
            }
        }
        if place.fields.engine == Engine::Sqlite {
            for piece in &bytes[1..bytes.len() - 1] {
                assert!(!place.has_bytes(piece));
            }
        }
        assert_eq!(
            texts(&vault, person).await,
            [(FieldClass::Email, "new@example.org".to_owned())]
        );
    }
}

#[tokio::test]
async fn copies_of_the_databases_reveal_nothing() {
    for place in places().await {
        let vault = place.open().await;
        let person = marked_person(&vault).await;
        assert_eq!(texts(&vault, person).await.len(), 7);
        if place.fields.engine == Engine::Sqlite {
            for text in [
                MARKER,
                "zyxwv-marker-81736",
                "example.org",
                "81736",
                "under-100k",
                "AGE-SECRET-KEY",
            ] {
                assert!(!place.has_bytes(text.as_bytes()), "{text}");
                let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                assert!(!place.has_bytes(&utf16), "{text}");
            }
            assert!(place.has_bytes(b"form:enquiry"), "the search finds what is there");
        }
        // Both databases, and another operator's key.
        AgeFile::create(&place.folder.path().join("other.age")).unwrap();
        let stranger = place.open_with("other.age").await.unwrap();
        let read = stranger
            .read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
            .await;
        assert!(
            matches!(read, Err(Error::Key(vault::KeyFault::Other(_)))),
            "{read:?}"
        );
        assert!(stranger.find(0, FieldClass::Phone, "+79998173655").await.is_err());
        // The vault's database, and an empty key database.
        place
            .tamper(&place.keys, "DELETE FROM person_keys; DELETE FROM client_keys")
            .await;
        let keyless = place.open().await;
        let read = keyless
            .read(&STAFF, person, Purpose::AnswerEnquiry, FieldClass::ALL, NOW)
            .await;
        assert!(matches!(read, Err(Error::Corrupt("key"))), "{read:?}");
        assert!(
            keyless
                .find(0, FieldClass::Phone, "+79998173655")
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(keyless.opened().await.unwrap(), 7);
    }
}

#[tokio::test]
async fn who_was_erased_stays_erased_after_a_backup_is_restored() {
    // Two vaults with one past: a backup of the first is the second.
    for place in places().await {
        let vault = place.open().await;
        let (anna, boris) = (marked_person(&vault).await, marked_person(&vault).await);
        if place.fields.engine == Engine::Sqlite {
            let copies: Vec<(String, Vec<u8>)> = {
                vault.scrub().await.unwrap();
                [&place.fields.place, &place.keys.place]
                    .map(|path| (path.clone(), std::fs::read(path).unwrap()))
                    .to_vec()
            };
            vault.erase(anna, "request 12", NOW).await.unwrap();
            let stones = vault.tombstones().await.unwrap();
            let text = serde_json::to_string(&stones).unwrap();
            assert!(!text.contains(&anna.to_string()));
            assert_eq!(serde_json::from_str::<Vec<Tombstone>>(&text).unwrap(), stones);

            // Both databases as they were.
            let folder = tempfile::tempdir().unwrap();
            let restored: Vec<String> = copies
                .iter()
                .enumerate()
                .map(|(number, (_, bytes))| {
                    let path = folder.path().join(format!("{number}.sqlite"));
                    std::fs::write(&path, bytes).unwrap();
                    path.display().to_string()
                })
                .collect();
            let vault = Vault::open(
                sqldb::Database::open(&restored[0]).await.unwrap(),
                sqldb::Database::open(&restored[1]).await.unwrap(),
                Arc::new(AgeFile::open(&place.folder.path().join("operator.age")).unwrap()),
                Arc::clone(&place.guard) as Arc<dyn Guard>,
                Settings {
                    budget_ranges: Vec::new(),
                    retention: Rules::default(),
                },
            )
            .await
            .unwrap();
            let bytes = vault.values(anna).await.unwrap().len();
            assert_eq!(bytes, 8, "the backup has her");
            let hold = NewHold {
                owner: 1,
                reason: "old",
                review: NOW.plus_ms(1),
            };
            vault.place_hold(anna, hold, NOW).await.unwrap();
            assert_eq!(vault.replay_tombstones(&stones).await.unwrap(), 1);
            assert_eq!(
                vault.replay_tombstones(&stones).await.unwrap(),
                0,
                "twice is once"
            );
            assert!(is_unknown(vault.values(anna).await));
            assert_eq!(vault.tombstones().await.unwrap(), stones);
            assert_eq!(vault.values(boris).await.unwrap().len(), 8);
        }
    }
}

#[tokio::test]
async fn an_erasure_cut_in_half_is_finished_when_the_vault_is_opened() {
    for place in places().await {
        let vault = place.open().await;
        let (anna, boris) = (marked_person(&vault).await, marked_person(&vault).await);
        let (carla, dora) = (marked_person(&vault).await, marked_person(&vault).await);
        // The key database knows of one erasure alone, as after a crash; the vault's of another alone, as after an
        // older key database was restored.
        let stones = [
            vault.erase(anna, "request 1", NOW).await.unwrap().tombstone,
            vault.erase(boris, "request 2", NOW).await.unwrap().tombstone,
        ];
        place
            .tamper(&place.fields, "DELETE FROM tombstones WHERE reason = 'request 1'")
            .await;
        place
            .tamper(&place.keys, "DELETE FROM tombstones WHERE reason = 'request 2'")
            .await;
        // Carla's key is gone, Dora's rows are.
        let hash = |person: PersonId| {
            use sha2::{Digest, Sha256};
            Sha256::digest([&stones[0].salt[..], &person.0].concat()).to_vec()
        };
        for (trial, person) in [(&place.keys, carla), (&place.fields, dora)] {
            let database = trial.open().await.unwrap();
            sqlx::query("INSERT INTO tombstones (hash, salt, reason, erased_ms) VALUES ($1, $2, 'crash', 1)")
                .bind(hash(person))
                .bind(stones[0].salt.to_vec())
                .execute(database.pool())
                .await
                .unwrap();
            database.close().await;
        }
        let vault = place.open().await;
        assert_eq!(vault.tombstones().await.unwrap().len(), 4);
        for person in [anna, boris, carla, dora] {
            assert!(is_unknown(vault.values(person).await));
            let keys = place.keys.open().await.unwrap();
            let left = sqlx::query("SELECT 1 FROM person_keys WHERE person = $1").bind(person.0.to_vec());
            assert!(left.fetch_optional(keys.pool()).await.unwrap().is_none());
            keys.close().await;
        }
    }
}
