//! How long backups are kept, and what that does to the erased.

use crate::ground::{Ground, NOW, run, texts, tree};
use backup::{Class, Error, Keep, Part};
use std::fs;
use vocabulary::{Moment, moment::DAY_MS};

fn day(number: i64) -> Moment {
    NOW.plus_ms(number * DAY_MS)
}

#[tokio::test]
async fn no_copy_of_keys_outlives_the_horizon() {
    let ground = Ground::new().await;
    let keep = Keep::default();
    for number in 0..=40 {
        ground.make(Class::Keys, ground.key_parts(), day(number)).await;
        ground.store.prune(day(number), keep).unwrap();
        let oldest = &ground.store.backups(Class::Keys).unwrap()[0];
        // Even just before the next pruning.
        assert!(
            day(number + 1).0 - 1 - oldest.made.0 < keep.keys_ms,
            "day {number}"
        );
    }
    assert_eq!(ground.store.backups(Class::Keys).unwrap().len(), 29);
    // Not even the newest, if no other follows.
    let pruned = ground.store.prune(day(69), keep).unwrap();
    assert_eq!(pruned.backups, 29);
    assert!(tree(&ground.at("store/keys")).is_empty());
}

#[tokio::test]
async fn the_newest_data_stays_and_pieces_go_with_the_last_that_names_them() {
    let ground = Ground::new().await;
    ground.add_segment("1", &[1; 1000]).await;
    ground.add_segment("2", &[2; 1000]).await;
    ground.make(Class::Data, ground.data(), day(0)).await;
    run(&ground.catalog, "DELETE FROM segments WHERE path = 'site=a/1'").await;
    ground.add_segment("3", &[3; 1000]).await;
    let second = ground.make(Class::Data, ground.data(), day(1)).await.backup;
    let keep = Keep::default();
    assert_eq!(
        ground.store.prune(day(88), keep).unwrap(),
        backup::Pruned::default()
    );
    let pruned = ground.store.prune(day(89), keep).unwrap();
    assert_eq!((pruned.backups, pruned.pieces), (1, 1));
    let pruned = ground.store.prune(day(1000), keep).unwrap();
    assert_eq!((pruned.backups, pruned.pieces), (0, 0));
    ground.store.verify(&ground.identity, &second).unwrap();
}

#[tokio::test]
async fn a_manifest_that_cannot_be_read_keeps_all_pieces_but_no_old_backup() {
    let ground = Ground::new().await;
    ground.add_segment("1", &[1; 1000]).await;
    let first = ground.make(Class::Data, ground.data(), day(0)).await.backup;
    let second = ground.make(Class::Data, ground.data(), day(80)).await.backup;
    ground.make(Class::Keys, ground.key_parts(), day(0)).await;
    let manifest = ground.at("store/data").join(&second.name).join("manifest");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() - 1]).unwrap();
    let pruned = ground.store.prune(day(100), Keep::default());
    assert!(matches!(pruned, Err(Error::Corrupt { path, .. }) if path == manifest));
    assert_eq!(
        ground.store.backups(Class::Data).unwrap(),
        std::slice::from_ref(&second)
    );
    assert!(ground.store.backups(Class::Keys).unwrap().is_empty());
    assert!(ground.store.named(&first.name).is_err());
    fs::write(&manifest, whole).unwrap();
    ground.store.verify(&ground.identity, &second).unwrap();
}

#[tokio::test]
async fn old_data_with_new_keys_and_tombstones_leaves_the_erased_erased() {
    let ground = Ground::new().await;
    run(
        &ground.keys,
        "INSERT INTO keys VALUES ('anna'), ('boris'), ('vera')",
    )
    .await;
    let data = ground.make(Class::Data, ground.data(), day(0)).await.backup;
    ground.make(Class::Keys, ground.key_parts(), day(0)).await;
    run(&ground.keys, "DELETE FROM keys WHERE person = 'anna'").await;
    let keys = ground.make(Class::Keys, ground.key_parts(), day(1)).await.backup;
    // After the newest copy of keys: known from the tombstones alone.
    run(&ground.keys, "DELETE FROM keys WHERE person = 'boris'").await;
    fs::write(ground.at("live/tombstones"), "boris").unwrap();
    let tombstones = vec![Part::File {
        name: "people/tombstones".to_owned(),
        path: ground.at("live/tombstones"),
    }];
    let made = ground.make(Class::Tombstones, tombstones, day(2)).await;
    assert_eq!(made.files, 1);

    let newest = |class| ground.store.newest(class).unwrap();
    let chosen = [data, newest(Class::Keys), newest(Class::Tombstones)];
    assert_eq!(chosen[1], keys);
    let target = ground.at("target");
    ground.store.restore(&ground.identity, &chosen, &target).unwrap();
    let database = target.join("people/keys.sqlite");
    assert_eq!(
        texts(&database, "SELECT person FROM keys ORDER BY person").await,
        ["boris", "vera"]
    );
    assert_eq!(
        fs::read_to_string(target.join("people/tombstones")).unwrap(),
        "boris"
    );
    // The copy has no bytes of what was deleted before it was made.
    let bytes = fs::read(&database).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"anna"));
}
