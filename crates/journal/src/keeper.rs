//! A thread for what takes long and nobody waits for: filling the next file, deleting released ones.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use crate::counts::Tally;
use crate::log::{Log, Prepared};
use crate::position::Position;
use crate::shelf::Shelf;
use crate::storage::Storage;

enum Job<F> {
    Prepare {
        bytes: u64,
        answer: Sender<io::Result<Prepared<F>>>,
    },
    Release(Position),
}

/// The keeper, as the writer sees it.
pub(crate) struct Keeper<F> {
    jobs: Sender<Job<F>>,
    thread: JoinHandle<()>,
    ahead: Option<Receiver<io::Result<Prepared<F>>>>,
}

impl<F: crate::storage::StoredFile> Keeper<F> {
    pub(crate) fn start<S: Storage<File = F>>(log: &Log<S>) -> io::Result<Self> {
        let (storage, shelf, tally) = (log.storage.clone(), log.shelf.clone(), log.tally.clone());
        let (jobs, todo) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("journal-keeper".to_owned())
            .spawn(move || keep(&storage, &shelf, &tally, &todo))?;
        Ok(Self {
            jobs,
            thread,
            ahead: None,
        })
    }

    fn ask(&self, bytes: u64) -> Receiver<io::Result<Prepared<F>>> {
        let (answer, answered) = mpsc::channel();
        // A keeper that is gone shows when the answer does not come.
        let _ = self.jobs.send(Job::Prepare { bytes, answer });
        answered
    }

    /// Begins to fill a file of `bytes`, if that has not been done.
    pub(crate) fn prepare_ahead(&mut self, bytes: u64) {
        if self.ahead.is_none() {
            self.ahead = Some(self.ask(bytes));
        }
    }

    /// The file prepared ahead if it has at least `bytes`, else a new one. Waits for it.
    pub(crate) fn prepared(&mut self, bytes: u64) -> io::Result<Prepared<F>> {
        if let Some(Ok(Ok(prepared))) = self.ahead.take().map(|ahead| ahead.recv())
            && prepared.bytes >= bytes
        {
            return Ok(prepared);
        }
        self.ask(bytes)
            .recv()
            .map_err(|_| io::Error::other("the thread for it has ended"))?
    }

    /// Deletes files with nothing after `up_to`, some time.
    pub(crate) fn release(&self, up_to: Position) {
        let _ = self.jobs.send(Job::Release(up_to));
    }

    /// Ends the thread when it has done what it was asked for.
    pub(crate) fn end(self) {
        let Self { jobs, thread, ahead } = self;
        drop((jobs, ahead));
        // It would only have panicked over a broken invariant, and has said so.
        let _ = thread.join();
    }
}

fn keep<S: Storage>(storage: &Arc<S>, shelf: &Shelf, tally: &Tally, todo: &Receiver<Job<S::File>>) {
    for job in todo {
        match job {
            Job::Prepare { bytes, answer } => {
                let _ = answer.send(Prepared::make(&**storage, bytes));
            }
            Job::Release(up_to) => {
                if let Err(error) = shelf.clear(&**storage, up_to, tally) {
                    tracing::warn!(%error, "a released journal file could not be deleted; the next release tries again");
                }
            }
        }
    }
}
