//! Many files at a time.

use crate::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Waiting for the disk is most of the work when files are small.
const WORKERS: usize = 8;

/// Works on each item, several at a time; stops at the first that fails, and gives that one's error.
pub(crate) fn each<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<(), Error> + Sync) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let failure = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(items.len()) {
            scope.spawn(|| {
                while failure().is_none() {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { return };
                    if let Err(error) = work(item) {
                        let mut failure = failure();
                        if failure.as_ref().is_none_or(|(first, _)| place < *first) {
                            *failure = Some((place, error));
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_gets_its_turn_and_the_first_failure_is_told() {
        let items: Vec<usize> = (0..1000).collect();
        let done = AtomicUsize::new(0);
        let work = |item: &usize| {
            done.fetch_add(*item, Ordering::Relaxed);
            Ok(())
        };
        each(&items, work).unwrap();
        assert_eq!(done.into_inner(), 999 * 500);
        let failing = |item: &usize| match item {
            17 | 500.. => Err(Error::Restless(item.to_string())),
            _ => Ok(()),
        };
        assert!(matches!(each(&items, failing), Err(Error::Restless(item)) if item == "17"));
        each(&[], failing).unwrap();
    }
}
