//! What comes back is what was there.

use crate::ground::{Ground, NOW, new_identity, run, texts, tree};
use backup::{Class, Error, Identity, Part, Recipients, sweep};
use std::fs;
use std::os::unix::fs::MetadataExt;

#[tokio::test]
async fn everything_comes_back() {
    let ground = Ground::new().await;
    ground.add_segment("1.parquet", vec![7; 300_000]).await;
    ground.add_segment("2.parquet", b"").await;
    fs::write(ground.at("live/segments/leftover"), "listed by nobody").unwrap();
    let mut grown = b"frame".to_vec();
    grown.resize(1 << 20, 0);
    fs::write(ground.at("live/log/inner/1.journal"), &grown).unwrap();
    run(&ground.keys, "INSERT INTO keys VALUES ('anna')").await;
    let data = ground.make_data().await;
    let keys = ground.make(Class::Keys, ground.key_parts(), NOW).await.backup;

    let target = ground.at("target");
    let contents = ground
        .store
        .restore(&ground.identity, &[data.clone(), keys], &target)
        .unwrap();
    assert_eq!(
        contents[0]
            .parts
            .iter()
            .map(|part| part.files)
            .collect::<Vec<_>>(),
        [1, 1, 2, 1]
    );
    assert_eq!(
        (contents[0].program.as_str(), contents[0].maker),
        ("0.1.0", ground.maker.id())
    );
    assert_eq!(contents[0], ground.store.verify(&ground.identity, &data).unwrap());
    let catalog = target.join("anonymous/catalog.sqlite");
    let paths = texts(&catalog, "SELECT path FROM segments ORDER BY path").await;
    assert_eq!(paths, ["site=a/1.parquet", "site=a/2.parquet"]);
    assert_eq!(
        texts(&target.join("people/keys.sqlite"), "SELECT person FROM keys").await,
        ["anna"]
    );
    let mut files = tree(&target);
    files.retain(|path, _| path.extension().is_none_or(|ending| ending != "sqlite"));
    let expected = [
        ("anonymous/log/inner/1.journal", grown),
        ("anonymous/segments/site=a/1.parquet", vec![7; 300_000]),
        ("anonymous/segments/site=a/2.parquet", Vec::new()),
        ("settings.toml", b"a = 1\n".to_vec()),
    ];
    assert_eq!(files, expected.map(|(path, bytes)| (path.into(), bytes)).into());
    for path in files.keys() {
        assert_eq!(fs::metadata(target.join(path)).unwrap().mode() & 0o777, 0o600);
    }
    assert!(
        tree(&ground.at("scratch"))
            .keys()
            .eq([std::path::Path::new("lock")])
    );
}

#[tokio::test]
async fn nothing_in_the_store_can_be_read_or_told_from_its_name() {
    let ground = Ground::new().await;
    run(
        &ground.keys,
        "INSERT INTO keys VALUES ('anna.marker@example.test')",
    )
    .await;
    ground.add_segment("marker-segment", b"marker in a segment").await;
    fs::write(ground.at("live/log/marker-log"), "marker in a log").unwrap();
    ground.make_data().await;
    ground.make(Class::Keys, ground.key_parts(), NOW).await;
    let files = tree(ground.store.folder());
    assert!(files.len() > 5);
    for (path, bytes) in files {
        assert!(
            !path.display().to_string().contains("marker"),
            "{}",
            path.display()
        );
        assert!(
            !bytes.windows(6).any(|window| window == b"marker"),
            "{}",
            path.display()
        );
    }
}

#[tokio::test]
async fn files_that_never_change_are_stored_once() {
    let ground = Ground::new().await;
    ground.add_segment("1", vec![1; 50_000]).await;
    let first = ground.make(Class::Data, ground.data(), NOW).await;
    assert!(first.new_bytes >= 50_000);
    ground.add_segment("2", vec![2; 30_000]).await;
    // The same content under another name is the same piece.
    ground.add_segment("3", vec![1; 50_000]).await;
    let second = ground.make(Class::Data, ground.data(), NOW.plus_ms(1)).await;
    assert!(second.bytes >= 130_000);
    assert!(
        (30_000..50_000).contains(&second.new_bytes),
        "{}",
        second.new_bytes
    );
    assert_eq!(tree(&ground.at("store/data/pieces")).len(), 2);

    // Another recipient cannot open what was sealed before: it is sealed again.
    let other = new_identity(&ground.at("other.txt"));
    let mut order = ground.order(Class::Data, ground.data(), NOW.plus_ms(2));
    order.recipients = Recipients::parse(&[other]).unwrap();
    let third = ground.store.create(order).await.unwrap();
    assert_eq!(tree(&ground.at("store/data/pieces")).len(), 4);
    let identity = Identity::read(&ground.at("other.txt"), None).unwrap();
    ground.store.verify(&identity, &third.backup).unwrap();
    ground.store.verify(&ground.identity, &second.backup).unwrap();
}

#[tokio::test]
async fn every_recipient_opens_it() {
    let ground = Ground::new().await;
    let texts = ["a.txt", "b.txt"].map(|name| new_identity(&ground.at(name)));
    let mut order = ground.order(Class::Data, ground.data(), NOW);
    order.recipients = Recipients::parse(&texts).unwrap();
    let made = ground.store.create(order).await.unwrap();
    for name in ["a.txt", "b.txt"] {
        let identity = Identity::read(&ground.at(name), None).unwrap();
        ground.store.verify(&identity, &made.backup).unwrap();
    }
    assert!(matches!(
        ground.store.verify(&ground.identity, &made.backup),
        Err(Error::OtherRecipient { .. })
    ));
}

#[tokio::test]
async fn a_target_must_be_empty() {
    let ground = Ground::new().await;
    let backup = ground.make_data().await;
    let target = ground.at("target");
    fs::create_dir_all(target.join("something")).unwrap();
    let restore = || {
        ground
            .store
            .restore(&ground.identity, std::slice::from_ref(&backup), &target)
    };
    assert!(matches!(restore(), Err(Error::NotEmpty { .. })));
    fs::remove_dir(target.join("something")).unwrap();
    // Left by a restore that was killed while it gathered.
    fs::create_dir_all(target.join(backup::RESTORING).join("half")).unwrap();
    restore().unwrap();
    assert!(!target.join(backup::RESTORING).exists() && target.join("settings.toml").exists());
    assert!(matches!(restore(), Err(Error::NotEmpty { .. })));
}

#[tokio::test]
async fn two_backups_with_the_same_part_are_refused() {
    let ground = Ground::new().await;
    let (one, two) = (ground.make_data().await, ground.make_data().await);
    let target = ground.at("target");
    let restored = ground.store.restore(&ground.identity, &[one, two], &target);
    assert!(matches!(restored, Err(Error::Twice(_))));
    assert!(!target.exists());
}

#[tokio::test]
async fn what_cannot_be_restored_is_not_copied() {
    let ground = Ground::new().await;
    let file = |name: &str| Part::File {
        name: name.to_owned(),
        path: ground.at("live/settings.toml"),
    };
    for names in [
        &["../a"][..],
        &["/a"],
        &["a", "a"],
        &["a", "a/b"],
        &["a/b/c", "a/b"],
    ] {
        let parts = names.iter().map(|name| file(name)).collect();
        let made = ground.store.create(ground.order(Class::Data, parts, NOW)).await;
        assert!(matches!(made, Err(Error::Part { .. })), "{names:?}");
    }
    if let Some(trial) = sqldb::trial::postgres().await.unwrap() {
        let part = Part::Database {
            name: "vault".to_owned(),
            database: trial.open().await.unwrap(),
            files: None,
        };
        let made = ground
            .store
            .create(ground.order(Class::Data, vec![part], NOW))
            .await;
        let told = made.unwrap_err().to_string();
        assert!(told.contains("vault") && told.contains("pg_dump"), "{told}");
    }
    assert!(ground.store.backups(Class::Data).unwrap().is_empty());
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing_but_pieces() {
    let ground = Ground::new().await;
    ground.add_segment("1", &[1; 1000]).await;
    let insert = "INSERT INTO segments (path) VALUES ('site=a/lost')";
    run(&ground.catalog, insert).await;
    fs::write(ground.at("live/log/file"), "x").unwrap();
    let made = ground
        .store
        .create(ground.order(Class::Data, ground.data(), NOW))
        .await;
    assert!(matches!(made, Err(Error::Restless(name)) if name == "anonymous/catalog.sqlite"));
    assert!(ground.store.backups(Class::Data).unwrap().is_empty());
    let left: Vec<String> = tree(ground.store.folder())
        .keys()
        .map(|p| p.display().to_string())
        .collect();
    assert!(
        left.len() == 2 && left.iter().all(|p| p == "lock" || p.starts_with("data/pieces/")),
        "{left:?}"
    );
    assert!(
        tree(&ground.at("scratch"))
            .keys()
            .eq([std::path::Path::new("lock")])
    );
}

#[tokio::test]
async fn what_a_killed_backup_left_is_no_backup_and_goes() {
    let ground = Ground::new().await;
    ground.add_segment("1", b"a segment").await;
    let backup = ground.make_data().await;
    let whole = ground.store.folder().join("data").join(&backup.name);
    let unfinished = ground.at("store/data/.unfinished-001790000000001-0123456789abcdef");
    fs::rename(whole, &unfinished).unwrap();
    fs::write(
        ground.at("store/data/pieces/.unfinished-0123456789abcdef"),
        "half",
    )
    .unwrap();
    let copy = ground.at("scratch/0123456789abcdef.plain-copy");
    fs::write(&copy, "plain").unwrap();
    assert!(matches!(
        ground.store.newest(Class::Data),
        Err(Error::NotFound { .. })
    ));
    assert!(ground.store.list(&ground.identity).unwrap().is_empty());

    sweep(&ground.at("scratch")).unwrap();
    assert!(!copy.exists());
    fs::write(&copy, "plain").unwrap();
    let next = ground.make_data().await;
    assert!(!copy.exists() && !unfinished.exists());
    assert!(
        !ground
            .at("store/data/pieces/.unfinished-0123456789abcdef")
            .exists()
    );
    assert_eq!(ground.store.newest(Class::Data).unwrap(), next);
    assert_eq!(ground.store.named(&next.name).unwrap(), next);
    assert!(matches!(ground.store.named("001"), Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn one_at_a_time() {
    let ground = Ground::new().await;
    ground.make_data().await;
    let lock = fs::File::open(ground.at("store/lock")).unwrap();
    lock.lock().unwrap();
    let made = ground
        .store
        .create(ground.order(Class::Data, ground.data(), NOW))
        .await;
    assert!(matches!(made, Err(Error::Busy { .. })));
    let pruned = ground.store.prune(NOW, backup::Keep::default());
    assert!(matches!(pruned, Err(Error::Busy { .. })));
}
