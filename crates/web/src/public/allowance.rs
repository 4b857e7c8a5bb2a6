//! How many forms a network may send: so many at once, and one more every few seconds. What is well formed is no
//! failure, and many people may sit behind one address, so nobody is shut out for longer than until the next one.
//!
//! Counts live in memory under random keys and are never written anywhere.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// How many networks are remembered; beyond it those that lack least are forgotten.
const REMEMBERED: usize = 50_000;

/// So many forms of one name at once from one network, and after how long it gets one of them back, in milliseconds.
fn budget(form: &str) -> (i64, i64) {
    match form {
        // Nobody waits for long to ask about their own data.
        "rights" => (30, 2_000),
        // Each sends a letter to somebody.
        "account-letter" => (10, 20_000),
        _ => (20, 10_000),
    }
}

/// The counts.
#[derive(Debug, Default)]
pub struct Allowance {
    keys: RandomState,
    /// By form and network: what its budget lacks in milliseconds of refill, as of a time.
    lacking: HashMap<u64, (i64, i64)>,
}

impl Allowance {
    /// Counts one form, or says how long to wait, in milliseconds.
    pub(crate) fn take(&mut self, form: &str, network: &str, now_ms: i64) -> Result<(), i64> {
        let (at_once, refill_ms) = budget(form);
        let key = self.keys.hash_one((form, network));
        let (lacking_ms, as_of_ms) = self.lacking.get(&key).copied().unwrap_or_default();
        let lacking_ms = (lacking_ms - (now_ms - as_of_ms).max(0)).max(0);
        let over_ms = lacking_ms + refill_ms - at_once * refill_ms;
        if over_ms > 0 {
            return Err(over_ms);
        }
        if self.lacking.len() >= REMEMBERED {
            self.lacking
                .retain(|_, (lacking_ms, as_of_ms)| *lacking_ms > now_ms - *as_of_ms);
        }
        if self.lacking.len() >= REMEMBERED {
            self.lacking.clear();
        }
        self.lacking.insert(key, (lacking_ms + refill_ms, now_ms));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_never_shut_for_longer_than_until_the_next_form() {
        for (form, at_once, refill_ms) in [("enquiry", 20, 10_000), ("rights", 30, 2_000)] {
            let mut allowance = Allowance::default();
            for _ in 0..at_once {
                assert_eq!(allowance.take(form, "office", 0), Ok(()));
            }
            // However often it is tried.
            for _ in 0..100 {
                assert_eq!(allowance.take(form, "office", 0), Err(refill_ms));
            }
            assert_eq!(allowance.take(form, "elsewhere", 0), Ok(()));
            assert_eq!(allowance.take(form, "office", refill_ms), Ok(()));
            assert_eq!(allowance.take(form, "office", refill_ms), Err(refill_ms));
            let later = refill_ms * 1_000;
            assert_eq!(
                (0..100)
                    .filter(|_| allowance.take(form, "office", later).is_ok())
                    .count(),
                at_once
            );
        }
    }
}
