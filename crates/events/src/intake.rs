//! Events that were accepted and are not yet in the tail. An event by itself is large, so they do not stay here for
//! long: a thread of the archive's own moves them on as they come.

use crate::{
    Archive,
    archive::{Inner, lock},
};
use std::{
    mem,
    sync::{Mutex, Weak, mpsc},
    thread,
};
use vocabulary::Event;

/// The thread is woken when so many events wait.
const WAKE_EVENTS: usize = 4096;
/// Whoever brings more than so many puts them into the tail himself: a bound on memory that holds however fast events
/// come, also while the journal is replayed.
const MOST_EVENTS: usize = 32_768;

/// Accepted events with their journal positions, in the journal's order.
type Batches = Vec<(u64, Vec<Event>)>;

/// What waits, and how to wake the thread that takes it.
pub(crate) struct Intake {
    waiting: Mutex<(usize, Batches)>,
    wake: mpsc::SyncSender<()>,
}

/// Does an intake's work while the archive lives.
pub(crate) struct Worker(mpsc::Receiver<()>);

impl Intake {
    pub(crate) fn new() -> (Self, Worker) {
        let (wake, woken) = mpsc::sync_channel(1);
        let waiting = Mutex::default();
        (Self { waiting, wake }, Worker(woken))
    }

    /// Adds events. Returns whether so many wait that the caller is to move them on.
    pub(crate) fn push(&self, position: u64, events: Vec<Event>) -> bool {
        let waiting = {
            let mut waiting = lock(&self.waiting);
            waiting.0 += events.len();
            waiting.1.push((position, events));
            waiting.0
        };
        if waiting >= WAKE_EVENTS {
            // Full means that it is about to wake; gone means that the caller's own turn will come.
            let _ = self.wake.try_send(());
        }
        waiting >= MOST_EVENTS
    }

    /// Takes everything that waits.
    pub(crate) fn take(&self) -> Batches {
        mem::take(&mut *lock(&self.waiting)).1
    }
}

impl Worker {
    /// Starts the thread; it ends with the archive. Without it, events are moved on by those who bring or ask.
    pub(crate) fn start(self, archive: Weak<Inner>) {
        let work = move || {
            while self.0.recv().is_ok() {
                let Some(inner) = archive.upgrade() else { return };
                drop(Archive(inner).state());
            }
        };
        let started = thread::Builder::new().name("archive-tail".into()).spawn(work);
        if let Err(error) = started {
            tracing::warn!(%error, "the archive has no thread of its own for new events");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Archive, Options, traffic};
    use std::time::{Duration, Instant};
    use vocabulary::Moment;

    #[tokio::test]
    async fn accepted_events_move_on_by_themselves_and_never_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let trial = sqldb::trial::sqlite().unwrap();
        let options = Options::new(folder.path(), trial.open().await.unwrap());
        let archive = Archive::open(options).await.unwrap();
        let events = traffic::dense(1, super::WAKE_EVENTS + 1);
        archive.accept(1, events.clone());
        #[expect(clippy::disallowed_methods, reason = "waits for a thread, but not for ever")]
        let since = Instant::now();
        while crate::archive::lock(&archive.0.intake.waiting).0 > 0 {
            assert!(since.elapsed() < Duration::from_mins(1), "nobody takes them");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for position in 2..20 {
            archive.accept(position, events.clone());
            let waiting = crate::archive::lock(&archive.0.intake.waiting).0;
            assert!(waiting < super::MOST_EVENTS, "{waiting} wait");
        }
        assert_eq!(archive.figures().tail_events, events.len() * 19);
        let weak = std::sync::Arc::downgrade(&archive.0);
        assert_eq!(archive.flush(Moment(0)).await.unwrap(), 19);
        drop(archive);
        while weak.upgrade().is_some() {
            assert!(
                since.elapsed() < Duration::from_mins(1),
                "the thread keeps the archive"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
