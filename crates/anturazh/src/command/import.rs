//! `import`: logs and files of events, through the same steps as live hits.

use crate::{
    arguments::{Import, LogFormat},
    clock, output,
    progress::Progress,
    service::{open_archive, open_enricher, site_table},
    store::Store,
};
use anyhow::Context;
use collect::{Tally, import};
use serde_json::json;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use vocabulary::Reason;

pub(crate) async fn run(store: Store, options: Import, json: bool) -> anyhow::Result<()> {
    let now = clock::now();
    let site = store.sites.site(options.site.as_str())?.site.id;
    let archive = open_archive(&store).await?;
    let sites = Arc::new(site_table(&store, now).await?);
    let enricher = Arc::new(open_enricher(&store)?);
    let format = match options.format {
        LogFormat::Auto => None,
        LogFormat::Combined => Some(import::Format::Combined),
        LogFormat::Common => Some(import::Format::Common),
        LogFormat::Caddy => Some(import::Format::Caddy),
        LogFormat::Ndjson => Some(import::Format::Ndjson),
    };
    let mut taken = archive
        .import(site, now)
        .await
        .context("failed to begin the import")?;
    let mut all = import::Summary::default();
    let mut failed = None;
    let mut files = Vec::new();
    for path in &options.files {
        let name = path.display().to_string();
        let read = Arc::new(AtomicU64::new(0));
        let (input, bytes) = open(path, read.clone()).with_context(|| format!("failed to open `{name}`"))?;
        let mut progress = Progress::new("reading", bytes);
        let (sites, enricher, domain) = (sites.clone(), enricher.clone(), options.site.clone());
        let shown = name.clone();
        let handle = tokio::runtime::Handle::current();
        let (back, outcome) = tokio::task::spawn_blocking(move || {
            let import = import::Import {
                enricher: &enricher,
                sites: &sites,
                site: domain.as_str(),
                format,
                now,
                threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            };
            let outcome = import.run(input, |events| {
                progress.at(read.load(Ordering::Relaxed), "");
                handle.block_on(taken.add(events)).map(|_| ())
            });
            progress.done(&shown);
            (taken, outcome)
        })
        .await?;
        taken = back;
        match outcome {
            Ok(summary) => {
                all.add(&summary);
                files.push((name, summary));
            }
            Err(error) => {
                if let import::Stop::Input { read, .. } = &error {
                    all.add(read);
                    files.push((name.clone(), (**read).clone()));
                }
                failed = Some(anyhow::Error::new(error).context(format!("failed to import `{name}`")));
                break;
            }
        }
    }
    // What was read is kept even if a later file could not be: importing again adds only the rest.
    let counted = taken.finish().await.context("failed to keep the events")?;
    let archive_done = archive.compact(clock::now()).await;
    let mut tally = Tally::empty(Some(site));
    tally.accepted = counted.added;
    tally.stripped = all.tally.stripped.min(counted.added);
    for (reason, number) in all.tally.reasons() {
        tally.dropped[reason as usize] += number;
    }
    tally.dropped[Reason::Duplicate as usize] += counted.duplicates;
    tell(&files, &all, &tally, json);
    archive_done.context("failed to merge segments; the events are kept")?;
    failed.map_or(Ok(()), Err)
}

fn tell(files: &[(String, import::Summary)], all: &import::Summary, tally: &Tally, json: bool) {
    let unreadable: Vec<_> = files
        .iter()
        .flat_map(|(name, summary)| {
            summary
                .unreadable
                .iter()
                .map(move |u| json!({"file": name, "line": u.line, "why": u.flaw.to_string()}))
        })
        .collect();
    if json {
        let dropped: serde_json::Map<_, _> = tally
            .reasons()
            .map(|(r, n)| (r.name().to_owned(), json!(n)))
            .collect();
        output::thing(
            true,
            &[
                ("lines", json!(all.lines)),
                ("accepted", json!(tally.accepted)),
                ("stripped", json!(tally.stripped)),
                ("dropped", dropped.into()),
                ("unreadable", json!(all.unreadable_count)),
                ("unreadable_lines", json!(unreadable)),
            ],
        );
        return;
    }
    output::thing(
        false,
        &[
            ("lines", json!(all.lines)),
            ("accepted", json!(tally.accepted)),
            ("stripped", json!(tally.stripped)),
        ],
    );
    for (reason, number) in tally.reasons() {
        output::line(&format!("dropped   {number} {reason}: {}", reason.about()));
    }
    if all.unreadable_count > 0 {
        output::line(&format!("not read  {}", all.unreadable_count));
    }
    for (name, summary) in files {
        for u in &summary.unreadable {
            output::line(&format!("  {name}, line {}: {}", u.line, u.flaw));
        }
    }
}

/// Input that says how far it was read.
struct Counting<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

fn open(path: &Path, read: Arc<AtomicU64>) -> io::Result<(Box<dyn Read + Send>, u64)> {
    if path == Path::new("-") {
        return Ok((
            Box::new(Counting {
                input: io::stdin(),
                read,
            }),
            0,
        ));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a folder; name the files in it"));
    }
    let bytes = file.metadata()?.len();
    Ok((Box::new(Counting { input: file, read }), bytes))
}
