//! The log as it is read: which entries there are about whom.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use vocabulary::{PersonId, TaskId};

use crate::action::Action;
use crate::entry::{Actor, Entry};
use crate::error::Error;
use crate::frontier::{Frontier, stored_at};
use crate::hash::{self, Hash};
use crate::mirror::Mirror;
use crate::proof::Prover;

/// Whom or what entries are wanted about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum About {
    /// What concerns or was done by a person.
    Person(PersonId),
    /// What concerns or was done for a task.
    Task(TaskId),
    /// What concerns or was done by an account.
    Account(u32),
}

/// An entry and its place in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numbered {
    /// The number of the entry: the first ever is 0, each next one is one more.
    pub number: u64,
    /// The entry.
    pub entry: Entry,
}

const HASH_BYTES: u64 = 32;
const PLACE_BYTES: u64 = 8;
/// There is no earlier entry about this.
const NONE: u64 = u64::MAX;

/// What follows from the entries. In memory: the right edge of the tree, the last entry about each person, task and
/// account, and sums. In three files, all made anew or compared when the log is opened:
///
/// | file | what |
/// |---|---|
/// | `tree` | the hashes of the Merkle tree in the stored order (`frontier.rs`), 32 bytes each |
/// | `entries` | for each entry its bytes and, for each that it is [about](abouts), the number of the entry before it about the same, 8 bytes; all bits set if there is none |
/// | `places` | for each entry where it ends in `entries`, 8 bytes |
///
/// Numbers are little-endian.
pub(crate) struct Book {
    tree: Mirror,
    entries: Mirror,
    places: Mirror,
    frontier: Frontier,
    last: FxHashMap<About, u64>,
    values_read: u64,
    /// A file could not be written; what the memory holds is right all the same.
    broken: bool,
}

/// What of a book does not change any more, to be read without holding the book.
pub(crate) struct Pages {
    tree: Arc<File>,
    entries: Arc<File>,
    places: Arc<File>,
    size: u64,
}

impl Book {
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::storage("make the folder", folder))?;
        let mirror = |name| {
            let path = folder.join(name);
            Mirror::open(&path).map_err(Error::storage("open", &path))
        };
        Ok(Self {
            tree: mirror("tree")?,
            entries: mirror("entries")?,
            places: mirror("places")?,
            frontier: Frontier::default(),
            last: FxHashMap::default(),
            values_read: 0,
            broken: false,
        })
    }

    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    pub(crate) fn values_read(&self) -> u64 {
        self.values_read
    }

    /// The last entry about `about`.
    pub(crate) fn last(&self, about: About) -> Option<u64> {
        self.last.get(&about).copied()
    }

    /// Enters the next entry.
    pub(crate) fn add(&mut self, entry: &Entry, bytes: &[u8]) {
        let number = self.frontier.size();
        if entry.action == Action::Read {
            self.values_read += u64::from(entry.count);
        }
        let mut done = self.entries.push(bytes);
        for about in abouts(entry) {
            let before = self.last.insert(about, number).unwrap_or(NONE);
            done = done.and_then(|()| self.entries.push(&before.to_le_bytes()));
        }
        let end = self.entries.bytes();
        done = done.and_then(|()| self.places.push(&end.to_le_bytes()));
        let tree = &mut self.tree;
        self.frontier.push(hash::leaf(bytes), |hash| {
            if done.is_ok() {
                done = tree.push(hash);
            }
        });
        self.note(done);
    }

    /// Everything that was in the log has been added.
    pub(crate) fn caught_up(&mut self) -> io::Result<()> {
        let mut whole = true;
        for mirror in [&mut self.tree, &mut self.entries, &mut self.places] {
            whole &= mirror.caught_up()?;
        }
        if !whole {
            tracing::info!(
                entries = self.frontier.size(),
                "files made from the audit log were completed or made again"
            );
        }
        Ok(())
    }

    /// What there is, to be read.
    pub(crate) fn pages(&mut self) -> Result<Pages, Error> {
        for nth in 0..3 {
            let done = [&mut self.tree, &mut self.entries, &mut self.places][nth].settle();
            self.note(done);
        }
        if self.broken {
            return Err(Error::Derived);
        }
        Ok(Pages {
            tree: self.tree.file(),
            entries: self.entries.file(),
            places: self.places.file(),
            size: self.frontier.size(),
        })
    }

    fn note(&mut self, done: io::Result<()>) {
        if let Err(error) = done
            && !std::mem::replace(&mut self.broken, true)
        {
            tracing::error!(%error, "a file made from the audit log could not be written; entries are kept, open it anew to read them");
        }
    }
}

/// Everything an entry can be found by, each once.
fn abouts(entry: &Entry) -> impl Iterator<Item = About> {
    let actor = match entry.actor {
        Actor::Staff(account) => Some(About::Account(account)),
        Actor::Person(person) => Some(About::Person(person)),
        Actor::Job(_) | Actor::System => None,
    };
    let person = entry.subject.person.map(About::Person);
    let account = entry.subject.account.map(About::Account);
    [
        person,
        entry.subject.task.map(About::Task),
        account,
        actor.filter(|_| actor != person && actor != account),
    ]
    .into_iter()
    .flatten()
}

impl Pages {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The entries `from..to` in order; `to` is no more than there are.
    pub(crate) fn range(&self, from: u64, to: u64) -> Result<Vec<Numbered>, Error> {
        let mut found = Vec::with_capacity((to - from) as usize);
        self.each(from, to, |number, entry, _| {
            found.push(Numbered { number, entry });
        })?;
        Ok(found)
    }

    /// The entry `number` about `about`, and the number of the one before it.
    pub(crate) fn link(&self, number: u64, about: About) -> Result<(Entry, Option<u64>), Error> {
        let mut found = Err(Error::Derived);
        self.each(number, number + 1, |_, entry, before| {
            let nth = abouts(&entry).position(|one| one == about);
            let bytes = nth.and_then(|nth| before.get(nth * 8..)?.first_chunk());
            if let Some(bytes) = bytes {
                let before = u64::from_le_bytes(*bytes);
                // Towards the beginning only, so that no damage can make a circle.
                if before == NONE || before < number {
                    found = Ok((entry, (before != NONE).then_some(before)));
                }
            }
        })?;
        found
    }

    fn each(&self, from: u64, to: u64, mut each: impl FnMut(u64, Entry, &[u8])) -> Result<(), Error> {
        if from >= to {
            return Ok(());
        }
        let skipped = from.saturating_sub(1);
        let places = read(&self.places, skipped * PLACE_BYTES, (to - skipped) * PLACE_BYTES)?;
        let mut ends = places
            .chunks_exact(PLACE_BYTES as usize)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("a chunk has eight bytes")));
        let first = if from == 0 { 0 } else { ends.next().unwrap_or(0) };
        let ends: Vec<u64> = ends.collect();
        let last = ends.last().copied().unwrap_or(first);
        let length = last.checked_sub(first).ok_or(Error::Derived)?;
        if length > self.entries.metadata().map_err(|error| damaged(&error))?.len() {
            return Err(Error::Derived);
        }
        let bytes = read(&self.entries, first, length)?;
        let mut start = 0;
        for (number, end) in (from..to).zip(ends) {
            let end = end.checked_sub(first).ok_or(Error::Derived)? as usize;
            let record = bytes.get(start..end).ok_or(Error::Derived)?;
            let (entry, before) = Entry::decode_first(record).map_err(|_| Error::Derived)?;
            let written = &record[..record.len() - before.len()];
            if self.hash(stored_at(0, number))? != hash::leaf(written) {
                return Err(Error::Derived);
            }
            each(number, entry, before);
            start = end;
        }
        Ok(())
    }

    /// For proofs over the entries there are.
    pub(crate) fn prover(&self) -> Prover<impl FnMut(u64) -> Result<Hash, Error>> {
        Prover(|at| self.hash(at))
    }

    fn hash(&self, at: u64) -> Result<Hash, Error> {
        let mut hash = [0; HASH_BYTES as usize];
        self.tree
            .read_exact_at(&mut hash, at * HASH_BYTES)
            .map_err(|error| damaged(&error))?;
        Ok(hash)
    }
}

fn read(file: &File, from: u64, length: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, from)
        .map_err(|error| damaged(&error))?;
    Ok(bytes)
}

fn damaged(error: &io::Error) -> Error {
    tracing::error!(%error, "a file made from the audit log could not be read");
    Error::Derived
}
