use super::*;

fn at(hours: i64) -> Moment {
    Moment(1_800_000_000_000 + hours * HOUR_MS)
}

fn open(folder: &Path, most: usize, now: Moment) -> RecentIds {
    RecentIds::open(folder, most, now).unwrap()
}

#[test]
fn an_id_is_fresh_once_and_free_again_if_its_append_failed() {
    let folder = tempfile::tempdir().unwrap();
    let ids = open(folder.path(), 1_000_000, at(0));
    assert_eq!(ids.claim(7, at(0)), Claim::Fresh);
    assert_eq!(ids.claim(7, at(0)), Claim::Writing);
    ids.give_back(&[7]);
    assert_eq!(ids.claim(7, at(0)), Claim::Fresh);
    ids.settle(1, &[7]);
    assert_eq!(ids.claim(7, at(0)), Claim::Known);
    assert_eq!(ids.claim(8, at(0)), Claim::Fresh);
    ids.abandon(&[8]);
    assert_eq!(ids.claim(8, at(0)), Claim::Abandoned);
    ids.free_abandoned(8);
    assert_eq!(ids.claim(8, at(0)), Claim::Fresh);
    ids.abandon(&[8]);
    ids.settle(2, &[8]);
    ids.free_abandoned(8);
    assert_eq!(ids.claim(8, at(0)), Claim::Known);
}

#[test]
fn ids_are_remembered_for_72_hours_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let ids = open(folder.path(), 1_000_000, at(0));
    for (position, id) in [(1, 11), (2, 12), (3, 13)] {
        assert_eq!(ids.claim(id, at(0)), Claim::Fresh);
        ids.settle(position, &[id]);
    }
    ids.persist(2, at(0)).unwrap();
    ids.persist(2, at(0)).unwrap();
    drop(ids);

    let ids = open(folder.path(), 1_000_000, at(71));
    assert_eq!(
        [11, 12, 13].map(|id| ids.claim(id, at(71))),
        [Claim::Known, Claim::Known, Claim::Fresh]
    );
    ids.settle(3, &[13]);
    ids.persist(3, at(71)).unwrap();
    let ids = open(folder.path(), 1_000_000, at(73));
    assert_eq!(
        [11, 12, 13].map(|id| ids.claim(id, at(73))),
        [Claim::Fresh, Claim::Fresh, Claim::Known]
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn memory_forgets_in_order_of_age_and_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let ids = open(folder.path(), 0, at(0));
    let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for n in 0..100_000 {
        ids.claim(spread(n), at(0));
        ids.settle(n, &[spread(n)]);
    }
    let held: usize = ids
        .shards
        .iter()
        .map(|s| lock(s).generations.iter().map(|g| g.ids.len()).sum::<usize>())
        .sum();
    assert!(held <= SHARDS * GENERATIONS * 16, "{held}");
    assert_eq!(ids.claim(spread(99_999), at(0)), Claim::Known);
    assert_eq!(ids.claim(spread(0), at(0)), Claim::Fresh);

    let ids = open(folder.path(), 1_000_000, at(0));
    for hour in 0..200 {
        ids.claim(spread(hour), at(hour as i64));
        ids.settle(hour, &[spread(hour)]);
        for known in hour.saturating_sub(72)..=hour {
            assert_eq!(
                ids.claim(spread(known), at(hour as i64)),
                Claim::Known,
                "{known} at {hour}"
            );
        }
    }
    assert_eq!(ids.claim(spread(100), at(199)), Claim::Fresh);
}

#[test]
fn a_damaged_file_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let ids = open(folder.path(), 1_000_000, at(0));
    ids.claim(7, at(0));
    ids.settle(1, &[7]);
    ids.persist(1, at(0)).unwrap();
    let file = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let bytes = fs::read(&file).unwrap();
    for damage in [
        &bytes[..bytes.len() - 1],
        &bytes[..10],
        b"",
        b"ANTIDS1\n\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08",
    ] {
        fs::write(&file, damage).unwrap();
        assert_eq!(
            open(folder.path(), 1_000_000, at(0)).claim(7, at(0)),
            Claim::Fresh
        );
    }
    fs::write(&file, bytes).unwrap();
    assert_eq!(
        open(folder.path(), 1_000_000, at(0)).claim(7, at(0)),
        Claim::Known
    );
}

#[tokio::test]
async fn a_repeat_waits_until_the_first_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    let ids = std::sync::Arc::new(open(folder.path(), 1_000_000, at(0)));
    ids.claim(7, at(0));
    let waiting = tokio::spawn({
        let ids = ids.clone();
        async move {
            ids.decided(7).await;
            ids.claim(7, at(0))
        }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    ids.settle(1, &[7]);
    assert_eq!(waiting.await.unwrap(), Claim::Known);
}
