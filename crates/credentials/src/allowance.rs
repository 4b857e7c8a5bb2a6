//! What costs this installation something, such as a letter or an answer, has an allowance, from wherever it is asked
//! for. Counts live in memory under random keys; a restart forgets them.

use crate::attempts::{forget_stalest, lacking_ms};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// How often something may be done at once, and after how long it may be done once more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowance {
    /// How often at once.
    pub at_once: i64,
    /// How long until one more, in milliseconds.
    pub refill_ms: i64,
}

/// What is spent.
#[derive(Debug, Default)]
pub struct Allowances {
    keys: RandomState,
    /// By what is spent: what it lacks in milliseconds of refill, as of a time.
    spent: HashMap<u64, (i64, i64)>,
}

impl Allowances {
    /// Takes one of an allowance, or says how long to wait for the next, in milliseconds. `what` is text of the program
    /// and of whoever it let in, not of strangers: what is remembered of it must not be crowded out.
    pub fn spend(&mut self, what: &str, allowance: Allowance, now_ms: i64) -> Result<(), i64> {
        let Allowance { at_once, refill_ms } = allowance;
        let key = self.keys.hash_one(what);
        let lacking_ms = lacking_ms(&self.spent, key, now_ms);
        let over_ms = lacking_ms + refill_ms - at_once * refill_ms;
        if over_ms > 0 {
            return Err(over_ms);
        }
        forget_stalest(&mut self.spent, |entry| entry.1);
        self.spent.insert(key, (lacking_ms + refill_ms, now_ms));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_spent_whoever_asks_and_comes_back() {
        let mut allowances = Allowances::default();
        let letters = Allowance {
            at_once: 3,
            refill_ms: 60_000,
        };
        let mut spend = |what: &str, now_ms: i64| allowances.spend(what, letters, now_ms);
        for _ in 0..3 {
            assert_eq!(spend("letters", 0), Ok(()));
        }
        assert_eq!(spend("letters", 10_000), Err(50_000));
        assert_eq!(spend("answers", 10_000), Ok(()));
        assert_eq!(spend("letters", 60_000), Ok(()));
        assert_eq!(spend("letters", 60_000), Err(60_000));
        for _ in 0..3 {
            assert_eq!(spend("letters", 10_000_000), Ok(()));
        }
        assert!(spend("letters", 10_000_000).is_err());
    }
}
