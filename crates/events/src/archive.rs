//! The archive of all sites: what is open, what is listed, and what is still in the tail.

use crate::{
    Error, Part, Segment, View,
    cache::Cache,
    catalog::{Catalog, Commit, Listing},
    intake::Intake,
    lock::{Lock, WRITING},
    segment::{Label, TABLES, decode, encode},
    shelf::Shelf,
    survey::Fault,
    tail::Tail,
};
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use rustc_hash::{FxHashMap, FxHashSet};
use sqldb::Database;
use std::{
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use vocabulary::{Domain, Event, Moment, SiteId};

/// Names the folder of a site; see [`folder_of_domain`].
pub type FolderOf = Arc<dyn Fn(SiteId) -> String + Send + Sync>;

/// The folder name of a site by its domain; by its number if the register does not know it (any more).
pub fn folder_of_domain(site: SiteId, domain: Option<&Domain>) -> String {
    domain.map_or_else(|| format!("site-{}", site.0), Domain::folder)
}

/// What an archive is opened with.
#[derive(Clone)]
pub struct Options {
    /// The folder that holds `segments/` and the locks; made if missing.
    pub dir: PathBuf,
    /// The database of the catalog.
    pub catalog: Database,
    /// Where segments are; the local folder `dir` unless set.
    pub store: Option<Arc<dyn ObjectStore>>,
    /// Names the folder of a site.
    pub folder_of: FolderOf,
    /// What segments read may take in memory, in bytes, beyond those of the view in hand.
    pub cache_bytes: usize,
    /// A flush is due when so many events wait.
    pub flush_events: usize,
    /// A flush is due when events have waited for so long since the last one, in milliseconds.
    pub flush_after_ms: i64,
    /// A base segment that covers a year is split into months if it holds more events.
    pub year_events: i64,
    /// A base segment that covers a month is split into days if it holds more events.
    pub base_events: i64,
    /// So many deltas of one site are merged.
    pub deltas: usize,
    /// An import commits each time it has so many new events.
    pub import_events: usize,
}

impl Options {
    /// The usual settings, with folders named by site number.
    pub fn new(dir: impl Into<PathBuf>, catalog: Database) -> Self {
        Self {
            dir: dir.into(),
            catalog,
            store: None,
            folder_of: Arc::new(|site| folder_of_domain(site, None)),
            cache_bytes: 256 << 20,
            flush_events: 100_000,
            flush_after_ms: 5 * vocabulary::moment::MINUTE_MS,
            year_events: 250_000,
            base_events: 2_000_000,
            deltas: 8,
            import_events: 400_000,
        }
    }
}

/// What is known of the segments, and the tail: always changed together, so that no event is seen twice or missed.
#[derive(Default)]
pub(crate) struct State {
    generation: i64,
    flushed: u64,
    pub(crate) sites: FxHashMap<SiteId, Vec<Segment>>,
    pub(crate) tail: Tail,
}

/// The archive; cheap to clone, all clones are one.
#[derive(Clone)]
pub struct Archive(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) catalog: Catalog,
    pub(crate) intake: Intake,
    state: Mutex<State>,
    pub(crate) cache: Mutex<Cache>,
    pub(crate) shelf: Mutex<Shelf>,
    /// Held by the flush that runs; the time of the last one.
    pub(crate) flushing: tokio::sync::Mutex<()>,
    pub(crate) last_flush: Mutex<Option<Moment>>,
    written_bytes: AtomicU64,
    /// Numbers of segments that could not be read when that was last tried.
    pub(crate) unreadable: Mutex<FxHashMap<i64, Fault>>,
}

/// Figures for `/metrics` and for "how fresh is this".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sites with segments.
    pub sites: usize,
    /// Live segments.
    pub segments: usize,
    /// Those of them that wait for compaction.
    pub deltas: usize,
    /// Events in segments.
    pub events: i64,
    /// Size of all segments.
    pub bytes: i64,
    /// Events not yet in segments.
    pub tail_events: usize,
    /// What those take in memory.
    pub tail_bytes: usize,
    /// What segments read take in memory.
    pub cache_bytes: usize,
    /// Journal position up to which events are in segments.
    pub flushed_position: u64,
    /// Size of all segments that this process has written, also those since replaced.
    pub written_bytes: u64,
    /// When this process last flushed.
    pub last_flush: Option<Moment>,
    /// Live segments that cannot be read; see [`Archive::survey`].
    pub unreadable: usize,
}

/// Nobody panics while holding one of these locks; if someone did, what they guard is still whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Archive {
    /// Opens the archive, making what is missing, and removes files that no commit has listed, unless another process
    /// is writing just now.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let failed = |e| Error::storage(options.dir.display().to_string(), e);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(options.dir.join("segments"))
            .map_err(failed)?;
        let store = match &options.store {
            Some(store) => store.clone(),
            None => Arc::new(
                LocalFileSystem::new_with_prefix(&options.dir)
                    .map_err(|e| Error::storage(options.dir.display().to_string(), e))?
                    .with_fsync(true),
            ),
        };
        let catalog = Catalog::open(options.catalog.clone()).await?;
        let (intake, worker) = Intake::new();
        let archive = Self(Arc::new(Inner {
            store,
            catalog,
            intake,
            state: Mutex::default(),
            cache: Mutex::new(Cache::new(options.cache_bytes)),
            shelf: Mutex::new(Shelf::new(options.cache_bytes)),
            flushing: tokio::sync::Mutex::default(),
            last_flush: Mutex::default(),
            written_bytes: AtomicU64::new(0),
            unreadable: Mutex::default(),
            options,
        }));
        worker.start(Arc::downgrade(&archive.0));
        let alone = Lock::take(&archive.0.options.dir, WRITING)?;
        archive.refresh().await?;
        if alone.is_some() {
            archive.remove_leftovers().await?;
        }
        Ok(archive)
    }

    /// The folder that the paths of segments start from.
    pub fn dir(&self) -> &std::path::Path {
        &self.0.options.dir
    }

    /// The journal position up to which events are in segments: replay starts after it. 0 if nothing was ever flushed.
    pub fn flushed_position(&self) -> u64 {
        lock(&self.0.state).flushed
    }

    /// Takes in events that the journal holds durably at `position` (above 0). Called in the journal's order; what is
    /// in segments already is passed over, so a replay may begin anywhere before [`Archive::flushed_position`].
    /// Cheap as a rule: a thread puts the events into order. If they come faster than it can take them, they are put
    /// into order here, so that they never pile up.
    pub fn accept(&self, position: u64, events: Vec<Event>) {
        if self.0.intake.push(position, events) {
            drop(self.state());
        }
    }

    /// The state with all accepted events in the tail.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.0.state);
        for (position, events) in self.0.intake.take() {
            if position > state.flushed {
                state.tail.push(position, events);
            }
        }
        state
    }

    /// Takes notice of what other processes have committed. One small query if they have not; to be called each second.
    pub async fn refresh(&self) -> Result<(), Error> {
        let generation = self.0.catalog.generation().await?;
        if generation != lock(&self.0.state).generation {
            self.apply(self.0.catalog.list().await?);
        }
        Ok(())
    }

    /// Makes a change in the catalog and here.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<(), Error> {
        let generation = self.0.catalog.commit(&commit).await?;
        {
            let mut state = self.state();
            if generation == state.generation + 1 {
                state.generation = generation;
                for (site, id) in &commit.remove {
                    state.sites.entry(*site).or_default().retain(|s| s.id != *id);
                }
                for segment in commit.add {
                    state.sites.entry(segment.site).or_default().push(segment);
                }
                if let Some(flushed) = commit.flushed {
                    state.flushed = flushed;
                    state.tail.forget(flushed);
                }
                drop(state);
                self.let_go();
                return Ok(());
            }
        }
        // Someone else has committed in between.
        self.apply(self.0.catalog.list().await?);
        Ok(())
    }

    /// Replaces what is known of the segments, and takes from the tail what is in them.
    fn apply(&self, listing: Listing) {
        let mut state = self.state();
        if listing.generation <= state.generation {
            return;
        }
        state.generation = listing.generation;
        state.flushed = listing.flushed;
        state.tail.forget(listing.flushed);
        state.sites.clear();
        for segment in listing.segments {
            state.sites.entry(segment.site).or_default().push(segment);
        }
        drop(state);
        self.let_go();
    }

    /// Lets go of views of segments that are no longer listed. Their parts leave the cache as they go unused.
    fn let_go(&self) {
        let state = lock(&self.0.state);
        lock(&self.0.shelf).retain(|site, id| {
            let segments = state.sites.get(&site);
            segments.is_some_and(|segments| segments.iter().any(|s| s.id == id))
        });
    }

    /// A site's segments, oldest first.
    pub fn segments(&self, site: SiteId) -> Vec<Segment> {
        lock(&self.0.state).sites.get(&site).cloned().unwrap_or_default()
    }

    /// When a site's first event happened that metrics count. Costs next to nothing: segments are listed with it.
    pub fn first_event(&self, site: SiteId) -> Option<Moment> {
        let state = self.state();
        let segments = state.sites.get(&site).into_iter().flatten();
        segments
            .filter_map(|segment| segment.first_event)
            .chain(state.tail.first_event(site))
            .min()
    }

    /// Figures of the whole archive.
    pub fn figures(&self) -> Figures {
        let unreadable = self.unreadable();
        let state = self.state();
        let segments = || state.sites.values().flatten();
        Figures {
            sites: state.sites.values().filter(|s| !s.is_empty()).count(),
            segments: segments().count(),
            deltas: segments().filter(|s| s.rank == crate::Rank::Delta).count(),
            events: segments().map(|s| s.events).sum(),
            bytes: segments().map(|s| s.bytes).sum(),
            tail_events: state.tail.events(),
            tail_bytes: state.tail.bytes(),
            cache_bytes: lock(&self.0.cache).bytes(),
            flushed_position: state.flushed,
            written_bytes: self.0.written_bytes.load(Ordering::Relaxed),
            last_flush: *lock(&self.0.last_flush),
            unreadable,
        }
    }

    /// How many of a site's events are in memory and journal only.
    pub fn tail_events(&self, site: SiteId) -> usize {
        self.state().tail.events_of(site)
    }

    /// The picture of a site's whole archive as of now: every event accepted before the call is in it.
    pub async fn view(&self, site: SiteId) -> Result<Arc<View>, Error> {
        self.view_between(site, Moment(i64::MIN), Moment(i64::MAX)).await
    }

    /// The part of a segment, from memory or from its files.
    pub(crate) async fn part(&self, segment: &Segment) -> Result<Arc<Part>, Error> {
        if let Some(part) = lock(&self.0.cache).get(segment.id) {
            return Ok(part);
        }
        let part = Arc::new(self.read(segment).await?);
        self.cache(segment, part.clone());
        Ok(part)
    }

    /// Keeps a part in memory; views of parts that had to leave go with them.
    pub(crate) fn cache(&self, segment: &Segment, part: Arc<Part>) {
        let left = lock(&self.0.cache).put(segment.id, part);
        lock(&self.0.shelf).forget(&left, segment.site);
    }

    /// Reads a segment from its files, and remembers if it cannot be read.
    pub(crate) async fn read(&self, segment: &Segment) -> Result<Part, Error> {
        let read = self.decoded(segment).await;
        self.note_read(segment, &read);
        read
    }

    async fn decoded(&self, segment: &Segment) -> Result<Part, Error> {
        let mut tables = Vec::new();
        for file in segment.files() {
            let failed = |e: object_store::Error| Error::storage(file.clone(), e);
            let found = self.0.store.get(&path(&file)?).await.map_err(failed)?;
            tables.push(found.bytes().await.map_err(failed)?);
        }
        let tables = tables.try_into().expect("a segment has three files");
        let decoded = tokio::task::spawn_blocking(move || decode(tables))
            .await
            .map_err(|e| Error::storage(segment.path.clone(), e))?;
        decoded.map_err(|malformed| Error::Corrupt {
            path: segment.path.clone(),
            what: malformed.to_string(),
        })
    }

    /// Writes a part's files under a reserved number; the segment is live when a commit lists it.
    pub(crate) async fn write(&self, part: Arc<Part>, mut segment: Segment) -> Result<Segment, Error> {
        segment.visitors = part.visitors.len() as i64;
        segment.visits = part.visits() as i64;
        segment.events = part.events() as i64;
        segment.first_event = part.first_event();
        let folder = (self.0.options.folder_of)(segment.site);
        let period = crate::period::name_of_range(&segment.range);
        segment.path = format!("segments/site={folder}/period={period}/{}", segment.id);
        let rank = segment.rank;
        let encoded = tokio::task::spawn_blocking(move || {
            encode(
                &part,
                &Label {
                    site: &folder,
                    period: &period,
                    rank,
                },
            )
        })
        .await
        .map_err(|e| Error::storage(segment.path.clone(), e))?
        .map_err(|e| Error::storage(segment.path.clone(), e))?;
        segment.bytes = encoded.iter().map(|file| file.len() as i64).sum();
        let written = &self.0.written_bytes;
        written.fetch_add(segment.bytes as u64, Ordering::Relaxed);
        for (file, bytes) in segment.files().into_iter().zip(encoded) {
            let put = self.0.store.put(&path(&file)?, bytes.into()).await;
            put.map_err(|e| Error::storage(file, e))?;
        }
        Ok(segment)
    }

    /// Removes the files of segments that are not (or no longer) listed. What cannot be removed now is a leftover for
    /// the next start.
    pub(crate) async fn remove_files(&self, segments: &[Segment]) {
        for segment in segments {
            lock(&self.0.cache).remove(segment.id);
            for file in segment.files() {
                let removed = match path(&file) {
                    Ok(path) => self
                        .0
                        .store
                        .delete(&path)
                        .await
                        .map_err(|e| Error::storage(file.clone(), e)),
                    Err(e) => Err(e),
                };
                if let Err(error) = removed {
                    tracing::debug!(file, %error, "an old segment file stays until the next start");
                }
            }
        }
    }

    /// Removes all files that belong to no listed segment: a process ended before its commit, or before it could tidy
    /// up after one. The caller sees to it that nobody is writing.
    async fn remove_leftovers(&self) -> Result<(), Error> {
        remove_unfinished(&self.0.options.dir.join("segments"));
        let live: FxHashSet<String> = lock(&self.0.state)
            .sites
            .values()
            .flatten()
            .flat_map(Segment::files)
            .collect();
        let root = path("segments")?;
        let failed = |e| Error::storage("segments", e);
        let found: Vec<_> = self
            .0
            .store
            .list(Some(&root))
            .map_ok(|file| file.location)
            .try_collect()
            .await
            .map_err(failed)?;
        let ours = |name: &str| TABLES.iter().any(|t| name.ends_with(&format!(".{t}.parquet")));
        let leftovers: Vec<Path> = found
            .into_iter()
            .filter(|file| ours(file.as_ref()) && !live.contains(file.as_ref()))
            .collect();
        if leftovers.is_empty() {
            return Ok(());
        }
        tracing::info!(
            files = leftovers.len(),
            "removing segment files that no commit has listed"
        );
        let leftovers = futures::stream::iter(leftovers.into_iter().map(Ok)).boxed();
        self.0
            .store
            .delete_stream(leftovers)
            .try_for_each(|_| async { Ok(()) })
            .await
            .map_err(failed)
    }
}

/// Removes files that were being written when a process ended: the local store names them `….parquet#N` and does not
/// list them.
fn remove_unfinished(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            remove_unfinished(&path);
        } else if entry.file_name().to_string_lossy().contains(".parquet#") {
            // One that cannot be removed is tried again at the next start.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A path in the store.
pub(crate) fn path(text: &str) -> Result<Path, Error> {
    Path::parse(text).map_err(|e| Error::storage(text, e))
}
