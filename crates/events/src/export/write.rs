//! Writing the rows of an export in each format.

use super::{
    Failure, Format,
    row::{Field, Kind, Row, Value},
};
use crate::{
    part::CodeBuilder,
    segment::{properties, text_chunk},
};
use parquet::{
    data_type::{BoolType, DoubleType, Int64Type},
    errors::ParquetError,
    file::writer::SerializedFileWriter,
    schema::parser::parse_message_type,
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    sync::Arc,
};
use vocabulary::Moment;

/// Rows of Parquet collected before they are written as a row group.
const GROUP_ROWS: usize = 1 << 18;

/// Writes rows to a file.
pub(super) struct Writer {
    fields: Vec<Field>,
    sink: Sink,
}

enum Sink {
    Csv(BufWriter<File>),
    Ndjson(BufWriter<File>),
    Parquet {
        columns: Vec<Collected>,
        rows: usize,
        writer: Box<SerializedFileWriter<BufWriter<File>>>,
    },
}

impl Writer {
    pub(super) fn new(format: Format, fields: Vec<Field>, file: File) -> Result<Self, Failure> {
        let mut file = BufWriter::with_capacity(1 << 18, file);
        let sink = match format {
            Format::Csv => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                writeln!(file, "{}", names.join(","))?;
                Sink::Csv(file)
            }
            Format::Ndjson => Sink::Ndjson(file),
            Format::Parquet => {
                let columns = fields.iter().map(|field| Collected::new(field.kind)).collect();
                let kinds = fields.iter().map(|field| format!("OPTIONAL {};", kind(field)));
                let schema = format!("message rows {{ {} }}", kinds.collect::<String>());
                let schema = Arc::new(parse_message_type(&schema)?);
                let writer = SerializedFileWriter::new(file, schema, Arc::new(properties().build()))?;
                Sink::Parquet {
                    columns,
                    rows: 0,
                    writer: Box::new(writer),
                }
            }
        };
        Ok(Self { fields, sink })
    }

    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Csv(file) => {
                for (place, field) in self.fields.iter().enumerate() {
                    if place > 0 {
                        file.write_all(b",")?;
                    }
                    write_csv(file, &(field.value)(row))?;
                }
                file.write_all(b"\n")?;
            }
            Sink::Ndjson(file) => {
                let mut opening = '{';
                for field in &self.fields {
                    let value = (field.value)(row);
                    if !matches!(value, Value::None) {
                        write!(file, "{opening}\"{}\":", field.name)?;
                        write_json(file, &value)?;
                        opening = ',';
                    }
                }
                file.write_all(b"}\n")?;
            }
            Sink::Parquet { columns, rows, .. } => {
                for (field, column) in self.fields.iter().zip(columns) {
                    column.push(&(field.value)(row));
                }
                *rows += 1;
                if *rows == GROUP_ROWS {
                    self.hand_on()?;
                }
            }
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<(), Failure> {
        if let Sink::Parquet {
            columns,
            rows,
            writer,
        } = &mut self.sink
            && *rows > 0
        {
            let full: Vec<Collected> = self
                .fields
                .iter()
                .map(|field| Collected::new(field.kind))
                .collect();
            write_group(writer, std::mem::replace(columns, full))?;
            *rows = 0;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.hand_on()?;
        match self.sink {
            Sink::Csv(mut file) | Sink::Ndjson(mut file) => file.flush()?,
            Sink::Parquet { writer, .. } => writer.into_inner()?.flush()?,
        }
        Ok(())
    }
}

fn write_time(file: &mut impl Write, time: Moment) -> Result<(), Failure> {
    let time = jiff::Timestamp::from_millisecond(time.0)?;
    Ok(write!(file, "{time:.3}")?)
}

/// An amount in minor units, in whole units with all its digits: (-1205, 2) is -12.05.
fn write_amount(file: &mut impl Write, minor: i64, digits: u32) -> Result<(), Failure> {
    let sign = if minor < 0 { "-" } else { "" };
    let (unit, width) = (10u64.pow(digits), digits as usize);
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    match digits {
        0 => write!(file, "{sign}{whole}")?,
        _ => write!(file, "{sign}{whole}.{rest:0width$}")?,
    }
    Ok(())
}

fn write_csv(file: &mut impl Write, value: &Value<'_>) -> Result<(), Failure> {
    match value {
        Value::None => {}
        Value::Text(text) => {
            if text.contains([',', '"', '\n', '\r']) {
                write!(file, "\"{}\"", text.replace('"', "\"\""))?;
            } else {
                file.write_all(text.as_bytes())?;
            }
        }
        Value::Word(word) => file.write_all(word.as_bytes())?,
        Value::Number(number) => write!(file, "{number}")?,
        Value::Time(time) => write_time(file, *time)?,
        Value::Truth(truth) => write!(file, "{truth}")?,
        Value::Amount(minor, digits) => write_amount(file, *minor, *digits)?,
    }
    Ok(())
}

fn write_json(file: &mut impl Write, value: &Value<'_>) -> Result<(), Failure> {
    match value {
        Value::None => file.write_all(b"null")?,
        Value::Text(text) => serde_json::to_writer(file, text)?,
        Value::Word(word) => serde_json::to_writer(file, word)?,
        Value::Number(number) => write!(file, "{number}")?,
        Value::Time(time) => {
            file.write_all(b"\"")?;
            write_time(file, *time)?;
            file.write_all(b"\"")?;
        }
        Value::Truth(truth) => write!(file, "{truth}")?,
        Value::Amount(minor, digits) => write_amount(file, *minor, *digits)?,
    }
    Ok(())
}

/// A column in the words of Parquet's schemas.
fn kind(field: &Field) -> String {
    let name = field.name;
    match field.kind {
        Kind::Text => format!("BYTE_ARRAY {name} (STRING)"),
        Kind::Number => format!("INT64 {name}"),
        Kind::Time => format!("INT64 {name} (TIMESTAMP(MILLIS,true))"),
        Kind::Truth => format!("BOOLEAN {name}"),
        Kind::Amount => format!("DOUBLE {name}"),
    }
}

/// The values of a column of Parquet that wait for their row group.
enum Collected {
    Texts(CodeBuilder),
    Numbers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
    Amounts(Vec<Option<f64>>),
}

impl Collected {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Texts(CodeBuilder::default()),
            Kind::Number | Kind::Time => Self::Numbers(Vec::new()),
            Kind::Truth => Self::Truths(Vec::new()),
            Kind::Amount => Self::Amounts(Vec::new()),
        }
    }

    fn push(&mut self, value: &Value<'_>) {
        match self {
            Self::Texts(texts) => texts.push(match value {
                Value::Text(text) => Some(text),
                Value::Word(word) => Some(word),
                _ => None,
            }),
            Self::Numbers(numbers) => numbers.push(match value {
                Value::Number(number) => Some(*number),
                Value::Time(time) => Some(time.0),
                _ => None,
            }),
            Self::Truths(truths) => truths.push(match value {
                Value::Truth(truth) => Some(*truth),
                _ => None,
            }),
            Self::Amounts(amounts) => amounts.push(match value {
                Value::Amount(minor, digits) => Some(*minor as f64 / 10f64.powi(*digits as i32)),
                _ => None,
            }),
        }
    }
}

fn write_group(
    writer: &mut SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Collected>,
) -> Result<(), ParquetError> {
    let about = writer.schema_descr().columns().to_vec();
    let mut group = writer.next_row_group()?;
    for (column, about) in columns.into_iter().zip(&about) {
        if let Collected::Texts(texts) = column {
            let texts = texts.finish();
            let texts = text_chunk::Texts {
                codes: &texts.codes,
                dictionary: &texts.dictionary,
                null: Some(0),
            };
            let (chunk, close) = text_chunk::encode(&texts, about)?;
            group.append_column(&chunk, close)?;
            continue;
        }
        let mut to = group
            .next_column()?
            .ok_or_else(|| ParquetError::General("a column too many".into()))?;
        match column {
            Collected::Numbers(all) => {
                let (levels, present) = present(all);
                to.typed::<Int64Type>()
                    .write_batch(&present, Some(&levels), None)?;
            }
            Collected::Truths(all) => {
                let (levels, present) = present(all);
                to.typed::<BoolType>()
                    .write_batch(&present, Some(&levels), None)?;
            }
            Collected::Amounts(all) => {
                let (levels, present) = present(all);
                to.typed::<DoubleType>()
                    .write_batch(&present, Some(&levels), None)?;
            }
            Collected::Texts(_) => {}
        }
        to.close()?;
    }
    group.close()?;
    Ok(())
}

/// For each row 1 if it has a value, and the values there are.
fn present<T>(all: Vec<Option<T>>) -> (Vec<i16>, Vec<T>) {
    let levels = all.iter().map(|value| i16::from(value.is_some())).collect();
    (levels, all.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>, &Value<'_>) -> Result<(), Failure>, value: &Value<'_>) -> String {
        let mut out = Vec::new();
        write(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_written_so_that_other_tools_read_them() {
        for (value, csv, json) in [
            (Value::None, "", "null"),
            (Value::Text("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"", r#""a,\"b\"\n""#),
            (Value::Text("/я"), "/я", "\"/я\""),
            (Value::Amount(-1_205, 2), "-12.05", "-12.05"),
            (Value::Amount(-5, 2), "-0.05", "-0.05"),
            (Value::Amount(300, 0), "300", "300"),
            (Value::Amount(1_500, 3), "1.500", "1.500"),
            (
                Value::Time(Moment(1_769_889_600_007)),
                "2026-01-31T20:00:00.007Z",
                "\"2026-01-31T20:00:00.007Z\"",
            ),
            (
                Value::Time(Moment(0)),
                "1970-01-01T00:00:00.000Z",
                "\"1970-01-01T00:00:00.000Z\"",
            ),
            (Value::Truth(true), "true", "true"),
        ] {
            assert_eq!(written(write_csv, &value), csv);
            assert_eq!(written(write_json, &value), json);
        }
    }
}
