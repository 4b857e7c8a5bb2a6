//! Parts of segments in memory, up to a number of bytes.

use crate::Part;
use rustc_hash::FxHashMap;
use std::sync::Arc;

struct Entry {
    part: Arc<Part>,
    bytes: usize,
    used: u64,
}

/// Parts by segment number; those unused for longest leave first.
pub(crate) struct Cache {
    limit_bytes: usize,
    bytes: usize,
    entries: FxHashMap<i64, Entry>,
    clock: u64,
}

impl Cache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            bytes: 0,
            entries: FxHashMap::default(),
            clock: 0,
        }
    }

    pub(crate) fn get(&mut self, id: i64) -> Option<Arc<Part>> {
        self.clock += 1;
        let entry = self.entries.get_mut(&id)?;
        entry.used = self.clock;
        Some(entry.part.clone())
    }

    /// Puts a part in; returns the segments that had to leave, maybe itself.
    pub(crate) fn put(&mut self, id: i64, part: Arc<Part>) -> Vec<i64> {
        self.clock += 1;
        let bytes = part.bytes();
        self.remove(id);
        self.bytes += bytes;
        let used = self.clock;
        self.entries.insert(id, Entry { part, bytes, used });
        let mut left = Vec::new();
        while self.bytes > self.limit_bytes {
            let Some(oldest) = self
                .entries
                .iter()
                .min_by_key(|(_, entry)| entry.used)
                .map(|(id, _)| *id)
            else {
                break;
            };
            self.remove(oldest);
            left.push(oldest);
        }
        left
    }

    pub(crate) fn remove(&mut self, id: i64) {
        if let Some(entry) = self.entries.remove(&id) {
            self.bytes -= entry.bytes;
        }
    }

    /// What the parts take in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic;

    #[test]
    fn the_part_unused_for_longest_leaves_first() {
        let part = Arc::new(Part::of(traffic::dense(1, 100)));
        let mut cache = Cache::new(part.bytes() * 2);
        assert_eq!(cache.put(1, part.clone()), [0; 0]);
        assert_eq!(cache.put(2, part.clone()), [0; 0]);
        assert!(cache.get(1).is_some());
        assert_eq!(cache.put(3, part.clone()), [2]);
        assert!(cache.get(2).is_none() && cache.get(1).is_some() && cache.get(3).is_some());
        assert_eq!(cache.bytes(), part.bytes() * 2);
        cache.remove(1);
        assert_eq!(cache.bytes(), part.bytes());
        assert_eq!(Cache::new(1).put(7, part), [7]);
    }
}
