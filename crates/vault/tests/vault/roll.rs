//! Who is in the vault.

use super::*;

#[tokio::test]
async fn people_are_listed_by_page_and_client_and_nothing_is_opened() {
    for place in places().await {
        let vault = place.open().await;
        assert!(vault.roll(None, 0, 10).await.unwrap().is_empty());
        assert!(vault.clients_with_keys().await.unwrap().is_empty());
        let mut all = Vec::new();
        for client in [0, 3, 0, 7, 0] {
            let person = vault.add_person(&new_person(client, ANNA), NOW).await.unwrap();
            all.push((person, client));
        }
        let mut listed = Vec::new();
        let mut last = 0;
        while let Some(end) = {
            let page = vault.roll(None, last, 2).await.unwrap();
            assert!(page.len() <= 2 && page.iter().all(|one| (one.created, one.values) == (NOW, 5)));
            listed.extend(page.iter().map(|one| (one.id, one.client)));
            page.last().map(|one| one.number)
        } {
            assert_eq!(
                vault.people_after(None, end).await.unwrap(),
                5 - listed.len() as u64
            );
            last = end;
        }
        assert_eq!(listed, all);
        let agency: Vec<PersonId> = vault
            .roll(Some(0), 0, 10)
            .await
            .unwrap()
            .iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(agency, [all[0].0, all[2].0, all[4].0]);
        assert_eq!(vault.people_after(Some(3), 0).await.unwrap(), 1);
        vault.erase(all[2].0, "asked", NOW).await.unwrap();
        assert_eq!(vault.people_after(Some(0), 0).await.unwrap(), 2);
        assert_eq!(vault.clients_with_keys().await.unwrap(), [0, 3, 7]);
        assert!(place.guard.asked().is_empty());
    }
}
