//! Every way to change a log shows.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audit::{Action, Actor, Entry, Error, Fault, Log, NoteFault, Report, Subject, Verifier, verify};
use journal::{Folder, Journal, Options, Position};
use vocabulary::{Moment, PersonId};

const NAME: &str = "agency.example/audit";
const KEY: [u8; 32] = [7; 32];
const SIZE: u64 = 90;

fn entry(number: u64) -> Entry {
    Entry {
        subject: Subject {
            person: Some(PersonId([number as u8; 16])),
            ..Subject::default()
        },
        ..Entry::new(Moment(number as i64), Actor::Staff(1), Action::Read)
    }
}

/// A log of [`SIZE`] entries with a checkpoint at each multiple of 30, and the last checkpoint's note.
async fn log(folder: &Path) -> (Verifier, String) {
    let log = Log::open(folder, NAME, &KEY).unwrap();
    let mut note = String::new();
    for number in 0..SIZE {
        log.append(entry(number)).await.unwrap();
        if (number + 1).is_multiple_of(30) {
            note = log.checkpoint().unwrap();
        }
    }
    log.close().await.unwrap();
    (log.verifier().clone(), note)
}

fn note_file(folder: &Path, size: u64) -> PathBuf {
    folder.join(format!("checkpoints/{size:020}.note"))
}

fn journal_file(folder: &Path) -> PathBuf {
    folder.join("journal/00000000000000000001.journal")
}

/// Writes the journal anew, with right checksums, as somebody would who knows how.
async fn rewrite(folder: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let folder = folder.join("journal");
    let mut options = Options::with_salt(1);
    options.file_bytes = 1 << 20;
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let each = |_, bytes: &[u8]| {
        entries.push(bytes.to_vec());
        Ok(())
    };
    let (journal, _) = Journal::open(
        Folder::open(&folder).unwrap(),
        options,
        Position::START,
        each,
        |_, ()| {},
    )
    .unwrap();
    journal.close().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    change(&mut entries);
    let (journal, _) = Journal::open(
        Folder::open(&folder).unwrap(),
        options,
        Position::START,
        |_, _| Ok(()),
        |_, ()| {},
    )
    .unwrap();
    for bytes in entries {
        journal.append(bytes, ()).await.unwrap();
    }
    journal.close().await.unwrap();
}

fn fault(report: Report) -> Fault {
    report.fault.expect("something is wrong")
}

/// The fault that opening finds.
fn opening(folder: &Path) -> Fault {
    match Log::open(folder, NAME, &KEY).map(|_| ()) {
        Err(Error::Faulty(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_untouched_log_has_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, note) = log(folder.path()).await;
    let report = verify(folder.path(), &verifier, Some(&note)).unwrap();
    assert!(report.fault.is_none(), "{report:?}");
    assert_eq!((report.entries, report.checkpoints, report.covered), (90, 3, 90));
}

#[tokio::test]
async fn a_changed_byte_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, _) = log(folder.path()).await;
    let file = journal_file(folder.path());
    let right = std::fs::read(&file).unwrap();
    let end = right.iter().rposition(|byte| *byte != 0).unwrap();
    for at in (4096..end).step_by(293).chain([0, 20]) {
        let mut bytes = right.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&file, &bytes).unwrap();
        let report = verify(folder.path(), &verifier, None).unwrap();
        // What fills a page behind the last entry holds nothing.
        let holds_nothing = right[at] == 0 && report.fault.is_none() && report.covered == SIZE;
        let damaged = matches!(report.fault, Some(Fault::Files(_) | Fault::Cut { .. }));
        assert!(damaged || holds_nothing, "{at}: {report:?}");
    }
    let mut bytes = right;
    bytes[5000] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert!(matches!(
        fault(verify(folder.path(), &verifier, None).unwrap()),
        Fault::Files(journal::Error::Corrupt { .. })
    ));
    assert!(matches!(opening(folder.path()), Fault::Files(_)));
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "nothing was written");
}

#[tokio::test]
async fn a_changed_removed_added_or_moved_entry_is_found_although_all_checksums_are_right() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let changes: [(&str, Change, u64, u64); 5] = [
        (
            "changed",
            |entries| entries[40] = entry(41).encode().unwrap(),
            30,
            60,
        ),
        ("removed", |entries| drop(entries.remove(40)), 30, 60),
        (
            "added",
            |entries| entries.insert(3, entry(1).encode().unwrap()),
            0,
            30,
        ),
        ("moved", |entries| entries.swap(70, 71), 60, 90),
        ("moved over a checkpoint", |entries| entries.swap(29, 30), 0, 30),
    ];
    for (what, change, after, size) in changes {
        let folder = tempfile::tempdir().unwrap();
        let (verifier, _) = log(folder.path()).await;
        rewrite(folder.path(), change).await;
        let report = verify(folder.path(), &verifier, None).unwrap();
        let found = fault(report);
        assert!(
            matches!(&found, Fault::Root { after: a, size: s, .. } if (*a, *s) == (after, size)),
            "{what}: {found:?}"
        );
        let found = opening(folder.path());
        let want = if what == "removed" {
            matches!(found, Fault::Cut { .. })
        } else {
            matches!(found, Fault::Root { .. })
        };
        assert!(want, "{what}: {found:?}");
    }
}

#[tokio::test]
async fn what_is_no_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, _) = log(folder.path()).await;
    rewrite(folder.path(), |entries| entries[12][0] = 9).await;
    for found in [
        fault(verify(folder.path(), &verifier, None).unwrap()),
        opening(folder.path()),
    ] {
        assert!(matches!(found, Fault::Entry { number: 12, .. }), "{found:?}");
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, _) = log(folder.path()).await;
    rewrite(folder.path(), |entries| entries.truncate(75)).await;
    for found in [
        fault(verify(folder.path(), &verifier, None).unwrap()),
        opening(folder.path()),
    ] {
        assert!(
            matches!(
                found,
                Fault::Cut {
                    signed: 90,
                    found: 75,
                    ..
                }
            ),
            "{found:?}"
        );
    }
    // Whoever takes away the checkpoints as well is betrayed by the one kept outside.
    std::fs::remove_file(note_file(folder.path(), 90)).unwrap();
    assert!(verify(folder.path(), &verifier, None).unwrap().fault.is_none());
}

#[tokio::test]
async fn files_that_were_taken_away_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, _) = log(folder.path()).await;
    std::fs::remove_file(journal_file(folder.path())).unwrap();
    let found = fault(verify(folder.path(), &verifier, None).unwrap());
    assert!(
        matches!(
            found,
            Fault::Cut {
                signed: 30,
                found: 0,
                ..
            }
        ),
        "{found:?}"
    );
    std::fs::remove_dir_all(folder.path().join("journal")).unwrap();
    assert!(matches!(
        verify(folder.path(), &verifier, None),
        Err(Error::Storage { .. })
    ));
}

#[tokio::test]
async fn a_forged_checkpoint_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, _) = log(folder.path()).await;
    let right = std::fs::read_to_string(note_file(folder.path(), 60)).unwrap();
    let other = {
        let other = tempfile::tempdir().unwrap();
        let log = Log::open(other.path(), NAME, &[8; 32]).unwrap();
        log.append(entry(0)).await.unwrap();
        log.checkpoint().unwrap()
    };
    for (forged, want) in [
        (right.replacen("\n60\n", "\n61\n", 1), NoteFault::BadSignature),
        (right.replace(NAME, "other.example/audit"), NoteFault::OtherKey),
        (other, NoteFault::OtherKey),
        (right.replace('—', "-"), NoteFault::NoNote("")),
        (String::new(), NoteFault::NoNote("")),
    ] {
        std::fs::write(note_file(folder.path(), 60), &forged).unwrap();
        let found = fault(verify(folder.path(), &verifier, None).unwrap());
        let Fault::Checkpoint { name, why } = found else {
            panic!("{found:?}")
        };
        assert_eq!(name, "00000000000000000060.note");
        assert_eq!(
            std::mem::discriminant(&why),
            std::mem::discriminant(&want),
            "{why}"
        );
    }
    // Opening looks at the newest.
    std::fs::write(
        note_file(folder.path(), 90),
        right.replacen("\n60\n", "\n90\n", 1),
    )
    .unwrap();
    assert!(matches!(opening(folder.path()), Fault::Checkpoint { .. }));
}

#[tokio::test]
async fn a_log_written_anew_with_the_stolen_key_is_betrayed_by_the_checkpoint_kept_outside() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, outside) = log(folder.path()).await;
    rewrite(folder.path(), |entries| entries[40] = entry(41).encode().unwrap()).await;
    std::fs::remove_dir_all(folder.path().join("checkpoints")).unwrap();
    let log = Log::open(folder.path(), NAME, &KEY).unwrap();
    log.append(entry(90)).await.unwrap();
    log.checkpoint().unwrap();
    log.close().await.unwrap();
    drop(log);
    assert!(verify(folder.path(), &verifier, None).unwrap().fault.is_none());
    let found = fault(verify(folder.path(), &verifier, Some(&outside)).unwrap());
    assert!(
        matches!(&found, Fault::Root { name, size: 90, .. } if name == "outside"),
        "{found:?}"
    );
    let found = fault(verify(folder.path(), &verifier, Some("no note")).unwrap());
    assert!(
        matches!(&found, Fault::Checkpoint { name, .. } if name == "outside"),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_in_use_can_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(Log::open(folder.path(), NAME, &KEY).unwrap());
    let done = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..16)
        .map(|nth| {
            let (log, done) = (log.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    log.append(entry(nth)).await.unwrap();
                }
            })
        })
        .collect();
    let mut sizes = Vec::new();
    for _ in 0..8 {
        log.checkpoint().unwrap();
        let signed = log.newest_checkpoint().unwrap().unwrap().0.size;
        let (path, verifier) = (folder.path().to_owned(), log.verifier().clone());
        let report = tokio::task::spawn_blocking(move || verify(path, &verifier, None).unwrap())
            .await
            .unwrap();
        assert!(report.fault.is_none(), "{report:?}");
        assert!(report.covered >= signed && report.entries >= signed);
        sizes.push(report.entries);
    }
    done.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert!(sizes.is_sorted() && sizes[0] < sizes[7], "{sizes:?}");
}
