use crate::{ANNA, NOW, options, to_anna};
use policy::FieldClass;
use sharing::{Disclosure, Door, Error, Outcome, Recipient, Refusal, Sharing};
use sqldb::trial::trials;
use std::collections::BTreeSet;
use vocabulary::PersonId;

#[tokio::test]
async fn what_leaves_is_written_down_first_and_counted_at_its_door() {
    for trial in trials().await.unwrap() {
        let sharing = Sharing::open(options(&trial).await).await.unwrap();
        let ledger = &sharing.ledger;
        let leave = ledger.open(Door::Export, &to_anna(), [3; 32], NOW).await.unwrap();
        let id = leave.id();
        let row = ledger.row(id).await.unwrap().unwrap();
        assert_eq!(
            (row.door, row.outcome, row.at, row.left),
            (Door::Export, Outcome::Open, NOW, Some(NOW))
        );
        assert_eq!((&row.what, row.sha256, row.done), (&to_anna(), [3; 32], None));
        let later = NOW.plus_ms(5);
        leave.done(Outcome::Sent, later).await.unwrap();

        let mailing = Disclosure {
            recipient: Recipient::Partner("Почтовый дом".to_owned()),
            fields: BTreeSet::from([FieldClass::Name]),
            ..to_anna()
        };
        let second = Disclosure {
            fields: BTreeSet::from([FieldClass::Email]),
            person: Some(PersonId([1; 16])),
            ..mailing.clone()
        };
        for what in [&mailing, &second] {
            let leave = ledger.open(Door::Export, what, [4; 32], NOW).await.unwrap();
            leave.done(Outcome::Failed, NOW).await.unwrap();
        }
        drop(ledger.open(Door::Release, &public(), [5; 32], NOW).await.unwrap());

        let of_anna = ledger.of_person(ANNA).await.unwrap();
        assert_eq!(of_anna.len(), 2);
        assert_eq!(
            (of_anna[0].outcome, of_anna[0].done),
            (Outcome::Sent, Some(later))
        );
        assert_eq!(of_anna[1].what, mailing);
        assert_eq!(ledger.to_partner("Почтовый дом").await.unwrap().len(), 2);
        assert_eq!(
            ledger.partners().await.unwrap(),
            [(
                "Почтовый дом".to_owned(),
                BTreeSet::from([FieldClass::Name, FieldClass::Email])
            )]
        );
        let totals = ledger.totals().await.unwrap();
        let export = totals.iter().find(|t| t.door == Door::Export).unwrap();
        assert_eq!(
            (export.passed, export.rows, export.sent, export.failed),
            (3, 3, 1, 2)
        );
        let release = totals.iter().find(|t| t.door == Door::Release).unwrap();
        assert_eq!(
            (release.passed, release.rows, release.sent, release.waiting),
            (1, 1, 0, 0)
        );

        // A row that is taken away shows.
        let database = trial.open().await.unwrap();
        sqlx::query("DELETE FROM disclosures WHERE id = $1")
            .bind(id)
            .execute(database.pool())
            .await
            .unwrap();
        let totals = ledger.totals().await.unwrap();
        let export = totals.iter().find(|t| t.door == Door::Export).unwrap();
        assert_eq!((export.passed, export.rows), (3, 2));
    }
}

fn public() -> Disclosure {
    Disclosure {
        recipient: Recipient::Public,
        person: None,
        fields: BTreeSet::new(),
        purpose: None,
        service: "demographics".to_owned(),
    }
}

#[tokio::test]
async fn what_may_not_leave_gets_no_row() {
    for trial in trials().await.unwrap() {
        let sharing = Sharing::open(options(&trial).await).await.unwrap();
        let partner = |name: &str, fields: &[FieldClass]| Disclosure {
            recipient: Recipient::Partner(name.to_owned()),
            fields: fields.iter().copied().collect(),
            ..to_anna()
        };
        let mut cases = vec![
            (partner(" ", &[FieldClass::Name]), Refusal::NoPartner),
            (
                Disclosure {
                    service: String::new(),
                    ..to_anna()
                },
                Refusal::NoService,
            ),
            (
                Disclosure {
                    purpose: None,
                    ..to_anna()
                },
                Refusal::NoPurpose,
            ),
        ];
        for field in FieldClass::ALL {
            if !matches!(field, FieldClass::Name | FieldClass::Email) {
                cases.push((
                    partner("House", &[FieldClass::Name, *field]),
                    Refusal::FieldsOfPartner,
                ));
            }
        }
        for (what, want) in cases {
            match sharing.ledger.open(Door::Export, &what, [0; 32], NOW).await {
                Err(Error::Refused(refusal)) => assert_eq!(refusal, want),
                other => panic!("{other:?}"),
            }
        }
        assert!(
            sharing
                .ledger
                .totals()
                .await
                .unwrap()
                .iter()
                .all(|t| t.rows == 0 && t.passed == 0)
        );
    }
}
