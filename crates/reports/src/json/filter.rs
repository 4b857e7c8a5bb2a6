//! Filters as lists: `["is", "visit:country", ["DE"]]`, joined by `and`, `or`, `not`.

use super::{
    NONE,
    reader::{at, list, object, text},
};
use crate::{BadQuestion, Dimension, Filter, Operator, filter::Matcher};
use serde_json::{Value, json};
use smol_str::SmolStr;
use vocabulary::Goal;

/// So deep may conditions be nested.
const DEEPEST: usize = 16;
/// So many values may a leaf compare with.
const MOST_VALUES: usize = 1_000;

/// Reads `filters`: a list of conditions that must all hold.
pub(super) fn read(value: &Value) -> Result<Filter, BadQuestion> {
    let mut all = Filter::All;
    for (place, value) in list(value, "filters")?.iter().enumerate() {
        all = all.and(condition(value, &at("filters", place), DEEPEST)?);
    }
    Ok(all)
}

fn condition(value: &Value, field: &str, depth: usize) -> Result<Filter, BadQuestion> {
    if depth == 0 {
        let problem = "conditions nested too deeply";
        return Err(BadQuestion::new(
            field,
            problem,
            format!("use at most {DEEPEST} levels"),
        ));
    }
    let parts = list(value, field)?;
    let shape = || {
        let remedy = "write it as [\"is\", \"visit:country\", [\"DE\"]]";
        BadQuestion::new(field, "no condition", remedy)
    };
    let name = text(parts.first().ok_or_else(shape)?, &at(field, 0))?;
    let inner = |value, field: &str| condition(value, field, depth - 1);
    match (name, parts) {
        ("and" | "or", [_, conditions]) => {
            let field = at(field, 1);
            let conditions = list(conditions, &field)?
                .iter()
                .enumerate()
                .map(|(place, value)| inner(value, &at(&field, place)))
                .collect::<Result<Vec<_>, _>>()?;
            if conditions.is_empty() {
                let remedy = "put at least one condition in";
                return Err(BadQuestion::new(field, "nothing to join", remedy));
            }
            Ok(if name == "and" {
                Filter::And(conditions)
            } else {
                Filter::Or(conditions)
            })
        }
        ("not", [_, condition]) => Ok(Filter::Not(Box::new(inner(condition, &at(field, 1))?))),
        ("and" | "or" | "not", _) => Err(shape()),
        (_, [_, dimension, values, rest @ ..]) if rest.len() < 2 => {
            leaf(name, dimension, values, rest.first(), field)
        }
        _ if Operator::parse(name).is_none() => Err(unknown_operator(name, field)),
        _ => Err(shape()),
    }
}

fn unknown_operator(name: &str, field: &str) -> BadQuestion {
    let mut names: Vec<&str> = Operator::ALL.iter().map(|o| o.name()).collect();
    names.extend(["and", "or", "not"]);
    BadQuestion::unknown(at(field, 0), name, &names)
}

fn leaf(
    name: &str,
    dimension: &Value,
    values: &Value,
    options: Option<&Value>,
    field: &str,
) -> Result<Filter, BadQuestion> {
    let operator = Operator::parse(name).ok_or_else(|| unknown_operator(name, field))?;
    let dimension_field = at(field, 1);
    let dimension = super::parts::read_dimension(text(dimension, &dimension_field)?, &dimension_field)?;
    if matches!(dimension, Dimension::Time(_)) {
        let remedy = "set `date_range` instead";
        return Err(BadQuestion::new(dimension_field, "time is no filter", remedy));
    }
    let values_field = at(field, 2);
    let mut read: Vec<SmolStr> = Vec::new();
    for (place, value) in list(values, &values_field)?.iter().enumerate() {
        let value = text(value, &at(&values_field, place))?;
        if value == NONE && matches!(operator, Operator::Is | Operator::IsNot) {
            read.push(SmolStr::default());
        }
        read.push(value.into());
    }
    if read.is_empty() || read.len() > MOST_VALUES {
        let remedy = format!("give 1 to {MOST_VALUES} values in a list");
        return Err(BadQuestion::new(
            values_field,
            "no values to compare with",
            remedy,
        ));
    }
    let mut case_sensitive = true;
    if let Some(options) = options {
        let field = at(field, 3);
        for (key, value) in object(options, &field, &["case_sensitive"])? {
            case_sensitive = value.as_bool().ok_or_else(|| {
                BadQuestion::new(format!("{field}.{key}"), "no truth value", "write true or false")
            })?;
        }
    }
    Matcher::new(operator, &read, case_sensitive).map_err(|bad| BadQuestion {
        field: values_field,
        ..bad
    })?;
    Ok(Filter::Leaf {
        dimension,
        operator,
        values: read,
        case_sensitive,
    })
}

/// Fails if a condition names a goal that the site has not.
pub(super) fn check_goals(filter: &Filter, goals: &[Goal]) -> Result<(), BadQuestion> {
    match filter {
        Filter::Leaf {
            dimension: Dimension::Goal,
            operator: Operator::Is | Operator::IsNot,
            values,
            case_sensitive: true,
        } => {
            let unknown = |v: &&SmolStr| !v.is_empty() && *v != NONE && goals.iter().all(|g| g.name != **v);
            let Some(unknown) = values.iter().find(unknown) else {
                return Ok(());
            };
            if goals.is_empty() {
                let problem = format!("the goal `{unknown}` is not set up");
                return Err(BadQuestion::new(
                    "filters",
                    problem,
                    "set up a goal for the site first",
                ));
            }
            let names: Vec<&str> = goals.iter().map(|g| g.name.as_str()).collect();
            Err(BadQuestion::unknown("filters", unknown, &names))
        }
        Filter::All | Filter::Leaf { .. } => Ok(()),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|p| check_goals(p, goals)),
        Filter::Not(inner) => check_goals(inner, goals),
    }
}

/// Writes a filter as [`read`] reads it.
pub(super) fn write(filter: &Filter) -> Value {
    filter.clone().into_conjuncts().iter().map(written).collect()
}

fn written(filter: &Filter) -> Value {
    match filter {
        // Nothing joined by "and" always holds; reading never makes one.
        Filter::All => json!(["and", []]),
        Filter::And(parts) => json!(["and", parts.iter().map(written).collect::<Vec<_>>()]),
        Filter::Or(parts) => json!(["or", parts.iter().map(written).collect::<Vec<_>>()]),
        Filter::Not(inner) => json!(["not", written(inner)]),
        Filter::Leaf {
            dimension,
            operator,
            values,
            case_sensitive,
        } => {
            let has_none = values.iter().any(|v| v == NONE);
            let values: Vec<&SmolStr> = values.iter().filter(|v| !(has_none && v.is_empty())).collect();
            if *case_sensitive {
                json!([operator.name(), dimension.name(), values])
            } else {
                json!([operator.name(), dimension.name(), values, {"case_sensitive": false}])
            }
        }
    }
}
