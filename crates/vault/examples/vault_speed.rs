//! How fast the vault is, on SQLite in a temporary folder: `cargo run --release -p vault --example vault_speed [PEOPLE]`
//! (a million by default).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement for people to read"
)]

use futures::future::BoxFuture;
use policy::{FieldClass, LegalBasis, Purpose};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vault::{
    AgeFile, Denied, Given, Guard, NewPerson, Provenance, Reader, Request, Sealed, Settings, Vault, Wording,
};
use vocabulary::{Moment, PersonId};

const NOW: Moment = Moment(1_780_000_000_000);
const TASKS: usize = 16;
const READINGS: usize = 2_000;
const STEP: usize = 100_000;

/// Admits everything.
struct Open;

impl Guard for Open {
    fn admit<'a>(&'a self, _request: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>> {
        Box::pin(async { Ok(()) })
    }
}

/// Seven values and three letters' worth of text: ten values.
fn person(number: usize) -> NewPerson {
    let values = [
        (FieldClass::Name, format!("Person Number {number}")),
        (FieldClass::Email, format!("person.{number}@example.org")),
        (FieldClass::Phone, format!("+7 495 {number:07}")),
        (
            FieldClass::Address,
            format!("{number} Long Street, 101000 Moscow, Russia"),
        ),
        (FieldClass::Position, "Head of marketing".to_owned()),
        (FieldClass::Company, format!("Company {number} Ltd")),
        (FieldClass::BudgetRange, "under-100k".to_owned()),
    ];
    NewPerson {
        client: 0,
        given: Given {
            provenance: provenance(),
            values: values
                .into_iter()
                .map(|(class, text)| (class, Sealed::new(text)))
                .collect(),
        },
    }
}

fn provenance() -> Provenance {
    Provenance {
        purposes: vec![Purpose::AnswerEnquiry],
        basis: LegalBasis::Contract,
        wording: Wording {
            id: "enquiry".to_owned(),
            version: 1,
            sha256: [1; 32],
        },
        source: "form:enquiry".to_owned(),
        language: "en".to_owned(),
        given: NOW,
    }
}

fn size_of(folder: &std::path::Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!(
        "p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

#[tokio::main]
async fn main() {
    let people: usize = std::env::args()
        .nth(1)
        .map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let open = async |name: &str| {
        let path = folder.path().join(name).display().to_string();
        sqldb::Database::open(&path).await.unwrap()
    };
    let vault = Vault::open(
        open("vault.sqlite").await,
        open("keys.sqlite").await,
        Arc::new(AgeFile::create(&folder.path().join("operator.age")).unwrap()),
        Arc::new(Open),
        Settings {
            budget_ranges: vec!["under-100k".to_owned()],
            ..Settings::default()
        },
    )
    .await
    .unwrap();

    let mut ids: Vec<PersonId> = Vec::with_capacity(people);
    let begun = Instant::now();
    for first in (0..people).step_by(STEP) {
        let last = (first + STEP).min(people);
        let imported = vault.import((first..last).map(person), NOW).await.unwrap();
        ids.extend(imported.people.iter().map(|(_, id)| id));
    }
    let seconds = begun.elapsed().as_secs_f64();
    vault.scrub().await.unwrap();
    println!(
        "import: {people} people of 7 values in {seconds:.1} s: {:.0} people/s",
        people as f64 / seconds
    );
    println!(
        "bytes per person of 7 values: {:.0}",
        size_of(folder.path()) as f64 / people as f64
    );

    let begun = Instant::now();
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let vault = vault.clone();
        let ids: Vec<PersonId> = (0..READINGS)
            .map(|n| ids[(n * 7_919 + task * 104_729) % ids.len()])
            .collect();
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(ids.len());
            for id in ids {
                let begun = Instant::now();
                let values = vault
                    .read(
                        &Reader::Job("speed"),
                        id,
                        Purpose::AnswerEnquiry,
                        FieldClass::ALL,
                        NOW,
                    )
                    .await
                    .unwrap();
                assert_eq!(values.len(), 7);
                times.push(begun.elapsed());
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    println!("read 7 values, {TASKS} tasks: {rate:.0}/s, {}", quantiles(times));
    assert_eq!(vault.opened().await.unwrap(), (TASKS * READINGS * 7) as u64);

    let mut times = Vec::new();
    for number in 0..2_000 {
        let email = format!("Person.{}@example.org", number * 7_919 % people);
        let begun = Instant::now();
        assert_eq!(vault.find(0, FieldClass::Email, &email).await.unwrap().len(), 1);
        times.push(begun.elapsed());
    }
    println!("find by e-mail among {people}: {}", quantiles(times));

    let mut times = Vec::new();
    for id in ids.iter().step_by(people / 200) {
        let begun = Instant::now();
        assert!(vault.erase(*id, "measured", NOW).await.unwrap().bytes_gone);
        times.push(begun.elapsed());
    }
    println!("erase: {}", quantiles(times));

    let begun = Instant::now();
    let due = vault.due(NOW).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "look through {people} people for what is due: {seconds:.1} s ({} due)",
        due.len()
    );
}
