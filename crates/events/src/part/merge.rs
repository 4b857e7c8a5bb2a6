//! Merging parts into one: the same tables as if all their events had been read together.

use super::{Part, builder::PartBuilder, builder::Renaming};
use std::{cmp::Ordering, ops::Range};
use vocabulary::{Column, Level, VisitorKey, moment::VISIT_GAP_MS};

/// All of time, in milliseconds.
pub(crate) const ALWAYS: Range<i64> = i64::MIN..i64::MAX;

/// Merges visitors of several parts, one after the other.
pub(crate) struct Merger<'a> {
    sources: Vec<&'a Part>,
    renamings: Vec<Renaming>,
    builder: PartBuilder,
    visits: Vec<Piece>,
    rows: Vec<Row>,
}

/// A visit of a source.
#[derive(Clone, Copy)]
struct Piece {
    source: usize,
    visit: usize,
    start: i64,
    end: i64,
}

/// An event of a visit of a source.
#[derive(Clone, Copy)]
struct Row {
    source: usize,
    visit: usize,
    event: usize,
}

impl Row {
    /// [`Event::order`](vocabulary::Event::order) of two events of one visitor, without making them.
    fn order(&self, other: &Self, sources: &[&Part]) -> Ordering {
        let (a, b) = (sources[self.source], sources[other.source]);
        let key = |part: &Part, row: &Self| (part.event_time[row.event], part.event_kind[row.event]);
        let rest = |part: &Part, row: &Self| {
            let sale = part.sale_of(row.event).copied();
            (part.event_interactive[row.event], sale)
        };
        let texts = |level: Level, mine: usize, others: usize| {
            Column::of(level)
                .map(|column| a.column(column).text(mine).cmp(&b.column(column).text(others)))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        key(a, self)
            .cmp(&key(b, other))
            .then_with(|| texts(Level::Event, self.event, other.event))
            .then_with(|| rest(a, self).cmp(&rest(b, other)))
            .then_with(|| texts(Level::Visit, self.visit, other.visit))
    }
}

impl<'a> Merger<'a> {
    /// `whole` says that most of the sources is expected to be appended.
    pub(crate) fn new(sources: Vec<&'a Part>, whole: bool) -> Self {
        let sum = |count: fn(&Part) -> usize| {
            let sources = sources.iter().filter(|_| whole);
            sources.map(|source| count(source)).sum()
        };
        Self {
            builder: PartBuilder::with_room(
                sum(|part| part.visitors.len()),
                sum(Part::visits),
                sum(Part::events),
            ),
            renamings: sources.iter().map(|_| Renaming::default()).collect(),
            sources,
            visits: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Appends the events that lie in `range` (milliseconds) of one visitor, given as (source, row of the visitor in
    /// it). Visitors are appended in ascending order.
    ///
    /// Visits that no other piece comes near are copied as they are; only those that join are made anew, event by
    /// event.
    pub(crate) fn add(&mut self, visitor: VisitorKey, places: &[(usize, usize)], range: &Range<i64>) {
        self.visits.clear();
        for &(source, row) in places {
            let part = self.sources[source];
            for visit in part.visits_of(row) {
                let start = part.visit_start[visit].0;
                let end = start + part.visit_duration_ms[visit];
                if start < range.end && end >= range.start {
                    self.visits.push(Piece {
                        source,
                        visit,
                        start,
                        end,
                    });
                }
            }
        }
        self.visits.sort_unstable_by_key(|piece| (piece.start, piece.end));
        let mut first = 0;
        while first < self.visits.len() {
            let (mut after, mut end) = (first + 1, self.visits[first].end);
            while after < self.visits.len() && self.visits[after].start - end < VISIT_GAP_MS {
                end = end.max(self.visits[after].end);
                after += 1;
            }
            let piece = self.visits[first];
            if after == first + 1 && piece.start >= range.start && piece.end < range.end {
                let part = self.sources[piece.source];
                let renaming = &mut self.renamings[piece.source];
                self.builder
                    .copy(part, visitor, piece.visit..piece.visit + 1, renaming);
            } else {
                self.rows.clear();
                for piece in &self.visits[first..after] {
                    let part = self.sources[piece.source];
                    self.rows.extend(
                        part.events_of(piece.visit)
                            .filter(|row| range.contains(&part.event_time[*row].0))
                            .map(|event| Row {
                                source: piece.source,
                                visit: piece.visit,
                                event,
                            }),
                    );
                }
                let sources = &self.sources;
                self.rows.sort_unstable_by(|a, b| a.order(b, sources));
                for row in &self.rows {
                    let renaming = &mut self.renamings[row.source];
                    self.builder
                        .join(self.sources[row.source], visitor, row.visit, row.event, renaming);
                }
            }
            first = after;
        }
    }

    /// Appends visitors of one source that no other source has, all of whose events are wanted.
    fn add_alone(&mut self, source: usize, rows: Range<usize>) {
        self.builder
            .copy_visitors(self.sources[source], rows, &mut self.renamings[source]);
    }

    pub(crate) fn finish(self) -> Part {
        self.builder.finish()
    }
}

fn next_is_before(source: &Part, row: usize, until: VisitorKey) -> bool {
    source.visitors.get(row).is_some_and(|visitor| *visitor < until)
}

/// The events of all `sources` that lie in `range` (milliseconds, half-open), as one part.
pub(crate) fn merge(sources: &[&Part], range: &Range<i64>) -> Part {
    let mut cursors = vec![0; sources.len()];
    let whole: Vec<bool> = sources
        .iter()
        .map(|source| {
            source
                .span()
                .is_some_and(|span| range.start <= span.start && span.end <= range.end)
        })
        .collect();
    let mut merger = Merger::new(sources.to_vec(), whole.iter().all(|whole| *whole));
    let mut places = Vec::new();
    loop {
        let next = |source: usize, cursors: &[usize]| sources[source].visitors.get(cursors[source]).copied();
        let Some((visitor, first)) = (0..sources.len())
            .filter_map(|source| Some((next(source, &cursors)?, source)))
            .min()
        else {
            return merger.finish();
        };
        if whole[first] {
            // Visitors up to the next one of any other source are copied in one go.
            let others = (0..sources.len()).filter(|source| *source != first);
            let until = others.filter_map(|source| next(source, &cursors)).min();
            let mut after = cursors[first];
            match until {
                None => after = sources[first].visitors.len(),
                Some(until) => {
                    while next_is_before(sources[first], after, until) {
                        after += 1;
                    }
                }
            }
            if after > cursors[first] {
                merger.add_alone(first, cursors[first]..after);
                cursors[first] = after;
                continue;
            }
        }
        places.clear();
        for source in 0..sources.len() {
            if next(source, &cursors) == Some(visitor) {
                places.push((source, cursors[source]));
                cursors[source] += 1;
            }
        }
        merger.add(visitor, &places, range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merging_equals_reading_all_events_together(seed: u64, pieces in 1..5usize, cut in 0..400i64) {
            let events = traffic::dense(seed, 60);
            let mut split = vec![Vec::new(); pieces];
            for (place, event) in events.iter().enumerate() {
                split[(place * 7 + seed as usize % 11) % pieces].push(event.clone());
            }
            let parts: Vec<Part> = split.into_iter().map(Part::of).collect();
            let sources: Vec<&Part> = parts.iter().collect();
            let whole = Part::of(events);
            prop_assert_eq!(traffic::visits([(&merge(&sources, &ALWAYS), None)]), traffic::visits([(&whole, None)]));
            // Cut in two by time and merged again, nothing is lost.
            let cut = traffic::START_MS + cut * 60_000;
            let (early, late) = (merge(&sources, &(i64::MIN..cut)), merge(&sources, &(cut..i64::MAX)));
            prop_assert!(early.event_time.iter().all(|t| t.0 < cut) && late.event_time.iter().all(|t| t.0 >= cut));
            prop_assert_eq!(traffic::visits([(&merge(&[&late, &early], &ALWAYS), None)]), traffic::visits([(&whole, None)]));
        }
    }
}
