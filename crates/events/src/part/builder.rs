//! Building a part visitor by visitor, from events or from rows of other parts.

use super::{CodeColumn, Part};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::ops::Range;
use vocabulary::{Column, Event, EventKind, Level, Moment, Sale, VisitorKey, moment::VISIT_GAP_MS};

/// Appends texts to a [`CodeColumn`].
#[derive(Default)]
pub(crate) struct CodeBuilder {
    column: CodeColumn,
    known: FxHashMap<SmolStr, u32>,
    /// The code that [`CodeBuilder::push`] appended last.
    last: u32,
}

impl CodeBuilder {
    fn code(&mut self, text: &str, shared: impl FnOnce() -> SmolStr) -> u32 {
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = self.column.dictionary.len() as u32;
        let text = shared();
        self.column.dictionary.push(text.clone());
        self.known.insert(text, code);
        code
    }

    /// The column so far.
    pub(crate) fn finish(self) -> CodeColumn {
        self.column
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, text: Option<&str>) {
        let code = match text {
            None => 0,
            // Neighbours are often alike.
            Some(text) if self.column.dictionary[self.last as usize] == text => self.last,
            Some(text) => self.code(text, || SmolStr::new(text)),
        };
        self.last = code;
        self.column.codes.push(code);
    }

    /// Appends rows of another column; `renamed` remembers the codes found so far.
    fn copy(&mut self, source: &CodeColumn, rows: Range<usize>, renamed: &mut Vec<u32>) {
        if renamed.is_empty() {
            renamed.resize(source.dictionary.len(), UNKNOWN);
            renamed[0] = 0;
        }
        for &code in &source.codes[rows] {
            let mut new = renamed[code as usize];
            if new == UNKNOWN {
                let text = &source.dictionary[code as usize];
                new = self.code(text, || text.clone());
                renamed[code as usize] = new;
            }
            self.column.codes.push(new);
        }
    }
}

const UNKNOWN: u32 = u32::MAX;

/// The codes of one source part in the part being built, by column; filled as they are met.
pub(crate) struct Renaming(Vec<Vec<u32>>);

impl Default for Renaming {
    fn default() -> Self {
        Self(vec![Vec::new(); Column::COUNT])
    }
}

/// Builds a [`Part`]. Visitors come in ascending order, each one's events in the order of [`Event::order`].
pub(crate) struct PartBuilder {
    part: Part,
    columns: Vec<CodeBuilder>,
    last: Option<(VisitorKey, Moment)>,
}

impl PartBuilder {
    /// A builder with room for so many rows of each table.
    pub(crate) fn with_room(visitors: usize, visits: usize, events: usize) -> Self {
        let part = Part {
            visitors: Vec::with_capacity(visitors),
            visit_from: Vec::with_capacity(visitors + 1),
            visit_start: Vec::with_capacity(visits),
            event_from: Vec::with_capacity(visits + 1),
            event_time: Vec::with_capacity(events),
            event_kind: Vec::with_capacity(events),
            event_interactive: Vec::with_capacity(events),
            ..Part::default()
        };
        let columns = Column::ALL.iter().map(|column| {
            let mut builder = CodeBuilder::default();
            builder.column.codes.reserve_exact(match column.level() {
                Level::Visit => visits,
                Level::Event => events,
            });
            builder
        });
        Self {
            part,
            columns: columns.collect(),
            last: None,
        }
    }

    /// Appends an event: it joins the visitor's last visit if that ended less than 30 minutes before.
    pub(crate) fn push(&mut self, event: &Event) {
        if self.begins_visit(event.visitor, event.time) {
            for column in Column::of(Level::Visit) {
                self.columns[column as usize].push(event.text(column));
            }
        }
        for column in Column::of(Level::Event) {
            self.columns[column as usize].push(event.text(column));
        }
        self.push_event(event.time, event.kind, event.interactive, event.sale);
    }

    /// Appends an event of another part, given as its visit and its own row there, as [`PartBuilder::push`] would.
    pub(crate) fn join(
        &mut self,
        source: &Part,
        visitor: VisitorKey,
        visit: usize,
        event: usize,
        renaming: &mut Renaming,
    ) {
        let time = source.event_time[event];
        if self.begins_visit(visitor, time) {
            self.copy_columns(source, Level::Visit, visit..visit + 1, renaming);
        }
        self.copy_columns(source, Level::Event, event..event + 1, renaming);
        self.push_event(
            time,
            source.event_kind[event],
            source.event_interactive[event],
            source.sale_of(event).copied(),
        );
    }

    /// Whether an event begins a visit, after rows for the visit, and for the visitor, were appended if so.
    fn begins_visit(&mut self, visitor: VisitorKey, time: Moment) -> bool {
        let part = &mut self.part;
        let last = self.last.filter(|(last, _)| *last == visitor);
        if last.is_none() {
            part.visitors.push(visitor);
            part.visit_from.push(part.visit_start.len() as u32);
        }
        let begins = last.is_none_or(|(_, last)| time.0 - last.0 >= VISIT_GAP_MS);
        if begins {
            part.event_from.push(part.event_time.len() as u32);
            part.visit_start.push(time);
        }
        self.last = Some((visitor, time));
        begins
    }

    fn push_event(&mut self, time: Moment, kind: EventKind, interactive: bool, sale: Option<Sale>) {
        let part = &mut self.part;
        if let Some(sale) = sale {
            part.sale_event.push(part.event_time.len() as u32);
            part.sale.push(sale);
        }
        part.event_time.push(time);
        part.event_kind.push(kind);
        part.event_interactive.push(interactive);
    }

    /// Appends rows of the columns of a level.
    fn copy_columns(&mut self, source: &Part, level: Level, rows: Range<usize>, renaming: &mut Renaming) {
        for column in Column::of(level) {
            self.columns[column as usize].copy(
                source.column(column),
                rows.clone(),
                &mut renaming.0[column as usize],
            );
        }
    }

    /// Appends whole visits of a visitor as they are. They start at least 30 minutes after what was appended for
    /// that visitor before.
    pub(crate) fn copy(
        &mut self,
        source: &Part,
        visitor: VisitorKey,
        visits: Range<usize>,
        renaming: &mut Renaming,
    ) {
        if visits.is_empty() {
            return;
        }
        let part = &mut self.part;
        match self.last {
            Some((last, time)) if last == visitor => {
                debug_assert!(
                    source.visit_start[visits.start].0 - time.0 >= VISIT_GAP_MS,
                    "copied visits stand apart"
                );
            }
            last => {
                debug_assert!(
                    last.is_none_or(|(last, _)| last < visitor),
                    "visitors come in order"
                );
                part.visitors.push(visitor);
                part.visit_from.push(part.visit_start.len() as u32);
            }
        }
        self.copy_visits(source, visitor, visits, renaming);
    }

    /// Appends a run of visitors with all their visits as they are.
    pub(crate) fn copy_visitors(&mut self, source: &Part, rows: Range<usize>, renaming: &mut Renaming) {
        if rows.is_empty() {
            return;
        }
        debug_assert!(
            self.last
                .is_none_or(|(last, _)| last < source.visitors[rows.start]),
            "visitors come in order"
        );
        let part = &mut self.part;
        let (first, new_first) = (source.visit_from[rows.start], part.visit_start.len() as u32);
        let visits = first as usize..source.visit_from[rows.end] as usize;
        part.visit_from.extend(
            source.visit_from[rows.clone()]
                .iter()
                .map(|from| from - first + new_first),
        );
        part.visitors.extend_from_slice(&source.visitors[rows.clone()]);
        self.copy_visits(source, source.visitors[rows.end - 1], visits, renaming);
    }

    /// Appends the rows of visits, the last of which is `visitor`'s.
    fn copy_visits(
        &mut self,
        source: &Part,
        visitor: VisitorKey,
        visits: Range<usize>,
        renaming: &mut Renaming,
    ) {
        let part = &mut self.part;
        let (first, new_first) = (source.event_from[visits.start], part.event_time.len() as u32);
        let rows = first as usize..source.event_from[visits.end] as usize;
        part.event_from.extend(
            source.event_from[visits.clone()]
                .iter()
                .map(|from| from - first + new_first),
        );
        part.visit_start
            .extend_from_slice(&source.visit_start[visits.clone()]);
        part.event_time
            .extend_from_slice(&source.event_time[rows.clone()]);
        part.event_kind
            .extend_from_slice(&source.event_kind[rows.clone()]);
        part.event_interactive
            .extend_from_slice(&source.event_interactive[rows.clone()]);
        let sales = source
            .sale_event
            .partition_point(|row| (*row as usize) < rows.start)
            ..source
                .sale_event
                .partition_point(|row| (*row as usize) < rows.end);
        part.sale_event.extend(
            source.sale_event[sales.clone()]
                .iter()
                .map(|row| row - first + new_first),
        );
        part.sale.extend_from_slice(&source.sale[sales]);
        self.last = Some((visitor, source.event_time[rows.end - 1]));
        self.copy_columns(source, Level::Visit, visits, renaming);
        self.copy_columns(source, Level::Event, rows, renaming);
    }

    pub(crate) fn finish(self) -> Part {
        self.part
            .with_columns(self.columns.into_iter().map(CodeBuilder::finish).collect())
    }
}
