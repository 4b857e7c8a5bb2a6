//! A disk that forgets what was not synced, fails and fills up, as a seed will have it.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::random::Random;
use crate::storage::{Storage, StoredFile};

const SECTOR_BYTES: usize = 512;

/// A disk that forgets what was not synced. Clones are the same disk; [`Disk::copy`] makes another one.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<Platters>>);

/// What can go wrong next. Chances are per thousand operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// `sync` of a file fails; each of its dirty sectors is then on disk or not, and clean either way.
    pub(crate) sync_fails: u64,
    /// A write fails after a part of it.
    pub(crate) write_fails: u64,
    /// A write finds no space after a part of it.
    pub(crate) write_full: u64,
    /// New files find no space.
    pub(crate) create_full: bool,
    /// After this many more operations that change anything, the process is dead: everything fails.
    pub(crate) dies_in: Option<u64>,
}

#[derive(Clone, Debug)]
struct Platters {
    random: Random,
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    unsynced_names: Vec<Change>,
    faults: Faults,
    faults_seen: u64,
    /// The process died in the middle of an operation.
    dead: bool,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    /// What a reader sees.
    now: Vec<u8>,
    durable: Vec<u8>,
    /// What each dirty sector has been since the last sync.
    dirty: BTreeMap<usize, Vec<[u8; SECTOR_BYTES]>>,
}

#[derive(Clone, Debug)]
enum Change {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}

impl Inode {
    fn sector(&self, sector: usize) -> [u8; SECTOR_BYTES] {
        self.now[sector * SECTOR_BYTES..][..SECTOR_BYTES]
            .try_into()
            .unwrap()
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.now[offset..offset + bytes.len()].copy_from_slice(bytes);
        if !bytes.is_empty() {
            for sector in offset / SECTOR_BYTES..=(offset + bytes.len() - 1) / SECTOR_BYTES {
                let content = self.sector(sector);
                self.dirty.entry(sector).or_default().push(content);
            }
        }
    }

    /// Puts some of the versions each dirty sector had onto the disk, as `random` will have it.
    fn settle_dirty(&mut self, random: &mut Random) {
        let loses = [0, 100, 500, 900, 1000][random.below(5) as usize];
        for (sector, versions) in std::mem::take(&mut self.dirty) {
            if !random.chance(loses) {
                let version = versions[random.below(versions.len() as u64) as usize];
                self.durable[sector * SECTOR_BYTES..][..SECTOR_BYTES].copy_from_slice(&version);
            }
        }
    }
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Platters {
            random: Random::new(seed),
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            unsynced_names: Vec::new(),
            faults: Faults::default(),
            faults_seen: 0,
            dead: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap()
    }

    /// Another disk with the same content.
    pub(crate) fn copy(&self) -> Self {
        let mut platters = self.lock();
        platters.forget_nameless();
        Self(Arc::new(Mutex::new(platters.clone())))
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        let mut platters = self.lock();
        platters.faults = faults;
        platters.faults_seen = 0;
        platters.dead = false;
    }

    /// How often the disk has failed since its faults were set.
    pub(crate) fn faults_seen(&self) -> u64 {
        self.lock().faults_seen
    }

    /// The power goes: of everything not synced some is on disk, some not, in no order.
    pub(crate) fn lose_power(&self) {
        let mut platters = self.lock();
        let Platters {
            random,
            inodes,
            names,
            durable_names,
            unsynced_names,
            ..
        } = &mut *platters;
        for inode in inodes {
            inode.settle_dirty(random);
            inode.now.clone_from(&inode.durable);
        }
        // A file system keeps the order of its own changes, but for removals, which may come later than what follows.
        let kept = random.below(unsynced_names.len() as u64 + 1) as usize;
        for change in unsynced_names.drain(..).take(kept) {
            if !matches!(change, Change::Remove(_)) || random.chance(500) {
                change.apply(durable_names);
            }
        }
        names.clone_from(durable_names);
    }

    /// The bytes of `name`, to be damaged by `change`.
    pub(crate) fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut platters = self.lock();
        let inode = platters.names[name];
        let inode = &mut platters.inodes[inode];
        change(&mut inode.now);
        inode.durable.clone_from(&inode.now);
        inode.dirty.clear();
    }
}

impl Platters {
    /// Empties the files that nothing can open any more.
    fn forget_nameless(&mut self) {
        for (number, inode) in self.inodes.iter_mut().enumerate() {
            let named = |names: &BTreeMap<String, usize>| names.values().any(|inode| *inode == number);
            if self.unsynced_names.is_empty() && !named(&self.names) && !named(&self.durable_names) {
                *inode = Inode::default();
            }
        }
    }

    /// Counts an operation that changes something; fails if the process is dead by now.
    fn step(&mut self) -> io::Result<()> {
        match &mut self.faults.dies_in {
            Some(0) => {
                self.faults_seen += 1;
                self.dead = true;
                Err(io::Error::other("the process is dead"))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn happens(&mut self, chance: u64) -> bool {
        let happens = self.random.chance(chance);
        self.faults_seen += u64::from(happens);
        happens
    }
}

impl Storage for Disk {
    type File = OpenFile;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.lock().names.keys().cloned().collect())
    }

    fn create(&self, name: &str, bytes: u64) -> io::Result<OpenFile> {
        let mut platters = self.lock();
        platters.step()?;
        let content = vec![0; (bytes as usize).next_multiple_of(SECTOR_BYTES)];
        let full = platters.faults.create_full;
        platters.faults_seen += u64::from(full);
        let content = if full { Vec::new() } else { content };
        let inode = platters.inodes.len();
        platters.inodes.push(Inode {
            now: content.clone(),
            durable: content,
            dirty: BTreeMap::new(),
        });
        let change = Change::Create(name.to_owned(), inode);
        change.apply(&mut platters.names);
        platters.unsynced_names.push(change);
        if full {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(OpenFile {
                disk: self.clone(),
                inode,
            })
        }
    }

    fn open(&self, name: &str) -> io::Result<OpenFile> {
        let inode = *self.lock().names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(OpenFile {
            disk: self.clone(),
            inode,
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut platters = self.lock();
        platters.step()?;
        if !platters.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let change = Change::Rename(from.to_owned(), to.to_owned());
        change.apply(&mut platters.names);
        platters.unsynced_names.push(change);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut platters = self.lock();
        platters.step()?;
        if !platters.names.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let change = Change::Remove(name.to_owned());
        change.apply(&mut platters.names);
        platters.unsynced_names.push(change);
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut platters = self.lock();
        platters.step()?;
        let chance = platters.faults.sync_fails;
        if platters.happens(chance) {
            return Err(io::Error::other("names not synced"));
        }
        platters.unsynced_names.clear();
        platters.durable_names = platters.names.clone();
        Ok(())
    }
}

/// A file of a [`Disk`].
#[derive(Debug)]
pub(crate) struct OpenFile {
    disk: Disk,
    inode: usize,
}

impl StoredFile for OpenFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.disk.lock().inodes[self.inode].now.len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let platters = self.disk.lock();
        let content = &platters.inodes[self.inode].now;
        let rest = &content[content.len().min(offset as usize)..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut platters = self.disk.lock();
        let was_dead = platters.dead;
        let alive = platters.step();
        let (fails, full) = (platters.faults.write_fails, platters.faults.write_full);
        let broken = match alive {
            // Somewhere on the way.
            Err(dead) if !was_dead => Some(dead),
            Err(dead) => return Err(dead),
            Ok(()) if platters.happens(fails) => Some(io::Error::other("write failed")),
            Ok(()) if platters.happens(full) => Some(io::ErrorKind::StorageFull.into()),
            Ok(()) => None,
        };
        let length = match broken {
            Some(_) => platters.random.below(bytes.len().max(1) as u64) as usize,
            None => bytes.len(),
        };
        platters.inodes[self.inode].write(offset as usize, &bytes[..length]);
        broken.map_or(Ok(()), Err)
    }

    fn sync(&self) -> io::Result<()> {
        let mut platters = self.disk.lock();
        platters.step()?;
        let chance = platters.faults.sync_fails;
        let fails = platters.happens(chance);
        let Platters { random, inodes, .. } = &mut *platters;
        let inode = &mut inodes[self.inode];
        if fails {
            inode.settle_dirty(random);
            return Err(io::Error::other("sync failed"));
        }
        for (sector, _) in std::mem::take(&mut inode.dirty) {
            let content = inode.sector(sector);
            inode.durable[sector * SECTOR_BYTES..][..SECTOR_BYTES].copy_from_slice(&content);
        }
        Ok(())
    }
}
