//! Joining parts whose visits may continue each other, without touching the parts.
//!
//! Invariant: of one visitor, visits that are not masked stand at least 30 minutes apart, whichever parts they are
//! in. So no visit is cut and none is counted twice.

use crate::{
    Part,
    part::{ALWAYS, Merger},
    view::Mask,
};
use std::{ops::Range, sync::Arc};
use vocabulary::{VisitorKey, moment::VISIT_GAP_MS};

/// A part of a view in the making.
#[derive(Clone, Debug)]
pub(crate) struct Masked {
    pub(crate) part: Arc<Part>,
    pub(crate) mask: Option<Arc<Mask>>,
    /// From the first event to just after the last, in milliseconds.
    span: Range<i64>,
}

/// Where a visitor occurs, from when to when.
#[derive(Clone, Copy)]
struct Place {
    candidate: u32,
    part: u32,
    row: u32,
    start: i64,
    end: i64,
}

impl Masked {
    /// A part with nothing masked; `None` if it holds no event.
    pub(crate) fn new(part: Arc<Part>) -> Option<Self> {
        Some(Self {
            span: part.span()?,
            part,
            mask: None,
        })
    }

    fn extent(&self, row: usize) -> (i64, i64) {
        let visits = self.part.visits_of(row);
        let last = visits.end - 1;
        (
            self.part.visit_start[visits.start].0,
            self.part.visit_start[last].0 + self.part.visit_duration_ms[last],
        )
    }

    fn is_masked(&self, row: usize) -> bool {
        self.mask.as_ref().is_some_and(|mask| mask.is_marked(row))
    }
}

/// Base parts, each with the range of time (milliseconds, half-open) that it alone covers, joined where a visit
/// crosses from one into another.
pub(crate) fn join_bases(bases: Vec<(Masked, Range<i64>)>) -> Vec<Masked> {
    // Whoever is in two bases of one visit was there within 30 minutes of the end of the earlier one's range, and
    // within 30 minutes of the start of the later one's.
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for (base, range) in &bases {
        let near_start = base.span.start < range.start.saturating_add(VISIT_GAP_MS);
        let near_end = base.span.end > range.end.saturating_sub(VISIT_GAP_MS);
        if !near_start && !near_end {
            continue;
        }
        for row in 0..base.part.visitors.len() {
            let (start, end) = base.extent(row);
            if start < range.start.saturating_add(VISIT_GAP_MS) {
                early.push(base.part.visitors[row]);
            }
            if end >= range.end.saturating_sub(VISIT_GAP_MS) {
                late.push(base.part.visitors[row]);
            }
        }
    }
    early.sort_unstable();
    early.dedup();
    late.sort_unstable();
    late.dedup();
    late.retain(|visitor| early.binary_search(visitor).is_ok());
    let parts = bases.into_iter().map(|(base, _)| base).collect();
    join(parts, &late, &ALWAYS)
}

/// Adds parts that may overlap everything there is, and one another, to parts that hold the invariant.
pub(crate) fn add(mut parts: Vec<Masked>, new: &[Arc<Part>]) -> Vec<Masked> {
    let new: Vec<Masked> = new.iter().filter_map(|part| Masked::new(part.clone())).collect();
    let (Some(start), Some(end)) = (
        new.iter().map(|m| m.span.start).min(),
        new.iter().map(|m| m.span.end).max(),
    ) else {
        return parts;
    };
    let mut candidates: Vec<VisitorKey> = new.iter().flat_map(|m| m.part.visitors.iter().copied()).collect();
    candidates.sort_unstable();
    candidates.dedup();
    parts.extend(new);
    join(
        parts,
        &candidates,
        &(start.saturating_sub(VISIT_GAP_MS)..end.saturating_add(VISIT_GAP_MS)),
    )
}

/// Restores the invariant for `candidates` (ascending), where only parts with events in `near` can break it: of each,
/// the rows that come within 30 minutes of one another are masked and their events go, merged, into a new part.
fn join(mut parts: Vec<Masked>, candidates: &[VisitorKey], near: &Range<i64>) -> Vec<Masked> {
    let mut places = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if part.span.start < near.end && near.start < part.span.end {
            find(part, number as u32, candidates, &mut places);
        }
    }
    places.sort_unstable_by_key(|place| (place.candidate, place.start, place.end));
    let sources: Vec<Arc<Part>> = parts.iter().map(|part| part.part.clone()).collect();
    let mut merger = Merger::new(sources.iter().map(AsRef::as_ref).collect(), false);
    let mut marks: Vec<Vec<u32>> = vec![Vec::new(); parts.len()];
    let mut joined = Vec::new();
    for places in places.chunk_by(|a, b| a.candidate == b.candidate) {
        joined.clear();
        let mut first = 0;
        while first < places.len() {
            let (mut after, mut end) = (first + 1, places[first].end);
            while after < places.len() && places[after].start - end < VISIT_GAP_MS {
                end = end.max(places[after].end);
                after += 1;
            }
            if after > first + 1 {
                for place in &places[first..after] {
                    marks[place.part as usize].push(place.row);
                    joined.push((place.part as usize, place.row as usize));
                }
            }
            first = after;
        }
        if !joined.is_empty() {
            merger.add(candidates[places[0].candidate as usize], &joined, &ALWAYS);
        }
    }
    let overlay = merger.finish();
    for (part, rows) in parts.iter_mut().zip(marks) {
        if !rows.is_empty() {
            let mut mask = match &part.mask {
                Some(mask) => mask.as_ref().clone(),
                None => Mask::new(part.part.visitors.len()),
            };
            for row in rows {
                mask.mark(row as usize);
            }
            part.mask = Some(Arc::new(mask));
        }
    }
    parts.extend(Masked::new(Arc::new(overlay)));
    parts
}

/// Where the candidates occur, unmasked, in a part.
fn find(part: &Masked, number: u32, candidates: &[VisitorKey], places: &mut Vec<Place>) {
    let visitors = &part.part.visitors;
    let mut row = 0;
    for (candidate, wanted) in candidates.iter().enumerate() {
        // Steps double until they pass the wanted one; then the last step is searched.
        let mut step = 1;
        while row + step < visitors.len() && visitors[row + step] < *wanted {
            step *= 2;
        }
        let reach = (row + step + 1).min(visitors.len());
        row += visitors[row..reach].partition_point(|visitor| visitor < wanted);
        if row == visitors.len() {
            return;
        }
        if visitors[row] == *wanted && !part.is_masked(row) {
            let (start, end) = part.extent(row);
            places.push(Place {
                candidate: candidate as u32,
                part: number,
                row: row as u32,
                start,
                end,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{self, Dice};
    use proptest::prelude::*;
    use vocabulary::Event;

    /// Splits events over bases with random ranges, deltas and three layers of tail, and joins them again.
    fn rejoin(events: &[Event], seed: u64) -> Vec<Masked> {
        let mut dice = Dice(seed);
        let mut cuts: Vec<i64> = (0..dice.roll(5))
            .map(|_| traffic::START_MS + dice.roll(400) as i64 * 60_000)
            .collect();
        cuts.extend([i64::MIN, i64::MAX]);
        cuts.sort_unstable();
        let mut bases = vec![Vec::new(); cuts.len() - 1];
        let mut layers = [(); 3].map(|()| [(); 3].map(|()| Vec::new()));
        for event in events {
            let layer = dice.roll(6) as usize;
            if layer < layers.len() {
                layers[layer][dice.roll(3) as usize].push(event.clone());
            } else {
                let place = cuts.partition_point(|cut| *cut <= event.time.0) - 1;
                bases[place.min(cuts.len() - 2)].push(event.clone());
            }
        }
        let bases = bases
            .into_iter()
            .zip(cuts.windows(2))
            .filter_map(|(events, cut)| Some((Masked::new(Arc::new(Part::of(events)))?, cut[0]..cut[1])));
        let mut parts = join_bases(bases.collect());
        for layer in layers {
            let new: Vec<Arc<Part>> = layer
                .into_iter()
                .map(|events| Arc::new(Part::of(events)))
                .collect();
            parts = add(parts, &new);
        }
        parts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn a_view_of_any_split_equals_one_part_of_all_events(seed: u64, count in 0..120usize, visitors in 1..8u64, step in 1..40i64) {
            let mut dice = Dice(seed);
            let events: Vec<Event> =
                (0..count).map(|_| traffic::event(&mut dice, visitors, 400 / step as u64 + 1, step * 60_000)).collect();
            let parts = rejoin(&events, seed ^ 1);
            let got = traffic::visits(parts.iter().map(|m| (m.part.as_ref(), m.mask.as_deref())));
            let whole = Part::of(events);
            prop_assert_eq!(got, traffic::visits([(&whole, None)]));
        }
    }
}
