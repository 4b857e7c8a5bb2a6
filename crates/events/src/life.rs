//! The archive's whole life in tests: everything that may happen to it, in any order, broken off anywhere.

use crate::{Archive, Counted, Error, Export, Format, Options, Part, Scrub, Table, traffic, traffic::Dice};
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, local::LocalFileSystem, path::Path,
};
use sqldb::{Database, trial::Trial};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use tempfile::TempDir;
use tokio::sync::Notify;
use vocabulary::{Column, DataType, Event, Moment, SiteId, VisitorKey};

const NOW: Moment = Moment(traffic::START_MS);

/// A folder and a catalog that outlive the archives opened on them, and the journal that was never released.
struct World {
    folder: TempDir,
    catalog: Trial,
    journal: Vec<Vec<Event>>,
    all: Vec<Event>,
}

impl World {
    fn new(catalog: Trial) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            catalog,
            journal: Vec::new(),
            all: Vec::new(),
        }
    }

    async fn options(&self) -> Options {
        Options {
            year_events: 100,
            base_events: 100,
            store: Some(self.store()),
            deltas: 3,
            import_events: 40,
            cache_bytes: 40_000,
            folder_of: Arc::new(|site| ["shop.example", "shop.example~blog"][site.0 as usize].into()),
            ..Options::new(
                self.folder.path(),
                Database::open(&self.catalog.place).await.unwrap(),
            )
        }
    }

    /// The local folder; whether files reach the disk before they are listed makes no difference to a process.
    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::new(LocalFileSystem::new_with_prefix(self.folder.path()).unwrap())
    }

    /// As after a start of the process: the journal is replayed, more of it than needed.
    async fn open(&self) -> Archive {
        let archive = Archive::open(self.options().await).await.unwrap();
        let flushed = archive.flushed_position() as usize;
        for (position, events) in self.journal.iter().enumerate().skip(flushed.saturating_sub(1)) {
            archive.accept(position as u64 + 1, events.clone());
        }
        archive
    }

    fn append(&mut self, archive: &Archive, events: Vec<Event>) {
        self.journal.push(events.clone());
        self.all.extend(events.clone());
        archive.accept(self.journal.len() as u64, events);
    }

    async fn check(&self, archive: &Archive, when: &str) {
        for site in [SiteId(0), SiteId(1)] {
            let view = archive.view(site).await.unwrap();
            let of_site = self.all.iter().filter(|event| event.site == site).cloned();
            let whole = Part::of(
                of_site
                    .map(|event| Event {
                        site: SiteId(0),
                        ..event
                    })
                    .collect(),
            );
            assert_eq!(
                archive.first_event(site),
                whole.first_event(),
                "{when}, site {}",
                site.0
            );
            let (got, want) = (traffic::visits_of_view(&view), traffic::visits([(&whole, None)]));
            assert!(
                got == want,
                "{when}: {} visits instead of {}",
                got.len(),
                want.len()
            );
        }
    }

    /// Files of segments on disk that are not listed, or listed and not on disk.
    fn strays(&self, archive: &Archive) -> Vec<String> {
        let mut listed: Vec<String> = [SiteId(0), SiteId(1)]
            .into_iter()
            .flat_map(|site| archive.segments(site))
            .flat_map(|segment| segment.files())
            .collect();
        let (mut strays, mut folders) = (Vec::new(), vec![self.folder.path().join("segments")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path
                    .strip_prefix(self.folder.path())
                    .unwrap()
                    .display()
                    .to_string();
                match listed.iter().position(|file| *file == name) {
                    Some(place) => drop(listed.swap_remove(place)),
                    None => strays.push(name),
                }
            }
        }
        strays.extend(listed);
        strays
    }
}

/// Events of two sites over two days around the end of a month.
fn some(dice: &mut Dice, count: u64) -> Vec<Event> {
    (0..dice.roll(count))
        .map(|_| Event {
            site: SiteId(dice.roll(4).min(1) as u32),
            ..traffic::event(dice, 12, 200, 11 * 60_000)
        })
        .collect()
}

/// Events of site 0 that occur nowhere else.
fn log(dice: &mut Dice, batch: u64, count: u64) -> Vec<Event> {
    (0..count)
        .map(|place| {
            let mut event = traffic::event(dice, 5, 200, 11 * 60_000);
            event.visitor = VisitorKey(event.visitor.0 / 3 + 1_000_000 * batch);
            event.time.0 += place as i64 % 7;
            event
        })
        .collect()
}

async fn import(archive: &Archive, events: &[Event]) -> Counted {
    let mut import = archive.import(SiteId(0), NOW).await.unwrap();
    for events in events.chunks(23) {
        import.add(events.to_vec()).await.unwrap();
    }
    import.finish().await.unwrap()
}

/// Takes the pages and some of the visitors of site 0.
async fn scrub(archive: &Archive, all: &mut Vec<Event>, dry: bool) {
    fn rule(mut event: Event) -> Result<Event, DataType> {
        if event.visitor.0.is_multiple_of(5) {
            return Err(DataType::Action);
        }
        event.texts.clear(Column::Page);
        Ok(event)
    }
    let scrub = Scrub {
        rule: Arc::new(rule),
        key_of_day: None,
        dry,
    };
    let (before, generation) = (archive.figures(), archive.segments(SiteId(0)));
    let scrubbed = archive.scrub(SiteId(0), scrub.clone(), |_, _| {}).await.unwrap();
    if dry {
        assert_eq!(archive.segments(SiteId(0)), generation, "nothing was changed");
        assert_eq!(archive.figures(), before);
        return;
    }
    let events = generation.iter().map(|segment| segment.events).sum::<i64>();
    assert_eq!(scrubbed.events, events as u64);
    let again = archive.scrub(SiteId(0), scrub, |_, _| {}).await.unwrap();
    assert!(again.is_nothing(), "{again:?}");
    let (of_site, others): (Vec<_>, Vec<_>) = all.drain(..).partition(|event| event.site == SiteId(0));
    let gone = of_site.len();
    *all = of_site.into_iter().filter_map(|event| rule(event).ok()).collect();
    let gone = gone - all.len();
    assert_eq!(
        scrubbed.gone.get(&DataType::Action).copied().unwrap_or(0),
        gone as u64
    );
    all.extend(others);
}

/// Everything in any order, and after each step the same answers as from all events read at once.
async fn live(catalog: Trial, seed: u64) {
    let mut dice = Dice(seed);
    let mut world = World::new(catalog);
    let mut archive = world.open().await;
    for step in 0..30 {
        let what = dice.roll(10);
        let when = format!("seed {seed}, step {step}, {what}");
        match what {
            0..=2 => {
                let events = some(&mut dice, 40);
                world.append(&archive, events);
            }
            3 => {
                archive.flush(NOW).await.unwrap();
            }
            4 => {
                archive.compact(NOW).await.unwrap();
            }
            5 => {
                archive.compact_fully(SiteId(0), NOW).await.unwrap();
            }
            6 => archive = world.open().await,
            9 => {
                archive.flush(NOW).await.unwrap();
                scrub(&archive, &mut world.all, dice.roll(2) == 0).await;
            }
            7 => {
                let events = log(&mut dice, step, 50);
                let added = import(&archive, &events).await;
                assert_eq!((added.added, added.duplicates), (50, 0), "{when}");
                let again = import(&archive, &events).await;
                assert_eq!((again.added, again.duplicates), (0, 50), "{when}");
                world.all.extend(events);
            }
            _ => {
                // Another process does it, and this one notices late or not at all.
                let other = Archive::open(world.options().await).await.unwrap();
                let events = log(&mut dice, step + 500, 30);
                import(&other, &events).await;
                other.compact_fully(SiteId(0), NOW).await.unwrap();
                archive.refresh().await.unwrap();
                world.all.extend(events);
            }
        }
        world.check(&archive, &when).await;
    }
    assert_eq!(world.strays(&archive), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_stay_right_whatever_happens_in_whatever_order() {
    let mut all = tokio::task::JoinSet::new();
    for seed in 0..8 {
        all.spawn(live(sqldb::trial::sqlite().unwrap(), seed));
    }
    all.join_all().await;
    if let Some(trial) = sqldb::trial::postgres().await.unwrap() {
        live(trial, 99).await;
    }
}

/// A store whose process "ends" at a chosen write or removal, before or after carrying it out.
#[derive(Debug)]
struct Ending {
    inner: LocalFileSystem,
    left: AtomicI64,
    after: bool,
    ended: Notify,
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a store that ends")
    }
}

impl Ending {
    async fn step(&self, after: bool) {
        if after == self.after && self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.ended.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait::async_trait]
impl ObjectStore for Ending {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.step(false).await;
        let put = self.inner.put_opts(at, payload, options).await;
        self.step(true).await;
        put
    }
    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(at, options).await
    }
    fn delete_stream(&self, places: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        use futures::{FutureExt, StreamExt};
        // Whether the file goes before or after the end makes no difference to what is left to tidy up.
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.ended.notify_one();
            return std::future::pending().into_stream().boxed();
        }
        self.inner.delete_stream(places)
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Doing {
    Flush,
    Compact,
    Import,
}

/// Does it, ending at the given write; returns whether it came to its end before that.
async fn end_at(doing: Doing, write: i64, after: bool) -> bool {
    let mut dice = Dice(write as u64 * 2 + u64::from(after));
    let mut world = World::new(sqldb::trial::sqlite().unwrap());
    let store = Arc::new(Ending {
        inner: LocalFileSystem::new_with_prefix(world.folder.path()).unwrap(),
        left: AtomicI64::new(i64::MAX),
        after,
        ended: Notify::new(),
    });
    let archive = Archive::open(Options {
        store: Some(store.clone()),
        ..world.options().await
    })
    .await
    .unwrap();
    for _ in 0..3 {
        let events = some(&mut dice, 80);
        world.append(&archive, events);
        archive.flush(NOW).await.unwrap();
    }
    store.left.store(write, Ordering::SeqCst);
    let (events, lines) = (some(&mut dice, 80), log(&mut dice, 7, 60));
    world.append(&archive, events);
    let work = async {
        match doing {
            Doing::Flush => drop(archive.flush(NOW).await.unwrap()),
            Doing::Compact => drop(archive.compact(NOW).await.unwrap()),
            Doing::Import => drop(import(&archive, &lines).await),
        }
    };
    let done = tokio::select! {
        () = work => true,
        () = store.ended.notified() => false,
    };
    drop(archive);
    let unfinished = world.folder.path().join("segments/site=shop.example/period=2026");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("999.visits.parquet#1"), "half").unwrap();
    let archive = world.open().await;
    let when = format!("{doing:?} ended at write {write}, after it: {after}");
    assert_eq!(world.strays(&archive), [""; 0], "{when}");
    if doing == Doing::Import {
        // What was broken off is repeated.
        let counted = import(&archive, &lines).await;
        assert_eq!(counted.added + counted.duplicates, 60, "{when}");
        world.all.extend(lines);
    }
    world.check(&archive, &when).await;
    archive.flush(NOW).await.unwrap();
    archive.compact(NOW).await.unwrap();
    world.check(&archive, &when).await;
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_may_end_at_any_write() {
    let mut all = tokio::task::JoinSet::new();
    for doing in [Doing::Flush, Doing::Compact, Doing::Import] {
        for after in [false, true] {
            all.spawn(async move {
                let mut write = 0;
                while !end_at(doing, write, after).await {
                    write += 1;
                }
                assert!(write >= 3, "{doing:?} writes at least the files of one segment");
            });
        }
    }
    all.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_overtaken_by_a_compaction_looks_again() {
    let mut world = World::new(sqldb::trial::sqlite().unwrap());
    let archive = world.open().await;
    for seed in 0..4 {
        world.append(&archive, some(&mut Dice(seed), 80));
        archive.flush(NOW).await.unwrap();
    }
    let late = Archive::open(Options {
        cache_bytes: 0,
        ..world.options().await
    })
    .await
    .unwrap();
    archive.compact_fully(SiteId(0), NOW).await.unwrap();
    world
        .check(&late, "files are gone that the list still names")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_hold_off_compaction_and_one_another() {
    let world = World::new(sqldb::trial::sqlite().unwrap());
    let (archive, other) = (world.open().await, world.open().await);
    let lines = log(&mut Dice(1), 1, 60);
    // The same line twice is two events, and none the second time.
    let twice: Vec<Event> = lines.iter().chain(&lines).cloned().collect();
    let first = archive.import(SiteId(0), NOW).await.unwrap();
    assert!(matches!(other.import(SiteId(0), NOW).await, Err(Error::Busy(_))));
    assert!(other.import(SiteId(1), NOW).await.is_ok());
    assert_eq!(other.compact_fully(SiteId(0), NOW).await.unwrap(), 0);
    drop(first);
    assert_eq!(
        import(&archive, &twice).await,
        Counted {
            added: 120,
            duplicates: 0
        }
    );
    assert_eq!(
        import(&other, &twice).await,
        Counted {
            added: 0,
            duplicates: 120
        }
    );
    assert_eq!(
        import(&other, &lines).await,
        Counted {
            added: 0,
            duplicates: 60
        }
    );
    assert!(other.compact_fully(SiteId(0), NOW).await.unwrap() > 0);
    assert_eq!(
        import(&other, &lines).await,
        Counted {
            added: 0,
            duplicates: 60
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn views_cost_nothing_while_nothing_changes_and_change_when_it_does() {
    let mut world = World::new(sqldb::trial::sqlite().unwrap());
    let archive = world.open().await;
    world.append(&archive, some(&mut Dice(3), 90));
    let first = archive.view(SiteId(0)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &archive.view(SiteId(0)).await.unwrap()));
    world.append(&archive, log(&mut Dice(4), 1, 1));
    let second = archive.view(SiteId(0)).await.unwrap();
    assert_ne!(first.generation, second.generation);
    assert!(!archive.flush_due(NOW), "the first look only starts the clock");
    assert!(archive.flush_due(NOW.plus_ms(archive.0.options.flush_after_ms)));
    assert_eq!(archive.flush(NOW).await.unwrap(), 2);
    assert_eq!(archive.figures().tail_events, 0);
    assert_eq!(archive.figures().events, world.all.len() as i64);
    assert_eq!(
        archive.flush(NOW).await.unwrap(),
        2,
        "an empty tail is flushed at once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_some_days_has_every_visit_of_those_days() {
    let mut world = World::new(sqldb::trial::sqlite().unwrap());
    let archive = world.open().await;
    let mut dice = Dice(11);
    let mut events: Vec<Event> = (0..900)
        .map(|_| traffic::event(&mut dice, 40, 4_000, 23 * 60_000))
        .collect();
    // A base that is split while it takes in a delta keeps what the delta does not touch.
    events.sort_by_key(|event| event.time);
    let late = events.split_off(100);
    for events in [events, late] {
        world.append(&archive, events);
        archive.flush(NOW).await.unwrap();
        archive.compact_fully(SiteId(0), NOW).await.unwrap();
        world.check(&archive, "bases are split").await;
    }
    assert!(archive.segments(SiteId(0)).len() > 5);
    let whole = archive.view(SiteId(0)).await.unwrap();
    for day in [0, 5, 31, 60] {
        let (from, to) = (
            Moment(traffic::START_MS + day * 86_400_000),
            Moment(traffic::START_MS + (day + 2) * 86_400_000),
        );
        let some = archive.view_between(SiteId(0), from, to).await.unwrap();
        assert!(some.parts.len() < whole.parts.len());
        let touching = |visits: Vec<Vec<Event>>| -> Vec<Vec<Event>> {
            visits
                .into_iter()
                .filter(|v| v[0].time < to && v[v.len() - 1].time >= from)
                .collect()
        };
        let want = touching(traffic::visits_of_view(&whole));
        assert!(!want.is_empty());
        assert_eq!(touching(traffic::visits_of_view(&some)), want);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_have_every_event_once_in_every_format() {
    let mut world = World::new(sqldb::trial::sqlite().unwrap());
    let archive = world.open().await;
    world.append(&archive, log(&mut Dice(5), 1, 300));
    archive.flush(NOW).await.unwrap();
    archive.compact_fully(SiteId(0), NOW).await.unwrap();
    world.append(&archive, log(&mut Dice(6), 2, 100));
    let out = tempfile::tempdir().unwrap();
    for table in Table::ALL {
        let mut rows = Vec::new();
        for format in Format::ALL {
            let told = Arc::new(Mutex::new((0, 0)));
            let heard = told.clone();
            let export = Export {
                table,
                format,
                out_dir: out.path().join("new"),
            };
            let exported = archive
                .export(SiteId(0), export, move |done, total| {
                    *heard.lock().unwrap() = (done, total);
                })
                .await
                .unwrap();
            assert_eq!(*told.lock().unwrap(), (exported.rows, exported.rows));
            assert_eq!(exported.bytes, std::fs::metadata(&exported.path).unwrap().len());
            rows.push(exported.rows);
            if format != Format::Parquet {
                let text = std::fs::read_to_string(&exported.path).unwrap();
                assert_eq!(
                    text.lines().count() as u64,
                    exported.rows + u64::from(format == Format::Csv)
                );
            }
            if format == Format::Ndjson {
                let text = std::fs::read_to_string(&exported.path).unwrap();
                for line in text.lines() {
                    assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["visitor"].is_string());
                }
            }
        }
        assert!(rows.iter().all(|n| *n == rows[0]));
        if table == Table::Events {
            assert_eq!(rows[0], 400);
        }
    }
}
