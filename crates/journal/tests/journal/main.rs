//! The journal on a real folder, through its public face.
#![expect(clippy::unwrap_used, reason = "what the tests share is a test, too")]

mod weak;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use journal::{Error, Folder, Journal, MAX_RECORD_BYTES, Options, Position, Recovery, State, Storage};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::weak::{Ails, Weak};

const SMALL: Options = Options {
    file_bytes: 16 << 10,
    queue_bytes: 1 << 20,
    salt: 7,
};

type Passed = Arc<Mutex<Vec<(Position, Vec<u8>)>>>;
type Opened = (Journal<Vec<u8>>, Recovery, Vec<Vec<u8>>, Passed);

/// Opens `storage` after `after`; gives what was replayed, and a list to which durable records are added.
fn open_with<S: Storage>(storage: S, options: Options, after: Position) -> Result<Opened, Error> {
    let passed = Passed::default();
    let list = passed.clone();
    let mut replayed = Vec::new();
    let (journal, recovery) = Journal::open(
        storage,
        options,
        after,
        |position, record| {
            assert_eq!(position.0, after.0 + 1 + replayed.len() as u64);
            replayed.push(record.to_vec());
            Ok(())
        },
        move |position, record| list.lock().unwrap().push((position, record)),
    )?;
    Ok((journal, recovery, replayed, passed))
}

fn open(folder: &Path, after: Position) -> Opened {
    open_with(Folder::open(folder).unwrap(), SMALL, after).unwrap()
}

fn files(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().ends_with(".journal"))
        .count()
}

async fn append(journal: &Journal<Vec<u8>>, record: &[u8]) -> Result<Position, Error> {
    journal.append(record.to_vec(), record.to_vec()).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_back(
        openings in prop::collection::vec(
            (prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..20), 0u64..40_000, 0u64..100),
            1..4,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let mut book = Vec::new();
        let mut released = 0;
        for (records, file_bytes, release) in openings {
            let options = Options { file_bytes, ..SMALL };
            let (journal, recovery, replayed, passed) =
                open_with(Folder::open(folder.path()).unwrap(), options, Position(released)).unwrap();
            prop_assert_eq!(&replayed[..], &book[released as usize..]);
            prop_assert_eq!(recovery.last.0, book.len() as u64);
            prop_assert_eq!(recovery.torn_bytes, 0);
            runtime.block_on(async {
                let appended = futures_in_order(&journal, &records).await;
                assert_eq!(appended, (book.len() as u64 + 1..).take(records.len()).map(Position).collect::<Vec<_>>());
                book.extend(records);
                let position = Position(release.min(book.len() as u64).max(released));
                journal.release(position);
                released = position.0;
                journal.close().await.unwrap();
            });
            for (position, record) in passed.lock().unwrap().iter() {
                prop_assert_eq!(&book[position.0 as usize - 1], record);
            }
        }
    }
}

/// Starts all appends before waiting for any.
async fn futures_in_order(journal: &Journal<Vec<u8>>, records: &[Vec<u8>]) -> Vec<Position> {
    let mut started: Vec<_> = records
        .iter()
        .map(|record| Box::pin(append(journal, record)))
        .collect();
    let mut ready = BTreeMap::new();
    for (nth, future) in started.iter_mut().enumerate() {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            ready.insert(nth, done.unwrap());
        }
    }
    let mut positions = Vec::new();
    for (nth, future) in started.into_iter().enumerate() {
        positions.push(match ready.remove(&nth) {
            Some(position) => position,
            None => future.await.unwrap(),
        });
    }
    positions
}

#[tokio::test(flavor = "multi_thread")]
async fn many_appenders_share_groups_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, passed) = open(folder.path(), Position::START);
    let journal = Arc::new(journal);
    let appenders: Vec<_> = (0..32_u8)
        .map(|number| {
            let (journal, passed) = (journal.clone(), passed.clone());
            tokio::spawn(async move {
                let mut positions = Vec::new();
                for round in 0..50 {
                    let record = vec![number, round];
                    let position = append(&journal, &record).await.unwrap();
                    assert!(journal.last_durable() >= position);
                    assert_eq!(
                        passed.lock().unwrap()[position.0 as usize - 1],
                        (position, record.clone())
                    );
                    positions.push((position, record));
                }
                positions
            })
        })
        .collect();
    let mut acknowledged = BTreeMap::new();
    for appender in appenders {
        acknowledged.extend(appender.await.unwrap());
    }
    let counts = journal.counts();
    assert_eq!((counts.records, counts.last_durable), (1600, Position(1600)));
    assert!(counts.groups < 1600, "{} groups", counts.groups);
    journal.close().await.unwrap();
    let (_, _, replayed, _) = open(folder.path(), Position::START);
    assert_eq!(replayed, acknowledged.into_values().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_request_given_up_is_still_appended() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, passed) = open(folder.path(), Position::START);
    for number in 0..10 {
        // Polled once, then dropped.
        let _ = pin!(append(&journal, &[number])).poll(&mut Context::from_waker(Waker::noop()));
    }
    assert_eq!(journal.barrier().await.unwrap(), Position(10));
    let expected: Vec<_> = (0..10)
        .map(|number| (Position(u64::from(number) + 1), vec![number]))
        .collect();
    assert_eq!(*passed.lock().unwrap(), expected);
}

#[tokio::test]
async fn released_files_go_and_positions_are_never_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, _) = open(folder.path(), Position::START);
    for _ in 0..20 {
        append(&journal, &[1; 3000]).await.unwrap();
    }
    let before = (files(folder.path()), journal.counts().disk_bytes);
    assert!(before.0 > 5);
    journal.release(Position(20));
    journal.close().await.unwrap();
    assert_eq!(files(folder.path()), 1);
    assert_eq!(journal.counts().disk_bytes, 16 << 10);

    let (journal, recovery, replayed, _) = open(folder.path(), Position(20));
    assert_eq!((recovery.last, replayed.len()), (Position(20), 0));
    assert_eq!(append(&journal, b"next").await.unwrap(), Position(21));
    journal.close().await.unwrap();

    // The caller knows more than the journal, which was restored from an older copy.
    let (journal, recovery, replayed, _) = open(folder.path(), Position(1000));
    assert_eq!((recovery.last, replayed.len()), (Position(1000), 0));
    assert_eq!(append(&journal, b"later").await.unwrap(), Position(1001));
    journal.close().await.unwrap();

    // The caller knows less than what was released.
    let error = open_with(Folder::open(folder.path()).unwrap(), SMALL, Position(7))
        .err()
        .unwrap();
    assert!(
        matches!(
            error,
            Error::Missing {
                from: Position(8),
                to: Position(1000)
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn after_a_turn_all_that_was_before_can_go_and_what_comes_after_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, _) = open(folder.path(), Position::START);
    assert_eq!(journal.turn_over().await.unwrap(), Position::START);
    assert_eq!(files(folder.path()), 1, "nothing was in it");
    append(&journal, b"a secret").await.unwrap();
    append(&journal, b"another").await.unwrap();
    assert_eq!(journal.turn_over().await.unwrap(), Position(2));
    append(&journal, b"kept").await.unwrap();
    assert!(journal.holds(Position(2)));
    journal.release(Position(2));
    journal.close().await.unwrap();
    assert!(!journal.holds(Position(2)));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"a secret"));
    }
    let (journal, recovery, replayed, _) = open(folder.path(), Position(2));
    assert_eq!(recovery.last, Position(3));
    assert_eq!(replayed, [b"kept".to_vec()]);
    journal.close().await.unwrap();
}

#[tokio::test]
async fn limits_and_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, _) = open(folder.path(), Position::START);
    let error = journal
        .append(vec![0; MAX_RECORD_BYTES + 1], Vec::new())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes } if bytes == MAX_RECORD_BYTES + 1));
    let largest = journal
        .append(vec![3; MAX_RECORD_BYTES], Vec::new())
        .await
        .unwrap();
    assert_eq!(largest, Position(1));
    let error = Folder::open(folder.path()).err().unwrap();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    journal.close().await.unwrap();
    assert!(matches!(append(&journal, b"late").await, Err(Error::Closed)));
    assert!(matches!(journal.barrier().await, Err(Error::Closed)));
    assert_eq!(journal.state(), State::Closed);
    // The lock is free although the closed journal is still there.
    let (_, _, replayed, _) = open(folder.path(), Position::START);
    assert_eq!(replayed, [vec![3; MAX_RECORD_BYTES]]);
}

#[tokio::test]
async fn damage_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _, _) = open(folder.path(), Position::START);
    for _ in 0..3 {
        append(&journal, b"some record").await.unwrap();
    }
    journal.close().await.unwrap();
    let path = folder.path().join("00000000000000000001.journal");
    let whole = std::fs::read(&path).unwrap();
    // Each frame takes 40 bytes; the last one is proven by the mark of closing.
    for (at, offset) in [
        (4096 + 30, 4096),
        (4096 + 40, 4136),
        (4096 + 80 + 38, 4176),
        (3, 0),
    ] {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        std::fs::write(&path, &bytes).unwrap();
        match open_with(Folder::open(folder.path()).unwrap(), SMALL, Position::START) {
            Err(Error::Corrupt { file, offset: found }) => {
                assert_eq!(
                    (file.as_str(), found),
                    ("00000000000000000001.journal", offset),
                    "byte {at}"
                );
            }
            other => panic!("byte {at}: {:?}", other.err()),
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing is changed");
    }
    std::fs::write(&path, &whole[..8000]).unwrap();
    let error = open_with(Folder::open(folder.path()).unwrap(), SMALL, Position::START)
        .err()
        .unwrap();
    assert!(matches!(error, Error::Corrupt { offset: 8000, .. }), "{error}");
}

/// Lets the writer work until the journal is in `state`.
async fn until(journal: &Journal<Vec<u8>>, state: &State) {
    while journal.state() != *state {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let ails = Arc::new(Ails::default());
    ails.full.store(true, Ordering::SeqCst);
    let weak = Weak {
        folder: Folder::open(folder.path()).unwrap(),
        ails: ails.clone(),
    };
    let (journal, _, _, passed) = open_with(weak, SMALL, Position::START).unwrap();
    assert_eq!(journal.state(), State::Full);
    assert!(matches!(append(&journal, b"refused").await, Err(Error::Full)));
    ails.full.store(false, Ordering::SeqCst);
    until(&journal, &State::Healthy).await;
    assert_eq!(append(&journal, b"first").await.unwrap(), Position(1));

    ails.full.store(true, Ordering::SeqCst);
    assert!(matches!(append(&journal, b"refused").await, Err(Error::Full)));
    assert_eq!(journal.state(), State::Full);
    assert_eq!(journal.barrier().await.unwrap(), Position(1));
    ails.full.store(false, Ordering::SeqCst);
    until(&journal, &State::Healthy).await;
    assert_eq!(append(&journal, b"second").await.unwrap(), Position(2));
    // No room in this file, none for another: it stays full although smaller records would fit.
    ails.full.store(true, Ordering::SeqCst);
    assert!(matches!(append(&journal, &[0; 12_000]).await, Err(Error::Full)));
    assert!(matches!(append(&journal, b"refused").await, Err(Error::Full)));
    journal.close().await.unwrap();

    let kept = [b"first".to_vec(), b"second".to_vec()];
    assert_eq!(
        passed
            .lock()
            .unwrap()
            .iter()
            .map(|(_, record)| record.clone())
            .collect::<Vec<_>>(),
        kept
    );
    assert_eq!(open(folder.path(), Position::START).2, kept);
}

#[tokio::test]
async fn a_failed_sync_stops_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let ails = Arc::new(Ails::default());
    let weak = Weak {
        folder: Folder::open(folder.path()).unwrap(),
        ails: ails.clone(),
    };
    let (journal, _, _, passed) = open_with(weak, SMALL, Position::START).unwrap();
    append(&journal, b"first").await.unwrap();
    ails.sync_fails.store(true, Ordering::SeqCst);
    let error = append(&journal, b"doubtful").await.unwrap_err();
    assert!(
        matches!(&error, Error::Poisoned(why) if why.contains("broken on purpose")),
        "{error}"
    );
    ails.sync_fails.store(false, Ordering::SeqCst);
    assert!(matches!(
        append(&journal, b"never").await,
        Err(Error::Poisoned(_))
    ));
    assert!(matches!(journal.barrier().await, Err(Error::Poisoned(_))));
    assert!(matches!(journal.close().await, Err(Error::Poisoned(_))));
    assert_eq!(
        passed.lock().unwrap().len(),
        1,
        "nothing is passed on that is not durable"
    );
    let (_, _, replayed, _) = open(folder.path(), Position::START);
    assert_eq!(replayed, [b"first".to_vec(), b"doubtful".to_vec()]);
}

#[tokio::test]
async fn too_much_waiting_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let (held, hold) = std::sync::mpsc::channel::<()>();
    let options = Options {
        queue_bytes: 1000,
        ..SMALL
    };
    let folder = Folder::open(folder.path()).unwrap();
    let (journal, _) = Journal::open(
        folder,
        options,
        Position::START,
        |_, _| Ok(()),
        move |_, ()| {
            let _ = hold.recv();
        },
    )
    .unwrap();
    // The first is held in the closure, the others wait.
    let mut first = pin!(journal.append(vec![0; 10], ()));
    let _ = first.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    while journal.last_durable() < Position(1) {
        tokio::task::yield_now().await;
    }
    let mut second = pin!(journal.append(vec![0; 900], ()));
    let _ = second.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let error = journal.append(vec![0; 100], ()).await.unwrap_err();
    assert!(matches!(error, Error::Busy { waiting_bytes: 964 }), "{error}");
    drop(held);
    assert_eq!(second.await.unwrap(), Position(2));
    assert_eq!(journal.append(vec![0; 100], ()).await.unwrap(), Position(3));
}

#[tokio::test]
async fn a_panic_in_what_follows_stops_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Folder::open(folder.path()).unwrap();
    let (journal, _) = Journal::open(
        storage,
        SMALL,
        Position::START,
        |_, _| Ok(()),
        |_, ()| {
            panic!("on purpose");
        },
    )
    .unwrap();
    assert!(matches!(
        journal.append(vec![1], ()).await,
        Err(Error::Poisoned(_))
    ));
    assert!(matches!(
        journal.append(vec![2], ()).await,
        Err(Error::Poisoned(_))
    ));
    assert!(matches!(journal.close().await, Err(Error::Poisoned(_))));
}
