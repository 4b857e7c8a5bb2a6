//! The memory of recent event ids, by which a repeat is stored once.
//!
//! An id is *claimed* before its event goes to the journal, and *settled* when the journal says durable (on its writer
//! thread, also where the sender has gone away meanwhile). A claim whose append failed is given back. A repeat of an id
//! that is still being written is answered only once that is decided, since its 202 promises the same.
//!
//! Ids survive a restart: the journal's records carry them, and [`RecentIds::persist`] writes those of records about to
//! be released into a file. Files are named `TIME.ids` (milliseconds since 1970 of the call, 20 digits). Each holds the
//! magic `ANTIDS1\n`, then CRC-32C of what follows (u32, little-endian), then the ids (u64, little-endian).

use crate::Error;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use vocabulary::{Moment, moment::HOUR_MS};

/// How long an id is remembered, in milliseconds.
pub const REMEMBERED_MS: i64 = 72 * HOUR_MS;

const MAGIC: &[u8; 8] = b"ANTIDS1\n";
/// A generation of a shard is closed after this long, in milliseconds.
const GENERATION_MS: i64 = 12 * HOUR_MS;
/// Generations of a shard at most; each is closed early when it holds its share of the ids.
const GENERATIONS: usize = 8;
const SHARDS: usize = 16;

/// What a claim finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// Not known: it is now the caller's, to settle or give back.
    Fresh,
    /// Stored.
    Known,
    /// Being written by a request that is still waiting: see [`RecentIds::decided`].
    Writing,
    /// Was being written by a request that went away. After the journal's barrier it is either settled or free:
    /// see [`RecentIds::free_abandoned`].
    Abandoned,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Waiting,
    Gone,
}

struct Generation {
    since: Moment,
    last: Moment,
    ids: FxHashSet<u64>,
}

#[derive(Default)]
struct Shard {
    generations: VecDeque<Generation>,
    writing: FxHashMap<u64, Owner>,
}

impl Shard {
    fn knows(&self, id: u64, now: Moment) -> bool {
        let alive = |g: &&Generation| now.0 - g.last.0 <= REMEMBERED_MS;
        self.generations.iter().filter(alive).any(|g| g.ids.contains(&id))
    }

    fn remember(&mut self, id: u64, now: Moment, most: usize) {
        let current = self.generations.front();
        if current.is_none_or(|g| g.ids.len() >= most || now.0 - g.since.0 >= GENERATION_MS) {
            self.generations.push_front(Generation {
                since: now,
                last: now,
                ids: FxHashSet::default(),
            });
            self.generations.truncate(GENERATIONS);
            while self
                .generations
                .back()
                .is_some_and(|g| now.0 - g.last.0 > REMEMBERED_MS)
            {
                self.generations.pop_back();
            }
        }
        if let Some(current) = self.generations.front_mut() {
            current.last = current.last.max(now);
            current.ids.insert(id);
        }
    }
}

/// The memory. Shared by the door and by the journal's `on_durable` and `on_replay`.
pub struct RecentIds {
    folder: PathBuf,
    shards: [Mutex<Shard>; SHARDS],
    /// Positions of durable records with the ids that are in no file yet, in order.
    unsaved: Mutex<VecDeque<(u64, u64)>>,
    decided: Notify,
    /// The latest moment seen, which settling goes by.
    latest: AtomicU64,
    most_per_generation: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is complete at each point where it could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RecentIds {
    /// Opens the folder, which is made if it is not there, and reads what is not older than 72 hours at `now`.
    /// `most` bounds the ids in memory (about 20 bytes each); beyond it the oldest are forgotten early.
    /// A file cut short by a crash is passed over: its ids are still in the journal.
    pub fn open(folder: impl Into<PathBuf>, most: usize, now: Moment) -> Result<Self, Error> {
        let ids = Self {
            folder: folder.into(),
            shards: std::array::from_fn(|_| Mutex::default()),
            unsaved: Mutex::default(),
            decided: Notify::new(),
            latest: AtomicU64::new(now.0.max(0) as u64),
            most_per_generation: (most / SHARDS / GENERATIONS).max(16),
        };
        fs::create_dir_all(&ids.folder).map_err(|source| ids.failed(source))?;
        for (time, path) in ids.files()? {
            if now.0 - time.0 > REMEMBERED_MS {
                remove(&path)?;
                continue;
            }
            let bytes = fs::read(&path).map_err(|source| Error::Storage {
                path: path.clone(),
                source,
            })?;
            if let Some(read) = read_ids(&bytes) {
                read.for_each(|id| ids.remember(id, time));
            } else {
                tracing::warn!(
                    bytes = bytes.len(),
                    "a file of event ids was cut short and is passed over"
                );
            }
        }
        Ok(ids)
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Storage {
            path: self.folder.clone(),
            source,
        }
    }

    fn shard(&self, id: u64) -> MutexGuard<'_, Shard> {
        lock(&self.shards[(id >> 60) as usize % SHARDS])
    }

    fn remember(&self, id: u64, now: Moment) {
        self.shard(id).remember(id, now, self.most_per_generation);
    }

    /// Claims an id.
    pub fn claim(&self, id: u64, now: Moment) -> Claim {
        self.latest.fetch_max(now.0.max(0) as u64, Ordering::Relaxed);
        let mut shard = self.shard(id);
        match shard.writing.get(&id) {
            Some(Owner::Waiting) => Claim::Writing,
            Some(Owner::Gone) => Claim::Abandoned,
            None if shard.knows(id, now) => Claim::Known,
            None => {
                shard.writing.insert(id, Owner::Waiting);
                Claim::Fresh
            }
        }
    }

    /// The journal says that the record at `position`, with these ids, is durable. Call it on the writer thread,
    /// in order of positions, before anybody is told; and for each record replayed.
    pub fn settle(&self, position: u64, ids: &[u64]) {
        if ids.is_empty() {
            return;
        }
        let now = Moment(self.latest.load(Ordering::Relaxed) as i64);
        for id in ids {
            let mut shard = self.shard(*id);
            shard.writing.remove(id);
            shard.remember(*id, now, self.most_per_generation);
        }
        lock(&self.unsaved).extend(ids.iter().map(|id| (position, *id)));
        self.decided.notify_waiters();
    }

    /// The append of these ids failed: they are free again.
    pub fn give_back(&self, ids: &[u64]) {
        for id in ids {
            self.shard(*id).writing.remove(id);
        }
        self.decided.notify_waiters();
    }

    /// The request that claimed these ids went away before it knew what became of them.
    pub fn abandon(&self, ids: &[u64]) {
        for id in ids {
            if let Some(owner) = self.shard(*id).writing.get_mut(id) {
                *owner = Owner::Gone;
            }
        }
        self.decided.notify_waiters();
    }

    /// Frees an abandoned id that the journal's barrier has passed without settling it: it was never appended.
    pub fn free_abandoned(&self, id: u64) {
        let mut shard = self.shard(id);
        if shard.writing.get(&id) == Some(&Owner::Gone) {
            shard.writing.remove(&id);
        }
    }

    /// Waits until an id that is [`Claim::Writing`] no longer is.
    pub async fn decided(&self, id: u64) {
        loop {
            let decided = self.decided.notified();
            tokio::pin!(decided);
            decided.as_mut().enable();
            if self.shard(id).writing.get(&id) != Some(&Owner::Waiting) {
                return;
            }
            decided.await;
        }
    }

    /// Writes the ids of records up to `position` into a file and syncs it, and deletes files older than 72 hours.
    /// Call it before the journal releases these records, never twice at the same time.
    pub fn persist(&self, position: u64, now: Moment) -> Result<(), Error> {
        let payload: Vec<u8> = lock(&self.unsaved)
            .iter()
            .take_while(|(at, _)| *at <= position)
            .flat_map(|(_, id)| id.to_le_bytes())
            .collect();
        if !payload.is_empty() {
            let mut time = now.0.max(0);
            while self.path(time).exists() {
                time += 1;
            }
            self.write(&self.path(time), &payload)?;
        }
        // Only what is safe in a file is forgotten here; the writer thread may have added later ones meanwhile.
        lock(&self.unsaved).drain(..payload.len() / 8);
        for (time, path) in self.files()? {
            if now.0 - time.0 > REMEMBERED_MS {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn path(&self, time_ms: i64) -> PathBuf {
        self.folder.join(format!("{time_ms:020}.ids"))
    }

    fn write(&self, path: &Path, payload: &[u8]) -> Result<(), Error> {
        let unfinished = path.with_extension("new");
        let written = fs::File::create(&unfinished).and_then(|mut file| {
            file.write_all(MAGIC)?;
            file.write_all(&crc32c::crc32c(payload).to_le_bytes())?;
            file.write_all(payload)?;
            file.sync_all()?;
            fs::rename(&unfinished, path)?;
            fs::File::open(&self.folder)?.sync_all()
        });
        written.map_err(|source| Error::Storage {
            path: path.into(),
            source,
        })
    }

    /// The files with the time in their name, oldest first.
    fn files(&self) -> Result<Vec<(Moment, PathBuf)>, Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|source| self.failed(source))? {
            let path = entry.map_err(|source| self.failed(source))?.path();
            let time = path
                .file_stem()
                .and_then(|s| s.to_str())
                .and_then(|s| s.parse().ok());
            match (path.extension().and_then(|e| e.to_str()), time) {
                (Some("ids"), Some(time)) => files.push((Moment(time), path)),
                (Some("new"), Some(_)) => remove(&path)?,
                _ => {}
            }
        }
        files.sort();
        Ok(files)
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    fs::remove_file(path).map_err(|source| Error::Storage {
        path: path.into(),
        source,
    })
}

fn read_ids(bytes: &[u8]) -> Option<impl Iterator<Item = u64>> {
    let (sum, payload) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
    let (ids, rest) = payload.as_chunks::<8>();
    (rest.is_empty() && crc32c::crc32c(payload) == u32::from_le_bytes(*sum))
        .then(|| ids.iter().map(|id| u64::from_le_bytes(*id)))
}

#[cfg(test)]
mod tests;
