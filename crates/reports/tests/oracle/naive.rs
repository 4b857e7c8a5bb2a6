//! The definitions, followed word by word, one event at a time.

use jiff::{Timestamp, ToSpan, Zoned, tz::TimeZone};
use regex::Regex;
use reports::{Dimension, Direction, Filter, Interval, Metric, Operator, OrderKey, Question, Range};
use smol_str::{SmolStr, format_smolstr};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{Column, Event, EventKind, Goal, Level, Moment};

pub(crate) type NaiveRow = (Vec<SmolStr>, Vec<Option<f64>>, Option<Vec<Option<f64>>>);

/// Visits: a visitor's events in order, cut where 30 minutes pass.
pub(crate) fn visits(events: &[Event]) -> Vec<Vec<Event>> {
    let mut sorted = events.to_vec();
    sorted.sort_by(Event::order);
    let mut visits: Vec<Vec<Event>> = Vec::new();
    for event in sorted {
        match visits.last_mut() {
            Some(visit)
                if visit[0].visitor == event.visitor
                    && event.time.0 - visit[visit.len() - 1].time.0 < 30 * 60 * 1000 =>
            {
                visit.push(event);
            }
            _ => visits.push(vec![event]),
        }
    }
    visits
}

/// A label as it is shown.
pub(crate) fn shown(label: &SmolStr) -> SmolStr {
    label.split('\0').next_back().unwrap_or_default().into()
}

pub(crate) struct Naive {
    visits: Vec<Vec<Event>>,
    zone: TimeZone,
    goals: Vec<Goal>,
    patterns: RefCell<BTreeMap<String, Option<Regex>>>,
}

#[derive(Default)]
struct Group {
    visitors: BTreeSet<u64>,
    visits: BTreeSet<usize>,
    events: Vec<Event>,
}

impl Naive {
    pub(crate) fn new(events: &[Event], zone: TimeZone, goals: Vec<Goal>) -> Self {
        Self {
            visits: visits(events),
            zone,
            goals,
            patterns: RefCell::default(),
        }
    }

    fn zoned(&self, moment: Moment) -> Zoned {
        Timestamp::from_millisecond(moment.0)
            .expect("a timestamp")
            .to_zoned(self.zone.clone())
    }

    fn label(&self, moment: Moment, interval: Interval) -> SmolStr {
        let zoned = self.zoned(moment);
        let day = zoned.date();
        match interval {
            // A minute that the clock shows twice is two buckets; what precedes the NUL keeps them apart, in order.
            Interval::Minute => format_smolstr!(
                "{:020}\0{}",
                moment.0.div_euclid(60_000),
                zoned.strftime("%F %H:%M:00")
            ),
            Interval::Hour => format_smolstr!("{}", zoned.strftime("%F %H:00:00")),
            Interval::Day => format_smolstr!("{day}"),
            Interval::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                format_smolstr!("{}", day - back.days())
            }
            Interval::Month => format_smolstr!("{}", day.first_of_month()),
        }
    }

    /// The labels that the clock shows during a range, in order.
    pub(crate) fn labels(&self, range: &Range, interval: Interval) -> Vec<SmolStr> {
        let mut labels = Vec::new();
        let mut at = range.from;
        while at < range.to {
            labels.push(self.label(at, interval));
            at = Moment(at.0 - at.0.rem_euclid(60_000) + 60_000);
        }
        labels.dedup();
        labels
    }

    fn values(&self, dimension: &Dimension, visit: &[Event], event: &Event) -> Vec<SmolStr> {
        let mut views = visit.iter().filter(|e| e.kind == EventKind::PageView);
        let path = |e: Option<&Event>| vec![e.and_then(|e| e.text(Column::Page)).unwrap_or("").into()];
        match dimension {
            Dimension::Column(column) if column.level() == Level::Visit => {
                vec![visit[0].text(*column).unwrap_or("").into()]
            }
            Dimension::Column(column) => vec![event.text(*column).unwrap_or("").into()],
            Dimension::EntryPage => path(views.next()),
            Dimension::ExitPage => path(views.next_back()),
            Dimension::Property(key) => {
                let object = event.text(Column::Properties).unwrap_or("{}");
                let object: serde_json::Value = serde_json::from_str(object).expect("an object");
                vec![object[key.as_str()].as_str().unwrap_or("").into()]
            }
            Dimension::Time(interval) => vec![self.label(event.time, *interval)],
            Dimension::Product => {
                let items = event.text(Column::Items).unwrap_or("[]");
                let items: serde_json::Value = serde_json::from_str(items).expect("an array");
                let items = items.as_array().expect("an array").iter();
                let name = |item: &serde_json::Value| {
                    let text = |key: &str| item[key].as_str().filter(|t| !t.is_empty());
                    text("name").or(text("sku")).map(SmolStr::from)
                };
                items
                    .filter_map(name)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect()
            }
            Dimension::Goal => {
                let reached: BTreeSet<SmolStr> = self
                    .goals
                    .iter()
                    .filter(|goal| {
                        if event.kind == EventKind::PageView {
                            goal.rule.matches_page(event.text(Column::Page).unwrap_or(""))
                        } else {
                            goal.rule.matches_action(event.text(Column::Name).unwrap_or(""))
                        }
                    })
                    .map(|goal| goal.name.clone())
                    .collect();
                reached.into_iter().collect()
            }
        }
    }

    fn pattern(&self, text: &str, case_sensitive: bool) -> Option<Regex> {
        let prefix = if case_sensitive { "" } else { "(?i)" };
        let text = format!("{prefix}{text}");
        let mut known = self.patterns.borrow_mut();
        known
            .entry(text.clone())
            .or_insert_with(|| Regex::new(&text).ok())
            .clone()
    }

    fn holds(&self, filter: &Filter, visit: &[Event], event: &Event) -> bool {
        match filter {
            Filter::All => true,
            Filter::And(parts) => parts.iter().all(|p| self.holds(p, visit, event)),
            Filter::Or(parts) => parts.iter().any(|p| self.holds(p, visit, event)),
            Filter::Not(inner) => !self.holds(inner, visit, event),
            Filter::Leaf {
                dimension,
                operator,
                values,
                case_sensitive,
            } => {
                let found = self.values(dimension, visit, event);
                let mut found: Vec<SmolStr> = found.iter().map(shown).collect();
                if found.is_empty() {
                    found.push(SmolStr::default());
                }
                let fold = |text: &SmolStr| {
                    if *case_sensitive {
                        text.to_string()
                    } else {
                        text.to_lowercase()
                    }
                };
                let one = |text: &SmolStr, value: &SmolStr| match operator {
                    Operator::Is | Operator::IsNot => fold(text) == fold(value),
                    Operator::Contains | Operator::ContainsNot => fold(text).contains(&fold(value)),
                    Operator::Matches | Operator::MatchesNot => self
                        .pattern(value, *case_sensitive)
                        .is_some_and(|p| p.is_match(text)),
                };
                let readable = values.iter().all(|v| {
                    !matches!(operator, Operator::Matches | Operator::MatchesNot)
                        || self.pattern(v, *case_sensitive).is_some()
                });
                let any = readable && found.iter().any(|t| values.iter().any(|v| one(t, v)));
                any != operator.is_denial()
            }
        }
    }

    fn groups(
        &self,
        range: &Range,
        filter: &Filter,
        dimensions: &[Dimension],
    ) -> BTreeMap<Vec<SmolStr>, Group> {
        let mut groups: BTreeMap<Vec<SmolStr>, Group> = BTreeMap::new();
        for (number, visit) in self.visits.iter().enumerate() {
            for event in visit {
                if event.time < range.from
                    || event.time >= range.to
                    || !event.kind.counts()
                    || !self.holds(filter, visit, event)
                {
                    continue;
                }
                let mut keys: Vec<Vec<SmolStr>> = vec![Vec::new()];
                for dimension in dimensions {
                    let values = self.values(dimension, visit, event);
                    keys = keys
                        .iter()
                        .flat_map(|key| {
                            values.iter().map(move |value| {
                                let mut key = key.clone();
                                key.push(value.clone());
                                key
                            })
                        })
                        .collect();
                }
                for key in keys {
                    let group = groups.entry(key).or_default();
                    group.visitors.insert(event.visitor.0);
                    group.visits.insert(number);
                    group.events.push(event.clone());
                }
            }
        }
        groups
    }

    /// A refund without an amount gives back the dearest purchase of that number and currency.
    fn revenue(&self, event: &Event) -> Option<i64> {
        let revenue = event.sale?.revenue;
        if revenue != 0 || event.kind != EventKind::Refund {
            return Some(revenue);
        }
        let same = |e: &&Event| {
            e.kind == EventKind::Purchase
                && e.text(Column::OrderId).is_some()
                && e.text(Column::OrderId) == event.text(Column::OrderId)
                && e.text(Column::Currency) == event.text(Column::Currency)
        };
        let paid = self
            .visits
            .iter()
            .flatten()
            .filter(same)
            .filter_map(|e| e.sale)
            .map(|s| s.revenue)
            .max();
        Some(-paid.unwrap_or(0))
    }

    fn metric(&self, metric: Metric, group: &Group, base: usize) -> Option<f64> {
        let by = |above: f64, below: usize| (below > 0).then(|| above / below as f64);
        let of_kind = |kind| group.events.iter().filter(move |e| e.kind == kind);
        let own = |e: &&Event| e.sale.is_some() && matches!(e.text(Column::Currency), None | Some("EUR"));
        let revenue =
            |events: Vec<&Event>| events.iter().filter_map(|e| self.revenue(e)).sum::<i64>() as f64 / 100.0;
        let visits = || group.visits.iter().map(|v| &self.visits[*v]);
        Some(match metric {
            Metric::Visitors => group.visitors.len() as f64,
            Metric::Visits => group.visits.len() as f64,
            Metric::Pageviews => of_kind(EventKind::PageView).count() as f64,
            Metric::Events => group.events.len() as f64,
            Metric::Orders => of_kind(EventKind::Purchase).count() as f64,
            Metric::TotalRevenue => revenue(group.events.iter().filter(own).collect()),
            Metric::AverageOrder => {
                let priced: Vec<&Event> = of_kind(EventKind::Purchase).filter(own).collect();
                return by(revenue(priced.clone()), priced.len());
            }
            Metric::ViewsPerVisit => {
                return by(of_kind(EventKind::PageView).count() as f64, group.visits.len());
            }
            Metric::BounceRate => {
                let bounces = visits().filter(|visit| {
                    let views = visit.iter().filter(|e| e.kind == EventKind::PageView).count();
                    let acts = |e: &&Event| {
                        e.interactive && !matches!(e.kind, EventKind::PageView | EventKind::Engagement)
                    };
                    views == 1 && visit.iter().filter(acts).count() == 0
                });
                return by(100.0 * bounces.count() as f64, group.visits.len());
            }
            Metric::VisitDuration => {
                let total: i64 = visits().map(|v| v[v.len() - 1].time.0 - v[0].time.0).sum();
                return by(total as f64 / 1000.0, group.visits.len());
            }
            Metric::ConversionRate => return by(100.0 * group.visitors.len() as f64, base),
        })
    }

    /// Every row of the answer, in order.
    pub(crate) fn answer(&self, question: &Question) -> Vec<NaiveRow> {
        let dimensions = &question.dimensions;
        let of_base = |d: &Dimension| d.name().starts_with("visit:") || d.name().starts_with("time:");
        let base_dimensions: Vec<Dimension> = dimensions.iter().filter(|d| of_base(d)).cloned().collect();
        let base_key = |key: &[SmolStr]| -> Vec<SmolStr> {
            let both = key.iter().zip(dimensions);
            both.filter(|(_, d)| of_base(d)).map(|(k, _)| k.clone()).collect()
        };
        let base_filter = without_deeds(&question.filter);
        let counted = |range: &Range| {
            (
                self.groups(range, &question.filter, dimensions),
                self.groups(range, &base_filter, &base_dimensions),
            )
        };
        let (mut groups, base) = counted(&question.range);
        if dimensions.is_empty() {
            groups.entry(Vec::new()).or_default();
        }
        if let ([Dimension::Time(interval)], true) = (dimensions.as_slice(), question.dense) {
            for label in self.labels(&question.range, *interval) {
                groups.entry(vec![label]).or_default();
            }
        }
        let values =
            |metrics: &[Metric], key: &[SmolStr], group: &Group, base: &BTreeMap<Vec<SmolStr>, Group>| {
                let visitors = base.get(&base_key(key)).map_or(0, |g| g.visitors.len());
                metrics
                    .iter()
                    .map(|m| self.metric(*m, group, visitors))
                    .collect::<Vec<_>>()
            };
        let other = question.comparison.as_ref().map(|range| (range, counted(range)));
        let mut rows: Vec<(Vec<Option<f64>>, NaiveRow)> = groups
            .iter()
            .map(|(key, group)| {
                let comparison = other.as_ref().map(|(range, (groups, base))| {
                    match self.counterpart(key, dimensions, &question.range, range) {
                        None => vec![None; question.metrics.len()],
                        Some(key) => {
                            let nothing = Group::default();
                            let group = groups.get(&key).unwrap_or(&nothing);
                            values(&question.metrics, &key, group, base)
                        }
                    }
                });
                let row = (
                    key.clone(),
                    values(&question.metrics, key, group, &base),
                    comparison,
                );
                (values(Metric::ALL, key, group, &base), row)
            })
            .collect();
        rows.sort_by(|a, b| compare(question, a, b));
        rows.into_iter()
            .map(|(_, (key, values, comparison))| (key.iter().map(shown).collect(), values, comparison))
            .collect()
    }

    /// The key of the same group in another range: buckets by their place, the rest by their text.
    fn counterpart(
        &self,
        key: &[SmolStr],
        dimensions: &[Dimension],
        range: &Range,
        other: &Range,
    ) -> Option<Vec<SmolStr>> {
        key.iter()
            .zip(dimensions)
            .map(|(label, dimension)| match dimension {
                Dimension::Time(interval) => {
                    let place = self.labels(range, *interval).iter().position(|l| l == label)?;
                    self.labels(other, *interval).get(place).cloned()
                }
                _ => Some(label.clone()),
            })
            .collect()
    }
}

type Sortable = (Vec<Option<f64>>, NaiveRow);

fn compare(question: &Question, a: &Sortable, b: &Sortable) -> Ordering {
    let time = question
        .dimensions
        .iter()
        .find(|d| matches!(d, Dimension::Time(_)));
    let order = match (question.order.as_slice(), time) {
        ([], Some(time)) => vec![(OrderKey::Dimension(time.clone()), Direction::Ascending)],
        ([], None) => vec![(OrderKey::Metric(question.metrics[0]), Direction::Descending)],
        (order, _) => order.to_vec(),
    };
    for (key, direction) in order {
        let found = match key {
            OrderKey::Metric(metric) => {
                let place = Metric::ALL.iter().position(|m| *m == metric).expect("a metric");
                match (a.0[place], b.0[place]) {
                    (Some(a), Some(b)) => a.partial_cmp(&b).expect("numbers"),
                    (None, None) => Ordering::Equal,
                    (Some(_), None) => return Ordering::Less,
                    (None, Some(_)) => return Ordering::Greater,
                }
            }
            OrderKey::Dimension(dimension) => {
                let place = question
                    .dimensions
                    .iter()
                    .position(|d| *d == dimension)
                    .expect("asked");
                a.1.0[place].cmp(&b.1.0[place])
            }
        };
        let found = if direction == Direction::Descending {
            found.reverse()
        } else {
            found
        };
        if found.is_ne() {
            return found;
        }
    }
    a.1.0.cmp(&b.1.0)
}

/// Conditions joined by "and" at the top, without those that are about goal, name, page or properties alone.
fn without_deeds(filter: &Filter) -> Filter {
    match filter {
        Filter::And(parts) => Filter::And(parts.iter().map(without_deeds).collect()),
        other if leaves(other).is_empty() => other.clone(),
        other => {
            let deed = |name: &String| {
                ["event:goal", "event:product", "event:name", "event:page"].contains(&name.as_str())
                    || name.starts_with("event:props:")
            };
            if leaves(other).iter().all(deed) {
                Filter::All
            } else {
                other.clone()
            }
        }
    }
}

fn leaves(filter: &Filter) -> Vec<String> {
    match filter {
        Filter::All => Vec::new(),
        Filter::Leaf { dimension, .. } => vec![dimension.name().into_owned()],
        Filter::And(parts) | Filter::Or(parts) => parts.iter().flat_map(leaves).collect(),
        Filter::Not(inner) => leaves(inner),
    }
}
