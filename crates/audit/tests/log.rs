//! The log as the rest of the program uses it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use audit::{
    About, Action, Actor, Checkpoint, Entry, Error, Log, Numbered, Subject, Verifier, consistency_holds,
    inclusion_holds, leaf, verify,
};
use vocabulary::{ClientId, Moment, PersonId, TaskId};

const NAME: &str = "agency.example/audit";
const KEY: [u8; 32] = [7; 32];

fn open(folder: &Path) -> Log {
    Log::open(folder, NAME, &KEY).unwrap()
}

/// Entries of all kinds, the same for the same number.
fn entry(number: u64) -> Entry {
    let person = PersonId([(number % 7) as u8; 16]);
    let actor = match number % 5 {
        0 | 1 => Actor::Staff((number % 3) as u32),
        2 => Actor::Person(PersonId([(number % 11) as u8; 16])),
        3 => Actor::Job("retention".into()),
        _ => Actor::System,
    };
    let action = if number.is_multiple_of(2) {
        Action::Read
    } else {
        Action::Change
    };
    Entry {
        subject: Subject {
            person: Some(person).filter(|_| !number.is_multiple_of(4)),
            task: Some(TaskId([(number / 10) as u8; 16])).filter(|_| number.is_multiple_of(3)),
            account: Some((number % 4) as u32).filter(|_| number.is_multiple_of(6)),
            client: Some(ClientId(number as u32)),
            site: None,
        },
        classes: (0..(number % 9) as u8).collect(),
        purpose: Some("customer_support".into()).filter(|_| number.is_multiple_of(2)),
        count: (number % 100) as u32,
        detail: Some([number as u8; 32]).filter(|_| number.is_multiple_of(8)),
        ..Entry::new(Moment(number as i64), actor, action)
    }
}

async fn fill(log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        assert_eq!(log.append(entry(number)).await.unwrap(), number);
    }
}

fn numbered(numbers: impl Iterator<Item = u64>) -> Vec<Numbered> {
    numbers
        .map(|number| Numbered {
            number,
            entry: entry(number),
        })
        .collect()
}

fn is_about(entry: &Entry, about: About) -> bool {
    match about {
        About::Person(person) => entry.subject.person == Some(person) || entry.actor == Actor::Person(person),
        About::Task(task) => entry.subject.task == Some(task),
        About::Account(account) => {
            entry.subject.account == Some(account) || entry.actor == Actor::Staff(account)
        }
    }
}

/// Everything that can be read, compared with a loop over the same entries.
fn assert_reads_as(log: &Log, size: u64) {
    assert_eq!(log.size(), size);
    assert_eq!(log.newest(None, 10_000).unwrap(), numbered((0..size).rev()));
    for (before, most) in [
        (0, 5),
        (1, 5),
        (size, 3),
        (size / 2, 7),
        (size / 2, 0),
        (u64::MAX, 2),
    ] {
        assert_eq!(
            log.newest(Some(before), most).unwrap(),
            numbered((0..size.min(before)).rev().take(most)),
            "{before} {most}"
        );
    }
    let persons = (0..12).map(|n| About::Person(PersonId([n; 16])));
    let tasks = (0..30).map(|n| About::Task(TaskId([n; 16])));
    let accounts = (0..6).map(About::Account);
    for about in persons.chain(tasks).chain(accounts) {
        let want = numbered((0..size).rev().filter(|number| is_about(&entry(*number), about)));
        assert_eq!(log.about(about, None, 10_000).unwrap(), want, "{about:?}");
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = log.about(about, before, 3).unwrap();
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            before = Some(last.number);
            paged.extend(page);
        }
        assert_eq!(paged, want, "{about:?}");
        let later: Vec<_> = want
            .iter()
            .filter(|found| found.number < size / 2)
            .cloned()
            .collect();
        assert_eq!(
            log.about(about, Some(size / 2), 10_000).unwrap(),
            later,
            "{about:?}"
        );
    }
    let reads = (0..size).map(entry).filter(|entry| entry.action == Action::Read);
    assert_eq!(
        log.values_read(),
        reads.map(|entry| u64::from(entry.count)).sum::<u64>()
    );
}

#[tokio::test]
async fn what_was_appended_is_read_now_and_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    assert_reads_as(&log, 0);
    fill(&log, 0..200).await;
    assert_reads_as(&log, 200);
    log.close().await.unwrap();
    assert!(log.append(entry(200)).await.is_err());
    drop(log);

    let log = open(folder.path());
    assert_reads_as(&log, 200);
    fill(&log, 200..260).await;
    assert_reads_as(&log, 260);
    assert!(matches!(
        Log::open(folder.path(), NAME, &KEY),
        Err(Error::Journal(journal::Error::Locked { .. }))
    ));
}

type Damage = fn(&Path);

#[tokio::test]
async fn files_made_from_the_log_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    fill(&log, 0..120).await;
    log.close().await.unwrap();
    drop(log);
    let derived = folder.path().join("derived");
    let damages: [(&str, Damage); 5] = [
        ("gone", |file| std::fs::remove_file(file).unwrap()),
        ("empty", |file| std::fs::write(file, "").unwrap()),
        ("shorter", |file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() - 5]).unwrap();
        }),
        ("changed", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(file, bytes).unwrap();
        }),
        ("longer", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            bytes.extend([1; 100]);
            std::fs::write(file, bytes).unwrap();
        }),
    ];
    for name in ["tree", "entries", "places"] {
        let right = std::fs::read(derived.join(name)).unwrap();
        for (what, damage) in damages {
            damage(&derived.join(name));
            let log = open(folder.path());
            assert_reads_as(&log, 120);
            log.close().await.unwrap();
            assert_eq!(std::fs::read(derived.join(name)).unwrap(), right, "{name} {what}");
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_noticed_when_it_is_read() {
    for (name, at) in [
        ("tree", 0),
        ("entries", 3),
        ("entries", 30),
        ("places", 7),
        ("places", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        fill(&log, 1..1).await;
        assert_eq!(log.append(entry(1)).await.unwrap(), 0);
        assert_eq!(log.newest(None, 9).unwrap().len(), 1);
        let file = folder.path().join("derived").join(name);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[at] ^= 0x40;
        std::fs::write(&file, bytes).unwrap();
        assert!(matches!(log.newest(None, 9), Err(Error::Derived)), "{name} {at}");
        assert!(matches!(
            log.about(About::Person(PersonId([1; 16])), None, 9),
            Err(Error::Derived)
        ));
        assert_eq!(
            log.append(entry(2)).await.unwrap(),
            1,
            "entries are taken all the same"
        );
    }
}

#[tokio::test]
async fn no_damage_makes_reading_go_in_circles() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    log.append(entry(1)).await.unwrap();
    let about = About::Account(1);
    assert_eq!(log.about(about, None, 9).unwrap().len(), 1);
    let file = folder.path().join("derived/entries");
    let mut bytes = std::fs::read(&file).unwrap();
    // The number of the entry before, for which there is none: now the entry itself.
    let at = bytes.len() - 8;
    bytes[at..].fill(0);
    std::fs::write(&file, bytes).unwrap();
    assert!(matches!(log.about(about, None, 9), Err(Error::Derived)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_share_the_disk_and_get_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(open(folder.path()));
    let tasks: Vec<_> = (0..16_u32)
        .map(|account| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for count in 0..50 {
                    let mut entry = Entry::new(Moment(0), Actor::Staff(account), Action::Read);
                    entry.count = count;
                    let number = log.append(entry.clone()).await.unwrap();
                    // Whoever was told that it is written can read it.
                    let found = log.about(About::Account(account), None, 1).unwrap();
                    assert_eq!(found, [Numbered { number, entry }]);
                    numbers.push(number);
                }
                numbers
            })
        })
        .collect();
    let mut seen = BTreeSet::new();
    for task in tasks {
        let numbers = task.await.unwrap();
        assert!(numbers.is_sorted());
        seen.extend(numbers);
    }
    assert_eq!(seen, (0..800).collect());
    assert_eq!(log.values_read(), 16 * (0..50).sum::<u64>());
}

#[tokio::test]
async fn checkpoints_prove_what_is_in_the_log_and_that_it_only_grew() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let verifier = Verifier::parse(&log.verifier().to_string()).unwrap();
    assert_eq!(log.newest_checkpoint().unwrap(), None);
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    for size in [0, 1, 2, 7, 64, 100] {
        fill(&log, log.size()..size).await;
        let note = log.checkpoint().unwrap();
        let checkpoint = verifier.open(&note).unwrap();
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), (NAME, size));
        assert_eq!(log.newest_checkpoint().unwrap(), Some((checkpoint.clone(), note)));
        checkpoints.push(checkpoint);
    }
    let last = &checkpoints[5];
    for old in &checkpoints {
        let proof = log.consistency_proof(old.size, last.size).unwrap();
        assert!(consistency_holds(
            old.size, &old.root, last.size, &last.root, &proof
        ));
        for number in 0..old.size {
            let proof = log.inclusion_proof(number, old.size).unwrap();
            let leaf = leaf(&entry(number).encode().unwrap());
            assert!(inclusion_holds(&leaf, number, old.size, &proof, &old.root));
        }
    }
    for wrong in [
        log.inclusion_proof(100, 100),
        log.inclusion_proof(0, 101),
        log.consistency_proof(2, 101),
    ] {
        assert!(matches!(wrong, Err(Error::NotYet { size: 100 })));
    }
    log.close().await.unwrap();
    drop(log);
    let report = verify(folder.path(), &verifier, None).unwrap();
    assert!(report.fault.is_none());
    assert_eq!(
        (report.entries, report.checkpoints, report.covered),
        (100, 6, 100)
    );
    assert_eq!(report.root, last.root);
    assert_eq!(report.values_read, open(folder.path()).values_read());
}

#[tokio::test]
async fn no_log_begins_with_a_name_that_cannot_be_signed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "two words", "a+b", "a\nb"] {
        assert!(matches!(Log::open(folder.path(), name, &KEY), Err(Error::Name)));
    }
    let log = open(folder.path());
    let wordless = Entry::new(Moment(0), Actor::Job("Olga".into()), Action::Read);
    assert!(matches!(log.append(wordless).await, Err(Error::Refused(_))));
    assert_eq!(log.size(), 0);
}
