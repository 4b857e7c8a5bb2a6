//! The events that a range and a filter select, piece by piece.

use crate::{
    Filter,
    engine::{
        block::{Block, Wants},
        condition::{Background, Condition},
        scene::Scene,
    },
};
use events::Part;
use std::ops::Range as Rows;
use vocabulary::{Column, EventKind};

/// A filter made ready for every part of a scene.
pub(crate) struct Selection<'v> {
    parts: Vec<Selected<'v>>,
}

/// A filter made ready for one part, with what is looked up there.
pub(crate) struct Selected<'v> {
    /// Conditions on visits, and on events.
    of_visit: Condition<'v>,
    of_event: Condition<'v>,
    /// Rows of purchases and refunds, if they are wanted.
    pub(crate) trade: Vec<u32>,
    /// For each code of the currency column, whether it is the site's.
    pub(crate) own_currency: Vec<bool>,
}

/// Visits of one part that have a selected event, in order.
#[derive(Default)]
pub(crate) struct Survivors {
    pub(crate) visitor: Vec<u32>,
    pub(crate) visit: Vec<u32>,
    /// [`WHOLE`] if all its counted events are selected, else a number in `lists`.
    pub(crate) list: Vec<u32>,
    pub(crate) lists: Vec<Rows<u32>>,
    pub(crate) events: Vec<u32>,
}

/// All counted events of the visit are selected.
pub(crate) const WHOLE: u32 = u32::MAX;

impl Survivors {
    fn clear(&mut self) {
        self.visitor.clear();
        self.visit.clear();
        self.list.clear();
        self.lists.clear();
        self.events.clear();
    }
}

impl<'v> Selection<'v> {
    pub(crate) fn new(filter: &Filter, scene: &Scene<'v, '_>, background: Background, wants: Wants) -> Self {
        let (of_visit, of_event): (Vec<_>, Vec<_>) = filter
            .clone()
            .into_conjuncts()
            .into_iter()
            .partition(Filter::is_of_visit);
        let parts: Vec<&'v Part> = scene.parts.iter().map(|p| p.part).collect();
        let parts = super::scene::shared_work(scene.events(), &parts, |part| {
            let ready = |filters: &[Filter]| {
                Condition::all(
                    filters
                        .iter()
                        .map(|f| Condition::new(f, part, background))
                        .collect(),
                )
            };
            let is_trade = |kind: &EventKind| matches!(kind, EventKind::Purchase | EventKind::Refund);
            let rows = part.event_kind.iter().zip(0u32..);
            let currency = background.site.currency.as_str();
            Selected {
                of_visit: ready(&of_visit),
                of_event: ready(&of_event),
                trade: if wants.trade {
                    rows.filter(|(kind, _)| is_trade(kind))
                        .map(|(_, row)| row)
                        .collect()
                } else {
                    Vec::new()
                },
                own_currency: part
                    .column(Column::Currency)
                    .dictionary
                    .iter()
                    .map(|code| code.is_empty() || code == currency)
                    .collect(),
            }
        });
        Self { parts }
    }

    /// The ready filter of a part.
    pub(crate) fn part(&self, part: usize) -> &Selected<'v> {
        &self.parts[part]
    }

    /// Selects a piece of the scene.
    pub(crate) fn fill(
        &self,
        scene: &Scene,
        piece: usize,
        survivors: &mut [Survivors],
        block: &mut Block,
        wants: Wants,
    ) {
        for (place, survivors) in survivors.iter_mut().enumerate() {
            survivors.clear();
            let rows = scene.cuts[piece][place]..scene.cuts[piece + 1][place];
            self.parts[place].survive(scene, place, rows, survivors);
        }
        block.fill(scene, self, survivors, wants);
    }
}

impl Selected<'_> {
    fn survive(&self, scene: &Scene, place: usize, visitors: Rows<usize>, survivors: &mut Survivors) {
        if matches!(self.of_visit, Condition::Constant(false))
            || matches!(self.of_event, Condition::Constant(false))
        {
            return;
        }
        let masked = scene.parts[place];
        let part = masked.part;
        let (from, to) = (scene.range.from.0, scene.range.to.0);
        let all_visits = matches!(self.of_visit, Condition::Constant(true));
        let all_events = matches!(self.of_event, Condition::Constant(true));
        for visitor in visitors {
            if masked.mask.is_some_and(|mask| mask.is_marked(visitor)) {
                continue;
            }
            for visit in part.visits_of(visitor) {
                let start = part.visit_start[visit].0;
                let end = start + part.visit_duration_ms[visit];
                if start >= to || end < from || !(all_visits || self.of_visit.holds(visit, 0)) {
                    continue;
                }
                if all_events && start >= from && end < to {
                    let counts = part.visit_page_views[visit] > 0
                        || part.events_of(visit).any(|e| part.event_kind[e].counts());
                    if counts {
                        survivors.visitor.push(visitor as u32);
                        survivors.visit.push(visit as u32);
                        survivors.list.push(WHOLE);
                    }
                    continue;
                }
                let begin = survivors.events.len() as u32;
                for event in part.events_of(visit) {
                    let time = part.event_time[event].0;
                    if part.event_kind[event].counts()
                        && time >= from
                        && time < to
                        && (all_events || self.of_event.holds(visit, event))
                    {
                        survivors.events.push(event as u32);
                    }
                }
                let end = survivors.events.len() as u32;
                if begin < end {
                    survivors.visitor.push(visitor as u32);
                    survivors.visit.push(visit as u32);
                    survivors.list.push(survivors.lists.len() as u32);
                    survivors.lists.push(begin..end);
                }
            }
        }
    }
}
