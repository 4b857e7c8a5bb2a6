//! Copies made while a journal is written, its records go into files that a database lists, these are merged, and the
//! journal lets go.

use crate::ground::{Ground, NOW};
use backup::{Class, Error, Listed, Part};
use journal::{Folder, Journal, Options, Position};
use sqldb::Database;
use sqlx::Row;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Small, so that files are filled, and deleted, all the time.
const FILE_BYTES: u64 = 64 << 10;

/// Records of many lengths.
fn record(number: usize) -> Vec<u8> {
    vec![0xA5; number % 900]
}

fn options() -> Options {
    Options {
        file_bytes: FILE_BYTES,
        ..Options::with_salt(7)
    }
}

/// Puts what is durable into a file of its own, or that and all older files into one, and lets the journal go.
async fn flush(catalog: &Database, folder: &Path, taken: Vec<u64>, turn: u64) {
    let last = taken.last().copied().unwrap();
    let mut write = catalog.write().await.unwrap();
    let mut old = Vec::new();
    let mut content = taken;
    if turn.is_multiple_of(3) {
        for row in sqlx::query("SELECT path FROM segments")
            .fetch_all(&mut *write)
            .await
            .unwrap()
        {
            let path = folder.join(row.get::<String, _>(0));
            content.extend(read_segment(&path));
            old.push(path);
        }
        sqlx::query("DELETE FROM segments")
            .execute(&mut *write)
            .await
            .unwrap();
    }
    let path = format!("site=a/{turn}");
    let bytes: Vec<u8> = content.iter().flat_map(|number| number.to_le_bytes()).collect();
    fs::write(folder.join(&path), bytes).unwrap();
    let insert = sqlx::query("INSERT INTO segments (path) VALUES ($1)").bind(path);
    insert.execute(&mut *write).await.unwrap();
    let update = sqlx::query("UPDATE flushed SET position = $1").bind(last as i64);
    update.execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    for path in old {
        fs::remove_file(path).unwrap();
    }
}

fn read_segment(path: &Path) -> Vec<u64> {
    let bytes = fs::read(path).unwrap();
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|chunk| u64::from_le_bytes(*chunk))
        .collect()
}

/// Everything that a restored folder knows, from its files and from its journal.
async fn known(folder: &Path) -> Vec<u64> {
    let place = folder.join("catalog.sqlite").display().to_string();
    let catalog = Database::open(&place).await.unwrap();
    let rows = sqlx::query("SELECT path FROM segments")
        .fetch_all(catalog.pool())
        .await
        .unwrap();
    let segments = rows
        .iter()
        .map(|row| folder.join("segments").join(row.get::<String, _>(0)));
    let mut known: Vec<u64> = segments.flat_map(|path| read_segment(&path)).collect();
    let flushed = sqlx::query_scalar::<_, i64>("SELECT position FROM flushed");
    let flushed = flushed.fetch_one(catalog.pool()).await.unwrap();
    catalog.close().await;
    let (journal, _) = Journal::<()>::open(
        Folder::open(folder.join("journal")).unwrap(),
        options(),
        Position(flushed as u64),
        |position, record| {
            assert!(record.iter().all(|byte| *byte == 0xA5));
            known.push(position.0);
            Ok(())
        },
        |_, ()| {},
    )
    .unwrap();
    journal.close().await.unwrap();
    known.sort_unstable();
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_made_under_load_has_everything_acknowledged_before_and_nothing_twice() {
    let ground = Ground::new().await;
    crate::ground::run(
        &ground.catalog,
        "CREATE TABLE flushed (position BIGINT NOT NULL); INSERT INTO flushed VALUES (0)",
    )
    .await;
    let segments = ground.at("live/segments");
    let durable = Arc::new(Mutex::new(Vec::new()));
    let told = durable.clone();
    let (journal, _) = Journal::open(
        Folder::open(ground.at("live/journal")).unwrap(),
        options(),
        Position::START,
        |_, _| Ok(()),
        move |position, ()| told.lock().unwrap().push(position.0),
    )
    .unwrap();
    let journal = Arc::new(journal);
    let (acknowledged, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let (journal, acknowledged, over) = (journal.clone(), acknowledged.clone(), over.clone());
            tokio::spawn(async move {
                let mut number = writer;
                while !over.load(Ordering::Relaxed) {
                    let position = journal.append(record(number), ()).await.unwrap();
                    acknowledged.fetch_max(position.0, Ordering::SeqCst);
                    number += 17;
                }
            })
        })
        .collect();
    let flusher = tokio::spawn({
        let (journal, over) = (journal.clone(), over.clone());
        let (catalog, segments) = (ground.catalog.clone(), segments.clone());
        async move {
            let mut turn = 0;
            while !over.load(Ordering::Relaxed) {
                let taken = std::mem::take(&mut *durable.lock().unwrap());
                let Some(last) = taken.last().copied() else {
                    tokio::task::yield_now().await;
                    continue;
                };
                turn += 1;
                flush(&catalog, &segments, taken, turn).await;
                journal.release(Position(last));
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            turn
        }
    });
    let parts = vec![
        Part::Folder {
            name: "journal".to_owned(),
            path: ground.at("live/journal"),
        },
        Part::Database {
            name: "catalog.sqlite".to_owned(),
            database: ground.catalog.clone(),
            files: Some(Listed {
                name: "segments".to_owned(),
                path: segments,
                query: "SELECT path FROM segments".to_owned(),
            }),
        },
    ];
    let mut copies = Vec::new();
    let mut tries = 0;
    while copies.len() < 6 {
        tries += 1;
        let before = acknowledged.load(Ordering::SeqCst);
        let order = ground.order(Class::Data, parts.clone(), NOW.plus_ms(tries));
        match ground.store.create(order).await {
            Ok(made) => copies.push((before, made.backup)),
            // On a machine with much else to do files may go faster than they are read, and the copy is to be made anew.
            Err(Error::Restless(_)) if tries < 60 => {}
            Err(error) => panic!("try {tries}: {error}"),
        }
    }
    over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let turns = flusher.await.unwrap();
    journal.close().await.unwrap();
    assert!(turns > 10, "{turns} flushes");

    for (round, (before, backup)) in copies.into_iter().enumerate() {
        let target = ground.at(&format!("target-{round}"));
        ground
            .store
            .restore(&ground.identity, &[backup], &target)
            .unwrap();
        let known = known(&target).await;
        let last = known.last().copied().unwrap_or(0);
        assert!(
            known.iter().copied().eq(1..=last),
            "round {round}: a gap or a repeat before {last}"
        );
        assert!(
            last >= before,
            "round {round}: {before} was acknowledged, {last} is the last known"
        );
    }
}
