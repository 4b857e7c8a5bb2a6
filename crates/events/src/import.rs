//! Events of logs, straight into segments: from any process, also beside a running server.

use crate::{
    Archive, Error, Part, Segment,
    catalog::Commit,
    lock::{COMPACTION, Lock, WRITING},
    tail::Heap,
};
use rustc_hash::FxHashMap;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    sync::Arc,
};
use vocabulary::{Column, Event, EventKind, Level, Moment, Sale, SiteId, VisitorKey};

/// How many events came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// New ones.
    pub added: u64,
    /// Those that the archive held already.
    pub duplicates: u64,
}

/// An import into one site. Each batch is committed by itself, so an import that broke off is simply repeated: what is
/// there already counts as duplicate.
///
/// Events are compared by what they are (visitor, time, kind, amounts and event columns) with those in segments when
/// the import began, as often as they occur: a log in which the same line stands twice adds two, and adds none
/// the second time.
pub struct Import {
    archive: Archive,
    site: SiteId,
    now: Moment,
    new: Heap,
    total: Counted,
    /// Segments at the beginning whose events are not counted yet.
    uncounted: Vec<Segment>,
    counted: Vec<Known>,
    _writing: Lock,
    _unchanged: Lock,
    _alone: Lock,
}

/// The events of one segment: how often each content occurs, less those met again.
struct Known {
    range: std::ops::Range<i64>,
    hashes: Vec<u64>,
    left: Vec<u32>,
}

impl Known {
    fn of(part: &Part, range: std::ops::Range<i64>) -> Self {
        let mut all = content_hashes(part);
        all.sort_unstable();
        let (mut hashes, mut left) = (Vec::new(), Vec::new());
        for run in all.chunk_by(|a, b| a == b) {
            hashes.push(run[0]);
            left.push(run.len() as u32);
        }
        Self { range, hashes, left }
    }

    fn take(&mut self, time: Moment, hash: u64) -> bool {
        if !self.range.contains(&time.0) {
            return false;
        }
        let Ok(place) = self.hashes.binary_search(&hash) else {
            return false;
        };
        let found = self.left[place] > 0;
        self.left[place] -= u32::from(found);
        found
    }
}

fn text_hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The content of an event, its event columns given as hashes of their texts (0 for none).
fn content_hash(
    visitor: VisitorKey,
    time: Moment,
    kind: EventKind,
    interactive: bool,
    sale: Option<&Sale>,
    texts: impl Iterator<Item = u64>,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    (visitor, time, kind, interactive, sale).hash(&mut hasher);
    texts.for_each(|text| text.hash(&mut hasher));
    hasher.finish()
}

fn content_hash_of(event: &Event, known: &mut FxHashMap<smol_str::SmolStr, u64>) -> u64 {
    let texts = Column::of(Level::Event).map(|column| match event.text(column) {
        None => 0,
        Some(text) => known.get(text).copied().unwrap_or_else(|| {
            let hash = text_hash(text);
            known.insert(text.into(), hash);
            hash
        }),
    });
    content_hash(
        event.visitor,
        event.time,
        event.kind,
        event.interactive,
        event.sale.as_ref(),
        texts,
    )
}

fn content_hashes(part: &Part) -> Vec<u64> {
    let columns: Vec<(&[u32], Vec<u64>)> = Column::of(Level::Event)
        .map(|column| {
            let texts = part.column(column);
            let mut hashes: Vec<u64> = texts.dictionary.iter().map(|text| text_hash(text)).collect();
            hashes[0] = 0;
            (texts.codes.as_slice(), hashes)
        })
        .collect();
    let mut all = Vec::with_capacity(part.events());
    for visitor in 0..part.visitors.len() {
        for row in part.visits_of(visitor).flat_map(|visit| part.events_of(visit)) {
            all.push(content_hash(
                part.visitors[visitor],
                part.event_time[row],
                part.event_kind[row],
                part.event_interactive[row],
                part.sale_of(row),
                columns.iter().map(|(codes, hashes)| hashes[codes[row] as usize]),
            ));
        }
    }
    all
}

impl Archive {
    /// Begins an import. [`Error::Busy`] if another one runs for the same site. Compaction waits until it is over.
    pub async fn import(&self, site: SiteId, now: Moment) -> Result<Import, Error> {
        let folder = &self.0.options.dir;
        let name = format!("import-{}.lock", site.0);
        let alone = Lock::take(folder, &name)?.ok_or(Error::Busy(name))?;
        let unchanged = Lock::share(folder, COMPACTION).await?;
        let writing = Lock::share(folder, WRITING).await?;
        self.refresh().await?;
        Ok(Import {
            archive: self.clone(),
            site,
            now,
            new: Heap::default(),
            total: Counted::default(),
            uncounted: self.segments(site),
            counted: Vec::new(),
            _writing: writing,
            _unchanged: unchanged,
            _alone: alone,
        })
    }
}

impl Import {
    /// Takes in events of the import's site, in any order; commits whenever there are enough new ones.
    pub async fn add(&mut self, events: Vec<Event>) -> Result<Counted, Error> {
        let mut counted = Counted::default();
        let times = || events.iter().map(|event| event.time.0);
        if let (Some(first), Some(last)) = (times().min(), times().max()) {
            self.count(first, last).await?;
        }
        let mut texts = FxHashMap::default();
        for event in events {
            debug_assert_eq!(event.site, self.site, "events of one site");
            let hash = content_hash_of(&event, &mut texts);
            if self.counted.iter_mut().any(|known| known.take(event.time, hash)) {
                counted.duplicates += 1;
            } else {
                counted.added += 1;
                self.new.push(event);
            }
        }
        self.total.added += counted.added;
        self.total.duplicates += counted.duplicates;
        if self.new.events() >= self.archive.0.options.import_events {
            self.commit().await?;
        }
        Ok(counted)
    }

    /// Commits the rest; returns what the whole import came to.
    pub async fn finish(mut self) -> Result<Counted, Error> {
        self.commit().await?;
        Ok(self.total)
    }

    /// Counts the events of segments that touch the time from `first` to `last` (milliseconds).
    async fn count(&mut self, first: i64, last: i64) -> Result<(), Error> {
        let touches = |s: &Segment| s.range.start <= last && first < s.range.end;
        let (touched, rest) = mem::take(&mut self.uncounted).into_iter().partition(touches);
        self.uncounted = rest;
        let touched: Vec<Segment> = touched;
        for segment in touched {
            let part = self.archive.read(&segment).await?;
            let range = segment.range;
            let known = tokio::task::spawn_blocking(move || Known::of(&part, range)).await;
            self.counted
                .push(known.map_err(|e| Error::storage("a segment's events", e))?);
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Error> {
        if self.new.events() == 0 {
            return Ok(());
        }
        let new = mem::take(&mut self.new);
        let part = tokio::task::spawn_blocking(move || Arc::new(new.take()))
            .await
            .map_err(|e| Error::storage("an import's events", e))?;
        let add = self
            .archive
            .write_deltas(vec![(self.site, part)], self.now)
            .await?;
        self.archive
            .commit(Commit {
                add,
                remove: Vec::new(),
                flushed: None,
            })
            .await
    }
}
