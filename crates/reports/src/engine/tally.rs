//! Counting the rows of blocks into groups.

use crate::{
    Dimension,
    engine::{
        axis::Axis,
        block::{Block, Wants},
        counted::{Counted, Groups},
        scene::Scene,
        selection::Selection,
        total::{Money, Needs, Total},
    },
};
use vocabulary::{Column, EventKind};

/// Up to so many combinations of values have a place in a table each; beyond, they are found by hashing.
const DENSE_GROUPS: usize = 1 << 18;

/// What to count: groups by these dimensions, these sums.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Tally {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) needs: Needs,
}

impl Tally {
    /// What it wants of blocks.
    pub(crate) fn wants(&self) -> Wants {
        let by_event = self.level() == Level::Event;
        Wants {
            visits: self.needs.visits,
            counts: self.needs.events && !by_event,
            events: by_event,
            trade: self.needs.trade,
        }
    }

    fn level(&self) -> Level {
        let mut of_event = self.dimensions.iter().filter(|d| !d.is_of_visit());
        match (of_event.next(), of_event.next()) {
            (None, _) => Level::Visit,
            (Some(Dimension::Time(_)), None) => Level::Stretch,
            _ => Level::Event,
        }
    }
}

/// What a row stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// A visit.
    Visit,
    /// Events of a visit that follow each other in one time bucket.
    Stretch,
    /// An event.
    Event,
}

/// A group while it is counted. Stamps tell whether the visitor or visit at hand was counted already.
#[derive(Clone, Copy, Default)]
struct Count {
    visitor_stamp: u32,
    visit_stamp: u32,
    visitors: u32,
    visits: u32,
    bounces: u32,
    page_views: u32,
    events: u64,
    duration_ms: i64,
}

/// The groups of a tally, as one thread counts them.
pub(crate) struct Table<'t> {
    tally: &'t Tally,
    axes: Vec<usize>,
    level: Level,
    groups: Groups,
    /// Whether visitors are all that is counted.
    is_lean: bool,
    /// If so: stamp and number of each group.
    lean: Vec<[u32; 2]>,
    /// If not: all sums of each group.
    full: Vec<Count>,
    money: Vec<Money>,
    rows: Rows,
    /// Values of each of several dimensions.
    columns: Vec<Vec<u32>>,
}

/// Rows to be counted, when they are not the visits of the block.
#[derive(Default)]
struct Rows {
    /// Visit (row of the block).
    visit: Vec<u32>,
    /// Event (row in the visit's part).
    event: Vec<u32>,
    /// How many events it stands for, and how many page views.
    events: Vec<u32>,
    views: Vec<u32>,
    /// Value of the first dimension that has several an event, or of time.
    value: Vec<u32>,
    /// Value of the second dimension that has several an event.
    second: Vec<u32>,
    group: Vec<u32>,
}

impl Rows {
    fn clear(&mut self) {
        for column in [
            &mut self.visit,
            &mut self.event,
            &mut self.events,
            &mut self.views,
            &mut self.value,
            &mut self.second,
            &mut self.group,
        ] {
            column.clear();
        }
    }
}

impl<'t> Table<'t> {
    pub(crate) fn new(tally: &'t Tally, scene: &Scene) -> Self {
        let axes: Vec<usize> = tally.dimensions.iter().map(|d| scene.axis(d)).collect();
        let mut size = 1usize;
        let strides = axes
            .iter()
            .map(|axis| {
                let stride = size as u32;
                size = size.saturating_mul(scene.axes[*axis].1.labels.len());
                stride
            })
            .collect();
        let dense = axes.len() < 2 || size <= DENSE_GROUPS;
        let size = if dense { size } else { 0 };
        let is_lean = !tally.needs.visits && !tally.needs.events;
        Self {
            tally,
            level: tally.level(),
            axes,
            groups: if dense {
                Groups::Dense(strides)
            } else {
                Groups::Hashed(rustc_hash::FxHashMap::default())
            },
            is_lean,
            lean: if is_lean { vec![[0; 2]; size] } else { Vec::new() },
            full: if is_lean {
                Vec::new()
            } else {
                vec![Count::default(); size]
            },
            money: if tally.needs.trade {
                vec![Money::default(); size]
            } else {
                Vec::new()
            },
            rows: Rows::default(),
            columns: vec![Vec::new(); tally.dimensions.len()],
        }
    }

    /// Counts a block.
    pub(crate) fn count(&mut self, scene: &Scene, selection: &Selection, block: &Block) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        match self.level {
            Level::Visit => {}
            Level::Stretch => self.stretches(scene, block, &mut rows),
            Level::Event => self.events(scene, block, &mut rows),
        }
        self.group(scene, block, &mut rows);
        let by_several = self.several()[0].is_some();
        let visits = match self.level {
            Level::Event if !by_several => &block.event_visit,
            _ => &rows.visit,
        };
        let is_single = self.axes.is_empty();
        let group = |row: usize| if is_single { 0 } else { rows.group[row] as usize };
        match (self.level, self.is_lean) {
            (Level::Visit, true) => {
                count_visitors(&mut self.lean, block.len(), group, |row| block.visitor[row]);
            }
            (_, true) => count_visitors(&mut self.lean, visits.len(), group, |row| {
                block.visitor[visits[row] as usize]
            }),
            (Level::Visit, false) => {
                let events = |row: usize| block.counts.get(row).copied().unwrap_or_default();
                let sums = |row: usize| (row, events(row), block.views[row]);
                count_all(&mut self.full, block, block.len(), group, sums);
            }
            (Level::Stretch, false) => {
                let sums = |row: usize| (visits[row] as usize, rows.events[row], rows.views[row]);
                count_all(&mut self.full, block, visits.len(), group, sums);
            }
            (Level::Event, false) => {
                let sums = |row: usize| (visits[row] as usize, 1, rows.views[row]);
                count_all(&mut self.full, block, visits.len(), group, sums);
            }
        }
        if self.tally.needs.trade {
            self.trade(scene, selection, block);
        }
        self.rows = rows;
    }

    /// Visits as far as they lie in one bucket.
    fn stretches(&self, scene: &Scene, block: &Block, rows: &mut Rows) {
        let axis = self.time_axis(scene);
        let wants = self.tally.needs;
        for visit in 0..block.len() {
            let part = scene.parts[block.part[visit] as usize].part;
            let row = block.visit[visit] as usize;
            let mut push = |bucket: u32, events: u32, views: u32| {
                rows.visit.push(visit as u32);
                rows.value.push(bucket);
                rows.events.push(events);
                rows.views.push(views);
            };
            let start = part.visit_start[row];
            let bucket = axis.bucket(start);
            let all = part.events_of(row);
            if block.whole[visit] {
                let end = start.plus_ms(part.visit_duration_ms[row]);
                if axis.bucket(end) == bucket {
                    let counts = if wants.events { block.counts[visit] } else { 0 };
                    let views = if wants.visits { block.views[visit] } else { 0 };
                    push(bucket, counts, views);
                    continue;
                }
            }
            let mut running = None;
            let mut add = |event: usize| {
                let bucket = axis.bucket(part.event_time[event]);
                let view = u32::from(part.event_kind[event] == EventKind::PageView);
                running = match running {
                    Some((same, events, views)) if same == bucket => Some((bucket, events + 1, views + view)),
                    before => {
                        if let Some((bucket, events, views)) = before {
                            push(bucket, events, views);
                        }
                        Some((bucket, 1, view))
                    }
                };
            };
            if block.whole[visit] {
                all.filter(|e| part.event_kind[*e].counts()).for_each(&mut add);
            } else {
                let listed = block.event_from[visit] as usize..block.event_from[visit + 1] as usize;
                block.event[listed].iter().for_each(|e| add(*e as usize));
            }
            if let Some((bucket, events, views)) = running {
                push(bucket, events, views);
            }
        }
    }

    /// Events, once for each value (or pair of values) of the dimensions that have several; without such dimensions
    /// they are the block's.
    fn events(&self, scene: &Scene, block: &Block, rows: &mut Rows) {
        let kind = |visit: u32, event: u32| {
            scene.parts[block.part[visit as usize] as usize].part.event_kind[event as usize]
        };
        let listed = block.event_visit.iter().zip(&block.event);
        let several = self.several();
        if several[0].is_some() {
            for (&visit, &event) in listed {
                let place = block.part[visit as usize] as usize;
                let [values, seconds] =
                    self.values_of(several, scene, place, kind(visit, event), event as usize);
                for value in values {
                    for second in seconds {
                        rows.visit.push(visit);
                        rows.event.push(event);
                        rows.value.push(*value);
                        rows.second.push(*second);
                    }
                }
            }
            let listed = rows.visit.iter().zip(&rows.event);
            rows.views
                .extend(listed.map(|(visit, event)| u32::from(kind(*visit, *event) == EventKind::PageView)));
        } else if !self.is_lean {
            rows.views
                .extend(listed.map(|(visit, event)| u32::from(kind(*visit, *event) == EventKind::PageView)));
        }
    }

    fn place_of(&self, is: impl Fn(&Dimension) -> bool) -> Option<usize> {
        self.tally.dimensions.iter().position(is)
    }

    /// The dimensions that have several values an event; there are two such dimensions at most.
    fn several(&self) -> [Option<usize>; 2] {
        let mut places = (0..self.axes.len()).filter(|d| self.tally.dimensions[*d].has_several());
        [places.next(), places.next()]
    }

    /// An event's values of each of these dimensions; a single 0 for one that there is not.
    fn values_of<'s>(
        &self,
        several: [Option<usize>; 2],
        scene: &'s Scene,
        part: usize,
        kind: EventKind,
        event: usize,
    ) -> [&'s [u32]; 2] {
        several.map(|dimension| match dimension {
            Some(dimension) => scene.axes[self.axes[dimension]].1.several_of(part, kind, event),
            None => &[0],
        })
    }

    fn time_axis<'s>(&self, scene: &'s Scene) -> &'s Axis<'s> {
        let place = self
            .place_of(|d| matches!(d, Dimension::Time(_)))
            .expect("stretches are made for time dimensions only");
        &scene.axes[self.axes[place]].1
    }

    /// Finds the group of each row.
    fn group(&mut self, scene: &Scene, block: &Block, rows: &mut Rows) {
        let [given, second] = match self.level {
            Level::Visit => [None, None],
            Level::Stretch => [self.place_of(|d| matches!(d, Dimension::Time(_))), None],
            Level::Event => self.several(),
        };
        let (group, columns) = (&mut rows.group, &mut self.columns);
        for (dimension, axis) in self.axes.iter().enumerate() {
            // A single dimension's values are the groups.
            let single = self.axes.len() == 1;
            let values = if single {
                &mut *group
            } else {
                &mut columns[dimension]
            };
            values.clear();
            let axis = &scene.axes[*axis].1;
            match self.level {
                _ if given == Some(dimension) => values.extend_from_slice(&rows.value),
                _ if second == Some(dimension) => values.extend_from_slice(&rows.second),
                Level::Visit => axis.fill_visits(block, values),
                Level::Stretch => values.extend(rows.visit.iter().map(|visit| {
                    let visit = *visit as usize;
                    axis.of_visit(block.part[visit] as usize, block.visit[visit] as usize)
                })),
                Level::Event if given.is_some() => {
                    axis.fill_events(block, &rows.visit, &rows.event, values);
                }
                Level::Event => axis.fill_events(block, &block.event_visit, &block.event, values),
            }
        }
        if self.axes.len() < 2 {
            return;
        }
        let mut key = vec![0; columns.len()];
        for row in 0..columns[0].len() {
            for (code, column) in key.iter_mut().zip(&*columns) {
                *code = column[row];
            }
            group.push(self.groups.number(&key));
        }
        if let Groups::Hashed(known) = &self.groups {
            let size = known.len();
            grow(
                &mut self.lean,
                &mut self.full,
                &mut self.money,
                self.tally.needs,
                size,
            );
        }
    }

    fn trade(&mut self, scene: &Scene, selection: &Selection, block: &Block) {
        let several = self.several();
        let mut key = vec![0; self.axes.len()];
        for &(visit, event) in &block.trade {
            let place = block.part[visit as usize] as usize;
            let visit_row = block.visit[visit as usize] as usize;
            let event = event as usize;
            let part = scene.parts[place].part;
            let kind = part.event_kind[event];
            let own = part.column(Column::Currency).codes[event] as usize;
            let revenue = if selection.part(place).own_currency[own] {
                scene.revenue(part, event)
            } else {
                None
            };
            let is_order = kind == EventKind::Purchase;
            let money = Money {
                orders: u64::from(is_order),
                priced_orders: u64::from(is_order && revenue.is_some()),
                order_revenue: if is_order { revenue.unwrap_or(0) } else { 0 },
                revenue: revenue.unwrap_or(0),
            };
            for (dimension, part) in key.iter_mut().enumerate() {
                if !several.contains(&Some(dimension)) {
                    *part = scene.axes[self.axes[dimension]]
                        .1
                        .of_event(place, visit_row, event);
                }
            }
            let [values, seconds] = self.values_of(several, scene, place, kind, event);
            for value in values {
                for other in seconds {
                    for (dimension, value) in several.iter().zip([value, other]) {
                        if let Some(dimension) = dimension {
                            key[*dimension] = *value;
                        }
                    }
                    self.add_money(&key, money);
                }
            }
        }
    }

    fn add_money(&mut self, key: &[u32], money: Money) {
        let group = self.groups.number(key);
        self.money[group as usize] += money;
    }

    /// What was counted.
    pub(crate) fn finish(self, scene: &Scene) -> Counted {
        let total = |group: usize| {
            let mut total = match (self.full.get(group), self.lean.get(group)) {
                (Some(count), _) => Total {
                    visitors: count.visitors.into(),
                    visits: count.visits.into(),
                    bounces: count.bounces.into(),
                    duration_ms: count.duration_ms,
                    events: count.events,
                    page_views: count.page_views.into(),
                    money: Money::default(),
                },
                (None, Some([_, visitors])) => Total {
                    visitors: (*visitors).into(),
                    ..Total::default()
                },
                (None, None) => Total::default(),
            };
            total.money = self.money.get(group).copied().unwrap_or_default();
            total
        };
        let sizes = self.axes.iter().map(|a| scene.axes[*a].1.labels.len() as u32);
        Counted {
            totals: (0..self.full.len().max(self.lean.len())).map(total).collect(),
            sizes: sizes.collect(),
            axes: self.axes,
            groups: self.groups,
        }
    }
}

fn grow(lean: &mut Vec<[u32; 2]>, full: &mut Vec<Count>, money: &mut Vec<Money>, needs: Needs, size: usize) {
    if needs.visits || needs.events {
        full.resize(size, Count::default());
    } else {
        lean.resize(size, [0; 2]);
    }
    if needs.trade {
        money.resize(size, Money::default());
    }
}

#[inline]
fn count_visitors(
    groups: &mut [[u32; 2]],
    rows: usize,
    group: impl Fn(usize) -> usize,
    visitor: impl Fn(usize) -> u32,
) {
    for row in 0..rows {
        let visitor = visitor(row);
        let [stamp, visitors] = &mut groups[group(row)];
        *visitors += u32::from(*stamp != visitor);
        *stamp = visitor;
    }
}

#[inline]
fn count_all(
    groups: &mut [Count],
    block: &Block,
    rows: usize,
    group: impl Fn(usize) -> usize,
    sums: impl Fn(usize) -> (usize, u32, u32),
) {
    for row in 0..rows {
        let (visit, events, views) = sums(row);
        let count = &mut groups[group(row)];
        count.events += u64::from(events);
        count.page_views += views;
        let stamp = block.first_visit_stamp + visit as u32;
        if count.visit_stamp != stamp {
            count.visit_stamp = stamp;
            count.visits += 1;
            count.bounces += u32::from(block.bounce[visit]);
            count.duration_ms += block.duration_ms[visit];
            let visitor = block.visitor[visit];
            count.visitors += u32::from(count.visitor_stamp != visitor);
            count.visitor_stamp = visitor;
        }
    }
}
