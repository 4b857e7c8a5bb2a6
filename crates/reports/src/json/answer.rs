//! Answers as JSON.

use super::{NONE, Request, filter};
use crate::{
    Answer, Dimension, Direction, Metric, OrderKey, Question, Range, Row, Site, Unit, Warning,
    engine::total::rounded, period::timestamp,
};
use jiff::tz::TimeZone;
use serde_json::{Map, Number, Value, json};
use smol_str::SmolStr;
use vocabulary::Currency;

/// The answer to a request: `results`, `meta` and the `query` as it was understood.
///
/// Percentages and quotients have two decimal places, money those of the currency, durations are whole seconds. A
/// row's `comparison` has the other range's `metrics` and the `change`: in percent, of rates in points.
pub fn write(request: &Request, question: &Question, answer: &Answer, site: &Site) -> Value {
    let results: Vec<Value> = answer
        .rows
        .iter()
        .map(|row| result(question, row, site.currency))
        .collect();
    json!({
        "results": results,
        "meta": meta(request, question, answer, site),
        "query": query(request, question, site.time_zone),
    })
}

fn result(question: &Question, row: &Row, currency: Currency) -> Value {
    let values = |values: &[Option<f64>]| -> Vec<Value> {
        question
            .metrics
            .iter()
            .zip(values)
            .map(|(metric, value)| number(*value, *metric, currency))
            .collect()
    };
    let labels = row.dimensions.iter().zip(&question.dimensions);
    let mut result = json!({
        "dimensions": labels.map(|(label, dimension)| shown(label, dimension)).collect::<Vec<_>>(),
        "metrics": values(&row.metrics),
    });
    if let Some(comparison) = &row.comparison {
        let pairs = row.metrics.iter().zip(comparison);
        let change: Vec<Value> = question
            .metrics
            .iter()
            .zip(pairs)
            .map(|(metric, (now, then))| change(*now, *then, *metric))
            .collect();
        result["comparison"] = json!({ "metrics": values(comparison), "change": change });
    }
    result
}

fn shown<'l>(label: &'l SmolStr, dimension: &Dimension) -> &'l str {
    match dimension {
        Dimension::Time(_) => label,
        _ if label.is_empty() => NONE,
        _ => label,
    }
}

fn number(value: Option<f64>, metric: Metric, currency: Currency) -> Value {
    let Some(value) = value else { return Value::Null };
    let value = rounded(value, metric.unit(), currency);
    match metric.unit() {
        Unit::Count | Unit::Seconds => Value::from(value as i64),
        Unit::Ratio | Unit::Percent | Unit::Money => {
            Number::from_f64(value).map_or(Value::Null, Value::Number)
        }
    }
}

/// Change from `then` to `now`, whole: percent, or points of a percentage. From nothing to something is 100.
fn change(now: Option<f64>, then: Option<f64>, metric: Metric) -> Value {
    let (Some(now), Some(then)) = (now, then) else {
        return Value::Null;
    };
    let change = if metric.unit() == Unit::Percent {
        now - then
    } else if then == 0.0 {
        if now == 0.0 { 0.0 } else { 100.0 }
    } else {
        100.0 * (now - then) / then.abs()
    };
    Value::from(change.round() as i64)
}

fn meta(request: &Request, question: &Question, answer: &Answer, site: &Site) -> Value {
    let mut meta = Map::new();
    if request.total_rows {
        meta.insert("total_rows".into(), answer.total_rows.into());
    }
    if request.time_labels {
        let labels = answer.meta.time_labels.iter().map(SmolStr::as_str);
        meta.insert("time_labels".into(), labels.collect());
    }
    if let Some(comparison) = &question.comparison {
        meta.insert("comparison_date_range".into(), dates(comparison, site.time_zone));
    }
    if question.metrics.iter().any(|m| m.unit() == Unit::Money) {
        meta.insert("currency".into(), site.currency.as_str().into());
    }
    let warnings: Vec<Value> = answer.meta.warnings.iter().map(warning).collect();
    if !warnings.is_empty() {
        meta.insert("warnings".into(), warnings.into());
    }
    meta.insert("exact".into(), answer.meta.exact.into());
    meta.insert("rows_read".into(), answer.meta.rows_read.into());
    meta.insert("parts".into(), answer.meta.parts.into());
    meta.into()
}

fn warning(warning: &Warning) -> Value {
    let message = match warning {
        Warning::OtherCurrencies { currency, events } => {
            format!("{events} purchases or refunds are not in {currency} and are left out of the revenue")
        }
        Warning::BadPattern => "a pattern is no regular expression and fits nothing".to_owned(),
    };
    json!({ "code": warning.key(), "message": message })
}

fn query(request: &Request, question: &Question, time_zone: &TimeZone) -> Value {
    let order: Vec<Value> = question
        .effective_order()
        .iter()
        .map(|(key, direction)| {
            let key = match key {
                OrderKey::Metric(metric) => metric.name().into(),
                OrderKey::Dimension(dimension) => dimension.name(),
            };
            let direction = match direction {
                Direction::Ascending => "asc",
                Direction::Descending => "desc",
            };
            json!([key, direction])
        })
        .collect();
    json!({
        "site_id": request.site_id,
        "metrics": question.metrics.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "date_range": dates(&question.range, time_zone),
        "dimensions": question.dimensions.iter().map(Dimension::name).collect::<Vec<_>>(),
        "filters": filter::write(&question.filter),
        "order_by": order,
        "include": {
            "time_labels": request.time_labels,
            "total_rows": request.total_rows,
            "comparisons": request.comparison.map(|(mode, match_weekday)| {
                json!({ "mode": mode.name(), "match_day_of_week": match_weekday })
            }),
        },
        "pagination": { "limit": question.limit, "offset": question.offset },
    })
}

/// The first and last second of a range, in the site's time.
fn dates(range: &Range, time_zone: &TimeZone) -> Value {
    let shown = |moment| {
        let zoned = timestamp(moment).to_zoned(time_zone.clone());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    json!([shown(range.from), shown(range.to.plus_ms(-1).max(range.from))])
}
