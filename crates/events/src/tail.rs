//! The live tail: events that are durable in the journal and not yet in a segment.

use crate::{Part, part::ALWAYS, part::merge};
use rustc_hash::FxHashMap;
use std::{mem, sync::Arc};
use vocabulary::{Event, Moment, SiteId};

/// So many loose events are put in order and made a part, so that a question about the newest ones stays cheap.
const PIECE_EVENTS: usize = 4096;
/// So many parts of about the same size are made one.
const FAN_IN: usize = 4;
/// With so many loose events on all sites together, those of smaller sites are made parts as well.
const LOOSE_EVENTS: usize = 32_768;
/// That is, where there are so many of them: below that a part is hardly smaller than its events.
const LEAST_EVENTS: usize = 32;

/// Events on their way into order: a few parts and some loose events. Keeps far less memory than the events would.
#[derive(Debug, Default)]
pub(crate) struct Heap {
    pieces: Vec<Arc<Part>>,
    loose: Vec<Event>,
    /// The loose events as a part, while they have not changed.
    ordered: Option<Arc<Part>>,
}

impl Heap {
    pub(crate) fn push(&mut self, event: Event) {
        self.ordered = None;
        self.loose.push(event);
        if self.loose.len() >= PIECE_EVENTS {
            self.settle();
        }
    }

    /// Makes the loose events a part. Of each order of size there are fewer than [`FAN_IN`] parts: so there are few in
    /// all, and each event is merged few times.
    fn settle(&mut self) {
        let loose = mem::take(&mut self.loose);
        let ordered = self.ordered.take();
        if loose.is_empty() {
            return;
        }
        let mut new = ordered.unwrap_or_else(|| Arc::new(Part::of(loose)));
        let order = |part: &Part| part.events().max(1).ilog(FAN_IN);
        loop {
            let alike = |part: &Arc<Part>| order(part) == order(&new);
            if self.pieces.iter().filter(|part| alike(part)).count() + 1 < FAN_IN {
                break;
            }
            let (mut alike, others): (Vec<_>, Vec<_>) = self.pieces.drain(..).partition(alike);
            self.pieces = others;
            alike.push(new);
            let sources: Vec<&Part> = alike.iter().map(AsRef::as_ref).collect();
            new = Arc::new(merge(&sources, &ALWAYS));
        }
        self.pieces.push(new);
    }

    /// Everything as parts: settled ones, which stay the same for long, and the newest events.
    pub(crate) fn parts(&mut self) -> (Vec<Arc<Part>>, Option<Arc<Part>>) {
        if self.ordered.is_none() && !self.loose.is_empty() {
            self.ordered = Some(Arc::new(Part::of_unordered(&self.loose)));
        }
        (self.pieces.clone(), self.ordered.clone())
    }

    /// Everything as settled parts; nothing is left.
    fn into_parts(mut self) -> Vec<Arc<Part>> {
        self.settle();
        self.pieces
    }

    /// Everything as one part; nothing is left.
    pub(crate) fn take(self) -> Part {
        let parts = self.into_parts();
        let sources: Vec<&Part> = parts.iter().map(AsRef::as_ref).collect();
        merge(&sources, &ALWAYS)
    }

    /// When the first event happened that metrics count.
    fn first_event(&self) -> Option<Moment> {
        let loose = self.loose.iter().filter(|event| event.kind.counts());
        let settled = self.pieces.iter().filter_map(|part| part.first_event());
        settled.chain(loose.map(|event| event.time)).min()
    }

    pub(crate) fn events(&self) -> usize {
        self.pieces.iter().map(|part| part.events()).sum::<usize>() + self.loose.len()
    }

    fn bytes(&self) -> usize {
        self.pieces.iter().map(|part| part.bytes()).sum::<usize>()
            + self
                .loose
                .iter()
                .map(|event| size_of::<Event>() + event.texts.bytes())
                .sum::<usize>()
    }
}

type PartsBySite = FxHashMap<SiteId, Vec<Arc<Part>>>;

/// The tail of every site.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    live: FxHashMap<SiteId, Heap>,
    /// How many events of `live` are loose, and how many more are too many.
    loose: usize,
    spared: usize,
    /// Being sealed, with the journal position up to which it goes. More than one only if a flush has failed.
    sealing: Vec<(u64, PartsBySite)>,
    /// The position of the newest events here, or the last that were.
    position: u64,
}

impl Tail {
    /// Takes in events from the journal, in its order.
    pub(crate) fn push(&mut self, position: u64, events: Vec<Event>) {
        self.position = self.position.max(position);
        for event in events {
            let heap = self.live.entry(event.site).or_default();
            heap.push(event);
            if heap.loose.is_empty() {
                self.loose = (self.loose + 1).saturating_sub(PIECE_EVENTS);
            } else {
                self.loose += 1;
            }
        }
        if self.loose > LOOSE_EVENTS + self.spared {
            for heap in self.live.values_mut() {
                if heap.loose.len() >= LEAST_EVENTS {
                    heap.settle();
                }
            }
            self.loose = self.live.values().map(|heap| heap.loose.len()).sum();
            self.spared = self.loose;
        }
    }

    /// Sets all live events aside for sealing. They stay visible until [`Tail::forget`].
    pub(crate) fn seal(&mut self) {
        let live = mem::take(&mut self.live);
        (self.loose, self.spared) = (0, 0);
        if !live.is_empty() {
            let parts = live.into_iter().map(|(site, heap)| (site, heap.into_parts()));
            self.sealing.push((self.position, parts.collect()));
        }
    }

    /// What is set aside for sealing, by site.
    pub(crate) fn sealing(&self) -> PartsBySite {
        let mut sites = PartsBySite::default();
        for (_, sealing) in &self.sealing {
            for (site, parts) in sealing {
                sites.entry(*site).or_default().extend(parts.iter().cloned());
            }
        }
        sites
    }

    /// Lets go of what the catalog says is in segments.
    pub(crate) fn forget(&mut self, flushed: u64) {
        self.sealing.retain(|(position, _)| *position > flushed);
    }

    /// The position of the newest events that came in.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// A site's tail as parts: settled ones, and the newest events.
    pub(crate) fn parts(&mut self, site: SiteId) -> (Vec<Arc<Part>>, Option<Arc<Part>>) {
        let mut settled: Vec<Arc<Part>> = self
            .sealing
            .iter()
            .filter_map(|(_, parts)| parts.get(&site))
            .flatten()
            .cloned()
            .collect();
        let (pieces, newest) = self.live.get_mut(&site).map(Heap::parts).unwrap_or_default();
        settled.extend(pieces);
        (settled, newest)
    }

    /// How many events are here.
    pub(crate) fn events(&self) -> usize {
        self.sealed().map(|part| part.events()).sum::<usize>()
            + self.live.values().map(Heap::events).sum::<usize>()
    }

    /// How many events of a site are here.
    pub(crate) fn events_of(&self, site: SiteId) -> usize {
        let sealing = self.sealing.iter().filter_map(|(_, parts)| parts.get(&site));
        sealing.flatten().map(|part| part.events()).sum::<usize>()
            + self.live.get(&site).map_or(0, Heap::events)
    }

    /// What they take in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.sealed().map(|part| part.bytes()).sum::<usize>()
            + self.live.values().map(Heap::bytes).sum::<usize>()
    }

    fn sealed(&self) -> impl Iterator<Item = &Arc<Part>> {
        self.sealing
            .iter()
            .flat_map(|(_, sites)| sites.values())
            .flatten()
    }

    /// When the first event of a site happened that metrics count.
    pub(crate) fn first_event(&self, site: SiteId) -> Option<Moment> {
        let sealing = self.sealing.iter().filter_map(|(_, parts)| parts.get(&site));
        let sealed = sealing.flatten().filter_map(|part| part.first_event());
        sealed
            .chain(self.live.get(&site).and_then(Heap::first_event))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic;

    #[test]
    fn a_heap_keeps_every_event_however_many() {
        for count in [0, 1, PIECE_EVENTS - 1, PIECE_EVENTS, PIECE_EVENTS * 9 + 5] {
            let events = traffic::dense(count as u64, count);
            let mut heap = Heap::default();
            events.iter().cloned().for_each(|event| heap.push(event));
            assert_eq!(heap.events(), count);
            let (settled, newest) = heap.parts();
            let seen: usize = settled.iter().chain(&newest).map(|part| part.events()).sum();
            assert_eq!(seen, count);
            let whole = Part::of(events);
            assert_eq!(
                traffic::visits([(&heap.take(), None)]),
                traffic::visits([(&whole, None)])
            );
        }
    }
}
