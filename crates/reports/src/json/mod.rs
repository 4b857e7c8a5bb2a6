//! The query API's language: the body of `POST /api/v2/query`, and its answer.
//!
//! The shape is that of Plausible's Stats API v2: `site_id`, `metrics`, `date_range` are required; `dimensions`,
//! `filters`, `order_by`, `include` and `pagination` are not. An absent text is written `(none)`, and an `is` filter
//! of that value finds it.
//!
//! ```
//! let request = reports::json::Request::read(br#"{"site_id":"shop.example","metrics":["visitors"],"date_range":"7d"}"#);
//! assert_eq!(request.unwrap().site_id, "shop.example");
//! ```

mod answer;
mod filter;
mod parts;
mod reader;

pub use answer::write;

use crate::{
    BadQuestion, Comparison, Dimension, Direction, Filter, Interval, Metric, OrderKey, Period, Question,
    Range, period::Calendar,
};
use jiff::civil::Date;
use parts::{read_comparison, read_dates, read_dimensions, read_metrics, read_order, read_pagination};
use reader::{at, object, text};
use serde_json::Value;
use vocabulary::{Goal, Moment};

/// Answers a request about the site that it names, as JSON.
pub fn respond(
    request: &Request,
    view: &crate::View,
    site: &crate::Site,
    now: Moment,
) -> Result<Value, BadQuestion> {
    let calendar = Calendar {
        time_zone: site.time_zone,
        now,
        first_event: crate::first_event(view),
    };
    let question = request.question(&calendar, site.goals)?;
    let answer = crate::answer(&question, view, site);
    Ok(write(request, &question, &answer, site))
}

/// How the absent text is written in answers and read in filters.
pub const NONE: &str = "(none)";
/// The most rows that can be asked for at once.
const MOST_ROWS: u64 = 1_000_000;
/// The most dimensions of a question.
const MOST_DIMENSIONS: usize = 6;
/// The most time buckets of a question.
const MOST_BUCKETS: i64 = 50_000;

/// A request that was read, but not yet set against a site's calendar and goals.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The site's domain, as written.
    pub site_id: String,
    metrics: Vec<Metric>,
    dates: Dates,
    dimensions: Vec<Dimension>,
    /// Whether a dimension was named `time`: its width follows from the range.
    any_time: bool,
    filter: Filter,
    order: Vec<(OrderKey, Direction)>,
    limit: usize,
    offset: usize,
    time_labels: bool,
    total_rows: bool,
    comparison: Option<(Comparison, bool)>,
}

/// What `date_range` may be.
#[derive(Clone, Debug, PartialEq)]
enum Dates {
    Preset(String),
    Days(Date, Date),
    Moments(Moment, Moment),
}

/// The dimension `time` before its width is known.
const ANY_TIME: Dimension = Dimension::Time(Interval::Day);

impl Request {
    /// Reads a request. Fails with the field at fault; nothing unknown is passed over.
    pub fn read(body: &[u8]) -> Result<Self, BadQuestion> {
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            BadQuestion::new("body", format!("no JSON from {place} on"), "send one JSON object")
        })?;
        let known = [
            "site_id",
            "metrics",
            "date_range",
            "dimensions",
            "filters",
            "order_by",
            "include",
            "pagination",
        ];
        let body = object(&value, "body", &known)?;
        let need = |key: &str| {
            body.get(key)
                .ok_or_else(|| BadQuestion::new(key, "nothing is given", "this key is required"))
        };
        let mut any_time = false;
        let dimensions = match body.get("dimensions") {
            Some(dimensions) => read_dimensions(dimensions, &mut any_time)?,
            None => Vec::new(),
        };
        let metrics = read_metrics(need("metrics")?)?;
        let (limit, offset) = read_pagination(body.get("pagination"))?;
        let mut request = Self {
            site_id: text(need("site_id")?, "site_id")?.to_owned(),
            dates: read_dates(need("date_range")?, "date_range")?,
            filter: match body.get("filters") {
                Some(filters) => filter::read(filters)?,
                None => Filter::All,
            },
            order: match body.get("order_by") {
                Some(order) => read_order(order, &metrics, &dimensions)?,
                None => Vec::new(),
            },
            metrics,
            dimensions,
            any_time,
            limit,
            offset,
            time_labels: false,
            total_rows: false,
            comparison: None,
        };
        if let Some(include) = body.get("include") {
            request.read_include(include)?;
        }
        Ok(request)
    }

    fn read_include(&mut self, include: &Value) -> Result<(), BadQuestion> {
        let known = ["imports", "time_labels", "total_rows", "comparisons"];
        for (key, value) in object(include, "include", &known)? {
            let field = format!("include.{key}");
            if key == "comparisons" {
                self.comparison = read_comparison(value, &field)?;
                continue;
            }
            let wanted = value
                .as_bool()
                .ok_or_else(|| BadQuestion::new(&field, "no truth value", "write true or false"))?;
            match key.as_str() {
                "time_labels" => self.time_labels = wanted,
                "total_rows" => self.total_rows = wanted,
                // What was imported is part of the archive like the rest.
                _ => {}
            }
        }
        if self.time_labels && !self.dimensions.iter().any(|d| matches!(d, Dimension::Time(_))) {
            let problem = "labels of time without a time dimension";
            return Err(BadQuestion::new(
                "include.time_labels",
                problem,
                "add `time:day` to `dimensions`",
            ));
        }
        Ok(())
    }

    /// The question that it puts to a site. Fails if a preset or a goal is unknown, or there are too many buckets.
    pub fn question(&self, calendar: &Calendar, goals: &[Goal]) -> Result<Question, BadQuestion> {
        let (range, period) = match &self.dates {
            Dates::Preset(name) => {
                let period = Period::parse(name, None, None, calendar.today())?;
                (period.range(calendar), period)
            }
            Dates::Days(first, last) => {
                let period = Period::custom(*first, *last)?;
                (period.range(calendar), period)
            }
            Dates::Moments(from, to) => {
                let range = Range {
                    from: *from,
                    to: *to,
                    name: "custom".into(),
                };
                let days = (calendar.day(*from), calendar.day(to.plus_ms(-1)));
                (range, Period::custom(days.0, days.1)?)
            }
        };
        filter::check_goals(&self.filter, goals)?;
        let comparison = match self.comparison {
            Some((mode, match_weekday)) => self.compared(&range, period, mode, match_weekday, calendar)?,
            None => None,
        };
        let mut question = Question {
            metrics: self.metrics.clone(),
            dimensions: self.dimensions.clone(),
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            comparison,
            dense: self.time_labels,
            range,
        };
        if self.any_time {
            let time = Dimension::Time(period.interval(calendar));
            let in_order = question.order.iter_mut().filter_map(|(key, _)| match key {
                OrderKey::Dimension(dimension) => Some(dimension),
                OrderKey::Metric(_) => None,
            });
            for dimension in question.dimensions.iter_mut().chain(in_order) {
                if *dimension == ANY_TIME {
                    *dimension = time.clone();
                }
            }
        }
        check_buckets(&question)?;
        Ok(question)
    }

    fn compared(
        &self,
        range: &Range,
        period: Period,
        mode: Comparison,
        match_weekday: bool,
        calendar: &Calendar,
    ) -> Result<Option<Range>, BadQuestion> {
        let Dates::Moments(from, to) = self.dates else {
            return match period.comparison(mode, match_weekday, calendar) {
                Some(other) => Ok(Some(other)),
                None => Err(BadQuestion::new(
                    "include.comparisons",
                    format!("nothing to compare `{}` with", range.name),
                    "leave the comparison out, or name its `date_range`",
                )),
            };
        };
        let back_ms = match mode {
            Comparison::PreviousPeriod => to.0 - from.0,
            Comparison::YearOverYear => 0,
            Comparison::Custom { .. } => return Ok(period.comparison(mode, match_weekday, calendar)),
        };
        let moved = |moment: Moment| match mode {
            Comparison::YearOverYear => calendar.a_year_before(moment),
            _ => moment.plus_ms(-back_ms),
        };
        Ok(Some(Range {
            from: moved(from),
            to: moved(to),
            name: mode.name().into(),
        }))
    }
}

fn check_buckets(question: &Question) -> Result<(), BadQuestion> {
    use vocabulary::moment::{HOUR_MS, MINUTE_MS};
    for (place, dimension) in question.dimensions.iter().enumerate() {
        let width_ms = match dimension {
            Dimension::Time(Interval::Minute) => MINUTE_MS,
            Dimension::Time(Interval::Hour) => HOUR_MS,
            _ => continue,
        };
        if (question.range.to.0 - question.range.from.0) / width_ms > MOST_BUCKETS {
            let problem = format!("more than {MOST_BUCKETS} buckets");
            return Err(BadQuestion::new(
                at("dimensions", place),
                problem,
                "ask for a shorter range or a wider bucket",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
