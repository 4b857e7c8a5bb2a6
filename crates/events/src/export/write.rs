//! Writing the rows of an export in each format.

use super::{
    Failure, Format,
    row::{Field, Kind, Row, Value},
};
use crate::segment::{properties, text_type, time_type};
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        BooleanBuilder, Float64Builder, Int64Builder, StringDictionaryBuilder, TimestampMillisecondBuilder,
    },
    types::Int32Type,
};
use arrow_schema::{DataType, Schema};
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};
use std::{
    fs::File,
    io::{BufWriter, Write},
    sync::Arc,
};
use vocabulary::Moment;

/// Rows of Parquet collected before they are handed on.
const BATCH_ROWS: usize = 1 << 16;

/// Writes rows to a file.
pub(super) struct Writer {
    fields: Vec<Field>,
    sink: Sink,
}

enum Sink {
    Csv(BufWriter<File>),
    Ndjson(BufWriter<File>),
    Parquet {
        schema: Arc<Schema>,
        builders: Vec<Builder>,
        rows: usize,
        writer: Box<ArrowWriter<BufWriter<File>>>,
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
                let builders: Vec<Builder> = fields.iter().map(|field| Builder::new(field.kind)).collect();
                let schema: Vec<_> = fields
                    .iter()
                    .map(|field| arrow_schema::Field::new(field.name, data_type(field.kind), true))
                    .collect();
                let schema = Arc::new(Schema::new(schema));
                let options = ArrowWriterOptions::new()
                    .with_properties(properties().build())
                    .with_skip_arrow_metadata(true);
                let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options)?;
                Sink::Parquet {
                    schema,
                    builders,
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
            Sink::Parquet { builders, rows, .. } => {
                for (field, builder) in self.fields.iter().zip(builders) {
                    builder.push(&(field.value)(row))?;
                }
                *rows += 1;
                if *rows == BATCH_ROWS {
                    self.hand_on()?;
                }
            }
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<(), Failure> {
        if let Sink::Parquet {
            schema,
            builders,
            rows,
            writer,
        } = &mut self.sink
        {
            let arrays = builders.iter_mut().map(Builder::finish).collect();
            writer.write(&RecordBatch::try_new(schema.clone(), arrays)?)?;
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

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => text_type(),
        Kind::Number => DataType::Int64,
        Kind::Time => time_type(),
        Kind::Truth => DataType::Boolean,
        Kind::Amount => DataType::Float64,
    }
}

/// Collects a Parquet column.
enum Builder {
    Text(StringDictionaryBuilder<Int32Type>),
    Number(Int64Builder),
    Time(TimestampMillisecondBuilder),
    Truth(BooleanBuilder),
    Amount(Float64Builder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringDictionaryBuilder::new()),
            Kind::Number => Self::Number(Int64Builder::new()),
            Kind::Time => Self::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Kind::Truth => Self::Truth(BooleanBuilder::new()),
            Kind::Amount => Self::Amount(Float64Builder::new()),
        }
    }

    fn push(&mut self, value: &Value<'_>) -> Result<(), Failure> {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => {
                builder.append(text)?;
            }
            (Self::Text(builder), Value::Word(word)) => {
                builder.append(word)?;
            }
            (Self::Number(builder), Value::Number(number)) => builder.append_value(*number),
            (Self::Time(builder), Value::Time(time)) => builder.append_value(time.0),
            (Self::Truth(builder), Value::Truth(truth)) => builder.append_value(*truth),
            (Self::Amount(builder), Value::Amount(minor, digits)) => {
                builder.append_value(*minor as f64 / 10f64.powi(*digits as i32));
            }
            (builder, _) => builder.push_none(),
        }
        Ok(())
    }

    fn push_none(&mut self) {
        match self {
            Self::Text(builder) => builder.append_null(),
            Self::Number(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Truth(builder) => builder.append_null(),
            Self::Amount(builder) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Truth(builder) => Arc::new(builder.finish()),
            Self::Amount(builder) => Arc::new(builder.finish()),
        }
    }
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
