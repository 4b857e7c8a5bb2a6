//! The parts of a request.

use super::{
    ANY_TIME, Dates, MOST_DIMENSIONS, MOST_ROWS,
    reader::{at, list, object, pair, text},
};
use crate::{
    BadQuestion, Comparison, Dimension, Direction, Metric, OrderKey, Period, question::DEFAULT_LIMIT,
};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use vocabulary::Moment;

pub(super) fn read_metrics(value: &Value) -> Result<Vec<Metric>, BadQuestion> {
    let names: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
    let mut metrics = Vec::new();
    for (place, value) in list(value, "metrics")?.iter().enumerate() {
        let field = at("metrics", place);
        let name = text(value, &field)?;
        let metric = Metric::parse(name).ok_or_else(|| BadQuestion::unknown(&field, name, &names))?;
        if metrics.contains(&metric) {
            return Err(BadQuestion::new(
                field,
                format!("`{name}` comes twice"),
                "name it once",
            ));
        }
        metrics.push(metric);
    }
    if metrics.is_empty() {
        return Err(BadQuestion::new(
            "metrics",
            "nothing is asked for",
            "name at least one metric",
        ));
    }
    Ok(metrics)
}

pub(super) fn read_dimensions(value: &Value, any_time: &mut bool) -> Result<Vec<Dimension>, BadQuestion> {
    let mut dimensions = Vec::new();
    for (place, value) in list(value, "dimensions")?.iter().enumerate() {
        let field = at("dimensions", place);
        let name = text(value, &field)?;
        let dimension = if name == "time" {
            *any_time = true;
            ANY_TIME
        } else {
            read_dimension(name, &field)?
        };
        if dimensions.contains(&dimension) {
            return Err(BadQuestion::new(
                field,
                format!("`{name}` comes twice"),
                "name it once",
            ));
        }
        dimensions.push(dimension);
    }
    if dimensions.len() > MOST_DIMENSIONS {
        let problem = format!("more than {MOST_DIMENSIONS} dimensions");
        return Err(BadQuestion::new(
            "dimensions",
            problem,
            "ask several questions instead",
        ));
    }
    Ok(dimensions)
}

pub(super) fn read_dimension(name: &str, field: &str) -> Result<Dimension, BadQuestion> {
    Dimension::parse(name).ok_or_else(|| {
        let all = Dimension::all();
        let mut names: Vec<_> = all.iter().map(Dimension::name).collect();
        names.push("event:props:KEY".into());
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        BadQuestion::unknown(field, name, &names)
    })
}

pub(super) fn read_order(
    value: &Value,
    metrics: &[Metric],
    dimensions: &[Dimension],
) -> Result<Vec<(OrderKey, Direction)>, BadQuestion> {
    let mut order = Vec::new();
    for (place, value) in list(value, "order_by")?.iter().enumerate() {
        let field = at("order_by", place);
        let [key, direction] = pair(value, &field, "a pair such as [\"visitors\", \"desc\"]")?;
        let name = text(key, &at(&field, 0))?;
        let metric = metrics
            .iter()
            .find(|m| m.name() == name)
            .map(|m| OrderKey::Metric(*m));
        let dimension = || {
            let named = |d: &&Dimension| d.name() == name || (name == "time" && **d == ANY_TIME);
            dimensions
                .iter()
                .find(named)
                .map(|d| OrderKey::Dimension(d.clone()))
        };
        let key = metric.or_else(dimension).ok_or_else(|| {
            let problem = format!("`{name}` is not asked for");
            let remedy = "order by one of the question's metrics or dimensions";
            BadQuestion::new(at(&field, 0), problem, remedy)
        })?;
        let direction = match text(direction, &at(&field, 1))? {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            other => return Err(BadQuestion::unknown(at(&field, 1), other, &["asc", "desc"])),
        };
        order.push((key, direction));
    }
    Ok(order)
}

pub(super) fn read_pagination(value: Option<&Value>) -> Result<(usize, usize), BadQuestion> {
    let (mut limit, mut offset) = (DEFAULT_LIMIT, 0);
    if let Some(value) = value {
        for (key, value) in object(value, "pagination", &["limit", "offset"])? {
            let is_limit = key == "limit";
            let least = u64::from(is_limit);
            let number = value
                .as_u64()
                .filter(|n| (least..=MOST_ROWS).contains(n))
                .ok_or_else(|| {
                    let problem = "no number that fits";
                    let remedy = format!("write a whole number from {least} to {MOST_ROWS}");
                    BadQuestion::new(format!("pagination.{key}"), problem, remedy)
                })?;
            *(if is_limit { &mut limit } else { &mut offset }) = number as usize;
        }
    }
    Ok((limit, offset))
}

pub(super) fn read_dates(value: &Value, field: &str) -> Result<Dates, BadQuestion> {
    if let Value::String(name) = value {
        return Ok(Dates::Preset(name.clone()));
    }
    let remedy = "a preset such as \"7d\", two dates (\"2026-01-01\", \"2026-01-31\"), or two date-times with an offset";
    let [first, last] = pair(value, field, remedy)?;
    let (first, last) = (text(first, &at(field, 0))?, text(last, &at(field, 1))?);
    if let (Ok(first), Ok(last)) = (day(first), day(last)) {
        return Ok(Dates::Days(first, last));
    }
    let moment = |text: &str, place| {
        text.parse::<Timestamp>()
            .map(|t| Moment(t.as_millisecond()))
            .map_err(|_| {
                BadQuestion::new(
                    at(field, place),
                    "no date and no date-time",
                    format!("write {remedy}"),
                )
            })
    };
    let (from, to) = (moment(first, 0)?, moment(last, 1)?);
    if from > to {
        return Err(BadQuestion::new(
            field,
            "the first moment comes after the last",
            "swap the two",
        ));
    }
    // The last second that is named is included, as the last day is.
    Ok(Dates::Moments(from, to.plus_ms(1000)))
}

/// A plain date, `2026-01-31`, and nothing after it.
fn day(text: &str) -> Result<Date, jiff::Error> {
    Date::strptime("%Y-%m-%d", text)
}

pub(super) fn read_comparison(value: &Value, field: &str) -> Result<Option<(Comparison, bool)>, BadQuestion> {
    if value.is_null() {
        return Ok(None);
    }
    let comparison = object(value, field, &["mode", "date_range", "match_day_of_week"])?;
    let match_weekday = match comparison.get("match_day_of_week") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| {
            BadQuestion::new(
                format!("{field}.match_day_of_week"),
                "no truth value",
                "write true or false",
            )
        })?,
    };
    let mode_field = format!("{field}.mode");
    let modes = ["previous_period", "year_over_year", "custom"];
    let mode = comparison.get("mode").map_or(Ok(""), |m| text(m, &mode_field))?;
    let mode = match mode {
        "previous_period" => Comparison::PreviousPeriod,
        "year_over_year" => Comparison::YearOverYear,
        "custom" => {
            let field = format!("{field}.date_range");
            let dates = comparison.get("date_range").unwrap_or(&Value::Null);
            let remedy = "two dates such as [\"2026-01-01\", \"2026-01-31\"]";
            let [first, last] = pair(dates, &field, remedy)?;
            let read = |value, place| {
                let field = at(&field, place);
                day(text(value, &field)?)
                    .map_err(|_| BadQuestion::new(field, "no date", format!("write {remedy}")))
            };
            let (first, last) = (read(first, 0)?, read(last, 1)?);
            Period::custom(first, last).map_err(|bad| BadQuestion { field, ..bad })?;
            Comparison::Custom { first, last }
        }
        other => return Err(BadQuestion::unknown(mode_field, other, &modes)),
    };
    Ok(Some((mode, match_weekday)))
}
