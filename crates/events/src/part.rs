//! Nested tables in memory: visitors hold visits, visits hold events, all in one order.

mod builder;
mod merge;

pub(crate) use builder::{CodeBuilder, PartBuilder};
pub(crate) use merge::{ALWAYS, Merger, merge};

use smol_str::SmolStr;
use std::ops::Range;
use vocabulary::{Column, Event, EventKind, Level, Moment, Sale, SiteId, VisitorKey, event::Texts};

/// Texts of one column as codes into a dictionary. Code 0 is the absent text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeColumn {
    /// One code a row (a visit or an event, by the column's level).
    pub codes: Vec<u32>,
    /// The text of each code; `dictionary[0]` is empty and stands for none.
    pub dictionary: Vec<SmolStr>,
}

impl Default for CodeColumn {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            dictionary: vec![SmolStr::default()],
        }
    }
}

impl CodeColumn {
    /// The text of a row, if it has one.
    pub fn text(&self, row: usize) -> Option<&SmolStr> {
        match self.codes[row] {
            0 => None,
            code => Some(&self.dictionary[code as usize]),
        }
    }
}

/// A site's events of some stretch of time as three nested tables, in the order of visitor key, then time.
///
/// Visits `visit_from[v]..visit_from[v + 1]` belong to visitor `v`, events `event_from[w]..event_from[w + 1]` to
/// visit `w`. A visitor occurs once. Text columns are at [`Part::column`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Visitors in ascending order.
    pub visitors: Vec<VisitorKey>,
    /// For each visitor its first visit, and at the end the number of visits.
    pub visit_from: Vec<u32>,
    /// For each visit its first event, and at the end the number of events.
    pub event_from: Vec<u32>,
    /// Start of each visit: its first event's time.
    pub visit_start: Vec<Moment>,
    /// Last minus first event of each visit, in milliseconds.
    pub visit_duration_ms: Vec<i64>,
    /// Page views of each visit.
    pub visit_page_views: Vec<u32>,
    /// Whether the visit is a bounce: one page view and no action. See [`is_bounce`].
    pub visit_bounce: Vec<bool>,
    /// Event (row number) that is the visit's first page view, or `u32::MAX` if it has none.
    pub visit_entry: Vec<u32>,
    /// Event (row number) that is the visit's last page view, or `u32::MAX` if it has none.
    pub visit_exit: Vec<u32>,
    /// Time of each event.
    pub event_time: Vec<Moment>,
    /// Kind of each event.
    pub event_kind: Vec<EventKind>,
    /// Whether each event shows that the visitor did something.
    pub event_interactive: Vec<bool>,
    /// Event rows that carry amounts, ascending.
    pub sale_event: Vec<u32>,
    /// The amounts of `sale_event`, in minor units.
    pub sale: Vec<Sale>,
    columns: Vec<CodeColumn>,
    /// The times of the first and last event.
    ends: Option<(Moment, Moment)>,
    /// The time of the first event that metrics count.
    first_counted: Option<Moment>,
}

/// A bounce: exactly one page view and no interactive action, purchase or refund.
pub fn is_bounce(page_views: u32, interactive_actions: u32) -> bool {
    page_views == 1 && interactive_actions == 0
}

impl Part {
    /// The texts of a column: one code a visit or an event, by the column's level.
    pub fn column(&self, column: Column) -> &CodeColumn {
        &self.columns[column as usize]
    }

    /// How many visits there are.
    pub fn visits(&self) -> usize {
        self.visit_start.len()
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.event_time.len()
    }

    /// The visits of a visitor.
    pub fn visits_of(&self, visitor: usize) -> Range<usize> {
        self.visit_from[visitor] as usize..self.visit_from[visitor + 1] as usize
    }

    /// The events of a visit.
    pub fn events_of(&self, visit: usize) -> Range<usize> {
        self.event_from[visit] as usize..self.event_from[visit + 1] as usize
    }

    /// Builds the nested tables from one site's events in the order of [`Event::order`].
    ///
    /// This is where visits are made: a visit ends after 30 minutes without an event, and its columns are those of
    /// its first event. It is a pure function of the events, so late ones change the answer only as they should.
    pub fn from_events(events: &[Event]) -> Self {
        debug_assert!(
            events.is_sorted_by(|a, b| a.order(b).is_le()),
            "events are given in order"
        );
        let mut builder = PartBuilder::with_room(0, 0, events.len());
        for event in events {
            builder.push(event);
        }
        builder.finish()
    }

    /// The same from events in any order.
    #[expect(clippy::needless_pass_by_value, reason = "the events are used up")]
    pub fn of(events: Vec<Event>) -> Self {
        Self::of_unordered(&events)
    }

    /// The same from borrowed events in any order. Only references are moved about.
    pub(crate) fn of_unordered(events: &[Event]) -> Self {
        let keys = events.iter().map(|event| (event.visitor, event.time, event));
        let mut ordered: Vec<(VisitorKey, Moment, &Event)> = keys.collect();
        // Visitor and time, which come first in that order, decide almost always.
        ordered.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| a.2.order(b.2)));
        let mut builder = PartBuilder::with_room(0, 0, events.len());
        for (_, _, event) in ordered {
            builder.push(event);
        }
        builder.finish()
    }

    /// Builds a part from tables read elsewhere; derives what is derived. `visit_from` and `event_from` lack their
    /// closing entries, and the `visit_*` figures but `visit_start` are empty. `columns` has one entry a [`Column`].
    pub(crate) fn with_columns(mut self, columns: Vec<CodeColumn>) -> Self {
        self.columns = columns;
        self.close();
        self
    }

    /// Closes the offset lists and derives each visit's figures.
    fn close(&mut self) {
        self.visit_from.push(self.visits() as u32);
        self.event_from.push(self.events() as u32);
        for visit in 0..self.visits() {
            let rows = self.events_of(visit);
            let (mut page_views, mut actions, mut entry, mut exit) = (0, 0, u32::MAX, u32::MAX);
            for row in rows.clone() {
                if self.event_kind[row].counts() {
                    let time = self.event_time[row];
                    self.first_counted = Some(self.first_counted.map_or(time, |first| first.min(time)));
                }
                match self.event_kind[row] {
                    EventKind::PageView => {
                        page_views += 1;
                        entry = entry.min(row as u32);
                        exit = row as u32;
                    }
                    EventKind::Engagement => {}
                    _ => actions += u32::from(self.event_interactive[row]),
                }
            }
            let (first, last) = (self.visit_start[visit], self.event_time[rows.end - 1]);
            self.ends = Some(
                self.ends
                    .map_or((first, last), |ends| (ends.0.min(first), ends.1.max(last))),
            );
            self.visit_duration_ms.push(last.0 - self.visit_start[visit].0);
            self.visit_page_views.push(page_views);
            self.visit_bounce.push(is_bounce(page_views, actions));
            self.visit_entry.push(entry);
            self.visit_exit.push(exit);
        }
    }

    /// The amounts of an event, if it carries any.
    pub fn sale_of(&self, event: usize) -> Option<&Sale> {
        self.sale_event
            .binary_search(&(event as u32))
            .ok()
            .map(|i| &self.sale[i])
    }

    /// The events of one visitor as they were kept. Events after a visit's first bear that first event's visit
    /// columns, which changes no answer (see [`Event::order`]).
    pub fn events_of_visitor(&self, site: SiteId, visitor: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for visit in self.visits_of(visitor) {
            self.push_events_of_visit(site, self.visitors[visitor], visit, &mut events);
        }
        events
    }

    /// Appends the events of one visit as they were kept.
    pub(crate) fn push_events_of_visit(
        &self,
        site: SiteId,
        visitor: VisitorKey,
        visit: usize,
        events: &mut Vec<Event>,
    ) {
        let mut shared = Texts::default();
        for column in Column::of(Level::Visit) {
            if let Some(text) = self.column(column).text(visit) {
                shared.set(column, text);
            }
        }
        for row in self.events_of(visit) {
            let mut texts = shared.clone();
            for column in Column::of(Level::Event) {
                if let Some(text) = self.column(column).text(row) {
                    texts.set(column, text);
                }
            }
            events.push(Event {
                site,
                visitor,
                time: self.event_time[row],
                kind: self.event_kind[row],
                interactive: self.event_interactive[row],
                sale: self.sale_of(row).copied(),
                texts,
            });
        }
    }

    /// The stretch from the first event to just after the last, in milliseconds; `None` without events.
    pub fn span(&self) -> Option<Range<i64>> {
        self.ends.map(|(first, last)| first.0..last.0 + 1)
    }

    /// When the first event happened that metrics count, if there is one.
    pub fn first_event(&self) -> Option<Moment> {
        self.first_counted
    }

    /// What the part takes in memory, in bytes, near enough to keep a cache within its bounds.
    pub fn bytes(&self) -> usize {
        let texts = |column: &CodeColumn| {
            let long = column.dictionary.iter().filter(|text| text.len() > 23);
            column.codes.len() * 4
                + column.dictionary.len() * size_of::<SmolStr>()
                + long.map(|text| text.len() + 16).sum::<usize>()
        };
        self.visitors.len() * 12
            + self.visits() * 33
            + self.events() * 10
            + self.sale.len() * (size_of::<Sale>() + 4)
            + self.columns.iter().map(texts).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(visitor: u64, minute: i64, kind: EventKind, page: &str, source: &str) -> Event {
        let mut texts = Texts::default();
        texts.set(Column::Page, page);
        texts.set(Column::Source, source);
        Event {
            site: SiteId(1),
            visitor: VisitorKey(visitor),
            time: Moment(minute * 60_000),
            kind,
            interactive: true,
            sale: None,
            texts,
        }
    }

    #[test]
    fn a_visit_ends_after_thirty_minutes_without_an_event() {
        use EventKind::{Action, Engagement, PageView};
        let events = [
            event(1, 0, PageView, "/", "Yandex"),
            event(1, 29, PageView, "/b", "Google"),
            event(1, 59, PageView, "/c", "Bing"),
            event(2, 0, PageView, "/", ""),
            event(2, 1, Engagement, "/", ""),
            event(3, 0, PageView, "/", ""),
            event(3, 2, Action, "/", ""),
            event(4, 5, Action, "/", ""),
        ];
        let part = Part::from_events(&events);
        assert_eq!(part.visitors.len(), 4);
        assert_eq!(part.visits(), 5);
        assert_eq!(part.visit_duration_ms, [29 * 60_000, 0, 60_000, 2 * 60_000, 0]);
        assert_eq!(part.visit_bounce, [false, true, true, false, false]);
        let source = part.column(Column::Source);
        assert_eq!(
            source.text(0).unwrap(),
            "Yandex",
            "the first event's value stands for the visit"
        );
        assert_eq!(source.text(1).unwrap(), "Bing");
        assert_eq!(source.text(2), None);
        assert_eq!(part.visit_exit[0], 1);
        assert_eq!(part.visit_entry[4], u32::MAX);
    }

    proptest! {
        /// Late events give the same tables as ordered ones: building in two steps equals building at once.
        #[test]
        fn events_added_later_give_the_same_tables(
            rows in proptest::collection::vec((0..3u64, 0..120i64, 0..5u8, 0..3u8, 0..3u8, any::<bool>()), 1..40),
        ) {
            let all: Vec<(Event, bool)> = rows.iter().map(|&(visitor, minute, kind, page, source, late)| {
                let kind = EventKind::from_number(kind).unwrap();
                (event(visitor, minute, kind, ["/", "/a", ""][page as usize], ["", "A", "B"][source as usize]), late)
            }).collect();
            let sorted = |mut events: Vec<Event>| { events.sort_by(Event::order); events };
            let at_once = Part::from_events(&sorted(all.iter().map(|(e, _)| e.clone()).collect()));
            let early = Part::from_events(&sorted(all.iter().filter(|(_, late)| !late).map(|(e, _)| e.clone()).collect()));
            let mut again: Vec<Event> = (0..early.visitors.len()).flat_map(|v| early.events_of_visitor(SiteId(1), v)).collect();
            again.extend(all.iter().filter(|(_, late)| *late).map(|(e, _)| e.clone()));
            let rebuilt = Part::from_events(&sorted(again));
            prop_assert_eq!(rebuilt, at_once);
        }
    }
}
