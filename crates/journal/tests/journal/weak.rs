//! A real folder with an ailing disk.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use journal::{Folder, Storage, StoredFile};

/// A folder whose disk can be made full or broken while it is in use.
pub(crate) struct Weak {
    pub(crate) folder: Folder,
    pub(crate) ails: Arc<Ails>,
}

/// What is wrong with it now.
#[derive(Default)]
pub(crate) struct Ails {
    pub(crate) full: AtomicBool,
    pub(crate) sync_fails: AtomicBool,
}

/// A file of it.
pub(crate) struct WeakFile {
    file: std::fs::File,
    ails: Arc<Ails>,
}

impl Storage for Weak {
    type File = WeakFile;

    fn names(&self) -> io::Result<Vec<String>> {
        self.folder.names()
    }

    fn create(&self, name: &str, bytes: u64) -> io::Result<WeakFile> {
        if self.ails.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(WeakFile {
            file: self.folder.create(name, bytes)?,
            ails: self.ails.clone(),
        })
    }

    fn open(&self, name: &str) -> io::Result<WeakFile> {
        Ok(WeakFile {
            file: self.folder.open(name)?,
            ails: self.ails.clone(),
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.folder.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.folder.remove(name)
    }

    fn sync_names(&self) -> io::Result<()> {
        self.folder.sync_names()
    }
}

impl StoredFile for WeakFile {
    fn bytes(&self) -> io::Result<u64> {
        self.file.bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        StoredFile::read_at(&self.file, offset, into)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.ails.full.load(Ordering::SeqCst) {
            StoredFile::write_at(&self.file, offset, &bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        StoredFile::write_at(&self.file, offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        if self.ails.sync_fails.load(Ordering::SeqCst) {
            return Err(io::Error::other("broken on purpose"));
        }
        self.file.sync()
    }
}
