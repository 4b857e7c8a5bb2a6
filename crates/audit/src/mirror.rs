//! A file that can be made again from the entries at any time.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// So much is compared or written at once, in bytes.
const PIECE_BYTES: usize = 128 << 10;

/// A file that can be made again from the entries at any time, and so is never synced. While the log is opened all its
/// bytes are made anew and compared with what is there: what is missing or wrong is written.
pub(crate) struct Mirror {
    file: Arc<File>,
    /// How many bytes of the file are as they must be.
    settled: u64,
    /// What follows them, not written yet.
    pending: Vec<u8>,
    /// Everything so far was there already.
    matches: bool,
    found: Vec<u8>,
}

impl Mirror {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        Ok(Self {
            file: Arc::new(file),
            settled: 0,
            pending: Vec::with_capacity(PIECE_BYTES),
            matches: true,
            found: Vec::new(),
        })
    }

    /// For reading what is settled.
    pub(crate) fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    /// The size of the file with all that was pushed, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.settled + self.pending.len() as u64
    }

    /// Adds bytes at the end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE_BYTES {
            self.settle()?;
        }
        Ok(())
    }

    /// Puts all that was pushed into the file.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        if self.matches {
            self.found.resize(self.pending.len(), 0);
            self.matches = match self.file.read_exact_at(&mut self.found, self.settled) {
                Ok(()) => self.found == self.pending,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
                Err(error) => return Err(error),
            };
        }
        if !self.matches {
            self.file.write_all_at(&self.pending, self.settled)?;
        }
        self.settled += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Everything that was in the log has been pushed: what is behind it in the file is cut off, and what comes from now
    /// on is new. Says whether the file was whole and right.
    pub(crate) fn caught_up(&mut self) -> io::Result<bool> {
        self.settle()?;
        let whole = self.matches && self.file.metadata()?.len() == self.settled;
        if !whole {
            self.file.set_len(self.settled)?;
        }
        self.matches = false;
        self.found = Vec::new();
        Ok(whole)
    }
}
