//! From questions to walks, and from what walks count to answers.

use crate::{
    Answer, Dimension, Direction, Filter, Meta, Metric, Operator, OrderKey, Question, Range, Row, Site, Unit,
    View, Warning,
    engine::{
        counted::Counted,
        run::{Found, run},
        scene::{Masked, Scene, shared_work},
        tally::Tally,
        total::{Needs, Total},
    },
    filter::Matcher,
};
use smol_str::SmolStr;
use std::cmp::Ordering;

/// Questions with the walks that answer them.
pub(crate) struct Plan<'v, 'q, 's> {
    questions: &'q [Question],
    site: &'s Site<'s>,
    scenes: Vec<Scene<'v, 'q>>,
    walks: Vec<Walk>,
    asked: Vec<Asked>,
}

/// All tallies of one scene and filter.
struct Walk {
    scene: usize,
    filter: Filter,
    tallies: Vec<Tally>,
}

/// Where the figures of a question are found.
struct Asked {
    here: Place,
    comparison: Option<Place>,
}

/// Where the figures of one range are found: walk and tally; and those that a conversion rate is taken against.
#[derive(Clone, Copy)]
struct Place {
    scene: usize,
    main: (usize, usize),
    base: Option<(usize, usize)>,
}

impl<'v, 'q, 's> Plan<'v, 'q, 's> {
    pub(crate) fn new(questions: &'q [Question], view: &'v View, site: &'s Site<'s>) -> Self {
        let parts = Masked::of(view);
        let events = parts.iter().map(|p| p.part.events()).sum();
        let spans = shared_work(events, &parts, Masked::span);
        let mut ranges: Vec<(&Range, Vec<Dimension>)> = Vec::new();
        for question in questions {
            for range in std::iter::once(&question.range).chain(&question.comparison) {
                let place = ranges
                    .iter()
                    .position(|(r, _)| same(r, range))
                    .unwrap_or_else(|| {
                        ranges.push((range, Vec::new()));
                        ranges.len() - 1
                    });
                let dimensions = &mut ranges[place].1;
                for dimension in &question.dimensions {
                    if !dimensions.contains(dimension) {
                        dimensions.push(dimension.clone());
                    }
                }
            }
        }
        let mut plan = Self {
            questions,
            site,
            scenes: ranges
                .into_iter()
                .map(|(range, dimensions)| Scene::new(range, &dimensions, &parts, &spans, site))
                .collect(),
            walks: Vec::new(),
            asked: Vec::new(),
        };
        for question in questions {
            let asked = Asked {
                here: plan.ask(question, &question.range),
                comparison: question
                    .comparison
                    .as_ref()
                    .map(|range| plan.ask(question, range)),
            };
            plan.asked.push(asked);
        }
        plan
    }

    fn ask(&mut self, question: &Question, range: &Range) -> Place {
        let scene = self
            .scenes
            .iter()
            .position(|s| same(s.range, range))
            .expect("every range has its scene");
        let ordered = question.order.iter().filter_map(|(key, _)| match key {
            OrderKey::Metric(metric) => Some(*metric),
            OrderKey::Dimension(_) => None,
        });
        let metrics: Vec<Metric> = question.metrics.iter().copied().chain(ordered).collect();
        let dimensions = distinct(&question.dimensions);
        let base = metrics.contains(&Metric::ConversionRate).then(|| {
            let dimensions = dimensions.iter().filter(|d| is_of_base(d)).cloned().collect();
            let filter = question.filter.without_deeds();
            self.tally(scene, filter, dimensions, Needs::default())
        });
        Place {
            scene,
            main: self.tally(scene, question.filter.clone(), dimensions, Needs::of(metrics)),
            base,
        }
    }

    fn tally(
        &mut self,
        scene: usize,
        filter: Filter,
        dimensions: Vec<Dimension>,
        needs: Needs,
    ) -> (usize, usize) {
        let found = self
            .walks
            .iter()
            .position(|w| w.scene == scene && w.filter == filter);
        let walk = found.unwrap_or_else(|| {
            self.walks.push(Walk {
                scene,
                filter,
                tallies: Vec::new(),
            });
            self.walks.len() - 1
        });
        let tallies = &mut self.walks[walk].tallies;
        if let Some(tally) = tallies.iter().position(|t| t.dimensions == dimensions) {
            tallies[tally].needs = tallies[tally].needs.or(needs);
            return (walk, tally);
        }
        tallies.push(Tally { dimensions, needs });
        (walk, tallies.len() - 1)
    }

    /// Walks, and makes the answers.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        let found: Vec<Found> = self
            .walks
            .iter()
            .map(|walk| run(&walk.filter, &walk.tallies, &self.scenes[walk.scene], self.site))
            .collect();
        self.questions
            .iter()
            .zip(&self.asked)
            .map(|(question, asked)| self.answer(question, asked, &found))
            .collect()
    }

    fn answer(&self, question: &Question, asked: &Asked, found: &[Found]) -> Answer {
        let figures = |place: Place| Figures {
            scene: &self.scenes[place.scene],
            main: &found[place.main.0].counted[place.main.1],
            base: place.base.map(|(walk, tally)| &found[walk].counted[tally]),
            dimensions: distinct(&question.dimensions),
        };
        let here = figures(asked.here);
        let mut groups: Vec<(Box<[u32]>, Total)> = match here.dimensions.as_slice() {
            [] => vec![(Box::default(), here.main.get(&[]))],
            [Dimension::Time(_)] if question.dense => {
                let buckets = 0..here.axis(0).labels.len() as u32;
                buckets
                    .map(|bucket| (Box::from([bucket]), here.main.get(&[bucket])))
                    .collect()
            }
            _ => here.main.groups(),
        };
        let total_rows = groups.len();
        let order = question.effective_order();
        let compare = |a: &(Box<[u32]>, Total), b: &(Box<[u32]>, Total)| self.compare(&here, &order, a, b);
        let end = question.offset.saturating_add(question.limit);
        if end < groups.len() {
            groups.select_nth_unstable_by(end, compare);
            groups.truncate(end);
        }
        groups.sort_unstable_by(compare);
        groups.drain(..question.offset.min(groups.len()));

        let there = asked.comparison.map(figures);
        let translations: Vec<Vec<Option<u32>>> = match &there {
            Some(there) => (0..here.dimensions.len())
                .map(|d| here.axis(d).labels.translation(&there.axis(d).labels))
                .collect(),
            None => Vec::new(),
        };
        let columns: Vec<usize> = question
            .dimensions
            .iter()
            .map(|d| {
                here.dimensions
                    .iter()
                    .position(|h| h == d)
                    .expect("the distinct dimensions hold all")
            })
            .collect();
        let rows = groups
            .iter()
            .map(|(key, total)| Row {
                dimensions: columns.iter().map(|d| here.label(*d, key[*d])).collect(),
                metrics: self.values(question, &here, key, total),
                comparison: there
                    .as_ref()
                    .map(|there| self.compared(question, &here, there, key, &translations)),
            })
            .collect();
        Answer {
            rows,
            total_rows,
            meta: self.meta(question, asked, found),
        }
    }

    fn values(&self, question: &Question, figures: &Figures, key: &[u32], total: &Total) -> Vec<Option<f64>> {
        let base = figures.base_visitors(key);
        question
            .metrics
            .iter()
            .map(|metric| total.value(*metric, base, self.site.currency))
            .collect()
    }

    /// The figures of the same group in the range that is compared with. A bucket that has no counterpart there has
    /// none; any other value that does not occur there counts nothing.
    fn compared(
        &self,
        question: &Question,
        here: &Figures,
        there: &Figures,
        key: &[u32],
        translations: &[Vec<Option<u32>>],
    ) -> Vec<Option<f64>> {
        let codes: Vec<Option<u32>> = key
            .iter()
            .zip(translations)
            .map(|(code, to)| to[*code as usize])
            .collect();
        if let Some(known) = codes.iter().copied().collect::<Option<Vec<u32>>>() {
            return self.values(question, there, &known, &there.main.get(&known));
        }
        let no_bucket =
            |(code, d): (&Option<u32>, &Dimension)| code.is_none() && matches!(d, Dimension::Time(_));
        if codes.iter().zip(&here.dimensions).any(no_bucket) {
            return vec![None; question.metrics.len()];
        }
        // The base may still be known, if the unknown value is none of its dimensions.
        let of_base = codes.iter().zip(&here.dimensions).filter(|(_, d)| is_of_base(d));
        let base = match (there.base, of_base.map(|(c, _)| *c).collect::<Option<Vec<u32>>>()) {
            (Some(base), Some(key)) => base.get(&key).visitors,
            _ => 0,
        };
        let nothing = Total::default();
        let values = question.metrics.iter();
        values
            .map(|metric| nothing.value(*metric, base, self.site.currency))
            .collect()
    }

    fn compare(
        &self,
        figures: &Figures,
        order: &[(OrderKey, Direction)],
        a: &(Box<[u32]>, Total),
        b: &(Box<[u32]>, Total),
    ) -> Ordering {
        let by_label = |d: usize| figures.compare_labels(d, a.0[d], b.0[d]);
        for (key, direction) in order {
            let ordering = match key {
                OrderKey::Metric(metric) => {
                    let value = |(key, total): &(Box<[u32]>, Total)| {
                        let base = if *metric == Metric::ConversionRate {
                            figures.base_visitors(key)
                        } else {
                            0
                        };
                        total.value(*metric, base, self.site.currency)
                    };
                    match (value(a), value(b)) {
                        (Some(a), Some(b)) => a.total_cmp(&b),
                        // Absent values are last either way.
                        (Some(_), None) => return Ordering::Less,
                        (None, Some(_)) => return Ordering::Greater,
                        (None, None) => Ordering::Equal,
                    }
                }
                OrderKey::Dimension(dimension) => figures
                    .dimensions
                    .iter()
                    .position(|d| d == dimension)
                    .map_or(Ordering::Equal, by_label),
            };
            let ordering = match direction {
                Direction::Ascending => ordering,
                Direction::Descending => ordering.reverse(),
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        (0..figures.dimensions.len())
            .map(by_label)
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn meta(&self, question: &Question, asked: &Asked, found: &[Found]) -> Meta {
        let here = &self.scenes[asked.here.scene];
        let mut warnings = Vec::new();
        if has_bad_pattern(&question.filter) {
            warnings.push(Warning::BadPattern);
        }
        let events = found[asked.here.main.0].other_currencies;
        if events > 0 && question.metrics.iter().any(|m| m.unit() == Unit::Money) {
            warnings.push(Warning::OtherCurrencies {
                currency: self.site.currency,
                events,
            });
        }
        let scenes = std::iter::once(asked.here).chain(asked.comparison);
        let time_labels = match question.dimensions.as_slice() {
            [dimension @ Dimension::Time(_)] if question.dense => {
                let axis = &here.axes[here.axis(dimension)].1;
                (0..axis.labels.len() as u32)
                    .map(|bucket| axis.labels.label(bucket))
                    .collect()
            }
            _ => Vec::new(),
        };
        Meta {
            rows_read: scenes.map(|place| self.scenes[place.scene].events() as u64).sum(),
            parts: here.parts.len(),
            warnings,
            exact: true,
            time_labels,
        }
    }
}

/// What was counted of one range.
struct Figures<'a> {
    scene: &'a Scene<'a, 'a>,
    main: &'a Counted,
    base: Option<&'a Counted>,
    dimensions: Vec<Dimension>,
}

impl Figures<'_> {
    fn axis(&self, dimension: usize) -> &crate::engine::axis::Axis<'_> {
        &self.scene.axes[self.main.axes[dimension]].1
    }

    fn label(&self, dimension: usize, code: u32) -> SmolStr {
        self.axis(dimension).labels.label(code)
    }

    fn compare_labels(&self, dimension: usize, a: u32, b: u32) -> Ordering {
        self.axis(dimension).labels.compare(a, b)
    }

    /// The visitors that a group's conversion rate is taken against.
    fn base_visitors(&self, key: &[u32]) -> u64 {
        let Some(base) = self.base else { return 0 };
        let of_base = key.iter().zip(&self.dimensions).filter(|(_, d)| is_of_base(d));
        let key: Vec<u32> = of_base.map(|(code, _)| *code).collect();
        base.get(&key).visitors
    }
}

/// Whether a conversion rate is taken within each value of the dimension.
fn is_of_base(dimension: &Dimension) -> bool {
    dimension.is_of_visit() || matches!(dimension, Dimension::Time(_))
}

fn same(a: &Range, b: &Range) -> bool {
    (a.from, a.to) == (b.from, b.to)
}

fn distinct(dimensions: &[Dimension]) -> Vec<Dimension> {
    let mut distinct: Vec<Dimension> = Vec::new();
    for dimension in dimensions {
        if !distinct.contains(dimension) {
            distinct.push(dimension.clone());
        }
    }
    distinct
}

fn has_bad_pattern(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(has_bad_pattern),
        Filter::Not(inner) => has_bad_pattern(inner),
        Filter::Leaf {
            operator: operator @ (Operator::Matches | Operator::MatchesNot),
            values,
            case_sensitive,
            ..
        } => Matcher::new(*operator, values, *case_sensitive).is_err(),
        Filter::All | Filter::Leaf { .. } => false,
    }
}
