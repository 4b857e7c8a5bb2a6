//! The live tail: events that are durable in the journal and not yet in a segment.

use crate::{Part, part::ALWAYS, part::merge};
use rustc_hash::FxHashMap;
use std::{mem, sync::Arc};
use vocabulary::{Event, SiteId};

/// So many loose events are put in order and made a part, so that a question about the newest ones stays cheap.
const PIECE_EVENTS: usize = 4096;
/// So many parts are made one.
const PIECES: usize = 8;

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
            if self.pieces.len() >= PIECES {
                self.gather();
            }
        }
    }

    /// Makes the loose events a part.
    fn settle(&mut self) {
        let loose = mem::take(&mut self.loose);
        let ordered = self.ordered.take();
        if !loose.is_empty() {
            self.pieces
                .push(ordered.unwrap_or_else(|| Arc::new(Part::of(loose))));
        }
    }

    fn gather(&mut self) {
        if self.pieces.len() > 1 {
            let sources: Vec<&Part> = self.pieces.iter().map(AsRef::as_ref).collect();
            self.pieces = vec![Arc::new(merge(&sources, &ALWAYS))];
        }
    }

    /// Everything as parts: settled ones, which stay the same for long, and the newest events.
    pub(crate) fn parts(&mut self) -> (Vec<Arc<Part>>, Option<Arc<Part>>) {
        if self.ordered.is_none() && !self.loose.is_empty() {
            self.ordered = Some(Arc::new(Part::of(self.loose.clone())));
        }
        (self.pieces.clone(), self.ordered.clone())
    }

    /// Everything as one part; nothing is left.
    pub(crate) fn take(mut self) -> Part {
        self.settle();
        let sources: Vec<&Part> = self.pieces.iter().map(AsRef::as_ref).collect();
        merge(&sources, &ALWAYS)
    }

    pub(crate) fn events(&self) -> usize {
        self.pieces.iter().map(|part| part.events()).sum::<usize>() + self.loose.len()
    }

    fn bytes(&self) -> usize {
        self.pieces.iter().map(|part| part.bytes()).sum::<usize>() + self.loose.len() * size_of::<Event>()
    }
}

/// The tail of every site.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    live: FxHashMap<SiteId, Heap>,
    /// Being sealed, with the journal position up to which it goes. More than one only if a flush has failed.
    sealing: Vec<(u64, FxHashMap<SiteId, Arc<Part>>)>,
    /// The position of the newest events here, or the last that were.
    position: u64,
}

impl Tail {
    /// Takes in events from the journal, in its order.
    pub(crate) fn push(&mut self, position: u64, events: Vec<Event>) {
        self.position = self.position.max(position);
        for event in events {
            self.live.entry(event.site).or_default().push(event);
        }
    }

    /// Sets all live events aside for sealing, one part a site. They stay visible until [`Tail::forget`].
    pub(crate) fn seal(&mut self) {
        let live = mem::take(&mut self.live);
        if !live.is_empty() {
            let parts = live.into_iter().map(|(site, heap)| (site, Arc::new(heap.take())));
            self.sealing.push((self.position, parts.collect()));
        }
    }

    /// What is set aside for sealing, by site.
    pub(crate) fn sealing(&self) -> FxHashMap<SiteId, Vec<Arc<Part>>> {
        let mut sites: FxHashMap<SiteId, Vec<Arc<Part>>> = FxHashMap::default();
        for (_, parts) in &self.sealing {
            for (site, part) in parts {
                sites.entry(*site).or_default().push(part.clone());
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
            .filter_map(|(_, parts)| parts.get(&site).cloned())
            .collect();
        let (pieces, newest) = self.live.get_mut(&site).map(Heap::parts).unwrap_or_default();
        settled.extend(pieces);
        (settled, newest)
    }

    /// How many events are here.
    pub(crate) fn events(&self) -> usize {
        let sealing = self.sealing.iter().flat_map(|(_, parts)| parts.values());
        sealing.map(|part| part.events()).sum::<usize>() + self.live.values().map(Heap::events).sum::<usize>()
    }

    /// How many events of a site are here.
    pub(crate) fn events_of(&self, site: SiteId) -> usize {
        let sealing = self.sealing.iter().filter_map(|(_, parts)| parts.get(&site));
        sealing.map(|part| part.events()).sum::<usize>() + self.live.get(&site).map_or(0, Heap::events)
    }

    /// What they take in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let sealing = self.sealing.iter().flat_map(|(_, parts)| parts.values());
        sealing.map(|part| part.bytes()).sum::<usize>() + self.live.values().map(Heap::bytes).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic;

    #[test]
    fn a_heap_keeps_every_event_however_many() {
        for count in [
            0,
            1,
            PIECE_EVENTS - 1,
            PIECE_EVENTS,
            PIECE_EVENTS * (PIECES + 1) + 5,
        ] {
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
