//! How many hits were kept, stripped and refused, by site and reason.

use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, RwLock};
use vocabulary::{Reason, SiteId};

const REASONS: usize = Reason::ALL.len();

/// Counts of one site, or of hits that belong to none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The site; none for hits of unknown sites and requests that could not be read.
    pub site: Option<SiteId>,
    /// Events kept, stripped ones included.
    pub accepted: u64,
    /// Events of those from which the manifest took something that was sent or found.
    pub stripped: u64,
    /// Hits refused, by place in [`Reason::ALL`].
    pub dropped: [u64; REASONS],
}

impl Tally {
    /// A tally of nothing.
    pub fn empty(site: Option<SiteId>) -> Self {
        Self {
            site,
            accepted: 0,
            stripped: 0,
            dropped: [0; REASONS],
        }
    }

    /// The reasons with a count above zero.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .iter()
            .copied()
            .zip(self.dropped)
            .filter(|(_, n)| *n > 0)
    }

    /// Adds a refusal.
    pub fn drop_for(&mut self, reason: Reason) {
        self.dropped[reason as usize] += 1;
    }

    /// Whether it counts nothing.
    pub fn is_empty(&self) -> bool {
        self.accepted == 0 && self.stripped == 0 && self.dropped.iter().all(|n| *n == 0)
    }

    fn minus(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.accepted -= other.accepted;
        rest.stripped -= other.stripped;
        for (count, past) in rest.dropped.iter_mut().zip(other.dropped) {
            *count -= past;
        }
        rest
    }
}

#[derive(Default)]
struct Row {
    accepted: AtomicU64,
    stripped: AtomicU64,
    dropped: [AtomicU64; REASONS],
}

impl Row {
    fn add(&self, tally: &Tally) {
        let raise = |counter: &AtomicU64, by: u64| {
            if by > 0 {
                counter.fetch_add(by, Relaxed);
            }
        };
        raise(&self.accepted, tally.accepted);
        raise(&self.stripped, tally.stripped);
        for (counter, by) in self.dropped.iter().zip(tally.dropped) {
            raise(counter, by);
        }
    }

    fn read(&self, site: Option<SiteId>) -> Tally {
        Tally {
            site,
            accepted: self.accepted.load(Relaxed),
            stripped: self.stripped.load(Relaxed),
            dropped: std::array::from_fn(|place| self.dropped[place].load(Relaxed)),
        }
    }
}

/// The counters. They start at zero with the process; [`Counters::take`] hands over what was added since the last time.
#[derive(Default)]
pub struct Counters {
    rows: RwLock<FxHashMap<Option<SiteId>, Row>>,
    taken: Mutex<FxHashMap<Option<SiteId>, Tally>>,
}

impl Counters {
    /// Adds a tally to its site's counts.
    pub fn add(&self, tally: &Tally) {
        if tally.is_empty() {
            return;
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.get(&tally.site) {
            row.add(tally);
            return;
        }
        drop(rows);
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.entry(tally.site).or_default().add(tally);
    }

    /// Counts since the process started, in order of sites.
    pub fn totals(&self) -> Vec<Tally> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let mut tallies: Vec<Tally> = rows.iter().map(|(site, row)| row.read(*site)).collect();
        tallies.sort_unstable_by_key(|t| t.site);
        tallies
    }

    /// Counts since the last call, in order of sites; sites without any are left out.
    pub fn take(&self) -> Vec<Tally> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        self.totals()
            .into_iter()
            .filter_map(|total| {
                let past = taken.insert(total.site, total.clone());
                let new = past.map_or_else(|| total.clone(), |past| total.minus(&past));
                (!new.is_empty()).then_some(new)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_adds_up_to_the_totals() {
        let counters = Counters::default();
        let tally = |site, accepted, bots| {
            let mut tally = Tally::empty(site);
            tally.accepted = accepted;
            tally.dropped[Reason::Bot as usize] = bots;
            tally
        };
        assert_eq!(counters.take(), []);
        counters.add(&tally(Some(SiteId(2)), 3, 1));
        counters.add(&tally(None, 0, 1));
        counters.add(&tally(Some(SiteId(2)), 1, 0));
        assert_eq!(counters.take(), [tally(None, 0, 1), tally(Some(SiteId(2)), 4, 1)]);
        assert_eq!(counters.take(), []);
        counters.add(&tally(Some(SiteId(2)), 1, 1));
        assert_eq!(counters.take(), [tally(Some(SiteId(2)), 1, 1)]);
        assert_eq!(
            counters.totals(),
            [tally(None, 0, 1), tally(Some(SiteId(2)), 5, 2)]
        );
        assert_eq!(
            counters.totals()[1].reasons().collect::<Vec<_>>(),
            [(Reason::Bot, 2)]
        );
    }

    #[test]
    fn a_reason_counts_in_its_own_place() {
        for &reason in Reason::ALL {
            let mut tally = Tally::empty(None);
            tally.drop_for(reason);
            assert_eq!(tally.reasons().collect::<Vec<_>>(), [(reason, 1)]);
        }
    }
}
