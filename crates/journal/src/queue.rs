//! What waits for the writer.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::counts::State;
use crate::error::Error;
use crate::position::Position;

/// Counted for each record besides its bytes, so that many empty ones are bounded, too.
const ENTRY_BYTES: usize = 64;

/// Something for the writer to do.
pub(crate) enum Entry<T> {
    Record {
        payload: Vec<u8>,
        attachment: T,
        tell: oneshot::Sender<Position>,
    },
    Barrier(oneshot::Sender<Position>),
    /// Goes on to a new file, so that the one in use can be released.
    Turn(oneshot::Sender<Position>),
    Release(Position),
}

/// What the writer finds when it looks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Entries,
    TimedOut,
    Closing,
}

/// What waits for the writer, and whether anything may wait at all.
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    wake: Condvar,
    bound_bytes: usize,
}

struct Waiting<T> {
    entries: VecDeque<Entry<T>>,
    bytes: usize,
    state: State,
    closing: bool,
    writer_asleep: bool,
    /// The writer has ended and let go of all files.
    ended: bool,
    /// Told when the writer ends.
    closers: Vec<oneshot::Sender<()>>,
}

impl<T> Queue<T> {
    pub(crate) fn new(bound_bytes: usize) -> Self {
        let waiting = Waiting {
            entries: VecDeque::new(),
            bytes: 0,
            state: State::Healthy,
            closing: false,
            writer_asleep: false,
            ended: false,
            closers: Vec::new(),
        };
        Self {
            waiting: Mutex::new(waiting),
            wake: Condvar::new(),
            bound_bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting
            .lock()
            .expect("nothing panics while it holds the queue")
    }

    /// Wakes the writer if it sleeps; one that is at work looks by itself when it is done.
    fn rouse(&self, mut waiting: MutexGuard<'_, Waiting<T>>) {
        let asleep = std::mem::take(&mut waiting.writer_asleep);
        drop(waiting);
        if asleep {
            self.wake.notify_one();
        }
    }

    /// Adds `entry`, or says why that is not possible now.
    pub(crate) fn push(&self, entry: Entry<T>) -> Result<(), Error> {
        let mut waiting = self.lock();
        if waiting.closing {
            return Err(waiting.refusal());
        }
        if let Entry::Record { payload, .. } = &entry {
            if waiting.state != State::Healthy {
                return Err(waiting.refusal());
            }
            // A record larger than the whole bound goes alone.
            let bytes = payload.len() + ENTRY_BYTES;
            if waiting.bytes > 0 && waiting.bytes + bytes > self.bound_bytes {
                return Err(Error::Busy {
                    waiting_bytes: waiting.bytes,
                });
            }
            waiting.bytes += bytes;
        } else if matches!(waiting.state, State::Poisoned(_)) {
            return Err(waiting.refusal());
        }
        waiting.entries.push_back(entry);
        self.rouse(waiting);
        Ok(())
    }

    /// Why an entry that was taken has been given up without a word.
    pub(crate) fn refusal(&self) -> Error {
        self.lock().refusal()
    }

    pub(crate) fn state(&self) -> State {
        self.lock().state.clone()
    }

    /// Says how the journal is. After a poisoning that is final.
    pub(crate) fn set_state(&self, state: State) {
        let mut waiting = self.lock();
        if !matches!(waiting.state, State::Poisoned(_)) {
            waiting.state = state;
        }
    }

    /// Moves everything that waits into `into`, which is empty; waits at most for `patience` if nothing does.
    pub(crate) fn take(&self, into: &mut VecDeque<Entry<T>>, patience: Option<Duration>) -> Taken {
        let mut waiting = self.lock();
        loop {
            if !waiting.entries.is_empty() {
                std::mem::swap(&mut waiting.entries, into);
                waiting.bytes = 0;
                return Taken::Entries;
            }
            if waiting.closing {
                return Taken::Closing;
            }
            waiting.writer_asleep = true;
            let Some(patience) = patience else {
                waiting = self
                    .wake
                    .wait(waiting)
                    .expect("nothing panics while it holds the queue");
                continue;
            };
            let (woken, timeout) = self
                .wake
                .wait_timeout(waiting, patience)
                .expect("nothing panics while it holds the queue");
            waiting = woken;
            if timeout.timed_out() && waiting.entries.is_empty() && !waiting.closing {
                waiting.writer_asleep = false;
                return Taken::TimedOut;
            }
        }
    }

    /// Takes nothing more; the writer ends when it is through with what waits.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closing = true;
        self.rouse(waiting);
    }

    /// Resolves when the writer has ended.
    pub(crate) async fn ended(&self) {
        let (tell, told) = oneshot::channel();
        {
            let mut waiting = self.lock();
            if waiting.ended {
                return;
            }
            waiting.closers.push(tell);
        }
        let _ = told.await;
    }

    /// The writer has ended. What still waits is given up.
    pub(crate) fn end(&self) {
        let mut waiting = self.lock();
        waiting.closing = true;
        waiting.ended = true;
        if waiting.state == State::Healthy || waiting.state == State::Full {
            waiting.state = State::Closed;
        }
        let left = std::mem::take(&mut waiting.entries);
        waiting.closers.clear();
        drop(waiting);
        drop(left);
    }
}

impl<T> Waiting<T> {
    fn refusal(&self) -> Error {
        match &self.state {
            State::Poisoned(why) => Error::Poisoned(Arc::clone(why)),
            _ if self.closing => Error::Closed,
            // A journal that is well by now has refused for lack of space before: nothing else passes.
            State::Healthy | State::Full | State::Closed => Error::Full,
        }
    }
}
