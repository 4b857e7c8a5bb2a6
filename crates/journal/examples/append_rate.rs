//! How many appends a second the journal makes durable:
//! `cargo run --release -p journal --example append_rate -- FOLDER [TASKS] [RECORD_BYTES] [SECONDS]`.
//!
//! Each task appends its next record when the one before is on disk. The folder must be new or empty, on the disk to be
//! measured; it is left as it is.
#![expect(clippy::print_stdout, reason = "a tool for the command line")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Folder, Journal, Options, Position};

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("FOLDER [TASKS] [RECORD_BYTES] [SECONDS]")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |given| given.parse());
    let (tasks, record_bytes, seconds) = (number(64)?, number(200)? as usize, number(5)?);

    let started = Instant::now();
    let (journal, recovery) = Journal::open(
        Folder::open(&folder)?,
        Options::with_salt(u64::from(std::process::id())),
        Position::START,
        |_, _| Ok(()),
        |_, ()| {},
    )?;
    let opened = started.elapsed();
    let journal = Arc::new(journal);

    let until = Instant::now() + Duration::from_secs(seconds);
    let appenders: Vec<_> = (0..tasks)
        .map(|_| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while Instant::now() < until {
                    let asked = Instant::now();
                    journal.append(vec![b'x'; record_bytes], ()).await?;
                    waits.push(asked.elapsed());
                }
                Ok::<_, journal::Error>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for appender in appenders {
        waits.extend(appender.await??);
    }
    waits.sort_unstable();
    let counts = journal.counts();
    journal.close().await?;
    let at = |part: usize| waits[(waits.len() - 1) * part / 1000].as_micros();
    println!(
        "{tasks} tasks, {record_bytes} bytes: {} appends/s, {:.1} records per fdatasync, {} fdatasync/s, \
         wait p50 {} us, p99 {} us, p99.9 {} us; opened in {} ms with {} records replayed",
        counts.records / seconds,
        counts.records as f64 / counts.groups as f64,
        counts.groups / seconds,
        at(500),
        at(990),
        at(999),
        opened.as_millis(),
        recovery.replayed,
    );
    Ok(())
}
