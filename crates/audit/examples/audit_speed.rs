//! How fast the audit log is written, opened, read and verified:
//! `cargo run --release -p audit --example audit_speed -- FOLDER [ENTRIES] [TASKS] [SECONDS]`.
//!
//! First TASKS tasks append for SECONDS, each its next entry when the one before is on disk; then the log is filled up to
//! ENTRIES by many tasks, opened anew, read and verified. The folder must be new or empty, on the disk to be measured; it
//! is left as it is.
#![expect(clippy::print_stdout, reason = "a tool for the command line")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{About, Action, Actor, Entry, Log, Subject};
use vocabulary::{ClientId, Moment, PersonId, TaskId};

type Failed = Box<dyn std::error::Error + Send + Sync>;

const NAME: &str = "speed.example/audit";

/// A reading of five values; every person is read 20 times, ten readings are one task.
fn entry(number: u64) -> Entry {
    let id = |number: u64| {
        let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (u128::from(scattered) << 64 | u128::from(number)).to_be_bytes()
    };
    Entry {
        subject: Subject {
            person: Some(PersonId(id(number % 50_000))),
            task: Some(TaskId(id(number / 10))),
            client: Some(ClientId(12)),
            ..Subject::default()
        },
        classes: vec![1, 4, 5],
        purpose: Some("answer_enquiry".into()),
        count: 5,
        ..Entry::new(
            Moment(1_790_000_000_000 + number as i64),
            Actor::Staff((number % 40) as u32),
            Action::Read,
        )
    }
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("FOLDER [ENTRIES] [TASKS] [SECONDS]")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |given| given.parse());
    let (entries, tasks, seconds) = (number(1_000_000)?, number(16)?, number(5)?);
    let log = Arc::new(Log::open(&folder, NAME, &[1; 32])?);

    let until = Instant::now() + Duration::from_secs(seconds);
    let mut waits = append(&log, tasks, move |_| Instant::now() < until).await?;
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() - 1) * part / 1000].as_micros();
    println!(
        "{tasks} tasks: {} entries/s, wait p50 {} us, p99 {} us",
        waits.len() as u64 / seconds,
        at(500),
        at(990)
    );

    let each = entries.saturating_sub(log.size()) / 1000;
    append(&log, 1000, move |nth| nth < each).await?;
    let started = Instant::now();
    log.checkpoint()?;
    println!(
        "checkpoint over {} entries: {} us",
        log.size(),
        started.elapsed().as_micros()
    );
    let verifier = log.verifier().clone();
    log.close().await?;
    drop(log);

    let started = Instant::now();
    let log = Log::open(&folder, NAME, &[1; 32])?;
    println!(
        "open with {} entries: {} ms",
        log.size(),
        started.elapsed().as_millis()
    );

    let started = Instant::now();
    let mut found = 0;
    for person in 0..1000 {
        let subject = entry(person).subject;
        found += log
            .about(About::Person(subject.person.ok_or("no person")?), None, 1000)?
            .len();
    }
    println!(
        "all entries about a person: {} us ({} of them)",
        started.elapsed().as_micros() / 1000,
        found / 1000
    );
    let started = Instant::now();
    let page = log.newest(None, 100)?.len();
    println!("newest {page}: {} us", started.elapsed().as_micros());
    let started = Instant::now();
    for number in 0..1000 {
        log.inclusion_proof(number, log.size())?;
    }
    println!("proof of an entry: {} us", started.elapsed().as_micros() / 1000);
    log.close().await?;

    let started = Instant::now();
    let report = audit::verify(&folder, &verifier, None)?;
    println!(
        "verify {} entries: {} ms, fault: {:?}",
        report.entries,
        started.elapsed().as_millis(),
        report.fault
    );
    Ok(())
}

/// Each of `tasks` appends while `goes_on` says so of the number of its next entry; how long each entry took.
async fn append(
    log: &Arc<Log>,
    tasks: u64,
    goes_on: impl Fn(u64) -> bool + Clone + Send + Sync + 'static,
) -> Result<Vec<Duration>, Failed> {
    let base = log.size();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (log, goes_on) = (log.clone(), goes_on.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                for nth in 0.. {
                    if !goes_on(nth) {
                        break;
                    }
                    let asked = Instant::now();
                    log.append(entry(base + nth * tasks + task)).await?;
                    waits.push(asked.elapsed());
                }
                Ok::<_, audit::Error>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in running {
        waits.extend(task.await??);
    }
    Ok(waits)
}
