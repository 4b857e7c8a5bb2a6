//! Files of people from another system: comma-separated values with a header, or a JSON object on each line.

use anyhow::{Context, bail, ensure};
use credentials::Sealed;
use serde_json::Value;
use std::collections::BTreeMap;

/// The columns that a file may have besides the classes of values.
const OTHERS: [&str; 9] = [
    "id",
    "given",
    "source",
    "language",
    "purpose",
    "basis",
    "contract_from",
    "contract_until",
    SKIPPED,
];
/// What a column is called that is left out.
const SKIPPED: &str = "-";

/// Somebody in a file: what stands in each column that is known and not empty.
pub(crate) struct Row {
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
    pub(crate) cells: BTreeMap<String, Sealed>,
}

/// What a file calls its columns, where that is not what we call them: `(theirs, ours)`.
pub(crate) type Renamed = Vec<(String, String)>;

/// Everybody in a file.
pub(crate) fn rows(bytes: &[u8], renamed: &Renamed) -> anyhow::Result<Vec<Row>> {
    let text =
        std::str::from_utf8(bytes).context("the file is not in UTF-8: save it anew in that encoding")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (theirs, ours) in renamed {
        ensure!(
            is_known(ours),
            "--column {theirs}={ours}: there is no column `{ours}`; known are {}",
            known()
        );
    }
    if text.trim_start().starts_with('{') {
        objects(text, renamed)
    } else {
        table(text, renamed)
    }
}

fn is_known(column: &str) -> bool {
    OTHERS.contains(&column)
        || policy::FieldClass::parse(column).is_some_and(|class| class != policy::FieldClass::Message)
}

fn known() -> String {
    let classes = policy::FieldClass::ALL
        .iter()
        .filter(|class| **class != policy::FieldClass::Message);
    let names: Vec<&str> = classes.map(|class| class.name()).chain(OTHERS).collect();
    names.join(", ")
}

/// What we call a column of theirs.
fn column(theirs: &str, renamed: &Renamed) -> anyhow::Result<String> {
    let theirs = theirs.trim();
    let ours = renamed.iter().find(|(name, _)| name == theirs);
    let ours = ours.map_or_else(
        || theirs.to_lowercase().replace(['-', ' '], "_"),
        |(_, ours)| ours.clone(),
    );
    ensure!(
        is_known(&ours),
        "the column `{theirs}` is not known: say what it is with `--column '{theirs}=…'` (one of {}; `-` leaves it out)",
        known()
    );
    Ok(ours)
}

fn row(line: usize, cells: impl IntoIterator<Item = (String, String)>) -> Row {
    let cells = cells.into_iter().filter_map(|(column, text)| {
        let text = text.trim();
        (column != SKIPPED && !text.is_empty()).then(|| (column, Sealed::new(text.to_owned())))
    });
    Row {
        line,
        cells: cells.collect(),
    }
}

fn objects(text: &str, renamed: &Renamed) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let number = place + 1;
        if line.trim().is_empty() {
            continue;
        }
        let Ok(Value::Object(object)) = serde_json::from_str(line) else {
            bail!("line {number} is no JSON object");
        };
        let mut cells = Vec::with_capacity(object.len());
        for (name, value) in object {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => bail!("line {number}: `{name}` is neither a text nor a number"),
            };
            let column = column(&name, renamed).with_context(|| format!("line {number}"))?;
            cells.push((column, text));
        }
        rows.push(row(number, cells));
    }
    Ok(rows)
}

/// As RFC 4180 has it; the separator is a comma, a semicolon or a tab, whichever the header has most of.
fn table(text: &str, renamed: &Renamed) -> anyhow::Result<Vec<Row>> {
    let header = text.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t']
        .into_iter()
        .rev()
        .max_by_key(|separator| header.matches(*separator).count())
        .unwrap_or(',');
    let mut records = records(text, separator)?.into_iter();
    let (_, names) = records.next().context("the file is empty")?;
    let columns = names
        .iter()
        .map(|name| column(name, renamed))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for (place, name) in columns.iter().enumerate() {
        ensure!(
            name == SKIPPED || !columns[..place].contains(name),
            "two columns are `{name}`: leave one out with `--column NAME=-`"
        );
    }
    let mut rows = Vec::new();
    for (line, cells) in records {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        ensure!(
            cells.len() == columns.len(),
            "line {line} has {} columns and the header {}: is a quotation mark missing?",
            cells.len(),
            columns.len()
        );
        rows.push(row(line, columns.iter().cloned().zip(cells)));
    }
    Ok(rows)
}

/// Records with the line on which each begins.
fn records(text: &str, separator: char) -> anyhow::Result<Vec<(usize, Vec<String>)>> {
    let mut records = Vec::new();
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut line, mut begins) = (1, 1);
    let mut is_quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            letter if is_quoted => cell.push(letter),
            letter if letter == separator => cells.push(std::mem::take(&mut cell)),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' => {
                cells.push(std::mem::take(&mut cell));
                records.push((begins, std::mem::take(&mut cells)));
                begins = line;
            }
            letter => cell.push(letter),
        }
    }
    ensure!(
        !is_quoted,
        "the quotation mark of the record of line {begins} is not closed"
    );
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        records.push((begins, cells));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<(String, String)>)> {
        let renamed = vec![
            ("Почта".to_owned(), "email".to_owned()),
            ("Notes".to_owned(), "-".to_owned()),
        ];
        let rows = rows(text.as_bytes(), &renamed).unwrap();
        rows.iter()
            .map(|row| {
                let cells = row.cells.iter();
                let cells = cells.map(|(name, text)| (name.clone(), text.reveal().to_owned()));
                (row.line, cells.collect())
            })
            .collect()
    }

    fn cells(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn tables_and_objects_are_read_with_their_lines() {
        let anna = cells(&[("email", "a@b.example"), ("name", "Anna, \"A\"\nK")]);
        let boris = cells(&[("email", "c@d.example")]);
        for text in [
            "\u{feff}Name,Почта,Notes\r\n\"Anna, \"\"A\"\"\nK\",a@b.example,x\r\n,c@d.example,\r\n\r\n",
            "name;email;notes\n\"Anna, \"\"A\"\"\nK\";a@b.example;x\n;c@d.example;",
            "email\tname\tnotes\na@b.example\t\"Anna, \"\"A\"\"\nK\"\t\nc@d.example\t\t\n",
        ] {
            let text = text.replace("notes", "Notes");
            assert_eq!(read(&text), [(2, anna.clone()), (4, boris.clone())], "{text}");
        }
        let objects = "{\"Почта\":\"a@b.example\",\"id\":7,\"Notes\":\"x\"}\n\n{\"email\":\" c@d.example \",\"name\":null}";
        assert_eq!(
            read(objects),
            [(1, cells(&[("email", "a@b.example"), ("id", "7")])), (3, boris)]
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_column_and_shows_no_value() {
        for (text, told) in [
            ("", "the file is empty"),
            ("name,passport\nAnna,1", "`passport` is not known"),
            ("name,Name\nAnna,1", "two columns are `name`"),
            ("name,email\nAnna", "line 2 has 1 columns and the header 2"),
            ("name,email\n\"Anna,x", "record of line 2 is not closed"),
            ("{\"name\":\"Anna\"}\nAnna", "line 2 is no JSON object"),
            ("{\"name\":[\"Anna\"]}", "line 1: `name` is neither"),
            ("{\"message\":\"Anna\"}", "line 1"),
        ] {
            let error = rows(text.as_bytes(), &Vec::new()).err().unwrap();
            let error = format!("{error:#}");
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("Anna"), "{error}");
        }
        assert!(rows(&[0xff], &Vec::new()).is_err());
        let wrong = vec![("a".to_owned(), "b".to_owned())];
        assert!(rows(b"a\nx", &wrong).is_err());
    }
}
