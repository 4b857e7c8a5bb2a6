//! The journal as the rest of the program sees it.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::counts::{Counts, State, Tally};
use crate::error::Error;
use crate::frame::MAX_RECORD_BYTES;
use crate::log::Log;
use crate::options::Options;
use crate::position::Position;
use crate::queue::{Entry, Queue};
use crate::recovery::Recovery;
use crate::shelf::Shelf;
use crate::storage::Storage;
use crate::writer::Writer;

/// An append-only log of records, opaque bytes each. Records go in through [`append`](Self::append), come out through
/// the closure given to [`open`](Self::open) as soon as they are durable, and again at the next opening for as long as
/// nobody [released](Self::release) them.
///
/// With each record travels an attachment `T` for that closure, which never touches the disk: what the caller made the
/// bytes from, so that it need not be decoded again.
///
/// Dropping the journal closes it, without waiting.
pub struct Journal<T> {
    queue: Arc<Queue<T>>,
    shelf: Arc<Shelf>,
    tally: Arc<Tally>,
}

impl<T: Send + 'static> Journal<T> {
    /// Opens the journal in `storage`. Blocks on the disk: not for a thread that serves requests.
    ///
    /// First gives every record after `replay_after` to `on_replay`, each once and in order. `replay_after` is what
    /// the caller has safe elsewhere: files with nothing after it are deleted, and if the journal ends before it
    /// (restored from an older copy, say), the next record gets the position behind it all the same.
    ///
    /// From then on `on_durable` gets every record once it is on disk, in order, before its `append` resolves and also
    /// if nobody waits for that any more. It runs on the thread that writes: nothing is written meanwhile.
    /// If it panics the journal is poisoned.
    ///
    /// With a full disk the journal opens as [`State::Full`].
    pub fn open<S: Storage>(
        storage: S,
        options: Options,
        replay_after: Position,
        on_replay: impl FnMut(Position, &[u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
        on_durable: impl FnMut(Position, T) + Send + 'static,
    ) -> Result<(Self, Recovery), Error> {
        let (log, recovery) = Log::open(Arc::new(storage), options, replay_after, on_replay)?;
        let queue = Arc::new(Queue::new(options.queue_bytes));
        if log.active.is_none() {
            queue.set_state(State::Full);
        }
        let journal = Self {
            queue: queue.clone(),
            shelf: log.shelf.clone(),
            tally: log.tally.clone(),
        };
        Writer::start(log, queue, on_durable).map_err(Error::storage("start", "the journal's threads"))?;
        Ok((journal, recovery))
    }

    /// Appends `payload`; resolves when it is on disk, with its position. All records that wait at the same time are
    /// written and synced together.
    ///
    /// Never waits for room: [`Error::Busy`] at once when too much waits already, [`Error::Full`] while the disk is
    /// full. After these and [`Error::TooLarge`] the record will not be there; after [`Error::Poisoned`] it may be.
    ///
    /// The record is on its way with the first poll; dropping the future later does not take it back.
    pub async fn append(&self, payload: Vec<u8>, attachment: T) -> Result<Position, Error> {
        if payload.len() > MAX_RECORD_BYTES {
            return Err(Error::TooLarge { bytes: payload.len() });
        }
        let (tell, told) = oneshot::channel();
        self.queue.push(Entry::Record {
            payload,
            attachment,
            tell,
        })?;
        told.await.map_err(|_| self.queue.refusal())
    }

    /// Resolves when everything appended before is durable and passed on, or was refused; gives the last record that
    /// is durable.
    pub async fn barrier(&self) -> Result<Position, Error> {
        let (tell, told) = oneshot::channel();
        self.queue.push(Entry::Barrier(tell))?;
        match told.await {
            Ok(last) => Ok(last),
            Err(_) => match self.queue.refusal() {
                Error::Full => Ok(self.last_durable()),
                error => Err(error),
            },
        }
    }

    /// Like [`Journal::barrier`], and goes on to a new file: what was appended before is in files that a
    /// [`release`](Journal::release) deletes. For when bytes must be gone soon, not when the file is full.
    pub async fn turn_over(&self) -> Result<Position, Error> {
        let (tell, told) = oneshot::channel();
        self.queue.push(Entry::Turn(tell))?;
        told.await.map_err(|_| self.queue.refusal())
    }

    /// Whether a file is still there of which every record is at or before `up_to`.
    pub fn holds(&self, up_to: Position) -> bool {
        self.shelf.has(up_to)
    }

    /// Says that nobody will want the records up to `up_to` again. Files with no later record are deleted soon after,
    /// on another thread.
    pub fn release(&self, up_to: Position) {
        if self.shelf.has(up_to) {
            // A journal that takes no more entries deletes the files when it is opened the next time.
            let _ = self.queue.push(Entry::Release(up_to));
        }
    }

    /// Whether records are taken.
    pub fn state(&self) -> State {
        self.queue.state()
    }

    /// The last record that is on disk.
    pub fn last_durable(&self) -> Position {
        self.tally.last_durable()
    }

    /// Figures since opening.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// Takes nothing more, makes durable what waits, and lets go of all files and the lock of the folder.
    /// Fails if the journal was or became poisoned.
    pub async fn close(&self) -> Result<(), Error> {
        self.queue.close();
        self.queue.ended().await;
        match self.state() {
            State::Poisoned(why) => Err(Error::Poisoned(why)),
            State::Healthy | State::Full | State::Closed => Ok(()),
        }
    }
}

impl<T> Drop for Journal<T> {
    fn drop(&mut self) {
        self.queue.close();
    }
}
