//! The people's side: reading somebody's values for a task, with the policy's decision and the entry in the audit log
//! on disk before anything is opened; taking people in, finding and erasing them.

use super::{fresh, median, processor, rounded};
use crate::clock;
use anyhow::Context;
use credentials::Sealed;
use office::Office;
use policy::{FieldClass, LegalBasis, Purpose};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tasks::{NewTask, TaskKind};
use vault::{Given, NewPerson, Provenance, Reader, Wording};
use vocabulary::{PersonId, TaskId};

/// People taken in.
const PEOPLE: usize = 50_000;
/// Of these so many are in tasks, as many in each.
const IN_TASKS: usize = 5_000;
const IN_A_TASK: usize = 1_000;
/// Who reads at once.
const READERS: usize = 16;
/// Searches and erasures that are timed one by one.
const SINGLE: usize = 200;
const ACCOUNT: u32 = 1;

pub(super) async fn measure(folder: &Path, seconds: f64) -> anyhow::Result<Value> {
    let (store, _) = fresh(folder).await?;
    let office = store.office().await?;
    let (people, import_s) = take_in(&office).await?;
    let tasks = open_tasks(&office, &people).await?;
    let readings = read(&office, &people, &tasks, seconds).await?;
    let found = time_each(SINGLE, async |n| {
        let email = format!("person.{}@example.org", n * 97 % PEOPLE);
        let found = office.vault.find(0, FieldClass::Email, &email).await?;
        anyhow::ensure!(found.len() == 1, "an address is not found");
        Ok(())
    })
    .await?;
    let erased = time_each(SINGLE, async |n| {
        let person = people[PEOPLE - 1 - n];
        office
            .erase(person, "measured", audit::Actor::System, clock::now())
            .await?;
        Ok(())
    })
    .await?;
    let (opened, recorded) = office.readings().await?;
    anyhow::ensure!(
        opened == recorded,
        "{opened} values were opened and {recorded} readings recorded"
    );
    let bytes: u64 = ["vault.sqlite", "keys.sqlite"]
        .iter()
        .filter_map(|name| std::fs::metadata(store.folder.people(name)).ok())
        .map(|file| file.len())
        .sum();
    office.audit.close().await?;
    Ok(json!({
        "import_people_per_s": rounded(PEOPLE as f64 / import_s, 0),
        "bytes_per_person_of_7_values": rounded(bytes as f64 / PEOPLE as f64, 0),
        "readings_per_s_by_16": rounded(readings.per_second, 0),
        "reading_p50_ms": rounded(readings.p50_ms, 2),
        "reading_p99_ms": rounded(readings.p99_ms, 2),
        "reading_processor_us": rounded(readings.processor_us, 0),
        "find_median_ms": rounded(median(found), 2),
        "erase_median_ms": rounded(median(erased), 1),
    }))
}

async fn take_in(office: &Office) -> anyhow::Result<(Vec<PersonId>, f64)> {
    let wording = office.people.wording("enquiry", people::Language::En).await?;
    let provenance = Provenance {
        purposes: vec![Purpose::AnswerEnquiry],
        basis: LegalBasis::Contract,
        wording: Wording {
            id: wording.id,
            version: wording.version,
            sha256: wording.sha256,
        },
        source: "bench".into(),
        language: "en".into(),
        given: clock::now(),
    };
    // A range that the default configuration has.
    let ranges = web::public::Agency::default().budget_ranges;
    let budget = ranges.first().map(|range| range.id.clone()).unwrap_or_default();
    let person = |n: usize| {
        let values = [
            (FieldClass::Name, format!("Person Number {n}")),
            (FieldClass::Email, format!("person.{n}@example.org")),
            (FieldClass::Phone, format!("+7 495 {n:07}")),
            (FieldClass::Address, format!("{n} Long Street, 101000 Moscow")),
            (FieldClass::Position, "Head of marketing".to_owned()),
            (FieldClass::Company, format!("Company {n} Ltd")),
            (FieldClass::BudgetRange, budget.clone()),
        ];
        NewPerson {
            client: 0,
            given: Given {
                provenance: provenance.clone(),
                values: values
                    .into_iter()
                    .filter(|(_, text)| !text.is_empty())
                    .map(|(class, text)| (class, Sealed::new(text)))
                    .collect(),
            },
        }
    };
    let begun = begin();
    let imported = office.vault.import((0..PEOPLE).map(person), clock::now()).await?;
    let seconds = begun.elapsed().as_secs_f64();
    anyhow::ensure!(imported.refused.is_empty(), "people were refused");
    Ok((imported.people.into_iter().map(|(_, id)| id).collect(), seconds))
}

async fn open_tasks(office: &Office, people: &[PersonId]) -> anyhow::Result<Vec<TaskId>> {
    let mut tasks = Vec::new();
    for persons in people[..IN_TASKS].chunks(IN_A_TASK) {
        let new = NewTask {
            client: 0,
            purpose: Purpose::AnswerEnquiry,
            kind: TaskKind::Enquiry,
            persons,
            classes: FieldClass::ALL,
            assignees: &[ACCOUNT],
            end: None,
            reason: "measuring",
        };
        tasks.push(office.tasks.open_task(new, 2, clock::now()).await?.task);
    }
    Ok(tasks)
}

struct Readings {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Processor time of one reading, those who ask included.
    processor_us: f64,
}

async fn read(
    office: &Office,
    people: &[PersonId],
    tasks: &[TaskId],
    seconds: f64,
) -> anyhow::Result<Readings> {
    let classes = [FieldClass::Name, FieldClass::Email, FieldClass::Phone];
    let used_us = processor::used_us();
    let begun = begin();
    let until = Duration::from_secs_f64(seconds);
    let mut readers = Vec::new();
    for reader in 0..READERS {
        let (office, people, tasks) = (office.clone(), people[..IN_TASKS].to_vec(), tasks.to_vec());
        readers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            let mut place = reader * 311;
            while begun.elapsed() < until {
                place = (place + 4_099) % people.len();
                let who = Reader::Staff {
                    account: ACCOUNT,
                    task: tasks[place / IN_A_TASK],
                    break_glass: false,
                    second_factor: true,
                };
                let one = begin();
                let purpose = Purpose::AnswerEnquiry;
                let values = office
                    .vault
                    .read(&who, people[place], purpose, &classes, clock::now())
                    .await?;
                times.push(one.elapsed().as_secs_f64() * 1_000.0);
                anyhow::ensure!(values.len() == classes.len(), "values are missing");
            }
            anyhow::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await.context("a reader failed")??);
    }
    let per_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    let processor_us = (processor::used_us() - used_us) / times.len() as f64;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Readings {
        per_second,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        processor_us,
    })
}

/// How long each of `count` takes, in milliseconds.
async fn time_each(
    count: usize,
    work: impl AsyncFn(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(count);
    for n in 0..count {
        let begun = begin();
        work(n).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(times)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn begin() -> Instant {
    Instant::now()
}
