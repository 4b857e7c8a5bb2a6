//! Views in the making and made, kept while the segments they show are live and in memory.

use crate::{
    Archive, Error, Part, Rank, Segment, View,
    archive::lock,
    overlay::{self, Masked},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    vec,
};
use vocabulary::{Moment, SiteId, moment::DAY_MS};

/// Views kept at most.
const VIEWS: usize = 256;
/// A reader whose segments are replaced under its hands looks again so many times.
const TRIES: usize = 8;

/// Which view: a site and the segments that it shows.
type Key = (SiteId, Vec<i64>);

/// A view in three layers, each made anew only when what it rests on has changed.
#[derive(Default)]
pub(crate) struct Slot {
    sealed: Option<Vec<Masked>>,
    settled: Option<(Vec<Arc<Part>>, Vec<Masked>)>,
    view: Option<(Option<Arc<Part>>, Arc<View>)>,
}

#[derive(Default)]
struct Kept {
    slot: Arc<tokio::sync::Mutex<Slot>>,
    used: u64,
    /// The parts of its view: which ones (their addresses) and how large, in bytes.
    held: Vec<(usize, usize)>,
}

/// The views kept.
pub(crate) struct Shelf {
    limit_bytes: usize,
    kept: FxHashMap<Key, Kept>,
    clock: u64,
}

impl Shelf {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            kept: FxHashMap::default(),
            clock: 0,
        }
    }

    fn slot(&mut self, key: Key) -> Arc<tokio::sync::Mutex<Slot>> {
        self.clock += 1;
        if self.kept.len() >= VIEWS && !self.kept.contains_key(&key) {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.kept.remove(&oldest);
            }
        }
        let kept = self.kept.entry(key).or_default();
        kept.used = self.clock;
        kept.slot.clone()
    }

    /// Drops the views that show a segment which is not `live`.
    pub(crate) fn retain(&mut self, live: impl Fn(SiteId, i64) -> bool) {
        self.kept
            .retain(|(site, ids), _| ids.iter().all(|id| live(*site, *id)));
    }

    /// Drops the views that keep one of these segments in memory, but for the newest one of the site that is being read:
    /// that one may be larger than the cache.
    pub(crate) fn forget(&mut self, segments: &[i64], reading: SiteId) {
        if segments.is_empty() {
            return;
        }
        let of_site = self.kept.iter().filter(|((site, _), _)| *site == reading);
        let newest = of_site.map(|(_, kept)| kept.used).max();
        self.kept.retain(|(_, ids), kept| {
            Some(kept.used) == newest || !ids.iter().any(|id| segments.contains(id))
        });
    }

    /// Notes what a view holds, then drops views, those unused for longest first, until the others hold no more than
    /// the limit together. The newest stays however large it is.
    fn hold(&mut self, key: &Key, held: Vec<(usize, usize)>) {
        match self.kept.get_mut(key) {
            Some(kept) if kept.held != held => kept.held = held,
            _ => return,
        }
        let mut newest: Vec<(u64, Key)> = self.kept.iter().map(|(key, k)| (k.used, key.clone())).collect();
        newest.sort_unstable_by_key(|(used, _)| std::cmp::Reverse(*used));
        let (mut seen, mut bytes) = (FxHashSet::default(), 0);
        for (place, (_, key)) in newest.into_iter().enumerate() {
            let held = self
                .kept
                .get(&key)
                .map(|kept| kept.held.as_slice())
                .unwrap_or_default();
            let own = held.iter().filter(|(part, _)| seen.insert(*part));
            bytes += own.map(|(_, bytes)| bytes).sum::<usize>();
            if place > 0 && bytes > self.limit_bytes {
                self.kept.remove(&key);
            }
        }
    }
}

/// Numbers pictures: another number, maybe another picture.
static GENERATION: AtomicU64 = AtomicU64::new(1);

impl Slot {
    /// The view of these parts of segments and tail. Costs next to nothing if nothing has changed, and little if only
    /// the newest events have.
    fn view(
        &mut self,
        sealed: Vec<(Segment, Arc<Part>)>,
        settled: Vec<Arc<Part>>,
        newest: Option<Arc<Part>>,
    ) -> Arc<View> {
        let sealed = self.sealed.get_or_insert_with(|| {
            let (bases, deltas): (Vec<_>, Vec<_>) =
                sealed.into_iter().partition(|(s, _)| s.rank == Rank::Base);
            let bases = bases
                .into_iter()
                .filter_map(|(segment, part)| Some((Masked::new(part)?, segment.range)))
                .collect();
            let deltas: Vec<Arc<Part>> = deltas.into_iter().map(|(_, part)| part).collect();
            overlay::add(overlay::join_bases(bases), &deltas)
        });
        if !self
            .settled
            .as_ref()
            .is_some_and(|(parts, _)| same(parts, &settled))
        {
            let masked = overlay::add(sealed.clone(), &settled);
            self.settled = Some((settled, masked));
            self.view = None;
        }
        let (_, masked) = self.settled.as_ref().expect("set above");
        match &self.view {
            Some((part, view)) if same(part.as_slice(), newest.as_slice()) => view.clone(),
            _ => {
                let masked = overlay::add(masked.clone(), newest.as_slice());
                let view = Arc::new(View {
                    parts: masked.into_iter().map(|m| (m.part, m.mask)).collect(),
                    generation: GENERATION.fetch_add(1, Ordering::Relaxed),
                });
                self.view = Some((newest, view.clone()));
                view
            }
        }
    }
}

fn same(a: &[Arc<Part>], b: &[Arc<Part>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

impl Archive {
    /// The same, but only what questions about the time from `from` up to `to` need: every visit that touches it is
    /// there, whole provided that it lasts no longer than a day; of others some are there and may be cut.
    pub async fn view_between(&self, site: SiteId, from: Moment, to: Moment) -> Result<Arc<View>, Error> {
        let wanted = from.0.saturating_sub(DAY_MS)..to.0.saturating_add(DAY_MS);
        let mut tried = 0;
        loop {
            let ids: Vec<i64> = self.touching(site, &wanted).iter().map(|s| s.id).collect();
            let slot = lock(&self.0.shelf).slot((site, ids.clone()));
            let mut slot = slot.lock_owned().await;
            let (segments, settled, newest) = {
                let mut state = self.state();
                let segments = touching(state.sites.get(&site), &wanted);
                let (settled, newest) = state.tail.parts(site);
                (segments, settled, newest)
            };
            if !segments.iter().map(|s| s.id).eq(ids.iter().copied()) {
                continue;
            }
            let mut sealed = Vec::new();
            if slot.sealed.is_none() {
                match self.parts(segments).await {
                    Ok(parts) => sealed = parts,
                    // Compacted by another process: its new list names the files that took their place.
                    Err(Error::Storage { .. })
                        if tried < TRIES && self.is_outdated(site, &wanted).await? =>
                    {
                        tried += 1;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            let view = tokio::task::spawn_blocking(move || slot.view(sealed, settled, newest))
                .await
                .map_err(|e| Error::storage("a view", e))?;
            let held = view.parts.iter();
            let held = held.map(|(part, _)| (Arc::as_ptr(part).addr(), part.bytes()));
            lock(&self.0.shelf).hold(&(site, ids), held.collect());
            return Ok(view);
        }
    }

    fn touching(&self, site: SiteId, wanted: &std::ops::Range<i64>) -> Vec<Segment> {
        touching(self.state().sites.get(&site), wanted)
    }

    async fn is_outdated(&self, site: SiteId, wanted: &std::ops::Range<i64>) -> Result<bool, Error> {
        let before = self.touching(site, wanted);
        self.refresh().await?;
        Ok(self.touching(site, wanted) != before)
    }

    /// The parts of segments, with them.
    pub(crate) async fn parts(&self, segments: Vec<Segment>) -> Result<Vec<(Segment, Arc<Part>)>, Error> {
        let mut parts = vec![];
        for segment in segments {
            let part = self.part(&segment).await?;
            parts.push((segment, part));
        }
        Ok(parts)
    }
}

fn touching(segments: Option<&Vec<Segment>>, wanted: &std::ops::Range<i64>) -> Vec<Segment> {
    segments
        .into_iter()
        .flatten()
        .filter(|s| s.range.start < wanted.end && wanted.start < s.range.end)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_unused_for_longest_leave_when_they_hold_too_much() {
        let mut shelf = Shelf::new(100);
        let key = |site: u32, id: i64| (SiteId(site), vec![id]);
        let kept = |shelf: &Shelf| {
            let mut kept: Vec<u32> = shelf.kept.keys().map(|(site, _)| site.0).collect();
            kept.sort_unstable();
            kept
        };
        for (site, held, want) in [
            (1, vec![(10, 60)], vec![1]),
            (2, vec![(20, 30)], vec![1, 2]),
            // What two views share counts once.
            (3, vec![(20, 30), (30, 5)], vec![1, 2, 3]),
            (4, vec![(40, 10)], vec![2, 3, 4]),
            (2, vec![(20, 30)], vec![2, 3, 4]),
            (5, vec![(50, 1_000)], vec![5]),
            (6, vec![(60, 1)], vec![6]),
        ] {
            let _slot = shelf.slot(key(site, i64::from(site)));
            shelf.hold(&key(site, i64::from(site)), held);
            assert_eq!(kept(&shelf), want, "after {site}");
        }
    }

    #[test]
    fn a_segment_that_leaves_takes_its_views_along_but_the_one_in_hand() {
        let mut shelf = Shelf::new(usize::MAX);
        let keys = [
            (SiteId(1), vec![1]),
            (SiteId(1), vec![1, 2]),
            (SiteId(2), vec![3]),
            (SiteId(1), vec![1, 2, 4]),
        ];
        for key in &keys {
            let _slot = shelf.slot(key.clone());
        }
        shelf.forget(&[2, 3], SiteId(1));
        assert!(shelf.kept.contains_key(&keys[0]) && shelf.kept.contains_key(&keys[3]));
        assert_eq!(shelf.kept.len(), 2);
    }
}
