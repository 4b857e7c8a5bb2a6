//! How many questions about archives are answered at once, and how many one token or account may ask.
//!
//! A question over years of a large site takes a processor for a while and memory for its view. Without a bound whoever
//! may ask at all could stop everything else.

use crate::state::Unavailable;
use credentials::{Allowance, Allowances};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vocabulary::Moment;

/// Questions that wait for their turn at most; what comes beyond is told to come again.
const MOST_WAITING: usize = 100;
/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// After how many seconds to come again.
pub(crate) const AGAIN_S: i64 = 5;
/// What one token or account may ask: five a second for as long as it likes, and a minute's worth at once.
pub(crate) const ASKING: Allowance = Allowance {
    at_once: 300,
    refill_ms: 200,
};

/// The turns and the allowances.
pub struct Questions {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    allowances: Mutex<Allowances>,
}

impl Default for Questions {
    /// Two for each processor: while one waits for the disk, the other counts.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(processors.max(2) * 2)
    }
}

impl Questions {
    /// So many at once.
    fn of(at_once: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            allowances: Mutex::default(),
        }
    }

    /// A turn, which lasts until it is dropped.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, Unavailable> {
        if let Ok(turn) = self.turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(&self.waiting).ok_or(Unavailable)?;
        match tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Unavailable),
        }
    }

    /// Counts a question, or a search, of whoever this text stands for, or says how long they have to wait, in
    /// milliseconds.
    pub(crate) fn spend(&self, whose: &str, allowance: Allowance, now: Moment) -> Result<(), i64> {
        let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        allowances.spend(whose, allowance, now.0)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::{join_all, poll_immediate};

    #[tokio::test]
    async fn so_many_have_their_turn_so_many_wait_and_the_rest_come_again() {
        let questions = Questions::of(2);
        let turns = [questions.turn().await.unwrap(), questions.turn().await.unwrap()];
        let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(questions.turn())).collect();
        for one in &mut waiting {
            assert!(poll_immediate(one).await.is_none());
        }
        assert!(
            questions.turn().await.is_err(),
            "nobody waits behind a full queue"
        );
        drop(turns);
        let mut served = 0;
        for one in join_all(waiting.into_iter().map(async |one| one.await.map(drop))).await {
            served += usize::from(one.is_ok());
        }
        assert_eq!(served, MOST_WAITING);
        assert!(questions.turn().await.is_ok());
    }

    #[test]
    fn each_has_an_allowance_of_its_own() {
        let questions = Questions::of(1);
        let spend = |whose: &str, now_ms: i64| questions.spend(whose, ASKING, Moment(now_ms));
        let asked = (0..400).filter(|_| spend("token a", 0).is_ok());
        assert_eq!(asked.count(), 300);
        assert_eq!(spend("token a", 0), Err(200));
        assert_eq!(spend("token b", 0), Ok(()));
        assert_eq!(spend("token a", 200), Ok(()));
    }
}
