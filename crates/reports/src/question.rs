//! What is asked.

use crate::{Dimension, Filter, Metric};
use jiff::tz::TimeZone;
use smol_str::SmolStr;
use vocabulary::{Currency, Goal, Moment};

/// How many rows an answer has if nothing else is asked for.
pub const DEFAULT_LIMIT: usize = 10_000;

/// A stretch of time, its end not included, with the name by which it was asked for (`7d`, `month`, `custom`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The first millisecond.
    pub from: Moment,
    /// The first millisecond after it.
    pub to: Moment,
    /// Name of the preset, or `custom`.
    pub name: SmolStr,
}

/// What rows are ordered by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OrderKey {
    /// Value of a metric; absent values come last either way.
    Metric(Metric),
    /// Label of a dimension of the question.
    Dimension(Dimension),
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A question about one site. See [`crate::definition`] for what it means.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    /// What is counted, in the order of the answer's columns.
    pub metrics: Vec<Metric>,
    /// Events of this time.
    pub range: Range,
    /// Groups; none asks for one row of totals.
    pub dimensions: Vec<Dimension>,
    /// Events that pass it.
    pub filter: Filter,
    /// Order of the rows. If empty: a time dimension ascending, else the first metric descending. Rows that are
    /// still equal are in the order of their labels.
    pub order: Vec<(OrderKey, Direction)>,
    /// At most so many rows.
    pub limit: usize,
    /// After leaving out so many.
    pub offset: usize,
    /// Also count in this time, and put the figures beside those of the same group. Time buckets are paired by
    /// their place in the range.
    pub comparison: Option<Range>,
    /// With one time dimension only: also rows for buckets in which nothing happened.
    pub dense: bool,
}

impl Question {
    /// Totals of `range`.
    pub fn new(range: Range, metrics: impl Into<Vec<Metric>>) -> Self {
        Self {
            metrics: metrics.into(),
            range,
            dimensions: Vec::new(),
            filter: Filter::All,
            order: Vec::new(),
            limit: DEFAULT_LIMIT,
            offset: 0,
            comparison: None,
            dense: false,
        }
    }

    /// The same question by a dimension more.
    #[must_use]
    pub fn by(mut self, dimension: Dimension) -> Self {
        self.dimensions.push(dimension);
        self
    }

    /// The order in which rows come, the default put in.
    pub fn effective_order(&self) -> Vec<(OrderKey, Direction)> {
        if !self.order.is_empty() {
            return self.order.clone();
        }
        let time = self.dimensions.iter().find(|d| matches!(d, Dimension::Time(_)));
        match (time, self.metrics.first()) {
            (Some(time), _) => vec![(OrderKey::Dimension(time.clone()), Direction::Ascending)],
            (None, Some(metric)) => vec![(OrderKey::Metric(*metric), Direction::Descending)],
            (None, None) => Vec::new(),
        }
    }
}

/// What must be known of a site to answer.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Where its days begin and end.
    pub time_zone: &'a TimeZone,
    /// The currency of its revenue.
    pub currency: Currency,
    /// Its goals.
    pub goals: &'a [Goal],
}
