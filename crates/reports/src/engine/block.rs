//! The selected rows of one piece, of all parts, each visitor's together.

use crate::engine::{
    scene::Scene,
    selection::{Selection, Survivors, WHOLE},
};
use vocabulary::{EventKind, VisitorKey};

/// Which columns of a block the tallies of a run need.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each column is wanted or not, whatever the others"
)]
pub(crate) struct Wants {
    /// Durations and bounces, and the page views of each visit.
    pub(crate) visits: bool,
    /// How many events of each visit are selected.
    pub(crate) counts: bool,
    /// The selected events of every visit.
    pub(crate) events: bool,
    /// Purchases and refunds.
    pub(crate) trade: bool,
}

/// Rows are visits that have a selected event, ordered by visitor.
#[derive(Default)]
pub(crate) struct Block {
    /// Part of each visit.
    pub(crate) part: Vec<u32>,
    /// Row of each visit in its part.
    pub(crate) visit: Vec<u32>,
    /// Stamp of its visitor: equal for visits of one visitor, never used before, never 0.
    pub(crate) visitor: Vec<u32>,
    /// Whether all its counted events are selected.
    pub(crate) whole: Vec<bool>,
    /// How many of its selected events are page views.
    pub(crate) views: Vec<u32>,
    /// How many of its events are selected.
    pub(crate) counts: Vec<u32>,
    /// Its duration as a whole visit.
    pub(crate) duration_ms: Vec<i64>,
    /// Whether it is a bounce as a whole visit.
    pub(crate) bounce: Vec<bool>,
    /// For each visit its first entry in `event`, and at the end their number. A whole visit has entries only if
    /// events are wanted; one that is not whole always has.
    pub(crate) event_from: Vec<u32>,
    /// Event rows in the visit's part.
    pub(crate) event: Vec<u32>,
    /// Visit (row of this block) of each entry in `event`, if events are wanted.
    pub(crate) event_visit: Vec<u32>,
    /// Selected purchases and refunds: visit (row of this block) and event (row in its part).
    pub(crate) trade: Vec<(u32, u32)>,
    /// Stamp of the first visit; the others follow it.
    pub(crate) first_visit_stamp: u32,
    last_visitor_stamp: u32,
    last_visit_stamp: u32,
    order: Vec<(VisitorKey, u32, u32)>,
}

impl Block {
    /// How many visits there are.
    pub(crate) fn len(&self) -> usize {
        self.visit.len()
    }

    fn clear(&mut self) {
        for column in [
            &mut self.part,
            &mut self.visit,
            &mut self.visitor,
            &mut self.views,
            &mut self.counts,
            &mut self.event_from,
            &mut self.event,
            &mut self.event_visit,
        ] {
            column.clear();
        }
        self.whole.clear();
        self.duration_ms.clear();
        self.bounce.clear();
        self.trade.clear();
    }

    /// Joins the survivors of all parts.
    pub(crate) fn fill(
        &mut self,
        scene: &Scene,
        selection: &Selection,
        survivors: &[Survivors],
        wants: Wants,
    ) {
        self.clear();
        self.first_visit_stamp = self.last_visit_stamp + 1;
        let mut filled = survivors.iter().enumerate().filter(|(_, s)| !s.visit.is_empty());
        match (filled.next(), filled.next()) {
            (None, _) => {}
            (Some((place, only)), None) => {
                let mut previous = None;
                for row in 0..only.visit.len() {
                    self.push(place, only, row, &mut previous, only.visitor[row]);
                }
            }
            (Some(_), Some(_)) => self.merge(scene, survivors),
        }
        self.last_visit_stamp += self.len() as u32;
        self.figures(scene, survivors, wants);
        if wants.trade {
            self.find_trade(scene, selection);
        }
    }

    #[inline]
    fn push<K: PartialEq + Copy>(
        &mut self,
        place: usize,
        survivors: &Survivors,
        row: usize,
        previous: &mut Option<K>,
        visitor: K,
    ) {
        if *previous != Some(visitor) {
            *previous = Some(visitor);
            self.last_visitor_stamp += 1;
        }
        self.part.push(place as u32);
        self.visit.push(survivors.visit[row]);
        self.visitor.push(self.last_visitor_stamp);
        self.event_from.push(survivors.list[row]);
    }

    fn merge(&mut self, scene: &Scene, survivors: &[Survivors]) {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        for (place, survivors) in survivors.iter().enumerate() {
            let keys = &scene.parts[place].part.visitors;
            let rows = survivors.visitor.iter().zip(0u32..);
            order.extend(rows.map(|(visitor, row)| (keys[*visitor as usize], place as u32, row)));
        }
        // A stable sort finds the runs, one a part, and merges them.
        order.sort_by_key(|(key, _, _)| *key);
        let mut previous = None;
        for (key, place, row) in &order {
            let place = *place as usize;
            self.push(place, &survivors[place], *row as usize, &mut previous, *key);
        }
        self.order = order;
    }

    /// Fills in what the tallies need of each visit. Comes with the number of each visit's list in `event_from`.
    fn figures(&mut self, scene: &Scene, survivors: &[Survivors], wants: Wants) {
        for row in 0..self.len() {
            let place = self.part[row] as usize;
            let visit = self.visit[row] as usize;
            let part = scene.parts[place].part;
            let list = self.event_from[row];
            let begin = self.event.len();
            self.event_from[row] = begin as u32;
            self.whole.push(list == WHOLE);
            if list == WHOLE {
                if wants.events {
                    let events = part.events_of(visit);
                    let counted = events.filter(|e| part.event_kind[*e].counts()).map(|e| e as u32);
                    self.event.extend(counted);
                }
                if wants.counts {
                    let kinds = &part.event_kind[part.events_of(visit)];
                    self.counts
                        .push(kinds.iter().filter(|k| k.counts()).count() as u32);
                }
                if wants.visits {
                    self.views.push(part.visit_page_views[visit]);
                }
            } else {
                let from = &survivors[place];
                let rows = from.lists[list as usize].clone();
                self.event
                    .extend_from_slice(&from.events[rows.start as usize..rows.end as usize]);
                if wants.counts {
                    self.counts.push(rows.len() as u32);
                }
                if wants.visits {
                    let is_view = |e: &&u32| part.event_kind[**e as usize] == EventKind::PageView;
                    self.views
                        .push(self.event[begin..].iter().filter(is_view).count() as u32);
                }
            }
            if wants.events {
                self.event_visit.resize(self.event.len(), row as u32);
            }
            if wants.visits {
                self.duration_ms.push(part.visit_duration_ms[visit]);
                self.bounce.push(part.visit_bounce[visit]);
            }
        }
        self.event_from.push(self.event.len() as u32);
    }

    fn find_trade(&mut self, scene: &Scene, selection: &Selection) {
        // The visits of a part come in its order, so a cursor a part suffices.
        let mut cursors = vec![None; scene.parts.len()];
        for row in 0..self.len() {
            let place = self.part[row] as usize;
            let events = scene.parts[place].part.events_of(self.visit[row] as usize);
            let trade = &selection.part(place).trade;
            let cursor = cursors[place]
                .get_or_insert_with(|| trade.partition_point(|event| (*event as usize) < events.start));
            while let Some(&event) = trade.get(*cursor) {
                if event as usize >= events.end {
                    break;
                }
                *cursor += 1;
                if (event as usize) < events.start {
                    continue;
                }
                let listed = &self.event[self.event_from[row] as usize..self.event_from[row + 1] as usize];
                if self.whole[row] || listed.binary_search(&event).is_ok() {
                    self.trade.push((row as u32, event));
                }
            }
        }
    }
}
