//! The files that are no longer written to, until they are released.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard};

use crate::counts::Tally;
use crate::header::file_name;
use crate::position::Position;
use crate::storage::Storage;

/// A file that is no longer written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FullFile {
    pub(crate) first: Position,
    pub(crate) last: Position,
    pub(crate) bytes: u64,
}

/// The files that are no longer written to, oldest first, until they are released.
///
/// Released files are deleted, not used again: a fresh file is zeros behind its last frame, which is what lets a reader
/// tell a clean end from a torn one; and filling it happens ahead of need, on a thread of its own.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<VecDeque<FullFile>>);

impl Shelf {
    fn files(&self) -> MutexGuard<'_, VecDeque<FullFile>> {
        self.0.lock().expect("nothing panics while it holds the shelf")
    }

    /// Adds a file younger than all others here.
    pub(crate) fn put(&self, file: FullFile) {
        self.files().push_back(file);
    }

    /// Whether there is a file with nothing after `up_to`.
    pub(crate) fn has(&self, up_to: Position) -> bool {
        self.files().front().is_some_and(|file| file.last <= up_to)
    }

    /// Deletes every file with nothing after `up_to`, oldest first. What cannot be deleted stays for the next time.
    pub(crate) fn clear<S: Storage>(&self, storage: &S, up_to: Position, tally: &Tally) -> io::Result<()> {
        let mut removed = false;
        loop {
            let oldest = self.files().front().copied().filter(|file| file.last <= up_to);
            let Some(file) = oldest else { break };
            match storage.remove(&file_name(file.first)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            self.files().pop_front();
            tally.file_gone(file.bytes);
            removed = true;
        }
        if removed { storage.sync_names() } else { Ok(()) }
    }
}
