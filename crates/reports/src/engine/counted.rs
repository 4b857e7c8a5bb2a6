//! The sums of all groups of a tally, by the codes of their values.

use crate::engine::total::Total;
use rustc_hash::FxHashMap;

/// How combinations of values are numbered.
pub(crate) enum Groups {
    /// By place: a code times its stride, summed.
    Dense(Vec<u32>),
    /// As they come.
    Hashed(FxHashMap<Box<[u32]>, u32>),
}

impl Groups {
    /// The number of a group, a new one if it has none yet.
    pub(crate) fn number(&mut self, key: &[u32]) -> u32 {
        match self {
            Self::Dense(strides) => strides.iter().zip(key).map(|(stride, code)| stride * code).sum(),
            Self::Hashed(known) => {
                if let Some(number) = known.get(key) {
                    return *number;
                }
                let number = known.len() as u32;
                known.insert(key.into(), number);
                number
            }
        }
    }

    fn find(&self, key: &[u32]) -> Option<u32> {
        match self {
            Self::Dense(strides) => Some(strides.iter().zip(key).map(|(stride, code)| stride * code).sum()),
            Self::Hashed(known) => known.get(key).copied(),
        }
    }
}

/// The sums of all groups.
pub(crate) struct Counted {
    /// Number of each dimension's axis.
    pub(crate) axes: Vec<usize>,
    pub(crate) sizes: Vec<u32>,
    pub(crate) groups: Groups,
    pub(crate) totals: Vec<Total>,
}

impl Counted {
    /// Adds what another thread counted.
    pub(crate) fn add(&mut self, other: Self) {
        match other.groups {
            Groups::Hashed(others) => {
                for (key, group) in others {
                    let number = self.groups.number(&key) as usize;
                    self.totals
                        .resize(self.totals.len().max(number + 1), Total::default());
                    self.totals[number] += other.totals[group as usize];
                }
            }
            Groups::Dense(_) => {
                for (total, other) in self.totals.iter_mut().zip(other.totals) {
                    *total += other;
                }
            }
        }
    }

    /// The sums of a group.
    pub(crate) fn get(&self, key: &[u32]) -> Total {
        let total = self
            .groups
            .find(key)
            .and_then(|group| self.totals.get(group as usize));
        total.copied().unwrap_or_default()
    }

    /// Every group that has a visitor, by the codes of its values.
    pub(crate) fn groups(&self) -> Vec<(Box<[u32]>, Total)> {
        let there = |total: &Total| total.visitors > 0;
        match &self.groups {
            Groups::Dense(strides) => {
                let key = |group: u32| {
                    let code = |(stride, size): (&u32, &u32)| group / stride % size;
                    strides.iter().zip(&self.sizes).map(code).collect()
                };
                let all = self.totals.iter().zip(0u32..);
                all.filter(|(total, _)| there(total))
                    .map(|(total, group)| (key(group), *total))
                    .collect()
            }
            Groups::Hashed(known) => known
                .iter()
                .map(|(key, group)| (key.clone(), self.totals[*group as usize]))
                .filter(|(_, total)| there(total))
                .collect(),
        }
    }
}
