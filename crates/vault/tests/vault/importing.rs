//! Many people from another system.

use super::*;
use vault::{Agreed, Incoming, Known, Seen};

fn incoming(values: &[(FieldClass, &str)], row: Option<&str>) -> Incoming {
    Incoming {
        row: row.map(|row| Sealed::new(row.to_owned())),
        ..new_person(0, values).into()
    }
}

#[tokio::test]
async fn whoever_is_there_already_is_known_by_the_row_or_the_contact() {
    use FieldClass::{Email, Name, Phone};
    use Known::{Nameless, New, There};
    for place in places().await {
        let vault = place.open().await;
        vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        vault
            .add_person(&new_person(5, &[(Email, "e@f.example")]), NOW)
            .await
            .unwrap();
        let contract = Some(Agreed {
            from: NOW,
            until: None,
        });
        let file = [
            (incoming(&[(Email, "anna@EXAMPLE.org")], None), There),
            (
                incoming(&[(Email, "c@d.example"), (Phone, "+7 495 123-45-67")], None),
                New,
            ),
            (incoming(&[(Email, "C@d.example")], None), There),
            (incoming(&[(Phone, "8 (495) 123-45-67")], None), There),
            (incoming(&[(Name, "Boris")], None), Nameless),
            (incoming(&[(Name, "Boris")], Some("17")), New),
            (incoming(&[(Name, "Boris K")], Some("17")), There),
            (incoming(&[(Email, "anna@example.org")], Some("18")), New),
            (incoming(&[(Email, "e@f.example")], None), New),
        ];
        let (people, want): (Vec<_>, Vec<_>) = file.into_iter().unzip();
        let got = vault.known(0, &people, &mut Seen::default()).await.unwrap();
        assert_eq!(got, want);
        let fresh = people.iter().zip(&got).filter(|(_, known)| **known == New);
        let fresh = fresh.map(|(one, _)| Incoming {
            contract,
            ..one.clone()
        });
        let imported = vault.import(fresh.collect::<Vec<_>>(), NOW).await.unwrap();
        assert_eq!((imported.people.len(), imported.refused.len()), (4, 0));
        assert_eq!(vault.contract(imported.people[0].1).await.unwrap(), contract);
        let again = vault.known(0, &people, &mut Seen::default()).await.unwrap();
        assert!(again.iter().all(|known| *known != New), "{again:?}");
        // Whoever was erased leaves nothing that would know them.
        vault
            .erase(imported.people[1].1, "asked for it", NOW)
            .await
            .unwrap();
        let again = vault.known(0, &people, &mut Seen::default()).await.unwrap();
        assert_eq!(again[5], New);
    }
}
