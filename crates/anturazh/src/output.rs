//! What commands print: tables for people, JSON for programs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a command prints, where it is made elsewhere.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// See [`thing`].
    Thing(Vec<(String, Value)>),
    /// See [`rows`].
    Rows(Vec<String>, Vec<Vec<Value>>),
    /// A thing with tables under it.
    Sheet(Vec<(String, Value)>, Vec<Table>),
}

/// A table of a [`Report::Sheet`]: its name, headings and rows.
pub(crate) type Table = (String, Vec<String>, Vec<Vec<Value>>);

impl Report {
    pub(crate) fn thing<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Self::Thing(fields.map(|(name, value)| (name.to_owned(), value)).into())
    }

    pub(crate) fn rows<const N: usize>(headings: [&str; N], rows: Vec<Vec<Value>>) -> Self {
        Self::Rows(headings.map(str::to_owned).into(), rows)
    }

    pub(crate) fn table(name: &str, headings: &[&str], rows: Vec<Vec<Value>>) -> Table {
        let headings = headings.iter().map(|heading| (*heading).to_owned());
        (name.to_owned(), headings.collect(), rows)
    }

    pub(crate) fn print(&self, json: bool) {
        match self {
            Self::Thing(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()))
                    .collect();
                thing(json, &fields);
            }
            Self::Rows(headings, cells) => rows(json, &texts(headings), cells),
            Self::Sheet(fields, tables) => {
                let mut all: Vec<(&str, Value)> = fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()))
                    .collect();
                if json {
                    for (name, headings, cells) in tables {
                        all.push((name, objects(&texts(headings), cells)));
                    }
                    return thing(true, &all);
                }
                thing(false, &all);
                for (_, headings, cells) in tables.iter().filter(|(_, _, cells)| !cells.is_empty()) {
                    line("");
                    rows(false, &texts(headings), cells);
                }
            }
        }
    }
}

fn texts(of: &[String]) -> Vec<&str> {
    of.iter().map(String::as_str).collect()
}

/// Prints rows under headings, or as a JSON array of objects.
pub(crate) fn rows(json: bool, headings: &[&str], rows: &[Vec<Value>]) {
    if json {
        let objects = objects(headings, rows);
        line(&serde_json::to_string_pretty(&objects).expect("values are valid JSON"));
        return;
    }
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(plain).collect()).collect();
    let width = |i: usize| {
        cells
            .iter()
            .map(|row| row[i].chars().count())
            .chain([headings[i].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let print = |row: &[String]| {
        let padded: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(i, cell)| format!("{cell:<0$}", width(i)))
            .collect();
        line(padded.join("  ").trim_end());
    };
    print(&headings.iter().map(ToString::to_string).collect::<Vec<_>>());
    for row in &cells {
        print(row);
    }
}

/// Rows as a JSON array of objects.
pub(crate) fn objects(headings: &[&str], rows: &[Vec<Value>]) -> Value {
    let object = |row: &Vec<Value>| -> serde_json::Map<String, Value> {
        headings
            .iter()
            .map(|h| h.to_lowercase().replace(' ', "_"))
            .zip(row.iter().cloned())
            .collect()
    };
    rows.iter().map(object).map(Value::from).collect()
}

/// Prints one thing: a name and value on each line, or a JSON object.
pub(crate) fn thing(json: bool, fields: &[(&str, Value)]) {
    if json {
        let object: serde_json::Map<String, Value> = fields
            .iter()
            .map(|(name, value)| (name.replace(' ', "_"), value.clone()))
            .collect();
        line(&serde_json::to_string_pretty(&object).expect("values are valid JSON"));
        return;
    }
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in fields {
        line(&format!("{name:<width$}  {}", plain(value)));
    }
}

/// Prints a line. Ends the program where nobody reads on, as after `| head`.
pub(crate) fn line(text: &str) {
    use std::io::Write;
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        std::process::exit(i32::from(error.kind() != std::io::ErrorKind::BrokenPipe));
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A moment as people and programs read it, in UTC, such as `2026-11-22T20:15:00Z`.
pub(crate) fn moment(moment: vocabulary::Moment) -> Value {
    jiff::Timestamp::from_millisecond(moment.0)
        .map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .map_or(Value::Null, Value::from)
}

/// A day in UTC, such as `2026-11-22`.
pub(crate) fn day(moment: vocabulary::Moment) -> Value {
    jiff::Timestamp::from_millisecond(moment.0)
        .map_or(Value::Null, |t| t.strftime("%Y-%m-%d").to_string().into())
}
