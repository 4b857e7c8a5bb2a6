//! A bounded memory of answers, for many threads.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};

const SHARDS: usize = 16;

/// Answers by the hash of their question; questions themselves are not kept. Hashes are keyed at random in each
/// process, so that nobody can make two questions share an answer on purpose.
///
/// Each shard has two generations: when the young one is full it becomes the old one and the old one is forgotten,
/// so what is asked for often stays.
pub(crate) struct Cache<V> {
    hasher: RandomState,
    shards: [Mutex<Shard<V>>; SHARDS],
    young_limit: usize,
}

struct Shard<V> {
    young: HashMap<u64, V, rustc_hash::FxBuildHasher>,
    old: HashMap<u64, V, rustc_hash::FxBuildHasher>,
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
        }
    }
}

impl<V: Clone> Cache<V> {
    /// Remembers at most about `limit` answers.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            young_limit: (limit / SHARDS / 2).max(1),
        }
    }

    /// The answer remembered, or the one that `make` gives.
    pub(crate) fn get_or_make(&self, question: &impl Hash, make: impl FnOnce() -> V) -> V {
        let hash = self.hasher.hash_one(question);
        let shard = &self.shards[(hash >> 60) as usize];
        {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = shard.young.get(&hash) {
                return value.clone();
            }
            if let Some(value) = shard.old.remove(&hash) {
                self.put(&mut shard, hash, value.clone());
                return value;
            }
        }
        let value = make();
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut shard, hash, value.clone());
        value
    }

    fn put(&self, shard: &mut Shard<V>, hash: u64, value: V) {
        if shard.young.len() >= self.young_limit {
            shard.old = std::mem::take(&mut shard.young);
        }
        shard.young.insert(hash, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_and_stays_bounded() {
        let cache = Cache::new(320);
        assert_eq!(cache.get_or_make(&"a", || 1), 1);
        assert_eq!(cache.get_or_make(&"a", || 2), 1, "remembered");
        for question in 0..10_000 {
            cache.get_or_make(&question, || question);
        }
        let held: usize = cache
            .shards
            .iter()
            .map(|s| s.lock().unwrap())
            .map(|s| s.young.len() + s.old.len())
            .sum();
        assert!((160..=320).contains(&held), "{held}");
        assert_eq!(cache.get_or_make(&"a", || 2), 2, "forgotten by then");
    }
}
