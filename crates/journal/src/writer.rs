//! The thread that writes: one group after the other, each with one write and one `fdatasync`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::counts::State;
use crate::error::Failure;
use crate::keeper::Keeper;
use crate::log::Log;
use crate::pace::Pace;
use crate::position::Position;
use crate::queue::{Entry, Queue, Taken};
use crate::storage::Storage;
use crate::teller::Teller;

/// With nothing to do for this long, the writer appends a mark.
const IDLE: Duration = Duration::from_secs(1);
/// While the disk is full, the writer looks for space this often.
const PROBE: Duration = Duration::from_millis(500);

/// The thread that writes. While it waits for the disk, the next group gathers in the queue.
pub(crate) struct Writer<S: Storage, T, D> {
    log: Log<S>,
    keeper: Keeper<S::File>,
    queue: Arc<Queue<T>>,
    on_durable: D,
    attachments: Vec<T>,
    tells: Vec<oneshot::Sender<Position>>,
    teller: Teller,
    pace: Pace,
    /// When entries were taken the last time.
    taken: Instant,
    barriers: Vec<oneshot::Sender<Position>>,
    /// The last record that room was made for, in bytes: with a full disk, what there must be space for.
    wanted_bytes: usize,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the writer measures its own pace; nothing that is kept depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

/// Poisons the journal if `on_durable` panics, before those who wait learn that they wait in vain.
struct Alarm<T>(Arc<Queue<T>>);

impl<T> Drop for Alarm<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0
                .set_state(State::Poisoned("what follows a durable record panicked".into()));
        }
    }
}

/// Ends the queue when the writer has ended, in whatever way.
struct Ending<T>(Arc<Queue<T>>);

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<S: Storage, T: Send + 'static, D: FnMut(Position, T) + Send + 'static> Writer<S, T, D> {
    /// Starts the thread.
    pub(crate) fn start(log: Log<S>, queue: Arc<Queue<T>>, on_durable: D) -> std::io::Result<()> {
        let keeper = Keeper::start(&log)?;
        let writer = Self {
            log,
            keeper,
            queue,
            on_durable,
            attachments: Vec::new(),
            tells: Vec::new(),
            teller: Teller::here(),
            pace: Pace::default(),
            taken: now(),
            barriers: Vec::new(),
            wanted_bytes: 0,
        };
        std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || {
                // Dropped after the writer, and so after the last file is closed.
                let ending = Ending(writer.queue.clone());
                writer.run();
                drop(ending);
            })?;
        Ok(())
    }

    fn run(mut self) {
        let mut entries = VecDeque::new();
        let _alarm = Alarm(self.queue.clone());
        let mut full = self.log.active.is_none();
        if full {
            self.lack_space();
        }
        loop {
            let patience = if full {
                Some(PROBE)
            } else {
                self.log.wants_mark().then_some(IDLE)
            };
            let wait = self.pace.wait();
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            let taken = self.queue.take(&mut entries, patience);
            self.note_pace(entries.len());
            let done = match taken {
                Taken::Entries => self.write(&mut entries),
                Taken::TimedOut if full => self.make_room(self.wanted_bytes),
                Taken::TimedOut | Taken::Closing => self.log.mark(),
            };
            match done {
                Ok(()) if full && taken == Taken::TimedOut => {
                    full = false;
                    tracing::info!("there is space again, the journal goes on");
                    self.queue.set_state(State::Healthy);
                }
                Ok(()) => {}
                Err(Failure::Full) => {
                    if !full {
                        full = true;
                        self.lack_space();
                    }
                    self.give_up(&mut entries);
                }
                Err(Failure::Broken(why)) => {
                    tracing::error!(%why, "the journal has stopped");
                    self.queue.set_state(State::Poisoned(why));
                    break;
                }
            }
            if taken == Taken::Closing {
                break;
            }
        }
        self.keeper.end();
    }

    fn note_pace(&mut self, entries: usize) {
        let now = now();
        self.pace
            .note(entries as u64, now.saturating_duration_since(self.taken));
        self.taken = now;
    }

    fn lack_space(&self) {
        tracing::warn!("the disk is full, the journal takes no records until there is space");
        self.queue.set_state(State::Full);
    }

    /// Makes the records that wait durable, in as few groups as the files allow.
    fn write(&mut self, entries: &mut VecDeque<Entry<T>>) -> Result<(), Failure> {
        while let Some(entry) = entries.front() {
            // Still in `entries`, the record is given up only after the state says why.
            if let Entry::Record { payload, .. } = entry
                && !self.log.takes(payload.len())
            {
                let bytes = payload.len();
                self.commit()?;
                self.make_room(bytes)?;
            }
            match entries.pop_front() {
                Some(Entry::Record {
                    payload,
                    attachment,
                    tell,
                }) => {
                    self.log.push(&payload);
                    self.attachments.push(attachment);
                    self.tells.push(tell);
                }
                Some(Entry::Barrier(tell)) => self.barriers.push(tell),
                Some(Entry::Turn(tell)) => {
                    self.commit()?;
                    let keeper = &mut self.keeper;
                    self.log.turn(|bytes| keeper.prepared(bytes))?;
                    let _ = tell.send(self.log.tally.last_durable());
                }
                Some(Entry::Release(up_to)) => self.keeper.release(up_to),
                None => {}
            }
        }
        self.commit()?;
        let last = self.log.tally.last_durable();
        for tell in self.barriers.drain(..) {
            let _ = tell.send(last);
        }
        Ok(())
    }

    /// Makes the frame in the making durable, passes its records on, then tells those who wait.
    fn commit(&mut self) -> Result<(), Failure> {
        if self.attachments.is_empty() {
            return Ok(());
        }
        let first = self.log.next;
        self.log.commit()?;
        for (position, attachment) in (first.0..).zip(self.attachments.drain(..)) {
            (self.on_durable)(Position(position), attachment);
        }
        self.teller.tell(first, std::mem::take(&mut self.tells));
        if self.log.half_full() {
            self.keeper.prepare_ahead(self.log.options.file_bytes_for(0));
        }
        Ok(())
    }

    fn make_room(&mut self, record_bytes: usize) -> Result<(), Failure> {
        self.wanted_bytes = record_bytes;
        self.log
            .make_room(record_bytes, |bytes| self.keeper.prepared(bytes))
    }

    /// Drops what waits to be told: each learns from the state of the queue why.
    fn give_up(&mut self, entries: &mut VecDeque<Entry<T>>) {
        for entry in entries.drain(..) {
            if let Entry::Release(up_to) = entry {
                self.keeper.release(up_to);
            }
        }
        self.attachments.clear();
        self.tells.clear();
        self.barriers.clear();
    }
}
